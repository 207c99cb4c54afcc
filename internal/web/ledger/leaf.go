package ledger

import (
	"context"
	"net/http"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// proven is GET /ledger/{index} as data: one leaf and how to check it.
type proven struct {
	Index  int64    `json:"index"`
	Record string   `json:"record"`
	Hash   string   `json:"hash"` // RFC 6962 leaf hash, base64
	Size   int64    `json:"size"` // of the tree that the proof leads to
	Root   string   `json:"root"` // base64
	Proof  []string `json:"proof"`
	Signed bool     `json:"signed"` // the root is that of the newest signed checkpoint
	Row    row      `json:"leaf"`
}

type leafProps struct {
	shell  ui.Shell
	proven proven
}

// leaf handles GET /ledger/{index}.
func (p Pages) leaf(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.sight(ctx)
	if err != nil {
		return err
	}
	missing := fault.New(fault.NotFound, "ledgerpage.no_leaf", "Index", r.PathValue("index"))
	index, err := strconv.ParseInt(r.PathValue("index"), 10, 64)
	if err != nil || index < 0 || strconv.FormatInt(index, 10) != r.PathValue("index") {
		return missing
	}
	d := proven{Index: index}
	if err := p.Store.Leaves(ctx, index, index+1, func(l register.Leaf) error {
		d.Record = string(l.Record)
		return nil
	}); err != nil {
		return err
	}
	if d.Record == "" {
		return missing
	}
	if err := p.prove(ctx, &d); err != nil {
		return err
	}
	rows, err := p.rows(ctx, s, index+1)
	if err != nil {
		return err
	}
	d.Row = rows[0]
	name := "#" + strconv.FormatInt(index, 10)
	v := leafProps{shell: p.Shell.Props(r, name, ui.Link{Label: i18n.T(ctx, "ledgerpage.title"), Href: "/ledger"}), proven: d}
	return p.Shell.Answer(w, r, http.StatusOK, d, leafPage(v))
}

// prove makes the inclusion proof towards the newest signed checkpoint, or towards
// the unsigned head while none covers the leaf. A proof that does not hold is never
// shown as one.
func (p Pages) prove(ctx context.Context, d *proven) error {
	size, root, err := p.Store.Head(ctx)
	if err != nil {
		return err
	}
	signed, err := p.Store.LastCheckpoint(ctx)
	if err != nil {
		return err
	}
	if c, err := p.Key.OpenCheckpoint([]byte(signed)); err == nil && c.Size > d.Index && c.Size <= size {
		size, root, d.Signed = c.Size, c.Root, true
	}
	hash := ledger.Hash([]byte(d.Record))
	proof, err := tlog.ProveRecord(size, d.Index, p.Store.Hashes(ctx))
	if err == nil {
		err = tlog.CheckRecord(proof, size, root, d.Index, hash)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "ledgerpage.proof_broken", "Index", d.Index)
	}
	d.Hash, d.Size, d.Root, d.Proof = hash.String(), size, root.String(), []string{}
	for _, h := range proof {
		d.Proof = append(d.Proof, h.String())
	}
	return nil
}

package ledger

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

const pageSize = 100

// state is GET /ledger as data.
type state struct {
	Origin      string    `json:"origin"`
	Fingerprint string    `json:"fingerprint"`
	Size        int64     `json:"size"`
	Root        string    `json:"root"`       // base64, as in checkpoints
	Checkpoint  string    `json:"checkpoint"` // signed note, "" before the first
	Signed      int64     `json:"signed"`     // size that the checkpoint covers
	SignError   string    `json:"sign_error"` // in plain words, "" when all is well
	Anchors     []anchor  `json:"anchors"`    // newest first
	Erasures    []erasure `json:"erasures"`
	Leaves      []row     `json:"leaves"` // newest first
	Older       string    `json:"older"`  // address of the next page, "" at the end
	Newer       string    `json:"newer"`
}

type anchor struct {
	Time   time.Time `json:"time"`
	TSA    string    `json:"tsa"`
	Size   int64     `json:"size"` // leaves that it covers
	Index  int64     `json:"index"`
	Broken bool      `json:"broken"` // the token does not fit its checkpoint
}

type erasure struct {
	At        time.Time `json:"at"`
	Subject   string    `json:"subject"`
	Register  string    `json:"register"`
	Versions  int       `json:"versions"`
	Authority string    `json:"authority"`
	Why       string    `json:"why"`
	By        string    `json:"by"`
	Index     int64     `json:"index"`
	seen      bool
}

// row is one leaf of the list.
type row struct {
	Index   int64     `json:"index"`
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Version int64     `json:"version"`
	Subject string    `json:"subject"` // id; "" for who may not read the entry
	Title   string    `json:"title"`
	By      string    `json:"by"`
	Erased  bool      `json:"erased"`
}

type showProps struct {
	shell  ui.Shell
	head   ui.Head
	state  state
	leaves ui.Table
}

// show handles GET /ledger: ?before= is the ledger index that the page ends in
// front of.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.sight(ctx)
	if err != nil {
		return err
	}
	d, err := p.state(ctx, s)
	if err != nil {
		return err
	}
	before := d.Size
	if n, err := strconv.ParseInt(r.FormValue("before"), 10, 64); err == nil && n > 0 && n < d.Size {
		before = n
	}
	if d.Leaves, err = p.rows(ctx, s, before); err != nil {
		return err
	}
	from := max(0, before-pageSize)
	if from > 0 {
		d.Older = "/ledger?before=" + strconv.FormatInt(from, 10) + "#leaves"
	}
	if before < d.Size {
		d.Newer = "/ledger?before=" + strconv.FormatInt(min(before+pageSize, d.Size), 10) + "#leaves"
	}
	t := func(key string) string { return i18n.T(ctx, "ledgerpage."+key) }
	v := showProps{shell: p.Shell.Props(r, t("title")), state: d}
	v.head = ui.Head{Title: t("title"), Sub: t("sub")}
	if s.who.Can(authz.LedgerVerify) {
		v.head.Primary = &ui.Action{Label: t("verify"), Icon: "shield", Post: "/ledger/verify"}
	}
	v.leaves = ui.Table{ID: "leaves", Caption: t("leaves"), Columns: []ui.Column{
		{Label: t("index")}, {Label: t("received"), Kind: ui.CellDate}, {Label: t("kind")}, {Label: t("entry")}, {Label: t("version"), Kind: ui.CellNum}, {Label: t("by"), Kind: ui.CellOwner},
	}}
	if d.Size == 0 {
		v.leaves.Empty = &ui.Empty{Icon: "seal", Title: t("empty"), Text: t("empty.text")}
	} else if d.Older != "" || d.Newer != "" {
		v.leaves.Pager = &ui.Pager{From: int(d.Size-before) + 1, To: int(d.Size - from), Total: int(d.Size), Prev: d.Newer, Next: d.Older}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, showPage(v))
}

// state reads everything but the leaves.
func (p Pages) state(ctx context.Context, s sight) (state, error) {
	d := state{Origin: p.Key.Origin, Fingerprint: p.Key.Fingerprint(), Anchors: []anchor{}, Erasures: []erasure{}, Leaves: []row{}}
	size, root, err := p.Store.Head(ctx)
	if err != nil {
		return d, err
	}
	d.Size, d.Root = size, root.String()
	if d.Checkpoint, err = p.Store.LastCheckpoint(ctx); err != nil {
		return d, err
	}
	serr := p.Store.SignError()
	if d.Checkpoint != "" {
		c, err := p.Key.OpenCheckpoint([]byte(d.Checkpoint))
		if err != nil {
			serr = fault.Wrap(err, fault.Conflict, "ledgerpage.bad_checkpoint")
		}
		d.Signed = c.Size
	}
	if _, ours := fault.As(serr); ours {
		d.SignError = i18n.Fault(ctx, serr, "")
	} else if serr != nil {
		d.SignError = i18n.T(ctx, "ledgerpage.sign_failed")
	}
	live := p.Store.Live(ctx)
	as, err := register.Anchors.All(live, register.Query{})
	if err != nil {
		return d, err
	}
	for _, e := range as {
		a := anchor{TSA: e.Value.TSA, Index: e.Seq}
		if got, err := e.Value.Parse(); err != nil {
			a.Broken = true // shown as such; a verification says more
		} else {
			a.Time, a.Size = got.Time, got.Checkpoint.Size
		}
		d.Anchors = append(d.Anchors, a)
	}
	es, err := register.Erasures.All(live, register.Query{})
	if err != nil {
		return d, err
	}
	for _, e := range es {
		v := e.Value
		d.Erasures = append(d.Erasures, erasure{
			At: e.At, Subject: v.Subject, Register: v.Register, Versions: len(v.Versions), Authority: v.Authority, Why: v.Why,
			By: s.name(ctx, e.Actor), Index: e.Seq, seen: s.may(v.Register, v.Subject),
		})
	}
	return d, nil
}

// rows reads the page of leaves in front of an index, newest first.
func (p Pages) rows(ctx context.Context, s sight, before int64) ([]row, error) {
	out := []row{}
	err := p.Store.Leaves(ctx, max(0, before-pageSize), before, func(l register.Leaf) error {
		leaf, err := ledger.ParseLeaf(l.Record)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "problem.leaf.record", "Path", "leaf/"+strconv.FormatInt(l.Index, 10))
		}
		out = append([]row{{Index: l.Index, At: leaf.At, Kind: leaf.Kind, Version: leaf.Version, Subject: leaf.Subject}}, out...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	versions := map[string][]register.Raw{}
	for i := range out {
		r := &out[i]
		if !s.may(r.Kind, r.Subject) {
			r.Subject = ""
			continue
		}
		vs, read := versions[r.Subject]
		if !read {
			if vs, err = p.Store.RawVersions(ctx, r.Subject, before-1); err != nil {
				return nil, err
			}
			versions[r.Subject] = vs
		}
		if err := p.fill(ctx, s, r, vs); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// fill adds who acted and what the entry is called.
func (p Pages) fill(ctx context.Context, s sight, r *row, vs []register.Raw) error {
	for _, v := range vs {
		if v.Seq != r.Index {
			continue
		}
		b, ok, err := body(v)
		if err != nil {
			return err
		}
		if r.Erased = !ok; r.Erased {
			return nil
		}
		n, err := nounOf(i18n.Of(ctx), r.Kind, r.Subject, b.Value)
		if err != nil {
			return err
		}
		r.By, r.Title = s.name(ctx, b.Actor), n.label()
		return nil
	}
	return nil
}

// kindName is a register in the reader's language.
func kindName(ctx context.Context, kind string) string {
	if key := "ledgerpage.kind." + kind; i18n.Has(i18n.Of(ctx), key) {
		return i18n.T(ctx, key)
	}
	return kind
}

package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"path"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/check"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/window"
)

// window holds the package against the seal: everything sealed is there as it was
// sealed, and nothing else claims to be of that time.
func (v *verifier) window() error {
	es := v.byID[v.manifest.Window]
	if len(es) == 0 {
		v.wrong(entriesDir+"window/"+v.manifest.Window, "pack.window")
		return nil
	}
	var w window.Window
	if err := json.Unmarshal(es[len(es)-1].body.Value, &w); err != nil {
		v.wrong(es[len(es)-1].path, "entry.decode")
		return nil //nolint:nilerr // the finding is recorded
	}
	if w.Seal == nil {
		v.r.Unknown(es[len(es)-1].path, "pack.draft")
		return nil
	}
	raw, ok := v.read(sealName)
	sum := sha256Hex(raw)
	var m struct {
		Window  string            `json:"window"`
		Title   string            `json:"title"`
		Index   int64             `json:"index"`
		Entries []window.Sealable `json:"entries"`
	}
	if !ok || sum != w.Seal.Manifest || json.Unmarshal(raw, &m) != nil || m.Window != v.manifest.Window || m.Index != w.Seal.Index || v.scope.AsOf != w.Seal.Index {
		v.wrong(sealName, "pack.seal")
		return nil //nolint:nilerr // the finding is recorded
	}
	sealed := map[int64]bool{}
	for _, l := range m.Entries {
		sealed[l.Seq] = true
		e := v.entries[l.Seq]
		switch {
		case e == nil:
			v.wrong(entriesDir+l.Register+"/"+l.ID, "pack.seal_missing", "ID", l.ID, "Version", l.Version)
		case e.f.ID != l.ID || e.f.Version != l.Version || l.C != "" && hex.EncodeToString(e.want.C[:]) != l.C:
			v.wrong(e.path, "pack.seal_entry")
		}
	}
	for i, e := range v.entries {
		if i <= m.Index && !sealed[i] {
			v.wrong(e.path, "pack.seal_entry")
		}
	}
	return nil
}

// anchors checks every timestamp: the token, the checkpoint under it, and that
// this checkpoint is a beginning of the tree in the package.
func (v *verifier) anchors() error {
	proofs := map[int64]Consistency{}
	for _, c := range v.tree.Anchors {
		proofs[c.Size] = c
	}
	var roots []byte
	if v.o.Trust != nil {
		roots = v.o.Trust.Roots
	}
	root, ok := unhex([]string{v.tree.Root})
	if !ok {
		return nil // reported
	}
	for _, e := range v.entries {
		if e.f.Register != register.Anchors.Name() || v.bad[e.path] {
			continue
		}
		var a register.Anchor
		if json.Unmarshal(e.body.Value, &a) != nil {
			v.wrong(e.path, "entry.decode")
			continue
		}
		c, err := v.key.OpenCheckpoint([]byte(a.Note))
		token, terr := base64.StdEncoding.DecodeString(a.Token)
		if err != nil || terr != nil {
			v.wrong(e.path, "pack.anchor")
			continue
		}
		ts, err := ledger.VerifyTimestamp(token, []byte(a.Note), roots)
		if err != nil {
			v.r.Unknown(e.path, "anchor.token")
			continue
		}
		p, ok := proofs[c.Size]
		hs, okHex := unhex(p.Proof)
		if !ok || !okHex || tlog.CheckTree(hs, v.tree.Size, root[0], c.Size, c.Root) != nil {
			v.wrong(e.path, "pack.anchor")
			continue
		}
		v.r.Anchors.Timestamps++
		if at := ts.Time.Format(ledger.TimeFormat); at > v.r.Anchors.Newest {
			v.r.Anchors.Newest = at
		}
		if ts.Trusted {
			v.r.Anchors.Trusted++
		}
	}
	if len(roots) > 0 && v.r.Anchors.Trusted == 0 {
		v.r.Unknown("proofs", "pack.anchor_wanted")
	}
	return nil
}

// reperform runs every recorded check again, on the enclosed data, with the
// enclosed SQL, and writes every CSV again from its dataset.
func (v *verifier) reperform() error {
	datasets := map[string]population.Record{}
	for _, es := range v.byID {
		e := es[len(es)-1]
		if e.f.Register != population.Datasets.Name() {
			continue
		}
		var rec population.Record
		if json.Unmarshal(e.body.Value, &rec) != nil {
			v.wrong(e.path, "entry.decode")
			continue
		}
		datasets[e.f.ID] = rec
		if err := v.compareCSV(e.path, &rec); err != nil {
			return err
		}
	}
	for _, es := range v.byID {
		e := es[len(es)-1]
		if e.f.Register != check.Outcomes.Name() {
			continue
		}
		var o check.Outcome
		if json.Unmarshal(e.body.Value, &o) != nil {
			v.wrong(e.path, "entry.decode")
			continue
		}
		rec, ok := datasets[o.Dataset.String()]
		if !ok {
			v.r.Unknown(e.path, "pack.check_failed")
			continue
		}
		if err := v.again(e.path, &o, &rec); err != nil {
			return err
		}
	}
	return v.ctx.Err()
}

// first is the member that carries a digest.
func (v *verifier) first(digest string) string {
	if names := v.sha[digest]; len(names) > 0 {
		return names[0]
	}
	return ""
}

// rows opens a dataset's rows from the package; nil when it is reported.
func (v *verifier) rows(at string, rec *population.Record) (*population.Dataset, member) {
	m, err := v.src.open(v.first(rec.File.SHA256))
	if err != nil {
		v.wrong(at, "pack.dataset")
		return nil, nil
	}
	d, err := population.Open(v.ctx, m, m.Size())
	if err != nil || d.SHA256() != rec.SHA256 || d.Len() != rec.Items {
		v.wrong(v.first(rec.File.SHA256), "pack.dataset")
		_ = m.Close()
		return nil, nil
	}
	d.Statement = rec.Statement
	return d, m
}

func (v *verifier) compareCSV(at string, rec *population.Record) error {
	d, m := v.rows(at, rec)
	if d == nil {
		return nil
	}
	defer func() { _ = m.Close() }()
	name := path.Dir(v.first(rec.File.SHA256)) + "/" + rec.Entity + ".csv"
	have, err := v.src.open(name)
	if err != nil {
		v.wrong(name, "pack.member_missing")
		return nil
	}
	defer func() { _ = have.Close() }()
	c := &comparing{r: have}
	if err := population.WriteCSV(v.ctx, c, d); err != nil {
		return err
	}
	if rest, err := io.Copy(io.Discard, have); c.differs || rest > 0 || err != nil {
		v.wrong(name, "pack.csv_differs")
	}
	return nil
}

// comparing is a writer that compares what is written with a reader.
type comparing struct {
	r       io.Reader
	buf     []byte
	differs bool
}

func (c *comparing) Write(p []byte) (int, error) {
	if len(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	if n, err := io.ReadFull(c.r, c.buf[:len(p)]); err != nil || !bytes.Equal(c.buf[:n], p) {
		c.differs = true
	}
	return len(p), nil
}

// again runs one check and compares the answer with the recorded one.
func (v *verifier) again(at string, o *check.Outcome, rec *population.Record) error {
	sql, ok := v.read(v.first(o.CheckFile.SHA256))
	if !ok {
		return nil
	}
	c, err := check.Parse(sql)
	if err != nil || c.ID != o.Check || c.Version != o.Version || c.SHA256 != o.CheckSHA256 {
		v.wrong(at, "pack.check_failed")
		return nil
	}
	d, m := v.rows(at, rec)
	if d == nil {
		return nil
	}
	defer func() { _ = m.Close() }()
	from, to := o.Period()
	if a, z := rec.Period(); from.After(a) || to.Before(z) {
		if d, err = population.Cut(v.ctx, d, from, to); err != nil {
			return err
		}
	}
	res, err := check.Run(v.ctx, c, d, check.Options{TraceInMessage: o.TraceInMessage, AllItems: true})
	if err != nil {
		if v.ctx.Err() != nil {
			return v.ctx.Err()
		}
		v.r.Unknown(at, "pack.check_failed")
		return nil
	}
	v.r.Checked.Checks++
	got, err := json.Marshal(res)
	if err != nil {
		return err
	}
	want, ok := v.read(v.first(o.Report.SHA256))
	same := res.Status == o.Status && res.Passed == o.Passed && res.Deviations == o.Deviations && res.NotDeterminable == o.Undetermined && res.Population == o.Population
	if !ok || !bytes.Equal(got, want) || !same {
		v.wrong(at, "pack.check_differs")
	}
	return nil
}

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

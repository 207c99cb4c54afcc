package pack_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/check"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/pack"
	"bevis/internal/population"
	"bevis/internal/register"
)

// The company itself, with its key and its ledger, writes down a result that the
// check did not give. All proofs hold; only performing the check again tells.
func TestReperformFindsALie(t *testing.T) {
	for name, lie := range map[string]func(o *check.Outcome, r *check.Result){
		"numbers and report": func(o *check.Outcome, r *check.Result) {
			o.Status, o.Passed, o.Deviations = check.StatusPass, o.Population.Items, 0
			r.Status, r.Passed, r.Deviations = o.Status, o.Passed, 0
			for i := range r.Items {
				r.Items[i].Status, r.Items[i].Reason = check.ItemPass, ""
			}
		},
		"numbers alone":   func(o *check.Outcome, _ *check.Result) { o.Status, o.Passed, o.Deviations = check.StatusPass, 3, 0 },
		"the report":      func(_ *check.Outcome, r *check.Result) { r.Items = r.Items[:1] },
		"the population":  func(o *check.Outcome, _ *check.Result) { o.Population.Items = 2 },
		"the status":      func(o *check.Outcome, _ *check.Result) { o.Status = check.StatusNoOccurrence },
		"what is missing": func(o *check.Outcome, _ *check.Result) { o.Undetermined = 1 },
	} {
		s := newShop(t, filepath.Join(t.TempDir(), "ws"))
		s.clock = day(t, "2026-05-02")
		s.changes()
		o := s.result.Value
		res, err := s.Checks.Report(s.ctx, &o)
		s.must(err)
		lie(&o, res)
		raw, err := json.Marshal(res)
		s.must(err)
		ref, err := s.Blobs.Put(s.ctx, bytes.NewReader(raw), 1<<20)
		s.must(err)
		o.Report = population.Stored{Name: o.Report.Name, SHA256: ref.SHA256, Size: ref.Size}
		var told register.Entry[check.Outcome]
		s.must(s.Store.Write(s.ctx, register.Actor{ID: "operator:tester"}, func(tx *register.Tx) error {
			o.Code = "R-" + strconv.FormatInt(tx.NextIndex(), 10)
			told, err = check.Outcomes.Create(tx, o, "")
			return err
		}))
		out := s.pack(s.seal(s.open()), "p.zip", false)
		s.must(s.Close())
		if r := verify(t, out, pack.Options{}); r.Verdict != ledger.Valid {
			t.Errorf("%s: integrity alone: %s %v", name, r.Verdict, codes(r))
		}
		r := verify(t, out, pack.Options{Reperform: true})
		if r.Verdict != ledger.Invalid || !has(r, "proofs/entries/result/"+told.ID.String(), "pack.check_differs") || has(r, "proofs/entries/result/"+s.result.ID.String(), "") {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
		if r.Checked.Checks != 2 {
			t.Errorf("%s: %d checks performed again", name, r.Checked.Checks)
		}
	}
}

// Who signs can put another table before people's eyes; performing again tells.
func TestReperformFindsAnEditedTable(t *testing.T) {
	m := sample(t)
	csv := ""
	for _, p := range m.parts {
		if strings.HasPrefix(p.name, "populations/") && strings.HasSuffix(p.name, ".csv") {
			csv = p.name
		}
	}
	for name, change := range map[string]func([]byte) []byte{
		"a row less":  func(b []byte) []byte { return b[:bytes.LastIndexByte(b[:len(b)-1], '\n')+1] },
		"a row more":  func(b []byte) []byte { return append(b, b[bytes.LastIndexByte(b[:len(b)-1], '\n')+1:]...) },
		"a name":      func(b []byte) []byte { return bytes.Replace(b, []byte("Ada Ek"), []byte("Eva Ek"), 1) },
		"a blank":     func(b []byte) []byte { return append(b, ' ') },
		"all of it":   func([]byte) []byte { return nil },
		"a cut line":  func(b []byte) []byte { return b[:len(b)-3] },
		"first bytes": func(b []byte) []byte { b[0] ^= 32; return b },
	} {
		parts := clone(m.parts)
		p := find(t, parts, csv)
		p.data = change(p.data)
		if bytes.Equal(p.data, find(t, m.parts, csv).data) {
			t.Fatalf("%s: nothing was changed", name)
		}
		r := verify(t, writeParts(t, repair(t, parts, &m.key)), pack.Options{Reperform: true})
		if r.Verdict != ledger.Invalid || !has(r, csv, "pack.csv_differs") {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
	}
	r := verify(t, writeParts(t, repair(t, drop(clone(m.parts), csv), &m.key)), pack.Options{Reperform: true})
	if r.Verdict != ledger.Invalid || !has(r, csv, "") {
		t.Errorf("no table: %s %v", r.Verdict, codes(r))
	}
}

func TestDraft(t *testing.T) {
	s := newShop(t, filepath.Join(t.TempDir(), "ws"))
	s.clock = day(t, "2026-05-02")
	s.add("2026-02-01", "a review")
	w := s.open()
	out := filepath.Join(t.TempDir(), "p.zip")
	_, err := s.Packages.Create(s.ctx, w.ID.String(), out, false)
	if !fault.Is(err, "pack.not_sealed") || fault.KindOf(err) != fault.Invalid {
		t.Errorf("an open window without draft: %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("something was left behind")
	}
	r := verify(t, s.pack(w, "p.zip", true), pack.Options{})
	if r.Verdict != ledger.Incomplete || len(r.Problems) != 1 || r.Problems[0].Code != "pack.draft" {
		t.Errorf("%s %v", r.Verdict, codes(r))
	}
	// A name that is taken is left alone.
	s.must(os.WriteFile(out, []byte("mine"), 0o600))
	for _, taken := range []string{out, filepath.Dir(out)} {
		if _, err := s.Packages.Create(s.ctx, w.ID.String(), taken, true); !fault.Is(err, "pack.exists") {
			t.Errorf("%s: %v", taken, err)
		}
	}
	if kept, err := os.ReadFile(out); err != nil || string(kept) != "mine" {
		t.Errorf("overwritten: %q, %v", kept, err)
	}
	// A failing package leaves nothing: the bytes of an item are damaged.
	blobs := filepath.Join(s.dir, "blobs")
	s.must(filepath.WalkDir(blobs, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(p)
		if err == nil && bytes.Equal(raw, []byte("a review")) {
			err = os.WriteFile(p, []byte("a rewiev"), 0o600)
		}
		return err
	}))
	for _, name := range []string{"damaged.zip", "damaged"} {
		dir := t.TempDir()
		if _, err := s.Packages.Create(s.ctx, w.ID.String(), filepath.Join(dir, name), true); err == nil {
			t.Errorf("%s: packed damaged bytes", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	dir := t.TempDir()
	if _, err := s.Packages.Create(ctx, w.ID.String(), filepath.Join(dir, "p.zip"), true); err == nil {
		t.Error("made although nobody waits for it")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("stopped and left %v, %v", left, err)
	}
	s.must(s.Close())
}

// An erasure after the seal leaves a package that is intact and says what is gone.
func TestErasedAfterTheSeal(t *testing.T) {
	for name, versions := range map[string][]int64{"all of it": nil, "the first version": {1}, "the last version": {2}} {
		s := newShop(t, filepath.Join(t.TempDir(), "ws"))
		s.clock = day(t, "2026-05-02")
		kept, gone := s.add("2026-02-01", "kept"), s.add("2026-02-02", "named by mistake")
		_, err := s.Evidence.Accept(s.maja, gone.Value.Code, "")
		s.must(err)
		w := s.seal(s.open())
		before := s.pack(w, "before.zip", false)
		if r := verify(t, before, pack.Options{}); r.Verdict != ledger.Valid || len(r.Erased) != 0 {
			t.Fatalf("%s: before: %v", name, codes(r))
		}
		_, err = s.Erase(s.ctx, gone.ID.String(), versions, "article 17", "asked for")
		s.must(err)
		for _, out := range []string{s.pack(w, "after.zip", false), s.pack(w, "after", false)} {
			r := verify(t, out, pack.Options{Reperform: true})
			want := versions
			if want == nil {
				want = []int64{1, 2}
			}
			if r.Verdict != ledger.Valid || len(r.Erased) != 1 || r.Erased[0].ID != gone.ID.String() || r.Erased[0].Register != "evidence" || !slices.Equal(r.Erased[0].Versions, want) {
				t.Errorf("%s: %s, erased %+v, %v", name, r.Verdict, r.Erased, codes(r))
			}
			if r.Checked.Entries == 0 || kept.ID == gone.ID {
				t.Errorf("%s: %+v", name, r.Checked)
			}
		}
		for _, p := range readParts(t, s.pack(w, "again.zip", false)) {
			if versions == nil && bytes.Contains(p.data, []byte("named by mistake")) {
				t.Errorf("%s: the erased bytes are in %s", name, p.name)
			}
		}
		s.must(s.Close())
	}
}

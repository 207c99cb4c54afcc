package register_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/blob"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// thing and part stand in for the registers of the product.
type thing struct {
	Title  string              `json:"title"`
	Status string              `json:"status"`
	Owner  string              `json:"owner"`
	Parts  []register.ID[part] `json:"parts"`
	Files  []string            `json:"files"`
}

type part struct {
	Code string `json:"code"`
}

var parts = register.Define("part", register.Rules[part]{
	Prefix: "prt",
	Index:  func(v *part) register.Index { return register.Index{Code: v.Code, Title: v.Code} },
})

var things = register.Define("thing", register.Rules[thing]{
	Prefix: "thg",
	Check: func(tx *register.Tx, old, v *thing) error {
		if v.Title == "" {
			return fault.New(fault.Invalid, "test.title")
		}
		if old != nil && old.Status == "done" && v.Status == "open" {
			return fault.New(fault.Invalid, "test.reopen")
		}
		return nil
	},
	Index: func(v *thing) register.Index {
		return register.Index{Title: v.Title, Status: v.Status, Owner: v.Owner}
	},
	Links: func(v *thing) []register.Link {
		var ls []register.Link
		for _, p := range v.Parts {
			ls = append(ls, register.Link{Rel: register.Supports, To: p.String()})
		}
		return ls
	},
	Blobs: func(v *thing) []string { return v.Files },
})

type fixture struct {
	*register.Store
	t     *testing.T
	cfg   register.Config
	dir   string
	clock time.Time
	mu    sync.Mutex
}

func (f *fixture) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clock = f.clock.Add(time.Second)
	return f.clock
}

func (f *fixture) reopen() {
	f.t.Helper()
	s, err := register.Open(f.t.Context(), f.cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { s.Close() })
	f.Store = s
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

var anna = register.Actor{ID: "usr_anna"}

func (f *fixture) write(fn func(tx *register.Tx) error) {
	f.t.Helper()
	f.must(f.Write(f.t.Context(), anna, fn))
}

// onBoth runs a test on SQLite and, where the test set-up started one, on
// PostgreSQL: one suite for both.
func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) { test(t, open(t, "")) })
	t.Run("postgres", func(t *testing.T) {
		url := os.Getenv("BEVIS_TEST_POSTGRES")
		if url == "" {
			t.Skip("skipped: BEVIS_TEST_POSTGRES names no server; make test starts one")
		}
		test(t, open(t, freshSchema(t, url)))
	})
}

func open(t *testing.T, database string) *fixture {
	dir := t.TempDir()
	if database == "" {
		database = filepath.Join(dir, "bevis.db")
	}
	key, err := ledger.GenerateKey("test.ledger")
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.OpenDir(filepath.Join(dir, "blobs"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, dir: dir, clock: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	f.cfg = register.Config{
		Database: database, Blobs: blobs, Clock: f.now,
		Signer: ledger.NewSigner(key, filepath.Join(dir, "signed")),
		Kinds:  []register.Kind{things, parts},
	}
	f.reopen()
	return f
}

func (f *fixture) verify() *ledger.Report {
	f.t.Helper()
	if _, err := f.Checkpoint(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	r, err := f.Verify(f.t.Context(), f.cfg.Signer.Key(), nil)
	f.must(err)
	return r
}

func TestVersionsLinksAndAsOf(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		var p1, p2 register.Entry[part]
		var e register.Entry[thing]
		f.write(func(tx *register.Tx) (err error) {
			if p1, err = parts.Create(tx, part{"P-1"}, ""); err != nil {
				return err
			}
			if p2, err = parts.Create(tx, part{"P-2"}, ""); err != nil {
				return err
			}
			e, err = things.Create(tx, thing{Title: "first", Status: "open", Parts: []register.ID[part]{p1.ID}}, "because")
			return err
		})
		created := e.At
		e.Value.Title, e.Value.Parts = "second", []register.ID[part]{p2.ID}
		f.write(func(tx *register.Tx) (err error) {
			e, err = things.Put(tx, e, "renamed")
			return err
		})
		live := f.Live(ctx)
		got, err := things.Get(live, e.ID)
		f.must(err)
		if got.Version != 2 || got.Value.Title != "second" || got.Reason != "renamed" || got.Actor != "usr_anna" {
			t.Errorf("live: %+v", got)
		}
		then, err := f.AsOf(ctx, created)
		f.must(err)
		if old, err := things.Get(then, e.ID); err != nil || old.Value.Title != "first" || old.Version != 1 {
			t.Errorf("as of creation: %+v, %v", old, err)
		}
		before, err := f.AsOf(ctx, created.Add(-time.Hour))
		f.must(err)
		if _, err := things.Get(before, e.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("before creation: %v", err)
		}
		code := func(r register.Reader) string {
			out, err := register.Out(r, e.ID.String(), register.Supports)
			f.must(err)
			if len(out) != 1 {
				t.Fatalf("links: %+v", out)
			}
			return out[0].Code
		}
		if code(live) != "P-2" || code(then) != "P-1" {
			t.Errorf("links: now %s, then %s", code(live), code(then))
		}
		for r, want := range map[register.Reader]string{live: "second", then: "first"} {
			from, err := things.From(r, map[string]string{"second": p2.ID.String(), "first": p1.ID.String()}[want], register.Supports)
			f.must(err)
			if len(from) != 1 || from[0].Value.Title != want {
				t.Errorf("entries that link here: %+v, want %s", from, want)
			}
		}
		in, err := register.In(live, p1.ID.String(), register.Supports)
		f.must(err)
		if len(in) != 0 {
			t.Errorf("the removed link is still seen from the other end: %+v", in)
		}
		h, err := things.History(live, e.ID)
		f.must(err)
		if len(h) != 2 || h[0].Reason != "because" {
			t.Errorf("history: %+v", h)
		}
		d, err := register.Diff(h[0].Value, h[1].Value)
		f.must(err)
		if len(d) != 3 || d[2] != (register.FieldChange{Field: "title", Before: "first", After: "second"}) {
			t.Errorf("diff: %+v", d)
		}
		if r := f.verify(); r.Verdict != ledger.Valid {
			t.Errorf("verify: %+v", r.Problems)
		}
	})
}

func TestConflictAndRules(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		var e register.Entry[thing]
		f.write(func(tx *register.Tx) (err error) {
			e, err = things.Create(tx, thing{Title: "a", Status: "done"}, "")
			return err
		})
		mine, theirs := e, e
		mine.Value.Owner, theirs.Value.Owner = "m", "t"
		f.write(func(tx *register.Tx) error { _, err := things.Put(tx, theirs, ""); return err })
		err := f.Write(t.Context(), anna, func(tx *register.Tx) error { _, err := things.Put(tx, mine, ""); return err })
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("stale write: %v", err)
		}
		for name, tc := range map[string]struct {
			v   thing
			key string
		}{
			"rule":        {thing{}, "test.title"},
			"link target": {thing{Title: "x", Parts: []register.ID[part]{"prt_nobody"}}, "register.link_target"},
		} {
			err := f.Write(t.Context(), anna, func(tx *register.Tx) error { _, err := things.Create(tx, tc.v, ""); return err })
			if !fault.Is(err, tc.key) {
				t.Errorf("%s: %v", name, err)
			}
		}
		e, err = things.Get(f.Live(t.Context()), e.ID)
		f.must(err)
		e.Value.Status = "open"
		if err := f.Write(t.Context(), anna, func(tx *register.Tx) error { _, err := things.Put(tx, e, ""); return err }); !fault.Is(err, "test.reopen") {
			t.Errorf("transition: %v", err)
		}
		if n, _, err := f.Head(t.Context()); err != nil || n != 2 {
			t.Errorf("refused writes left leaves: %d, %v", n, err)
		}
	})
}

// A failing write in a crowd of good ones leaves nothing behind, and all good
// ones are there: group commit is invisible.
func TestGroupCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		const n = 200
		boom := errors.New("boom")
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				err := f.Write(context.Background(), anna, func(tx *register.Tx) error {
					p, err := parts.Create(tx, part{fmt.Sprintf("P-%d", i)}, "")
					if err != nil {
						return err
					}
					if i%3 == 0 { // make the buffered rows visible to SQL inside the write
						if _, err := parts.ByCode(tx, p.Value.Code); err != nil {
							return err
						}
					}
					if _, err := things.Create(tx, thing{Title: "t", Parts: []register.ID[part]{p.ID}}, ""); err != nil {
						return err
					}
					switch i % 10 {
					case 7:
						return boom
					case 8:
						panic("a broken rule")
					}
					return nil
				})
				if bad := i%10 == 7 || i%10 == 8; bad != (err != nil) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		ps, err := parts.List(f.Live(t.Context()), register.Query{})
		f.must(err)
		if len(ps) != n*8/10 {
			t.Errorf("%d parts, want %d", len(ps), n*8/10)
		}
		pairs, err := register.Pairs(f.Live(t.Context()), register.Supports)
		f.must(err)
		if len(pairs) != len(ps) {
			t.Errorf("%d links for %d parts", len(pairs), len(ps))
		}
		if r := f.verify(); r.Verdict != ledger.Valid {
			t.Errorf("verify: %+v", r.Problems)
		}
		f.must(f.Close())
		f.reopen()
		f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{"later"}, ""); return err })
		if r := f.verify(); r.Verdict != ledger.Valid {
			t.Errorf("after reopening: %+v", r.Problems)
		}
	})
}

// Later writes of a group see what earlier ones did, in Get and in lists.
func TestWriteSeesItsGroup(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.write(func(tx *register.Tx) error {
			e, err := things.Create(tx, thing{Title: "one"}, "")
			if err != nil {
				return err
			}
			e.Value.Title = "two"
			if e, err = things.Put(tx, e, ""); err != nil {
				return err
			}
			rows, err := things.List(tx, register.Query{Text: "TW"})
			if err != nil || len(rows) != 1 || rows[0].Version != 2 {
				return fmt.Errorf("list inside the write: %+v, %w", rows, err)
			}
			e.Value.Title = "three"
			_, err = things.Put(tx, e, "")
			return err
		})
		rows, err := things.List(f.Live(t.Context()), register.Query{})
		f.must(err)
		if len(rows) != 1 || rows[0].Title != "three" || rows[0].Version != 3 {
			t.Errorf("rows: %+v", rows)
		}
		if r := f.verify(); r.Verdict != ledger.Valid {
			t.Errorf("verify: %+v", r.Problems)
		}
	})
}

func TestEraseLeavesAProvenHole(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		ref, err := f.Blobs().Put(t.Context(), strings.NewReader("personal data in a file"), 1<<20)
		f.must(err)
		var p register.Entry[part]
		var e register.Entry[thing]
		f.write(func(tx *register.Tx) (err error) {
			if p, err = parts.Create(tx, part{"P"}, ""); err != nil {
				return err
			}
			e, err = things.Create(tx, thing{Title: "Åsa Example's file", Parts: []register.ID[part]{p.ID}, Files: []string{ref.SHA256}}, "asked by Åsa Example")
			return err
		})
		e.Value.Title = "renamed"
		f.write(func(tx *register.Tx) error { _, err := things.Put(tx, e, ""); return err })
		err = f.Write(t.Context(), anna, func(tx *register.Tx) error {
			_, err := register.Erase(tx, e.ID.String(), nil, "", "")
			return err
		})
		if !fault.Is(err, "register.erase_why") {
			t.Errorf("without authority: %v", err)
		}
		if r := f.verify(); r.Verdict != ledger.Valid || len(r.Erased) != 0 {
			t.Fatalf("a refused erasure changed something: %+v", r)
		}
		f.write(func(tx *register.Tx) error {
			_, err := register.Erase(tx, e.ID.String(), []int64{1}, "GDPR article 17", "request 12")
			return err
		})
		h, err := things.History(f.Live(t.Context()), e.ID)
		f.must(err)
		if !h[0].Erased || h[1].Erased || h[0].Reason != "" {
			t.Errorf("history: %+v", h)
		}
		if _, err := f.Blobs().Stat(t.Context(), ref.SHA256); err != nil {
			t.Errorf("version 2 still refers to the file: %v", err)
		}
		f.write(func(tx *register.Tx) error {
			_, err := register.Erase(tx, e.ID.String(), nil, "GDPR article 17", "request 12")
			return err
		})
		r := f.verify()
		if r.Verdict != ledger.Valid || len(r.Erased) != 1 || !slices.Equal(r.Erased[0].Versions, []int64{1, 2}) {
			t.Errorf("verify: %+v", r)
		}
		if _, err := f.Blobs().Stat(t.Context(), ref.SHA256); err == nil {
			t.Error("the bytes are still there")
		}
		rows, err := things.List(f.Live(t.Context()), register.Query{})
		f.must(err)
		if rows[0].Title != "" {
			t.Errorf("the index still says %q", rows[0].Title)
		}
		if f.cfg.Database == filepath.Join(f.dir, "bevis.db") {
			f.must(f.Close())
			for _, name := range []string{"bevis.db", "bevis.db-wal"} {
				raw, err := os.ReadFile(filepath.Join(f.dir, name))
				if err == nil && strings.Contains(string(raw), "Åsa Example") {
					t.Errorf("%s still holds the erased text", name)
				}
			}
		}
	})
}

// Threat T23: an older copy of the database that goes on is never signed.
func TestForkIsRefused(t *testing.T) {
	f := open(t, "")
	f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{"1"}, ""); return err })
	f.must(f.Close())
	old, err := os.ReadFile(f.cfg.Database)
	f.must(err)
	f.reopen()
	f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{"2"}, ""); return err })
	f.must(f.Close())
	f.must(os.WriteFile(f.cfg.Database, old, 0o600))
	f.reopen()
	another := func(tx *register.Tx) error { _, err := parts.Create(tx, part{"another 2"}, ""); return err }
	if err := f.Write(t.Context(), anna, another); !fault.Is(err, "ledger.fork") {
		t.Errorf("wrote on an older copy: %v", err)
	}
	_ = f.Close() // it says again that it cannot sign
	// Somebody who writes past that refusal gets no signature either.
	cfg := f.cfg
	cfg.Signer = nil
	loose, err := register.Open(t.Context(), cfg)
	f.must(err)
	f.must(loose.Write(t.Context(), anna, another))
	f.must(loose.Close())
	f.reopen()
	if _, err := f.Checkpoint(t.Context()); !fault.Is(err, "ledger.fork") {
		t.Errorf("signed a fork: %v", err)
	}
	r, err := f.Verify(t.Context(), f.cfg.Signer.Key(), nil)
	f.must(err)
	if r.Verdict != ledger.Invalid || !slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool { return p.Code == "signer.fork" }) {
		t.Errorf("verify: %+v", r)
	}
}

// The stored hashes prove what golang.org/x/mod's own checker accepts.
func TestProofsAgainstAnIndependentChecker(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for i := range 40 {
			f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{fmt.Sprint(i)}, ""); return err })
		}
		ctx := t.Context()
		size, root, err := f.Head(ctx)
		f.must(err)
		f.must(f.Leaves(ctx, 0, size, func(l register.Leaf) error {
			p, err := tlog.ProveRecord(size, l.Index, f.Hashes(ctx))
			if err != nil {
				return err
			}
			return tlog.CheckRecord(p, size, root, l.Index, tlog.RecordHash(l.Record))
		}))
		for old := int64(1); old < size; old++ {
			oldRoot, err := tlog.TreeHash(old, f.Hashes(ctx))
			f.must(err)
			p, err := tlog.ProveTree(size, old, f.Hashes(ctx))
			f.must(err)
			f.must(tlog.CheckTree(p, size, root, old, oldRoot))
		}
	})
}

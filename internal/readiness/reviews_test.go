package readiness_test

import (
	"archive/zip"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web/webtest"
	"bevis/internal/window"
)

// Readiness stays inside the company: an auditor is refused, a review is in no
// window's contents, and the package holds not one word of it (domain 0a rule 12).
func TestReviewsStayInside(t *testing.T) {
	h := webtest.Full(t, none)
	e, err := h.App.Reviews.Keep(h.As("lead"), &h.Window, "only-for-the-board")
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"auditor", "other", "employee", "administrator"} {
		if _, err := h.App.Reviews.Assess(h.As(role), &h.Window); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s assesses: %v", role, err)
		}
		if _, err := h.App.Reviews.History(h.As(role), h.Window.ID); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s reads reviews: %v", role, err)
		}
		if _, err := h.App.Reviews.Keep(h.As(role), &h.Window, ""); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s keeps a review: %v", role, err)
		}
	}
	if _, err := h.App.Reviews.Assess(context.Background(), &h.Window); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
	members, err := window.Contents(h.App.Store.Live(h.Operator), &h.Window)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if m.Register == readiness.Kept.Name() || m.ID == e.ID.String() {
			t.Errorf("the window contains %+v", m)
		}
	}
	out := filepath.Join(t.TempDir(), "p.zip")
	if _, err := h.App.Packages.Create(h.As("lead"), h.Window.Value.Code, out, true); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		text := string(b)
		for _, word := range []string{"only-for-the-board", `"` + e.Value.Code + `"`, "thousandths"} {
			if strings.Contains(f.Name+text, word) {
				t.Errorf("%s holds %q", f.Name, word)
			}
		}
		// The ledger's leaves say that an entry of the register exists, and the package
		// says that it was left out: nothing is hidden silently. What it says is nowhere.
		named := f.Name == "proofs/leaves.ndjson" || f.Name == "proofs/scope.json" || f.Name == "index.html"
		if strings.Contains(text, readiness.Kept.Name()) && !named || strings.Contains(text, e.ID.String()) && f.Name != "proofs/leaves.ndjson" {
			t.Errorf("%s names the review", f.Name)
		}
	}
}

// A review is fixed, and its score is the sum of its parts.
func TestReviewRules(t *testing.T) {
	h := webtest.Full(t, none)
	e, err := h.App.Reviews.Keep(h.As("manager"), &h.Window, " note ")
	if err != nil || e.Value.Note != "note" || e.Actor != h.People["manager"] {
		t.Fatalf("%+v %v", e, err)
	}
	put := func(f func(*readiness.Review)) error {
		return h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
			v := e.Value
			v.Code = "RR-" + strings.TrimPrefix(v.Code, "RR-")
			f(&v)
			_, err := readiness.Kept.Create(tx, v, "")
			return err
		})
	}
	if err := put(func(v *readiness.Review) { v.Score++ }); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another score: %v", err)
	}
	if err := put(func(v *readiness.Review) { v.Parts[0].Tenths++ }); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another part: %v", err)
	}
	err = h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		_, err := readiness.Kept.Put(tx, e, "")
		return err
	})
	if fault.KindOf(err) != fault.Locked {
		t.Errorf("a review changes: %v", err)
	}
	all, err := h.App.Reviews.History(h.As("advisor"), h.Window.ID)
	if err != nil || len(all) != 1 {
		t.Errorf("%d, %v", len(all), err)
	}
	if all, err := h.App.Reviews.History(h.As("lead"), h.Earlier.ID); err != nil || len(all) != 0 {
		t.Errorf("another window has %d, %v", len(all), err)
	}
}

// The same evidence again moves nothing; evidence for what was missing does.
func TestEvidenceMovesTheScoreOnce(t *testing.T) {
	h := webtest.Full(t, none)
	value := func() (sum int) {
		t.Helper()
		a, err := h.App.Reviews.Assess(h.As("lead"), &h.Window)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range a.Score.Parts {
			sum += p.Sum
		}
		return sum
	}
	before := value()
	h.Add("Capacity week 1 again", "2026-01-04", "OP-W")
	if again := value(); again > before {
		t.Errorf("the same week again: %d, was %d", again, before)
	}
	code := h.Add("Restore Q1 again", "2026-03-30", "OP-R")
	after := value()
	if _, err := h.App.Evidence.Return(h.As("lead"), code, "wrong file"); err != nil {
		t.Fatal(err)
	}
	if back := value(); back > after {
		t.Errorf("sent back: %d, was %d", back, after)
	}
}

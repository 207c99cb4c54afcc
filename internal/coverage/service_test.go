package coverage_test

import (
	"archive/zip"
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"bevis/internal/coverage"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/web/webtest"
	"bevis/internal/window"
)

const own = "id: customer-rules\ntitle: Rules of a customer\nrefs:\n  - {ref: R.1, group: Access, title: Accounts end with the job, criteria: [{id: CC6.2, relation: superset, rationale: Removal}]}\n"

func none(*webtest.House) {}

// The view is kept until the ledger grows, and follows what was written then.
func TestViewFollowsTheLedger(t *testing.T) {
	h := webtest.Full(t, none)
	lead := h.As("lead")
	read := func() *coverage.View {
		t.Helper()
		v, err := h.App.Coverage.View(lead, "")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := read()
	if first.Window == nil || first.Day != "2026-04-20" || !first.Evidence || len(first.Frameworks) != 5 {
		t.Fatalf("%+v", first)
	}
	if read() != first {
		t.Error("at rest it was made again")
	}
	f := reference(t, "nist-csf-2.0")
	var ref string
	for _, s := range first.Of(f).Refs {
		for _, i := range s.Controls {
			if first.Index.Controls[i].Code == "OP-W" {
				ref = s.Ref.ID
			}
		}
	}
	before := find(t, first.Of(f), ref)
	h.Add("One more week", "2026-04-18", "OP-W")
	after := find(t, read().Of(f), ref)
	if after.Evidence != before.Evidence+1 || after.Newest != "2026-04-18" {
		t.Errorf("%+v then %+v", before, after)
	}
	if _, err := h.App.Coverage.Import(lead, "x.yaml", []byte(own), framework.Source{}, false); err != nil {
		t.Fatal(err)
	}
	if v := read(); len(v.Frameworks) != 6 || v.Frameworks[5].ID != "customer-rules" || v.Of(v.Frameworks[5]).Count[coverage.Mapped] != 1 {
		t.Errorf("%d frameworks", len(v.Frameworks))
	}
}

// An auditor is shown the controls of the window, and no more.
func TestViewOfAnAuditor(t *testing.T) {
	h := webtest.Full(t, none)
	if _, err := h.App.Coverage.Import(h.As("lead"), "x.yaml", []byte(own), framework.Source{}, false); err != nil {
		t.Fatal(err)
	}
	v, err := h.App.Coverage.View(h.As("auditor"), "")
	if err != nil {
		t.Fatal(err)
	}
	all, err := h.App.Coverage.View(h.As("lead"), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Frameworks) != 5 || len(v.Index.Controls) == 0 || len(v.Index.Controls) >= len(all.Index.Controls) {
		t.Errorf("%d frameworks, %d of %d controls", len(v.Frameworks), len(v.Index.Controls), len(all.Index.Controls))
	}
	if _, err := h.App.Coverage.Statement(h.As("auditor"), v); fault.KindOf(err) != fault.Denied {
		t.Errorf("the auditor reads the statement: %v", err)
	}
	if _, err := h.App.Coverage.View(h.As("other"), h.Window.Value.Code); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another window: %v", err)
	}
}

// Own frameworks and the statement of applicability are the organisation's: what a
// window speaks of holds neither, so no package carries them.
func TestPackageHoldsNoOwnFramework(t *testing.T) {
	h := webtest.Full(t, none)
	lead := h.As("lead")
	if _, err := h.App.Coverage.Import(lead, "x.yaml", []byte(own), framework.Source{}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := h.App.Coverage.Decide(lead, coverage.Decision{Ref: "A.7.4", Reason: "No premises to guard", Status: coverage.NotApplicable}, 0); err != nil {
		t.Fatal(err)
	}
	members, err := window.Contents(h.App.Store.Live(h.Operator), &h.Window)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if m.Register == framework.Owned.Name() || m.Register == coverage.Decisions.Name() {
			t.Errorf("the window speaks of %s %s", m.Register, m.ID)
		}
	}
	file := filepath.Join(t.TempDir(), "draft.zip")
	if _, err := h.App.Packages.Create(lead, h.Window.ID.String(), file, true); err != nil {
		t.Fatal(err)
	}
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, m := range z.File {
		r, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Rules of a customer", "No premises to guard"} {
			if bytes.Contains(raw, []byte(word)) || strings.Contains(m.Name, "customer-rules") {
				t.Errorf("%s holds %q", m.Name, word)
			}
		}
	}
}

// The rules hold for whoever writes.
func TestDecisionRules(t *testing.T) {
	h := webtest.Empty(t, none)
	lead := h.As("lead")
	for name, tc := range map[string]struct {
		d    coverage.Decision
		want string
	}{
		"no reason":     {coverage.Decision{Ref: "A.7.4", Status: coverage.NotApplicable, Reason: " "}, "statement.reason"},
		"no status":     {coverage.Decision{Ref: "A.7.4", Applicable: true}, "statement.status"},
		"status no":     {coverage.Decision{Ref: "A.7.4", Applicable: true, Status: coverage.NotApplicable}, "statement.status_differs"},
		"status yes":    {coverage.Decision{Ref: "A.7.4", Reason: "x", Status: coverage.Planned}, "statement.status_differs"},
		"clause":        {coverage.Decision{Ref: "8.1", Applicable: true, Status: coverage.Planned}, "statement.clause"},
		"unknown":       {coverage.Decision{Ref: "A.9.9", Applicable: true, Status: coverage.Planned}, "framework.ref_unknown"},
		"reason a book": {coverage.Decision{Ref: "A.7.4", Status: coverage.NotApplicable, Reason: strings.Repeat("x", 4001)}, "statement.reason_long"},
	} {
		_, err := h.App.Coverage.Decide(lead, tc.d, 0)
		if !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.App.Coverage.Decide(lead, coverage.Decision{Ref: "A.7.4", Applicable: true, Status: coverage.Planned}, 0); err != nil {
		t.Errorf("good: %v", err)
	}
	if _, err := h.App.Coverage.Decide(h.As("owner"), coverage.Decision{Ref: "A.7.5", Applicable: true, Status: coverage.Planned}, 0); fault.KindOf(err) != fault.Denied {
		t.Errorf("an owner decides: %v", err)
	}
	v, err := h.App.Coverage.View(lead, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := h.App.Coverage.Statement(lead, v)
	if err != nil || s.Undecided != 92 || s.Line("A.7.4").Version != 1 || s.Line("8.1") != nil {
		t.Errorf("%+v, %v", s, err)
	}
	d := s.Document("sv", "Norrsken Exempel AB", nil, h.App.Store.Now())
	if len(d.Parts[0].Table.Rows) != 93 || len(d.Notes) != 3 || d.Parts[0].Table.Rows[0][2] != "Inte beslutad" {
		t.Errorf("%d rows, %v", len(d.Parts[0].Table.Rows), d.Notes)
	}
}

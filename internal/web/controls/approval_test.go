package controls_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/web/webtest"
)

// While a window is open, a version that asks for less needs a second person; one
// that asks for more, or says the same in other words, needs its reason alone
// (domain 0a rule 6).
func TestLoosening(t *testing.T) {
	h := webtest.Full(t, pages)
	read := func(code string) register.Entry[control.Control] {
		t.Helper()
		e, err := h.App.Controls.ByCode(h.Operator, code)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, tc := range map[string]struct {
		edit     func(*control.Control)
		loosened bool
	}{
		"rarer":             {func(c *control.Control) { c.Frequency = control.Quarterly }, true},
		"more often":        {func(c *control.Control) { c.Frequency = control.Weekly }, false},
		"more grace":        {func(c *control.Control) { c.Grace = 3 }, true},
		"captured later":    {func(c *control.Control) { c.CaptureLag = 45 }, true},
		"captured sooner":   {func(c *control.Control) { c.CaptureLag = 10 }, false},
		"fewer criteria":    {func(c *control.Control) { c.MapTo([]string{"CC7.2"}) }, true},
		"more criteria":     {func(c *control.Control) { c.MapTo([]string{"CC7.2", "CC7.3", "CC7.4"}) }, false},
		"begins later":      {func(c *control.Control) { c.EffectiveFrom = "2026-05-01" }, false},
		"ends":              {func(c *control.Control) { c.EffectiveTo = "2026-12-31" }, true},
		"retired":           {func(c *control.Control) { c.Status = control.Retired }, true},
		"other words":       {func(c *control.Control) { c.Statement.EN = "Other words." }, false},
		"trace named":       {func(c *control.Control) { c.Trace = control.TraceCommit }, false},
		"out of all scopes": {func(c *control.Control) { c.MapTo([]string{"P1.1"}) }, true},
	} {
		e := read("OP-M")
		before := e.Value
		tc.edit(&e.Value)
		if got := len(control.Loosens(&before, &e.Value, "2026-04-20")) > 0; got != tc.loosened {
			t.Errorf("%s: loosened: %v", name, got)
		}
		if !tc.loosened {
			continue
		}
		if _, err := h.App.Controls.Change(h.As("lead"), e, "why"); !fault.Is(err, "control.second_person") {
			t.Errorf("%s, alone: %v", name, err)
		}
	}
	if e := read("OP-M"); e.Version != 1 {
		t.Errorf("version %d was stored without a second person", e.Version)
	}
	e := read("OP-M")
	e.Value.Criteria, e.Value.PointsOfFocus = []string{}, []string{}
	if _, err := h.App.Controls.Ask(h.As("lead"), e, "why"); !fault.Is(err, "control.no_criterion") {
		t.Errorf("a control in force without criteria: %v", err)
	}
	// Whoever writes the approval down for themselves is found out by the rule.
	e = read("OP-M")
	e.Value.Grace = 3
	p, err := h.App.Controls.Ask(h.As("lead"), e, "month ends are busy")
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []string{h.People["lead"], "operator:test"} {
		forged := e
		forged.Value.Approval = &control.Approval{Proposal: p.ID.String(), ProposedBy: h.People["manager"], By: by}
		err := h.App.Store.Write(h.Operator, register.Actor{ID: by}, func(tx *register.Tx) error {
			_, err := control.Controls.Put(tx, forged, "forged")
			return err
		})
		if !fault.Is(err, "control.self_approval") {
			t.Errorf("%s approves alone: %v", by, err)
		}
	}
	swapped := e
	swapped.Value.Grace = 300
	swapped.Value.Approval = &control.Approval{Proposal: p.ID.String(), ProposedBy: h.People["lead"], By: h.People["manager"]}
	err = h.App.Store.Write(h.Operator, register.Actor{ID: h.People["manager"]}, func(tx *register.Tx) error {
		_, err := control.Controls.Put(tx, swapped, "swapped")
		return err
	})
	if !fault.Is(err, "control.proposal_other") {
		t.Errorf("another text than was asked for: %v", err)
	}
	pagesOfApproval(t, h)
}

// pagesOfApproval takes the same way through the pages.
func pagesOfApproval(t *testing.T, h *webtest.House) {
	t.Helper()
	form := url.Values{
		"version": {"1"}, "title": {"Monthly look at failed jobs"}, "statement": {"Monthly look at failed jobs."}, "owner": {h.People["owner"]}, "frequency": {"monthly"},
		"grace": {"5"}, "lag": {"30"}, "criteria": {"CC7.2, CC7.3"}, "to": {""}, "reason": {"month ends are busy " + webtest.Hostile},
	}
	if got := h.Do("lead", http.MethodPost, "/controls/OP-M/edit", "en", form, "text/html"); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	for role, decides := range map[string]bool{"lead": false, "manager": true, "owner": false} {
		page := h.Get(role, "/controls/OP-M").Body.String()
		if !strings.Contains(page, "A change waits for approval") || strings.Contains(page, "/controls/OP-M/decide") != decides {
			t.Errorf("%s: waiting, or deciding %v, is not shown", role, decides)
		}
		h.Clean(role, "/controls/OP-M")
	}
	if page := h.Get("auditor", "/controls/OP-M").Body.String(); strings.Contains(page, "waits for approval") {
		t.Error("the auditor is shown a draft")
	}
	decide := func(role, do, note string) int {
		return h.Do(role, http.MethodPost, "/controls/OP-M/decide", "en", url.Values{"do": {do}, "note": {note}}, "text/html").Code
	}
	for _, tc := range []struct {
		role, do, note string
		want           int
	}{
		{"lead", "approve", "", 403}, // asked for it
		{"owner", "approve", "", 403},
		{"advisor", "approve", "", 403},
		{"auditor", "approve", "", 403},
		{"manager", "decline", "", 422}, // without saying why
		{"manager", "perhaps", "", 422},
		{"manager", "approve", "for this year", 303},
		{"manager", "approve", "again", 404},
	} {
		if got := decide(tc.role, tc.do, tc.note); got != tc.want {
			t.Errorf("%s %s: %d, want %d", tc.role, tc.do, got, tc.want)
		}
	}
	if _, err := h.App.Controls.Approve(h.Operator, "OP-M", ""); err == nil {
		t.Error("the operator approves")
	}
	e, err := h.App.Controls.ByCode(h.Operator, "OP-M")
	if err != nil || e.Version != 2 || e.Value.Grace != 5 || e.Value.Approval == nil || e.Value.Approval.By != h.People["manager"] || e.Actor != h.People["manager"] {
		t.Fatalf("%+v, %v", e.Value, err)
	}
	if page := h.Get("auditor", "/controls/OP-M").Body.String(); !strings.Contains(page, "Asked for by Maja Lind, approved by Sara Öberg") {
		t.Error("the auditor does not see who approved")
	}
	h.Clean("auditor", "/controls/OP-M/history")
	// The next version is not approved by having been approved before.
	e.Value.Title.EN = "Monthly look at jobs"
	if e, err = h.App.Controls.Change(h.As("lead"), e, "shorter"); err != nil || e.Value.Approval != nil {
		t.Errorf("%+v, %v", e.Value.Approval, err)
	}
	// Declined: nothing changes, and another may be asked for.
	form.Set("version", strconv.FormatInt(e.Version, 10))
	form.Set("grace", "60")
	h.Do("lead", http.MethodPost, "/controls/OP-M/edit", "en", form, "text/html")
	if got := decide("manager", "decline", "two months are no grace"); got != http.StatusSeeOther {
		t.Errorf("%d", got)
	}
	if _, waits, err := h.App.Controls.Waiting(h.As("lead"), "OP-M"); waits || err != nil {
		t.Errorf("%v %v", waits, err)
	}
}

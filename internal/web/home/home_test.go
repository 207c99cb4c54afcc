package home_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bevis/internal/web/home"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	home.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Windows: h.App.Windows, Populations: h.App.Populations, Readiness: h.Readiness}.Routes()
}

type answer struct {
	Window    struct{ Code string }
	Figures   map[string]int
	Attention []struct {
		Kind, Control, Title, Code, Owner, Due string
		Count                                  int
	}
	Next   []struct{ Control, Due, Owner string }
	Series []struct {
		ID       string
		Controls int
	}
}

func read(t *testing.T, h *webtest.House, role string) answer {
	t.Helper()
	w := h.JSON(role, "/")
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%s: %d %s", role, w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestHome(t *testing.T) {
	h := webtest.Full(t, pages)
	a := read(t, h, "lead")
	if a.Window.Code != h.Window.Value.Code {
		t.Errorf("the focus is %s", a.Window.Code)
	}
	found := map[string]string{}
	for _, x := range a.Attention {
		found[x.Control+" "+x.Kind] = x.Code
	}
	for _, want := range []string{"OP-X missed", "OP-M overdue", "OP-R returned", "OP-X returned", "OP-R overdue"} {
		if _, ok := found[want]; !ok {
			t.Errorf("%s needs no attention: %v", want, a.Attention)
		}
	}
	if _, ok := found["OP-Q no_evidence"]; ok {
		t.Error("OP-Q has evidence")
	}
	if a.Figures["evidence_returned"] != 2 || a.Figures["occurrences_missed"] < 2 {
		t.Errorf("%v", a.Figures)
	}
	next := map[string]string{}
	for _, n := range a.Next {
		next[n.Control] = n.Due
	}
	if next["OP-M"] != "2026-04-30" || next["OP-W"] != "2026-04-26" {
		t.Errorf("%v", a.Next)
	}
	// What is internal stays inside: no attention list for the auditor, and no items
	// for who may not read evidence.
	auditor := read(t, h, "auditor")
	if len(auditor.Attention) != 0 || auditor.Figures["controls"] != a.Figures["controls"] || auditor.Figures["evidence"] != a.Figures["evidence"] {
		t.Errorf("%+v", auditor)
	}
	if page := h.Get("auditor", "/").Body.String(); strings.Contains(page, "Needs attention") || strings.Contains(page, "sent back") || strings.Contains(page, "/evidence/new") {
		t.Error("the auditor sees internal matters")
	}
	for _, x := range read(t, h, "employee").Attention {
		if x.Code != "" || x.Kind == "returned" {
			t.Errorf("an employee sees evidence: %+v", x)
		}
	}
	if page := h.Get("employee", "/").Body.String(); strings.Contains(page, `href="/evidence`) {
		t.Error("an employee is led to evidence")
	}
	other := read(t, h, "other")
	if other.Window.Code != h.Earlier.Value.Code || other.Figures["evidence"] != 0 {
		t.Errorf("%+v", other)
	}
	for role, want := range map[string]int{"other": http.StatusNotFound, "auditor": http.StatusOK, "lead": http.StatusOK, "": http.StatusSeeOther} {
		if w := h.Get(role, "/?window="+h.Window.Value.Code); w.Code != want {
			t.Errorf("%q reads the window: %d", role, w.Code)
		}
	}
	for _, role := range []string{"lead", "owner", "employee", "manager", "advisor", "administrator", "auditor", "other"} {
		h.Clean(role, "/")
	}
}

func TestHomeBeforeTheFirstWindow(t *testing.T) {
	h := webtest.Empty(t, pages)
	for role, opens := range map[string]bool{"lead": true, "owner": false, "employee": false} {
		page := h.Get(role, "/").Body.String()
		if strings.Contains(page, `href="/windows/new"`) != opens {
			t.Errorf("%s: opening a window is offered: %v", role, !opens)
		}
		if strings.Count(page, "btn-primary") > 1 {
			t.Errorf("%s: more than one primary button", role)
		}
		h.Clean(role, "/")
	}
}

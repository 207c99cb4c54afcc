package controls_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/web/controls"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	controls.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Controls: h.App.Controls, Windows: h.App.Windows, Readiness: h.Readiness}.Routes()
}

type listing struct {
	Total    int
	Controls []struct {
		Code, Owner, Standing, State string
		InScope                      bool `json:"in_scope"`
	}
}

func read(t *testing.T, h *webtest.House, role, path string, into any) {
	t.Helper()
	w := h.JSON(role, path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", role, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func TestControls(t *testing.T) {
	h := webtest.Full(t, pages)
	t.Run("list", func(t *testing.T) { list(t, h) })
	t.Run("show", func(t *testing.T) { show(t, h) })
	t.Run("history", func(t *testing.T) { history(t, h) })
	t.Run("roles", func(t *testing.T) { roles(t, h) })
}

func list(t *testing.T, h *webtest.House) {
	var all, auditor listing
	read(t, h, "lead", "/controls", &all)
	read(t, h, "auditor", "/controls", &auditor)
	in := 0
	for _, c := range all.Controls {
		if c.InScope {
			in++
		}
	}
	if all.Total < 60 || auditor.Total != in || in == all.Total {
		t.Errorf("%d controls, %d in scope, the auditor sees %d", all.Total, in, auditor.Total)
	}
	for _, c := range auditor.Controls {
		if c.State != "" {
			t.Errorf("the auditor is told that %s is %s", c.Code, c.State)
		}
	}
	var got listing
	for _, which := range []string{"on_time", "behind", "attention", "nothing", "no_owner"} {
		got = listing{}
		read(t, h, "lead", "/controls?show="+which, &got)
		for _, c := range got.Controls {
			if which == "on_time" && c.Standing != "on_time" || which == "no_owner" && c.Owner != "" {
				t.Errorf("%s: %+v", which, c)
			}
		}
		if (got.Total > 0) == (which == "no_owner") {
			t.Errorf("%s: %d", which, got.Total)
		}
		h.Clean("lead", "/controls?show="+which)
	}
	for path, want := range map[string]int{"/controls?q=weekly+look": 1, "/controls?q=erik": 4, "/controls?criterion=A1.1&q=OP-W": 1, "/controls?q=nothing+like+it": 0, "/controls?page=99&q=weekly+look": 1} {
		got = listing{}
		read(t, h, "lead", path, &got)
		if got.Total != want {
			t.Errorf("%s: %d", path, got.Total)
		}
	}
	h.Clean("lead", "/controls?q=nothing+like+it")
}

func show(t *testing.T, h *webtest.House) {
	page := h.Get("lead", "/controls/OP-M").Body.String()
	for _, want := range []string{"/evidence/new?control=OP-M", "Overdue", "Late", "Performed late", "2026-02-28", "/criteria/CC7.2", "Erik Holm"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := h.Get("lead", "/controls/OP-R").Body.String(); !strings.Contains(page, "sent back") {
		t.Error("the item sent back is not shown with its occurrence")
	}
	if page := h.Get("employee", "/controls/OP-Q").Body.String(); strings.Contains(page, "/evidence/") || strings.Contains(page, "/history") || strings.Contains(page, "Service accounts Q1") {
		t.Error("an employee sees evidence or history")
	}
	var d struct {
		Items []struct{ Traits map[string]any }
		Tally struct {
			OnTime int `json:"on_time"`
		}
		Entry int64
	}
	read(t, h, "lead", "/controls/OP-Q", &d)
	if len(d.Items) != 1 || len(d.Items[0].Traits) != 5 || d.Tally.OnTime != 1 || d.Entry == 0 {
		t.Errorf("%+v", d)
	}
	for _, code := range []string{"OP-M", "OP-W", "OP-Q", "OP-R", "OP-X", "AC-01"} {
		for _, role := range []string{"lead", "employee", "auditor"} {
			h.Clean(role, "/controls/"+code)
		}
	}
	auditor := h.Get("auditor", "/controls/OP-M").Body.String()
	if strings.Contains(auditor, ">Needs attention<") || strings.Contains(auditor, "/evidence/new") {
		t.Error("the auditor sees a state or an action")
	}
}

func history(t *testing.T, h *webtest.House) {
	page := h.Get("lead", "/controls/OP-Q/history").Body.String()
	for _, want := range []string{"Erik Holm", "Maja Lind", "owner changed after reorganisation", "Statement (Swedish)", "Version 2", "Local operator"} {
		if !strings.Contains(page, want) {
			t.Errorf("the history lacks %q", want)
		}
	}
	if strings.Contains(page, h.People["lead"]) {
		t.Error("the history names an account by its id")
	}
	h.Clean("lead", "/controls/OP-Q/history")
	h.Clean("auditor", "/controls/OP-Q/history")
}

func roles(t *testing.T, h *webtest.House) {
	out := "" // a control outside of the auditor's window
	var all listing
	read(t, h, "lead", "/controls", &all)
	for _, c := range all.Controls {
		if !c.InScope {
			out = c.Code
		}
	}
	adopt := url.Values{"id": {"AC-01"}, "from": {"2026-01-01"}}
	for _, tc := range []struct {
		role, method, path string
		form               url.Values
		want               int
	}{
		{"", "GET", "/controls", nil, 303},
		{"", "GET", "/controls/OP-M", nil, 303},
		{"", "POST", "/controls/adopt", adopt, 401},
		{"auditor", "GET", "/controls/" + out, nil, 404},
		{"auditor", "GET", "/controls/" + out + "/history", nil, 404},
		{"lead", "GET", "/controls/" + out, nil, 200},
		{"other", "GET", "/controls/OP-M", nil, 404},
		{"other", "GET", "/controls/OP-M?window=" + h.Window.Value.Code, nil, 404},
		{"other", "GET", "/controls/OP-M/history", nil, 404},
		{"other", "GET", "/controls", nil, 200},
		{"employee", "GET", "/controls/OP-M/history", nil, 403},
		{"lead", "GET", "/controls/NO-99", nil, 404},
		{"lead", "GET", "/controls/library", nil, 200},
		{"advisor", "GET", "/controls/library", nil, 200},
		{"owner", "GET", "/controls/library", nil, 403},
		{"employee", "GET", "/controls/library", nil, 403},
		{"auditor", "GET", "/controls/library", nil, 403},
		{"lead", "POST", "/controls/adopt", adopt, 303},
		{"advisor", "POST", "/controls/adopt", adopt, 303},
		{"owner", "POST", "/controls/adopt", adopt, 403},
		{"employee", "POST", "/controls/adopt", adopt, 403},
		{"auditor", "POST", "/controls/adopt", adopt, 403},
		{"administrator", "POST", "/controls/adopt", adopt, 403},
		{"lead", "POST", "/controls/adopt", url.Values{"from": {"2026-01-01"}}, 422},
		{"lead", "POST", "/controls/adopt", url.Values{"id": {"AC-01"}, "from": {"tomorrow " + webtest.Hostile}}, 422},
		{"lead", "POST", "/controls/adopt", url.Values{"id": {"AC-01"}, "from": {"2026-01-01"}, "owner": {h.People["auditor"]}}, 422},
		{"lead", "POST", "/controls/adopt", url.Values{"id": {"XX-99"}, "from": {"2026-01-01"}}, 404},
	} {
		w := h.Do(tc.role, tc.method, tc.path, "en", tc.form, "text/html")
		if w.Code != tc.want {
			t.Errorf("%q %s %s %v: %d, want %d", tc.role, tc.method, tc.path, tc.form, w.Code, tc.want)
		}
		if s := w.Body.String(); strings.Contains(s, "<script>alert") || strings.Contains(s, "‹") {
			t.Errorf("%q %s %s: not escaped, or a message is missing", tc.role, tc.method, tc.path)
		}
	}
}

func TestAdopt(t *testing.T) {
	h := webtest.Empty(t, pages)
	h.Clean("lead", "/controls")
	h.Clean("lead", "/controls/library")
	h.Clean("lead", "/controls/library?q=backup&category=backup")
	form := url.Values{"id": {"AC-01", "AC-02"}, "from": {"2026-01-01"}, "owner": {h.People["owner"]}}
	if w := h.Do("lead", "POST", "/controls/adopt", "en", form, "text/html"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var all listing
	read(t, h, "lead", "/controls", &all)
	if all.Total != 2 || all.Controls[0].Owner != "Erik Holm" {
		t.Errorf("%+v", all)
	}
	var left struct{ Left int }
	read(t, h, "lead", "/controls/library", &left)
	form = url.Values{"all": {"yes"}, "from": {"2026-01-01"}}
	if w := h.Do("lead", "POST", "/controls/adopt", "en", form, "text/html"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	read(t, h, "lead", "/controls", &all)
	if all.Total != left.Left+2 {
		t.Errorf("%d controls, %d were left", all.Total, left.Left)
	}
	h.Clean("lead", "/controls/library")
	h.Clean("lead", "/controls")
}

// A control is changed on its page: a new version with its reason; a change that
// somebody else overtook is a conflict, and wrong input comes back with what was
// typed.
func TestChange(t *testing.T) {
	h := webtest.Full(t, pages)
	form := func(version, grace, reason string) url.Values {
		return url.Values{"version": {version}, "title": {"Quarterly review <b>"}, "statement": {"Each quarter the owner reviews the list."}, "owner": {""}, "frequency": {"quarterly"}, "grace": {grace}, "lag": {"30"}, "criteria": {"CC6.2, CC6.3"}, "to": {""}, "reason": {reason}}
	}
	const code = "AC-04"
	for _, tc := range []struct {
		name, version, grace, reason string
		want                         int
	}{
		{"no reason", "1", "3", "", http.StatusUnprocessableEntity},
		{"no number", "1", "soon", "why", http.StatusUnprocessableEntity},
		{"overtaken", "7", "3", "why", http.StatusConflict},
		{"good", "1", "3", "why", http.StatusSeeOther},
		{"again from the old version", "1", "4", "why", http.StatusConflict},
	} {
		if got := h.Do("lead", http.MethodPost, "/controls/"+code+"/edit", "en", form(tc.version, tc.grace, tc.reason), "text/html"); got.Code != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, got.Code, tc.want)
		}
	}
	for role, want := range map[string]int{"lead": 200, "owner": 403, "auditor": 403, "manager": 403} {
		if got := h.Get(role, "/controls/"+code+"/edit"); got.Code != want {
			t.Errorf("%s: %d, want %d", role, got.Code, want)
		}
	}
}

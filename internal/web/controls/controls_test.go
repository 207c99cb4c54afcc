package controls_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
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

// whole reads the list, page after page.
func whole(t *testing.T, h *webtest.House, role string) listing {
	t.Helper()
	var out listing
	for page := 1; page == 1 || len(out.Controls) < out.Total; page++ {
		var l listing
		read(t, h, role, "/controls?page="+strconv.Itoa(page), &l)
		out.Total, out.Controls = l.Total, append(out.Controls, l.Controls...)
	}
	return out
}

func TestControls(t *testing.T) {
	h := webtest.Full(t, pages)
	t.Run("list", func(t *testing.T) { list(t, h) })
	t.Run("show", func(t *testing.T) { show(t, h) })
	t.Run("history", func(t *testing.T) { history(t, h) })
	t.Run("roles", func(t *testing.T) { roles(t, h) })
}

func list(t *testing.T, h *webtest.House) {
	all, auditor := whole(t, h, "lead"), whole(t, h, "auditor")
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
	all := whole(t, h, "lead")
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
		{"no reason", "1", "0", "", http.StatusUnprocessableEntity},
		{"no number", "1", "soon", "why", http.StatusUnprocessableEntity},
		{"overtaken", "7", "0", "why", http.StatusConflict},
		{"good", "1", "0", "why", http.StatusSeeOther},
		{"again from the old version", "1", "0", "why", http.StatusConflict},
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

// The wording is judged while it is written, in the reader's language, without
// saving; a vague sentence may be saved and carries a mark that no auditor sees.
func TestWording(t *testing.T) {
	h := webtest.Empty(t, pages)
	if _, err := h.App.Controls.Adopt(h.Operator, []string{"AC-04", "AC-05"}, "", "2026-01-01"); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"version": {"1"}, "title": {"Review"}, "statement": {"Access is reviewed regularly."}, "frequency": {"quarterly"}, "grace": {"0"}, "lag": {"30"}, "criteria": {"CC6.2, CC6.3"}, "reason": {"shorter"}}
	form.Set("do", "check")
	page := h.Do("lead", http.MethodPost, "/controls/AC-04/edit", "en", form, "text/html")
	for _, want := range []string{"Vague", "regularly", "Name the role", "A better sentence", "Access is reviewed regularly."} {
		if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), want) {
			t.Errorf("%d: the page lacks %q", page.Code, want)
		}
	}
	form.Set("statement", "Behörigheter granskas regelbundet.")
	if page := h.Do("lead", http.MethodPost, "/controls/AC-04/edit", "sv", form, "text/html").Body.String(); !strings.Contains(page, "regelbundet") || !strings.Contains(page, "Vag") {
		t.Error("the Swedish sentence is not judged")
	}
	if e, err := h.App.Controls.ByCode(h.Operator, "AC-04"); err != nil || e.Version != 1 {
		t.Errorf("checking the wording saved version %d, %v", e.Version, err)
	}
	form.Del("do")
	form.Set("statement", "Access is reviewed regularly.")
	if got := h.Do("lead", http.MethodPost, "/controls/AC-04/edit", "en", form, "text/html"); got.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", got.Code, got.Body)
	}
	var l struct {
		Controls []struct {
			Code  string
			Vague bool
		}
	}
	read(t, h, "lead", "/controls", &l)
	for _, c := range l.Controls {
		if c.Vague != (c.Code == "AC-04") {
			t.Errorf("%+v", c)
		}
	}
	if page := h.Get("lead", "/controls/AC-04").Body.String(); !strings.Contains(page, "Rewrite it") {
		t.Error("the control's page does not say that the sentence is vague")
	}
	if page := h.Get("employee", "/controls/AC-04").Body.String(); strings.Contains(page, "Rewrite it") {
		t.Error("an employee is asked to rewrite it")
	}
	for _, path := range []string{"/controls", "/controls/AC-04", "/controls/AC-04/edit"} {
		h.Clean("lead", path)
	}
}

// What differs from the library is shown to the company word by word; a newer text
// is offered, and taken over only where it is asked for.
func TestCompare(t *testing.T) {
	h := webtest.Full(t, pages)
	if page := h.Get("lead", "/controls/AC-04").Body.String(); strings.Contains(page, "Compared with the library") {
		t.Error("a control as adopted differs from the library")
	}
	e, err := h.App.Controls.ByCode(h.Operator, "AC-04")
	if err != nil {
		t.Fatal(err)
	}
	title := e.Value.Title.EN
	e.Value.Title.EN = "Our own " + title
	for i := range e.Value.Origin.Fields { // as if the library had said something else then
		if e.Value.Origin.Fields[i].Field == "title.en" {
			e.Value.Origin.Fields[i].Digest, e.Value.Origin.Revision = "0000000000000000", "0000000000000000"
		}
	}
	if e, err = h.App.Controls.Change(h.As("lead"), e, "own title"); err != nil {
		t.Fatal(err)
	}
	page := h.Get("lead", "/controls/AC-04").Body.String()
	for _, want := range []string{"Compared with the library", "<ins>Our own</ins>", "newer in the library", "/controls/AC-04/library"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if page := h.Get("auditor", "/controls/AC-04").Body.String(); strings.Contains(page, "Compared with") {
		t.Error("the auditor is shown the library")
	}
	for role, want := range map[string]int{"lead": 200, "advisor": 200, "owner": 403, "auditor": 403} {
		if got := h.Get(role, "/controls/AC-04/library"); got.Code != want {
			t.Errorf("%s: %d, want %d", role, got.Code, want)
		}
	}
	h.Clean("lead", "/controls/AC-04/library")
	h.Clean("lead", "/controls/AC-04")
	follow := func(reason string) int {
		return h.Do("lead", http.MethodPost, "/controls/AC-04/library", "en", url.Values{"version": {strconv.FormatInt(e.Version, 10)}, "take": {"title.en"}, "reason": {reason}}, "text/html").Code
	}
	if got := follow(""); got != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", got)
	}
	if got := follow("the library is clearer"); got != http.StatusSeeOther {
		t.Errorf("%d", got)
	}
	if got := follow("again"); got != http.StatusConflict {
		t.Errorf("from an old version: %d", got)
	}
	if e, err = h.App.Controls.ByCode(h.Operator, "AC-04"); err != nil || e.Value.Title.EN != title {
		t.Errorf("%q, %v", e.Value.Title.EN, err)
	}
	h.Clean("lead", "/controls/AC-04/history")
	if got := h.Get("lead", "/controls/OP-M/library"); got.Code != http.StatusNotFound {
		t.Errorf("a control of its own: %d", got.Code)
	}
	var d struct{ Controls []struct{ Code string } }
	read(t, h, "lead", "/controls/library?proposed=availability", &d)
	if len(d.Controls) != 5 {
		t.Errorf("availability adds %d controls", len(d.Controls))
	}
	h.Clean("lead", "/controls/library?proposed=security")
}

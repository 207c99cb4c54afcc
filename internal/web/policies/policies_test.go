package policies_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/policy"
	"bevis/internal/web/policies"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	policies.Pages{Shell: h.Shell, Store: h.App.Store, Accounts: h.App.Accounts, Policies: h.App.Policies}.Routes()
}

const at = "/policies/POL-access-control"

type shown struct {
	Version int64
	Text    string
	Policy  policy.Policy
	Binding policy.Publication
	May     map[string]bool
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

// press posts a form with the version that the role reads now.
func press(t *testing.T, h *webtest.House, role, path string, form url.Values, want int) string {
	t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("version") && path != "/policies/adopt" {
		var d shown
		read(t, h, "lead", at, &d)
		form.Set("version", strconv.FormatInt(d.Version, 10))
	}
	w := h.Do(role, http.MethodPost, path, "en", form, "text/html")
	if w.Code != want {
		t.Errorf("%s posts %s: %d, want %d", role, path, w.Code, want)
	}
	return w.Body.String()
}

// form is the edit form as the lead reads it.
func form(t *testing.T, h *webtest.House, change map[string]string) url.Values {
	t.Helper()
	var d struct {
		Version                             int64
		Title, Body                         struct{ EN, SV string }
		Values                              map[string]string
		Audience, Owner, Controls, Criteria string
		Months                              string `json:"review_months"`
	}
	read(t, h, "lead", at+"/edit", &d)
	f := url.Values{
		"version": {strconv.FormatInt(d.Version, 10)}, "title.en": {d.Title.EN}, "title.sv": {d.Title.SV}, "body.en": {d.Body.EN}, "body.sv": {d.Body.SV},
		"audience": {d.Audience}, "months": {d.Months}, "owner": {d.Owner}, "controls": {d.Controls}, "criteria": {d.Criteria}, "reason": {"yearly look"},
	}
	for k, v := range d.Values {
		f.Set("value."+k, v)
	}
	for k, v := range change {
		f.Set(k, v)
	}
	return f
}

// The whole way, by buttons: templates, draft, edit, review, approval, publication,
// a second edition beside the first.
func TestJourney(t *testing.T) {
	h := webtest.Full(t, pages)
	if s := h.Get("lead", "/policies").Body.String(); !strings.Contains(s, "Choose templates") {
		t.Error("an empty list does not lead to the templates")
	}
	if s := h.Get("employee", "/policies").Body.String(); strings.Contains(s, "/policies/templates") {
		t.Error("an employee is offered templates")
	}
	h.Clean("lead", "/policies")
	h.Clean("lead", "/policies/templates")
	press(t, h, "lead", "/policies/adopt", url.Values{}, http.StatusUnprocessableEntity)
	press(t, h, "lead", "/policies/adopt", url.Values{"id": {"access-control", "privacy"}, "owner": {h.People["owner"]}}, http.StatusSeeOther)
	h.Clean("lead", at)
	h.Clean("lead", at+"/edit")
	s := h.Get("lead", at).Body.String()
	for _, want := range []string{"<h2>Rules</h2>", "Norrsken Exempel AB", "Send for review", "Binds nobody yet", `href="/controls/AC-01"`, `href="/criteria/CC6.1"`} {
		if !strings.Contains(s, want) {
			t.Errorf("the draft does not show %q", want)
		}
	}
	if strings.Contains(s, "Approve this version") || strings.Contains(s, `action="`+at+`/publish"`) {
		t.Error("a draft can be approved or published")
	}
	edited(t, h)
	reviewed(t, h)
	second(t, h)
}

func edited(t *testing.T, h *webtest.House) {
	t.Helper()
	s := press(t, h, "owner", at+"/preview", form(t, h, map[string]string{"body.en": "## Rules\n\n" + webtest.Hostile + "\n\n**Bold** {{limit}}"}), http.StatusOK)
	if strings.Contains(s, "<script>alert") || !strings.Contains(s, "<strong>Bold</strong>") || !strings.Contains(s, `name="value.limit.en"`) {
		t.Error("the preview is hostile, not rendered, or hides a value to give")
	}
	press(t, h, "lead", at+"/edit", form(t, h, map[string]string{"reason": ""}), http.StatusUnprocessableEntity)
	press(t, h, "lead", at+"/edit", form(t, h, map[string]string{"controls": "AC-99"}), http.StatusUnprocessableEntity)
	press(t, h, "lead", at+"/edit", form(t, h, map[string]string{"months": "often"}), http.StatusUnprocessableEntity)
	press(t, h, "owner", at+"/edit", form(t, h, map[string]string{"value.removal_hours.en": "12", "value.removal_hours.sv": "12"}), http.StatusSeeOther)
	stale := form(t, h, nil)
	stale.Set("version", "1")
	stale.Set("title.en", "Lost")
	press(t, h, "lead", at+"/edit", stale, http.StatusConflict)
	var d shown
	read(t, h, "lead", at, &d)
	if !strings.Contains(d.Text, "within 12 hours") {
		t.Error("the value is not in the text")
	}
	if s := h.Do("lead", http.MethodGet, at+"?text=sv", "en", nil, "text/html").Body.String(); !strings.Contains(s, "inom 12 timmar") || !strings.Contains(s, `lang="sv"`) {
		t.Error("the Swedish text is not shown, or not marked as Swedish")
	}
}

func reviewed(t *testing.T, h *webtest.House) {
	t.Helper()
	press(t, h, "owner", at+"/send", nil, http.StatusSeeOther)
	if s := h.Get("lead", at).Body.String(); strings.Contains(s, "Approve this version") || !strings.Contains(s, "the approval is somebody else") {
		t.Error("an author is offered the approval")
	}
	if s := h.Get("owner", at).Body.String(); strings.Contains(s, "Send back") {
		t.Error("an owner is offered a decision")
	}
	h.Clean("manager", at)
	press(t, h, "lead", at+"/approve", nil, http.StatusForbidden)
	press(t, h, "manager", at+"/return", nil, http.StatusUnprocessableEntity)
	press(t, h, "manager", at+"/approve", url.Values{"version": {"2"}}, http.StatusConflict)
	press(t, h, "manager", at+"/approve", url.Values{"version": {"x"}}, http.StatusUnprocessableEntity)
	press(t, h, "manager", at+"/approve", url.Values{"note": {"read it"}}, http.StatusSeeOther)
	if s := press(t, h, "lead", at+"/publish", url.Values{"from": {"2026-04-19"}}, http.StatusUnprocessableEntity); !strings.Contains(s, "lies before today") {
		t.Error("a back-dated publication is refused without a word")
	}
	for _, role := range []string{"employee", "auditor"} {
		if w := h.Get(role, at); w.Code != http.StatusNotFound {
			t.Errorf("%s reads what is not in force: %d", role, w.Code)
		}
	}
	press(t, h, "lead", at+"/publish", url.Values{"from": {"2026-04-20"}}, http.StatusSeeOther)
	for _, role := range []string{"employee", "auditor", "lead", "owner", "manager", "advisor", "administrator"} {
		h.Clean(role, at)
		h.Clean(role, "/policies")
		var d shown
		read(t, h, role, at, &d)
		if d.Binding.Edition != 1 || !strings.Contains(d.Text, "It applies from 2026-04-20") {
			t.Errorf("%s reads edition %d", role, d.Binding.Edition)
		}
	}
	if w := h.Get("other", at); w.Code != http.StatusNotFound {
		t.Errorf("the auditor of an earlier window reads it: %d", w.Code)
	}
}

func second(t *testing.T, h *webtest.House) {
	t.Helper()
	press(t, h, "lead", at+"/edit", form(t, h, map[string]string{"body.en": "## Rules\n\n1. Only this rule is left."}), http.StatusSeeOther)
	s := h.Get("lead", at).Body.String()
	if !strings.Contains(s, "Edition 2 does not bind anybody yet. In force is edition 1") {
		t.Error("the draft does not say what is in force")
	}
	for _, role := range []string{"employee", "auditor"} {
		if s := h.Get(role, at).Body.String(); strings.Contains(s, "Only this rule is left") || !strings.Contains(s, "It applies from 2026-04-20") {
			t.Errorf("%s reads the draft", role)
		}
	}
	h.Clean("lead", at+"/history")
	s = h.Get("lead", at+"/history").Body.String()
	for _, want := range []string{"<ins>1. Only this rule is left.</ins>", "yearly look", "adopted from a template"} {
		if !strings.Contains(s, want) {
			t.Errorf("the history does not show %q", want)
		}
	}
	var d struct {
		Versions []struct{ Version int64 }
		Changes  []struct{ Before, After string }
	}
	read(t, h, "lead", at+"/history?from=1&to=2", &d)
	if len(d.Changes) != 1 || !strings.Contains(d.Changes[0].Before, "24") || !strings.Contains(d.Changes[0].After, "12") {
		t.Errorf("between versions 1 and 2: %+v", d.Changes)
	}
	read(t, h, "auditor", at+"/history", &d)
	if len(d.Versions) != 1 {
		t.Errorf("the auditor sees %d versions", len(d.Versions))
	}
	h.Clean("auditor", at+"/history")
	for _, path := range []string{at + "?version=1", at + "/history?from=1&to=2"} {
		if w := h.Get("auditor", path); w.Code != http.StatusNotFound {
			t.Errorf("the auditor reads a draft at %s: %d", path, w.Code)
		}
	}
	h.Clean("lead", at+"?version=1")
	if s := h.Get("lead", at+"?version=5").Body.String(); !strings.Contains(s, "Then: In force") || strings.Contains(s, "In force today") {
		t.Error("an earlier version is shown as what binds today")
	}
	for _, path := range []string{"/policies", at} {
		if s := h.Get("auditor", path).Body.String(); strings.Contains(s, "In force today") || !strings.Contains(s, "In force in your window") {
			t.Errorf("the auditor is told of today at %s", path)
		}
	}
	press(t, h, "lead", at+"/retire", url.Values{"to": {"2026-04-20"}}, http.StatusUnprocessableEntity)
	press(t, h, "lead", at+"/retire", url.Values{"to": {"2026-04-20"}, "reason": {"merged into another"}}, http.StatusSeeOther)
	h.Clean("lead", at)
	h.Clean("lead", "/policies")
}

// Every route as every role that has no business there.
func TestRoles(t *testing.T) {
	h := webtest.Full(t, pages)
	press(t, h, "lead", "/policies/adopt", url.Values{"id": {"access-control"}}, http.StatusSeeOther)
	for _, x := range []struct {
		method, path string
		refused      []string
	}{
		{http.MethodGet, "/policies/templates", []string{"owner", "employee", "manager", "auditor", "administrator"}},
		{http.MethodPost, "/policies/adopt", []string{"owner", "employee", "manager", "auditor", "administrator"}},
		{http.MethodGet, at + "/edit", []string{"owner", "employee", "manager", "auditor", "administrator"}}, // nobody owns it
		{http.MethodPost, at + "/edit", []string{"owner", "employee", "manager", "auditor", "administrator"}},
		{http.MethodPost, at + "/preview", []string{"owner", "employee", "manager", "auditor", "administrator"}},
		{http.MethodPost, at + "/send", []string{"owner", "employee", "manager", "auditor", "administrator"}},
		{http.MethodPost, at + "/approve", []string{"owner", "employee", "advisor", "auditor", "administrator"}},
		{http.MethodPost, at + "/return", []string{"owner", "employee", "advisor", "auditor", "administrator"}},
		{http.MethodPost, at + "/publish", []string{"owner", "employee", "advisor", "auditor", "administrator"}},
		{http.MethodPost, at + "/retire", []string{"owner", "employee", "advisor", "auditor", "administrator"}},
	} {
		for _, role := range x.refused {
			var f url.Values
			if x.method == http.MethodPost {
				f = url.Values{"id": {"privacy"}, "version": {"1"}, "note": {"no"}, "from": {"2026-05-01"}, "reason": {"x"}}
			}
			if w := h.Do(role, x.method, x.path, "en", f, "text/html"); w.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s: %d", x.method, x.path, role, w.Code)
			}
		}
		if w := h.Do("", x.method, x.path, "en", nil, "application/json"); w.Code != http.StatusUnauthorized {
			t.Errorf("%s %s as nobody: %d", x.method, x.path, w.Code)
		}
	}
	var d shown
	read(t, h, "lead", at, &d)
	if d.Version != 1 {
		t.Errorf("a refused request left version %d", d.Version)
	}
}

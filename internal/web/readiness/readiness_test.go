package readiness_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/readiness"
	pages "bevis/internal/web/readiness"
	"bevis/internal/web/webtest"
)

func register(h *webtest.House) {
	pages.Pages{Shell: h.Shell, Store: h.App.Store, Accounts: h.App.Accounts, Windows: h.App.Windows, Reviews: h.App.Reviews}.Routes()
}

type answer struct {
	readiness.Report
	Reviews []struct {
		Code, Note, By string
		Score, Gaps    int
	}
}

func read(t *testing.T, h *webtest.House, role string) answer {
	t.Helper()
	w := h.JSON(role, "/readiness?window="+h.Window.Value.Code)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%s: %d %s", role, w.Code, w.Body)
	}
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

var roles = map[string]int{
	"lead": http.StatusOK, "owner": http.StatusOK, "manager": http.StatusOK, "advisor": http.StatusOK,
	"employee": http.StatusForbidden, "administrator": http.StatusForbidden, "auditor": http.StatusForbidden, "other": http.StatusForbidden, "": http.StatusSeeOther,
}

// The assessment stays inside the company: every address refuses an auditor, and the
// auditor's navigation does not name it (domain 0a rule 12).
func TestWhoReads(t *testing.T) {
	h := webtest.Full(t, register)
	for role, want := range roles {
		for _, path := range []string{"/readiness", "/readiness/criteria/CC7.2", "/readiness/export?kind=json", "/readiness/feasibility"} {
			if w := h.Get(role, path); w.Code != want {
				t.Errorf("%q reads %s: %d, want %d", role, path, w.Code, want)
			} else if role == "auditor" && strings.Contains(w.Body.String(), `href="/readiness"`) {
				t.Error("the auditor's navigation leads to readiness")
			}
		}
	}
	for role, want := range map[string]int{"lead": 303, "manager": 303, "owner": 403, "advisor": 403, "employee": 403, "auditor": 403, "administrator": 403} {
		w := h.Do(role, http.MethodPost, "/readiness/reviews", "en", url.Values{"window": {h.Window.Value.Code}}, "text/html")
		if w.Code != want {
			t.Errorf("%s keeps a review: %d, want %d", role, w.Code, want)
		}
	}
	for _, path := range []string{"/readiness", "/readiness/criteria/CC7.2", "/readiness/criteria/A1.3", "/readiness/feasibility", "/readiness/feasibility?type=1", "/readiness/feasibility?type=1&at=60", "/readiness?step=20", "/readiness?stage=evidenced", "/readiness?q=nothing-like-it"} {
		h.Clean("lead", path)
	}
	for path, want := range map[string]int{"/readiness/criteria/P1.1": 404, "/readiness?window=W-999999": 404, "/readiness/export?kind=exe": 422, "/readiness/feasibility?from=soon": 422, "/readiness/feasibility?to=2020-01-01": 422} {
		if w := h.Get("lead", path); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestReadiness(t *testing.T) {
	h := webtest.Full(t, register)
	a := read(t, h, "lead")
	tenths := 0
	for _, p := range a.Parts {
		got := p.Of * 10 * p.Sum / (1000 * p.Criteria)
		if int(p.Points*10+.5) != got || p.Criteria != len(a.Criteria) || p.How == "" {
			t.Errorf("%+v", p)
		}
		tenths += got
	}
	if a.Score != tenths/10 || len(a.Parts) != 6 {
		t.Errorf("score %d, parts add up to %d tenths", a.Score, tenths)
	}
	kinds := map[string]bool{}
	for _, s := range a.Steps {
		kinds[s.Control+" "+string(s.Kind)] = true
		if s.Effect != len(s.Moves) || s.Missing == "" || s.Next == "" {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{"OP-M unfilled", "OP-M was_late", "OP-R sent_back", "OP-X was_missed"} {
		if !kinds[want] {
			t.Errorf("%s is not among the steps: %v", want, kinds)
		}
	}
	if a.Gaps != len(a.Steps) {
		t.Errorf("%d gaps, %d steps", a.Gaps, len(a.Steps))
	}
	page := h.Get("lead", "/readiness").Body.String()
	for _, want := range []string{`href="/readiness/criteria/CC7.2?window=`, "Keep this review", "kind=pdf", `href="/controls/OP-M"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Count(page, "btn-primary") != 1 {
		t.Errorf("%d primary buttons", strings.Count(page, "btn-primary"))
	}
	if page := h.Get("owner", "/readiness").Body.String(); strings.Contains(page, "Keep this review") {
		t.Error("an owner is offered to keep a review")
	}
	only := h.Get("lead", "/readiness?stage=none").Body.String()
	if strings.Count(only, "criteria/CC7.2?") > strings.Count(page, "criteria/CC7.2?")-6 {
		t.Error("the filter keeps CC7.2, for which much is missing")
	}
	if sv := h.Do("lead", http.MethodGet, "/readiness", "sv", nil, "text/html").Body.String(); !strings.Contains(sv, "Beredskap") || !strings.Contains(sv, "Nästa steg") {
		t.Error("no Swedish")
	}
}

// A review keeps the figures as they were; the trend shows two of them.
func TestReviewsAreKept(t *testing.T) {
	h := webtest.Full(t, register)
	form := url.Values{"window": {h.Window.Value.Code}, "note": {"before the board " + webtest.Hostile}}
	first := read(t, h, "lead")
	if w := h.Do("lead", http.MethodPost, "/readiness/reviews", "en", form, "text/html"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	h.On("2026-05-04")
	for range 3 {
		h.Add("Job review for March", "2026-03-31", "OP-M")
	}
	second := read(t, h, "advisor") // whose session is younger than the review
	if len(second.Reviews) != 1 || second.Reviews[0].Score != first.Score || second.Reviews[0].Gaps != first.Gaps || second.Reviews[0].By != "Maja Lind" {
		t.Errorf("%+v, the page then showed %d and %d", second.Reviews, first.Score, first.Gaps)
	}
	if strings.Contains(h.Get("advisor", "/readiness").Body.String(), "trend-t") {
		t.Error("one review is shown as a trend")
	}
	if w := h.Do("manager", http.MethodPost, "/readiness/reviews", "sv", form, "text/html"); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	if !strings.Contains(h.Get("advisor", "/readiness").Body.String(), "trend-t") {
		t.Error("two reviews make no trend")
	}
	h.Clean("advisor", "/readiness")
	if w := h.Do("manager", http.MethodPost, "/readiness/reviews", "en", url.Values{"window": {h.Window.Value.Code}, "note": {strings.Repeat("x", 3000)}}, "text/html"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a note without end: %d", w.Code)
	}
}

func TestExports(t *testing.T) {
	h := webtest.Full(t, register)
	for kind, begins := range map[string]string{"pdf": "%PDF-", "xlsx": "PK\x03\x04", "json": "{"} {
		for _, lang := range []string{"en", "sv"} {
			w := h.Do("manager", http.MethodGet, "/readiness/export?kind="+kind, lang, nil, "*/*")
			if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte(begins)) || !strings.Contains(w.Header().Get("Content-Disposition"), "readiness-W-") {
				t.Errorf("%s %s: %d %q %v", lang, kind, w.Code, w.Body.String()[:min(40, w.Body.Len())], w.Header())
			}
		}
	}
}

func TestBeforeTheFirstWindow(t *testing.T) {
	h := webtest.Empty(t, register)
	for role, opens := range map[string]bool{"lead": true, "owner": false} {
		if page := h.Get(role, "/readiness").Body.String(); strings.Contains(page, `href="/windows/new"`) != opens {
			t.Errorf("%s: opening a window is offered: %v", role, !opens)
		}
		h.Clean(role, "/readiness")
	}
	if w := h.Get("lead", "/readiness/export?kind=pdf"); w.Code != http.StatusNotFound {
		t.Errorf("%d", w.Code)
	}
}

// Another window is computed and compared, and nothing is stored by asking.
func TestFeasibility(t *testing.T) {
	h := webtest.Full(t, register)
	before, _, err := h.App.Store.Head(h.Operator)
	if err != nil {
		t.Fatal(err)
	}
	var as, other readiness.FeasibilityReport
	for path, to := range map[string]*readiness.FeasibilityReport{"": &as, "?from=2026-03-01&to=2026-05-31&asked=1&categories=security&type=2": &other} {
		w := h.JSON("owner", "/readiness/feasibility"+path)
		if w.Code != http.StatusOK || json.Unmarshal(w.Body.Bytes(), to) != nil || strings.Contains(w.Body.String(), "null") {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if len(as.Changes) != 0 || as.FirstDay != "2026-01-01" || as.Limits[readiness.Lost] == 0 || len(as.Deadlines) == 0 || as.Deadlines[0].Day != "2026-03-31" {
		t.Errorf("%+v", as.Limits)
	}
	leaves := map[string]bool{}
	for _, d := range other.Changes {
		leaves[d.Control] = d.Leaves
	}
	if other.FirstDay != "2026-03-01" || other.LastDay != "2026-05-31" || !leaves["OP-W"] || leaves["OP-Q"] || other.Criteria >= as.Criteria {
		t.Errorf("%+v", other.Changes)
	}
	page := h.Get("lead", "/readiness/feasibility?type=1").Body.String()
	if !strings.Contains(page, "Type 1, as of 2026-06-30") || !strings.Contains(page, "Differences to") {
		t.Error("no Type 1, or no differences")
	}
	if after, _, err := h.App.Store.Head(h.Operator); err != nil || after > before+4 { // passwords for the readers' sessions
		t.Errorf("the ledger grew from %d to %d", before, after)
	}
}

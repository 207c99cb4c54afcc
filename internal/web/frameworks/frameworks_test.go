package frameworks_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bevis/internal/web/frameworks"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	frameworks.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Windows: h.App.Windows, Readiness: h.Readiness, Coverage: h.App.Coverage}.Routes()
}

type matrix struct {
	Total    int
	Criteria []struct {
		ID, State string
		Controls  []string
		Months    []struct{ Cover string }
		Overdue   int
	}
}

func read(t *testing.T, h *webtest.House, role, path string) matrix {
	t.Helper()
	w := h.JSON(role, path)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "null") {
		t.Fatalf("%s %s: %d %s", role, path, w.Code, w.Body)
	}
	var m matrix
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestCriteria(t *testing.T) {
	h := webtest.Full(t, pages)
	all := read(t, h, "lead", "/criteria")
	if all.Total != 36 || len(all.Criteria) != 36 || len(all.Criteria[0].Months) != 6 {
		t.Fatalf("%d of %d criteria, %+v", len(all.Criteria), all.Total, all.Criteria[0])
	}
	states := map[string]int{}
	for _, c := range all.Criteria {
		states[c.State]++
	}
	for state, n := range states {
		if got := read(t, h, "lead", "/criteria?state="+state); len(got.Criteria) != n {
			t.Errorf("%s: %d, want %d", state, len(got.Criteria), n)
		}
	}
	for path, want := range map[string]int{
		"/criteria?group=availability": 3, "/criteria?group=CC6": 8, "/criteria?q=cc6.1": 1, "/criteria?q=OP-W": 1, "/criteria?group=A1&q=cc6": 0, "/criteria?q=%3Cscript%3E": 0,
	} {
		if got := read(t, h, "lead", path); len(got.Criteria) != want {
			t.Errorf("%s: %d criteria, want %d", path, len(got.Criteria), want)
		}
		h.Clean("lead", path)
	}
	// No readiness words for the auditor, in any form, and no way to ask for them.
	auditor := h.JSON("auditor", "/criteria?state=failing").Body.String()
	if strings.Contains(auditor, `"state"`) || len(read(t, h, "auditor", "/criteria?state=failing").Criteria) != 36 {
		t.Error("the auditor is told states")
	}
	for _, path := range []string{"/criteria", "/criteria/A1.3"} {
		page := h.Get("auditor", path).Body.String()
		for _, word := range []string{">Failing<", ">Ready<", ">Needs attention<", "ready<"} {
			if strings.Contains(page, word) {
				t.Errorf("%s: the auditor reads %s", path, word)
			}
		}
	}
	one := "/criteria/A1.3"
	if page := h.Get("employee", one).Body.String(); strings.Contains(page, "/evidence/E-") || !strings.Contains(page, "OP-R") {
		t.Error("an employee sees evidence, or no controls")
	}
	if page := h.Get("lead", one).Body.String(); !strings.Contains(page, "/evidence/E-") || !strings.Contains(page, "A1.3-F01") {
		t.Error("evidence or points of focus are missing")
	}
	for _, tc := range []struct {
		role, path string
		want       int
	}{
		{"lead", one, 200},
		{"owner", one, 200},
		{"employee", one, 200},
		{"auditor", one, 200},
		{"other", one + "?window=" + h.Window.Value.Code, 404},
		{"other", one, 200},
		{"", one, 303},
		{"", "/criteria", 303},
		{"lead", "/criteria/P1.1", 404},
		{"lead", "/criteria/%3Cscript%3E", 404},
		{"lead", "/criteria?window=W-0", 404},
	} {
		if w := h.Get(tc.role, tc.path); w.Code != tc.want {
			t.Errorf("%q reads %s: %d, want %d", tc.role, tc.path, w.Code, tc.want)
		}
	}
	for _, role := range []string{"lead", "employee", "auditor", "other"} {
		h.Clean(role, "/criteria")
		h.Clean(role, one)
		h.Clean(role, "/criteria/CC1.1")
	}
}

func TestNoWindow(t *testing.T) {
	h := webtest.Empty(t, pages)
	h.Clean("lead", "/criteria")
	if w := h.Get("lead", "/criteria/CC1.1"); w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), "‹") {
		t.Errorf("%d", w.Code)
	}
	if read(t, h, "lead", "/criteria").Total != 0 {
		t.Error("criteria are in scope of nothing")
	}
}

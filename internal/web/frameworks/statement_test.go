package frameworks_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/coverage"
	"bevis/internal/register"
	"bevis/internal/web/webtest"
)

const soa = "/frameworks/iso27001-2022/statement"

type statement struct {
	Total, Undecided int
	Lines            []struct {
		Ref, Reason, Status, Owner string
		Decided                    bool
		Applicable                 *bool
		Controls                   []string
		Version                    int64
	}
}

func post(h *webtest.House, role, ref string, f url.Values) (int, string) {
	w := h.Do(role, http.MethodPost, soa+"/"+ref, "en", f, "text/html")
	return w.Code, w.Body.String()
}

func form(version, applicable, reason, status, owner string) url.Values {
	return url.Values{"version": {version}, "applicable": {applicable}, "reason": {reason}, "status": {status}, "owner": {owner}}
}

// All 93 controls of Annex A are in it, none is decided by itself, and a control
// that does not apply needs a reason.
func TestStatement(t *testing.T) {
	h := webtest.Full(t, pages)
	s := get[statement](t, h, "lead", soa)
	if s.Total != 93 || s.Undecided != 93 || len(s.Lines) != 93 || s.Lines[0].Ref != "A.5.1" || s.Lines[92].Ref != "A.8.34" {
		t.Fatalf("%d of %d undecided", s.Undecided, s.Total)
	}
	for _, l := range s.Lines {
		if l.Decided || l.Status != "" || l.Applicable != nil || l.Controls == nil {
			t.Fatalf("%+v", l)
		}
	}
	h.Clean("lead", soa)
	h.Clean("lead", soa+"/A.7.4")
	owner := h.People["owner"]
	for name, tc := range map[string]struct {
		ref  string
		form url.Values
		want int
		says string
	}{
		"nothing chosen":          {"A.7.4", form("0", "", "x", "planned", ""), 422, "Choose whether"},
		"no reason":               {"A.7.4", form("0", "no", "  ", "", ""), 422, "needs the reason"},
		"applicable and not":      {"A.7.4", form("0", "yes", "", "not_applicable", ""), 422, "does not fit"},
		"unknown status":          {"A.7.4", form("0", "yes", "", "done", ""), 422, "is not a status"},
		"owner is an auditor":     {"A.7.4", form("0", "yes", "", "planned", h.People["auditor"]), 422, "own nothing"},
		"owner is an advisor":     {"A.7.4", form("0", "yes", "", "planned", h.People["advisor"]), 422, "own nothing"},
		"owner is nobody known":   {"A.7.4", form("0", "yes", "", "planned", "usr_nobody"), 404, ""},
		"a clause":                {"8.1", form("0", "yes", "", "planned", ""), 404, ""},
		"no such control":         {"A.9.9", form("0", "yes", "", "planned", ""), 404, ""},
		"no version":              {"A.7.4", form("", "yes", "", "planned", ""), 422, ""},
		"a version never written": {"A.7.4", form("7", "yes", "", "planned", ""), 404, ""},
	} {
		if code, page := post(h, "lead", tc.ref, tc.form); code != tc.want || !strings.Contains(page, tc.says) {
			t.Errorf("%s: %d, want %d with %q", name, code, tc.want, tc.says)
		}
	}
	if s := get[statement](t, h, "lead", soa); s.Undecided != 93 {
		t.Fatalf("a refused decision was stored: %d", s.Undecided)
	}
	if code, page := post(h, "lead", "A.7.4", form("0", "no", "No premises: everybody works from home. "+webtest.Hostile, "", "")); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, page)
	}
	if code, _ := post(h, "advisor", "A.5.1", form("0", "yes", "", "implemented", owner)); code != http.StatusSeeOther {
		t.Fatal(code)
	}
	// Somebody who read the page before that does not overwrite it.
	if code, _ := post(h, "lead", "A.5.1", form("0", "no", "late", "", "")); code != http.StatusConflict {
		t.Errorf("overwritten: %d", code)
	}
	if code, _ := post(h, "lead", "A.5.1", form("1", "yes", "", "planned", owner)); code != http.StatusSeeOther {
		t.Error(code)
	}
	if code, _ := post(h, "lead", "A.5.1", form("1", "no", "stale", "", "")); code != http.StatusConflict {
		t.Errorf("a stale version: %d", code)
	}
	for show, want := range map[string]int{"undecided": 91, "applicable": 1, "not_applicable": 1, "": 93, "nonsense": 93} {
		if got := get[statement](t, h, "lead", soa+"?show="+show); len(got.Lines) != want || got.Undecided != 91 {
			t.Errorf("%s: %d lines, want %d", show, len(got.Lines), want)
		}
		h.Clean("lead", soa+"?show="+show)
	}
	if got := get[statement](t, h, "owner", soa+"?show=applicable"); got.Lines[0].Owner != "Erik Holm" || got.Lines[0].Status != "planned" || got.Lines[0].Version != 2 {
		t.Errorf("%+v", got.Lines)
	}
	h.Clean("lead", soa+"/A.7.4")
	h.Clean("lead", soa+"?q=a.7.4")
}

func TestStatementReaders(t *testing.T) {
	h := webtest.Full(t, pages)
	for role, want := range map[string][3]int{ // list, form, decision
		"lead": {200, 200, 303}, "advisor": {200, 200, 303}, "owner": {200, 403, 403}, "manager": {200, 403, 403}, "employee": {200, 403, 403},
		"administrator": {200, 403, 403}, "auditor": {403, 403, 403}, "other": {403, 403, 403}, "": {303, 303, 401},
	} {
		ref := "A.5.2"
		if role == "advisor" {
			ref = "A.5.3"
		}
		if w := h.Get(role, soa); w.Code != want[0] {
			t.Errorf("%q reads: %d", role, w.Code)
		}
		if w := h.Get(role, soa+"/"+ref); w.Code != want[1] {
			t.Errorf("%q opens the form: %d", role, w.Code)
		}
		if code, _ := post(h, role, ref, form("0", "yes", "", "planned", "")); code != want[2] {
			t.Errorf("%q decides: %d", role, code)
		}
		for _, ext := range []string{".xlsx", ".pdf"} {
			if w := h.Get(role, soa+ext); w.Code != want[0] {
				t.Errorf("%q exports %s: %d", role, ext, w.Code)
			}
		}
	}
	if n, err := coverage.Decisions.Count(h.App.Store.Live(h.Operator), register.Query{}); err != nil || n != 2 {
		t.Errorf("%d decisions, %v", n, err)
	}
}

func TestStatementFiles(t *testing.T) {
	h := webtest.Full(t, pages)
	post(h, "lead", "A.7.4", form("0", "no", "No premises", "", ""))
	for _, lang := range []string{"en", "sv"} {
		for ext, magic := range map[string]string{".xlsx": "PK\x03\x04", ".pdf": "%PDF-"} {
			w := h.Do("lead", http.MethodGet, soa+ext, lang, nil, "*/*")
			if w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte(magic)) || !strings.Contains(w.Header().Get("Content-Disposition"), "statement-of-applicability"+ext) {
				t.Errorf("%s %s: %d", lang, ext, w.Code)
			}
		}
	}
}

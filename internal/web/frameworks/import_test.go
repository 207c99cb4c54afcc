package frameworks_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/frameworks"
	"bevis/internal/web/webtest"
)

const rules = "ref,group,title,criteria,relation,rationale\nR.1,Access,Accounts end with the job,CC6.2,superset,Removal is part of it\nR/2,Access,Capacity is looked at,A1.1,intersects,\nR.3,,Nothing reaches this,,,\n"

// send posts a file to the import as a browser does.
func send(t *testing.T, h *webtest.House, role, name, text string, fields url.Values) (status int, page, to string) {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for k, v := range fields {
		if err := m.WriteField(k, v[0]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/frameworks/import", &body)
	r.Header.Set("Content-Type", m.FormDataContentType())
	if role != "" {
		r.AddCookie(&http.Cookie{Name: "bevis", Value: h.Token(role)})
	}
	shell := &web.Shell{Accounts: h.Shell.Accounts, Log: h.Shell.Log, Workspace: h.Shell.Workspace}
	frameworks.Pages{Shell: shell, Accounts: h.App.Accounts, Windows: h.App.Windows, Readiness: h.Readiness, Coverage: h.App.Coverage}.Routes()
	w := httptest.NewRecorder()
	shell.Server().ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

func stored(t *testing.T, h *webtest.House) []register.Entry[framework.Reference] {
	t.Helper()
	all, err := framework.Owned.All(h.App.Store.Live(h.Operator), register.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A framework of the organisation's own is checked, imported whole, shown beside the
// built-in ones, and imported again as a new version.
func TestImportOwn(t *testing.T) {
	h := webtest.Full(t, pages)
	h.Clean("lead", "/frameworks/import")
	named := url.Values{"title": {"Rules of a customer"}, "id": {"customer-rules"}}
	try := url.Values{"title": {"Rules of a customer"}, "id": {"customer-rules"}, "try": {"1"}}
	if code, page, _ := send(t, h, "lead", "rules.csv", rules, try); code != 200 || !strings.Contains(page, "The file is in order: 3 references, 2 mappings") || len(stored(t, h)) != 0 {
		t.Errorf("trial: %d, %d stored", code, len(stored(t, h)))
	}
	bad := strings.Replace(rules, "CC6.2", "CC6.99", 1)
	code, page, _ := send(t, h, "lead", "<script>alert.csv", bad, named)
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, "row 2") || !strings.Contains(page, "criteria") || !strings.Contains(page, "CC6.99") || strings.Contains(page, "<script>alert") {
		t.Errorf("refused: %d", code)
	}
	if len(stored(t, h)) != 0 {
		t.Error("a refused file was stored in part")
	}
	if code, _, to := send(t, h, "lead", "rules.csv", rules, named); code != http.StatusSeeOther || to != "/frameworks/customer-rules" {
		t.Fatalf("import: %d to %s", code, to)
	}
	got := get[list](t, h, "lead", "/frameworks/customer-rules")
	if got.Total != 3 || got.Mapped != 1 || got.Partly != 1 || got.Unmapped != 1 {
		t.Errorf("%+v", got)
	}
	for _, path := range []string{"/frameworks", "/frameworks/customer-rules", "/frameworks/customer-rules/R.1", "/frameworks/customer-rules/R%2F2", "/criteria/CC6.2"} {
		h.Clean("lead", path)
		if !strings.Contains(h.Get("lead", path).Body.String(), "Rules of a customer") {
			t.Errorf("%s does not name it", path)
		}
	}
	if code, page, _ := send(t, h, "advisor", "rules.csv", rules, named); code != 200 || !strings.Contains(page, "holds exactly this already") {
		t.Errorf("the same again: %d", code)
	}
	changed := strings.Replace(rules, "R.3,,Nothing reaches this,,,", "R.3,,Something does,CC1.1,subset,", 1)
	if code, _, _ := send(t, h, "lead", "rules.csv", changed, named); code != http.StatusSeeOther {
		t.Errorf("again: %d", code)
	}
	if all := stored(t, h); len(all) != 1 || all[0].Version != 2 || all[0].Value.Status != framework.Proposed {
		t.Errorf("%+v", all)
	}
	if got := get[list](t, h, "lead", "/frameworks/customer-rules"); got.Unmapped != 0 || got.Partly != 2 {
		t.Errorf("the newer version is not shown: %+v", got)
	}
	// What the organisation imported is no part of an auditor's window.
	for _, path := range []string{"/frameworks/customer-rules", "/frameworks/customer-rules/R.1", "/frameworks/customer-rules/export.csv"} {
		if w := h.Get("auditor", path); w.Code != 404 {
			t.Errorf("the auditor reads %s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/frameworks", "/criteria/CC6.2"} {
		if strings.Contains(h.Get("auditor", path).Body.String(), "Rules of a customer") {
			t.Errorf("the auditor reads of it on %s", path)
		}
	}
}

func TestImportRoles(t *testing.T) {
	h := webtest.Full(t, pages)
	named := url.Values{"title": {"Rules"}, "id": {"rules-1"}}
	for role, want := range map[string]int{"owner": 403, "employee": 403, "manager": 403, "administrator": 403, "auditor": 403, "": 401} {
		if code, _, _ := send(t, h, role, "rules.csv", rules, named); code != want {
			t.Errorf("%q imports: %d, want %d", role, code, want)
		}
		if role != "" {
			if w := h.Get(role, "/frameworks/import"); w.Code != want {
				t.Errorf("%q reads the form: %d, want %d", role, w.Code, want)
			}
		}
	}
	if len(stored(t, h)) != 0 {
		t.Error("somebody imported without the right to")
	}
	if code, _, _ := send(t, h, "lead", "rules.csv", strings.Repeat("x", framework.MaxOwnBytes+2<<20), named); code != http.StatusRequestEntityTooLarge {
		t.Errorf("12 MB: %d", code)
	}
	if code, _, _ := send(t, h, "lead", "rules.csv", strings.Repeat("x", framework.MaxOwnBytes+1), named); code != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MB and a byte: %d", code)
	}
	if w := h.Do("lead", http.MethodPost, "/frameworks/import", "en", url.Values{"id": {"x"}}, "text/html"); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("no file: %d", w.Code)
	}
}

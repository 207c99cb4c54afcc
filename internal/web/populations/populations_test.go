package populations_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bevis/internal/population"
	"bevis/internal/window"
)

// Who may ask for what (P4), and that an auditor of another window meets nothing.
func TestRoutesByRole(t *testing.T) {
	h := full(t)
	half, year, cut := h.codes()
	if half == "" || year == "" || cut == "" {
		t.Fatalf("codes %q %q %q", half, year, cut)
	}
	const in, no, gone = http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	ok := http.StatusOK
	for _, c := range []struct {
		path                                                          string
		form                                                          url.Values
		lead, owner, employee, administrator, auditor, other, signout int
	}{
		{"/populations", nil, ok, ok, no, no, ok, ok, in},
		{"/populations/" + half, nil, ok, ok, no, no, ok, gone, in},
		{"/populations/" + year, nil, ok, ok, no, no, gone, ok, in},
		{"/populations/" + half + "?page=2", nil, ok, ok, no, no, ok, gone, in},
		{"/populations/" + half + ".csv", nil, ok, ok, no, no, ok, gone, in},
		{"/populations/" + half + ".parquet", nil, ok, ok, no, no, ok, gone, in},
		{"/populations/" + half + ".exe", nil, gone, gone, no, no, gone, gone, in},
		{"/populations/" + half + "/raw/1", nil, ok, ok, no, no, ok, gone, in},
		{"/populations/" + half + "/raw/9", nil, gone, gone, no, no, gone, gone, in},
		{"/populations/" + half + "/raw/x", nil, gone, gone, no, no, gone, gone, in},
		{"/populations/" + half + "/freeze", nil, ok, no, no, no, no, gone, in},
		{"/populations/D-9999", nil, gone, gone, no, no, gone, gone, in},
		{"/populations/" + half + "/freeze", url.Values{"until": {"2026-03-31"}}, in, no, no, no, no, gone, http.StatusUnauthorized},
		{"/populations/" + half + "/check/change-reviewed", url.Values{}, in, in, no, no, no, gone, http.StatusUnauthorized},
	} {
		want := map[string]int{"lead": c.lead, "owner": c.owner, "employee": c.employee, "administrator": c.administrator, "auditor": c.auditor, "other": c.other, "": c.signout}
		for role, status := range want {
			w := h.ask(role, c.path, c.form)
			if w.Code != status {
				t.Errorf("%s (form %v) as %q: %d, want %d", c.path, c.form, role, w.Code, status)
			}
			if status != ok && strings.Contains(w.Body.String(), "Change 1 of the cart") {
				t.Errorf("%s as %q: leaks rows with status %d", c.path, role, w.Code)
			}
		}
	}
	// A dataset that is hidden and one that does not exist answer alike.
	hidden, none := h.ask("other", "/populations/"+half, nil), h.ask("other", "/populations/D-9999", nil)
	if a, b := strings.ReplaceAll(hidden.Body.String(), half, "X"), strings.ReplaceAll(none.Body.String(), "D-9999", "X"); a != b {
		t.Error("a hidden dataset answers differently from a missing one")
	}
}

// An auditor's list holds the datasets and runs of their window and no others.
func TestListBySight(t *testing.T) {
	h := full(t)
	half, year, cut := h.codes()
	for role, want := range map[string][]string{"lead": {cut, half, year}, "owner": {cut, half, year}, "auditor": {cut, half}, "other": {year}} {
		var l listing
		h.json(role, "/populations", &l)
		var got, runs []string
		for _, d := range l.Datasets {
			got = append(got, d.Code)
		}
		for _, r := range l.Runs {
			if r.Dataset != "" {
				runs = append(runs, r.Dataset)
			} else if r.Outcome != "failed" || role == "other" {
				t.Errorf("%s: run %+v", role, r)
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		slices.Sort(runs)
		if !slices.Equal(got, want) || !slices.Equal(runs, want) {
			t.Errorf("%s sees datasets %v and runs %v, want %v", role, got, runs, want)
		}
	}
	body := h.ask("lead", "/populations", nil).Body.String()
	for _, want := range []string{"Nothing happened", "Failed", "Not proven complete", "There is nothing at …"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if body := h.ask("other", "/populations", nil).Body.String(); strings.Contains(body, half) || strings.Contains(body, "gone") {
		t.Error("another window's runs are in the list")
	}
}

// Nobody's sight is nothing, and an auditor without a window sees nothing.
func TestSight(t *testing.T) {
	h := full(t)
	if _, err := window.SightOf(t.Context(), h.app.Store); err == nil {
		t.Error("nobody got a sight")
	}
	if (window.Sight{}).Sees("dataset", "dst_x") {
		t.Error("the zero sight sees")
	}
	s, err := window.SightOf(h.op, h.app.Store)
	if err != nil || !s.Sees("dataset", "whatever") {
		t.Errorf("the operator does not see: %v", err)
	}
}

func TestFilterAndEmptyStates(t *testing.T) {
	h := full(t)
	half, _, cut := h.codes()
	var l listing
	h.json("lead", "/populations?complete=false", &l)
	if len(l.Datasets) != 1 || l.Datasets[0].Code != cut {
		t.Errorf("incomplete: %+v", l.Datasets)
	}
	h.json("lead", "/populations?q=CUT-", &l)
	if len(l.Datasets) != 1 || l.Datasets[0].Code != cut {
		t.Errorf("search: %+v", l.Datasets)
	}
	h.json("lead", "/populations?page=99&q="+half, &l)
	if len(l.Datasets) != 1 {
		t.Errorf("a page beyond the end: %+v", l.Datasets)
	}
	body := h.ask("lead", "/populations?q=nothing-like-it", nil).Body.String()
	if !strings.Contains(body, "No dataset matches this filter") || strings.Contains(body, "bevis collect git") {
		t.Error("a filter without matches is not told from an empty list")
	}
	e := empty(t)
	body = e.ask("lead", "/populations", nil).Body.String()
	if !strings.Contains(body, "bevis collect git --repo") || strings.Contains(body, `name="repo"`) {
		t.Error("the empty list does not say how to collect, or offers a path field")
	}
	for _, role := range []string{"lead", "auditor"} {
		for _, lang := range []string{"en", "sv"} {
			sound(t, "empty "+role, e.ask(role, "/populations", nil, "Accept-Language", lang).Body.String())
		}
	}
}

// Every page in both languages is whole and escapes what others wrote.
func TestPagesAreSound(t *testing.T) {
	h := full(t)
	half, year, cut := h.codes()
	h.ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {"2026-03-31"}})
	h.ask("lead", "/populations/"+half+"/check/change-reviewed", url.Values{})
	for _, path := range []string{
		"/populations", "/populations/" + half, "/populations/" + half + "?page=3", "/populations/" + year, "/populations/" + cut,
		"/populations/" + half + "/freeze", "/populations/" + half + "/freeze?until=2027-01-01", "/populations/" + half + "/freeze?until=%3Cb%3E",
		"/populations/%3Cscript%3E",
	} {
		for _, lang := range []string{"en", "sv"} {
			sound(t, path+" "+lang, h.ask("lead", path, nil, "Accept-Language", lang).Body.String())
		}
	}
	body := h.ask("auditor", "/populations/"+half, nil).Body.String()
	for _, want := range []string{"Completeness statement", "What this does not prove", "operator:test", "SHA-256 of the whole listing", "git"} {
		if !strings.Contains(body, want) {
			t.Errorf("the statement lacks %q", want)
		}
	}
	for _, act := range []string{"/freeze", "/check/"} {
		if strings.Contains(body, `action="/populations/`+half+act) || strings.Contains(body, `href="/populations/`+half+act) {
			t.Errorf("an auditor is offered %s", act)
		}
	}
}

type shown struct {
	Dataset population.Record
	Freezes []struct {
		Until, SHA256 string
		Items         int
	}
	Results  []struct{ Code, Status string }
	Rows     []struct{ Item, Subject, Author string }
	RowsPage struct{ Page, Total int } `json:"rows_page"`
}

// Every row is shown once, over all pages, as the CSV has it.
func TestRowsAndDownloads(t *testing.T) {
	h := full(t)
	half, _, _ := h.codes()
	var items []string
	for _, page := range []string{"1", "2", "3"} {
		var s shown
		h.json("auditor", "/populations/"+half+"?page="+page, &s)
		for _, r := range s.Rows {
			items = append(items, r.Item)
		}
	}
	raw := h.ask("auditor", "/populations/"+half+".csv", nil)
	lines, err := csv.NewReader(raw.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range lines[1:] {
		want = append(want, l[1])
		for _, cell := range l {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}
	if len(items) != 230 || !slices.Equal(items, want) {
		t.Errorf("pages hold %d rows, the CSV %d", len(items), len(want))
	}
	if d := raw.Header().Get("Content-Disposition"); d != "attachment; filename="+half+".csv" {
		t.Errorf("disposition %q", d)
	}
	var s shown
	h.json("lead", "/populations/"+half, &s)
	file := h.ask("lead", "/populations/"+half+".parquet", nil).Body.Bytes()
	d, err := population.Open(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil || d.SHA256() != s.Dataset.SHA256 || d.Len() != 230 {
		t.Errorf("the Parquet file is not the dataset: %v", err)
	}
	for i, kept := range s.Dataset.Raw {
		w := h.ask("auditor", "/populations/"+half+"/raw/"+string(rune('1'+i)), nil)
		if int64(w.Body.Len()) != kept.Size || w.Header().Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("raw %d: %d bytes, %v", i+1, w.Body.Len(), w.Header())
		}
	}
}

// Altered bytes are refused on every way out, never shown.
func TestAlteredFilesAreRefused(t *testing.T) {
	h := full(t)
	half, _, _ := h.codes()
	var s shown
	h.json("lead", "/populations/"+half, &s)
	spoil := func(sum string) {
		t.Helper()
		found := false
		err := filepath.WalkDir(filepath.Join(h.app.Dir, "blobs"), func(path string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.Contains(strings.ReplaceAll(path, string(filepath.Separator), ""), sum[4:]) {
				return err
			}
			found = true
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			raw[len(raw)/2] ^= 1
			if err := os.Chmod(path, 0o600); err != nil {
				return err
			}
			return os.WriteFile(path, raw, 0o600)
		})
		if err != nil || !found {
			t.Fatalf("blob %s: found %v, %v", sum, found, err)
		}
	}
	spoil(s.Dataset.File.SHA256)
	spoil(s.Dataset.Raw[0].SHA256)
	for _, path := range []string{"", ".csv", ".parquet", "/raw/1", "/freeze"} {
		w := h.ask("lead", "/populations/"+half+path, nil)
		if w.Code == http.StatusOK || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%q: altered bytes were handed out: %d", path, w.Code)
		}
	}
}

func TestFreeze(t *testing.T) {
	h := full(t)
	half, _, _ := h.codes()
	body := h.ask("lead", "/populations/"+half+"/freeze?until=2026-03-31", nil).Body.String()
	w := h.ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {"2026-03-31"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/populations/"+half+"#freezes" {
		t.Fatalf("freeze: %d %v", w.Code, w.Header())
	}
	var s shown
	h.json("auditor", "/populations/"+half, &s)
	if len(s.Freezes) != 1 || s.Freezes[0].Until != "2026-03-31" || s.Freezes[0].Items == 0 || s.Freezes[0].Items >= 230 {
		t.Fatalf("freezes %+v", s.Freezes)
	}
	if !strings.Contains(body, s.Freezes[0].SHA256) {
		t.Error("the confirmation did not show the digest that became fixed")
	}
	for _, until := range []string{"2027-01-01", "2024-01-01", "", "tomorrow", hostile} {
		w := h.ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {until}})
		if w.Code != http.StatusUnprocessableEntity {
			t.Errorf("until %q: %d", until, w.Code)
		}
		sound(t, "freeze until "+until, w.Body.String())
	}
	h.json("lead", "/populations/"+half, &s)
	if len(s.Freezes) != 1 {
		t.Errorf("a refused freeze was kept: %+v", s.Freezes)
	}
}

func TestRunCheck(t *testing.T) {
	h := full(t)
	half, _, cut := h.codes()
	w := h.ask("owner", "/populations/"+half+"/check/change-reviewed", url.Values{})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/checks/R-") {
		t.Fatalf("run: %d %q", w.Code, to)
	}
	var s shown
	h.json("auditor", "/populations/"+half, &s)
	if len(s.Results) != 1 || s.Results[0].Status != "fail" {
		t.Errorf("results %+v", s.Results)
	}
	if w := h.ask("lead", "/populations/"+half+"/check/no-such", url.Values{}); w.Code != http.StatusNotFound {
		t.Errorf("unknown check: %d", w.Code)
	}
	h.ask("owner", "/populations/"+cut+"/check/change-has-reference", url.Values{})
	h.json("lead", "/populations/"+cut, &s)
	if len(s.Results) != 1 || s.Results[0].Status == "pass" {
		t.Errorf("an incomplete population passed: %+v", s.Results)
	}
}

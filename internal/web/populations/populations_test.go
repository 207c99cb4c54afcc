package populations_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/collect"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/web/checks"
	"bevis/internal/web/populations"
	"bevis/internal/web/webtest"
	"bevis/internal/window"
)

func pages(h *webtest.House) {
	populations.Pages{Shell: h.Shell, Populations: h.App.Populations, Checks: h.App.Checks}.Routes()
	checks.Pages{Shell: h.Shell, Checks: h.App.Checks}.Routes()
}

type listing struct {
	Datasets []struct {
		Code, Name string
		Items      int
		Complete   bool
	}
	Runs []struct{ Code, Name, Outcome, Dataset string }
}

// These parts only read.
func TestReading(t *testing.T) {
	h := webtest.Collected(t, pages)
	h.Run("list by sight", func(t *testing.T) { listBySight(t, h) })
	h.Run("sight", func(t *testing.T) { sight(t, h) })
	h.Run("filter and empty states", func(t *testing.T) { filterAndEmptyStates(t, h) })
	h.Run("rows and downloads", func(t *testing.T) { rowsAndDownloads(t, h) })
}

// Who may ask for what (P4), and that an auditor of another window meets nothing.
func TestRoutesByRole(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, year, cut := h.Datasets()
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
			w := h.Ask(role, c.path, c.form)
			if w.Status != status {
				t.Errorf("%s (form %v) as %q: %d, want %d", c.path, c.form, role, w.Status, status)
			}
			if status != ok && strings.Contains(w.Body, "Change 1 of the cart") {
				t.Errorf("%s as %q: leaks rows with status %d", c.path, role, w.Status)
			}
		}
	}
	// A dataset that is hidden and one that does not exist answer alike.
	hidden, none := h.Ask("other", "/populations/"+half, nil), h.Ask("other", "/populations/D-9999", nil)
	if a, b := strings.ReplaceAll(hidden.Body, half, "X"), strings.ReplaceAll(none.Body, "D-9999", "X"); a != b {
		t.Error("a hidden dataset answers differently from a missing one")
	}
}

// An auditor's list holds the datasets and runs of their window and no others.
func listBySight(t *testing.T, h *webtest.House) {
	t.Helper()
	half, year, cut := h.Datasets()
	for role, want := range map[string][]string{"lead": {cut, half, year}, "owner": {cut, half, year}, "auditor": {cut, half}, "other": {year}} {
		var l listing
		h.Read(role, "/populations", &l)
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
	body := h.Ask("lead", "/populations", nil).Body
	for _, want := range []string{"Nothing happened", "Failed", "Not proven complete"} {
		if !strings.Contains(body, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if body := h.Ask("other", "/populations", nil).Body; strings.Contains(body, half) || strings.Contains(body, "gone") {
		t.Error("another window's runs are in the list")
	}
}

// A failed run says the whole sentence, in the reader's language; one of before the
// arguments were kept says what it can.
func TestFailedRunSaysWhy(t *testing.T) {
	h := webtest.Collected(t, pages)
	for lang, want := range map[string]string{
		"en": "There is nothing at gone. Check the path of the repository.",
		"sv": "Det finns inget på gone. Kontrollera sökvägen till kodförrådet.",
	} {
		a := h.Ask("auditor", "/populations", nil, "Accept-Language", lang)
		a.Has(t, want)
		a.Lacks(t, h.App.Dir) // where things lie on this machine is nobody's business
		h.Sound(lang, a)
		h.Ask("auditor", "/populations", nil, "Accept-Language", lang, "Accept", "application/json").Has(t, want, `"failure": "collect.repo_missing"`)
	}
	h.Ask("other", "/populations", nil).Lacks(t, "nothing at")
	h.Must(h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		_, err := collect.Runs.Create(tx, collect.Run{
			Code: "C-" + strconv.FormatInt(tx.NextIndex(), 10), Source: "git", Name: "of before", Outcome: collect.Failed, Failure: "collect.repo_missing",
			From: "2026-01-01T00:00:00.000000Z", To: "2026-07-01T00:00:00.000000Z", StartedAt: "2026-07-01T00:00:00.000000Z",
		}, "")
		return err
	}))
	a := h.Page("lead", "/populations", http.StatusOK)
	a.Has(t, "There is nothing at …. Check", "There is nothing at gone.")
}

// Nobody's sight is nothing, and an auditor without a window sees nothing.
func sight(t *testing.T, h *webtest.House) {
	t.Helper()
	if _, err := window.SightOf(t.Context(), h.App.Store); err == nil {
		t.Error("nobody got a sight")
	}
	if (window.Sight{}).Sees("dataset", "dst_x") {
		t.Error("the zero sight sees")
	}
	s, err := window.SightOf(h.Operator, h.App.Store)
	if err != nil || !s.Sees("dataset", "whatever") {
		t.Errorf("the operator does not see: %v", err)
	}
}

func filterAndEmptyStates(t *testing.T, h *webtest.House) {
	t.Helper()
	half, _, cut := h.Datasets()
	var l listing
	h.Read("lead", "/populations?complete=false", &l)
	if len(l.Datasets) != 1 || l.Datasets[0].Code != cut {
		t.Errorf("incomplete: %+v", l.Datasets)
	}
	h.Read("lead", "/populations?q=CUT-", &l)
	if len(l.Datasets) != 1 || l.Datasets[0].Code != cut {
		t.Errorf("search: %+v", l.Datasets)
	}
	h.Read("lead", "/populations?page=99&q="+half, &l)
	if len(l.Datasets) != 1 {
		t.Errorf("a page beyond the end: %+v", l.Datasets)
	}
	body := h.Ask("lead", "/populations?q=nothing-like-it", nil).Body
	if !strings.Contains(body, "No dataset matches this filter") || strings.Contains(body, "bevis collect git") {
		t.Error("a filter without matches is not told from an empty list")
	}
	e := webtest.Uncollected(t, pages)
	body = e.Ask("lead", "/populations", nil).Body
	if !strings.Contains(body, "bevis collect git --repo") || strings.Contains(body, `name="repo"`) {
		t.Error("the empty list does not say how to collect, or offers a path field")
	}
	for _, role := range []string{"lead", "auditor"} {
		for _, lang := range []string{"en", "sv"} {
			e.Sound("empty "+role, e.Ask(role, "/populations", nil, "Accept-Language", lang))
		}
	}
}

// Every page in both languages is whole and escapes what others wrote.
func TestPagesAreSound(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, year, cut := h.Datasets()
	h.Ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {"2026-03-31"}})
	h.Ask("lead", "/populations/"+half+"/check/change-reviewed", url.Values{})
	for _, path := range []string{
		"/populations", "/populations/" + half, "/populations/" + half + "?page=3", "/populations/" + year, "/populations/" + cut,
		"/populations/" + half + "/freeze", "/populations/" + half + "/freeze?until=2027-01-01", "/populations/" + half + "/freeze?until=%3Cb%3E",
		"/populations/%3Cscript%3E",
	} {
		for _, lang := range []string{"en", "sv"} {
			h.Sound(path+" "+lang, h.Ask("lead", path, nil, "Accept-Language", lang))
		}
	}
	body := h.Ask("auditor", "/populations/"+half, nil).Body
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
func rowsAndDownloads(t *testing.T, h *webtest.House) {
	t.Helper()
	half, _, _ := h.Datasets()
	body := h.Page("auditor", "/populations/"+half, http.StatusOK).Body
	if n := strings.Count(body, `aria-label="Copy the commit id"`); n != 100+4 { // the rows of a page; head, root, first and last
		t.Errorf("%d commit ids can be copied as such", n)
	}
	var items []string
	for _, page := range []string{"1", "2", "3"} {
		var s shown
		h.Read("auditor", "/populations/"+half+"?page="+page, &s)
		for _, r := range s.Rows {
			items = append(items, r.Item)
		}
	}
	raw := h.Ask("auditor", "/populations/"+half+".csv", nil)
	lines, err := csv.NewReader(strings.NewReader(raw.Body)).ReadAll()
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
	if d := raw.Header.Get("Content-Disposition"); d != "attachment; filename="+half+".csv" {
		t.Errorf("disposition %q", d)
	}
	var s shown
	h.Read("lead", "/populations/"+half, &s)
	file := h.Ask("lead", "/populations/"+half+".parquet", nil).Body
	d, err := population.Open(t.Context(), strings.NewReader(file), int64(len(file)))
	if err != nil || d.SHA256() != s.Dataset.SHA256 || d.Len() != 230 {
		t.Errorf("the Parquet file is not the dataset: %v", err)
	}
	for i, kept := range s.Dataset.Raw {
		w := h.Ask("auditor", "/populations/"+half+"/raw/"+string(rune('1'+i)), nil)
		if int64(len(w.Body)) != kept.Size || w.Header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(w.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("raw %d: %d bytes, %v", i+1, len(w.Body), w.Header)
		}
	}
}

// Altered bytes are refused on every way out, never shown.
func TestAlteredFilesAreRefused(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, _, _ := h.Datasets()
	var s shown
	h.Read("lead", "/populations/"+half, &s)
	spoil := func(sum string) {
		t.Helper()
		found := false
		err := filepath.WalkDir(filepath.Join(h.App.Dir, "blobs"), func(path string, e os.DirEntry, err error) error {
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
		w := h.Ask("lead", "/populations/"+half+path, nil)
		if w.Status == http.StatusOK || w.Header.Get("Content-Disposition") != "" {
			t.Errorf("%q: altered bytes were handed out: %d", path, w.Status)
		}
	}
}

func TestFreeze(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, _, _ := h.Datasets()
	body := h.Ask("lead", "/populations/"+half+"/freeze?until=2026-03-31", nil).Body
	w := h.Ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {"2026-03-31"}})
	if w.Status != http.StatusSeeOther || w.Header.Get("Location") != "/populations/"+half+"#freezes" {
		t.Fatalf("freeze: %d %v", w.Status, w.Header)
	}
	var s shown
	h.Read("auditor", "/populations/"+half, &s)
	if len(s.Freezes) != 1 || s.Freezes[0].Until != "2026-03-31" || s.Freezes[0].Items == 0 || s.Freezes[0].Items >= 230 {
		t.Fatalf("freezes %+v", s.Freezes)
	}
	if !strings.Contains(body, s.Freezes[0].SHA256) {
		t.Error("the confirmation did not show the digest that became fixed")
	}
	for _, until := range []string{"2027-01-01", "2024-01-01", "", "tomorrow", webtest.Hostile} {
		w := h.Ask("lead", "/populations/"+half+"/freeze", url.Values{"until": {until}})
		if w.Status != http.StatusUnprocessableEntity {
			t.Errorf("until %q: %d", until, w.Status)
		}
		h.Sound("freeze until "+until, w)
	}
	h.Read("lead", "/populations/"+half, &s)
	if len(s.Freezes) != 1 {
		t.Errorf("a refused freeze was kept: %+v", s.Freezes)
	}
}

func TestRunCheck(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, _, cut := h.Datasets()
	w := h.Ask("owner", "/populations/"+half+"/check/change-reviewed", url.Values{})
	if to := w.Header.Get("Location"); w.Status != http.StatusSeeOther || !strings.HasPrefix(to, "/checks/R-") {
		t.Fatalf("run: %d %q", w.Status, to)
	}
	var s shown
	h.Read("auditor", "/populations/"+half, &s)
	if len(s.Results) != 1 || s.Results[0].Status != "fail" {
		t.Errorf("results %+v", s.Results)
	}
	if w := h.Ask("lead", "/populations/"+half+"/check/no-such", url.Values{}); w.Status != http.StatusNotFound {
		t.Errorf("unknown check: %d", w.Status)
	}
	h.Ask("owner", "/populations/"+cut+"/check/change-has-reference", url.Values{})
	h.Read("lead", "/populations/"+cut, &s)
	if len(s.Results) != 1 || s.Results[0].Status == "pass" {
		t.Errorf("an incomplete population passed: %+v", s.Results)
	}
}

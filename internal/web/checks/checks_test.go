package checks_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/check"
	"bevis/internal/web/checks"
	"bevis/internal/web/populations"
	"bevis/internal/web/webtest"
)

func pages(h *webtest.House) {
	populations.Pages{Shell: h.Shell, Populations: h.App.Populations, Checks: h.App.Checks}.Routes()
	checks.Pages{Shell: h.Shell, Checks: h.App.Checks}.Routes()
}

// What these parts run and read they leave to each other as it was.
func TestChecks(t *testing.T) {
	h := webtest.Collected(t, pages)
	h.Run("routes by role", func(t *testing.T) { routesByRole(t, h) })
	h.Run("items agree with counts", func(t *testing.T) { itemsAgreeWithCounts(t, h) })
	h.Run("pages are sound", func(t *testing.T) { pagesAreSound(t, h) })
}

// Who may ask for what (P4), and that an auditor of another window meets nothing.
func routesByRole(t *testing.T, h *webtest.House) {
	t.Helper()
	half, _, _ := h.Datasets()
	code := h.RunCheck(half, "change-reviewed")
	const ok, in, no, gone = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	for _, c := range []struct {
		path                                                          string
		lead, owner, employee, administrator, auditor, other, signout int
	}{
		{"/checks", ok, ok, no, no, ok, ok, in},
		{"/checks/" + code, ok, ok, no, no, ok, gone, in},
		{"/checks/" + code + "?status=deviation", ok, ok, no, no, ok, gone, in},
		{"/checks/" + code + ".json", ok, ok, no, no, ok, gone, in},
		{"/checks/" + code + ".csv", ok, ok, no, no, ok, gone, in},
		{"/checks/" + code + ".exe", gone, gone, no, no, gone, gone, in},
		{"/checks/R-9999", gone, gone, no, no, gone, gone, in},
		{"/checks/catalogue/change-reviewed", ok, ok, no, no, ok, ok, in},
		{"/checks/catalogue/no-such", gone, gone, no, no, gone, gone, in},
	} {
		want := map[string]int{"lead": c.lead, "owner": c.owner, "employee": c.employee, "administrator": c.administrator, "auditor": c.auditor, "other": c.other, "": c.signout}
		for role, status := range want {
			if w := h.Ask(role, c.path, nil); w.Status != status {
				t.Errorf("%s as %q: %d, want %d", c.path, role, w.Status, status)
			}
		}
	}
	if body := h.Ask("other", "/checks", nil).Body; strings.Contains(body, code) || !strings.Contains(body, "Nothing has been tested yet") {
		t.Error("another window's result is in the list")
	}
	act := `action="/populations/`
	if strings.Contains(h.Ask("auditor", "/checks/"+code, nil).Body, act) || !strings.Contains(h.Ask("owner", "/checks/"+code, nil).Body, act) {
		t.Error("to run again is offered to the wrong role")
	}
	hidden, none := h.Ask("other", "/checks/"+code, nil), h.Ask("other", "/checks/R-9999", nil)
	if a, b := strings.ReplaceAll(hidden.Body, code, "X"), strings.ReplaceAll(none.Body, "R-9999", "X"); a != b {
		t.Error("a hidden result answers differently from a missing one")
	}
}

type listed struct {
	Kind    string
	Results []struct {
		Code, Check, Status string
		Controls            []struct{ Code string }
	}
	Catalogue []struct{ ID, SQL string }
}

// The list holds the newest result of each check and dataset, by control.
func TestNewestOfEach(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, _, short := h.Datasets()
	old := h.RunCheck(half, "change-reviewed")
	next := h.RunCheck(half, "change-reviewed")
	cut := h.RunCheck(short, "change-reviewed")
	other := h.RunCheck(half, "change-has-reference")
	var l listed
	h.Read("lead", "/checks", &l)
	var got []string
	for _, r := range l.Results {
		got = append(got, r.Code)
		if len(r.Controls) == 0 {
			t.Errorf("%s bears on no control", r.Code)
		}
		if r.Code == cut && r.Status == "pass" {
			t.Error("an incomplete population passed")
		}
	}
	if want := other + " " + cut + " " + next; strings.Join(got, " ") != want {
		t.Errorf("%v, want %s without %s", got, want, old)
	}
	if l.Kind != "management_monitoring" || len(l.Catalogue) < 2 || !strings.Contains(l.Catalogue[0].SQL, "SELECT") {
		t.Errorf("kind %q, %d checks", l.Kind, len(l.Catalogue))
	}
	if h.Ask("lead", "/checks/"+old, nil).Status != http.StatusOK {
		t.Error("an older result is gone")
	}
}

type shown struct {
	Kind        string
	Explanation string
	Result      struct {
		Passed, Deviations, Excluded int
		NotDeterminable              int `json:"not_determinable"`
		Population                   struct{ Items int }
	}
	Items []struct {
		Item, Repository, Status, Reason string
		ReasonText                       string `json:"reason_text"`
	}
	ItemsPage struct{ Page, Total int } `json:"items_page"`
	Report    struct{ SHA256 string }
}

// Every count has exactly its items behind it, deviations come first, and the CSV
// holds what the filter shows.
func itemsAgreeWithCounts(t *testing.T, h *webtest.House) {
	t.Helper()
	half, _, _ := h.Datasets()
	path := "/checks/" + h.RunCheck(half, "change-reviewed")
	var all shown
	h.Read("auditor", path, &all)
	if all.Result.Population.Items != 230 || all.ItemsPage.Total != 230 || len(all.Items) != 100 || all.Items[0].Status != "deviation" {
		t.Fatalf("%+v, first %+v", all.ItemsPage, all.Items[0])
	}
	sum := 0
	for status, n := range map[string]int{
		"deviation": all.Result.Deviations, "not_determinable": all.Result.NotDeterminable, "excluded": all.Result.Excluded, "pass": all.Result.Passed,
	} {
		sum += n
		seen := map[string]bool{}
		for page := 1; page <= (n+99)/100 || page == 1; page++ {
			var s shown
			h.Read("auditor", path+"?status="+status+"&page="+strconv.Itoa(page), &s)
			for _, it := range s.Items {
				if it.Status != status || len(it.Item) != 40 {
					t.Fatalf("%s: %+v", status, it)
				}
				if status == "deviation" && (it.ReasonText == "" || it.ReasonText == it.Reason) {
					t.Errorf("a deviation without words: %+v", it)
				}
				seen[it.Item] = true
			}
		}
		if len(seen) != n {
			t.Errorf("%s: %d items behind %d", status, len(seen), n)
		}
		lines, err := csv.NewReader(strings.NewReader(h.Ask("lead", path+".csv?status="+status, nil).Body)).ReadAll()
		if err != nil || len(lines) != n+1 {
			t.Errorf("%s: CSV of %d lines, %v", status, len(lines), err)
		}
	}
	if sum != 230 {
		t.Errorf("counts sum to %d", sum)
	}
	var odd shown
	h.Read("lead", path+"?status=%22%3E&page=-4", &odd)
	if odd.ItemsPage.Total != 230 || odd.ItemsPage.Page != 1 {
		t.Errorf("an unknown filter: %+v", odd.ItemsPage)
	}
}

// The JSON is the stored report, byte for byte.
func TestStoredReport(t *testing.T) {
	h := webtest.Collected(t, pages)
	half, _, _ := h.Datasets()
	path := "/checks/" + h.RunCheck(half, "change-reviewed")
	var s shown
	h.Read("lead", path, &s)
	raw := h.Ask("auditor", path+".json", nil)
	sum := sha256.Sum256([]byte(raw.Body))
	var res check.Result
	if err := json.Unmarshal([]byte(raw.Body), &res); err != nil || hex.EncodeToString(sum[:]) != s.Report.SHA256 || len(res.Items) != 230 {
		t.Errorf("the report is not the stored one: %v, %d items", err, len(res.Items))
	}
	// Spoil it: no page, no JSON, no CSV may show altered items.
	spoiled := 0
	err := filepath.WalkDir(filepath.Join(h.App.Dir, "blobs"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.Contains(strings.ReplaceAll(path, string(filepath.Separator), ""), s.Report.SHA256[4:]) {
			return err
		}
		spoiled++
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return err
		}
		return os.WriteFile(path, []byte(strings.Replace(string(raw), `"deviation"`, `"pass"     `, 1)), 0o600)
	})
	if err != nil || spoiled != 1 {
		t.Fatalf("spoiled %d, %v", spoiled, err)
	}
	for _, kind := range []string{"", ".json", ".csv"} {
		if w := h.Ask("lead", path+kind, nil); w.Status != http.StatusServiceUnavailable || w.Header.Get("Content-Disposition") != "" {
			t.Errorf("%q: an altered report was shown: %d", kind, w.Status)
		}
	}
}

// Every page in both languages is whole, escapes what others wrote and says what
// it is not.
func pagesAreSound(t *testing.T, h *webtest.House) {
	t.Helper()
	half, _, short := h.Datasets()
	code, cut := h.RunCheck(half, "change-reviewed"), h.RunCheck(short, "change-has-reference")
	mark := map[string]string{"en": "Management&#39;s monitoring, never an auditor&#39;s test", "sv": "Ledningens egen uppföljning, aldrig en revisors test"}
	for _, path := range []string{
		"/checks", "/checks/" + code, "/checks/" + code + "?status=pass&page=2", "/checks/" + code + "?status=excluded", "/checks/" + cut,
		"/checks/catalogue/change-reviewed", "/checks/catalogue/change-has-reference",
	} {
		for lang, words := range mark {
			a := h.Ask("lead", path, nil, "Accept-Language", lang)
			h.Sound(path+" "+lang, a)
			if !strings.Contains(a.Body, words) {
				t.Errorf("%s in %s does not say that it is monitoring", path, lang)
			}
		}
	}
	sv := h.Ask("lead", "/checks/"+code, nil, "Accept-Language", "sv").Body
	for _, want := range []string{"poster prövade", "bara upphovspersonen är registrerad som granskare", "ingen granskare är registrerad"} {
		if !strings.Contains(sv, want) {
			t.Errorf("the Swedish result lacks %q", want)
		}
	}
	h.Page("lead", "/checks/"+code, http.StatusOK).Has(t, `aria-label="Copy the commit id"`, `aria-label="Copy the SHA-256 fingerprint"`)
	h.Sound("missing", h.Ask("lead", "/checks/%3Cscript%3E", nil))
	e := webtest.Uncollected(t, pages)
	for _, role := range []string{"lead", "auditor"} {
		e.Sound("empty", e.Ask(role, "/checks", nil))
	}
}

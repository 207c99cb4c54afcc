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
)

// Who may ask for what (P4), and that an auditor of another window meets nothing.
func TestRoutesByRole(t *testing.T) {
	h := full(t)
	code := h.test("shop", "change-reviewed")
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
			if w := h.ask(role, c.path, nil); w.Code != status {
				t.Errorf("%s as %q: %d, want %d", c.path, role, w.Code, status)
			}
		}
	}
	if body := h.ask("other", "/checks", nil).Body.String(); strings.Contains(body, code) || !strings.Contains(body, "Nothing has been tested yet") {
		t.Error("another window's result is in the list")
	}
	act := `action="/populations/`
	if strings.Contains(h.ask("auditor", "/checks/"+code, nil).Body.String(), act) || !strings.Contains(h.ask("owner", "/checks/"+code, nil).Body.String(), act) {
		t.Error("to run again is offered to the wrong role")
	}
	hidden, none := h.ask("other", "/checks/"+code, nil), h.ask("other", "/checks/R-9999", nil)
	if a, b := strings.ReplaceAll(hidden.Body.String(), code, "X"), strings.ReplaceAll(none.Body.String(), "R-9999", "X"); a != b {
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
	h := full(t)
	old := h.test("shop", "change-reviewed")
	next := h.test("shop", "change-reviewed")
	cut := h.test("cut-off", "change-reviewed")
	other := h.test("shop", "change-has-reference")
	var l listed
	h.json("lead", "/checks", &l)
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
	if h.ask("lead", "/checks/"+old, nil).Code != http.StatusOK {
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
func TestItemsAgreeWithCounts(t *testing.T) {
	h := full(t)
	path := "/checks/" + h.test("shop", "change-reviewed")
	var all shown
	h.json("auditor", path, &all)
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
			h.json("auditor", path+"?status="+status+"&page="+strconv.Itoa(page), &s)
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
		lines, err := csv.NewReader(h.ask("lead", path+".csv?status="+status, nil).Body).ReadAll()
		if err != nil || len(lines) != n+1 {
			t.Errorf("%s: CSV of %d lines, %v", status, len(lines), err)
		}
	}
	if sum != 230 {
		t.Errorf("counts sum to %d", sum)
	}
	var odd shown
	h.json("lead", path+"?status=%22%3E&page=-4", &odd)
	if odd.ItemsPage.Total != 230 || odd.ItemsPage.Page != 1 {
		t.Errorf("an unknown filter: %+v", odd.ItemsPage)
	}
}

// The JSON is the stored report, byte for byte.
func TestStoredReport(t *testing.T) {
	h := full(t)
	path := "/checks/" + h.test("shop", "change-reviewed")
	var s shown
	h.json("lead", path, &s)
	raw := h.ask("auditor", path+".json", nil)
	sum := sha256.Sum256(raw.Body.Bytes())
	var res check.Result
	if err := json.Unmarshal(raw.Body.Bytes(), &res); err != nil || hex.EncodeToString(sum[:]) != s.Report.SHA256 || len(res.Items) != 230 {
		t.Errorf("the report is not the stored one: %v, %d items", err, len(res.Items))
	}
	// Spoil it: no page, no JSON, no CSV may show altered items.
	spoiled := 0
	err := filepath.WalkDir(filepath.Join(h.app.Dir, "blobs"), func(path string, e os.DirEntry, err error) error {
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
		if w := h.ask("lead", path+kind, nil); w.Code != http.StatusServiceUnavailable || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%q: an altered report was shown: %d", kind, w.Code)
		}
	}
}

// Every page in both languages is whole, escapes what others wrote and says what
// it is not.
func TestPagesAreSound(t *testing.T) {
	h := full(t)
	code, cut := h.test("shop", "change-reviewed"), h.test("cut-off", "change-has-reference")
	mark := map[string]string{"en": "Management&#39;s monitoring, never an auditor&#39;s test", "sv": "Ledningens egen uppföljning, aldrig en revisors test"}
	for _, path := range []string{
		"/checks", "/checks/" + code, "/checks/" + code + "?status=pass&page=2", "/checks/" + code + "?status=excluded", "/checks/" + cut,
		"/checks/catalogue/change-reviewed", "/checks/catalogue/change-has-reference",
	} {
		for lang, words := range mark {
			body := h.ask("lead", path, nil, "Accept-Language", lang).Body.String()
			sound(t, path+" "+lang, body)
			if !strings.Contains(body, words) {
				t.Errorf("%s in %s does not say that it is monitoring", path, lang)
			}
		}
	}
	sv := h.ask("lead", "/checks/"+code, nil, "Accept-Language", "sv").Body.String()
	for _, want := range []string{"poster prövade", "bara upphovspersonen är registrerad som granskare", "ingen granskare är registrerad"} {
		if !strings.Contains(sv, want) {
			t.Errorf("the Swedish result lacks %q", want)
		}
	}
	sound(t, "missing", h.ask("lead", "/checks/%3Cscript%3E", nil).Body.String())
	e := empty(t)
	for _, role := range []string{"lead", "auditor"} {
		sound(t, "empty", e.ask(role, "/checks", nil).Body.String())
	}
}

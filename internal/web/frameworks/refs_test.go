package frameworks_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/web/webtest"
)

type lines struct {
	Window     string
	Day        string
	Frameworks []struct {
		ID                             string
		Refs, Mapped, Partly, Unmapped int
	}
}

type list struct {
	Total, From, Mapped, Partly, Unmapped int
	References                            []struct {
		Ref, State, Mapping string
		Criteria, Controls  []string
		Evidence            *int
	}
}

func get[T any](t *testing.T, h *webtest.House, role, path string) T {
	t.Helper()
	w := h.JSON(role, path)
	var v T
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", role, path, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// Every count on the list of frameworks leads to exactly as many references, on the
// page, in JSON and in the CSV file.
func TestFrameworkCountsLead(t *testing.T) {
	h := webtest.Full(t, pages)
	all := get[lines](t, h, "lead", "/frameworks")
	if len(all.Frameworks) != 5 || all.Window == "" || all.Day != "2026-04-20" {
		t.Fatalf("%+v", all)
	}
	partly := 0
	for _, f := range all.Frameworks {
		if f.Mapped+f.Partly+f.Unmapped != f.Refs || f.Refs == 0 {
			t.Errorf("%+v", f)
		}
		partly += f.Partly
		for state, want := range map[string]int{"mapped": f.Mapped, "partly": f.Partly, "unmapped": f.Unmapped, "": f.Refs, "covered": f.Refs} {
			q := "?state=" + state
			got := get[list](t, h, "lead", "/frameworks/"+f.ID+q)
			if got.Total != want || got.Mapped != f.Mapped || got.Unmapped != f.Unmapped {
				t.Errorf("%s%s: %d references, want %d", f.ID, q, got.Total, want)
			}
			for _, r := range got.References {
				if state != "" && state != "covered" && r.State != state || r.Mapping != "proposed" || r.Controls == nil || r.Criteria == nil || r.Evidence == nil {
					t.Fatalf("%s%s: %+v", f.ID, q, r)
				}
				if (len(r.Controls) == 0) != (r.State == "unmapped") {
					t.Errorf("%s is %s with %v", r.Ref, r.State, r.Controls)
				}
			}
			rows, err := csv.NewReader(h.Get("lead", "/frameworks/"+f.ID+"/export.csv"+q).Body).ReadAll()
			if err != nil || len(rows) != want+1 || rows[0][6] != "mapping" {
				t.Errorf("%s%s: %d rows of CSV, %v", f.ID, q, len(rows)-1, err)
			}
			if want > 0 && rows[1][6] != "proposed" {
				t.Errorf("%v", rows[1])
			}
		}
		h.Clean("lead", "/frameworks/"+f.ID)
		page := h.Get("lead", "/frameworks").Body.String()
		link := fmt.Sprintf(`href="/frameworks/%s?state=partly">%d</a>`, f.ID, f.Partly)
		if !strings.Contains(page, link) {
			t.Errorf("%s: no %s", f.ID, link)
		}
	}
	if partly == 0 {
		t.Error("no reference is partly mapped")
	}
	h.Clean("lead", "/frameworks")
}

// Filter by text: number, title, criterion, control; by group; nothing; hostile.
func TestReferencesFiltered(t *testing.T) {
	h := webtest.Full(t, pages)
	for path, want := range map[string]int{
		"/frameworks/iso27001-2022?q=a.5.34":                     1,
		"/frameworks/iso27001-2022?q=a.5.34&state=unmapped":      0,
		"/frameworks/iso27001-2022?group=clause":                 20,
		"/frameworks/iso27001-2022?group=nowhere":                0,
		"/frameworks/iso27001-2022?q=ledningens+genomg%C3%A5":    1,
		"/frameworks/ccpa?q=cc1.4":                               1,
		"/frameworks/ccpa?q=%3Cscript%3Ealert":                   0,
		"/frameworks/iso27001-2022?page=999&group=technological": 34,
	} {
		if got := get[list](t, h, "lead", path); got.Total != want || want > 0 && len(got.References) == 0 {
			t.Errorf("%s: %d, want %d", path, got.Total, want)
		}
		h.Clean("lead", path)
	}
	one, two := get[list](t, h, "lead", "/frameworks/iso27001-2022"), get[list](t, h, "lead", "/frameworks/iso27001-2022?page=2")
	if len(one.References) != 80 || len(two.References) != 33 || two.From != 81 || two.References[0].Ref == one.References[0].Ref {
		t.Errorf("%d and %d references on two pages", len(one.References), len(two.References))
	}
	byControl := get[list](t, h, "lead", "/frameworks/nist-csf-2.0?q=op-w")
	for _, r := range byControl.References {
		if !strings.Contains(strings.Join(r.Controls, " "), "OP-W") {
			t.Errorf("%s without OP-W", r.Ref)
		}
	}
	if byControl.Total == 0 {
		t.Error("no reference is found by its control")
	}
}

type refAnswer struct {
	State    string
	Controls []string
	Evidence *int
	Newest   string
	Through  []struct {
		Criterion, Relation, Rationale string
		Whole                          bool
		Controls                       []string
	}
	Items []struct{ Code, Status string }
}

// One reference says through which criteria it is reached and why, by which
// controls, and which evidence stands; what was sent back does not.
func TestReference(t *testing.T) {
	h := webtest.Full(t, pages)
	var path string
	for _, r := range get[list](t, h, "lead", "/frameworks/nist-csf-2.0?q=op-r").References {
		path = "/frameworks/nist-csf-2.0/" + r.Ref
		got := get[refAnswer](t, h, "lead", path)
		if got.Evidence == nil || *got.Evidence != len(got.Items) || len(got.Through) == 0 {
			t.Fatalf("%s: %+v", path, got)
		}
		for _, it := range got.Items {
			if it.Status == "returned" || it.Status == "superseded" {
				t.Errorf("%s counts %s, which was %s", path, it.Code, it.Status)
			}
		}
		for _, th := range got.Through {
			if th.Rationale == "" || th.Whole != (th.Relation == "equal" || th.Relation == "superset") {
				t.Errorf("%s: %+v", path, th)
			}
		}
	}
	if path == "" {
		t.Fatal("no reference is reached by OP-R")
	}
	page := h.Get("lead", path).Body.String()
	for _, want := range []string{"(proposed)", `href="/controls/OP-R"`, `href="/criteria/A1.3"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%s: no %s", path, want)
		}
	}
	if sv := h.Do("lead", http.MethodGet, path, "sv", nil, "text/html").Body.String(); !strings.Contains(sv, "(förslag)") {
		t.Errorf("%s: no (förslag)", path)
	}
	gdpr := "/frameworks/gdpr/" + url.PathEscape("Art.32(1)(b)")
	h.Clean("lead", gdpr)
	h.Clean("lead", path)
	h.Clean("lead", "/frameworks/nist-csf-2.0/GV.RM-07")
	// A criterion that the window does not speak of has no page to lead to.
	if page := h.Get("lead", "/frameworks/ccpa/"+url.PathEscape("1798.130(a)(6)")).Body.String(); strings.Contains(page, `/criteria/P8.1"`) {
		t.Error("a link to a criterion outside the window")
	}
}

// Nowhere is anything said to be covered, and an auditor reads the facts alone:
// mapping yes, readiness and what the organisation decided itself no.
func TestFrameworksReaders(t *testing.T) {
	h := webtest.Full(t, pages)
	for _, role := range []string{"lead", "owner", "manager", "advisor", "employee", "administrator", "auditor", "other"} {
		for _, path := range []string{"/frameworks", "/frameworks/iso27001-2022", "/frameworks/iso27001-2022/A.5.34", "/frameworks/nist-csf-2.0/GV.RM-07"} {
			h.Clean(role, path)
			page := h.Get(role, path).Body.String()
			low := strings.ToLower(page)
			for _, word := range []string{">covered", "fully met", ">ready<", ">failing<", ">needs attention<", "compliant", "certified"} {
				if strings.Contains(low, word) {
					t.Errorf("%s reads %q on %s", role, word, path)
				}
			}
			if role != "lead" && role != "advisor" && strings.Contains(page, "/frameworks/import") {
				t.Errorf("%s is offered the import on %s", role, path)
			}
			if (role == "auditor" || role == "other") && strings.Contains(page, "/statement") {
				t.Errorf("%s is offered the statement on %s", role, path)
			}
		}
	}
	for _, role := range []string{"employee", "administrator"} {
		if got := get[list](t, h, role, "/frameworks/iso27001-2022"); got.References[0].Evidence != nil {
			t.Errorf("%s is told a number of items that may not be read", role)
		}
		if head, _, _ := strings.Cut(h.Get(role, "/frameworks/iso27001-2022/export.csv").Body.String(), "\n"); strings.Contains(head, "evidence") {
			t.Errorf("%s exports evidence", role)
		}
	}
	if got := get[list](t, h, "auditor", "/frameworks/iso27001-2022"); got.References[0].Evidence == nil || got.Partly == 0 {
		t.Error("the auditor is not told the facts")
	}
	for _, tc := range []struct {
		role, path string
		want       int
	}{
		{"", "/frameworks", 303},
		{"", "/frameworks/gdpr", 303},
		{"lead", "/frameworks/tsc-2017", 404},
		{"lead", "/frameworks/%3Cscript%3E", 404},
		{"lead", "/frameworks/gdpr/Art.999", 404},
		{"lead", "/frameworks/gdpr?window=W-0", 404},
		{"other", "/frameworks/gdpr?window=" + h.Window.Value.Code, 404},
		{"other", "/frameworks/gdpr/export.csv?window=" + h.Window.Value.Code, 404},
		{"lead", "/frameworks/gdpr/export.csv", 200},
	} {
		if w := h.Get(tc.role, tc.path); w.Code != tc.want {
			t.Errorf("%q reads %s: %d, want %d", tc.role, tc.path, w.Code, tc.want)
		}
	}
}

func TestFrameworksWithoutWindow(t *testing.T) {
	h := webtest.Empty(t, pages)
	all := get[lines](t, h, "lead", "/frameworks")
	if all.Window != "" || len(all.Frameworks) != 5 {
		t.Errorf("%+v", all)
	}
	for _, f := range all.Frameworks {
		if f.Unmapped != f.Refs {
			t.Errorf("without a control: %+v", f)
		}
	}
	if got := get[list](t, h, "lead", "/frameworks/gdpr"); got.References[0].Evidence != nil {
		t.Error("evidence of no window is counted")
	}
	for _, path := range []string{"/frameworks", "/frameworks/gdpr", "/frameworks/gdpr/Art.38"} {
		h.Clean("lead", path)
	}
}

// A criterion's page lists where the crosswalks lead, for every reader of it.
func TestInOtherFrameworks(t *testing.T) {
	h := webtest.Full(t, pages)
	for _, role := range []string{"lead", "employee", "auditor"} {
		page := h.Get(role, "/criteria/CC6.1").Body.String()
		for _, want := range []string{"In other frameworks", `href="/frameworks/iso27001-2022/A.`, `href="/frameworks/nist-csf-2.0/PR.AA-`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: no %s", role, want)
			}
		}
	}
	got := get[struct {
		Others []struct{ Framework, Ref, Rationale, Mapping string } `json:"in_other_frameworks"`
	}](t, h, "lead", "/criteria/CC6.1")
	if len(got.Others) < 10 || got.Others[0].Mapping != "proposed" || got.Others[0].Rationale == "" {
		t.Errorf("%+v", got)
	}
}

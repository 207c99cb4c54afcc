package evidence_test

import (
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	domain "bevis/internal/evidence"
)

// Every route as everybody: who may, who may not, and who is asked to sign in.
func TestEveryRouteForEveryRole(t *testing.T) {
	s := newStage(t, 0)
	in := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30", Title: "<b>Inside</b> & \"first\" window"})
	self := "/evidence/" + in
	everyone := []string{lead, owner, manager, advisor, auditor1, auditor2, employee, admin, nobody}
	status := func(all ...int) map[string]int {
		out := map[string]int{}
		for i, who := range everyone {
			out[who] = all[i]
		}
		return out
	}
	for _, tc := range []struct {
		method, path string
		want         map[string]int
	}{
		{"GET", "/evidence", status(200, 200, 200, 200, 200, 200, 403, 403, 303)},
		{"GET", "/evidence.csv", status(200, 200, 200, 200, 200, 200, 403, 403, 303)},
		{"GET", "/evidence/new", status(200, 200, 403, 200, 403, 403, 403, 403, 303)},
		{"GET", self, status(200, 200, 200, 200, 200, 404, 403, 403, 303)},
		{"GET", self + "/history", status(200, 200, 200, 200, 200, 404, 403, 403, 303)},
		{"GET", self + "/verify", status(303, 303, 303, 303, 303, 404, 403, 403, 303)},
		{"GET", self + "/files/1", status(200, 200, 200, 200, 200, 404, 403, 403, 303)},
		{"GET", self + "/files/2", status(404, 404, 404, 404, 404, 404, 403, 403, 303)},
		{"GET", "/evidence/E-0", status(404, 404, 404, 404, 404, 404, 403, 403, 303)},
		{"POST", self + "/verify", status(200, 200, 200, 200, 200, 404, 403, 403, 401)},
		{"POST", "/evidence", status(422, 422, 403, 422, 403, 403, 403, 403, 401)},
		{"POST", "/evidence/files", status(422, 422, 403, 422, 403, 403, 403, 403, 401)},
		{"POST", self + "/return", status(422, 422, 422, 403, 403, 404, 403, 403, 401)},
		{"POST", self + "/accept", status(303, 422, 422, 403, 403, 404, 403, 403, 401)}, // after the lead there is nothing to decide
	} {
		for _, who := range everyone {
			a := s.ask(who, tc.method, tc.path, strings.NewReader(""), map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "sv"})
			if a.status != tc.want[who] {
				t.Errorf("%s %s as %q: %d, want %d", tc.method, tc.path, who, a.status, tc.want[who])
			}
			s.page(a)
			if a.status != 200 && a.status != 422 && (strings.Contains(a.body, "Inside") || strings.Contains(a.body, "svc-leak")) {
				t.Errorf("%s %s as %q leaks: %s", tc.method, tc.path, who, a.body)
			}
			if strings.Contains(a.body, "<b>Inside") && !strings.HasSuffix(tc.path, ".csv") {
				t.Errorf("%s %s: title is not escaped", tc.method, tc.path)
			}
		}
	}
	e, err := s.Evidence.Get(s.op, in)
	s.must(err)
	if e.Value.Status != domain.Accepted || len(e.Value.Reviews) != 1 || e.Value.Reviews[0].By != s.id(lead) {
		t.Errorf("after all: %s, %+v", e.Value.Status, e.Value.Reviews)
	}
}

// An auditor sees the items of their window and of no other, whatever they ask.
func TestAuditorsSeeTheirWindowAlone(t *testing.T) {
	s := newStage(t, 0)
	first := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30", Title: "Alpha review"})
	second := s.add(owner, domain.Upload{OccurredFrom: "2026-04-20", Title: "Beta review"})
	before := s.add(owner, domain.Upload{OccurredFrom: "2025-12-20", Title: "Gamma review"})
	newer := s.add(owner, domain.Upload{OccurredFrom: "2026-04-21", Title: "Delta review", Supersedes: before}) // brings Gamma with it
	for who, want := range map[string][]string{auditor1: {first}, auditor2: {second, before, newer}, lead: {first, second, before, newer}} {
		var list struct {
			Items []struct {
				Code string `json:"code"`
			} `json:"items"`
			Total  int            `json:"total"`
			Counts map[string]int `json:"counts"`
		}
		a := s.ask(who, "GET", "/evidence", nil, map[string]string{"Accept": "application/json"})
		s.must(json.Unmarshal([]byte(a.body), &list))
		n := 0
		for _, c := range list.Counts {
			n += c
		}
		if len(list.Items) != len(want) || list.Total != len(want) || n != len(want) {
			t.Errorf("%s: %d items, total %d, counts %v, want %d", who, len(list.Items), list.Total, list.Counts, len(want))
		}
		rows, err := csv.NewReader(strings.NewReader(s.get(who, "/evidence.csv").body)).ReadAll()
		s.must(err)
		if len(rows) != len(want)+1 {
			t.Errorf("%s: %d rows exported", who, len(rows)-1)
		}
		for _, path := range []string{"/evidence?q=review", "/evidence?control=AC-04", "/evidence?status=collected", "/evidence?label=captured_late", "/evidence.csv?q=review"} {
			a := s.get(who, path)
			for title, code := range map[string]string{"Alpha": first, "Beta": second, "Gamma": before, "Delta": newer} {
				may := false
				for _, c := range want {
					may = may || c == code
				}
				if !may && (strings.Contains(a.body, title) || strings.Contains(a.body, code+"<")) {
					t.Errorf("%s: %s shows %s", who, path, title)
				}
			}
		}
		for _, code := range []string{first, second, before, newer} {
			may := strings.Contains(strings.Join(want, " "), code)
			for _, path := range []string{"", "/history", "/files/1", "/files/1?view=1"} {
				if a := s.get(who, "/evidence/"+code+path); (a.status == 200) != may {
					t.Errorf("%s: %s%s: %d", who, code, path, a.status)
				}
			}
			if a := s.post(who, "/evidence/"+code+"/verify", nil); (a.status == 200) != may {
				t.Errorf("%s: verify %s: %d", who, code, a.status)
			}
		}
	}
	// What stands for an item outside the window is not named: the second window's
	// item, superseded from the first one's view.
	later := s.add(owner, domain.Upload{OccurredFrom: "2026-04-22", Title: "Epsilon review", Supersedes: first})
	if a := s.get(auditor1, "/evidence/"+first); strings.Contains(a.body, later) || strings.Contains(a.body, "Epsilon") || a.status != 200 {
		t.Errorf("%d, or the successor shows", a.status)
	}
	if a := s.get(auditor2, "/evidence/"+first); a.status != 200 { // now it is in their chain
		t.Errorf("chain: %d", a.status)
	}
	// The set follows the ledger: a new item is there at once.
	s.add(owner, domain.Upload{OccurredFrom: "2026-02-02", Title: "Zeta review"})
	if !strings.Contains(s.get(auditor1, "/evidence").body, "Zeta") {
		t.Error("a new item of the window is not listed")
	}
}

func TestListPagesFiltersAndExports(t *testing.T) {
	s := newStage(t, 0)
	if a := s.get(lead, "/evidence"); !strings.Contains(a.body, "No evidence yet") {
		t.Error("no empty state")
	}
	for range 205 {
		s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"}, sent{name: "same.csv", body: "a,b\n1,2\n"})
	}
	s.add(lead, domain.Upload{OccurredFrom: "2026-03-29", Title: "=cmd|'/c calc'!A0", Controls: []string{"OP-04"}, CapturedAt: "2026-05-03"})
	type list struct {
		Items []struct{ Code, Title string }
		Total int
		Next  string
	}
	read := func(path string) list {
		t.Helper()
		var l list
		a := s.ask(lead, "GET", path, nil, map[string]string{"Accept": "application/json"})
		s.must(json.Unmarshal([]byte(a.body), &l))
		return l
	}
	seen := map[string]bool{}
	pages := 0
	for path := "/evidence"; path != ""; pages++ {
		l := read(path)
		for _, x := range l.Items {
			if seen[x.Code] {
				t.Errorf("%s twice", x.Code)
			}
			seen[x.Code] = true
		}
		path = l.Next
	}
	if len(seen) != 206 || pages != 3 {
		t.Errorf("%d items on %d pages", len(seen), pages)
	}
	third := s.get(lead, read(read("/evidence").Next).Next)
	if !strings.Contains(third.body, "201–206 of 206") {
		t.Error("third page does not say where it is")
	}
	for path, want := range map[string]int{
		"/evidence?q=calc": 1, "/evidence?q=%25": 0, "/evidence?q=%00": 206, "/evidence?q=%ff": 206, "/evidence?status=accepted": 0, "/evidence?status=nonsense": 206,
		"/evidence?control=OP-04": 1, "/evidence?control=XX": 0, "/evidence?whose=mine": 1, "/evidence?whose=review": 205, "/evidence?label=captured_late": 206,
		"/evidence?label=created_after_period": 206, "/evidence?label=retrieved_in_fieldwork": 0, "/evidence?before=-5": 206,
	} {
		if got := read(path); got.Total != want {
			t.Errorf("%s: %d, want %d", path, got.Total, want)
		}
		s.page(s.get(lead, path))
	}
	if a := s.get(lead, "/evidence?q=nothing+like+it"); !strings.Contains(a.body, "No evidence matches") {
		t.Error("no state for an empty filter")
	}
	a := s.get(lead, "/evidence.csv?q=calc")
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	s.must(err)
	if len(rows) != 2 || rows[1][1] != `'=cmd|'/c calc'!A0` {
		t.Errorf("%q", rows)
	}
	if n := strings.Count(s.get(lead, "/evidence.csv").body, "\n"); n != 207 {
		t.Errorf("%d lines exported", n)
	}
}

func TestBothLanguages(t *testing.T) {
	s := newStage(t, 0)
	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"})
	_, err := s.Evidence.Return(s.as(lead), code, "blurred")
	s.must(err)
	again := s.add(owner, domain.Upload{OccurredFrom: "2026-03-31", Supersedes: code, Reason: "sharp"})
	for _, lang := range []string{"en", "sv"} {
		for _, path := range []string{"/evidence", "/evidence?q=none", "/evidence/new", "/evidence/new?control=AC-04&slot=2026-03-31", "/evidence/new?supersedes=" + again, "/evidence/" + code, "/evidence/" + again, "/evidence/" + code + "/history"} {
			a := s.ask(lead, "GET", path, nil, map[string]string{"Accept-Language": lang})
			if a.status != 200 {
				t.Errorf("%s: %d", path, a.status)
			}
			s.page(a)
		}
		a := s.ask(owner, "POST", "/evidence", strings.NewReader(url.Values{"slot": {"x"}}.Encode()), map[string]string{"Accept-Language": lang, "Content-Type": "application/x-www-form-urlencoded"})
		s.page(a)
	}
}

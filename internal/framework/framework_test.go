package framework

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bevis/catalog"
	"bevis/internal/fault"
	"bevis/internal/i18n"
)

func set(t *testing.T) *Set {
	t.Helper()
	s, err := TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// every calls f with each text of the set and what it belongs to.
func every(s *Set, f func(of string, x Text)) {
	f("set", s.Title)
	f("licence", s.Licence)
	for _, e := range s.Categories {
		f("category "+string(e.ID), e.Name)
	}
	for _, e := range s.Series {
		f("series "+e.ID, e.Title)
	}
	for _, e := range s.Components {
		f("component "+e.ID, e.Title)
	}
	for _, e := range s.Principles {
		f("principle "+e.Title.EN, e.Title)
	}
	for _, c := range s.Criteria {
		f(c.ID+" title", c.Title)
		f(c.ID+" paraphrase", c.Paraphrase)
		for _, p := range c.PointsOfFocus {
			f(p.ID, p.Label)
		}
	}
}

// The numbers are those of the 2022 document, series by series, in its order (C1).
func TestCounts(t *testing.T) {
	s := set(t)
	want := []struct {
		series           string
		criteria, points int
	}{
		{"CC1", 5, 28},
		{"CC2", 3, 34},
		{"CC3", 4, 36},
		{"CC4", 2, 11},
		{"CC5", 3, 16},
		{"CC6", 8, 38},
		{"CC7", 5, 36},
		{"CC8", 1, 18},
		{"CC9", 2, 15},
		{"A1", 3, 16},
		{"C1", 2, 5},
		{"PI1", 5, 19},
		{"P1", 1, 7},
		{"P2", 1, 6},
		{"P3", 2, 6},
		{"P4", 3, 6},
		{"P5", 2, 9},
		{"P6", 7, 16},
		{"P7", 1, 2},
		{"P8", 1, 6},
	}
	if len(s.Series) != len(want) {
		t.Fatalf("%d series, want %d", len(s.Series), len(want))
	}
	criteria, points := 0, 0
	for i, w := range want {
		if s.Series[i].ID != w.series {
			t.Errorf("series %d is %s, want %s", i, s.Series[i].ID, w.series)
		}
		nc, np := 0, 0
		for _, c := range s.Criteria {
			if c.Series == w.series {
				nc++
				np += len(c.PointsOfFocus)
			}
		}
		if nc != w.criteria || np != w.points {
			t.Errorf("%s: %d criteria and %d points, want %d and %d", w.series, nc, np, w.criteria, w.points)
		}
		criteria, points = criteria+nc, points+np
	}
	if criteria != 61 || points != 330 || len(s.Criteria) != 61 {
		t.Errorf("%d criteria, %d points of focus, want 61 and 330", criteria, points)
	}
	if got := s.Summary(i18n.English); got.Criteria != 61 || got.PointsOfFocus != 330 || got.ID != "tsc-2017" {
		t.Errorf("summary %+v", got)
	}
}

// The series' sums could hide a point that moved; these pin every single criterion.
func TestPointsPerCriterion(t *testing.T) {
	want := map[string]int{
		"CC1.1": 5, "CC1.2": 4, "CC1.3": 6, "CC1.4": 7, "CC1.5": 6, "CC2.1": 9, "CC2.2": 13, "CC2.3": 12,
		"CC3.1": 16, "CC3.2": 9, "CC3.3": 5, "CC3.4": 6, "CC4.1": 8, "CC4.2": 3, "CC5.1": 6, "CC5.2": 4, "CC5.3": 6,
		"CC6.1": 13, "CC6.2": 3, "CC6.3": 4, "CC6.4": 4, "CC6.5": 1, "CC6.6": 4, "CC6.7": 4, "CC6.8": 5,
		"CC7.1": 5, "CC7.2": 4, "CC7.3": 7, "CC7.4": 14, "CC7.5": 6, "CC8.1": 18, "CC9.1": 2, "CC9.2": 13,
		"A1.1": 3, "A1.2": 11, "A1.3": 2, "C1.1": 3, "C1.2": 2, "PI1.1": 3, "PI1.2": 3, "PI1.3": 5, "PI1.4": 4, "PI1.5": 4,
		"P1.1": 7, "P2.1": 6, "P3.1": 4, "P3.2": 2, "P4.1": 1, "P4.2": 2, "P4.3": 3, "P5.1": 5, "P5.2": 4,
		"P6.1": 4, "P6.2": 1, "P6.3": 1, "P6.4": 3, "P6.5": 2, "P6.6": 2, "P6.7": 3, "P7.1": 2, "P8.1": 6,
	}
	got := map[string]int{}
	for _, c := range set(t).Criteria {
		got[c.ID] = len(c.PointsOfFocus)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// Scope, origin and roles of the points, as counted in the 2022 document.
func TestAttributes(t *testing.T) {
	got := map[string]int{}
	for _, c := range set(t).Criteria {
		for _, p := range c.PointsOfFocus {
			got["scope "+string(p.Scope)]++
			got["origin "+string(p.Origin)]++
			if c.Category == Privacy {
				got["roles "+joined(p.Roles)]++
			} else if len(p.Roles) != 0 {
				t.Errorf("%s has roles outside privacy", p.ID)
			}
		}
	}
	want := map[string]int{
		"scope all": 201, "scope system_level": 7, "scope availability": 17, "scope confidentiality": 12,
		"scope processing_integrity": 18, "scope processing_integrity_goods": 1, "scope privacy": 74,
		"origin coso": 85, "origin tsc": 245,
		"roles processor,controller": 40, "roles controller": 15, "roles processor": 3,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func joined(roles []Role) string {
	var s []string
	for _, r := range roles {
		s = append(s, string(r))
	}
	return strings.Join(s, ",")
}

func TestBothLanguages(t *testing.T) {
	n := 0
	every(set(t), func(of string, x Text) {
		n++
		if strings.TrimSpace(x.EN) == "" || strings.TrimSpace(x.SV) == "" {
			t.Errorf("%s: empty in a language: %+v", of, x)
		}
		if x.EN == x.SV {
			t.Errorf("%s: Swedish is the English text %q", of, x.EN)
		}
		if x.In(i18n.English) != x.EN || x.In(i18n.Swedish) != x.SV {
			t.Errorf("%s: In mixes up the languages", of)
		}
	})
	if want := 2 + 5 + 20 + 5 + 17 + 2*61 + 330; n != want {
		t.Errorf("%d texts, want %d", n, want)
	}
}

// No two points of one criterion may read the same, in either language.
func TestLabelsTellApart(t *testing.T) {
	for _, c := range set(t).Criteria {
		en, sv := map[string]string{}, map[string]string{}
		for _, p := range c.PointsOfFocus {
			if other, twice := en[p.Label.EN]; twice {
				t.Errorf("%s and %s read the same: %q", other, p.ID, p.Label.EN)
			}
			if other, twice := sv[p.Label.SV]; twice {
				t.Errorf("%s and %s read the same: %q", other, p.ID, p.Label.SV)
			}
			en[p.Label.EN], sv[p.Label.SV] = p.ID, p.ID
		}
	}
}

// A report is an opinion, never a certificate, and nobody "passes" (domain rule 1).
var claims = regexp.MustCompile(`(?i)\b(certified|compliant|certificate|passed (soc|the audit)|soc 2[- ]approved)\b|certifiera[dt]|certifikat|\bgodkänd enligt\b`)

// Words that would name the wrong thing in Swedish, or are no Swedish at all.
var notSwedish = regexp.MustCompile(`(?i)\b(compliance|privacy|vendors?|audit|policies|controls?|backup|access|risk management|sekretess\w*|adekvat\w*)\b`)

func TestWords(t *testing.T) {
	every(set(t), func(of string, x Text) {
		for _, s := range []string{x.EN, x.SV} {
			if w := claims.FindString(s); w != "" {
				t.Errorf("%s: %q claims too much: %q", of, w, s)
			}
		}
		if w := notSwedish.FindString(x.SV); w != "" {
			t.Errorf("%s: %q is not our Swedish: %q", of, w, x.SV)
		}
	})
	for _, lang := range i18n.Languages {
		for _, k := range i18n.Keys(lang) {
			if !strings.HasPrefix(k, "framework.") {
				continue
			}
			if s := i18n.In(lang, k, "Name", "", "ID", "", "Set", "", "Known", ""); claims.MatchString(s) {
				t.Errorf("%s: %q", k, s)
			}
		}
	}
	for _, bad := range []string{"We are SOC 2 certified", "compliant with SOC 2", "SOC 2-certifierad", "ett certifikat", "passed SOC 2"} {
		if !claims.MatchString(bad) {
			t.Errorf("the lint lets %q through", bad)
		}
	}
	if claims.MatchString("Regelefterlevnad följs upp; compliance reviews, certification audits") {
		t.Error("the lint refuses harmless words")
	}
}

// Confidentiality and privacy are easily swapped in Swedish; these are the names.
func TestCategoryNames(t *testing.T) {
	s := set(t)
	for c, want := range map[Category]string{
		Security: "Säkerhet", Availability: "Tillgänglighet", Confidentiality: "Konfidentialitet",
		ProcessingIntegrity: "Bearbetningsintegritet", Privacy: "Integritet (personuppgifter)",
	} {
		if got := s.CategoryTitle(c).SV; got != want {
			t.Errorf("%s: %q, want %q", c, got, want)
		}
	}
	if got := s.SeriesTitle("CC8"); got.SV != "Ändringshantering" {
		t.Errorf("CC8: %+v", got)
	}
	if (s.SeriesTitle("CC10") != Text{}) || (s.CategoryTitle("safety") != Text{}) {
		t.Error("unknown names have a title")
	}
}

// Five components, seventeen principles; CC1 to CC5 rest on them one by one.
func TestPrinciples(t *testing.T) {
	s := set(t)
	if len(s.Components) != 5 || len(s.Principles) != 17 {
		t.Fatalf("%d components, %d principles", len(s.Components), len(s.Principles))
	}
	want := []string{
		"CC1.1", "CC1.2", "CC1.3", "CC1.4", "CC1.5", "CC3.1", "CC3.2", "CC3.3", "CC3.4",
		"CC5.1", "CC5.2", "CC5.3", "CC2.1", "CC2.2", "CC2.3", "CC4.1", "CC4.2",
	}
	for i, p := range s.Principles {
		if !slices.Equal(p.Criteria, want[i:i+1]) {
			t.Errorf("principle %d: %v, want %s", p.Number, p.Criteria, want[i])
		}
	}
	for _, c := range s.Criteria {
		n := slices.Index(want, c.ID) + 1
		if c.COSOPrinciple != n {
			t.Errorf("%s rests on %d, want %d", c.ID, c.COSOPrinciple, n)
		}
		if p, ok := s.Principle(c.COSOPrinciple); ok != (n != 0) || ok && p.Number != n {
			t.Errorf("%s: principle %d found: %v", c.ID, n, ok)
		}
	}
	if _, ok := s.Principle(18); ok {
		t.Error("there is an eighteenth principle")
	}
}

// The loader drops nothing and keeps the file's order: the ids are read here a
// second time, with a regular expression.
func TestOrderIsTheFiles(t *testing.T) {
	raw, err := catalog.Criteria.ReadFile("criteria/tsc-2017.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, m := range regexp.MustCompile(`(?m)^ +- (?:id: ([A-Z]+\d\.\d)$|\{id: ([A-Z]+\d\.\d-F\d\d),)`).FindAllSubmatch(raw, -1) {
		want = append(want, string(m[1])+string(m[2]))
	}
	for _, c := range set(t).Criteria {
		got = append(got, c.ID)
		for _, p := range c.PointsOfFocus {
			if !strings.HasPrefix(p.ID, c.ID+"-F") {
				t.Errorf("%s stands under %s", p.ID, c.ID)
			}
			got = append(got, p.ID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("order differs from the file: %d and %d ids", len(got), len(want))
	}
	if len(got) != 61+330 {
		t.Errorf("%d ids", len(got))
	}
}

func TestLookups(t *testing.T) {
	s := set(t)
	for _, c := range s.Criteria {
		if got, err := s.Criterion(c.ID); err != nil || got.ID != c.ID {
			t.Errorf("%s: %s, %v", c.ID, got.ID, err)
		}
		for _, p := range c.PointsOfFocus {
			if got, err := s.PointOfFocus(p.ID); err != nil || got.Label != p.Label {
				t.Errorf("%s: %+v, %v", p.ID, got, err)
			}
		}
	}
	for _, id := range []string{"", "CC6", "CC6.9", "cc6.1", "CC6.1-F03"} {
		if _, err := s.Criterion(id); !fault.Is(err, "framework.criterion_unknown") || fault.KindOf(err) != fault.NotFound {
			t.Errorf("criterion %q: %v", id, err)
		}
	}
	for _, id := range []string{"", "CC6.1", "CC6.1-F00", "CC6.1-F14"} {
		if _, err := s.PointOfFocus(id); !fault.Is(err, "framework.point_unknown") {
			t.Errorf("point %q: %v", id, err)
		}
	}
	again, err := ByID("tsc-2017")
	if err != nil || again != s {
		t.Errorf("ByID is another set, %v", err)
	}
	if _, err := ByID("tsc-2026"); !fault.Is(err, "framework.set_unknown") {
		t.Errorf("unknown set: %v", err)
	}
	if all, err := All(); err != nil || len(all) != 1 || all[0] != s {
		t.Errorf("All: %v, %v", all, err)
	}
}

func TestView(t *testing.T) {
	s := set(t)
	raw, err := json.Marshal(s.View(i18n.Swedish, s.Criteria))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ID, Version, Title string
		Criteria           []map[string]any
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "tsc-2017" || got.Version != s.Version || got.Title != s.Title.SV || len(got.Criteria) != 61 {
		t.Errorf("head: %s %s %q, %d criteria", got.ID, got.Version, got.Title, len(got.Criteria))
	}
	one := func(i int) string {
		b, err := json.Marshal(got.Criteria[i])
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for i, want := range map[int][]string{
		0:  {`"id":"CC1.1"`, `"category":"security"`, `"series":"CC1"`, `"coso_principle":1`, `"title":"Integritet och etik"`, `"origin":"coso"`, `"roles":[]`, `"scope":"all"`, `"id":"CC1.1-F01"`, `"label":"Ledarna föregår med gott etiskt exempel"`, `"paraphrase":"På alla nivåer`},
		17: {`"id":"CC6.1"`, `"coso_principle":null`},
		60: {`"id":"P8.1"`, `"roles":["processor","controller"]`},
	} {
		for _, w := range want {
			if !strings.Contains(one(i), w) {
				t.Errorf("criterion %d lacks %s: %s", i, w, one(i))
			}
		}
	}
	if n := strings.Count(string(raw), "null"); n != 61-17 {
		t.Errorf("%d nulls, want one for each criterion without a principle", n)
	}
	empty, err := json.Marshal(s.View(i18n.English, nil))
	if err != nil || !strings.Contains(string(empty), `"criteria":[]`) {
		t.Errorf("empty view: %s, %v", empty, err)
	}
}

// The sentences name what was typed and the way out, in both languages.
func TestSentences(t *testing.T) {
	s := set(t)
	_, crit := s.Criterion("CC6.99")
	_, point := s.PointOfFocus("CC6.1-F99")
	_, other := ByID("tsc-1999")
	_, cat := ParseCategories("security,secrecy")
	for want, err := range map[string]error{"CC6.99": crit, "CC6.1-F99": point, "tsc-1999": other, "secrecy": cat} {
		for _, lang := range i18n.Languages {
			got := i18n.Fault(i18n.With(t.Context(), lang), err, "")
			if !strings.Contains(got, want) || strings.ContainsAny(got, "‹{<") {
				t.Errorf("%s: %q", lang, got)
			}
		}
	}
	for _, c := range AllCategories() {
		if got := i18n.Fault(t.Context(), cat, ""); !strings.Contains(got, string(c)) {
			t.Errorf("%q does not name %s", got, c)
		}
	}
}

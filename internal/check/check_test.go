package check

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
)

func who(name, email string) population.Review {
	return population.Review{Kind: "gerrit", Raw: name + " <" + email + ">", Name: name, Email: email, Resolved: name != "" || email != ""}
}

func user(name string) population.Review {
	return population.Review{Kind: "gerrit", Raw: name, Username: name}
}

func changeBy(item, name, email string, reviews ...population.Review) population.Change {
	return population.Change{Repository: "shop", Item: item, OccurredAt: 1, AuthorName: name, AuthorEmail: email, Reviews: reviews, ReviewLineCount: int64(len(reviews))}
}

// complete makes a dataset that is proven complete.
func complete(t testing.TB, rows ...population.Change) *population.Dataset {
	t.Helper()
	d, err := population.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	d.Statement = population.Statement{Source: "git", Complete: true}
	return d
}

func TestIndependence(t *testing.T) {
	for name, tc := range map[string]struct {
		author  [2]string
		reviews []population.Review
		want    string // reason; "" is a pass
	}{
		"another person":                  {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Bo Ek", "bo@x")}, ""},
		"nobody":                          {[2]string{"Ada Alm", "ada@x"}, nil, "no_review_recorded"},
		"the author":                      {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Ada Alm", "ada@x")}, "self_review_only"},
		"the author and another":          {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Ada Alm", "ada@x"), who("Bo Ek", "bo@x")}, ""},
		"same name, other address":        {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Ada Alm", "ada@home")}, "self_review_only"},
		"same address, other name":        {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("A. Alm", "ADA@X")}, "self_review_only"},
		"case and blanks":                 {[2]string{"Ada Alm", "ada@x"}, []population.Review{who(" ADA \u00a0 alm ", "other@x")}, "self_review_only"},
		"Unicode case":                    {[2]string{"Åsa Öberg", "a@x"}, []population.Review{who("ÅSA ÖBERG", "b@x")}, "self_review_only"},
		"Unicode parts":                   {[2]string{"Åsa Öberg", "a@x"}, []population.Review{who("A\u030Asa O\u0308berg", "b@x")}, "self_review_only"},
		"invisible sign":                  {[2]string{"Ada Alm", "a@x"}, []population.Review{who("Ada\u200b Alm", "b@x")}, "self_review_only"},
		"sharp s":                         {[2]string{"Max Straße", "a@x"}, []population.Review{who("MAX STRASSE", "b@x")}, "self_review_only"},
		"two authors of one name":         {[2]string{"Bo Ek", "bo1@x"}, []population.Review{who("Bo Ek", "bo2@x")}, "self_review_only"},
		"name only, other":                {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Bo Ek", "")}, ""},
		"name only, same":                 {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("ada alm", "")}, "self_review_only"},
		"address only, other":             {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("", "bo@x")}, ""},
		"address only, same":              {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("", "Ada@x")}, "self_review_only"},
		"user name":                       {[2]string{"Ada Alm", "ada@x"}, []population.Review{user("bo")}, "reviewer_identity_unresolved"},
		"user name and the author":        {[2]string{"Ada Alm", "ada@x"}, []population.Review{who("Ada Alm", "ada@x"), user("bo")}, "reviewer_identity_unresolved"},
		"user name and another":           {[2]string{"Ada Alm", "ada@x"}, []population.Review{user("bo"), who("Cy Dal", "cy@x")}, ""},
		"author without name and address": {[2]string{"", ""}, []population.Review{who("Bo Ek", "bo@x")}, "reviewer_identity_unresolved"},
		"author without address":          {[2]string{"Ada Alm", ""}, []population.Review{who("Bo Ek", "bo@x")}, ""},
		"nothing to compare":              {[2]string{"", "ada@x"}, []population.Review{who("Bo Ek", "")}, "reviewer_identity_unresolved"},
	} {
		t.Run(name, func(t *testing.T) {
			d := complete(t, changeBy("a", tc.author[0], tc.author[1], tc.reviews...))
			res := runOK(t, find(t, "change-reviewed"), d, Options{AllItems: true, TraceInMessage: true})
			status := ItemDeviation
			switch tc.want {
			case "":
				status = ItemPass
			case "reviewer_identity_unresolved":
				status = ItemNotDeterminable
			}
			if len(res.Items) != 1 || res.Items[0].Reason != tc.want || res.Items[0].Status != status {
				t.Errorf("%+v", res.Items)
			}
		})
	}
}

// The order of statuses, as every answer of the product follows it.
func TestDecide(t *testing.T) {
	everything := Findings{Failed: true, Stale: true, NotApplicable: true, NotRecorded: true, Items: 9, Deviations: 1, NotDeterminable: 1, Excluded: 9}
	steps := []struct {
		name string
		want Status
		edit func(*Findings)
	}{
		{"all at once", StatusError, func(*Findings) {}},
		{"ran", StatusStale, func(f *Findings) { f.Failed = false }},
		{"fresh", StatusNotApplicable, func(f *Findings) { f.Stale = false }},
		{"empty and complete", StatusNoOccurrence, func(f *Findings) { f.Items, f.Complete = 0, true }},
		{"empty", StatusNotApplicable, func(f *Findings) { f.Complete = false }},
		{"empty, in scope", StatusNotDeterminable, func(f *Findings) { f.NotApplicable = false }},
		{"not recorded", StatusNotDeterminable, func(f *Findings) { f.Items = 9 }},
		{"recorded", StatusFail, func(f *Findings) { f.NotRecorded = false }},
		{"undetermined", StatusNotDeterminable, func(f *Findings) { f.Deviations = 0 }},
		{"not complete", StatusNotDeterminable, func(f *Findings) { f.NotDeterminable = 0 }},
		{"all excluded", StatusExcluded, func(f *Findings) { f.Complete = true }},
		{"in order", StatusPass, func(f *Findings) { f.Excluded = 8 }},
	}
	f := everything
	for _, s := range steps {
		s.edit(&f)
		if got := Decide(f); got != s.want {
			t.Errorf("%s: %s, want %s", s.name, got, s.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.Bool()
		n := rapid.IntRange(0, 3)
		f := Findings{b.Draw(t, "f"), b.Draw(t, "s"), b.Draw(t, "na"), n.Draw(t, "i"), b.Draw(t, "c"), b.Draw(t, "nr"), n.Draw(t, "d"), n.Draw(t, "u"), n.Draw(t, "e")}
		if Decide(f) == StatusPass && (f.Failed || f.Stale || f.Items == 0 || !f.Complete || f.NotRecorded || f.Deviations+f.NotDeterminable > 0) {
			t.Fatalf("a false pass: %+v", f)
		}
	})
}

func TestEmptyAndIncomplete(t *testing.T) {
	c := find(t, "change-reviewed")
	if got := runOK(t, c, complete(t), Options{}); got.Status != StatusNoOccurrence || mustJSON(t, got.Items) != "[]" {
		t.Errorf("%+v", got)
	}
	empty := complete(t)
	empty.Statement = population.Statement{}
	if got := runOK(t, c, empty, Options{}); got.Status != StatusNotDeterminable {
		t.Errorf("%+v", got)
	}
	cut := complete(t, changeBy("a", "Ada Alm", "ada@x", who("Bo Ek", "bo@x")))
	cut.Statement.Doubt(population.ReasonHistoryTruncated)
	got := runOK(t, c, cut, Options{})
	if got.Status != StatusNotDeterminable || got.Passed != 1 || !strings.Contains(got.Explanation, "shallow") || got.Population.Complete {
		t.Errorf("%+v", got)
	}
	for o, want := range map[*Options]Status{{NotApplicable: true}: StatusNotApplicable, {Stale: true}: StatusStale} {
		if got := runOK(t, c, complete(t, changeBy("a", "Ada Alm", "ada@x")), *o); got.Status != want {
			t.Errorf("%+v", got)
		}
	}
}

// Fewer than five percent of one repository's changes with a reviewer: nothing can
// be concluded there, unless the control names the line as its trace.
func TestNotRecordedHere(t *testing.T) {
	c := find(t, "change-reviewed")
	repository := func(name string, items, carrying int) []population.Change {
		var rows []population.Change
		for i := range items {
			row := changeBy(fmt.Sprintf("%04d", i), "Ada Alm", "ada@x")
			row.Repository = name
			if i < carrying {
				row.Reviews, row.ReviewLineCount = []population.Review{who("Bo Ek", "bo@x")}, 1
			}
			rows = append(rows, row)
		}
		return rows
	}
	for name, tc := range map[string]struct {
		rows                             []population.Change
		o                                Options
		status                           Status
		passed, deviations, undetermined int
	}{
		"4 of 100":           {repository("a", 100, 4), Options{}, StatusNotDeterminable, 4, 0, 96},
		"5 of 100":           {repository("a", 100, 5), Options{}, StatusFail, 5, 95, 0},
		"none":               {repository("a", 3, 0), Options{}, StatusNotDeterminable, 0, 0, 3},
		"none, but named":    {repository("a", 3, 0), Options{TraceInMessage: true}, StatusFail, 0, 3, 0},
		"4 of 100, named":    {repository("a", 100, 4), Options{TraceInMessage: true}, StatusFail, 4, 96, 0},
		"one repository not": {slices.Concat(repository("a", 10, 9), repository("b", 10, 0), repository("c", 10, 10)), Options{}, StatusNotDeterminable, 19, 1, 10},
		"another floor":      {repository("a", 100, 4), Options{Params: map[string]int64{"recorded_floor_percent": 4}}, StatusFail, 4, 96, 0},
	} {
		t.Run(name, func(t *testing.T) {
			res := runOK(t, c, complete(t, tc.rows...), tc.o)
			if res.Status != tc.status || res.Passed != tc.passed || res.Deviations != tc.deviations || res.NotDeterminable != tc.undetermined {
				t.Errorf("%s %d %d %d: %s", res.Status, res.Passed, res.Deviations, res.NotDeterminable, res.Explanation)
			}
			if strings.Contains(res.Explanation, "Reviews are not recorded") != (tc.status == StatusNotDeterminable) || !strings.Contains(res.Explanation, "asserted") {
				t.Error(res.Explanation)
			}
		})
	}
	// The reference check has no such floor.
	if res := runOK(t, find(t, "change-has-reference"), complete(t, repository("a", 100, 0)...), Options{}); res.Status != StatusFail || res.Deviations != 100 || res.Items[0].Reason != "no_change_reference" {
		t.Errorf("%+v", res)
	}
}

func TestExcluded(t *testing.T) {
	c := find(t, "change-reviewed")
	d := complete(t, changeBy("a", "Ada Alm", "ada@x"), changeBy("b", "Ada Alm", "ada@x", who("Bo Ek", "bo@x")))
	one := map[population.Key]string{{Repository: "shop", Item: "a"}: "made by the vendor"}
	res := runOK(t, c, d, Options{Excluded: one, AllItems: true})
	if res.Status != StatusPass || res.Excluded != 1 || res.Passed != 1 || res.Items[0].Reason != "made by the vendor" || res.Items[0].Status != ItemExcluded {
		t.Errorf("%+v", res)
	}
	both := maps.Clone(one)
	both[population.Key{Repository: "shop", Item: "b"}] = "too"
	if res := runOK(t, c, d, Options{Excluded: both}); res.Status != StatusExcluded || len(res.Items) != 0 {
		t.Errorf("%+v", res)
	}
	both[population.Key{Repository: "shop", Item: "c"}] = "a slip"
	if _, err := Run(t.Context(), c, d, Options{Excluded: both, TempDir: t.TempDir()}); !fault.Is(err, "check.excluded_unknown") {
		t.Error(err)
	}
}

// The same dataset and check give the same bytes, from memory and from the file,
// in whatever language the reader reads.
func TestSameBytes(t *testing.T) {
	c := find(t, "change-reviewed")
	rows := []population.Change{changeBy("b", "Ada Alm", "ada@x"), changeBy("a", "Ada Alm", "ada@x", who("Bo Ek", "bo@x")), changeBy("c", "Ada Alm", "ada@x", user("bo"))}
	d := complete(t, rows...)
	want := mustJSON(t, runOK(t, c, d, Options{}))
	dir := t.TempDir()
	f, err := os.Create(dir + "/d.parquet")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := population.Write(t.Context(), f, d); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := population.Open(t.Context(), f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	file.Statement = d.Statement
	res, err := Run(i18n.With(t.Context(), i18n.Swedish), c, file, Options{TempDir: dir})
	if err != nil || mustJSON(t, res) != want {
		t.Errorf("%s\n%s\n%v", mustJSON(t, res), want, err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(want), &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"check", "version", "status", "population", "passed", "deviations", "not_determinable", "excluded", "items", "explanation"} {
		if _, ok := fields[name]; !ok {
			t.Errorf("no field %s in %s", name, want)
		}
	}
	var back Result
	if err := json.Unmarshal([]byte(want), &back); err != nil || back.Explain(t.Context()) != back.Explanation {
		t.Errorf("a stored result reads %q, %v", back.Explain(t.Context()), err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Every sentence a result can hold exists in both languages.
func TestSentences(t *testing.T) {
	c := find(t, "change-reviewed")
	d := complete(t, changeBy("a", "Ada Alm", "ada@x"))
	d.Statement.Doubt(population.ReasonHistoryTruncated)
	d.Statement.Doubt(population.ReasonTimeUnreadable)
	d.Statement.Doubt("pages missing")
	late := c
	late.SQL = "SELECT c.repository AS repository FROM change c"
	for _, run := range []struct {
		c Check
		d *population.Dataset
		o Options
	}{{c, d, Options{}}, {c, d, Options{TraceInMessage: true}}, {c, complete(t), Options{}}, {c, d, Options{Stale: true}}, {c, d, Options{NotApplicable: true}}, {late, d, Options{}}, {c, d, Options{Limits: Limits{Timeout: 1}}}} {
		run.o.TempDir = t.TempDir()
		res, err := Run(t.Context(), run.c, run.d, run.o)
		if err != nil {
			t.Fatal(err)
		}
		en, sv := res.Explain(t.Context()), res.Explain(i18n.With(t.Context(), i18n.Swedish))
		if strings.Contains(en+sv, "‹") || strings.Contains(en+sv, "<no value>") || en == sv || en != res.Explanation || !strings.Contains(en, "asserted") || !strings.Contains(sv, "påståtts") {
			t.Errorf("%s\n%s", en, sv)
		}
	}
}

// A check that cannot be run to its end is an error, never a pass.
func TestFailedRuns(t *testing.T) {
	good := find(t, "change-has-reference")
	row := func(from string) string {
		return "SELECT c.repository AS repository, c.item AS item, 'pass' AS status, '' AS reason " + from
	}
	d := complete(t, changeBy("a", "Ada Alm", "ada@x"), changeBy("b", "Ada Alm", "ada@x"), changeBy("c", "Ada Alm", "ada@x"))
	for name, sql := range map[string]string{
		"one item left out":  row("FROM change c WHERE c.item <> 'b' ORDER BY c.id"),
		"last left out":      row("FROM change c WHERE c.item <> 'c' ORDER BY c.id"),
		"none":               row("FROM change c WHERE c.item = 'z'"),
		"one item twice":     row("FROM change c JOIN change d ON c.id = d.id OR d.id = 1 ORDER BY c.id"),
		"another order":      row("FROM change c ORDER BY c.id DESC"),
		"unknown column":     row("FROM change c WHERE c.nothing = 1"),
		"column not named":   row("FROM change c WHERE c.subject = 'x'"),
		"other columns":      "SELECT c.item AS item, c.repository AS repository, 'pass' AS status, '' AS reason FROM change c ORDER BY c.id",
		"too few columns":    "SELECT c.item AS item FROM change c",
		"unknown status":     strings.Replace(row("FROM change c ORDER BY c.id"), "'pass'", "'good'", 1),
		"unknown reason":     strings.Replace(strings.Replace(row("FROM change c ORDER BY c.id"), "'pass'", "'deviation'", 1), "''", "'because'", 1),
		"pass with reason":   strings.Replace(row("FROM change c ORDER BY c.id"), "''", "'no_change_reference'", 1),
		"deviation, no word": strings.Replace(row("FROM change c ORDER BY c.id"), "'pass'", "'deviation'", 1),
		"status is null":     strings.Replace(row("FROM change c ORDER BY c.id"), "'pass'", "NULL", 1),
		"huge text":          strings.Replace(row("FROM change c ORDER BY c.id"), "''", huge(), 1),
		"not SQL":            "SELECT FROM WHERE",
		"writes":             "DELETE FROM change",
		"attaches":           "ATTACH '/tmp/x.db' AS x",
	} {
		t.Run(name, func(t *testing.T) {
			c := good
			c.SQL = sql
			res, err := Run(t.Context(), c, d, Options{TempDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			if res.Status != StatusError || res.Cause() == nil || res.Passed+res.Deviations+len(res.Items) != 0 {
				t.Errorf("%+v", res)
			}
			t.Log(res.Cause())
		})
	}
}

// huge is an expression that doubles a text until it passes any limit.
func huge() string {
	s := "'xxxxxxxxxxxxxxxx'"
	for range 8 {
		s = "replace(" + s + ", 'x', 'xxxxxxxxxxxxxxxx')"
	}
	return "substr(" + s + ", 1, 0)"
}

// SQL that would run for hours stops at the limit, and at once when the caller
// gives up.
func TestEndlessQuery(t *testing.T) {
	rows := make([]population.Change, 3000)
	for i := range rows {
		rows[i] = changeBy(fmt.Sprintf("%05d", i), "Ada Alm", "ada@x")
	}
	d := complete(t, rows...)
	c := find(t, "change-has-reference")
	c.SQL = "SELECT c.repository AS repository, c.item AS item, 'pass' AS status, '' AS reason FROM change c WHERE (SELECT count(*) FROM change a JOIN change b ON 1=1 JOIN change d ON 1=1 WHERE a.id + b.id + d.id > c.id) >= 0 ORDER BY c.id"
	res, err := Run(t.Context(), c, d, Options{TempDir: t.TempDir(), Limits: Limits{Timeout: 300 * time.Millisecond}})
	if err != nil || res.Status != StatusError || res.Sentences[0].Key != "check.says.error_late" {
		t.Errorf("%+v %v", res, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := Run(ctx, c, d, Options{TempDir: t.TempDir()}); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestMisuse(t *testing.T) {
	c := find(t, "change-reviewed")
	d := complete(t, changeBy("a", "Ada Alm", "ada@x"), changeBy("b", "Ada Alm", "ada@x"))
	if _, err := Run(t.Context(), c, nil, Options{}); !fault.Is(err, "check.schema_differs") {
		t.Error(err)
	}
	other := c
	other.Schema = "login/1"
	if _, err := Run(t.Context(), other, d, Options{}); !fault.Is(err, "check.schema_differs") {
		t.Error(err)
	}
	if _, err := Run(t.Context(), c, d, Options{Params: map[string]int64{"floor": 1}}); !fault.Is(err, "check.parameter_unknown") {
		t.Error(err)
	}
	if _, err := Run(t.Context(), c, d, Options{Limits: Limits{MaxItems: 1}, TempDir: t.TempDir()}); !fault.Is(err, "check.too_many_items") {
		t.Error(err)
	}
	if _, err := Find("nothing"); !fault.Is(err, "check.unknown") {
		t.Error(err)
	}
}

// Values of parameters reach the SQL by their number.
func TestParameterInSQL(t *testing.T) {
	c := find(t, "change-reviewed")
	c.SQL = "SELECT c.repository AS repository, c.item AS item, CASE WHEN $1 = 7 THEN 'pass' ELSE 'deviation' END AS status, CASE WHEN $1 = 7 THEN '' ELSE 'no_review_recorded' END AS reason FROM change c ORDER BY c.id"
	d := complete(t, changeBy("a", "Ada Alm", "ada@x"))
	if res := runOK(t, c, d, Options{Params: map[string]int64{"recorded_floor_percent": 7}}); res.Passed != 1 || res.Parameters["recorded_floor_percent"] != 7 {
		t.Errorf("%+v", res)
	}
}

package readiness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

func one(f control.Frequency, from scope.Day, on ...scope.Day) []Performed {
	p := Performed{ID: "ctl_1", Control: &control.Control{Code: "AA-1", Frequency: f, Criteria: []string{"CC6.1"}, Status: control.InForce, EffectiveFrom: from}}
	p.Versions = []register.Entry[control.Control]{{Value: *p.Control}}
	for _, d := range on {
		p.Performances = append(p.Performances, window.Performance{Code: string(d), On: d})
	}
	return []Performed{p}
}

func set(t testing.TB) *framework.Set {
	s, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFeasible(t *testing.T) {
	security := framework.Categories{framework.Security}
	half := Proposal{Type: 2, First: "2026-01-01", Last: "2026-06-30", Categories: security}
	for name, tc := range map[string]struct {
		all    []Performed
		p      Proposal
		today  scope.Day
		limits []Limit
		ahead  []scope.Day
	}{
		"all well":          {one(control.Quarterly, "", "2026-03-30"), half, "2026-04-20", []Limit{}, []scope.Day{"2026-06-30"}},
		"lost":              {one(control.Monthly, "", "2026-01-30"), half, "2026-04-20", []Limit{Lost}, []scope.Day{"2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"}},
		"once":              {one(control.Quarterly, ""), Proposal{2, "2026-01-15", "2026-04-15", security}, "2026-01-20", []Limit{OnceOnly}, []scope.Day{"2026-03-31"}},
		"yearly is once":    {one(control.Annual, ""), Proposal{2, "2026-01-01", "2026-12-31", security}, "2026-04-20", []Limit{}, []scope.Day{"2026-12-31"}},
		"mid way":           {one(control.Monthly, "2026-03-10"), half, "2026-03-10", []Limit{PartOnly}, []scope.Day{"2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"}},
		"none due":          {one(control.Annual, ""), half, "2026-04-20", []Limit{NeverDue}, []scope.Day{}},
		"none due, before":  {one(control.Annual, "", "2025-07-01"), half, "2026-04-20", []Limit{NoneToTest}, []scope.Day{}},
		"a year and a day":  {one(control.Annual, "", "2025-06-30"), half, "2026-04-20", []Limit{NeverDue}, []scope.Day{}},
		"per event":         {one(control.PerEvent, "", "2026-02-01"), half, "2026-04-20", []Limit{UnknownCount}, []scope.Day{}},
		"continuous":        {one(control.Continuous, ""), half, "2026-04-20", []Limit{}, []scope.Day{}},
		"leap day":          {one(control.Monthly, ""), Proposal{2, "2028-02-01", "2028-02-29", security}, "2028-02-10", []Limit{OnceOnly}, []scope.Day{"2028-02-29"}},
		"Type 1, no state":  {one(control.Monthly, ""), Proposal{1, "2026-05-15", "2026-05-15", security}, "2026-04-20", []Limit{UnknownState}, []scope.Day{"2026-05-15"}},
		"Type 1, snapshot":  {one(control.Monthly, "", "2026-04-15"), Proposal{1, "2026-05-15", "2026-05-15", security}, "2026-04-20", []Limit{}, []scope.Day{"2026-05-15"}},
		"Type 1, too old":   {one(control.Monthly, "", "2026-04-14"), Proposal{1, "2026-05-15", "2026-05-15", security}, "2026-05-20", []Limit{UnknownState}, []scope.Day{}},
		"one day, Type 2":   {one(control.Daily, ""), Proposal{2, "2026-04-20", "2026-04-20", security}, "2026-04-20", []Limit{OnceOnly}, []scope.Day{"2026-04-20"}},
		"lost and mid way":  {one(control.Weekly, "2026-03-30"), Proposal{2, "2026-01-01", "2026-04-19", security}, "2026-04-20", []Limit{Lost, PartOnly}, []scope.Day{"2026-04-19"}},
		"week round summer": {one(control.Weekly, "", "2026-03-29"), Proposal{2, "2026-03-23", "2026-04-05", security}, "2026-03-30", []Limit{}, []scope.Day{"2026-04-05"}},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := feasible(tc.all, set(t), scope.Calendar{}, tc.today, tc.p)
			if err != nil || len(f.Controls) != 1 {
				t.Fatalf("%+v %v", f, err)
			}
			c := f.Controls[0]
			if !slices.Equal(c.Limits, tc.limits) || !slices.Equal(c.Ahead, tc.ahead) {
				t.Errorf("%v, ahead %v, want %v, %v", c.Limits, c.Ahead, tc.limits, tc.ahead)
			}
			if len(tc.ahead) > 0 && (len(f.Deadlines) == 0 || f.Deadlines[0].Day != tc.ahead[0]) {
				t.Errorf("the dated list begins with %v", f.Deadlines)
			}
			for _, lang := range i18n.Languages {
				r := f.Report(i18n.With(context.Background(), lang), "W-1", nil)
				for _, s := range r.Controls[0].Says {
					if strings.ContainsAny(s, "‹›") || strings.Contains(s, "<no value>") {
						t.Errorf("%q", s)
					}
				}
			}
		})
	}
	for name, p := range map[string]Proposal{
		"backwards": {2, "2026-06-30", "2026-01-01", security}, "Type 3": {3, "2026-01-01", "2026-06-30", security}, "a hundred years": {2, "2026-01-01", "2126-01-01", security},
		"Type 1 of days": {1, "2026-01-01", "2026-01-02", security}, "no day": {2, "soon", "then", security},
	} {
		if _, err := feasible(nil, set(t), scope.Calendar{}, "2026-04-20", p); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A category that is added asks for criteria nobody meets; one that is dropped takes
// its controls along.
func TestWhatIf(t *testing.T) {
	all := one(control.Monthly, "")
	second := one(control.Quarterly, "")[0]
	second.Control.Code, second.Control.Criteria = "AA-2", []string{"A1.2"}
	second.Versions = []register.Entry[control.Control]{{Value: *second.Control}}
	all = append(all, second)
	now := Proposal{Type: 2, First: "2026-01-01", Last: "2026-06-30", Categories: framework.Categories{framework.Security}}
	before, err := feasible(all, set(t), scope.Calendar{}, "2026-01-10", now)
	if err != nil {
		t.Fatal(err)
	}
	ask := Ask{Categories: []string{"security", "availability"}, From: "2026-04-01"}
	p, err := ask.Proposal(now)
	if err != nil {
		t.Fatal(err)
	}
	after, err := feasible(all, set(t), scope.Calendar{}, "2026-01-10", p)
	if err != nil {
		t.Fatal(err)
	}
	if after.Criteria != before.Criteria+3 || len(before.Uncovered) != before.Criteria-1 || len(after.Uncovered) != after.Criteria-2 {
		t.Errorf("%d and %d criteria, %d and %d uncovered", before.Criteria, after.Criteria, len(before.Uncovered), len(after.Uncovered))
	}
	d := Compare(before, after)
	if len(d) != 1 || d[0].Code != "AA-2" || !d[0].Enters || !slices.Equal(d[0].Gained, []Limit{OnceOnly}) {
		t.Errorf("%+v", d)
	}
	if back := Compare(after, before); len(back) != 1 || !back[0].Leaves || !slices.Equal(back[0].Shed, []Limit{OnceOnly}) {
		t.Errorf("%+v", back)
	}
	if one, err := (&Ask{Type: "1"}).Proposal(now); err != nil || one.First != "2026-06-30" || one.Last != "2026-06-30" {
		t.Errorf("%+v %v", one, err)
	}
	for _, a := range []Ask{{Type: "3"}, {From: "soon"}, {Last: "2025-01-01"}, {Categories: []string{"beauty"}}} {
		if _, err := a.Proposal(now); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%+v: %v", a, err)
		}
	}
}

// Whatever the programme and the days: nothing is lost that is still ahead, every due
// day is one of the three, and a window compared with itself changes nothing.
func TestFeasibilityHoldsTogether(t *testing.T) {
	s := set(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		var all []Performed
		for i := range w.controls {
			p := Performed{Control: &w.controls[i], Versions: []register.Entry[control.Control]{{Value: w.controls[i]}}}
			for _, a := range w.acts {
				if a.control == i && a.day <= w.today { // nobody has performed tomorrow
					p.Performances = append(p.Performances, window.Performance{Code: "E", On: a.day, Slot: a.slot, Returned: a.returned})
				}
			}
			all = append(all, p)
		}
		p := Proposal{Type: w.kind, First: w.first, Last: w.last, Categories: framework.Categories{framework.Security}}
		f, err := feasible(all, s, scope.Calendar{}, w.today, p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range f.Controls {
			c := &f.Controls[i]
			if w.kind == 2 && c.Done+len(c.Lost)+len(c.Ahead) != c.Expected {
				t.Fatalf("%+v", c)
			}
			for _, d := range c.Lost {
				if d >= w.today || slices.Contains(c.Ahead, d) {
					t.Fatalf("lost %s on %s", d, w.today)
				}
			}
			if c.Has(PartOnly) && c.From == w.first && c.To == w.last {
				t.Fatalf("%+v", c)
			}
		}
		if d := Compare(f, f); len(d) != 0 {
			t.Fatalf("%+v", d)
		}
		if !slices.IsSortedFunc(f.Deadlines, func(a, b Deadline) int { return strings.Compare(string(a.Day), string(b.Day)) }) {
			t.Fatal("the dated list is not in order")
		}
	})
}

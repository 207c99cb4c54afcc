package coverage_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/coverage"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

func reference(t testing.TB, id string) *framework.Reference {
	t.Helper()
	f, err := framework.ReferenceByID(id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func find(t *testing.T, c *coverage.Coverage, ref string) coverage.Standing {
	t.Helper()
	i := slices.IndexFunc(c.Refs, func(s coverage.Standing) bool { return s.Ref.ID == ref })
	if i < 0 {
		t.Fatalf("no %s", ref)
	}
	return c.Refs[i]
}

// rowWith finds a row with the relation; a criterion reaches a reference by one row.
func rowWith(t *testing.T, f *framework.Reference, r framework.Relation) framework.Row {
	t.Helper()
	for _, row := range f.Rows {
		if row.Relation == r {
			return row
		}
	}
	t.Fatalf("%s has no row with %s", f.ID, r)
	return framework.Row{}
}

// Each relation by itself: what reaches the whole maps, what reaches a part maps in
// part, however many parts there are.
func TestStates(t *testing.T) {
	iso, csf := reference(t, "iso27001-2022"), reference(t, "nist-csf-2.0")
	for _, tc := range []struct {
		f    *framework.Reference
		r    framework.Relation
		want coverage.State
	}{
		{csf, framework.Equal, coverage.Mapped},
		{iso, framework.Superset, coverage.Mapped},
		{iso, framework.Subset, coverage.Partly},
		{iso, framework.Intersects, coverage.Partly},
	} {
		row := rowWith(t, tc.f, tc.r)
		with := coverage.NewIndex([]coverage.Control{{Code: "AC-01", Criteria: []string{row.Criterion}}}).Of(tc.f)
		if got := find(t, with, row.Ref); got.State != tc.want || len(got.Controls) != 1 || got.Evidence != 0 || got.Newest != "" {
			t.Errorf("%s %s: %+v, want %s", tc.r, row.Ref, got, tc.want)
		}
		without := coverage.NewIndex(nil).Of(tc.f)
		if got := find(t, without, row.Ref); got.State != coverage.Unmapped || len(got.Controls) != 0 {
			t.Errorf("no control: %+v", got)
		}
	}
	every := coverage.Control{Code: "AC-01"}
	for _, r := range iso.RowsOf("A.5.34") {
		if !r.Relation.Whole() {
			every.Criteria = append(every.Criteria, r.Criterion)
		}
	}
	if got := find(t, coverage.NewIndex([]coverage.Control{every}).Of(iso), "A.5.34"); len(every.Criteria) < 10 || got.State != coverage.Partly {
		t.Errorf("%d parts make %s", len(every.Criteria), got.State)
	}
	// GV.RM-07 has no counterpart: no control reaches it.
	all := coverage.Control{Code: "AC-01"}
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range set.Criteria {
		all.Criteria = append(all.Criteria, c.ID)
	}
	if got := find(t, coverage.NewIndex([]coverage.Control{all}).Of(csf), "GV.RM-07"); got.State != coverage.Unmapped {
		t.Errorf("GV.RM-07 is %s", got.State)
	}
}

// naive says the same as Of, reference by reference and row by row.
func naive(f *framework.Reference, controls []coverage.Control, ref string) (state coverage.State, codes []string, items int, newest scope.Day) {
	state = coverage.Unmapped
	held, seen := map[string]bool{}, map[string]bool{}
	for _, row := range f.Rows {
		for _, c := range controls {
			if row.Ref != ref || !slices.Contains(c.Criteria, row.Criterion) {
				continue
			}
			if row.Relation == framework.Equal || row.Relation == framework.Superset {
				state = coverage.Mapped
			} else if state != coverage.Mapped {
				state = coverage.Partly
			}
			held[c.Code] = true
			for _, it := range c.Items {
				seen[it.ID] = true
				newest = max(newest, it.Last)
			}
		}
	}
	return state, slices.Sorted(maps.Keys(held)), len(seen), newest
}

func TestLikeNaive(t *testing.T) {
	all, err := framework.References()
	if err != nil {
		t.Fatal(err)
	}
	criteria, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"X9.9"} // a criterion of no row does no harm
	for _, c := range criteria.Criteria {
		ids = append(ids, c.ID)
	}
	day := rapid.SampledFrom([]scope.Day{"2026-01-31", "2026-02-28", "2026-06-01"})
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 70).Draw(t, "controls")
		controls := make([]coverage.Control, 0, n)
		for i := range n {
			c := coverage.Control{Code: fmt.Sprintf("C-%02d", (i*37)%71), Criteria: rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 3, rapid.ID[string]).Draw(t, "criteria")}
			for _, k := range rapid.SliceOfN(rapid.IntRange(0, 130), 0, 6).Draw(t, "items") {
				c.Items = append(c.Items, coverage.Item{ID: fmt.Sprint(k), Last: day.Draw(t, "last")})
			}
			controls = append(controls, c)
		}
		f := rapid.SampledFrom(all).Draw(t, "framework")
		x := coverage.NewIndex(slices.Clone(controls))
		got := x.Of(f)
		count := map[coverage.State]int{}
		for i, s := range got.Refs {
			state, codes, items, newest := naive(f, controls, f.Refs[i].ID)
			var have []string
			for _, k := range s.Controls {
				have = append(have, x.Controls[k].Code)
			}
			if s.Ref.ID != f.Refs[i].ID || s.State != state || !slices.Equal(have, codes) || s.Evidence != items || s.Newest != newest {
				t.Fatalf("%s: %s %v %d %s, want %s %v %d %s", s.Ref.ID, s.State, have, s.Evidence, s.Newest, state, codes, items, newest)
			}
			count[state]++
		}
		if !maps.Equal(got.Count, count) {
			t.Fatalf("%v, want %v", got.Count, count)
		}
	})
}

// BenchmarkFrameworks is 1,000 controls with 100,000 items of evidence against the
// five frameworks, from nothing.
func BenchmarkFrameworks(b *testing.B) {
	criteria, err := framework.TSC2017()
	if err != nil {
		b.Fatal(err)
	}
	all, err := framework.References()
	if err != nil {
		b.Fatal(err)
	}
	controls := make([]coverage.Control, 0, 1000)
	for i := range 1000 {
		c := coverage.Control{Code: fmt.Sprintf("C-%04d", i)}
		for k := range 4 {
			c.Criteria = append(c.Criteria, criteria.Criteria[(i*7+k*13)%61].ID)
		}
		for k := range 100 {
			c.Items = append(c.Items, coverage.Item{ID: fmt.Sprintf("evd_%026d", i*100+k), Last: "2026-03-31"})
		}
		controls = append(controls, c)
	}
	for b.Loop() {
		x := coverage.NewIndex(controls)
		for _, f := range all {
			if len(x.Of(f).Refs) != len(f.Refs) {
				b.Fatal("short")
			}
		}
	}
}

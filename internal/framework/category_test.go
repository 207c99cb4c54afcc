package framework

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/fault"
)

// The engagement totals of the 2022 document, and the points each one shows.
func TestInScope(t *testing.T) {
	s := set(t)
	for name, tc := range map[string]struct {
		categories       Categories
		criteria, points int
	}{
		"nothing said":         {nil, 33, 208},
		"security":             {Categories{Security}, 33, 208},
		"availability":         {Categories{Security, Availability}, 36, 225},
		"security left out":    {Categories{Availability}, 36, 225},
		"confidentiality":      {Categories{Security, Confidentiality}, 35, 220},
		"processing integrity": {Categories{Security, ProcessingIntegrity}, 38, 227},
		"privacy":              {Categories{Security, Privacy}, 51, 282},
		"all":                  {AllCategories(), 61, 330},
	} {
		t.Run(name, func(t *testing.T) {
			got := s.InScope(tc.categories)
			points := 0
			for _, c := range got {
				points += len(c.PointsOfFocus)
				if len(c.PointsOfFocus) == 0 {
					t.Errorf("%s has lost all its points", c.ID)
				}
			}
			if len(got) != tc.criteria || points != tc.points {
				t.Errorf("%d criteria, %d points, want %d and %d", len(got), points, tc.criteria, tc.points)
			}
		})
	}
}

// A category brings its points under the common criteria with it: four of CC8.1's
// eighteen wait for availability, confidentiality or privacy.
func TestInScopeCommonCriteria(t *testing.T) {
	s := set(t)
	for _, tc := range []struct {
		categories Categories
		want       int
	}{{nil, 14}, {Categories{Availability}, 15}, {Categories{Confidentiality}, 15}, {Categories{Privacy}, 16}, {AllCategories(), 18}} {
		got := s.InScope(tc.categories)
		i := slices.IndexFunc(got, func(c Criterion) bool { return c.ID == "CC8.1" })
		if i < 0 || len(got[i].PointsOfFocus) != tc.want {
			t.Errorf("%v: CC8.1 at %d, want %d points", tc.categories, i, tc.want)
		}
	}
}

func TestScopeApplies(t *testing.T) {
	for _, tc := range []struct {
		scope      Scope
		categories Categories
		want       bool
	}{
		{ScopeAll, nil, true},
		{ScopeSystemLevel, nil, true},
		{ScopeProcessingGoods, nil, false},
		{ScopeProcessingGoods, Categories{Availability, Privacy}, false},
		{ScopeProcessingGoods, Categories{ProcessingIntegrity}, true},
		{Scope(Privacy), Categories{Confidentiality}, false},
		{Scope(Privacy), Categories{Confidentiality, Privacy}, true},
	} {
		if got := tc.scope.applies(tc.categories); got != tc.want {
			t.Errorf("%s beside %v: %v", tc.scope, tc.categories, got)
		}
	}
}

// Whatever the caller does to the answer, the shared set stays whole, and more
// categories never show less.
func TestInScopeKeepsTheSet(t *testing.T) {
	s := set(t)
	rapid.Check(t, func(t *rapid.T) {
		cs := Categories(rapid.SliceOf(rapid.SampledFrom(AllCategories())).Draw(t, "categories"))
		more := append(slices.Clone(cs), rapid.SampledFrom(AllCategories()).Draw(t, "more"))
		less, wide := s.InScope(cs), s.InScope(more)
		seen := map[string]bool{}
		for _, c := range wide {
			for _, p := range c.PointsOfFocus {
				seen[p.ID] = true
			}
		}
		for _, c := range less {
			for i, p := range c.PointsOfFocus {
				if !seen[p.ID] {
					t.Fatalf("%v shows %s, %v does not", cs, p.ID, more)
				}
				c.PointsOfFocus[i] = PointOfFocus{}
			}
		}
		if got := s.Summary("en"); got.PointsOfFocus != 330 || s.Criteria[0].PointsOfFocus[0].ID != "CC1.1-F01" {
			t.Fatalf("the set was changed: %+v", got)
		}
	})
}

func TestParseCategories(t *testing.T) {
	for _, tc := range []struct {
		in   []string
		want string // "" where it is refused
	}{
		{nil, "security"},
		{[]string{""}, "security"},
		{[]string{"security"}, "security"},
		{[]string{"availability"}, "security,availability"},
		{[]string{"privacy,availability,privacy"}, "security,availability,privacy"},
		{[]string{" Processing Integrity , CONFIDENTIALITY,"}, "security,confidentiality,processing_integrity"},
		{[]string{"privacy", "processing-integrity"}, "security,processing_integrity,privacy"},
		{[]string{"secrecy"}, ""},
		{[]string{"security;privacy"}, ""},
		{[]string{"security", "integritet"}, ""},
	} {
		got, err := ParseCategories(tc.in...)
		if tc.want == "" {
			if !fault.Is(err, "framework.category_unknown") || fault.KindOf(err) != fault.Invalid || got != nil {
				t.Errorf("%q: %v, %v", tc.in, got, err)
			}
			continue
		}
		if err != nil || got.String() != tc.want {
			t.Errorf("%q: %s, %v; want %s", tc.in, got, err, tc.want)
		}
	}
}

// What is read is canonical: written and read again it is the same.
func FuzzParseCategories(f *testing.F) {
	f.Add("security,availability")
	f.Add(" Privacy ,,processing integrity")
	f.Add("Ⅷ,\x00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseCategories(s)
		if err != nil {
			if !fault.Is(err, "framework.category_unknown") {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !got.Has(Security) || got[0] != Security {
			t.Fatalf("%q: %v lacks security", s, got)
		}
		again, err := ParseCategories(got.String())
		if err != nil || !slices.Equal(got, again) {
			t.Fatalf("%q: %v then %v, %v", s, got, again, err)
		}
	})
}

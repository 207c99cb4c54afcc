package control

import (
	"slices"
	"testing"

	"bevis/internal/framework"
)

// combinations are all choices of categories; Security is in each.
func combinations() []framework.Categories {
	var out []framework.Categories
	rest := framework.AllCategories()[1:]
	for mask := range 1 << len(rest) {
		cs := framework.Categories{framework.Security}
		for i, c := range rest {
			if mask&(1<<i) != 0 {
				cs = append(cs, c)
			}
		}
		out = append(out, cs)
	}
	return out
}

// Whatever is chosen, every criterion in scope is reached by two proposed
// controls, nothing out of scope is proposed, and nothing twice.
func TestPropose(t *testing.T) {
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	for _, cs := range combinations() {
		p, err := Propose(cs, nil)
		if err != nil {
			t.Fatal(err)
		}
		scope := set.InScope(cs)
		if len(p.Reach) != len(scope) {
			t.Fatalf("%s: %d criteria, want %d", cs, len(p.Reach), len(scope))
		}
		in := map[string]bool{}
		for i, r := range p.Reach {
			in[r.Criterion] = true
			if r.Criterion != scope[i].ID || len(r.Controls) < 2 {
				t.Errorf("%s: %s is reached by %v", cs, r.Criterion, r.Controls)
			}
		}
		for _, l := range p.Controls {
			if !l.Proposed || !slices.ContainsFunc(l.Criteria, func(id string) bool { return in[id] }) {
				t.Errorf("%s: %s does not belong to it", cs, l.Code)
			}
		}
		if codes := p.Codes(); len(slices.Compact(slices.Sorted(slices.Values(codes)))) != len(codes) {
			t.Errorf("%s: a code twice", cs)
		}
		for _, o := range p.Overlaps {
			if !slices.Contains(p.Codes(), o.A) || !slices.Contains(p.Codes(), o.B) || o.A >= o.B {
				t.Errorf("%s: overlap %v is not between proposed controls", cs, o)
			}
		}
	}
	alone, err := Propose(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(alone.Controls); n < 50 || n > 80 {
		t.Errorf("Security alone proposes %d controls; 50 to 80 can be worked through", n)
	}
}

// What the organisation has already is not proposed again; it still counts for
// reach, and overlaps with it are shown whichever of the two names the other.
func TestProposeBesidesTaken(t *testing.T) {
	library, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	named := false
	for _, l := range library {
		for _, other := range l.Overlaps {
			for _, taken := range []string{l.Code, other} {
				p, err := Propose(framework.AllCategories(), []string{taken})
				if err != nil {
					t.Fatal(err)
				}
				if slices.Contains(p.Codes(), taken) {
					t.Errorf("%s is proposed again", taken)
				}
				partner := l.Code
				if taken == l.Code {
					partner = other
				}
				want := Overlap{min(l.Code, other), max(l.Code, other)}
				if got := slices.Contains(p.Overlaps, want); got != slices.Contains(p.Codes(), partner) {
					t.Errorf("%s is taken, %s proposed: overlap shown: %v", taken, partner, got)
				}
				named = named || slices.Contains(p.Codes(), partner)
			}
		}
	}
	if !named {
		t.Error("no overlap between a taken and a proposed control: the test shows nothing")
	}
	pairs, err := Overlapping([]string{"AC-03", "AC-07", "CH-01"})
	if err != nil || len(pairs) != 1 || pairs[0] != (Overlap{"AC-03", "AC-07"}) {
		t.Errorf("%v, %v", pairs, err)
	}
}

package readiness

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A score cannot be raised by more of the same, by less, or by what was refused; and
// anybody who can add gets the same number from the parts on the page.
func TestScoreCannotBeInflated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		before := w.assess()
		check := func(what string, acts []act) {
			t.Helper()
			other := *w
			other.acts = acts
			if after := other.assess(); after.Score.Points > before.Score.Points || sum(after) > sum(before) {
				t.Fatalf("%s raises the score from %d (%d) to %d (%d): %+v", what, before.Score.Points, sum(before), after.Score.Points, sum(after), acts)
			}
		}
		if len(w.acts) > 0 {
			k := rapid.IntRange(0, len(w.acts)-1).Draw(t, "which")
			check("the same item again", append(slices.Clone(w.acts), w.acts[k]))
			check("an item less", slices.Delete(slices.Clone(w.acts), k, k+1))
		}
		if len(w.controls) > 0 {
			a := w.act(t)
			a.returned = true
			check("an item that was sent back", append(slices.Clone(w.acts), a))
		}
	})
}

func sum(a *Assessment) int {
	n := 0
	for _, p := range a.Score.Parts {
		n += p.Tenths
	}
	return n
}

func TestScoreIsItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := worlds(t)
		a := w.assess()
		tenths, weight := 0, 0
		for k, p := range a.Score.Parts {
			at := slices.Index(Stages, p.Stage)
			total, whole := 0, 0
			for i := range a.Criteria {
				c := a.Criteria[i].Cells
				if at > 0 && c[at].Counts > c[at-1].Counts {
					t.Fatalf("%s counts for more than the stage before", p.Stage)
				}
				total += c[at].Counts
				if c[at].Counts == full {
					whole++
				}
			}
			if p.Sum != total || p.Whole != whole || p.Criteria != len(a.Criteria) || p.Tenths != p.Weight*10*total/(full*len(a.Criteria)) {
				t.Fatalf("part %d: %+v, the criteria add up to %d", k, p, total)
			}
			tenths, weight = tenths+p.Tenths, weight+p.Weight
		}
		if a.Score.Points != tenths/10 || a.Score.Points < 0 || a.Score.Points > 100 || weight != 100 {
			t.Fatalf("%d points, tenths %d, weight %d", a.Score.Points, tenths, weight)
		}
		for i := range a.Criteria {
			c := &a.Criteria[i]
			if first := c.First(); first == "" && len(c.Controls) == 0 {
				t.Fatalf("%s is whole without a control", c.ID)
			}
			for k := range c.Cells {
				cl := &c.Cells[k]
				gaps := slices.ContainsFunc(c.Gaps, func(g Gap) bool { return g.Stage == cl.Stage })
				if len(c.Controls) > 0 && gaps != (cl.Verdict == NotMet || cl.Verdict == Undetermined) {
					t.Fatalf("%s %s is %s, and has gaps: %v (%+v)", c.ID, cl.Stage, cl.Verdict, gaps, c.Gaps)
				}
				if gaps && cl.Share == full && cl.Counts == full {
					t.Fatalf("%s %s counts whole with a gap", c.ID, cl.Stage)
				}
			}
		}
	})
}

package window_test

import (
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// A control that is made more frequent within the window is held to each version
// on its own days, and one whose newest version begins after the window is still
// in it (domain section 5).
func TestControlChangesWithinTheWindow(t *testing.T) {
	b := newBench(t, "Europe/Stockholm")
	b.adopt("2026-01-01", "AC-04", "LS-02")
	w := b.open("2026-01-01", "2027-01-01")
	b.to("2026-03-20")
	b.add(b.ctx, evidence.Upload{OccurredFrom: "2026-03-19", OccurredTo: "2026-03-19", Controls: []string{"AC-04"}, PerformedBy: "Ada Ek"})
	b.to("2026-06-15")
	for code, from := range map[string]scope.Day{"AC-04": "2026-07-01", "LS-02": "2027-02-01"} {
		c, err := b.Controls.ByCode(b.ctx, code)
		b.must(err)
		c.Value.Frequency, c.Value.EffectiveFrom = control.Monthly, from
		_, err = b.Controls.Change(b.ctx, c, "checked more often")
		b.must(err)
	}
	b.to("2026-08-10")
	b.add(b.ctx, evidence.Upload{OccurredFrom: "2026-08-09", OccurredTo: "2026-08-09", Slot: "2026-07-31", Controls: []string{"AC-04"}, PerformedBy: "Ada Ek"})
	b.to("2027-01-05")
	all, err := b.Windows.Status(b.ctx, &w)
	b.must(err)
	got := map[string]window.Tally{}
	for _, x := range all {
		got[x.Control] = x
	}
	x := got["AC-04"]
	if x.Expected != 8 || x.OnTime != 1 || x.Late != 1 || x.Missed != 5 || x.Open != 1 {
		t.Errorf("AC-04: %d expected, %d on time, %d late, %d missed, %d open", x.Expected, x.OnTime, x.Late, x.Missed, x.Open)
	}
	if len(x.Occurrences) == 8 && (x.Occurrences[1].Slot.Due != "2026-06-30" || x.Occurrences[2].Slot.Due != "2026-07-31") {
		t.Errorf("AC-04 is due on %s and then on %s", x.Occurrences[1].Slot.Due, x.Occurrences[2].Slot.Due)
	}
	if y, ok := got["LS-02"]; !ok || y.Expected != 4 {
		t.Errorf("LS-02, changed from a day after the window: %+v", y)
	}
	o, err := b.Readiness.Overview(b.ctx, &w)
	b.must(err)
	if l := o.Find("AC-04"); l == nil || l.Tally.Expected != x.Expected || l.Tally.Missed != x.Missed || l.Tally.Late != x.Late {
		t.Errorf("the overview counts %+v", l)
	}
	if o.Find("LS-02") == nil {
		t.Error("the overview leaves LS-02 out")
	}
}

// However a control changes, each performance counts once, each due day once, and
// splitting a span that stays the same changes nothing.
func TestMatchSpansIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		whole, spare := window.Match(d.f, d.grace, first, last, d.today, d.ps)
		cut := first.Add(rapid.IntRange(1, 300).Draw(t, "cut"))
		parts := []control.Span{{From: first, Last: cut.Add(-1), Frequency: d.f, Grace: d.grace}, {From: cut, Last: last, Frequency: d.f, Grace: d.grace}}
		halves, rest := window.MatchSpans(parts, d.today, d.ps)
		if len(whole) != len(halves) || spare != rest {
			t.Fatalf("%d and %d occurrences, %d and %d to spare", len(whole), len(halves), spare, rest)
		}
		for i := range whole {
			if whole[i].State != halves[i].State || whole[i].Evidence != halves[i].Evidence {
				t.Fatalf("%+v became %+v", whole[i], halves[i])
			}
		}
		parts[1].Frequency = rapid.SampledFrom([]control.Frequency{control.Weekly, control.Monthly, control.PerEvent}).Draw(t, "then")
		mixed, _ := window.MatchSpans(parts, d.today, d.ps)
		used, due := map[string]bool{}, scope.Day("")
		for _, o := range mixed {
			if o.Slot.Due <= due {
				t.Fatalf("%s is due after %s", o.Slot.Due, due)
			}
			due = o.Slot.Due
			if o.Evidence != "" && used[o.Evidence] {
				t.Fatalf("%s counts twice", o.Evidence)
			}
			used[o.Evidence] = true
		}
	})
}

package window_test

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/control"
	"bevis/internal/scope"
	"bevis/internal/window"
)

const first, last = scope.Day("2026-01-01"), scope.Day("2026-12-31")

// states runs Match for a quarterly control over 2026 and gives the four states.
func states(grace int, today scope.Day, ps ...window.Performance) ([]window.State, int) {
	out, spare := window.Match(control.Quarterly, grace, first, last, today, ps)
	var s []window.State
	for _, o := range out {
		s = append(s, o.State)
	}
	return s, spare
}

func on(day, slot scope.Day) window.Performance {
	return window.Performance{Code: "E-" + string(day), On: day, Slot: slot}
}

// Domain 0a rule 3: on time up to due and grace, late until the next due day,
// missed from that day on.
func TestMatchBoundaries(t *testing.T) {
	const (
		ok, late, missed = window.OnTime, window.Late, window.Missed
		overdue, due, no = window.Overdue, window.Due, window.NotDue
		q1               = scope.Day("2026-03-31")
	)
	for name, tc := range map[string]struct {
		grace int
		today scope.Day
		ps    []window.Performance
		want  []window.State
		spare int
	}{
		"nothing, before the year":       {0, "2025-12-31", nil, []window.State{no, no, no, no}, 0},
		"nothing, first day":             {0, "2026-01-01", nil, []window.State{due, no, no, no}, 0},
		"nothing, due day":               {0, q1, nil, []window.State{due, no, no, no}, 0},
		"nothing, day after":             {0, "2026-04-01", nil, []window.State{overdue, due, no, no}, 0},
		"nothing, last day of grace":     {5, "2026-04-05", nil, []window.State{due, due, no, no}, 0},
		"nothing, grace is over":         {5, "2026-04-06", nil, []window.State{overdue, due, no, no}, 0},
		"nothing, day before next due":   {0, "2026-06-29", nil, []window.State{overdue, due, no, no}, 0},
		"nothing, next due day":          {0, "2026-06-30", nil, []window.State{missed, due, no, no}, 0},
		"first day":                      {0, "2026-01-01", []window.Performance{on("2026-01-01", "")}, []window.State{ok, no, no, no}, 0},
		"due day":                        {0, q1, []window.Performance{on(q1, "")}, []window.State{ok, no, no, no}, 0},
		"a day late, named":              {0, "2026-04-01", []window.Performance{on("2026-04-01", q1)}, []window.State{late, due, no, no}, 0},
		"a day late, unnamed":            {0, "2026-04-01", []window.Performance{on("2026-04-01", "")}, []window.State{overdue, ok, no, no}, 0},
		"last day of grace":              {5, "2026-05-01", []window.Performance{on("2026-04-05", q1)}, []window.State{ok, due, no, no}, 0},
		"a day after grace":              {5, "2026-05-01", []window.Performance{on("2026-04-06", q1)}, []window.State{late, due, no, no}, 0},
		"day before the next due":        {0, "2026-07-01", []window.Performance{on("2026-06-29", q1)}, []window.State{late, overdue, due, no}, 0},
		"on the next due day":            {0, "2026-07-01", []window.Performance{on("2026-06-30", q1)}, []window.State{missed, overdue, due, no}, 0},
		"twice in one quarter":           {0, "2026-12-31", []window.Performance{on("2026-05-01", ""), on("2026-06-01", "")}, []window.State{missed, ok, missed, due}, 1},
		"named goes before the date":     {0, "2026-05-01", []window.Performance{on("2026-04-10", q1), on("2026-04-11", "")}, []window.State{late, ok, no, no}, 0},
		"done ahead, named":              {0, "2026-01-02", []window.Performance{on("2026-01-02", "2026-06-30")}, []window.State{due, ok, no, no}, 0},
		"before the window":              {0, "2026-01-01", []window.Performance{on("2025-12-31", "")}, []window.State{due, no, no, no}, 0},
		"before the window, named":       {0, "2026-01-01", []window.Performance{on("2025-12-31", q1)}, []window.State{ok, no, no, no}, 0},
		"for a day that is not due here": {0, "2026-01-01", []window.Performance{on("2026-01-05", "2025-12-31")}, []window.State{due, no, no, no}, 1},
	} {
		got, spare := states(tc.grace, tc.today, tc.ps...)
		if !reflect.DeepEqual(got, tc.want) || spare != tc.spare {
			t.Errorf("%s: %v and %d to spare, want %v and %d", name, got, spare, tc.want, tc.spare)
		}
	}
}

func TestMatchSaysHow(t *testing.T) {
	back := window.Performance{Code: "E-7", On: "2026-03-01", Returned: true}
	out, spare := window.Match(control.Quarterly, 3, first, last, "2026-07-10", []window.Performance{back, on("2026-04-12", "2026-03-31")})
	q1, q2, q3 := out[0], out[1], out[2]
	if q1.State != window.Late || q1.DaysPastDue != 12 || q1.PerformedOn != "2026-04-12" || q1.Evidence != "E-2026-04-12" || !reflect.DeepEqual(q1.Returned, []string{"E-7"}) {
		t.Errorf("%+v", q1)
	}
	if q2.State != window.Overdue || q2.DaysPastDue != 10 || q2.Evidence != "" || q2.Returned == nil {
		t.Errorf("%+v", q2)
	}
	if q3.State != window.Due || q3.DaysPastDue != 0 || spare != 0 {
		t.Errorf("%+v, %d", q3, spare)
	}
	// What was sent back performs nothing.
	if out, _ := window.Match(control.Quarterly, 0, first, last, "2026-06-30", []window.Performance{back}); out[0].State != window.Missed {
		t.Errorf("%+v", out[0])
	}
	// An annual control outside its due day: it operated, though none was due.
	if out, spare := window.Match(control.Annual, 0, "2026-01-01", "2026-06-30", "2026-07-01", []window.Performance{on("2026-02-01", "")}); len(out) != 0 || spare != 1 {
		t.Errorf("%+v, %d", out, spare)
	}
	for _, f := range []control.Frequency{control.PerEvent, control.Continuous, "sometimes"} {
		if out, _ := window.Match(f, 0, first, last, last, []window.Performance{on("2026-02-01", "")}); len(out) != 0 {
			t.Errorf("%s: %+v", f, out)
		}
	}
}

type drawn struct {
	f     control.Frequency
	grace int
	today scope.Day
	ps    []window.Performance
}

func draw(t *rapid.T) drawn {
	d := drawn{
		f:     rapid.SampledFrom([]control.Frequency{control.Annual, control.Semiannual, control.Quarterly, control.Monthly, control.Weekly}).Draw(t, "frequency"),
		grace: rapid.SampledFrom([]int{0, 0, 1, 5}).Draw(t, "grace"),
		today: first.Add(rapid.IntRange(-10, 400).Draw(t, "today")),
	}
	slots := d.f.Slots(first.Add(-60), last.Add(60))
	for i := range rapid.IntRange(0, 12).Draw(t, "performances") {
		p := window.Performance{Code: fmt.Sprintf("E-%02d", i), On: first.Add(rapid.IntRange(-40, 400).Draw(t, "on")), Returned: rapid.IntRange(0, 5).Draw(t, "returned") == 0}
		if len(slots) > 0 && rapid.Bool().Draw(t, "named") {
			p.Slot = rapid.SampledFrom(slots).Draw(t, "slot").Due
		}
		d.ps = append(d.ps, p)
	}
	return d
}

func (d drawn) match(ps []window.Performance) ([]window.Occurrence, int) {
	return window.Match(d.f, d.grace, first, last, d.today, ps)
}

func TestMatchProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		out, spare := d.match(d.ps)

		// One occurrence for every due day, in order; one performance for at most
		// one of them, and none that was sent back.
		slots := d.f.Slots(first, last)
		if len(out) != len(slots) {
			t.Fatalf("%d occurrences for %d due days", len(out), len(slots))
		}
		byCode := map[string]window.Performance{}
		for _, p := range d.ps {
			byCode[p.Code] = p
		}
		used := map[string]bool{}
		for i, o := range out {
			if o.Slot != slots[i] {
				t.Fatalf("occurrence %d is for %v", i, o.Slot)
			}
			if o.Evidence == "" {
				if o.State == window.OnTime || o.State == window.Late {
					t.Fatalf("%s without a performance", o.State)
				}
				continue
			}
			p, ok := byCode[o.Evidence]
			if !ok || used[o.Evidence] || p.Returned || p.Slot != "" && p.Slot != o.Slot.Due || o.PerformedOn != p.On {
				t.Fatalf("%s stands for %+v", o.Evidence, o)
			}
			if p.Slot == "" && (p.On < o.Slot.From || p.On > o.Slot.Due) {
				t.Fatalf("%+v was guessed into %+v", p, o.Slot)
			}
			used[o.Evidence] = true
		}
		if len(used)+spare > len(d.ps) {
			t.Fatalf("%d used and %d to spare of %d", len(used), spare, len(d.ps))
		}

		// The order in which evidence came does not matter.
		mixed := rapid.Permutation(d.ps).Draw(t, "mixed")
		again, spareAgain := d.match(mixed)
		if !reflect.DeepEqual(out, again) || spare != spareAgain {
			t.Fatalf("in another order: %+v, %+v", out, again)
		}

		// Another performance never makes anything worse.
		extra := draw(t).ps
		for i := range extra {
			extra[i].Code, extra[i].Returned = fmt.Sprintf("F-%02d", i), false
			if s, ok := d.f.Slot(extra[i].Slot); extra[i].Slot != "" && ok {
				extra[i].Slot = s.Due
			}
		}
		more, _ := d.match(append(mixed, extra...))
		for i := range out {
			if rank(more[i].State) > rank(out[i].State) && out[i].Evidence != "" {
				t.Fatalf("%+v became %+v", out[i], more[i])
			}
			if out[i].State == window.OnTime && more[i].State != window.OnTime {
				t.Fatalf("on time became %s", more[i].State)
			}
		}

		// Time alone moves only what nobody performed.
		later := d
		later.today = d.today.Add(rapid.IntRange(0, 200).Draw(t, "later"))
		after, _ := later.match(d.ps)
		for i := range out {
			if out[i].Evidence != "" && !reflect.DeepEqual(out[i], after[i]) || out[i].State == window.Missed && after[i].State != window.Missed {
				t.Fatalf("%+v became %+v with time", out[i], after[i])
			}
		}
	})
}

func rank(s window.State) int {
	switch s {
	case window.OnTime:
		return 0
	case window.Late:
		return 1
	default:
		return 2
	}
}

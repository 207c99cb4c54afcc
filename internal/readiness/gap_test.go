package readiness

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/scope"
)

// found lists the verdicts of the only criterion's cells and the kinds of its gaps.
func found(a *Assessment) (verdicts []Verdict, kinds []Kind) {
	for _, c := range a.Criteria[0].Cells {
		verdicts = append(verdicts, c.Verdict)
	}
	for _, g := range a.Criteria[0].Gaps {
		kinds = append(kinds, g.Kind)
	}
	return verdicts, kinds
}

func TestStages(t *testing.T) {
	pass := run{first: "2026-01-01", last: "2026-04-20", status: check.StatusPass, items: 10, passed: 10, check: "c", code: "R-1"}
	with := func(r run, f func(*run)) map[int][]run { f(&r); return map[int][]run{0: {r}} }
	perEvent := func(w *world) { w.controls[0].Frequency, w.acts = control.PerEvent, nil }
	for name, tc := range map[string]struct {
		edit   func(*world)
		at     int // stage
		want   Verdict
		kinds  []Kind
		points int
	}{
		"good":        {func(*world) {}, 5, Met, nil, 100},
		"no control":  {func(w *world) { w.controls = nil; w.acts = nil }, 0, NotMet, []Kind{NoControl}, 0},
		"no owner":    {func(w *world) { w.controls[0].Owner = "" }, 2, NotMet, []Kind{NoOwner}, 30},
		"vague":       {func(w *world) { w.controls[0].Statement.EN = "vague" }, 1, NotMet, []Kind{Vague}, 20},
		"no sentence": {func(w *world) { w.controls[0].Statement.EN = " " }, 1, Undetermined, []Kind{NotJudged}, 20},
		"from mid way": {func(w *world) {
			w.controls[0].EffectiveFrom = "2026-04-01"
			w.today = "2026-05-01"
			w.acts = []act{{day: "2026-04-30"}}
		}, 0, NotMet, []Kind{Uncovered}, 50},
		"later":       {func(w *world) { w.controls[0].EffectiveFrom = "2026-06-01" }, 3, Waiting, []Kind{Uncovered, Lapses}, 0},
		"never shown": {func(w *world) { w.acts = nil; w.today = "2026-01-10" }, 3, NotMet, []Kind{NeverShown}, 40},
		"nothing due": {func(w *world) { w.acts = []act{{day: "2025-12-30"}}; w.today = "2026-01-10" }, 5, Waiting, nil, 55},
		"one missing": {func(w *world) { w.acts = w.acts[:2] }, 4, NotMet, []Kind{Unfilled, IsOverdue}, 84},
		"one missed":  {func(w *world) { w.acts = w.acts[1:] }, 5, NotMet, []Kind{Unfilled, WasMissed}, 84},
		"one late":    {func(w *world) { w.acts[1] = act{day: "2026-03-03", slot: "2026-02-28"} }, 5, NotMet, []Kind{WasLate}, 91},
		"sent back":   {func(w *world) { w.acts[2].returned = true }, 4, NotMet, []Kind{SentBack, IsOverdue}, 84},
		"none due": {func(w *world) {
			w.controls[0].Frequency, w.acts = control.Annual, []act{{day: "2025-12-30"}}
		}, 5, NoneDue, nil, 100},
		"none due, none before": {func(w *world) {
			w.controls[0].Frequency, w.acts = control.Annual, []act{{day: "2025-06-30"}}
		}, 4, NotMet, []Kind{NoneInYear}, 55},
		"event, no population": {perEvent, 5, Undetermined, []Kind{NeverShown, NothingShown, NoPopulation}, 40},
		"event, items only":    {func(w *world) { acts := w.acts; perEvent(w); w.acts = acts }, 5, Undetermined, []Kind{NoPopulation}, 75},
		"event, tested":        {func(w *world) { perEvent(w); w.runs = with(pass, func(*run) {}) }, 5, Met, nil, 100},
		"event, run lags":      {func(w *world) { perEvent(w); w.runs = with(pass, func(r *run) { r.last = "2026-03-20" }) }, 5, Met, nil, 100},
		"event, short run":     {func(w *world) { perEvent(w); w.runs = with(pass, func(r *run) { r.last = "2026-01-31" }) }, 5, Undetermined, []Kind{ShortRun}, 75},
		"event, begins late":   {func(w *world) { perEvent(w); w.runs = with(pass, func(r *run) { r.first = "2026-01-02" }) }, 5, Undetermined, []Kind{ShortRun}, 75},
		"event, over": {func(w *world) {
			perEvent(w)
			w.today, w.runs = "2026-07-02", with(pass, func(r *run) { r.last = "2026-06-29" })
		}, 5, Undetermined, []Kind{ShortRun}, 75},
		"event, deviations": {func(w *world) {
			perEvent(w)
			w.runs = with(pass, func(r *run) { r.status, r.passed, r.deviations = check.StatusFail, 8, 2 })
		}, 5, NotMet, []Kind{Deviations}, 95},
		"event, no answer": {func(w *world) {
			perEvent(w)
			w.runs = with(pass, func(r *run) { r.status = check.StatusNotDeterminable })
		}, 5, Undetermined, []Kind{NoAnswer}, 75},
		"event, excluded": {func(w *world) { perEvent(w); w.runs = with(pass, func(r *run) { r.status = check.StatusExcluded }) }, 5, Undetermined, []Kind{NoAnswer}, 75},
		"event, none": {func(w *world) {
			perEvent(w)
			w.runs = with(pass, func(r *run) { r.status, r.items = check.StatusNoOccurrence, 0 })
		}, 5, NothingHappened, nil, 100},
		"continuous, covered": {func(w *world) {
			perEvent(w)
			w.controls[0].Frequency, w.runs = control.Continuous, with(pass, func(*run) {})
		}, 5, Met, nil, 100},
		"continuous, one day": {func(w *world) { w.controls[0].Frequency, w.acts = control.Continuous, []act{{day: "2026-01-01"}} }, 5, Undetermined, []Kind{DaysMissing, DaysNotTested}, 55},
		"snapshot": {func(w *world) {
			w.kind, w.first, w.last, w.acts = 1, "2026-03-15", "2026-03-15", []act{{day: "2026-02-13"}}
		}, 5, NotNeeded, nil, 100},
		"old snapshot": {func(w *world) {
			w.kind, w.first, w.last, w.acts = 1, "2026-03-15", "2026-03-15", []act{{day: "2026-02-12"}}
		}, 4, Undetermined, []Kind{OldSnapshot}, 80},
		"later snapshot": {func(w *world) {
			w.kind, w.first, w.last, w.acts = 1, "2026-03-15", "2026-03-15", []act{{day: "2026-03-16"}}
		}, 4, NotMet, []Kind{NoSnapshot}, 80},
	} {
		t.Run(name, func(t *testing.T) {
			w := good()
			tc.edit(w)
			a := w.assess()
			verdicts, kinds := found(a)
			if verdicts[tc.at] != tc.want || !slices.Equal(kinds, tc.kinds) {
				t.Errorf("%v %v, want %s at %s and %v", verdicts, kinds, tc.want, Stages[tc.at], tc.kinds)
			}
			if tc.points > 0 && a.Score.Points != tc.points {
				t.Errorf("%d points, want %d: %+v", a.Score.Points, tc.points, a.Score.Parts)
			}
		})
	}
}

// A point of focus that no control names is no gap.
func TestPointsOfFocusInform(t *testing.T) {
	a := good().assess()
	if c := a.Criteria[0]; len(c.Points) != 1 || len(c.Points[0].Controls) != 0 || len(c.Gaps) != 0 || a.Score.Points != 100 {
		t.Errorf("%+v", c)
	}
}

// One control drags its criterion down, whatever the others do, and never lifts it.
func TestWeakestControlCounts(t *testing.T) {
	w := good()
	second := w.controls[0]
	second.Code, second.Owner = "AA-2", ""
	w.controls = append(w.controls, second)
	w.acts = append(w.acts, act{control: 1, day: "2026-01-30"}, act{control: 1, day: "2026-02-27"}, act{control: 1, day: "2026-03-31"})
	a := w.assess()
	if a.Score.Points != 30 || len(a.Steps) != 1 || a.Steps[0].Control != "AA-2" || len(a.Steps[0].Moves) != 1 {
		t.Errorf("%d, %+v", a.Score.Points, a.Steps)
	}
	if c := a.Criteria[0].Cells[2]; c.Met != 1 || c.Asked != 2 {
		t.Errorf("%+v", c)
	}
}

// What moves most for its effort comes first; what cannot be mended moves nothing.
func TestStepsAreOrdered(t *testing.T) {
	w := good()
	w.criteria = criteriaNamed("CC6.1", "CC7.2", "CC9.1")
	w.controls[0].Owner = ""
	w.controls[0].Criteria = []string{"CC6.1", "CC7.2"}
	w.acts = w.acts[1:]
	a := w.assess()
	var got []Kind
	for _, s := range a.Ahead() {
		got = append(got, s.Kind)
	}
	if want := []Kind{NoOwner, NoControl, Unfilled, WasMissed}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, s := range a.Steps {
		if !s.Mends() && len(s.Moves) > 0 {
			t.Errorf("%s moves %v", s.Kind, s.Moves)
		}
	}
	if a.Gaps() != 4 {
		t.Errorf("%d gaps", a.Gaps())
	}
}

// Every kind has its step and its sentences, in both languages and without a hole.
func TestKindsAreSpoken(t *testing.T) {
	for k := range steps {
		g := newGap(StageEvidenced, k, "Days", days([]scope.Day{"2026-01-31"}), "Codes", words{list: []string{"E-1"}}, "Offer", words{list: []string{"AC-01"}}, "Lacks", words{"readiness_gap.part.", []string{"actor"}},
			"From", "a", "To", "b", "Day", "c", "AsOf", "d", "Check", "e", "Run", "f")
		g.count = 2
		for _, lang := range i18n.Languages {
			ctx := i18n.With(context.Background(), lang)
			for _, s := range []string{g.What(ctx), g.Next(ctx)} {
				if s == "" || strings.ContainsAny(s, "‹›{") || strings.Contains(s, "<no value>") {
					t.Errorf("%s %s: %q", lang, k, s)
				}
			}
		}
		if effortMinutes[g.Effort()] == 0 {
			t.Errorf("%s has no effort", k)
		}
	}
}

func TestYearBefore(t *testing.T) {
	for last, want := range map[scope.Day]scope.Day{"2026-12-31": "2026-01-01", "2026-06-30": "2025-07-01", "2028-02-29": "2027-03-01", "2028-02-28": "2027-03-01", "2027-02-28": "2026-03-01"} {
		if got := yearBefore(last); got != want {
			t.Errorf("%s: %s, want %s", last, got, want)
		}
	}
}

// A result counts for a day only if it speaks of the whole day, in the organisation's
// zone and across the change of the clock.
func TestWholeDays(t *testing.T) {
	cal, err := scope.NewCalendar("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		from, to    string
		first, last scope.Day
	}{
		"days":         {"2026-03-28", "2026-03-29", "2026-03-28", "2026-03-29"}, // summer time begins on the 29th
		"autumn":       {"2026-10-25", "2026-10-25", "2026-10-25", "2026-10-25"},
		"UTC days":     {"2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-01-02", "2026-01-31"},
		"leap day":     {"2028-02-29", "2028-02-29", "2028-02-29", "2028-02-29"},
		"part of days": {"2026-01-01T10:00:00+01:00", "2026-01-03T10:00:00+01:00", "2026-01-02", "2026-01-02"},
	} {
		i, err := cal.Parse(tc.from, tc.to)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := wholeFrom(cal, i), wholeTo(cal, i); a != tc.first || b != tc.last {
			t.Errorf("%s: %s to %s", name, a, b)
		}
	}
}

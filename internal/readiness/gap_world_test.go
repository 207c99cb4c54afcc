package readiness

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// act is one item of evidence of a control.
type act struct {
	control  int
	day      scope.Day
	slot     scope.Day
	returned bool
}

// world is a programme small enough to be made up.
type world struct {
	kind        int
	first, last scope.Day
	today       scope.Day
	criteria    []framework.Criterion
	controls    []control.Control
	acts        []act
	runs        map[int][]run
}

// lint finds a sentence specific that says so.
func lint(_ i18n.Lang, s string) Sentence {
	if s == "vague" {
		return Sentence{Missing: []string{"actor"}, Hollow: []string{}}
	}
	return Sentence{Specific: true}
}

func (w *world) material() *material {
	o := &Overview{Today: w.today}
	o.Window.Value = window.Window{Type: w.kind, From: w.first, Last: w.last, Code: "W-1"}
	in := &material{overview: o, judge: lint, proofs: map[control.ID]*proof{}}
	for i := range w.controls {
		c := w.controls[i]
		spans := control.Spans([]register.Entry[control.Control]{{Value: c}}, scope.Calendar{}, w.first, w.last)
		if len(spans) == 0 {
			continue
		}
		id := control.ID(fmt.Sprintf("ctl_%d", i))
		l := Line{Control: register.Entry[control.Control]{ID: id, Value: c}, Items: []Item{}}
		p := &proof{runs: w.runs[i], spans: spans, ever: len(w.runs[i]) > 0}
		var ps []window.Performance
		for k, a := range w.acts {
			if a.control != i {
				continue
			}
			code := fmt.Sprintf("E-%03d", k)
			ps = append(ps, window.Performance{Code: code, On: a.day, Slot: a.slot, Returned: a.returned})
			status := evidence.Collected
			if a.returned {
				status = evidence.Returned
			} else {
				p.ever = true
				if a.day <= w.last {
					p.last = max(p.last, a.day)
				}
			}
			if a.day >= w.first && a.day <= w.last || a.slot != "" {
				l.Items = append(l.Items, Item{Code: code, Status: status, First: a.day, Last: a.day})
			}
		}
		l.Tally.Occurrences, _ = window.MatchSpans(spans, w.today, ps)
		in.proofs[id] = p
		o.Lines = append(o.Lines, l)
	}
	for _, c := range w.criteria {
		x := Criterion{Criterion: c}
		for i := range o.Lines {
			if slices.Contains(o.Lines[i].Control.Value.Criteria, c.ID) {
				x.Controls = append(x.Controls, i)
			}
		}
		o.Criteria = append(o.Criteria, x)
	}
	return in
}

func (w *world) assess() *Assessment { return assess(w.material()) }

func criteriaNamed(ids ...string) []framework.Criterion {
	var out []framework.Criterion
	for _, id := range ids {
		out = append(out, framework.Criterion{ID: id, PointsOfFocus: []framework.PointOfFocus{{ID: id + "-F01"}}})
	}
	return out
}

// good is a window half gone in which one monthly control did everything on time.
func good() *world {
	w := &world{
		kind: 2, first: "2026-01-01", last: "2026-06-30", today: "2026-04-20", criteria: criteriaNamed("CC7.2"),
		controls: []control.Control{{Code: "AA-1", Statement: framework.Text{EN: "good"}, Frequency: control.Monthly, Criteria: []string{"CC7.2"}, Owner: "usr_1", Status: control.InForce}},
		acts:     []act{{day: "2026-01-30"}, {day: "2026-02-27"}, {day: "2026-03-31"}}, runs: map[int][]run{},
	}
	return w
}

// worlds draws programmes of every kind of control, in windows that wrap years, leap
// days and ends of months.
func worlds(t *rapid.T) *world {
	begin := scope.DayFrom(2023, time.November, 1).Add(rapid.IntRange(0, 500).Draw(t, "begin"))
	length := rapid.IntRange(0, 420).Draw(t, "length")
	w := &world{kind: rapid.IntRange(1, 2).Draw(t, "type"), first: begin, last: begin.Add(length), criteria: criteriaNamed("CC1.1", "CC6.1", "CC7.2"), runs: map[int][]run{}}
	if w.kind == 1 {
		w.last = w.first
	}
	w.today = begin.Add(rapid.IntRange(-20, length+60).Draw(t, "today"))
	day := func(name string) scope.Day { return begin.Add(rapid.IntRange(-400, length+20).Draw(t, name)) }
	for i := range rapid.IntRange(0, 5).Draw(t, "controls") {
		c := control.Control{
			Code: fmt.Sprintf("AA-%d", i), Frequency: rapid.SampledFrom(control.Frequencies).Draw(t, "frequency"), Status: control.InForce,
			Criteria:  rapid.SliceOfDistinct(rapid.SampledFrom([]string{"CC1.1", "CC6.1", "CC7.2"}), rapid.ID[string]).Draw(t, "criteria"),
			Statement: framework.Text{EN: rapid.SampledFrom([]string{"good", "good", "vague"}).Draw(t, "sentence")},
			Owner:     rapid.SampledFrom([]string{"usr_1", "usr_1", ""}).Draw(t, "owner"), Grace: rapid.SampledFrom([]int{0, 0, 7}).Draw(t, "grace"),
		}
		if rapid.Bool().Draw(t, "begins") {
			c.EffectiveFrom = day("effective")
		}
		w.controls = append(w.controls, c)
		if rapid.Bool().Draw(t, "tested") {
			a := day("run")
			r := run{first: a, last: a.Add(rapid.IntRange(0, 420).Draw(t, "run length")), status: rapid.SampledFrom(checkOrder).Draw(t, "status"), items: 10, passed: rapid.IntRange(0, 10).Draw(t, "passed"), check: "c", code: "R-1"}
			if r.first <= w.last && r.last >= w.first {
				w.runs[i] = []run{r}
			}
		}
	}
	if len(w.controls) == 0 {
		return w
	}
	for range rapid.IntRange(0, 14).Draw(t, "acts") {
		w.acts = append(w.acts, w.act(t))
	}
	return w
}

func (w *world) act(t *rapid.T) act {
	a := act{control: rapid.IntRange(0, len(w.controls)-1).Draw(t, "of"), day: w.first.Add(rapid.IntRange(-380, w.last.Sub(w.first)+40).Draw(t, "on")), returned: rapid.IntRange(0, 4).Draw(t, "returned") == 0}
	if s, ok := w.controls[a.control].Frequency.Slot(a.day.Add(-rapid.IntRange(0, 40).Draw(t, "before"))); ok && rapid.Bool().Draw(t, "named") {
		a.slot = s.Due
	}
	return a
}

package window

import (
	"cmp"
	"context"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// State is how one expected occurrence went.
type State string

// The states of an occurrence.
const (
	OnTime  State = "on_time"
	Late    State = "late"    // after due plus grace, before the next due day
	Missed  State = "missed"  // the next due day came first
	Overdue State = "overdue" // past due plus grace; the next due day has not come
	Due     State = "due"     // the period has begun
	NotDue  State = "not_due"
)

// Occurrence is one expected performance of a periodic control.
type Occurrence struct {
	Slot        control.Slot `json:"slot"`
	State       State        `json:"state"`
	Evidence    string       `json:"evidence"` // code of the item that performs it, ""
	PerformedOn scope.Day    `json:"performed_on"`
	DaysPastDue int          `json:"days_past_due"`
	Returned    []string     `json:"returned"` // items for it that were sent back
}

// The bases on which occurrences are counted.
const (
	ByClock      = "clock"
	ByPopulation = "population"
	ByCoverage   = "continuous"
)

// Tally is one control's occurrences in a window.
type Tally struct {
	Control      string     `json:"control"` // code
	ID           control.ID `json:"id"`
	Frequency    string     `json:"frequency"`
	Basis        string     `json:"basis"`
	Expected     int        `json:"expected"`
	OnTime       int        `json:"on_time"`
	Late         int        `json:"late"`
	Missed       int        `json:"missed"`
	Open         int        `json:"open"` // due or not due yet
	Undetermined int        `json:"not_determinable"`
	// Operated counts performances in the window that stand for no due day in it:
	// an annual control that operated though none was due.
	Operated    int          `json:"operated"`
	Evidence    int          `json:"evidence"`
	Status      check.Status `json:"status"` // the worst of its check results, "" for none
	Occurrences []Occurrence `json:"occurrences"`
}

// Performance is evidence seen as an act on a day.
type Performance struct {
	Code     string
	On       scope.Day
	Slot     scope.Day // named, "" otherwise
	Returned bool
}

// Match holds performances against the due days of a control that is expected at
// one frequency in [first, last]: MatchSpans of that one span.
func Match(f control.Frequency, grace int, first, last, today scope.Day, ps []Performance) (out []Occurrence, spare int) {
	return MatchSpans([]control.Span{{From: first, Last: last, Frequency: f, Grace: grace}}, today, ps)
}

// expected is a due day with the grace of the version that made it and the due day
// that comes after it.
type expected struct {
	slot      control.Slot
	grace     int
	following scope.Day
}

// dueDays lists the due days of all spans, in order. After the last one of a span
// comes the first one of the next, or else what would have come at its own
// frequency.
func dueDays(spans []control.Span) (out []expected) {
	for _, s := range spans {
		for _, slot := range s.Frequency.Slots(s.From, s.Last) {
			if n := len(out); n > 0 {
				out[n-1].following = slot.Due
			}
			following, _ := s.Frequency.Slot(slot.Due.Add(1))
			out = append(out, expected{slot, s.Grace, following.Due})
		}
	}
	return out
}

// slotOf is the due day of the period in which a day lies, at the frequency that
// was expected on it; on days without one, at that of the nearest span.
func slotOf(spans []control.Span, d scope.Day) scope.Day {
	for i, s := range spans {
		if d <= s.Last || i == len(spans)-1 {
			slot, _ := s.Frequency.Slot(d)
			return slot.Due
		}
	}
	return ""
}

// MatchSpans holds performances against the due days of a control, version by
// version. One performance satisfies at most one slot; a named slot goes before a
// guessed one; among several for one slot the earliest counts. today decides what
// is missed: a slot is missed when the next due day has come without a performance
// (domain 0a rule 3). spare counts performances within the spans that stand for no
// due day in them.
func MatchSpans(spans []control.Span, today scope.Day, ps []Performance) (out []Occurrence, spare int) {
	slots := dueDays(spans)
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Performance) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Code, b.Code)) })
	taken := map[scope.Day]Performance{}
	returned := map[scope.Day][]string{}
	for _, p := range ps {
		due := p.Slot
		if due == "" {
			due = slotOf(spans, p.On)
		}
		if p.Returned {
			returned[due] = append(returned[due], p.Code)
			continue
		}
		if _, twice := taken[due]; twice || !slices.ContainsFunc(slots, func(s expected) bool { return s.slot.Due == due }) {
			if slices.ContainsFunc(spans, func(s control.Span) bool { return p.On >= s.From && p.On <= s.Last }) {
				spare++
			}
			continue
		}
		taken[due] = p
	}
	for _, s := range slots {
		due := s.slot.Due
		o := Occurrence{Slot: s.slot, Returned: returned[due]}
		if o.Returned == nil {
			o.Returned = []string{}
		}
		p, ok := taken[due]
		switch {
		case ok && p.On <= due.Add(s.grace):
			o.State, o.Evidence, o.PerformedOn = OnTime, p.Code, p.On
		case ok && p.On < s.following:
			o.State, o.Evidence, o.PerformedOn = Late, p.Code, p.On
		case ok: // performed only after the next one was due: missed, and shown
			o.State, o.Evidence, o.PerformedOn = Missed, p.Code, p.On
		case today >= s.following:
			o.State = Missed
		case today > due.Add(s.grace):
			o.State = Overdue
		case today >= s.slot.From:
			o.State = Due
		default:
			o.State = NotDue
		}
		if o.PerformedOn > due {
			o.DaysPastDue = o.PerformedOn.Sub(due)
		} else if o.PerformedOn == "" && today > due {
			o.DaysPastDue = today.Sub(due)
		}
		out = append(out, o)
	}
	return out, spare
}

// Status counts the occurrences of every control in scope.
func (s *Service) Status(ctx context.Context, w *register.Entry[Window]) ([]Tally, error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	if err := by.InWindow(w.ID.String()); err != nil {
		return nil, err
	}
	cal, err := w.Value.Calendar()
	if err != nil {
		return nil, err
	}
	return Tallies(s.Store.Live(ctx), w, cal.Day(s.Store.Now()))
}

// Tallies is Status for a reader and a day.
func Tallies(r register.Reader, w *register.Entry[Window], today scope.Day) ([]Tally, error) {
	cs, err := InScope(r, &w.Value)
	if err != nil {
		return nil, err
	}
	return Count(Now(r), &w.Value, cs, today)
}

// Count is Tallies for controls that InScope has listed.
func Count(r Reading, w *Window, cs []register.Entry[control.Control], today scope.Day) ([]Tally, error) {
	all, err := factsOf(r)
	if err != nil {
		return nil, err
	}
	out := make([]Tally, 0, len(cs))
	for _, c := range cs {
		t, err := tally(r.At, w, &c, today, all.items[c.ID], all.results[c.ID])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// TallyOf counts one control.
func TallyOf(r register.Reader, w *Window, c register.Entry[control.Control], today scope.Day) (Tally, error) {
	items, err := evidence.For(r, c.ID)
	if err != nil {
		return Tally{}, err
	}
	results, err := check.Outcomes.From(r, c.ID.String(), register.Bears)
	if err != nil {
		return Tally{}, err
	}
	return tally(r, w, &c, today, items, results)
}

// tally counts one control from the items that support it and the results that bear
// on it.
func tally(r register.Reader, w *Window, c *register.Entry[control.Control], today scope.Day, items []register.Entry[evidence.Evidence], results []register.Entry[check.Outcome]) (Tally, error) {
	t := Tally{Control: c.Value.Code, ID: c.ID, Frequency: string(c.Value.Frequency), Basis: ByClock, Occurrences: []Occurrence{}}
	cal, err := w.Calendar()
	if err != nil {
		return t, err
	}
	var ps []Performance
	for _, e := range items {
		if e.Value.Status == evidence.Superseded {
			continue
		}
		day := e.Value.Occurred().LastDay(cal)
		if day >= w.From && day <= w.Last || e.Value.Slot != "" && e.Value.Slot >= w.From && e.Value.Slot <= w.Last {
			t.Evidence++
		}
		ps = append(ps, Performance{e.Value.Code, day, e.Value.Slot, e.Value.Status == evidence.Returned})
	}
	from, to := w.Bounds(cal)
	stand := check.Stand(results, from, to)
	t.Status = stand.Status
	spans, err := SpansOf(r, c, w)
	if err != nil || len(spans) == 0 {
		return t, err
	}
	t.Count(spans, today, ps, stand)
	return t, nil
}

// Count counts the occurrences of a control: those that the clock makes in any of
// its versions, and the items of its population where events make them now.
func (t *Tally) Count(spans []control.Span, today scope.Day, ps []Performance, stand check.Standing) {
	t.Occurrences, t.Operated = MatchSpans(spans, today, ps)
	t.Expected = len(t.Occurrences)
	for _, o := range t.Occurrences {
		switch o.State {
		case OnTime:
			t.OnTime++
		case Late:
			t.Late++
		case Missed:
			t.Missed++
		default:
			t.Open++
		}
	}
	switch control.Frequency(t.Frequency) {
	case control.PerEvent:
		t.Basis = ByPopulation
		t.Expected += stand.Items
		t.OnTime += stand.Passed
		t.Missed += stand.Deviations
		t.Undetermined = stand.Undetermined
	case control.Continuous:
		t.Basis = ByCoverage
	default:
		t.Basis = ByClock
	}
	if t.Basis != ByClock && len(t.Occurrences) == 0 {
		t.Operated = 0 // no due days to be apart from
	}
	if t.Occurrences == nil {
		t.Occurrences = []Occurrence{}
	}
}

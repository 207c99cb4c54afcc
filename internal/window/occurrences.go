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

// Match holds performances against the due days of a control in [first, last].
// One performance satisfies at most one slot; a named slot goes before a guessed
// one; among several for one slot the earliest counts. today decides what is
// missed: a slot is missed when the next due day has come without a performance
// (domain 0a rule 3).
func Match(f control.Frequency, grace int, first, last, today scope.Day, ps []Performance) (out []Occurrence, spare int) {
	slots := f.Slots(first, last)
	ps = slices.Clone(ps)
	slices.SortStableFunc(ps, func(a, b Performance) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.Code, b.Code)) })
	taken := map[scope.Day]Performance{}
	returned := map[scope.Day][]string{}
	for _, p := range ps {
		due := p.Slot
		if due == "" {
			if s, ok := f.Slot(p.On); ok {
				due = s.Due
			}
		}
		if p.Returned {
			returned[due] = append(returned[due], p.Code)
			continue
		}
		if _, twice := taken[due]; twice || !slices.ContainsFunc(slots, func(s control.Slot) bool { return s.Due == due }) {
			if p.On >= first && p.On <= last {
				spare++
			}
			continue
		}
		taken[due] = p
	}
	for _, s := range slots {
		following, _ := f.Slot(s.Due.Add(1))
		o := Occurrence{Slot: s, Returned: returned[s.Due]}
		if o.Returned == nil {
			o.Returned = []string{}
		}
		p, ok := taken[s.Due]
		switch {
		case ok && p.On <= s.Due.Add(grace):
			o.State, o.Evidence, o.PerformedOn = OnTime, p.Code, p.On
		case ok && p.On < following.Due:
			o.State, o.Evidence, o.PerformedOn = Late, p.Code, p.On
		case ok: // performed only after the next one was due: missed, and shown
			o.State, o.Evidence, o.PerformedOn = Missed, p.Code, p.On
		case today >= following.Due:
			o.State = Missed
		case today > s.Due.Add(grace):
			o.State = Overdue
		case today >= s.From:
			o.State = Due
		default:
			o.State = NotDue
		}
		if o.PerformedOn > s.Due {
			o.DaysPastDue = o.PerformedOn.Sub(s.Due)
		} else if o.PerformedOn == "" && today > s.Due {
			o.DaysPastDue = today.Sub(s.Due)
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
	out := make([]Tally, 0, len(cs))
	for _, c := range cs {
		t, err := TallyOf(r, &w.Value, c, today)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// TallyOf counts one control.
func TallyOf(r register.Reader, w *Window, c register.Entry[control.Control], today scope.Day) (Tally, error) {
	t := Tally{Control: c.Value.Code, ID: c.ID, Frequency: string(c.Value.Frequency), Basis: ByClock, Occurrences: []Occurrence{}}
	cal, err := w.Calendar()
	if err != nil {
		return t, err
	}
	items, err := evidence.For(r, c.ID)
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
	stand, err := check.StandingOf(r, c.ID, from, to)
	if err != nil {
		return t, err
	}
	t.Status = stand.Status
	first, last, ok := c.Value.Active(w.From, w.Last)
	switch {
	case !ok:
		return t, nil
	case c.Value.Frequency.Periodic():
		var spare int
		t.Occurrences, spare = Match(c.Value.Frequency, c.Value.Grace, first, last, today, ps)
		t.Operated = spare
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
	case c.Value.Frequency == control.PerEvent:
		t.Basis = ByPopulation
		t.Expected, t.OnTime, t.Missed, t.Undetermined = stand.Items, stand.Passed, stand.Deviations, stand.Undetermined
	default:
		t.Basis = ByCoverage
	}
	if t.Occurrences == nil {
		t.Occurrences = []Occurrence{}
	}
	return t, nil
}

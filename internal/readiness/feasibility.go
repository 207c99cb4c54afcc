package readiness

import (
	"cmp"
	"slices"

	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Proposal is a window as it is or might be. Days are inclusive.
type Proposal struct {
	Type       int                  `json:"type"`
	First      scope.Day            `json:"first_day"`
	Last       scope.Day            `json:"last_day"` // Type 1: equal to First
	Categories framework.Categories `json:"categories"`
}

// ProposalOf is an open window as a proposal.
func ProposalOf(w *window.Window) Proposal {
	return Proposal{Type: w.Type, First: w.From, Last: w.Last, Categories: w.Categories}
}

// check refuses what is no window.
func (p *Proposal) check() error {
	switch {
	case p.Type != 1 && p.Type != 2:
		return fault.New(fault.Invalid, "window.type", "Type", p.Type)
	case p.Type == 1 && p.First != p.Last:
		return fault.New(fault.Invalid, "window.type1")
	case p.Last < p.First:
		return fault.New(fault.Invalid, "window.order", "From", string(p.First), "To", string(p.Last.Add(1)))
	case p.Last.Sub(p.First) >= maxDays:
		return fault.New(fault.Invalid, "readiness_gap.too_long", "Days", maxDays)
	}
	for _, d := range []scope.Day{p.First, p.Last} {
		if _, err := scope.ParseDay(string(d)); err != nil {
			return err
		}
	}
	return nil
}

// maxDays bounds the window that is computed: three years and a leap day.
const maxDays = 1097

// Limit is why a control cannot be shown throughout a window, or not yet.
type Limit string

// The limits, worst first.
const (
	Lost         Limit = "lost"          // a due day went by without a performance, and the next one has come
	PartOnly     Limit = "part_only"     // in force on a part of the window
	NeverDue     Limit = "nothing_due"   // no due day, and nothing in the twelve months before its end
	NoneToTest   Limit = "none_to_test"  // no due day; performed within the twelve months before its end
	OnceOnly     Limit = "once_only"     // one due day in the whole window, though it comes round more often than yearly
	UnknownCount Limit = "unknown_count" // per event: nobody can know how many
	UnknownState Limit = "unknown_state" // Type 1: needs a snapshot close to the day
)

// Limits lists the limits, worst first.
var Limits = []Limit{Lost, PartOnly, NeverDue, NoneToTest, OnceOnly, UnknownCount, UnknownState}

// Certain reports whether the limit is a fact; the others cannot be determined yet.
func (l Limit) Certain() bool { return l != UnknownCount && l != UnknownState }

// Feasible is what a window asks of one control.
type Feasible struct {
	ID       control.ID
	Code     string
	Title    framework.Text
	Expected int // due days in the window, of a control that the calendar drives
	Done     int // of these, performed
	Lost     []scope.Day
	Ahead    []scope.Day // due days that can still be met, from today
	Limits   []Limit
	// From and To is the part of the window in which it is in force.
	From, To scope.Day
	Before   scope.Day // newest performance within twelve months of the window's end, ""
	Criteria []string  // in scope
}

// Has reports whether a limit applies.
func (f *Feasible) Has(l Limit) bool { return slices.Contains(f.Limits, l) }

// Deadline is a day by which something must happen.
type Deadline struct {
	Day      scope.Day
	Controls []string // codes
}

// Uncoverable is a criterion that no control in force meets on days of the window.
type Uncoverable struct {
	Criterion framework.Criterion
	From, To  scope.Day
	Past      bool // the days have begun: nothing can be put in force for them any more
}

// Feasibility is what a window can and cannot show any more.
type Feasibility struct {
	Proposal  Proposal
	Today     scope.Day
	Controls  []Feasible    // in scope and in force on a day of it, by code
	Uncovered []Uncoverable // criteria, in the order of the set
	Deadlines []Deadline    // from today, by day
	Criteria  int           // in scope
}

// With counts the controls to which a limit applies.
func (f *Feasibility) With(l Limit) int {
	n := 0
	for i := range f.Controls {
		if f.Controls[i].Has(l) {
			n++
		}
	}
	return n
}

// Performed is a control with what was done for it: all that feasibility needs.
type Performed struct {
	ID           control.ID
	Control      *control.Control                  // its newest version
	Versions     []register.Entry[control.Control] // all of them, oldest first
	Performances []window.Performance
}

// Feasible tells what a window can still show. It is a pure function of the controls
// and what was done for them, the criteria set, the day and the proposal: moving a day,
// adding a category or asking for a Type 1 is another proposal.
func feasible(all []Performed, set *framework.Set, cal scope.Calendar, today scope.Day, p Proposal) (*Feasibility, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	criteria := set.InScope(p.Categories)
	in := map[string]bool{}
	for _, c := range criteria {
		in[c.ID] = true
	}
	out := &Feasibility{Proposal: p, Today: today, Controls: []Feasible{}, Uncovered: []Uncoverable{}, Deadlines: []Deadline{}, Criteria: len(criteria)}
	spans := map[string][]span{}
	for i := range all {
		c := all[i].Control
		binds := control.Spans(all[i].Versions, cal, p.First, p.Last)
		if len(binds) == 0 {
			continue
		}
		from, to := binds[0].From, binds[len(binds)-1].Last
		f := Feasible{ID: all[i].ID, Code: c.Code, Title: c.Title, From: from, To: to, Lost: []scope.Day{}, Ahead: []scope.Day{}, Limits: []Limit{}, Criteria: []string{}}
		for _, id := range c.Criteria {
			if in[id] && !slices.Contains(f.Criteria, id) {
				f.Criteria = append(f.Criteria, id)
				for _, s := range binds {
					spans[id] = append(spans[id], span{s.From, s.Last})
				}
			}
		}
		if len(f.Criteria) == 0 {
			continue
		}
		f.look(c, binds, all[i].Performances, p, today)
		out.Controls = append(out.Controls, f)
	}
	slices.SortFunc(out.Controls, func(a, b Feasible) int { return cmp.Compare(a.Code, b.Code) })
	for _, c := range criteria {
		for _, s := range uncovered(spans[c.ID], p.First, p.Last, false) {
			out.Uncovered = append(out.Uncovered, Uncoverable{c, s.first, s.last, s.first < today})
		}
	}
	out.deadlines()
	return out, nil
}

// look finds the limits of one control.
func (f *Feasible) look(c *control.Control, binds []control.Span, ps []window.Performance, p Proposal, today scope.Day) {
	for _, x := range ps {
		if !x.Returned && x.On >= yearBefore(p.Last) && x.On <= p.Last {
			f.Before = max(f.Before, x.On)
		}
	}
	if p.Type == 1 {
		if f.Before == "" || p.Last.Sub(f.Before) > snapshotDays {
			f.Limits = append(f.Limits, UnknownState)
		}
		if p.Last >= today {
			f.Ahead = append(f.Ahead, p.Last)
		}
		return
	}
	if f.From > p.First || f.To < p.Last || len(idleIn(binds, p.First, p.Last)) > 0 {
		f.Limits = append(f.Limits, PartOnly)
	}
	if !c.Frequency.Periodic() {
		if c.Frequency == control.PerEvent {
			f.Limits = append(f.Limits, UnknownCount)
		}
		return
	}
	slots, _ := window.MatchSpans(binds, today, ps)
	f.Expected = len(slots)
	for _, o := range slots {
		switch o.State {
		case window.OnTime, window.Late:
			f.Done++
		case window.Missed:
			f.Lost = append(f.Lost, o.Slot.Due)
		default:
			f.Ahead = append(f.Ahead, o.Slot.Due)
		}
	}
	if len(f.Lost) > 0 {
		f.Limits = append(f.Limits, Lost)
	}
	switch {
	case f.Expected == 0 && f.Before == "":
		f.Limits = append(f.Limits, NeverDue)
	case f.Expected == 0:
		f.Limits = append(f.Limits, NoneToTest)
	case f.Expected == 1 && c.Frequency != control.Annual:
		f.Limits = append(f.Limits, OnceOnly)
	}
	slices.SortFunc(f.Limits, func(a, b Limit) int { return slices.Index(Limits, a) - slices.Index(Limits, b) })
}

// idleIn are the days of a window on which no version is in force.
func idleIn(binds []control.Span, first, last scope.Day) []span {
	p := proof{spans: binds}
	return p.idle(first, last)
}

// nextOnly is how many due days of one control the dated list names: after the next
// ones come the same again.
const nextOnly = 3

// deadlines gathers the next due days of all controls.
func (f *Feasibility) deadlines() {
	at := map[scope.Day][]string{}
	for i := range f.Controls {
		c := &f.Controls[i]
		for _, d := range c.Ahead[:min(len(c.Ahead), nextOnly)] {
			at[d] = append(at[d], c.Code)
		}
	}
	for d, codes := range at {
		f.Deadlines = append(f.Deadlines, Deadline{d, codes})
	}
	slices.SortFunc(f.Deadlines, func(a, b Deadline) int { return cmp.Compare(a.Day, b.Day) })
}

// Difference is what another proposal changes for one control.
type Difference struct {
	Code   string
	Title  framework.Text
	Gained []Limit // limits that come
	Shed   []Limit // limits that go
	Enters bool    // not in scope before
	Leaves bool    // no longer in scope
}

// Compare tells what changes from one proposal to another, by code. A control that
// changes nothing is left out.
func Compare(before, after *Feasibility) []Difference {
	was, is := map[string]*Feasible{}, map[string]*Feasible{}
	var codes []string
	for i := range before.Controls {
		was[before.Controls[i].Code] = &before.Controls[i]
		codes = append(codes, before.Controls[i].Code)
	}
	for i := range after.Controls {
		is[after.Controls[i].Code] = &after.Controls[i]
		codes = append(codes, after.Controls[i].Code)
	}
	slices.Sort(codes)
	out := []Difference{}
	for _, code := range slices.Compact(codes) {
		a, b := was[code], is[code]
		d := Difference{Code: code, Gained: []Limit{}, Shed: []Limit{}, Enters: a == nil, Leaves: b == nil}
		if a != nil {
			d.Title = a.Title
		} else {
			d.Title = b.Title
		}
		for _, l := range Limits {
			had, has := a != nil && a.Has(l), b != nil && b.Has(l)
			switch {
			case has && !had:
				d.Gained = append(d.Gained, l)
			case had && !has:
				d.Shed = append(d.Shed, l)
			}
		}
		if d.Enters || d.Leaves || len(d.Gained)+len(d.Shed) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// performed are the organisation's controls with what was done for them.
func (s *Service) performed(cal scope.Calendar) []Performed {
	var out []Performed
	for _, c := range s.book.controls {
		if c.Erased {
			continue
		}
		x := Performed{ID: c.ID, Control: &c.Value, Versions: s.book.versions[c.ID]}
		if x.Versions == nil {
			x.Versions = []register.Entry[control.Control]{*c}
		}
		for _, h := range s.book.supports[c.ID] {
			if p, ok := performance(&h.entry, h.interval.LastDay(cal)); ok {
				x.Performances = append(x.Performances, p)
			}
		}
		out = append(out, x)
	}
	return out
}

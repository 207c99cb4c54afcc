package readiness

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Overview is a window seen by control and by criterion. It is shared between
// readers and must not be changed.
type Overview struct {
	Window   register.Entry[window.Window]
	Calendar scope.Calendar
	Today    scope.Day
	Lines    []Line      // the controls in scope, by code
	Criteria []Criterion // the criteria in scope, in the order of the set
	Results  []Result    // the check results that speak for the window, of each check and source one
}

// Result is a check result that bears on a control in scope, or on none at all.
type Result struct {
	Code       string
	Status     check.Status
	Deviations int
}

// Line is one control in a window.
type Line struct {
	Control  register.Entry[control.Control]
	Tally    window.Tally
	Items    []Item // what speaks of the window, by start of occurrence; superseded ones too
	Outcome  *register.Entry[check.Outcome]
	Months   []Month
	Overdue  int      // occurrences past due that can still be performed late
	State    State    // as pages show it, "" for an auditor
	Exact    State    // the same before it is put into the pages' words
	Standing Standing // a fact, for every reader
}

// Item is evidence as lists show it.
type Item struct {
	ID          evidence.ID      `json:"id"`
	Code        string           `json:"code"`
	Title       string           `json:"title"`
	Type        evidence.Type    `json:"type"`
	Status      evidence.Status  `json:"status"`
	First       scope.Day        `json:"first"` // days it speaks of, both included
	Last        scope.Day        `json:"last"`
	PerformedBy string           `json:"performed_by"`
	Labels      []evidence.Label `json:"labels"` // lateness, but for performed late, which is the occurrence's
}

// Stands reports whether the item counts: it was neither sent back nor replaced.
func (i *Item) Stands() bool {
	return i.Status == evidence.Collected || i.Status == evidence.Accepted
}

// Criterion is one criterion in a window.
type Criterion struct {
	framework.Criterion
	Controls []int // indexes in Overview.Lines, by code
	Months   []Month
	State    State // as pages show it, "" for an auditor
	Exact    State
	OnTime   int // occurrences of its controls that the clock makes
	Late     int
	Missed   int
	Overdue  int
	Evidence int          // items that stand, each once
	Check    check.Status // the worst of its controls' newest results, "" for none
}

// Find is the line of a control; nil if it is not in scope.
func (o *Overview) Find(code string) *Line {
	i, ok := slices.BinarySearchFunc(o.Lines, code, func(l Line, code string) int { return strings.Compare(l.Control.Value.Code, code) })
	if !ok {
		return nil
	}
	return &o.Lines[i]
}

// Day tells which day of the window today is, counted from 1: 0 before it begins
// and of when it is over.
func (o *Overview) Day() (n, of int) {
	w := &o.Window.Value
	of = w.Last.Sub(w.From) + 1
	return min(max(o.Today.Sub(w.From)+1, 0), of), of
}

// Focus is the window that pages speak of unless the reader asks for another: the
// newest open one, else the newest. all is newest first; nil if there is none.
func Focus(all []register.Entry[window.Window]) *register.Entry[window.Window] {
	for i := range all {
		if all[i].Value.Status == window.Open {
			return &all[i]
		}
	}
	if len(all) > 0 {
		return &all[0]
	}
	return nil
}

// Choose is the window with the code or id name, or Focus without a name, among
// those the caller may see; nil if there is no window at all.
func Choose(ctx context.Context, windows *window.Service, name string) (*register.Entry[window.Window], error) {
	if name != "" {
		e, err := windows.Get(ctx, name)
		return &e, err
	}
	all, err := windows.List(ctx)
	return Focus(all), err
}

// Overview computes a window. A reader without evidence.read gets no items, one
// without population.read no check results, and an auditor no states.
func (s *Service) Overview(ctx context.Context, w *register.Entry[window.Window]) (*Overview, error) {
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
	o, err := s.overview(ctx, w, cal, cal.Day(s.Store.Now()))
	if err != nil {
		return nil, err
	}
	return forReader(o, by), nil
}

func (s *Service) overview(ctx context.Context, w *register.Entry[window.Window], cal scope.Calendar, today scope.Day) (*Overview, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	if m := s.book.made[w.ID]; m != nil && m.today == today && m.version == w.Version {
		return m.overview, nil
	}
	o := &Overview{Window: *w, Calendar: cal, Today: today, Lines: []Line{}, Criteria: []Criterion{}}
	criteria, err := w.Value.Criteria()
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, c := range criteria {
		in[c.ID] = true
	}
	held := s.book.lines[w.ID]
	if held == nil || held.today != today || held.version != w.Version {
		held = &drawn{version: w.Version, today: today, lines: map[control.ID]Line{}}
		s.book.lines[w.ID] = held
	}
	for _, c := range s.book.controls {
		if c.Erased || !slices.ContainsFunc(c.Value.Criteria, func(id string) bool { return in[id] }) {
			continue
		}
		if len(s.spans(&w.Value, cal, c)) == 0 {
			continue
		}
		l, ok := held.lines[c.ID]
		if !ok {
			if l, err = s.line(ctx, o, c); err != nil {
				return nil, err
			}
			held.lines[c.ID] = l
		}
		o.Lines = append(o.Lines, l)
	}
	slices.SortFunc(o.Lines, func(a, b Line) int { return strings.Compare(a.Control.Value.Code, b.Control.Value.Code) })
	o.criteria(criteria)
	o.results(s.book.outcomes)
	s.book.made[w.ID] = &made{version: w.Version, today: today, overview: o}
	return o, nil
}

// line computes one control. The tally is that of window.TallyOf, from the book.
func (s *Service) line(ctx context.Context, o *Overview, c *register.Entry[control.Control]) (Line, error) {
	w := &o.Window.Value
	l := Line{Control: *c, Items: []Item{}}
	held := s.book.supports[c.ID]
	var performances []window.Performance
	var f Facts
	for _, h := range held {
		e := &h.entry.Value
		last := h.interval.LastDay(o.Calendar)
		if e.Status != evidence.Superseded {
			performances = append(performances, window.Performance{Code: e.Code, On: last, Slot: e.Slot, Returned: e.Status == evidence.Returned})
		}
		counts := last >= w.From && last <= w.Last || e.Slot != "" && e.Slot >= w.From && e.Slot <= w.Last
		if counts && e.Status != evidence.Superseded {
			l.Tally.Evidence++
		}
		if !counts && !window.Touches(w, o.Calendar, e) {
			continue
		}
		labels, err := s.labels(ctx, o, h)
		if err != nil {
			return l, err
		}
		it := Item{
			ID: h.entry.ID, Code: e.Code, Title: e.Title, Type: e.Type, Status: e.Status, PerformedBy: e.PerformedBy,
			First: h.interval.FirstDay(o.Calendar), Last: last, Labels: labels,
		}
		switch {
		case it.Status == evidence.Returned:
			f.Returned++
		case it.Stands():
			f.Evidence++
			if it.Status == evidence.Collected {
				f.Unreviewed++
			}
			if len(labels) > 0 {
				f.Labelled++
			}
		}
		l.Items = append(l.Items, it)
	}
	from, to := w.Bounds(o.Calendar)
	var results []register.Entry[check.Outcome]
	for _, i := range s.book.bears[c.ID] {
		results = append(results, s.book.outcomes[i])
	}
	stand := check.Stand(results, from, to)
	l.Outcome = stand.Worst
	l.tally(o, s.spans(w, o.Calendar, c), performances, stand)
	l.Months = months(w.From, w.Last)
	if c.Value.Frequency.Periodic() {
		clockCover(l.Months, &l, o.Calendar)
	} else {
		otherCover(l.Months, &l, o.Today, o.Calendar)
	}
	f.Owned, f.Overdue, f.Check = c.Value.Owner != "", l.Overdue, l.Tally.Status
	f.OnTime, f.Late = l.Tally.OnTime, l.Tally.Late
	f.ByClock, f.Events = l.Tally.Basis == window.ByClock, l.Tally.Basis == window.ByPopulation
	for _, occ := range l.Tally.Occurrences {
		if occ.State != window.NotDue {
			f.Due++
		}
	}
	if !f.ByClock {
		f.Gap = hasGap(l.Months, o.Today)
	}
	if l.Tally.Basis == window.ByClock {
		f.Missed = l.Tally.Missed
	}
	l.Exact, l.Standing = Judge(f), standing(&l, f)
	l.State = l.Exact.Shown()
	return l, nil
}

// tally counts the occurrences, as window.TallyOf does.
func (l *Line) tally(o *Overview, spans []control.Span, performances []window.Performance, stand check.Standing) {
	c := &l.Control
	t := &l.Tally
	t.Control, t.ID, t.Frequency, t.Basis = c.Value.Code, c.ID, string(c.Value.Frequency), window.ByClock
	t.Status = stand.Status
	t.Count(spans, o.Today, performances, stand)
	for _, occ := range t.Occurrences {
		if occ.State == window.Overdue {
			l.Overdue++
		}
	}
}

// spans is what the versions of a control expected in a window, as
// window.SpansOf gives it, from the book.
func (s *Service) spans(w *window.Window, cal scope.Calendar, c *register.Entry[control.Control]) []control.Span {
	versions := s.book.versions[c.ID]
	if versions == nil {
		versions = []register.Entry[control.Control]{*c}
	}
	return control.Spans(versions, cal, w.From, w.Last)
}

func standing(l *Line, f Facts) Standing {
	switch {
	case f.Missed > 0:
		return HasMissed
	case l.Outcome != nil && l.Outcome.Value.Deviations > 0:
		return HasDeviations
	case f.Overdue > 0:
		return HasOverdue
	case f.Late > 0:
		return HasLate
	case f.Evidence == 0 && f.OnTime == 0:
		return Nothing
	default:
		return OnTime
	}
}

// labels are the item's labels in the window, by the same rules as the package's.
// When it was received is read from its history only where that can matter: the
// newest version came no earlier.
func (s *Service) labels(ctx context.Context, o *Overview, h *held) ([]evidence.Label, error) {
	if l, ok := h.labels[o.Window.ID]; ok {
		return l, nil
	}
	e := &h.entry.Value
	controls := make([]*control.Control, 0, len(e.Controls))
	for _, id := range e.Controls {
		versions := s.book.versions[id]
		if c := s.book.controls[id]; versions == nil && c != nil {
			versions = []register.Entry[control.Control]{*c}
		}
		controls = append(controls, evidence.InForce(versions, h.interval, o.Calendar))
	}
	_, end := o.Window.Value.Bounds(o.Calendar)
	received := h.entry.At
	_, after := evidence.AfterPeriod(e, received, end)
	if h.entry.Version > 1 && (after || evidence.CapturedLate(e, received, controls)) {
		versions, err := evidence.Items.History(s.Store.Live(ctx), h.entry.ID)
		if err != nil {
			return nil, err
		}
		received = evidence.Received(versions)
	}
	out := []evidence.Label{}
	if evidence.CapturedLate(e, received, controls) {
		out = append(out, evidence.LateCapture)
	}
	if l, ok := evidence.AfterPeriod(e, received, end); ok {
		out = append(out, l)
	}
	h.labels[o.Window.ID] = out
	return out, nil
}

// results keeps those that speak for the window, as the window's own page does.
func (o *Overview) results(all []register.Entry[check.Outcome]) {
	in := map[control.ID]bool{}
	for i := range o.Lines {
		in[o.Lines[i].Control.ID] = true
	}
	var bearing []register.Entry[check.Outcome]
	for _, e := range all {
		if len(e.Value.Controls) == 0 || slices.ContainsFunc(e.Value.Controls, func(id control.ID) bool { return in[id] }) {
			bearing = append(bearing, e)
		}
	}
	from, to := o.Window.Value.Bounds(o.Calendar)
	for _, e := range window.Speaking(bearing, from, to) {
		o.Results = append(o.Results, Result{e.Value.Code, e.Value.Status, e.Value.Deviations})
	}
}

// criteria rolls the lines up.
func (o *Overview) criteria(all []framework.Criterion) {
	by := map[string][]int{}
	for i := range o.Lines {
		for _, id := range o.Lines[i].Control.Value.Criteria {
			if n := len(by[id]); n == 0 || by[id][n-1] != i {
				by[id] = append(by[id], i)
			}
		}
	}
	for _, c := range all {
		x := Criterion{Criterion: c, Controls: by[c.ID], Months: months(o.Window.Value.From, o.Window.Value.Last)}
		var states []State
		items := map[evidence.ID]bool{}
		for _, i := range x.Controls {
			l := &o.Lines[i]
			states = append(states, l.Exact)
			if l.Tally.Basis == window.ByClock {
				x.OnTime, x.Late, x.Missed, x.Overdue = x.OnTime+l.Tally.OnTime, x.Late+l.Tally.Late, x.Missed+l.Tally.Missed, x.Overdue+l.Overdue
			}
			for k := range l.Items {
				if l.Items[k].Stands() {
					items[l.Items[k].ID] = true
				}
			}
			x.Check = worseCheck(x.Check, l.Tally.Status)
		}
		x.Exact, x.Evidence = Worst(states...), len(items)
		if len(states) == 0 {
			x.Exact = Attention // a criterion in scope without a control is a gap (domain 0a rule 8)
		}
		x.State = x.Exact.Shown()
		for m := range x.Months {
			var covers []Cover
			for _, i := range x.Controls {
				covers = append(covers, o.Lines[i].Months[m].Cover)
			}
			switch {
			case len(covers) > 0:
				x.Months[m].Cover = rolled(covers)
			case x.Months[m].First > o.Today:
				x.Months[m].Cover = NotDue
			default:
				x.Months[m].Cover = Missing
			}
		}
		o.Criteria = append(o.Criteria, x)
	}
}

// checkOrder is every answer of a check, worst first.
var checkOrder = []check.Status{
	check.StatusFail, check.StatusError, check.StatusStale, check.StatusNotDeterminable,
	check.StatusNoOccurrence, check.StatusNotApplicable, check.StatusExcluded, check.StatusPass,
}

// worseCheck is the worse of two answers; any answer is worse than none.
func worseCheck(a, b check.Status) check.Status {
	for _, s := range checkOrder {
		if a == s || b == s {
			return s
		}
	}
	return ""
}

// Controls reads every control of the organisation by code: drafts, retired ones and
// those outside of any window too. An auditor reads the controls of their window
// with Overview and is refused here.
func (s *Service) Controls(ctx context.Context) ([]register.Entry[control.Control], error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	if by.Is(authz.Auditor) {
		return nil, fault.New(fault.Denied, "authz.denied")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	out := make([]register.Entry[control.Control], 0, len(s.book.controls))
	for _, c := range s.book.controls {
		if !c.Erased {
			out = append(out, *c)
		}
	}
	slices.SortFunc(out, func(a, b register.Entry[control.Control]) int { return strings.Compare(a.Value.Code, b.Value.Code) })
	return out, nil
}

// Traits judges items by the five form checks, with the same facts as the package.
// names are the known people by account id.
func (s *Service) Traits(ctx context.Context, o *Overview, items []Item, names map[string]string) (map[evidence.ID]evidence.Traits, error) {
	if _, err := s.Policy.Require(ctx, authz.EvidenceRead); err != nil {
		return nil, err
	}
	people := map[string]bool{}
	for id, name := range names {
		people[id], people[name] = true, true
	}
	known := func(name string) bool { return people[name] || strings.HasPrefix(name, "service:") }
	r := s.Store.Live(ctx)
	out := make(map[evidence.ID]evidence.Traits, len(items))
	for _, it := range items {
		e, err := evidence.Items.Get(r, it.ID)
		if err != nil {
			return nil, err
		}
		facts, err := evidence.Gather(r, e, o.Calendar, o.Window.Value.Categories, known, nil)
		if err != nil {
			return nil, err
		}
		out[it.ID] = evidence.Judge(&e.Value, facts)
	}
	return out, nil
}

// forReader takes out what a reader may not see.
func forReader(o *Overview, by authz.Principal) *Overview {
	items, checks, states := by.Can(authz.EvidenceRead), by.Can(authz.PopulationRead), !by.Is(authz.Auditor)
	if items && checks && states {
		return o
	}
	c := *o
	c.Lines, c.Criteria = slices.Clone(o.Lines), slices.Clone(o.Criteria)
	if !checks {
		c.Results = nil
	}
	for i := range c.Lines {
		if !items {
			c.Lines[i].Items = []Item{}
		}
		if !checks {
			c.Lines[i].Outcome = nil
		}
		if !states {
			c.Lines[i].State, c.Lines[i].Exact = "", ""
		}
	}
	for i := range c.Criteria {
		if !states {
			c.Criteria[i].State, c.Criteria[i].Exact = "", ""
		}
	}
	return &c
}

package readiness

import (
	"context"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// performance is an item as an act on a day; ok is false for one that was replaced.
func performance(e *register.Entry[evidence.Evidence], on scope.Day) (window.Performance, bool) {
	v := &e.Value
	return window.Performance{Code: v.Code, On: on, Slot: v.Slot, Returned: v.Status == evidence.Returned}, v.Status != evidence.Superseded
}

// Feasibility tells what a proposal can still show, and what the window as it is can.
// Without a window, zone and criteria set are the organisation's, and before is nil.
func (s *Reviews) Feasibility(ctx context.Context, w *register.Entry[window.Window], p Proposal) (before, after *Feasibility, err error) {
	if _, err := s.company(ctx, authz.ReadinessRead); err != nil {
		return nil, nil, err
	}
	org, err := scope.Current(s.Store.Live(ctx))
	if err != nil {
		return nil, nil, err
	}
	zone, setID := org.Value.Zone, org.Value.Framework
	if w != nil {
		zone, setID = w.Value.Zone, w.Value.Framework
	}
	cal, err := scope.NewCalendar(zone)
	if err != nil {
		return nil, nil, err
	}
	set, err := framework.ByID(setID)
	if err != nil {
		return nil, nil, err
	}
	s.Readiness.mu.Lock()
	defer s.Readiness.mu.Unlock()
	if err := s.Readiness.refresh(ctx); err != nil {
		return nil, nil, err
	}
	all := s.Readiness.performed(cal)
	today := cal.Day(s.Store.Now())
	if w != nil {
		if before, err = feasible(all, set, cal, today, ProposalOf(&w.Value)); err != nil {
			return nil, nil, err
		}
	}
	after, err = feasible(all, set, cal, today, p)
	return before, after, err
}

// Ask is a proposal in somebody's words: what is left out is as in the window.
type Ask struct {
	From, Last, Type string
	Categories       []string
}

// Proposal reads what was asked, from what the window is.
func (a *Ask) Proposal(now Proposal) (Proposal, error) {
	p := now
	var err error
	switch a.Type {
	case "":
	case "1":
		p.Type = 1
	case "2":
		p.Type = 2
	default:
		return p, fault.New(fault.Invalid, "readiness_gap.type", "Type", a.Type)
	}
	if a.From != "" {
		if p.First, err = scope.ParseDay(a.From); err != nil {
			return p, err
		}
	}
	if a.Last != "" {
		if p.Last, err = scope.ParseDay(a.Last); err != nil {
			return p, err
		}
	}
	if p.Type == 1 { // the as-of day is the last one
		p.First = p.Last
	}
	if a.Categories != nil {
		if p.Categories, err = framework.ParseCategories(a.Categories...); err != nil {
			return p, err
		}
	}
	return p, p.check()
}

// FeasibilityReport is feasibility in one language: the JSON of page and command line.
type FeasibilityReport struct {
	Window    string             `json:"window"` // code, "" without one
	Type      int                `json:"type"`
	FirstDay  scope.Day          `json:"first_day"`
	LastDay   scope.Day          `json:"last_day"`
	Category  []string           `json:"categories"`
	Today     scope.Day          `json:"today"`
	Criteria  int                `json:"criteria"`
	Limits    map[Limit]int      `json:"limits"` // controls to which each applies
	Controls  []FeasibleReport   `json:"controls"`
	Uncovered []UncoveredReport  `json:"uncovered"`
	Deadlines []DeadlineReport   `json:"deadlines"`
	Changes   []DifferenceReport `json:"changes"` // against the window as it is; empty when that is what was asked
}

// FeasibleReport is one control.
type FeasibleReport struct {
	Control  string      `json:"control"`
	Title    string      `json:"title"`
	Limits   []Limit     `json:"limits"`
	Says     []string    `json:"says"`
	Expected int         `json:"expected"`
	Done     int         `json:"done"`
	Lost     []scope.Day `json:"lost"`
	Ahead    []scope.Day `json:"ahead"`
	FirstDay scope.Day   `json:"first_day"` // in force in the window
	LastDay  scope.Day   `json:"last_day"`
	Criteria []string    `json:"criteria"`
}

// UncoveredReport is a criterion without a control in force.
type UncoveredReport struct {
	Criterion string    `json:"criterion"`
	Title     string    `json:"title"`
	FirstDay  scope.Day `json:"first_day"`
	LastDay   scope.Day `json:"last_day"`
	Past      bool      `json:"past"`
}

// DeadlineReport is a day and what is due on it.
type DeadlineReport struct {
	Day      scope.Day `json:"day"`
	Controls []string  `json:"controls"`
}

// DifferenceReport is what a proposal changes for a control.
type DifferenceReport struct {
	Control string  `json:"control"`
	Title   string  `json:"title"`
	Enters  bool    `json:"enters"`
	Leaves  bool    `json:"leaves"`
	Gained  []Limit `json:"gained"`
	Shed    []Limit `json:"shed"`
}

// Report puts feasibility into the reader's language. before may be nil.
func (f *Feasibility) Report(ctx context.Context, code string, before *Feasibility) FeasibilityReport {
	lang := i18n.Of(ctx)
	r := FeasibilityReport{
		Window: code, Type: f.Proposal.Type, FirstDay: f.Proposal.First, LastDay: f.Proposal.Last, Category: []string{}, Today: f.Today, Criteria: f.Criteria,
		Limits: map[Limit]int{}, Controls: []FeasibleReport{}, Uncovered: []UncoveredReport{}, Deadlines: []DeadlineReport{}, Changes: []DifferenceReport{},
	}
	for _, c := range f.Proposal.Categories {
		r.Category = append(r.Category, string(c))
	}
	for _, l := range Limits {
		r.Limits[l] = f.With(l)
	}
	for i := range f.Controls {
		c := &f.Controls[i]
		x := FeasibleReport{
			Control: c.Code, Title: c.Title.For(lang), Limits: c.Limits, Says: []string{}, Expected: c.Expected, Done: c.Done, Lost: c.Lost, Ahead: c.Ahead,
			FirstDay: c.From, LastDay: c.To, Criteria: c.Criteria,
		}
		for _, l := range c.Limits {
			x.Says = append(x.Says, c.say(ctx, l, f.Proposal))
		}
		r.Controls = append(r.Controls, x)
	}
	for _, u := range f.Uncovered {
		r.Uncovered = append(r.Uncovered, UncoveredReport{u.Criterion.ID, u.Criterion.Title.For(lang), u.From, u.To, u.Past})
	}
	for _, d := range f.Deadlines {
		r.Deadlines = append(r.Deadlines, DeadlineReport(d))
	}
	if before != nil {
		for _, d := range Compare(before, f) {
			r.Changes = append(r.Changes, DifferenceReport{d.Code, d.Title.For(lang), d.Enters, d.Leaves, d.Gained, d.Shed})
		}
	}
	return r
}

// Same reports whether two proposals are one.
func (p *Proposal) Same(o *Proposal) bool {
	return p.Type == o.Type && p.First == o.First && p.Last == o.Last && slices.Equal(p.Categories, o.Categories)
}

func (f *Feasible) say(ctx context.Context, l Limit, p Proposal) string {
	return i18n.T(ctx, "readiness_gap.limit."+string(l)+".says", "Days", days(f.Lost).in(ctx), "From", string(f.From), "To", string(f.To),
		"Before", string(f.Before), "Year", string(yearBefore(p.Last)), "Last", string(p.Last), "Snapshot", snapshotDays)
}

package home

import (
	"cmp"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/readiness"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// start is what the page knows before there is a window.
type start struct {
	Controls int  `json:"controls"`
	CanOpen  bool `json:"-"`
	CanAdopt bool `json:"-"`
}

// data is the page as JSON.
type data struct {
	Window    about       `json:"window"`
	Figures   figures     `json:"figures"`
	Attention []attention `json:"attention"` // worst first; empty for an auditor
	Next      []next      `json:"next"`
	Series    []series    `json:"series"`

	CanAdd   bool `json:"-"`
	Company  bool `json:"-"` // not an auditor: internal matters are shown
	Evidence bool `json:"-"` // may read evidence
	Checks   bool `json:"-"` // may read check results
}

type about struct {
	Code   string        `json:"code"`
	Type   int           `json:"type"`
	From   scope.Day     `json:"from"`
	Last   scope.Day     `json:"last"`
	Status window.Status `json:"status"`
	Day    int           `json:"day"`
	Days   int           `json:"days"`
}

// figures are the counts of the strip. Each is the length of the list behind it.
type figures struct {
	Controls    int `json:"controls"`
	OnTime      int `json:"controls_on_time"`
	Overdue     int `json:"occurrences_overdue"`
	Missed      int `json:"occurrences_missed"`
	Behind      int `json:"controls_behind"`  // with at least one of these
	Deviations  int `json:"check_deviations"` // in the results that speak for the window
	Deviating   int `json:"checks_deviating"` // such results with deviations
	Failing     int `json:"checks_failing"`   // such results that fail
	Undecided   int `json:"checks_undecided"`
	Returned    int `json:"evidence_returned"`
	Evidence    int `json:"evidence"`
	Populations int `json:"populations"`
}

// attention is one thing that is not as it should be.
type attention struct {
	Kind    string         `json:"kind"`
	Control string         `json:"control"`
	Title   framework.Text `json:"-"`
	Name    string         `json:"title"`
	Code    string         `json:"code"` // of the evidence or check result it is about, ""
	Count   int            `json:"count"`
	Owner   string         `json:"owner"`
	Due     scope.Day      `json:"due"`
	rank    int
}

// next is one due day to come.
type next struct {
	Control string         `json:"control"`
	Title   framework.Text `json:"-"`
	Name    string         `json:"title"`
	Due     scope.Day      `json:"due"`
	Owner   string         `json:"owner"`
}

// series is a group of criteria with its controls by standing.
type series struct {
	ID         string         `json:"id"`
	Title      framework.Text `json:"-"`
	Controls   int            `json:"controls"`
	OnTime     int            `json:"on_time"`
	Late       int            `json:"late"` // late or overdue
	Missed     int            `json:"missed"`
	Deviations int            `json:"deviations"`
}

// The kinds of attention, in the order they are shown.
const (
	kindMissed     = "missed"
	kindFail       = "check_fail"
	kindOverdue    = "overdue"
	kindReturned   = "returned"
	kindUndecided  = "check_undecided"
	kindLateLabel  = "late"
	kindNoEvidence = "no_evidence"
	kindNoOwner    = "no_owner"
	daysAhead      = 30
	attentionShown = 12
	nextShown      = 10
)

var kinds = []string{kindMissed, kindFail, kindOverdue, kindReturned, kindUndecided, kindLateLabel, kindNoEvidence, kindNoOwner}

// summary reads an overview for one reader.
func summary(o *readiness.Overview, who authz.Principal, names map[string]string) data {
	w := &o.Window.Value
	d := data{
		Window:    about{Code: w.Code, Type: w.Type, From: w.From, Last: w.Last, Status: w.Status},
		Attention: []attention{}, Next: []next{}, Series: []series{},
		CanAdd: who.Can(authz.EvidenceAdd), Company: !who.Is(authz.Auditor),
		Evidence: who.Can(authz.EvidenceRead), Checks: who.Can(authz.PopulationRead),
	}
	d.Window.Day, d.Window.Days = o.Day()
	for _, x := range o.Results {
		d.Figures.result(x)
	}
	seenItem, seenCheck := map[string]bool{}, map[string]bool{}
	for i := range o.Lines {
		d.count(&o.Lines[i], seenItem)
		d.ahead(o, &o.Lines[i], names)
	}
	if d.Company {
		clear(seenItem)
		for i := range o.Lines {
			d.needs(&o.Lines[i], names, seenItem, seenCheck)
		}
	}
	slices.SortStableFunc(d.Attention, func(a, b attention) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Control, b.Control), cmp.Compare(a.Code, b.Code))
	})
	slices.SortStableFunc(d.Next, func(a, b next) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Control, b.Control))
	})
	d.bySeries(o)
	return d
}

func (d *data) count(l *readiness.Line, items map[string]bool) {
	f := &d.Figures
	f.Controls++
	if l.Standing == readiness.OnTime {
		f.OnTime++
	}
	f.Overdue += l.Overdue
	missed := 0
	if l.Tally.Basis == window.ByClock {
		missed = l.Tally.Missed
	}
	f.Missed += missed
	if missed+l.Overdue > 0 {
		f.Behind++
	}
	for _, it := range l.Items {
		if items[it.Code] {
			continue
		}
		items[it.Code] = true
		if it.Status == evidence.Returned {
			f.Returned++
		}
		if it.Stands() {
			f.Evidence++
		}
	}
}

// result counts one check result.
func (f *figures) result(x readiness.Result) {
	f.Deviations += x.Deviations
	if x.Deviations > 0 {
		f.Deviating++
	}
	switch x.Status {
	case check.StatusFail:
		f.Failing++
	case check.StatusError, check.StatusStale, check.StatusNotDeterminable:
		f.Undecided++
	}
}

// needs lists what is not as it should be with one control. An item or a result
// that bears on several controls is listed once, under the first.
func (d *data) needs(l *readiness.Line, names map[string]string, items, checks map[string]bool) {
	add := func(kind, code string, count int, due scope.Day) {
		d.Attention = append(d.Attention, attention{
			Kind: kind, Control: l.Control.Value.Code, Title: l.Control.Value.Title, Code: code, Count: count,
			Owner: names[l.Control.Value.Owner], Due: due, rank: slices.Index(kinds, kind),
		})
	}
	missed, overdue := 0, 0
	var missedDue, overdueDue scope.Day
	for _, occ := range l.Tally.Occurrences {
		switch occ.State {
		case window.Missed:
			missed, missedDue = missed+1, occ.Slot.Due
		case window.Overdue:
			overdue, overdueDue = overdue+1, occ.Slot.Due
		}
	}
	if missed > 0 {
		add(kindMissed, "", missed, missedDue)
	}
	if overdue > 0 {
		add(kindOverdue, "", overdue, overdueDue)
	}
	for _, it := range l.Items {
		if items[it.Code] {
			continue
		}
		items[it.Code] = true
		switch {
		case it.Status == evidence.Returned:
			add(kindReturned, it.Code, 1, "")
			d.Attention[len(d.Attention)-1].Title = framework.Text{EN: it.Title}
		case it.Stands() && len(it.Labels) > 0:
			add(kindLateLabel, it.Code, len(it.Labels), "")
			d.Attention[len(d.Attention)-1].Title = framework.Text{EN: it.Title}
		}
	}
	if out := l.Outcome; out != nil && !checks[out.Value.Code] {
		checks[out.Value.Code] = true
		switch out.Value.Status {
		case check.StatusFail:
			add(kindFail, out.Value.Code, out.Value.Deviations, "")
		case check.StatusError, check.StatusStale, check.StatusNotDeterminable:
			add(kindUndecided, out.Value.Code, 1, "")
		}
	}
	if d.Window.Day > 0 && l.Standing == readiness.Nothing && missed+overdue == 0 && l.Exact != readiness.StateNothingDue && l.Exact != readiness.StateNoOccurrence {
		add(kindNoEvidence, "", 1, "")
	}
	if l.Control.Value.Owner == "" {
		add(kindNoOwner, "", 1, "")
	}
}

// ahead lists the due days of the next thirty days.
func (d *data) ahead(o *readiness.Overview, l *readiness.Line, names map[string]string) {
	for _, occ := range l.Tally.Occurrences {
		if (occ.State == window.Due || occ.State == window.NotDue) && occ.Slot.Due >= o.Today && occ.Slot.Due <= o.Today.Add(daysAhead) {
			d.Next = append(d.Next, next{Control: l.Control.Value.Code, Title: l.Control.Value.Title, Due: occ.Slot.Due, Owner: names[l.Control.Value.Owner]})
			return // the first of each control: a daily one would fill the list alone
		}
	}
}

func (d *data) bySeries(o *readiness.Overview) {
	set, err := framework.ByID(o.Window.Value.Framework)
	if err != nil {
		return // the window's criteria were read from it
	}
	at := map[string]int{}
	seen := map[string]map[int]bool{}
	for _, c := range o.Criteria {
		i, ok := at[c.Series]
		if !ok {
			i = len(d.Series)
			at[c.Series], seen[c.Series] = i, map[int]bool{}
			d.Series = append(d.Series, series{ID: c.Series, Title: set.SeriesTitle(c.Series)})
		}
		for _, k := range c.Controls {
			if seen[c.Series][k] {
				continue
			}
			seen[c.Series][k] = true
			s := &d.Series[i]
			s.Controls++
			switch o.Lines[k].Standing {
			case readiness.OnTime:
				s.OnTime++
			case readiness.HasLate, readiness.HasOverdue:
				s.Late++
			case readiness.HasMissed:
				s.Missed++
			case readiness.HasDeviations:
				s.Deviations++
			}
		}
	}
}

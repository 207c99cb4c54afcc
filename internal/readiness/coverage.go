package readiness

import (
	"slices"
	"time"

	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Cover is how one month of a window is covered. The values are the keys of the
// pages' coverage strip.
type Cover string

// The covers of a month.
const (
	NotDue       Cover = "not_due"
	Done         Cover = "done"
	Partial      Cover = "partial"
	Late         Cover = "late"
	Missing      Cover = "missing" // begun or past due, and nothing in hand
	Failed       Cover = "failed"  // missed, or the check lists deviations
	NoneExpected Cover = "none"
)

// Month is one month of a window, or the part of it inside.
type Month struct {
	First scope.Day `json:"first"`
	Last  scope.Day `json:"last"`
	Cover Cover     `json:"cover"`
}

// months are the calendar months that [first, last] touches.
func months(first, last scope.Day) []Month {
	out := []Month{}
	for d := first; d <= last; {
		y, m, _ := d.Date()
		end := min(scope.DayFrom(y, m+1, 1).Add(-1), last)
		out = append(out, Month{First: d, Last: end, Cover: NoneExpected})
		d = end.Add(1)
	}
	return out
}

// Date is the first day as a time, for labels.
func (m Month) Date() time.Time {
	y, mon, d := m.First.Date()
	return time.Date(y, mon, d, 0, 0, 0, 0, time.UTC)
}

// rolled joins the covers of what falls in one month, or of several controls in
// one month: what is wrong shows, and half done is not done.
func rolled(all []Cover) Cover {
	has := map[Cover]bool{}
	for _, c := range all {
		has[c] = true
	}
	for _, c := range []Cover{Failed, Missing, Late, Partial} {
		if has[c] {
			return c
		}
	}
	switch {
	case has[Done] && has[NotDue]:
		return Partial
	case has[Done]:
		return Done
	case has[NotDue]:
		return NotDue
	}
	return NoneExpected
}

// clockCover covers the months by the due days of a periodic control, and by its
// check where that finds fault or no answer: a month is no better than what is
// known of it.
func clockCover(ms []Month, l *Line, cal scope.Calendar) {
	for i := range ms {
		var in []Cover
		if c, ok := checked(&ms[i], l, cal); ok && (c == Failed || c == Missing) {
			in = append(in, c)
		}
		for _, o := range l.Tally.Occurrences {
			if o.Slot.Due >= ms[i].First && o.Slot.Due <= ms[i].Last {
				in = append(in, occurrenceCover(o.State))
			}
		}
		ms[i].Cover = rolled(in)
	}
}

func occurrenceCover(s window.State) Cover {
	switch s {
	case window.OnTime:
		return Done
	case window.Late:
		return Late
	case window.Missed:
		return Failed
	case window.Overdue:
		return Missing
	}
	return NotDue
}

// otherCover covers the months of a control that the clock does not drive: by the
// newest check result where it speaks, else by the evidence of the month. Items
// alone never make a per-event control's month done: how many events there were is
// not proven by them.
func otherCover(ms []Month, l *Line, today scope.Day, cal scope.Calendar) {
	active, until, ok := l.Control.Value.Active(ms[0].First, ms[len(ms)-1].Last)
	for i := range ms {
		m := &ms[i]
		switch {
		case !ok || m.Last < active || m.First > until:
			m.Cover = NoneExpected
		case m.First > today:
			m.Cover = NotDue
		default:
			m.Cover = monthCover(m, l, cal)
			if m.Cover == Missing && m.Last >= today && !undecided(l.Tally.Status) {
				m.Cover = NotDue // the month is not over yet
			}
		}
	}
}

// hasGap reports whether a month that has passed is not covered whole.
func hasGap(ms []Month, today scope.Day) bool {
	return slices.ContainsFunc(ms, func(m Month) bool {
		return m.Last < today && (m.Cover == Missing || m.Cover == Partial)
	})
}

// checked is what the newest check result says of a month; ok is false when it does
// not speak of it.
func checked(m *Month, l *Line, cal scope.Calendar) (c Cover, ok bool) {
	if l.Outcome == nil {
		return "", false
	}
	from, to := l.Outcome.Value.Period()
	if cal.Day(from) <= m.Last && cal.Day(to.Add(-time.Microsecond)) >= m.First {
		return checkCover(l.Outcome.Value.Status), true
	}
	return "", false
}

func monthCover(m *Month, l *Line, cal scope.Calendar) Cover {
	if c, ok := checked(m, l, cal); ok {
		return c
	}
	cover := Missing
	for _, it := range l.Items {
		if !it.Stands() || it.First > m.Last || it.Last < m.First {
			continue
		}
		if l.Control.Value.Frequency == control.Continuous && it.First <= m.First && it.Last >= m.Last {
			return Done
		}
		cover = Partial
	}
	return cover
}

func checkCover(s check.Status) Cover {
	switch s {
	case check.StatusPass:
		return Done
	case check.StatusFail:
		return Failed
	case check.StatusNoOccurrence, check.StatusNotApplicable, check.StatusExcluded:
		return NoneExpected
	}
	return Missing // it ran and settles nothing
}

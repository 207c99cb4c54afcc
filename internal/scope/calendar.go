package scope

import (
	"fmt"
	"time"

	"bevis/internal/fault"
)

// Day is a calendar day "2026-03-31". Days of one organisation sort as text.
type Day string

const dayFormat = "2006-01-02"

// ParseDay reads a day.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(dayFormat, s)
	if err != nil || t.Format(dayFormat) != s {
		return "", fault.New(fault.Invalid, "scope.day", "Text", s)
	}
	return Day(s), nil
}

// Add moves n days.
func (d Day) Add(n int) Day { return Day(d.time().AddDate(0, 0, n).Format(dayFormat)) }

// Sub counts the days from e to d.
func (d Day) Sub(e Day) int { return int(d.time().Sub(e.time()).Hours() / 24) }

// LastOfMonth reports whether d is the last day of its month.
func (d Day) LastOfMonth() bool { return d.Add(1).time().Day() == 1 }

// Date gives year, month and day.
func (d Day) Date() (int, time.Month, int) { return d.time().Date() }

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday { return d.time().Weekday() }

func (d Day) time() time.Time {
	t, err := time.Parse(dayFormat, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// DayFrom makes a day of its parts; they may overflow as in time.Date.
func DayFrom(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(dayFormat))
}

// Calendar counts days in the organisation's time zone (domain 0a rule 1).
type Calendar struct{ zone *time.Location }

// NewCalendar loads an IANA zone.
func NewCalendar(zone string) (Calendar, error) {
	if zone == "" || zone == "Local" {
		return Calendar{}, fault.New(fault.Invalid, "scope.zone", "Zone", zone)
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return Calendar{}, fault.Wrap(err, fault.Invalid, "scope.zone", "Zone", zone)
	}
	return Calendar{l}, nil
}

// Zone is the calendar's location.
func (c Calendar) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Start is the first instant of a day, in UTC.
func (c Calendar) Start(d Day) time.Time {
	y, m, n := d.Date()
	return time.Date(y, m, n, 0, 0, 0, 0, c.Zone()).UTC()
}

// Day is the day an instant belongs to.
func (c Calendar) Day(t time.Time) Day { return Day(t.In(c.Zone()).Format(dayFormat)) }

// Interval is a stretch of time, From included, To excluded.
type Interval struct {
	From, To time.Time
	// WholeDays means that both ends are day borders that the person gave as dates.
	WholeDays bool
}

// Parse reads the ends of an interval of time that evidence speaks of: RFC 3339
// instants or dates. A date means the whole day, equal dates are one day, and an
// empty end means the same as the beginning.
func (c Calendar) Parse(from, to string) (Interval, error) {
	if to == "" {
		to = from
	}
	a, wholeA, err := c.instant(from, false)
	if err != nil {
		return Interval{}, err
	}
	b, wholeB, err := c.instant(to, true)
	if err != nil {
		return Interval{}, err
	}
	if b.Before(a) || wholeB && b.Equal(a) {
		return Interval{}, fault.New(fault.Invalid, "scope.order", "From", from, "To", to)
	}
	return Interval{From: a, To: b, WholeDays: wholeA && wholeB}, nil
}

func (c Calendar) instant(s string, end bool) (t time.Time, whole bool, err error) {
	if d, err := ParseDay(s); err == nil {
		if end {
			d = d.Add(1)
		}
		return c.Start(d), true, nil
	}
	t, err = time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, false, fault.New(fault.Invalid, "scope.instant", "Text", s)
	}
	return t.UTC().Truncate(time.Microsecond), false, nil
}

// LastDay is the last day an interval touches.
func (i Interval) LastDay(c Calendar) Day {
	if i.To.After(i.From) {
		return c.Day(i.To.Add(-time.Microsecond))
	}
	return c.Day(i.To)
}

// FirstDay is the first day an interval touches.
func (i Interval) FirstDay(c Calendar) Day { return c.Day(i.From) }

// String is for logs.
func (i Interval) String() string {
	return fmt.Sprintf("[%s, %s)", i.From.Format(time.RFC3339), i.To.Format(time.RFC3339))
}

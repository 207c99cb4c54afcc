package control

import (
	"slices"
	"time"

	"bevis/internal/scope"
)

// Frequency is how often a control is performed.
type Frequency string

// The frequencies. The first six are driven by the clock and have due days.
const (
	Annual     Frequency = "annual"
	Semiannual Frequency = "semiannual"
	Quarterly  Frequency = "quarterly"
	Monthly    Frequency = "monthly"
	Weekly     Frequency = "weekly"
	Daily      Frequency = "daily"
	PerEvent   Frequency = "per_event"
	Continuous Frequency = "continuous"
)

// Frequencies lists all frequencies, rarest first.
var Frequencies = []Frequency{Annual, Semiannual, Quarterly, Monthly, Weekly, Daily, PerEvent, Continuous}

// Valid reports whether f is a frequency.
func (f Frequency) Valid() bool { return slices.Contains(Frequencies, f) }

// Periodic reports whether the clock makes the occurrences.
func (f Frequency) Periodic() bool { return f.Valid() && f != PerEvent && f != Continuous }

// Slot is one expected occurrence: a period of the calendar and the day by which
// the control is to be performed for it, both days included.
type Slot struct {
	From scope.Day `json:"from"`
	Due  scope.Day `json:"due"`
}

// Slots lists the occurrences due in [first, last], both included. Periods are
// those of the calendar (a quarter ends on 31 March, a week on Sunday), and an
// occurrence is due on the last day of its period. A control that is not driven
// by the clock has none.
func (f Frequency) Slots(first, last scope.Day) []Slot {
	if !f.Periodic() || last < first {
		return nil
	}
	var out []Slot
	for s := f.slotOf(first); s.Due <= last; s = f.slotOf(s.Due.Add(1)) {
		if s.Due >= first {
			out = append(out, s)
		}
	}
	return out
}

// Slot is the occurrence whose period contains the day; ok is false for a control
// that is not driven by the clock.
func (f Frequency) Slot(d scope.Day) (s Slot, ok bool) {
	if !f.Periodic() {
		return Slot{}, false
	}
	return f.slotOf(d), true
}

func (f Frequency) slotOf(d scope.Day) Slot {
	y, m, _ := d.Date()
	var months int
	switch f {
	case Daily:
		return Slot{d, d}
	case Weekly:
		back := (int(d.Weekday()) + 6) % 7 // days since Monday
		return Slot{d.Add(-back), d.Add(6 - back)}
	case Monthly:
		months = 1
	case Quarterly:
		months = 3
	case Semiannual:
		months = 6
	default:
		months = 12
	}
	begin := time.Month((int(m)-1)/months*months + 1)
	return Slot{scope.DayFrom(y, begin, 1), scope.DayFrom(y, begin+time.Month(months), 1).Add(-1)}
}

package scope

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseInterval(t *testing.T) {
	sthlm, err := NewCalendar("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		from, to string
		want     string
		bad      bool
	}{
		"one day":          {"2026-03-29", "", "[2026-03-28T23:00:00Z, 2026-03-29T22:00:00Z)", false}, // summer time begins
		"equal dates":      {"2026-01-01", "2026-01-01", "[2025-12-31T23:00:00Z, 2026-01-01T23:00:00Z)", false},
		"instants":         {"2026-01-01T10:00:00+01:00", "2026-01-01T09:30:00Z", "[2026-01-01T09:00:00Z, 2026-01-01T09:30:00Z)", false},
		"no zone":          {"2026-01-01T10:00:00", "", "", true},
		"ends before":      {"2026-01-02", "2026-01-01", "", true},
		"no such day":      {"2026-02-30", "", "", true},
		"not a date":       {"yesterday", "", "", true},
		"day and instant ": {"2026-01-01", "2026-01-01T12:00:00Z", "[2025-12-31T23:00:00Z, 2026-01-01T12:00:00Z)", false},
	} {
		got, err := sthlm.Parse(tc.from, tc.to)
		if (err != nil) != tc.bad || (!tc.bad && got.String() != tc.want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// A day's instants belong to the day, in every zone and across clock changes.
func TestDaysAndInstants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := NewCalendar(rapid.SampledFrom([]string{"UTC", "Europe/Stockholm", "America/New_York", "Pacific/Apia", "Asia/Kolkata"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := DayFrom(2020, time.January, 1).Add(rapid.IntRange(0, 4000).Draw(t, "day"))
		start, next := c.Start(d), c.Start(d.Add(1))
		if !start.Before(next) || c.Day(start) != d || c.Day(next.Add(-time.Microsecond)) != d || c.Day(next) != d.Add(1) {
			t.Fatalf("%s: %v to %v", d, start, next)
		}
	})
}

func TestZone(t *testing.T) {
	for _, z := range []string{"", "Local", "Europe/Nowhere"} {
		if _, err := NewCalendar(z); err == nil {
			t.Errorf("%q accepted", z)
		}
	}
}

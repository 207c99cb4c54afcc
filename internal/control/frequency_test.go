package control

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"bevis/internal/scope"
)

// Expected occurrences per window (domain section 5): due days inside it.
func TestExpectedOccurrences(t *testing.T) {
	for _, tc := range []struct {
		f           Frequency
		first, last scope.Day
		want        int
	}{
		{Annual, "2026-01-01", "2026-12-31", 1},
		{Annual, "2026-01-01", "2026-06-30", 0},
		{Semiannual, "2026-01-01", "2026-06-30", 1},
		{Quarterly, "2026-01-01", "2026-12-31", 4},
		{Quarterly, "2026-02-15", "2026-05-15", 1},
		{Monthly, "2026-01-01", "2026-12-31", 12},
		{Monthly, "2026-01-31", "2026-01-31", 1},
		{Weekly, "2026-01-01", "2026-12-31", 52},
		{Daily, "2026-01-01", "2026-12-31", 365},
		{Daily, "2028-01-01", "2028-12-31", 366},
		{PerEvent, "2026-01-01", "2026-12-31", 0},
		{Continuous, "2026-01-01", "2026-12-31", 0},
	} {
		if got := tc.f.Slots(tc.first, tc.last); len(got) != tc.want {
			t.Errorf("%s in %s to %s: %d, want %d", tc.f, tc.first, tc.last, len(got), tc.want)
		}
	}
}

// Periods tile the calendar: no day is in two periods and none is in none; a
// window cut in two expects what the whole expects.
func TestSlotsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Frequencies[:6]).Draw(t, "frequency")
		first := scope.DayFrom(2024, time.January, 1).Add(rapid.IntRange(0, 1500).Draw(t, "first"))
		last := first.Add(rapid.IntRange(0, 800).Draw(t, "days"))
		cut := first.Add(rapid.IntRange(0, last.Sub(first)).Draw(t, "cut"))
		all := f.Slots(first, last)
		if got := len(f.Slots(first, cut)) + len(f.Slots(cut.Add(1), last)); got != len(all) {
			t.Fatalf("%d in two parts, %d in one", got, len(all))
		}
		for i, s := range all {
			if s.From > s.Due || s.Due < first || s.Due > last {
				t.Fatalf("%v is not in %s to %s", s, first, last)
			}
			if i > 0 && s.From != all[i-1].Due.Add(1) {
				t.Fatalf("%v does not follow %v", s, all[i-1])
			}
			if mid, ok := f.Slot(s.From); !ok || mid != s {
				t.Fatalf("the first day of %v belongs to %v", s, mid)
			}
		}
	})
}

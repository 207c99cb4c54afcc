package check

import (
	"testing"
	"time"

	"bevis/internal/ledger"
	"bevis/internal/register"
)

// A pass over one repository hides no deviation in another, and a run over a week
// does not stand for the year.
func TestNoResultHidesAnother(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	run := func(seq int64, source string, from, to int, status Status, items, deviations int) register.Entry[Outcome] {
		return register.Entry[Outcome]{Seq: seq, Value: Outcome{
			Check: "c", Source: source, Status: status, From: day(from).Format(ledger.TimeFormat), To: day(to).Format(ledger.TimeFormat),
			Population: Tested{Items: items}, Passed: items - deviations, Deviations: deviations,
		}}
	}
	a, b := run(1, "a", 1, 30, StatusFail, 10, 2), run(2, "b", 1, 30, StatusPass, 5, 0)
	for name, tc := range map[string]struct {
		results    []register.Entry[Outcome]
		status     Status
		items, dev int
	}{
		"none":               {nil, "", 0, 0},
		"two repositories":   {[]register.Entry[Outcome]{a, b}, StatusFail, 15, 2},
		"a later short run":  {[]register.Entry[Outcome]{a, run(3, "a", 20, 27, StatusPass, 1, 0)}, StatusFail, 10, 2},
		"run again":          {[]register.Entry[Outcome]{a, run(3, "a", 1, 30, StatusPass, 10, 0)}, StatusPass, 10, 0},
		"outside the window": {[]register.Entry[Outcome]{run(3, "a", 30, 31, StatusFail, 1, 1), b}, StatusPass, 5, 0},
		"undetermined":       {[]register.Entry[Outcome]{b, run(3, "c", 1, 30, StatusNotDeterminable, 7, 0)}, StatusNotDeterminable, 12, 0},
	} {
		got := Stand(tc.results, day(1), day(30))
		if got.Status != tc.status || got.Items != tc.items || got.Deviations != tc.dev {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

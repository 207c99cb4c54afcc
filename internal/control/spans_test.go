package control_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bevis/internal/control"
	"bevis/internal/register"
	"bevis/internal/scope"
)

func utc(t testing.TB) scope.Calendar {
	t.Helper()
	cal, err := scope.NewCalendar("UTC")
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// recorded is a version as it was stored at noon of a day.
func recorded(on string, v register.Entry[control.Control]) register.Entry[control.Control] {
	at, err := time.Parse(time.DateOnly, on)
	if err != nil {
		panic(err)
	}
	v.At = at.Add(12 * time.Hour)
	return v
}

func version(f control.Frequency, grace int, status control.Status, from, to scope.Day) register.Entry[control.Control] {
	return register.Entry[control.Control]{Value: control.Control{Frequency: f, Grace: grace, Status: status, EffectiveFrom: from, EffectiveTo: to}}
}

// Domain section 5: a control that changes within a window is held to each
// version on the days that version binds.
func TestSpans(t *testing.T) {
	const first, last = scope.Day("2026-01-01"), scope.Day("2026-12-31")
	q := version(control.Quarterly, 0, control.InForce, "", "")
	for name, tc := range map[string]struct {
		versions []register.Entry[control.Control]
		want     []control.Span
	}{
		"one version":                                     {[]register.Entry[control.Control]{q}, []control.Span{{first, last, control.Quarterly, 0}}},
		"a draft binds nobody":                            {[]register.Entry[control.Control]{version(control.Monthly, 0, control.Draft, "", "")}, nil},
		"new in the window":                               {[]register.Entry[control.Control]{version(control.Monthly, 2, control.InForce, "2026-05-10", "")}, []control.Span{{"2026-05-10", last, control.Monthly, 2}}},
		"oftener from July":                               {[]register.Entry[control.Control]{q, version(control.Monthly, 0, control.InForce, "2026-07-01", "")}, []control.Span{{first, "2026-06-30", control.Quarterly, 0}, {"2026-07-01", last, control.Monthly, 0}}},
		"another owner splits nothing":                    {[]register.Entry[control.Control]{q, version(control.Quarterly, 0, control.InForce, "2026-07-01", "")}, []control.Span{{first, last, control.Quarterly, 0}}},
		"longer grace from July":                          {[]register.Entry[control.Control]{q, version(control.Quarterly, 5, control.InForce, "2026-07-01", "")}, []control.Span{{first, "2026-06-30", control.Quarterly, 0}, {"2026-07-01", last, control.Quarterly, 5}}},
		"retired in the window":                           {[]register.Entry[control.Control]{q, version(control.Quarterly, 0, control.Retired, "", "2026-08-15")}, []control.Span{{first, "2026-08-15", control.Quarterly, 0}}},
		"changed again before it began":                   {[]register.Entry[control.Control]{q, version(control.Weekly, 0, control.InForce, "2026-09-01", ""), version(control.Monthly, 0, control.InForce, "2026-07-01", "")}, []control.Span{{first, "2026-06-30", control.Quarterly, 0}, {"2026-07-01", last, control.Monthly, 0}}},
		"begins after the window":                         {[]register.Entry[control.Control]{q, version(control.Weekly, 0, control.InForce, "2027-01-01", "")}, []control.Span{{first, last, control.Quarterly, 0}}},
		"rests and begins again":                          {[]register.Entry[control.Control]{version(control.Monthly, 0, control.Retired, "", "2026-03-31"), version(control.Monthly, 0, control.InForce, "2026-06-01", "")}, []control.Span{{first, "2026-03-31", control.Monthly, 0}, {"2026-06-01", last, control.Monthly, 0}}},
		"an old first day, rarer from the day it is said": {[]register.Entry[control.Control]{recorded("2025-06-01", version(control.Monthly, 0, control.InForce, "2025-06-01", "")), recorded("2026-07-15", version(control.Quarterly, 0, control.InForce, "2025-06-01", ""))}, []control.Span{{first, "2026-07-14", control.Monthly, 0}, {"2026-07-15", last, control.Quarterly, 0}}},
		"the first version may come from before":          {[]register.Entry[control.Control]{recorded("2026-03-01", version(control.Weekly, 0, control.Draft, "", "")), recorded("2026-03-02", version(control.Monthly, 0, control.InForce, "", ""))}, []control.Span{{first, last, control.Monthly, 0}}},
		"over before the window":                          {[]register.Entry[control.Control]{version(control.Monthly, 0, control.Retired, "", "2025-12-31")}, nil},
		"corrected from its first day on":                 {[]register.Entry[control.Control]{q, version(control.Monthly, 0, control.InForce, "", "")}, []control.Span{{first, last, control.Monthly, 0}}},
	} {
		got := control.Spans(tc.versions, utc(t), first, last)
		if len(got) == 0 && len(tc.want) == 0 {
			continue
		}
		if !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
	if got := control.Spans([]register.Entry[control.Control]{q}, utc(t), last, first); got != nil {
		t.Errorf("a window that ends before it begins has %v", got)
	}
}

// Day by day, the spans say what the newest version that has begun says.
func TestSpansDayByDay(t *testing.T) {
	const first = scope.Day("2026-01-01")
	days := rapid.IntRange(-20, 80)
	cal := utc(t)
	rapid.Check(t, func(t *rapid.T) {
		var versions []register.Entry[control.Control]
		for range rapid.IntRange(0, 5).Draw(t, "versions") {
			v := version(rapid.SampledFrom([]control.Frequency{control.Weekly, control.Monthly}).Draw(t, "frequency"), rapid.IntRange(0, 1).Draw(t, "grace"), rapid.SampledFrom([]control.Status{control.Draft, control.InForce, control.InForce, control.Retired}).Draw(t, "status"), first.Add(days.Draw(t, "from")), "")
			if v.Value.Status == control.Retired {
				v.Value.EffectiveTo = v.Value.EffectiveFrom.Add(rapid.IntRange(0, 40).Draw(t, "length"))
			}
			v.Erased = rapid.IntRange(0, 9).Draw(t, "erased") == 0
			v = recorded(string(first.Add(days.Draw(t, "recorded"))), v)
			if n := len(versions); n > 0 && v.At.Before(versions[n-1].At) {
				v.At = versions[n-1].At
			}
			versions = append(versions, v)
		}
		last := first.Add(60)
		spans := control.Spans(versions, cal, first, last)
		for i, s := range spans {
			if s.Last < s.From || s.From < first || s.Last > last || i > 0 && s.From <= spans[i-1].Last {
				t.Fatalf("%+v", spans)
			}
		}
		for d := first; d <= last; d = d.Add(1) {
			var want *control.Control // the newest version that has begun, if it still binds
			bound := false
			for i := range versions {
				v := &versions[i]
				late := bound && cal.Day(v.At) > d // said only later
				bound = bound || v.Erased || v.Value.Status != control.Draft
				if !v.Erased && v.Value.Status != control.Draft && v.Value.EffectiveFrom <= d && !late {
					want = &v.Value
				}
			}
			if want != nil && want.EffectiveTo != "" && want.EffectiveTo < d {
				want = nil
			}
			var got *control.Span
			for i := range spans {
				if spans[i].From <= d && d <= spans[i].Last {
					got = &spans[i]
				}
			}
			if (got == nil) != (want == nil) || got != nil && (got.Frequency != want.Frequency || got.Grace != want.Grace) {
				t.Fatalf("%s: %+v, want %+v of %+v", d, got, want, versions)
			}
		}
	})
}

package readiness

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/check"
	"bevis/internal/window"
)

func TestJudge(t *testing.T) {
	good := Facts{Owned: true, Evidence: 3, OnTime: 3, Check: check.StatusPass}
	for name, tc := range map[string]struct {
		edit func(*Facts)
		want State
	}{
		"good":               {func(*Facts) {}, Ready},
		"no check":           {func(f *Facts) { f.Check = "" }, Ready},
		"missed":             {func(f *Facts) { f.Missed = 1 }, Failing},
		"check fails":        {func(f *Facts) { f.Check = check.StatusFail }, Failing},
		"overdue":            {func(f *Facts) { f.Overdue = 1 }, Attention},
		"late":               {func(f *Facts) { f.Late = 1 }, Attention},
		"returned":           {func(f *Facts) { f.Returned = 1 }, Attention},
		"labelled":           {func(f *Facts) { f.Labelled = 1 }, Attention},
		"nobody owns it":     {func(f *Facts) { f.Owned = false }, Attention},
		"check error":        {func(f *Facts) { f.Check = check.StatusError }, Attention},
		"check stale":        {func(f *Facts) { f.Check = check.StatusStale }, Attention},
		"check undecided":    {func(f *Facts) { f.Check = check.StatusNotDeterminable }, Attention},
		"not reviewed":       {func(f *Facts) { f.Unreviewed = 1 }, InProgress},
		"nothing yet":        {func(f *Facts) { f.Evidence, f.OnTime, f.Check, f.Due = 0, 0, "", 1 }, NotStarted},
		"check, no evidence": {func(f *Facts) { f.Evidence = 0 }, InProgress},
		"nothing, overdue":   {func(f *Facts) { f.Evidence, f.OnTime, f.Overdue = 0, 0, 1 }, Attention},
		"nothing due":        {func(f *Facts) { f.Evidence, f.OnTime, f.Check = 0, 0, "" }, StateNothingDue},
		"operated, none due": {func(f *Facts) { f.OnTime, f.ByClock = 0, true }, StateOperated},
		"no occurrence":      {func(f *Facts) { f.Evidence, f.OnTime, f.Check = 0, 0, check.StatusNoOccurrence }, StateNoOccurrence},
		"items, no proof":    {func(f *Facts) { f.Check, f.Events, f.Gap = "", true, true }, StateNotDeterminable},
		"no items, no proof": {func(f *Facts) { f.Evidence, f.OnTime, f.Check, f.Events, f.Gap = 0, 0, "", true, true }, StateNotDeterminable},
		"half covered":       {func(f *Facts) { f.Check, f.Gap = "", true }, StateNotDeterminable},
		"not monitored":      {func(f *Facts) { f.Evidence, f.OnTime, f.Check, f.Gap = 0, 0, "", true }, Attention},
		"missed, undecided":  {func(f *Facts) { f.Missed, f.Check = 1, check.StatusError }, Failing},
	} {
		f := good
		tc.edit(&f)
		if got := Judge(f); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// More trouble never makes a state better.
func TestJudgeIsMonotone(t *testing.T) {
	rank := map[State]int{}
	for i, s := range exact {
		rank[s] = i
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 2)
		f := Facts{
			Owned: rapid.Bool().Draw(t, "owned"), Evidence: n.Draw(t, "evidence"), Unreviewed: n.Draw(t, "unreviewed"), Returned: n.Draw(t, "returned"),
			OnTime: n.Draw(t, "on time"), Late: n.Draw(t, "late"), Missed: n.Draw(t, "missed"), Overdue: n.Draw(t, "overdue"),
			Check: rapid.SampledFrom(append([]check.Status{""}, checkOrder...)).Draw(t, "check"),
		}
		before := rank[Judge(f)]
		worse := f
		switch rapid.IntRange(0, 4).Draw(t, "trouble") {
		case 0:
			worse.Missed++
		case 1:
			worse.Overdue++
		case 2:
			worse.Late++
		case 3:
			worse.Returned++
		case 4:
			worse.Owned = false
		}
		if rank[Judge(worse)] > before {
			t.Fatalf("%+v is %s, %+v is %s", f, Judge(f), worse, Judge(worse))
		}
	})
}

func TestWorst(t *testing.T) {
	for want, states := range map[State][]State{
		NotStarted: {},
		Ready:      {Ready, Ready},
		InProgress: {Ready, InProgress},
		Attention:  {Ready, NotStarted, Attention},
		Failing:    {Attention, Failing, Ready},

		StateNotDeterminable: {Ready, StateNotDeterminable, NotStarted},
		StateOperated:        {StateNothingDue, StateOperated},
	} {
		if got := Worst(states...); got != want {
			t.Errorf("%v: %s", states, got)
		}
	}
	if Worst(StateNothingDue, Ready) != Ready || Worst(StateNoOccurrence, NotStarted) != NotStarted {
		t.Error("what could not be expected yet outweighs what was done or not done")
	}
	for _, s := range exact {
		if (s.Shown() == Ready) != (s == Ready) || !slices.Contains(States, s.Shown()) {
			t.Errorf("%s is shown as %s", s, s.Shown())
		}
	}
	if Worst(Ready, NotStarted) != NotStarted {
		t.Error("a control that has not started is hidden by one that is ready")
	}
	if worseCheck(check.StatusPass, "") != check.StatusPass || worseCheck(check.StatusPass, check.StatusFail) != check.StatusFail {
		t.Error("the better check wins")
	}
}

func TestMonths(t *testing.T) {
	ms := months("2026-01-15", "2026-03-31")
	if len(ms) != 3 || ms[0].First != "2026-01-15" || ms[0].Last != "2026-01-31" || ms[2].Last != "2026-03-31" {
		t.Errorf("%+v", ms)
	}
	if ms := months("2026-02-28", "2026-02-28"); len(ms) != 1 || ms[0].First != ms[0].Last {
		t.Errorf("%+v", ms)
	}
	if ms := months("2025-11-01", "2026-02-28"); len(ms) != 4 || ms[3].Last != "2026-02-28" {
		t.Errorf("%+v", ms)
	}
}

func TestRolled(t *testing.T) {
	for _, tc := range []struct {
		in   []Cover
		want Cover
	}{
		{nil, NoneExpected},
		{[]Cover{NoneExpected, Done}, Done},
		{[]Cover{Done, NotDue}, Partial},
		{[]Cover{Done, Late}, Late},
		{[]Cover{Done, Late, Missing}, Missing},
		{[]Cover{Missing, Failed, Done}, Failed},
		{[]Cover{NotDue, NoneExpected}, NotDue},
	} {
		if got := rolled(tc.in); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.in, got, tc.want)
		}
	}
	for state, want := range map[window.State]Cover{window.OnTime: Done, window.Late: Late, window.Missed: Failed, window.Overdue: Missing, window.Due: NotDue, window.NotDue: NotDue} {
		if got := occurrenceCover(state); got != want {
			t.Errorf("%s: %s", state, got)
		}
	}
	for _, s := range checkOrder {
		if got := checkCover(s); (got == Done) != (s == check.StatusPass) {
			t.Errorf("a check that answers %s makes a month %s", s, got)
		}
	}
}

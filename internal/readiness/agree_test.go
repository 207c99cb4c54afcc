package readiness_test

import (
	"slices"
	"testing"

	"bevis/internal/control"
	"bevis/internal/readiness"
	"bevis/internal/scope"
	"bevis/internal/web/webtest"
)

// holds says whether a state and the months beside it can both be true: nothing is
// ready, or waiting to begin, beside a month that lacks something.
func holds(s readiness.State, months []readiness.Month, today scope.Day) bool {
	lacks, failed := false, false
	for _, m := range months {
		failed = failed || m.Cover == readiness.Failed
		lacks = lacks || m.Cover == readiness.Missing || m.Cover == readiness.Late || m.Cover == readiness.Partial && m.Last < today
	}
	if failed {
		return s == readiness.Failing
	}
	return s != readiness.Failing && (!lacks || s == readiness.Attention)
}

// The state of controls and criteria agrees with their months, whatever makes the
// occurrences: the clock, events, or nothing but time.
func TestStatesAgreeWithMonths(t *testing.T) {
	h := webtest.Full(t, none)
	code := map[control.Frequency]string{}
	for _, l := range overview(t, h, "lead").Lines {
		if v := &l.Control.Value; code[v.Frequency] == "" && len(v.Checks) == 0 {
			code[v.Frequency] = v.Code
		}
	}
	event, steady, yearly := code[control.PerEvent], code[control.Continuous], code[control.Annual]
	if event == "" || steady == "" || yearly == "" {
		t.Fatalf("%v", code)
	}
	exact := func(code string, want readiness.State) {
		t.Helper()
		if l := overview(t, h, "lead").Find(code); l.Exact != want {
			t.Errorf("%s is %s, want %s; %+v", code, l.Exact, want, l.Months)
		}
	}
	agree := func() {
		t.Helper()
		o := overview(t, h, "lead")
		for i := range o.Lines {
			if l := &o.Lines[i]; !holds(l.State, l.Months, o.Today) {
				t.Errorf("%s: control %s (%s) is %s beside %+v", o.Today, l.Control.Value.Code, l.Control.Value.Frequency, l.State, l.Months)
			}
		}
		for i := range o.Criteria {
			if c := &o.Criteria[i]; !holds(c.State, c.Months, o.Today) {
				t.Errorf("%s: criterion %s is %s beside %+v", o.Today, c.ID, c.State, c.Months)
			}
		}
	}
	agree()
	exact(event, readiness.StateNotDeterminable)
	exact(steady, readiness.Attention)
	exact(yearly, readiness.StateNothingDue)
	e := h.Add("One event", "2026-04-18", event)
	s := h.Add("A report", "2026-04-19", steady)
	for _, code := range []string{e, s} {
		if _, err := h.App.Evidence.Accept(h.As("lead"), code, ""); err != nil {
			t.Fatal(err)
		}
	}
	agree()
	exact(event, readiness.StateNotDeterminable) // one event in hand: how many there were is not shown
	for _, l := range overview(t, h, "auditor").Lines {
		if l.State != "" || l.Exact != "" {
			t.Fatalf("the auditor sees %s", l.Control.Value.Code)
		}
	}
	for _, day := range []string{"2026-05-02", "2026-07-02"} {
		h.On(day)
		agree()
	}
	if o := overview(t, h, "lead"); !slices.ContainsFunc(o.Criteria, func(c readiness.Criterion) bool { return c.State == readiness.Attention }) {
		t.Error("nothing needs attention")
	}
}

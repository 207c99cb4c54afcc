package readiness_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web/webtest"
	"bevis/internal/window"
)

func none(*webtest.House) {}

func overview(t *testing.T, h *webtest.House, role string) *readiness.Overview {
	t.Helper()
	o, err := h.Readiness.Overview(h.As(role), &h.Window)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The tallies of the book are those that `bevis window status` and the package count.
func TestTalliesAgree(t *testing.T) {
	h := webtest.Full(t, none)
	agree := func(when string) {
		t.Helper()
		o := overview(t, h, "lead")
		want, err := window.Tallies(h.App.Store.Live(h.Operator), &h.Window, o.Today)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) != len(o.Lines) || len(want) < 50 {
			t.Fatalf("%s: %d lines, %d tallies", when, len(o.Lines), len(want))
		}
		for i := range want {
			got := o.Lines[i].Tally
			if !reflect.DeepEqual(got, want[i]) {
				t.Errorf("%s: %s\n%+v\n%+v", when, want[i].Control, got, want[i])
			}
		}
	}
	agree("at first")
	code := h.Add("Restore again", "2026-04-03", "OP-R", "OP-M")
	agree("after new evidence")
	if _, err := h.App.Evidence.Return(h.As("lead"), code, "wrong file"); err != nil {
		t.Fatal(err)
	}
	agree("after it was sent back")
	e, err := h.App.Controls.ByCode(h.Operator, "OP-M")
	if err != nil {
		t.Fatal(err)
	}
	e.Value.CaptureLag = 10
	if _, err := h.App.Controls.Change(h.Operator, e, "captured within ten days"); err != nil {
		t.Fatal(err)
	}
	agree("after a control changed")
	h.On("2026-05-02")
	agree("on another day")
}

func TestOverview(t *testing.T) {
	h := webtest.Full(t, none)
	o := overview(t, h, "lead")
	m := o.Find("OP-M")
	if m == nil || o.Find("OP-Z") != nil {
		t.Fatal("lines are not found by code")
	}
	var covers []readiness.Cover
	for _, x := range m.Months {
		covers = append(covers, x.Cover)
	}
	// January on time, February late, March overdue, April to June to come.
	want := []readiness.Cover{readiness.Done, readiness.Late, readiness.Missing, readiness.NotDue, readiness.NotDue, readiness.NotDue}
	if !slices.Equal(covers, want) {
		t.Errorf("%v, want %v", covers, want)
	}
	if m.Standing != readiness.HasOverdue || m.State != readiness.Attention {
		t.Errorf("OP-M is %s, %s", m.Standing, m.State)
	}
	if q := o.Find("OP-Q"); q.State != readiness.Ready || q.Standing != readiness.OnTime {
		t.Errorf("OP-Q is %s, %s", q.State, q.Standing)
	}
	if n, of := o.Day(); n != 110 || of != 181 {
		t.Errorf("day %d of %d", n, of)
	}
	for _, c := range o.Criteria {
		if c.ID == "A1.3" && (c.State == readiness.Ready || c.Overdue == 0) {
			t.Errorf("%s is %s", c.ID, c.State)
		}
	}
	other, err := h.Readiness.Overview(h.As("lead"), &h.Earlier)
	if err != nil || len(other.Lines) != 0 {
		t.Errorf("nothing was in force in 2025: %d lines, %v", len(other.Lines), err)
	}
}

func TestReaders(t *testing.T) {
	h := webtest.Full(t, none)
	for role, sees := range map[string]struct{ items, states bool }{
		"lead": {true, true}, "employee": {false, true}, "administrator": {false, true}, "auditor": {true, false},
	} {
		o := overview(t, h, role)
		q := o.Find("OP-Q")
		if (len(q.Items) > 0) != sees.items || (q.State != "") != sees.states || (o.Criteria[0].State != "") != sees.states {
			t.Errorf("%s: %d items, state %q", role, len(q.Items), q.State)
		}
	}
	if _, err := h.Readiness.Overview(h.As("other"), &h.Window); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the auditor of another window: %v", err)
	}
	if _, err := h.Readiness.Controls(h.As("auditor")); fault.KindOf(err) != fault.Denied {
		t.Errorf("an auditor lists every control: %v", err)
	}
	if _, err := h.Readiness.Overview(context.Background(), &h.Window); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("nobody: %v", err)
	}
	o := overview(t, h, "lead")
	if _, err := h.Readiness.Traits(h.As("employee"), o, o.Find("OP-Q").Items, nil); fault.KindOf(err) != fault.Denied {
		t.Errorf("an employee judges evidence: %v", err)
	}
	traits, err := h.Readiness.Traits(h.As("lead"), o, o.Find("OP-Q").Items, map[string]string{h.People["owner"]: "Erik Holm"})
	if err != nil || len(traits) != 1 {
		t.Fatalf("%v %v", traits, err)
	}
	for _, x := range traits {
		if x.OwnerAttributable.Verdict != evidence.Pass {
			t.Errorf("%+v", x)
		}
	}
	all, err := h.Readiness.Controls(h.As("employee"))
	if err != nil || !slices.ContainsFunc(all, func(e register.Entry[control.Control]) bool { return e.Value.Code == "OP-Q" }) {
		t.Errorf("%d controls, %v", len(all), err)
	}
}

// What came long after it happened carries its label, counted from when it came and
// not from when it was reviewed.
func TestLabels(t *testing.T) {
	h := webtest.Full(t, none)
	late := h.Add("Old minutes", "2026-02-27", "OP-Q")
	labels := func(code string) []evidence.Label {
		t.Helper()
		for _, it := range overview(t, h, "lead").Find("OP-Q").Items {
			if it.Code == code {
				return it.Labels
			}
		}
		t.Fatalf("%s is not there", code)
		return nil
	}
	if got := labels(late); !slices.Equal(got, []evidence.Label{evidence.LateCapture}) {
		t.Errorf("%v", got)
	}
	prompt := h.Add("New minutes", "2026-04-18", "OP-Q")
	h.On("2026-06-25")
	if _, err := h.App.Evidence.Accept(h.As("manager"), prompt, ""); err != nil {
		t.Fatal(err)
	}
	if got := labels(prompt); len(got) != 0 {
		t.Errorf("a late review makes the item late: %v", got)
	}
	h.On("2026-07-05")
	after := h.Add("June minutes", "2026-06-30", "OP-Q")
	if got := labels(after); !slices.Equal(got, []evidence.Label{evidence.RetrievedInFieldwork}) {
		t.Errorf("%v", got)
	}
}

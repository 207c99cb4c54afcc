package readiness_test

import (
	"cmp"
	"slices"
	"testing"

	"bevis/internal/readiness"
	"bevis/internal/web/webtest"
	"bevis/internal/window"
)

// Tasks are the occurrences that can still be performed: none that is done or
// missed, none beyond the horizon, each once (E7).
func TestTasks(t *testing.T) {
	h := webtest.Full(t, none)
	o := overview(t, h, "lead")
	all := o.Tasks("", 120)
	if !slices.IsSortedFunc(all, func(a, b readiness.Task) int { return cmp.Compare(a.Due, b.Due) }) {
		t.Error("tasks are not in order of their due days")
	}
	seen := map[string]bool{}
	for _, x := range all {
		key := x.Control + " " + string(x.Due)
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if x.State != window.Overdue && x.State != window.Due && x.State != window.NotDue {
			t.Errorf("%s is %s", key, x.State)
		}
		if x.Due > o.Today.Add(120) || x.State == window.Overdue && !x.Soon {
			t.Errorf("%s: %+v", key, x)
		}
		if len(o.Find(x.Control).Control.Value.Prompts) != len(x.Prompts) {
			t.Errorf("%s lost its prompts", key)
		}
	}
	overdue := 0
	for i := range o.Lines {
		overdue += o.Lines[i].Overdue
	}
	listed := 0
	for _, x := range all {
		if x.State == window.Overdue {
			listed++
		}
	}
	if overdue == 0 || listed != overdue {
		t.Errorf("%d of %d overdue occurrences are tasks", listed, overdue)
	}
	// Evidence for an occurrence ends its task, and evidence sent back brings it again.
	was := first(all, "OP-M")
	if was == nil {
		t.Fatal("OP-M has nothing to do")
	}
	h.Add("Month closed", string(was.Due), "OP-M")
	if now := first(overview(t, h, "lead").Tasks("", 120), "OP-M"); now != nil && now.Due == was.Due {
		t.Errorf("the task of %s stays", was.Due)
	}
	for _, x := range o.Tasks(h.People["owner"], 120) {
		if x.Owner != h.People["owner"] {
			t.Errorf("%s belongs to %s", x.Control, x.Owner)
		}
	}
}

func first(all []readiness.Task, code string) *readiness.Task {
	for i := range all {
		if all[i].Control == code {
			return &all[i]
		}
	}
	return nil
}

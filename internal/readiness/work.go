package readiness

import (
	"cmp"
	"slices"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Task is one occurrence that is to be performed: the evidence prompts of a control
// with a day (E7). Tasks are computed from the controls and what has been brought;
// nothing is stored, so they cannot disagree with the occurrences.
type Task struct {
	Control  string           `json:"control"` // code
	Title    framework.Text   `json:"title"`
	Owner    string           `json:"owner"` // account id, "" while nobody owns the control
	From     scope.Day        `json:"from"`  // first day of the period
	Due      scope.Day        `json:"due"`
	Until    scope.Day        `json:"until"` // last day that still counts as on time
	State    window.State     `json:"state"` // due, not_due or overdue
	Soon     bool             `json:"soon"`  // within the lead time of its frequency, or past due
	Prompts  []control.Prompt `json:"prompts"`
	Returned []string         `json:"returned"` // items that were sent back
}

// lead is how many days before its due day an occurrence asks for attention: long
// enough to do it, short enough not to be put aside.
var lead = map[control.Frequency]int{
	control.Annual: 45, control.Semiannual: 30, control.Quarterly: 21, control.Monthly: 10, control.Weekly: 4, control.Daily: 0,
}

// Tasks lists what is to be done in the window, by due day: everything that is past
// due and can still be done late, and what falls due within ahead days. Of a
// control that is due oftener than once a week only the next occurrence is listed.
// owner limits them to one account; "" lists all.
func (o *Overview) Tasks(owner string, ahead int) []Task {
	out := []Task{}
	for i := range o.Lines {
		l := &o.Lines[i]
		c := &l.Control.Value
		if owner != "" && c.Owner != owner {
			continue
		}
		next := false
		for _, occ := range l.Tally.Occurrences {
			open := occ.State == window.Due || occ.State == window.NotDue
			if !open && occ.State != window.Overdue || occ.Slot.Due > o.Today.Add(ahead) || open && next && c.Frequency == control.Daily {
				continue
			}
			next = next || open
			out = append(out, Task{
				Control: c.Code, Title: c.Title, Owner: c.Owner, From: occ.Slot.From, Due: occ.Slot.Due, Until: occ.Slot.Due.Add(c.Grace), State: occ.State,
				Soon: occ.State == window.Overdue || occ.Slot.Due <= o.Today.Add(lead[c.Frequency]), Prompts: c.Prompts, Returned: occ.Returned,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b Task) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Control, b.Control)) })
	return out
}

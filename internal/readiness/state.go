package readiness

import (
	"slices"

	"bevis/internal/check"
)

// State is the company's own view of a control or criterion. The values are the
// states of the family "state" in the pages.
type State string

// The states, worst first.
const (
	Failing    State = "failing"
	Attention  State = "attention"
	NotStarted State = "not_started"
	InProgress State = "in_progress"
	Ready      State = "ready"
)

// States lists the states, worst first.
var States = []State{Failing, Attention, NotStarted, InProgress, Ready}

// Facts is all that the state of a control depends on.
type Facts struct {
	Owned      bool // somebody owns the control
	Evidence   int  // items of the window that stand: not returned, not superseded
	Unreviewed int  // of these, not yet reviewed by a second person
	Returned   int  // items sent back and not replaced
	Labelled   int  // items that stand and carry a label of lateness
	OnTime     int  // occurrences
	Late       int
	Missed     int
	Overdue    int
	Check      check.Status // newest result that bears on it, "" for none
}

// Judge is the state of one control: what is wrong goes before what is open, and
// what is open before what is in order.
//
// A check that could not answer is never in order, and no answer at all is never
// better than the evidence in hand.
func Judge(f Facts) State {
	switch {
	case f.Missed > 0 || f.Check == check.StatusFail:
		return Failing
	case f.Overdue > 0 || f.Late > 0 || f.Returned > 0 || f.Labelled > 0 || !f.Owned || undecided(f.Check):
		return Attention
	case f.Evidence == 0 && f.OnTime == 0:
		return NotStarted
	case f.Evidence == 0 || f.Unreviewed > 0:
		return InProgress
	default:
		return Ready
	}
}

// undecided reports whether a check ran and does not settle the question.
func undecided(s check.Status) bool {
	return s == check.StatusError || s == check.StatusStale || s == check.StatusNotDeterminable
}

// Worst rolls states up: the worst one wins. Nothing to roll up is not started.
func Worst(states ...State) State {
	for _, s := range States {
		if slices.Contains(states, s) {
			return s
		}
	}
	return NotStarted
}

// Standing is how a control's performances stand in a window: a fact, not a
// judgement, and the same for every reader.
type Standing string

// The standings, worst first.
const (
	HasMissed     Standing = "missed"     // an occurrence was missed
	HasDeviations Standing = "deviations" // the newest check lists deviations
	HasOverdue    Standing = "overdue"    // past due, and can still be performed late
	HasLate       Standing = "late"
	Nothing       Standing = "nothing" // no performance in the window yet
	OnTime        Standing = "on_time"
)

// Standings lists the standings, worst first.
var Standings = []Standing{HasMissed, HasDeviations, HasOverdue, HasLate, Nothing, OnTime}

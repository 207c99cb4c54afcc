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

	// StateNotDeterminable: what is in hand does not show how often the control should
	// have operated, or not for all the time that has passed (domain 0a rule 4).
	StateNotDeterminable State = "not_determinable"
	// StateOperated: it operated, though no occurrence was due. This one and the next
	// two say that nothing can be expected so far; they never outweigh a state that
	// says something.
	StateOperated     State = "operated_none_due"
	StateNoOccurrence State = "no_occurrence" // a source proven complete lists none
	StateNothingDue   State = "nothing_due"
)

// States lists the states that pages show and filter by, worst first.
var States = []State{Failing, Attention, NotStarted, InProgress, Ready}

// exact lists every state, worst first.
var exact = []State{Failing, Attention, StateNotDeterminable, NotStarted, InProgress, Ready, StateOperated, StateNoOccurrence, StateNothingDue}

// Shown is the state in the five words that pages have for it: what cannot be
// determined needs attention, and what nobody could expect so far is never ready.
func (s State) Shown() State {
	switch s {
	case StateNotDeterminable:
		return Attention
	case StateOperated, StateNoOccurrence:
		return InProgress
	case StateNothingDue:
		return NotStarted
	}
	return s
}

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
	// ByClock says that the calendar makes the occurrences; Due is how many have
	// come so far, their period begun. Without it Gap says that time has passed
	// which neither a result nor evidence covers whole.
	ByClock bool
	Due     int
	Events  bool // events make the occurrences: a population must show how many
	Gap     bool
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
	case f.Check == check.StatusNoOccurrence && !f.Gap:
		return StateNoOccurrence
	case f.Gap && (f.Events || f.Evidence > 0):
		return StateNotDeterminable
	case f.Gap:
		return Attention // monitoring that should have run and shows nothing
	case f.Evidence == 0 && f.OnTime == 0 && f.Check != check.StatusPass:
		if f.Due == 0 {
			return StateNothingDue
		}
		return NotStarted
	case f.ByClock && f.Due == 0:
		return StateOperated
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
	for _, s := range exact {
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

package readiness

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/scope"
)

// Kind is what is missing.
type Kind string

// The kinds of gaps, by stage.
const (
	NoControl     Kind = "no_control"     // designed: nothing is mapped
	DraftOnly     Kind = "draft_only"     // designed: only drafts are
	Uncovered     Kind = "uncovered"      // designed: days gone by without a control in force
	Lapses        Kind = "lapses"         // designed: days to come without a control in force
	Vague         Kind = "vague"          // specific
	NotJudged     Kind = "not_judged"     // specific: there is no sentence to judge
	NoOwner       Kind = "no_owner"       // owned
	NeverShown    Kind = "never_shown"    // implemented
	Unfilled      Kind = "unfilled"       // evidenced: no evidence for what was due
	SentBack      Kind = "sent_back"      // evidenced: only items that were sent back
	NoneInYear    Kind = "none_in_year"   // evidenced: not due in the window, and nothing in twelve months
	NothingShown  Kind = "nothing_shown"  // evidenced: per event, neither items nor results
	DaysMissing   Kind = "days_missing"   // evidenced: continuous, days nothing speaks of
	NoSnapshot    Kind = "no_snapshot"    // evidenced: Type 1, nothing shows the state
	OldSnapshot   Kind = "old_snapshot"   // evidenced: Type 1, only an older state
	WasMissed     Kind = "was_missed"     // operated
	WasLate       Kind = "was_late"       // operated
	IsOverdue     Kind = "is_overdue"     // operated
	Deviations    Kind = "deviations"     // operated: the check lists deviations
	NoAnswer      Kind = "no_answer"      // operated: the check settles nothing
	ShortRun      Kind = "short_run"      // operated: the check speaks of a part of the days
	NoPopulation  Kind = "no_population"  // operated: nobody knows how many events there were
	DaysNotTested Kind = "days_not_shown" // operated: continuous, follows from days_missing
)

// Effort is how long a step usually takes one person: an estimate by kind of step,
// the same for everybody, never a promise.
type Effort string

// The efforts and what they stand for, in minutes.
const (
	Minutes Effort = "minutes" // about a quarter of an hour
	Hours   Effort = "hours"   // about two hours
	Days    Effort = "days"    // about two working days
)

var effortMinutes = map[Effort]int{Minutes: 15, Hours: 120, Days: 960}

// step says what mending a kind of gap takes.
type step struct {
	effort Effort
	// mends is false where the past cannot be changed: the step limits the harm and
	// never moves a criterion.
	mends bool
	// follows is set where another gap of the control carries the same step.
	follows bool
}

var steps = map[Kind]step{
	NoControl:     {effort: Hours, mends: true}, // choose, adapt, name an owner
	DraftOnly:     {effort: Minutes, mends: true},
	Uncovered:     {effort: Hours}, // the past is as it was
	Lapses:        {effort: Hours, mends: true},
	Vague:         {effort: Minutes, mends: true},
	NotJudged:     {effort: Minutes, mends: true},
	NoOwner:       {effort: Minutes, mends: true},
	NeverShown:    {effort: Hours, mends: true},
	Unfilled:      {effort: Hours, mends: true},
	SentBack:      {effort: Minutes, mends: true},
	NoneInYear:    {effort: Hours, mends: true},
	NothingShown:  {effort: Hours, mends: true},
	DaysMissing:   {effort: Hours, mends: true},
	NoSnapshot:    {effort: Hours, mends: true},
	OldSnapshot:   {effort: Hours, mends: true},
	WasMissed:     {effort: Hours},
	WasLate:       {effort: Minutes},
	IsOverdue:     {effort: Hours, mends: true, follows: true},
	Deviations:    {effort: Days}, // look into every one, answer, correct
	NoAnswer:      {effort: Hours, mends: true},
	ShortRun:      {effort: Hours, mends: true},
	NoPopulation:  {effort: Days, mends: true}, // find the source, prove it complete
	DaysNotTested: {effort: Hours, mends: true, follows: true},
}

// Gap is one thing that is missing for a criterion.
type Gap struct {
	Stage   Stage
	Kind    Kind
	Verdict Verdict   // NotMet or Undetermined
	Control string    // code, "" where there is none
	Due     scope.Day // by when it was or is to be done, ""
	args    []any     // of the sentences, in pairs
	count   int       // chooses the plural, 0 for sentences without
}

func newGap(s Stage, k Kind, args ...any) Gap {
	return Gap{Stage: s, Kind: k, Verdict: NotMet, args: args}
}

// Effort is what mending it usually takes.
func (g *Gap) Effort() Effort { return steps[g.Kind].effort }

// Mends reports whether the step can still move a criterion.
func (g *Gap) Mends() bool { return steps[g.Kind].mends }

// What says what is missing, in the reader's language.
func (g *Gap) What(ctx context.Context) string { return g.say(ctx, "readiness_gap.what.") }

// Next says what to do next, in the reader's language.
func (g *Gap) Next(ctx context.Context) string { return g.say(ctx, "readiness_gap.next.") }

func (g *Gap) say(ctx context.Context, prefix string) string {
	args := make([]any, 0, len(g.args)+2)
	for _, a := range g.args {
		if w, ok := a.(words); ok {
			a = w.in(ctx)
		}
		args = append(args, a)
	}
	if g.count > 0 {
		args = append(args, "Count", g.count)
	}
	return i18n.T(ctx, prefix+string(g.Kind), args...)
}

// words is a list of message keys, or of texts that are the same in both languages.
type words struct {
	prefix string // "" for texts
	list   []string
}

// listed is how many words of a list are shown before the rest is counted.
const listed = 4

func (w words) in(ctx context.Context) string {
	out := make([]string, 0, len(w.list))
	for i, s := range w.list {
		if i == listed && len(w.list) > listed+1 {
			out = append(out, i18n.T(ctx, "readiness_gap.more", "Count", len(w.list)-listed))
			break
		}
		if w.prefix != "" {
			s = i18n.T(ctx, w.prefix+s)
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func days(all []scope.Day) words {
	w := words{list: make([]string, 0, len(all))}
	for _, d := range all {
		w.list = append(w.list, string(d))
	}
	return w
}

// Step is one thing to do: a gap of a control, for all criteria at once.
type Step struct {
	Gap
	Title    framework.Text // of the control, or of the criterion where there is none
	Criteria []string       // for which it is missing, in the order of the set
	// Moves are those of them whose weakest stage it is part of: closing the gap, with
	// what else is missing at that stage, moves them.
	Moves []string
}

// order puts steps that move most for their effort first, then those that are due
// first, then by control and kind.
func order(all []Step) {
	slices.SortFunc(all, func(a, b Step) int {
		x := len(a.Moves) * effortMinutes[b.Effort()]
		y := len(b.Moves) * effortMinutes[a.Effort()]
		return cmp.Or(cmp.Compare(y, x), byDay(a.Due, b.Due), strings.Compare(a.Control, b.Control),
			slices.Compare(a.Criteria, b.Criteria), strings.Compare(string(a.Kind), string(b.Kind)))
	})
}

// byDay orders days, the missing one last.
func byDay(a, b scope.Day) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return cmp.Compare(a, b)
}

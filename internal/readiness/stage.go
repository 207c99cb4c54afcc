package readiness

// Stage is one of the six steps from a criterion on paper to a control that is shown
// to have operated (A1).
type Stage string

// The stages, in the order in which they build on each other.
const (
	StageDesigned    Stage = "designed"    // a control in force is mapped to the criterion
	StageSpecific    Stage = "specific"    // its sentence names who, what, which thing, how often and the trace
	StageOwned       Stage = "owned"       // somebody answers for it
	StageImplemented Stage = "implemented" // it binds, and something has shown it at least once
	StageEvidenced   Stage = "evidenced"   // evidence stands for what was due in the window
	StageOperated    Stage = "operated"    // what was due was done on time, or tested without deviation
)

// Stages lists the stages in order.
var Stages = []Stage{StageDesigned, StageSpecific, StageOwned, StageImplemented, StageEvidenced, StageOperated}

// Verdict is how a control or a criterion stands at a stage.
type Verdict string

// The verdicts, worst first. The last four say that the stage asks for nothing more
// today; only Met says that something was shown.
const (
	NotMet          Verdict = "gap"
	Undetermined    Verdict = "not_determinable"
	Met             Verdict = "met"
	Waiting         Verdict = "waiting"       // nothing has been due yet
	NoneDue         Verdict = "none_due"      // no due day in the window, performed within twelve months before its end
	NothingHappened Verdict = "no_occurrence" // nothing happened, and the source is proven complete
	NotNeeded       Verdict = "not_needed"    // Type 1 does not ask whether controls operated
)

// Verdicts lists the verdicts, worst first.
var Verdicts = []Verdict{NotMet, Undetermined, Met, Waiting, NoneDue, NothingHappened, NotNeeded}

// full is a stage reached whole. Shares are thousandths, rounded down, so that every
// sum is exact and nothing is rounded up to complete.
const full = 1000

// weights are the points of each stage, 100 in all. Design comes first because an
// auditor tests nothing else when it fails; operation weighs most in Type 2 because it
// is what a Type 2 report adds. Type 1 does not look at operation.
var weights = map[int]map[Stage]int{
	1: {StageDesigned: 30, StageSpecific: 15, StageOwned: 15, StageImplemented: 20, StageEvidenced: 20},
	2: {StageDesigned: 20, StageSpecific: 10, StageOwned: 10, StageImplemented: 15, StageEvidenced: 20, StageOperated: 25},
}

// Mark is how one control stands at one stage.
type Mark struct {
	Stage   Stage
	Verdict Verdict
	Share   int // thousandths of what is asked for today; 0 unless asked for
	Gaps    []Gap
}

// asks reports whether the stage asks something of the control today.
func (m *Mark) asks() bool {
	return m.Verdict == NotMet || m.Verdict == Undetermined || m.Verdict == Met
}

func met(s Stage) Mark { return Mark{Stage: s, Verdict: Met, Share: full} }

// Cell is how a criterion stands at a stage: as its weakest control.
type Cell struct {
	Stage   Stage
	Verdict Verdict
	Share   int // of the weakest control that is asked for something today
	Counts  int // the same, but never more than the stage before: what the score counts
	Met     int // controls that meet the stage
	Asked   int // controls that the stage asks something of today
}

// cell joins the marks of a criterion's controls at one stage. Where none is asked
// for anything, a stage that waits earns nothing, and one in which nothing was due or
// happened lacks nothing.
func cell(stage Stage, marks []Mark) Cell {
	c := Cell{Stage: stage, Verdict: NotMet}
	share, waits := full, false
	seen := map[Verdict]bool{}
	for i := range marks {
		m := &marks[i]
		seen[m.Verdict] = true
		waits = waits || m.Verdict == Waiting
		if !m.asks() {
			continue
		}
		c.Asked++
		if m.Verdict == Met {
			c.Met++
		}
		share = min(share, m.Share)
	}
	for _, v := range Verdicts {
		if seen[v] {
			c.Verdict = v
			break
		}
	}
	switch {
	case len(marks) == 0, c.Asked == 0 && waits:
		share = 0
	}
	c.Share = share
	return c
}

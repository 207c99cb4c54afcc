package readiness

import (
	"slices"

	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// snapshotDays is how old a snapshot may be on the as-of day of a Type 1 window
// before it no longer shows the state by itself (domain 0a rule 7).
const snapshotDays = 30

// reportingDays is how far evidence of what runs all the time, or of events, may lag
// behind today while the window is open: exports and runs are made monthly. Nothing
// is forgiven once the window is over.
const reportingDays = 35

// frame is the window as the stages see it.
type frame struct {
	kind        int // 1 or 2
	first, last scope.Day
	today       scope.Day
}

// run is a check result: the days it speaks of, both included, and its answer.
type run struct {
	first, last   scope.Day
	status        check.Status
	check, code   string
	items, passed int
	deviations    int
}

// proof is what is known of a control beyond its line in the window.
type proof struct {
	ever bool      // an item that stands or a check result, of whatever time
	last scope.Day // newest day, up to the window's last, of which an item that stands speaks; ""
	runs []run     // what speaks in the window: one for each check and source
	// spans are the days of the window on which a version of it was in force.
	spans []control.Span
}

// idle are the days of [first, until] on which no version was in force: nothing is
// asked of the control for them.
func (p *proof) idle(first, until scope.Day) []span {
	in := make([]span, 0, len(p.spans))
	for _, s := range p.spans {
		in = append(in, span{s.From, s.Last})
	}
	return uncovered(in, first, until, false)
}

// shown is the marks for evidence and operation of one control.
func (f *frame) shown(l *Line, p *proof) (evidenced, operated Mark) {
	if f.kind == 1 {
		return f.snapshot(l, p), Mark{Stage: StageOperated, Verdict: NotNeeded}
	}
	if len(p.spans) == 0 || p.spans[0].From > f.today {
		return Mark{Stage: StageEvidenced, Verdict: Waiting}, Mark{Stage: StageOperated, Verdict: Waiting}
	}
	first, until := p.spans[0].From, p.spans[len(p.spans)-1].Last
	running := f.today <= until
	until = min(until, f.today)
	switch {
	case l.Control.Value.Frequency.Periodic():
		return f.periodic(l, p)
	case l.Control.Value.Frequency == control.PerEvent:
		return perEvent(l, p, first, until, running)
	default:
		return continuous(l, p, first, until, running)
	}
}

// snapshot is the evidence of a Type 1 window: a state on its day.
func (f *frame) snapshot(l *Line, p *proof) Mark {
	stands := slices.ContainsFunc(l.Items, func(i Item) bool { return i.Stands() })
	ran := slices.ContainsFunc(p.runs, func(r run) bool { return r.first <= f.first && r.last >= f.first })
	code := l.Control.Value.Code
	m := Mark{Stage: StageEvidenced, Verdict: NotMet}
	var g Gap
	switch {
	case stands || ran || p.last != "" && f.last.Sub(p.last) <= snapshotDays:
		return met(StageEvidenced)
	case f.today < f.first:
		return Mark{Stage: StageEvidenced, Verdict: Waiting}
	case p.last != "":
		g = newGap(StageEvidenced, OldSnapshot, "Day", string(p.last), "AsOf", string(f.last), "Days", snapshotDays)
		g.Verdict, m.Verdict = Undetermined, Undetermined
	default:
		g = newGap(StageEvidenced, NoSnapshot, "AsOf", string(f.last), "Days", snapshotDays)
	}
	g.Control = code
	m.Gaps = []Gap{g}
	return m
}

// periodic counts each due day once, whatever number of items stands for it.
func (f *frame) periodic(l *Line, p *proof) (ev, op Mark) {
	ev, op = Mark{Stage: StageEvidenced, Verdict: Waiting}, Mark{Stage: StageOperated, Verdict: Waiting}
	if len(l.Tally.Occurrences) == 0 {
		return f.noneDue(l, p)
	}
	due, filled, onTime := 0, 0, 0
	var unfilled, missed, late, overdue []scope.Day
	var returned []string
	for i := range l.Tally.Occurrences {
		o := &l.Tally.Occurrences[i]
		switch o.State {
		case window.Due, window.NotDue:
			continue
		case window.OnTime:
			onTime++
		case window.Late:
			late = append(late, o.Slot.Due)
		case window.Missed:
			missed = append(missed, o.Slot.Due)
		case window.Overdue:
			overdue = append(overdue, o.Slot.Due)
		}
		due++
		switch {
		case o.Evidence != "":
			filled++
		case len(o.Returned) > 0:
			returned = append(returned, o.Returned...)
		default:
			unfilled = append(unfilled, o.Slot.Due)
		}
	}
	if due == 0 {
		return ev, op
	}
	code := l.Control.Value.Code
	lacks := func(m *Mark, k Kind, list []scope.Day) {
		if len(list) == 0 {
			return
		}
		g := newGap(m.Stage, k, "Days", days(list))
		g.Control, g.Due, g.count = code, list[0], len(list)
		m.Gaps = append(m.Gaps, g)
	}
	ev.Share, op.Share = filled*full/due, onTime*full/due
	if len(returned) > 0 {
		g := newGap(StageEvidenced, SentBack, "Codes", words{list: returned})
		g.Control, g.count = code, len(returned)
		ev.Gaps = append(ev.Gaps, g)
	}
	lacks(&ev, Unfilled, unfilled)
	lacks(&op, WasMissed, missed)
	lacks(&op, WasLate, late)
	lacks(&op, IsOverdue, overdue)
	ev.Verdict, op.Verdict = NotMet, NotMet
	if filled == due {
		ev.Verdict = Met
	}
	if onTime == due {
		op.Verdict = Met
	}
	return ev, op
}

// noneDue is a periodic control without a due day in its part of the window: what it
// did in the twelve months before the window's end is looked at (domain section 5).
func (f *frame) noneDue(l *Line, p *proof) (ev, op Mark) {
	ev, op = Mark{Stage: StageEvidenced, Verdict: NoneDue}, Mark{Stage: StageOperated, Verdict: NoneDue}
	if p.last >= yearBefore(f.last) && p.last != "" {
		return ev, op
	}
	g := newGap(StageEvidenced, NoneInYear, "From", string(yearBefore(f.last)), "To", string(f.last))
	g.Control = l.Control.Value.Code
	ev.Verdict, ev.Gaps = NotMet, []Gap{g}
	return ev, op
}

// yearBefore is the first day of the twelve months that end with last.
func yearBefore(last scope.Day) scope.Day {
	y, m, d := last.Add(1).Date()
	return scope.DayFrom(y-1, m, d)
}

// perEvent judges by population and check alone: items show single events, never how
// many there were.
func perEvent(l *Line, p *proof, first, until scope.Day, running bool) (ev, op Mark) {
	code := l.Control.Value.Code
	ev, op = met(StageEvidenced), Mark{Stage: StageOperated, Verdict: Undetermined}
	if len(p.runs) == 0 {
		early := running && until.Sub(first) < reportingDays
		if early {
			op.Verdict = Waiting
		}
		if !slices.ContainsFunc(l.Items, func(i Item) bool { return i.Stands() }) {
			if early {
				return Mark{Stage: StageEvidenced, Verdict: Waiting}, op
			}
			ev = Mark{Stage: StageEvidenced, Verdict: NotMet}
			g := newGap(StageEvidenced, NothingShown)
			g.Control = code
			ev.Gaps = []Gap{g}
		}
		if early {
			return ev, op
		}
		g := newGap(StageOperated, NoPopulation)
		g.Control, g.Verdict = code, Undetermined
		op.Gaps = []Gap{g}
		return ev, op
	}
	return ev, tested(code, p.runs, p.idle(first, until), first, until, running)
}

// tested is what check results say of [first, until].
func tested(code string, runs []run, idle []span, first, until scope.Day, running bool) Mark {
	m := Mark{Stage: StageOperated, Verdict: NothingHappened}
	share := full
	for _, r := range runs {
		var g Gap
		switch r.status {
		case check.StatusFail:
			g = newGap(StageOperated, Deviations, "Check", r.check, "Run", r.code)
			g.count = r.deviations
			if r.items > 0 {
				share = min(share, r.passed*full/r.items)
			} else {
				share = 0
			}
		case check.StatusPass, check.StatusNoOccurrence:
			if lacking := uncovered(append([]span{{r.first, r.last}}, idle...), first, until, running); len(lacking) > 0 {
				g = newGap(StageOperated, ShortRun, "Check", r.check, "Run", r.code, "From", string(lacking[0].first), "To", string(lacking[0].last))
				g.Verdict = Undetermined
				break
			}
			if r.status == check.StatusPass && m.Verdict == NothingHappened {
				m.Verdict = Met
			}
			continue
		default: // error, stale, not determinable, excluded, not applicable: no answer
			g = newGap(StageOperated, NoAnswer, "Check", r.check, "Run", r.code)
			g.Verdict = Undetermined
		}
		g.Control = code
		m.Gaps = append(m.Gaps, g)
		if g.Verdict == NotMet || m.Verdict != NotMet {
			m.Verdict = g.Verdict
		}
	}
	switch m.Verdict {
	case Met:
		m.Share = full
	case NotMet:
		m.Share = share
		if slices.ContainsFunc(m.Gaps, func(g Gap) bool { return g.Verdict == Undetermined }) {
			m.Share = 0
		}
	}
	return m
}

// continuous judges by the days of which something speaks.
func continuous(l *Line, p *proof, first, until scope.Day, running bool) (ev, op Mark) {
	code := l.Control.Value.Code
	idle := p.idle(first, until)
	spans := slices.Clone(idle)
	for i := range l.Items {
		if it := &l.Items[i]; it.Stands() {
			spans = append(spans, span{it.First, it.Last})
		}
	}
	for _, r := range p.runs {
		if r.status == check.StatusPass || r.status == check.StatusFail {
			spans = append(spans, span{r.first, r.last})
		}
	}
	lacking := uncovered(spans, first, until, running)
	n := 0
	for _, s := range lacking {
		n += s.last.Sub(s.first) + 1
	}
	all := until.Sub(first) + 1
	if n > 0 && running && all <= reportingDays { // the first report may still come
		return Mark{Stage: StageEvidenced, Verdict: Waiting}, Mark{Stage: StageOperated, Verdict: Waiting}
	}
	ev = Mark{Stage: StageEvidenced, Verdict: NotMet, Share: (all - n) * full / all}
	op = Mark{Stage: StageOperated, Verdict: Met, Share: ev.Share}
	if n == 0 {
		ev.Verdict = Met
	} else {
		g := newGap(StageEvidenced, DaysMissing, "From", string(lacking[0].first), "To", string(lacking[0].last))
		g.Control, g.count = code, n
		ev.Gaps = []Gap{g}
	}
	var answered []run
	for _, r := range p.runs {
		if r.status != check.StatusPass && r.status != check.StatusNoOccurrence {
			answered = append(answered, r)
		}
	}
	if len(answered) > 0 {
		t := tested(code, answered, idle, first, until, running)
		op.Verdict, op.Gaps, op.Share = t.Verdict, t.Gaps, min(op.Share, t.Share)
	}
	if n > 0 && op.Verdict == Met {
		g := newGap(StageOperated, DaysNotTested)
		g.Control, g.Verdict, g.count = code, Undetermined, n
		op.Verdict, op.Gaps = Undetermined, []Gap{g}
	}
	return ev, op
}

// span is days, both included.
type span struct{ first, last scope.Day }

// uncovered are the days of [first, until] that no span covers. While the window runs
// the newest days may still be without: nobody has reported on them yet.
func uncovered(spans []span, first, until scope.Day, running bool) []span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return byDay(a.first, b.first) })
	var out []span
	at := first
	for _, s := range spans {
		if s.last < at {
			continue
		}
		if s.first > until {
			break
		}
		if s.first > at {
			out = append(out, span{at, s.first.Add(-1)})
		}
		at = s.last.Add(1)
	}
	if at <= until && (!running || at == first || until.Sub(at) >= reportingDays) {
		out = append(out, span{at, until})
	}
	return out
}

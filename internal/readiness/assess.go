package readiness

import (
	"slices"
	"strings"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Sentence is what the wording lint says of a control's sentence (C4).
type Sentence struct {
	Specific bool
	Missing  []string // parts that are not named: actor, action, object, cadence, trace
	Hollow   []string // words that leave the reader guessing, as they stand
}

// Lint is the wording lint as this room asks it.
type Lint func(lang i18n.Lang, sentence string) Sentence

// Assessment is how far a window has come, criterion by criterion and stage by stage:
// the company's own view, never an auditor's (domain 0a rule 12).
type Assessment struct {
	Overview *Overview
	Lines    [][]Mark // the marks of each line of the overview, in the order of Stages
	Criteria []Assessed
	Steps    []Step
	Score    Score
}

// Assessed is one criterion.
type Assessed struct {
	*Criterion
	Cells  []Cell // in the order of Stages
	Gaps   []Gap  // by stage, then by control
	Points []Point
}

// Point is a point of focus and the controls that name it. It informs: it is never a
// gap by itself and never counts (domain 0a rule 8).
type Point struct {
	ID       string
	Controls []string
}

// First is the first stage that is not whole, "" if all are.
func (a *Assessed) First() Stage {
	for i := range a.Cells {
		if a.Cells[i].Verdict != NotNeeded && a.Cells[i].Counts < full {
			return a.Cells[i].Stage
		}
	}
	return ""
}

// Gaps counts what is missing: a gap of one control counts once, however many
// criteria it is missing for.
func (a *Assessment) Gaps() int {
	n := 0
	for i := range a.Steps {
		if !steps[a.Steps[i].Kind].follows {
			n++
		}
	}
	return n
}

// Ahead are the steps without those that follow from another one.
func (a *Assessment) Ahead() []Step {
	return slices.DeleteFunc(slices.Clone(a.Steps), func(s Step) bool { return steps[s.Kind].follows })
}

// material is everything that an assessment follows from. It is a pure function of it.
type material struct {
	overview *Overview
	proofs   map[control.ID]*proof
	judge    Lint
	drafts   map[string][]string // criterion to codes of drafts mapped to it
	offers   map[string][]string // criterion to codes of the library that are proposed for it
}

func assess(in *material) *Assessment {
	o := in.overview
	w := &o.Window.Value
	f := &frame{kind: w.Type, first: w.From, last: w.Last, today: o.Today}
	a := &Assessment{Overview: o, Lines: make([][]Mark, len(o.Lines)), Criteria: make([]Assessed, 0, len(o.Criteria))}
	for i := range o.Lines {
		a.Lines[i] = in.line(f, &o.Lines[i])
	}
	for i := range o.Criteria {
		a.Criteria = append(a.Criteria, in.criterion(f, a, &o.Criteria[i]))
	}
	a.steps()
	a.Score = scoreOf(w.Type, a.Criteria)
	return a
}

// line marks one control at every stage.
func (in *material) line(f *frame, l *Line) []Mark {
	c := &l.Control.Value
	p := in.proofs[l.Control.ID]
	if p == nil {
		p = &proof{}
	}
	one := func(s Stage, k Kind, args ...any) Mark {
		g := newGap(s, k, args...)
		g.Control = c.Code
		return Mark{Stage: s, Verdict: NotMet, Gaps: []Gap{g}}
	}
	owned, implemented := met(StageOwned), met(StageImplemented)
	if c.Owner == "" {
		owned = one(StageOwned, NoOwner)
	}
	switch {
	case len(p.spans) == 0 || p.spans[0].From > f.today:
		implemented = Mark{Stage: StageImplemented, Verdict: Waiting}
	case !p.ever:
		implemented = one(StageImplemented, NeverShown)
	}
	evidenced, operated := f.shown(l, p)
	return []Mark{met(StageDesigned), in.sentence(c), owned, implemented, evidenced, operated}
}

// sentence judges the control's sentence in every language it is written in.
func (in *material) sentence(c *control.Control) Mark {
	m := met(StageSpecific)
	var missing, hollow []string
	specific := true
	judged := false
	for _, s := range []struct {
		lang i18n.Lang
		text string
	}{{i18n.English, c.Statement.EN}, {i18n.Swedish, c.Statement.SV}} {
		if strings.TrimSpace(s.text) == "" || in.judge == nil || s.lang == i18n.Swedish && s.text == c.Statement.EN {
			continue
		}
		judged = true
		j := in.judge(s.lang, s.text)
		specific = specific && j.Specific
		for _, part := range j.Missing {
			if !slices.Contains(missing, part) {
				missing = append(missing, part)
			}
		}
		if !j.Specific {
			hollow = append(hollow, j.Hollow...)
		}
	}
	var g Gap
	switch {
	case !judged:
		g = newGap(StageSpecific, NotJudged)
		g.Verdict = Undetermined
	case specific:
		return m
	case len(missing) > 0:
		g = newGap(StageSpecific, Vague, "Lacks", words{"readiness_gap.part.", missing})
	default:
		g = newGap(StageSpecific, Vague, "Lacks", words{list: quoted(hollow)})
	}
	g.Control = c.Code
	return Mark{Stage: StageSpecific, Verdict: g.Verdict, Gaps: []Gap{g}}
}

func quoted(all []string) []string {
	out := make([]string, 0, len(all))
	for _, s := range all {
		if s = "“" + s + "”"; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// criterion joins the marks of the criterion's controls.
func (in *material) criterion(f *frame, a *Assessment, c *Criterion) Assessed {
	x := Assessed{Criterion: c, Cells: make([]Cell, 0, len(Stages)), Gaps: []Gap{}, Points: points(a.Overview, c)}
	designed := in.designed(f, a.Overview, c)
	counts := full
	for k, stage := range Stages {
		var marks []Mark
		for _, i := range c.Controls {
			marks = append(marks, a.Lines[i][k])
		}
		cl := cell(stage, marks)
		if stage == StageDesigned {
			cl.Share = designed.Share
			if designed.Verdict != Met {
				cl.Verdict = designed.Verdict
			}
			marks = append(marks, designed)
		}
		if f.kind == 1 && stage == StageOperated {
			cl.Verdict, cl.Share = NotNeeded, 0
		}
		counts = min(counts, cl.Share)
		cl.Counts = counts
		x.Cells = append(x.Cells, cl)
		for i := range marks {
			x.Gaps = append(x.Gaps, marks[i].Gaps...)
		}
	}
	return x
}

// designed tells on how much of the window a control of the criterion is in force.
func (in *material) designed(f *frame, o *Overview, c *Criterion) Mark {
	m := Mark{Stage: StageDesigned, Verdict: NotMet}
	var spans []span
	for _, i := range c.Controls {
		if p := in.proofs[o.Lines[i].Control.ID]; p != nil {
			for _, s := range p.spans {
				spans = append(spans, span{s.From, s.Last})
			}
		}
	}
	offers := in.offers[c.ID]
	switch drafts := in.drafts[c.ID]; {
	case len(spans) == 0 && len(drafts) > 0:
		m.Gaps = []Gap{newGap(StageDesigned, DraftOnly, "Codes", words{list: drafts})}
		return m
	case len(spans) == 0 && len(offers) > 0:
		m.Gaps = []Gap{newGap(StageDesigned, NoControl, "Offer", words{list: offers})}
		return m
	case len(spans) == 0:
		m.Gaps = []Gap{newGap(StageDesigned, NoControl, "Offer", words{"readiness_gap.", []string{"own_control"}})}
		return m
	}
	n, all := 0, f.last.Sub(f.first)+1
	for _, s := range uncovered(spans, f.first, f.last, false) {
		n += s.last.Sub(s.first) + 1
		lack := func(k Kind, first, last scope.Day) {
			if first > last {
				return
			}
			g := newGap(StageDesigned, k, "From", string(first), "To", string(last))
			g.Due = first
			m.Gaps = append(m.Gaps, g)
		}
		lack(Uncovered, s.first, min(s.last, f.today))
		lack(Lapses, max(s.first, f.today.Add(1)), s.last)
	}
	if n == 0 {
		return met(StageDesigned)
	}
	m.Share = (all - n) * full / all
	return m
}

func points(o *Overview, c *Criterion) []Point {
	out := make([]Point, 0, len(c.PointsOfFocus))
	for _, p := range c.PointsOfFocus {
		x := Point{ID: p.ID, Controls: []string{}}
		for _, i := range c.Controls {
			if v := &o.Lines[i].Control.Value; slices.Contains(v.PointsOfFocus, p.ID) {
				x.Controls = append(x.Controls, v.Code)
			}
		}
		out = append(out, x)
	}
	return out
}

// steps gathers the gaps of a control over all criteria, and orders them.
func (a *Assessment) steps() {
	type key struct{ control, criterion, kind, due string }
	at := map[key]int{}
	for i := range a.Criteria {
		c := &a.Criteria[i]
		weakest := c.First()
		for _, g := range c.Gaps {
			k := key{g.Control, "", string(g.Kind), string(g.Due)}
			title := c.Title
			if g.Control == "" {
				k.criterion = c.ID
			} else if l := a.Overview.Find(g.Control); l != nil {
				title = l.Control.Value.Title
			}
			n, ok := at[k]
			if !ok {
				n = len(a.Steps)
				at[k] = n
				a.Steps = append(a.Steps, Step{Gap: g, Title: title, Criteria: []string{}, Moves: []string{}})
			}
			s := &a.Steps[n]
			if !slices.Contains(s.Criteria, c.ID) {
				s.Criteria = append(s.Criteria, c.ID)
			}
			if g.Mends() && g.Stage == weakest && !slices.Contains(s.Moves, c.ID) {
				s.Moves = append(s.Moves, c.ID)
			}
		}
	}
	order(a.Steps)
	if a.Steps == nil {
		a.Steps = []Step{}
	}
}

// offersOf are the library's proposals for each criterion that the organisation has
// not taken, by code.
func offersOf(have map[string]bool, criteria []framework.Criterion) (map[string][]string, error) {
	library, err := control.Library()
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, c := range criteria {
		for i := range library {
			if l := &library[i]; l.Proposed && !have[l.Code] && slices.Contains(l.Criteria, c.ID) {
				out[c.ID] = append(out[c.ID], l.Code)
			}
		}
	}
	return out, nil
}

// draftsOf are the drafts mapped to each criterion, by code.
func draftsOf(all map[control.ID]*register.Entry[control.Control]) (drafts map[string][]string, have map[string]bool) {
	drafts, have = map[string][]string{}, map[string]bool{}
	for _, e := range all {
		if e.Erased {
			continue
		}
		have[e.Value.Code] = true
		if e.Value.Status != control.Draft {
			continue
		}
		for _, id := range e.Value.Criteria {
			drafts[id] = append(drafts[id], e.Value.Code)
		}
	}
	for _, list := range drafts {
		slices.Sort(list)
	}
	return drafts, have
}

package readiness

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Review is an assessment as somebody kept it: the figures of one day. The entry says
// who kept it and when. It never changes, and it is in no window's contents, so no
// package and no auditor ever holds it (domain 0a rule 12).
type Review struct {
	Code     string       `json:"code"`   // RR- and the ledger index
	Window   window.ID    `json:"window"` // whose figures these are
	Day      scope.Day    `json:"day"`    // in the window's zone
	Score    int          `json:"score"`  // 0 to 100
	Parts    []ReviewPart `json:"parts"`
	Criteria int          `json:"criteria"` // in scope
	Whole    int          `json:"whole"`    // without anything missing
	Controls int          `json:"controls"`
	Gaps     int          `json:"gaps"`
	Note     string       `json:"note"`
}

// ReviewPart is the arithmetic of one stage, so that the score can be added up again.
type ReviewPart struct {
	Stage  Stage `json:"stage"`
	Weight int   `json:"weight"`
	Sum    int   `json:"sum"`    // thousandths of criteria
	Tenths int   `json:"tenths"` // of points
}

// noteMax is how long a note may be, in bytes.
const noteMax = 2000

// Kept is the register of reviews.
var Kept = register.Define("readiness_review", register.Rules[Review]{Prefix: "rdy", Check: checkReview, Index: func(v *Review) register.Index {
	return register.Index{Code: v.Code, Title: string(v.Day), Status: "kept", Owner: v.Window.String()}
}})

func checkReview(tx *register.Tx, old, v *Review) error {
	if old != nil {
		return fault.New(fault.Locked, "register.fixed")
	}
	tenths := 0
	for _, p := range v.Parts {
		if v.Criteria <= 0 || p.Sum < 0 || p.Sum > full*v.Criteria || p.Tenths != p.Weight*10*p.Sum/(full*v.Criteria) {
			return fault.New(fault.Invalid, "readiness_gap.sum")
		}
		tenths += p.Tenths
	}
	switch {
	case v.Code != "RR-"+strconv.FormatInt(tx.NextIndex(), 10):
		return fault.New(fault.Invalid, "register.fixed")
	case v.Score != tenths/10 || v.Score < 0 || v.Score > 100:
		return fault.New(fault.Invalid, "readiness_gap.sum")
	case len(v.Note) > noteMax:
		return fault.New(fault.Invalid, "readiness_gap.note", "Max", noteMax)
	}
	return window.Windows.Exists(tx, v.Window)
}

// Keep keeps the figures of today.
func (s *Reviews) Keep(ctx context.Context, w *register.Entry[window.Window], note string) (register.Entry[Review], error) {
	by, err := s.company(ctx, authz.ReadinessKeep)
	if err != nil {
		return register.Entry[Review]{}, err
	}
	a, err := s.Assess(ctx, w)
	if err != nil {
		return register.Entry[Review]{}, err
	}
	v := Review{
		Window: w.ID, Day: a.Overview.Today, Score: a.Score.Points, Parts: []ReviewPart{}, Criteria: len(a.Criteria),
		Whole: a.Whole(), Controls: len(a.Overview.Lines), Gaps: a.Gaps(), Note: strings.TrimSpace(note),
	}
	for _, p := range a.Score.Parts {
		v.Parts = append(v.Parts, ReviewPart{p.Stage, p.Weight, p.Sum, p.Tenths})
	}
	var e register.Entry[Review]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		v.Code = "RR-" + strconv.FormatInt(tx.NextIndex(), 10)
		e, err = Kept.Create(tx, v, "")
		return err
	})
	return e, err
}

// History reads the reviews kept of a window, oldest first.
func (s *Reviews) History(ctx context.Context, w window.ID) ([]register.Entry[Review], error) {
	if _, err := s.company(ctx, authz.ReadinessRead); err != nil {
		return nil, err
	}
	all, err := Kept.All(s.Store.Live(ctx), register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(e register.Entry[Review]) bool { return e.Erased || e.Value.Window != w }), nil
}

// Whole counts the criteria for which nothing is missing.
func (a *Assessment) Whole() int {
	n := 0
	for i := range a.Criteria {
		if a.Criteria[i].First() == "" {
			n++
		}
	}
	return n
}

// Report is an assessment in one language: the JSON of page and command line.
type Report struct {
	Window   string            `json:"window"` // id
	Code     string            `json:"code"`
	Type     int               `json:"type"`
	FirstDay scope.Day         `json:"first_day"`
	LastDay  scope.Day         `json:"last_day"`
	Zone     string            `json:"zone"`
	Today    scope.Day         `json:"today"`
	Score    int               `json:"score"`
	Parts    []PartReport      `json:"parts"`
	Meaning  string            `json:"meaning"` // what the score does and does not say
	Gaps     int               `json:"gaps"`
	Whole    int               `json:"criteria_whole"`
	Criteria []CriterionReport `json:"criteria"`
	Steps    []StepReport      `json:"steps"`
}

// PartReport is one line of the score's arithmetic.
type PartReport struct {
	Stage    Stage   `json:"stage"`
	Name     string  `json:"name"`
	Points   float64 `json:"points"` // one decimal
	Of       int     `json:"of"`
	How      string  `json:"how"`
	Sum      int     `json:"sum_thousandths"`
	Criteria int     `json:"criteria"`
	Whole    int     `json:"whole"`
}

// CriterionReport is one criterion.
type CriterionReport struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	State    State         `json:"state"`
	Controls []string      `json:"controls"`
	Stages   []StageReport `json:"stages"`
	First    Stage         `json:"first_open_stage"` // "" when nothing is missing
	Gaps     []GapReport   `json:"gaps"`
	Points   []PointReport `json:"points_of_focus"` // they inform and never count
}

// StageReport is one cell.
type StageReport struct {
	Stage   Stage   `json:"stage"`
	Verdict Verdict `json:"verdict"`
	Share   int     `json:"share_thousandths"` // of the weakest control
	Counts  int     `json:"counts_thousandths"`
	Met     int     `json:"controls_met"`
	Asked   int     `json:"controls_asked"`
}

// GapReport is one thing that is missing.
type GapReport struct {
	Control string    `json:"control"`
	Stage   Stage     `json:"stage"`
	Kind    Kind      `json:"kind"`
	Verdict Verdict   `json:"verdict"`
	Missing string    `json:"missing"`
	Next    string    `json:"next"`
	Effort  Effort    `json:"effort"`
	Due     scope.Day `json:"due"`
}

// PointReport is a point of focus.
type PointReport struct {
	ID       string   `json:"id"`
	Controls []string `json:"controls"`
}

// StepReport is one thing to do.
type StepReport struct {
	GapReport
	Title    string   `json:"title"`
	Criteria []string `json:"criteria"`
	Moves    []string `json:"moves"`
	Effect   int      `json:"effect"` // criteria that it moves
}

// Report puts the assessment into the reader's language.
func (a *Assessment) Report(ctx context.Context) Report {
	lang := i18n.Of(ctx)
	w := &a.Overview.Window.Value
	r := Report{
		Window: a.Overview.Window.ID.String(), Code: w.Code, Type: w.Type, FirstDay: w.From, LastDay: w.Last, Zone: w.Zone, Today: a.Overview.Today,
		Score: a.Score.Points, Parts: []PartReport{}, Meaning: i18n.T(ctx, "readiness_gap.meaning"), Gaps: a.Gaps(), Whole: a.Whole(),
		Criteria: make([]CriterionReport, 0, len(a.Criteria)), Steps: []StepReport{},
	}
	for _, p := range a.Score.Parts {
		r.Parts = append(r.Parts, PartReport{
			Stage: p.Stage, Name: i18n.T(ctx, "readiness_gap.stage."+string(p.Stage)), Points: float64(p.Tenths) / 10, Of: p.Weight, How: p.how(ctx),
			Sum: p.Sum, Criteria: p.Criteria, Whole: p.Whole,
		})
	}
	for i := range a.Criteria {
		r.Criteria = append(r.Criteria, a.Criteria[i].report(ctx, a.Overview, lang))
	}
	for _, s := range a.Ahead() {
		r.Steps = append(r.Steps, StepReport{GapReport: s.report(ctx), Title: s.Title.For(lang), Criteria: s.Criteria, Moves: s.Moves, Effect: len(s.Moves)})
	}
	return r
}

// how is the arithmetic of a part in words and numbers.
func (p *Part) how(ctx context.Context) string {
	return i18n.T(ctx, "readiness_gap.how", "Weight", p.Weight, "Sum", decimal(ctx, p.Sum, 3), "Criteria", p.Criteria, "Points", decimal(ctx, p.Tenths, 1))
}

// decimal writes thousandths or tenths with the language's decimal sign.
func decimal(ctx context.Context, n, places int) string {
	unit := 1
	for range places {
		unit *= 10
	}
	s := strconv.Itoa(n % unit)
	sign := "."
	if i18n.Of(ctx) == i18n.Swedish {
		sign = ","
	}
	return strconv.Itoa(n/unit) + sign + strings.Repeat("0", places-len(s)) + s
}

func (a *Assessed) report(ctx context.Context, o *Overview, lang i18n.Lang) CriterionReport {
	c := CriterionReport{
		ID: a.ID, Title: a.Title.For(lang), State: a.State, Controls: []string{}, Stages: []StageReport{}, First: a.First(),
		Gaps: make([]GapReport, 0, len(a.Gaps)), Points: make([]PointReport, 0, len(a.Points)),
	}
	for _, i := range a.Controls {
		c.Controls = append(c.Controls, o.Lines[i].Control.Value.Code)
	}
	for _, x := range a.Cells {
		c.Stages = append(c.Stages, StageReport(x))
	}
	for i := range a.Gaps {
		c.Gaps = append(c.Gaps, a.Gaps[i].report(ctx))
	}
	for _, p := range a.Points {
		c.Points = append(c.Points, PointReport(p))
	}
	return c
}

func (g *Gap) report(ctx context.Context) GapReport {
	return GapReport{Control: g.Control, Stage: g.Stage, Kind: g.Kind, Verdict: g.Verdict, Missing: g.What(ctx), Next: g.Next(ctx), Effort: g.Effort(), Due: g.Due}
}

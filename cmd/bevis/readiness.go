package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/app"
	"bevis/internal/fault"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

type readinessCmd struct {
	Show    readinessShow    `cmd:"" default:"withargs" help:"What is missing, criterion by criterion, and what to do next."`
	Keep    readinessKeep    `cmd:"" help:"Keep today's figures as a review."`
	History readinessHistory `cmd:"" help:"List the reviews kept of a window, oldest first."`

	Feasibility readinessFeasibility `cmd:"" help:"What a window can still show, and what another one would change."`
}

// windowOf is the window that a verb speaks of: the named one, else the newest open
// one, else the newest.
func windowOf(e *env, a *app.App, name string) (*register.Entry[window.Window], error) {
	w, err := readiness.Choose(e.ctx, a.Windows, name)
	if err == nil && w == nil {
		err = fault.New(fault.NotFound, "cli.readiness.no_window")
	}
	return w, err
}

type readinessShow struct {
	Window string   `help:"Id or code of the window; left out, the newest open one." placeholder:"WINDOW"`
	Out    string   `help:"File to write: its ending says which kind, .pdf, .xlsx or .json." placeholder:"FILE"`
	FailOn []string `help:"Exit 1 on gap, 3 on not_determinable." placeholder:"WHAT"`
}

func (c *readinessShow) work(e *env, a *app.App) error {
	for _, what := range c.FailOn {
		if what != string(readiness.NotMet) && what != string(readiness.Undetermined) {
			return fault.New(fault.Invalid, "cli.readiness.fail_on", "What", what)
		}
	}
	w, err := windowOf(e, a, c.Window)
	if err != nil {
		return err
	}
	x, err := a.Reviews.Assess(e.ctx, w)
	if err != nil {
		return err
	}
	r := x.Report(e.ctx)
	if c.Out != "" {
		err = c.write(e, a, &r)
	} else {
		err = e.answer(r, func() { c.say(e, &r) })
	}
	if err != nil {
		return err
	}
	return c.exit(&r)
}

// exit turns what was found into the status that --fail-on asks for.
func (c *readinessShow) exit(r *readiness.Report) error {
	found := map[string]bool{}
	for i := range r.Criteria {
		for _, g := range r.Criteria[i].Gaps {
			found[string(g.Verdict)] = true
		}
	}
	switch {
	case slices.Contains(c.FailOn, string(readiness.NotMet)) && found[string(readiness.NotMet)]:
		return answer(exitNo)
	case slices.Contains(c.FailOn, string(readiness.Undetermined)) && found[string(readiness.Undetermined)]:
		return answer(exitUndetermined)
	}
	return nil
}

func (c *readinessShow) say(e *env, r *readiness.Report) {
	e.line("%s", e.t("cli.readiness.score", "Score", r.Score, "Code", r.Code, "Today", string(r.Today)))
	e.line("%s", e.t("cli.period", "First", string(r.FirstDay), "Last", string(r.LastDay), "Zone", r.Zone))
	var rows [][]string
	for _, p := range r.Parts {
		rows = append(rows, []string{p.Name, strconv.FormatFloat(p.Points, 'f', 1, 64), strconv.Itoa(p.Of), p.How})
	}
	e.table([]string{e.t("readiness_gap.doc.stage"), e.t("readiness_gap.doc.points"), e.t("readiness_gap.doc.of"), e.t("readiness_gap.doc.how")}, rows)
	e.line("%s", e.t("readiness_gap.doc.counts", "Whole", r.Whole, "Criteria", len(r.Criteria), "Gaps", r.Gaps))
	if len(r.Steps) > 0 {
		rows = nil
		for _, s := range r.Steps {
			of := s.Control
			if of == "" {
				of = strings.Join(s.Criteria, " ")
			}
			rows = append(rows, []string{of, s.Next, strconv.Itoa(s.Effect), e.t("readiness_gap.effort." + string(s.Effort)), string(s.Due)})
		}
		e.table([]string{e.t("readiness_gap.doc.control"), e.t("readiness_gap.doc.next"), e.t("readiness_gap.doc.moves"), e.t("readiness_gap.doc.effort"), e.t("readiness_gap.doc.due")}, rows)
	}
	e.line("%s", r.Meaning)
}

// write makes the file, and puts it in place only once it is whole.
func (c *readinessShow) write(e *env, a *app.App, r *readiness.Report) error {
	org, err := scope.Current(a.Store.Live(e.ctx))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	d := r.Document(e.ctx, org.Value.Name, a.Store.Now())
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".pdf":
		err = d.PDF(&b)
	case ".xlsx":
		err = d.XLSX(&b)
	case ".json":
		err = e.json(&b, r)
	default:
		return fault.New(fault.Invalid, "cli.readiness.ending", "File", c.Out)
	}
	if err != nil {
		return err
	}
	if err := putFile(e.path(c.Out), b.Bytes()); err != nil {
		return fault.Wrap(err, fault.Unavailable, "cli.readiness.write", "File", c.Out)
	}
	said := map[string]any{"file": c.Out, "score": r.Score, "gaps": r.Gaps}
	return e.answer(said, func() { e.line("%s", e.t("cli.readiness.written", "File", c.Out)) })
}

// putFile writes a file beside its place and renames it, readable by its owner alone.
func putFile(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".bevis-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

type reviewView struct {
	Review   string    `json:"review"`
	Window   string    `json:"window"`
	Day      scope.Day `json:"day"`
	Score    int       `json:"score"`
	Gaps     int       `json:"gaps"`
	Whole    int       `json:"criteria_whole"`
	Criteria int       `json:"criteria"`
	Note     string    `json:"note"`
	By       string    `json:"by"`
	At       string    `json:"at"`
}

func viewReview(x *register.Entry[readiness.Review]) reviewView {
	v := &x.Value
	return reviewView{Review: v.Code, Window: v.Window.String(), Day: v.Day, Score: v.Score, Gaps: v.Gaps, Whole: v.Whole, Criteria: v.Criteria, Note: v.Note, By: x.Actor, At: x.At.Format("2006-01-02T15:04:05Z07:00")}
}

type readinessKeep struct {
	Window string `help:"Id or code of the window; left out, the newest open one." placeholder:"WINDOW"`
	Note   string `help:"A note on the review."`
}

func (c *readinessKeep) work(e *env, a *app.App) error {
	w, err := windowOf(e, a, c.Window)
	if err != nil {
		return err
	}
	x, err := a.Reviews.Keep(e.ctx, w, c.Note)
	if err != nil {
		return err
	}
	v := viewReview(&x)
	return e.answer(v, func() {
		e.line("%s", e.t("cli.readiness.kept", "Code", v.Review, "Score", v.Score, "Gaps", v.Gaps))
	})
}

type readinessHistory struct {
	Window string `help:"Id or code of the window; left out, the newest open one." placeholder:"WINDOW"`
}

func (c *readinessHistory) work(e *env, a *app.App) error {
	w, err := windowOf(e, a, c.Window)
	if err != nil {
		return err
	}
	all, err := a.Reviews.History(e.ctx, w.ID)
	if err != nil {
		return err
	}
	out := []reviewView{}
	for i := range all {
		out = append(out, viewReview(&all[i]))
	}
	return e.answer(map[string]any{"reviews": out}, func() {
		var rows [][]string
		for _, v := range out {
			rows = append(rows, []string{v.Review, string(v.Day), strconv.Itoa(v.Score), strconv.Itoa(v.Gaps), strconv.Itoa(v.Whole) + "/" + strconv.Itoa(v.Criteria), v.Note})
		}
		e.table([]string{e.t("cli.readiness.review"), e.t("cli.readiness.day"), e.t("readiness_gap.doc.score"), e.t("readiness_gap.doc.gaps"), e.t("readiness_gap.doc.criteria"), e.t("cli.readiness.note")}, rows)
	})
}

type readinessFeasibility struct {
	Window     string   `help:"Id or code of the window; left out, the newest open one." placeholder:"WINDOW"`
	From       string   `help:"Another first day." placeholder:"DAY"`
	To         string   `help:"Another end: the day after the last day. With --type 1 it is the as-of day that ends." placeholder:"DAY"`
	Type       string   `help:"Another type: 1 or 2." placeholder:"TYPE"`
	Categories []string `help:"Other categories." placeholder:"CATEGORY"`
}

func (c *readinessFeasibility) work(e *env, a *app.App) error {
	w, err := windowOf(e, a, c.Window)
	if err != nil {
		return err
	}
	ask := readiness.Ask{From: c.From, Type: c.Type, Categories: c.Categories}
	if c.To != "" { // the command line's end is excluded
		to, err := scope.ParseDay(c.To)
		if err != nil {
			return err
		}
		ask.Last = string(to.Add(-1))
	}
	p, err := ask.Proposal(readiness.ProposalOf(&w.Value))
	if err != nil {
		return err
	}
	before, after, err := a.Reviews.Feasibility(e.ctx, w, p)
	if err != nil {
		return err
	}
	r := after.Report(e.ctx, w.Value.Code, before)
	return e.answer(r, func() { c.say(e, &r, w.Value.Zone) })
}

func (c *readinessFeasibility) say(e *env, r *readiness.FeasibilityReport, zone string) {
	e.line("%s", e.t("cli.readiness.feasible", "Type", r.Type, "Code", r.Window, "Today", string(r.Today)))
	e.line("%s", e.t("cli.period", "First", string(r.FirstDay), "Last", string(r.LastDay), "Zone", zone))
	var rows [][]string
	for _, x := range r.Controls {
		for _, s := range x.Says {
			rows = append(rows, []string{x.Control, s})
		}
	}
	for _, u := range r.Uncovered {
		rows = append(rows, []string{u.Criterion, e.t("readiness_gap.uncovered_days", "From", string(u.FirstDay), "To", string(u.LastDay))})
	}
	if len(rows) > 0 {
		e.table([]string{e.t("readiness_gap.doc.control"), e.t("cli.readiness.limit")}, rows)
	}
	rows = nil
	for _, d := range r.Deadlines {
		rows = append(rows, []string{string(d.Day), strings.Join(d.Controls, " ")})
	}
	if len(rows) > 0 {
		e.table([]string{e.t("readiness_gap.doc.due"), e.t("readiness_gap.doc.control")}, rows)
	}
	rows = nil
	for _, d := range r.Changes {
		rows = append(rows, []string{d.Control, e.change(&d)})
	}
	if len(rows) > 0 {
		e.table([]string{e.t("readiness_gap.doc.control"), e.t("cli.readiness.change", "Code", r.Window)}, rows)
	}
}

// change is what another window changes for a control, in words.
func (e *env) change(d *readiness.DifferenceReport) string {
	var out []string
	if d.Enters {
		out = append(out, e.t("readiness_gap.enters"))
	}
	if d.Leaves {
		out = append(out, e.t("readiness_gap.leaves"))
	}
	for _, l := range d.Gained {
		out = append(out, "+ "+e.t("readiness_gap.limit."+string(l)))
	}
	for _, l := range d.Shed {
		out = append(out, "- "+e.t("readiness_gap.limit."+string(l)))
	}
	return strings.Join(out, "; ")
}

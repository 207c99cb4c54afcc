package readiness

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// What a page holds before the rest is asked for.
const (
	stepsShown    = 20
	criteriaShown = 40
	windowsShown  = 6
)

// looks are the glyphs of the verdicts, each of its own shape.
var looks = map[readiness.Verdict]ui.Status{
	readiness.NotMet: ui.StateAttention, readiness.Undetermined: ui.CheckNotDeterminable, readiness.Met: ui.StateReady, readiness.Waiting: ui.StateNotStarted,
	readiness.NoneDue: ui.StateNotApplicable, readiness.NothingHappened: ui.CheckNoOccurrence, readiness.NotNeeded: ui.CheckExcluded,
}

type emptyProps struct {
	shell ui.Shell
	head  ui.Head
	empty ui.Empty
}

// pageProps is everything the page shows.
type pageProps struct {
	shell   ui.Shell
	head    ui.Head
	code    string
	status  ui.Status
	kept    string // the review just kept
	tabs    []ui.Tab
	kpis    []ui.Kpi
	meaning string
	parts   []partRow
	score   string
	filter  ui.Filter
	table   ui.Table
	rows    []criterionRow
	todo    ui.Table
	steps   []stepRow
	reviews []review
	trend   trend
	canKeep bool
}

type partRow struct {
	name, about, points, of, how string
	whole                        int
	href                         string
}

type criterionRow struct {
	row   ui.Row
	cells []cellView
	gaps  int
	href  string
}

type cellView struct {
	status ui.Status
	text   string // "3/5"
	spoken string
	href   string
	label  string // of the stage
}

type stepRow struct {
	row      ui.Row
	next     string
	missing  string
	effect   int
	href     string
	effort   string
	due      string
	criteria []ui.Link
	rest     int
}

func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func viewOf(ctx context.Context, a *readiness.Assessment, d *data, windows []register.Entry[window.Window], q url.Values, who authz.Principal) pageProps {
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	w := &a.Overview.Window.Value
	code := w.Code
	v := pageProps{code: code, status: ui.Status("window." + string(w.Status)), meaning: d.Meaning, reviews: d.Reviews, kept: q.Get("kept"), canKeep: who.Can(authz.ReadinessKeep)}
	v.head = ui.Head{Title: t("title"), Sub: period(ctx, w), Secondary: []ui.Action{
		{Label: t("feasibility"), Icon: "calendar", Href: "/readiness/feasibility" + query("window", code)},
		{Label: t("pdf"), Icon: "download", Href: "/readiness/export" + query("kind", "pdf", "window", code), Download: "readiness.pdf"},
		{Label: t("xlsx"), Icon: "download", Href: "/readiness/export" + query("kind", "xlsx", "window", code), Download: "readiness.xlsx"},
		{Label: t("json"), Icon: "download", Href: "/readiness/export" + query("kind", "json", "window", code), Download: "readiness.json"},
	}}
	for i, e := range windows {
		if i < windowsShown || e.Value.Code == code {
			v.tabs = append(v.tabs, ui.Tab{Label: e.Value.Code + ", " + short(ctx, &e.Value), Href: "/readiness" + query("window", e.Value.Code), Current: e.Value.Code == code})
		}
	}
	v.kpis = kpis(ctx, a, d)
	v.score = t("score_of", "Score", d.Score)
	for _, p := range d.Parts {
		v.parts = append(v.parts, partRow{
			name: p.Name, about: i18n.T(ctx, "readiness_gap.stage."+string(p.Stage)+".about"), points: tenths(ctx, p.Points), of: ui.Num(ctx, p.Of), how: p.How,
			whole: p.Whole, href: "/readiness" + query("window", code, "stage", string(p.Stage)) + "#matrix",
		})
	}
	v.matrix(ctx, d, q)
	v.next(ctx, d, q)
	v.trend = trendOf(d.Reviews)
	return v
}

func tenths(ctx context.Context, x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	if i18n.Of(ctx) == i18n.Swedish {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

func period(ctx context.Context, w *window.Window) string {
	if w.Type == 1 {
		return i18n.T(ctx, "readinesspage.type1", "Day", string(w.Last), "Zone", w.Zone)
	}
	return i18n.T(ctx, "readinesspage.type2", "From", string(w.From), "Last", string(w.Last), "Zone", w.Zone)
}

func short(ctx context.Context, w *window.Window) string {
	if w.Type == 1 {
		return i18n.T(ctx, "readinesspage.short1", "Day", string(w.Last))
	}
	return i18n.T(ctx, "readinesspage.short2", "From", string(w.From), "Last", string(w.Last))
}

func kpis(ctx context.Context, a *readiness.Assessment, d *data) []ui.Kpi {
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	n, of := a.Overview.Day()
	undetermined := 0
	for i := range d.Steps {
		if d.Steps[i].Verdict == readiness.Undetermined {
			undetermined++
		}
	}
	return []ui.Kpi{
		{Label: t("kpi.score"), Value: ui.Num(ctx, d.Score), Of: "100", Href: "#score", Note: t("kpi.score.note")},
		{Label: t("kpi.whole"), Value: ui.Num(ctx, d.Whole), Of: ui.Num(ctx, len(d.Criteria)), Href: "/readiness" + query("window", d.Code, "stage", whole) + "#matrix", Note: t("kpi.whole.note")},
		{Label: t("kpi.gaps"), Value: ui.Num(ctx, d.Gaps), Href: "#steps", Note: t("kpi.gaps.note", "Count", undetermined)},
		{Label: t("kpi.day"), Value: t("kpi.day.of", "Day", n, "Days", of), Words: true, Href: "/windows/" + url.PathEscape(d.Code), Note: t("kpi.today", "Today", string(d.Today))},
	}
}

// whole is the filter's word for criteria that lack nothing.
const whole = "none"

// matrix is criterion by stage: those whose first open stage was asked for.
func (v *pageProps) matrix(ctx context.Context, d *data, q url.Values) {
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	stage, text := q.Get("stage"), strings.ToLower(strings.TrimSpace(q.Get("q")))
	counts, all := map[string]int{}, 0
	var shown []*readiness.CriterionReport
	for i := range d.Criteria {
		c := &d.Criteria[i]
		if text != "" && !strings.Contains(strings.ToLower(c.ID+" "+c.Title+" "+strings.Join(c.Controls, " ")), text) {
			continue
		}
		first := string(c.First)
		if first == "" {
			first = whole
		}
		counts[first]++
		all++
		if stage == "" || stage == first {
			shown = append(shown, c)
		}
	}
	seg := ui.Segments{Name: "stage", Label: t("filter.stage"), Options: []ui.Segment{{Label: t("filter.all"), Count: all, Chosen: stage == ""}}}
	for _, s := range readiness.Stages {
		seg.Options = append(seg.Options, ui.Segment{Value: string(s), Label: i18n.T(ctx, "readiness_gap.stage."+string(s)), Count: counts[string(s)], Chosen: stage == string(s)})
	}
	seg.Options = append(seg.Options, ui.Segment{Value: whole, Label: t("filter.whole"), Count: counts[whole], Chosen: stage == whole})
	v.filter = ui.Filter{
		Action: "/readiness", Target: "matrix", Label: t("filter"), Segments: &seg, Hidden: []ui.Hidden{{Name: "window", Value: d.Code}},
		Search: &ui.Search{Name: "q", Value: q.Get("q"), Hint: t("filter.hint")},
	}
	v.table = ui.Table{ID: "matrix", Caption: t("matrix"), Announce: t("shown", "Count", len(shown)), Columns: []ui.Column{{Label: t("criterion")}}}
	for _, s := range readiness.Stages {
		v.table.Columns = append(v.table.Columns, ui.Column{Label: i18n.T(ctx, "readiness_gap.stage."+string(s))})
	}
	v.table.Columns = append(v.table.Columns, ui.Column{Label: t("gaps"), Kind: ui.CellNum})
	if len(shown) == 0 {
		v.table.Empty = &ui.Empty{Icon: "filter", Title: t("none"), Text: t("none.text"), Quiet: true, Action: &ui.Action{Label: t("clear"), Href: "/readiness" + query("window", d.Code)}}
		return
	}
	from, err := strconv.Atoi(q.Get("from"))
	if err != nil || from < 0 || from >= len(shown) {
		from = 0
	}
	end := min(from+criteriaShown, len(shown))
	if len(shown) > criteriaShown {
		p := &ui.Pager{From: from + 1, To: end, Total: len(shown)}
		at := func(n int) string {
			return "/readiness" + query("window", d.Code, "stage", stage, "q", q.Get("q"), "from", strconv.Itoa(n)) + "#matrix"
		}
		if from > 0 {
			p.Prev = at(max(from-criteriaShown, 0))
		}
		if end < len(shown) {
			p.Next = at(end)
		}
		v.table.Pager = p
	}
	for _, c := range shown[from:end] {
		v.rows = append(v.rows, criterionView(ctx, c, d.Code))
	}
}

func criterionPath(id, code string) string {
	return "/readiness/criteria/" + url.PathEscape(id) + query("window", code)
}

func criterionView(ctx context.Context, c *readiness.CriterionReport, code string) criterionRow {
	href := criterionPath(c.ID, code)
	r := criterionRow{row: ui.Row{Href: href, Code: c.ID, Title: c.Title}, gaps: len(c.Gaps), href: href + "#gaps"}
	for _, s := range c.Stages {
		name := i18n.T(ctx, "readiness_gap.stage."+string(s.Stage))
		x := cellView{status: looks[s.Verdict], label: name, href: href + "#by-control", text: "–"}
		if s.Asked > 0 || s.Verdict == readiness.NotMet {
			x.text = fmt.Sprintf("%d/%d", s.Met, s.Asked)
		}
		x.spoken = i18n.T(ctx, "readinesspage.cell", "Stage", name, "Verdict", i18n.T(ctx, "readiness_gap.verdict."+string(s.Verdict)), "Met", s.Met, "Asked", s.Asked)
		r.cells = append(r.cells, x)
	}
	return r
}

// next is what to do, in its order.
func (v *pageProps) next(ctx context.Context, d *data, q url.Values) {
	t := func(key string) string { return i18n.T(ctx, "readinesspage."+key) }
	v.todo = ui.Table{ID: "todo", Caption: t("steps"), Columns: []ui.Column{
		{Label: t("step.of")}, {Label: t("step.next")}, {Label: t("step.moves"), Kind: ui.CellNum}, {Label: t("step.effort")}, {Label: t("step.due"), Kind: ui.CellDate}, {Label: t("criteria")},
	}}
	if len(d.Steps) == 0 {
		v.todo.Empty = &ui.Empty{Icon: "check", Title: t("steps.none"), Text: t("steps.none.text")}
		return
	}
	from, err := strconv.Atoi(q.Get("step"))
	if err != nil || from < 0 || from >= len(d.Steps) {
		from = 0
	}
	end := min(from+stepsShown, len(d.Steps))
	if len(d.Steps) > stepsShown {
		p := &ui.Pager{From: from + 1, To: end, Total: len(d.Steps)}
		at := func(n int) string {
			return "/readiness" + query("window", d.Code, "step", strconv.Itoa(n)) + "#steps"
		}
		if from > 0 {
			p.Prev = at(max(from-stepsShown, 0))
		}
		if end < len(d.Steps) {
			p.Next = at(end)
		}
		v.todo.Pager = p
	}
	for i := from; i < end; i++ {
		v.steps = append(v.steps, stepView(ctx, &d.Steps[i], d.Code))
	}
}

// criteriaNamed is how many criteria a step names before it counts the rest.
const criteriaNamed = 3

func stepView(ctx context.Context, s *readiness.StepReport, code string) stepRow {
	x := stepRow{next: s.Next, missing: s.Missing, effect: s.Effect, effort: i18n.T(ctx, "readiness_gap.effort."+string(s.Effort)), due: string(s.Due)}
	x.row = ui.Row{Href: "/controls/" + url.PathEscape(s.Control), Code: s.Control, Title: s.Title}
	if s.Control == "" {
		x.row = ui.Row{Href: criterionPath(s.Criteria[0], code), Code: s.Criteria[0], Title: s.Title}
	}
	for i, id := range s.Criteria {
		if i == criteriaNamed {
			x.rest = len(s.Criteria) - i
			break
		}
		x.criteria = append(x.criteria, ui.Link{Label: id, Href: criterionPath(id, code)})
	}
	x.href = x.row.Href
	return x
}

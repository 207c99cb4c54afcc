package readiness

import (
	"net/http"
	"net/url"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
)

// criterionProps is one criterion: its controls by stage, and what is missing.
type criterionProps struct {
	shell  ui.Shell
	head   ui.Head
	code   string
	status ui.Status
	table  ui.Table
	rows   []controlRow
	gaps   ui.Table
	lacks  []gapRow
	points string
	href   string // of the criterion's own page
}

type controlRow struct {
	row      ui.Row
	cells    []cellView
	items    int
	itemsAt  string
	result   string
	resultAt string
}

type gapRow struct {
	row                       ui.Row
	stage, missing, next, due string
	effort                    string
	verdict                   ui.Status
	word                      string
}

// criterion handles GET /readiness/criteria/{id}.
func (p Pages) criterion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	a, err := p.assess(r, r.URL.Query().Get("window"))
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if a == nil {
		return fault.New(fault.NotFound, "readinesspage.no_window")
	}
	report := a.Report(ctx)
	for i := range a.Criteria {
		if a.Criteria[i].ID != id {
			continue
		}
		v := p.criterionView(r, a, &a.Criteria[i], &report.Criteria[i])
		return p.Shell.Answer(w, r, http.StatusOK, report.Criteria[i], criterionPage(v))
	}
	return fault.New(fault.NotFound, "readinesspage.not_in_scope", "ID", id, "Window", report.Code)
}

func (p Pages) criterionView(r *http.Request, a *readiness.Assessment, c *readiness.Assessed, d *readiness.CriterionReport) criterionProps {
	ctx := r.Context()
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	w := &a.Overview.Window.Value
	back := ui.Link{Label: t("title"), Href: "/readiness" + query("window", w.Code)}
	v := criterionProps{
		shell: p.Shell.Props(r, d.ID, back), head: ui.Head{Title: d.ID + " " + d.Title, Sub: period(ctx, w)}, code: w.Code, status: ui.Status("window." + string(w.Status)),
		href: "/criteria/" + url.PathEscape(d.ID) + query("window", w.Code),
	}
	v.head.Secondary = []ui.Action{{Label: t("criterion.open"), Icon: "scope", Href: v.href}}
	v.table = ui.Table{ID: "stages", Caption: t("matrix"), Columns: []ui.Column{{Label: t("control")}}}
	for _, s := range readiness.Stages {
		v.table.Columns = append(v.table.Columns, ui.Column{Label: i18n.T(ctx, "readiness_gap.stage."+string(s))})
	}
	v.table.Columns = append(v.table.Columns, ui.Column{Label: t("evidence"), Kind: ui.CellNum}, ui.Column{Label: t("result")})
	if len(c.Controls) == 0 {
		v.table.Empty = &ui.Empty{Icon: "shield", Title: t("no_controls"), Text: t("no_controls.text"), Action: &ui.Action{Label: t("library"), Href: "/controls/library"}}
	}
	for _, i := range c.Controls {
		v.rows = append(v.rows, p.controlView(r, a, i))
	}
	v.gaps = ui.Table{ID: "gap-list", Caption: t("gaps"), Columns: []ui.Column{
		{Label: t("step.of")}, {Label: t("stage")}, {Label: t("missing")}, {Label: t("step.next")}, {Label: t("step.effort")}, {Label: t("step.due"), Kind: ui.CellDate},
	}}
	if len(d.Gaps) == 0 {
		v.gaps.Empty = &ui.Empty{Icon: "check", Title: t("no_gaps"), Text: t("no_gaps.text")}
	}
	for _, g := range d.Gaps {
		x := gapRow{
			row:   ui.Row{Href: "/controls/" + url.PathEscape(g.Control), Title: g.Control},
			stage: i18n.T(ctx, "readiness_gap.stage."+string(g.Stage)), missing: g.Missing, next: g.Next, due: string(g.Due),
			effort: i18n.T(ctx, "readiness_gap.effort."+string(g.Effort)), verdict: looks[g.Verdict],
		}
		if g.Control == "" {
			x.row = ui.Row{Href: v.href, Title: d.ID}
		}
		x.word = x.stage
		v.lacks = append(v.lacks, x)
	}
	named := 0
	for _, x := range d.Points {
		if len(x.Controls) > 0 {
			named++
		}
	}
	v.points = t("focus", "Named", named, "Count", len(d.Points))
	return v
}

func (p Pages) controlView(r *http.Request, a *readiness.Assessment, i int) controlRow {
	ctx := r.Context()
	l := &a.Overview.Lines[i]
	c := &l.Control.Value
	href := "/controls/" + url.PathEscape(c.Code)
	x := controlRow{row: ui.Row{Href: href, Code: c.Code, Title: c.Title.For(i18n.Of(ctx))}, itemsAt: "/evidence" + query("control", c.Code)}
	for k := range l.Items {
		if l.Items[k].Stands() {
			x.items++
		}
	}
	if l.Outcome != nil {
		x.result, x.resultAt = l.Outcome.Value.Code, "/checks/"+url.PathEscape(l.Outcome.Value.Code)
	}
	for _, m := range a.Lines[i] {
		x.cells = append(x.cells, cellView{
			status: looks[m.Verdict], text: i18n.T(ctx, "readiness_gap.verdict."+string(m.Verdict)), label: i18n.T(ctx, "readiness_gap.stage."+string(m.Stage)),
		})
	}
	return x
}

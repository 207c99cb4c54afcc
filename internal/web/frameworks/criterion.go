package frameworks

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
)

// criterionData is one criterion as JSON.
type criterionData struct {
	row
	Window     string           `json:"window"`
	Paraphrase string           `json:"paraphrase"` // our words, never the official text
	Points     []point          `json:"points_of_focus"`
	Lines      []controlLine    `json:"lines"`
	Items      []readiness.Item `json:"items"` // newest first, [] for who may not read evidence
	Results    []result         `json:"results"`
	Others     []otherLine      `json:"in_other_frameworks"`
}

type point struct {
	ID       string          `json:"id"`
	Label    string          `json:"label"`
	Scope    framework.Scope `json:"scope"`
	Controls []string        `json:"controls"` // that name it
}

type controlLine struct {
	Code      string            `json:"code"`
	Title     string            `json:"title"`
	Frequency string            `json:"frequency"`
	Owner     string            `json:"owner"`
	Basis     string            `json:"basis"`
	OnTime    int               `json:"on_time"`
	Late      int               `json:"late"`
	Missed    int               `json:"missed"`
	Evidence  int               `json:"evidence"`
	Check     check.Status      `json:"check"`
	Months    []readiness.Month `json:"months"`
	State     readiness.State   `json:"state,omitempty"`
}

type result struct {
	Code       string       `json:"code"`
	Check      string       `json:"check"`
	Status     check.Status `json:"status"`
	Items      int          `json:"items"`
	Deviations int          `json:"deviations"`
}

// itemsShown bounds the evidence on the page; the rest is a link away.
const itemsShown = 50

type criterionProps struct {
	head     ui.Head
	id       string
	state    ui.Status // "" when not shown
	cells    []ui.CoverageCell
	points   []pointProps
	table    ui.Table
	controls []controlProps
	items    *itemsProps // nil: not shown
	results  *ui.Table
	result   []resultProps
	others   othersProps
	panel    panelProps
}

type pointProps struct {
	id, label string
	controls  []ui.Link
}

type controlProps struct {
	row   ui.Row
	line  controlLine
	cells []ui.CoverageCell
	check ui.Status
	state ui.Status
}

type itemsProps struct {
	table ui.Table
	items []itemProps
	more  *ui.Link
}

type itemProps struct {
	row    ui.Row
	days   string
	status ui.Status
	flags  []ui.Lateness
}

type resultProps struct {
	row    ui.Row
	data   result
	status ui.Status
}

type panelProps struct {
	category, series, principle, set, window, windowHref string
}

func criterionOf(ctx context.Context, o *readiness.Overview, c *readiness.Criterion, names map[string]string, who authz.Principal) (criterionData, criterionProps, error) {
	set, err := framework.ByID(o.Window.Value.Framework)
	if err != nil {
		return criterionData{}, criterionProps{}, err
	}
	lang := i18n.Of(ctx)
	d := criterionData{
		row: rowOf(o, c, lang), Window: o.Window.Value.Code, Paraphrase: c.Paraphrase.For(lang),
		Points: []point{}, Lines: []controlLine{}, Items: []readiness.Item{}, Results: []result{},
	}
	for _, f := range c.PointsOfFocus {
		x := point{ID: f.ID, Label: f.Label.For(lang), Scope: f.Scope, Controls: []string{}}
		for _, i := range c.Controls {
			if v := &o.Lines[i].Control.Value; slices.Contains(v.PointsOfFocus, f.ID) {
				x.Controls = append(x.Controls, v.Code)
			}
		}
		d.Points = append(d.Points, x)
	}
	items := map[evidence.ID]bool{}
	for _, i := range c.Controls {
		l := &o.Lines[i]
		d.Lines = append(d.Lines, lineOf(l, names, lang))
		for _, it := range l.Items {
			if !items[it.ID] && it.Status != evidence.Superseded {
				items[it.ID] = true
				d.Items = append(d.Items, it)
			}
		}
		if out := l.Outcome; out != nil && !slices.ContainsFunc(d.Results, func(r result) bool { return r.Code == out.Value.Code }) {
			d.Results = append(d.Results, result{Code: out.Value.Code, Check: out.Value.Check, Status: out.Value.Status, Items: out.Value.Population.Items, Deviations: out.Value.Deviations})
		}
	}
	slices.SortStableFunc(d.Items, func(a, b readiness.Item) int { return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(b.Code, a.Code)) })
	p := viewOf(ctx, &d, who)
	p.panel = panelProps{
		category: set.CategoryTitle(c.Category).For(lang), series: c.Series + " " + set.SeriesTitle(c.Series).For(lang),
		set: set.Title.For(lang) + ", " + set.Version, window: period(ctx, &o.Window.Value), windowHref: "/windows/" + o.Window.Value.Code,
	}
	if x, ok := set.Principle(c.COSOPrinciple); ok {
		p.panel.principle = ui.Num(ctx, x.Number) + ". " + x.Title.For(lang)
	}
	return d, p, nil
}

func lineOf(l *readiness.Line, names map[string]string, lang i18n.Lang) controlLine {
	v := &l.Control.Value
	return controlLine{
		Code: v.Code, Title: v.Title.For(lang), Frequency: string(v.Frequency), Owner: names[v.Owner], Basis: l.Tally.Basis,
		OnTime: l.Tally.OnTime, Late: l.Tally.Late, Missed: l.Tally.Missed, Evidence: l.Tally.Evidence, Check: l.Tally.Status, Months: l.Months, State: l.State,
	}
}

func viewOf(ctx context.Context, d *criterionData, who authz.Principal) criterionProps {
	company := !who.Is(authz.Auditor)
	p := criterionProps{head: ui.Head{Title: d.Title, Sub: d.Paraphrase}, id: d.ID, cells: cells(ctx, d.Months)}
	if d.State != "" {
		p.state = ui.Status("state." + string(d.State))
	}
	for _, f := range d.Points {
		x := pointProps{id: f.ID, label: f.Label}
		for _, code := range f.Controls {
			x.controls = append(x.controls, ui.Link{Label: code, Href: controlPath(code)})
		}
		p.points = append(p.points, x)
	}
	for i := range d.Lines {
		l := &d.Lines[i]
		v := controlProps{row: ui.Row{Href: controlPath(l.Code), Code: l.Code, Title: l.Title}, line: *l, cells: cells(ctx, l.Months)}
		if l.Check != "" {
			v.check = ui.Status("check." + string(l.Check))
		}
		if l.State != "" {
			v.state = ui.Status("state." + string(l.State))
		}
		p.controls = append(p.controls, v)
	}
	p.table = controlsTable(ctx, len(d.Lines), company, who.Can(authz.ControlEdit))
	if who.Can(authz.EvidenceRead) {
		p.items = itemsOf(ctx, d)
	}
	if who.Can(authz.PopulationRead) && len(d.Results) > 0 {
		p.results = &ui.Table{ID: "results", Caption: i18n.T(ctx, "frameworkspage.results"), Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworkspage.check")},
			{Label: i18n.T(ctx, "frameworkspage.items"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.deviations"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.answer"), Kind: ui.CellStatus},
		}}
		for _, r := range d.Results {
			p.result = append(p.result, resultProps{ui.Row{Href: "/checks/" + url.PathEscape(r.Code), Code: r.Code, Title: r.Check}, r, ui.Status("check." + string(r.Status))})
		}
	}
	return p
}

func controlsTable(ctx context.Context, n int, company, edit bool) ui.Table {
	t := ui.Table{ID: "controls", Caption: i18n.T(ctx, "frameworkspage.controls"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "frameworkspage.control")},
		{Label: i18n.T(ctx, "frameworkspage.frequency")},
		{Label: i18n.T(ctx, "frameworkspage.coverage"), Kind: ui.CellCover},
		{Label: i18n.T(ctx, "frameworkspage.on_time"), Kind: ui.CellNum},
		{Label: i18n.T(ctx, "frameworkspage.late"), Kind: ui.CellNum},
		{Label: i18n.T(ctx, "frameworkspage.missed"), Kind: ui.CellNum},
		{Label: i18n.T(ctx, "frameworkspage.check"), Kind: ui.CellGlyph},
	}}
	if company {
		t.Columns = append(t.Columns, ui.Column{Label: i18n.T(ctx, "frameworkspage.state"), Kind: ui.CellStatus})
	}
	if n == 0 {
		t.Empty = &ui.Empty{Icon: "shield", Title: i18n.T(ctx, "frameworkspage.uncovered"), Text: i18n.T(ctx, "frameworkspage.uncovered.text")}
		if edit {
			t.Empty.Action, t.Empty.Quiet = &ui.Action{Label: i18n.T(ctx, "frameworkspage.library"), Href: "/controls/library"}, true
		}
	}
	return t
}

func itemsOf(ctx context.Context, d *criterionData) *itemsProps {
	p := &itemsProps{table: ui.Table{ID: "evidence", Caption: i18n.T(ctx, "frameworkspage.evidence"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "frameworkspage.item")},
		{Label: i18n.T(ctx, "frameworkspage.days"), Kind: ui.CellDate},
		{Label: i18n.T(ctx, "frameworkspage.labels")},
		{Label: i18n.T(ctx, "frameworkspage.status"), Kind: ui.CellStatus},
	}}}
	if len(d.Items) == 0 {
		p.table.Empty = &ui.Empty{Icon: "fingerprint", Title: i18n.T(ctx, "frameworkspage.no_evidence"), Text: i18n.T(ctx, "frameworkspage.no_evidence.text")}
	}
	for _, it := range d.Items[:min(len(d.Items), itemsShown)] {
		v := itemProps{row: ui.Row{Href: "/evidence/" + url.PathEscape(it.Code), Code: it.Code, Title: it.Title}, status: ui.Status("evidence." + string(it.Status)), days: string(it.First)}
		if it.Last != it.First {
			v.days += " – " + string(it.Last)
		}
		for _, l := range it.Labels {
			v.flags = append(v.flags, ui.Lateness(l))
		}
		p.items = append(p.items, v)
	}
	if len(d.Items) > itemsShown {
		p.more = &ui.Link{Label: i18n.T(ctx, "frameworkspage.newest", "Shown", ui.Num(ctx, itemsShown), "All", ui.Num(ctx, len(d.Items))), Href: "/evidence"}
	}
	return p
}

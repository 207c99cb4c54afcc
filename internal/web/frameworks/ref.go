package frameworks

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"bevis/internal/coverage"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
)

// refData is one reference as JSON.
type refData struct {
	refLine
	Framework string           `json:"framework"`
	Version   string           `json:"version"`
	Window    string           `json:"window"`
	Through   []throughLine    `json:"through"`
	Items     []readiness.Item `json:"items"` // newest first, [] for who may not read evidence
}

// throughLine is a criterion that reaches the reference.
type throughLine struct {
	Criterion string             `json:"criterion"`
	Title     string             `json:"title"`
	Relation  framework.Relation `json:"relation"`
	Whole     bool               `json:"whole"` // reaches the whole reference
	Rationale string             `json:"rationale"`
	Controls  []string           `json:"controls"`
}

type refPageProps struct {
	head     ui.Head
	id       string
	status   ui.Status
	word     string
	meaning  string
	through  ui.Table
	rows     []throughProps
	controls ui.Table
	codes    []codeProps
	items    *itemsProps
	panel    refPanelProps
}

type throughProps struct {
	row       ui.Row
	relation  string
	rationale string
	controls  []ui.Link
}

type codeProps struct {
	row      ui.Row
	criteria []ui.Link
}

type refPanelProps struct {
	framework  ui.Link
	group      string
	crosswalk  string
	window     string
	windowHref string
	day        string
}

// ref handles GET /frameworks/{id}/{ref}.
func (p Pages) ref(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	window := r.URL.Query().Get("window")
	v, err := p.Coverage.View(ctx, window)
	if err != nil {
		return err
	}
	f, err := v.Framework(r.PathValue("id"))
	if err != nil {
		return err
	}
	ref, err := f.Ref(r.PathValue("ref"))
	if err != nil {
		return err
	}
	set, err := framework.ByID(f.Set)
	if err != nil {
		return err
	}
	c := v.Of(f)
	s := c.Refs[slices.IndexFunc(c.Refs, func(s coverage.Standing) bool { return s.Ref.ID == ref.ID })]
	lang := i18n.Of(ctx)
	d := refData{refLine: refLineOf(v, f, &s, lang), Framework: f.ID, Version: f.Version, Window: windowCode(v), Through: []throughLine{}}
	d.Items = v.Items(d.Controls)
	for _, m := range f.RowsOf(ref.ID) {
		criterion, err := set.Criterion(m.Criterion)
		if err != nil {
			return err
		}
		d.Through = append(d.Through, throughLine{
			Criterion: m.Criterion, Title: criterion.Title.For(lang), Relation: m.Relation, Whole: m.Relation.Whole(),
			Rationale: m.Rationale.For(lang), Controls: v.Index.Meeting(m.Criterion),
		})
	}
	props := refOf(ctx, v, f, &d, &s, window)
	shell := p.Shell.Props(r, ref.ID, frameworksLink(ctx), ui.Link{Label: f.Title.For(lang), Href: frameworkPath(f.ID, window, "")})
	return p.Shell.Answer(w, r, http.StatusOK, d, refPage(shell, props))
}

func refOf(ctx context.Context, v *coverage.View, f *framework.Reference, d *refData, s *coverage.Standing, window string) refPageProps {
	p := refPageProps{
		head: ui.Head{Title: d.Title}, id: d.Ref, status: statePill(d.State), word: stateWord(ctx, d.State), meaning: i18n.T(ctx, "frameworks.meaning."+string(d.State)),
		through: ui.Table{ID: "criteria", Caption: i18n.T(ctx, "frameworks.through"), Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworkspage.criterion")},
			{Label: i18n.T(ctx, "frameworks.relation")},
			{Label: i18n.T(ctx, "frameworks.rationale")},
			{Label: i18n.T(ctx, "frameworks.controls")},
		}},
		controls: ui.Table{ID: "controls", Caption: i18n.T(ctx, "frameworks.controls"), Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworks.control")},
			{Label: i18n.T(ctx, "frameworks.by_criteria")},
		}},
	}
	if len(d.Through) == 0 {
		p.through.Empty = &ui.Empty{Icon: "scope", Title: i18n.T(ctx, "frameworks.no_rows"), Text: i18n.T(ctx, "frameworks.no_rows.text")}
	}
	if len(s.Controls) == 0 {
		p.controls.Empty = &ui.Empty{Icon: "shield", Title: i18n.T(ctx, "frameworks.no_controls"), Text: i18n.T(ctx, "frameworks.no_controls.text")}
	}
	for _, t := range d.Through {
		x := throughProps{row: ui.Row{Href: criterionPath(v, t.Criterion, window), Code: t.Criterion, Title: t.Title}, relation: i18n.T(ctx, "framework.relation."+string(t.Relation)), rationale: t.Rationale}
		for _, code := range t.Controls {
			x.controls = append(x.controls, ui.Link{Label: code, Href: controlPath(code)})
		}
		p.rows = append(p.rows, x)
	}
	for _, i := range s.Controls {
		c := &v.Index.Controls[i]
		x := codeProps{row: ui.Row{Href: controlPath(c.Code), Code: c.Code, Title: c.Title.For(i18n.Of(ctx))}}
		for _, t := range d.Through {
			if slices.Contains(c.Criteria, t.Criterion) {
				x.criteria = append(x.criteria, ui.Link{Label: t.Criterion, Href: criterionPath(v, t.Criterion, window)})
			}
		}
		p.codes = append(p.codes, x)
	}
	if v.Evidence {
		p.items = itemsOf(ctx, &criterionData{Items: d.Items})
		if p.items.table.Empty != nil {
			p.items.table.Empty.Text = i18n.T(ctx, "frameworks.no_evidence.text")
		}
	}
	p.panel = refPanelProps{
		framework: ui.Link{Label: f.Title.For(i18n.Of(ctx)), Href: frameworkPath(f.ID, window, "")}, group: d.Group, day: string(v.Day),
		crosswalk: i18n.T(ctx, "frameworks.crosswalk", "Version", f.Version, "Author", f.Author),
	}
	if v.Window != nil {
		p.panel.window, p.panel.windowHref = period(ctx, &v.Window.Value), "/windows/"+v.Window.Value.Code
	}
	return p
}

// criterionPath is the criterion's page, or "" where the window does not speak of
// it and the page would not be there.
func criterionPath(v *coverage.View, id, window string) string {
	if !v.Speaks(id) {
		return ""
	}
	path := "/criteria/" + url.PathEscape(id)
	if window != "" {
		path += "?window=" + url.QueryEscape(window)
	}
	return path
}

// otherLine is a row of the section "In other frameworks" on a criterion's page.
type otherLine struct {
	Framework string             `json:"framework"`
	Title     string             `json:"framework_title"`
	Ref       string             `json:"ref"`
	RefTitle  string             `json:"title"`
	Relation  framework.Relation `json:"relation"`
	Rationale string             `json:"rationale"`
	Mapping   string             `json:"mapping"` // always "proposed"
}

// others lists where the crosswalks lead from a criterion.
func others(v *coverage.View, criterion string, lang i18n.Lang) []otherLine {
	out := []otherLine{}
	for _, f := range v.Frameworks {
		for _, m := range f.RowsFrom(criterion) {
			ref, err := f.Ref(m.Ref)
			if err != nil { // the load refuses a row without its reference
				continue
			}
			out = append(out, otherLine{f.ID, f.Title.For(lang), m.Ref, ref.Title.For(lang), m.Relation, m.Rationale.For(lang), framework.Proposed})
		}
	}
	return out
}

type othersProps struct {
	table  ui.Table
	groups []othersGroup
}

type othersGroup struct {
	group ui.Group
	rows  []throughProps
}

// othersShown bounds a framework's rows on a criterion's page; own frameworks may
// name a criterion thousands of times.
const othersShown = 40

func othersOf(ctx context.Context, all []otherLine, window string) othersProps {
	p := othersProps{table: ui.Table{ID: "others", Caption: i18n.T(ctx, "frameworks.others"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "frameworks.ref")},
		{Label: i18n.T(ctx, "frameworks.relation")},
		{Label: i18n.T(ctx, "frameworks.rationale")},
	}}}
	if len(all) == 0 {
		p.table.Empty = &ui.Empty{Icon: "scope", Title: i18n.T(ctx, "frameworks.others.none"), Text: i18n.T(ctx, "frameworks.others.none.text")}
	}
	id := ""
	for _, l := range all {
		if l.Framework != id {
			id = l.Framework
			p.groups = append(p.groups, othersGroup{group: ui.Group{Title: l.Title, Span: p.table.Span()}})
		}
		g := &p.groups[len(p.groups)-1]
		if len(g.rows) == othersShown {
			g.group.Note = i18n.T(ctx, "frameworks.others.first", "Shown", ui.Num(ctx, othersShown))
			continue
		}
		g.rows = append(g.rows, throughProps{
			row:      ui.Row{Href: refPath(l.Framework, l.Ref, window), Code: l.Ref, Title: l.RefTitle},
			relation: i18n.T(ctx, "framework.relation."+string(l.Relation)), rationale: l.Rationale,
		})
	}
	return p
}

package frameworks

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// matrixData is the matrix as JSON.
type matrixData struct {
	Window   string `json:"window"` // code
	Total    int    `json:"total"`  // criteria in scope
	Criteria []row  `json:"criteria"`
}

// row is one criterion. State is "" for an auditor.
type row struct {
	ID       string             `json:"id"`
	Title    string             `json:"title"`
	Series   string             `json:"series"`
	Category framework.Category `json:"category"`
	Controls []string           `json:"controls"`
	OnTime   int                `json:"on_time"`
	Late     int                `json:"late"`
	Missed   int                `json:"missed"`
	Overdue  int                `json:"overdue"`
	Evidence int                `json:"evidence"`
	Check    check.Status       `json:"check"`
	Months   []readiness.Month  `json:"months"`
	State    readiness.State    `json:"state,omitempty"`
}

// matrixProps is everything the page shows.
type matrixProps struct {
	head   ui.Head
	window *windowProps
	filter *ui.Filter
	table  ui.Table
	groups []groupProps
	states bool
}

type windowProps struct {
	code, href string
	status     ui.Status
}

type groupProps struct {
	group ui.Group
	rows  []rowProps
}

type rowProps struct {
	row      ui.Row
	controls []ui.Link // the first few
	more     *ui.Link  // the rest
	cells    []ui.CoverageCell
	data     row
	check    ui.Status // "" for none
	state    ui.Status // "" when not shown
}

// codesShown is how many controls a row names before it counts the rest.
const codesShown = 5

func matrixOf(ctx context.Context, o *readiness.Overview, q url.Values, who authz.Principal) (matrixData, matrixProps, error) {
	w := &o.Window.Value
	set, err := framework.ByID(w.Framework)
	if err != nil {
		return matrixData{}, matrixProps{}, err
	}
	lang := i18n.Of(ctx)
	company := !who.Is(authz.Auditor)
	d := matrixData{Window: w.Code, Total: len(o.Criteria), Criteria: []row{}}
	text, group, state := strings.ToLower(strings.TrimSpace(q.Get("q"))), q.Get("group"), readiness.State(q.Get("state"))
	if !company {
		state = ""
	}
	counts, all := map[readiness.State]int{}, 0
	p := matrixProps{states: company}
	ready := map[string][2]int{} // series to how many are ready, of how many, whatever state is asked for
	for i := range o.Criteria {
		c := &o.Criteria[i]
		x := rowOf(o, c, lang)
		if !matches(&x, c, text, group) {
			continue
		}
		counts[x.State]++
		all++
		n := ready[c.Series]
		n[1]++
		if x.State == readiness.Ready {
			n[0]++
		}
		ready[c.Series] = n
		if state != "" && x.State != state {
			continue
		}
		d.Criteria = append(d.Criteria, x)
		if k := len(p.groups); k == 0 || p.groups[k-1].group.Code != c.Series {
			p.groups = append(p.groups, groupProps{group: ui.Group{Code: c.Series, Title: set.SeriesTitle(c.Series).For(lang)}})
		}
		g := &p.groups[len(p.groups)-1]
		g.rows = append(g.rows, rowView(ctx, &x, q.Get("window")))
	}
	p.head = ui.Head{Title: i18n.T(ctx, "frameworkspage.title"), Sub: i18n.T(ctx, "frameworkspage.sub", "Set", set.Title.For(lang), "Period", period(ctx, w))}
	p.window = &windowProps{w.Code, "/windows/" + w.Code, ui.Status("window." + string(w.Status))}
	p.filter = filterOf(ctx, set, w, q, counts, all, company)
	p.table = tableOf(ctx, len(d.Criteria), company)
	for i := range p.groups {
		g := &p.groups[i].group
		g.Span = p.table.Span()
		if n := ready[g.Code]; company {
			g.Note = i18n.T(ctx, "frameworkspage.group", "Ready", ui.Num(ctx, n[0]), "Count", n[1])
		}
	}
	return d, p, nil
}

func rowOf(o *readiness.Overview, c *readiness.Criterion, lang i18n.Lang) row {
	x := row{
		ID: c.ID, Title: c.Title.For(lang), Series: c.Series, Category: c.Category, Controls: []string{},
		OnTime: c.OnTime, Late: c.Late, Missed: c.Missed, Overdue: c.Overdue, Evidence: c.Evidence, Check: c.Check, Months: c.Months, State: c.State,
	}
	for _, i := range c.Controls {
		x.Controls = append(x.Controls, o.Lines[i].Control.Value.Code)
	}
	return x
}

// matches holds a row against text (id, title in either language, codes of its
// controls) and group, which is a category or a series.
func matches(x *row, c *readiness.Criterion, text, group string) bool {
	if group != "" && group != string(c.Category) && group != c.Series {
		return false
	}
	if text == "" {
		return true
	}
	hay := strings.ToLower(c.ID + "\n" + c.Title.EN + "\n" + c.Title.SV)
	return strings.Contains(hay, text) || slices.ContainsFunc(x.Controls, func(code string) bool { return strings.Contains(strings.ToLower(code), text) })
}

func rowView(ctx context.Context, x *row, windowName string) rowProps {
	href := "/criteria/" + url.PathEscape(x.ID)
	if windowName != "" {
		href += "?window=" + url.QueryEscape(windowName)
	}
	v := rowProps{row: ui.Row{Href: href, Code: x.ID, Title: x.Title}, cells: cells(ctx, x.Months), data: *x}
	for i, code := range x.Controls {
		if i == codesShown && len(x.Controls) > codesShown+1 {
			v.more = &ui.Link{Label: "+" + ui.Num(ctx, len(x.Controls)-codesShown), Href: href + "#controls"}
			break
		}
		v.controls = append(v.controls, ui.Link{Label: code, Href: controlPath(code)})
	}
	if x.Check != "" {
		v.check = ui.Status("check." + string(x.Check))
	}
	if x.State != "" {
		v.state = ui.Status("state." + string(x.State))
	}
	return v
}

// cells is a strip in the reader's words.
func cells(ctx context.Context, months []readiness.Month) []ui.CoverageCell {
	out := make([]ui.CoverageCell, 0, len(months))
	for _, m := range months {
		out = append(out, ui.CoverageCell{Label: ui.Month(ctx, m.Date()), State: ui.ParseCoverage(string(m.Cover))})
	}
	return out
}

func period(ctx context.Context, w *window.Window) string {
	if w.Type == 1 {
		return i18n.T(ctx, "frameworkspage.type1", "Day", string(w.From))
	}
	return i18n.T(ctx, "frameworkspage.type2", "From", string(w.From), "Last", string(w.Last))
}

func filterOf(ctx context.Context, set *framework.Set, w *window.Window, q url.Values, counts map[readiness.State]int, all int, company bool) *ui.Filter {
	group := q.Get("group")
	options := []ui.Option{{Label: i18n.T(ctx, "frameworkspage.all_categories"), Chosen: group == ""}}
	lang := i18n.Of(ctx)
	for _, c := range set.Categories {
		if c.ID != framework.Security && !w.Categories.Has(c.ID) {
			continue
		}
		name := c.Name.For(lang)
		options = append(options, ui.Option{Value: string(c.ID), Label: name, Chosen: group == string(c.ID)})
		for _, s := range set.Series {
			if s.Category == c.ID {
				options = append(options, ui.Option{Value: s.ID, Label: s.ID + " " + s.Title.For(lang), Group: name, Chosen: group == s.ID})
			}
		}
	}
	f := &ui.Filter{
		Action: "/criteria", Target: "matrix", Label: i18n.T(ctx, "frameworkspage.filter"),
		Search:  &ui.Search{Name: "q", Value: q.Get("q"), Hint: i18n.T(ctx, "frameworkspage.filter.hint")},
		Selects: []ui.FilterSelect{{Name: "group", Label: i18n.T(ctx, "frameworkspage.category"), Options: options}},
	}
	if name := q.Get("window"); name != "" {
		f.Hidden = []ui.Hidden{{Name: "window", Value: name}}
	}
	if !company {
		return f
	}
	state := q.Get("state")
	seg := ui.Segments{Name: "state", Label: i18n.T(ctx, "frameworkspage.state"), Options: []ui.Segment{{Label: i18n.T(ctx, "frameworkspage.all"), Count: all, Chosen: state == ""}}}
	for _, s := range slices.Backward(readiness.States) {
		status := ui.Status("state." + string(s))
		seg.Options = append(seg.Options, ui.Segment{Value: string(s), Label: status.Word(ctx), Status: status, Count: counts[s], Chosen: state == string(s)})
	}
	f.Segments = &seg
	return f
}

func tableOf(ctx context.Context, shown int, company bool) ui.Table {
	t := ui.Table{
		ID: "matrix", Caption: i18n.T(ctx, "frameworkspage.title"), Announce: i18n.T(ctx, "frameworkspage.shown", "Count", shown),
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworkspage.criterion")},
			{Label: i18n.T(ctx, "frameworkspage.controls")},
			{Label: i18n.T(ctx, "frameworkspage.coverage"), Kind: ui.CellCover},
			{Label: i18n.T(ctx, "frameworkspage.on_time"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.late"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.missed"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.evidence"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "frameworkspage.check"), Kind: ui.CellGlyph},
		},
	}
	if company {
		t.Columns = append(t.Columns, ui.Column{Label: i18n.T(ctx, "frameworkspage.state"), Kind: ui.CellStatus})
	}
	if shown == 0 {
		t.Empty = &ui.Empty{
			Icon: "filter", Title: i18n.T(ctx, "frameworkspage.none"), Text: i18n.T(ctx, "frameworkspage.none.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "frameworkspage.clear"), Href: "/criteria"}, Quiet: true,
		}
	}
	return t
}

func noWindow(ctx context.Context, who authz.Principal) *ui.Empty {
	e := &ui.Empty{Icon: "scope", Title: i18n.T(ctx, "frameworkspage.start"), Text: i18n.T(ctx, "frameworkspage.start.text")}
	if who.Can(authz.WindowOpen) {
		e.Action = &ui.Action{Label: i18n.T(ctx, "frameworkspage.start.open"), Icon: "plus", Href: "/windows/new"}
	}
	return e
}

package frameworks

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/coverage"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

// refsData is a framework's references as JSON.
type refsData struct {
	frameworkLine
	Window string    `json:"window"`
	Day    string    `json:"day"`
	Author string    `json:"author"` // of the crosswalk
	Note   string    `json:"note"`
	Total  int       `json:"total"` // that match
	From   int       `json:"from"`  // first of this page, from 1; 0 for none
	List   []refLine `json:"references"`
}

// refLine is one reference.
type refLine struct {
	Ref      string         `json:"ref"`
	Group    string         `json:"group"`
	Title    string         `json:"title"`
	State    coverage.State `json:"state"`
	Mapping  string         `json:"mapping"` // always "proposed"
	Criteria []string       `json:"criteria"`
	Controls []string       `json:"controls"`
	Evidence *int           `json:"evidence,omitempty"` // items that stand in the window; left out where the reader sees none
	Newest   string         `json:"newest,omitempty"`
}

// refsShown keeps the page under three thousand elements.
const refsShown = 80

// refCodes is how many controls a row names before it counts the rest.
const refCodes = 4

// refFilter is what the list is narrowed to.
type refFilter struct {
	text, group string
	state       coverage.State
}

func readRefFilter(q url.Values) refFilter {
	f := refFilter{text: strings.ToLower(strings.TrimSpace(q.Get("q"))), group: q.Get("group"), state: coverage.State(q.Get("state"))}
	if !slices.Contains(coverage.States, f.state) {
		f.state = ""
	}
	return f
}

// search returns the references that match, and how many of each state match the
// rest of the filter.
func (f refFilter) search(c *coverage.Coverage, x *coverage.Index) (found []coverage.Standing, counts map[coverage.State]int, all int) {
	counts = map[coverage.State]int{}
	for _, s := range c.Refs {
		if f.group != "" && s.Ref.Group != f.group || !f.says(c, x, &s) {
			continue
		}
		counts[s.State]++
		all++
		if f.state == "" || s.State == f.state {
			found = append(found, s)
		}
	}
	return found, counts, all
}

// says holds a reference against the text: number, title in either language,
// criteria and codes of controls.
func (f refFilter) says(c *coverage.Coverage, x *coverage.Index, s *coverage.Standing) bool {
	if f.text == "" || strings.Contains(strings.ToLower(s.Ref.ID+"\n"+s.Ref.Title.EN+"\n"+s.Ref.Title.SV), f.text) {
		return true
	}
	for _, m := range c.Framework.RowsOf(s.Ref.ID) {
		if strings.EqualFold(m.Criterion, f.text) {
			return true
		}
	}
	return slices.ContainsFunc(s.Controls, func(i int) bool { return strings.Contains(strings.ToLower(x.Controls[i].Code), f.text) })
}

type refsProps struct {
	head     ui.Head
	window   *windowProps
	note     string
	filter   ui.Filter
	table    ui.Table
	groups   []refGroupProps
	evidence bool
}

type refGroupProps struct {
	group ui.Group
	rows  []refProps
}

type refProps struct {
	row      ui.Row
	controls []ui.Link
	more     *ui.Link
	evidence int
	href     string // of the evidence
	newest   string
	status   ui.Status
	word     string
}

// refs handles GET /frameworks/{id}.
func (p Pages) refs(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v, err := p.Coverage.View(ctx, q.Get("window"))
	if err != nil {
		return err
	}
	f, err := v.Framework(r.PathValue("id"))
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	c := v.Of(f)
	found, counts, all := readRefFilter(q).search(c, v.Index)
	page, _ := strconv.Atoi(q.Get("page"))
	page = min(max(page, 1), max((len(found)+refsShown-1)/refsShown, 1))
	begin := (page - 1) * refsShown
	end := min(begin+refsShown, len(found))
	lang := i18n.Of(ctx)
	d := refsData{
		frameworkLine: frameworkLine{
			ID: f.ID, Version: f.Version, Title: f.Title.For(lang), Kind: f.Kind, Status: f.Status, Refs: len(f.Refs),
			Mapped: c.Count[coverage.Mapped], Partly: c.Count[coverage.Partly], Unmapped: c.Count[coverage.Unmapped],
		},
		Window: windowCode(v), Day: string(v.Day), Author: f.Author, Note: f.Note.For(lang), Total: len(found), List: []refLine{},
	}
	for _, s := range found[begin:end] {
		d.List = append(d.List, refLineOf(v, f, &s, lang))
	}
	if len(d.List) > 0 {
		d.From = begin + 1
	}
	props := refsView(ctx, v, f, &d, q, who)
	props.filter = refsFilter(ctx, f, q, counts, all)
	props.table.Pager = refsPager(f, q, page, begin, end, len(found))
	shell := p.Shell.Props(r, d.Title, frameworksLink(ctx))
	return p.Shell.Answer(w, r, http.StatusOK, d, refsPage(shell, props))
}

func frameworksLink(ctx context.Context) ui.Link {
	return ui.Link{Label: i18n.T(ctx, "frameworks.title"), Href: "/frameworks"}
}

func refLineOf(v *coverage.View, f *framework.Reference, s *coverage.Standing, lang i18n.Lang) refLine {
	l := refLine{Ref: s.Ref.ID, Group: f.Group(s.Ref.Group).Title.For(lang), Title: s.Ref.Title.For(lang), State: s.State, Mapping: framework.Proposed, Criteria: []string{}, Controls: []string{}}
	for _, m := range f.RowsOf(s.Ref.ID) {
		l.Criteria = append(l.Criteria, m.Criterion)
	}
	for _, i := range s.Controls {
		l.Controls = append(l.Controls, v.Index.Controls[i].Code)
	}
	if v.Evidence {
		l.Evidence, l.Newest = &s.Evidence, string(s.Newest)
	}
	return l
}

func refsView(ctx context.Context, v *coverage.View, f *framework.Reference, d *refsData, q url.Values, who authz.Principal) refsProps {
	p := refsProps{
		head: ui.Head{Title: d.Title, Sub: sub(ctx, v)}, window: windowOf(v), evidence: v.Evidence,
		note: strings.TrimSpace(d.Note + " " + i18n.T(ctx, "frameworks.crosswalk", "Version", d.Version, "Author", d.Author)),
		table: ui.Table{ID: "refs", Caption: d.Title, Announce: i18n.T(ctx, "frameworks.shown", "Count", d.Total), Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworks.ref")},
			{Label: i18n.T(ctx, "frameworks.controls")},
		}},
	}
	if v.Evidence {
		p.table.Columns = append(
			p.table.Columns,
			ui.Column{Label: i18n.T(ctx, "frameworks.evidence"), Kind: ui.CellNum},
			ui.Column{Label: i18n.T(ctx, "frameworks.newest"), Kind: ui.CellDate},
		)
	}
	p.table.Columns = append(p.table.Columns, ui.Column{Label: i18n.T(ctx, "frameworks.state"), Kind: ui.CellStatus})
	if d.Total == 0 {
		p.table.Empty = &ui.Empty{
			Icon: "filter", Title: i18n.T(ctx, "frameworks.none"), Text: i18n.T(ctx, "frameworks.none.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "frameworks.clear"), Href: frameworkPath(f.ID, q.Get("window"), "")}, Quiet: true,
		}
	}
	export := "/frameworks/" + url.PathEscape(f.ID) + "/export.csv"
	if len(q) > 0 {
		export += "?" + q.Encode()
	}
	p.head.Secondary = []ui.Action{{Label: i18n.T(ctx, "frameworks.export"), Icon: "download", Href: export, Download: f.ID + ".csv"}}
	if f.ID == coverage.StatementFramework && !who.Is(authz.Auditor) {
		p.head.Secondary = append(p.head.Secondary, ui.Action{Label: i18n.T(ctx, "statement.title"), Icon: "doc", Href: statementPath})
	}
	for i := range d.List {
		l := &d.List[i]
		if n := len(p.groups); n == 0 || p.groups[n-1].group.Title != l.Group {
			p.groups = append(p.groups, refGroupProps{group: ui.Group{Title: l.Group, Span: p.table.Span()}})
		}
		g := &p.groups[len(p.groups)-1]
		g.rows = append(g.rows, refView(ctx, f, l, q.Get("window")))
	}
	return p
}

func refView(ctx context.Context, f *framework.Reference, l *refLine, window string) refProps {
	href := refPath(f.ID, l.Ref, window)
	x := refProps{row: ui.Row{Href: href, Code: l.Ref, Title: l.Title}, newest: l.Newest, href: href + "#evidence-h", status: statePill(l.State), word: stateWord(ctx, l.State)}
	if l.Evidence != nil {
		x.evidence = *l.Evidence
	}
	for i, code := range l.Controls {
		if i == refCodes && len(l.Controls) > refCodes+1 {
			x.more = &ui.Link{Label: "+" + ui.Num(ctx, len(l.Controls)-refCodes), Href: href + "#controls"}
			break
		}
		x.controls = append(x.controls, ui.Link{Label: code, Href: controlPath(code)})
	}
	return x
}

func refsFilter(ctx context.Context, f *framework.Reference, q url.Values, counts map[coverage.State]int, all int) ui.Filter {
	lang, group, state := i18n.Of(ctx), q.Get("group"), readRefFilter(q).state
	options := []ui.Option{{Label: i18n.T(ctx, "frameworks.all_groups"), Chosen: group == ""}}
	for _, g := range f.Groups {
		options = append(options, ui.Option{Value: g.ID, Label: g.Title.For(lang), Chosen: group == g.ID})
	}
	seg := ui.Segments{Name: "state", Label: i18n.T(ctx, "frameworks.state"), Options: []ui.Segment{{Label: i18n.T(ctx, "frameworks.all"), Count: all, Chosen: state == ""}}}
	for _, s := range coverage.States {
		seg.Options = append(seg.Options, ui.Segment{Value: string(s), Label: stateWord(ctx, s), Status: statePill(s), Count: counts[s], Chosen: state == s})
	}
	out := ui.Filter{
		Action: "/frameworks/" + url.PathEscape(f.ID), Target: "refs", Label: i18n.T(ctx, "frameworks.filter"),
		Search: &ui.Search{Name: "q", Value: q.Get("q"), Hint: i18n.T(ctx, "frameworks.filter.hint")}, Segments: &seg,
	}
	if len(f.Groups) > 1 {
		out.Selects = []ui.FilterSelect{{Name: "group", Label: i18n.T(ctx, "frameworks.group"), Options: options}}
	}
	if name := q.Get("window"); name != "" {
		out.Hidden = []ui.Hidden{{Name: "window", Value: name}}
	}
	return out
}

func refsPager(f *framework.Reference, q url.Values, page, begin, end, total int) *ui.Pager {
	if total <= refsShown {
		return nil
	}
	at := func(n int) string {
		to := url.Values{}
		maps.Copy(to, q)
		to.Set("page", strconv.Itoa(n))
		return "/frameworks/" + url.PathEscape(f.ID) + "?" + to.Encode()
	}
	p := &ui.Pager{From: begin + 1, To: end, Total: total}
	if page > 1 {
		p.Prev = at(page - 1)
	}
	if end < total {
		p.Next = at(page + 1)
	}
	return p
}

// refsCSV handles GET /frameworks/{id}/export.csv: exactly what the filter finds,
// all pages.
func (p Pages) refsCSV(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	v, err := p.Coverage.View(ctx, q.Get("window"))
	if err != nil {
		return err
	}
	f, err := v.Framework(r.PathValue("id"))
	if err != nil {
		return err
	}
	found, _, _ := readRefFilter(q).search(v.Of(f), v.Index)
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+f.ID+`.csv"`)
	out := csv.NewWriter(w)
	columns := []string{"framework", "version", "ref", "group", "title", "state", "mapping", "criteria", "controls"}
	if v.Evidence {
		columns = append(columns, "window", "evidence", "newest")
	}
	err = out.Write(columns)
	for _, s := range found {
		if err != nil {
			break
		}
		l := refLineOf(v, f, &s, i18n.Of(ctx))
		cells := []string{f.ID, f.Version, l.Ref, l.Group, l.Title, string(l.State), l.Mapping, strings.Join(l.Criteria, "; "), strings.Join(l.Controls, "; ")}
		if v.Evidence {
			cells = append(cells, windowCode(v), strconv.Itoa(*l.Evidence), l.Newest)
		}
		for i := range cells {
			cells[i] = population.SafeCell(cells[i])
		}
		err = out.Write(cells)
	}
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	if err != nil { // the answer has begun: a cut file must not look like a whole one
		p.Shell.Log.WarnContext(ctx, "download broken off", "error", fmt.Errorf("web/frameworks: export: %w", err))
		panic(http.ErrAbortHandler)
	}
	return nil
}

package controls

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// listData is the list as JSON.
type listData struct {
	Window   string `json:"window"` // code, "" for none
	Total    int    `json:"total"`  // that match
	From     int    `json:"from"`   // first of this page, from 1; 0 for none
	Controls []line `json:"controls"`
}

// line is one control. The counts are of the window and 0 outside of it; State is
// "" for an auditor and outside of the window.
type line struct {
	Code      string             `json:"code"`
	Title     string             `json:"title"`
	Category  string             `json:"category"`
	Status    control.Status     `json:"status"`
	Frequency control.Frequency  `json:"frequency"`
	Owner     string             `json:"owner"`
	Criteria  []string           `json:"criteria"`
	InScope   bool               `json:"in_scope"`
	Basis     string             `json:"basis"`
	OnTime    int                `json:"on_time"`
	Late      int                `json:"late"`
	Missed    int                `json:"missed"`
	Overdue   int                `json:"overdue"`
	Evidence  int                `json:"evidence"`
	Check     check.Status       `json:"check"`
	Standing  readiness.Standing `json:"standing"`
	Months    []readiness.Month  `json:"months"`
	State     readiness.State    `json:"state,omitempty"`
	Vague     bool               `json:"vague,omitempty"` // the sentence; for the company alone

	of *control.Control

	owned    bool
	haystack string
}

// perPage keeps the page under three thousand elements.
const perPage = 80

// The lists that other pages count and link to.
const (
	showOnTime    = "on_time"
	showBehind    = "behind"
	showAttention = "attention"
	showNothing   = "nothing"
	showNoOwner   = "no_owner"
)

// shows reports whether a line belongs to one of them.
func (l *line) shows(which string) bool {
	switch which {
	case "":
		return true
	case showOnTime:
		return l.Standing == readiness.OnTime
	case showBehind:
		return l.Overdue > 0 || l.Missed > 0 && l.Basis == window.ByClock
	case showAttention:
		return l.State == readiness.Failing || l.State == readiness.Attention || l.State == readiness.NotStarted
	case showNothing:
		return l.Standing == readiness.Nothing
	case showNoOwner:
		return !l.owned && l.Status != control.Retired
	}
	return false
}

// list handles GET /controls.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	who, _ := authz.Of(ctx)
	o, err := p.overview(r)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	var others []register.Entry[control.Control]
	if !who.Is(authz.Auditor) {
		if others, err = p.Readiness.Controls(ctx); err != nil {
			return err
		}
	}
	all := lines(ctx, o, others, names)
	known := len(all)
	all = slices.DeleteFunc(all, func(l line) bool { return !matches(&l, q) })
	counts := map[string]int{}
	for i := range all {
		for _, which := range segments(who) {
			if all[i].shows(which) {
				counts[which]++
			}
		}
	}
	show := q.Get("show")
	if !slices.Contains(segments(who), show) {
		show = ""
	}
	all = slices.DeleteFunc(all, func(l line) bool { return !l.shows(show) })
	page, _ := strconv.Atoi(q.Get("page"))
	page = min(max(page, 1), max((len(all)+perPage-1)/perPage, 1))
	begin := (page - 1) * perPage
	d := listData{Total: len(all), Controls: all[begin:min(begin+perPage, len(all))]}
	if len(d.Controls) > 0 {
		d.From = begin + 1
	}
	if o != nil {
		d.Window = o.Window.Value.Code
	}
	for i := range d.Controls {
		d.Controls[i].Vague = company(who) && d.Controls[i].Status != control.Retired && d.Controls[i].of.Vague(i18n.Of(ctx))
	}
	props := listView(ctx, o, &d, q, who, counts, known, page)
	return p.Shell.Answer(w, r, http.StatusOK, d, listPage(p.Shell.Props(r, props.head.Title), props))
}

// lines joins the controls in scope with the others, by category and code.
func lines(ctx context.Context, o *readiness.Overview, others []register.Entry[control.Control], names map[string]string) []line {
	lang := i18n.Of(ctx)
	out := []line{}
	in := map[control.ID]bool{}
	add := func(e *register.Entry[control.Control], l *readiness.Line) {
		v := &e.Value
		x := line{
			Code: v.Code, Title: v.Title.For(lang), Category: v.Category, Status: v.Status, Frequency: v.Frequency, Owner: names[v.Owner],
			Criteria: list(v.Criteria), Months: []readiness.Month{}, owned: v.Owner != "", of: v,
		}
		x.haystack = strings.ToLower(v.Code + "\n" + v.Title.EN + "\n" + v.Title.SV + "\n" + x.Owner)
		if l != nil {
			x.InScope, x.Basis, x.OnTime, x.Late, x.Missed, x.Overdue = true, l.Tally.Basis, l.Tally.OnTime, l.Tally.Late, l.Tally.Missed, l.Overdue
			x.Evidence, x.Check, x.Standing, x.Months, x.State = l.Tally.Evidence, l.Tally.Status, l.Standing, l.Months, l.State
		}
		out = append(out, x)
	}
	if o != nil {
		for i := range o.Lines {
			in[o.Lines[i].Control.ID] = true
			add(&o.Lines[i].Control, &o.Lines[i])
		}
	}
	for i := range others {
		if !in[others[i].ID] {
			add(&others[i], nil)
		}
	}
	place := func(category string) int {
		if i := slices.Index(control.Categories, category); i >= 0 {
			return i
		}
		return len(control.Categories)
	}
	slices.SortStableFunc(out, func(a, b line) int {
		return cmp.Or(place(a.Category)-place(b.Category), strings.Compare(a.Category, b.Category), strings.Compare(a.Code, b.Code))
	})
	return out
}

// list keeps a nil list from becoming null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func matches(l *line, q url.Values) bool {
	text := strings.ToLower(strings.TrimSpace(q.Get("q")))
	category, criterion, status := q.Get("category"), q.Get("criterion"), q.Get("status")
	return (text == "" || strings.Contains(l.haystack, text)) &&
		(category == "" || l.Category == category) &&
		(criterion == "" || slices.Contains(l.Criteria, criterion)) &&
		(status == "" || string(l.Status) == status)
}

// segments are the lists a reader is offered. What concerns the company's own
// house is not offered to an auditor.
func segments(who authz.Principal) []string {
	if who.Is(authz.Auditor) {
		return []string{"", showOnTime, showBehind, showNothing}
	}
	return []string{"", showOnTime, showBehind, showAttention, showNothing, showNoOwner}
}

type listProps struct {
	head   ui.Head
	window *windowProps
	filter *ui.Filter
	table  ui.Table
	groups []groupProps
	states bool
	legend bool
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
	row    ui.Row
	line   line
	cells  []ui.CoverageCell
	check  ui.Status // "" for none
	status ui.Status // state in the window, or of the control outside of it; "" for neither
}

func listView(ctx context.Context, o *readiness.Overview, d *listData, q url.Values, who authz.Principal, counts map[string]int, known, page int) listProps {
	company := !who.Is(authz.Auditor)
	p := listProps{head: ui.Head{Title: i18n.T(ctx, "controlspage.title"), Sub: i18n.T(ctx, "controlspage.sub")}, states: company, legend: o != nil && len(d.Controls) > 0}
	if o != nil {
		p.head.Sub = period(ctx, &o.Window.Value)
		p.window = &windowProps{o.Window.Value.Code, "/windows/" + o.Window.Value.Code, ui.Status("window." + string(o.Window.Value.Status))}
	}
	if who.Can(authz.ControlEdit) && known > 0 {
		p.head.Primary = &ui.Action{Label: i18n.T(ctx, "controlspage.from_library"), Icon: "plus", Href: "/controls/library"}
	}
	if known > 0 {
		p.filter = filterOf(ctx, q, who, counts)
	}
	p.table = tableOf(ctx, d, q, who, known, page)
	for i := range d.Controls {
		l := &d.Controls[i]
		if n := len(p.groups); n == 0 || d.Controls[i-1].Category != l.Category {
			p.groups = append(p.groups, groupProps{group: ui.Group{Title: word(ctx, "category", l.Category), Span: p.table.Span()}})
		}
		g := &p.groups[len(p.groups)-1]
		g.rows = append(g.rows, rowOf(ctx, l, q.Get("window"), company))
	}
	return p
}

func rowOf(ctx context.Context, l *line, windowName string, company bool) rowProps {
	v := rowProps{row: ui.Row{Href: path(l.Code), Code: l.Code, Title: l.Title}, line: *l, cells: cells(ctx, l.Months)}
	if windowName != "" {
		v.row.Href += "?window=" + url.QueryEscape(windowName)
	}
	if l.Check != "" {
		v.check = ui.Status("check." + string(l.Check))
	}
	switch {
	case !company:
	case l.InScope:
		v.status = ui.Status("state." + string(l.State))
	default:
		v.status = ui.Status("control." + string(l.Status))
	}
	return v
}

func filterOf(ctx context.Context, q url.Values, who authz.Principal, counts map[string]int) *ui.Filter {
	category := q.Get("category")
	options := []ui.Option{{Label: i18n.T(ctx, "controlspage.all_categories"), Chosen: category == ""}}
	for _, c := range control.Categories {
		options = append(options, ui.Option{Value: c, Label: word(ctx, "category", c), Chosen: category == c})
	}
	show := ui.Segments{Name: "show", Label: i18n.T(ctx, "controlspage.show")}
	for _, which := range segments(who) {
		show.Options = append(show.Options, ui.Segment{Value: which, Label: i18n.T(ctx, "controlspage.show."+cmp.Or(which, "all")), Count: counts[which], Chosen: q.Get("show") == which})
	}
	f := &ui.Filter{
		Action: "/controls", Target: "list", Label: i18n.T(ctx, "controlspage.filter"),
		Search:   &ui.Search{Name: "q", Value: q.Get("q"), Hint: i18n.T(ctx, "controlspage.filter.hint")},
		Segments: &show,
		Selects:  []ui.FilterSelect{{Name: "category", Label: i18n.T(ctx, "controlspage.category"), Options: options}},
	}
	for _, name := range []string{"window", "criterion", "status"} {
		if v := q.Get(name); v != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: name, Value: v})
		}
	}
	return f
}

func tableOf(ctx context.Context, d *listData, q url.Values, who authz.Principal, known, page int) ui.Table {
	t := ui.Table{
		ID: "list", Caption: i18n.T(ctx, "controlspage.title"), Announce: i18n.T(ctx, "controlspage.shown", "Count", d.Total),
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "controlspage.control")},
			{Label: i18n.T(ctx, "controlspage.frequency")},
			{Label: i18n.T(ctx, "controlspage.coverage"), Kind: ui.CellCover},
			{Label: i18n.T(ctx, "controlspage.on_time"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "controlspage.late"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "controlspage.missed"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "controlspage.evidence"), Kind: ui.CellNum},
			{Label: i18n.T(ctx, "controlspage.check"), Kind: ui.CellGlyph},
			{Label: i18n.T(ctx, "controlspage.owner"), Kind: ui.CellOwner},
		},
	}
	if !who.Is(authz.Auditor) {
		t.Columns = append(t.Columns, ui.Column{Label: i18n.T(ctx, "controlspage.state"), Kind: ui.CellStatus})
	}
	switch {
	case known == 0:
		t.Empty = &ui.Empty{Icon: "shield", Title: i18n.T(ctx, "controlspage.start"), Text: i18n.T(ctx, "controlspage.start.text")}
		if who.Can(authz.ControlEdit) {
			library := ui.Action{Label: i18n.T(ctx, "controlspage.from_library"), Icon: "plus", Href: "/controls/library"}
			t.Empty.Action = &library
			if who.Can(authz.WindowOpen) {
				t.Empty.Action, t.Empty.Others = &ui.Action{Label: i18n.T(ctx, "start.title"), Href: "/start"}, []ui.Action{library}
			}
		}
	case d.Total == 0:
		t.Empty = &ui.Empty{
			Icon: "filter", Title: i18n.T(ctx, "controlspage.none"), Text: i18n.T(ctx, "controlspage.none.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "controlspage.clear"), Href: "/controls"}, Quiet: true,
		}
	case d.Total > perPage:
		t.Pager = &ui.Pager{From: d.From, To: d.From + len(d.Controls) - 1, Total: d.Total}
		turn := func(n int) string {
			to := maps.Clone(q)
			to.Set("page", strconv.Itoa(n))
			return "/controls?" + to.Encode()
		}
		if page > 1 {
			t.Pager.Prev = turn(page - 1)
		}
		if page*perPage < d.Total {
			t.Pager.Next = turn(page + 1)
		}
	}
	return t
}

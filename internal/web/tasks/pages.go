// Package tasks is the room of the page that says what is to be done: occurrences
// of controls with their evidence prompts and due days (E7).
package tasks

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages answers GET /tasks.
type Pages struct {
	Shell     *web.Shell
	Accounts  *account.Service
	Windows   *window.Service
	Readiness *readiness.Service
}

// Routes registers the page.
func (p Pages) Routes() {
	p.Shell.Handle("GET /tasks", p.list)
}

// daysAhead is how far the page looks, in days: a quarter and the lead time of a
// yearly control.
const daysAhead = 120

// data is the page as JSON.
type data struct {
	Window string           `json:"window"` // code, "" for none
	Mine   bool             `json:"mine"`
	Tasks  []readiness.Task `json:"tasks"`
}

type props struct {
	head   ui.Head
	filter *ui.Filter
	table  ui.Table
	groups []group
}

type group struct {
	group ui.Group
	rows  []row
}

// row is one task as the page shows it.
type row struct {
	row      ui.Row
	status   ui.Status
	due      time.Time
	today    time.Time
	owner    string
	prompts  []string
	returned []ui.Link
	add      ui.Action
}

// list handles GET /tasks.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	who, err := p.Readiness.Policy.Require(ctx, authz.EvidenceAdd)
	if err != nil {
		return err
	}
	focus, err := readiness.Choose(ctx, p.Windows, q.Get("window"))
	if err != nil {
		return err
	}
	d := data{Tasks: []readiness.Task{}}
	x := props{head: ui.Head{Title: i18n.T(ctx, "taskspage.title"), Sub: i18n.T(ctx, "taskspage.sub", "Days", daysAhead)}}
	if focus == nil {
		x.table = ui.Table{ID: "tasks", Empty: &ui.Empty{Icon: "calendar", Title: i18n.T(ctx, "taskspage.no_window"), Text: i18n.T(ctx, "taskspage.no_window.text"), Action: &ui.Action{Label: i18n.T(ctx, "taskspage.windows"), Href: "/windows"}}}
		return p.Shell.Answer(w, r, http.StatusOK, d, page(p.Shell.Props(r, x.head.Title), x))
	}
	o, err := p.Readiness.Overview(ctx, focus)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	all, mine := o.Tasks("", daysAhead), o.Tasks(who.ID, daysAhead)
	d.Window, d.Mine, d.Tasks = o.Window.Value.Code, q.Get("show") == "mine", all
	if d.Mine {
		d.Tasks = mine
	}
	x.filter = &ui.Filter{
		Action: "/tasks", Target: "tasks", Label: i18n.T(ctx, "taskspage.filter"),
		Segments: &ui.Segments{Name: "show", Label: i18n.T(ctx, "taskspage.show"), Options: []ui.Segment{
			{Label: i18n.T(ctx, "taskspage.everyone"), Count: len(all), Chosen: !d.Mine},
			{Value: "mine", Label: i18n.T(ctx, "taskspage.mine"), Count: len(mine), Chosen: d.Mine},
		}},
	}
	if v := q.Get("window"); v != "" {
		x.filter.Hidden = []ui.Hidden{{Name: "window", Value: v}}
	}
	x.table = table(ctx, &d, len(all))
	x.groups = groups(ctx, o, d.Tasks, names, x.table.Span())
	return p.Shell.Answer(w, r, http.StatusOK, d, page(p.Shell.Props(r, x.head.Title), x))
}

func table(ctx context.Context, d *data, all int) ui.Table {
	t := ui.Table{
		ID: "tasks", Caption: i18n.T(ctx, "taskspage.title"), Announce: i18n.T(ctx, "taskspage.shown", "Count", len(d.Tasks)),
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "taskspage.occurrence")},
			{Label: i18n.T(ctx, "taskspage.evidence"), Kind: ui.CellDiff},
			{Label: i18n.T(ctx, "taskspage.due"), Kind: ui.CellDate},
			{Label: i18n.T(ctx, "taskspage.owner"), Kind: ui.CellOwner},
			{Label: i18n.T(ctx, "taskspage.add"), Kind: ui.CellAction, Hidden: true},
		},
	}
	if len(d.Tasks) > 0 {
		return t
	}
	t.Empty = &ui.Empty{Icon: "calendar", Title: i18n.T(ctx, "taskspage.none"), Text: i18n.T(ctx, "taskspage.none.text", "Days", daysAhead)}
	if d.Mine && all > 0 {
		t.Empty.Action, t.Empty.Quiet = &ui.Action{Label: i18n.T(ctx, "taskspage.see_all"), Href: "/tasks"}, true
	}
	return t
}

// groups parts the tasks into what is past due, what is to be done now and what
// comes later.
func groups(ctx context.Context, o *readiness.Overview, tasks []readiness.Task, names map[string]string, span int) []group {
	lang := i18n.Of(ctx)
	parts := [3]group{}
	for i, key := range []string{"taskspage.overdue", "taskspage.soon", "taskspage.later"} {
		parts[i].group = ui.Group{Title: i18n.T(ctx, key), Span: span}
	}
	for i := range tasks {
		t := &tasks[i]
		at := 2
		switch {
		case t.State == window.Overdue:
			at = 0
		case t.Soon:
			at = 1
		}
		x := row{
			row: ui.Row{Href: "/controls/" + url.PathEscape(t.Control), Code: t.Control, Title: t.Title.For(lang)}, status: ui.Status("occurrence." + string(t.State)),
			due: noon(t.Due), today: noon(o.Today), owner: names[t.Owner],
		}
		for _, pr := range t.Prompts {
			x.prompts = append(x.prompts, pr.Type2.For(lang))
		}
		for _, code := range t.Returned {
			x.returned = append(x.returned, ui.Link{Label: code, Href: "/evidence/" + url.PathEscape(code)})
		}
		x.add = ui.Action{Label: i18n.T(ctx, "taskspage.add"), Href: "/evidence/new?" + url.Values{"control": {t.Control}, "slot": {string(t.Due)}}.Encode()}
		parts[at].rows = append(parts[at].rows, x)
	}
	var kept []group
	for _, g := range parts {
		if len(g.rows) > 0 {
			g.group.Note = i18n.T(ctx, "taskspage.shown", "Count", len(g.rows))
			kept = append(kept, g)
		}
	}
	return kept
}

func noon(d scope.Day) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 12, 0, 0, 0, time.UTC)
}

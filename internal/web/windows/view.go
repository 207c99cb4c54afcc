package windows

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// summary is a window as lists and heads show it. Days are the window's own, both
// included.
type summary struct {
	ID         string   `json:"id"`
	Code       string   `json:"code"`
	Type       int      `json:"type"`
	First      string   `json:"first"`
	Last       string   `json:"last"`
	Zone       string   `json:"zone"`
	Categories []string `json:"categories"`
	Status     string   `json:"status"`
	Day        int      `json:"day"` // of Days; 0 before the first, Days after the last
	Days       int      `json:"days"`
}

// summarise describes a window seen on a day.
func summarise(e register.Entry[window.Window], today scope.Day) summary {
	w := &e.Value
	s := summary{
		ID: e.ID.String(), Code: w.Code, Type: w.Type, First: string(w.From), Last: string(w.Last), Zone: w.Zone,
		Categories: []string{}, Status: string(w.Status), Days: w.Last.Sub(w.From) + 1,
	}
	for _, c := range framework.AllCategories() {
		if w.Categories.Has(c) {
			s.Categories = append(s.Categories, string(c))
		}
	}
	s.Day = min(max(today.Sub(w.From)+1, 0), s.Days)
	return s
}

// title names the window with its inclusive days.
func (s summary) title(ctx context.Context) string {
	w := window.Window{Type: s.Type, From: scope.Day(s.First), Last: scope.Day(s.Last)}
	return w.TitleIn(i18n.Of(ctx))
}

func (s summary) day(ctx context.Context) string {
	if s.Day == 0 {
		return i18n.T(ctx, "windowspage.begins", "Day", s.First)
	}
	return i18n.T(ctx, "windowspage.day_of", "Day", s.Day, "Days", s.Days)
}

func (s summary) categories(ctx context.Context) string {
	out := make([]string, len(s.Categories))
	for i, c := range s.Categories {
		out[i] = i18n.T(ctx, "windowspage.category."+c)
	}
	return strings.Join(out, ", ")
}

// view is one window as the reader sees it, and from where its state is read. A
// sealed window is read as it was sealed, so no figure differs from the package's;
// what came after is listed apart.
type view struct {
	entry  register.Entry[window.Window]
	cal    scope.Calendar
	reader register.Reader
	// reading is reader, with what has not changed since taken from the live state.
	reading window.Reading
	today   scope.Day // judges what is missed
	now     scope.Day // the clock's day
	who     authz.Principal
	names   map[string]string
	summary
}

// get reads the window that the path names. Who may not see it is told that it
// does not exist.
func (p Pages) get(r *http.Request) (v view, err error) {
	ctx := r.Context()
	v.entry, err = p.Windows.Get(ctx, r.PathValue("code"))
	if fault.KindOf(err) == fault.NotFound { // the same words for what is not there and what is not theirs
		return v, fault.New(fault.NotFound, "register.no_code", "Code", r.PathValue("code"))
	}
	if err != nil {
		return v, err
	}
	if v.cal, err = v.entry.Value.Calendar(); err != nil {
		return v, err
	}
	if v.names, err = p.Accounts.Names(ctx); err != nil {
		return v, err
	}
	v.who, _ = authz.Of(ctx)
	v.now = v.cal.Day(p.Store.Now())
	live := p.Store.Live(ctx)
	v.reader, v.reading, v.today = live, window.Now(live), v.now
	if s := v.entry.Value.Seal; s != nil {
		v.reader, v.today = p.Store.At(ctx, s.Index), v.cal.Day(v.entry.At)
		v.reading = window.Reading{Live: live, At: v.reader, Index: s.Index}
	}
	v.summary = summarise(v.entry, v.now)
	return v, nil
}

// over reports whether the window's last day has passed.
func (v view) over() bool { return v.now > v.entry.Value.Last }

// closes is the first day on which the window can be closed.
func (v view) closes() scope.Day { return v.entry.Value.Last.Add(1) }

func (v view) path(rest string) string { return "/windows/" + v.Code + rest }

// name is a person's name, or what the actor is.
func (v view) name(ctx context.Context, actor string) string {
	if n := v.names[actor]; n != "" {
		return n
	}
	if os, ok := strings.CutPrefix(actor, "operator:"); ok {
		return i18n.T(ctx, "windowspage.operator", "User", os)
	}
	if service, ok := strings.CutPrefix(actor, "service:"); ok {
		return i18n.T(ctx, "windowspage.service", "Name", service)
	}
	return actor
}

// tabs are the views of a window that the reader may open.
func (v view) tabs(ctx context.Context, here string) []ui.Tab {
	var out []ui.Tab
	for _, t := range []struct {
		key, path string
		needs     authz.Action
	}{
		{"overview", "", authz.ProgrammeRead},
		{"occurrences", "/occurrences", authz.ProgrammeRead},
		{"evidence", "/evidence", authz.EvidenceRead},
		{"populations", "/populations", authz.PopulationRead},
		{"changes", "/changes", authz.HistoryRead},
	} {
		if v.who.Can(t.needs) {
			out = append(out, ui.Tab{Label: i18n.T(ctx, "windowspage.tab."+t.key), Href: v.path(t.path), Current: t.key == here})
		}
	}
	return out
}

// frame is what every view of a window stands in.
type frame struct {
	shell ui.Shell
	head  ui.Head
	tabs  []ui.Tab
}

// frame makes the shell and head of one of a window's views.
func (p Pages) frame(r *http.Request, v view, here string) frame {
	ctx := r.Context()
	list := ui.Link{Label: i18n.T(ctx, "windowspage.title"), Href: "/windows"}
	f := frame{tabs: v.tabs(ctx, here)}
	if here == "overview" {
		f.shell = p.Shell.Props(r, v.Code, list)
	} else {
		f.shell = p.Shell.Props(r, i18n.T(ctx, "windowspage.tab."+here), list, ui.Link{Label: v.Code, Href: v.path("")})
	}
	f.head = ui.Head{
		Title: v.title(ctx), Eyebrow: eyebrow(v.Code, ui.Status("window."+v.Status)),
		Sub: i18n.T(ctx, "windowspage.sub_of", "Categories", v.categories(ctx), "Zone", v.Zone),
	}
	switch {
	case v.Status == string(window.Open) && v.over() && v.who.Can(authz.WindowClose):
		f.head.Primary = &ui.Action{Label: i18n.T(ctx, "windowspage.close"), Icon: "lock", Href: v.path("/close")}
	case v.Status == string(window.Closed) && v.who.Can(authz.WindowSeal):
		f.head.Primary = &ui.Action{Label: i18n.T(ctx, "windowspage.seal"), Icon: "seal", Href: v.path("/seal")}
	}
	return f
}

// count is how many occurrences of a frequency fall due in a window.
type count struct {
	Frequency string `json:"frequency"`
	Count     int    `json:"count"`
}

// expected counts the occurrences of each frequency that are due in [first, last].
func expected(first, last scope.Day) []count {
	out := []count{}
	for _, f := range control.Frequencies {
		if f.Periodic() {
			out = append(out, count{string(f), len(f.Slots(first, last))})
		}
	}
	return out
}

func text(ctx context.Context, t framework.Text) string {
	if s := t.In(i18n.Of(ctx)); s != "" {
		return s
	}
	return t.EN
}

func moment(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

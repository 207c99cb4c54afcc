package home

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
)

// homeProps is everything the page shows.
type homeProps struct {
	head      ui.Head
	window    windowProps
	kpis      []ui.Kpi
	attention *workCard // nil: not shown
	next      *workCard
	series    []ui.Bar
	today     time.Time
}

type windowProps struct {
	code, href string
	status     ui.Status
}

type workCard struct {
	title, sub string
	more       *ui.Link
	items      []ui.Work
	empty      string
}

type startProps struct {
	head  ui.Head
	empty ui.Empty
	steps []ui.LinkItem
}

// at is noon UTC of a day: the same calendar day wherever it is printed.
func at(d scope.Day) time.Time {
	if d == "" {
		return time.Time{}
	}
	y, m, n := d.Date()
	return time.Date(y, m, n, 12, 0, 0, 0, time.UTC)
}

func (p Pages) view(r *http.Request, o *readiness.Overview, d data) templ.Component {
	ctx := r.Context()
	lang := i18n.Of(ctx)
	for i := range d.Attention {
		d.Attention[i].Name = d.Attention[i].Title.For(lang)
	}
	for i := range d.Next {
		d.Next[i].Name = d.Next[i].Title.For(lang)
	}
	props := homeProps{
		head:   ui.Head{Title: i18n.T(ctx, "homepage.title"), Sub: period(ctx, d.Window)},
		window: windowProps{d.Window.Code, "/windows/" + d.Window.Code, ui.Status("window." + string(d.Window.Status))},
		kpis:   kpis(ctx, d), today: at(o.Today),
	}
	if d.CanAdd {
		props.head.Primary = &ui.Action{Label: i18n.T(ctx, "homepage.add"), Icon: "plus", Href: "/evidence/new"}
	}
	if d.Company {
		props.attention = attentionCard(ctx, d)
	}
	props.next = &workCard{title: i18n.T(ctx, "homepage.next"), sub: i18n.T(ctx, "homepage.next.sub", "Count", daysAhead), empty: i18n.T(ctx, "homepage.next.none")}
	for _, n := range d.Next[:min(len(d.Next), nextShown)] {
		props.next.items = append(props.next.items, ui.Work{Status: ui.OccurrenceDue, Title: n.Name, Href: controlPath(n.Control), Owner: n.Owner, Due: at(n.Due)})
	}
	if len(d.Next) > nextShown {
		props.next.more = &ui.Link{Label: i18n.T(ctx, "homepage.more"), Href: "/controls"}
	}
	for _, s := range d.Series {
		props.series = append(props.series, bar(ctx, s))
	}
	return page(p.Shell.Props(r, props.head.Title), props)
}

func controlPath(code string) string { return "/controls/" + url.PathEscape(code) }

func period(ctx context.Context, w about) string {
	if w.Type == 1 {
		return i18n.T(ctx, "homepage.type1", "Day", string(w.From))
	}
	return i18n.T(ctx, "homepage.type2", "From", string(w.From), "Last", string(w.Last))
}

func kpis(ctx context.Context, d data) []ui.Kpi {
	f := d.Figures
	n := func(i int) string { return ui.Num(ctx, i) }
	share := float64(d.Window.Day) / float64(max(d.Window.Days, 1))
	day := ui.Kpi{Label: i18n.T(ctx, "homepage.kpi.window"), Value: i18n.T(ctx, "homepage.kpi.day", "Day", n(d.Window.Day), "Days", n(d.Window.Days)), Words: true, Progress: &share, Href: "/windows/" + d.Window.Code, Note: i18n.T(ctx, "homepage.kpi.left", "Count", d.Window.Days-d.Window.Day)}
	if d.Window.Type == 1 {
		day = ui.Kpi{Label: i18n.T(ctx, "homepage.kpi.asof"), Value: string(d.Window.From), Words: true, Href: "/windows/" + d.Window.Code}
	}
	on := ui.Kpi{
		Label: i18n.T(ctx, "homepage.kpi.controls"), Value: n(f.OnTime), Of: n(f.Controls), Href: "/controls?show=on_time",
		Stack: &ui.Stack{Label: i18n.T(ctx, "homepage.kpi.controls"), Total: f.Controls, Parts: []ui.Part{{Label: i18n.T(ctx, "homepage.on_time"), Count: f.OnTime, Tone: ui.ToneOK}}},
		Note:  i18n.T(ctx, "homepage.kpi.controls.note"),
	}
	if !d.Company {
		return []ui.Kpi{
			day,
			{Label: i18n.T(ctx, "homepage.kpi.in_scope"), Value: n(f.Controls), Href: "/controls"},
			{Label: i18n.T(ctx, "homepage.kpi.evidence"), Value: n(f.Evidence), Href: "/evidence"},
			{Label: i18n.T(ctx, "homepage.kpi.populations"), Value: n(f.Populations), Href: "/populations"},
		}
	}
	behind := ui.Kpi{Label: i18n.T(ctx, "homepage.kpi.behind"), Value: n(f.Overdue + f.Missed), Href: "/windows/" + d.Window.Code + "/occurrences?state=behind", Note: i18n.T(ctx, "homepage.kpi.behind.note", "Overdue", n(f.Overdue), "Missed", n(f.Missed))}
	if f.Overdue+f.Missed > 0 {
		behind.NoteTone = ui.ToneBad
	}
	out := []ui.Kpi{on, day, behind}
	if d.Checks {
		k := ui.Kpi{Label: i18n.T(ctx, "homepage.kpi.deviations"), Value: n(f.Deviating), Href: "/windows/" + d.Window.Code + "/populations?show=deviations#results", Note: i18n.T(ctx, "homepage.kpi.deviations.note", "Count", f.Deviations, "Undecided", n(f.Undecided))}
		if f.Undecided > 0 {
			k.NoteTone = ui.ToneWarn
		}
		out = append(out, k)
	}
	if d.Evidence {
		k := ui.Kpi{Label: i18n.T(ctx, "homepage.kpi.returned"), Value: n(f.Returned), Href: "/evidence?status=returned", Note: i18n.T(ctx, "homepage.kpi.returned.note", "Items", n(f.Evidence))}
		if f.Returned > 0 {
			k.NoteTone = ui.ToneWarn
		}
		out = append(out, k)
	}
	return out
}

var kindStatus = map[string]ui.Status{
	kindMissed: ui.OccurrenceMissed, kindOverdue: ui.OccurrenceOverdue, kindFail: ui.CheckFail, kindUndecided: ui.CheckNotDeterminable,
	kindReturned: ui.EvidenceReturned, kindLateLabel: ui.OccurrenceLate, kindNoEvidence: ui.EvidenceNeeded, kindNoOwner: ui.StateAttention,
}

func attentionCard(ctx context.Context, d data) *workCard {
	c := &workCard{title: i18n.T(ctx, "homepage.attention"), empty: i18n.T(ctx, "homepage.attention.none")}
	for _, a := range d.Attention[:min(len(d.Attention), attentionShown)] {
		w := ui.Work{
			Status: kindStatus[a.Kind], Title: i18n.T(ctx, "homepage.attention."+a.Kind, "Title", a.Name, "Count", a.Count),
			Href: controlPath(a.Control), Ref: a.Control, Owner: a.Owner, Due: at(a.Due),
		}
		switch a.Kind {
		case kindReturned, kindLateLabel:
			w.Href = "/evidence/" + url.PathEscape(a.Code)
		case kindFail, kindUndecided:
			w.Href = "/checks/" + url.PathEscape(a.Code)
		}
		c.items = append(c.items, w)
	}
	if n := len(d.Attention); n > attentionShown {
		c.sub = i18n.T(ctx, "homepage.attention.some", "Shown", ui.Num(ctx, attentionShown), "All", ui.Num(ctx, n))
		c.more = &ui.Link{Label: i18n.T(ctx, "homepage.more"), Href: "/controls?show=attention"}
	}
	return c
}

func bar(ctx context.Context, s series) ui.Bar {
	title := s.Title.For(i18n.Of(ctx))
	return ui.Bar{
		Code: s.ID, Title: title, Href: "/criteria?group=" + url.QueryEscape(s.ID), Value: ui.Num(ctx, s.OnTime) + "/" + ui.Num(ctx, s.Controls),
		Stack: ui.Stack{Label: title, Total: s.Controls, Parts: []ui.Part{
			{Label: i18n.T(ctx, "homepage.on_time"), Count: s.OnTime, Tone: ui.ToneOK},
			{Label: i18n.T(ctx, "homepage.late"), Count: s.Late, Tone: ui.ToneWarn},
			{Label: i18n.T(ctx, "homepage.missed"), Count: s.Missed + s.Deviations, Tone: ui.ToneBad},
		}},
	}
}

func (p Pages) startView(r *http.Request, d start) templ.Component {
	ctx := r.Context()
	props := startProps{head: ui.Head{Title: i18n.T(ctx, "homepage.title")}}
	props.empty = ui.Empty{Icon: "calendar", Title: i18n.T(ctx, "homepage.start"), Text: i18n.T(ctx, "homepage.start.wait")}
	if d.CanOpen {
		props.empty.Text = i18n.T(ctx, "homepage.start.text")
		props.empty.Action = &ui.Action{Label: i18n.T(ctx, "start.title"), Href: "/start"}
		props.empty.Others = []ui.Action{{Label: i18n.T(ctx, "homepage.start.open"), Icon: "plus", Href: "/windows/new"}}
	}
	if d.CanAdopt {
		state := ui.StateNotStarted
		if d.Controls > 0 {
			state = ui.StateReady
		}
		props.steps = []ui.LinkItem{
			{Status: state, Title: i18n.T(ctx, "homepage.start.controls"), Href: "/controls/library", Note: i18n.T(ctx, "homepage.start.adopted", "Count", d.Controls)},
		}
		if d.CanOpen {
			props.steps = append(props.steps, ui.LinkItem{Status: ui.StateNotStarted, Title: i18n.T(ctx, "homepage.start.window"), Href: "/windows/new"})
		}
	}
	return startPage(p.Shell.Props(r, props.head.Title), props)
}

package controls

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
	"bevis/internal/window"
	"bevis/internal/wording"
)

type showProps struct {
	head        ui.Head
	code        string
	status      ui.Status
	state       ui.Status // "" when not shown
	window      *windowProps
	outside     string // a sentence when the control is not in the window's scope
	statement   string
	objective   string
	event       string
	cells       []ui.CoverageCell
	basis       string // how occurrences are counted
	occurrences *ui.Table
	rows        []occurrenceProps
	operated    string
	evidence    *ui.Table // nil: not shown
	items       []itemProps
	more        *ui.Link
	result      *resultProps
	events      []ui.Event // versions; nil: not shown
	history     ui.Link
	panel       panelProps
	waits       *waitingProps   // nil: nothing waits for approval
	vague       *ui.BannerProps // nil: specific, or not the reader's concern
	library     *compareProps   // nil: the same as the library, or not from it
}

type occurrenceProps struct {
	row       ui.Row
	performed string
	evidence  *ui.Link // nil: none, or the reader may not open it
	code      string
	returned  []ui.Link
	days      int
	status    ui.Status
}

type itemProps struct {
	row    ui.Row
	days   string
	who    string
	flags  []ui.Lateness
	short  []string // form checks that are not in order, in words
	judged bool
	status ui.Status
}

type resultProps struct {
	row    ui.Row
	data   result
	status ui.Status
}

type panelProps struct {
	properties []property
	criteria   []ui.Reference
	points     []ui.Reference
	policies   []ui.Reference
	prompts    []string
	promptsFor string
}

type property struct{ name, value, href string }

func viewOf(ctx context.Context, d *controlData, o *readiness.Overview, who authz.Principal, q url.Values) showProps {
	lang := i18n.Of(ctx)
	v := &d.Control
	p := showProps{
		head: ui.Head{Title: v.Title.For(lang)}, code: d.Code, status: ui.Status("control." + string(v.Status)),
		statement: v.Statement.For(lang), objective: v.Objective.For(lang), event: v.Event.For(lang), cells: cells(ctx, d.Months),
		panel: panelOf(ctx, d, o, who),
	}
	if d.State != "" {
		p.state = ui.Status("state." + string(d.State))
	}
	if who.Can(authz.EvidenceAdd) && v.Status != control.Draft {
		p.head.Primary = &ui.Action{Label: i18n.T(ctx, "controlspage.add"), Icon: "plus", Href: "/evidence/new?control=" + url.QueryEscape(d.Code)}
	}
	if who.Can(authz.ControlEdit) && v.Status != control.Retired {
		p.head.Secondary = []ui.Action{{Label: i18n.T(ctx, "controlspage.edit"), Icon: "edit", Href: "/controls/" + url.PathEscape(d.Code) + "/edit", Edit: true}}
	}
	if d.Wording != nil && d.Wording.Verdict == wording.Vague && v.Status != control.Retired {
		p.vague = &ui.BannerProps{Tone: ui.ToneWarn, Title: i18n.T(ctx, "wording.verdict.vague"), Text: i18n.T(ctx, "wording.says.vague")}
		if who.Can(authz.ControlEdit) {
			p.vague.Action = &ui.Action{Label: i18n.T(ctx, "controlspage.wording.mend"), Href: path(d.Code) + "/edit"}
		}
	}
	p.waits = waitingView(ctx, d.Code, d.Waiting)
	if p.library = comparisonOf(ctx, d.Library); p.library != nil && d.Library.Offers() && who.Can(authz.ControlEdit) && v.Status != control.Retired {
		p.library.more = &ui.Link{Label: i18n.T(ctx, "controlspage.compare.choose"), Href: path(d.Code) + "/library"}
	}
	if o != nil {
		p.window = &windowProps{o.Window.Value.Code, "/windows/" + o.Window.Value.Code, ui.Status("window." + string(o.Window.Value.Status))}
		if !d.InScope {
			p.outside = i18n.T(ctx, "controlspage.outside", "Window", o.Window.Value.Code)
		}
	}
	if d.Tally != nil {
		p.basis = i18n.T(ctx, "controlspage.basis."+d.Tally.Basis)
		occurrencesOf(ctx, &p, d, who, q)
		if d.Tally.Operated > 0 {
			p.operated = i18n.T(ctx, "controlspage.operated", "Count", d.Tally.Operated)
		}
		if who.Can(authz.EvidenceRead) {
			evidenceOf(ctx, &p, d)
		}
	}
	if d.Result != nil {
		p.result = &resultProps{ui.Row{Href: "/checks/" + url.PathEscape(d.Result.Code), Code: d.Result.Code, Title: d.Result.Title}, *d.Result, ui.Status("check." + string(d.Result.Status))}
	}
	if len(d.Versions) > 0 {
		p.history = ui.Link{Label: i18n.T(ctx, "controlspage.changes"), Href: path(d.Code) + "/history"}
		for _, x := range d.Versions {
			p.events = append(p.events, eventOf(ctx, x))
		}
	}
	return p
}

func eventOf(ctx context.Context, v version) ui.Event {
	e := ui.Event{Who: v.By, At: v.At, Body: v.Reason, Title: i18n.T(ctx, "controlspage.wrote", "Version", strconv.FormatInt(v.Version, 10), "Entry", strconv.FormatInt(v.Entry, 10))}
	if v.By == "Bevis" {
		e.Icon = "settings"
	}
	return e
}

// occurrencesOf fills the table of due days, the newest that has begun first.
func occurrencesOf(ctx context.Context, p *showProps, d *controlData, who authz.Principal, q url.Values) {
	if d.Tally.Basis != window.ByClock {
		return
	}
	all := slices.Clone(d.Tally.Occurrences)
	begun := slices.IndexFunc(all, func(o window.Occurrence) bool { return o.State == window.NotDue })
	if begun < 0 {
		begun = len(all)
	}
	slices.Reverse(all[:begun]) // what is to come follows, the nearest first
	page := pageOf(q, len(all))
	begin := (page - 1) * occurrencesShown
	shown := all[begin:min(begin+occurrencesShown, len(all))]
	t := ui.Table{ID: "occurrences", Caption: i18n.T(ctx, "controlspage.occurrences"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "controlspage.due")},
		{Label: i18n.T(ctx, "controlspage.performed"), Kind: ui.CellDate},
		{Label: i18n.T(ctx, "controlspage.evidence")},
		{Label: i18n.T(ctx, "controlspage.past_due"), Kind: ui.CellNum},
		{Label: i18n.T(ctx, "controlspage.status"), Kind: ui.CellStatus},
	}}
	if len(all) == 0 {
		t.Empty = &ui.Empty{Icon: "calendar", Title: i18n.T(ctx, "controlspage.none_due"), Text: i18n.T(ctx, "controlspage.none_due.text")}
	}
	if len(all) > occurrencesShown {
		t.Pager = &ui.Pager{From: begin + 1, To: begin + len(shown), Total: len(all)}
		turn := func(n int) string {
			to := url.Values{"page": {strconv.Itoa(n)}}
			if w := q.Get("window"); w != "" {
				to.Set("window", w)
			}
			return path(d.Code) + "?" + to.Encode()
		}
		if page > 1 {
			t.Pager.Prev = turn(page - 1)
		}
		if begin+len(shown) < len(all) {
			t.Pager.Next = turn(page + 1)
		}
	}
	p.occurrences = &t
	open := who.Can(authz.EvidenceRead)
	for _, o := range shown {
		x := occurrenceProps{row: ui.Row{Title: string(o.Slot.Due)}, performed: string(o.PerformedOn), days: o.DaysPastDue, status: ui.Status("occurrence." + string(o.State))}
		if o.Slot.From != o.Slot.Due {
			x.row.Title = i18n.T(ctx, "controlspage.slot", "Due", string(o.Slot.Due), "From", string(o.Slot.From))
		}
		switch {
		case o.Evidence == "":
		case open:
			x.evidence = &ui.Link{Label: o.Evidence, Href: "/evidence/" + url.PathEscape(o.Evidence)}
		default:
			x.code = o.Evidence
		}
		if open {
			for _, code := range o.Returned {
				x.returned = append(x.returned, ui.Link{Label: code, Href: "/evidence/" + url.PathEscape(code)})
			}
		}
		p.rows = append(p.rows, x)
	}
}

func evidenceOf(ctx context.Context, p *showProps, d *controlData) {
	p.evidence = &ui.Table{ID: "evidence", Caption: i18n.T(ctx, "controlspage.evidence"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "controlspage.item")},
		{Label: i18n.T(ctx, "controlspage.days"), Kind: ui.CellDate},
		{Label: i18n.T(ctx, "controlspage.labels")},
		{Label: i18n.T(ctx, "controlspage.traits")},
		{Label: i18n.T(ctx, "controlspage.status"), Kind: ui.CellStatus},
	}}
	if len(d.Items) == 0 {
		p.evidence.Empty = &ui.Empty{Icon: "fingerprint", Title: i18n.T(ctx, "controlspage.no_evidence"), Text: i18n.T(ctx, "controlspage.no_evidence.text")}
	}
	for i := range d.Items[:min(len(d.Items), itemsShown)] {
		p.items = append(p.items, itemOf(ctx, &d.Items[i]))
	}
	if len(d.Items) > itemsShown {
		p.more = &ui.Link{Label: i18n.T(ctx, "controlspage.newest", "Shown", ui.Num(ctx, itemsShown), "All", ui.Num(ctx, len(d.Items))), Href: "/evidence?control=" + url.QueryEscape(d.Code)}
	}
}

func itemOf(ctx context.Context, it *item) itemProps {
	v := itemProps{row: ui.Row{Href: "/evidence/" + url.PathEscape(it.Code), Code: it.Code, Title: it.Title}, days: string(it.First), who: it.Performed, status: ui.Status("evidence." + string(it.Status)), judged: it.Traits != nil}
	if it.Last != it.First {
		v.days += " – " + string(it.Last)
	}
	if it.Late {
		v.flags = append(v.flags, ui.PerformedLate)
	}
	for _, l := range it.Labels {
		v.flags = append(v.flags, ui.Lateness(l))
	}
	if it.Traits == nil {
		return v
	}
	for _, t := range it.Traits.Named() {
		if t.Verdict != evidence.Pass {
			v.short = append(v.short, i18n.T(ctx, "trait.name."+t.Name)+": "+i18n.T(ctx, "trait.verdict."+string(t.Verdict)))
		}
	}
	return v
}

func panelOf(ctx context.Context, d *controlData, o *readiness.Overview, who authz.Principal) panelProps {
	v := &d.Control
	owner := d.Owner
	if owner == "" {
		owner = i18n.T(ctx, "controlspage.no_owner")
	}
	add := func(p *panelProps, key, value, href string) {
		if value != "" {
			p.properties = append(p.properties, property{i18n.T(ctx, key), value, href})
		}
	}
	p := panelProps{promptsFor: i18n.T(ctx, "controlspage.prompts.type2")}
	add(&p, "controlspage.owner", owner, "")
	add(&p, "controlspage.frequency", word(ctx, "frequency", string(v.Frequency)), "")
	if v.Frequency.Periodic() {
		add(&p, "controlspage.grace", i18n.T(ctx, "controlspage.n_days", "Count", v.Grace), "")
	}
	add(&p, "controlspage.lag", i18n.T(ctx, "controlspage.n_days", "Count", v.Lag()), "")
	add(&p, "controlspage.nature", word(ctx, "nature", v.Nature), "")
	add(&p, "controlspage.type", word(ctx, "controltype", v.Type), "")
	add(&p, "controlspage.category", word(ctx, "category", v.Category), "/controls?category="+url.QueryEscape(v.Category))
	since := string(v.EffectiveFrom)
	if since == "" && v.Status != control.Draft {
		since = i18n.T(ctx, "control.before_recorded")
	}
	add(&p, "controlspage.from", since, "")
	add(&p, "controlspage.to", string(v.EffectiveTo), "")
	if v.Trace == control.TraceCommit {
		add(&p, "controlspage.trace", i18n.T(ctx, "controlspage.trace.commit"), "")
	}
	version := i18n.T(ctx, "controlspage.version_n", "Version", strconv.FormatInt(d.Version, 10))
	if who.Can(authz.HistoryRead) {
		add(&p, "controlspage.version", version, path(d.Code)+"/history")
		add(&p, "controlspage.entry", "#"+strconv.FormatInt(d.Entry, 10), "/ledger/"+strconv.FormatInt(d.Entry, 10))
	} else {
		add(&p, "controlspage.version", version, "")
	}
	for _, c := range d.Criteria {
		p.criteria = append(p.criteria, ui.Reference{Code: c.ID, Title: c.Title, Href: "/criteria/" + url.PathEscape(c.ID)})
	}
	for _, f := range d.PointsOfFocus {
		criterion, _, _ := strings.Cut(f.ID, "-")
		p.points = append(p.points, ui.Reference{Code: f.ID, Title: f.Title, Href: "/criteria/" + url.PathEscape(criterion) + "#" + url.PathEscape(f.ID)})
	}
	if o != nil && o.Window.Value.Type == 1 {
		p.promptsFor = i18n.T(ctx, "controlspage.prompts.type1")
	}
	for _, x := range d.Prompts {
		p.prompts = append(p.prompts, word(ctx, "evidence.type", x.Type)+": "+x.Text)
	}
	return p
}

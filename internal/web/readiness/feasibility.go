package readiness

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// feasibleProps is what a window can still show, and what another one would change.
type feasibleProps struct {
	shell      ui.Shell
	head       ui.Head
	code       string
	status     ui.Status
	tabs       []ui.Tab
	errors     []ui.FieldError
	ask        readiness.Ask
	types      []ui.Option
	categories []ui.Option
	asked      bool // another window than the one that is
	kpis       []ui.Kpi
	limits     ui.Table
	limited    []limitRow
	uncovered  ui.Table
	lacking    []readiness.UncoveredReport
	deadlines  ui.Table
	dates      []deadlineRow
	changes    ui.Table
	changed    []changeRow
}

type limitRow struct {
	row      ui.Row
	limits   []limitView
	expected string
	ahead    string
}

type limitView struct {
	status     ui.Status
	word, says string
}

type deadlineRow struct {
	day      string
	overdue  bool // past, and can still be performed late
	controls []ui.Link
	rest     int
}

type changeRow struct {
	row  ui.Row
	says []string
}

// feasibility handles GET /readiness/feasibility.
func (p Pages) feasibility(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.company(r); err != nil {
		return err
	}
	q := r.URL.Query()
	of, err := readiness.Choose(ctx, p.Windows, q.Get("window"))
	if err != nil {
		return err
	}
	if of == nil {
		return fault.New(fault.NotFound, "readinesspage.no_window")
	}
	now := readiness.ProposalOf(&of.Value)
	ask := readiness.Ask{From: strings.TrimSpace(q.Get("from")), Last: strings.TrimSpace(q.Get("to")), Type: q.Get("type")}
	if q.Has("categories") || q.Has("asked") {
		ask.Categories = append([]string{}, q["categories"]...)
	}
	status := http.StatusOK
	v := feasibleProps{code: of.Value.Code, status: ui.Status("window." + string(of.Value.Status)), ask: ask}
	proposal, err := ask.Proposal(now)
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		status, proposal = http.StatusUnprocessableEntity, now
		v.errors = []ui.FieldError{{ID: "from", Message: i18n.Fault(ctx, err, "")}}
	}
	before, after, err := p.Reviews.Feasibility(ctx, of, proposal)
	if err != nil {
		return err
	}
	d := after.Report(ctx, of.Value.Code, before)
	v.asked = !proposal.Same(&now)
	windows, err := p.Windows.List(ctx)
	if err != nil {
		return err
	}
	for i, e := range windows {
		if i < windowsShown || e.Value.Code == v.code {
			v.tabs = append(v.tabs, ui.Tab{Label: e.Value.Code + ", " + short(ctx, &e.Value), Href: "/readiness/feasibility" + query("window", e.Value.Code), Current: e.Value.Code == v.code})
		}
	}
	title := i18n.T(ctx, "readinesspage.feasibility")
	v.shell = p.Shell.Props(r, title, ui.Link{Label: i18n.T(ctx, "readinesspage.title"), Href: "/readiness" + query("window", v.code)})
	v.head = ui.Head{Title: title, Sub: describe(ctx, &proposal, of.Value.Zone)}
	v.form(ctx, &proposal)
	v.fill(ctx, &d)
	v.page(q)
	return p.Shell.Answer(w, r, status, d, feasibilityPage(v))
}

func describe(ctx context.Context, p *readiness.Proposal, zone string) string {
	w := window.Window{Type: p.Type, From: p.First, Last: p.Last, Zone: zone}
	var names []string
	for _, c := range framework.AllCategories() {
		if c == framework.Security || p.Categories.Has(c) {
			names = append(names, i18n.T(ctx, "windowspage.category."+string(c)))
		}
	}
	return period(ctx, &w) + ". " + strings.Join(names, ", ") + "."
}

// form fills the form with what is asked for.
func (v *feasibleProps) form(ctx context.Context, p *readiness.Proposal) {
	if v.ask.From == "" {
		v.ask.From = string(p.First)
	}
	if v.ask.Last == "" {
		v.ask.Last = string(p.Last)
	}
	for _, n := range []string{"2", "1"} {
		v.types = append(v.types, ui.Option{Value: n, Label: i18n.T(ctx, "windowspage.type"+n), Chosen: n == strconv.Itoa(p.Type)})
	}
	for _, c := range framework.AllCategories() {
		always := c == framework.Security
		v.categories = append(v.categories, ui.Option{Value: string(c), Label: i18n.T(ctx, "windowspage.category."+string(c)), Chosen: always || p.Categories.Has(c), Disabled: always})
	}
}

// limitLooks are the glyphs of the limits.
var limitLooks = map[readiness.Limit]ui.Status{
	readiness.Lost: ui.OccurrenceMissed, readiness.PartOnly: ui.StateInProgress, readiness.NeverDue: ui.StateAttention, readiness.NoneToTest: ui.StateNotApplicable,
	readiness.OnceOnly: ui.OccurrenceLate, readiness.UnknownCount: ui.CheckNotDeterminable, readiness.UnknownState: ui.EvidenceNeeded,
}

func (v *feasibleProps) fill(ctx context.Context, d *readiness.FeasibilityReport) {
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	unknown, lost := d.Limits[readiness.UnknownCount]+d.Limits[readiness.UnknownState], d.Limits[readiness.Lost]
	v.kpis = []ui.Kpi{
		{Label: t("f.controls"), Value: ui.Num(ctx, len(d.Controls)), Href: "#limits", Note: t("f.controls.note", "Count", d.Criteria)},
		{Label: t("f.lost"), Value: ui.Num(ctx, lost), Href: "#limits", Note: t("f.lost.note")},
		{Label: t("f.uncovered"), Value: ui.Num(ctx, len(d.Uncovered)), Href: "#uncovered", Note: t("f.uncovered.note")},
		{Label: t("f.unknown"), Value: ui.Num(ctx, unknown), Href: "#limits", Note: t("f.unknown.note")},
	}
	v.limits = ui.Table{ID: "limit-list", Caption: t("f.limits"), Columns: []ui.Column{
		{Label: t("control")}, {Label: t("f.limit")}, {Label: t("f.due_days"), Kind: ui.CellNum}, {Label: t("f.ahead"), Kind: ui.CellDate},
	}}
	for i := range d.Controls {
		c := &d.Controls[i]
		if len(c.Limits) == 0 {
			continue
		}
		x := limitRow{row: ui.Row{Href: "/controls/" + url.PathEscape(c.Control), Code: c.Control, Title: c.Title}, expected: "–", ahead: "–"}
		for k, l := range c.Limits {
			x.limits = append(x.limits, limitView{limitLooks[l], i18n.T(ctx, "readiness_gap.limit."+string(l)), c.Says[k]})
		}
		if c.Expected > 0 {
			x.expected = t("f.done_of", "Done", c.Done, "Expected", c.Expected)
		}
		if len(c.Ahead) > 0 {
			x.ahead = string(c.Ahead[0])
		}
		v.limited = append(v.limited, x)
	}
	// What is lost for good comes first, then by control.
	slices.SortStableFunc(v.limited, func(a, b limitRow) int { return worst(a) - worst(b) })
	if len(v.limited) == 0 {
		v.limits.Empty = &ui.Empty{Icon: "check", Title: t("f.no_limits"), Text: t("f.no_limits.text")}
	}
	v.uncovered = ui.Table{ID: "uncovered-list", Caption: t("f.uncovered"), Columns: []ui.Column{{Label: t("criterion")}, {Label: t("f.days")}, {Label: t("f.can")}}}
	v.lacking = d.Uncovered
	if len(d.Uncovered) == 0 {
		v.uncovered.Empty = &ui.Empty{Icon: "check", Title: t("f.covered"), Text: t("f.covered.text")}
	}
	v.deadlines = ui.Table{ID: "deadline-list", Caption: t("f.deadlines"), Columns: []ui.Column{{Label: t("step.due")}, {Label: t("f.controls")}}}
	for _, x := range d.Deadlines {
		row := deadlineRow{day: string(x.Day), overdue: x.Day < d.Today}
		for i, code := range x.Controls {
			if i == deadlineControls {
				row.rest = len(x.Controls) - i
				break
			}
			row.controls = append(row.controls, ui.Link{Label: code, Href: "/controls/" + url.PathEscape(code)})
		}
		v.dates = append(v.dates, row)
	}
	if len(v.dates) == 0 {
		v.deadlines.Empty = &ui.Empty{Icon: "calendar", Title: t("f.no_deadlines"), Text: t("f.no_deadlines.text")}
	}
	v.changes = ui.Table{ID: "change-list", Caption: t("f.changes"), Columns: []ui.Column{{Label: t("control")}, {Label: t("f.change")}}}
	for _, x := range d.Changes {
		v.changed = append(v.changed, changeRow{ui.Row{Href: "/controls/" + url.PathEscape(x.Control), Code: x.Control, Title: x.Title}, changeWords(ctx, &x)})
	}
	if len(v.changed) == 0 {
		v.changes.Empty = &ui.Empty{Icon: "check", Title: t("f.no_changes"), Text: t("f.no_changes.text")}
	}
}

// limitsShown is how many controls the page holds at once.
const limitsShown = 60

// page cuts the list of limits; everything else that was asked stays in the address.
func (v *feasibleProps) page(q url.Values) {
	total := len(v.limited)
	from, err := strconv.Atoi(q.Get("at"))
	if err != nil || from < 0 || from >= total {
		from = 0
	}
	end := min(from+limitsShown, total)
	if total > limitsShown {
		at := func(n int) string {
			next := maps.Clone(q)
			next.Set("at", strconv.Itoa(n))
			return "/readiness/feasibility?" + next.Encode() + "#limits"
		}
		v.limits.Pager = &ui.Pager{From: from + 1, To: end, Total: total}
		if from > 0 {
			v.limits.Pager.Prev = at(max(from-limitsShown, 0))
		}
		if end < total {
			v.limits.Pager.Next = at(end)
		}
	}
	v.limited = v.limited[from:end]
}

// deadlineControls is how many controls a day names before it counts the rest.
const deadlineControls = 12

func worst(x limitRow) int {
	for i, l := range readiness.Limits {
		if slices.ContainsFunc(x.limits, func(v limitView) bool { return v.status == limitLooks[l] }) {
			return i
		}
	}
	return len(readiness.Limits)
}

func changeWords(ctx context.Context, d *readiness.DifferenceReport) []string {
	var out []string
	t := func(key string, args ...any) string { return i18n.T(ctx, "readinesspage."+key, args...) }
	if d.Enters {
		out = append(out, i18n.T(ctx, "readiness_gap.enters"))
	}
	if d.Leaves {
		out = append(out, i18n.T(ctx, "readiness_gap.leaves"))
	}
	for _, l := range d.Gained {
		out = append(out, t("f.gained", "Limit", i18n.T(ctx, "readiness_gap.limit."+string(l))))
	}
	for _, l := range d.Shed {
		out = append(out, t("f.shed", "Limit", i18n.T(ctx, "readiness_gap.limit."+string(l))))
	}
	return out
}

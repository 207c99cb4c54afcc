package windows

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// The groups beside the four labels.
const (
	unlabelled = "none"
	afterSeal  = "after_seal"
)

// item is one piece of evidence of the window with its labels.
type item struct {
	Code     string   `json:"code"`
	Title    string   `json:"title"`
	Type     string   `json:"type"`
	Occurred string   `json:"occurred"` // days, inclusive
	Received string   `json:"received"`
	Status   string   `json:"status"`
	Controls []string `json:"controls"`
	Labels   []string `json:"labels"`
	After    bool     `json:"after_seal"`
}

func (i item) labels() []ui.Lateness {
	out := make([]ui.Lateness, len(i.Labels))
	for n, l := range i.Labels {
		out[n] = ui.Lateness(l)
	}
	return out
}

func (i item) in(group string) bool {
	switch group {
	case afterSeal:
		return i.After
	case unlabelled:
		return !i.After && len(i.Labels) == 0
	}
	return !i.After && slices.Contains(i.Labels, group)
}

// itemGroup is the part of a group that stands on the page.
type itemGroup struct {
	Group string `json:"group"`
	Total int    `json:"total"`
	Items []item `json:"items"`
}

type evidenceList struct {
	Window summary     `json:"window"`
	Total  int         `json:"total"` // items; one with two labels stands in two groups
	Groups []itemGroup `json:"groups"`
}

type evidenceProps struct {
	frame
	filter ui.Filter
	table  ui.Table
	groups []itemGroup
}

// groupOrder is the order of the groups: what an auditor asks about first.
func groupOrder() []string {
	out := []string{afterSeal}
	for _, l := range evidence.LabelList {
		out = append(out, string(l))
	}
	return append(out, unlabelled)
}

// evidence handles GET /windows/{code}/evidence: ?label= one group, ?control= code,
// ?page= from 1. An item with two labels stands in both groups.
func (p Pages) evidence(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Windows.Policy.Require(ctx, authz.EvidenceRead); err != nil {
		return err
	}
	v, err := p.get(r)
	if err != nil {
		return err
	}
	ls, err := lines(ctx, v)
	if err != nil {
		return err
	}
	all, err := p.items(ctx, v, ls)
	if err != nil {
		return err
	}
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	code, label := r.FormValue("control"), r.FormValue("label")
	controls := []ui.Option{{Label: t("all_controls"), Chosen: code == ""}}
	for _, l := range ls {
		controls = append(controls, ui.Option{Value: l.Control, Label: l.Control + " " + l.Title, Chosen: l.Control == code})
	}
	if code != "" {
		all = slices.DeleteFunc(all, func(i item) bool { return !slices.Contains(i.Controls, code) })
	}
	seg := ui.Segments{Name: "label", Label: t("label"), Options: []ui.Segment{{Label: t("all"), Count: len(all), Chosen: label == ""}}}
	d := evidenceList{Window: v.summary, Total: len(all), Groups: []itemGroup{}}
	shown := 0
	for _, g := range groupOrder() {
		one := itemGroup{Group: g, Items: []item{}}
		for _, i := range all {
			if i.in(g) {
				one.Items = append(one.Items, i)
			}
		}
		one.Total = len(one.Items)
		if g != afterSeal || one.Total > 0 {
			seg.Options = append(seg.Options, ui.Segment{Value: g, Label: t("label." + g), Count: one.Total, Chosen: label == g})
		}
		if one.Total > 0 && (label == "" || label == g) {
			d.Groups = append(d.Groups, one)
			shown += one.Total
		}
	}
	page, from, to := pageOf(r, shown)
	d.Groups = cut(d.Groups, from, to)
	here := v.path("/evidence")
	s := evidenceProps{frame: p.frame(r, v, "evidence"), groups: d.Groups}
	s.filter = ui.Filter{Action: here, Target: "evidence", Label: t("filter"), Segments: &seg, Selects: []ui.FilterSelect{{Name: "control", Label: t("control"), Options: controls}}}
	s.table = ui.Table{ID: "evidence", Caption: t("evidence"), Announce: i18n.T(ctx, "windowspage.n_items", "Count", shown), Columns: []ui.Column{
		{Label: t("item")}, {Label: t("evidence_type")}, {Label: t("occurred")}, {Label: t("received"), Kind: ui.CellDate}, {Label: t("controls")}, {Label: t("label")}, {Label: t("status"), Kind: ui.CellStatus},
	}, Pager: pager(here, page, shown, url.Values{"label": {label}, "control": {code}})}
	if shown == 0 {
		s.table.Empty = empty(t("no_items"), t("no_items.text"), here, t("clear"), label != "" || code != "")
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, evidencePage(s))
}

// cut keeps the rows [from, to) of the groups put after one another.
func cut(groups []itemGroup, from, to int) []itemGroup {
	out := []itemGroup{}
	at := 0
	for _, g := range groups {
		a, b := max(from-at, 0), min(to-at, len(g.Items))
		at += len(g.Items)
		if a < b {
			g.Items = g.Items[a:b]
			out = append(out, g)
		}
	}
	return out
}

// items lists the window's evidence with its labels, newest occurrence first; for
// a sealed window also what came after the seal.
func (p Pages) items(ctx context.Context, v view, ls []line) ([]item, error) {
	ids, err := members(v.reader, v, evidence.Items.Name())
	if err != nil {
		return nil, err
	}
	late := map[string]bool{}
	codes := map[control.ID]string{}
	for _, l := range ls {
		codes[l.ID] = l.Control
		for _, o := range l.Occurrences {
			if o.State == window.Late {
				late[o.Evidence] = true
			}
		}
	}
	var out []item
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = true
		i, err := one(v.reader, v, id, codes)
		if err != nil {
			return nil, err
		}
		if i == nil {
			continue
		}
		if late[i.Code] {
			i.Labels = append([]string{string(evidence.PerformedLate)}, i.Labels...)
		}
		out = append(out, *i)
	}
	if v.entry.Value.Seal != nil {
		live := p.Store.Live(ctx)
		now, err := members(live, v, evidence.Items.Name())
		if err != nil {
			return nil, err
		}
		for _, id := range now {
			if known[id] {
				continue
			}
			i, err := one(live, v, id, codes)
			if err != nil {
				return nil, err
			}
			if i != nil {
				i.After = true
				out = append(out, *i)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b item) int {
		switch {
		case a.Occurred > b.Occurred:
			return -1
		case a.Occurred < b.Occurred:
			return 1
		}
		return 0
	})
	return out, nil
}

// one reads an item; nil if it was erased.
func one(r register.Reader, v view, id string, codes map[control.ID]string) (*item, error) {
	e, err := evidence.Items.Get(r, evidence.ID(id))
	if err != nil || e.Erased {
		return nil, err
	}
	f, err := evidence.Gather(r, e, v.cal, v.entry.Value.Categories, nil, nil)
	if err != nil {
		return nil, err
	}
	_, end := v.entry.Value.Bounds(v.cal)
	i := item{Code: e.Value.Code, Title: e.Value.Title, Type: string(e.Value.Type), Occurred: days(e.Value.Occurred(), v.cal), Received: ui.Day(f.Received), Status: string(e.Value.Status), Controls: []string{}, Labels: []string{}}
	if evidence.CapturedLate(&e.Value, f.Received, f.Controls) {
		i.Labels = append(i.Labels, string(evidence.LateCapture))
	}
	if l, ok := evidence.AfterPeriod(&e.Value, f.Received, end); ok {
		i.Labels = append(i.Labels, string(l))
	}
	for _, c := range e.Value.Controls {
		if code := codes[c]; code != "" {
			i.Controls = append(i.Controls, code)
		}
	}
	slices.Sort(i.Controls)
	return &i, nil
}

// days are the days an interval touches.
func days(in scope.Interval, cal scope.Calendar) string {
	first, last := in.FirstDay(cal), in.LastDay(cal)
	if first == last {
		return string(first)
	}
	return string(first) + " – " + string(last)
}

// members lists the ids of one register that the window speaks of: the selection
// that seal and package use.
func members(r register.Reader, v view, registerName string) ([]string, error) {
	all, err := window.Contents(r, &v.entry)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range all {
		if m.Register == registerName {
			out = append(out, m.ID)
		}
	}
	return out, nil
}

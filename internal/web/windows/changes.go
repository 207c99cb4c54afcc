package windows

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// change is one change to a control in scope, made while the window ran.
type change struct {
	Control string    `json:"control"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Fields  []string  `json:"fields"`
	Version int64     `json:"version"`
	id      string
}

// excluded is a control or a number of items that is left out of the window.
type excluded struct {
	What   string `json:"what"` // code of the control or of the check result
	Title  string `json:"title"`
	Why    string `json:"why"`
	Count  int    `json:"count"` // items of a check result, 0 for a control
	Href   string `json:"href"`
	By     string `json:"by"`
	Reason string `json:"reason"`
}

type changeList struct {
	Window   summary    `json:"window"`
	Changes  []change   `json:"changes"` // newest first
	Excluded []excluded `json:"excluded"`
}

type changeProps struct {
	frame
	list     changeList
	changes  ui.Table
	excluded ui.Table
	rows     []change
}

// changes handles GET /windows/{code}/changes: what changed in the window and what
// is left out of it, each with who and why. Nothing is hidden silently (A8).
func (p Pages) changes(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Windows.Policy.Require(ctx, authz.HistoryRead); err != nil {
		return err
	}
	v, err := p.get(r)
	if err != nil {
		return err
	}
	d := changeList{Window: v.summary}
	if d.Changes, err = changed(ctx, v); err != nil {
		return err
	}
	if d.Excluded, err = leftOut(ctx, v); err != nil {
		return err
	}
	page, from, to := pageOf(r, len(d.Changes))
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	s := changeProps{frame: p.frame(r, v, "changes"), list: d, rows: d.Changes[from:to]}
	s.changes = ui.Table{ID: "changes", Caption: t("tab.changes"), Columns: []ui.Column{
		{Label: t("control")}, {Label: t("when"), Kind: ui.CellDate}, {Label: t("by"), Kind: ui.CellOwner}, {Label: t("reason")}, {Label: t("fields")},
	}, Pager: pager(v.path("/changes"), page, len(d.Changes), map[string][]string{})}
	s.excluded = ui.Table{ID: "excluded", Caption: t("left_out"), Columns: []ui.Column{{Label: t("left_out_what")}, {Label: t("why")}, {Label: t("by"), Kind: ui.CellOwner}, {Label: t("reason")}}}
	if len(d.Changes) == 0 {
		s.changes.Empty = &ui.Empty{Icon: "history", Title: t("no_changes"), Text: t("no_changes.text")}
	}
	if len(d.Excluded) == 0 {
		s.excluded.Empty = &ui.Empty{Icon: "filter", Title: t("none_left_out"), Text: t("none_left_out.text")}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, changePage(s))
}

// changed lists versions of the window's controls that were recorded in it.
func changed(ctx context.Context, v view) ([]change, error) {
	cs, err := window.InScope(v.reader, &v.entry.Value)
	if err != nil {
		return nil, err
	}
	from, to := v.entry.Value.Bounds(v.cal)
	out := []change{}
	for _, c := range cs {
		h, err := control.Controls.History(v.reader, c.ID)
		if err != nil {
			return nil, err
		}
		for i := 1; i < len(h); i++ {
			if h[i].At.Before(from) || !h[i].At.Before(to) {
				continue
			}
			fields, err := register.Diff(h[i-1].Value, h[i].Value)
			if err != nil {
				return nil, err
			}
			one := change{Control: c.Value.Code, At: h[i].At, By: v.name(ctx, h[i].Actor), Reason: h[i].Reason, Version: h[i].Version, Fields: []string{}, id: c.ID.String()}
			for _, f := range fields {
				if !slices.Contains(one.Fields, f.Field) {
					one.Fields = append(one.Fields, f.Field)
				}
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b change) int { return b.At.Compare(a.At) })
	return out, nil
}

func (c change) href() string {
	return "/history/" + c.id + "#v" + strconv.FormatInt(c.Version, 10)
}

func (c change) fields() string { return strings.Join(c.Fields, ", ") }

// leftOut lists controls that meet a criterion in scope and still do not count,
// controls that ceased to bind in the window, and excluded items of check results.
func leftOut(ctx context.Context, v view) ([]excluded, error) {
	w := &v.entry.Value
	criteria, err := w.Criteria()
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, c := range criteria {
		in[c.ID] = true
	}
	all, err := control.All(v.reader)
	if err != nil {
		return nil, err
	}
	out := []excluded{}
	for _, c := range all {
		if !slices.ContainsFunc(c.Value.Criteria, func(id string) bool { return in[id] }) {
			continue
		}
		one := excluded{What: c.Value.Code, Title: text(ctx, c.Value.Title), Href: "/controls/" + c.Value.Code, By: v.name(ctx, c.Actor), Reason: c.Reason}
		_, last, ok := c.Value.Active(w.From, w.Last)
		switch {
		case ok && last == w.Last:
			continue
		case ok:
			one.Why = i18n.T(ctx, "windowspage.why.ceased", "Day", string(last))
		case c.Value.Status == control.Draft:
			one.Why = i18n.T(ctx, "windowspage.why.draft")
		case c.Value.EffectiveFrom > w.Last:
			one.Why = i18n.T(ctx, "windowspage.why.later", "Day", string(c.Value.EffectiveFrom))
		default:
			one.Why = i18n.T(ctx, "windowspage.why.earlier", "Day", string(c.Value.EffectiveTo))
		}
		if v.who.Is(authz.Auditor) && !ok {
			one.Href = "" // not part of what this reader may open
		}
		out = append(out, one)
	}
	if !v.who.Can(authz.PopulationRead) {
		return out, nil
	}
	ps, err := readPopulations(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, r := range ps.Results {
		if r.Excluded > 0 {
			out = append(out, excluded{What: r.Code, Title: r.Check, Count: r.Excluded, Href: "/checks/" + r.Code, Why: i18n.T(ctx, "windowspage.why.items", "Count", r.Excluded)})
		}
	}
	return out, nil
}

package windows

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

const pageSize = 100

// occurrence is one expected performance and its control.
type occurrence struct {
	Control string `json:"control"` // code
	Title   string `json:"title"`
	window.Occurrence
}

type occurrenceList struct {
	Window      summary      `json:"window"`
	Total       int          `json:"total"` // that match, on all pages
	Occurrences []occurrence `json:"occurrences"`
}

type occurrenceProps struct {
	frame
	filter ui.Filter
	table  ui.Table
	rows   []occurrence
	linked bool // the reader may open evidence
}

// occurrenceStates is the order of the filter.
var occurrenceStates = []window.State{window.OnTime, window.Late, window.Missed, window.Overdue, window.Due, window.NotDue}

// behind is a filter of two states: what was missed and what is overdue.
const behind window.State = "behind"

// occurrences handles GET /windows/{code}/occurrences: ?control= code, ?state=,
// ?page= from 1.
func (p Pages) occurrences(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	v, err := p.get(r)
	if err != nil {
		return err
	}
	ls, err := lines(ctx, v)
	if err != nil {
		return err
	}
	code, state := r.FormValue("control"), r.FormValue("state")
	counts := map[string]int{}
	found := []occurrence{}
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	controls := []ui.Option{{Label: t("all_controls"), Chosen: code == ""}}
	for _, l := range ls {
		if l.Basis != window.ByClock {
			continue
		}
		controls = append(controls, ui.Option{Value: l.Control, Label: l.Control + " " + l.Title, Chosen: code == l.Control})
		for _, o := range l.Occurrences {
			if code != "" && code != l.Control {
				continue
			}
			counts[""]++
			counts[string(o.State)]++
			late := o.State == window.Missed || o.State == window.Overdue
			if late {
				counts[string(behind)]++
			}
			if state == "" || state == string(o.State) || late && state == string(behind) {
				found = append(found, occurrence{l.Control, l.Title, o})
			}
		}
	}
	page, from, to := pageOf(r, len(found))
	d := occurrenceList{Window: v.summary, Total: len(found), Occurrences: found[from:to]}
	s := occurrenceProps{frame: p.frame(r, v, "occurrences"), rows: d.Occurrences, linked: v.who.Can(authz.EvidenceRead)}
	here := v.path("/occurrences")
	seg := ui.Segments{Name: "state", Label: t("state"), Options: []ui.Segment{{Label: t("all"), Count: counts[""], Chosen: state == ""}}}
	for _, st := range occurrenceStates {
		seg.Options = append(seg.Options, ui.Segment{Value: string(st), Label: t("state." + string(st)), Status: stateOf(st), Count: counts[string(st)], Chosen: state == string(st)})
	}
	seg.Options = slices.Insert(seg.Options, 1, ui.Segment{Value: string(behind), Label: t("state.behind"), Count: counts[string(behind)], Chosen: state == string(behind)})
	s.filter = ui.Filter{Action: here, Target: "occurrences", Label: t("filter"), Segments: &seg, Selects: []ui.FilterSelect{{Name: "control", Label: t("control"), Options: controls}}}
	s.table = ui.Table{ID: "occurrences", Caption: t("tab.occurrences"), Announce: i18n.T(ctx, "windowspage.n_occurrences", "Count", len(found)), Columns: []ui.Column{
		{Label: t("control")},
		{Label: t("due"), Kind: ui.CellDate},
		{Label: t("performed"), Kind: ui.CellDate},
		{Label: t("days_past"), Kind: ui.CellNum},
		{Label: t("evidence")},
		{Label: t("returned")},
		{Label: t("state"), Kind: ui.CellStatus},
	}, Pager: pager(here, page, len(found), url.Values{"state": {state}, "control": {code}})}
	if len(found) == 0 {
		s.table.Empty = empty(t("none_due"), t("none_due.text"), here, t("clear"), state != "" || code != "")
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, occurrencePage(s))
}

// period is the stretch of the calendar that an occurrence stands for.
func (o occurrence) period() string {
	if o.Slot.From == o.Slot.Due {
		return string(o.Slot.Due)
	}
	return string(o.Slot.From) + " – " + string(o.Slot.Due)
}

// pageOf reads ?page= and gives the part [from, to) of total that it shows.
func pageOf(r *http.Request, total int) (page, from, to int) {
	page, err := strconv.Atoi(r.FormValue("page"))
	if err != nil || page < 1 || (page-1) > total/pageSize || (page-1)*pageSize >= total {
		page = 1
	}
	return page, (page - 1) * pageSize, min(page*pageSize, total)
}

// pager leads through a long list; nil when it fits on one page.
func pager(path string, page, total int, q url.Values) *ui.Pager {
	if total <= pageSize {
		return nil
	}
	at := func(n int) string {
		q.Set("page", strconv.Itoa(n))
		return path + "?" + q.Encode()
	}
	out := &ui.Pager{From: (page-1)*pageSize + 1, To: min(page*pageSize, total), Total: total}
	if page > 1 {
		out.Prev = at(page - 1)
	}
	if out.To < total {
		out.Next = at(page + 1)
	}
	return out
}

// empty is a list without rows: nothing here, or nothing that matches.
func empty(title, text, all, clearLabel string, filtered bool) *ui.Empty {
	e := &ui.Empty{Icon: "calendar", Title: title, Text: text}
	if filtered {
		e.Icon, e.Quiet, e.Action = "search", true, &ui.Action{Label: clearLabel, Href: all}
	}
	return e
}

func day(d scope.Day) string {
	if d == "" {
		return "–"
	}
	return string(d)
}

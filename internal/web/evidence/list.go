package evidence

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	domain "bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// listed is one item of the list.
type listed struct {
	Code        string         `json:"code"`
	Title       string         `json:"title"`
	Type        domain.Type    `json:"type"`
	Status      domain.Status  `json:"status"`
	First       string         `json:"occurred_first"` // days, both included
	Last        string         `json:"occurred_last"`
	Controls    []string       `json:"controls"` // codes
	PerformedBy string         `json:"performed_by"`
	Labels      []domain.Label `json:"labels"`
	Ledger      int64          `json:"ledger_index"` // of the newest version
	Href        string         `json:"href"`
	occurred    string
	source      domain.Source
	files       []domain.File
}

// listData is the list as JSON.
type listData struct {
	Items  []listed              `json:"items"`
	Total  int                   `json:"total"` // that the filter finds
	Counts map[domain.Status]int `json:"counts"`
	Next   string                `json:"next"` // address of the next page, ""
}

// list handles GET /evidence.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sight(r)
	if err != nil {
		return err
	}
	d, err := p.desk(r.Context())
	if err != nil {
		return err
	}
	f := readFilter(r)
	all, err := p.search(d, s, f)
	if err != nil {
		return err
	}
	rows, start, prev := all.page(f.Before)
	data := listData{Items: []listed{}, Total: len(all.rows), Counts: all.counts}
	for _, row := range rows {
		l, err := d.listed(row)
		if err != nil {
			return err
		}
		data.Items = append(data.Items, l)
	}
	pager := ui.Pager{From: start + 1, To: start + len(rows), Total: len(all.rows)}
	if start+len(rows) < len(all.rows) {
		next := f
		next.Before = rows[len(rows)-1].Key
		data.Next = next.address("/evidence")
		pager.Next = data.Next
	}
	if prev >= 0 {
		before := f
		before.Before = prev
		pager.Prev = before.address("/evidence")
	}
	props, err := p.listProps(r, d, s, f, all, data, pager)
	if err != nil {
		return err
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, listPage(props))
}

// listed reads what a row of the list shows beyond the index.
func (d *desk) listed(row register.Row) (listed, error) {
	e, err := domain.Items.Get(d.r, domain.ID(row.ID))
	if err != nil {
		return listed{}, err
	}
	v := &e.Value
	received, err := d.received(e)
	if err != nil {
		return listed{}, err
	}
	l := listed{
		Code: v.Code, Title: v.Title, Type: v.Type, Status: v.Status, PerformedBy: d.person(v.PerformedBy),
		Ledger: e.Seq, Href: "/evidence/" + v.Code, occurred: d.occurred(v), source: v.Source, files: v.Files,
	}
	first, last := d.days(v)
	l.First, l.Last = string(first), string(last)
	if l.occurred != l.First { // in a row the days are enough
		if l.occurred = l.First; first != last {
			l.occurred += " – " + l.Last
		}
	}
	if l.Controls, err = d.codes(v); err != nil {
		return l, err
	}
	l.Labels, err = d.labels(v, received)
	return l, err
}

func (p Pages) listProps(r *http.Request, d *desk, s sight, f filter, all found, data listData, pager ui.Pager) (listProps, error) {
	ctx := r.Context()
	t := func(key string, args ...any) string { return i18n.T(ctx, "evidencepage."+key, args...) }
	v := listProps{
		Shell: p.Shell.Props(r, t("list")),
		Head:  ui.Head{Title: t("list"), Sub: t("list.sub"), Secondary: []ui.Action{{Label: t("export"), Icon: "download", Href: f.address("/evidence.csv"), Download: "evidence.csv"}}},
		Rows:  data.Items,
	}
	if s.who.Is(authz.Auditor) {
		v.Head.Sub = t("list.sub_auditor")
	}
	add := ui.Action{Label: t("add"), Icon: "plus", Href: "/evidence/new"}
	if s.who.Can(authz.EvidenceAdd) {
		v.Head.Primary = &add
	}
	if !all.any && f.empty() {
		v.Head.Primary, v.Head.Secondary = nil, nil // the empty list has the button
	}
	var err error
	if v.Filter, err = d.filterBar(f, all, s); err != nil {
		return v, err
	}
	v.Table = ui.Table{
		ID: "items", Caption: t("list"), Announce: t("count", "Count", len(all.rows)),
		Columns: []ui.Column{
			{Label: t("col.item")},
			{Label: t("col.type")},
			{Label: t("col.occurred"), Kind: ui.CellDate},
			{Label: t("col.controls")},
			{Label: t("col.performer"), Kind: ui.CellOwner},
			{Label: t("col.ledger"), Kind: ui.CellNum},
			{Label: t("col.status"), Kind: ui.CellStatus},
		},
	}
	switch {
	case len(data.Items) > 0:
		v.Table.Pager = &pager
	case f.empty():
		v.Table.Empty = &ui.Empty{Icon: "fingerprint", Title: t("none"), Text: t("none.text")}
		if s.who.Can(authz.EvidenceAdd) {
			v.Table.Empty.Action = &add
		} else if s.who.Is(authz.Auditor) {
			v.Table.Empty.Text = t("none.auditor")
		}
	default:
		v.Table.Empty = &ui.Empty{
			Icon: "search", Title: t("no_match"), Text: t("no_match.text"), Quiet: true,
			Action: &ui.Action{Label: t("clear"), Href: "/evidence"},
		}
	}
	return v, nil
}

// filterBar is the form above the list.
func (d *desk) filterBar(f filter, all found, s sight) (ui.Filter, error) {
	t := func(key string) string { return i18n.T(d.ctx, "evidencepage."+key) }
	out := ui.Filter{
		Action: "/evidence", Target: "items", Label: t("filter"),
		Search: &ui.Search{Name: "q", Value: f.Text, Hint: t("filter.hint")},
	}
	total := 0
	for _, n := range all.counts {
		total += n
	}
	seg := &ui.Segments{Name: "status", Label: t("col.status"), Options: []ui.Segment{{Label: t("filter.all"), Count: total, Chosen: f.Status == ""}}}
	for _, x := range statuses {
		state := ui.Status("evidence." + string(x))
		seg.Options = append(seg.Options, ui.Segment{Value: string(x), Label: state.Word(d.ctx), Status: state, Count: all.counts[x], Chosen: f.Status == x})
	}
	out.Segments = seg
	cs, err := control.Controls.List(d.r, register.Query{Oldest: true})
	if err != nil {
		return out, err
	}
	slices.SortFunc(cs, func(a, b register.Row) int { return strings.Compare(a.Code, b.Code) })
	controls := ui.FilterSelect{Name: "control", Label: t("col.controls"), Options: []ui.Option{{Label: t("filter.controls")}}}
	for _, c := range cs {
		if c.Code != "" {
			controls.Options = append(controls.Options, ui.Option{Value: c.Code, Label: c.Code + " " + c.Title, Chosen: f.Control == c.Code})
		}
	}
	out.Selects = append(out.Selects, controls)
	if !s.who.Is(authz.Auditor) {
		whose := ui.FilterSelect{Name: "whose", Label: t("filter.whose"), Options: []ui.Option{{Label: t("filter.everybody")}, {Value: mine, Label: t("filter.mine"), Chosen: f.Whose == mine}}}
		if s.who.Can(authz.EvidenceReview) {
			whose.Options = append(whose.Options, ui.Option{Value: forMe, Label: t("filter.review"), Chosen: f.Whose == forMe})
		}
		out.Selects = append(out.Selects, whose)
	}
	labels := ui.FilterSelect{Name: "label", Label: t("filter.label"), Options: []ui.Option{{Label: t("filter.labels")}}}
	for _, l := range domain.LabelList {
		labels.Options = append(labels.Options, ui.Option{Value: string(l), Label: i18n.T(d.ctx, "ui.lateness."+string(l)), Chosen: f.Label == l})
	}
	out.Selects = append(out.Selects, labels)
	return out, nil
}

// export handles GET /evidence.csv: exactly what the filter finds, all pages.
// Cells that a spreadsheet would run as a formula are made text.
func (p Pages) export(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sight(r)
	if err != nil {
		return err
	}
	d, err := p.desk(r.Context())
	if err != nil {
		return err
	}
	all, err := p.search(d, s, readFilter(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="evidence.csv"`)
	out := csv.NewWriter(w)
	if err := out.Write([]string{"code", "title", "type", "occurred_first", "occurred_last", "controls", "performed_by", "status", "labels", "source", "locator", "method", "files", "sha256", "ledger_index"}); err != nil {
		return fmt.Errorf("web/evidence: export: %w", err)
	}
	for _, row := range all.rows {
		l, err := d.listed(row)
		if err != nil {
			return p.cut(r, err)
		}
		var labels, names, sums []string
		for _, x := range l.Labels {
			labels = append(labels, string(x))
		}
		for _, x := range l.files {
			names, sums = append(names, x.Name), append(sums, x.SHA256)
		}
		cells := []string{
			l.Code, l.Title, string(l.Type), l.First, l.Last, strings.Join(l.Controls, "; "), l.PerformedBy, string(l.Status), strings.Join(labels, "; "),
			l.source.System, l.source.Locator, string(l.source.Method), strings.Join(names, "; "), strings.Join(sums, "; "), fmt.Sprint(l.Ledger),
		}
		for i := range cells {
			cells[i] = population.SafeCell(cells[i])
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("web/evidence: export: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("web/evidence: export: %w", err)
	}
	return nil
}

// cut ends an answer that has begun and cannot be finished: the connection is
// broken off, so that half a list is not taken for a whole one.
func (p Pages) cut(r *http.Request, err error) error {
	p.Shell.Log.ErrorContext(r.Context(), "answer cut short", "path", r.URL.Path, "error", err)
	panic(http.ErrAbortHandler)
}

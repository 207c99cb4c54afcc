package checks

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"bevis/internal/check"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

func showHead(ctx context.Context, p showProps) ui.Head {
	code := p.data.Result.Code
	csv := "/checks/" + code + ".csv"
	if p.data.Filter != "" {
		csv += "?status=" + string(p.data.Filter)
	}
	h := ui.Head{
		Title:   p.shell.Title,
		Sub:     i18n.T(ctx, "checkspage.show.sub", "Dataset", p.data.Result.Dataset.Name, "Period", p.data.Result.Days.String()),
		Eyebrow: showEyebrow(p),
		Secondary: []ui.Action{
			{Label: "CSV", Icon: "download", Href: csv, Download: code + ".csv"},
			{Label: "JSON", Icon: "download", Href: "/checks/" + code + ".json", Download: code + ".json"},
		},
	}
	if p.run {
		h.Primary = &ui.Action{Label: i18n.T(ctx, "checkspage.again"), Icon: "refresh", Post: "/populations/" + p.data.Result.Dataset.Code + "/check/" + p.data.Result.Check}
	}
	return h
}

// showKpis are the counts, each with the items behind it.
func showKpis(ctx context.Context, p showProps) []ui.Kpi {
	r := p.data.Result
	kpi := func(key string, n int, s check.ItemStatus) ui.Kpi {
		return ui.Kpi{Label: i18n.T(ctx, key), Value: ui.Num(ctx, n), Href: statusHref(r.Code, s)}
	}
	passed := kpi("checkspage.kpi.passed", r.Passed, check.ItemPass)
	passed.Of = ui.Num(ctx, r.Population.Items)
	return []ui.Kpi{
		kpi("checkspage.kpi.deviations", r.Deviations, check.ItemDeviation),
		kpi("checkspage.kpi.undetermined", r.NotDeterminable, check.ItemNotDeterminable),
		kpi("checkspage.kpi.excluded", r.Excluded, check.ItemExcluded),
		passed,
	}
}

func statusHref(code string, s check.ItemStatus) string {
	return "/checks/" + code + "?status=" + string(s) + "#items"
}

func showFilter(ctx context.Context, p showProps) ui.Filter {
	r := p.data.Result
	counts := map[check.ItemStatus]int{
		check.ItemDeviation: r.Deviations, check.ItemNotDeterminable: r.NotDeterminable, check.ItemExcluded: r.Excluded, check.ItemPass: r.Passed,
	}
	options := []ui.Segment{{Label: i18n.T(ctx, "checkspage.item.all"), Count: r.Population.Items, Chosen: p.data.Filter == ""}}
	for _, s := range order {
		look, key := itemPill(s)
		options = append(options, ui.Segment{Value: string(s), Label: i18n.T(ctx, key), Status: look, Count: counts[s], Chosen: p.data.Filter == s})
	}
	return ui.Filter{
		Action: "/checks/" + r.Code, Target: "items", Label: i18n.T(ctx, "checkspage.items.filter"),
		Segments: &ui.Segments{Name: "status", Label: i18n.T(ctx, "checkspage.status"), Options: options},
	}
}

func itemsTable(ctx context.Context, p showProps) ui.Table {
	t := ui.Table{
		ID: "items", Caption: i18n.T(ctx, "checkspage.items"), Pager: p.pager,
		Announce: i18n.T(ctx, "checkspage.items.count", "Count", p.data.ItemsPage.Total),
		Columns: []ui.Column{
			column(ctx, "checkspage.item.reason", ui.CellText), column(ctx, "checkspage.item", ui.CellText),
			column(ctx, "checkspage.item.repository", ui.CellText), column(ctx, "checkspage.item.occurred", ui.CellDate),
			column(ctx, "checkspage.status", ui.CellStatus),
		},
	}
	switch {
	case len(p.data.Items) > 0:
	case p.data.Filter != "":
		t.Empty = &ui.Empty{
			Icon: "search", Title: i18n.T(ctx, "checkspage.items.none.filtered"), Text: i18n.T(ctx, "checkspage.items.none.filtered.text"), Quiet: true,
			Action: &ui.Action{Label: i18n.T(ctx, "checkspage.items.all"), Href: "/checks/" + p.data.Result.Code},
		}
	default:
		t.Empty = &ui.Empty{Icon: "rows", Title: i18n.T(ctx, "checkspage.items.none"), Text: p.data.Explanation}
	}
	return t
}

func itemTitle(ctx context.Context, it itemLine) string {
	if it.ReasonText != "" {
		return it.ReasonText
	}
	_, key := itemPill(it.Status)
	return i18n.T(ctx, key)
}

func controlRefs(all []controlRef) []ui.Reference {
	out := make([]ui.Reference, 0, len(all))
	for _, c := range all {
		out = append(out, ui.Reference{Code: c.Code, Title: c.Title, Href: "/controls/" + c.Code})
	}
	return out
}

func parameterLines(all map[string]int64) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		out = append(out, k+": "+strconv.FormatInt(all[k], 10))
	}
	return out
}

func ledgerHref(index int64) templ.SafeURL {
	return templ.URL("/ledger/" + strconv.FormatInt(index, 10))
}

package populations

import (
	"context"

	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

func column(ctx context.Context, key string, kind ui.CellKind) ui.Column {
	return ui.Column{Label: i18n.T(ctx, key), Kind: kind}
}

func datasetTable(ctx context.Context, p listProps) ui.Table {
	t := ui.Table{
		ID: "datasets", Caption: i18n.T(ctx, "populationspage.datasets"), Pager: p.pager,
		Announce: i18n.T(ctx, "populationspage.count", "Count", p.data.DatasetsPage.Total),
		Columns: []ui.Column{
			column(ctx, "populationspage.dataset", ui.CellText), column(ctx, "populationspage.source", ui.CellText),
			column(ctx, "populationspage.items", ui.CellNum), column(ctx, "populationspage.period", ui.CellText),
			column(ctx, "populationspage.digest", ui.CellText), column(ctx, "populationspage.completeness", ui.CellStatus),
		},
	}
	if len(p.data.Datasets) == 0 {
		t.Empty = &p.none
	}
	return t
}

func runTable(ctx context.Context, p listProps) ui.Table {
	t := ui.Table{
		ID: "runs", Caption: i18n.T(ctx, "populationspage.runs"), Pager: p.runs,
		Columns: []ui.Column{
			column(ctx, "populationspage.run", ui.CellText), column(ctx, "populationspage.source", ui.CellText),
			column(ctx, "populationspage.items", ui.CellNum), column(ctx, "populationspage.period", ui.CellText),
			column(ctx, "populationspage.failure", ui.CellDiff),
			column(ctx, "populationspage.outcome", ui.CellStatus),
		},
	}
	if len(p.data.Runs) == 0 {
		t.Empty = &ui.Empty{Icon: "history", Title: i18n.T(ctx, "populationspage.runs.none"), Text: i18n.T(ctx, "populationspage.runs.none.text")}
	}
	return t
}

// runName is the source's name; a run that failed early does not know it.
func runName(r runLine) string {
	if r.Name == "" {
		return r.Source
	}
	return r.Name
}

func datasetHref(code string) string {
	if code == "" {
		return ""
	}
	return "/populations/" + code
}

package populations

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

func ledgerHref(index int64) templ.SafeURL {
	return templ.URL("/ledger/" + strconv.FormatInt(index, 10))
}

func showHead(ctx context.Context, p showProps) ui.Head {
	code := p.data.Dataset.Code
	h := ui.Head{
		Title: p.data.Dataset.Name, Sub: i18n.T(ctx, "populationspage.show.sub", "Entity", entityWord(ctx, p.data.Dataset.Entity), "Period", p.data.Days.String()),
		Eyebrow: showEyebrow(p),
		Secondary: []ui.Action{
			{Label: "CSV", Icon: "download", Href: "/populations/" + code + ".csv", Download: code + ".csv"},
			{Label: "Parquet", Icon: "download", Href: "/populations/" + code + ".parquet", Download: code + ".parquet"},
		},
	}
	if p.mayFreeze {
		h.Primary = &ui.Action{Label: i18n.T(ctx, "populationspage.freeze"), Icon: "seal", Href: "/populations/" + code + "/freeze"}
	}
	return h
}

func showKpis(ctx context.Context, p showProps) []ui.Kpi {
	s := &p.data.Dataset.Statement
	return []ui.Kpi{
		{Label: i18n.T(ctx, "populationspage.kpi.items"), Value: ui.Num(ctx, s.Items), Href: "#rows-title"},
		{Label: i18n.T(ctx, "populationspage.kpi.before"), Value: ui.Num(ctx, s.Before), Href: "#statement"},
		{Label: i18n.T(ctx, "populationspage.kpi.after"), Value: ui.Num(ctx, s.After), Href: "#statement"},
		{Label: i18n.T(ctx, "populationspage.kpi.total"), Value: ui.Num(ctx, s.Total), Href: "#statement"},
	}
}

func statementFrame(ctx context.Context) ui.Table {
	return ui.Table{ID: "statement-table", Caption: i18n.T(ctx, "populationspage.statement"), Columns: []ui.Column{
		column(ctx, "populationspage.st.fact", ui.CellText), column(ctx, "populationspage.st.value", ui.CellText),
	}}
}

func checksFrame(ctx context.Context) ui.Table {
	return ui.Table{ID: "checks-table", Caption: i18n.T(ctx, "populationspage.checks"), Columns: []ui.Column{
		column(ctx, "populationspage.check", ui.CellText), column(ctx, "populationspage.criteria", ui.CellText),
		column(ctx, "populationspage.deviations", ui.CellNum), column(ctx, "populationspage.newest", ui.CellStatus),
		{Label: i18n.T(ctx, "populationspage.checks.run"), Kind: ui.CellAction, Hidden: true},
	}}
}

func freezesFrame(ctx context.Context, p showProps) ui.Table {
	t := ui.Table{ID: "freezes-table", Caption: i18n.T(ctx, "populationspage.freezes"), Columns: []ui.Column{
		column(ctx, "populationspage.freeze.day", ui.CellText), column(ctx, "populationspage.items", ui.CellNum),
		column(ctx, "populationspage.digest", ui.CellText), column(ctx, "populationspage.freeze.at", ui.CellDate),
		column(ctx, "populationspage.freeze.by", ui.CellOwner), column(ctx, "populationspage.ledger", ui.CellNum),
	}}
	if len(p.data.Freezes) == 0 {
		t.Empty = &ui.Empty{Icon: "seal", Title: i18n.T(ctx, "populationspage.freezes.none"), Text: i18n.T(ctx, "populationspage.freezes.none.text")}
	}
	return t
}

func rowsFrame(ctx context.Context, p showProps) ui.Table {
	t := ui.Table{ID: "rows", Caption: i18n.T(ctx, "populationspage.rows"), Pager: p.pager, Columns: []ui.Column{
		column(ctx, "populationspage.row.subject", ui.CellText), column(ctx, "populationspage.row.item", ui.CellText),
		column(ctx, "populationspage.row.occurred", ui.CellText), column(ctx, "populationspage.row.author", ui.CellText),
		column(ctx, "populationspage.row.reviews", ui.CellText), column(ctx, "populationspage.row.references", ui.CellText),
	}}
	if len(p.data.Rows) == 0 {
		key := "populationspage.rows.none.unproven"
		if p.data.Dataset.Statement.Complete {
			key = "populationspage.rows.none.proven"
		}
		t.Empty = &ui.Empty{Icon: "rows", Title: i18n.T(ctx, "populationspage.rows.none"), Text: i18n.T(ctx, key)}
	}
	return t
}

func filesFrame(ctx context.Context) ui.Table {
	return ui.Table{ID: "files-table", Caption: i18n.T(ctx, "populationspage.files"), Columns: []ui.Column{
		column(ctx, "populationspage.files.name", ui.CellText), column(ctx, "populationspage.files.what", ui.CellText),
		column(ctx, "populationspage.files.size", ui.CellNum),
		{Label: "SHA-256"},
	}}
}

// fileLine is something to save.
type fileLine struct{ name, what, size, sha256, href string }

func filesOf(ctx context.Context, d population.Record) []fileLine {
	base := "/populations/" + d.Code
	out := []fileLine{
		{d.Code + ".csv", i18n.T(ctx, "populationspage.files.csv"), "", "", base + ".csv"},
		{d.Code + ".parquet", i18n.T(ctx, "populationspage.files.parquet"), ui.Bytes(ctx, d.File.Size), d.File.SHA256, base + ".parquet"},
	}
	for i, r := range d.Raw {
		out = append(out, fileLine{r.Name, i18n.T(ctx, "populationspage.files.raw"), ui.Bytes(ctx, r.Size), r.SHA256, base + "/raw/" + strconv.Itoa(i+1)})
	}
	return out
}

func resultLinks(ctx context.Context, all []resultLine) []ui.LinkItem {
	out := make([]ui.LinkItem, 0, len(all))
	for _, r := range all {
		out = append(out, ui.LinkItem{
			Status: ui.Status("check." + string(r.Status)), Href: "/checks/" + r.Code, Note: r.Days.String(),
			Title: i18n.T(ctx, "populationspage.results.line", "Code", r.Code, "Check", r.Check, "Version", r.Version, "Count", r.Deviations),
		})
	}
	return out
}

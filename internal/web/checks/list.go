package checks

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/check"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

// resultLine is a result in the list.
type resultLine struct {
	Code            string       `json:"code"`
	Check           string       `json:"check"`
	Title           string       `json:"title"`
	Version         int          `json:"version"`
	Status          check.Status `json:"status"`
	Dataset         datasetRef   `json:"dataset"`
	Days            span         `json:"days"`
	From            string       `json:"from"`
	To              string       `json:"to"`
	Population      check.Tested `json:"population"`
	Passed          int          `json:"passed"`
	Deviations      int          `json:"deviations"`
	NotDeterminable int          `json:"not_determinable"`
	Excluded        int          `json:"excluded"`
	Controls        []controlRef `json:"controls"`
	At              string       `json:"at"`
	Ledger          int64        `json:"ledger"`
}

// checkLine is a check of the catalogue.
type checkLine struct {
	ID             string   `json:"id"`
	Version        int      `json:"version"`
	Title          string   `json:"title"`
	Schema         string   `json:"schema"`
	Criteria       []string `json:"criteria"`
	Rationale      string   `json:"rationale"`
	Deviation      string   `json:"deviation"`
	FalsePositives string   `json:"false_positives"`
	SQL            string   `json:"sql"`
	SHA256         string   `json:"sha256"`
}

type listData struct {
	// Kind says what the results are: management's monitoring.
	Kind      string       `json:"kind"`
	Results   []resultLine `json:"results"` // the newest of each check and dataset
	Page      cut          `json:"page"`
	Catalogue []checkLine  `json:"catalogue"`
}

// monitoring is what every result is called in data.
const monitoring = "management_monitoring"

// list handles GET /checks.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, err := p.read(ctx)
	if err != nil {
		return err
	}
	all, err := in.results()
	if err != nil {
		return err
	}
	catalogue, err := check.Catalogue()
	if err != nil {
		return err
	}
	newest := newestOfEach(all)
	data := listData{Kind: monitoring, Results: []resultLine{}, Page: cutOf(r.URL.Query(), len(newest)), Catalogue: []checkLine{}}
	for _, c := range catalogue {
		data.Catalogue = append(data.Catalogue, catalogueLine(ctx, c))
	}
	a, z := data.Page.bounds()
	for _, e := range newest[a:z] {
		l, err := in.line(e, data.Catalogue)
		if err != nil {
			return err
		}
		data.Results = append(data.Results, l)
	}
	props := listProps{
		shell:  p.Shell.Props(r, i18n.T(ctx, "checkspage.title")).In(in.cal.Zone()),
		data:   data,
		groups: byControl(ctx, data.Results),
		pager:  pagerOf("/checks", r.URL.Query(), data.Page),
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, listPage(props))
}

// newestOfEach keeps the newest result of each check and dataset. all is newest
// first, and so is what comes back.
func newestOfEach(all []result) []result {
	type pair struct{ check, dataset string }
	seen := map[pair]bool{}
	out := []result{}
	for _, e := range all {
		k := pair{e.Value.Check, e.Value.Dataset.String()}
		if !seen[k] {
			seen[k] = true
			out = append(out, e)
		}
	}
	return out
}

func (r reader) line(e result, catalogue []checkLine) (resultLine, error) {
	v := &e.Value
	l := resultLine{
		Code: v.Code, Check: v.Check, Title: v.Check, Version: v.Version, Status: v.Status, Days: r.span(v), From: v.From, To: v.To,
		Population: v.Population, Passed: v.Passed, Deviations: v.Deviations, NotDeterminable: v.Undetermined, Excluded: v.Excluded,
		At: e.At.UTC().Format(population.TimeLayout), Ledger: e.Seq,
	}
	if i := slices.IndexFunc(catalogue, func(c checkLine) bool { return c.ID == v.Check }); i >= 0 {
		l.Title = catalogue[i].Title
	}
	var err error
	if l.Dataset, err = r.dataset(v.Dataset); err != nil {
		return l, err
	}
	l.Controls, err = r.controls(v.Controls)
	return l, err
}

func catalogueLine(ctx context.Context, c check.Check) checkLine {
	return checkLine{
		ID: c.ID, Version: c.Version, Title: inLang(ctx, c.Title), Schema: c.Schema, Criteria: append([]string{}, c.Criteria...),
		Rationale: inLang(ctx, c.Rationale), Deviation: inLang(ctx, c.Deviation), FalsePositives: inLang(ctx, c.FalsePositives),
		SQL: c.SQL, SHA256: c.SHA256,
	}
}

// controlGroup is the results that bear on one control; a result that bears on two
// stands under both.
type controlGroup struct {
	code, title string
	results     []resultLine
}

// byControl groups results by control code; those without a control come last.
func byControl(ctx context.Context, all []resultLine) []controlGroup {
	var out []controlGroup
	var rest []resultLine
	for _, l := range all {
		if len(l.Controls) == 0 {
			rest = append(rest, l)
		}
		for _, c := range l.Controls {
			i := slices.IndexFunc(out, func(g controlGroup) bool { return g.code == c.Code })
			if i < 0 {
				out = append(out, controlGroup{code: c.Code, title: c.Title})
				i = len(out) - 1
			}
			out[i].results = append(out[i].results, l)
		}
	}
	slices.SortFunc(out, func(a, b controlGroup) int { return strings.Compare(a.code, b.code) })
	if len(rest) > 0 {
		out = append(out, controlGroup{title: i18n.T(ctx, "checkspage.no_control"), results: rest})
	}
	return out
}

func listTable(ctx context.Context, p listProps) ui.Table {
	t := ui.Table{ID: "results", Caption: i18n.T(ctx, "checkspage.results"), Pager: p.pager, Columns: []ui.Column{
		column(ctx, "checkspage.check", ui.CellText), column(ctx, "checkspage.population", ui.CellText),
		column(ctx, "checkspage.window", ui.CellText), column(ctx, "checkspage.items", ui.CellNum),
		column(ctx, "checkspage.deviations", ui.CellNum), column(ctx, "checkspage.undetermined", ui.CellNum),
		column(ctx, "checkspage.status", ui.CellStatus),
	}}
	if len(p.data.Results) == 0 {
		t.Empty = &ui.Empty{
			Icon: "test", Title: i18n.T(ctx, "checkspage.results.none"), Text: i18n.T(ctx, "checkspage.results.none.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "checkspage.to_populations"), Href: "/populations"}, Quiet: true,
		}
	}
	return t
}

func column(ctx context.Context, key string, kind ui.CellKind) ui.Column {
	return ui.Column{Label: i18n.T(ctx, key), Kind: kind}
}

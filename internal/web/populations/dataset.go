package populations

import (
	"context"
	"net/http"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

// freezeLine is a freeze of the dataset.
type freezeLine struct {
	Until  string `json:"until"` // last day included
	Items  int    `json:"items"`
	SHA256 string `json:"sha256"`
	At     string `json:"at"`
	By     string `json:"by"` // account or actor
	Ledger int64  `json:"ledger"`
	who    string // name for people
}

// resultLine is a check result over the dataset.
type resultLine struct {
	Code            string       `json:"code"`
	Check           string       `json:"check"`
	Version         int          `json:"version"`
	Status          check.Status `json:"status"`
	Days            span         `json:"days"`
	Items           int          `json:"items"`
	Passed          int          `json:"passed"`
	Deviations      int          `json:"deviations"`
	NotDeterminable int          `json:"not_determinable"`
	Excluded        int          `json:"excluded"`
}

// rowLine is a row as the preview shows it.
type rowLine struct {
	Repository string   `json:"repository"`
	Item       string   `json:"item"`
	OccurredAt string   `json:"occurred_at"`
	Author     string   `json:"author"`
	Subject    string   `json:"subject"`
	Reviews    []string `json:"reviews"` // as written in the source
	References []string `json:"references"`
	at         population.Time
}

type showData struct {
	ID       string            `json:"id"`
	Ledger   int64             `json:"ledger"` // index of the entry
	By       string            `json:"by"`
	Days     span              `json:"days"`
	Dataset  population.Record `json:"dataset"`
	Freezes  []freezeLine      `json:"freezes"`
	Results  []resultLine      `json:"results"` // newest first
	Rows     []rowLine         `json:"rows"`
	RowsPage cut               `json:"rows_page"`
}

// show handles GET /populations/{code}, with .csv and .parquet for the rows.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	code, kind, _ := strings.Cut(r.PathValue("code"), ".")
	in, err := p.read(r.Context())
	if err != nil {
		return err
	}
	d, err := in.dataset(code)
	if err != nil {
		return err
	}
	switch kind {
	case "":
		return p.page(w, r, in, d)
	case "csv":
		return p.csv(w, r, d)
	case "parquet":
		return p.stored(w, r, d.Value.Code+".parquet", d.Value.File)
	}
	return notFound(r.PathValue("code"))
}

func (p Pages) page(w http.ResponseWriter, r *http.Request, in reader, d dataset) error {
	ctx := r.Context()
	data, err := p.data(ctx, r, in, d)
	if err != nil {
		return err
	}
	names, err := p.Shell.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	name := func(id string) string {
		if n, ok := names[id]; ok {
			return n
		}
		return id
	}
	for i := range data.Freezes {
		data.Freezes[i].who = name(data.Freezes[i].By)
	}
	checks, err := check.Catalogue()
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	props := showProps{
		shell:     p.Shell.Props(r, d.Value.Name, ui.Link{Label: i18n.T(ctx, "populationspage.title"), Href: "/populations"}).In(in.cal.Zone()),
		data:      data,
		statement: statement(ctx, in, d, name),
		checks:    checkLines(ctx, checks, data, who.Can(authz.CheckRun)),
		pager:     pagerOf("/populations/"+d.Value.Code, r.URL.Query(), "page", data.RowsPage),
		mayFreeze: who.Can(authz.PopulationFreeze),
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, showPage(props))
}

func (p Pages) data(ctx context.Context, r *http.Request, in reader, d dataset) (showData, error) {
	from, to := d.Value.Period()
	out := showData{ID: d.ID.String(), Ledger: d.Seq, By: d.Actor, Days: in.span(from, to), Dataset: d.Value, Freezes: []freezeLine{}, Results: []resultLine{}}
	st := &out.Dataset.Statement
	st.Query, st.Gaps, st.Reasons, out.Dataset.Raw = list(st.Query), list(st.Gaps), list(st.Reasons), list(out.Dataset.Raw)
	freezes, err := in.freezes(d)
	if err != nil {
		return out, err
	}
	for _, f := range freezes {
		out.Freezes = append(out.Freezes, freezeLine{
			Until: string(f.Value.Until), Items: f.Value.Items, SHA256: f.Value.SHA256, At: f.At.UTC().Format(population.TimeLayout), By: f.Actor, Ledger: f.Seq,
		})
	}
	results, err := in.results(d)
	if err != nil {
		return out, err
	}
	out.Results = resultLines(in, results)
	out.RowsPage = cutOf(r.URL.Query(), "page", d.Value.Items)
	out.Rows, err = p.rows(ctx, d, out.RowsPage)
	return out, err
}

func resultLines(in reader, results []result) []resultLine {
	out := []resultLine{}
	for _, e := range newestFirst(results) {
		v := &e.Value
		a, z := v.Period()
		out = append(out, resultLine{
			Code: v.Code, Check: v.Check, Version: v.Version, Status: v.Status, Days: in.span(a, z), Items: v.Population.Items,
			Passed: v.Passed, Deviations: v.Deviations, NotDeterminable: v.Undetermined, Excluded: v.Excluded,
		})
	}
	return out
}

// rows reads one page of rows, in the order of the file: by repository and item.
// The digest of the whole dataset is computed again on the way, so rows that are
// not the recorded ones are never shown.
func (p Pages) rows(ctx context.Context, d dataset, page cut) (out []rowLine, err error) {
	from, to := d.Value.Period()
	rows, done, err := population.Rows(ctx, p.Populations.Blobs, &d.Value, from, to)
	if err != nil {
		return nil, err
	}
	defer done() //nolint:errcheck // reading only
	out = []rowLine{}
	a, z := page.bounds()
	i := -1
	for c, err := range rows.Changes(ctx) {
		if err != nil {
			return nil, err
		}
		if i++; i < a {
			continue
		}
		if i >= z {
			break
		}
		out = append(out, rowOf(c))
	}
	return out, nil
}

func rowOf(c *population.Change) rowLine {
	l := rowLine{
		Repository: c.Repository, Item: c.Item, OccurredAt: c.OccurredAt.String(), Author: person(c.AuthorName, c.AuthorEmail), Subject: c.Subject,
		Reviews: []string{}, References: append([]string{}, c.References...), at: c.OccurredAt,
	}
	for _, v := range c.Reviews {
		l.Reviews = append(l.Reviews, v.Raw)
	}
	return l
}

func person(name, email string) string {
	if name == "" {
		return email
	}
	return name
}

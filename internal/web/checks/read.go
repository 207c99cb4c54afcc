package checks

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

type result = register.Entry[check.Outcome]

// reader reads what whoever asks may see. Every route about results reads through
// it, so an auditor meets the same selection everywhere.
type reader struct {
	live  register.Reader
	sight window.Sight
	cal   scope.Calendar
}

// read decides who may read at all, and how much.
func (p Pages) read(ctx context.Context) (reader, error) {
	if _, err := p.Checks.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return reader{}, err
	}
	r := reader{live: p.Checks.Store.Live(ctx)}
	var err error
	if r.sight, err = window.SightOf(ctx, p.Checks.Store); err != nil {
		return r, err
	}
	r.cal, err = scope.CalendarOf(r.live)
	return r, err
}

// result finds one by code. What the reader may not see does not exist for them.
func (r reader) result(code string) (result, error) {
	e, err := check.Outcomes.ByCode(r.live, code)
	if fault.KindOf(err) == fault.NotFound || err == nil && !r.sight.Sees(check.Outcomes.Name(), e.ID.String()) {
		return result{}, notFound(code)
	}
	return e, err
}

func notFound(code string) error {
	return fault.New(fault.NotFound, "checkspage.none", "Code", code)
}

// results lists the results, newest first.
func (r reader) results() ([]result, error) {
	all, err := check.Outcomes.All(r.live, register.Query{})
	return window.Seen(r.sight, check.Outcomes, all), err
}

// controlRef is a control that a result bears on.
type controlRef struct {
	Code  string `json:"code"`
	Title string `json:"title"` // in the reader's language
}

// controls reads the controls that a result bears on, as far as the reader may see
// them.
func (r reader) controls(ids []control.ID) ([]controlRef, error) {
	out := []controlRef{}
	for _, id := range ids {
		if !r.sight.Sees(control.Controls.Name(), id.String()) {
			continue
		}
		c, err := control.Controls.Get(r.live, id)
		if err != nil {
			return nil, err
		}
		out = append(out, controlRef{c.Value.Code, c.Value.Title.In(i18n.Of(r.live.Ctx()))})
	}
	return out, nil
}

// datasetRef is the dataset that a result tested.
type datasetRef struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Schema   string `json:"schema"`
	Complete bool   `json:"complete"`
	source   string
}

// items is what the ids of its items are.
func (d datasetRef) items() ui.Copy {
	if d.source == "git" && d.Schema == population.ChangeSchema {
		return ui.CopyCommit
	}
	return ui.CopyItem
}

func (r reader) dataset(id register.ID[population.Record]) (datasetRef, error) {
	d, err := population.Datasets.Get(r.live, id)
	if err != nil {
		return datasetRef{}, err
	}
	return datasetRef{d.Value.Code, d.Value.Name, d.Value.Schema, d.Value.Statement.Complete, d.Value.Source}, nil
}

// report reads every item of a result after comparing the stored bytes with the
// digest in the ledger: an altered report is refused, not shown.
func (p Pages) report(ctx context.Context, o *check.Outcome) (*check.Result, error) {
	if err := p.Checks.Blobs.Verify(ctx, o.Report.SHA256); err != nil {
		return nil, err
	}
	return p.Checks.Report(ctx, o)
}

// checkOf reads the check as it was run, from the file kept with the result: the
// catalogue may have moved on.
func (p Pages) checkOf(ctx context.Context, o *check.Outcome) (check.Check, error) {
	if err := p.Checks.Blobs.Verify(ctx, o.CheckFile.SHA256); err != nil {
		return check.Check{}, err
	}
	b, err := p.Checks.Blobs.Open(ctx, o.CheckFile.SHA256)
	if err != nil {
		return check.Check{}, err
	}
	defer b.Close() //nolint:errcheck // reading only
	raw, err := io.ReadAll(b)
	if err != nil {
		return check.Check{}, fault.Wrap(err, fault.Unavailable, "blob.unreadable", "SHA256", o.CheckFile.SHA256)
	}
	return check.Parse(raw)
}

// span is a half-open period as the organisation's first and last day (domain 0a,
// rule 1).
type span struct {
	First scope.Day `json:"first"`
	Last  scope.Day `json:"last"`
}

func (s span) String() string { return string(s.First) + " – " + string(s.Last) }

func (r reader) span(o *check.Outcome) span {
	from, to := o.Period()
	return span{r.cal.Day(from), r.cal.Day(to.Add(-time.Microsecond))}
}

// inLang is a text in the reader's language.
func inLang(ctx context.Context, t population.Text) string {
	if i18n.Of(ctx) == i18n.Swedish && t.Swedish != "" {
		return t.Swedish
	}
	return t.English
}

// cut is a page of a list; numbers count from 1.
type cut struct {
	Page  int `json:"page"`
	Total int `json:"total"`
	Per   int `json:"per_page"`
}

// cutOf reads which page is asked for. Anything that is no page is the first one,
// anything too late the last.
func cutOf(q url.Values, total int) cut {
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil || n < 1 {
		n = 1
	}
	return cut{Page: max(1, min(n, (total+perPage-1)/perPage)), Total: total, Per: perPage}
}

// bounds are the indexes of the page's rows.
func (c cut) bounds() (from, to int) {
	from = (c.Page - 1) * perPage
	return from, min(from+perPage, c.Total)
}

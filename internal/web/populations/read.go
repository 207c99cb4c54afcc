package populations

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

type (
	dataset = register.Entry[population.Record]
	result  = register.Entry[check.Outcome]
)

// reader reads what whoever asks may see. Every route of this area reads through
// it, so an auditor meets the same selection everywhere.
type reader struct {
	live  register.Reader
	sight window.Sight
	cal   scope.Calendar
}

// read decides who may read at all, and how much.
func (p Pages) read(ctx context.Context) (reader, error) {
	if _, err := p.Populations.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return reader{}, err
	}
	r := reader{live: p.Populations.Store.Live(ctx)}
	var err error
	if r.sight, err = window.SightOf(ctx, p.Populations.Store); err != nil {
		return r, err
	}
	r.cal, err = scope.CalendarOf(r.live)
	return r, err
}

// dataset finds one by code. What the reader may not see does not exist for them.
func (r reader) dataset(code string) (dataset, error) {
	d, err := population.Datasets.ByCode(r.live, code)
	if fault.KindOf(err) == fault.NotFound || err == nil && !r.sight.Sees(population.Datasets.Name(), d.ID.String()) {
		return dataset{}, notFound(code)
	}
	return d, err
}

// datasets lists the datasets, newest first.
func (r reader) datasets() ([]dataset, error) {
	all, err := population.Datasets.All(r.live, register.Query{})
	return window.Seen(r.sight, population.Datasets, all), err
}

// runs lists the collector runs, newest first: failed and empty ones too (K3).
func (r reader) runs() ([]register.Entry[collect.Run], error) {
	all, err := collect.Runs.All(r.live, register.Query{})
	return window.Seen(r.sight, collect.Runs, all), err
}

// freezes lists the freezes of a dataset by day.
func (r reader) freezes(d dataset) ([]register.Entry[population.Freeze], error) {
	return linked(r, population.Freezes, d, register.Freezes)
}

// results lists what was tested over a dataset, oldest first.
func (r reader) results(d dataset) ([]result, error) {
	return linked(r, check.Outcomes, d, register.Tests)
}

func linked[T any](r reader, g *register.Register[T], d dataset, rel register.Rel) ([]register.Entry[T], error) {
	in, err := register.In(r.live, d.ID.String(), rel)
	if err != nil {
		return nil, err
	}
	all := make([]register.Entry[T], 0, len(in))
	for _, l := range in {
		e, err := g.Get(r.live, register.ID[T](l.ID))
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return window.Seen(r.sight, g, all), nil
}

// span is a half-open period as the organisation's first and last day (domain 0a,
// rule 1).
type span struct {
	First scope.Day `json:"first"`
	Last  scope.Day `json:"last"`
}

func (s span) String() string { return string(s.First) + " – " + string(s.Last) }

func (r reader) span(from, to time.Time) span {
	return span{r.cal.Day(from), r.cal.Day(to.Add(-time.Microsecond))}
}

// moment reads a time of the ledger, zero if it is none.
func moment(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// cut is a page of a list; numbers count from 1.
type cut struct {
	Page  int `json:"page"`
	Total int `json:"total"`
	Per   int `json:"per_page"`
}

// cutOf reads which page is asked for. Anything that is no page is the first one,
// anything too late the last.
func cutOf(q url.Values, name string, total int) cut {
	n, err := strconv.Atoi(q.Get(name))
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

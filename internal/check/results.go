package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/catalog"
	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
)

// Outcome is a run as the ledger holds it. It never changes: another run is
// another entry. It is management's monitoring, never an auditor's test.
type Outcome struct {
	Code           string                         `json:"code"` // R- and the ledger index
	Check          string                         `json:"check"`
	Version        int                            `json:"version"`
	CheckSHA256    string                         `json:"check_sha256"`
	Dataset        register.ID[population.Record] `json:"dataset"`
	Source         string                         `json:"source"` // name of the dataset's source
	From           string                         `json:"from"`   // ledger.TimeFormat, included
	To             string                         `json:"to"`     // excluded
	TraceInMessage bool                           `json:"trace_in_message"`
	Status         Status                         `json:"status"`
	Population     Tested                         `json:"population"`
	Passed         int                            `json:"passed"`
	Deviations     int                            `json:"deviations"`
	Undetermined   int                            `json:"not_determinable"`
	Excluded       int                            `json:"excluded"`
	Report         population.Stored              `json:"report"` // every item, as JSON
	CheckFile      population.Stored              `json:"check_file"`
	Controls       []control.ID                   `json:"controls"`
}

// Outcomes is the register of check results.
var Outcomes = register.Define("result", register.Rules[Outcome]{
	Prefix: "res",
	Check: func(tx *register.Tx, old, v *Outcome) error {
		if old != nil {
			return fault.New(fault.Locked, "register.fixed")
		}
		if v.Code != "R-"+strconv.FormatInt(tx.NextIndex(), 10) || v.Status == "" {
			return fault.New(fault.Invalid, "register.fixed")
		}
		return nil
	},
	Index: func(v *Outcome) register.Index {
		return register.Index{Code: v.Code, Title: v.Check, Status: string(v.Status), Owner: v.Dataset.String(), From: at(v.From), To: at(v.To)}
	},
	Links: func(v *Outcome) []register.Link {
		out := []register.Link{{Rel: register.Tests, To: v.Dataset.String()}}
		for _, c := range v.Controls {
			out = append(out, register.Link{Rel: register.Bears, To: c.String()})
		}
		return out
	},
	Blobs: func(v *Outcome) []string { return []string{v.Report.SHA256, v.CheckFile.SHA256} },
})

func at(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Service holds the verbs on checks.
type Service struct {
	Store  *register.Store
	Blobs  blob.Store
	Policy authz.Policy
}

// Request says what to test.
type Request struct {
	Check    string
	From, To time.Time
	Dataset  string // id or code; "" for the newest complete one that covers the window
	Source   string // name of the source, when several qualify
}

// Test runs a check over a dataset in a window, keeps the result and returns both
// the entry and every item.
func (s *Service) Test(ctx context.Context, q Request) (register.Entry[Outcome], *Result, error) {
	var e register.Entry[Outcome]
	by, err := s.Policy.Require(ctx, authz.CheckRun)
	if err != nil {
		return e, nil, err
	}
	c, err := Find(q.Check)
	if err != nil {
		return e, nil, err
	}
	if !q.From.Before(q.To) {
		return e, nil, fault.New(fault.Invalid, "check.window", "From", q.From.Format(time.RFC3339), "To", q.To.Format(time.RFC3339))
	}
	live := s.Store.Live(ctx)
	d, err := s.pick(live, c, q)
	if err != nil {
		return e, nil, err
	}
	o := Outcome{
		Check: c.ID, Version: c.Version, CheckSHA256: c.SHA256, Dataset: d.ID, Source: d.Value.Name, Controls: []control.ID{},
		From: q.From.UTC().Format(ledger.TimeFormat), To: q.To.UTC().Format(ledger.TimeFormat),
	}
	all, err := control.All(live)
	if err != nil {
		return e, nil, err
	}
	for _, ctl := range all {
		if ctl.Value.Status == control.InForce && slices.Contains(ctl.Value.Checks, c.ID) {
			o.Controls = append(o.Controls, ctl.ID)
			o.TraceInMessage = o.TraceInMessage || ctl.Value.Trace == control.TraceCommit
		}
	}
	res, err := Perform(ctx, s.Blobs, c, &d.Value, q.From, q.To, o.TraceInMessage)
	if err != nil {
		return e, nil, err
	}
	o.Status, o.Population = res.Status, res.Population
	o.Passed, o.Deviations, o.Undetermined, o.Excluded = res.Passed, res.Deviations, res.NotDeterminable, res.Excluded
	if o.Report, err = s.keep(ctx, c.ID+".result.json", res); err != nil {
		return e, nil, err
	}
	file, err := catalog.Checks.ReadFile("checks/" + c.ID + ".sql")
	if err != nil {
		return e, nil, fmt.Errorf("check: read catalogue: %w", err)
	}
	ref, err := s.Blobs.Put(ctx, bytes.NewReader(file), 1<<20)
	if err != nil {
		return e, nil, err
	}
	o.CheckFile = population.Stored{Name: c.ID + ".sql", SHA256: ref.SHA256, Size: ref.Size}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		o.Code = "R-" + strconv.FormatInt(tx.NextIndex(), 10)
		e, err = Outcomes.Create(tx, o, "")
		return err
	})
	return e, res, err
}

// Perform runs a check over a recorded dataset cut to a window: the same bytes
// and the same SQL give the same answer, in the workspace and in a package.
func Perform(ctx context.Context, blobs blob.Store, c Check, d *population.Record, from, to time.Time, traceInMessage bool) (*Result, error) {
	rows, done, err := population.Rows(ctx, blobs, d, from, to)
	if err != nil {
		return nil, err
	}
	defer done() //nolint:errcheck // nothing was written
	return Run(ctx, c, rows, Options{TraceInMessage: traceInMessage, AllItems: true})
}

func (s *Service) keep(ctx context.Context, name string, res *Result) (population.Stored, error) {
	raw, err := json.Marshal(res)
	if err != nil {
		return population.Stored{}, fmt.Errorf("check: encode result: %w", err)
	}
	ref, err := s.Blobs.Put(ctx, bytes.NewReader(raw), 4<<30)
	if err != nil {
		return population.Stored{}, err
	}
	return population.Stored{Name: name, SHA256: ref.SHA256, Size: ref.Size}, nil
}

// pick finds the dataset to test.
func (s *Service) pick(r register.Reader, c Check, q Request) (register.Entry[population.Record], error) {
	var none register.Entry[population.Record]
	if q.Dataset != "" {
		d, err := population.Find(r, q.Dataset)
		if err != nil {
			return none, err
		}
		if from, to := d.Value.Period(); q.From.Before(from) || q.To.After(to) {
			return none, fault.New(fault.Invalid, "check.not_covered", "Code", d.Value.Code, "From", from.Format(time.RFC3339), "To", to.Format(time.RFC3339))
		}
		return d, nil
	}
	all, err := population.Datasets.All(r, register.Query{})
	if err != nil {
		return none, err
	}
	var best []register.Entry[population.Record]
	for _, whole := range []bool{true, false} { // an incomplete one speaks only where there is no complete one
		for _, d := range all {
			from, to := d.Value.Period()
			fits := d.Value.Schema == c.Schema && d.Value.Statement.Complete == whole && !q.From.Before(from) && !q.To.After(to) && (q.Source == "" || d.Value.Name == q.Source)
			if fits && !slices.ContainsFunc(best, func(b register.Entry[population.Record]) bool {
				return b.Value.Name == d.Value.Name && b.Value.Source == d.Value.Source
			}) {
				best = append(best, d)
			}
		}
		if len(best) > 0 {
			break
		}
	}
	switch len(best) {
	case 0:
		return none, fault.New(fault.Invalid, "check.no_dataset", "Check", c.ID)
	case 1:
		return best[0], nil
	}
	var names []string
	for _, b := range best {
		names = append(names, b.Value.Name+" ("+b.Value.Code+")")
	}
	return none, fault.New(fault.Invalid, "check.several_datasets", "Names", strings.Join(names, ", "))
}

// List reads the results, newest first.
func (s *Service) List(ctx context.Context) ([]register.Entry[Outcome], error) {
	if _, err := s.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return nil, err
	}
	return Outcomes.All(s.Store.Live(ctx), register.Query{})
}

// Report reads every item of a result.
func (s *Service) Report(ctx context.Context, o *Outcome) (*Result, error) {
	if _, err := s.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return nil, err
	}
	b, err := s.Blobs.Open(ctx, o.Report.SHA256)
	if err != nil {
		return nil, err
	}
	defer b.Close() //nolint:errcheck // reading only
	var res Result
	if err := json.NewDecoder(b).Decode(&res); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "blob.damaged", "SHA256", o.Report.SHA256)
	}
	return &res, nil
}

// Period is the window of the run.
func (v *Outcome) Period() (from, to time.Time) { return at(v.From), at(v.To) }

// Standing is what the results that bear on a control say together of a window:
// one result for each check and source, none hidden behind another.
type Standing struct {
	Status Status // the worst of them, "" for none
	// Worst is a result with that status; the counts are those of its check, over
	// all sources.
	Worst                                   *register.Entry[Outcome]
	Items, Passed, Deviations, Undetermined int
}

// worse orders statuses, worst first.
var worse = []Status{StatusError, StatusFail, StatusNotDeterminable, StatusStale, StatusExcluded, StatusNotApplicable, StatusNoOccurrence, StatusPass}

// Stand weighs results. Of several runs of one check over one source the one that
// covers most of the window speaks, and of equal ones the newest: a run over a
// week never stands for the year, nor one repository for another. from is
// included, to excluded.
func Stand(results []register.Entry[Outcome], from, to time.Time) Standing {
	type voice struct{ check, source string }
	speaks := map[voice]*register.Entry[Outcome]{}
	var order []voice
	covers := func(v *Outcome) time.Duration {
		a, b := v.Period()
		return minTime(b, to).Sub(maxTime(a, from))
	}
	for i := range results {
		e := &results[i]
		if e.Erased || covers(&e.Value) <= 0 {
			continue
		}
		k := voice{e.Value.Check, e.Value.Source}
		was := speaks[k]
		if was == nil {
			order = append(order, k)
		}
		if was == nil || covers(&e.Value) > covers(&was.Value) || covers(&e.Value) == covers(&was.Value) && e.Seq > was.Seq {
			speaks[k] = e
		}
	}
	var out Standing
	for _, k := range order {
		e := speaks[k]
		if out.Worst == nil || slices.Index(worse, e.Value.Status) < slices.Index(worse, out.Status) {
			out.Worst, out.Status = e, e.Value.Status
		}
	}
	for _, k := range order {
		if k.check != out.Worst.Value.Check {
			continue
		}
		v := speaks[k].Value
		out.Items += v.Population.Items
		out.Passed += v.Passed
		out.Deviations += v.Deviations
		out.Undetermined += v.Undetermined
	}
	return out
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// StandingOf weighs the results that bear on a control.
func StandingOf(r register.Reader, id control.ID, from, to time.Time) (Standing, error) {
	all, err := Outcomes.From(r, id.String(), register.Bears)
	if err != nil {
		return Standing{}, err
	}
	return Stand(all, from, to), nil
}

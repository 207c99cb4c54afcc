package windows

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// dataset is one population of the window.
type dataset struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Source   string `json:"source"`
	Period   string `json:"period"` // days, inclusive
	Items    int    `json:"items"`
	Complete bool   `json:"complete"`
	Frozen   string `json:"frozen"` // last day of the newest freeze, "" for none
	SHA256   string `json:"sha256"`
}

// result is one check result of the window.
type result struct {
	Code         string   `json:"code"`
	Check        string   `json:"check"`
	Version      int      `json:"version"`
	Dataset      string   `json:"dataset"` // code
	Controls     []string `json:"controls"`
	Period       string   `json:"period"`
	Items        int      `json:"items"`
	Passed       int      `json:"passed"`
	Deviations   int      `json:"deviations"`
	Undetermined int      `json:"not_determinable"`
	Excluded     int      `json:"excluded"`
	Status       string   `json:"status"`
	Speaks       bool     `json:"speaks"` // for the window: not one that another result of the check replaces
}

// run is one collector run; one that failed is a gap and is shown.
type run struct {
	Code    string    `json:"code"`
	Name    string    `json:"name"`
	Started time.Time `json:"started"`
	Period  string    `json:"period"`
	Outcome string    `json:"outcome"`
	Failure string    `json:"failure"` // a sentence, "" unless failed
	Items   int       `json:"items"`
	id      string
}

type populationList struct {
	Window   summary   `json:"window"`
	Datasets []dataset `json:"datasets"`
	Results  []result  `json:"results"`
	Runs     []run     `json:"runs"`
}

type populationProps struct {
	frame
	list     populationList
	filter   *ui.Filter // nil while there are no results
	datasets ui.Table
	results  ui.Table
	runs     ui.Table
	history  bool // the reader may open histories
}

// The results that can be asked for: those that speak for the window, of each check
// and source one, with deviations or without an answer.
const (
	withDeviations = "deviations"
	unanswered     = "unanswered"
)

func (x *result) shows(which string) bool {
	switch which {
	case "":
		return true
	case withDeviations:
		return x.Speaks && x.Deviations > 0
	case unanswered:
		return x.Speaks && slices.Contains([]check.Status{check.StatusError, check.StatusStale, check.StatusNotDeterminable}, check.Status(x.Status))
	}
	return false
}

// populations handles GET /windows/{code}/populations: ?control= code and ?show=
// narrow the results.
func (p Pages) populations(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Windows.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return err
	}
	v, err := p.get(r)
	if err != nil {
		return err
	}
	d, err := readPopulations(ctx, v)
	if err != nil {
		return err
	}
	code := r.FormValue("control")
	if code != "" {
		d.Results = slices.DeleteFunc(d.Results, func(x result) bool { return !slices.Contains(x.Controls, code) })
	}
	show := r.FormValue("show")
	seg := ui.Segments{Name: "show", Label: i18n.T(ctx, "windowspage.results")}
	for _, which := range []string{"", withDeviations, unanswered} {
		n := 0
		for i := range d.Results {
			if d.Results[i].shows(which) {
				n++
			}
		}
		seg.Options = append(seg.Options, ui.Segment{Value: which, Label: i18n.T(ctx, "windowspage.show."+cmp.Or(which, "all")), Count: n, Chosen: which == show})
	}
	known := len(d.Results)
	d.Results = slices.DeleteFunc(d.Results, func(x result) bool { return !x.shows(show) })
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	s := populationProps{frame: p.frame(r, v, "populations"), list: d, history: v.who.Can(authz.HistoryRead)}
	if known > 0 {
		s.filter = &ui.Filter{Action: v.path("/populations"), Target: "results", Label: t("filter"), Segments: &seg}
		if code != "" {
			s.filter.Hidden = []ui.Hidden{{Name: "control", Value: code}}
		}
	}
	s.datasets = ui.Table{ID: "datasets", Caption: t("datasets"), Columns: []ui.Column{
		{Label: t("dataset")}, {Label: t("source")}, {Label: t("period")}, {Label: t("items"), Kind: ui.CellNum}, {Label: t("frozen"), Kind: ui.CellDate}, {Label: t("completeness"), Kind: ui.CellStatus},
	}}
	s.results = ui.Table{ID: "results", Caption: t("results"), Columns: []ui.Column{
		{Label: t("result")},
		{Label: t("dataset")},
		{Label: t("controls")},
		{Label: t("items"), Kind: ui.CellNum},
		{Label: t("passed"), Kind: ui.CellNum},
		{Label: t("deviations"), Kind: ui.CellNum},
		{Label: t("undetermined"), Kind: ui.CellNum},
		{Label: t("excluded"), Kind: ui.CellNum},
		{Label: t("status"), Kind: ui.CellStatus},
	}}
	s.runs = ui.Table{ID: "runs", Caption: t("runs"), Columns: []ui.Column{
		{Label: t("run")}, {Label: t("started"), Kind: ui.CellDate}, {Label: t("period")}, {Label: t("items"), Kind: ui.CellNum}, {Label: t("status"), Kind: ui.CellStatus},
	}}
	if len(d.Datasets) == 0 {
		s.datasets.Empty = &ui.Empty{Icon: "box", Title: t("no_datasets"), Text: t("no_datasets.text")}
	}
	if len(d.Results) == 0 {
		s.results.Empty = empty(t("no_results"), t("no_results.text"), v.path("/populations"), t("clear"), code != "" || show != "")
	}
	if len(d.Runs) == 0 {
		s.runs.Empty = &ui.Empty{Icon: "refresh", Title: t("no_runs"), Text: t("no_runs.text")}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, populationPage(s))
}

// readPopulations reads what the window's selection holds of datasets, results and
// runs.
func readPopulations(ctx context.Context, v view) (populationList, error) {
	d := populationList{Window: v.summary, Datasets: []dataset{}, Results: []result{}, Runs: []run{}}
	all, err := window.Contents(v.reader, &v.entry)
	if err != nil {
		return d, err
	}
	ids := map[string][]string{}
	for _, m := range all {
		ids[m.Register] = append(ids[m.Register], m.ID)
	}
	frozen := map[register.ID[population.Record]]string{}
	for _, e := range ids[population.Freezes.Name()] {
		f, err := population.Freezes.Get(v.reader, register.ID[population.Freeze](e))
		if err != nil {
			return d, err
		}
		frozen[f.Value.Dataset] = max(frozen[f.Value.Dataset], string(f.Value.Until))
	}
	codes := map[register.ID[population.Record]]string{}
	for _, id := range ids[population.Datasets.Name()] {
		e, err := population.Datasets.Get(v.reader, register.ID[population.Record](id))
		if err != nil {
			return d, err
		}
		x := &e.Value
		codes[e.ID] = x.Code
		from, to := x.Period()
		d.Datasets = append(d.Datasets, dataset{Code: x.Code, Name: x.Name, Source: x.Source, Period: days(span(from, to), v.cal), Items: x.Items, Complete: x.Statement.Complete, Frozen: frozen[e.ID], SHA256: x.SHA256})
	}
	var outcomes []register.Entry[check.Outcome]
	for _, id := range ids[check.Outcomes.Name()] {
		e, err := check.Outcomes.Get(v.reader, register.ID[check.Outcome](id))
		if err != nil {
			return d, err
		}
		outcomes = append(outcomes, e)
	}
	begin, end := v.entry.Value.Bounds(v.cal)
	speaking := window.Speaking(outcomes, begin, end)
	for _, e := range outcomes {
		x := &e.Value
		from, to := x.Period()
		one := result{Code: x.Code, Check: x.Check, Version: x.Version, Dataset: codes[x.Dataset], Period: days(span(from, to), v.cal), Controls: []string{}, Items: x.Population.Items, Passed: x.Passed, Deviations: x.Deviations, Undetermined: x.Undetermined, Excluded: x.Excluded, Status: string(x.Status)}
		one.Speaks = slices.ContainsFunc(speaking, func(s register.Entry[check.Outcome]) bool { return s.ID == e.ID })
		for _, id := range x.Controls {
			c, err := control.Controls.Get(v.reader, id)
			if err != nil {
				return d, err
			}
			one.Controls = append(one.Controls, c.Value.Code)
		}
		d.Results = append(d.Results, one)
	}
	for _, id := range ids[collect.Runs.Name()] {
		e, err := collect.Runs.Get(v.reader, register.ID[collect.Run](id))
		if err != nil {
			return d, err
		}
		x := &e.Value
		from, to := x.Period()
		one := run{Code: x.Code, Name: x.Name, Started: moment(x.StartedAt), Period: days(span(from, to), v.cal), Outcome: x.Outcome, Items: x.Items, id: e.ID.String()}
		if x.Failure != "" {
			one.Failure = i18n.T(ctx, "windowspage.run_failed")
		}
		d.Runs = append(d.Runs, one)
	}
	return d, nil
}

func span(from, to time.Time) scope.Interval { return scope.Interval{From: from, To: to} }

// outcome lends a run's outcome the look of a known status.
func outcome(s string) ui.Status {
	switch s {
	case collect.Complete, collect.Empty:
		return "job.done"
	case collect.Incomplete:
		return ui.StateAttention
	}
	return "job.failed"
}

// completeness lends a dataset's statement the look of a known status.
func completeness(complete bool) (ui.Status, string) {
	if complete {
		return ui.StateReady, "windowspage.complete"
	}
	return ui.StateAttention, "windowspage.incomplete"
}

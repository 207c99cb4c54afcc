package populations

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/collect"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// datasetLine is a dataset in the list.
type datasetLine struct {
	Code        string   `json:"code"`
	Name        string   `json:"name"`
	Source      string   `json:"source"`
	Entity      string   `json:"entity"`
	Items       int      `json:"items"`
	Days        span     `json:"days"`
	From        string   `json:"from"` // included
	To          string   `json:"to"`   // excluded
	Complete    bool     `json:"complete"`
	Reasons     []string `json:"reasons"` // why not
	SHA256      string   `json:"sha256"`
	CollectedAt string   `json:"collected_at"`
}

// runLine is a collector run in the list.
type runLine struct {
	Code      string `json:"code"`
	Name      string `json:"name"`
	Source    string `json:"source"`
	Collector string `json:"collector"`
	Days      span   `json:"days"`
	From      string `json:"from"`
	To        string `json:"to"`
	StartedAt string `json:"started_at"`
	Outcome   string `json:"outcome"`
	Failure   string `json:"failure"`      // message key
	Why       string `json:"failure_text"` // in the reader's language, "" unless it failed
	Items     int    `json:"items"`
	Dataset   string `json:"dataset"` // code, "" without one
}

type listData struct {
	Datasets     []datasetLine `json:"datasets"`
	DatasetsPage cut           `json:"datasets_page"`
	Runs         []runLine     `json:"runs"`
	RunsPage     cut           `json:"runs_page"`
}

// list handles GET /populations.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, err := p.read(ctx)
	if err != nil {
		return err
	}
	all, err := in.datasets()
	if err != nil {
		return err
	}
	runs, err := in.runs()
	if err != nil {
		return err
	}
	q := r.URL.Query()
	codes := map[string]string{}
	complete := 0
	for _, d := range all {
		codes[d.ID.String()] = d.Value.Code
		if d.Value.Statement.Complete {
			complete++
		}
	}
	data, shown := listData{Datasets: []datasetLine{}, Runs: []runLine{}}, matching(all, q)
	data.DatasetsPage, data.RunsPage = cutOf(q, "page", len(shown)), cutOf(q, "runs", len(runs))
	a, z := data.DatasetsPage.bounds()
	for _, d := range shown[a:z] {
		data.Datasets = append(data.Datasets, in.line(d))
	}
	a, z = data.RunsPage.bounds()
	for _, e := range runs[a:z] {
		data.Runs = append(data.Runs, in.run(ctx, e, codes))
	}
	who, _ := authz.Of(ctx)
	props := listProps{
		shell:  p.Shell.Props(r, i18n.T(ctx, "populationspage.title")).In(in.cal.Zone()),
		data:   data,
		filter: listFilter(ctx, q, len(all), complete),
		none:   listEmpty(ctx, len(all), who.Can(authz.Collect)),
		pager:  pagerOf("/populations", q, "page", data.DatasetsPage),
		runs:   pagerOf("/populations", q, "runs", data.RunsPage),
		any:    len(all) > 0,
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, listPage(props))
}

// matching keeps what the filter asks for.
func matching(all []dataset, q url.Values) []dataset {
	text, want := strings.ToLower(strings.TrimSpace(q.Get("q"))), q.Get("complete")
	return slices.DeleteFunc(slices.Clone(all), func(d dataset) bool {
		v := &d.Value
		return text != "" && !strings.Contains(strings.ToLower(v.Code+" "+v.Name+" "+v.Source+" "+v.SHA256), text) ||
			want != "" && want != strconv.FormatBool(v.Statement.Complete)
	})
}

func (r reader) line(d dataset) datasetLine {
	v := &d.Value
	from, to := v.Period()
	return datasetLine{
		Code: v.Code, Name: v.Name, Source: v.Source, Entity: v.Entity, Items: v.Items, Days: r.span(from, to), From: v.From, To: v.To,
		Complete: v.Statement.Complete, Reasons: list(v.Statement.Reasons), SHA256: v.SHA256, CollectedAt: v.CollectedAt,
	}
}

func (r reader) run(ctx context.Context, e register.Entry[collect.Run], codes map[string]string) runLine {
	v := &e.Value
	from, to := v.Period()
	return runLine{
		Code: v.Code, Name: v.Name, Source: v.Source, Collector: v.Collector, Days: r.span(from, to), From: v.From, To: v.To,
		StartedAt: v.StartedAt, Outcome: v.Outcome, Failure: v.Failure, Why: failureText(ctx, v), Items: v.Items, Dataset: codes[v.Dataset.String()],
	}
}

// list keeps a nil list from becoming null in JSON.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func listFilter(ctx context.Context, q url.Values, all, complete int) ui.Filter {
	want := q.Get("complete")
	segment := func(value, key string, s ui.Status, n int) ui.Segment {
		return ui.Segment{Value: value, Label: i18n.T(ctx, key), Status: s, Count: n, Chosen: want == value}
	}
	return ui.Filter{
		Action: "/populations", Target: "datasets", Label: i18n.T(ctx, "populationspage.filter"),
		Search: &ui.Search{Name: "q", Value: q.Get("q"), Hint: i18n.T(ctx, "populationspage.filter.hint")},
		Segments: &ui.Segments{Name: "complete", Label: i18n.T(ctx, "populationspage.completeness"), Options: []ui.Segment{
			segment("", "populationspage.filter.all", "", all),
			segment("true", "populationspage.complete", ui.StateReady, complete),
			segment("false", "populationspage.incomplete", ui.StateAttention, all-complete),
		}},
	}
}

// listEmpty tells an empty workspace from a filter that matches nothing.
func listEmpty(ctx context.Context, all int, may bool) ui.Empty {
	switch {
	case all > 0:
		return ui.Empty{
			Icon: "search", Title: i18n.T(ctx, "populationspage.none.filtered"), Text: i18n.T(ctx, "populationspage.none.filtered.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "populationspage.filter.clear"), Href: "/populations"}, Quiet: true,
		}
	case may:
		return ui.Empty{Icon: "box", Title: i18n.T(ctx, "populationspage.none.yet"), Text: i18n.T(ctx, "populationspage.none.yet.text")}
	}
	return ui.Empty{Icon: "box", Title: i18n.T(ctx, "populationspage.none.yet"), Text: i18n.T(ctx, "populationspage.none.yet.reader")}
}

// pagerOf is nil while one page is enough.
func pagerOf(path string, q url.Values, name string, c cut) *ui.Pager {
	if c.Total <= perPage {
		return nil
	}
	from, to := c.bounds()
	at := func(n int) string {
		v := url.Values{}
		for k := range q {
			v.Set(k, q.Get(k))
		}
		v.Set(name, strconv.Itoa(n))
		return path + "?" + v.Encode()
	}
	out := &ui.Pager{From: from + 1, To: to, Total: c.Total}
	if c.Page > 1 {
		out.Prev = at(c.Page - 1)
	}
	if to < c.Total {
		out.Next = at(c.Page + 1)
	}
	return out
}

// entityWord is what the rows are; an unknown entity shows as it is written.
func entityWord(ctx context.Context, entity string) string {
	if key := "populationspage.entity." + entity; i18n.Has(i18n.Of(ctx), key) {
		return i18n.T(ctx, key)
	}
	return entity
}

// reasonText says why a dataset may lack items.
func reasonText(ctx context.Context, reason string) string {
	switch reason {
	case population.ReasonHistoryTruncated, population.ReasonTimeUnreadable:
		return i18n.T(ctx, "check.says.incomplete."+reason)
	}
	return i18n.T(ctx, "check.says.incomplete.other", "Reason", reason)
}

// failureText is why a run came to nothing. Runs of before the arguments of their
// message were kept show a blank for each.
func failureText(ctx context.Context, v *collect.Run) string {
	if v.Failure == "" {
		return ""
	}
	if v.Failure == "fault.internal" || !i18n.Has(i18n.Of(ctx), v.Failure) {
		return i18n.T(ctx, "populationspage.run.failed")
	}
	return strings.ReplaceAll(i18n.Fault(ctx, v.Why(), ""), "<no value>", "…")
}

func completePill(complete bool) (ui.Status, string) {
	if complete {
		return ui.StateReady, "populationspage.complete"
	}
	return ui.StateAttention, "populationspage.incomplete"
}

// outcomePill is the shape and the word of a run's outcome.
func outcomePill(outcome string) (ui.Status, string) {
	switch outcome {
	case collect.Complete:
		return "job.done", "populationspage.run.complete"
	case collect.Empty:
		return ui.CheckNoOccurrence, "populationspage.run.empty"
	case collect.Incomplete:
		return ui.StateAttention, "populationspage.run.incomplete"
	}
	return "job.failed", "populationspage.run.failed_word"
}

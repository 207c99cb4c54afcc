package checks

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

// itemLine is one item of a result.
type itemLine struct {
	Item       string           `json:"item"`
	Repository string           `json:"repository"`
	OccurredAt string           `json:"occurred_at"`
	Status     check.ItemStatus `json:"status"`
	Reason     string           `json:"reason"` // id
	ReasonText string           `json:"reason_text"`
	at         population.Time
}

type showData struct {
	Kind        string            `json:"kind"` // management's monitoring
	ID          string            `json:"id"`
	Ledger      int64             `json:"ledger"`
	By          string            `json:"by"`
	At          string            `json:"at"`
	Result      resultLine        `json:"result"`
	Explanation string            `json:"explanation"`
	Check       checkLine         `json:"check"` // as it was run
	Parameters  map[string]int64  `json:"parameters"`
	Report      population.Stored `json:"report"`
	Filter      check.ItemStatus  `json:"filter"` // "" for all
	Items       []itemLine        `json:"items"`
	ItemsPage   cut               `json:"items_page"`
	TraceInMsg  bool              `json:"trace_in_message"`
}

// order is how items stand: what needs a person first.
var order = []check.ItemStatus{check.ItemDeviation, check.ItemNotDeterminable, check.ItemExcluded, check.ItemPass}

// show handles GET /checks/{code}, with .json for the stored report and .csv for
// the items.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	code, kind, _ := strings.Cut(r.PathValue("code"), ".")
	in, err := p.read(ctx)
	if err != nil {
		return err
	}
	e, err := in.result(code)
	if err != nil {
		return err
	}
	switch kind {
	case "":
		return p.page(w, r, in, e)
	case "json":
		return p.stored(w, r, e)
	case "csv":
		return p.csv(w, r, e)
	}
	return notFound(r.PathValue("code"))
}

func (p Pages) page(w http.ResponseWriter, r *http.Request, in reader, e result) error {
	ctx := r.Context()
	res, err := p.report(ctx, &e.Value)
	if err != nil {
		return err
	}
	c, err := p.checkOf(ctx, &e.Value)
	if err != nil {
		return err
	}
	line := catalogueLine(ctx, c)
	data := showData{
		Kind: monitoring, ID: e.ID.String(), Ledger: e.Seq, By: e.Actor, At: e.At.UTC().Format(population.TimeLayout), Explanation: res.Explain(ctx),
		Check: line, Parameters: res.Parameters, Report: e.Value.Report, Items: []itemLine{}, TraceInMsg: e.Value.TraceInMessage,
	}
	if data.Result, err = in.line(e, []checkLine{line}); err != nil {
		return err
	}
	if data.Parameters == nil {
		data.Parameters = map[string]int64{}
	}
	data.Filter = filterOf(r.URL.Query())
	items := sorted(res.Items, data.Filter)
	data.ItemsPage = cutOf(r.URL.Query(), len(items))
	a, z := data.ItemsPage.bounds()
	for _, it := range items[a:z] {
		data.Items = append(data.Items, itemOf(ctx, &c, it))
	}
	names, err := p.Shell.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	by, ok := names[e.Actor]
	if !ok {
		by = e.Actor
	}
	who, _ := authz.Of(ctx)
	props := showProps{
		run:   who.Can(authz.CheckRun),
		shell: p.Shell.Props(r, line.Title, ui.Link{Label: i18n.T(ctx, "checkspage.title"), Href: "/checks"}),
		data:  data, by: by,
		pager: pagerOf("/checks/"+e.Value.Code, r.URL.Query(), data.ItemsPage),
	}
	return p.Shell.Answer(w, r, http.StatusOK, data, showPage(props))
}

// filterOf is the status that is asked for, "" for all of them.
func filterOf(q url.Values) check.ItemStatus {
	if s := check.ItemStatus(q.Get("status")); slices.Contains(order, s) {
		return s
	}
	return ""
}

// sorted keeps the items of a status and puts deviations first; within a status
// they stay in key order.
func sorted(all []check.Item, only check.ItemStatus) []check.Item {
	out := make([]check.Item, 0, len(all))
	for _, s := range order {
		if only != "" && only != s {
			continue
		}
		for _, it := range all {
			if it.Status == s {
				out = append(out, it)
			}
		}
	}
	return out
}

func itemOf(ctx context.Context, c *check.Check, it check.Item) itemLine {
	return itemLine{
		Item: it.Item, Repository: it.Repository, OccurredAt: it.OccurredAt.String(), Status: it.Status, Reason: it.Reason,
		ReasonText: reasonText(ctx, c, it), at: it.OccurredAt,
	}
}

// reasonText is the check's own sentence for a reason. An excluded item carries
// what a person wrote, which no check knows.
func reasonText(ctx context.Context, c *check.Check, it check.Item) string {
	if t, ok := c.Reasons[it.Reason]; ok {
		return inLang(ctx, t)
	}
	return it.Reason
}

// itemPill is the shape and the word of an item's status.
func itemPill(s check.ItemStatus) (ui.Status, string) {
	switch s {
	case check.ItemPass:
		return ui.CheckPass, "checkspage.item.pass"
	case check.ItemDeviation:
		return ui.CheckFail, "checkspage.item.deviation"
	case check.ItemExcluded:
		return ui.CheckExcluded, "checkspage.item.excluded"
	}
	return ui.CheckNotDeterminable, "checkspage.item.not_determinable"
}

func moment(s string) time.Time {
	t, err := time.Parse(population.TimeLayout, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// pagerOf is nil while one page is enough.
func pagerOf(path string, q url.Values, c cut) *ui.Pager {
	if c.Total <= perPage {
		return nil
	}
	from, to := c.bounds()
	at := func(n int) string {
		v := url.Values{"page": {strconv.Itoa(n)}}
		if s := q.Get("status"); s != "" {
			v.Set("status", s)
		}
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

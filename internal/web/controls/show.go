package controls

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// controlData is one control as JSON, in the reader's language where it is text.
type controlData struct {
	Code          string             `json:"code"`
	Version       int64              `json:"version"`
	Entry         int64              `json:"entry"` // ledger index of this version
	Control       control.Control    `json:"control"`
	Owner         string             `json:"owner"`  // name
	Window        string             `json:"window"` // code, "" for none
	InScope       bool               `json:"in_scope"`
	Criteria      []part             `json:"criteria"`
	PointsOfFocus []part             `json:"points_of_focus"`
	Prompts       []prompt           `json:"prompts"` // in the window's form
	Months        []readiness.Month  `json:"months"`
	Tally         *window.Tally      `json:"tally"` // null outside of the window
	Items         []item             `json:"items"` // newest first; [] for who may not read evidence
	Result        *result            `json:"result"`
	Versions      []version          `json:"versions"` // newest first; [] for who may not read history
	State         readiness.State    `json:"state,omitempty"`
	Standing      readiness.Standing `json:"standing,omitempty"`
	// Library and Wording are for the company alone; Library is null for a control
	// of its own.
	Library *control.Comparison `json:"library,omitempty"`
	Wording *judgement          `json:"wording,omitempty"`
	Waiting *waiting            `json:"waiting,omitempty"` // for a second person to approve
}

// part is a criterion or a point of focus in our own words.
type part struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

type prompt struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type item struct {
	readiness.Item
	Performed string           `json:"performed"` // who, by name
	Late      bool             `json:"performed_late"`
	Traits    *evidence.Traits `json:"traits"` // null beyond the newest
}

type result struct {
	Code         string       `json:"code"`
	Check        string       `json:"check"`
	Title        string       `json:"title"`
	Status       check.Status `json:"status"`
	Items        int          `json:"items"`
	Passed       int          `json:"passed"`
	Deviations   int          `json:"deviations"`
	Undetermined int          `json:"not_determinable"`
	At           time.Time    `json:"at"`
}

type version struct {
	Version int64     `json:"version"`
	Entry   int64     `json:"entry"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
}

// itemsShown bounds the evidence on the page, occurrencesShown the occurrences on
// one page of their table.
const (
	itemsShown       = 25
	occurrencesShown = 40
)

// show handles GET /controls/{code}.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, o, l, err := p.find(r)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	d, err := dataOf(ctx, e, o, l, names)
	if err != nil {
		return err
	}
	if l != nil && who.Can(authz.EvidenceRead) {
		if d.Items, err = p.items(ctx, o, l, names); err != nil {
			return err
		}
	}
	if l != nil && l.Outcome != nil && who.Can(authz.PopulationRead) {
		d.Result = resultOf(ctx, l.Outcome)
	}
	if who.Can(authz.HistoryRead) {
		h, err := p.Controls.History(ctx, d.Code)
		if err != nil {
			return err
		}
		for _, v := range slices.Backward(h) {
			d.Versions = append(d.Versions, version{v.Version, v.Seq, v.At, person(ctx, v.Actor, names), v.Reason})
		}
	}
	if company(who) {
		if c, ok := e.Value.Compare(); ok {
			d.Library = &c
		}
		d.Wording = judged(e.Value.Judge(i18n.Of(ctx)))
		if who.Can(authz.HistoryRead) {
			if d.Waiting, err = p.waitingOf(ctx, &e, who, names); err != nil {
				return err
			}
		}
	}
	props := viewOf(ctx, &d, o, who, r.URL.Query())
	if p.Policies != nil {
		governing, err := p.Policies.Governing(ctx, e.ID.String())
		if err != nil && fault.KindOf(err) != fault.Denied {
			return err
		}
		for i := range governing {
			v := &governing[i].Value
			props.panel.policies = append(props.panel.policies, ui.Reference{Code: v.Code, Title: v.Heading(i18n.Of(ctx)), Href: "/policies/" + url.PathEscape(v.Code)})
		}
	}
	if a := e.Value.Approval; a != nil {
		props.panel.properties = append(props.panel.properties, property{name: i18n.T(ctx, "controlspage.approved"), value: i18n.T(ctx, "controlspage.approved.by", "Asked", person(ctx, a.ProposedBy, names), "Approved", person(ctx, a.By, names))})
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, showPage(p.Shell.Props(r, d.Code, parent(ctx)), props))
}

func dataOf(ctx context.Context, e register.Entry[control.Control], o *readiness.Overview, l *readiness.Line, names map[string]string) (controlData, error) {
	v := &e.Value
	d := controlData{
		Code: v.Code, Version: e.Version, Entry: e.Seq, Control: *v, Owner: names[v.Owner], Criteria: []part{}, PointsOfFocus: []part{},
		Prompts: []prompt{}, Months: []readiness.Month{}, Items: []item{}, Versions: []version{},
	}
	set, err := framework.ByID(v.Framework)
	if err != nil {
		return d, err
	}
	lang := i18n.Of(ctx)
	for _, id := range v.Criteria {
		c, err := set.Criterion(id)
		if err != nil {
			return d, err
		}
		d.Criteria = append(d.Criteria, part{id, c.Title.For(lang)})
	}
	for _, id := range v.PointsOfFocus {
		f, err := set.PointOfFocus(id)
		if err != nil {
			return d, err
		}
		d.PointsOfFocus = append(d.PointsOfFocus, part{id, f.Label.For(lang)})
	}
	kind := 2
	if o != nil {
		d.Window, kind = o.Window.Value.Code, o.Window.Value.Type
	}
	for _, x := range v.Prompts {
		text := x.Type2
		if kind == 1 {
			text = x.Type1
		}
		d.Prompts = append(d.Prompts, prompt{x.Type, text.For(lang)})
	}
	if l != nil {
		d.InScope, d.Months, d.Tally, d.State, d.Standing = true, l.Months, &l.Tally, l.State, l.Standing
	}
	return d, nil
}

// items are the control's evidence in the window, newest first; the newest carry
// their form checks.
func (p Pages) items(ctx context.Context, o *readiness.Overview, l *readiness.Line, names map[string]string) ([]item, error) {
	late := map[string]bool{}
	for _, occ := range l.Tally.Occurrences {
		if occ.Evidence != "" && occ.State != window.OnTime {
			late[occ.Evidence] = true
		}
	}
	out := []item{}
	for _, it := range slices.Backward(l.Items) {
		out = append(out, item{Item: it, Performed: person(ctx, it.PerformedBy, names), Late: late[it.Code]})
	}
	newest := l.Items[max(len(l.Items)-itemsShown, 0):]
	traits, err := p.Readiness.Traits(ctx, o, newest, names)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if t, ok := traits[out[i].ID]; ok {
			out[i].Traits = &t
		}
	}
	return out, nil
}

func resultOf(ctx context.Context, e *register.Entry[check.Outcome]) *result {
	v := &e.Value
	r := &result{Code: v.Code, Check: v.Check, Title: v.Check, Status: v.Status, Items: v.Population.Items, Passed: v.Passed, Deviations: v.Deviations, Undetermined: v.Undetermined, At: e.At}
	if c, err := check.Find(v.Check); err == nil { // a check that has left the catalogue keeps its id
		r.Title = c.Title.English
		if i18n.Of(ctx) == i18n.Swedish {
			r.Title = c.Title.Swedish
		}
	}
	return r
}

// pageOf reads the page of occurrences asked for.
func pageOf(q url.Values, n int) int {
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil {
		return 1
	}
	return min(max(page, 1), max((n+occurrencesShown-1)/occurrencesShown, 1))
}

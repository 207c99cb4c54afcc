// Package readiness is the room of the company's own assessment on screen: the score
// with its arithmetic, the criteria stage by stage, what to do next, and the reviews
// that were kept.
//
// Nothing here is for an auditor, and every page refuses one (domain 0a rule 12).
package readiness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages answers the pages under /readiness.
type Pages struct {
	Shell    *web.Shell
	Store    *register.Store
	Accounts *account.Service
	Windows  *window.Service
	Reviews  *readiness.Reviews
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.Handle("GET /readiness", p.show)
	p.Shell.Handle("GET /readiness/criteria/{id}", p.criterion)
	p.Shell.Handle("GET /readiness/export", p.export)
	p.Shell.Handle("GET /readiness/feasibility", p.feasibility)
	p.Shell.Handle("POST /readiness/reviews", p.keep)
}

// company lets in whoever may read the assessment, and no auditor.
func (p Pages) company(r *http.Request) (authz.Principal, error) {
	who, err := p.Reviews.Policy.Require(r.Context(), authz.ReadinessRead)
	if err == nil && who.Is(authz.Auditor) {
		err = fault.New(fault.Denied, "authz.denied")
	}
	return who, err
}

// assess reads the window that the request speaks of; nil without any window.
func (p Pages) assess(r *http.Request, name string) (*readiness.Assessment, error) {
	if _, err := p.company(r); err != nil {
		return nil, err
	}
	w, err := readiness.Choose(r.Context(), p.Windows, name)
	if err != nil || w == nil {
		return nil, err
	}
	return p.Reviews.Assess(r.Context(), w)
}

// data is the page as JSON: the report, and the reviews kept.
type data struct {
	readiness.Report
	Reviews []review `json:"reviews"`
}

// review is a kept review.
type review struct {
	Code     string    `json:"code"`
	Day      scope.Day `json:"day"`
	Score    int       `json:"score"`
	Gaps     int       `json:"gaps"`
	Whole    int       `json:"criteria_whole"`
	Criteria int       `json:"criteria"`
	Note     string    `json:"note"`
	By       string    `json:"by"`
	At       string    `json:"at"`
}

// show handles GET /readiness.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	who, err := p.company(r)
	if err != nil {
		return err
	}
	a, err := p.assess(r, r.URL.Query().Get("window"))
	if err != nil {
		return err
	}
	title := i18n.T(ctx, "readinesspage.title")
	if a == nil {
		empty := emptyProps{shell: p.Shell.Props(r, title), head: ui.Head{Title: title}, empty: ui.Empty{Icon: "gauge", Title: i18n.T(ctx, "readinesspage.start"), Text: i18n.T(ctx, "readinesspage.start.text")}}
		if who.Can(authz.WindowOpen) {
			empty.empty.Action = &ui.Action{Label: i18n.T(ctx, "readinesspage.start.open"), Icon: "plus", Href: "/windows/new"}
		}
		return p.Shell.Answer(w, r, http.StatusOK, data{Report: readiness.Report{Parts: []readiness.PartReport{}, Criteria: []readiness.CriterionReport{}, Steps: []readiness.StepReport{}}, Reviews: []review{}}, emptyPage(empty))
	}
	d := data{Report: a.Report(ctx), Reviews: []review{}}
	if d.Reviews, err = p.kept(r, a); err != nil {
		return err
	}
	windows, err := p.Windows.List(ctx)
	if err != nil {
		return err
	}
	v := viewOf(ctx, a, &d, windows, r.URL.Query(), who)
	v.shell = p.Shell.Props(r, title)
	return p.Shell.Answer(w, r, http.StatusOK, d, page(v))
}

// kept are the reviews of a window, newest first, with the names of who kept them.
func (p Pages) kept(r *http.Request, a *readiness.Assessment) ([]review, error) {
	ctx := r.Context()
	all, err := p.Reviews.History(ctx, a.Overview.Window.ID)
	if err != nil {
		return nil, err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]review, 0, len(all))
	for i := len(all) - 1; i >= 0; i-- {
		e := &all[i]
		by := names[e.Actor]
		if by == "" {
			by = e.Actor
		}
		out = append(out, review{
			Code: e.Value.Code, Day: e.Value.Day, Score: e.Value.Score, Gaps: e.Value.Gaps, Whole: e.Value.Whole, Criteria: e.Value.Criteria,
			Note: e.Value.Note, By: by, At: ui.Stamp(e.At),
		})
	}
	return out, nil
}

// keep handles POST /readiness/reviews.
func (p Pages) keep(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "readinesspage.form")
	}
	ctx := r.Context()
	if _, err := p.company(r); err != nil {
		return err
	}
	of, err := p.Windows.Get(ctx, r.PostFormValue("window"))
	if err != nil {
		return err
	}
	e, err := p.Reviews.Keep(ctx, &of, r.PostFormValue("note"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/readiness?window="+url.QueryEscape(of.Value.Code)+"&kept="+url.QueryEscape(e.Value.Code)+"#reviews")
}

// export handles GET /readiness/export.
func (p Pages) export(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	q := r.URL.Query()
	a, err := p.assess(r, q.Get("window"))
	if err != nil {
		return err
	}
	if a == nil {
		return fault.New(fault.NotFound, "readinesspage.no_window")
	}
	report := a.Report(ctx)
	org, err := scope.Current(p.Store.Live(ctx))
	if err != nil {
		return err
	}
	d := report.Document(ctx, org.Value.Name, p.Store.Now())
	var b bytes.Buffer
	kinds := map[string]string{"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "json": "application/json"}
	kind := q.Get("kind")
	switch kind {
	case "pdf":
		err = d.PDF(&b)
	case "xlsx":
		err = d.XLSX(&b)
	case "json":
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		err = enc.Encode(report)
	default:
		return fault.New(fault.Invalid, "readinesspage.kind", "Kind", kind)
	}
	if err != nil {
		return fmt.Errorf("readiness: export: %w", err)
	}
	name := "readiness-" + report.Code + "-" + string(report.Today) + "." + kind
	w.Header().Set("Content-Type", kinds[kind])
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err = w.Write(b.Bytes())
	return err
}

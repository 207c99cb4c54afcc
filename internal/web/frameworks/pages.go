// Package frameworks is the room of the pages on criteria, and on the frameworks that
// are reached through them: the matrix of what each criterion is met by, one criterion
// with its points of focus, controls and evidence, and the crosswalks.
//
// Criteria are shown in our own words; a point of focus informs and is never
// counted. The states of the matrix are the company's own view: an auditor is shown
// the facts alone (domain 0a rule 12).
package frameworks

import (
	"net/http"
	"net/url"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/coverage"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages answers the pages under /criteria and /frameworks.
type Pages struct {
	Shell     *web.Shell
	Accounts  *account.Service
	Windows   *window.Service
	Readiness *readiness.Service
	Coverage  *coverage.Service
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.Handle("GET /criteria", p.matrix)
	p.Shell.Handle("GET /criteria/{id}", p.criterion)
	p.Shell.Handle("GET /frameworks", p.frameworkList)
	p.Shell.Handle("GET /frameworks/import", p.importPage)
	p.Shell.Handle("POST /frameworks/import", p.importFile)
	p.Shell.Handle("GET /frameworks/{id}", p.refs)
	p.Shell.Handle("GET /frameworks/{id}/export.csv", p.refsCSV)
	p.Shell.Handle("GET /frameworks/{id}/{ref}", p.ref)
	p.Shell.Handle("GET "+statementPath, p.statement)
	p.Shell.Handle("GET "+statementPath+".xlsx", p.statementFile("xlsx"))
	p.Shell.Handle("GET "+statementPath+".pdf", p.statementFile("pdf"))
	p.Shell.Handle("GET "+statementPath+"/{ref}", p.decision)
	p.Shell.Handle("POST "+statementPath+"/{ref}", p.decide)
}

// overview reads the window that the request speaks of; nil if there is none.
func (p Pages) overview(r *http.Request) (*readiness.Overview, error) {
	w, err := readiness.Choose(r.Context(), p.Windows, r.URL.Query().Get("window"))
	if err != nil || w == nil {
		return nil, err
	}
	return p.Readiness.Overview(r.Context(), w)
}

// matrix handles GET /criteria.
func (p Pages) matrix(w http.ResponseWriter, r *http.Request) error {
	o, err := p.overview(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	who, _ := authz.Of(ctx)
	if o == nil {
		props := matrixProps{table: ui.Table{ID: "matrix", Empty: noWindow(ctx, who)}}
		props.head.Title = i18n.T(ctx, "frameworkspage.title")
		return p.Shell.Answer(w, r, http.StatusOK, matrixData{Criteria: []row{}}, matrixPage(p.Shell.Props(r, props.head.Title), props))
	}
	d, props, err := matrixOf(ctx, o, r.URL.Query(), who)
	if err != nil {
		return err
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, matrixPage(p.Shell.Props(r, props.head.Title), props))
}

// criterion handles GET /criteria/{id}.
func (p Pages) criterion(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	id := r.PathValue("id")
	o, err := p.overview(r)
	if err != nil {
		return err
	}
	if o == nil {
		return fault.New(fault.NotFound, "frameworkspage.no_window", "ID", id)
	}
	c := find(o, id)
	if c == nil {
		return fault.New(fault.NotFound, "frameworkspage.not_in_scope", "ID", id, "Window", o.Window.Value.Code)
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	d, props, err := criterionOf(ctx, o, c, names, who)
	if err != nil {
		return err
	}
	window := r.URL.Query().Get("window")
	v, err := p.Coverage.View(ctx, window)
	if err != nil {
		return err
	}
	d.Others = others(v, c.ID, i18n.Of(ctx))
	props.others = othersOf(ctx, d.Others, window)
	shell := p.Shell.Props(r, c.ID, ui.Link{Label: i18n.T(ctx, "frameworkspage.title"), Href: "/criteria"})
	return p.Shell.Answer(w, r, http.StatusOK, d, criterionPage(shell, props))
}

func find(o *readiness.Overview, id string) *readiness.Criterion {
	for i := range o.Criteria {
		if o.Criteria[i].ID == id {
			return &o.Criteria[i]
		}
	}
	return nil
}

func controlPath(code string) string { return "/controls/" + url.PathEscape(code) }

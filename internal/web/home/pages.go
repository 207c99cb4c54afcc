// Package home is the room of the first page: how the window stands, what is
// missing in it, and what comes next. It shows dates and counts, never a score.
package home

import (
	"net/http"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/population"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/window"
)

// Pages answers GET /.
type Pages struct {
	Shell       *web.Shell
	Accounts    *account.Service
	Windows     *window.Service
	Populations *population.Service
	Readiness   *readiness.Service
}

// Routes registers the page.
func (p Pages) Routes() {
	p.Shell.Handle("GET /{$}", p.home)
}

// home handles GET /.
func (p Pages) home(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	focus, err := readiness.Choose(ctx, p.Windows, r.URL.Query().Get("window"))
	if err != nil {
		return err
	}
	if focus == nil {
		return p.first(w, r)
	}
	o, err := p.Readiness.Overview(ctx, focus)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	d := summary(o, who, names)
	if who.Is(authz.Auditor) {
		if d.Figures.Populations, err = p.populations(r, o); err != nil {
			return err
		}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, p.view(r, o, d))
}

// populations counts the datasets that the reader may see and that speak of the
// window.
func (p Pages) populations(r *http.Request, o *readiness.Overview) (int, error) {
	sight, err := window.SightOf(r.Context(), p.Populations.Store)
	if err != nil {
		return 0, err
	}
	all, err := p.Populations.List(r.Context())
	if err != nil {
		return 0, err
	}
	from, to := o.Window.Value.Bounds(o.Calendar)
	n := 0
	for _, e := range window.Seen(sight, population.Datasets, all) {
		if a, b := e.Value.Period(); a.Before(to) && b.After(from) {
			n++
		}
	}
	return n, nil
}

// first answers before there is a window: what to do first.
func (p Pages) first(w http.ResponseWriter, r *http.Request) error {
	var controls []register.Entry[control.Control]
	who, _ := authz.Of(r.Context())
	if !who.Is(authz.Auditor) {
		var err error
		if controls, err = p.Readiness.Controls(r.Context()); err != nil {
			return err
		}
	}
	d := start{Controls: len(controls), CanOpen: who.Can(authz.WindowOpen), CanAdopt: who.Can(authz.ControlEdit)}
	return p.Shell.Answer(w, r, http.StatusOK, d, p.startView(r, d))
}

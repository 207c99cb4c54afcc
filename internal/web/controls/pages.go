// Package controls is the room of the pages on controls: the list, one control with
// its occurrences and evidence, the library to adopt from, and every version with
// what changed in it.
package controls

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages answers the pages under /controls.
type Pages struct {
	Shell     *web.Shell
	Accounts  *account.Service
	Controls  *control.Service
	Policies  *policy.Service // nil: the page does not speak of policies
	Windows   *window.Service
	Readiness *readiness.Service
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.Handle("GET /controls", p.list)
	p.Shell.Handle("GET /controls/library", p.library)
	p.Shell.Handle("POST /controls/adopt", p.adopt)
	p.Shell.Handle("GET /controls/{code}", p.show)
	p.Shell.Handle("GET /controls/{code}/history", p.history)
	p.Shell.Handle("GET /controls/{code}/edit", p.edit)
	p.Shell.Handle("POST /controls/{code}/edit", p.change)
	p.Shell.Handle("POST /controls/{code}/decide", p.decide)
	p.Shell.Handle("GET /controls/{code}/library", p.compare)
	p.Shell.Handle("POST /controls/{code}/library", p.follow)
}

// overview reads the window that the request speaks of; nil if there is none.
func (p Pages) overview(r *http.Request) (*readiness.Overview, error) {
	w, err := readiness.Choose(r.Context(), p.Windows, r.URL.Query().Get("window"))
	if err != nil || w == nil {
		return nil, err
	}
	return p.Readiness.Overview(r.Context(), w)
}

// find reads the control of the address with its line in the window, nil outside of
// it. An auditor finds the controls of their window and no others.
func (p Pages) find(r *http.Request) (register.Entry[control.Control], *readiness.Overview, *readiness.Line, error) {
	var none register.Entry[control.Control]
	code := r.PathValue("code")
	o, err := p.overview(r)
	if err != nil {
		return none, nil, nil, err
	}
	var line *readiness.Line
	if o != nil {
		line = o.Find(code)
	}
	if line != nil {
		return line.Control, o, line, nil
	}
	if who, _ := authz.Of(r.Context()); who.Is(authz.Auditor) {
		return none, nil, nil, fault.New(fault.NotFound, "register.no_code", "Code", code)
	}
	e, err := p.Controls.ByCode(r.Context(), code)
	return e, o, nil, err
}

func path(code string) string { return "/controls/" + url.PathEscape(code) }

// parent is the crumb of every page below the list.
func parent(ctx context.Context) ui.Link {
	return ui.Link{Label: i18n.T(ctx, "controlspage.title"), Href: "/controls"}
}

func period(ctx context.Context, w *window.Window) string {
	if w.Type == 1 {
		return i18n.T(ctx, "controlspage.type1", "Day", string(w.From))
	}
	return i18n.T(ctx, "controlspage.type2", "From", string(w.From), "Last", string(w.Last))
}

// word is the vocabulary's word for a value, or the value as it was written.
func word(ctx context.Context, prefix, value string) string {
	if key := prefix + "." + value; i18n.Has(i18n.Of(ctx), key) {
		return i18n.T(ctx, key)
	}
	return value
}

// person names an actor of the ledger.
func person(ctx context.Context, id string, names map[string]string) string {
	switch kind, name, found := strings.Cut(id, ":"); {
	case names[id] != "":
		return names[id]
	case found && kind == "operator":
		return i18n.T(ctx, "controlspage.operator", "Name", name)
	case found && kind == "service":
		return "Bevis"
	}
	return id
}

// cells is a strip in the reader's words.
func cells(ctx context.Context, months []readiness.Month) []ui.CoverageCell {
	out := make([]ui.CoverageCell, 0, len(months))
	for _, m := range months {
		out = append(out, ui.CoverageCell{Label: ui.Month(ctx, m.Date()), State: ui.ParseCoverage(string(m.Cover))})
	}
	return out
}

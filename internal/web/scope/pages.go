// Package scope is the room of the guided start: from "which report?" to adopted
// controls and an open window in six steps. Each step has an address of its own,
// keeps what was decided, and can be left and taken up again.
package scope

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/account"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages answers the pages under /start.
type Pages struct {
	Shell    *web.Shell
	Accounts *account.Service
	Scope    *programme.Service
	Controls *control.Service
	Windows  *window.Service
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.Handle("GET /start", p.start)
	for name, s := range map[string]struct{ get, post web.Handler }{
		stepReport:     {p.report, p.saveReport},
		stepCategories: {p.categories, p.saveCategories},
		stepDates:      {p.dates, p.saveDates},
		stepControls:   {p.controls, p.saveControls},
		stepOwners:     {p.owners, p.saveOwners},
		stepFinish:     {p.summary, p.finish},
	} {
		p.Shell.Handle("GET /start/"+name, s.get)
		p.Shell.Handle("POST /start/"+name, s.post)
	}
}

// The steps by the last part of their addresses.
const (
	stepReport     = "report"
	stepCategories = "categories"
	stepDates      = "dates"
	stepControls   = "controls"
	stepOwners     = "owners"
	stepFinish     = "finish"
)

var steps = []string{stepReport, stepCategories, stepDates, stepControls, stepOwners, stepFinish}

// done reports whether a step is decided.
func done(v *programme.Programme, step string) bool {
	switch step {
	case stepReport:
		return v.Report != ""
	case stepCategories:
		return len(v.Categories) > 0
	case stepDates:
		return v.Dated()
	case stepControls:
		return v.Controls.Seen
	case stepOwners:
		return v.Controls.Owned
	}
	return len(v.Windows) > 0
}

// next is the first step that is not decided; the last one when all are.
func next(v *programme.Programme) string {
	for _, s := range steps {
		if !done(v, s) {
			return s
		}
	}
	return stepFinish
}

// start handles GET /start: it leads to where the person left off.
func (p Pages) start(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/start/"+next(&e.Value))
}

// posted reads the programme that a form changes, at the version that the person
// read: somebody else's change in between is a conflict, not lost.
func (p Pages) posted(r *http.Request) (register.Entry[programme.Programme], error) {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return e, err
	}
	if err := r.ParseForm(); err != nil {
		return e, fault.Wrap(err, fault.Invalid, "start.form")
	}
	version, err := strconv.ParseInt(r.PostFormValue("version"), 10, 64)
	if err != nil {
		return e, fault.New(fault.Invalid, "start.form")
	}
	if version != e.Version {
		return e, fault.New(fault.Conflict, "start.overtaken")
	}
	return e, nil
}

// save stores the programme and goes on to the step after this one. A refusal of
// its rules comes back to be shown in the form.
func (p Pages) save(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], step string) (refused, err error) {
	if _, err := p.Scope.SaveProgramme(r.Context(), e); err != nil {
		if fault.KindOf(err) == fault.Invalid {
			return err, nil
		}
		return nil, err
	}
	return nil, web.SeeOther(w, r, "/start/"+steps[min(slices.Index(steps, step)+1, len(steps)-1)])
}

// frame is what every step shows around its own content.
type frame struct {
	head    ui.Head
	tabs    []ui.Tab
	action  string
	version string
	back    ui.Action
	errors  []ui.FieldError
	shell   ui.Shell
}

func (p Pages) frame(r *http.Request, e register.Entry[programme.Programme], step string, errors []ui.FieldError) frame {
	ctx := r.Context()
	n := slices.Index(steps, step)
	f := frame{
		head:   ui.Head{Title: t(ctx, step+".title"), Sub: t(ctx, step+".sub")},
		action: "/start/" + step, version: strconv.FormatInt(e.Version, 10), errors: errors,
		back: ui.Action{Label: t(ctx, "back"), Href: "/"},
	}
	if n > 0 {
		f.back.Href = "/start/" + steps[n-1]
	}
	for i, s := range steps {
		label := strconv.Itoa(i+1) + " " + t(ctx, s)
		if done(&e.Value, s) {
			label += " ✓"
		}
		f.tabs = append(f.tabs, ui.Tab{Label: label, Href: "/start/" + s, Current: s == step})
	}
	f.shell = p.Shell.Props(r, f.head.Title, ui.Link{Label: t(ctx, "title"), Href: "/start"})
	return f
}

// t is a message of the guided start.
func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "start."+key, args...)
}

// field is a trimmed value of the posted form.
func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// status is the answer's status: 422 for a form that comes back with errors.
func status(errors []ui.FieldError) int {
	if len(errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// refusal shows a rule's refusal beside a field.
func refusal(ctx context.Context, id string, err error) []ui.FieldError {
	return []ui.FieldError{{ID: id, Message: i18n.Fault(ctx, err, "")}}
}

func errorOf(all []ui.FieldError, id string) string {
	for _, e := range all {
		if e.ID == id {
			return e.Message
		}
	}
	return ""
}

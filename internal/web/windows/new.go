package windows

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// form is what somebody typed about a new window. Days are inclusive.
type form struct {
	Type       string            `json:"type"` // "1" or "2"
	First      string            `json:"first"`
	Last       string            `json:"last"`
	AsOf       string            `json:"as_of"` // Type 1
	Categories []string          `json:"categories"`
	Expected   []count           `json:"expected"` // occurrences in the days typed, once asked for
	Errors     map[string]string `json:"errors"`   // by field
}

type newProps struct {
	shell      ui.Shell
	form       form
	types      []ui.Option
	categories []ui.Option
	errors     []ui.FieldError
}

// blank handles GET /windows/new.
func (p Pages) blank(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Windows.Policy.Require(ctx, authz.WindowOpen); err != nil {
		return err
	}
	org, err := scope.Current(p.Store.Live(ctx))
	if err != nil {
		return err
	}
	f := form{Type: "2", Categories: []string{}, Expected: []count{}}
	for _, c := range org.Value.Categories {
		f.Categories = append(f.Categories, string(c))
	}
	return p.form(w, r, http.StatusOK, f)
}

// open handles POST /windows. With do=count it opens nothing and says how many
// occurrences the days would hold.
func (p Pages) open(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Windows.Policy.Require(ctx, authz.WindowOpen); err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "windowspage.form")
	}
	f := form{Type: r.PostFormValue("type"), First: field(r, "first"), Last: field(r, "last"), AsOf: field(r, "as_of"), Categories: r.PostForm["categories"], Expected: []count{}}
	if f.Categories == nil {
		f.Categories = []string{}
	}
	plan := f.plan(ctx)
	if len(f.Errors) > 0 {
		return p.form(w, r, http.StatusUnprocessableEntity, f)
	}
	if r.PostFormValue("do") == "count" && plan.Type == 2 {
		f.Expected = expected(scope.Day(f.First), scope.Day(f.Last))
		return p.form(w, r, http.StatusOK, f)
	}
	e, err := p.Windows.OpenWindow(ctx, plan)
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		f.wrong("type-0", i18n.Fault(ctx, err, ""))
		return p.form(w, r, http.StatusUnprocessableEntity, f)
	}
	return web.SeeOther(w, r, "/windows/"+e.Value.Code+"?opened=1")
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

func (f *form) wrong(field, text string) {
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	f.Errors[field] = text
}

// day reads a day and notes what is wrong with it.
func (f *form) day(ctx context.Context, field, s string) scope.Day {
	if s == "" {
		f.wrong(field, i18n.T(ctx, "windowspage.need."+field))
		return ""
	}
	d, err := scope.ParseDay(s)
	if err != nil {
		f.wrong(field, i18n.Fault(ctx, err, ""))
	}
	return d
}

// plan turns the form's inclusive days into the service's plan, whose end is
// excluded.
func (f *form) plan(ctx context.Context) window.Plan {
	plan := window.Plan{Categories: f.Categories}
	switch f.Type {
	case "1":
		plan.Type, plan.AsOf = 1, string(f.day(ctx, "as_of", f.AsOf))
	case "2":
		first, last := f.day(ctx, "first", f.First), f.day(ctx, "last", f.Last)
		if len(f.Errors) > 0 {
			break
		}
		if last < first {
			f.wrong("last", i18n.T(ctx, "windowspage.order", "First", string(first), "Last", string(last)))
			break
		}
		plan.Type, plan.From, plan.To = 2, string(first), string(last.Add(1))
	default:
		f.wrong("type-0", i18n.T(ctx, "windowspage.need.type"))
	}
	if _, err := framework.ParseCategories(f.Categories...); err != nil {
		f.wrong("categories-0", i18n.Fault(ctx, err, ""))
	}
	return plan
}

func (p Pages) form(w http.ResponseWriter, r *http.Request, status int, f form) error {
	ctx := r.Context()
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	v := newProps{shell: p.Shell.Props(r, t("new"), ui.Link{Label: t("title"), Href: "/windows"}), form: f}
	for _, n := range []string{"1", "2"} {
		v.types = append(v.types, ui.Option{Value: n, Label: t("type" + n), Help: t("type" + n + "_help"), Chosen: f.Type == n})
	}
	for _, c := range framework.AllCategories() {
		always := c == framework.Security
		v.categories = append(v.categories, ui.Option{Value: string(c), Label: t("category." + string(c)), Chosen: always || slices.Contains(f.Categories, string(c)), Disabled: always})
	}
	for _, id := range []string{"type-0", "first", "last", "as_of", "categories-0"} {
		if f.Errors[id] != "" {
			v.errors = append(v.errors, ui.FieldError{ID: id, Message: f.Errors[id]})
		}
	}
	if f.Errors == nil {
		f.Errors = map[string]string{}
	}
	return p.Shell.Answer(w, r, status, f, newPage(v))
}

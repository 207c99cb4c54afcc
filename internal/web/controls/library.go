package controls

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
)

// libraryData is the library as JSON.
type libraryData struct {
	Left     int       `json:"left"` // not adopted yet
	Controls []offered `json:"controls"`
}

type offered struct {
	Code      string            `json:"code"`
	Title     string            `json:"title"`
	Statement string            `json:"statement"` // with its default values filled in
	Category  string            `json:"category"`
	Frequency control.Frequency `json:"frequency"`
	Criteria  []string          `json:"criteria"`
	Taken     bool              `json:"taken"`
}

// adoptForm is what was posted, to be shown again when it is refused.
type adoptForm struct {
	codes  []string
	all    bool
	owner  string
	from   string
	errors []ui.FieldError
}

// library handles GET /controls/library.
func (p Pages) library(w http.ResponseWriter, r *http.Request) error {
	return p.offer(w, r, http.StatusOK, adoptForm{})
}

// offer shows the library with the form as it stands.
func (p Pages) offer(w http.ResponseWriter, r *http.Request, status int, form adoptForm) error {
	ctx, q := r.Context(), r.URL.Query()
	all, err := p.Controls.Offer(ctx)
	if err != nil {
		return err
	}
	owners, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	if form.from == "" {
		if form.from, err = p.firstDay(r); err != nil {
			return err
		}
	}
	lang := i18n.Of(ctx)
	d := libraryData{Controls: []offered{}}
	only, err := proposedFor(q.Get("proposed"))
	if err != nil {
		return err
	}
	text, category := strings.ToLower(strings.TrimSpace(q.Get("q"))), q.Get("category")
	for _, l := range all {
		if !l.Taken {
			d.Left++
		}
		hay := strings.ToLower(l.Code + "\n" + l.Title.EN + "\n" + l.Title.SV + "\n" + strings.Join(l.Criteria, " "))
		if text != "" && !strings.Contains(hay, text) || category != "" && l.Category != category || only != nil && !only[l.Code] {
			continue
		}
		d.Controls = append(d.Controls, offered{l.Code, l.Title.For(lang), l.Statement(lang, nil), l.Category, l.Frequency, list(l.Criteria), l.Taken})
	}
	place := func(c string) int { return slices.Index(control.Categories, c) }
	slices.SortStableFunc(d.Controls, func(a, b offered) int {
		return cmp.Or(place(a.Category)-place(b.Category), strings.Compare(a.Code, b.Code))
	})
	props := libraryView(ctx, d, form, owners, q)
	return p.Shell.Answer(w, r, status, d, libraryPage(p.Shell.Props(r, props.head.Title, parent(ctx)), props))
}

// proposedFor are the controls that a choice of categories brings: for Security its
// proposed set, for another category what it adds to that; nil without a choice.
func proposedFor(name string) (map[string]bool, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // nothing is narrowed
	}
	chosen, err := framework.ParseCategories(name)
	if err != nil {
		return nil, err
	}
	with, err := control.Propose(chosen, nil)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, code := range with.Codes() {
		out[code] = true
	}
	if len(chosen) == 1 {
		return out, nil
	}
	alone, err := control.Propose(nil, nil)
	for _, code := range alone.Codes() {
		delete(out, code)
	}
	return out, err
}

// firstDay proposes from when adopted controls bind: the first day of the window in
// focus, so that they bind in all of it, else today's is left to the person.
func (p Pages) firstDay(r *http.Request) (string, error) {
	w, err := readiness.Choose(r.Context(), p.Windows, "")
	if err != nil || w == nil {
		return "", err
	}
	return string(w.Value.From), nil
}

// adopt handles POST /controls/adopt.
func (p Pages) adopt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "controlspage.form")
	}
	form := adoptForm{codes: r.PostForm["id"], all: r.PostFormValue("all") != "", owner: r.PostFormValue("owner"), from: strings.TrimSpace(r.PostFormValue("from"))}
	owners, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	wrong := func(id, key string) {
		form.errors = append(form.errors, ui.FieldError{ID: id, Message: i18n.T(ctx, key)})
	}
	if form.owner != "" && owners[form.owner] == "" {
		wrong("owner", "controlspage.adopt.owner_unknown")
	}
	from, err := scope.ParseDay(form.from)
	if err != nil {
		wrong("from", "controlspage.adopt.day")
	}
	if len(form.codes) == 0 && !form.all {
		wrong("library", "controlspage.adopt.nothing")
	}
	if len(form.errors) > 0 {
		return p.offer(w, r, http.StatusUnprocessableEntity, form)
	}
	if form.all {
		form.codes = nil // the whole library
	}
	if _, err := p.Controls.Adopt(ctx, form.codes, form.owner, from); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		form.errors = []ui.FieldError{{ID: "library", Message: i18n.Fault(ctx, err, "")}}
		return p.offer(w, r, http.StatusUnprocessableEntity, form)
	}
	http.Redirect(w, r, "/controls", http.StatusSeeOther)
	return nil
}

type libraryProps struct {
	head   ui.Head
	errors []ui.FieldError
	owner  ui.Field
	owners []ui.Option
	from   ui.Field
	all    ui.Action
	bulk   ui.Bulk
	filter ui.Filter
	table  ui.Table
	groups []libraryGroup
	left   bool
}

type libraryGroup struct {
	group ui.Group
	rows  []libraryRow
}

type libraryRow struct {
	row  ui.Row
	data offered
}

func libraryView(ctx context.Context, d libraryData, form adoptForm, owners map[string]string, q url.Values) libraryProps {
	t := func(key string, args ...any) string { return i18n.T(ctx, "controlspage."+key, args...) }
	p := libraryProps{
		head: ui.Head{Title: t("library"), Sub: t("library.sub")}, errors: form.errors, left: d.Left > 0,
		owner: ui.Field{Name: "owner", Label: t("owner"), Help: t("adopt.owner.help"), Optional: true, Error: errorOf(form.errors, "owner")},
		from:  ui.Field{Name: "from", Type: "date", Label: t("from"), Help: t("adopt.from.help"), Value: form.from, Error: errorOf(form.errors, "from")},
		all:   ui.Action{Label: t("adopt.all", "Count", d.Left), Submit: true, Name: "all", Value: "yes"},
		bulk:  ui.Bulk{Action: "/controls/adopt", Actions: []ui.Action{{Label: t("adopt.chosen"), Icon: "plus", Submit: true}}},
	}
	p.owners = []ui.Option{{Label: t("adopt.owner.none"), Chosen: form.owner == ""}}
	ids := slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return cmp.Or(strings.Compare(owners[a], owners[b]), strings.Compare(a, b)) })
	for _, id := range ids {
		p.owners = append(p.owners, ui.Option{Value: id, Label: owners[id], Chosen: form.owner == id})
	}
	category := q.Get("category")
	options := []ui.Option{{Label: t("all_categories"), Chosen: category == ""}}
	for _, c := range control.Categories {
		options = append(options, ui.Option{Value: c, Label: word(ctx, "category", c), Chosen: category == c})
	}
	p.filter = ui.Filter{
		Action: "/controls/library", Target: "library", Label: t("library.filter"), Search: &ui.Search{Name: "q", Value: q.Get("q"), Hint: t("library.hint")},
		Selects: []ui.FilterSelect{{Name: "category", Label: t("category"), Options: options}, {Name: "proposed", Label: t("library.proposed"), Options: proposedOptions(ctx, q.Get("proposed"))}},
	}
	p.table = ui.Table{ID: "library", Caption: t("library"), Select: d.Left > 0, Announce: t("shown", "Count", len(d.Controls)), Columns: []ui.Column{
		{Label: t("control")}, {Label: t("statement")}, {Label: t("frequency")}, {Label: t("criteria")}, {Label: t("status"), Kind: ui.CellStatus},
	}}
	if len(d.Controls) == 0 {
		p.table.Empty = &ui.Empty{Icon: "filter", Title: t("none"), Text: t("none.text"), Action: &ui.Action{Label: t("clear"), Href: "/controls/library"}, Quiet: true}
	}
	for i, o := range d.Controls {
		if n := len(p.groups); n == 0 || d.Controls[i-1].Category != o.Category {
			p.groups = append(p.groups, libraryGroup{group: ui.Group{Title: word(ctx, "category", o.Category), Span: p.table.Span()}})
		}
		row := libraryRow{ui.Row{Code: o.Code, Title: o.Title, Select: o.Code}, o}
		if o.Taken {
			row.row.Select, row.row.Href = "", path(o.Code)
		}
		g := &p.groups[len(p.groups)-1]
		g.rows = append(g.rows, row)
	}
	return p
}

// proposedOptions narrow the library to the set proposed for a category.
func proposedOptions(ctx context.Context, chosen string) []ui.Option {
	out := []ui.Option{{Label: i18n.T(ctx, "controlspage.library.all"), Chosen: chosen == ""}}
	for _, c := range framework.AllCategories() {
		label := i18n.T(ctx, "controlspage.library.adds", "Category", i18n.Key("start.category."+string(c)))
		if c == framework.Security {
			label = i18n.T(ctx, "controlspage.library.security")
		}
		out = append(out, ui.Option{Value: string(c), Label: label, Chosen: chosen == string(c)})
	}
	return out
}

func errorOf(all []ui.FieldError, id string) string {
	for _, e := range all {
		if e.ID == id {
			return e.Message
		}
	}
	return ""
}

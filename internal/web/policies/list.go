package policies

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// listData is the list as JSON.
type listData struct {
	Policies []line `json:"policies"`
}

type line struct {
	Code       string          `json:"code"`
	Title      string          `json:"title"`
	Status     policy.Status   `json:"status"`
	Edition    int             `json:"edition"`
	InForce    int             `json:"edition_in_force"` // 0 for none
	Since      scope.Day       `json:"in_force_from"`
	NextReview scope.Day       `json:"next_review"`
	Owner      string          `json:"owner"`
	Audience   policy.Audience `json:"audience"`
}

type listProps struct {
	head  ui.Head
	table ui.Table
	rows  []listRow
	today scope.Day
}

type listRow struct {
	row   ui.Row
	data  line
	state standing
	binds string
	due   bool // the review is past due
}

// list handles GET /policies.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := p.Policies.List(ctx)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	today, err := p.Policies.Today(ctx)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	d := listData{Policies: []line{}}
	v := listProps{head: ui.Head{Title: t(ctx, "title"), Sub: t(ctx, "sub")}, today: today}
	if who.Can(authz.PolicyManage) && len(all) > 0 {
		v.head.Primary = &ui.Action{Label: t(ctx, "templates.open"), Icon: "plus", Href: "/policies/templates"}
	}
	for i := range all {
		x := &all[i].Value
		l := line{x.Code, x.Heading(i18n.Of(ctx)), x.Status, x.Edition, 0, "", x.NextReview, names[x.Owner], x.Audience}
		if pub, ok := x.On(today); ok {
			l.InForce, l.Since = pub.Edition, pub.From
		}
		if x.Status == policy.Retired {
			l.NextReview = ""
		}
		d.Policies = append(d.Policies, l)
		v.rows = append(v.rows, listRow{ui.Row{Href: path(x.Code), Code: x.Code, Title: l.Title}, l, standingOf(ctx, x, today), binding(ctx, x, today), l.NextReview != "" && l.NextReview < today})
	}
	v.table = ui.Table{ID: "policies", Caption: t(ctx, "title"), Columns: []ui.Column{
		{Label: t(ctx, "policy")},
		{Label: bindingLabel(ctx)},
		{Label: t(ctx, "audience")},
		{Label: t(ctx, "owner"), Kind: ui.CellOwner},
		{Label: t(ctx, "review"), Kind: ui.CellDate},
		{Label: t(ctx, "state"), Kind: ui.CellStatus},
	}}
	if len(all) == 0 {
		v.table.Empty = &ui.Empty{Icon: "doc", Title: t(ctx, "none"), Text: t(ctx, "none.text")}
		if who.Can(authz.PolicyManage) {
			v.table.Empty.Text = t(ctx, "none.manage")
			v.table.Empty.Action = &ui.Action{Label: t(ctx, "templates.open"), Icon: "plus", Href: "/policies/templates"}
		}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, listPage(p.Shell.Props(r, v.head.Title), v))
}

// templatesData is the catalogue as JSON.
type templatesData struct {
	Templates []offered `json:"templates"`
}

type offered struct {
	ID       string   `json:"id"`
	Code     string   `json:"code"`
	Title    string   `json:"title"`
	Purpose  string   `json:"purpose"`
	Controls []string `json:"controls"`
	Criteria []string `json:"criteria"`
	Taken    bool     `json:"taken"` // the organisation has a policy of this code
}

type templatesProps struct {
	head   ui.Head
	errors []ui.FieldError
	owner  ui.Field
	owners []ui.Option
	bulk   ui.Bulk
	table  ui.Table
	rows   []templateRow
	left   bool
}

type templateRow struct {
	row  ui.Row
	data offered
}

// templates handles GET /policies/templates.
func (p Pages) templates(w http.ResponseWriter, r *http.Request) error {
	return p.offer(w, r, http.StatusOK, nil, "")
}

// offer shows the templates with what is wrong in the form.
func (p Pages) offer(w http.ResponseWriter, r *http.Request, status int, errs []ui.FieldError, owner string) error {
	ctx := r.Context()
	if who, _ := authz.Of(ctx); !who.Can(authz.PolicyManage) {
		return fault.New(fault.Denied, "authz.denied")
	}
	all, err := policy.Templates()
	if err != nil {
		return err
	}
	have, err := p.Policies.List(ctx)
	if err != nil {
		return err
	}
	owners, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	lang := i18n.Of(ctx)
	d := templatesData{Templates: []offered{}}
	v := templatesProps{
		head: ui.Head{Title: t(ctx, "templates"), Sub: t(ctx, "templates.sub")}, errors: errs,
		owner:  ui.Field{Name: "owner", Label: t(ctx, "owner"), Help: t(ctx, "adopt.owner.help"), Optional: true},
		owners: ownerOptions(ctx, owners, owner),
		bulk:   ui.Bulk{Action: "/policies/adopt"},
	}
	for i := range all {
		x := &all[i]
		taken := slices.ContainsFunc(have, func(e policy.Entry) bool { return e.Value.Code == x.Code() })
		v.left = v.left || !taken
		o := offered{x.ID, x.Code(), x.Title.In(lang), x.Purpose.In(lang), x.Controls, x.Criteria, taken}
		d.Templates = append(d.Templates, o)
		row := ui.Row{Title: o.Title, Select: o.ID}
		if taken {
			row.Select, row.Href = "", path(o.Code)
		}
		v.rows = append(v.rows, templateRow{row, o})
	}
	slices.SortStableFunc(v.rows, func(a, b templateRow) int { return strings.Compare(a.data.Title, b.data.Title) })
	v.table = ui.Table{ID: "templates", Caption: v.head.Title, Select: v.left, Columns: []ui.Column{
		{Label: t(ctx, "template")}, {Label: t(ctx, "purpose")}, {Label: t(ctx, "controls")}, {Label: t(ctx, "criteria")}, {Label: t(ctx, "state"), Kind: ui.CellStatus},
	}}
	if v.left {
		v.bulk.Actions = []ui.Action{{Label: t(ctx, "adopt.chosen"), Icon: "plus", Submit: true}}
	}
	return p.Shell.Answer(w, r, status, d, templatesPage(p.Shell.Props(r, v.head.Title, parent(ctx)), v))
}

func ownerOptions(ctx context.Context, owners map[string]string, chosen string) []ui.Option {
	out := []ui.Option{{Label: t(ctx, "no_owner"), Chosen: chosen == ""}}
	for _, id := range slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return cmp.Or(strings.Compare(owners[a], owners[b]), strings.Compare(a, b)) }) {
		out = append(out, ui.Option{Value: id, Label: owners[id], Chosen: id == chosen})
	}
	return out
}

// adopt handles POST /policies/adopt.
func (p Pages) adopt(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "policiespage.form")
	}
	owner := r.PostFormValue("owner")
	if _, err := p.Policies.Adopt(ctx, r.PostForm["id"], policy.Adoption{Owner: owner}); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		return p.offer(w, r, http.StatusUnprocessableEntity, []ui.FieldError{{ID: "templates", Message: i18n.Fault(ctx, err, "")}}, owner)
	}
	return web.SeeOther(w, r, "/policies")
}

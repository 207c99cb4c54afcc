package accounts

import (
	"context"
	"net/http"
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// form is what an administrator typed about an account. A password is never sent
// back.
type form struct {
	Name   string   `json:"name"`
	Email  string   `json:"email"`
	Roles  []string `json:"roles"`
	Window string   `json:"window"`
	From   string   `json:"access_from"` // first day
	Last   string   `json:"access_last"` // last day, included
	Reason string   `json:"reason"`
	Error  string   `json:"error"`
	field  string   // id of the field that Error is about
}

func read(r *http.Request) (form, error) {
	if err := r.ParseForm(); err != nil {
		return form{}, fault.Wrap(err, fault.Invalid, "accountspage.form")
	}
	f := form{
		Name: r.PostFormValue("name"), Email: r.PostFormValue("email"), Roles: r.PostForm["roles"], Window: r.PostFormValue("window"),
		From: strings.TrimSpace(r.PostFormValue("access_from")), Last: strings.TrimSpace(r.PostFormValue("access_last")), Reason: r.PostFormValue("reason"),
	}
	if f.Roles == nil {
		f.Roles = []string{}
	}
	return f, nil
}

// access turns days of the organisation into the service's instants.
func (p Pages) access(ctx context.Context, f *form) (account.Access, error) {
	a := account.Access{Window: f.Window}
	for _, r := range f.Roles {
		a.Roles = append(a.Roles, authz.Role(r))
	}
	cal, err := scope.CalendarOf(p.Store.Live(ctx))
	if err != nil {
		return a, err
	}
	day := func(s, field string, later int) (time.Time, error) {
		if s == "" {
			return time.Time{}, nil
		}
		d, err := scope.ParseDay(s)
		if err != nil {
			f.field = field
			return time.Time{}, err
		}
		return cal.Start(d.Add(later)), nil
	}
	if a.From, err = day(f.From, "access_from", 0); err != nil {
		return a, err
	}
	a.Until, err = day(f.Last, "access_last", 1)
	return a, err
}

// fields says which field a refusal is about.
var fields = map[string]string{
	"account.email": "email", "account.email_taken": "email", "account.name": "name",
	"account.role_none": "roles", "account.role_unknown": "roles", "account.auditor_alone": "roles",
	"account.window_auditor_only": "window", "account.auditor_until": "access_last", "account.period": "access_last",
	"account.reason": "reason", "account.password_wrong": "present",
	"account.password_text": "password", "account.password_short": "password", "account.password_long": "password",
	"account.password_own": "password", "account.password_common": "password",
}

// refuse puts a refusal into the form; ok is false for what is not the form's.
func (f *form) refuse(ctx context.Context, err error) (ok bool) {
	if fault.KindOf(err) != fault.Invalid {
		return false
	}
	f.Error = i18n.Fault(ctx, err, "")
	if e, is := fault.As(err); is && f.field == "" {
		f.field = fields[e.Key]
	}
	return true
}

// at is the message if it belongs to the field.
func (f form) at(field string) string {
	if f.field == field {
		return f.Error
	}
	return ""
}

// summary is the list above a refused form.
func (f form) summary() []ui.FieldError {
	if f.Error == "" {
		return nil
	}
	id := map[string]string{"roles": "roles-0"}[f.field]
	if id == "" {
		id = f.field
	}
	return []ui.FieldError{{ID: id, Message: f.Error}}
}

type formProps struct {
	shell   ui.Shell
	head    ui.Head
	form    form
	roles   []ui.Option
	windows []ui.Option
	action  string
	cancel  string
	save    string
	fresh   bool // a new account: asks for name, address and password, not for a reason
}

// choices fills what can be chosen.
func (p Pages) choices(ctx context.Context, v *formProps) error {
	for _, role := range authz.Roles {
		o := ui.Option{Value: string(role), Label: i18n.T(ctx, "role."+string(role)), Help: i18n.T(ctx, "accountspage.role."+string(role))}
		for _, chosen := range v.form.Roles {
			o.Chosen = o.Chosen || chosen == string(role)
		}
		v.roles = append(v.roles, o)
	}
	ws, err := p.Windows.List(ctx)
	if err != nil {
		return err
	}
	v.windows = []ui.Option{{Label: i18n.T(ctx, "accountspage.no_window"), Chosen: v.form.Window == ""}}
	for _, w := range ws {
		v.windows = append(v.windows, ui.Option{Value: w.ID.String(), Label: w.Value.Code + ", " + w.Value.TitleIn(i18n.Of(ctx)), Chosen: v.form.Window == w.ID.String()})
	}
	return nil
}

// blank handles GET /accounts/new.
func (p Pages) blank(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Accounts.Policy.Require(r.Context(), authz.AccountManage); err != nil {
		return err
	}
	return p.newForm(w, r, http.StatusOK, form{Roles: []string{}})
}

// add handles POST /accounts.
func (p Pages) add(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Accounts.Policy.Require(ctx, authz.AccountManage); err != nil {
		return err
	}
	f, err := read(r)
	if err != nil {
		return err
	}
	a, err := p.access(ctx, &f)
	if err == nil {
		_, err = p.Accounts.Add(ctx, account.NewUser{Email: f.Email, Name: f.Name, Roles: a.Roles, Window: a.Window, From: a.From, Until: a.Until, Password: r.PostFormValue("password")})
	}
	if err != nil {
		if f.refuse(ctx, err) {
			return p.newForm(w, r, http.StatusUnprocessableEntity, f)
		}
		return err
	}
	e, err := p.Accounts.ByEmail(ctx, f.Email)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/accounts/"+e.ID.String())
}

func (p Pages) newForm(w http.ResponseWriter, r *http.Request, status int, f form) error {
	ctx := r.Context()
	title := i18n.T(ctx, "accountspage.new")
	v := formProps{
		shell: p.Shell.Props(r, title, crumb(ctx)), head: ui.Head{Title: title, Sub: i18n.T(ctx, "accountspage.new_sub")},
		form: f, action: "/accounts", cancel: "/accounts", save: i18n.T(ctx, "accountspage.create"), fresh: true,
	}
	if err := p.choices(ctx, &v); err != nil {
		return err
	}
	return p.Shell.Answer(w, r, status, f, formPage(v))
}

// askAccess handles GET /accounts/{id}/access.
func (p Pages) askAccess(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Accounts.Policy.Require(r.Context(), authz.AccountManage); err != nil {
		return err
	}
	e, err := p.get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	one, err := p.read(r.Context(), e)
	if err != nil {
		return err
	}
	return p.accessForm(w, r, http.StatusOK, one, form{Roles: one.Roles, Window: one.Window, From: one.AccessFrom, Last: one.AccessLast})
}

// changeAccess handles POST /accounts/{id}/access.
func (p Pages) changeAccess(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Accounts.Policy.Require(ctx, authz.AccountManage); err != nil {
		return err
	}
	e, err := p.get(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := read(r)
	if err != nil {
		return err
	}
	a, err := p.access(ctx, &f)
	if err == nil {
		_, err = p.Accounts.ChangeRoles(ctx, e.Value.Email, a, f.Reason)
	}
	if err != nil {
		if !f.refuse(ctx, err) {
			return err
		}
		one, err := p.read(ctx, e)
		if err != nil {
			return err
		}
		return p.accessForm(w, r, http.StatusUnprocessableEntity, one, f)
	}
	return web.SeeOther(w, r, "/accounts/"+e.ID.String())
}

func (p Pages) accessForm(w http.ResponseWriter, r *http.Request, status int, one person, f form) error {
	ctx := r.Context()
	title := i18n.T(ctx, "accountspage.change_access")
	back := "/accounts/" + one.ID
	v := formProps{
		shell: p.Shell.Props(r, title, crumb(ctx), ui.Link{Label: one.Name, Href: back}), head: ui.Head{Title: title, Sub: one.Name + ", " + one.Email},
		form: f, action: back + "/access", cancel: back, save: i18n.T(ctx, "accountspage.save_access"),
	}
	if err := p.choices(ctx, &v); err != nil {
		return err
	}
	return p.Shell.Answer(w, r, status, f, formPage(v))
}

func crumb(ctx context.Context) ui.Link {
	return ui.Link{Label: i18n.T(ctx, "accountspage.title"), Href: "/accounts"}
}

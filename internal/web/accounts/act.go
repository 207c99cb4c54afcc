package accounts

import (
	"net/http"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// act is something that is asked about before it is done to an account.
type act string

// The acts, by the last part of their path.
const (
	disable act = "disable"
	enable  act = "enable"
	reset   act = "reset-password"
)

// word is the act in message keys.
func (a act) word() string {
	if a == reset {
		return "reset"
	}
	return string(a)
}

type actProps struct {
	shell    ui.Shell
	confirm  ui.Confirm
	form     form
	password bool // asks for a password instead of a reason
}

// ask handles GET /accounts/{id}/disable, enable and reset-password.
func (p Pages) ask(w http.ResponseWriter, r *http.Request, a act) error {
	if _, err := p.Accounts.Policy.Require(r.Context(), authz.AccountManage); err != nil {
		return err
	}
	return p.confirm(w, r, http.StatusOK, a, form{Roles: []string{}})
}

func (p Pages) confirm(w http.ResponseWriter, r *http.Request, status int, a act, f form) error {
	ctx := r.Context()
	e, err := p.get(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	key := "accountspage." + a.word()
	back := "/accounts/" + e.ID.String()
	v := actProps{shell: p.Shell.Props(r, i18n.T(ctx, key), crumb(ctx), ui.Link{Label: e.Value.Name, Href: back}), form: f, password: a == reset}
	v.confirm = ui.Confirm{
		Title: i18n.T(ctx, key+".title", "Name", e.Value.Name), Text: i18n.T(ctx, key+".text", "Email", e.Value.Email),
		Action: back + "/" + string(a), Button: i18n.T(ctx, key), Danger: a == disable, Cancel: back,
	}
	f.Name, f.Email = e.Value.Name, e.Value.Email
	return p.Shell.Answer(w, r, status, f, actPage(v))
}

// do handles POST /accounts/{id}/disable, enable and reset-password. A reset has
// no reason of its own: the account's history shows who set the password and when.
func (p Pages) do(w http.ResponseWriter, r *http.Request, a act) error {
	ctx := r.Context()
	if _, err := p.Accounts.Policy.Require(ctx, authz.AccountManage); err != nil {
		return err
	}
	e, err := p.get(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	f := form{Reason: r.PostFormValue("reason"), Roles: []string{}}
	switch a {
	case disable:
		_, err = p.Accounts.Disable(ctx, e.Value.Email, f.Reason)
	case enable:
		_, err = p.Accounts.Enable(ctx, e.Value.Email, f.Reason)
	default:
		err = p.Accounts.ResetPassword(ctx, e.Value.Email, r.PostFormValue("password"))
	}
	if err != nil {
		if f.refuse(ctx, err) {
			return p.confirm(w, r, http.StatusUnprocessableEntity, a, f)
		}
		return err
	}
	return web.SeeOther(w, r, "/accounts/"+e.ID.String())
}

package accounts

import (
	"net/http"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

type ownProps struct {
	shell  ui.Shell
	person person
	form   form
}

// own handles GET /account, a person's own profile.
func (p Pages) own(w http.ResponseWriter, r *http.Request) error {
	return p.profile(w, r, http.StatusOK, form{})
}

func (p Pages) profile(w http.ResponseWriter, r *http.Request, status int, f form) error {
	ctx := r.Context()
	who, err := p.Accounts.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return err
	}
	// Everybody may read their own account, whatever their role.
	e, err := account.Users.Get(p.Store.Live(ctx), account.ID(who.ID))
	if err != nil {
		return err
	}
	one, err := p.read(ctx, e)
	if err != nil {
		return err
	}
	v := ownProps{shell: p.Shell.Props(r, i18n.T(ctx, "accountspage.own")), person: one, form: f}
	if r.FormValue("changed") == "1" && f.Error == "" {
		v.shell.Flash = []ui.Toast{{Text: i18n.T(ctx, "accountspage.password_changed"), Tone: ui.ToneOK}}
	}
	return p.Shell.Answer(w, r, status, one, ownPage(v))
}

// changePassword handles POST /account. The session that asks stays; all others of
// the account end.
func (p Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var f form
	var err error
	if r.PostFormValue("password") == r.PostFormValue("again") {
		err = p.Accounts.ChangePassword(ctx, r.PostFormValue("present"), r.PostFormValue("password"), p.Shell.Token(r))
	} else {
		f.field, err = "again", fault.New(fault.Invalid, "accountspage.not_the_same")
	}
	if err != nil {
		if f.refuse(ctx, err) {
			return p.profile(w, r, http.StatusUnprocessableEntity, f)
		}
		return err
	}
	return web.SeeOther(w, r, "/account?changed=1")
}

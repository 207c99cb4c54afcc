package accounts

import (
	"net/http"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

type showProps struct {
	shell  ui.Shell
	head   ui.Head
	person person
	self   bool
	linked bool // the reader may open the history
}

// show handles GET /accounts/{id}.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, err := p.get(ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	one, err := p.read(ctx, e)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	v := showProps{shell: p.Shell.Props(r, one.Name, crumb(ctx)), person: one, self: who.ID == one.ID, linked: who.Can(authz.HistoryRead)}
	v.head = ui.Head{Title: one.Name, Sub: one.Email, Eyebrow: state(one.Status)}
	if who.Can(authz.AccountManage) && !v.self {
		here := "/accounts/" + one.ID + "/"
		v.head.Primary = &ui.Action{Label: i18n.T(ctx, "accountspage.change_access"), Href: here + "access", Edit: true}
		v.head.Secondary = []ui.Action{{Label: i18n.T(ctx, "accountspage.reset"), Icon: "key", Href: here + string(reset)}}
		if one.Status == disabled {
			v.head.Secondary = append(v.head.Secondary, ui.Action{Label: i18n.T(ctx, "accountspage.enable"), Href: here + string(enable)})
		} else {
			v.head.Secondary = append(v.head.Secondary, ui.Action{Label: i18n.T(ctx, "accountspage.disable"), Href: here + string(disable), Danger: true})
		}
	}
	return p.Shell.Answer(w, r, http.StatusOK, one, showPage(v))
}

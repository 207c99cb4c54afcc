// Package accounts is the room where accounts are seen and managed: who may come
// in, as what, for how long, and a person's own profile.
//
// Every change is a version of the account's entry, so who gave whom which access
// and why is in the ledger; these pages only ask and show.
package accounts

import (
	"net/http"

	"bevis/internal/account"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/window"
)

// Pages answers the account pages. All fields are required.
type Pages struct {
	Shell    *web.Shell
	Store    *register.Store
	Accounts *account.Service
	Windows  *window.Service
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.Handle("GET /accounts", p.list)
	p.Shell.Handle("GET /accounts/new", p.blank)
	p.Shell.Handle("POST /accounts", p.add)
	p.Shell.Handle("GET /accounts/{id}", p.show)
	p.Shell.Handle("GET /accounts/{id}/access", p.askAccess)
	p.Shell.Handle("POST /accounts/{id}/access", p.changeAccess)
	for _, a := range []act{disable, enable, reset} {
		p.Shell.Handle("GET /accounts/{id}/"+string(a), func(w http.ResponseWriter, r *http.Request) error { return p.ask(w, r, a) })
		p.Shell.Handle("POST /accounts/{id}/"+string(a), func(w http.ResponseWriter, r *http.Request) error { return p.do(w, r, a) })
	}
	p.Shell.Handle("GET /account", p.own)
	p.Shell.Handle("POST /account", p.changePassword)
}

// Package signin is the room where a person signs in and out.
//
// Who may come in is the account's business (package account); these pages hand
// over what was typed, say in one sentence why not, and put the session into the
// browser. A password is never sent back.
package signin

import (
	"bevis/internal/account"
	"bevis/internal/web"
)

// Pages answers the sign-in pages. Shell and Accounts are required.
type Pages struct {
	Shell    *web.Shell
	Accounts *account.Service
	// Hints are lines below the form of a sample workspace: addresses of its accounts,
	// which are shown with name and roles, and other lines.
	Hints []string
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.Shell.HandlePublic("GET /sign-in", p.ask)
	p.Shell.HandlePublic("POST /sign-in", p.signIn)
	p.Shell.HandlePublic("POST /sign-out", p.signOut)
}

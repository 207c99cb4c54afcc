// Package ledger is the room where the proof is looked at: the ledger's state and
// leaves, one leaf with its inclusion proof, a verification of every byte, and the
// history of any entry.
//
// A leaf holds no content, so everyone who may read history sees all of them. What
// stands behind a leaf is shown only to who may read that entry; an auditor sees
// the entries of their window and no other.
package ledger

import (
	"context"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web"
)

// Pages answers the ledger's pages. All fields are required.
type Pages struct {
	Shell    *web.Shell
	Store    *register.Store
	Policy   authz.Policy
	Accounts *account.Service
	Key      ledger.Key
	// Verify re-reads every byte of the workspace and holds it against the ledger.
	Verify func(ctx context.Context) (*ledger.Report, error)

	verifying chan struct{} // one verification at a time
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.verifying = make(chan struct{}, 1)
	p.Shell.Handle("GET /ledger", p.show)
	p.Shell.Handle("GET /ledger/{index}", p.leaf)
	p.Shell.Handle("POST /ledger/verify", p.verify)
	p.Shell.Handle("GET /history/{id}", p.history)
}

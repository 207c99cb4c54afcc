// Package account is the room where people become principals: users and their
// roles, passwords, sign-in and sessions (P3, P4).
//
// A user is an entry of the register "account", so who gave whom which access,
// when and why is in the ledger. Password hashes, sessions and counters of failed
// attempts are operational state in tables of their own: secrets never enter the
// ledger. The only personal data kept are a person's e-mail address and name.
package account

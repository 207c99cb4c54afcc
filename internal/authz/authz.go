// Package authz is the room where permission is decided: every role and every
// action in one table, deny by default (P4).
//
// A verb's first line is Require. Pages hide what a role cannot do but never rely
// on hiding. What needs a second person is not here but in the register's rules,
// where no door can walk around it.
package authz

import (
	"context"
	"slices"
	"strings"
	"time"

	"bevis/internal/fault"
	"bevis/internal/register"
)

// Role is what a person is in the programme.
type Role string

// The roles of product.md.
const (
	Lead          Role = "lead"          // runs the programme
	Owner         Role = "owner"         // operates controls
	Employee      Role = "employee"      // everybody
	Manager       Role = "manager"       // management: reads, approves, signs
	Advisor       Role = "advisor"       // outside consultant: edits, never approves or signs
	Auditor       Role = "auditor"       // the firm: one engagement, reads, never writes company entries
	Administrator Role = "administrator" // runs the installation: accounts, keys, erasure
)

// Roles lists all roles.
var Roles = []Role{Lead, Owner, Employee, Manager, Advisor, Auditor, Administrator}

// Valid reports whether r is a role.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Action is one thing that may be done.
type Action string

// The actions, by object.
const (
	ProgrammeRead    Action = "programme.read" // criteria, controls, window, coverage
	ControlEdit      Action = "control.edit"
	ControlApprove   Action = "control.approve" // a version that loosens a control while a window is open
	EvidenceRead     Action = "evidence.read"
	EvidenceAdd      Action = "evidence.add"
	EvidenceReview   Action = "evidence.review" // accept or return
	PopulationRead   Action = "population.read"
	Collect          Action = "population.collect"
	CheckRun         Action = "check.run"
	PopulationFreeze Action = "population.freeze"
	WindowOpen       Action = "window.open"
	WindowClose      Action = "window.close"
	WindowSeal       Action = "window.seal"
	PackageCreate    Action = "package.create"
	HistoryRead      Action = "history.read"
	LedgerVerify     Action = "ledger.verify"
	LedgerStamp      Action = "ledger.stamp"
	AccountRead      Action = "account.read"
	AccountManage    Action = "account.manage"
	WorkspaceSet     Action = "workspace.set"
	Erase            Action = "erase"
	PolicyDrafts     Action = "policy.drafts"  // read what is not in force
	PolicyEdit       Action = "policy.edit"    // change what one owns, send it for review
	PolicyManage     Action = "policy.manage"  // adopt templates, change anybody's
	PolicyApprove    Action = "policy.approve" // what one did not write: the register's rules
	PolicyPublish    Action = "policy.publish" // publish and retire
	ReadinessRead    Action = "readiness.read" // the company's own assessment, never an auditor's
	ReadinessKeep    Action = "readiness.keep"
)

// table is the whole policy. A role that is not in an action's row may not do it.
var table = map[Action][]Role{
	ProgrammeRead:    {Lead, Owner, Employee, Manager, Advisor, Auditor, Administrator},
	ControlEdit:      {Lead, Advisor},
	ControlApprove:   {Lead, Manager},
	EvidenceRead:     {Lead, Owner, Manager, Advisor, Auditor},
	EvidenceAdd:      {Lead, Owner, Advisor},
	EvidenceReview:   {Lead, Owner, Manager},
	PopulationRead:   {Lead, Owner, Manager, Advisor, Auditor},
	Collect:          {Lead, Owner},
	CheckRun:         {Lead, Owner, Advisor},
	PopulationFreeze: {Lead},
	WindowOpen:       {Lead},
	WindowClose:      {Lead},
	WindowSeal:       {Lead, Manager},
	PackageCreate:    {Lead, Manager, Auditor},
	HistoryRead:      {Lead, Owner, Manager, Advisor, Auditor, Administrator},
	LedgerVerify:     {Lead, Owner, Manager, Advisor, Auditor, Administrator},
	LedgerStamp:      {Lead, Administrator},
	AccountRead:      {Lead, Administrator},
	AccountManage:    {Administrator},
	WorkspaceSet:     {Lead, Administrator},
	Erase:            {Administrator},
	PolicyDrafts:     {Lead, Owner, Manager, Advisor},
	PolicyEdit:       {Lead, Owner, Advisor},
	PolicyManage:     {Lead, Advisor},
	PolicyApprove:    {Lead, Manager},
	PolicyPublish:    {Lead, Manager},
	ReadinessRead:    {Lead, Owner, Manager, Advisor},
	ReadinessKeep:    {Lead, Manager},
}

// Actions lists every action in the table.
func Actions() []Action {
	out := make([]Action, 0, len(table))
	for a := range table {
		out = append(out, a)
	}
	slices.Sort(out)
	return out
}

// Allowed reports whether a role may do an action.
func Allowed(r Role, a Action) bool { return slices.Contains(table[a], r) }

// Principal is who is asking.
type Principal struct {
	ID    string // account, "operator:<OS user>" or "service:<name>"
	Name  string
	Email string
	Roles []Role
	// Window is the one engagement an auditor may see; From and Until bound the
	// access in time, Until excluded. Zero times do not bound.
	Window      string
	From, Until time.Time
}

// Operator is the principal of someone with access to the data directory: that
// access is authority, but it never counts as the second person.
func Operator(osUser string) Principal {
	return Principal{ID: register.Operator(osUser).ID, Name: "local operator (" + osUser + ")", Roles: []Role{Lead, Administrator}}
}

// Service is the principal of scheduled work.
func Service(name string) Principal {
	return Principal{ID: register.Service(name).ID, Name: "Bevis", Roles: []Role{Lead}}
}

// Actor is the principal as the write door records it.
func (p Principal) Actor() register.Actor { return register.Actor{ID: p.ID} }

// Is reports whether the principal has a role.
func (p Principal) Is(r Role) bool { return slices.Contains(p.Roles, r) }

// IsOperator reports whether this is access to the data directory.
func (p Principal) IsOperator() bool { return strings.HasPrefix(p.ID, "operator:") }

// Can reports whether one of the roles allows the action. It does not look at
// times or windows; Require does.
func (p Principal) Can(a Action) bool {
	return slices.ContainsFunc(p.Roles, func(r Role) bool { return Allowed(r, a) })
}

type principalKey struct{}

// With returns a context in which p asks.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Of is who asks; ok is false when nobody does.
func Of(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(Principal)
	return p, ok
}

// Policy decides with a clock.
type Policy struct {
	Now func() time.Time
}

// Require returns who asks if they may do a, else fault.Unauthenticated or
// fault.Denied.
func (p Policy) Require(ctx context.Context, a Action) (Principal, error) {
	who, ok := Of(ctx)
	if !ok {
		return Principal{}, fault.New(fault.Unauthenticated, "authz.sign_in")
	}
	if !who.Can(a) {
		return Principal{}, fault.New(fault.Denied, "authz.denied")
	}
	now := p.Now()
	if !who.From.IsZero() && now.Before(who.From) || !who.Until.IsZero() && !now.Before(who.Until) {
		return Principal{}, fault.New(fault.Denied, "authz.period")
	}
	if who.Is(Auditor) && who.Window == "" {
		return Principal{}, fault.New(fault.Denied, "authz.no_engagement")
	}
	return who, nil
}

// InWindow refuses an auditor who looks at another window than their own. A
// refused window is reported as not found, so that nothing leaks.
func (p Principal) InWindow(window string) error {
	if p.Is(Auditor) && p.Window != window {
		return fault.New(fault.NotFound, "register.not_found", "ID", window)
	}
	return nil
}

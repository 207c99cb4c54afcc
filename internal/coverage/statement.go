package coverage

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
)

// StatementFramework is the framework that asks for a statement of applicability.
const StatementFramework = "iso27001-2022"

// clauses is the group of StatementFramework that is no part of Annex A: a clause
// always applies.
const clauses = "clause"

// Status says how far an applicable control of Annex A is in place.
type Status string

// The statuses of a decision.
const (
	Planned       Status = "planned"
	Implemented   Status = "implemented"
	NotApplicable Status = "not_applicable"
)

// Statuses lists the statuses.
var Statuses = []Status{Planned, Implemented, NotApplicable}

// Decision is what the organisation decided about one control of Annex A. It is
// the organisation's own statement: Bevis neither makes nor checks it.
type Decision struct {
	Framework  string `json:"framework"`
	Ref        string `json:"ref"`
	Applicable bool   `json:"applicable"`
	Reason     string `json:"reason"` // required where it is not applicable
	Status     Status `json:"status"`
	Owner      string `json:"owner"` // account id, "" while nobody owns it
}

// Decisions is the register of the statement of applicability.
var Decisions = register.Define("soa_decision", register.Rules[Decision]{
	Prefix: "soa",
	Check:  checkDecision,
	Index: func(d *Decision) register.Index {
		return register.Index{Code: d.Ref, Title: d.Ref, Status: string(d.Status), Owner: d.Owner}
	},
})

// decisionID follows from the reference: there is one decision on each.
func decisionID(ref string) register.ID[Decision] {
	return register.ID[Decision]("soa_" + StatementFramework + "." + ref)
}

// reasonMax bounds a reason, in runes.
const reasonMax = 4000

// checkDecision is what every version of a decision must satisfy, whoever writes it.
func checkDecision(tx *register.Tx, old, d *Decision) error {
	if old != nil && (old.Framework != d.Framework || old.Ref != d.Ref) {
		return fault.New(fault.Invalid, "statement.other", "Ref", d.Ref)
	}
	if d.Framework != StatementFramework {
		return fault.New(fault.Invalid, "statement.other", "Ref", d.Ref)
	}
	f, err := framework.ReferenceByID(StatementFramework)
	if err != nil {
		return err
	}
	ref, err := f.Ref(d.Ref)
	if err != nil {
		return err
	}
	switch {
	case ref.Group == clauses:
		return fault.New(fault.Invalid, "statement.clause", "Ref", d.Ref)
	case !slices.Contains(Statuses, d.Status):
		return fault.New(fault.Invalid, "statement.status", "Status", string(d.Status))
	case d.Applicable == (d.Status == NotApplicable):
		return fault.New(fault.Invalid, "statement.status_differs", "Ref", d.Ref)
	case !d.Applicable && strings.TrimSpace(d.Reason) == "":
		return fault.New(fault.Invalid, "statement.reason", "Ref", d.Ref)
	case utf8.RuneCountInString(d.Reason) > reasonMax:
		return fault.New(fault.Invalid, "statement.reason_long", "Max", reasonMax)
	}
	return checkOwner(tx, d.Owner)
}

// checkOwner takes nobody, or an account of the organisation's own people.
func checkOwner(tx *register.Tx, owner string) error {
	if owner == "" {
		return nil
	}
	u, err := account.Users.Get(tx, register.ID[account.User](owner))
	if err != nil {
		return err
	}
	if slices.Contains(u.Value.Roles, authz.Auditor) || slices.Contains(u.Value.Roles, authz.Advisor) {
		return fault.New(fault.Invalid, "statement.owner")
	}
	return nil
}

// Line is one control of Annex A in the statement.
type Line struct {
	Ref      framework.Ref
	Group    framework.RefGroup
	State    State
	Controls []string // codes of controls in force that reach it
	Decided  bool
	Decision Decision // zero while undecided
	Version  int64    // of the decision, 0 while undecided
}

// Statement is the statement of applicability as it stands.
type Statement struct {
	Framework *framework.Reference
	Lines     []Line
	Undecided int
}

// Statement reads the decisions. It is the organisation's own document and no part
// of an auditor's window.
func (s *Service) Statement(ctx context.Context, v *View) (*Statement, error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	if by.Is(authz.Auditor) {
		return nil, fault.New(fault.Denied, "authz.denied")
	}
	f, err := v.Framework(StatementFramework)
	if err != nil {
		return nil, err
	}
	all, err := Decisions.All(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	decided := make(map[string]register.Entry[Decision], len(all))
	for _, e := range all {
		if !e.Erased {
			decided[e.Value.Ref] = e
		}
	}
	out := &Statement{Framework: f, Lines: []Line{}}
	for _, st := range v.Of(f).Refs {
		if st.Ref.Group == clauses {
			continue
		}
		l := Line{Ref: st.Ref, Group: f.Group(st.Ref.Group), State: st.State, Controls: []string{}}
		for _, i := range st.Controls {
			l.Controls = append(l.Controls, v.Index.Controls[i].Code)
		}
		if e, ok := decided[st.Ref.ID]; ok {
			l.Decided, l.Decision, l.Version = true, e.Value, e.Version
		} else {
			out.Undecided++
		}
		out.Lines = append(out.Lines, l)
	}
	return out, nil
}

// Line is the line of a reference; nil if Annex A has none such.
func (s *Statement) Line(ref string) *Line {
	for i := range s.Lines {
		if s.Lines[i].Ref.ID == ref {
			return &s.Lines[i]
		}
	}
	return nil
}

// Decide stores a decision. version is the one that the person read, 0 for none:
// somebody else's change in between is a conflict.
func (s *Service) Decide(ctx context.Context, d Decision, version int64) (register.Entry[Decision], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return register.Entry[Decision]{}, err
	}
	d.Framework, d.Reason = StatementFramework, strings.TrimSpace(d.Reason)
	var e register.Entry[Decision]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		id := decisionID(d.Ref)
		var err error
		if version == 0 {
			e, err = Decisions.CreateAs(tx, id, d, "")
			if fault.Is(err, "register.exists") {
				return fault.New(fault.Conflict, "statement.decided", "Ref", d.Ref)
			}
			return err
		}
		e, err = Decisions.Put(tx, register.Entry[Decision]{ID: id, Version: version, Value: d}, "")
		return err
	})
	return e, err
}

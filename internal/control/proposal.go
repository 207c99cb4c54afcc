package control

import (
	"context"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// Approval names the two people behind a version that loosens a control while a
// window is open.
type Approval struct {
	Proposal   string `json:"proposal"`    // id of the Change
	ProposedBy string `json:"proposed_by"` // who asked
	By         string `json:"approved_by"` // who approved: wrote the version
}

// Change is a new version of a control that waits for a second person.
type Change struct {
	Control ID           `json:"control"`
	Code    string       `json:"code"`    // of the control
	Version int64        `json:"version"` // of the control that it changes
	New     Control      `json:"new"`
	Loosens []string     `json:"loosens"` // fields
	Windows []string     `json:"windows"` // codes of the open windows it concerns
	Reason  string       `json:"reason"`
	By      string       `json:"by"` // who asked
	Status  ChangeStatus `json:"status"`
	// DecidedBy and Note are set when it is decided, or withdrawn for another.
	DecidedBy string `json:"decided_by"`
	Note      string `json:"note"`
}

// ChangeStatus is where a proposed change stands.
type ChangeStatus string

// The states of a proposed change. What is decided stays decided.
const (
	Asked     ChangeStatus = "asked"
	Approved  ChangeStatus = "approved"
	Declined  ChangeStatus = "declined"
	Withdrawn ChangeStatus = "withdrawn" // another was asked for instead
)

// Proposals is the register of proposed changes of controls.
var Proposals = register.Define("control_change", register.Rules[Change]{
	Prefix: "cch", Check: checkProposal,
	Index: func(v *Change) register.Index {
		return register.Index{Code: v.Code, Title: v.New.Title.EN, Status: string(v.Status), Owner: v.By}
	},
})

func checkProposal(tx *register.Tx, old, v *Change) error {
	by := tx.By().ID
	if old == nil {
		if v.By != by || v.Status != Asked || v.DecidedBy != "" || v.New.Approval != nil || strings.TrimSpace(v.Reason) == "" {
			return fault.New(fault.Invalid, "control.reason")
		}
		return nil
	}
	if old.Status != Asked || v.Status == Asked || v.DecidedBy != by {
		return fault.New(fault.Locked, "control.proposal_decided", "Code", v.Code)
	}
	if (v.Status == Approved || v.Status == Declined) && (!tx.By().IsPerson() || by == old.By) {
		return fault.New(fault.Denied, "control.self_approval", "Code", v.Code)
	}
	return nil
}

// Waiting reads the change of a control that waits for approval; ok is false when
// there is none.
func Waiting(r register.Reader, code string) (e register.Entry[Change], ok bool, err error) {
	es, err := Proposals.All(r, register.Query{Code: code, Status: string(Asked), Limit: 1})
	if err != nil || len(es) == 0 {
		return e, false, err
	}
	return es[0], true, nil
}

// Waiting is Waiting for whoever reads the programme.
func (s *Service) Waiting(ctx context.Context, code string) (register.Entry[Change], bool, error) {
	if _, err := s.Policy.Require(ctx, authz.ProgrammeRead); err != nil {
		return register.Entry[Change]{}, false, err
	}
	return Waiting(s.Store.Live(ctx), code)
}

// Ask records a new version that a second person has to approve. One that waited
// already is withdrawn.
func (s *Service) Ask(ctx context.Context, e register.Entry[Control], reason string) (register.Entry[Change], error) {
	var out register.Entry[Change]
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return out, err
	}
	if strings.TrimSpace(reason) == "" {
		return out, fault.New(fault.Invalid, "control.reason")
	}
	e.Value.Approval = nil
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		now, err := Controls.Get(tx, e.ID)
		if err != nil {
			return err
		}
		if now.Version != e.Version {
			return fault.New(fault.Conflict, "control.overtaken", "Code", now.Value.Code)
		}
		if err := checkText(tx, &now.Value, &e.Value); err != nil {
			return err
		}
		today, err := todayOf(tx)
		if err != nil {
			return err
		}
		windows, err := affected(tx, &now.Value)
		if err != nil {
			return err
		}
		if old, waits, err := Waiting(tx, now.Value.Code); err != nil {
			return err
		} else if waits {
			old.Value.Status, old.Value.DecidedBy = Withdrawn, by.ID
			if _, err := Proposals.Put(tx, old, ""); err != nil {
				return err
			}
		}
		out, err = Proposals.Create(tx, Change{
			Control: e.ID, Code: now.Value.Code, Version: now.Version, New: e.Value, Loosens: Loosens(&now.Value, &e.Value, today), Windows: windows,
			Reason: reason, By: by.ID, Status: Asked,
		}, reason)
		return err
	})
	return out, err
}

// Approve stores the version that waits, in the name of whoever approves it: a lead
// or manager other than the person who asked, never the local operator.
func (s *Service) Approve(ctx context.Context, code, note string) (register.Entry[Control], error) {
	var out register.Entry[Control]
	err := s.decide(ctx, code, note, Approved, func(tx *register.Tx, p *Change, by string) error {
		e, err := Controls.Get(tx, p.Control)
		if err != nil {
			return err
		}
		if e.Version != p.Version {
			return fault.New(fault.Conflict, "control.overtaken", "Code", p.Code)
		}
		e.Value = p.New
		waiting, _, err := Waiting(tx, code)
		if err != nil {
			return err
		}
		e.Value.Approval = &Approval{Proposal: waiting.ID.String(), ProposedBy: p.By, By: by}
		out, err = Controls.Put(tx, e, p.Reason)
		return err
	})
	return out, err
}

// Decline refuses the version that waits. The note says why.
func (s *Service) Decline(ctx context.Context, code, note string) error {
	if strings.TrimSpace(note) == "" {
		return fault.New(fault.Invalid, "control.decline_note")
	}
	return s.decide(ctx, code, note, Declined, func(*register.Tx, *Change, string) error { return nil })
}

func (s *Service) decide(ctx context.Context, code, note string, to ChangeStatus, do func(tx *register.Tx, p *Change, by string) error) error {
	by, err := s.Policy.Require(ctx, authz.ControlApprove)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		p, waits, err := Waiting(tx, code)
		if err != nil {
			return err
		}
		if !waits {
			return fault.New(fault.NotFound, "control.nothing_waits", "Code", code)
		}
		if !by.Actor().IsPerson() || p.Value.By == by.ID {
			return fault.New(fault.Denied, "control.self_approval", "Code", code)
		}
		if err := do(tx, &p.Value, by.ID); err != nil {
			return err
		}
		p.Value.Status, p.Value.DecidedBy, p.Value.Note = to, by.ID, strings.TrimSpace(note)
		_, err = Proposals.Put(tx, p, note)
		return err
	})
}

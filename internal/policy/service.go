package policy

import (
	"context"
	"maps"
	"slices"
	"strings"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Service holds the verbs on policies.
type Service struct {
	Store  *register.Store
	Policy authz.Policy
	// Span gives the first and last day of a window: what an auditor of it may read
	// depends on them, and windows stand on a floor above.
	Span func(r register.Reader, window string) (first, last scope.Day, err error)
}

// Entry is one version of one policy.
type Entry = register.Entry[Policy]

// Adoption says how templates are taken into the workspace.
type Adoption struct {
	Owner  string                    // account, "" for nobody yet
	Values map[string]framework.Text // of parameters, by name
}

// Adopt makes drafts of templates, with the organisation's name filled in. Templates
// whose policy the organisation already has are left as it is. Controls that the
// organisation has not adopted are left out.
func (s *Service) Adopt(ctx context.Context, ids []string, a Adoption) ([]Entry, error) {
	by, err := s.Policy.Require(ctx, authz.PolicyManage)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(ids, a.Values)
	if err != nil {
		return nil, err
	}
	var out []Entry
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		out = nil
		for i := range chosen {
			if _, err := Policies.ByCode(tx, chosen[i].Code()); err == nil {
				continue
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
			p, err := draftOf(tx, &chosen[i], a)
			if err != nil {
				return err
			}
			e, err := Policies.Create(tx, p, "adopted from a template")
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// choose finds templates by id, each once; a value for a parameter that none of
// them knows is refused, since it would go nowhere.
func choose(ids []string, values map[string]framework.Text) ([]Template, error) {
	if len(ids) == 0 {
		return nil, fault.New(fault.Invalid, "policy.choose")
	}
	var out []Template
	for _, id := range ids {
		t, err := FindTemplate(strings.TrimSpace(id))
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(x Template) bool { return x.ID == t.ID }) {
			out = append(out, t)
		}
	}
	for name := range values {
		if name == ParamEffective || !slices.ContainsFunc(out, func(t Template) bool { return t.Knows(name) }) {
			return nil, fault.New(fault.Invalid, "policy.no_param", "Name", name)
		}
	}
	return out, nil
}

// draftOf makes the organisation's policy of a template.
func draftOf(r register.Reader, t *Template, a Adoption) (Policy, error) {
	o, err := scope.Current(r)
	if err != nil {
		return Policy{}, err
	}
	owner := both("policy.owner_unnamed")
	if a.Owner != "" {
		u, err := account.Users.Get(r, register.ID[account.User](a.Owner))
		if err != nil {
			return Policy{}, err
		}
		owner = framework.Text{EN: u.Value.Name, SV: u.Value.Name}
	}
	values := map[string]framework.Text{ParamOrganisation: {EN: o.Value.Name, SV: o.Value.Name}, ParamOwner: owner}
	maps.Copy(values, a.Values)
	p := Policy{
		Code: t.Code(), Title: t.Title, Body: t.Body, Audience: t.Audience, ReviewMonths: t.ReviewMonths, Template: t.ID, Owner: a.Owner,
		Framework: framework.TSC2017ID, Criteria: slices.Clone(t.Criteria), Controls: []control.ID{}, Edition: 1, Status: Draft,
		Params: []Param{
			{Name: ParamOrganisation, Value: values[ParamOrganisation], Meaning: both("policy.param.organisation")},
			{Name: ParamOwner, Value: values[ParamOwner], Meaning: both("policy.param.owner")},
		},
		Approvals: []Approval{}, Published: []Publication{},
	}
	p.Params = append(p.Params, t.params(values)...)
	for _, code := range t.Controls {
		c, err := control.Controls.ByCode(r, code)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return Policy{}, err
		}
		p.Controls = append(p.Controls, c.ID)
	}
	return p, nil
}

// both is a message in both languages.
func both(key string) framework.Text {
	return framework.Text{EN: i18n.In(i18n.English, key), SV: i18n.In(i18n.Swedish, key)}
}

// Create adds a policy of the organisation's own: a first draft.
func (s *Service) Create(ctx context.Context, p Policy, reason string) (Entry, error) {
	by, err := s.Policy.Require(ctx, authz.PolicyManage)
	if err != nil {
		return Entry{}, err
	}
	p.tidy()
	var e Entry
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		e, err = Policies.Create(tx, p, reason)
		return err
	})
	return e, err
}

// tidy takes words as people type them.
func (p *Policy) tidy() {
	p.Body = framework.Text{EN: clean(p.Body.EN), SV: clean(p.Body.SV)}
	p.Title = framework.Text{EN: strings.TrimSpace(p.Title.EN), SV: strings.TrimSpace(p.Title.SV)}
}

// Change stores other words, and takes the edition back to a draft: approvals of
// other words count for nothing. A policy in force stays so; the change begins its
// next edition. e is the version that the person read.
func (s *Service) Change(ctx context.Context, e Entry, reason string) (Entry, error) {
	by, err := s.Policy.Require(ctx, authz.PolicyEdit)
	if err != nil {
		return e, err
	}
	if strings.TrimSpace(reason) == "" {
		return e, fault.New(fault.Invalid, "policy.reason")
	}
	e.Value.tidy()
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		old, err := Policies.Get(tx, e.ID)
		if err != nil {
			return err
		}
		if err := mayEdit(by, &old.Value); err != nil {
			return err
		}
		before, err := old.Value.Digest()
		if err != nil {
			return err
		}
		after, err := e.Value.Digest()
		if err != nil {
			return err
		}
		p := old.Value
		p.Title, p.Body, p.Params, p.Audience, p.ReviewMonths = e.Value.Title, e.Value.Body, e.Value.Params, e.Value.Audience, e.Value.ReviewMonths
		p.Controls, p.Framework, p.Criteria, p.Owner = e.Value.Controls, e.Value.Framework, e.Value.Criteria, e.Value.Owner
		switch {
		case before == after && p.Owner == old.Value.Owner:
			return fault.New(fault.Invalid, "policy.nothing_changed")
		case before != after:
			p.redraft()
		}
		e.Value = p
		e, err = Policies.Put(tx, e, strings.TrimSpace(reason))
		return err
	})
	return e, err
}

// redraft takes the policy back to a draft: of its next edition when this one is
// published, else of the same.
func (p *Policy) redraft() {
	if p.Status == InForce {
		p.Edition++
	}
	p.Status, p.Approvals, p.EffectiveFrom = Draft, []Approval{}, ""
}

// mayEdit lets owners change what is theirs, and those who manage all of them.
func mayEdit(by authz.Principal, p *Policy) error {
	if by.Can(authz.PolicyManage) || p.Owner == by.ID {
		return nil
	}
	return fault.New(fault.Denied, "policy.not_owner", "Code", p.Code)
}

// Send sends an edition for review. A policy in force is sent as its next edition
// with the same words: the yearly look that finds nothing to change.
func (s *Service) Send(ctx context.Context, code string, version int64, reason string) (Entry, error) {
	return s.step(ctx, authz.PolicyEdit, code, version, reason, func(tx *register.Tx, by authz.Principal, p *Policy) error {
		if err := mayEdit(by, p); err != nil {
			return err
		}
		if p.Status == InForce {
			p.redraft()
		}
		p.Status = InReview
		return nil
	})
}

// Return sends an edition back to its authors with a reason.
func (s *Service) Return(ctx context.Context, code string, version int64, reason string) (Entry, error) {
	if strings.TrimSpace(reason) == "" {
		return Entry{}, fault.New(fault.Invalid, "policy.return_reason")
	}
	return s.step(ctx, authz.PolicyApprove, code, version, reason, func(_ *register.Tx, _ authz.Principal, p *Policy) error {
		if p.Status != InReview && p.Status != Approved {
			return fault.New(fault.Invalid, "policy.transition", "Code", p.Code, "From", string(p.Status), "To", string(Draft))
		}
		p.redraft()
		return nil
	})
}

// Approve records that a person who wrote nothing of the edition agrees to it.
// version is what they read; 0 means the newest. It fails with fault.Conflict when
// the policy has moved on since, and with fault.Denied for an author.
func (s *Service) Approve(ctx context.Context, code string, version int64, reason string) (Entry, error) {
	var read int64
	return s.stepAt(ctx, authz.PolicyApprove, code, version, reason, &read, func(tx *register.Tx, by authz.Principal, p *Policy) error {
		digest, err := p.Digest()
		if err != nil {
			return err
		}
		p.Status = Approved
		p.Approvals = append(slices.Clone(p.Approvals), Approval{By: by.ID, At: tx.Now().Format(ledger.TimeFormat), Version: read, SHA256: digest})
		return nil
	})
}

// Publish lets the approved edition bind from a day, today or later.
func (s *Service) Publish(ctx context.Context, code string, version int64, from scope.Day, reason string) (Entry, error) {
	return s.step(ctx, authz.PolicyPublish, code, version, reason, func(tx *register.Tx, by authz.Principal, p *Policy) error {
		cal, err := scope.CalendarOf(tx)
		if err != nil {
			return err
		}
		digest, err := p.Digest()
		if err != nil {
			return err
		}
		if p.NextReview, err = reviewDay(p, cal); err != nil {
			return err
		}
		p.Status, p.EffectiveFrom = InForce, from
		p.Published = append(slices.Clone(p.Published), Publication{Edition: p.Edition, From: from, By: by.ID, At: tx.Now().Format(ledger.TimeFormat), SHA256: digest})
		return nil
	})
}

// Retire ends a policy: no edition binds after the last day. A policy that was never
// published is withdrawn and needs no day.
func (s *Service) Retire(ctx context.Context, code string, version int64, last scope.Day, reason string) (Entry, error) {
	if strings.TrimSpace(reason) == "" {
		return Entry{}, fault.New(fault.Invalid, "policy.reason")
	}
	return s.step(ctx, authz.PolicyPublish, code, version, reason, func(_ *register.Tx, _ authz.Principal, p *Policy) error {
		p.Status = Retired
		if len(p.Published) > 0 {
			p.EffectiveTo = last
		}
		return nil
	})
}

type change = func(tx *register.Tx, by authz.Principal, p *Policy) error

func (s *Service) step(ctx context.Context, a authz.Action, code string, version int64, reason string, do change) (Entry, error) {
	var read int64
	return s.stepAt(ctx, a, code, version, reason, &read, do)
}

// stepAt changes a policy by one step. version is the one the person read, 0 for the
// newest; read is set to it.
func (s *Service) stepAt(ctx context.Context, a authz.Action, code string, version int64, reason string, read *int64, do change) (Entry, error) {
	by, err := s.Policy.Require(ctx, a)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		if e, err = Policies.ByCode(tx, code); err != nil {
			return err
		}
		if version != 0 && version != e.Version {
			return fault.New(fault.Conflict, "policy.moved_on", "Code", code, "Read", version, "Now", e.Version)
		}
		*read = e.Version
		if err := do(tx, by, &e.Value); err != nil {
			return err
		}
		e, err = Policies.Put(tx, e, strings.TrimSpace(reason))
		return err
	})
	return e, err
}

// ControlCodes are the codes of the controls that a version of a policy carries.
func (s *Service) ControlCodes(ctx context.Context, p *Policy) ([]string, error) {
	if _, err := s.Policy.Require(ctx, authz.ProgrammeRead); err != nil {
		return nil, err
	}
	r := s.Store.Live(ctx)
	out := make([]string, 0, len(p.Controls))
	for _, id := range p.Controls {
		c, err := control.Controls.Get(r, id)
		if err != nil {
			return nil, err
		}
		if !c.Erased {
			out = append(out, c.Value.Code)
		}
	}
	slices.Sort(out)
	return out, nil
}

package control

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// Service holds the verbs on controls.
type Service struct {
	Store  *register.Store
	Policy authz.Policy
}

// Create adds a control of the organisation's own.
func (s *Service) Create(ctx context.Context, c Control, reason string) (register.Entry[Control], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return register.Entry[Control]{}, err
	}
	var e register.Entry[Control]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		e, err = Controls.Create(tx, c, reason)
		return err
	})
	return e, err
}

// Change stores a new version of a control. The reason is required: it is what
// the auditor reads beside the difference. A version that loosens the control while
// a window is open is refused with control.second_person: Ask for it instead.
func (s *Service) Change(ctx context.Context, e register.Entry[Control], reason string) (register.Entry[Control], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return e, err
	}
	if strings.TrimSpace(reason) == "" {
		return e, fault.New(fault.Invalid, "control.reason")
	}
	e.Value.Approval = nil // it belonged to the version before
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		e, err = Controls.Put(tx, e, reason)
		return err
	})
	return e, err
}

// List reads all controls by code.
func (s *Service) List(ctx context.Context) ([]register.Entry[Control], error) {
	if _, err := s.Policy.Require(ctx, authz.ProgrammeRead); err != nil {
		return nil, err
	}
	return All(s.Store.Live(ctx))
}

// All reads all controls by code.
func All(r register.Reader) ([]register.Entry[Control], error) {
	es, err := Controls.All(r, register.Query{Oldest: true})
	slices.SortFunc(es, func(a, b register.Entry[Control]) int { return strings.Compare(a.Value.Code, b.Value.Code) })
	return es, err
}

// ByCode reads a control by its code.
func (s *Service) ByCode(ctx context.Context, code string) (register.Entry[Control], error) {
	if _, err := s.Policy.Require(ctx, authz.ProgrammeRead); err != nil {
		return register.Entry[Control]{}, err
	}
	return Controls.ByCode(s.Store.Live(ctx), code)
}

// Find resolves codes, in their order. An unknown code is a fault that names it.
func Find(r register.Reader, codes []string) ([]register.Entry[Control], error) {
	var out []register.Entry[Control]
	for _, code := range codes {
		e, err := Controls.ByCode(r, strings.TrimSpace(code))
		if fault.KindOf(err) == fault.NotFound {
			return nil, fault.New(fault.Invalid, "control.unknown", "Code", code)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Service holds the verbs on controls.
type Service struct {
	Store  *register.Store
	Policy authz.Policy
}

// Adopt takes controls of the library into the programme, in force from a day; ""
// says that they were in force before they were recorded here.
// Codes that the organisation already has are left as they are. No codes means
// the whole library.
func (s *Service) Adopt(ctx context.Context, codes []string, owner string, from scope.Day) ([]register.Entry[Control], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return nil, err
	}
	library, err := Library()
	if err != nil {
		return nil, fmt.Errorf("control: library: %w", err)
	}
	for _, code := range codes {
		if !slices.ContainsFunc(library, func(l LibraryControl) bool { return l.Code == code }) {
			return nil, fault.New(fault.NotFound, "control.not_in_library", "Code", code)
		}
	}
	var out []register.Entry[Control]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		out = nil
		for _, l := range library {
			if len(codes) > 0 && !slices.Contains(codes, l.Code) {
				continue
			}
			if _, err := Controls.ByCode(tx, l.Code); err == nil {
				continue
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
			c := l.Control()
			c.Owner, c.EffectiveFrom, c.Status = owner, from, InForce
			e, err := Controls.Create(tx, c, "adopted from the library")
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
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
// the auditor reads beside the difference.
func (s *Service) Change(ctx context.Context, e register.Entry[Control], reason string) (register.Entry[Control], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return e, err
	}
	if strings.TrimSpace(reason) == "" {
		return e, fault.New(fault.Invalid, "control.reason")
	}
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

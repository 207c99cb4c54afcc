package account

import (
	"context"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// List reads all accounts, oldest first; erased ones are left out.
func (s *Service) List(ctx context.Context) ([]register.Entry[User], error) {
	if _, err := s.Policy.Require(ctx, authz.AccountRead); err != nil {
		return nil, err
	}
	all, err := Users.All(s.Store.Live(ctx), register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	out := make([]register.Entry[User], 0, len(all))
	for _, e := range all {
		if !e.Erased {
			out = append(out, e)
		}
	}
	return out, nil
}

// Get reads one account.
func (s *Service) Get(ctx context.Context, id ID) (register.Entry[User], error) {
	if _, err := s.Policy.Require(ctx, authz.AccountRead); err != nil {
		return register.Entry[User]{}, err
	}
	return Users.Get(s.Store.Live(ctx), id)
}

// ByEmail reads the account of an e-mail address.
func (s *Service) ByEmail(ctx context.Context, email string) (register.Entry[User], error) {
	if _, err := s.Policy.Require(ctx, authz.AccountRead); err != nil {
		return register.Entry[User]{}, err
	}
	return find(s.Store.Live(ctx), email)
}

// Names gives everybody's name by account id, disabled accounts too: history
// names its authors to whoever may read the programme.
func (s *Service) Names(ctx context.Context) (map[string]string, error) {
	if _, err := s.Policy.Require(ctx, authz.ProgrammeRead); err != nil {
		return nil, err
	}
	rows, err := Users.List(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		if r.Title != "" { // erased
			out[r.ID] = r.Title
		}
	}
	return out, nil
}

// find reads the account of an e-mail address; fault.NotFound if there is none.
func find(r register.Reader, email string) (register.Entry[User], error) {
	unknown := fault.New(fault.NotFound, "account.unknown", "Email", email)
	if !isEmail(fold(email)) { // not every database takes every byte
		return register.Entry[User]{}, unknown
	}
	e, err := Users.ByCode(r, fold(email))
	if fault.KindOf(err) == fault.NotFound {
		return register.Entry[User]{}, unknown
	}
	return e, err
}

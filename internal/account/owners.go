package account

import (
	"context"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/register"
)

// Owners gives the names, by account id, of those who may own a control: enabled
// accounts of the company itself. Auditors and advisors never own a company entry
// (domain 0a rule 11), and an administrator alone runs no control.
func (s *Service) Owners(ctx context.Context) (map[string]string, error) {
	if _, err := s.Policy.Require(ctx, authz.ControlEdit); err != nil {
		return nil, err
	}
	all, err := Users.All(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range all {
		u := &e.Value
		company := slices.ContainsFunc(u.Roles, func(r authz.Role) bool {
			return r == authz.Lead || r == authz.Owner || r == authz.Manager || r == authz.Employee
		})
		outside := slices.Contains(u.Roles, authz.Auditor) || slices.Contains(u.Roles, authz.Advisor)
		if company && !outside && !u.Disabled && !e.Erased {
			out[e.ID.String()] = u.Name
		}
	}
	return out, nil
}

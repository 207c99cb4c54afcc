package control

import (
	"context"
	"fmt"

	"bevis/internal/authz"
	"bevis/internal/register"
)

// Offered is a control of the library, and whether the organisation has a control
// with its code already.
type Offered struct {
	LibraryControl
	Taken bool `json:"taken"`
}

// Offer lists the library for whoever may adopt from it, by code.
func (s *Service) Offer(ctx context.Context) ([]Offered, error) {
	if _, err := s.Policy.Require(ctx, authz.ControlEdit); err != nil {
		return nil, err
	}
	library, err := Library()
	if err != nil {
		return nil, fmt.Errorf("control: library: %w", err)
	}
	rows, err := Controls.List(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for _, r := range rows {
		taken[r.Code] = true
	}
	out := make([]Offered, 0, len(library))
	for _, l := range library {
		out = append(out, Offered{l, taken[l.Code]})
	}
	return out, nil
}

package control

import (
	"context"
	"fmt"

	"bevis/internal/authz"
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
	taken, err := s.taken(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Offered, 0, len(library))
	for _, l := range library {
		out = append(out, Offered{l, taken[l.Code]})
	}
	return out, nil
}

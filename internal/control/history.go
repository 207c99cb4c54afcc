package control

import (
	"context"

	"bevis/internal/authz"
	"bevis/internal/register"
)

// History reads every version of a control, oldest first: what it said, who
// changed it, when and why (C5).
func (s *Service) History(ctx context.Context, code string) ([]register.Entry[Control], error) {
	if _, err := s.Policy.Require(ctx, authz.HistoryRead); err != nil {
		return nil, err
	}
	r := s.Store.Live(ctx)
	e, err := Controls.ByCode(r, code)
	if err != nil {
		return nil, err
	}
	return Controls.History(r, e.ID)
}

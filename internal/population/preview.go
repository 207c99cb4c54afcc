package population

import (
	"context"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/scope"
)

// Preview is what Freeze would fix, without fixing it: a person is shown the
// items and the digest before an act that cannot be taken back. It fails as
// Freeze does.
func (s *Service) Preview(ctx context.Context, name, until string) (Freeze, error) {
	if _, err := s.Policy.Require(ctx, authz.PopulationFreeze); err != nil {
		return Freeze{}, err
	}
	live := s.Store.Live(ctx)
	d, err := Find(live, name)
	if err != nil {
		return Freeze{}, err
	}
	cal, err := scope.CalendarOf(live)
	if err != nil {
		return Freeze{}, err
	}
	day, err := scope.ParseDay(until)
	if err != nil {
		return Freeze{}, err
	}
	from, to := d.Value.Period()
	end := cal.Start(day.Add(1))
	switch {
	case end.After(to):
		return Freeze{}, fault.New(fault.Invalid, "population.freeze_beyond", "Code", d.Value.Code, "Day", string(cal.Day(to.Add(-time.Microsecond))))
	case !end.After(from):
		return Freeze{}, fault.New(fault.Invalid, "population.freeze_before", "Code", d.Value.Code, "Day", string(cal.Day(from)))
	}
	rows, done, err := Rows(ctx, s.Blobs, &d.Value, from, end)
	if err != nil {
		return Freeze{}, err
	}
	defer done() //nolint:errcheck // nothing was written
	return Freeze{Dataset: d.ID, Until: day, From: d.Value.From, To: end.Format(ledger.TimeFormat), Items: rows.Len(), SHA256: rows.SHA256()}, nil
}

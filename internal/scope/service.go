package scope

import (
	"context"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
)

// Service holds the verbs on what is examined.
type Service struct {
	Store  *register.Store
	Policy authz.Policy
}

// CurrentProgramme reads the programme. A workspace that has none yet answers an
// empty one with version 0, which SaveProgramme stores.
func CurrentProgramme(r register.Reader) (register.Entry[Programme], error) {
	e, err := Programmes.ByCode(r, "programme")
	if fault.KindOf(err) != fault.NotFound {
		return e, err
	}
	o, err := Current(r)
	if err != nil {
		return register.Entry[Programme]{}, err
	}
	return register.Entry[Programme]{Value: Programme{
		Categories: []CategoryChoice{}, Zone: o.Value.Zone, Windows: []string{},
		Controls: ControlPlan{LeftOut: []string{}, Values: []ParamValue{}, Owners: []OwnerChoice{}},
	}}, nil
}

// Programme reads the programme for somebody who may plan it.
func (s *Service) Programme(ctx context.Context) (register.Entry[Programme], error) {
	if _, err := s.Policy.Require(ctx, authz.WindowOpen); err != nil {
		return register.Entry[Programme]{}, err
	}
	return CurrentProgramme(s.Store.Live(ctx))
}

// Calendar is the organisation's calendar and today in it.
func (s *Service) Calendar(ctx context.Context) (Calendar, Day, error) {
	cal, err := CalendarOf(s.Store.Live(ctx))
	return cal, cal.Day(s.Store.Now()), err
}

// SaveProgramme stores what was decided. Somebody else's change in between is
// fault.Conflict.
func (s *Service) SaveProgramme(ctx context.Context, e register.Entry[Programme]) (register.Entry[Programme], error) {
	by, err := s.Policy.Require(ctx, authz.WindowOpen)
	if err != nil {
		return e, err
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		var err error
		if e.Version == 0 {
			e, err = Programmes.Create(tx, e.Value, "")
		} else {
			e, err = Programmes.Put(tx, e, "")
		}
		return err
	})
	return e, err
}

// CategoriesOf are the categories decided so far: those of the programme, else
// those the workspace was made with, else Security alone.
func CategoriesOf(r register.Reader) (framework.Categories, error) {
	p, err := CurrentProgramme(r)
	if err != nil {
		return nil, err
	}
	if len(p.Value.Categories) > 0 {
		return p.Value.Chosen(), nil
	}
	o, err := Current(r)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(o.Value.Categories))
	for i, c := range o.Value.Categories {
		names[i] = string(c)
	}
	return framework.ParseCategories(names...)
}

package scope

import (
	"strings"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
)

// Organisation is who is examined.
type Organisation struct {
	Name       string               `json:"name"`
	Zone       string               `json:"zone"`       // IANA name
	Framework  string               `json:"framework"`  // criteria set
	Categories framework.Categories `json:"categories"` // proposed for new windows
	Sample     bool                 `json:"sample"`     // made by the demo: sample data, simulated clock
}

// Organisations is the register with the one entry that describes the
// organisation.
var Organisations = register.Define("organisation", register.Rules[Organisation]{
	Prefix: "org",
	Check: func(_ *register.Tx, old, v *Organisation) error {
		if strings.TrimSpace(v.Name) == "" {
			return fault.New(fault.Invalid, "scope.name")
		}
		if old != nil && old.Sample != v.Sample {
			return fault.New(fault.Locked, "scope.sample")
		}
		if old != nil && old.Zone != v.Zone {
			return fault.New(fault.Locked, "scope.zone_fixed")
		}
		_, err := NewCalendar(v.Zone)
		return err
	},
	Index: func(v *Organisation) register.Index {
		return register.Index{Title: v.Name, Status: "active"}
	},
})

// Current reads the organisation; fault.NotFound before the workspace is set up.
func Current(r register.Reader) (register.Entry[Organisation], error) {
	es, err := Organisations.All(r, register.Query{Oldest: true, Limit: 1})
	if err != nil {
		return register.Entry[Organisation]{}, err
	}
	if len(es) == 0 {
		return register.Entry[Organisation]{}, fault.New(fault.NotFound, "scope.none")
	}
	return es[0], nil
}

// CalendarOf reads the organisation's calendar.
func CalendarOf(r register.Reader) (Calendar, error) {
	o, err := Current(r)
	if err != nil {
		return Calendar{}, err
	}
	return NewCalendar(o.Value.Zone)
}

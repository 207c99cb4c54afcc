package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Choice is one control of the library to be adopted.
type Choice struct {
	Code   string
	Values map[string]string // parameters by name; what is missing keeps its default
	Owner  string            // account id, ""
}

// Adopt takes controls of the library into the programme with their default
// values, in force from a day; "" says that they were in force before they were
// recorded here. Codes that the organisation already has are left as they are. No
// codes means the whole library.
func (s *Service) Adopt(ctx context.Context, codes []string, owner string, from scope.Day) ([]register.Entry[Control], error) {
	var choices []Choice
	for _, code := range codes {
		choices = append(choices, Choice{Code: code, Owner: owner})
	}
	if len(codes) == 0 {
		library, err := Library()
		if err != nil {
			return nil, fmt.Errorf("control: library: %w", err)
		}
		for _, l := range library {
			choices = append(choices, Choice{Code: l.Code, Owner: owner})
		}
	}
	return s.AdoptChosen(ctx, choices, from)
}

// AdoptChosen is Adopt with values and owners of their own. All of it is written
// or none.
func (s *Service) AdoptChosen(ctx context.Context, choices []Choice, from scope.Day) ([]register.Entry[Control], error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return nil, err
	}
	choices = slices.Clone(choices)
	slices.SortStableFunc(choices, func(a, b Choice) int { return strings.Compare(a.Code, b.Code) })
	var controls []Control
	for _, x := range choices {
		l, ok := InLibrary(x.Code)
		if !ok {
			return nil, fault.New(fault.NotFound, "control.not_in_library", "Code", x.Code)
		}
		if err := l.CheckValues(x.Values); err != nil {
			return nil, err
		}
		c := l.ControlWith(x.Values)
		c.Owner, c.EffectiveFrom, c.Status = x.Owner, from, InForce
		controls = append(controls, c)
	}
	var out []register.Entry[Control]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		out = nil
		for i := range controls {
			if _, err := Controls.ByCode(tx, controls[i].Code); err == nil {
				continue
			} else if fault.KindOf(err) != fault.NotFound {
				return err
			}
			e, err := Controls.Create(tx, controls[i], "adopted from the library")
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// longestValue bounds the text of a parameter, in characters.
const longestValue = 80

// CheckValues refuses a value that cannot stand in the control's sentence: of an
// unknown parameter, longer than a name, or no number where the library has one.
func (l LibraryControl) CheckValues(values map[string]string) error {
	for name, v := range values {
		i := slices.IndexFunc(l.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			return fault.New(fault.Invalid, "control.param_unknown", "Code", l.Code, "Name", name)
		}
		p := l.Params[i]
		v = strings.TrimSpace(v)
		if v == "" {
			continue // the default
		}
		if utf8.RuneCountInString(v) > longestValue || strings.ContainsAny(v, "\r\n{}") {
			return fault.New(fault.Invalid, "control.param_text", "Code", l.Code, "Name", name, "Longest", longestValue)
		}
		if _, err := strconv.Atoi(p.Default); err == nil {
			if n, err := strconv.Atoi(v); err != nil || n < 0 || n > 100_000 {
				return fault.New(fault.Invalid, "control.param_number", "Code", l.Code, "Name", name, "Value", v, "Unit", p.Unit)
			}
		}
	}
	return nil
}

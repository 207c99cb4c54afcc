package control

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Origin is what the library said of a control when it was adopted or last
// compared, so that a later text of the library is noticed (C3).
type Origin struct {
	Revision string        `json:"revision"` // digest over all fields
	Fields   []FieldDigest `json:"fields"`   // in the order of LibraryFields
	Values   []Setting     `json:"values"`   // the parameters as they were filled in, in the library's order
}

// FieldDigest is one field of a library control as a digest.
type FieldDigest struct {
	Field  string `json:"field"`
	Digest string `json:"digest"` // the first 16 hexadecimal digits of a SHA-256
}

// Setting is the value of one parameter.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// LibraryFields are the fields that are compared with the library.
var LibraryFields = []string{
	"title.en", "title.sv", "statement.en", "statement.sv", "objective.en", "objective.sv", "event.en", "event.sv",
	"frequency", "nature", "type", "criteria", "points_of_focus", "prompts", "checks",
}

// origin is what the library says now.
func (l LibraryControl) origin(values map[string]string) *Origin {
	o := &Origin{Fields: []FieldDigest{}, Values: []Setting{}}
	var all strings.Builder
	for _, f := range LibraryFields {
		d := digest(l.raw(f))
		o.Fields = append(o.Fields, FieldDigest{f, d})
		all.WriteString(d)
	}
	o.Revision = digest(all.String())
	for _, p := range l.Params {
		o.Values = append(o.Values, Setting{p.Name, p.value(values)})
	}
	return o
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// value is the parameter's value among values, or its default.
func (p Param) value(values map[string]string) string {
	if v := strings.TrimSpace(values[p.Name]); v != "" {
		return v
	}
	return p.Default
}

// raw is a field of the library's control as text, with {{parameters}}.
func (l LibraryControl) raw(field string) string {
	switch field {
	case "statement.en":
		return l.Text.EN
	case "statement.sv":
		return l.Text.SV
	}
	c := Control{
		Title: l.Title, Objective: l.Objective, Event: l.Event, Frequency: l.Frequency, Nature: l.Nature, Type: l.Type,
		Criteria: l.Criteria, PointsOfFocus: l.PointsOfFocus, Prompts: l.Evidence, Checks: l.Checks,
	}
	return c.Field(field)
}

// Field is one of LibraryFields as text; lists are sorted and stand one a line.
func (c *Control) Field(field string) string {
	switch field {
	case "title.en":
		return c.Title.EN
	case "title.sv":
		return c.Title.SV
	case "statement.en":
		return c.Statement.EN
	case "statement.sv":
		return c.Statement.SV
	case "objective.en":
		return c.Objective.EN
	case "objective.sv":
		return c.Objective.SV
	case "event.en":
		return c.Event.EN
	case "event.sv":
		return c.Event.SV
	case "frequency":
		return string(c.Frequency)
	case "nature":
		return c.Nature
	case "type":
		return c.Type
	case "criteria":
		return lines(c.Criteria)
	case "points_of_focus":
		return lines(c.PointsOfFocus)
	case "checks":
		return lines(c.Checks)
	case "prompts":
		var out []string
		for _, p := range c.Prompts {
			out = append(out, p.ID+": "+p.Type, p.Type1.EN, p.Type1.SV, p.Type2.EN, p.Type2.SV)
		}
		return strings.Join(out, "\n")
	}
	return ""
}

func lines(s []string) string { return strings.Join(slices.Sorted(slices.Values(s)), "\n") }

// take puts one field of another control into c.
func (c *Control) take(field string, from *Control) {
	switch field {
	case "title.en":
		c.Title.EN = from.Title.EN
	case "title.sv":
		c.Title.SV = from.Title.SV
	case "statement.en":
		c.Statement.EN = from.Statement.EN
	case "statement.sv":
		c.Statement.SV = from.Statement.SV
	case "objective.en":
		c.Objective.EN = from.Objective.EN
	case "objective.sv":
		c.Objective.SV = from.Objective.SV
	case "event.en":
		c.Event.EN = from.Event.EN
	case "event.sv":
		c.Event.SV = from.Event.SV
	case "frequency":
		c.Frequency = from.Frequency
	case "nature":
		c.Nature = from.Nature
	case "type":
		c.Type = from.Type
	case "criteria":
		c.MapTo(from.Criteria)
	case "points_of_focus":
		for _, id := range from.PointsOfFocus {
			if criterion, _, _ := strings.Cut(id, "-"); slices.Contains(c.Criteria, criterion) && !slices.Contains(c.PointsOfFocus, id) {
				c.PointsOfFocus = append(c.PointsOfFocus, id)
			}
		}
		c.PointsOfFocus = slices.DeleteFunc(c.PointsOfFocus, func(id string) bool { return !slices.Contains(from.PointsOfFocus, id) })
	case "checks":
		c.Checks = slices.Clone(from.Checks)
	case "prompts":
		c.Prompts = slices.Clone(from.Prompts)
	}
}

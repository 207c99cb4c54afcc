package control

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// Comparison is a control held against the library it came from (C3).
type Comparison struct {
	Library string       `json:"library"` // code
	Known   bool         `json:"known"`   // what the library said at adoption is kept
	Newer   bool         `json:"newer"`   // the library has changed since
	Fields  []Difference `json:"fields"`  // that differ now, in the order of LibraryFields
}

// Difference is one field that the organisation says otherwise than the library.
type Difference struct {
	Field   string `json:"field"`
	Library string `json:"library"` // with the control's values filled in
	Own     string `json:"own"`
	Newer   bool   `json:"newer"` // the library has changed the field since it was compared
	Words   []Word `json:"words"` // from the library's text to the organisation's
}

// Compare holds a control against the library. ok is false for a control of its
// own and for one whose library control is no longer there.
func (c *Control) Compare() (d Comparison, ok bool) {
	l, found := InLibrary(c.Library)
	if c.Library == "" || !found {
		return Comparison{}, false
	}
	return c.compare(l), true
}

func (c *Control) compare(l LibraryControl) Comparison {
	d := Comparison{Library: l.Code, Known: c.Origin != nil, Fields: []Difference{}}
	now := l.ControlWith(c.Values())
	d.Newer = c.Origin != nil && c.Origin.Revision != now.Origin.Revision
	for _, f := range LibraryFields {
		theirs, ours := now.Field(f), c.Field(f)
		if theirs == ours {
			continue
		}
		d.Fields = append(d.Fields, Difference{f, theirs, ours, c.Origin != nil && c.Origin.digest(f) != now.Origin.digest(f), DiffWords(theirs, ours)})
	}
	return d
}

// Offers reports whether the library has a newer text to take over.
func (d *Comparison) Offers() bool {
	return slices.ContainsFunc(d.Fields, func(f Difference) bool { return f.Newer })
}

// Values are the parameters as they were filled in at adoption.
func (c *Control) Values() map[string]string {
	out := map[string]string{}
	if c.Origin != nil {
		for _, v := range c.Origin.Values {
			out[v.Name] = v.Value
		}
	}
	return out
}

func (o *Origin) digest(field string) string {
	for _, f := range o.Fields {
		if f.Field == field {
			return f.Digest
		}
	}
	return ""
}

// FollowLibrary takes the library's text over for the named fields and notes that
// the control was compared with what the library says now. No fields keeps the
// organisation's own text in all of them.
func (s *Service) FollowLibrary(ctx context.Context, e register.Entry[Control], fields []string, reason string) (register.Entry[Control], error) {
	if _, err := s.Policy.Require(ctx, authz.ControlEdit); err != nil {
		return e, err
	}
	l, found := InLibrary(e.Value.Library)
	if e.Value.Library == "" || !found {
		return e, fault.New(fault.Invalid, "control.not_in_library", "Code", e.Value.Library)
	}
	if err := e.Value.follow(l, fields); err != nil {
		return e, err
	}
	return s.Change(ctx, e, reason)
}

func (c *Control) follow(l LibraryControl, fields []string) error {
	now := l.ControlWith(c.Values())
	for _, f := range fields {
		if !slices.Contains(LibraryFields, f) {
			return fault.New(fault.Invalid, "control.library_field", "Field", f, "Known", strings.Join(LibraryFields, ", "))
		}
	}
	for _, f := range LibraryFields { // criteria before points of focus
		if slices.Contains(fields, f) {
			c.take(f, &now)
		}
	}
	c.Origin = now.Origin
	return nil
}

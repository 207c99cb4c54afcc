package framework

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"bevis/internal/fault"
	"bevis/internal/register"
)

// The limits of a framework that an organisation brings itself.
const (
	MaxOwnBytes = 10 << 20 // of the file
	MaxOwnRefs  = 20_000
	maxRef      = 100 // runes of a reference, a group or a version
	maxTitle    = 500
	maxReason   = 2000
)

// Owned is the register of the frameworks that the organisation imported itself.
// Importing one again stores its next version.
var Owned = register.Define("framework", register.Rules[Reference]{
	Prefix: "frw",
	Check:  checkOwned,
	Index: func(f *Reference) register.Index {
		return register.Index{Code: f.ID, Title: f.Title.EN, Status: f.Status}
	},
})

// OwnedID is the id of a framework's entry.
func OwnedID(id string) register.ID[Reference] { return register.ID[Reference]("frw_" + id) }

// Ready makes the look-ups of a framework that was read from the register.
func (f *Reference) Ready() error {
	set, err := ByID(f.Set)
	if err != nil {
		return err
	}
	f.index(set)
	return nil
}

// checkOwned is what every version of an own framework must satisfy, whatever file
// it came from.
func checkOwned(_ *register.Tx, old, f *Reference) error {
	if old != nil && old.ID != f.ID {
		return fault.New(fault.Invalid, "framework.own.id", "ID", f.ID)
	}
	if err := OwnIDFree(f.ID); err != nil {
		return err
	}
	set, err := ByID(f.Set)
	if err != nil {
		return err
	}
	switch {
	case f.Kind != KindOwn || f.Status != Proposed:
		return fault.New(fault.Invalid, "framework.own.kind", "ID", f.ID)
	case !plain(f.Version, maxRef):
		return fault.New(fault.Invalid, "framework.own.version")
	case !plain(f.Title.EN, maxTitle):
		return fault.New(fault.Invalid, "framework.own.title")
	case len(f.Refs) == 0 || len(f.Refs) > MaxOwnRefs:
		return fault.New(fault.Invalid, "framework.own.refs", "Count", len(f.Refs), "Max", MaxOwnRefs)
	}
	groups, refs := map[string]bool{}, map[string]bool{}
	for _, g := range f.Groups {
		groups[g.ID] = true
	}
	for _, r := range f.Refs {
		if !refOK(r.ID) || !plain(r.Title.EN, maxTitle) || r.Group != "" && !groups[r.Group] || refs[r.ID] {
			return fault.New(fault.Invalid, "framework.own.ref", "Ref", r.ID)
		}
		refs[r.ID] = true
	}
	pairs := map[[2]string]bool{}
	for _, m := range f.Rows {
		if _, err := set.Criterion(m.Criterion); err != nil {
			return err
		}
		pair := [2]string{m.Criterion, m.Ref}
		if !refs[m.Ref] || !m.Relation.Valid() || pairs[pair] || utf8.RuneCountInString(m.Rationale.EN) > maxReason {
			return fault.New(fault.Invalid, "framework.own.row", "Ref", m.Ref, "Criterion", m.Criterion)
		}
		pairs[pair] = true
	}
	return nil
}

// reserved are words of the pages' addresses.
var reserved = []string{"import", "new", "own"}

// OwnIDFree refuses an id that cannot name an own framework: letters a to z,
// digits, points and hyphens, and none that is built in.
func OwnIDFree(id string) error {
	ok := len(id) >= 2 && len(id) <= 60 && !slices.Contains(reserved, id)
	for i, r := range id {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		ok = ok && (letter || i > 0 && (r == '-' || r == '.'))
	}
	if !ok {
		return fault.New(fault.Invalid, "framework.own.id", "ID", id)
	}
	all, err := References()
	if err != nil {
		return err
	}
	if id == TSC2017ID || slices.ContainsFunc(all, func(f *Reference) bool { return f.ID == id }) {
		return fault.New(fault.Conflict, "framework.own.builtin", "ID", id)
	}
	return nil
}

// plain is text on one line: not empty, not padded, no control characters and no
// marks that turn the reading direction round.
func plain(s string, most int) bool {
	return s != "" && s == strings.TrimSpace(s) && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && strings.IndexFunc(s, hidden) < 0
}

func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 || r == utf8.RuneError
}

// refOK is a reference that can stand in an address: not of points alone.
func refOK(s string) bool { return plain(s, maxRef) && strings.Trim(s, ".") != "" }

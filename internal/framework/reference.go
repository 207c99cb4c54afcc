package framework

import (
	"slices"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// Relation says how a criterion stands to a reference. It is read from the
// criterion: "superset" means that the criterion is the wider of the two
// (NIST IR 8477).
type Relation string

// The relations.
const (
	Equal      Relation = "equal"      // both ask the same
	Superset   Relation = "superset"   // the criterion asks for the reference and for more
	Subset     Relation = "subset"     // the criterion asks for a part of the reference
	Intersects Relation = "intersects" // each asks for something the other does not
)

// Relations lists all relations, those that reach most first.
var Relations = []Relation{Equal, Superset, Subset, Intersects}

// Valid reports whether r is one of the relations.
func (r Relation) Valid() bool { return slices.Contains(Relations, r) }

// Whole reports whether what meets the criterion reaches the whole reference. A
// criterion that is narrower, or only crosses it, reaches a part.
func (r Relation) Whole() bool { return r == Equal || r == Superset }

// Reference is a framework that is reported on through a criteria set: its
// references and the rows of the crosswalk. It is versioned data; a mapping points
// at (ID, Version, ref). References are shared by all callers, who must not change
// them.
type Reference struct {
	ID        string     `json:"id"` // "iso27001-2022"
	Version   string     `json:"version"`
	Title     Text       `json:"title"`
	Publisher string     `json:"publisher"`
	Kind      string     `json:"kind"`   // standard, framework, law, own
	Status    string     `json:"status"` // of the crosswalk: proposed until somebody reviews it
	Author    string     `json:"author"` // of the crosswalk
	Note      Text       `json:"note"`
	Set       string     `json:"set"` // criteria set of the rows
	Groups    []RefGroup `json:"groups"`
	Refs      []Ref      `json:"refs"`
	Rows      []Row      `json:"rows"` // in the order of the refs, then of the criteria

	refs     map[string]int
	groups   map[string]int
	rows     map[string][2]int // ref to first row and the row after the last
	criteria map[string][]int  // criterion to rows
}

// RefGroup is a chapter of a framework.
type RefGroup struct {
	ID    string `json:"id" yaml:"id"`
	Title Text   `json:"title" yaml:"title"`
}

// Ref is one thing the framework asks, by its number and a title; never its text.
type Ref struct {
	ID    string `json:"id"`    // "A.5.1"
	Group string `json:"group"` // id of its group
	Title Text   `json:"title"`
}

// Row is one line of a crosswalk. It suggests a connection and proves nothing.
type Row struct {
	Criterion string   `json:"criterion"`
	Ref       string   `json:"ref"`
	Relation  Relation `json:"relation"`
	Rationale Text     `json:"rationale"`
}

// KindOwn is the Kind of a framework that the organisation brought itself.
const KindOwn = "own"

// Proposed is the status of a crosswalk that nobody outside its authors has read.
const Proposed = "proposed"

// Own reports whether the organisation brought the framework itself.
func (f *Reference) Own() bool { return f.Kind == KindOwn }

// Ref returns the reference with the id, fault.NotFound if there is none.
func (f *Reference) Ref(id string) (Ref, error) {
	i, ok := f.refs[id]
	if !ok {
		return Ref{}, fault.New(fault.NotFound, "framework.ref_unknown", "Ref", id, "Framework", f.ID)
	}
	return f.Refs[i], nil
}

// Group returns the group with the id; its title is the id if there is no group.
func (f *Reference) Group(id string) RefGroup {
	if i, ok := f.groups[id]; ok {
		return f.Groups[i]
	}
	return RefGroup{ID: id, Title: Text{EN: id}}
}

// RowsOf are the rows that name the reference, in the order of the criteria.
func (f *Reference) RowsOf(ref string) []Row {
	at := f.rows[ref]
	return f.Rows[at[0]:at[1]:at[1]]
}

// RowsFrom are the rows that name the criterion, in the order of the references.
func (f *Reference) RowsFrom(criterion string) []Row {
	out := make([]Row, 0, len(f.criteria[criterion]))
	for _, i := range f.criteria[criterion] {
		out = append(out, f.Rows[i])
	}
	return out
}

// index makes the look-ups and puts the rows in order. What dangles is left to
// the check.
func (f *Reference) index(set *Set) {
	f.refs, f.groups = make(map[string]int, len(f.Refs)), make(map[string]int, len(f.Groups))
	for i, r := range f.Refs {
		f.refs[r.ID] = i
	}
	for i, g := range f.Groups {
		f.groups[g.ID] = i
	}
	slices.SortStableFunc(f.Rows, func(a, b Row) int {
		if d := f.refs[a.Ref] - f.refs[b.Ref]; d != 0 {
			return d
		}
		return set.criteria[a.Criterion] - set.criteria[b.Criterion]
	})
	f.rows, f.criteria = make(map[string][2]int, len(f.Refs)), map[string][]int{}
	for i, r := range f.Rows {
		at, ok := f.rows[r.Ref]
		if !ok {
			at[0] = i
		}
		at[1] = i + 1
		f.rows[r.Ref] = at
		f.criteria[r.Criterion] = append(f.criteria[r.Criterion], i)
	}
}

// Summary is one line of `bevis framework list`.
func (f *Reference) Summary(lang i18n.Lang) Summary {
	return Summary{ID: f.ID, Version: f.Version, Title: f.Title.For(lang), Refs: len(f.Refs), Rows: len(f.Rows), Kind: f.Kind, Status: f.Status}
}

package framework

import "bevis/internal/i18n"

// ReferenceView is a framework in one language, as `bevis framework show` and the
// API give it. Its lists are never null.
type ReferenceView struct {
	ID        string    `json:"id"`
	Version   string    `json:"version"`
	Title     string    `json:"title"`
	Kind      string    `json:"kind"`
	Publisher string    `json:"publisher"`
	Status    string    `json:"status"` // of the crosswalk
	Author    string    `json:"author"`
	Note      string    `json:"note"`
	Set       string    `json:"criteria_set"`
	Refs      []RefView `json:"refs"`
}

// RefView is a reference in one language with the criteria that reach it.
type RefView struct {
	ID       string          `json:"ref"`
	Group    string          `json:"group"`
	Title    string          `json:"title"`
	Criteria []MappedThrough `json:"criteria"`
}

// MappedThrough is a row of the crosswalk seen from the reference.
type MappedThrough struct {
	ID        string   `json:"id"`
	Relation  Relation `json:"relation"`
	Rationale string   `json:"rationale"`
}

// View gives the framework in lang.
func (f *Reference) View(lang i18n.Lang) ReferenceView {
	v := ReferenceView{
		ID: f.ID, Version: f.Version, Title: f.Title.For(lang), Kind: f.Kind, Publisher: f.Publisher, Status: f.Status,
		Author: f.Author, Note: f.Note.For(lang), Set: f.Set, Refs: make([]RefView, 0, len(f.Refs)),
	}
	for _, r := range f.Refs {
		v.Refs = append(v.Refs, RefView{ID: r.ID, Group: r.Group, Title: r.Title.For(lang), Criteria: f.Through(r.ID, lang)})
	}
	return v
}

// Through lists the criteria that reach a reference.
func (f *Reference) Through(ref string, lang i18n.Lang) []MappedThrough {
	out := []MappedThrough{}
	for _, m := range f.RowsOf(ref) {
		out = append(out, MappedThrough{m.Criterion, m.Relation, m.Rationale.For(lang)})
	}
	return out
}

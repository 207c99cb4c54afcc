package framework

import (
	"bevis/internal/fault"
	"bevis/internal/register"
)

// Entry is a criterion as the ledger holds it: the text in force in this
// workspace, so that a package carries the wording its controls were mapped to.
type Entry struct {
	Set        string       `json:"set"`     // "tsc-2017"
	Version    string       `json:"version"` // of the set's data
	ID         string       `json:"id"`      // "CC6.1"
	Category   Category     `json:"category"`
	Title      Text         `json:"title"`
	Paraphrase Text         `json:"paraphrase"`
	Points     []PointEntry `json:"points_of_focus"`
}

// PointEntry is a point of focus inside Entry.
type PointEntry struct {
	ID    string `json:"id"`
	Label Text   `json:"label"`
	Scope Scope  `json:"scope"`
}

// Entries is the register of criteria.
var Entries = register.Define("criterion", register.Rules[Entry]{
	Prefix: "crt",
	Check: func(_ *register.Tx, old, v *Entry) error {
		if old != nil && (old.Set != v.Set || old.ID != v.ID) {
			return fault.New(fault.Invalid, "framework.criterion_unknown", "ID", v.ID)
		}
		return nil
	},
	Index: func(v *Entry) register.Index {
		return register.Index{Code: v.ID, Title: v.Title.EN, Status: string(v.Category), Owner: v.Set}
	},
})

// EntryID is the id of a criterion's entry: it follows from the set and the
// criterion, so that mappings can name it.
func EntryID(set, criterion string) register.ID[Entry] {
	return register.ID[Entry]("crt_" + set + "." + criterion)
}

// Load writes the criteria of a set that the workspace does not have yet.
func Load(tx *register.Tx, set *Set) error {
	for _, c := range set.Criteria {
		e := Entry{Set: set.ID, Version: set.Version, ID: c.ID, Category: c.Category, Title: c.Title, Paraphrase: c.Paraphrase, Points: []PointEntry{}}
		for _, p := range c.PointsOfFocus {
			e.Points = append(e.Points, PointEntry{p.ID, p.Label, p.Scope})
		}
		if _, err := Entries.CreateAs(tx, EntryID(set.ID, c.ID), e, ""); err != nil {
			return err
		}
	}
	return nil
}

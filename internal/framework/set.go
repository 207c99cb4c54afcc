package framework

import (
	"slices"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// Text is one text in both languages of the product (P11).
type Text struct {
	EN string `yaml:"en" json:"en"`
	SV string `yaml:"sv" json:"sv"`
}

// In is the text in lang; English for any language but Swedish.
func (t Text) In(lang i18n.Lang) string {
	if lang == i18n.Swedish {
		return t.SV
	}
	return t.EN
}

// Set is one criteria set in one version. A mapping points at (ID, Version,
// criterion id), so that it stays readable when the set is revised. Sets are
// shared by all callers, who must not change them.
type Set struct {
	ID         string            `yaml:"id"`      // "tsc-2017"
	Version    string            `yaml:"version"` // year of the points of focus, then the revision of our wording
	Title      Text              `yaml:"title"`
	Licence    Text              `yaml:"licence"`    // what may be done with the texts
	Categories []CategoryName    `yaml:"categories"` // in the order of the criteria
	Series     []Series          `yaml:"series"`
	Components []Component       `yaml:"components"`
	Principles []Principle       `yaml:"principles"`
	Criteria   []Criterion       `yaml:"criteria"` // in the order of the framework
	criteria   map[string]int    // criterion id to index in Criteria
	points     map[string][2]int // point of focus id to indexes in Criteria and PointsOfFocus
}

// CategoryName is what people call a category.
type CategoryName struct {
	ID   Category `yaml:"id"`
	Name Text     `yaml:"name"`
}

// Series is a group of criteria, such as CC6.
type Series struct {
	ID       string   `yaml:"id"`
	Category Category `yaml:"category"`
	Title    Text     `yaml:"title"`
}

// Component is one of the five parts of internal control that principles belong to.
type Component struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
}

// Principle is a COSO principle, by its number and a short title of our own.
type Principle struct {
	Number    int      `yaml:"number"`
	Component string   `yaml:"component"`
	Criteria  []string `yaml:"criteria"` // criteria that rest on it
	Title     Text     `yaml:"title"`
}

// Criterion is one thing a system is measured against.
type Criterion struct {
	ID            string         `yaml:"id"` // "CC6.1"
	Category      Category       `yaml:"category"`
	Series        string         `yaml:"series"`
	COSOPrinciple int            `yaml:"coso_principle"` // 1 to 17; 0 where there is none
	Title         Text           `yaml:"title"`
	Paraphrase    Text           `yaml:"paraphrase"` // what it asks, in our words; never the official text
	PointsOfFocus []PointOfFocus `yaml:"points_of_focus"`
}

// PointOfFocus is a hint on what may show that a criterion is met.
type PointOfFocus struct {
	ID     string `yaml:"id"` // "CC6.1-F03"; the number is ours
	Scope  Scope  `yaml:"scope"`
	Origin Origin `yaml:"origin"`
	Roles  []Role `yaml:"roles"` // privacy series only; empty elsewhere
	Label  Text   `yaml:"label"`
}

// Scope says in which engagements a point of focus has a place.
type Scope string

// Beside these, the id of a category is a scope: the point applies once that
// category is in scope, also where the point stands under a common criterion.
const (
	ScopeAll             Scope = "all"
	ScopeSystemLevel     Scope = "system_level"               // reports on a system, so every SOC 2
	ScopeProcessingGoods Scope = "processing_integrity_goods" // systems that produce goods
)

// applies reports whether the scope has a place beside categories.
func (s Scope) applies(categories Categories) bool {
	switch s {
	case ScopeAll, ScopeSystemLevel:
		return true
	case ScopeProcessingGoods:
		return categories.Has(ProcessingIntegrity)
	default:
		return categories.Has(Category(s))
	}
}

func (s Scope) known() bool {
	return s == ScopeAll || s == ScopeSystemLevel || s == ScopeProcessingGoods || Category(s) != Security && AllCategories().Has(Category(s))
}

// of reports whether the scope is c's own.
func (s Scope) of(c Category) bool {
	return s == Scope(c) || s == ScopeProcessingGoods && c == ProcessingIntegrity
}

// Origin says who a point of focus comes from.
type Origin string

// OriginCOSO is the internal control framework, OriginTSC the criteria's own addition.
const (
	OriginCOSO Origin = "coso"
	OriginTSC  Origin = "tsc"
)

// Role says for whom a privacy point of focus is meant.
type Role string

// The two roles an organisation can have towards personal data.
const (
	RoleProcessor  Role = "processor"
	RoleController Role = "controller"
)

// Criterion returns the criterion with the id, fault.NotFound if there is none.
func (s *Set) Criterion(id string) (Criterion, error) {
	i, ok := s.criteria[id]
	if !ok {
		return Criterion{}, fault.New(fault.NotFound, "framework.criterion_unknown", "ID", id, "Set", s.ID)
	}
	return s.Criteria[i], nil
}

// PointOfFocus returns the point of focus with the id, fault.NotFound if there is none.
func (s *Set) PointOfFocus(id string) (PointOfFocus, error) {
	at, ok := s.points[id]
	if !ok {
		return PointOfFocus{}, fault.New(fault.NotFound, "framework.point_unknown", "ID", id, "Set", s.ID)
	}
	return s.Criteria[at[0]].PointsOfFocus[at[1]], nil
}

// Principle returns the COSO principle with the number; ok is false if there is none.
func (s *Set) Principle(number int) (p Principle, ok bool) {
	if number < 1 || number > len(s.Principles) {
		return Principle{}, false
	}
	return s.Principles[number-1], true
}

// SeriesTitle is the title of the series with the id, empty if there is none.
func (s *Set) SeriesTitle(id string) Text {
	for _, e := range s.Series {
		if e.ID == id {
			return e.Title
		}
	}
	return Text{}
}

// CategoryTitle is what people call the category, empty if the set has none such.
func (s *Set) CategoryTitle(c Category) Text {
	for _, e := range s.Categories {
		if e.ID == c {
			return e.Name
		}
	}
	return Text{}
}

// InScope returns the criteria that an engagement over categories answers, in the
// set's order, each with only the points of focus that have a place there.
//
// Security is always in (S2), so the common criteria always are; a point of focus
// under a common criterion that is meant for another category shows up with that
// category. The lists are
// the caller's own.
func (s *Set) InScope(categories Categories) []Criterion {
	out := []Criterion{}
	for _, c := range s.Criteria {
		if c.Category != Security && !categories.Has(c.Category) {
			continue
		}
		c.PointsOfFocus = slices.DeleteFunc(slices.Clone(c.PointsOfFocus), func(p PointOfFocus) bool {
			return !p.Scope.applies(categories)
		})
		out = append(out, c)
	}
	return out
}

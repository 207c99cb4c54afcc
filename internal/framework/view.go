package framework

import "bevis/internal/i18n"

// View is a set in one language, as `bevis framework show` and the API give it.
// Its lists are never null.
type View struct {
	ID       string          `json:"id"`
	Version  string          `json:"version"`
	Title    string          `json:"title"`
	Criteria []CriterionView `json:"criteria"`
}

// CriterionView is a criterion in one language.
type CriterionView struct {
	ID            string      `json:"id"`
	Category      Category    `json:"category"`
	Series        string      `json:"series"`
	Title         string      `json:"title"`
	Paraphrase    string      `json:"paraphrase"`
	COSOPrinciple *int        `json:"coso_principle"` // null where there is none
	PointsOfFocus []PointView `json:"points_of_focus"`
}

// PointView is a point of focus in one language.
type PointView struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Scope  Scope  `json:"scope"`
	Origin Origin `json:"origin"`
	Roles  []Role `json:"roles"`
}

// View gives criteria in lang: s.Criteria for the whole set, s.InScope(…) for one
// engagement.
func (s *Set) View(lang i18n.Lang, criteria []Criterion) View {
	v := View{ID: s.ID, Version: s.Version, Title: s.Title.In(lang), Criteria: make([]CriterionView, 0, len(criteria))}
	for _, c := range criteria {
		cv := CriterionView{
			ID: c.ID, Category: c.Category, Series: c.Series,
			Title: c.Title.In(lang), Paraphrase: c.Paraphrase.In(lang),
			PointsOfFocus: make([]PointView, 0, len(c.PointsOfFocus)),
		}
		if c.COSOPrinciple != 0 {
			cv.COSOPrinciple = &c.COSOPrinciple
		}
		for _, p := range c.PointsOfFocus {
			cv.PointsOfFocus = append(cv.PointsOfFocus, PointView{
				ID: p.ID, Label: p.Label.In(lang), Scope: p.Scope, Origin: p.Origin,
				Roles: append([]Role{}, p.Roles...),
			})
		}
		v.Criteria = append(v.Criteria, cv)
	}
	return v
}

// Summary is one line of `bevis framework list`: a criteria set, or a framework
// that is reached through one.
type Summary struct {
	ID            string `json:"id"`
	Version       string `json:"version"`
	Title         string `json:"title"`
	Kind          string `json:"kind"` // criteria, or that of the framework
	Criteria      int    `json:"criteria"`
	PointsOfFocus int    `json:"points_of_focus"`
	Refs          int    `json:"refs"`
	Rows          int    `json:"rows"`             // of the crosswalk
	Status        string `json:"status,omitempty"` // of the crosswalk
}

// KindCriteria is the kind of a criteria set.
const KindCriteria = "criteria"

// Summary counts what is in the set.
func (s *Set) Summary(lang i18n.Lang) Summary {
	return Summary{ID: s.ID, Version: s.Version, Title: s.Title.In(lang), Kind: KindCriteria, Criteria: len(s.criteria), PointsOfFocus: len(s.points)}
}

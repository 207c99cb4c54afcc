package framework

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/fault"
)

// TSC2017ID names the set that Bevis carries.
const TSC2017ID = "tsc-2017"

// TSC2017 returns the Trust Services Criteria of 2017 with the points of focus of
// 2022: 61 criteria, 330 points of focus (C1). The set is read and checked once;
// it fails only if the built-in data is damaged.
func TSC2017() (*Set, error) { return tsc2017() }

var tsc2017 = sync.OnceValues(func() (*Set, error) {
	name := "criteria/" + TSC2017ID + ".yaml"
	raw, err := catalog.Criteria.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("framework: read criteria: %w", err)
	}
	return parse(name, raw)
})

// ByID returns the criteria set with the id, fault.NotFound if there is none.
func ByID(id string) (*Set, error) {
	if id == TSC2017ID {
		return TSC2017()
	}
	return nil, fault.New(fault.NotFound, "framework.set_unknown", "ID", id, "Known", TSC2017ID)
}

// All returns every criteria set.
func All() ([]*Set, error) {
	s, err := TSC2017()
	if err != nil {
		return nil, err
	}
	return []*Set{s}, nil
}

// parse reads one set. It refuses unknown and repeated fields, a second document,
// and every fault that check finds.
func parse(name string, raw []byte) (*Set, error) {
	d := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	s := new(Set)
	if err := d.Decode(s); err != nil {
		return nil, fmt.Errorf("framework: %s: %w", name, err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("framework: %s: more than one document", name)
	}
	if err := s.index(); err != nil {
		return nil, fmt.Errorf("framework: %s: %w", name, err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("framework: %s: %w", name, err)
	}
	return s, nil
}

// index makes the look-ups and refuses an id that is used twice.
func (s *Set) index() error {
	s.criteria, s.points = map[string]int{}, map[string][2]int{}
	for i, c := range s.Criteria {
		if _, twice := s.criteria[c.ID]; twice {
			return fmt.Errorf("criterion %s is there twice", c.ID)
		}
		s.criteria[c.ID] = i
		for j, p := range c.PointsOfFocus {
			if _, twice := s.points[p.ID]; twice {
				return fmt.Errorf("point of focus %s is there twice", p.ID)
			}
			s.points[p.ID] = [2]int{i, j}
		}
	}
	return nil
}

// check finds everything that dangles, is empty or out of order, all at once.
func (s *Set) check() error {
	p := &problems{}
	p.when(s.ID == "" || s.Version == "", "id or version is empty")
	p.text("the set", s.Title)
	p.text("the licence note", s.Licence)
	s.checkGroups(p)
	s.checkPrinciples(p)
	s.checkCriteria(p)
	return errors.Join(p.found...)
}

func (s *Set) checkGroups(p *problems) {
	seen := map[string]bool{}
	for _, c := range s.Categories {
		p.when(!AllCategories().Has(c.ID), "category %q is unknown", c.ID)
		p.when(seen[string(c.ID)], "category %s is there twice", c.ID)
		seen[string(c.ID)] = true
		p.text("category "+string(c.ID), c.Name)
	}
	used := map[string]bool{}
	for _, c := range s.Criteria {
		used[c.Series] = true
	}
	series := map[string]bool{}
	for _, e := range s.Series {
		p.when(series[e.ID], "series %s is there twice", e.ID)
		p.when(!seen[string(e.Category)], "series %s: category %q is not in the set", e.ID, e.Category)
		p.when(!used[e.ID], "series %s has no criterion", e.ID)
		p.text("series "+e.ID, e.Title)
		series[e.ID] = true
	}
}

func (s *Set) checkPrinciples(p *problems) {
	component := map[string]bool{}
	for _, c := range s.Components {
		p.when(component[c.ID], "component %s is there twice", c.ID)
		p.text("component "+c.ID, c.Title)
		component[c.ID] = true
	}
	for i, e := range s.Principles {
		at := fmt.Sprintf("principle %d", e.Number)
		p.when(e.Number != i+1, "%s stands in place %d", at, i+1)
		p.when(!component[e.Component], "%s: component %q is not in the set", at, e.Component)
		p.when(len(e.Criteria) == 0, "%s has no criterion", at)
		p.text(at, e.Title)
		for _, id := range e.Criteria {
			c, ok := s.criteria[id]
			p.when(!ok || s.Criteria[c].COSOPrinciple != e.Number, "%s names %s, which does not name it", at, id)
		}
	}
}

func (s *Set) checkCriteria(p *problems) {
	place := map[string]int{} // series id to its place
	for i, e := range s.Series {
		place[e.ID] = i
	}
	last, n := -1, 0 // place of the series we are in, criteria seen in it
	for _, c := range s.Criteria {
		at, known := place[c.Series]
		p.when(!known, "criterion %s: series %q is not in the set", c.ID, c.Series)
		if known {
			p.when(at < last, "criterion %s stands after a later series", c.ID)
			if at != last {
				last, n = at, 0
			}
			n++
			p.when(c.ID != fmt.Sprintf("%s.%d", c.Series, n), "criterion %s is number %d of series %s", c.ID, n, c.Series)
			p.when(c.Category != s.Series[at].Category, "criterion %s: category %q is not that of series %s", c.ID, c.Category, c.Series)
		}
		p.when(c.COSOPrinciple != 0 && !s.rests(c), "criterion %s: principle %d does not name it", c.ID, c.COSOPrinciple)
		p.text("criterion "+c.ID, c.Title)
		p.text("paraphrase of "+c.ID, c.Paraphrase)
		p.when(len(c.PointsOfFocus) == 0, "criterion %s has no point of focus", c.ID)
		for i, f := range c.PointsOfFocus {
			p.when(f.ID != fmt.Sprintf("%s-F%02d", c.ID, i+1), "point of focus %s is number %d of %s", f.ID, i+1, c.ID)
			p.when(!f.Scope.known(), "point of focus %s: scope %q is unknown", f.ID, f.Scope)
			// Else a category in scope could show a criterion without its points.
			p.when(c.Category != Security && !f.Scope.of(c.Category), "point of focus %s: scope %q under a criterion of %s", f.ID, f.Scope, c.Category)
			p.when(f.Origin != OriginCOSO && f.Origin != OriginTSC, "point of focus %s: origin %q is unknown", f.ID, f.Origin)
			for _, r := range f.Roles {
				p.when(r != RoleProcessor && r != RoleController, "point of focus %s: role %q is unknown", f.ID, r)
			}
			p.text("point of focus "+f.ID, f.Label)
		}
	}
}

// rests reports whether c's principle exists and names c.
func (s *Set) rests(c Criterion) bool {
	e, ok := s.Principle(c.COSOPrinciple)
	return ok && slices.Contains(e.Criteria, c.ID)
}

// problems gathers what is wrong with a set.
type problems struct{ found []error }

func (p *problems) when(wrong bool, format string, args ...any) {
	if wrong {
		p.found = append(p.found, fmt.Errorf(format, args...))
	}
}

// text demands both languages, without blanks around them.
func (p *problems) text(of string, t Text) {
	p.when(t.EN == "" || t.EN != strings.TrimSpace(t.EN), "%s: the English text is empty or padded", of)
	p.when(t.SV == "" || t.SV != strings.TrimSpace(t.SV), "%s: the Swedish text is empty or padded", of)
}

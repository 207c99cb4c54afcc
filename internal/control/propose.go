package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/framework"
	"bevis/internal/register"
)

// Proposal is what the library proposes for a choice of categories (C2).
type Proposal struct {
	Controls []LibraryControl `json:"controls"` // by code, without those taken already
	Reach    []Reach          `json:"reach"`    // in the order of the criteria
	Overlaps []Overlap        `json:"overlaps"`
}

// Reach is a criterion in scope with the proposed and taken controls that map to it.
type Reach struct {
	Criterion string   `json:"criterion"`
	Controls  []string `json:"controls"`
}

// Overlap is two controls that do much the same duty, A before B. One of them is
// normally enough; whoever adopts decides whether to keep both.
type Overlap struct {
	A string `json:"a"`
	B string `json:"b"`
}

// Propose lists the controls of the library that belong to the proposed set for
// the categories: those with a criterion in scope. taken are library codes that
// the organisation has already; they count for reach and overlaps and are not
// proposed again.
func Propose(categories framework.Categories, taken []string) (Proposal, error) {
	library, err := Library()
	if err != nil {
		return Proposal{}, fmt.Errorf("control: library: %w", err)
	}
	set, err := framework.TSC2017()
	if err != nil {
		return Proposal{}, fmt.Errorf("control: criteria: %w", err)
	}
	p := Proposal{Controls: []LibraryControl{}, Reach: []Reach{}}
	place := map[string]int{}
	for i, c := range set.InScope(categories) {
		place[c.ID] = i
		p.Reach = append(p.Reach, Reach{c.ID, []string{}})
	}
	var chosen []string
	for _, l := range library {
		own := slices.Contains(taken, l.Code)
		reaches := slices.ContainsFunc(l.Criteria, func(id string) bool { _, in := place[id]; return in })
		if !reaches || !own && !l.Proposed {
			continue
		}
		chosen = append(chosen, l.Code)
		if !own {
			p.Controls = append(p.Controls, l)
		}
		for _, id := range l.Criteria {
			if i, in := place[id]; in {
				p.Reach[i].Controls = append(p.Reach[i].Controls, l.Code)
			}
		}
	}
	p.Overlaps, err = Overlapping(chosen)
	return p, err
}

// Codes lists the proposed codes.
func (p Proposal) Codes() []string {
	out := make([]string, 0, len(p.Controls))
	for _, l := range p.Controls {
		out = append(out, l.Code)
	}
	return out
}

// Overlapping lists the pairs among codes that the library calls overlapping. A
// pair counts whichever of the two names the other.
func Overlapping(codes []string) ([]Overlap, error) {
	library, err := Library()
	if err != nil {
		return nil, fmt.Errorf("control: library: %w", err)
	}
	out := []Overlap{}
	for _, l := range library {
		if !slices.Contains(codes, l.Code) {
			continue
		}
		for _, other := range l.Overlaps {
			if slices.Contains(codes, other) {
				out = append(out, Overlap{min(l.Code, other), max(l.Code, other)})
			}
		}
	}
	slices.SortFunc(out, func(x, y Overlap) int {
		if c := strings.Compare(x.A, y.A); c != 0 {
			return c
		}
		return strings.Compare(x.B, y.B)
	})
	return slices.Compact(out), nil
}

// InLibrary is the control of the library with a code.
func InLibrary(code string) (LibraryControl, bool) {
	library, err := Library()
	if err != nil {
		return LibraryControl{}, false
	}
	i := slices.IndexFunc(library, func(l LibraryControl) bool { return l.Code == code })
	if i < 0 {
		return LibraryControl{}, false
	}
	return library[i], true
}

// Propose is Propose for the controls that the organisation has.
func (s *Service) Propose(ctx context.Context, categories framework.Categories) (Proposal, error) {
	if _, err := s.Policy.Require(ctx, authz.ControlEdit); err != nil {
		return Proposal{}, err
	}
	taken, err := s.taken(ctx)
	if err != nil {
		return Proposal{}, err
	}
	return Propose(categories, slices.Collect(maps.Keys(taken)))
}

// taken are the codes that the organisation's controls have.
func (s *Service) taken(ctx context.Context) (map[string]bool, error) {
	rows, err := Controls.List(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, r := range rows {
		out[r.Code] = true
	}
	return out, nil
}

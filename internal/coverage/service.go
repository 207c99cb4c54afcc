package coverage

import (
	"context"
	"slices"
	"strings"
	"sync"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Service answers how far controls reach into frameworks, and keeps what the
// organisation decides about them. It is not copied after first use.
type Service struct {
	Store     *register.Store
	Policy    authz.Policy
	Windows   *window.Service
	Readiness *readiness.Service

	mu    sync.Mutex
	owned map[register.ID[framework.Reference]]*ownedFramework
	last  *View // of who sees everything
	size  int64 // of the ledger, when last was made
}

type ownedFramework struct {
	version   int64
	framework *framework.Reference
}

// View is the programme as frameworks see it: the controls in force on a day, and
// the window whose evidence stands for them.
type View struct {
	Window     *register.Entry[window.Window] // nil where there is none
	Day        scope.Day                      // on which controls are in force
	Evidence   bool                           // the reader may read evidence, and there is a window
	Frameworks []*framework.Reference         // built-in ones by id, then own ones by id
	Index      *Index

	mu       sync.Mutex
	overview *readiness.Overview
	made     map[string]*Coverage
}

// Framework returns the framework with the id, fault.NotFound if there is none.
func (v *View) Framework(id string) (*framework.Reference, error) {
	known := make([]string, 0, len(v.Frameworks))
	for _, f := range v.Frameworks {
		if f.ID == id {
			return f, nil
		}
		known = append(known, f.ID)
	}
	return nil, fault.New(fault.NotFound, "coverage.framework_unknown", "ID", id, "Known", strings.Join(known, ", "))
}

// Of is a framework's coverage, computed when it is first asked for.
func (v *View) Of(f *framework.Reference) *Coverage {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.made[f.ID]
	if c == nil {
		c = v.Index.Of(f)
		v.made[f.ID] = c
	}
	return c
}

// View reads the programme for a window by code or id; "" is the window in focus.
//
// An auditor is shown the controls of their window and the built-in frameworks: what
// the organisation imported or decided itself is no part of the window.
func (s *Service) View(ctx context.Context, name string) (*View, error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	w, err := readiness.Choose(ctx, s.Windows, name)
	if err != nil {
		return nil, err
	}
	size, _, err := s.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	v := &View{Window: w, Evidence: w != nil && by.Can(authz.EvidenceRead), made: map[string]*Coverage{}}
	if v.Frameworks, err = s.frameworks(ctx, by); err != nil {
		return nil, err
	}
	if w != nil {
		if v.overview, err = s.Readiness.Overview(ctx, w); err != nil {
			return nil, err
		}
		v.Day = min(v.overview.Today, w.Value.Last)
	} else {
		cal, err := scope.CalendarOf(s.Store.Live(ctx))
		if err != nil {
			return nil, err
		}
		v.Day = cal.Day(s.Store.Now())
	}
	whole := by.Can(authz.EvidenceRead) && !by.Is(authz.Auditor)
	if whole {
		if last := s.lastView(size, v); last != nil {
			return last, nil
		}
	}
	controls, err := s.controls(ctx, by, v)
	if err != nil {
		return nil, err
	}
	v.Index = NewIndex(controls)
	if whole {
		s.mu.Lock()
		s.last, s.size = v, size
		s.mu.Unlock()
	}
	return v, nil
}

// lastView is the view made last if it still holds for v.
func (s *Service) lastView(size int64, v *View) *View {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.last
	if l == nil || s.size != size || l.Day != v.Day || l.overview != v.overview || (l.Window == nil) != (v.Window == nil) {
		return nil
	}
	return l
}

// controls are the controls in force on the view's day, with the evidence that
// stands for them in its window.
func (s *Service) controls(ctx context.Context, by authz.Principal, v *View) ([]Control, error) {
	var all []register.Entry[control.Control]
	if by.Is(authz.Auditor) {
		if v.overview != nil {
			for i := range v.overview.Lines {
				all = append(all, v.overview.Lines[i].Control)
			}
		}
	} else {
		var err error
		if all, err = s.Readiness.Controls(ctx); err != nil {
			return nil, err
		}
	}
	out := make([]Control, 0, len(all))
	for i := range all {
		c := &all[i].Value
		if !c.InForceOn(v.Day) {
			continue
		}
		x := Control{Code: c.Code, Title: c.Title, Criteria: c.Criteria}
		if v.overview != nil {
			if l := v.overview.Find(c.Code); l != nil {
				x.Items = standing(l.Items)
			}
		}
		out = append(out, x)
	}
	return out, nil
}

func standing(items []readiness.Item) []Item {
	out := make([]Item, 0, len(items))
	for i := range items {
		if items[i].Stands() {
			out = append(out, Item{ID: items[i].ID.String(), Last: items[i].Last})
		}
	}
	return out
}

// Items are the items that stand in the window for any of the controls, newest
// first.
func (v *View) Items(codes []string) []readiness.Item {
	out := []readiness.Item{}
	if v.overview == nil || !v.Evidence {
		return out
	}
	seen := map[string]bool{}
	for _, code := range codes {
		l := v.overview.Find(code)
		if l == nil {
			continue
		}
		for _, it := range l.Items {
			if it.Stands() && !seen[it.ID.String()] {
				seen[it.ID.String()] = true
				out = append(out, it)
			}
		}
	}
	slices.SortFunc(out, func(a, b readiness.Item) int {
		if d := strings.Compare(string(b.Last), string(a.Last)); d != 0 {
			return d
		}
		return strings.Compare(b.Code, a.Code)
	})
	return out
}

// frameworks lists what the reader may see.
func (s *Service) frameworks(ctx context.Context, by authz.Principal) ([]*framework.Reference, error) {
	all, err := framework.References()
	if err != nil {
		return nil, err
	}
	out := slices.Clone(all)
	if by.Is(authz.Auditor) {
		return out, nil
	}
	own, err := s.own(ctx)
	return append(out, own...), err
}

// own reads the organisation's frameworks by id, and keeps those that have not
// moved on.
func (s *Service) own(ctx context.Context) ([]*framework.Reference, error) {
	live := s.Store.Live(ctx)
	rows, err := framework.Owned.List(live, register.Query{})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	held := make(map[register.ID[framework.Reference]]*ownedFramework, len(rows))
	out := []*framework.Reference{}
	for _, row := range rows {
		id := register.ID[framework.Reference](row.ID)
		h := s.owned[id]
		if h == nil || h.version != row.Version || row.Code == "" { // an erased entry has lost its code
			e, err := framework.Owned.Get(live, id)
			if err != nil {
				return nil, err
			}
			if e.Erased {
				continue
			}
			f := &e.Value
			if err := f.Ready(); err != nil {
				return nil, err
			}
			h = &ownedFramework{e.Version, f}
		}
		held[id] = h
		out = append(out, h.framework)
	}
	s.owned = held
	slices.SortFunc(out, func(a, b *framework.Reference) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// Speaks reports whether the window speaks of a criterion: then it has a page.
func (v *View) Speaks(criterion string) bool {
	return v.overview != nil && slices.ContainsFunc(v.overview.Criteria, func(c readiness.Criterion) bool { return c.ID == criterion })
}

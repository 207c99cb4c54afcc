package window

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/policy"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Member is an entry in a window's scope.
type Member struct {
	Register string
	ID       string
}

// Contents lists what a window speaks of, as the reader sees it: the
// organisation, the window, the criteria in scope, the controls that meet them
// and bound in the window, the policies in force that govern those, the evidence for those, the datasets, freezes, runs and
// results of the window, and the people who acted. Seal, package and auditor all
// use this one list, so nobody can be shown another selection.
func Contents(r register.Reader, w *register.Entry[Window]) ([]Member, error) {
	c := &collector{r: r, w: w, seen: map[Member]bool{}}
	cal, err := w.Value.Calendar()
	if err != nil {
		return nil, err
	}
	c.cal = cal
	for _, step := range []func() error{c.organisation, c.criteria, c.controls, c.policies, c.evidence, c.populations, c.runs, c.stamps} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(c.out, func(a, b Member) int {
		return cmp.Or(strings.Compare(a.Register, b.Register), strings.Compare(a.ID, b.ID))
	})
	return c.out, nil
}

type collector struct {
	r        register.Reader
	w        *register.Entry[Window]
	cal      scope.Calendar
	seen     map[Member]bool
	out      []Member
	control  []register.Entry[control.Control]
	datasets []string
}

func (c *collector) add(registerName, id string) bool {
	m := Member{registerName, id}
	if id == "" || c.seen[m] {
		return false
	}
	c.seen[m] = true
	c.out = append(c.out, m)
	return true
}

// person adds an account that acted; other actors have no entry.
func (c *collector) person(id string) {
	if strings.HasPrefix(id, "usr_") {
		c.add("account", id)
	}
}

func (c *collector) organisation() error {
	o, err := scope.Current(c.r)
	if err != nil {
		return err
	}
	c.add(scope.Organisations.Name(), o.ID.String())
	c.add(Windows.Name(), c.w.ID.String())
	h, err := Windows.History(c.r, c.w.ID)
	if err != nil {
		return err
	}
	for _, v := range h {
		c.person(v.Actor)
	}
	return nil
}

func (c *collector) criteria() error {
	cs, err := c.w.Value.Criteria()
	if err != nil {
		return err
	}
	for _, x := range cs {
		c.add(framework.Entries.Name(), framework.EntryID(c.w.Value.Framework, x.ID).String())
	}
	return nil
}

func (c *collector) controls() error {
	var err error
	c.control, err = InScope(c.r, &c.w.Value)
	if err != nil {
		return err
	}
	for _, x := range c.control {
		c.add(control.Controls.Name(), x.ID.String())
		h, err := control.Controls.History(c.r, x.ID)
		if err != nil {
			return err
		}
		for _, v := range h {
			c.person(v.Actor)
			c.person(v.Value.Owner)
		}
	}
	return nil
}

// InScope lists the controls that meet a criterion in scope and bound on a day of
// the window in any of their versions, by code.
func InScope(r register.Reader, w *Window) ([]register.Entry[control.Control], error) {
	all, err := control.All(r)
	if err != nil {
		return nil, err
	}
	return inScope(r, w, all)
}

// inScope keeps of all controls those that InScope speaks of.
func inScope(r register.Reader, w *Window, all []register.Entry[control.Control]) ([]register.Entry[control.Control], error) {
	cs, err := w.Criteria()
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, c := range cs {
		in[c.ID] = true
	}
	var out []register.Entry[control.Control]
	for _, e := range all {
		if !slices.ContainsFunc(e.Value.Criteria, func(id string) bool { return in[id] }) {
			continue
		}
		spans, err := SpansOf(r, &e, w)
		if err != nil {
			return nil, err
		}
		if len(spans) > 0 {
			out = append(out, e)
		}
	}
	return out, nil
}

// SpansOf is what the versions of a control expected on the days of the window.
func SpansOf(r register.Reader, c *register.Entry[control.Control], w *Window) ([]control.Span, error) {
	versions := []register.Entry[control.Control]{*c}
	if c.Version > 1 {
		var err error
		if versions, err = control.Controls.History(r, c.ID); err != nil {
			return nil, err
		}
	}
	cal, err := w.Calendar()
	if err != nil {
		return nil, err
	}
	return control.Spans(versions, cal, w.From, w.Last), nil
}

// policies adds those that had an edition in force in the window and govern a
// control in scope.
func (c *collector) policies() error {
	all, err := policy.Policies.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		governs := slices.ContainsFunc(p.Value.Controls, func(id control.ID) bool {
			return c.seen[Member{control.Controls.Name(), id.String()}]
		})
		if !governs || len(p.Value.Between(c.w.Value.From, c.w.Value.Last)) == 0 {
			continue
		}
		c.add(policy.Policies.Name(), p.ID.String())
		h, err := policy.Policies.History(c.r, p.ID)
		if err != nil {
			return err
		}
		for _, v := range h {
			c.person(v.Actor)
			c.person(v.Value.Owner)
			for _, a := range v.Value.Approvals {
				c.person(a.By)
			}
		}
	}
	return nil
}

func (c *collector) evidence() error {
	for _, x := range c.control {
		items, err := evidence.For(c.r, x.ID)
		if err != nil {
			return err
		}
		for _, e := range items {
			if c.touches(&e.Value) {
				if err := c.item(e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// touches reports whether an item speaks of the window: it occurred in it, stands
// for an occurrence due in it, or was valid in it.
func (c *collector) touches(e *evidence.Evidence) bool {
	w := &c.w.Value
	in := e.Occurred()
	first, last := in.FirstDay(c.cal), in.LastDay(c.cal)
	return first <= w.Last && last >= w.From ||
		e.Slot != "" && e.Slot >= w.From && e.Slot <= w.Last ||
		e.ValidFrom != "" && e.ValidFrom <= w.Last && (e.ValidTo == "" || e.ValidTo >= w.From)
}

func (c *collector) item(e register.Entry[evidence.Evidence]) error {
	if !c.add(evidence.Items.Name(), e.ID.String()) {
		return nil
	}
	h, err := evidence.Items.History(c.r, e.ID)
	if err != nil {
		return err
	}
	for _, v := range h {
		c.person(v.Actor)
		c.person(v.Value.PerformedBy)
		for _, rv := range v.Value.Reviews {
			c.person(rv.By)
		}
		c.datasets = append(c.datasets, v.Value.Datasets...)
	}
	if e.Value.Supersedes != "" {
		old, err := evidence.Items.Get(c.r, evidence.ID(e.Value.Supersedes))
		if err != nil {
			return err
		}
		return c.item(old)
	}
	return nil
}

func (c *collector) populations() error {
	results, err := check.Outcomes.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	from, to := c.w.Value.Bounds(c.cal)
	for _, e := range results {
		a, b := e.Value.Period()
		bears := len(e.Value.Controls) == 0 || slices.ContainsFunc(e.Value.Controls, func(id control.ID) bool {
			return c.seen[Member{control.Controls.Name(), id.String()}]
		})
		if bears && a.Before(to) && b.After(from) {
			c.add(check.Outcomes.Name(), e.ID.String())
			c.person(e.Actor)
			c.datasets = append(c.datasets, e.Value.Dataset.String())
		}
	}
	for _, id := range c.datasets {
		c.add(population.Datasets.Name(), id)
	}
	freezes, err := population.Freezes.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for _, f := range freezes {
		if c.seen[Member{population.Datasets.Name(), f.Value.Dataset.String()}] {
			c.add(population.Freezes.Name(), f.ID.String())
			c.person(f.Actor)
		}
	}
	return nil
}

func (c *collector) runs() error {
	runs, err := collect.Runs.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	from, to := c.w.Value.Bounds(c.cal)
	for _, e := range runs {
		if a, b := e.Value.Period(); a.Before(to) && b.After(from) { // failed runs too: a gap is shown
			c.add(collect.Runs.Name(), e.ID.String())
			c.person(e.Actor)
			if e.Value.Dataset != "" {
				c.add(population.Datasets.Name(), e.Value.Dataset.String())
			}
		}
	}
	return nil
}

// stamps adds every timestamp and every tombstone of something in scope.
func (c *collector) stamps() error {
	anchors, err := register.Anchors.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	for _, a := range anchors {
		c.add(register.Anchors.Name(), a.ID.String())
	}
	erased, err := register.Erasures.All(c.r, register.Query{Oldest: true})
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, m := range c.out {
		ids[m.ID] = true
	}
	for _, e := range erased {
		if ids[e.Value.Subject] {
			c.add(register.Erasures.Name(), e.ID.String())
		}
	}
	return nil
}

// Sealable is one line of a manifest.
type Sealable struct {
	Register string `json:"register"`
	ID       string `json:"id"`
	Version  int64  `json:"version"`
	Seq      int64  `json:"seq"`
	C        string `json:"c"` // commitment of the body, as in the leaf; "" if erased
}

// Manifest lists every version of everything in scope up to a ledger index, with
// its commitment: canonical JSON, the same bytes for anyone who holds the ledger.
func (s *Service) Manifest(ctx context.Context, w *register.Entry[Window], index int64) ([]byte, error) {
	members, err := Contents(s.Store.At(ctx, index), w)
	if err != nil {
		return nil, err
	}
	m := struct {
		Window  string     `json:"window"`
		Title   string     `json:"title"`
		Index   int64      `json:"index"`
		Entries []Sealable `json:"entries"`
	}{w.ID.String(), w.Value.Title(), index, []Sealable{}}
	for _, x := range members {
		vs, err := s.Store.RawVersions(ctx, x.ID, index)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			line := Sealable{Register: v.Register, ID: v.ID, Version: v.Version, Seq: v.Seq}
			if v.Body != nil {
				c := ledger.Commit(v.Salt, v.Body)
				line.C = hex.EncodeToString(c[:])
			}
			m.Entries = append(m.Entries, line)
		}
	}
	out, err := ledger.Canonical(m)
	if err != nil {
		return nil, fmt.Errorf("window: manifest: %w", err)
	}
	return out, nil
}

package window

import (
	"math"
	"slices"
	"strings"
	"time"

	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// facts is what the tallies of all controls rest on, read once for all of them.
type facts struct {
	items   map[control.ID][]register.Entry[evidence.Evidence]
	results map[control.ID][]register.Entry[check.Outcome]
}

// Reading is from where a window is read: At is the state that counts, up to a ledger
// index, and Live the newest one. What has not changed after the index is taken from
// Live, where everything comes with one query.
type Reading struct {
	Live, At register.Reader
	Index    int64
}

// Now reads the newest state.
func Now(live register.Reader) Reading { return Reading{live, live, math.MaxInt64} }

// InScope is the function of that name for this reading.
func (r Reading) InScope(w *Window) ([]register.Entry[control.Control], error) {
	all, err := standing(r, control.Controls)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b register.Entry[control.Control]) int { return strings.Compare(a.Value.Code, b.Value.Code) })
	return inScope(r.At, w, all)
}

// factsOf reads every item and every result; facts_test.go holds the tallies from
// them and those of TallyOf together.
func factsOf(r Reading) (facts, error) {
	f := facts{items: map[control.ID][]register.Entry[evidence.Evidence]{}, results: map[control.ID][]register.Entry[check.Outcome]{}}
	items, err := standing(r, evidence.Items)
	if err != nil {
		return f, err
	}
	for _, e := range items {
		for _, id := range once(e.Value.Controls) {
			f.items[id] = append(f.items[id], e)
		}
	}
	results, err := standing(r, check.Outcomes)
	if err != nil {
		return f, err
	}
	for _, e := range results {
		for _, id := range once(e.Value.Controls) {
			f.results[id] = append(f.results[id], e)
		}
	}
	return f, nil
}

// standing reads what is not erased of a register, oldest first, as r.At sees it.
func standing[T any](r Reading, g *register.Register[T]) ([]register.Entry[T], error) {
	all, err := g.All(r.Live, register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	out := make([]register.Entry[T], 0, len(all))
	for _, e := range all {
		if e.Seq > r.Index {
			if e, err = g.Get(r.At, e.ID); fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		if !e.Erased {
			out = append(out, e)
		}
	}
	return out, nil
}

// once drops repetitions.
func once(ids []control.ID) []control.ID {
	return slices.Compact(slices.Sorted(slices.Values(ids)))
}

// Speaking keeps of results the ones that speak for the instants [from, to): of
// each check and source the one that check.Stand weighs.
func Speaking(results []register.Entry[check.Outcome], from, to time.Time) []register.Entry[check.Outcome] {
	type voice struct{ check, source string }
	groups := map[voice][]register.Entry[check.Outcome]{}
	var order []voice
	for _, e := range results {
		k := voice{e.Value.Check, e.Value.Source}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], e)
	}
	var out []register.Entry[check.Outcome]
	for _, k := range order {
		if e := check.Stand(groups[k], from, to).Worst; e != nil {
			out = append(out, *e)
		}
	}
	return out
}

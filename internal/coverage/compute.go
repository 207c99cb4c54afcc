package coverage

import (
	"math/bits"
	"slices"
	"strings"

	"bevis/internal/framework"
	"bevis/internal/scope"
)

// State says how far controls in force reach a reference. It is always shown with
// "(proposed)".
type State string

// The states of a reference. The relations are read from the criterion: equal and
// superset reach the whole reference, subset and intersects a part of it.
const (
	// Mapped: a control in force meets a criterion that reaches the whole reference.
	Mapped State = "mapped"
	// Partly: controls in force meet criteria, and each reaches a part. Several
	// parts are not added up: nobody has shown that together they are the whole.
	Partly State = "partly"
	// Unmapped: no control in force meets a criterion of the crosswalk.
	Unmapped State = "unmapped"
)

// States lists the states, those that reach most first.
var States = []State{Mapped, Partly, Unmapped}

// Control is a control in force, and what stands for it in the window in focus.
type Control struct {
	Code     string
	Title    framework.Text
	Criteria []string
	Items    []Item
}

// Item is an item of evidence that stands: neither sent back nor replaced.
type Item struct {
	ID   string
	Last scope.Day // last day it speaks of
}

// Standing is one reference.
type Standing struct {
	Ref      framework.Ref
	State    State
	Controls []int     // indexes in Index.Controls, by code
	Evidence int       // items that stand for these controls, each once
	Newest   scope.Day // last day of the newest, "" for none
}

// Coverage is a framework: its references in their order, and how many are in each
// state.
type Coverage struct {
	Framework *framework.Reference
	Refs      []Standing
	Count     map[State]int
}

// Index is a list of controls made ready to be asked about any framework. It is
// not changed after NewIndex.
type Index struct {
	Controls []Control // by code
	criteria map[string]*reach
}

// reach is what meets one criterion.
type reach struct {
	controls, items set
	newest          scope.Day
}

// set is a set of small numbers, one bit each.
type set []uint64

func (s set) add(n int) { s[n/64] |= 1 << (n % 64) }
func (s set) join(o set) { // both are as long
	for i, w := range o {
		s[i] |= w
	}
}

func (s set) len() (n int) {
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// all lists the numbers in ascending order.
func (s set) all() []int {
	out := make([]int, 0, s.len())
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			out = append(out, i*64+bits.TrailingZeros64(w))
		}
	}
	return out
}

func words(n int) int { return (n + 63) / 64 }

// NewIndex files controls under the criteria they meet. It takes the list over.
// The cost is one look at every (control, criterion, item).
func NewIndex(controls []Control) *Index {
	slices.SortFunc(controls, func(a, b Control) int { return strings.Compare(a.Code, b.Code) })
	x := &Index{Controls: controls, criteria: map[string]*reach{}}
	total := 0
	for i := range controls {
		total += len(controls[i].Items)
	}
	number := make(map[string]int, total) // of items
	var in []*reach
	for i := range controls {
		in = in[:0]
		for _, id := range controls[i].Criteria {
			r := x.criteria[id]
			if r == nil {
				r = &reach{controls: make(set, words(len(controls))), items: make(set, words(total))}
				x.criteria[id] = r
			}
			r.controls.add(i)
			in = append(in, r)
		}
		for _, it := range controls[i].Items {
			n, ok := number[it.ID]
			if !ok {
				n = len(number)
				number[it.ID] = n
			}
			for _, r := range in {
				r.items.add(n)
				r.newest = max(r.newest, it.Last)
			}
		}
	}
	return x
}

// Of computes a framework.
func (x *Index) Of(f *framework.Reference) *Coverage {
	c := &Coverage{Framework: f, Refs: make([]Standing, 0, len(f.Refs)), Count: map[State]int{}}
	controls := make(set, words(len(x.Controls)))
	var items set
	for _, ref := range f.Refs {
		s := Standing{Ref: ref, State: Unmapped}
		clear(controls)
		clear(items)
		for _, row := range f.RowsOf(ref.ID) {
			r := x.criteria[row.Criterion]
			if r == nil {
				continue
			}
			if row.Relation.Whole() {
				s.State = Mapped
			} else if s.State == Unmapped {
				s.State = Partly
			}
			if items == nil {
				items = make(set, len(r.items))
			}
			controls.join(r.controls)
			items.join(r.items)
			s.Newest = max(s.Newest, r.newest)
		}
		s.Controls, s.Evidence = controls.all(), items.len()
		c.Count[s.State]++
		c.Refs = append(c.Refs, s)
	}
	return c
}

// Meeting lists the codes of the controls in force that meet a criterion.
func (x *Index) Meeting(criterion string) []string {
	out := []string{}
	if r := x.criteria[criterion]; r != nil {
		for _, i := range r.controls.all() {
			out = append(out, x.Controls[i].Code)
		}
	}
	return out
}

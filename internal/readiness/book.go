package readiness

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Service answers how far the programme has come. It keeps what it read until the
// ledger grows, so that a page of five hundred controls costs no query a row. It
// is not copied after first use.
type Service struct {
	Store  *register.Store
	Policy authz.Policy

	mu   sync.Mutex
	book book

	listen  sync.Once
	heardMu sync.Mutex
	heard   []register.Change // committed by this process since the book was read
}

// book is what was read last: the newest versions, whole.
type book struct {
	size     int64 // of the ledger, when it was read
	read     bool
	controls map[control.ID]*register.Entry[control.Control]
	versions map[control.ID][]register.Entry[control.Control] // of controls that have more than one
	items    map[evidence.ID]*held
	supports map[control.ID][]*held // by start of occurrence
	outcomes []register.Entry[check.Outcome]
	bears    map[control.ID][]int // indexes in outcomes
	made     map[window.ID]*made
	lines    map[window.ID]*drawn
}

// drawn are the lines of a window that still hold.
type drawn struct {
	version int64
	today   scope.Day
	lines   map[control.ID]Line
}

// held is an item of evidence in the book.
type held struct {
	entry    register.Entry[evidence.Evidence]
	interval scope.Interval
	labels   map[window.ID][]evidence.Label
}

type made struct {
	version  int64
	today    scope.Day
	overview *Overview
}

// whole is how many changed entries are read at once rather than one by one.
const whole = 100

// refresh brings the book up to the ledger's end. The caller holds the lock.
func (s *Service) refresh(ctx context.Context) error {
	size, _, err := s.Store.Head(ctx)
	if err != nil {
		return err
	}
	s.listen.Do(func() { s.Store.OnCommit(s.hear) })
	if s.book.read && s.book.size == size {
		return nil
	}
	live := s.Store.Live(ctx)
	if news, ok := s.since(size); ok && s.book.read {
		return s.update(live, size, news)
	}
	b := book{size: size, lines: map[window.ID]*drawn{}, made: map[window.ID]*made{}, versions: map[control.ID][]register.Entry[control.Control]{}}
	if b.controls, err = latest(live, control.Controls, s.book.controls); err != nil {
		return err
	}
	for id, e := range b.controls {
		if e.Version == 1 {
			continue
		}
		if old := s.book.versions[id]; int64(len(old)) == e.Version {
			b.versions[id] = old
		} else if b.versions[id], err = control.Controls.History(live, id); err != nil {
			return err
		}
	}
	was := map[evidence.ID]*register.Entry[evidence.Evidence]{}
	for id, h := range s.book.items {
		was[id] = &h.entry
	}
	items, err := latest(live, evidence.Items, was)
	if err != nil {
		return err
	}
	b.hold(items)
	if b.outcomes, err = check.Outcomes.All(live, register.Query{Oldest: true}); err != nil {
		return err
	}
	b.bear()
	b.read = true
	s.book = b
	return nil
}

// bear files the results under the controls they bear on.
func (b *book) bear() {
	b.bears = map[control.ID][]int{}
	for i, o := range b.outcomes {
		for _, id := range o.Value.Controls {
			b.bears[id] = append(b.bears[id], i)
		}
	}
}

func hold(e *register.Entry[evidence.Evidence]) *held {
	return &held{entry: *e, interval: e.Value.Occurred(), labels: map[window.ID][]evidence.Label{}}
}

// hold files the items under the controls they support.
func (b *book) hold(items map[evidence.ID]*register.Entry[evidence.Evidence]) {
	b.items = make(map[evidence.ID]*held, len(items))
	b.supports = map[control.ID][]*held{}
	for id, e := range items {
		if e.Erased {
			continue
		}
		h := hold(e)
		b.items[id] = h
		for _, c := range e.Value.Controls {
			b.supports[c] = append(b.supports[c], h)
		}
	}
	for _, list := range b.supports {
		inOrder(list)
	}
}

func inOrder(list []*held) {
	slices.SortFunc(list, func(x, y *held) int {
		return cmp.Or(x.interval.From.Compare(y.interval.From), cmp.Compare(x.entry.Seq, y.entry.Seq))
	})
}

// latest reads the newest version of every entry, taking from have what has not
// moved on.
func latest[T any](r register.Reader, g *register.Register[T], have map[register.ID[T]]*register.Entry[T]) (map[register.ID[T]]*register.Entry[T], error) {
	out := make(map[register.ID[T]]*register.Entry[T], len(have))
	var moved []register.ID[T]
	if len(have) > 0 {
		rows, err := g.List(r, register.Query{})
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			id := register.ID[T](row.ID)
			if e := have[id]; e != nil && e.Version == row.Version && e.Seq == row.Seq && row.Code != "" { // an erased entry has lost its code
				out[id] = e
			} else {
				moved = append(moved, id)
			}
		}
	}
	if len(have) == 0 || len(moved) > whole {
		all, err := g.All(r, register.Query{})
		if err != nil {
			return nil, err
		}
		clear(out)
		for i := range all {
			out[all[i].ID] = &all[i]
		}
		return out, nil
	}
	for _, id := range moved {
		e, err := g.Get(r, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[id] = &e
	}
	return out, nil
}

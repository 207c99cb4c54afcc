package readiness

import (
	"slices"

	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/register"
)

// hear notes what this process has committed; the write door calls it.
func (s *Service) hear(changes []register.Change) {
	s.heardMu.Lock()
	defer s.heardMu.Unlock()
	if s.heard = append(s.heard, changes...); len(s.heard) > whole {
		s.heard = slices.Delete(s.heard, 0, len(s.heard)-whole) // the rest is read whole
	}
}

// since takes what was heard of the ledger between the book and size. ok is false
// when that is not everything (another process wrote too), or when something was
// erased: then the book is read again.
func (s *Service) since(size int64) (news []register.Change, ok bool) {
	s.heardMu.Lock()
	defer s.heardMu.Unlock()
	seen := map[int64]bool{}
	var later []register.Change
	ok = true
	for _, c := range s.heard {
		switch {
		case c.Seq >= size:
			later = append(later, c)
		case c.Seq >= s.book.size:
			seen[c.Seq] = true
			news = append(news, c)
			ok = ok && c.Register != register.Erasures.Name()
		}
	}
	s.heard = later
	return news, ok && int64(len(seen)) == size-s.book.size
}

// update brings the book up to size by what changed alone. It makes new lists and
// items where something changed: overviews handed out before keep theirs.
func (s *Service) update(live register.Reader, size int64, news []register.Change) error {
	b := &s.book
	b.read = false // a failure half-way leaves a book that is read again
	touched := map[control.ID]bool{}
	items := map[evidence.ID]bool{}
	results := false
	for _, c := range news {
		switch c.Register {
		case control.Controls.Name():
			id := control.ID(c.ID)
			versions, err := control.Controls.History(live, id)
			if err != nil {
				return err
			}
			newest := versions[len(versions)-1]
			b.controls[id] = &newest
			if len(versions) > 1 {
				b.versions[id] = versions
			}
			touched[id] = true
			for _, h := range b.supports[id] {
				items[h.entry.ID] = true // its labels may follow from the control
			}
		case evidence.Items.Name():
			items[evidence.ID(c.ID)] = true
		case check.Outcomes.Name():
			results = true
		}
	}
	for id := range items {
		if err := s.updateItem(live, id, touched); err != nil {
			return err
		}
	}
	if results {
		all, err := check.Outcomes.All(live, register.Query{Oldest: true})
		if err != nil {
			return err
		}
		b.outcomes = all
		b.bear()
		for id := range b.bears {
			touched[id] = true
		}
	}
	clear(b.made)
	for _, d := range b.lines {
		for id := range touched {
			delete(d.lines, id)
		}
	}
	b.size, b.read = size, true
	return nil
}

func (s *Service) updateItem(live register.Reader, id evidence.ID, touched map[control.ID]bool) error {
	b := &s.book
	e, err := evidence.Items.Get(live, id)
	if err != nil {
		return err
	}
	if old := b.items[id]; old != nil {
		for _, c := range old.entry.Value.Controls {
			touched[c] = true
			b.supports[c] = slices.DeleteFunc(slices.Clone(b.supports[c]), func(h *held) bool { return h.entry.ID == id })
		}
		delete(b.items, id)
	}
	if e.Erased {
		return nil
	}
	h := hold(&e)
	b.items[id] = h
	for _, c := range e.Value.Controls {
		touched[c] = true
		b.supports[c] = append(slices.Clone(b.supports[c]), h)
		inOrder(b.supports[c])
	}
	return nil
}

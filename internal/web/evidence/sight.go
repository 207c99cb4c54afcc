package evidence

import (
	"context"
	"net/http"
	"sync"

	"bevis/internal/authz"
	domain "bevis/internal/evidence"
	"bevis/internal/register"
	"bevis/internal/window"
)

// sight is which items a reader may see: all, or for an auditor those of their
// window and no others (P4, T10). Lists, counts, exports, files and histories all
// ask it; knowing a code or a digest gives nothing.
type sight struct {
	who authz.Principal
	all bool
	ids map[domain.ID]bool
}

// visible reports whether the reader may see the item.
func (s sight) visible(id domain.ID) bool { return s.all || s.ids[id] }

// performed reports whether the reader is who an item says performed the control.
func (s sight) performed(by string) bool {
	return domain.IsPerformer(by, s.who.ID, s.who.Name, s.who.Email)
}

// sight works out what the reader of a request may see. It fails when they may
// see no evidence at all.
func (p Pages) sight(r *http.Request) (sight, error) {
	who, err := p.require(r, authz.EvidenceRead)
	if err != nil {
		return sight{}, err
	}
	s := sight{who: who, all: !who.Is(authz.Auditor)}
	if s.all {
		return s, nil
	}
	w, err := p.Windows.Get(r.Context(), who.Window)
	if err != nil {
		return sight{}, err
	}
	s.ids, err = p.sights.live(r.Context(), p.Evidence.Store, &w)
	return s, err
}

// sights remembers the index rows of all items and which items windows hold. Both
// are functions of the ledger, so they hold until it grows; what a seal holds stays
// for good.
type sights struct {
	mu   sync.Mutex
	size int64 // of the ledger that rows and now speak of
	rows []register.Row
	now  map[window.ID]map[domain.ID]bool
	seal map[window.ID]map[domain.ID]bool
}

// sealsMax bounds the memory of sealed windows.
const sealsMax = 32

// renew forgets what the ledger has outgrown. What is read afterwards is at least
// as new as the size that is remembered with it.
func (s *sights) renew(ctx context.Context, store *register.Store) error {
	size, _, err := store.Head(ctx)
	if err != nil {
		return err
	}
	if s.now == nil || size != s.size {
		s.rows, s.now, s.size = nil, map[window.ID]map[domain.ID]bool{}, size
	}
	return nil
}

// index is the index rows of all items, newest first. The slice is shared and must
// not be changed.
func (s *sights) index(ctx context.Context, store *register.Store) ([]register.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.renew(ctx, store); err != nil {
		return nil, err
	}
	if s.rows == nil {
		rows, err := domain.Items.List(store.Live(ctx), register.Query{})
		if err != nil {
			return nil, err
		}
		s.rows = rows
	}
	return s.rows, nil
}

// live is what the window holds now.
func (s *sights) live(ctx context.Context, store *register.Store, w *register.Entry[window.Window]) (map[domain.ID]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.renew(ctx, store); err != nil {
		return nil, err
	}
	if ids, ok := s.now[w.ID]; ok {
		return ids, nil
	}
	ids, err := window.Items(store.Live(ctx), w)
	if err != nil {
		return nil, err
	}
	s.now[w.ID] = ids
	return ids, nil
}

// sealed is what the window's seal holds; nothing without a seal.
func (s *sights) sealed(ctx context.Context, store *register.Store, w *register.Entry[window.Window]) (map[domain.ID]bool, error) {
	if w.Value.Seal == nil {
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ids, ok := s.seal[w.ID]; ok {
		return ids, nil
	}
	ids, err := window.Items(store.At(ctx, w.Value.Seal.Index), w)
	if err != nil {
		return nil, err
	}
	if s.seal == nil || len(s.seal) >= sealsMax {
		s.seal = map[window.ID]map[domain.ID]bool{}
	}
	s.seal[w.ID] = ids
	return ids, nil
}

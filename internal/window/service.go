package window

import (
	"bytes"
	"context"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Service holds the verbs on windows.
type Service struct {
	Store  *register.Store
	Blobs  blob.Store
	Policy authz.Policy
}

// Plan says what window to open. Days are the organisation's; To is excluded, as
// on the command line.
type Plan struct {
	Type       int
	From, To   string // Type 2
	AsOf       string // Type 1
	Categories []string
}

// OpenWindow opens a window.
func (s *Service) OpenWindow(ctx context.Context, p Plan) (register.Entry[Window], error) {
	var e register.Entry[Window]
	by, err := s.Policy.Require(ctx, authz.WindowOpen)
	if err != nil {
		return e, err
	}
	org, err := scope.Current(s.Store.Live(ctx))
	if err != nil {
		return e, err
	}
	w := Window{Type: p.Type, Zone: org.Value.Zone, Framework: org.Value.Framework, Status: Open, ClosedIndex: -1}
	if w.Categories, err = framework.ParseCategories(p.Categories...); err != nil {
		return e, err
	}
	if p.Type == 1 {
		if w.From, err = scope.ParseDay(p.AsOf); err != nil {
			return e, err
		}
		w.Last = w.From
	} else {
		to, err := scope.ParseDay(p.To)
		if err != nil {
			return e, err
		}
		if w.From, err = scope.ParseDay(p.From); err != nil {
			return e, err
		}
		if to <= w.From {
			return e, fault.New(fault.Invalid, "window.order", "From", p.From, "To", p.To)
		}
		w.Last = to.Add(-1)
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		w.Code = "W-" + strconv.FormatInt(tx.NextIndex(), 10)
		e, err = Windows.Create(tx, w, "")
		return err
	})
	return e, err
}

// Find reads a window by id or code.
func Find(r register.Reader, name string) (register.Entry[Window], error) {
	if strings.HasPrefix(name, "win_") {
		return Windows.Get(r, ID(name))
	}
	return Windows.ByCode(r, name)
}

// Get reads a window that the caller may see.
func (s *Service) Get(ctx context.Context, name string) (register.Entry[Window], error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return register.Entry[Window]{}, err
	}
	w, err := Find(s.Store.Live(ctx), name)
	if err != nil {
		return w, err
	}
	if by.InWindow(w.ID.String()) != nil { // another's window answers as one that does not exist
		if strings.HasPrefix(name, "win_") {
			return register.Entry[Window]{}, fault.New(fault.NotFound, "register.not_found", "ID", name)
		}
		return register.Entry[Window]{}, fault.New(fault.NotFound, "register.no_code", "Code", name)
	}
	return w, nil
}

// List reads the windows the caller may see, newest first.
func (s *Service) List(ctx context.Context) ([]register.Entry[Window], error) {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	all, err := Windows.All(s.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	var out []register.Entry[Window]
	for _, w := range all {
		if by.InWindow(w.ID.String()) == nil {
			out = append(out, w)
		}
	}
	return out, nil
}

// Close fixes the state as of period end. It does not wait for open requests.
func (s *Service) Close(ctx context.Context, name string) (register.Entry[Window], error) {
	by, err := s.Policy.Require(ctx, authz.WindowClose)
	if err != nil {
		return register.Entry[Window]{}, err
	}
	var w register.Entry[Window]
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		if w, err = Find(tx, name); err != nil {
			return err
		}
		if w.Value.Status != Open {
			return fault.New(fault.Locked, "window.transition", "Code", w.Value.Code, "Status", string(w.Value.Status))
		}
		w.Value.Status, w.Value.ClosedBy = Closed, by.ID
		w.Value.ClosedAt, w.Value.ClosedIndex = tx.Now().Format(ledger.TimeFormat), tx.NextIndex()-1
		w, err = Windows.Put(tx, w, "")
		return err
	})
	return w, err
}

// SealWindow makes the manifest of everything in scope and seals the window. An
// open window is closed first.
func (s *Service) SealWindow(ctx context.Context, name string) (register.Entry[Window], error) {
	by, err := s.Policy.Require(ctx, authz.WindowSeal)
	if err != nil {
		return register.Entry[Window]{}, err
	}
	w, err := Find(s.Store.Live(ctx), name)
	if err != nil {
		return w, err
	}
	if w.Value.Status == Open {
		if w, err = s.Close(ctx, w.ID.String()); err != nil {
			return w, err
		}
	}
	if w.Value.Status != Closed {
		return w, fault.New(fault.Locked, "window.transition", "Code", w.Value.Code, "Status", string(w.Value.Status))
	}
	size, _, err := s.Store.Head(ctx)
	if err != nil {
		return w, err
	}
	manifest, err := s.Manifest(ctx, &w, size-1)
	if err != nil {
		return w, err
	}
	ref, err := s.Blobs.Put(ctx, bytes.NewReader(manifest), 4<<30)
	if err != nil {
		return w, err
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		person := by.Actor().IsPerson() && by.ID != w.Value.ClosedBy && register.Actor{ID: w.Value.ClosedBy}.IsPerson()
		sealed := w
		sealed.Value.Status = Sealed
		sealed.Value.Seal = &Seal{Manifest: ref.SHA256, Index: size - 1, At: tx.Now().Format(ledger.TimeFormat), By: by.ID, SecondPerson: person}
		sealed, err = Windows.Put(tx, sealed, "")
		if err == nil {
			w = sealed
		}
		return err
	})
	return w, err
}

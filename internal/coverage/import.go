package coverage

import (
	"bytes"
	"context"
	"fmt"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// Imported is what an import did, or would do.
type Imported struct {
	Framework *framework.Reference
	Skipped   int   // controls that an OSCAL catalogue marks as withdrawn
	Version   int64 // of the entry; 0 when nothing was stored
	Same      bool  // the organisation holds exactly this already
}

// Import takes an own framework from a file, whole or not at all (C6). A framework
// whose id is there already gets its next version; dry stores nothing. It fails
// with framework.Problems when the file is not in order.
func (s *Service) Import(ctx context.Context, name string, raw []byte, src framework.Source, dry bool) (*Imported, error) {
	by, err := s.Policy.Require(ctx, authz.ControlEdit)
	if err != nil {
		return nil, err
	}
	f, skipped, err := framework.Parse(name, raw, src)
	if err != nil {
		return nil, err
	}
	f.Author = by.Name
	out := &Imported{Framework: f, Skipped: skipped}
	if dry {
		return out, nil
	}
	id := framework.OwnedID(f.ID)
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		old, err := framework.Owned.Get(tx, id)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			e, err := framework.Owned.CreateAs(tx, id, *f, "")
			out.Version = e.Version
			return err
		case err != nil:
			return err
		}
		if out.Same, err = same(old.Value, *f); err != nil || out.Same {
			return err
		}
		old.Value = *f
		e, err := framework.Owned.Put(tx, old, "")
		out.Version = e.Version
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// same compares what was imported; who imported it does not count.
func same(a, b framework.Reference) (bool, error) {
	a.Author, b.Author = "", ""
	x, err := ledger.Canonical(a)
	if err != nil {
		return false, fmt.Errorf("coverage: compare: %w", err)
	}
	y, err := ledger.Canonical(b)
	if err != nil {
		return false, fmt.Errorf("coverage: compare: %w", err)
	}
	return bytes.Equal(x, y), nil
}

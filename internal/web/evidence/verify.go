package evidence

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"bevis/internal/blob"
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// verify handles POST /evidence/{code}/verify: it reads every byte again and shows
// what it found. The outcome is not stored; asking again reads again.
func (p Pages) verify(w http.ResponseWriter, r *http.Request) error {
	e, s, err := p.item(r)
	if err != nil {
		return err
	}
	found, err := p.check(r.Context(), e)
	if err != nil {
		return err
	}
	return p.answer(w, r, e, s, &found, reviewForm{}, http.StatusOK)
}

// unverified handles GET /evidence/{code}/verify, which a reload or a bookmark may
// ask for: it leads to the item.
func (p Pages) unverified(w http.ResponseWriter, r *http.Request) error {
	e, _, err := p.item(r)
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/evidence/"+e.Value.Code)
}

// check holds an item against its ledger entries and its bytes against their
// digests: the record itself, every file, and the files of every dataset it
// carries. What could not be read is never shown as intact.
func (p Pages) check(ctx context.Context, e register.Entry[domain.Evidence]) (ui.Verify, error) {
	v := ui.Verify{Found: ui.Intact, At: p.Evidence.Store.Now()}
	note := func(found ui.Integrity, why string) {
		if v.Found != ui.Altered {
			v.Found = found
		}
		v.Reasons = append(v.Reasons, why)
	}
	same, err := p.recorded(ctx, e)
	if err != nil {
		return v, err
	}
	if !same {
		note(ui.Altered, i18n.T(ctx, "evidencepage.verify.record"))
	}
	looked := 0
	look := func(name string, f domain.File) error {
		looked++
		err := p.Evidence.Verify(ctx, domain.Evidence{Files: []domain.File{f}})
		if err == nil {
			var ref blob.Ref
			if ref, err = p.Evidence.Blobs.Stat(ctx, f.SHA256); err == nil && f.Size > 0 && ref.Size != f.Size {
				err = fault.New(fault.Unavailable, "blob.damaged", "SHA256", f.SHA256)
			}
		}
		why := func() string {
			return i18n.T(ctx, "evidencepage.verify.file", "Name", name, "What", i18n.Fault(ctx, err, ""))
		}
		switch {
		case err == nil:
		case ctx.Err() != nil || fault.KindOf(err) == fault.Internal:
			return err
		case fault.Is(err, "blob.damaged"), fault.Is(err, "blob.missing"):
			note(ui.Altered, why())
		default:
			note(ui.PartlyChecked, why())
		}
		return nil
	}
	for _, f := range e.Value.Files {
		if err := look(f.Name, f); err != nil {
			return v, err
		}
	}
	for _, id := range e.Value.Datasets {
		d, err := population.Datasets.Get(p.Evidence.Store.Live(ctx), register.ID[population.Record](id))
		if err != nil {
			return v, err
		}
		for _, f := range append([]population.Stored{d.Value.File}, d.Value.Raw...) {
			if err := look(d.Value.Code+" "+f.Name, domain.File{SHA256: f.SHA256, Size: f.Size}); err != nil {
				return v, err
			}
		}
	}
	if looked == 0 {
		note(ui.PartlyChecked, i18n.T(ctx, "evidencepage.verify.nothing"))
	}
	return v, nil
}

// recorded reports whether every version of the item is still what its ledger
// entry commits to: otherwise a digest in the record could have been changed
// together with the bytes. Erased versions have nothing left to compare.
func (p Pages) recorded(ctx context.Context, e register.Entry[domain.Evidence]) (bool, error) {
	vs, err := p.Evidence.Store.RawVersions(ctx, e.ID.String(), e.Seq)
	if err != nil {
		return false, err
	}
	if int64(len(vs)) != e.Version {
		return false, nil
	}
	for _, x := range vs {
		if x.Body == nil {
			continue
		}
		seen := false
		err := p.Evidence.Store.Leaves(ctx, x.Seq, x.Seq+1, func(l register.Leaf) error {
			leaf, err := ledger.ParseLeaf(l.Record)
			if err != nil {
				return errors.Join(errDiffers, err)
			}
			if leaf.C != ledger.Commit(x.Salt, x.Body) || leaf.Subject != x.ID || leaf.Version != x.Version {
				return errDiffers
			}
			seen = true
			return nil
		})
		if errors.Is(err, errDiffers) || err == nil && !seen {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("web/evidence: ledger entry %d: %w", x.Seq, err)
		}
	}
	return true, nil
}

var errDiffers = errors.New("web/evidence: the record is not what the ledger entry commits to")

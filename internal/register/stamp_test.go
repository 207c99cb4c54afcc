package register_test

import (
	"context"
	"testing"

	"bevis/internal/ledger"
	"bevis/internal/ledger/tsatest"
	"bevis/internal/register"
)

// stamp anchors the fixture's ledger at a real time stamping authority made with
// openssl.
func stamp(t *testing.T, f *fixture) *tsatest.Authority {
	t.Helper()
	tsa := tsatest.New(t)
	e, err := f.Stamp(t.Context(), "test authority", tsa.Ask)
	if err != nil {
		t.Fatal(err)
	}
	if e == nil {
		t.Fatal("nothing was stamped")
	}
	return tsa
}

func TestAnchors(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{"1"}, ""); return err })
		tsa := stamp(t, f)
		f.write(func(tx *register.Tx) error { _, err := parts.Create(tx, part{"2"}, ""); return err })
		r := f.verify()
		if r.Verdict != ledger.Valid || r.Anchors.Timestamps != 1 || r.Anchors.Trusted != 0 {
			t.Errorf("without roots: %+v", r)
		}
		r, err := f.Verify(t.Context(), f.cfg.Signer.Key(), tsa.Root)
		f.must(err)
		if r.Anchors.Trusted != 1 {
			t.Errorf("with the authority's root: %+v", r)
		}
		// The leaf after the anchor names it.
		var after string
		f.must(f.Leaves(t.Context(), 2, 3, func(l register.Leaf) error {
			leaf, err := ledger.ParseLeaf(l.Record)
			after = leaf.After
			return err
		}))
		if after == "" || after[:2] != "1 " {
			t.Errorf("after = %q", after)
		}
		// A token for other bytes is refused.
		if _, err := f.Stamp(t.Context(), "liar", func(ctx context.Context, _ []byte) ([]byte, error) {
			q, _, err := ledger.TimestampQuery([]byte("something else"))
			if err != nil {
				return nil, err
			}
			return tsa.Ask(ctx, q)
		}); err == nil {
			t.Error("accepted a timestamp for other bytes")
		}
	})
}

package pack_test

import (
	"slices"
	"testing"

	"bevis/internal/ledger"
	"bevis/internal/pack"
)

func TestSampleIsValid(t *testing.T) {
	m := sample(t)
	for _, name := range []string{m.zip, m.dir} {
		for _, o := range []pack.Options{
			{},
			{Reperform: true},
			{Trust: &pack.Trust{Fingerprints: []string{m.key.Fingerprint()}}},
			{Trust: &pack.Trust{Fingerprints: []string{m.key.Fingerprint()}, Roots: m.root}, Reperform: true},
		} {
			r := verify(t, name, o)
			if r.Verdict != ledger.Valid {
				t.Fatalf("%s, %+v: %s %v", name, o, r.Verdict, codes(r))
			}
			if trusted := o.Trust != nil; r.Key.Trusted != trusted || r.Key.Fingerprint != m.key.Fingerprint() {
				t.Errorf("key %+v", r.Key)
			}
			wantTrusted := 0
			if o.Trust != nil && o.Trust.Roots != nil {
				wantTrusted = 2
			}
			if r.Anchors.Timestamps != 2 || r.Anchors.Trusted != wantTrusted || r.Anchors.Newest == "" {
				t.Errorf("anchors %+v, want 2 and %d", r.Anchors, wantTrusted)
			}
			if len(r.Erased) != 1 || r.Erased[0].ID != m.shop.erased.ID.String() || !slices.Equal(r.Erased[0].Versions, []int64{1}) {
				t.Errorf("erased %+v", r.Erased)
			}
			wantChecks := int64(0)
			if o.Reperform {
				wantChecks = 1
			}
			if r.Checked.Checks != wantChecks || r.Checked.Artefacts != int64(len(m.parts)-1) || r.Checked.Bytes == 0 || r.Checked.Entries == 0 {
				t.Errorf("checked %+v", r.Checked)
			}
		}
	}
}

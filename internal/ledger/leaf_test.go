package ledger_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bevis/internal/ledger"
)

// drawLeaf draws a leaf as the register makes them.
func drawLeaf(t *rapid.T) ledger.Leaf {
	l := ledger.Leaf{
		Kind:    rapid.StringN(0, 12, -1).Draw(t, "kind"),
		Subject: rapid.StringN(0, 40, -1).Draw(t, "subject"),
		Version: rapid.Int64().Draw(t, "version"),
		At:      time.UnixMicro(rapid.Int64Range(0, 253402300799999999).Draw(t, "at")).UTC(),
		Blobs:   rapid.String().Draw(t, "blobs"),
		Prev:    rapid.Int64Range(-1, 1<<62).Draw(t, "prev"),
		After:   rapid.String().Draw(t, "after"),
	}
	copy(l.C[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "c"))
	return l
}

func TestLeafRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLeaf(t)
		rec := l.Record()
		if !ledger.IsCanonical(rec) {
			t.Fatalf("%s is not canonical", rec)
		}
		got, err := ledger.ParseLeaf(rec)
		if err != nil || got != l {
			t.Fatalf("%+v, %v; want %+v", got, err, l)
		}
		if again, err := ledger.Canonical(struct {
			After   string `json:"after"`
			At      string `json:"at"`
			Blobs   string `json:"blobs"`
			C       string `json:"c"`
			Kind    string `json:"kind"`
			Prev    int64  `json:"prev"`
			Subject string `json:"subject"`
			V       int    `json:"v"`
			Version int64  `json:"version"`
		}{l.After, l.At.Format(ledger.TimeFormat), l.Blobs, hexOf(l.C[:]), l.Kind, l.Prev, l.Subject, 1, l.Version}); err != nil || !bytes.Equal(again, rec) {
			t.Fatalf("%s, %v; Record made %s", again, err, rec)
		}
	})
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

// Every single byte of a record counts: changed, removed or added, it is no
// record or another leaf.
func TestLeafHasOneForm(t *testing.T) {
	l := ledger.Leaf{Kind: "evidence", Subject: "evd_01J0", Version: 3, At: time.Date(2026, 3, 31, 9, 14, 5, 0, time.UTC), C: ledger.Commit([]byte("salt"), []byte("body")), Blobs: ledger.CommitBlobs([]byte("salt"), []string{"aa"}), Prev: 12, After: "7 abc"}
	rec := l.Record()
	for i := range rec {
		for _, x := range []byte{1, 2, 4, 8, 16, 32, 64, 128} {
			changed := bytes.Clone(rec)
			changed[i] ^= x
			if got, err := ledger.ParseLeaf(changed); err == nil && got == l {
				t.Errorf("byte %d ^ %d: the same leaf from %q", i, x, changed)
			}
		}
		if got, err := ledger.ParseLeaf(append(bytes.Clone(rec[:i]), rec[i+1:]...)); err == nil && got == l {
			t.Errorf("byte %d removed: the same leaf", i)
		}
		if got, err := ledger.ParseLeaf(append(append(bytes.Clone(rec[:i]), ' '), rec[i:]...)); err == nil && got == l {
			t.Errorf("a blank at %d: the same leaf", i)
		}
	}
	for name, bad := range map[string]string{
		"other version of the form": strings.Replace(string(rec), `"v":1`, `"v":2`, 1),
		"upper-case commitment":     strings.ToUpper(string(rec[:120])) + string(rec[120:]),
		"a longer commitment":       strings.Replace(string(rec), `"c":"`, `"c":"00`, 1),
		"a shorter commitment":      strings.Replace(string(rec), `"c":"`+hexOf(l.C[:1]), `"c":"`, 1),
		"key twice":                 strings.Replace(string(rec), `"v":1`, `"v":1,"v":1`, 1),
		"key in other case":         strings.Replace(string(rec), `"kind"`, `"Kind"`, 1),
		"one key more":              strings.Replace(string(rec), `"v":1`, `"u":1,"v":1`, 1),
		"line feed":                 string(rec) + "\n",
		"time with a zone":          strings.Replace(string(rec), "000000Z", "000000+00:00", 1),
		"nothing":                   "",
		"null":                      "null",
	} {
		if _, err := ledger.ParseLeaf([]byte(bad)); err == nil {
			t.Errorf("%s: accepted %s", name, bad)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(ledger.Leaf{Kind: "evidence", Subject: "evd_1", Version: 1, At: time.Unix(0, 0).UTC(), Prev: -1}.Record())
	f.Add([]byte(`{"after":"","at":"2026-03-31T09:14:05.000000Z","blobs":"","c":"","kind":"","prev":0,"subject":"","v":1,"version":1}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"c":"` + strings.Repeat("00", 40) + `"}`))
	f.Add([]byte(`{"after":"","at":"2026-03-31T09:14:05.000000Z","blobs":"","c":"` + strings.Repeat("00", 33) + `","kind":"","prev":0,"subject":"","v":1,"version":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l, err := ledger.ParseLeaf(raw)
		if err == nil && !bytes.Equal(l.Record(), raw) {
			t.Fatalf("accepted %q, whose record is %q", raw, l.Record())
		}
	})
}

// The commitments separate their parts.
func TestCommitments(t *testing.T) {
	salt := bytes.Repeat([]byte{7}, ledger.SaltSize)
	if ledger.Commit(salt, []byte("a")) == ledger.Commit(salt, []byte("b")) || ledger.Commit(salt, nil) == ledger.Commit(nil, nil) {
		t.Error("other content, same commitment")
	}
	if ledger.CommitBlobs(salt, nil) != "" {
		t.Error("a commitment to nothing")
	}
	if a, b := ledger.CommitBlobs(salt, []string{"aa", "bb"}), ledger.CommitBlobs(salt, []string{"bb", "aa"}); a != b || len(a) != 64 {
		t.Errorf("order counts: %s, %s", a, b)
	}
	one := ledger.Commit(salt, []byte("aa"))
	if ledger.CommitBlobs(salt, []string{"aa"}) == hexOf(one[:]) {
		t.Error("a body and a digest commit alike")
	}
}

// Package blobtest is the room for the one conformance suite of blob stores: what
// blob.Store promises, tried on a back end.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"bevis/internal/blob"
	"bevis/internal/fault"
)

// Run tries every promise of blob.Store on the stores that open returns. open must
// return an empty store at each call and clean up after itself.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, f := range map[string]func(*testing.T, blob.Store){
		"round trip":        roundTrip,
		"idempotent":        idempotent,
		"limit":             limit,
		"nothing of a half": nothingKept,
		"digests":           digests,
		"missing":           missing,
		"list":              list,
		"reader":            reader,
		"same bytes":        sameBytes,
		"different bytes":   differentBytes,
		"cancelled reads":   cancelledReads,
	} {
		t.Run(name, func(t *testing.T) { f(t, open(t)) })
	}
	t.Run("model", func(t *testing.T) { model(t, open) })
}

// Digest is the name b must get.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Bytes makes n bytes that differ for each seed.
func Bytes(seed byte, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7) ^ byte(i>>8) ^ seed
	}
	return b
}

// All lists the store, digest to size, and checks that List kept its order.
func All(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, s blob.Store,
) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	last := ""
	err := s.List(context.Background(), func(r blob.Ref) error {
		if r.SHA256 <= last {
			return fmt.Errorf("%s listed after %s", r.SHA256, last)
		}
		last, all[r.SHA256] = r.SHA256, r.Size
		return nil
	})
	if err != nil {
		t.Fatalf("list: %v", err)
	}
	return all
}

func put(t *testing.T, s blob.Store, b []byte) blob.Ref {
	t.Helper()
	ref, err := s.Put(t.Context(), bytes.NewReader(b), 1<<30)
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	if want := (blob.Ref{SHA256: Digest(b), Size: int64(len(b))}); ref != want {
		t.Fatalf("put answered %+v, want %+v", ref, want)
	}
	return ref
}

func read(s blob.Store, digest string) ([]byte, error) {
	r, err := s.Open(context.Background(), digest)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func roundTrip(t *testing.T, s blob.Store) {
	for i, n := range []int{1, 2, 4095, 4096, 128<<10 - 1, 128 << 10, 128<<10 + 1, 3 << 20} {
		b := Bytes(byte(i), n)
		ref := put(t, s, b)
		got, err := read(s, ref.SHA256)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes: read %d back, %v", n, len(got), err)
		}
		if st, err := s.Stat(t.Context(), ref.SHA256); err != nil || st != ref {
			t.Errorf("%d bytes: stat %+v, %v", n, st, err)
		}
		if err := s.Verify(t.Context(), ref.SHA256); err != nil {
			t.Errorf("%d bytes: verify: %v", n, err)
		}
	}
	// Readers that give a byte at a time, or the last bytes together with the end.
	b := Bytes(99, 5000)
	for _, r := range []io.Reader{iotest.OneByteReader(bytes.NewReader(b)), iotest.DataErrReader(bytes.NewReader(b))} {
		if ref, err := s.Put(t.Context(), r, 5000); err != nil || ref.SHA256 != Digest(b) {
			t.Errorf("odd reader: %+v, %v", ref, err)
		}
	}
}

func idempotent(t *testing.T, s blob.Store) {
	b := Bytes(1, 1000)
	if a, z := put(t, s, b), put(t, s, b); a != z {
		t.Errorf("%+v, then %+v", a, z)
	}
	if all := All(t, s); len(all) != 1 {
		t.Errorf("the store lists %v", all)
	}
}

func limit(t *testing.T, s blob.Store) {
	b := Bytes(2, 300<<10)
	_, err := s.Put(t.Context(), bytes.NewReader(b), int64(len(b))-1)
	if !fault.Is(err, "blob.too_large") || fault.KindOf(err) != fault.TooLarge {
		t.Errorf("one byte over: %v", err)
	}
	endless := 0
	_, err = s.Put(t.Context(), readFunc(func(p []byte) (int, error) { endless += len(p); return len(p), nil }), 1<<20)
	if f, ok := fault.As(err); !ok || f.Key != "blob.too_large" || fmt.Sprint(f.Args) != "[Limit 1 MiB]" {
		t.Errorf("endless: %v", err)
	}
	if endless > 8<<20 {
		t.Errorf("an endless reader was read for %d bytes with a limit of 1 MiB", endless)
	}
	if all := All(t, s); len(all) != 0 {
		t.Errorf("kept %v", all)
	}
	if _, err := s.Put(t.Context(), bytes.NewReader(b), int64(len(b))); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
	for _, n := range []int64{0, -1} {
		if _, err := s.Put(t.Context(), bytes.NewReader(b), n); err == nil {
			t.Errorf("limit %d was taken", n)
		}
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func nothingKept(t *testing.T, s blob.Store) {
	kept := put(t, s, Bytes(3, 10))
	broken := errors.New("the line went dead")
	for _, n := range []int{0, 1, 200 << 10} {
		r := io.MultiReader(bytes.NewReader(Bytes(4, n)), iotest.ErrReader(broken))
		if _, err := s.Put(t.Context(), r, 1<<20); !errors.Is(err, broken) {
			t.Errorf("reader broken after %d: %v", n, err)
		}
	}
	if _, err := s.Put(t.Context(), strings.NewReader(""), 1); !fault.Is(err, "blob.empty") {
		t.Errorf("empty: %v", err)
	}
	idle := readFunc(func([]byte) (int, error) { return 0, nil })
	if _, err := s.Put(t.Context(), idle, 1); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("a reader that never moves: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	r := readFunc(func(p []byte) (int, error) {
		if n++; n == 3 {
			cancel()
		}
		return len(p), nil
	})
	if _, err := s.Put(ctx, r, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled midway: %v", err)
	}
	if _, err := s.Put(ctx, strings.NewReader("x"), 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if all := All(t, s); !maps.Equal(all, map[string]int64{kept.SHA256: kept.Size}) {
		t.Errorf("the store lists %v", all)
	}
}

func digests(t *testing.T, s blob.Store) {
	good := put(t, s, []byte("x")).SHA256
	for _, d := range []string{
		"", "x", good[:63], good + "0", strings.ToUpper(good), "../" + good[3:], good[:61] + "/..",
		strings.Repeat("0", 63) + "\x00", strings.Repeat("0", 63) + "g", " " + good[1:], "tmp", good[:2],
		strings.Repeat("ａ", 64), "/etc/passwd",
	} {
		_, errOpen := s.Open(t.Context(), d)
		_, errStat := s.Stat(t.Context(), d)
		for what, err := range map[string]error{
			"open": errOpen, "stat": errStat, "delete": s.Delete(t.Context(), d), "verify": s.Verify(t.Context(), d),
		} {
			if !fault.Is(err, "blob.digest") || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s %q: %v", what, d, err)
			}
		}
	}
	if err := s.Verify(t.Context(), good); err != nil {
		t.Error(err)
	}
}

func missing(t *testing.T, s blob.Store) {
	other := put(t, s, []byte("other"))
	d := Digest([]byte("never put"))
	gone := put(t, s, []byte("put and deleted")).SHA256
	for range 2 { // deleting twice is no error
		for _, x := range []string{d, gone} {
			if err := s.Delete(t.Context(), x); err != nil {
				t.Errorf("delete: %v", err)
			}
		}
	}
	for _, x := range []string{d, gone} {
		_, errOpen := s.Open(t.Context(), x)
		_, errStat := s.Stat(t.Context(), x)
		for what, err := range map[string]error{"open": errOpen, "stat": errStat, "verify": s.Verify(t.Context(), x)} {
			if !fault.Is(err, "blob.missing") || fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	if all := All(t, s); !maps.Equal(all, map[string]int64{other.SHA256: other.Size}) {
		t.Errorf("the store lists %v", all)
	}
	if ref := put(t, s, []byte("put and deleted")); s.Verify(t.Context(), ref.SHA256) != nil {
		t.Error("put again after deletion does not verify")
	}
}

func list(t *testing.T, s blob.Store) {
	if all := All(t, s); len(all) != 0 {
		t.Errorf("a new store lists %v", all)
	}
	want := map[string]int64{}
	for i := range 60 {
		ref := put(t, s, Bytes(byte(i), i+1))
		want[ref.SHA256] = ref.Size
	}
	if got := All(t, s); !maps.Equal(got, want) {
		t.Errorf("listed %v, want %v", got, want)
	}
	enough, n := errors.New("enough"), 0
	err := s.List(t.Context(), func(blob.Ref) error {
		if n++; n == 7 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 7 {
		t.Errorf("stopped with %v after %d", err, n)
	}
}

func reader(t *testing.T, s blob.Store) {
	b := Bytes(5, 200<<10)
	r, err := s.Open(t.Context(), put(t, s, b).SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if r.Size() != int64(len(b)) {
		t.Errorf("size %d", r.Size())
	}
	if err := iotest.TestReader(r, b); err != nil { // also tries Seek and ReadAt
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// writers is how many goroutines put at once.
const writers = 32

func sameBytes(t *testing.T, s blob.Store) {
	b := Bytes(6, 100<<10)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			ref, err := s.Put(t.Context(), iotest.HalfReader(bytes.NewReader(b)), 1<<20)
			if err != nil || ref.SHA256 != Digest(b) {
				t.Errorf("%+v, %v", ref, err)
				return
			}
			// Acknowledged means there, for this writer too (I1).
			if got, err := read(s, ref.SHA256); err != nil || !bytes.Equal(got, b) {
				t.Errorf("read %d, %v", len(got), err)
			}
		})
	}
	wg.Wait()
	if all := All(t, s); len(all) != 1 {
		t.Errorf("the store lists %v", all)
	}
}

func differentBytes(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range 4 {
				b := Bytes(byte(i), 1000*(j+1)+i)
				ref, err := s.Put(t.Context(), bytes.NewReader(b), 1<<20)
				if err != nil || ref.SHA256 != Digest(b) {
					t.Errorf("%+v, %v", ref, err)
				}
				if err := s.Verify(t.Context(), Digest(b)); err != nil {
					t.Error(err)
				}
				if j == 3 {
					if err := s.Delete(t.Context(), Digest(b)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if all := All(t, s); len(all) != writers*3 {
		t.Errorf("the store lists %d blobs", len(all))
	}
}

func cancelledReads(t *testing.T, s blob.Store) {
	d := put(t, s, []byte("x")).SHA256
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, errOpen := s.Open(ctx, d)
	_, errStat := s.Stat(ctx, d)
	for what, err := range map[string]error{
		"open": errOpen, "stat": errStat, "verify": s.Verify(ctx, d), "delete": s.Delete(ctx, d),
		"list": s.List(ctx, func(blob.Ref) error { return nil }),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if all := All(t, s); len(all) != 1 {
		t.Error("a cancelled deletion deleted")
	}
}

// model tries sequences of puts and deletions against a map.
func model(t *testing.T, open func(t *testing.T) blob.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		s, want := open(t), map[string][]byte{}
		ctx := context.Background()
		some := rapid.SliceOfN(rapid.Byte(), 1, 3)         // few values, so that they meet again
		for range rapid.IntRange(1, 8).Draw(rt, "steps") { // few: each waits for the disk
			if rapid.IntRange(0, 2).Draw(rt, "step") > 0 {
				b := some.Draw(rt, "bytes")
				if ref, err := s.Put(ctx, bytes.NewReader(b), 3); err != nil || ref.SHA256 != Digest(b) {
					rt.Fatalf("%+v, %v", ref, err)
				}
				want[Digest(b)] = b
			} else {
				d := Digest(some.Draw(rt, "bytes"))
				if len(want) > 0 && rapid.Bool().Draw(rt, "known") {
					d = rapid.SampledFrom(slices.Sorted(maps.Keys(want))).Draw(rt, "which")
				}
				if err := s.Delete(ctx, d); err != nil {
					rt.Fatalf("%v", err)
				}
				delete(want, d)
			}
			if got := All(rt, s); len(got) != len(want) {
				rt.Fatalf("listed %v, want %v", got, want)
			}
			for d, b := range want {
				if got, err := read(s, d); err != nil || !bytes.Equal(got, b) {
					rt.Fatalf("read %x, %v, want %x", got, err, b)
				}
			}
		}
	})
}

package blob

import (
	"context"
	"io"
	"strconv"

	"bevis/internal/fault"
)

// Ref names a blob.
type Ref struct {
	SHA256 string `json:"sha256"` // 64 lower-case hexadecimal digits
	Size   int64  `json:"size"`   // bytes, at least 1
}

// Store keeps blobs. Every implementation passes blobtest.Run.
//
// A digest that is not 64 lower-case hexadecimal digits fails with the fault
// blob.digest (Invalid), one that is not in the store with blob.missing
// (NotFound); a disk or network that fails is a fault of kind Unavailable. A
// cancelled context comes back as its own error.
//
// Methods may be called at the same time from many goroutines. A store does not
// know who refers to a blob: whoever deletes unreferenced blobs must keep that
// apart from writers that have put a blob and not yet committed the entry that
// refers to it.
type Store interface {
	// Put reads r to its end and returns once the bytes are durable. Putting
	// bytes that are there already answers the same and writes nothing, unless
	// the bytes on disk are damaged: then they are replaced.
	//
	// limit is the largest size in bytes that is accepted and MUST be positive;
	// more fails with blob.too_large (TooLarge), nothing at all with blob.empty
	// (Invalid). An error of r comes back wrapped. After any failure the store
	// holds the whole blob or nothing of it.
	Put(ctx context.Context, r io.Reader, limit int64) (Ref, error)
	// Open gives the bytes as they are on disk. It does not compare them with
	// the digest; Verify does, and so must whoever hands them on as proof.
	Open(ctx context.Context, sha256 string) (Reader, error)
	// Stat answers whether the blob is there and how large it is.
	Stat(ctx context.Context, sha256 string) (Ref, error)
	// Delete removes the blob durably; one that is not there is no error.
	Delete(ctx context.Context, sha256 string) error
	// List calls f for every blob in order of digest and stops at f's first
	// error, which it returns as it is. Blobs that come or go meanwhile may or
	// may not be seen.
	List(ctx context.Context, f func(Ref) error) error
	// Verify reads every byte again. It fails with blob.damaged (Unavailable) if
	// they are no longer what the digest says (F5), and with blob.unreadable
	// (Unavailable) if that could not be found out.
	Verify(ctx context.Context, sha256 string) error
}

// Reader is an open blob.
type Reader interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64 // bytes
}

// CheckDigest fails unless s is a SHA-256 in 64 lower-case hexadecimal digits, the
// only spelling there is; so a digest can never lead out of the store (T3, T8).
func CheckDigest(s string) error {
	ok := len(s) == 64
	for i := 0; ok && i < len(s); i++ {
		ok = s[i] >= '0' && s[i] <= '9' || s[i] >= 'a' && s[i] <= 'f'
	}
	if !ok {
		return fault.New(fault.Invalid, "blob.digest")
	}
	return nil
}

// sizes are the units of a limit, large ones first.
var sizes = [...]struct {
	unit  string
	bytes int64
}{
	{"TiB", 1 << 40},
	{"TB", 1e12},
	{"GiB", 1 << 30},
	{"GB", 1e9},
	{"MiB", 1 << 20},
	{"MB", 1e6},
	{"KiB", 1 << 10},
	{"kB", 1e3},
}

// human writes n bytes in the largest unit that says it exactly: no decimals, so
// it reads the same in every language.
func human(n int64) string {
	for _, s := range sizes {
		if n >= s.bytes && n%s.bytes == 0 {
			return strconv.FormatInt(n/s.bytes, 10) + " " + s.unit
		}
	}
	return strconv.FormatInt(n, 10) + " B"
}

package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"bevis/internal/fault"
)

// chunk is how many bytes are moved between two looks at the context.
const chunk = 128 << 10

// Put implements Store: it streams into a temporary file while hashing, syncs the
// file, renames it to its digest and syncs the directory.
func (d *Dir) Put(ctx context.Context, r io.Reader, limit int64) (ref Ref, err error) {
	if limit <= 0 {
		return Ref{}, fmt.Errorf("blob: put: limit %d is not positive", limit)
	}
	if err := ctx.Err(); err != nil {
		return Ref{}, fmt.Errorf("blob: put: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Join(d.path, tmpName), "put-*")
	if err != nil {
		return Ref{}, writeFault(err)
	}
	defer func() {
		_ = tmp.Close() // a second time after success: no matter
		if rerr := os.Remove(tmp.Name()); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) && err == nil {
			ref, err = Ref{}, writeFault(rerr)
		}
	}()
	sum := sha256.New()
	n, err := take(ctx, tmp, sum, r, limit)
	if err != nil {
		return Ref{}, err
	}
	if err := tmp.Sync(); err != nil {
		return Ref{}, writeFault(err)
	}
	if err := tmp.Close(); err != nil {
		return Ref{}, writeFault(err)
	}
	ref = Ref{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}
	if err := d.settle(ctx, tmp.Name(), ref); err != nil {
		return Ref{}, err
	}
	return ref, nil
}

// take copies r to w and sum and counts the bytes.
func take(ctx context.Context, w io.Writer, sum hash.Hash, r io.Reader, limit int64) (int64, error) {
	buf := make([]byte, chunk)
	var n int64
	for idle := 0; ; {
		if err := ctx.Err(); err != nil {
			return n, fmt.Errorf("blob: put: %w", err)
		}
		k, rerr := r.Read(buf)
		if k > 0 {
			idle = 0
			if int64(k) > limit-n {
				return n, fault.New(fault.TooLarge, "blob.too_large", "Limit", human(limit))
			}
			n += int64(k)
			sum.Write(buf[:k])
			if _, err := w.Write(buf[:k]); err != nil {
				return n, writeFault(err)
			}
		} else if idle++; idle > 100 && rerr == nil {
			rerr = io.ErrNoProgress
		}
		switch {
		case rerr == io.EOF && n == 0:
			return 0, fault.New(fault.Invalid, "blob.empty")
		case rerr == io.EOF:
			return n, nil
		case rerr != nil:
			return n, fmt.Errorf("blob: put: read: %w", rerr)
		}
	}
}

// settle moves the synced file tmp to its place, or leaves it if the place holds
// the same bytes, and makes the place durable either way: another writer may have
// put it there and not synced yet.
func (d *Dir) settle(ctx context.Context, tmp string, ref Ref) error {
	s, name := d.place(ref.SHA256)
	dir := filepath.Dir(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := os.Mkdir(dir, 0o700); err == nil {
		s.inRoot.Store(false)
	} else if !errors.Is(err, fs.ErrExist) {
		return writeFault(err)
	}
	if !s.inRoot.Load() {
		if err := syncDir(d.path); err != nil {
			return writeFault(err)
		}
		s.inRoot.Store(true)
	}
	same, err := d.intact(ctx, ref.SHA256)
	if err != nil {
		return err
	}
	if !same {
		if err := os.Rename(tmp, name); err != nil {
			return writeFault(err)
		}
	}
	if err := syncDir(dir); err != nil {
		return writeFault(err)
	}
	return nil
}

// intact says whether the bytes of the digest are there and undamaged. What cannot
// be read counts as damaged: the good bytes are at hand.
func (d *Dir) intact(ctx context.Context, sha256 string) (bool, error) {
	err := d.Verify(ctx, sha256)
	if err == nil {
		return true, nil
	}
	if _, ok := fault.As(err); ok {
		return false, nil
	}
	return false, err // cancelled
}

// Verify implements Store.
func (d *Dir) Verify(ctx context.Context, digest string) error {
	f, err := d.open(ctx, digest)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	buf := make([]byte, chunk)
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("blob: verify: %w", err)
		}
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return readFault(err, digest)
		}
	}
	if hex.EncodeToString(sum.Sum(nil)) != digest {
		return fault.New(fault.Unavailable, "blob.damaged", "SHA256", digest)
	}
	return nil
}

// writeFault tells a full disk, which somebody can mend at once, from other
// failures to write.
func writeFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Unavailable, "blob.disk_full")
	}
	return fault.Wrap(err, fault.Unavailable, "blob.disk_failed")
}

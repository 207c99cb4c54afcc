package blob

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"bevis/internal/fault"
)

// Dir is a Store in a directory of one machine: <dir>/<first 2 digits>/<digest>,
// written through <dir>/tmp. Files have mode 0600, directories 0700. One process
// at a time may write to it.
type Dir struct {
	path   string
	shards [256]shard
}

// shard is one of the 256 directories.
type shard struct {
	mu     sync.Mutex  // held while a blob is put in place or deleted
	inRoot atomic.Bool // the directory's own name is known to be durable
}

const (
	tmpName = "tmp"
	tmpAge  = time.Hour // older ones were left by a crash, younger ones may be in use
)

// OpenDir opens the store in path and makes the directory if it is not there.
// Temporary files that a crash left more than an hour before now are removed. It
// fails with blob.folder (Unavailable) if path cannot be used.
func OpenDir(path string, now time.Time) (*Dir, error) {
	d := &Dir{path: path}
	if err := d.prepare(now); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "blob.folder", "Folder", path)
	}
	return d, nil
}

func (d *Dir) prepare(now time.Time) error {
	tmp := filepath.Join(d.path, tmpName)
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return err
	}
	if err := syncDir(d.path); err != nil {
		return err
	}
	// A parent that may be passed but not read was not made by us just now.
	if err := syncDir(filepath.Dir(d.path)); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	left, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range left {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || now.Sub(info.ModTime()) <= tmpAge {
			continue
		}
		if err := os.Remove(filepath.Join(tmp, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// place is the shard and the file of a digest that CheckDigest has passed.
func (d *Dir) place(sha256 string) (s *shard, file string) {
	n, err := hex.DecodeString(sha256[:2])
	if err != nil {
		panic("blob: digest was not checked") // cannot happen: every door checks
	}
	return &d.shards[n[0]], filepath.Join(d.path, sha256[:2], sha256)
}

// file is an open blob of a directory.
type file struct {
	*os.File
	size int64
}

func (f file) Size() int64 { return f.size }

// Open implements Store.
func (d *Dir) Open(ctx context.Context, sha256 string) (Reader, error) {
	f, err := d.open(ctx, sha256)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *Dir) open(ctx context.Context, sha256 string) (file, error) {
	if _, err := d.stat(ctx, sha256); err != nil { // before opening: a pipe would wait for ever
		return file{}, err
	}
	_, name := d.place(sha256)
	f, err := os.Open(name)
	if err != nil {
		return file{}, readFault(err, sha256)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // the first failure is what is told
		return file{}, readFault(err, sha256)
	}
	return file{f, info.Size()}, nil
}

// Stat implements Store.
func (d *Dir) Stat(ctx context.Context, sha256 string) (Ref, error) {
	info, err := d.stat(ctx, sha256)
	if err != nil {
		return Ref{}, err
	}
	return Ref{SHA256: sha256, Size: info.Size()}, nil
}

func (d *Dir) stat(ctx context.Context, sha256 string) (fs.FileInfo, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("blob: open: %w", err)
	}
	if err := CheckDigest(sha256); err != nil {
		return nil, err
	}
	_, name := d.place(sha256)
	info, err := os.Lstat(name)
	if err != nil {
		return nil, readFault(err, sha256)
	}
	if !info.Mode().IsRegular() {
		return nil, fault.New(fault.Unavailable, "blob.damaged", "SHA256", sha256)
	}
	return info, nil
}

// Delete implements Store.
func (d *Dir) Delete(ctx context.Context, sha256 string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("blob: delete: %w", err)
	}
	if err := CheckDigest(sha256); err != nil {
		return err
	}
	s, name := d.place(sha256)
	s.mu.Lock()
	defer s.mu.Unlock()
	err := os.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		// An earlier attempt may have removed it without reaching the disk.
		if err = syncDir(filepath.Dir(name)); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	} else if err == nil {
		err = syncDir(filepath.Dir(name))
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "blob.delete", "SHA256", sha256)
	}
	return nil
}

// List implements Store. Files that are not named like a blob are passed over.
func (d *Dir) List(ctx context.Context, f func(Ref) error) error {
	for n := range len(d.shards) {
		name := hex.EncodeToString([]byte{byte(n)})
		files, err := os.ReadDir(filepath.Join(d.path, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "blob.list")
		}
		for _, e := range files {
			if CheckDigest(e.Name()) != nil || e.Name()[:2] != name {
				continue
			}
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("blob: list: %w", err)
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return fault.Wrap(err, fault.Unavailable, "blob.list")
			}
			if err := f(Ref{SHA256: e.Name(), Size: info.Size()}); err != nil {
				return err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("blob: list: %w", err)
	}
	return nil
}

// readFault tells a blob that is not there from one that cannot be read.
func readFault(err error, sha256 string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.NotFound, "blob.missing", "SHA256", sha256)
	}
	return fault.Wrap(err, fault.Unavailable, "blob.unreadable", "SHA256", sha256)
}

package pack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/pack/zipfile"
)

// writer puts members into a zip or a folder and keeps the manifest's lines.
type writer struct {
	zip   *zipfile.Writer
	dir   string
	files []File
	names map[string]bool // folded
}

// add writes one member. size is its length in bytes where it is known, else -1.
func (w *writer) add(ctx context.Context, name string, size int64, fill func(io.Writer) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &counting{h: sha256.New()}
	if c.w, err = w.create(name, size); err != nil {
		return err
	}
	err = fill(c)
	if f, ok := c.w.(*os.File); ok {
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("pack: %s: %w", name, err)
	}
	w.names[zipfile.Fold(name)] = true
	w.files = append(w.files, File{Path: name, Size: c.n, SHA256: hex.EncodeToString(c.h.Sum(nil))})
	return nil
}

func (w *writer) create(name string, size int64) (io.Writer, error) {
	if w.zip != nil && size >= 0 {
		return w.zip.CreateSized(name, size)
	}
	if w.zip != nil {
		return w.zip.Create(name)
	}
	if err := zipfile.CheckName(name); err != nil {
		return nil, err
	}
	file := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // a package is made to be handed on
		return nil, fault.Wrap(err, fault.Unavailable, "pack.write", "File", w.dir)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) //nolint:gosec // as above
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "pack.write", "File", w.dir)
	}
	return f, nil
}

func (w *writer) bytes(ctx context.Context, name string, data []byte) error {
	return w.add(ctx, name, int64(len(data)), func(dst io.Writer) error {
		_, err := dst.Write(data)
		return err
	})
}

func (w *writer) canonical(ctx context.Context, name string, v any) error {
	raw, err := ledger.Canonical(v)
	if err != nil {
		return err
	}
	return w.bytes(ctx, name, raw)
}

// free makes a name that no member has yet, in whatever case, by numbering it.
func (w *writer) free(dir, name string) string {
	ext := filepath.Ext(name)
	base := name[:len(name)-len(ext)]
	for i := 2; w.names[zipfile.Fold(dir+name)]; i++ {
		name = fmt.Sprintf("%s (%d)%s", base, i, ext)
	}
	return dir + name
}

// counting hashes and counts what passes.
type counting struct {
	w io.Writer
	h hash.Hash
	n int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.h.Write(p[:n])
	c.n += int64(n)
	return n, err
}

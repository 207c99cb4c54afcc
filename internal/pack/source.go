package pack

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/pack/zipfile"
)

// source is a package being read: a zip or a folder.
type source interface {
	names() []string // members, in order for a zip
	open(name string) (member, error)
	close() error
}

// member is an open member.
type member interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// openSource opens a package for reading. Problems of the framing go into the
// report under the path "(zip)"; what is no archive at all is such a problem too.
func openSource(name string, r *ledger.Report) (source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, noFile(err, name)
	}
	if info.IsDir() {
		return openDir(name, r)
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for ever
		r.Fault("(zip)", "zip.not_zip")
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "pack.no_file", "File", name)
	}
	a, err := zipfile.Open(f, info.Size())
	if err != nil {
		if flt, ok := fault.As(err); ok && flt.Kind != fault.Unavailable {
			r.Fault("(zip)", flt.Key, flt.Args...)
			return nil, f.Close()
		}
		return nil, errors.Join(err, f.Close())
	}
	problems, err := a.Canonical()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for _, p := range problems {
		r.Wrong("(zip)", p.Code, p.Args...)
	}
	return &zipSource{f, a}, nil
}

// noFile is the fault for a file that cannot be read. One that is not there is a
// slip of the reader's, not of the machine's.
func noFile(err error, name string) error {
	kind := fault.Unavailable
	if errors.Is(err, fs.ErrNotExist) {
		kind = fault.Invalid
	}
	return fault.Wrap(err, kind, "pack.no_file", "File", name)
}

type zipSource struct {
	f *os.File
	a *zipfile.Archive
}

func (z *zipSource) names() []string {
	var out []string
	for _, m := range z.a.Members() {
		if !m.Dir {
			out = append(out, m.Name)
		}
	}
	return out
}

func (z *zipSource) close() error { return z.f.Close() }

// inflateLimit bounds a member that somebody compressed on the way. A package
// stores its members, so this is foreign framing, reported already.
const inflateLimit = 256 << 20

func (z *zipSource) open(name string) (member, error) {
	s, err := z.a.Section(name)
	if err == nil {
		return section{s}, nil
	}
	r, oerr := z.a.Open(name, zipfile.Limit{Bytes: inflateLimit, Ratio: 1000})
	if oerr != nil {
		return nil, errors.Join(err, oerr)
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return section{io.NewSectionReader(bytesAt(raw), 0, int64(len(raw)))}, nil
}

type section struct{ *io.SectionReader }

func (section) Close() error { return nil }

type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, off int64) (int, error) {
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

type dirSource struct {
	dir  string
	list []string
}

// openDir reads a folder by content. Links are not followed: what a link shows
// today it need not show tomorrow. A folder that somebody changes meanwhile has
// no content to speak of, so names are looked at once.
func openDir(name string, r *ledger.Report) (source, error) {
	dir, err := filepath.EvalSymlinks(name) // the link that somebody named, not those inside
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "pack.no_file", "File", name)
	}
	d := &dirSource{dir: dir}
	err = filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil || e.IsDir() {
			return err
		}
		rel = filepath.ToSlash(rel)
		if !e.Type().IsRegular() {
			r.Wrong(rel, "pack.member_extra")
			return nil
		}
		d.list = append(d.list, rel)
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "pack.no_file", "File", name)
	}
	slices.Sort(d.list)
	return d, nil
}

func (d *dirSource) names() []string { return d.list }

func (d *dirSource) close() error { return nil }

func (d *dirSource) open(name string) (member, error) {
	if _, ok := slices.BinarySearch(d.list, name); !ok { // a link is not followed, a pipe not waited for
		return nil, fs.ErrNotExist
	}
	f, err := os.Open(filepath.Join(d.dir, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return file{f, info.Size()}, nil
}

type file struct {
	*os.File
	size int64
}

func (f file) Size() int64 { return f.size }

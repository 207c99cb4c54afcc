package zipfile

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"bevis/internal/fault"
)

// hold is how many bytes of a member wait in memory, so that a small one needs no
// seeking back.
const hold = 64 << 10

// Writer writes an archive in the canonical form. Its first failure is final: every
// later call returns it again, and what was written is no archive. A Writer serves
// one goroutine.
type Writer struct {
	dst     io.WriteSeeker
	buf     *bufio.Writer
	pos     int64 // of the next byte
	members []entry
	names   *names
	open    *member
	head    []byte // scratch
	err     error
}

var errClosed = errors.New("zipfile: write: the archive or the member is closed")

// NewWriter starts an archive in dst, which must be empty: usually a new file.
// Neither dst nor the disk is synced or closed by the Writer.
func NewWriter(dst io.WriteSeeker) (*Writer, error) {
	n, err := dst.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("zipfile: seek: %w", err)
	}
	if n != 0 {
		return nil, fmt.Errorf("zipfile: the file already holds %d bytes", n)
	}
	return &Writer{dst: dst, buf: bufio.NewWriterSize(dst, hold), names: newNames()}, nil
}

// Create starts a member whose size is not known; it fails if more than
// 4 GiB − 2 bytes are written to it. The member ends with the next Create,
// CreateSized or Close. A name that CheckName refuses, or that would meet an
// earlier one on some file system (zip.name_twice), is a fault of kind Invalid.
func (w *Writer) Create(name string) (io.Writer, error) { return w.create(name, -1) }

// CreateSized starts a member of exactly size bytes, of any size. The next call
// fails if another number of bytes was written.
func (w *Writer) CreateSized(name string, size int64) (io.Writer, error) {
	if size < 0 {
		return nil, fmt.Errorf("zipfile: member %q: size %d", name, size)
	}
	return w.create(name, size)
}

func (w *Writer) create(name string, size int64) (io.Writer, error) {
	if err := w.finish(); err != nil {
		return nil, err
	}
	err := CheckName(name)
	if err == nil && len(w.members) == MaxMembers {
		err = fault.New(fault.TooLarge, "zip.too_many", "Max", MaxMembers)
	}
	if err == nil {
		err = w.names.add(name, false)
	}
	if err != nil {
		w.err = err
		return nil, err
	}
	w.open = &member{w: w, declared: size, entry: entry{name: name, offset: w.pos}}
	return w.open, nil
}

// member is the one being written.
type member struct {
	w        *Writer
	entry    entry
	declared int64 // bytes, −1 if unknown
	held     []byte
	flowing  bool // header and held bytes are on their way
}

// Write implements io.Writer.
func (m *member) Write(p []byte) (int, error) {
	w := m.w
	if w.err != nil {
		return 0, w.err
	}
	if w.open != m {
		return 0, errClosed
	}
	most := m.declared
	if most < 0 {
		most = max32 - 1
	}
	if int64(len(p)) > most-m.entry.size {
		w.err = fmt.Errorf("zipfile: member %q: more than %d bytes", m.entry.name, most)
		return 0, w.err
	}
	m.entry.size += int64(len(p))
	m.entry.crc = crc32.Update(m.entry.crc, crc32.IEEETable, p)
	if !m.flowing && len(m.held)+len(p) <= hold {
		m.held = append(m.held, p...)
		return len(p), nil
	}
	if !m.flowing {
		m.flowing = true
		// The length of the header depends on the size: only a declared one may
		// need Zip64. What it says is put right in finish.
		e := m.entry
		e.size = max(m.declared, 0)
		w.head = appendLocal(w.head[:0], e)
		w.write(w.head)
		w.write(m.held)
		m.held = nil
	}
	w.write(p)
	if w.err != nil {
		return 0, w.err
	}
	return len(p), nil
}

func (w *Writer) write(p []byte) {
	if w.err != nil {
		return
	}
	n, err := w.buf.Write(p)
	w.pos += int64(n)
	if err != nil {
		w.err = fmt.Errorf("zipfile: write: %w", err)
	}
}

// finish ends the open member, if there is one.
func (w *Writer) finish() error {
	m := w.open
	if w.err != nil || m == nil {
		return w.err
	}
	w.open = nil
	if m.declared >= 0 && m.declared != m.entry.size {
		w.err = fmt.Errorf("zipfile: member %q: %d bytes declared, %d written", m.entry.name, m.declared, m.entry.size)
		return w.err
	}
	w.head = appendLocal(w.head[:0], m.entry)
	if m.flowing {
		w.patch(m.entry.offset, w.head)
	} else {
		w.write(w.head)
		w.write(m.held)
	}
	w.members = append(w.members, m.entry)
	return w.err
}

// patch overwrites p at offset and returns to the end.
func (w *Writer) patch(offset int64, p []byte) {
	err := w.buf.Flush()
	if err == nil {
		_, err = w.dst.Seek(offset, io.SeekStart)
	}
	if err == nil {
		_, err = w.dst.Write(p)
	}
	if err == nil {
		_, err = w.dst.Seek(w.pos, io.SeekStart)
	}
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("zipfile: write: %w", err)
	}
}

// Close ends the last member and writes the central directory. The archive is
// whole only if it returns nil.
func (w *Writer) Close() error {
	if err := w.finish(); err != nil {
		return err
	}
	start := w.pos
	for _, e := range w.members {
		w.head = appendCentral(w.head[:0], e)
		w.write(w.head)
	}
	w.write(appendEnd(nil, int64(len(w.members)), start, w.pos-start))
	if w.err == nil {
		if err := w.buf.Flush(); err != nil {
			w.err = fmt.Errorf("zipfile: write: %w", err)
		}
	}
	if w.err != nil {
		return w.err
	}
	w.err = errClosed // for whatever is called now
	return nil
}

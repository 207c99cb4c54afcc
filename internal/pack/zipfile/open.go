package zipfile

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"math"
	"slices"

	"bevis/internal/fault"
)

// Member is one file in an archive.
type Member struct {
	Name   string // slashes; a directory's ends in one
	Size   int64  // bytes, as the archive says
	Packed int64  // bytes in the archive
	CRC32  uint32 // IEEE, of the unpacked bytes
	Method uint16 // 0 stored, 8 deflated
	Dir    bool   // a directory, of no bytes; only foreign programs write them

	offset int64 // of the local header
	data   int64 // of the bytes
}

// Archive is a zip whose framing has been read and found to be of one piece.
type Archive struct {
	r       io.ReaderAt
	size    int64
	dir     int64 // offset of the central directory
	dirSize int64
	members []Member
	index   map[string]int
}

// Members are the archive's members in the order of its table of contents. The
// slice belongs to the archive.
func (a *Archive) Members() []Member { return a.members }

// Size is the size of the whole archive in bytes.
func (a *Archive) Size() int64 { return a.size }

// Open reads the framing of the zip in r, which is size bytes long. Of the members'
// data it reads nothing.
//
// It accepts what other programs write (deflate, data descriptors, extra fields,
// directories, UTF-8 names without the flag) so that a package packed anew can still be read; Canonical says
// whether the framing is our own. It refuses with a fault of kind Invalid, and
// names the place, whatever is torn or could mean two things: names that CheckName
// refuses or that meet on some file system, members that overlap or lie outside the
// file, two headers that differ, encryption, other methods, links and devices,
// archives in several parts, more than MaxMembers members (T7, T8, T24). A reader
// that fails is the fault zip.unreadable (Unavailable).
func Open(r io.ReaderAt, size int64) (*Archive, error) {
	a := &Archive{r: r, size: size}
	count, err := a.findEnd()
	if err != nil {
		return nil, err
	}
	if count > MaxMembers {
		return nil, fault.New(fault.TooLarge, "zip.too_many", "Max", MaxMembers)
	}
	if err := a.readDirectory(int(count)); err != nil {
		return nil, err
	}
	if err := a.readLocals(); err != nil {
		return nil, err
	}
	if err := a.apart(); err != nil {
		return nil, err
	}
	return a, nil
}

// torn is damage at an offset of the file, counted from 0.
func torn(offset int64) error { return fault.New(fault.Invalid, "zip.torn", "Offset", offset) }

// readAt fills p from offset, which the caller knows to lie inside the file.
func (a *Archive) readAt(p []byte, offset int64) error {
	n, err := a.r.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	return unreadable(err)
}

func unreadable(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // the file became shorter while it was read
	}
	return fault.Wrap(err, fault.Unavailable, "zip.unreadable")
}

// findEnd reads the end record, with Zip64's if there is one, sets where the
// central directory lies and returns how many members it counts.
func (a *Archive) findEnd() (count uint64, err error) {
	var magic [4]byte
	if a.size < lenEnd {
		return 0, fault.New(fault.Invalid, "zip.not_zip")
	}
	if err := a.readAt(magic[:], 0); err != nil {
		return 0, err
	}
	if m := le.Uint32(magic[:]); m != sigLocal && m != sigEnd {
		return 0, fault.New(fault.Invalid, "zip.not_zip")
	}
	tail := make([]byte, min(a.size, lenEnd+max16))
	start := a.size - int64(len(tail))
	if err := a.readAt(tail, start); err != nil {
		return 0, err
	}
	i := len(tail) - lenEnd
	for ; i >= 0; i-- {
		if le.Uint32(tail[i:]) == sigEnd && i+lenEnd+int(le.Uint16(tail[i+20:])) == len(tail) {
			break
		}
	}
	if i < 0 {
		return 0, fault.New(fault.Invalid, "zip.no_end")
	}
	end := tail[i : i+lenEnd]
	at := start + int64(i) // where the directory must end
	count = uint64(le.Uint16(end[10:]))
	size, offset := uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	if le.Uint32(end[4:]) != 0 || le.Uint16(end[8:]) != le.Uint16(end[10:]) {
		return 0, fault.New(fault.Invalid, "zip.split")
	}
	var locator [lenLocator]byte
	if at >= lenEnd64+lenLocator {
		if err := a.readAt(locator[:], at-lenLocator); err != nil {
			return 0, err
		}
	}
	if le.Uint32(locator[:]) == sigLocator {
		if at, err = a.findEnd64(locator[:], at-lenLocator, &count, &size, &offset); err != nil {
			return 0, err
		}
	} else if count == max16 || size == max32 || offset == max32 {
		return 0, torn(at)
	}
	if offset > uint64(at) || size != uint64(at)-offset {
		return 0, torn(at)
	}
	if count > size/lenCentral {
		return 0, torn(at)
	}
	a.dir, a.dirSize = int64(offset), int64(size)
	return count, nil
}

// findEnd64 reads the Zip64 end record that the locator at the offset at points
// to, and returns where it begins. The numbers of the old record must agree or
// stand aside.
func (a *Archive) findEnd64(locator []byte, at int64, count, size, offset *uint64) (int64, error) {
	where := le.Uint64(locator[8:])
	if where > uint64(at-lenEnd64) {
		return 0, torn(at)
	}
	if le.Uint32(locator[4:]) != 0 || le.Uint32(locator[16:]) > 1 {
		return 0, fault.New(fault.Invalid, "zip.split")
	}
	var end [lenEnd64]byte
	if err := a.readAt(end[:], int64(where)); err != nil {
		return 0, err
	}
	if le.Uint32(end[:]) != sigEnd64 || le.Uint64(end[4:]) != uint64(at)-where-12 {
		return 0, torn(int64(where))
	}
	if le.Uint64(end[16:]) != 0 || le.Uint64(end[24:]) != le.Uint64(end[32:]) {
		return 0, fault.New(fault.Invalid, "zip.split")
	}
	for _, f := range []struct {
		old  *uint64
		full uint64
		now  uint64
	}{
		{count, max16, le.Uint64(end[32:])},
		{size, max32, le.Uint64(end[40:])},
		{offset, max32, le.Uint64(end[48:])},
	} {
		if *f.old != f.full && *f.old != f.now {
			return 0, torn(int64(where))
		}
		*f.old = f.now
	}
	return int64(where), nil
}

// readDirectory reads count entries, which must fill the central directory.
func (a *Archive) readDirectory(count int) error {
	in := &counter{r: bufio.NewReaderSize(io.NewSectionReader(a.r, a.dir, a.dirSize), 64<<10), left: a.dirSize}
	seen := newNames()
	a.members = make([]Member, 0, count)
	a.index = make(map[string]int, count)
	for i := range count {
		at := a.dir + a.dirSize - in.left
		m, err := in.entry(at, a.size)
		if err != nil {
			return err
		}
		if err := seen.add(trimDir(m.Name), m.Dir); err != nil {
			return err
		}
		a.members = append(a.members, m)
		a.index[m.Name] = i
	}
	if in.left != 0 {
		return torn(a.dir + a.dirSize - in.left)
	}
	return nil
}

func trimDir(name string) string {
	if n := len(name); n > 0 && name[n-1] == '/' {
		return name[:n-1]
	}
	return name
}

// counter reads the central directory and knows how much of it is left.
type counter struct {
	r    *bufio.Reader
	left int64
	buf  []byte
}

// next is the next n bytes, valid until the call after, or nil if the directory
// is shorter.
func (c *counter) next(n int) ([]byte, error) {
	if int64(n) > c.left {
		return nil, nil
	}
	c.buf = slices.Grow(c.buf[:0], n)[:n]
	if _, err := io.ReadFull(c.r, c.buf); err != nil {
		return nil, unreadable(err)
	}
	c.left -= int64(n)
	return c.buf, nil
}

// entry reads one entry of the central directory that begins at the offset at of a
// file of size bytes.
func (c *counter) entry(at, size int64) (Member, error) {
	h, err := c.next(lenCentral)
	if err != nil {
		return Member{}, err
	}
	if h == nil || le.Uint32(h) != sigCentral {
		return Member{}, torn(at)
	}
	flags, disk, mode := le.Uint16(h[8:]), le.Uint16(h[34:]), le.Uint32(h[38:])>>16
	m := Member{Method: le.Uint16(h[10:]), CRC32: le.Uint32(h[16:])}
	packed, full, offset := uint64(le.Uint32(h[20:])), uint64(le.Uint32(h[24:])), uint64(le.Uint32(h[42:]))
	nName, nExtra, nComment := int(le.Uint16(h[28:])), int(le.Uint16(h[30:])), int(le.Uint16(h[32:]))
	rest, err := c.next(nName + nExtra + nComment)
	if err != nil {
		return Member{}, err
	}
	if rest == nil && nName+nExtra+nComment > 0 {
		return Member{}, torn(at)
	}
	m.Name = string(rest[:nName])
	m.Dir = len(m.Name) > 1 && m.Name[nName-1] == '/'
	if err := CheckName(trimDir(m.Name)); err != nil {
		return Member{}, err
	}
	bad := func(key string) (Member, error) {
		return Member{}, fault.New(fault.Invalid, key, "Name", shown(m.Name))
	}
	if flags&(flagEncrypted|flagStrong|flagMasked) != 0 {
		return bad("zip.encrypted")
	}
	if m.Method != stored && m.Method != deflated {
		return bad("zip.method")
	}
	if disk != 0 {
		return bad("zip.split")
	}
	switch kind := mode & 0o170000; {
	case kind == 0, kind == 0o100000 && !m.Dir, kind == 0o040000 && m.Dir:
	default:
		return bad("zip.special")
	}
	if !zip64(rest[nName:nName+nExtra], &full, &packed, &offset) {
		return Member{}, torn(at)
	}
	if offset > uint64(size) || packed > uint64(size) || full >= math.MaxInt64 {
		return bad("zip.outside")
	}
	if m.Method == stored && packed != full || m.Dir && full+packed != 0 {
		return bad("zip.sizes")
	}
	m.Size, m.Packed, m.offset = int64(full), int64(packed), int64(offset)
	return m, nil
}

// zip64 replaces the fields that are 0xFFFFFFFF by those of the Zip64 extra field,
// and says whether it found them all.
func zip64(extra []byte, fields ...*uint64) bool {
	fields = slices.DeleteFunc(fields, func(f *uint64) bool { return *f != max32 })
	if len(fields) == 0 {
		return true
	}
	for len(extra) >= 4 {
		id, n := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return false
		}
		if id == idZip64 {
			if n < 8*len(fields) {
				return false
			}
			for i, f := range fields {
				*f = le.Uint64(extra[8*i:])
			}
			return true
		}
		extra = extra[n:]
	}
	return false
}

// readLocals reads every local header, sets where the data lies, and refuses a
// header that speaks of another file than the central directory does.
func (a *Archive) readLocals() error {
	w := window{a: a}
	for i := range a.members {
		m := &a.members[i]
		differs := func() error {
			return fault.New(fault.Invalid, "zip.header_differs", "Name", shown(m.Name), "Offset", m.offset)
		}
		if m.offset > a.dir-lenLocal {
			return fault.New(fault.Invalid, "zip.outside", "Name", shown(m.Name))
		}
		h, err := w.at(m.offset, lenLocal)
		if err != nil {
			return err
		}
		nName, nExtra := int(le.Uint16(h[26:])), int(le.Uint16(h[28:]))
		m.data = m.offset + lenLocal + int64(nName) + int64(nExtra)
		if le.Uint32(h) != sigLocal || nName != len(m.Name) {
			return differs()
		}
		if m.data > a.dir || m.Packed > a.dir-m.data {
			return fault.New(fault.Invalid, "zip.outside", "Name", shown(m.Name))
		}
		if h, err = w.at(m.offset, lenLocal+nName+nExtra); err != nil {
			return err
		}
		flags, crc := le.Uint16(h[6:]), le.Uint32(h[14:])
		packed, full := uint64(le.Uint32(h[18:])), uint64(le.Uint32(h[22:]))
		later := flags&flagDescriptor != 0 // the numbers may follow the data
		if !bytes.Equal(h[lenLocal:lenLocal+nName], []byte(m.Name)) || le.Uint16(h[8:]) != m.Method ||
			flags&(flagEncrypted|flagStrong|flagMasked) != 0 {
			return differs()
		}
		if later && crc == 0 && (packed == 0 || packed == max32) && (full == 0 || full == max32) {
			continue
		}
		if !zip64(h[lenLocal+nName:], &full, &packed) || crc != m.CRC32 ||
			packed != uint64(m.Packed) || full != uint64(m.Size) {
			return differs()
		}
	}
	return nil
}

// window reads headers that mostly lie close together.
type window struct {
	a     *Archive
	buf   []byte
	start int64
}

// at is n bytes from offset, which lie inside the file, valid until the next call.
func (w *window) at(offset int64, n int) ([]byte, error) {
	if offset < w.start || offset+int64(n) > w.start+int64(len(w.buf)) {
		size := int(min(int64(max(n, 4<<10)), w.a.size-offset))
		w.buf = slices.Grow(w.buf[:0], size)[:size]
		w.start = offset
		if err := w.a.readAt(w.buf, offset); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	return w.buf[offset-w.start:][:n], nil
}

// apart refuses members that share bytes: the same data counted many times is how
// a small file claims to hold a large one.
func (a *Archive) apart() error {
	order := make([]*Member, len(a.members))
	for i := range a.members {
		order[i] = &a.members[i]
	}
	slices.SortFunc(order, func(x, y *Member) int { return cmp.Compare(x.offset, y.offset) })
	for i, m := range order[min(1, len(order)):] {
		if before := order[i]; m.offset < before.data+before.Packed {
			return fault.New(fault.Invalid, "zip.overlap", "Name", shown(m.Name), "Other", shown(before.Name))
		}
	}
	return nil
}

package zipfile

import (
	"bufio"
	"compress/flate"
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"bevis/internal/fault"
)

// Limit is how far a reader is ready to go with one member (T7).
type Limit struct {
	Bytes int64 // largest size, unpacked; 0 lets only empty members pass
	Ratio int64 // largest size over packed size; below 1 refuses every packed member
}

// Find is the member of that name.
func (a *Archive) Find(name string) (Member, bool) {
	i, ok := a.index[name]
	if !ok {
		return Member{}, false
	}
	return a.members[i], true
}

func (a *Archive) file(name string) (Member, error) {
	m, ok := a.Find(name)
	if !ok || m.Dir {
		return Member{}, fault.New(fault.NotFound, "zip.missing", "Name", shown(name))
	}
	return m, nil
}

// Section is the data of a stored member for reading anywhere in it; its CRC is
// not checked. It fails with zip.missing (NotFound), or with zip.packed (Invalid)
// if another program deflated the member.
func (a *Archive) Section(name string) (*io.SectionReader, error) {
	m, err := a.file(name)
	if err != nil {
		return nil, err
	}
	if m.Method != stored {
		return nil, fault.New(fault.Invalid, "zip.packed", "Name", shown(name))
	}
	return io.NewSectionReader(a.r, m.data, m.Size), nil
}

// Open reads a member from its beginning. A member over the limit is refused
// before its first byte, with zip.large or zip.bomb (TooLarge), and never gives
// more bytes than the archive declares. At the end size and CRC-32 are checked:
// instead of io.EOF comes zip.data_differs (Invalid).
func (a *Archive) Open(name string, limit Limit) (io.Reader, error) {
	m, err := a.file(name)
	if err != nil {
		return nil, err
	}
	if m.Size > limit.Bytes {
		return nil, fault.New(fault.TooLarge, "zip.large", "Name", shown(name), "Size", m.Size, "Limit", limit.Bytes)
	}
	raw := io.NewSectionReader(a.r, m.data, m.Packed)
	c := &checked{m: m, in: raw, raw: raw, sum: crc32.NewIEEE()}
	if m.Method == deflated {
		if limit.Ratio < 1 {
			return nil, fault.New(fault.Invalid, "zip.packed", "Name", shown(name))
		}
		// Divided, not multiplied: nothing can overflow.
		if m.Size > 0 && (m.Packed == 0 || (m.Size-1)/m.Packed >= limit.Ratio) {
			return nil, fault.New(fault.TooLarge, "zip.bomb", "Name", shown(name), "Ratio", limit.Ratio)
		}
		c.packed = bufio.NewReader(raw)
		c.in = flate.NewReader(c.packed)
	}
	return c, nil
}

// checked reads a member and compares it at the end with what the archive says.
type checked struct {
	m      Member
	in     io.Reader
	raw    *io.SectionReader
	packed *bufio.Reader // under in, for a deflated member
	sum    hash.Hash32
	n      int64
	err    error
}

// Read implements io.Reader.
func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil || len(p) == 0 {
		return 0, c.err
	}
	// One byte more than declared is enough to know.
	p = p[:min(int64(len(p)), c.m.Size-c.n+1)]
	n, err := c.in.Read(p)
	if over := c.n + int64(n) - c.m.Size; over > 0 {
		c.err = c.differs()
		return n - int(over), c.err
	}
	c.n += int64(n)
	c.sum.Write(p[:n])
	switch {
	case err == nil:
	case err == io.EOF: //nolint:errorlint // a wrapped end is a failure, not the end
		err = c.end()
	case c.packed != nil && c.corrupt(err):
		err = c.differs()
	default:
		err = unreadable(err)
	}
	c.err = err
	return n, err
}

// corrupt tells damage in the packed bytes from a file that cannot be read.
func (c *checked) corrupt(err error) bool {
	// The packed bytes end too early, or the file does.
	if err == io.ErrUnexpectedEOF { //nolint:errorlint // flate gives it bare
		return c.consumed()
	}
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt)
}

// consumed says whether all of the member's bytes in the archive were read.
func (c *checked) consumed() bool {
	at, err := c.raw.Seek(0, io.SeekCurrent)
	return err == nil && at == c.m.Packed
}

func (c *checked) differs() error {
	return fault.New(fault.Invalid, "zip.data_differs", "Name", shown(c.m.Name))
}

func (c *checked) end() error {
	if c.packed == nil && !c.consumed() {
		return unreadable(io.ErrUnexpectedEOF)
	}
	if c.packed != nil && (!c.consumed() || c.packed.Buffered() > 0) { // bytes behind the deflated ones
		return c.differs()
	}
	if c.n != c.m.Size || c.sum.Sum32() != c.m.CRC32 {
		return c.differs()
	}
	return io.EOF
}

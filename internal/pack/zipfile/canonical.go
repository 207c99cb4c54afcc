package zipfile

import (
	"bufio"
	"bytes"
	"io"
)

// Problem is a place where the framing is not what the Writer makes. Path, Code
// and Args are those of a verifier's finding: the message is "problem." + Code,
// with Path and Args.
type Problem struct {
	Path string // the member's name, "" for the archive as a whole
	Code string // stable
	Args []any  // alternating names and values; always "Offset", counted from 0
}

// maxProblems is where Canonical stops: by then the file is another one.
const maxProblems = 100

// Canonical compares the whole framing with what the Writer would have made from
// the members' names, sizes and CRCs in their order, and returns what differs: the
// first byte of each difference. None means that every byte of the file is either
// a member's data or what the Writer puts there. It reads headers only; whether
// the data is right is for CRCs and digests to say.
//
// The codes are zip.gap (bytes that belong to no member, or members out of order),
// zip.header (before a member's data), zip.entry (in the table of contents) and
// zip.end (behind it). The error is zip.unreadable (Unavailable).
func (a *Archive) Canonical() ([]Problem, error) {
	c := &comparison{a: a}
	w := window{a: a}
	var want []byte
	pos := int64(0) // where the next member must begin
	for _, m := range a.members {
		if m.offset != pos {
			c.add(m.Name, "zip.gap", min(pos, m.offset))
			pos = m.offset // to find out whether the rest is right
		}
		want = appendLocal(want[:0], m.entry(pos))
		have, err := w.at(pos, int(min(int64(len(want)), a.size-pos)))
		if err != nil {
			return nil, err
		}
		if i := differAt(want, have); i >= 0 {
			c.add(m.Name, "zip.header", pos+int64(i))
		}
		pos = m.data + m.Packed
		if c.full() {
			return c.found, nil
		}
	}
	if pos != a.dir {
		c.add("", "zip.gap", min(pos, a.dir))
	}
	if err := c.directory(); err != nil {
		return nil, err
	}
	return c.found, nil
}

// entry is what the framing of m has to say when its header is at offset.
func (m Member) entry(offset int64) entry {
	return entry{name: m.Name, size: m.Size, crc: m.CRC32, offset: offset}
}

// comparison gathers differences.
type comparison struct {
	a     *Archive
	found []Problem
}

func (c *comparison) full() bool { return len(c.found) >= maxProblems }

func (c *comparison) add(path, code string, offset int64) {
	if !c.full() {
		c.found = append(c.found, Problem{Path: path, Code: code, Args: []any{"Offset", offset}})
	}
}

// directory compares the central directory and all that follows it.
func (c *comparison) directory() error {
	a := c.a
	in := bufio.NewReaderSize(io.NewSectionReader(a.r, a.dir, a.size-a.dir), 64<<10)
	pos := a.dir
	var want, have []byte
	// compare reads as many bytes as are wanted; false after a difference, from
	// where on nothing can be told from anything.
	compare := func(path, code string) (bool, error) {
		have = append(have[:0], want...)
		n, err := io.ReadFull(in, have)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			if pos+int64(n) != a.size {
				return false, unreadable(err)
			}
		} else if err != nil {
			return false, unreadable(err)
		}
		if i := differAt(want, have[:n]); i >= 0 {
			c.add(path, code, pos+int64(i))
			return false, nil
		}
		pos += int64(n)
		return true, nil
	}
	size := int64(0)
	for _, m := range a.members {
		want = appendCentral(want[:0], m.entry(m.offset))
		size += int64(len(want))
		if ok, err := compare(m.Name, "zip.entry"); !ok {
			return err
		}
	}
	want = appendEnd(want[:0], int64(len(a.members)), a.dir, size)
	if ok, err := compare("", "zip.end"); !ok {
		return err
	}
	if pos != a.size {
		c.add("", "zip.end", pos)
	}
	return nil
}

// differAt is the index of the first byte of want that have does not hold, −1 if
// it holds them all.
func differAt(want, have []byte) int {
	if bytes.Equal(want, have) {
		return -1
	}
	for i := range min(len(want), len(have)) {
		if want[i] != have[i] {
			return i
		}
	}
	return min(len(want), len(have))
}

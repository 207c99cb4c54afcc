package zipfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// holed spares the page cache: it answers for the zeros between two offsets itself.
type holed struct {
	io.ReaderAt
	from, to int64
}

func (h holed) ReadAt(p []byte, off int64) (int, error) {
	if off >= h.from && off+int64(len(p)) <= h.to {
		clear(p)
		return len(p), nil
	}
	return h.ReaderAt.ReadAt(p, off)
}

// The framing where fields run over, at the bytes before and behind the border.
func TestZip64Borders(t *testing.T) {
	for _, tc := range []struct {
		size, offset          int64
		local, central, extra int // lengths beyond name and fixed part; extra is the central field's declared length
		version               byte
	}{
		{max32 - 1, max32 - 1, 0, 0, 0, 20},
		{max32, 0, 20, 20, 16, 45},
		{max32 + 1, 0, 20, 20, 16, 45},
		{0, max32, 0, 12, 8, 45},
		{1 << 40, 1 << 41, 20, 28, 24, 45},
	} {
		e := entry{name: "n", size: tc.size, offset: tc.offset}
		l, c := appendLocal(nil, e), appendCentral(nil, e)
		if len(l) != lenLocal+1+tc.local || len(c) != lenCentral+1+tc.central || c[6] != tc.version {
			t.Errorf("%+v: local %d, central %d, version %d", tc, len(l), len(c), c[6])
		}
		if tc.extra > 0 && int(le.Uint16(c[lenCentral+3:])) != tc.extra {
			t.Errorf("%+v: extra %d", tc, le.Uint16(c[lenCentral+3:]))
		}
		full, packed, offset := uint64(le.Uint32(c[24:])), uint64(le.Uint32(c[20:])), uint64(le.Uint32(c[42:]))
		if !zip64(c[lenCentral+1:], &full, &packed, &offset) ||
			full != uint64(tc.size) || packed != uint64(tc.size) || offset != uint64(tc.offset) {
			t.Errorf("%+v: read back as %d, %d at %d", tc, full, packed, offset)
		}
	}
	for _, tc := range []struct {
		count, offset, size int64
		want                int
	}{
		{max16 - 1, max32 - 1, max32 - 1, lenEnd},
		{max16, 0, 0, lenEnd + lenEnd64 + lenLocator},
		{0, max32, 0, lenEnd + lenEnd64 + lenLocator},
		{0, 0, max32, lenEnd + lenEnd64 + lenLocator},
	} {
		if got := len(appendEnd(nil, tc.count, tc.offset, tc.size)); got != tc.want {
			t.Errorf("%+v: %d bytes", tc, got)
		}
	}
}

// Around 65,535 members the count needs Zip64.
func TestManyMembers(t *testing.T) {
	for _, n := range []int{max16 - 1, max16, max16 + 1} {
		m := newMemory()
		w, err := NewWriter(m)
		if err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if _, err := w.Create(fmt.Sprintf("d%d/%d", i%7, i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		a, err := open(m.b)
		if err != nil || len(a.Members()) != n {
			t.Fatalf("%d: %v", n, err)
		}
		if problems, err := a.Canonical(); err != nil || len(problems) > 0 {
			t.Errorf("%d: %v, %v", n, problems, err)
		}
		zr, err := zip.NewReader(bytes.NewReader(m.b), int64(len(m.b)))
		if err != nil || len(zr.File) != n {
			t.Errorf("archive/zip: %v", err)
		}
	}
}

// sparse leaves holes where zeros are written, so that 4 GiB cost no disk.
type sparse struct{ *os.File }

var nought [1 << 20]byte

func (s sparse) Write(p []byte) (int, error) {
	if len(p) > 4096 && len(p) <= len(nought) && bytes.Equal(p, nought[:len(p)]) {
		_, err := s.Seek(int64(len(p)), io.SeekCurrent)
		return len(p), err
	}
	return s.File.Write(p)
}

// A member of more than 4 GiB and one behind it, through writer and readers.
func TestLargerThan4GiB(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: sums up 4 GiB of zeros three times")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "p.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := NewWriter(sparse{f})
	if err != nil {
		t.Fatal(err)
	}
	const size = 1<<32 + 12345
	big, err := w.CreateSized("big", size)
	if err != nil {
		t.Fatal(err)
	}
	for left := int64(size); left > 0; {
		n, err := big.Write(nought[:min(left, int64(len(nought)))])
		if err != nil {
			t.Fatal(err)
		}
		left -= int64(n)
	}
	small, err := w.Create("small")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(small, "behind it"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	holed := holed{f, 1 << 20, size - 1<<20} // zeros of big, with a margin
	a, err := Open(holed, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := a.Canonical(); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	for name, want := range map[string]int64{"big": size, "small": 9} {
		r, err := a.Open(name, Limit{Bytes: size})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || n != want { // the CRC too
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	zr, err := zip.NewReader(holed, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, zf := range zr.File {
		r, err := zf.Open()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, r); err != nil || uint64(n) != zf.UncompressedSize64 {
			t.Errorf("archive/zip, %s: %d, %v", zf.Name, n, err)
		}
	}
	t.Run("python", func(t *testing.T) {
		run(t, "behind it 4294979641", "python3", "-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.read('small').decode(), z.getinfo('big').file_size)", f.Name())
	})
	t.Run("unzip", func(t *testing.T) { run(t, "2 files", "unzip", "-l", f.Name()) })
}

// A member of undeclared size stops before it would need another header.
func TestUndeclaredIsBounded(t *testing.T) {
	w, err := NewWriter(newMemory())
	if err != nil {
		t.Fatal(err)
	}
	dst, err := w.Create("a")
	if err != nil {
		t.Fatal(err)
	}
	w.open.entry.size = max32 - 2 // as if that much had been written
	if _, err := dst.Write([]byte("x")); err != nil {
		t.Errorf("the last byte that fits: %v", err)
	}
	if _, err := dst.Write([]byte("x")); err == nil || !strings.Contains(err.Error(), "4294967294") {
		t.Errorf("one more: %v", err)
	}
}

// T7: an archive with too many members is refused before they are read.
func TestTooManyMembers(t *testing.T) {
	const count, dir = MaxMembers + 1, 100
	size := int64(count * (lenCentral + 1))
	tail := appendEnd(nil, count, dir, size)
	r := &made{head: appendLocal(nil, entry{name: "a"}), tail: tail, size: dir + size + int64(len(tail))}
	_, err := Open(r, r.size)
	if keyOf(err) != "zip.too_many" || r.read > 1<<18 {
		t.Errorf("%v after %d bytes", err, r.read)
	}
}

// made is a file of zeros between a head and a tail; read counts bytes.
type made struct {
	head, tail []byte
	size, read int64
}

func (m *made) ReadAt(p []byte, off int64) (int, error) {
	m.read += int64(len(p))
	clear(p)
	if off < int64(len(m.head)) {
		copy(p, m.head[off:])
	}
	if at := m.size - int64(len(m.tail)); off+int64(len(p)) > at {
		if off < at {
			copy(p[at-off:], m.tail)
		} else {
			copy(p, m.tail[off-at:])
		}
	}
	return len(p), nil
}

func BenchmarkOpen(b *testing.B) {
	m := newMemory()
	w, err := NewWriter(m)
	if err != nil {
		b.Fatal(err)
	}
	const n = 100_000
	for i := range n {
		dst, err := w.Create(fmt.Sprintf("evidence/%03d/item-%d.json", i%997, i))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := dst.Write(nought[:100]); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		a, err := open(m.b)
		if err != nil {
			b.Fatal(err)
		}
		if p, err := a.Canonical(); err != nil || len(p) > 0 {
			b.Fatal(p, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/member")
}

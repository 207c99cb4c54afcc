package zipfile

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// memory is an io.WriteSeeker; left bytes may still be written, −1 for no limit.
type memory struct {
	b    []byte
	pos  int
	left int
}

func newMemory() *memory { return &memory{left: -1} }

func (m *memory) Write(p []byte) (int, error) {
	if m.left >= 0 && len(p) > m.left {
		return 0, errors.New("the disk is full")
	}
	if m.left >= 0 {
		m.left -= len(p)
	}
	if need := m.pos + len(p); need > len(m.b) {
		m.b = append(m.b, make([]byte, need-len(m.b))...)
	}
	m.pos += copy(m.b[m.pos:], p)
	return len(p), nil
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
		m.pos = int(offset)
	case io.SeekEnd:
		m.pos = len(m.b) + int(offset)
	default:
		return 0, errors.New("not used")
	}
	return int64(m.pos), nil
}

type file struct {
	name string
	data []byte
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// build writes files with the Writer, every other one with its size declared.
func build(t fataler, files ...file) []byte {
	t.Helper()
	m := newMemory()
	w, err := NewWriter(m)
	if err != nil {
		t.Fatalf("%v", err)
	}
	for i, f := range files {
		var dst io.Writer
		if i%2 == 0 {
			dst, err = w.Create(f.name)
		} else {
			dst, err = w.CreateSized(f.name, int64(len(f.data)))
		}
		if err != nil {
			t.Fatalf("%q: %v", f.name, err)
		}
		if _, err := io.Copy(dst, struct{ io.Reader }{bytes.NewReader(f.data)}); err != nil {
			t.Fatalf("%q: %v", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatalf("%v", err)
	}
	return m.b
}

func open(b []byte) (*Archive, error) { return Open(bytes.NewReader(b), int64(len(b))) }

var everything = Limit{Bytes: 1 << 24, Ratio: 200}

// contents opens, proves and reads all of b.
func contents(b []byte) ([]file, []Problem, error) {
	a, err := open(b)
	if err != nil {
		return nil, nil, err
	}
	problems, err := a.Canonical()
	if err != nil {
		return nil, nil, err
	}
	var files []file
	for _, m := range a.Members() {
		if m.Dir {
			continue
		}
		r, err := a.Open(m.Name, everything)
		if err != nil {
			return nil, problems, err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, problems, err
		}
		files = append(files, file{m.Name, data})
	}
	return files, problems, nil
}

func same(a, b []file) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].name != b[i].name || !bytes.Equal(a[i].data, b[i].data) {
			return false
		}
	}
	return true
}

func fill(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7) ^ byte(i>>8)
	}
	return b
}

var sample = []file{
	{"manifest.json", []byte(`{"version":1}`)},
	{"evidence/0001/Åtkomst – kvartal 1.csv", fill(300)},
	{"evidence/0002/empty", nil},
	{"bevis/report.pdf", fill(200)},
}

func TestRoundTrip(t *testing.T) {
	for name, files := range map[string][]file{
		"none":   nil,
		"sample": sample,
		"at the edges of what is held in memory": {
			{"a", fill(hold - 1)},
			{"b", fill(hold)},
			{"c", fill(hold + 1)},
			{"d", fill(hold + 1)},
			{"e", fill(3*hold + 5)},
			{"f", fill(3*hold + 5)},
		},
	} {
		b := build(t, files...)
		got, problems, err := contents(b)
		if err != nil || len(problems) > 0 || !same(got, files) {
			t.Errorf("%s: %d members, %v, %v", name, len(got), problems, err)
		}
		if again := build(t, files...); !bytes.Equal(again, b) {
			t.Errorf("%s: the same members gave other bytes", name)
		}
	}
	// Our own form must not change by accident: packages already out are compared
	// with it for ever.
	sum := sha256.Sum256(build(t, sample...))
	const want = "8f6d35a7924f09609cbf3b9c2f377c611fcf87894f159b2b77541698f05385b4"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("the canonical form changed: %s", got)
	}
}

// What we write, others read: Go, Python and Info-ZIP.
func TestOthersReadIt(t *testing.T) {
	files := append([]file{{"large", fill(200 << 10)}}, sample...)
	b := build(t, files...)
	zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var got []file
	for _, f := range zr.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, file{f.Name, data})
		if f.Mode() != 0o644 || f.Modified.Format("2006-01-02 15:04:05") != "1980-01-01 00:00:00" {
			t.Errorf("%s: %v, %v", f.Name, f.Mode(), f.Modified)
		}
	}
	if !same(got, files) || zr.Comment != "" {
		t.Errorf("archive/zip read %d members", len(got))
	}
	name := filepath.Join(t.TempDir(), "p.zip")
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("unzip", func(t *testing.T) { run(t, "No errors detected", "unzip", "-t", name) })
	t.Run("python", func(t *testing.T) {
		run(t, "flags 5 of 5", "python3", "-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; "+
			"assert z.read('evidence/0001/Åtkomst – kvartal 1.csv')[:3]==bytes([0,7,14]); print('flags', sum(i.flag_bits==0x800 for i in z.infolist()), 'of', len(z.namelist()))", name)
	})
}

func run(t *testing.T, want, program string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("skipped: %s is not installed", program)
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v\n%s", err, out)
	}
}

// T24: no flipped bit, no byte taken away and none added goes unnoticed, and each
// time a place is named.
func TestEveryByteCounts(t *testing.T) {
	b := build(t, sample...)
	unnoticed := func(b []byte) string {
		files, problems, err := contents(b)
		switch f, ok := fault.As(err); {
		case err != nil && !ok:
			return "not a fault: " + err.Error()
		case err != nil && f.Kind == fault.Unavailable:
			return "blamed on the disk: " + err.Error()
		case err != nil && len(f.Args) == 0 && f.Key != "zip.no_end" && f.Key != "zip.not_zip" && f.Key != "zip.split" && f.Key != "zip.name_empty":
			return "names no place: " + err.Error()
		case err != nil, len(problems) > 0:
			return ""
		case same(files, sample):
			return "same content, no problem"
		}
		return "other content, no problem and no error" // the CRC should have told
	}
	for i := range b {
		for bit := range 8 {
			c := bytes.Clone(b)
			c[i] ^= 1 << bit
			if s := unnoticed(c); s != "" {
				t.Errorf("byte %d, bit %d: %s", i, bit, s)
			}
		}
		if s := unnoticed(append(bytes.Clone(b[:i]), b[i+1:]...)); s != "" {
			t.Errorf("byte %d taken away: %s", i, s)
		}
		if s := unnoticed(append(append(bytes.Clone(b[:i]), 'P'), b[i:]...)); s != "" {
			t.Errorf("byte added before %d: %s", i, s)
		}
		if s := unnoticed(b[:i]); s != "" {
			t.Errorf("cut at %d: %s", i, s)
		}
	}
	if s := unnoticed(append(bytes.Clone(b), 0)); s != "" {
		t.Errorf("byte added at the end: %s", s)
	}
}

// Repacked by others: readable, and every difference of the framing is told.
func TestForeignFraming(t *testing.T) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, f := range append([]file{{"evidence/", nil}}, sample...) {
		w, err := zw.Create(f.name) // deflated, with data descriptors
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.SetComment("packed anew"); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	foreign := map[string][]byte{"archive/zip": buf.Bytes()}
	if _, err := exec.LookPath("zip"); err == nil {
		dir := t.TempDir()
		for _, f := range sample {
			name := filepath.Join(dir, filepath.FromSlash(f.name))
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "zip", "-q", "-r", "p.zip", "manifest.json", "evidence", "bevis")
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		b, err := os.ReadFile(filepath.Join(dir, "p.zip"))
		if err != nil {
			t.Fatal(err)
		}
		foreign["zip"] = b
	}
	for name, b := range foreign {
		a, err := open(b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, f := range sample {
			r, err := a.Open(f.name, everything)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if err := iotest.TestReader(r, f.data); err != nil {
				t.Errorf("%s, %s: %v", name, f.name, err)
			}
		}
		problems, err := a.Canonical()
		if err != nil || len(problems) < len(sample) {
			t.Errorf("%s: %v, %v", name, problems, err)
		}
		for _, p := range problems {
			for _, lang := range i18n.Languages {
				s := i18n.In(lang, "problem."+p.Code, append([]any{"Path", p.Path}, p.Args...)...)
				if !strings.Contains(s, p.Path) || strings.ContainsAny(s, "‹{") || strings.Contains(s, "no value") {
					t.Errorf("%s: %q", lang, s)
				}
			}
		}
	}
}

// Whatever members there are, the archive is canonical, gives them back, and
// archive/zip agrees.
func TestAnyMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []file
		for i := range rapid.IntRange(0, 8).Draw(t, "members") {
			title := rapid.String().Draw(t, "title")
			data := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "data")
			if rapid.IntRange(0, 9).Draw(t, "large") == 0 {
				data = bytes.Repeat(append(data, 1), hold/20)
			}
			files = append(files, file{fmt.Sprintf("d%d/%d %s", i%3, i, CleanName(title)), data})
		}
		b := build(t, files...)
		got, problems, err := contents(b)
		if err != nil || len(problems) > 0 || !same(got, files) {
			t.Fatalf("%v, %v", problems, err)
		}
		zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(zr.File) != len(files) {
			t.Fatalf("archive/zip: %v", err)
		}
		for i, f := range zr.File {
			if f.Name != files[i].name || f.UncompressedSize64 != uint64(len(files[i].data)) {
				t.Fatalf("archive/zip: %+v", f.FileHeader)
			}
		}
	})
}

func TestWriterRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		do   func(w *Writer) error
		want string
	}{
		"path": {func(w *Writer) error { _, err := w.Create("../x"); return err }, "zip.name_part"},
		"twice": {func(w *Writer) error {
			if _, err := w.Create("a"); err != nil {
				return err
			}
			_, err := w.Create("A")
			return err
		}, "zip.name_twice"},
		"too little": {func(w *Writer) error {
			if _, err := w.CreateSized("a", 3); err != nil {
				return err
			}
			_, err := w.Create("b")
			return err
		}, `zipfile: member "a": 3 bytes declared, 0 written`},
		"too much": {func(w *Writer) error {
			m, err := w.CreateSized("a", 3)
			if err != nil {
				return err
			}
			_, err = m.Write([]byte("four"))
			return err
		}, `zipfile: member "a": more than 3 bytes`},
		"negative": {func(w *Writer) error { _, err := w.CreateSized("a", -1); return err }, `zipfile: member "a": size -1`},
	} {
		m := newMemory()
		w, err := NewWriter(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := keyOf(tc.do(w)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
		if name == "negative" {
			continue
		}
		if err := w.Close(); keyOf(err) != tc.want {
			t.Errorf("%s: closed with %v", name, err)
		}
	}
	full := &memory{b: []byte("x"), left: -1}
	if _, err := NewWriter(full); err == nil {
		t.Error("a file with content was taken")
	}
	m := newMemory()
	w, err := NewWriter(m)
	if err != nil {
		t.Fatal(err)
	}
	one, err := w.Create("one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create("two"); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Write([]byte("late")); err == nil {
		t.Error("a member that had ended took more")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Create("three"); err == nil {
		t.Error("a closed archive took a member")
	}
}

// F3: a disk that fills up at any byte is an error, never half an archive that
// looks whole.
func TestDiskFull(t *testing.T) {
	files := append([]file{{"large", fill(hold + 10)}}, sample...)
	whole := build(t, files...)
	// What is patched is written twice; so a little more than the length is needed.
	for left := 0; left < len(whole)+100; left += 97 {
		m := &memory{left: left}
		w, err := NewWriter(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			dst, err := w.Create(f.name)
			if err != nil {
				break
			}
			if _, err := dst.Write(f.data); err != nil {
				break
			}
		}
		if err := w.Close(); err == nil && !bytes.Equal(m.b, whole) {
			t.Errorf("%d bytes of space: no error and half an archive", left)
		} else if err == nil && left < len(whole) {
			t.Errorf("%d bytes of space for %d", left, len(whole))
		}
	}
}

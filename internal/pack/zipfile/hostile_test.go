package zipfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// offsets of the parts of an archive built from files, all small.
func parts(files []file) (locals []int, dir int, central []int, end int) {
	pos := 0
	for _, f := range files {
		locals = append(locals, pos)
		pos += lenLocal + len(f.name) + len(f.data)
	}
	dir = pos
	for _, f := range files {
		central = append(central, pos)
		pos += lenCentral + len(f.name)
	}
	return locals, dir, central, pos
}

// The malicious corpus of T7, T8 and T24: each is refused before a byte of data is
// read, with the fault that says why.
func TestHostile(t *testing.T) {
	files := []file{{"aaaa", fill(50)}, {"bbbb", fill(60)}}
	locals, dir, central, end := parts(files)
	rename := func(b []byte, name string) {
		copy(b[locals[0]+lenLocal:], name)
		copy(b[central[0]+lenCentral:], name)
	}
	for name, tc := range map[string]struct {
		edit func(b []byte) []byte
		want string
	}{
		"untouched":        {func(b []byte) []byte { return b }, ""},
		"nothing":          {func([]byte) []byte { return nil }, "zip.not_zip"},
		"text":             {func([]byte) []byte { return []byte(strings.Repeat("Dear auditor, ", 9)) }, "zip.not_zip"},
		"something before": {func(b []byte) []byte { return append([]byte("#!/bin/sh\n"), b...) }, "zip.not_zip"},
		"cut":              {func(b []byte) []byte { return b[:len(b)-30] }, "zip.no_end"},
		"something behind": {func(b []byte) []byte { return append(b, "PK"...) }, "zip.no_end"},
		"zip slip":         {func(b []byte) []byte { rename(b, "../x"); return b }, "zip.name_part"},
		"absolute":         {func(b []byte) []byte { rename(b, "/etc"); return b }, "zip.name_absolute"},
		"device":           {func(b []byte) []byte { rename(b, "nul."); return b }, "zip.name_trailing"},
		"meeting":          {func(b []byte) []byte { rename(b, "BBBB"); return b }, "zip.name_twice"},
		"two names":        {func(b []byte) []byte { copy(b[central[0]+lenCentral:], "cccc"); return b }, "zip.header_differs"},
		"two sizes": {func(b []byte) []byte {
			le.PutUint32(b[locals[0]+18:], 49)
			le.PutUint32(b[locals[0]+22:], 49)
			return b
		}, "zip.header_differs"},
		"link":                   {func(b []byte) []byte { le.PutUint32(b[central[0]+38:], 0o120777<<16); return b }, "zip.special"},
		"pipe":                   {func(b []byte) []byte { le.PutUint32(b[central[0]+38:], 0o010644<<16); return b }, "zip.special"},
		"encrypted":              {func(b []byte) []byte { b[central[0]+8] |= 1; return b }, "zip.encrypted"},
		"encrypted in one place": {func(b []byte) []byte { b[locals[0]+6] |= 1; return b }, "zip.header_differs"},
		"bzip2":                  {func(b []byte) []byte { b[central[0]+10] = 12; return b }, "zip.method"},
		"other disk":             {func(b []byte) []byte { b[central[0]+34] = 1; return b }, "zip.split"},
		"of many":                {func(b []byte) []byte { b[end+4] = 1; return b }, "zip.split"},
		"stored, and larger unpacked": {func(b []byte) []byte {
			le.PutUint32(b[central[0]+24:], 1<<30)
			return b
		}, "zip.sizes"},
		"into the directory": {func(b []byte) []byte {
			for _, at := range []int{central[1] + 20, locals[1] + 18} {
				le.PutUint32(b[at:], 61)
				le.PutUint32(b[at+4:], 61)
			}
			return b
		}, "zip.outside"},
		"far outside": {func(b []byte) []byte {
			le.PutUint32(b[central[1]+20:], 1<<31)
			le.PutUint32(b[central[1]+24:], 1<<31)
			return b
		}, "zip.outside"},
		"header in the directory": {func(b []byte) []byte { le.PutUint32(b[central[1]+42:], uint32(dir)); return b }, "zip.outside"},
		"header in other data":    {func(b []byte) []byte { le.PutUint32(b[central[1]+42:], uint32(lenLocal+9)); return b }, "zip.header_differs"},
		"members over each other": {func(b []byte) []byte {
			for _, at := range []int{central[0] + 20, locals[0] + 18} {
				le.PutUint32(b[at:], 51)
				le.PutUint32(b[at+4:], 51)
			}
			return b
		}, "zip.overlap"},
		"size only in Zip64, which is missing": {func(b []byte) []byte {
			le.PutUint32(b[central[0]+24:], max32)
			return b
		}, "zip.torn"},
		"more members than there are": {func(b []byte) []byte {
			le.PutUint16(b[end+8:], 3)
			le.PutUint16(b[end+10:], 3)
			return b
		}, "zip.torn"},
		"fewer members than there are": {func(b []byte) []byte {
			le.PutUint16(b[end+8:], 1)
			le.PutUint16(b[end+10:], 1)
			return b
		}, "zip.torn"},
		"a million and one": {func(b []byte) []byte {
			return end64(b[:end], MaxMembers+1, dir, end-dir)
		}, "zip.torn"}, // refused by arithmetic: they cannot fit
		"Zip64 numbers that disagree": {func(b []byte) []byte {
			c := end64(b[:end:end], 2, dir, end-dir)
			le.PutUint16(c[len(c)-lenEnd+10:], 1)
			le.PutUint16(c[len(c)-lenEnd+8:], 1)
			return c
		}, "zip.torn"},
		"Zip64 out of this world": {func(b []byte) []byte {
			c := end64(b[:end:end], 2, dir, end-dir)
			le.PutUint64(c[end+48:], math.MaxUint64-3)
			return c
		}, "zip.torn"},
		"locator to nowhere": {func(b []byte) []byte {
			c := end64(b[:end:end], 2, dir, end-dir)
			le.PutUint64(c[end+lenEnd64+8:], math.MaxUint64)
			return c
		}, "zip.torn"},
	} {
		_, err := open(tc.edit(build(t, files...)))
		if got := keyOf(err); got != tc.want {
			t.Errorf("%s: %q, want %q (%v)", name, got, tc.want, err)
		}
		if err == nil {
			continue
		}
		for _, lang := range i18n.Languages {
			if s := i18n.Fault(i18n.With(t.Context(), lang), err, ""); strings.ContainsAny(s, "‹{") || strings.Contains(s, "no value") {
				t.Errorf("%s: %q", name, s)
			}
		}
	}
}

// end64 appends the end of a Zip64 archive that does not need it.
func end64(b []byte, count uint64, dir, size int) []byte {
	at := len(b)
	b = appendEnd(b, max16, int64(dir), int64(size))
	le.PutUint64(b[at+24:], count)
	le.PutUint64(b[at+32:], count)
	return b
}

// Zip64 where it is not needed can be read, and is not ours.
func TestNeedlessZip64(t *testing.T) {
	_, dir, _, end := parts(sample)
	b := end64(build(t, sample...)[:end], uint64(len(sample)), dir, end-dir)
	files, problems, err := contents(b)
	if err != nil || !same(files, sample) || len(problems) != 1 || problems[0].Code != "zip.end" {
		t.Errorf("%v, %v", problems, err)
	}
}

// T7: bombs are refused before they unfold, and never give more than declared.
func TestBombs(t *testing.T) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	bomb, err := zw.Create("zeros")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(bomb, zeros{}, 20<<20); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := open(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[Limit]string{
		{Bytes: 20<<20 - 1, Ratio: 2000}: "zip.large",
		{Bytes: 20 << 20, Ratio: 500}:    "zip.bomb",
		{Bytes: 20 << 20, Ratio: 0}:      "zip.packed",
		{Bytes: 0, Ratio: 2000}:          "zip.large",
		{Bytes: 20 << 20, Ratio: 2000}:   "",
	} {
		if _, err := a.Open("zeros", limit); keyOf(err) != want {
			t.Errorf("%+v: %v", limit, err)
		}
	}
	if _, err := a.Section("zeros"); keyOf(err) != "zip.packed" {
		t.Errorf("section: %v", err)
	}
	if _, err := a.Open("Zeros", everything); keyOf(err) != "zip.missing" || fault.KindOf(err) != fault.NotFound {
		t.Errorf("another name: %v", err)
	}

	// One that lies about its size stops at the lie.
	b := bytes.Clone(buf.Bytes())
	m, _ := a.Find("zeros")
	le.PutUint32(b[a.dir+24:], 1000)
	if a, err = open(b); err != nil {
		t.Fatal(err)
	}
	r, err := a.Open("zeros", Limit{Bytes: 1000, Ratio: 1})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := io.Copy(io.Discard, r)
	runtime.ReadMemStats(&after)
	if n != 1000 || keyOf(err) != "zip.data_differs" {
		t.Errorf("a lying bomb gave %d bytes, %v", n, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("reading it took %d bytes", grown)
	}
	// Bytes behind the deflated ones, inside the member, are no place to hide.
	b = bytes.Clone(buf.Bytes())
	le.PutUint32(b[a.dir+20:], uint32(m.Packed)+8)
	if a, err = open(b); err != nil {
		t.Fatal(err)
	}
	if r, err = a.Open("zeros", Limit{Bytes: 20 << 20, Ratio: 2000}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, r); keyOf(err) != "zip.data_differs" {
		t.Errorf("hidden bytes: %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Data altered after the fact is told at the member's end, stored or deflated.
func TestAlteredData(t *testing.T) {
	b := build(t, sample...)
	a, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := a.Find("bevis/report.pdf")
	if !ok {
		t.Fatal("not found")
	}
	b[m.data+7] ^= 1
	r, err := a.Open(m.Name, everything)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if n != m.Size || keyOf(err) != "zip.data_differs" || !strings.Contains(err.Error(), m.Name) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if _, again := r.Read(make([]byte, 1)); !errors.Is(again, err) {
		t.Errorf("read once more: %v", again)
	}
	s, err := a.Section(m.Name)
	if err != nil || s.Size() != 200 {
		t.Fatalf("%v", err)
	}
	var one [3]byte
	if _, err := s.ReadAt(one[:], 100); err != nil || !bytes.Equal(one[:], fill(200)[100:103]) {
		t.Errorf("section: %v, %v", one, err)
	}
}

// failing is a disk on which everything from one offset on cannot be read.
type failing struct {
	b    []byte
	from int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return max(0, int(f.from-off)), f.err
	}
	return bytes.NewReader(f.b).ReadAt(p, off)
}

// A disk that fails is never taken for a bad archive, nor for a good one.
func TestFailingDisk(t *testing.T) {
	b := build(t, sample...)
	for _, broken := range []error{errors.New("input/output error"), io.EOF} {
		for from := range int64(len(b)) {
			_, err := Open(failing{b, from, broken}, int64(len(b)))
			if keyOf(err) != "zip.unreadable" || fault.KindOf(err) != fault.Unavailable {
				t.Fatalf("from %d: %v", from, err)
			}
			a, err := open(b)
			if err != nil {
				t.Fatal(err)
			}
			a.r = failing{b, from, broken}
			if _, err := a.Canonical(); keyOf(err) != "zip.unreadable" {
				t.Fatalf("canonical, from %d: %v", from, err)
			}
			for _, m := range a.Members() {
				r, err := a.Open(m.Name, everything)
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.Copy(io.Discard, r)
				if whole := m.data+m.Size <= from || m.Size == 0; whole != (err == nil) || err != nil && keyOf(err) != "zip.unreadable" {
					t.Fatalf("%s, from %d: %v", m.Name, from, err)
				}
			}
		}
	}
}

// Canonical stops when a file is altogether another.
func TestProblemsAreBounded(t *testing.T) {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for i := range 1000 {
		if _, err := zw.Create(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	a, err := open(buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := a.Canonical(); err != nil || len(problems) != maxProblems {
		t.Errorf("%d problems, %v", len(problems), err)
	}
}

// Whatever the bytes: no panic, no more data than declared, and an archive that is
// canonical and sound is exactly what the Writer makes of its members.
func FuzzOpen(f *testing.F) {
	f.Add(build(f, sample...))
	f.Add(build(f))
	_, dir, _, end := parts(sample)
	f.Add(end64(build(f, sample...)[:end], uint64(len(sample)), dir, end-dir))
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	w, err := zw.Create("a/b")
	if err != nil {
		f.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte("so "), 50)); err != nil {
		f.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(buf.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		files, problems, err := contents(b)
		if err != nil {
			if _, ok := fault.As(err); !ok || fault.KindOf(err) == fault.Unavailable {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(problems) > 0 {
			return
		}
		if again := build(t, files...); !bytes.Equal(again, b) {
			t.Fatalf("canonical, but the writer makes\n%q of\n%q", again, b)
		}
		zr, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil || len(zr.File) != len(files) {
			t.Fatalf("archive/zip sees another archive: %v", err)
		}
	})
}

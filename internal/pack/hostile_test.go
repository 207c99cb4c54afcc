package pack_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/pack"
)

// foreign writes a zip with the standard library's writer.
func foreign(t *testing.T, add func(w *zip.Writer)) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "foreign.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	add(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func put(t *testing.T, w *zip.Writer, name string, method uint16, data io.Reader) {
	t.Helper()
	dst, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err == nil {
		_, err = io.Copy(dst, data)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Threats T7 and T8: what a stranger may hand over as a package gets an answer
// that names what is wrong, in bounded memory, and leaves nothing behind.
func TestHostileFiles(t *testing.T) {
	m := sample(t)
	write := func(data []byte) string {
		t.Helper()
		name := filepath.Join(t.TempDir(), "p.zip")
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	zeros := func(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }
	for name, file := range map[string]string{
		"no bytes":        write(nil),
		"garbage":         write(bytes.Repeat([]byte("garbage "), 5000)),
		"a zip's letters": write([]byte("PK\x03\x04")),
		"an empty zip":    foreign(t, func(*zip.Writer) {}),
		"another zip":     foreign(t, func(w *zip.Writer) { put(t, w, "a.txt", zip.Deflate, strings.NewReader("hello")) }),
		"escaping":        foreign(t, func(w *zip.Writer) { put(t, w, "../evil", zip.Store, strings.NewReader("x")) }),
		"absolute":        foreign(t, func(w *zip.Writer) { put(t, w, "/etc/evil", zip.Store, strings.NewReader("x")) }),
		"a drive":         foreign(t, func(w *zip.Writer) { put(t, w, "C:/evil", zip.Store, strings.NewReader("x")) }),
		"backslashes":     foreign(t, func(w *zip.Writer) { put(t, w, `..\evil`, zip.Store, strings.NewReader("x")) }),
		"twice": foreign(t, func(w *zip.Writer) {
			put(t, w, "manifest.json", zip.Store, strings.NewReader("{}"))
			put(t, w, "manifest.json", zip.Store, strings.NewReader("{}"))
		}),
		"bomb as manifest": foreign(t, func(w *zip.Writer) { put(t, w, "manifest.json", zip.Deflate, zeros(512<<20)) }),
		"deep manifest": foreign(t, func(w *zip.Writer) {
			put(t, w, "manifest.json", zip.Store, strings.NewReader(strings.Repeat("[", 5<<20)))
		}),
		"huge manifest": foreign(t, func(w *zip.Writer) {
			put(t, w, "manifest.json", zip.Store, strings.NewReader(`{"files":"`+strings.Repeat("x", 20<<20)+`"}`))
		}),
		"manifest is no object": foreign(t, func(w *zip.Writer) { put(t, w, "manifest.json", zip.Store, strings.NewReader("null")) }),
		"manifest of nothing":   foreign(t, func(w *zip.Writer) { put(t, w, "manifest.json", zip.Store, strings.NewReader("{}")) }),
		"manifest with a key": foreign(t, func(w *zip.Writer) {
			put(t, w, "manifest.json", zip.Store, strings.NewReader(`{"format":1,"key":"x"}`))
		}),
		"many members": foreign(t, func(w *zip.Writer) {
			for i := range 70000 {
				put(t, w, fmt.Sprint(i), zip.Store, strings.NewReader(""))
			}
		}),
		"packed again, deflated": foreign(t, func(w *zip.Writer) {
			w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 9) })
			for _, p := range m.parts {
				put(t, w, p.name, zip.Deflate, bytes.NewReader(p.data))
			}
		}),
	} {
		r, err := pack.Verify(t.Context(), file, pack.Options{Kinds: kinds, Reperform: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r.Verdict != ledger.Invalid || len(r.Problems) == 0 {
			t.Errorf("%s: %s %v", name, r.Verdict, codes(r))
		}
		readable(t, name, r)
	}
	if r := verify(t, m.zip, pack.Options{}); r.Verdict != ledger.Valid {
		t.Errorf("the sample: %v", codes(r))
	}
}

// readable holds every finding to have a sentence in both languages.
func readable(t *testing.T, name string, r *ledger.Report) {
	t.Helper()
	for _, lang := range i18n.Languages {
		r.Say(func(key string, args ...any) string { return i18n.In(lang, key, args...) })
		for _, p := range r.Problems {
			if p.Message == "" || strings.ContainsAny(p.Message, "‹") || strings.Contains(p.Message, "<no value>") {
				t.Errorf("%s: %s says %q in %s", name, p.Code, p.Message, lang)
			}
		}
	}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A folder with links, pipes and strangers in it.
func TestHostileFolders(t *testing.T) {
	m := sample(t)
	lay := func() string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "p")
		for _, p := range m.parts {
			name := filepath.Join(dir, filepath.FromSlash(p.name))
			if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, p.data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	if r := verify(t, lay(), pack.Options{}); r.Verdict != ledger.Valid {
		t.Fatalf("laid out: %v", codes(r))
	}
	for _, member := range []string{"manifest.json", "proofs/tree.json", "proofs/checkpoint", "proofs/leaves.ndjson", "proofs/scope.json", "index.html", find(t, m.parts, "proofs/entries/evidence/").name} {
		for kind, swap := range map[string]func(name string) error{
			"a link to the same bytes": func(name string) error {
				other := filepath.Join(t.TempDir(), "moved")
				if err := os.Rename(name, other); err != nil {
					return err
				}
				return os.Symlink(other, name)
			},
			"a link within": func(name string) error {
				return firstErr(os.Rename(name, name+".real"), os.Symlink(filepath.Base(name)+".real", name))
			},
			"a pipe":         func(name string) error { return firstErr(os.Remove(name), syscall.Mkfifo(name, 0o600)) },
			"a folder":       func(name string) error { return firstErr(os.Remove(name), os.Mkdir(name, 0o700)) },
			"a link to /":    func(name string) error { return firstErr(os.Remove(name), os.Symlink("/", name)) },
			"a link to self": func(name string) error { return firstErr(os.Remove(name), os.Symlink(filepath.Base(name), name)) },
		} {
			dir := lay()
			if err := swap(filepath.Join(dir, filepath.FromSlash(member))); err != nil {
				t.Fatal(err)
			}
			if r := verify(t, dir, pack.Options{}); r.Verdict != ledger.Invalid || !has(r, member, "") {
				t.Errorf("%s is %s: %s %v", member, kind, r.Verdict, codes(r))
			}
		}
	}
	dir := lay()
	if err := os.WriteFile(filepath.Join(dir, "Thumbs.db"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, dir, pack.Options{}); r.Verdict != ledger.Invalid || !has(r, "Thumbs.db", "pack.member_extra") {
		t.Errorf("a stranger: %s %v", r.Verdict, codes(r))
	}
	if r := verify(t, t.TempDir(), pack.Options{}); r.Verdict != ledger.Invalid || !has(r, "manifest.json", "pack.manifest_missing") {
		t.Errorf("an empty folder: %s %v", r.Verdict, codes(r))
	}
	pipe := filepath.Join(t.TempDir(), "p.zip")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, pipe, pack.Options{}); r.Verdict != ledger.Invalid {
		t.Errorf("a pipe: %s", r.Verdict)
	}
	_, err := pack.Verify(t.Context(), filepath.Join(t.TempDir(), "none.zip"), pack.Options{})
	if !fault.Is(err, "pack.no_file") || fault.KindOf(err) != fault.Invalid {
		t.Errorf("no such file: %v", err)
	}
}

func firstErr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Proof files full of extreme values, signed by whoever made them: an answer each
// time, never valid, never a panic, and a sentence for everything found.
func TestHostileProofs(t *testing.T) {
	m := sample(t)
	values := []any{nil, true, "x", strings.Repeat("0", 66), -1, 1 << 62, []any{""}, []any{strings.Repeat("f", 64)}, map[string]any{}}
	tried := 0
	for _, member := range []string{
		"proofs/tree.json", "proofs/scope.json", "proofs/seal.json", find(t, m.parts, "proofs/entries/evidence/").name, find(t, m.parts, "proofs/entries/dataset/").name,
		find(t, m.parts, "proofs/entries/anchor/").name, find(t, m.parts, "proofs/entries/erasure/").name, lastOf(t, m.parts, "proofs/entries/window/"),
	} {
		var fields map[string]any
		dec := json.NewDecoder(bytes.NewReader(find(t, m.parts, member).data))
		dec.UseNumber()
		if err := dec.Decode(&fields); err != nil {
			t.Fatal(err)
		}
		for field := range fields {
			for _, v := range values {
				if raw := canonical(t, v); bytes.Equal(raw, canonical(t, fields[field])) {
					continue
				}
				parts := clone(m.parts)
				edit(t, find(t, parts, member), func(x *map[string]any) {
					*x = map[string]any{}
					maps.Copy(*x, fields)
					(*x)[field] = v
				})
				tried++
				where := fmt.Sprintf("%s: %s = %v", member, field, v)
				r, err := pack.Verify(context.Background(), writeParts(t, repair(t, parts, &m.key)), pack.Options{Kinds: kinds})
				switch {
				case err != nil:
					t.Errorf("%s: %v", where, err)
				case r.Verdict == ledger.Valid:
					t.Errorf("%s: valid", where)
				default:
					readable(t, where, r)
				}
			}
		}
	}
	t.Logf("%d values tried", tried)
}

// Trust files: what a reader may have been given, and what is no such thing.
func TestReadTrust(t *testing.T) {
	m := sample(t)
	finger := m.key.Fingerprint()
	grouped := strings.ToUpper(finger[:32]) + " : " + finger[32:]
	for name, tc := range map[string]struct {
		text string
		keys int
		ok   bool
	}{
		"a key":             {m.key.String() + "\n", 1, true},
		"a fingerprint":     {finger, 1, true},
		"in groups":         {"# given on the phone\n\n" + grouped + "\r\n", 1, true},
		"two":               {finger + "\n" + m.key.String(), 2, true},
		"a certificate":     {string(m.root), 0, true},
		"both":              {string(m.root) + finger + "\n", 1, true},
		"nothing":           {"", 0, false},
		"a comment":         {"# nothing\n", 0, false},
		"half a print":      {finger[:63], 0, false},
		"other letters":     {strings.Repeat("g", 64), 0, false},
		"a print and prose": {finger + "\ncall me\n", 0, false},
		"a secret key":      {m.key.Secret(), 0, false},
	} {
		file := filepath.Join(t.TempDir(), "trust")
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := pack.ReadTrust(file)
		if (err == nil) != tc.ok || tc.ok && len(got.Fingerprints) != tc.keys {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if !tc.ok && !fault.Is(err, "pack.trust_file") {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), m.key.Secret()) {
			t.Errorf("%s: the fault quotes the secret", name)
		}
	}
	if _, err := pack.ReadTrust(filepath.Join(t.TempDir(), "none")); !fault.Is(err, "pack.no_file") || fault.KindOf(err) != fault.Invalid {
		t.Errorf("no file: %v", err)
	}
}

// An item that is in only because a newer one stands for it, and the files of
// versions before the last, are in the package like all else.
func TestFilesOfWhatCameBefore(t *testing.T) {
	s := newShop(t, filepath.Join(t.TempDir(), "ws"))
	s.clock = day(t, "2026-05-02")
	_, err := s.Controls.Adopt(s.ctx, []string{"OP-05"}, "", "2025-12-01") // availability: not in scope
	s.must(err)
	f, err := s.Evidence.Keep(s.ctx, "old.txt", strings.NewReader("the older item"))
	s.must(err)
	old, err := s.Evidence.Add(s.ctx, evidence.Upload{Type: evidence.AccessLog, Controls: []string{"OP-05"}, OccurredFrom: "2025-12-05", Files: []evidence.File{f}})
	s.must(err)
	f, err = s.Evidence.Keep(s.ctx, "new.txt", strings.NewReader("the newer item"))
	s.must(err)
	_, err = s.Evidence.Add(s.ctx, evidence.Upload{Type: evidence.AccessLog, Controls: []string{"AC-04"}, OccurredFrom: "2026-02-05", Files: []evidence.File{f}, Supersedes: old.Value.Code})
	s.must(err)
	out := s.pack(s.seal(s.open()), "p.zip", false)
	if r := verify(t, out, pack.Options{}); r.Verdict != ledger.Valid {
		t.Errorf("%s %v", r.Verdict, codes(r))
	}
	for _, want := range []string{"the older item", "the newer item"} {
		n := 0
		for _, p := range readParts(t, out) {
			if string(p.data) == want {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q is in %d members", want, n)
		}
	}
	s.must(s.Close())
}

package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/blob"
	"bevis/internal/blob/blobtest"
	"bevis/internal/fault"
	"bevis/internal/i18n"
)

var now = time.Date(2030, 3, 14, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string) *blob.Dir {
	t.Helper()
	d, err := blob.OpenDir(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirConforms(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blob.Store {
		dir := t.TempDir()
		t.Cleanup(func() { noTemporaries(t, dir) })
		return open(t, filepath.Join(dir, "a", "blobs"))
	})
}

// noTemporaries fails if anything in dir is not a blob under its name.
func noTemporaries(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && blob.CheckDigest(e.Name()) != nil {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestLayoutAndModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	ref, err := open(t, dir).Put(t.Context(), strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	const want = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // sha256sum of hello
	if ref.SHA256 != want {
		t.Errorf("digest %s", ref.SHA256)
	}
	for path, mode := range map[string]fs.FileMode{
		"": 0o700 | fs.ModeDir, "2c": 0o700 | fs.ModeDir, "tmp": 0o700 | fs.ModeDir, "2c/" + want: 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// The same bytes again must not touch the file that is there.
func TestPutAgainWritesNothing(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	ref, err := d.Put(t.Context(), strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, ref.SHA256[:2], ref.SHA256)
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), strings.NewReader("hello"), 5); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(name); err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("rewritten: %v, %v", after, err)
	}
}

// F5: bit rot of every kind is found and named, and good bytes put again heal it.
func TestRotIsFound(t *testing.T) {
	content := blobtest.Bytes(1, 300<<10)
	for name, rot := range map[string]func(t *testing.T, file string){
		"one bit of the last byte": func(t *testing.T, file string) {
			b := bytes.Clone(content)
			b[len(b)-1] ^= 1
			write(t, file, b)
		},
		"cut short": func(t *testing.T, file string) { write(t, file, content[:len(content)-1]) },
		"emptied":   func(t *testing.T, file string) { write(t, file, nil) },
		"lengthened": func(t *testing.T, file string) {
			write(t, file, append(bytes.Clone(content), 0))
		},
		"a link to the same bytes": func(t *testing.T, file string) {
			write(t, file+".x", content)
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(file+".x", file); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			d := open(t, dir)
			ref, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			rot(t, filepath.Join(dir, ref.SHA256[:2], ref.SHA256))
			err = d.Verify(t.Context(), ref.SHA256)
			if !fault.Is(err, "blob.damaged") || !strings.Contains(i18n.Fault(t.Context(), err, ""), ref.SHA256) {
				t.Errorf("verify: %v", err)
			}
			if all := blobtest.All(t, d); len(all) != 1 {
				t.Errorf("a damaged blob must still be listed, so that somebody verifies it: %v", all)
			}
			if _, err := d.Put(t.Context(), bytes.NewReader(content), 1<<20); err != nil {
				t.Fatal(err)
			}
			if err := d.Verify(t.Context(), ref.SHA256); err != nil {
				t.Errorf("after the same bytes came again: %v", err)
			}
		})
	}
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Leftovers of a crash go, but not what another process may be writing.
func TestCrashLeftovers(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	for name, age := range map[string]time.Duration{
		"put-1": time.Hour + time.Second, "put-2": 300 * 24 * time.Hour, "put-3": time.Hour, "put-4": 0, "put-5": -time.Hour,
	} {
		file := filepath.Join(dir, "tmp", name)
		write(t, file, []byte("half a fi"))
		if err := os.Chtimes(file, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	d := open(t, dir)
	left, err := filepath.Glob(filepath.Join(dir, "tmp", "*"))
	if err != nil || len(left) != 3 {
		t.Errorf("left: %v, %v", left, err)
	}
	if all := blobtest.All(t, d); len(all) != 0 {
		t.Errorf("leftovers are listed as blobs: %v", all)
	}
}

func TestListPassesOverStrangers(t *testing.T) {
	dir := t.TempDir()
	d := open(t, dir)
	ref, err := d.Put(t.Context(), strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "lost.txt"), []byte("x"))
	write(t, filepath.Join(dir, ref.SHA256[:2], ".DS_Store"), []byte("x"))
	write(t, filepath.Join(dir, ref.SHA256[:2], "ff"+ref.SHA256[2:]), []byte("a blob in the wrong drawer"))
	if all := blobtest.All(t, d); len(all) != 1 || all[ref.SHA256] != 5 {
		t.Errorf("listed %v", all)
	}
}

// A folder that cannot be used is said so, with its name; root is stopped by what
// is not a folder.
func TestUnusableFolder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, []byte("x"))
	for _, path := range []string{file, filepath.Join(file, "blobs")} {
		_, err := blob.OpenDir(path, now)
		if !fault.Is(err, "blob.folder") || fault.KindOf(err) != fault.Unavailable ||
			!strings.Contains(i18n.Fault(t.Context(), err, ""), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	d := open(t, filepath.Join(dir, "blobs"))
	ref, err := d.Put(t.Context(), strings.NewReader("hello"), 5)
	if err != nil {
		t.Fatal(err)
	}
	// A file lies where the blob's folder belongs, and then where temporary files do.
	write(t, filepath.Join(dir, "blobs", blobtest.Digest([]byte("more"))[:2]), []byte("x"))
	if _, err := d.Put(t.Context(), strings.NewReader("more"), 5); !fault.Is(err, "blob.disk_failed") {
		t.Errorf("put: %v", err)
	}
	noTemporaries(t, filepath.Join(dir, "blobs", "tmp"))
	if err := os.RemoveAll(filepath.Join(dir, "blobs", "tmp")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "blobs", "tmp"), []byte("x"))
	if _, err := d.Put(t.Context(), strings.NewReader("most"), 5); !fault.Is(err, "blob.disk_failed") {
		t.Errorf("put: %v", err)
	}
	if err := d.Verify(t.Context(), ref.SHA256); err != nil {
		t.Errorf("what was acknowledged: %v", err)
	}
}

func TestNotWritable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("skipped: root may write everywhere; TestDiskFaults tries a read-only disk instead")
	}
	dir := t.TempDir()
	d := open(t, dir)
	if err := os.Chmod(filepath.Join(dir, "tmp"), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(dir, "tmp"), 0o700) })
	if _, err := d.Put(t.Context(), strings.NewReader("x"), 1); !fault.Is(err, "blob.disk_failed") {
		t.Errorf("put: %v", err)
	}
}

func TestHumanLimit(t *testing.T) {
	d := open(t, t.TempDir())
	for limit, want := range map[int64]string{
		1: "1 B", 1000: "1 kB", 1024: "1 KiB", 1_000_000: "1 MB", 1536: "1536 B", 1 << 20: "1 MiB", 3 << 19: "1536 KiB",
	} {
		_, err := d.Put(t.Context(), bytes.NewReader(make([]byte, limit+1)), limit)
		for _, lang := range i18n.Languages {
			if s := i18n.Fault(i18n.With(t.Context(), lang), err, ""); !strings.Contains(s, " "+want+",") {
				t.Errorf("%d in %s: %s", limit, lang, s)
			}
		}
	}
}

// F1: a process killed at any moment leaves what it acknowledged (I1) and nothing
// half (I2).
func TestKilled(t *testing.T) {
	if dir := os.Getenv("BLOB_TEST_KILLED"); dir != "" {
		d := open(t, dir)
		for i := 0; ; i++ {
			b := blobtest.Bytes(byte(rand.Uint32()), 1+rand.IntN(400<<10))
			ref, err := d.Put(context.Background(), bytes.NewReader(b), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Println("ack", ref.SHA256)
		}
	}
	dir := t.TempDir()
	rnd := rand.New(rand.NewPCG(1, 2))
	acked := map[string]bool{}
	for range 15 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "BLOB_TEST_KILLED="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for left, lines := 1+rnd.IntN(12), bufio.NewScanner(out); lines.Scan(); left-- {
			if d, ok := strings.CutPrefix(lines.Text(), "ack "); ok {
				acked[d] = true
			}
			if left == 0 {
				time.Sleep(time.Duration(rnd.IntN(3000)) * time.Microsecond) // somewhere inside the next one
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the writer ended by itself: %v", err)
		}
	}
	d := open(t, dir)
	all := blobtest.All(t, d)
	for a := range acked {
		if _, ok := all[a]; !ok {
			t.Errorf("acknowledged and gone: %s", a)
		}
	}
	for a := range all {
		if err := d.Verify(t.Context(), a); err != nil {
			t.Error(err)
		}
	}
	if len(acked) < 15 {
		t.Errorf("only %d acknowledged: the test tried nothing", len(acked))
	}
	// The next start an hour later finds the house clean.
	if _, err := blob.OpenDir(dir, time.Now().Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	noTemporaries(t, dir)
}

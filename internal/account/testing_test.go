package account

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Hashes cost what the product says unless a test asked for less.
func TestCheapForTestsIsForTests(t *testing.T) {
	if h := (&Service{}).blank(); h.memory != 64*1024 || h.time != 3 {
		t.Errorf("a Service hashes with %d KiB in %d passes", h.memory, h.time)
	}
	if h := CheapForTests(t, &Service{}).blank(); h.memory > 64 {
		t.Errorf("a test's Service hashes with %d KiB", h.memory)
	}
	root := filepath.Join("..", "..")
	seen := 0
	for _, dir := range []string{"cmd", "internal", "bench", "tools"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, e fs.DirEntry, err error) error {
			name := filepath.ToSlash(path)
			if err != nil || e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			seen++
			text, err := os.ReadFile(path)
			allowed := strings.HasSuffix(name, "internal/account/testing.go") || strings.HasSuffix(name, "internal/web/webtest/found.go")
			if err == nil && !allowed && bytes.Contains(text, []byte("CheapForTests(")) {
				t.Errorf("%s makes passwords cheap outside tests", name)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("looked at %d files only", seen)
	}
}

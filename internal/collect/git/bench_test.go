package git

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// bigRepo makes a repository of n commits with messages of usual size.
func bigRepo(b *testing.B, n int) string {
	dir := filepath.Join(b.TempDir(), "big.git")
	gitOK(b, b.TempDir(), nil, "init", "-q", "--bare", "-b", "main", dir)
	var in bytes.Buffer
	for i := range n {
		msg := fmt.Sprintf("area/%d: do the thing number %d (#%d)\n\nA paragraph of words that says why the thing is done\nand what follows from it, over two lines or three.\n\nFixes golang/go#%d\n\nChange-Id: I%040x\nReviewed-by: Person %d <p%d@example.com>\nReviewed-by: Person %d <p%d@example.com>\n", i%50, i, i, i, i, i%90, i%90, i%70+100, i%70+100)
		fmt.Fprintf(&in, "commit refs/heads/main\nauthor Author %d <a%d@example.com> %d +0200\ncommitter C <c@example.com> %d +0000\ndata %d\n%s\n", i%60, i%60, epoch.Unix()+int64(i), epoch.Unix()+int64(i), len(msg), msg)
	}
	gitOK(b, dir, in.Bytes(), "fast-import", "--quiet", "--date-format=raw")
	return dir
}

// BenchmarkCollect compares a run over 100,000 commits with git log over the same
// range: the target is at most twice its time.
func BenchmarkCollect(b *testing.B) {
	dir := bigRepo(b, 100_000)
	b.Run("git-log", func(b *testing.B) {
		for b.Loop() {
			cmd := exec.Command("git", "log", "--first-parent", "--format=raw", "main", "--")
			cmd.Dir = dir
			null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			if err != nil {
				b.Fatal(err)
			}
			cmd.Stdout = null
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
			null.Close()
		}
	})
	b.Run("collect", func(b *testing.B) {
		for b.Loop() {
			res, err := Collect(b.Context(), Options{Repo: dir, From: epoch, To: epoch.Add(100 * 24 * time.Hour), TempDir: b.TempDir()})
			if err != nil || res.Dataset.Len() != 100_000 {
				b.Fatal(err)
			}
			if err := res.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

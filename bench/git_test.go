package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bevis/internal/collect/git"
)

var gitEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

type collectJob struct {
	Repo, Temp string
}

type collectDone struct {
	Cost     spent
	RSS      float64 // MB, peak
	Items    int
	Complete bool
}

func collectChild(ctx context.Context, arg []byte) (any, error) {
	var job collectJob
	if err := json.Unmarshal(arg, &job); err != nil {
		return nil, err
	}
	took := stopwatch()
	res, err := git.Collect(ctx, git.Options{Repo: job.Repo, From: gitEpoch, To: gitEpoch.AddDate(10, 0, 0), TempDir: job.Temp})
	if err != nil {
		return nil, err
	}
	done := collectDone{Cost: took(), RSS: memory("self", "VmHWM"), Items: res.Dataset.Len(), Complete: res.Dataset.Statement.Complete}
	return done, res.Close()
}

// repository makes a bare repository of n commits with messages of usual size.
func repository(b *testing.B, n int) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "granit.git")
	quiet(b, "", "git", "init", "-q", "--bare", "-b", "main", dir)
	random := rand.New(rand.NewPCG(3, 4))
	var in bytes.Buffer
	for i := range n {
		at := gitEpoch.Unix() + int64(i)*60
		author, first, second := random.IntN(60), 100+random.IntN(90), 200+random.IntN(70)
		message := fmt.Sprintf("area/%d: do the thing number %d (#%d)\n\nA paragraph of words that says why the thing is done\nand what follows from it, over two lines or three.\n\nFixes granit/ledger#%d\n\nChange-Id: I%040x\nReviewed-by: Person %d <p%d@granit.example>\nReviewed-by: Person %d <p%d@granit.example>\n", i%50, i, i, i, i, first, first, second, second)
		fmt.Fprintf(&in, "commit refs/heads/main\nauthor Person %d <p%d@granit.example> %d +0200\ncommitter Merge Queue <queue@granit.example> %d +0000\ndata %d\n%s\n", author, author, at, at, len(message), message)
	}
	cmd := exec.CommandContext(b.Context(), "git", "fast-import", "--quiet", "--date-format=raw")
	cmd.Dir, cmd.Stdin = dir, &in
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("git fast-import: %v: %s", err, out)
	}
	return dir
}

// BenchmarkCollect collects every commit of a history; git log prints the same.
func BenchmarkCollect(b *testing.B) {
	program(b, "git")
	n := scaled(b, 100_000, 1000)
	repo := repository(b, n)
	temp := b.TempDir()
	var collect, log costs
	var rss series
	for range rounds(b) {
		done := inChild[collectDone](b, "collect", collectJob{repo, temp})
		if done.Items != n || !done.Complete {
			b.Fatalf("collected %d of %d commits, complete %v", done.Items, n, done.Complete)
		}
		collect.add(done.Cost)
		rss.add(done.RSS)
		log.add(quiet(b, repo, "git", "log", "--first-parent", "--format=raw", "main", "--"))
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		b.Errorf("left behind: %v %v", left, err)
	}
	report(b, fmt.Sprintf("git collection, %d commits", n),
		fmt.Sprintf("%s git log %s (goal ≤ 2×)", collect.times(&log), &log),
		fmt.Sprintf("peak RSS %.0f MB", rss.most()))
}

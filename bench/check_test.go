package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/check"
	"bevis/internal/population"
)

type checkJob struct {
	Dataset string // Parquet file
	Temp    string
	Link    string // where the loaded database is kept
}

type checkDone struct {
	Load, Query     spent
	RSS             float64 // MB, peak
	Passed          int
	Deviations      int
	NotDeterminable int
}

const checkID = "change-reviewed"

// checkChild runs the check as the product does: from the stored Parquet file.
func checkChild(ctx context.Context, arg []byte) (any, error) {
	var job checkJob
	if err := json.Unmarshal(arg, &job); err != nil {
		return nil, err
	}
	f, err := os.Open(job.Dataset)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	d, err := population.Open(ctx, f, info.Size())
	if err != nil {
		return nil, err
	}
	d.Statement.Complete = true
	c, err := check.Find(checkID)
	if err != nil {
		return nil, err
	}
	var load spent
	var linked error
	lap := stopwatch()
	res, err := check.Run(ctx, c, d, check.Options{TempDir: job.Temp, Loaded: func(file string) {
		load = lap()
		linked = os.Link(file, job.Link)
		lap = stopwatch()
	}})
	if err != nil {
		return nil, err
	}
	done := checkDone{
		Query: lap(), Load: load, RSS: memory("self", "VmHWM"),
		Passed: res.Passed, Deviations: res.Deviations, NotDeterminable: res.NotDeterminable,
	}
	if linked == nil {
		linked = res.Cause()
	}
	return done, linked
}

// changes writes n changes with one or two reviewers each, some of them the author.
func changes(b *testing.B, file string, n int) (reviews int) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := make([]population.Change, n)
	at := population.Time(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	for i := range rows {
		author := random.IntN(500)
		c := &rows[i]
		*c = population.Change{
			Repository: "granit/ledger", Item: fmt.Sprintf("%016x%016x%08x", random.Uint64(), random.Uint64(), i),
			AuthorName: fmt.Sprintf("Person %d", author), AuthorEmail: fmt.Sprintf("Person%d@granit.example", author),
			CommitterName: "Merge Queue", CommitterEmail: "queue@granit.example", AuthorAt: at, OccurredAt: at, Parents: 1,
			MessageSHA256: fmt.Sprintf("%064x", i), Subject: fmt.Sprintf("ledger: do thing number %d", i), Quirks: []string{}, References: []string{},
		}
		at += 30_000_000
		for range 1 + i%2 {
			r := random.IntN(700) // a few times the author, so that not all pass
			if random.IntN(50) == 0 {
				r = author
			}
			c.Reviews = append(c.Reviews, population.Review{Kind: "reviewed-by", Name: fmt.Sprintf("Person %d", r), Email: fmt.Sprintf("person%d@granit.example", r), Raw: fmt.Sprintf("Person %d", r), Resolved: true})
		}
		c.ReviewLineCount = int64(len(c.Reviews))
		reviews += len(c.Reviews)
	}
	d, err := population.New(rows)
	must(b, err)
	f, err := os.Create(file)
	must(b, err)
	_, err = population.Write(b.Context(), f, d)
	must(b, err)
	must(b, f.Close())
	return reviews
}

// BenchmarkCheck runs a check over a whole population and, in the sqlite3 program,
// the same SQL on the same file and the import of the same rows.
func BenchmarkCheck(b *testing.B) {
	sqlite3 := program(b, "sqlite3")
	dir := b.TempDir()
	n := scaled(b, 1_000_000, 1000)
	job := checkJob{Dataset: filepath.Join(dir, "changes.parquet"), Temp: dir}
	reviews := changes(b, job.Dataset, n)
	c, err := check.Find(checkID)
	must(b, err)

	// The peer's rows come out of the file that the product loaded.
	job.Link = filepath.Join(dir, "first.db")
	first := inChild[checkDone](b, "check", job)
	_, schema := run(b, dir, "", sqlite3, job.Link, ".schema")
	for _, table := range []string{"change", "change_review"} {
		run(b, dir, "", sqlite3, job.Link, ".mode csv", ".output "+table+".csv", "SELECT * FROM "+table)
	}
	_, counted := run(b, dir, "", sqlite3, job.Link, "SELECT status, count(*) FROM ("+strings.TrimSuffix(strings.TrimSpace(c.SQL), ";")+") GROUP BY status ORDER BY status")
	want := ""
	for _, s := range []struct {
		status string
		n      int
	}{{"deviation", first.Deviations}, {"not_determinable", first.NotDeterminable}, {"pass", first.Passed}} {
		if s.n > 0 {
			want += fmt.Sprintf("%s|%d\n", s.status, s.n)
		}
	}
	if counted != want || first.Passed+first.Deviations+first.NotDeterminable != n {
		b.Fatalf("the sqlite3 program answers\n%sthe check says\n%sof %d changes", counted, want, n)
	}
	importScript := "PRAGMA page_size=16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-32768;\n" + schema +
		".mode csv\n.import change.csv change\n.import change_review.csv change_review\n"

	var load, query, peerLoad, peerQuery costs
	var rss series
	for i := range rounds(b) {
		job.Link = filepath.Join(dir, fmt.Sprintf("round%d.db", i))
		done := inChild[checkDone](b, "check", job)
		load.add(done.Load)
		query.add(done.Query)
		rss.add(done.RSS)
		peer := filepath.Join(dir, "peer.db")
		took, _ := run(b, dir, importScript, sqlite3, peer)
		peerLoad.add(took)
		peerQuery.add(quiet(b, dir, sqlite3, "-readonly", job.Link, "PRAGMA cache_size=-65536", c.SQL))
		must(b, os.Remove(peer))
		must(b, os.Remove(job.Link))
	}
	report(b, fmt.Sprintf("check, %d changes with %d reviews", n, reviews),
		fmt.Sprintf("query %s the same SQL in sqlite3 %s (goal ≤ 1.8×)", query.times(&peerQuery), &peerQuery),
		fmt.Sprintf("load %s .import %s (goal ≤ 2×: half the speed)", load.times(&peerLoad), &peerLoad),
		fmt.Sprintf("peak RSS %.0f MB", rss.most()))
}

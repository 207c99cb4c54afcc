package check

import (
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"bevis/internal/population"
)

// benchRows makes n changes with one or two reviews each.
func benchRows(b *testing.B, n int) *population.Dataset {
	rows := make([]population.Change, n)
	for i := range rows {
		rows[i] = changeBy(fmt.Sprintf("%040x", i), fmt.Sprintf("Author %d", i%500), fmt.Sprintf("a%d@example.com", i%500))
		for j := range 1 + i%2 {
			k := (i + j) % 700
			rows[i].Reviews = append(rows[i].Reviews, who(fmt.Sprintf("Person %d", k), fmt.Sprintf("p%d@example.com", k)))
		}
		rows[i].ReviewLineCount = int64(len(rows[i].Reviews))
	}
	return complete(b, rows...)
}

// BenchmarkLoad compares loading with the sqlite3 program's .import of the same
// rows: the target is at least half its speed. BenchmarkRun is load and query.
func BenchmarkLoad(b *testing.B) {
	const n = 1_000_000
	d := benchRows(b, n)
	c := find(b, "change-reviewed")
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			keys, err := createKeyFile(filepath.Join(b.TempDir(), "x.keys"))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := load(b.Context(), &c, d, filepath.Join(b.TempDir(), "x.db"), keys, n); err != nil {
				b.Fatal(err)
			}
			if err := keys.close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("run", func(b *testing.B) {
		for b.Loop() {
			if res := runOK(b, c, d, Options{}); res.Status != StatusPass {
				b.Fatal(res.Explanation)
			}
		}
	})
	b.Run("sqlite3-import", func(b *testing.B) {
		program, err := exec.LookPath("sqlite3")
		if err != nil {
			b.Skip("skipped: the sqlite3 program is not there")
		}
		dir := b.TempDir()
		write := func(name string, each func(id int64, c *population.Change, out *csv.Writer)) {
			f, err := os.Create(filepath.Join(dir, name))
			if err != nil {
				b.Fatal(err)
			}
			out, id := csv.NewWriter(f), int64(0)
			for row, err := range d.Changes(b.Context()) {
				if err != nil {
					b.Fatal(err)
				}
				id++
				each(id, row, out)
			}
			out.Flush()
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
		}
		write("change.csv", func(id int64, c *population.Change, out *csv.Writer) {
			_ = out.Write([]string{strconv.FormatInt(id, 10), c.Repository, c.Item, c.AuthorName, c.AuthorEmail})
		})
		write("review.csv", func(id int64, c *population.Change, out *csv.Writer) {
			for i, r := range c.Reviews {
				_ = out.Write([]string{strconv.FormatInt(id, 10), strconv.Itoa(i + 1), "1", r.Name, r.Email})
			}
		})
		for i := 0; b.Loop(); i++ {
			cmd := exec.Command(program, filepath.Join(dir, fmt.Sprint(i, ".db")), "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF",
				"CREATE TABLE change (id INTEGER PRIMARY KEY, repository TEXT NOT NULL, item TEXT NOT NULL, author_name_folded TEXT NOT NULL, author_email_folded TEXT NOT NULL)",
				"CREATE TABLE change_review (change_id BIGINT NOT NULL, position BIGINT NOT NULL, resolved BOOLEAN NOT NULL, name_folded TEXT NOT NULL, email_folded TEXT NOT NULL, PRIMARY KEY (change_id, position)) WITHOUT ROWID",
				".mode csv", ".import "+filepath.Join(dir, "change.csv")+" change", ".import "+filepath.Join(dir, "review.csv")+" change_review")
			if out, err := cmd.CombinedOutput(); err != nil {
				b.Fatalf("%v %s", err, out)
			}
		}
	})
}

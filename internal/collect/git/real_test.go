package git

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"bevis/internal/population"
)

// realData is the folder of real repositories.
func realData(t testing.TB) string {
	dir := os.Getenv("BEVIS_TESTDATA")
	if dir == "" {
		t.Skip("skipped: real data not present")
	}
	return filepath.Join(dir, "git")
}

func collectOK(t testing.TB, o Options) *Result {
	t.Helper()
	res, err := Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	})
	return res
}

func rowsOf(t testing.TB, d *population.Dataset) map[string]population.Change {
	t.Helper()
	out := map[string]population.Change{}
	for c, err := range d.Changes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out[c.Item] = *c
	}
	return out
}

var year = [2]time.Time{time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)}

// Every row of three real populations agrees with facts that another program took
// from the same commits.
func TestRealPopulations(t *testing.T) {
	dir := realData(t)
	for name, want := range map[string]struct{ items, total, referenced, reviewed int }{
		"golang-tools":    {819, 10703, 819, 819},
		"golang-crypto":   {109, 1348, 109, 109},
		"nodejs-node-gyp": {81, 1377, 66, 0},
	} {
		t.Run(name, func(t *testing.T) {
			res := collectOK(t, Options{Repo: filepath.Join(dir, name+".commits.bundle"), Name: name, From: year[0], To: year[1], TempDir: t.TempDir()})
			s := res.Dataset.Statement
			if res.Dataset.Len() != want.items || s.Total != want.total || s.Referred != want.referenced || s.Reviewed != want.reviewed ||
				!s.Complete || s.Verified != want.items || s.Before+s.After+s.Items != s.Total {
				t.Fatalf("%d items, statement %+v", res.Dataset.Len(), s)
			}
			compareFacts(t, rowsOf(t, res.Dataset), filepath.Join(dir, name+".population.csv"))
		})
	}
}

func compareFacts(t *testing.T, rows map[string]population.Change, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	facts, err := csv.NewReader(f).ReadAll()
	if err != nil || len(facts) != len(rows)+1 {
		t.Fatalf("%d facts for %d rows, %v", len(facts)-1, len(rows), err)
	}
	column := map[string]int{}
	for i, name := range facts[0] {
		column[name] = i
	}
	for _, fact := range facts[1:] {
		get := func(name string) string { return fact[column[name]] }
		hash := get("commit")
		c, ok := rows[hash]
		if !ok {
			t.Errorf("%s is missing", hash)
			continue
		}
		independent := 0
		for _, r := range c.Reviews {
			if population.Fold(r.Email) != population.Fold(c.AuthorEmail) && population.Fold(r.Name) != population.Fold(c.AuthorName) {
				independent++
			}
		}
		sameMail := "0"
		if c.AuthorEmail == c.CommitterEmail {
			sameMail = "1"
		}
		for name, got := range map[string]string{
			"committer_date_utc":                  c.OccurredAt.Time().Format(time.RFC3339),
			"n_parents":                           strconv.FormatInt(c.Parents, 10),
			"n_review_lines":                      strconv.FormatInt(c.ReviewLineCount, 10),
			"n_independent_reviewers":             strconv.Itoa(independent),
			"author_email_equals_committer_email": sameMail,
		} {
			if got != get(name) {
				t.Errorf("%s: %s is %s, the facts say %s", hash, name, got, get(name))
			}
		}
		if (len(c.References) > 0) != (get("change_ref") != "") {
			t.Errorf("%s: references %q, the facts say %q", hash, c.References, get("change_ref"))
		}
	}
}

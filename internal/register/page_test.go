package register

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/blob"
)

// A page of a list is read from its index in order, however long the list: a plan
// that sorts reads every row for every page.
func TestPagesAreNotSorted(t *testing.T) {
	dir := t.TempDir()
	blobs, err := blob.OpenDir(filepath.Join(dir, "blobs"), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Config{Database: filepath.Join(dir, "bevis.db"), Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, q := range []Query{
		{Limit: 100},
		{Limit: 100, Oldest: true},
		{Limit: 100, Before: 7},
		{Limit: 100, Status: "accepted"},
		{Limit: 100, Status: "accepted", Before: 7},
		{Limit: 100, Status: "accepted", Owner: "usr_1", Before: 7},
		{Limit: 1, Code: "E-1"},
	} {
		t.Run(fmt.Sprintf("%+v", q), func(t *testing.T) {
			where, args := q.where("evidence")
			rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN SELECT c.k, c.title FROM current c"+where, args...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			plan := ""
			for rows.Next() {
				var a, b, c int
				var d string
				if err := rows.Scan(&a, &b, &c, &d); err != nil {
					t.Fatal(err)
				}
				plan += d + "\n"
			}
			if err := rows.Err(); err != nil || !strings.Contains(plan, "SEARCH") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%v\n%s", err, plan)
			}
		})
	}
}

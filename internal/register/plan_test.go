package register

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bevis/internal/blob"
)

// The queries behind pages and packages use the index meant for them: a planner
// that picks another one turns a page into a table scan.
func TestQueryPlans(t *testing.T) {
	dir := t.TempDir()
	blobs, err := blob.OpenDir(dir+"/blobs", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Config{Database: dir + "/bevis.db", Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	where, _ := Query{Status: "x", Before: 1, Limit: 100}.where("evidence")
	for query, index := range map[string]string{
		"SELECT body FROM entry WHERE org = 1 AND id = 'x' AND +seq <= 5 ORDER BY version DESC LIMIT 1":                                                                                                        "sqlite_autoindex_entry_1",
		"SELECT body FROM entry WHERE org = 1 AND id = 'x' AND register = 'y' AND +seq <= 5 ORDER BY version":                                                                                                  "sqlite_autoindex_entry_1",
		"SELECT e.id FROM entry e WHERE e.org = 1 AND e.register = 'y' AND +e.seq <= 5 AND e.version = (SELECT max(x.version) FROM entry x WHERE x.org = e.org AND x.id = e.id AND +x.seq <= 5) ORDER BY e.id": "entry_asof",
		"SELECT c.k, e.body FROM current c JOIN entry e ON e.org = c.org AND e.id = c.id AND e.version = c.version WHERE c.org = 1 AND c.id = 'x'":                                                             "current_id",
		"SELECT o.id FROM current m JOIN link l ON l.from_k = m.k JOIN current o ON o.k = l.to_k WHERE m.org = 1 AND m.id = 'x' AND l.rel = 2 AND l.until > 5":                                                 "link_fwd",
		"SELECT o.id FROM current m JOIN link l ON l.to_k = m.k JOIN current o ON o.k = l.from_k WHERE m.org = 1 AND m.id = 'x' AND l.rel = 2 AND l.until > 5":                                                 "link_back",
		"SELECT c.k FROM current c" + strings.NewReplacer("$1", "1", "$2", "'evidence'", "$3", "'x'", "$4", "9").Replace(where):                                                                                "current_status",
	} {
		rows, err := s.read.Query("EXPLAIN QUERY PLAN " + query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		plan := ""
		for rows.Next() {
			var a, b, c int
			var d string
			if err := rows.Scan(&a, &b, &c, &d); err != nil {
				t.Fatal(err)
			}
			plan += d + "\n"
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, index) || strings.Contains(plan, "SCAN") {
			t.Errorf("%s\n%s", query, plan)
		}
	}
}

package register_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bevis/internal/ledger"
	"bevis/internal/register"
)

// Threat T19: a database administrator changes any column of any row of the
// register and ledger tables, past the write door. Verification fails each time
// and names the table.
func TestThreat_T19_EveryColumnIsBound(t *testing.T) {
	f := open(t, "")
	ref, err := f.Blobs().Put(t.Context(), strings.NewReader("some bytes"), 1<<20)
	f.must(err)
	var e register.Entry[thing]
	f.write(func(tx *register.Tx) error {
		p, err := parts.Create(tx, part{"P-1"}, "first")
		if err != nil {
			return err
		}
		q, err := parts.Create(tx, part{"P-2"}, "")
		if err != nil {
			return err
		}
		e, err = things.Create(tx, thing{Title: "title", Status: "open", Owner: "o", Parts: []register.ID[part]{p.ID, q.ID}, Files: []string{ref.SHA256}}, "")
		return err
	})
	e.Value.Parts = e.Value.Parts[1:]
	f.write(func(tx *register.Tx) error { _, err := things.Put(tx, e, "fewer parts"); return err })
	f.write(func(tx *register.Tx) error {
		_, err := register.Erase(tx, e.ID.String(), []int64{1}, "law", "asked")
		return err
	})
	stamp(t, f)
	if r := f.verify(); r.Verdict != ledger.Valid {
		t.Fatalf("before: %+v", r.Problems)
	}
	f.must(f.Close())
	pristine, err := os.ReadFile(f.cfg.Database)
	f.must(err)

	db, err := sql.Open("sqlite", f.cfg.Database)
	f.must(err)
	defer db.Close()
	tried := 0
	for _, table := range []string{"entry", "current", "link", "blob_ref", "leaf", "node", "head", "checkpoint"} {
		rows, err := db.Query("SELECT rowid, * FROM " + table)
		f.must(err)
		cols, err := rows.Columns()
		f.must(err)
		var all [][]any
		for rows.Next() {
			vals, ptrs := make([]any, len(cols)), make([]any, len(cols))
			for i := range vals {
				ptrs[i] = &vals[i]
			}
			f.must(rows.Scan(ptrs...))
			all = append(all, vals)
		}
		f.must(rows.Err())
		rows.Close()
		if len(all) == 0 {
			t.Fatalf("%s is empty: the test would prove nothing", table)
		}
		for _, vals := range all {
			for c := 1; c < len(cols); c++ {
				for _, changed := range changes(vals[c]) {
					tried++
					where := fmt.Sprintf("%s.%s of row %v: %.40v becomes %.40v", table, cols[c], vals[0], vals[c], changed)
					if _, err := db.Exec("UPDATE "+table+" SET "+cols[c]+" = $1 WHERE rowid = $2", changed, vals[0]); err != nil {
						continue // a unique key in the way: the change cannot be made
					}
					r := reverify(t, f)
					if r.Verdict != ledger.Invalid {
						t.Errorf("%s: %s", where, r.Verdict)
					} else if !names(r, table) {
						t.Errorf("%s: reported elsewhere: %+v", where, r.Problems)
					}
					if cols[c] == "k" && table == "current" { // the row id itself moved
						f.must(db.Close())
						f.must(os.WriteFile(f.cfg.Database, pristine, 0o600))
						db, err = sql.Open("sqlite", f.cfg.Database)
						f.must(err)
						continue
					}
					if b, ok := vals[c].([]byte); ok && len(b) == 0 {
						vals[c] = []byte{}
					}
					_, err := db.Exec("UPDATE "+table+" SET "+cols[c]+" = $1 WHERE rowid = $2", vals[c], vals[0])
					f.must(err)
				}
			}
		}
	}
	t.Logf("%d changes tried", tried)
	for _, table := range []string{"entry", "current", "link", "blob_ref", "leaf", "node", "head"} {
		if _, err := db.Exec("CREATE TABLE kept AS SELECT rowid AS r, * FROM " + table + " LIMIT 1"); err != nil {
			t.Fatal(err)
		}
		_, err := db.Exec("DELETE FROM " + table + " WHERE rowid IN (SELECT r FROM kept)")
		f.must(err)
		if r := reverify(t, f); r.Verdict != ledger.Invalid || !names(r, table) {
			t.Errorf("a row of %s removed: %+v", table, r)
		}
		f.must(db.Close())
		f.must(os.WriteFile(f.cfg.Database, pristine, 0o600))
		db, err = sql.Open("sqlite", f.cfg.Database)
		f.must(err)
	}
	// Blobs.
	name := filepath.Join(f.dir, "blobs", ref.SHA256[:2], ref.SHA256)
	raw, err := os.ReadFile(name)
	f.must(err)
	raw[3] ^= 1
	f.must(os.WriteFile(name, raw, 0o600))
	if r := reverify(t, f); r.Verdict != ledger.Invalid || r.Problems[0].Path != "blobs/"+ref.SHA256 {
		t.Errorf("blob: %+v", r)
	}
}

// changes gives other values of a column's type, the last byte's lowest bit among
// them.
func changes(v any) []any {
	switch x := v.(type) {
	case int64:
		return []any{x + 1, -x - 5}
	case []byte:
		if len(x) == 0 {
			return []any{[]byte{1}}
		}
		first, last := append([]byte(nil), x...), append([]byte(nil), x...)
		first[0] ^= 1
		last[len(last)-1] ^= 1
		return []any{first, last, append(append([]byte(nil), x...), 0)}
	case string:
		if x == "" {
			return []any{"x"}
		}
		return []any{string([]byte{x[0] ^ 1}) + x[1:], x[:len(x)-1] + string([]byte{x[len(x)-1] ^ 1}), x + " ", x[:len(x)/2] + string([]byte{x[len(x)/2] ^ 1}) + x[len(x)/2+1:]}
	case nil:
		return []any{`{"actor":"","reason":"","value":{}}`}
	}
	return nil
}

func reverify(t *testing.T, f *fixture) *ledger.Report {
	t.Helper()
	cfg := f.cfg
	s, err := register.OpenForVerification(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := s.Verify(t.Context(), cfg.Signer.Key(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func names(r *ledger.Report, table string) bool {
	for _, p := range r.Problems {
		if strings.HasPrefix(p.Path, table+"/") || table == "leaf" && strings.HasPrefix(p.Path, "node/") {
			return true
		}
	}
	return false
}

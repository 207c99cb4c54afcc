package check

import (
	"slices"
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/population"
)

func TestGuard(t *testing.T) {
	tables := []string{"change", "change_review"}
	for _, sql := range []string{
		"SELECT 1 FROM change", "select c.item from change c -- a word: delete\n", "WITH t AS (SELECT id FROM change) SELECT id FROM t", "SELECT 'drop; -- table' FROM change",
		"WITH t (a, b) AS (SELECT id, item FROM change), u AS NOT MATERIALIZED (SELECT a FROM t) SELECT count(*) FROM u JOIN t ON u.a = t.a WHERE a IN (1, 2) AND EXISTS (SELECT 1 FROM change_review)",
		"SELECT row_number() OVER (ORDER BY id) FROM change /* note */ WHERE $1 > 0", "SELECT \"item\" FROM change WHERE item = 'it''s'", "SELECT x.id FROM (SELECT id FROM change) x",
	} {
		if err := guard(sql, tables, 1); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		"", "-- nothing", "WITH", "WITH t AS (VALUES (1)) TABLE t", "DELETE FROM change", "SELECT 1 FROM change; DROP TABLE change", "SELECT 1 FROM change;", "PRAGMA user_version", "ATTACH DATABASE 'x' AS x", "VACUUM INTO 'x'",
		"EXPLAIN SELECT 1", "WITH t AS (SELECT 1) DELETE FROM change", "WITH t AS (SELECT 1) INSERT INTO change SELECT 1", "SELECT load_extension('x')", "SELECT writefile('x', 'y')", "SELECT readfile('/etc/passwd')",
		"SELECT load_extension ('x')", "SELECT \"load_extension\"('x')", "SELECT load_extension/**/('x')", "SELECT random()", "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)", "SELECT date('now')", "SELECT CURRENT_TIMESTAMP",
		"SELECT sql FROM sqlite_master", "SELECT * FROM \"sqlite_master\"", "SELECT * FROM change, sqlite_schema", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_info('change')", "SELECT * FROM json_each('[1]')",
		"SELECT * FROM generate_series(1, 1000000000)", "SELECT * FROM dbstat", "SELECT * FROM main.change", "SELECT * FROM change JOIN other ON 1=1", "SELECT [item] FROM change", "SELECT `item` FROM change", "SELECT ? FROM change", "SELECT :a FROM change", "SELECT @a FROM change",
		"SELECT $2 FROM change", "SELECT $0 FROM change", "SELECT $ FROM change", "WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t",
		"WITH t (n) AS (SELECT 1 UNION ALL SELECT n FROM \"T\") SELECT count(*) FROM t", "SELECT 'open FROM change", "SELECT 1 /* open FROM change", "SELECT 1 /* a /* b */ c */ FROM change", "SELECT x'00' || \x00 FROM change",
		"SELECT 1 FROM change WHERE rowid = 1", "SELECT printf('%1000000000d', 1)", "SELECT group_concat(item) FROM change", "COPY change TO 'x'", "SELECT * FROM read_csv('x')", "SELECT pg_sleep(1000)", "SELECT * FROM 'x.csv'",
	} {
		if err := guard(sql, tables, 1); err == nil {
			t.Errorf("accepted: %s", sql)
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, seed := range []string{"SELECT 1 FROM change", "WITH t (a) AS (SELECT 1) SELECT a FROM t", "SELECT '", ") AS (", "x) AS (y", "SELECT\"a\"\"b\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		if guard(sql, []string{"change"}, 1) == nil && !strings.Contains(strings.ToLower(sql), "select") {
			t.Fatal(sql)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("/*\nid: x\n*/\nSELECT 1"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := Parse(raw); err != nil && !fault.Is(err, "check.file_invalid") {
			t.Fatal(err)
		}
	})
}

func TestCatalogue(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range all {
		ids = append(ids, c.ID)
		if !slices.Equal(c.Criteria, []string{"CC8.1"}) || len(c.SHA256) != 64 {
			t.Errorf("%+v", c)
		}
	}
	if !slices.Equal(ids, []string{"change-has-reference", "change-reviewed"}) {
		t.Error(ids)
	}
}

// A check may name every field of the schema that is not a list, and every derived
// one: the loader and the schema agree.
func TestColumnsMatchSchema(t *testing.T) {
	keys := []string{"id", "repository", "item", "change_id", "position"}
	for table, id := range map[string]string{changeTable: "change/1", reviewTable: "change_review/1"} {
		s, err := population.FindSchema(id)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, f := range slices.Concat(s.Fields, s.Derived) {
			if !strings.HasPrefix(f.Type, "list") && !slices.Contains(keys, f.Name) {
				want = append(want, f.Name)
			}
		}
		for _, c := range columns[table] {
			got = append(got, c.name)
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, the schema says %q", table, got, want)
		}
	}
}

// Each part of a check's file is asked for.
func TestParseRefuses(t *testing.T) {
	c := find(t, "change-reviewed")
	raw := checkFile(t, "change-reviewed")
	if again, err := Parse([]byte(raw)); err != nil || again.SHA256 != c.SHA256 {
		t.Fatal(err)
	}
	for name, edit := range map[string][2]string{
		"no comment":      {"/*", ""},
		"open comment":    {"*/", ""},
		"id":              {"id: change-reviewed", "id: ''"},
		"version":         {"version: 1", "version: 0"},
		"unknown field":   {"version: 1", "version: 1\ncolour: red"},
		"Swedish":         {"  sv: Varje", "  xx: Varje"},
		"criteria":        {"[CC8.1]", "[]"},
		"schema":          {"schema: change/1", "schema: change/2"},
		"column":          {"author_name_folded,", "author_shoe_size,"},
		"no change":       {"  change: [author", "  other: [author"},
		"trace's reason":  {"missing: no_review_recorded", "missing: nothing"},
		"trace's floor":   {"floor: recorded_floor_percent", "floor: nothing"},
		"SQL":             {"ORDER BY c.id", "ORDER BY random()"},
		"second sentence": {"ORDER BY c.id", "ORDER BY c.id; SELECT 1"},
	} {
		bad := strings.Replace(raw, edit[0], edit[1], 1)
		if bad == raw {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := Parse([]byte(bad)); !fault.Is(err, "check.file_invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package check

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"modernc.org/sqlite"
)

// limits that SQLite itself keeps while a check runs; ids as in sqlite3.h. They
// bound one connection. SQLite's heap limits are not used: they hold for the whole
// process, where the ledger's own database lives too.
var limits = []struct{ id, value int }{
	{0, 1 << 20}, // length of a text, bytes
	{1, 1 << 20}, // length of SQL, bytes
	{2, 200},     // columns
	{3, 200},     // depth of an expression
	{4, 20},      // parts of a compound SELECT
	{5, 100_000}, // steps of the compiled program, its length and not its run
	{6, 20},      // arguments of a function
	{7, 0},       // attached databases: none
	{8, 1000},    // length of a LIKE pattern
	{9, 100},     // parameters
	{10, 10},     // depth of triggers
	{11, 0},      // helper threads: none, so that one order is the only order
}

// query runs the check's SELECT read-only on the loaded file and hands each row to
// take, which is called with nil at the end.
func query(ctx context.Context, c *Check, file string, params []any, take func(*answer) error) (err error) {
	tables := []string{}
	for t := range c.Columns {
		tables = append(tables, t)
	}
	if err := guard(c.SQL, tables, len(c.Parameters)); err != nil { // the check may not have come through Parse
		return err
	}
	db, err := sql.Open("sqlite", fileURL(file, url.Values{
		"mode": {"ro"}, "immutable": {"1"}, "_defensive": {"1"}, "_dqs": {"0"}, "_query_only": {"1"},
		"_pragma": {"trusted_schema(0)", "cache_size(-65536)", "temp_store(FILE)", "cell_size_check(1)"},
	}))
	if err != nil {
		return fmt.Errorf("check: open loaded items: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("check: open loaded items: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, l := range limits {
		if _, err := sqlite.Limit(conn, l.id, l.value); err != nil {
			return fmt.Errorf("check: set limit: %w", err)
		}
	}
	used := 0 // SQLite refuses more values than the SQL names
	tokens, err := tokenize(c.SQL)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.kind != parameter {
			continue
		}
		n, err := strconv.Atoi(t.text)
		if err != nil {
			return fmt.Errorf("check: parameter $%s: %w", t.text, err)
		}
		used = max(used, n)
	}
	rows, err := conn.QueryContext(ctx, c.SQL, params[:used]...)
	if err != nil {
		return fmt.Errorf("check: query: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("check: query: %w", err)
	}
	if !slices.Equal(names, []string{"repository", "item", "status", "reason"}) {
		return fmt.Errorf("check: the SELECT answers %q", names)
	}
	for rows.Next() {
		var a answer
		if err := rows.Scan(&a.repository, &a.item, &a.status, &a.reason); err != nil {
			return fmt.Errorf("check: read answer: %w", err)
		}
		if err := take(&a); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("check: query: %w", err)
	}
	return take(nil)
}

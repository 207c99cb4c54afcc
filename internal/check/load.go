package check

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/population"
)

const (
	changeTable = "change"
	reviewTable = "change_review"
)

// folder folds names and addresses, remembering the ones it has seen: a history
// has far fewer people than changes.
type folder map[string]string

const maxFolds = 1 << 16 // people remembered

func (f folder) fold(s string) string {
	if v, ok := f[s]; ok {
		return v
	}
	if len(f) >= maxFolds {
		clear(f)
	}
	v := population.Fold(s)
	f[s] = v
	return v
}

// column is how one field gets into SQL.
type column struct {
	name, sqlType string
	change        func(c *population.Change, f folder) any
	review        func(r *population.Review, f folder) any
}

// columns are what a check may name besides the keys, which are always there:
// change (id, repository, item) and change_review (change_id, position).
var columns = map[string][]column{
	changeTable: {
		{"author_at", "BIGINT", func(c *population.Change, _ folder) any { return int64(c.AuthorAt) }, nil},
		{"author_email", "TEXT", func(c *population.Change, _ folder) any { return c.AuthorEmail }, nil},
		{"author_email_folded", "TEXT", func(c *population.Change, f folder) any { return f.fold(c.AuthorEmail) }, nil},
		{"author_name", "TEXT", func(c *population.Change, _ folder) any { return c.AuthorName }, nil},
		{"author_name_folded", "TEXT", func(c *population.Change, f folder) any { return f.fold(c.AuthorName) }, nil},
		{"committer_email", "TEXT", func(c *population.Change, _ folder) any { return c.CommitterEmail }, nil},
		{"committer_name", "TEXT", func(c *population.Change, _ folder) any { return c.CommitterName }, nil},
		{"message_sha256", "TEXT", func(c *population.Change, _ folder) any { return c.MessageSHA256 }, nil},
		{"occurred_at", "BIGINT", func(c *population.Change, _ folder) any { return int64(c.OccurredAt) }, nil},
		{"parents", "BIGINT", func(c *population.Change, _ folder) any { return c.Parents }, nil},
		{"reference_count", "BIGINT", func(c *population.Change, _ folder) any { return int64(len(c.References)) }, nil},
		{"review_line_count", "BIGINT", func(c *population.Change, _ folder) any { return c.ReviewLineCount }, nil},
		{"subject", "TEXT", func(c *population.Change, _ folder) any { return c.Subject }, nil},
	},
	reviewTable: {
		{"email", "TEXT", nil, func(r *population.Review, _ folder) any { return r.Email }},
		{"email_folded", "TEXT", nil, func(r *population.Review, f folder) any { return f.fold(r.Email) }},
		{"kind", "TEXT", nil, func(r *population.Review, _ folder) any { return r.Kind }},
		{"name", "TEXT", nil, func(r *population.Review, _ folder) any { return r.Name }},
		{"name_folded", "TEXT", nil, func(r *population.Review, f folder) any { return f.fold(r.Name) }},
		{"raw", "TEXT", nil, func(r *population.Review, _ folder) any { return r.Raw }},
		{"resolved", "BOOLEAN", nil, func(r *population.Review, _ folder) any { return r.Resolved }},
		{"username", "TEXT", nil, func(r *population.Review, _ folder) any { return r.Username }},
	},
}

func columnOf(table, name string) (column, bool) {
	i := slices.IndexFunc(columns[table], func(c column) bool { return c.name == name })
	if i < 0 {
		return column{}, false
	}
	return columns[table][i], true
}

// repositoryTrace counts how many of a repository's items carry the trace.
type repositoryTrace struct {
	name            string
	items, carrying int
}

// load writes the columns that the check names into a new SQLite file, lists the
// items in keys and counts the trace. The file is thrown away after one run, so it is neither journalled
// nor synced.
func load(ctx context.Context, c *Check, d *population.Dataset, file string, keys *keyFile, maxItems int) (traces []repositoryTrace, err error) {
	dsn := fileURL(file, url.Values{"_pragma": {
		"page_size(16384)", "journal_mode(OFF)", "synchronous(OFF)", "locking_mode(EXCLUSIVE)", "cache_size(-32768)", "temp_store(FILE)",
	}})
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("check: open throw-away database: %w", err)
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	changes := newInserter(changeTable, []string{"id INTEGER PRIMARY KEY", "repository TEXT NOT NULL", "item TEXT NOT NULL"}, c.Columns, "")
	_, wantReviews := c.Columns[reviewTable]
	reviews := newInserter(reviewTable, []string{"change_id BIGINT NOT NULL", "position BIGINT NOT NULL"}, c.Columns, ", PRIMARY KEY (change_id, position)) WITHOUT ROWID")
	for _, statement := range []string{changes.create, reviews.create} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("check: make table: %w", err)
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("check: load: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	if err := errors.Join(changes.prepare(ctx, tx), reviews.prepare(ctx, tx)); err != nil {
		return nil, err
	}
	folds := folder{}
	id := int64(0)
	for row, err := range d.Changes(ctx) {
		if err != nil {
			return nil, err
		}
		id++
		if id > int64(maxItems) {
			return nil, fault.New(fault.TooLarge, "check.too_many_items", "Max", maxItems)
		}
		if err := keys.add(row); err != nil {
			return nil, err
		}
		traces = countTrace(traces, row)
		changes.args = append(changes.args, id, row.Repository, row.Item)
		for _, col := range changes.columns {
			changes.args = append(changes.args, col.change(row, folds))
		}
		if err := changes.added(ctx); err != nil {
			return nil, err
		}
		if !wantReviews {
			continue
		}
		for i := range row.Reviews {
			reviews.args = append(reviews.args, id, int64(i+1))
			for _, col := range reviews.columns {
				reviews.args = append(reviews.args, col.review(&row.Reviews[i], folds))
			}
			if err := reviews.added(ctx); err != nil {
				return nil, err
			}
		}
	}
	if err := errors.Join(changes.flush(ctx, tx), reviews.flush(ctx, tx)); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("check: load: %w", err)
	}
	return traces, nil
}

// countTrace relies on the rows' order: a repository's items stand together.
func countTrace(traces []repositoryTrace, row *population.Change) []repositoryTrace {
	if n := len(traces); n == 0 || traces[n-1].name != row.Repository {
		traces = append(traces, repositoryTrace{name: row.Repository})
	}
	t := &traces[len(traces)-1]
	t.items++
	if len(row.Reviews) > 0 {
		t.carrying++
	}
	return traces
}

// inserter adds rows many at a time.
type inserter struct {
	create, insert string
	width          int
	columns        []column
	args           []any
	full           *sql.Stmt
}

const rowsAtOnce = 64 // rows of one INSERT

func newInserter(table string, keys []string, named map[string][]string, end string) *inserter {
	in := &inserter{}
	names := []string{}
	defs := slices.Clone(keys)
	for _, k := range keys {
		name, _, _ := strings.Cut(k, " ")
		names = append(names, name)
	}
	for _, name := range named[table] {
		col, _ := columnOf(table, name)
		in.columns = append(in.columns, col)
		names = append(names, col.name)
		defs = append(defs, col.name+" "+col.sqlType+" NOT NULL")
	}
	if end == "" {
		end = ")"
	}
	in.width = len(names)
	in.create = "CREATE TABLE " + table + " (" + strings.Join(defs, ", ") + end
	in.insert = "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") VALUES "
	return in
}

func (in *inserter) values(rows int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", in.width), ",") + ")"
	return in.insert + strings.TrimSuffix(strings.Repeat(one+",", rows), ",")
}

func (in *inserter) prepare(ctx context.Context, tx *sql.Tx) (err error) {
	if in.full, err = tx.PrepareContext(ctx, in.values(rowsAtOnce)); err != nil {
		return fmt.Errorf("check: load: %w", err)
	}
	return nil
}

// added runs the INSERT when enough rows wait.
func (in *inserter) added(ctx context.Context) error {
	if len(in.args) < rowsAtOnce*in.width {
		return nil
	}
	if _, err := in.full.ExecContext(ctx, in.args...); err != nil {
		return fmt.Errorf("check: load: %w", err)
	}
	in.args = in.args[:0]
	return nil
}

// flush adds the rows that still wait.
func (in *inserter) flush(ctx context.Context, tx *sql.Tx) error {
	if len(in.args) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, in.values(len(in.args)/in.width), in.args...); err != nil {
		return fmt.Errorf("check: load: %w", err)
	}
	in.args = in.args[:0]
	return nil
}

// fileURL is the address of a SQLite file with settings.
func fileURL(file string, settings url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: settings.Encode()}).String()
}

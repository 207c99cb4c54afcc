package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // driver "sqlite"

	"bevis/internal/fault"
)

// dialect holds every point where SQLite and PostgreSQL differ.
type dialect struct {
	postgres bool
	key      string // type of current.k
	begin    string // starts a write transaction
	lockHead string // locks and reads the organisation's head
}

var (
	sqlite = dialect{
		key:      "INTEGER", // on SQLite only INTEGER PRIMARY KEY is the row id
		begin:    "BEGIN IMMEDIATE",
		lockHead: "SELECT size, root FROM head WHERE org = $1",
	}
	postgres = dialect{
		postgres: true,
		key:      "bigint", // on PostgreSQL INTEGER has 32 bits
		begin:    "BEGIN",
		lockHead: "SELECT size, root FROM head WHERE org = $1 FOR UPDATE",
	}
)

// connect opens a database. dsn is a file path or a postgres:// address. write
// holds one connection on SQLite; read is a pool.
func connect(ctx context.Context, dsn string) (d dialect, write, read *sql.DB, err error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		db, err := sql.Open("pgx", dsn)
		if err != nil {
			return postgres, nil, nil, fault.Wrap(err, fault.Unavailable, "register.database")
		}
		db.SetMaxOpenConns(16)
		db.SetConnMaxIdleTime(5 * time.Minute)
		if err := db.PingContext(ctx); err != nil {
			return postgres, nil, nil, errors.Join(fault.Wrap(err, fault.Unavailable, "register.database"), db.Close())
		}
		return postgres, db, db, nil
	}
	pragmas := "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=cache_size(-32000)"
	file := "file:" + (&url.URL{Path: dsn}).EscapedPath()
	write, err = sql.Open("sqlite", file+"?"+pragmas)
	if err != nil {
		return sqlite, nil, nil, fault.Wrap(err, fault.Unavailable, "register.database")
	}
	write.SetMaxOpenConns(2) // the door's, and one for operational tables
	if err := write.PingContext(ctx); err != nil {
		return sqlite, nil, nil, errors.Join(fault.Wrap(err, fault.Unavailable, "register.database"), write.Close())
	}
	read, err = sql.Open("sqlite", file+"?_pragma=query_only(1)&_pragma=busy_timeout(5000)&_pragma=cache_size(-16000)")
	if err != nil {
		return sqlite, nil, nil, errors.Join(fault.Wrap(err, fault.Unavailable, "register.database"), write.Close())
	}
	read.SetMaxOpenConns(8)
	return sqlite, write, read, nil
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, d dialect, db *sql.DB) error {
	gd := goose.DialectSQLite3
	if d.postgres {
		gd = goose.DialectPostgres
	}
	var ms []*goose.Migration
	for i, text := range migrations {
		up := strings.ReplaceAll(text, "{key}", d.key)
		ms = append(ms, goose.NewGoMigration(int64(i+1), &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			for stmt := range strings.SplitSeq(up, ";\n") {
				if strings.TrimSpace(stmt) == "" {
					continue
				}
				if _, err := tx.ExecContext(ctx, stmt); err != nil {
					return err
				}
			}
			return nil
		}}, nil))
	}
	p, err := goose.NewProvider(gd, db, nil, goose.WithGoMigrations(ms...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("register: migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fault.Wrap(err, fault.Unavailable, "register.migrate")
	}
	return nil
}

package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"bevis/internal/fault"
)

// keysMax bounds the cache of entry keys.
const keysMax = 200_000

// Tx is one write under way. It is also a Reader that sees its own writes and
// those of the writes committed with it.
type Tx struct {
	g         *group
	ctx       context.Context
	by        Actor
	now       int64
	next      int64 // ledger index of the next version
	lastAt    int64
	after     string
	own       []*version
	byID      map[string]*version
	savepoint bool
	erased    []string
	broken    error // the database failed inside a read
	subject   string
}

// Ctx is the context of the caller of Write.
func (tx *Tx) Ctx() context.Context { return tx.ctx }

// By is who writes.
func (tx *Tx) By() Actor { return tx.by }

// Now is the received time of this write: the server's clock, never behind the
// ledger's last leaf.
func (tx *Tx) Now() time.Time { return micro(max(tx.now, tx.lastAt+1)) }

// NextIndex is the ledger index that the next stored version will get. Codes such
// as E-1042 are made of it: unique, rising, and checkable.
func (tx *Tx) NextIndex() int64 { return tx.next }

// Subject is the id of the entry whose rules are running.
func (tx *Tx) Subject() string { return tx.subject }

func (tx *Tx) newID(prefix string) string { return newID(prefix, max(tx.now, tx.lastAt+1)) }

func (tx *Tx) get(id string) (*version, error) {
	if v := tx.byID[id]; v != nil {
		return v, nil
	}
	if v := tx.g.byID[id]; v != nil {
		return v, nil
	}
	return getLatest(tx.g.ctx, tx.g.d, id)
}

// key is the integer key of an entry that must exist.
func (tx *Tx) key(id string) (int64, error) {
	if v := tx.byID[id]; v != nil {
		return v.k, nil
	}
	d := tx.g.d
	if k, ok := d.keys[id]; ok {
		return k, nil
	}
	var k int64
	err := d.QueryRowContext(tx.g.ctx, "SELECT k FROM current WHERE org = $1 AND id = $2", org, id).Scan(&k)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.Invalid, "register.link_target", "ID", id)
	}
	if err != nil {
		return 0, fmt.Errorf("register: key of %s: %w", id, err)
	}
	if len(d.keys) >= keysMax {
		clear(d.keys)
	}
	d.keys[id] = k
	return k, nil
}

// settle makes the buffered rows visible to SQL: accepted writes of the group for
// good, this write's own under a savepoint.
func (tx *Tx) settle() (*sql.Conn, error) {
	if err := tx.g.flush(); err != nil {
		tx.broken = err
		return nil, err
	}
	if len(tx.own) > 0 {
		if !tx.savepoint {
			if _, err := tx.g.d.conn.ExecContext(tx.g.ctx, "SAVEPOINT w"); err != nil {
				tx.broken = fmt.Errorf("register: savepoint: %w", err)
				return nil, tx.broken
			}
			tx.savepoint = true
		}
		if err := tx.g.writeRows(tx.own); err != nil {
			tx.broken = err
			return nil, err
		}
	}
	return tx.g.d.conn, nil
}

func (tx *Tx) at() (int64, bool) { return 0, false }

func (tx *Tx) source() (querier, error) { return tx.settle() }

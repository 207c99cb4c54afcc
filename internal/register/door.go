package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// groupMax is how many waiting writes share one transaction.
const groupMax = 256

// request is one waiting Write.
type request struct {
	ctx    context.Context
	by     Actor
	fn     func(*Tx) error
	answer chan error
}

// Write runs fn in a transaction by an actor. It is the only way to change
// anything. The write is durable when Write returns nil.
//
// Waiting writes share a transaction (group commit). fn may therefore run more
// than once, and only the last run counts; it must not keep tx, and it must not
// do network or file work. A failing fn leaves nothing behind.
func (s *Store) Write(ctx context.Context, by Actor, fn func(tx *Tx) error) error {
	if by.ID == "" {
		return errors.New("register: a write needs an actor")
	}
	if s.refuse != nil {
		return s.refuse
	}
	req := &request{ctx: ctx, by: by, fn: fn, answer: make(chan error, 1)}
	s.closeMu.RLock()
	if s.isClosed {
		s.closeMu.RUnlock()
		return fault.New(fault.Unavailable, "register.closed")
	}
	select {
	case s.queue <- req:
		s.closeMu.RUnlock()
	case <-ctx.Done():
		s.closeMu.RUnlock()
		return ctx.Err()
	}
	return <-req.answer
}

// door owns the writing connection and the state of the ledger's right edge.
type door struct {
	s     *Store
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	keys  map[string]int64 // entry id → k; ids never change their key
	edge
}

// edge is the state that a group moves forward and a failed group does not.
type edge struct {
	tree   *ledger.Tree
	lastAt int64  // received time of the last leaf, microseconds
	after  string // mark of the newest anchored checkpoint
}

// load reads the edge from the database.
func (d *door) load(ctx context.Context) error {
	if d.conn == nil {
		conn, err := d.s.write.Conn(ctx)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "register.database")
		}
		d.conn, d.stmts = conn, map[string]*sql.Stmt{}
	}
	size, root, err := readHead(ctx, d.conn)
	if err != nil {
		return err
	}
	return d.loadAt(ctx, size, root)
}

func (d *door) loadAt(ctx context.Context, size int64, root tlog.Hash) error {
	tree, err := ledger.LoadTree(size, hashReader{ctx, d.conn})
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "register.damaged")
	}
	if tree.Root() != root {
		return fault.New(fault.Unavailable, "register.damaged")
	}
	d.edge = edge{tree: tree}
	if size > 0 {
		if err := d.conn.QueryRowContext(ctx, "SELECT at FROM leaf WHERE org = $1 AND idx = $2", org, size-1).Scan(&d.lastAt); err != nil {
			return fault.Wrap(err, fault.Unavailable, "register.damaged")
		}
	}
	var mark string
	err = d.conn.QueryRowContext(ctx, "SELECT code FROM current WHERE org = $1 AND register = $2 ORDER BY k DESC LIMIT 1", org, Anchors.Name()).Scan(&mark)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("register: newest anchor: %w", err)
	}
	d.after = mark
	return nil
}

// run is the committer: it takes the first waiting write and all that wait behind
// it, without any timer.
func (d *door) run() {
	defer close(d.s.done)
	for first := range d.s.queue {
		reqs := []*request{first}
	collect:
		for len(reqs) < groupMax {
			select {
			case r, ok := <-d.s.queue:
				if !ok {
					break collect
				}
				reqs = append(reqs, r)
			default:
				break collect
			}
		}
		d.commit(reqs)
	}
	d.drop()
}

// commit runs a group; if the database refuses it, each write runs alone.
func (d *door) commit(reqs []*request) {
	errs, err := d.try(reqs)
	if err != nil && len(reqs) > 1 {
		for _, r := range reqs {
			one, err := d.try([]*request{r})
			r.answer <- errors.Join(err, one[0])
		}
		return
	}
	for i, r := range reqs {
		if err != nil {
			errs[i] = err
		}
		r.answer <- errs[i]
	}
}

// try runs the functions of a group in one transaction. errs are the functions'
// own failures; err means that nothing of the group was stored.
func (d *door) try(reqs []*request) (errs []error, err error) {
	errs = make([]error, len(reqs))
	// The group's own context: one writer who goes away must not undo the others.
	ctx := context.WithoutCancel(reqs[0].ctx)
	if d.conn == nil {
		if err := d.load(ctx); err != nil {
			return errs, err
		}
	}
	before := d.edge
	before.tree = d.tree.Clone()
	defer func() {
		if err != nil {
			d.edge = before
			if _, back := d.conn.ExecContext(ctx, "ROLLBACK"); back != nil {
				d.drop()
			}
		}
	}()
	if _, err := d.conn.ExecContext(ctx, d.s.d.begin); err != nil {
		return errs, fault.Wrap(err, fault.Unavailable, "register.write_failed")
	}
	if err := d.lock(ctx); err != nil {
		return errs, err
	}
	g := &group{d: d, ctx: ctx, start: d.tree.Clone(), byID: map[string]*version{}}
	for i, r := range reqs {
		if r.ctx.Err() != nil {
			errs[i] = r.ctx.Err()
			continue
		}
		errs[i], err = g.run(r)
		if err != nil {
			return errs, err
		}
	}
	if err := g.finish(); err != nil {
		return errs, err
	}
	if _, err := d.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return errs, fault.Wrap(err, fault.Unavailable, "register.write_failed")
	}
	if len(g.changes) > 0 {
		d.s.publish(g.changes)
		select {
		case d.s.dirty <- struct{}{}:
		default:
		}
	}
	g.afterCommit()
	return errs, nil
}

// lock takes the organisation's head and notices what other replicas wrote.
func (d *door) lock(ctx context.Context) error {
	var size int64
	var raw []byte
	err := d.QueryRowContext(ctx, d.s.d.lockHead, org).Scan(&size, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		if d.s.d.postgres {
			// Nobody can lock a row that is not there: make it first.
			root := (&ledger.Tree{}).Root()
			if _, err := d.conn.ExecContext(ctx, "INSERT INTO head (org, size, root) VALUES ($1, 0, $2) ON CONFLICT (org) DO NOTHING", org, root[:]); err != nil {
				return fmt.Errorf("register: make head: %w", err)
			}
			if err := d.conn.QueryRowContext(ctx, d.s.d.lockHead, org).Scan(&size, &raw); err != nil {
				return fmt.Errorf("register: lock head: %w", err)
			}
			if size == d.tree.Size() {
				return nil
			}
			return d.loadAt(ctx, size, tlog.Hash(raw))
		}
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "register.write_failed")
	}
	if size != d.tree.Size() {
		return d.loadAt(ctx, size, tlog.Hash(raw))
	}
	return nil
}

// QueryRowContext asks for one row with a statement that is kept as long as the
// connection: rules read the same few things in every write.
func (d *door) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	st := d.stmts[query]
	if st == nil {
		var err error
		if st, err = d.conn.PrepareContext(ctx, query); err != nil {
			return d.conn.QueryRowContext(ctx, query, args...) // its row carries the error
		}
		d.stmts[query] = st
	}
	return st.QueryRowContext(ctx, args...)
}

// QueryContext makes the door a querier.
func (d *door) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.conn.QueryContext(ctx, query, args...)
}

// drop gives up a broken connection; the next group opens another.
func (d *door) drop() {
	if d.conn == nil {
		return
	}
	for _, st := range d.stmts {
		if err := st.Close(); err != nil {
			d.s.cfg.Log.Debug("close statement", "error", err)
		}
	}
	if err := d.conn.Close(); err != nil {
		d.s.cfg.Log.Debug("close connection", "error", err)
	}
	d.conn, d.stmts = nil, nil
}

// call runs fn and turns a panic in it into an error, so that one broken rule
// does not stop the house's only door.
func call(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("register: panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

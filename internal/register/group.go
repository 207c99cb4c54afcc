package register

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// version is one version of an entry on its way into, or out of, the database.
type version struct {
	k       int64
	id      string
	kind    string
	version int64
	seq     int64
	at      int64 // microseconds
	actor   string
	reason  string
	salt    []byte
	body    []byte // nil: erased

	// Set for new versions only.
	derived
	record  []byte
	hash    tlog.Hash
	added   []linkRow
	dropped []linkRow
	written bool // its rows are in the database, under a savepoint perhaps
}

type linkRow struct {
	from, to int64
	rel      Rel
	since    int64 // for a dropped link: the index at which it ends
}

// group is the state of one database transaction of the door.
type group struct {
	d       *door
	ctx     context.Context
	start   *ledger.Tree        // the tree before the group
	byID    map[string]*version // newest version by entry, of accepted writes
	done    []*version          // accepted
	changes []Change
	erased  []string // digests whose bytes may now be unreferenced
}

// run executes one request. own is its failure; err is the database's.
func (g *group) run(r *request) (own, err error) {
	now := max(micros(g.d.s.Now()), g.d.lastAt+1)
	tx := &Tx{g: g, ctx: r.ctx, by: r.by, now: now, next: g.d.tree.Size(), lastAt: g.d.lastAt, after: g.d.after, byID: map[string]*version{}}
	own = call(r.fn, tx)
	if own == nil && tx.broken != nil {
		own = tx.broken
	}
	if own != nil {
		if tx.savepoint {
			if _, err := g.d.conn.ExecContext(g.ctx, "ROLLBACK TO SAVEPOINT w"); err != nil {
				return own, fmt.Errorf("register: roll back: %w", err)
			}
		}
		return own, nil
	}
	if tx.savepoint {
		if _, err := g.d.conn.ExecContext(g.ctx, "RELEASE SAVEPOINT w"); err != nil {
			return nil, fmt.Errorf("register: release: %w", err)
		}
	}
	for _, v := range tx.own {
		g.byID[v.id] = v
		g.d.keys[v.id] = v.k
		g.done = append(g.done, v)
		g.changes = append(g.changes, Change{Register: v.kind, ID: v.id, Version: v.version, Seq: v.seq, Index: v.index, Links: v.links})
		g.d.tree.Append(v.hash, func(ledger.Node) {}) // nodes are made again when they are written
	}
	g.d.lastAt, g.d.after = tx.lastAt, tx.after
	g.erased = append(g.erased, tx.erased...)
	return nil, nil
}

// flush writes the accepted rows that are not in the database yet.
func (g *group) flush() error { return g.writeRows(g.done) }

// finish writes everything that is left of the group: rows, leaves, nodes, head.
func (g *group) finish() error {
	if len(g.done) == 0 {
		return nil
	}
	if err := g.flush(); err != nil {
		return err
	}
	leaves := make([][]any, 0, len(g.done))
	nodes := make([][]any, 0, 2*len(g.done))
	tree := g.start
	for _, v := range g.done {
		leaves = append(leaves, []any{org, v.seq, v.id, v.version, v.at, v.record})
		tree.Append(v.hash, func(n ledger.Node) { nodes = append(nodes, []any{org, n.Pos, n.Hash[:]}) })
	}
	if err := g.bulk("leaf", "org, idx, id, version, at, record", 6, "", leaves); err != nil {
		return err
	}
	if err := g.bulk("node", "org, pos, hash", 3, "", nodes); err != nil {
		return err
	}
	root := tree.Root()
	return g.exec("INSERT INTO head (org, size, root) VALUES ($1, $2, $3) ON CONFLICT (org) DO UPDATE SET size = excluded.size, root = excluded.root", org, tree.Size(), root[:])
}

func (g *group) writeRows(vs []*version) error {
	var entries, links, refs [][]any
	latest := map[string]*version{}
	var dropped []linkRow
	var pending []*version
	for _, v := range vs {
		if v.written {
			continue
		}
		v.written = true
		pending = append(pending, v)
		entries = append(entries, []any{org, v.id, v.version, v.kind, v.seq, v.at, v.actor, v.reason, v.salt, string(v.body)})
		latest[v.id] = v
		for _, l := range v.added {
			links = append(links, []any{l.from, int64(l.rel), l.to, l.since, noEnd})
		}
		dropped = append(dropped, v.dropped...)
		for _, b := range v.blobs {
			refs = append(refs, []any{org, b, v.id, v.version})
		}
	}
	var current [][]any
	for _, v := range pending {
		if latest[v.id] == v {
			i := v.index
			current = append(current, []any{v.k, org, v.kind, v.id, v.version, v.seq, v.at, i.Code, i.Title, i.Status, i.Owner, micros(i.Due), micros(i.From), micros(i.To)})
		}
	}
	if err := g.bulk("entry", "org, id, version, register, seq, at, actor, reason, salt, body", 10, "", entries); err != nil {
		return err
	}
	if err := g.bulk("current", "k, org, register, id, version, seq, at, code, title, status, owner, due, period_from, period_to", 14,
		" ON CONFLICT (k) DO UPDATE SET version = excluded.version, seq = excluded.seq, at = excluded.at, code = excluded.code, title = excluded.title, status = excluded.status, owner = excluded.owner, due = excluded.due, period_from = excluded.period_from, period_to = excluded.period_to", current); err != nil {
		return err
	}
	if err := g.bulk("link", "from_k, rel, to_k, since, until", 5, "", links); err != nil {
		return err
	}
	for _, l := range dropped {
		if err := g.exec("UPDATE link SET until = $1 WHERE from_k = $2 AND rel = $3 AND to_k = $4 AND until = $5 AND since < $1", l.since, l.from, int64(l.rel), l.to, noEnd); err != nil {
			return err
		}
	}
	return g.bulk("blob_ref", "org, sha256, id, version", 4, "", refs)
}

var chunks = [...]int{128, 32, 8, 4, 2, 1}

// bulk inserts rows as multi-row statements, prepared once per size.
func (g *group) bulk(table, columns string, width int, suffix string, rows [][]any) error {
	for len(rows) > 0 {
		n := chunks[slices.IndexFunc(chunks[:], func(c int) bool { return c <= len(rows) })]
		args := make([]any, 0, n*width)
		for _, r := range rows[:n] {
			args = append(args, r...)
		}
		key := table + "/" + strconv.Itoa(n)
		st := g.d.stmts[key]
		if st == nil {
			var b strings.Builder
			b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ")
			for i := range n {
				if i > 0 {
					b.WriteByte(',')
				}
				b.WriteByte('(')
				for j := range width {
					if j > 0 {
						b.WriteByte(',')
					}
					b.WriteString("$" + strconv.Itoa(i*width+j+1))
				}
				b.WriteByte(')')
			}
			b.WriteString(suffix)
			var err error
			if st, err = g.d.conn.PrepareContext(g.ctx, b.String()); err != nil {
				return fmt.Errorf("register: prepare %s: %w", table, err)
			}
			g.d.stmts[key] = st
		}
		res, err := st.ExecContext(g.ctx, args...)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "register.write_failed")
		}
		if got, err := res.RowsAffected(); err != nil || got != int64(n) {
			return fmt.Errorf("register: %d of %d rows of %s written: %w", got, n, table, err)
		}
		rows = rows[n:]
	}
	return nil
}

func (g *group) exec(query string, args ...any) error {
	st := g.d.stmts[query]
	if st == nil {
		var err error
		if st, err = g.d.conn.PrepareContext(g.ctx, query); err != nil {
			return fmt.Errorf("register: prepare: %w", err)
		}
		g.d.stmts[query] = st
	}
	if _, err := st.ExecContext(g.ctx, args...); err != nil {
		return fault.Wrap(err, fault.Unavailable, "register.write_failed")
	}
	return nil
}

// append makes the next version of an entry in the transaction's buffer.
func (tx *Tx) append(kind, id string, old *version, value []byte, reason string, was, is derived) (*version, error) {
	at := max(tx.now, tx.lastAt+1)
	v := &version{id: id, kind: kind, version: 1, seq: tx.next, at: at, actor: tx.by.ID, reason: strings.TrimSpace(reason), derived: is}
	prev := int64(-1)
	v.k = keyOf(v.seq)
	if old != nil {
		v.k, v.version, prev = old.k, old.version+1, old.seq
	}
	v.salt = make([]byte, ledger.SaltSize)
	if _, err := rand.Read(v.salt); err != nil {
		return nil, fmt.Errorf("register: salt: %w", err)
	}
	v.body = makeBody(v.actor, v.reason, value)
	if err := tx.linkRows(v, was.links, is.links); err != nil {
		return nil, err
	}
	leaf := ledger.Leaf{
		Kind: kind, Subject: id, Version: v.version, At: micro(at), C: ledger.Commit(v.salt, v.body),
		Blobs: ledger.CommitBlobs(v.salt, is.blobs), Prev: prev, After: tx.after,
	}
	v.record = leaf.Record()
	v.hash = ledger.Hash(v.record)
	tx.next++
	tx.lastAt = at
	if kind == Anchors.Name() {
		tx.after = is.index.Code
	}
	tx.own = append(tx.own, v)
	tx.byID[id] = v
	return v, nil
}

// makeBody is the committed record of a version: canonical JSON of actor, reason
// and value. value is canonical already.
func makeBody(actor, reason string, value []byte) []byte {
	a, errA := ledger.Canonical(actor)
	r, errR := ledger.Canonical(reason)
	if errA != nil || errR != nil {
		panic("register: a string has canonical JSON")
	}
	b := make([]byte, 0, len(value)+len(a)+len(r)+32)
	b = append(b, `{"actor":`...)
	b = append(b, a...)
	b = append(b, `,"reason":`...)
	b = append(b, r...)
	b = append(b, `,"value":`...)
	b = append(b, value...)
	return append(b, '}')
}

// Body is a version's committed record, read back.
type Body struct {
	Actor  string          `json:"actor"`
	Reason string          `json:"reason"`
	Value  json.RawMessage `json:"value"`
}

// linkRows finds which links begin and which end with v.
func (tx *Tx) linkRows(v *version, was, is []Link) error {
	for _, l := range is {
		if slices.Contains(was, l) {
			continue
		}
		to, err := tx.key(l.To)
		if err != nil {
			return err
		}
		v.added = append(v.added, linkRow{v.k, to, l.Rel, v.seq})
	}
	for _, l := range was {
		if slices.Contains(is, l) {
			continue
		}
		to, err := tx.key(l.To)
		if err != nil {
			return err
		}
		v.dropped = append(v.dropped, linkRow{v.k, to, l.Rel, v.seq})
	}
	return nil
}

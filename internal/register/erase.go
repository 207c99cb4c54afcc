package register

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"bevis/internal/fault"
)

// Erasure is a tombstone: which bodies were destroyed, on whose authority, why.
// The leaves stay, so every proof stays valid and the hole is visible as erased.
type Erasure struct {
	Subject   string   `json:"subject"`
	Register  string   `json:"register"`
	Versions  []int64  `json:"versions"`
	Authority string   `json:"authority"` // legal or contractual ground
	Why       string   `json:"why"`
	Blobs     []string `json:"blobs"` // digests whose bytes went with the bodies
}

// Erasures is the register of tombstones.
var Erasures = Define("erasure", Rules[Erasure]{
	Prefix: "ers",
	Check: func(_ *Tx, old, v *Erasure) error {
		switch {
		case old != nil:
			return fault.New(fault.Locked, "register.fixed")
		case strings.TrimSpace(v.Authority) == "" || strings.TrimSpace(v.Why) == "":
			return fault.New(fault.Invalid, "register.erase_why")
		case v.Register == "erasure" || v.Register == "anchor":
			return fault.New(fault.Locked, "register.fixed")
		}
		return nil
	},
	Index: func(v *Erasure) Index { return Index{Title: v.Subject, Status: "erased"} },
	Links: func(v *Erasure) []Link { return []Link{{About, v.Subject}} },
})

// Erase destroys the bodies and salts of versions of an entry and leaves a
// tombstone. No versions means all. Erased versions have no links and no index
// text from then on. The bytes that only they referred to are deleted after the
// commit. Who may erase is the caller's decision; that it was done is not.
func Erase(tx *Tx, id string, vs []int64, authority, why string) (Entry[Erasure], error) {
	var none Entry[Erasure]
	v, err := tx.get(id)
	if err != nil {
		return none, err
	}
	kind := tx.g.d.s.kinds[v.kind]
	if kind == nil {
		return none, fmt.Errorf("register: unknown register %s", v.kind)
	}
	conn, err := tx.settle()
	if err != nil {
		return none, err
	}
	all, err := versions(tx.g.ctx, conn, "SELECT CAST($3 AS bigint), id, register, version, seq, at, actor, reason, salt, body FROM entry WHERE org = $1 AND id = $2 ORDER BY version", org, id, v.k)
	if err != nil {
		return none, err
	}
	t := Erasure{Subject: id, Register: v.kind, Authority: authority, Why: why, Versions: []int64{}, Blobs: []string{}}
	for _, x := range all {
		if x.body == nil || (len(vs) > 0 && !slices.Contains(vs, x.version)) {
			continue
		}
		d, err := kind.derive(valueOf(x.body))
		if err != nil {
			return none, err
		}
		t.Versions = append(t.Versions, x.version)
		t.Blobs = append(t.Blobs, d.blobs...)
		x.body = nil
	}
	if len(t.Versions) == 0 {
		return none, fault.New(fault.Invalid, "register.erase_nothing", "ID", id)
	}
	t.Blobs = slices.Compact(slices.Sorted(slices.Values(t.Blobs)))
	e, err := Erasures.Create(tx, t, "")
	if err != nil {
		return none, err
	}
	if conn, err = tx.settle(); err != nil { // from here on everything is under the savepoint
		return none, err
	}
	for _, n := range t.Versions {
		if _, err := conn.ExecContext(tx.g.ctx, "UPDATE entry SET body = NULL, salt = $4, actor = '', reason = '' WHERE org = $1 AND id = $2 AND version = $3", org, id, n, []byte{}); err != nil {
			tx.broken = fmt.Errorf("register: erase: %w", err)
			return none, tx.broken
		}
		if _, err := conn.ExecContext(tx.g.ctx, "DELETE FROM blob_ref WHERE org = $1 AND id = $2 AND version = $3", org, id, n); err != nil {
			tx.broken = fmt.Errorf("register: erase: %w", err)
			return none, tx.broken
		}
	}
	if err := tx.relink(kind, v.k, all); err != nil {
		tx.broken = err
		return none, err
	}
	delete(tx.byID, id)
	delete(tx.g.byID, id)
	tx.erased = append(tx.erased, t.Blobs...)
	return e, nil
}

// relink writes an entry's link rows and index row again from the bodies that
// are left.
func (tx *Tx) relink(kind Kind, k int64, all []*version) error {
	conn, ctx := tx.g.d.conn, tx.g.ctx
	if _, err := conn.ExecContext(ctx, "DELETE FROM link WHERE from_k = $1", k); err != nil {
		return fmt.Errorf("register: erase links: %w", err)
	}
	var last derived
	spans := linkSpans{}
	for _, x := range all {
		last = derived{}
		if x.body != nil {
			d, err := kind.derive(valueOf(x.body))
			if err != nil {
				return err
			}
			last = d
		}
		spans.next(x.seq, last.links)
	}
	for _, s := range spans.rows {
		to, err := tx.key(s.link.To)
		if err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, "INSERT INTO link (from_k, rel, to_k, since, until) VALUES ($1, $2, $3, $4, $5)", k, int64(s.link.Rel), to, s.since, s.until); err != nil {
			return fmt.Errorf("register: erase links: %w", err)
		}
	}
	i := last.index
	if _, err := conn.ExecContext(ctx, "UPDATE current SET code = $2, title = $3, status = $4, owner = $5, due = $6, period_from = $7, period_to = $8 WHERE k = $1",
		k, i.Code, i.Title, i.Status, i.Owner, micros(i.Due), micros(i.From), micros(i.To)); err != nil {
		return fmt.Errorf("register: erase index: %w", err)
	}
	return nil
}

// linkSpans computes link rows from the versions of an entry in order.
type linkSpans struct {
	open map[Link]int // position in rows
	rows []span
}

type span struct {
	link         Link
	since, until int64
}

func (s *linkSpans) next(seq int64, links []Link) {
	if s.open == nil {
		s.open = map[Link]int{}
	}
	for l, i := range s.open {
		if !slices.Contains(links, l) {
			s.rows[i].until = seq
			delete(s.open, l)
		}
	}
	for _, l := range links {
		if _, ok := s.open[l]; !ok {
			s.open[l] = len(s.rows)
			s.rows = append(s.rows, span{l, seq, noEnd})
		}
	}
}

// afterCommit deletes bytes that nothing refers to any more.
func (g *group) afterCommit() {
	for _, digest := range g.erased {
		var n int
		if err := g.d.conn.QueryRowContext(g.ctx, "SELECT count(*) FROM blob_ref WHERE org = $1 AND sha256 = $2", org, digest).Scan(&n); err != nil || n > 0 {
			continue
		}
		if g.d.s.cfg.Blobs != nil {
			if err := g.d.s.cfg.Blobs.Delete(context.WithoutCancel(g.ctx), digest); err != nil {
				g.d.s.cfg.Log.Error("erased bytes not deleted; the sweeper tries again", "sha256", digest, "error", err)
			}
		}
	}
	if len(g.erased) > 0 && !g.d.s.d.postgres {
		// Erased bodies must not live on in the write-ahead log.
		if _, err := g.d.conn.ExecContext(g.ctx, "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			g.d.s.cfg.Log.Warn("write-ahead log not emptied after an erasure", "error", err)
		}
	}
}

package register

import (
	"fmt"
)

// Linked is the other end of a link.
type Linked struct {
	Rel      Rel
	Register string
	ID       string
	Since    int64 // ledger index at which the link began
	Index          // of the other end, as it is now
}

// Out lists what id links to with rel; In lists what links to id. Both see the
// links that hold for the reader, by the other end's code.
func Out(r Reader, id string, rel Rel) ([]Linked, error) {
	return linked(r, id, rel, "SELECT l.rel, o.register, o.id, l.since, o.code, o.title, o.status, o.owner, o.due, o.period_from, o.period_to FROM current m JOIN link l ON l.from_k = m.k JOIN current o ON o.k = l.to_k WHERE m.org = $1 AND m.id = $2 AND l.rel = $3 AND l.since <= $4 AND l.until > $4 ORDER BY o.code, o.k")
}

// In is the other direction of Out.
func In(r Reader, id string, rel Rel) ([]Linked, error) {
	return linked(r, id, rel, "SELECT l.rel, o.register, o.id, l.since, o.code, o.title, o.status, o.owner, o.due, o.period_from, o.period_to FROM current m JOIN link l ON l.to_k = m.k JOIN current o ON o.k = l.from_k WHERE m.org = $1 AND m.id = $2 AND l.rel = $3 AND l.since <= $4 AND l.until > $4 ORDER BY o.code, o.k")
}

func linked(r Reader, id string, rel Rel, query string) ([]Linked, error) {
	q, err := r.source()
	if err != nil {
		return nil, err
	}
	last, old := r.at()
	if !old {
		last = noEnd - 1
	}
	rows, err := q.QueryContext(r.Ctx(), query, org, id, int64(rel), last)
	if err != nil {
		return nil, fmt.Errorf("register: links of %s: %w", id, err)
	}
	defer rows.Close()
	var out []Linked
	for rows.Next() {
		var l Linked
		var due, from, to int64
		if err := rows.Scan(&l.Rel, &l.Register, &l.ID, &l.Since, &l.Code, &l.Title, &l.Status, &l.Owner, &due, &from, &to); err != nil {
			return nil, fmt.Errorf("register: links of %s: %w", id, err)
		}
		l.Due, l.From, l.To = micro(due), micro(from), micro(to)
		out = append(out, l)
	}
	return out, rows.Err()
}

// From reads the entries of a register that link to id with rel, whole and as the
// reader sees them, in order of creation.
func (g *Register[T]) From(r Reader, id string, rel Rel) ([]Entry[T], error) {
	q, err := r.source()
	if err != nil {
		return nil, err
	}
	last, old := r.at()
	query := `SELECT c.k, e.id, e.register, e.version, e.seq, e.at, e.actor, e.reason, e.salt, e.body
FROM current m JOIN link l ON l.to_k = m.k JOIN current c ON c.k = l.from_k JOIN entry e ON e.org = c.org AND e.id = c.id AND e.version = c.version
WHERE m.org = $1 AND m.id = $2 AND l.rel = $3 AND l.since <= $4 AND l.until > $4 AND c.register = $5 ORDER BY c.k`
	if old {
		query = `SELECT c.k, e.id, e.register, e.version, e.seq, e.at, e.actor, e.reason, e.salt, e.body
FROM current m JOIN link l ON l.to_k = m.k JOIN current c ON c.k = l.from_k JOIN entry e ON e.org = c.org AND e.id = c.id
WHERE m.org = $1 AND m.id = $2 AND l.rel = $3 AND l.since <= $4 AND l.until > $4 AND c.register = $5
AND e.version = (SELECT max(x.version) FROM entry x WHERE x.org = c.org AND x.id = c.id AND +x.seq <= $4) ORDER BY c.k`
	} else {
		last = noEnd - 1
	}
	vs, err := versions(r.Ctx(), q, query, org, id, int64(rel), last, g.name)
	if err != nil {
		return nil, err
	}
	return g.decodeAll(vs)
}

// Pair is one link by both ends' ids.
type Pair struct{ From, To string }

// Pairs lists all links of a relation that hold for the reader: what a matrix is
// made of.
func Pairs(r Reader, rel Rel) ([]Pair, error) {
	q, err := r.source()
	if err != nil {
		return nil, err
	}
	last, old := r.at()
	if !old {
		last = noEnd - 1
	}
	rows, err := q.QueryContext(r.Ctx(), "SELECT f.id, t.id FROM link l JOIN current f ON f.k = l.from_k JOIN current t ON t.k = l.to_k WHERE f.org = $1 AND l.rel = $2 AND l.since <= $3 AND l.until > $3 ORDER BY f.k, t.k", org, int64(rel), last)
	if err != nil {
		return nil, fmt.Errorf("register: links: %w", err)
	}
	defer rows.Close()
	var out []Pair
	for rows.Next() {
		var p Pair
		if err := rows.Scan(&p.From, &p.To); err != nil {
			return nil, fmt.Errorf("register: links: %w", err)
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

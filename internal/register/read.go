package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bevis/internal/fault"
)

// Reader is where reads come from: the live store (Store.Live), a moment
// (Store.AsOf), a ledger index (Store.At) or a write under way (Tx).
type Reader interface {
	// Ctx carries cancellation and the reader's language.
	Ctx() context.Context
	get(id string) (*version, error)
	source() (querier, error)
	at() (index int64, past bool) // last ledger index that counts
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

type live struct {
	ctx context.Context
	s   *Store
}

// Live reads the newest state.
func (s *Store) Live(ctx context.Context) Reader { return live{ctx, s} }

func (l live) Ctx() context.Context            { return l.ctx }
func (l live) get(id string) (*version, error) { return getLatest(l.ctx, l.s.fast, id) }
func (l live) source() (querier, error)        { return l.s.fast, nil }
func (l live) at() (int64, bool)               { return 0, false }

type past struct {
	live
	index int64
}

// At reads the state when the ledger's last index was index.
func (s *Store) At(ctx context.Context, index int64) Reader { return past{live{ctx, s}, index} }

// AsOf reads the state at a moment: everything received by then. Index order is
// time order, so the moment is an index.
func (s *Store) AsOf(ctx context.Context, t time.Time) (Reader, error) {
	i, err := s.IndexAt(ctx, t)
	if err != nil {
		return nil, err
	}
	return s.At(ctx, i), nil
}

// IndexAt is the last ledger index received by t, -1 if none.
func (s *Store) IndexAt(ctx context.Context, t time.Time) (int64, error) {
	size, _, err := s.Head(ctx)
	if err != nil {
		return 0, err
	}
	lo, hi := int64(0), size // first index received after t
	for lo < hi {
		mid := (lo + hi) / 2
		var at int64
		if err := s.fast.QueryRowContext(ctx, "SELECT at FROM leaf WHERE org = $1 AND idx = $2", org, mid).Scan(&at); err != nil {
			return 0, fmt.Errorf("register: leaf %d: %w", mid, err)
		}
		if at > t.UnixMicro() {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo - 1, nil
}

func (p past) at() (int64, bool) { return p.index, true }

func (p past) get(id string) (*version, error) {
	return one(p.ctx, p.s.fast, id, "SELECT 0, id, register, version, seq, at, actor, reason, salt, body FROM entry WHERE org = $1 AND id = $2 AND +seq <= $3 ORDER BY version DESC LIMIT 1", org, id, p.index)
}

func getLatest(ctx context.Context, q querier, id string) (*version, error) {
	return one(ctx, q, id, `SELECT c.k, e.id, e.register, e.version, e.seq, e.at, e.actor, e.reason, e.salt, e.body
FROM current c JOIN entry e ON e.org = c.org AND e.id = c.id AND e.version = c.version WHERE c.org = $1 AND c.id = $2`, org, id)
}

func one(ctx context.Context, q querier, id, query string, args ...any) (*version, error) {
	v := &version{}
	var body sql.NullString
	err := q.QueryRowContext(ctx, query, args...).Scan(&v.k, &v.id, &v.kind, &v.version, &v.seq, &v.at, &v.actor, &v.reason, &v.salt, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	if err != nil {
		return nil, fmt.Errorf("register: read %s: %w", id, err)
	}
	if body.Valid {
		v.body = []byte(body.String)
	}
	return v, nil
}

// Get reads an entry; fault.NotFound if it did not exist for the reader.
func (g *Register[T]) Get(r Reader, id ID[T]) (Entry[T], error) {
	v, err := r.get(id.String())
	if err != nil {
		return Entry[T]{}, err
	}
	if v.kind != g.name {
		return Entry[T]{}, fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	return g.decode(v)
}

// History lists every version the reader may see, oldest first.
func (g *Register[T]) History(r Reader, id ID[T]) ([]Entry[T], error) {
	q, err := r.source()
	if err != nil {
		return nil, err
	}
	last, old := r.at()
	if !old {
		last = noEnd
	}
	vs, err := versions(r.Ctx(), q, "SELECT 0, id, register, version, seq, at, actor, reason, salt, body FROM entry WHERE org = $1 AND id = $2 AND register = $3 AND +seq <= $4 ORDER BY version", org, id.String(), g.name, last)
	if err != nil {
		return nil, err
	}
	if len(vs) == 0 {
		return nil, fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	return g.decodeAll(vs)
}

func (g *Register[T]) decodeAll(vs []*version) ([]Entry[T], error) {
	out := make([]Entry[T], 0, len(vs))
	for _, v := range vs {
		e, err := g.decode(v)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

func versions(ctx context.Context, q querier, query string, args ...any) ([]*version, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("register: read: %w", err)
	}
	defer rows.Close()
	var out []*version
	for rows.Next() {
		v := &version{}
		var body sql.NullString
		if err := rows.Scan(&v.k, &v.id, &v.kind, &v.version, &v.seq, &v.at, &v.actor, &v.reason, &v.salt, &body); err != nil {
			return nil, fmt.Errorf("register: read: %w", err)
		}
		if body.Valid {
			v.body = []byte(body.String)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Query narrows a list. Zero fields do not narrow.
type Query struct {
	Status, Owner, Code string
	From, To            time.Time // entries whose period touches [From, To)
	Text                string    // part of the code or the title
	Before              int64     // rows with a smaller key: the next page
	Limit               int       // 0: all
	Oldest              bool      // oldest first; otherwise newest first
}

// Row is an entry's index row.
type Row struct {
	Key     int64
	ID      string
	Version int64
	Seq     int64
	At      time.Time
	Index
}

// List reads index rows without bodies. As of a past moment the rows are made
// again from the bodies.
func (g *Register[T]) List(r Reader, q Query) ([]Row, error) {
	if _, old := r.at(); old {
		es, err := g.All(r, q)
		if err != nil {
			return nil, err
		}
		out := make([]Row, len(es))
		for i, e := range es {
			out[i] = Row{ID: e.ID.String(), Version: e.Version, Seq: e.Seq, At: e.At, Index: g.rules.Index(&e.Value)}
		}
		return out, nil
	}
	src, err := r.source()
	if err != nil {
		return nil, err
	}
	where, args := q.where(g.name)
	rows, err := src.QueryContext(r.Ctx(), "SELECT c.k, c.id, c.version, c.seq, c.at, c.code, c.title, c.status, c.owner, c.due, c.period_from, c.period_to FROM current c"+where, args...)
	if err != nil {
		return nil, fmt.Errorf("register: list %s: %w", g.name, err)
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var w Row
		var at, due, from, to int64
		if err := rows.Scan(&w.Key, &w.ID, &w.Version, &w.Seq, &at, &w.Code, &w.Title, &w.Status, &w.Owner, &due, &from, &to); err != nil {
			return nil, fmt.Errorf("register: list %s: %w", g.name, err)
		}
		w.At, w.Due, w.From, w.To = micro(at), micro(due), micro(from), micro(to)
		out = append(out, w)
	}
	return out, rows.Err()
}

// Count counts the live entries of a query.
func (g *Register[T]) Count(r Reader, q Query) (int, error) {
	src, err := r.source()
	if err != nil {
		return 0, err
	}
	q.Limit, q.Before = 0, 0
	where, args := q.where(g.name)
	where, _, _ = strings.Cut(where, " ORDER BY ")
	var n int
	if err := src.QueryRowContext(r.Ctx(), "SELECT count(*) FROM current c"+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("register: count %s: %w", g.name, err)
	}
	return n, nil
}

// All reads whole entries.
func (g *Register[T]) All(r Reader, q Query) ([]Entry[T], error) {
	src, err := r.source()
	if err != nil {
		return nil, err
	}
	last, old := r.at()
	if !old {
		where, args := q.where(g.name)
		vs, err := versions(r.Ctx(), src, "SELECT c.k, e.id, e.register, e.version, e.seq, e.at, e.actor, e.reason, e.salt, e.body FROM current c JOIN entry e ON e.org = c.org AND e.id = c.id AND e.version = c.version"+where, args...)
		if err != nil {
			return nil, err
		}
		return g.decodeAll(vs)
	}
	vs, err := versions(r.Ctx(), src, `SELECT 0, e.id, e.register, e.version, e.seq, e.at, e.actor, e.reason, e.salt, e.body
FROM entry e WHERE e.org = $1 AND e.register = $2 AND +e.seq <= $3
AND e.version = (SELECT max(x.version) FROM entry x WHERE x.org = e.org AND x.id = e.id AND +x.seq <= $3) ORDER BY e.id`, org, g.name, last)
	if err != nil {
		return nil, err
	}
	all, err := g.decodeAll(vs)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, e := range all {
		if !e.Erased && q.matches(g.rules.Index(&e.Value)) {
			out = append(out, e)
		}
	}
	if !q.Oldest {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	if q.Limit > 0 && len(out) > q.Limit {
		out = out[:q.Limit]
	}
	return out, nil
}

// ByCode reads the newest entry with a code; fault.NotFound if there is none.
func (g *Register[T]) ByCode(r Reader, code string) (Entry[T], error) {
	es, err := g.All(r, Query{Code: code, Limit: 1})
	if err != nil {
		return Entry[T]{}, err
	}
	if len(es) == 0 || code == "" {
		return Entry[T]{}, fault.New(fault.NotFound, "register.no_code", "Code", code)
	}
	return es[0], nil
}

// Taken reports whether an entry of a register has the code. A register's own
// rules use it, which cannot name the register they are part of.
func Taken(r Reader, register, code string) (bool, error) {
	q, err := r.source()
	if err != nil {
		return false, err
	}
	var n int
	if err := q.QueryRowContext(r.Ctx(), "SELECT count(*) FROM current WHERE org = $1 AND register = $2 AND code = $3", org, register, code).Scan(&n); err != nil {
		return false, fmt.Errorf("register: look for code %s: %w", code, err)
	}
	return n > 0, nil
}

// Versions reads the history of an entry for a register's own rules, oldest
// first.
func Versions[T any](r Reader, register, id string) ([]Entry[T], error) {
	g := Register[T]{name: register}
	return g.History(r, ID[T](id))
}

func (q Query) where(register string) (string, []any) {
	var b strings.Builder
	args := []any{org, register}
	b.WriteString(" WHERE c.org = $1 AND c.register = $2")
	add := func(cond string, v any) {
		args = append(args, v)
		b.WriteString(" AND " + strings.ReplaceAll(cond, "?", "$"+strconv.Itoa(len(args))))
	}
	if q.Status != "" {
		add("c.status = ?", q.Status)
	}
	if q.Owner != "" {
		add("c.owner = ?", q.Owner)
	}
	if q.Code != "" {
		add("c.code = ?", q.Code)
	}
	if !q.From.IsZero() {
		add("c.period_to >= ?", micros(q.From))
	}
	if !q.To.IsZero() {
		add("c.period_from < ?", micros(q.To))
	}
	if q.Text != "" {
		add(`lower(c.code || ' ' || c.title) LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(strings.ToLower(q.Text))+"%")
	}
	if q.Before > 0 {
		add("c.k < ?", q.Before)
	}
	if q.Oldest {
		b.WriteString(" ORDER BY c.k")
	} else {
		b.WriteString(" ORDER BY c.k DESC")
	}
	if q.Limit > 0 {
		b.WriteString(" LIMIT " + strconv.Itoa(q.Limit))
	}
	return b.String(), args
}

var likeEscape = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

func (q Query) matches(i Index) bool {
	return (q.Status == "" || i.Status == q.Status) && (q.Owner == "" || i.Owner == q.Owner) && (q.Code == "" || i.Code == q.Code) &&
		(q.From.IsZero() || !i.To.Before(q.From)) && (q.To.IsZero() || i.From.Before(q.To)) &&
		(q.Text == "" || strings.Contains(strings.ToLower(i.Code+" "+i.Title), strings.ToLower(q.Text)))
}

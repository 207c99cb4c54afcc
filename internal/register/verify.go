package register

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/blob"
	"bevis/internal/ledger"
)

// Verify re-reads every byte of the workspace and holds it against the ledger:
// entries against leaves, index and links against the bodies they are derived
// from, the tree against its leaves, checkpoints and anchors against the tree,
// blobs against their digests, and the newest checkpoint against the signer's own
// memory. It changes nothing and always ends.
func (s *Store) Verify(ctx context.Context, key ledger.Key, roots []byte) (*ledger.Report, error) {
	opts := &sql.TxOptions{ReadOnly: true}
	if s.d.postgres {
		opts.Isolation = sql.LevelRepeatableRead // SQLite's snapshots are that anyway
	}
	tx, err := s.read.BeginTx(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("register: verify: %w", err)
	}
	defer tx.Rollback()
	v := &verifier{
		s: s, ctx: ctx, q: tx, key: key, roots: roots, r: &ledger.Report{Key: ledger.KeyReport{Fingerprint: key.Fingerprint(), Origin: key.Origin}},
		subjects: map[string]*subject{}, erased: map[string][]int64{}, rootAt: map[int64]tlog.Hash{}, wantRefs: map[string]bool{}, digests: map[string]bool{},
	}
	for _, step := range []func() error{v.checkpointSizes, v.tombstones, v.history, v.current, v.links, v.refs, v.head, v.checkpoints, v.signer, v.blobs} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for id, vs := range v.erased {
		kind := ""
		if sub := v.subjects[id]; sub != nil {
			kind = sub.kind
		}
		v.r.Erased = append(v.r.Erased, ledger.Erased{ID: id, Register: kind, Versions: vs})
	}
	slices.SortFunc(v.r.Erased, func(a, b ledger.Erased) int { return strings.Compare(a.ID, b.ID) })
	v.r.Decide()
	return v.r, nil
}

// subject is what the bodies say an entry's derived rows must be.
type subject struct {
	kind    string
	k       int64
	version int64
	seq     int64
	at      int64
	last    derived
	spans   linkSpans
}

type verifier struct {
	s        *Store
	ctx      context.Context
	q        *sql.Tx
	key      ledger.Key
	roots    []byte
	r        *ledger.Report
	tree     ledger.Tree
	subjects map[string]*subject
	erased   map[string][]int64 // valid tombstones
	rootAt   map[int64]tlog.Hash
	wantRefs map[string]bool // sha256/id/version
	digests  map[string]bool // referenced blobs
	anchors  []Anchor
	after    string
	marks    map[string]bool
}

// row is one result row read without trusting the column types.
type row []any

func (r row) int(i int) (int64, bool) { n, ok := r[i].(int64); return n, ok }

func (r row) text(i int) (string, bool) {
	switch x := r[i].(type) {
	case string:
		return x, true
	case []byte:
		return string(x), true
	}
	return "", false
}

func (r row) bytes(i int) ([]byte, bool) {
	switch x := r[i].(type) {
	case []byte:
		return x, true
	case string:
		return []byte(x), true
	}
	return nil, false
}

func (v *verifier) each(query string, width int, f func(row) error) error {
	rows, err := v.q.QueryContext(v.ctx, query)
	if err != nil {
		return fmt.Errorf("register: verify: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		vals, ptrs := make(row, width), make([]any, width)
		for i := range vals {
			ptrs[i] = &vals[i]
		}
		if err := rows.Scan(ptrs...); err != nil {
			return fmt.Errorf("register: verify: %w", err)
		}
		if err := f(vals); err != nil {
			return err
		}
	}
	return rows.Err()
}

// checkpointSizes collects at which sizes the root is needed later.
func (v *verifier) checkpointSizes() error {
	return v.each("SELECT size FROM checkpoint", 1, func(r row) error {
		if n, ok := r.int(0); ok {
			v.rootAt[n] = tlog.Hash{}
		}
		return nil
	})
}

// tombstones collects which versions may be empty. A tombstone counts because
// its own body is bound by its own leaf, which history checks.
func (v *verifier) tombstones() error {
	return v.each("SELECT body FROM entry WHERE register = 'erasure' ORDER BY seq", 1, func(r row) error {
		body, ok := r.bytes(0)
		if !ok {
			return nil
		}
		var b struct {
			Value Erasure `json:"value"`
		}
		if err := json.Unmarshal(body, &b); err != nil {
			return nil //nolint:nilerr // history reports the damaged body
		}
		v.erased[b.Value.Subject] = append(v.erased[b.Value.Subject], b.Value.Versions...)
		return nil
	})
}

// history walks leaves, entries and tree hashes side by side.
func (v *verifier) history() error {
	type half struct{ r row }
	entries := map[int64]half{}
	nodes := newCursor()
	defer nodes.close()
	if err := nodes.open(v, "SELECT org, pos, hash FROM node ORDER BY org, pos", 3); err != nil {
		return err
	}
	ents := newCursor()
	defer ents.close()
	if err := ents.open(v, "SELECT org, id, version, register, seq, at, actor, reason, salt, body FROM entry ORDER BY org, seq", 10); err != nil {
		return err
	}
	next, lastAt := int64(0), int64(0)
	err := v.each("SELECT org, idx, id, version, at, record FROM leaf ORDER BY org, idx", 6, func(r row) error {
		idx, ok := r.int(1)
		path := "leaf/" + show(r[1])
		if o, okOrg := r.int(0); !ok || !okOrg || o != org {
			v.r.Wrong(path, "leaf.column", "Column", "org, idx")
			return nil
		}
		if idx != next {
			v.r.Wrong("leaf/"+strconv.FormatInt(next, 10), "leaf.missing")
			next = idx
		}
		next++
		record, okRec := r.bytes(5)
		leaf, err := ledger.ParseLeaf(record)
		if !okRec || err != nil {
			v.r.Wrong(path, "leaf.record")
		}
		v.tree.Append(ledger.Hash(record), func(n ledger.Node) { v.node(nodes, n) })
		if _, ok := v.rootAt[v.tree.Size()]; ok {
			v.rootAt[v.tree.Size()] = v.tree.Root()
		}
		if err != nil {
			return nil //nolint:nilerr // the finding is recorded
		}
		id, _ := r.text(2)
		version, _ := r.int(3)
		at, _ := r.int(4)
		if id != leaf.Subject || version != leaf.Version || at != leaf.At.UnixMicro() {
			v.r.Wrong(path, "leaf.column", "Column", "id, version, at")
		}
		if leaf.At.UnixMicro() <= lastAt {
			v.r.Wrong(path, "leaf.time")
		}
		lastAt = leaf.At.UnixMicro()
		// The entry of this leaf.
		for {
			e, ok, err := ents.peek()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			seq, okSeq := e.int(4)
			if o, okOrg := e.int(0); !okOrg || o != org || !okSeq || seq < idx {
				v.r.Wrong("entry/"+show(e[1])+"@"+show(e[2]), "entry.no_leaf")
				ents.skip()
				continue
			}
			if seq == idx {
				ents.skip()
				entries[idx] = half{e}
			}
			break
		}
		h, ok := entries[idx]
		delete(entries, idx)
		if !ok {
			v.r.Wrong("entry/"+leaf.Subject+"@"+strconv.FormatInt(leaf.Version, 10), "entry.missing")
			return nil
		}
		v.entry(idx, leaf, h.r)
		return nil
	})
	if err != nil {
		return err
	}
	return v.leftovers(ents, nodes)
}

// leftovers reports rows behind the last leaf, but for those that were written
// while the verification ran.
func (v *verifier) leftovers(ents, nodes *cursor) error {
	size, _, err := readHead(v.ctx, v.s.read)
	if err != nil {
		size = 0 // the head's own check reports it
	}
	for {
		e, ok, err := ents.peek()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if seq, ok := e.int(4); !ok || seq < v.tree.Size() || seq >= size {
			v.r.Wrong("entry/"+show(e[1])+"@"+show(e[2]), "entry.no_leaf")
		}
		ents.skip()
	}
	for {
		n, ok, err := nodes.peek()
		if err != nil || !ok {
			return err
		}
		if pos, ok := n.int(1); !ok || pos < tlog.StoredHashCount(v.tree.Size()) || pos >= tlog.StoredHashCount(size) {
			v.r.Wrong("node/"+show(n[1]), "node.extra")
		}
		nodes.skip()
	}
}

// node compares a computed tree hash with the stored one.
func (v *verifier) node(c *cursor, n ledger.Node) {
	for {
		r, ok, err := c.peek()
		if err != nil || !ok {
			v.r.Wrong("node/"+strconv.FormatInt(n.Pos, 10), "node.missing")
			return
		}
		o, okOrg := r.int(0)
		pos, okPos := r.int(1)
		if !okOrg || o != org || !okPos || pos < n.Pos {
			v.r.Wrong("node/"+show(r[1]), "node.extra")
			c.skip()
			continue
		}
		if pos > n.Pos {
			v.r.Wrong("node/"+strconv.FormatInt(n.Pos, 10), "node.missing")
			return
		}
		c.skip()
		if h, _ := r.bytes(2); !bytes.Equal(h, n.Hash[:]) {
			v.r.Wrong("node/"+strconv.FormatInt(n.Pos, 10), "node.hash")
		}
		return
	}
}

// entry holds one version against its leaf and derives what follows from it.
func (v *verifier) entry(idx int64, leaf ledger.Leaf, r row) {
	path := "entry/" + leaf.Subject + "@" + strconv.FormatInt(leaf.Version, 10)
	v.r.Checked.Entries++
	id, _ := r.text(1)
	version, okV := r.int(2)
	kind, _ := r.text(3)
	at, okAt := r.int(5)
	actor, okActor := r.text(6)
	reason, okReason := r.text(7)
	salt, okSalt := r.bytes(8)
	if id != leaf.Subject || !okV || version != leaf.Version || kind != leaf.Kind || !okAt || at != leaf.At.UnixMicro() || !okActor || !okReason || !okSalt {
		v.r.Wrong(path, "entry.column")
	}
	sub := v.subjects[leaf.Subject]
	if sub == nil {
		sub = &subject{kind: leaf.Kind, k: keyOf(idx), seq: -1}
		v.subjects[leaf.Subject] = sub
	}
	if leaf.Prev != sub.seq || leaf.Version != sub.version+1 || leaf.Kind != sub.kind {
		v.r.Wrong(path, "leaf.chain")
	}
	if leaf.After != v.after && !v.marks[leaf.After] {
		v.r.Wrong("leaf/"+strconv.FormatInt(idx, 10), "leaf.after")
	}
	sub.version, sub.seq, sub.at, sub.last = leaf.Version, idx, leaf.At.UnixMicro(), derived{}
	if r[9] == nil {
		if !slices.Contains(v.erased[leaf.Subject], leaf.Version) {
			v.r.Wrong(path, "entry.body_missing")
		} else if len(salt) > 0 || actor != "" || reason != "" {
			v.r.Wrong(path, "entry.erased_rest")
		}
		sub.spans.next(idx, nil)
		return
	}
	body, okBody := r.bytes(9)
	v.r.Checked.Bytes += int64(len(body))
	if !okBody || ledger.Commit(salt, body) != leaf.C {
		v.r.Wrong(path, "entry.commitment")
		sub.spans.next(idx, nil)
		return
	}
	var b Body
	if err := json.Unmarshal(body, &b); err != nil || b.Actor != actor || b.Reason != reason || !ledger.IsCanonical(body) {
		v.r.Wrong(path, "entry.column")
	}
	k := v.s.kinds[leaf.Kind]
	if k == nil {
		v.r.Unknown(path, "entry.unknown_register", "Register", leaf.Kind)
		return
	}
	d, err := k.derive(b.Value)
	if err != nil {
		v.r.Wrong(path, "entry.decode")
		return
	}
	if ledger.CommitBlobs(salt, d.blobs) != leaf.Blobs {
		v.r.Wrong(path, "entry.blobs")
	}
	for _, digest := range d.blobs {
		v.wantRefs[digest+"/"+leaf.Subject+"/"+strconv.FormatInt(leaf.Version, 10)] = true
		v.digests[digest] = true
	}
	sub.last = d
	sub.spans.next(idx, d.links)
	if leaf.Kind == Anchors.Name() {
		var a Anchor
		if err := json.Unmarshal(b.Value, &a); err == nil {
			v.anchor(path, a, d.index.Code)
		}
	}
}

// anchor checks a timestamp and the checkpoint under it; later leaves may name it.
func (v *verifier) anchor(path string, a Anchor, mark string) {
	v.after = mark
	if v.marks == nil {
		v.marks = map[string]bool{}
	}
	v.marks[mark] = true
	c, err := v.key.OpenCheckpoint([]byte(a.Note))
	if err != nil {
		v.r.Wrong(path, "anchor.note")
		return
	}
	token, err := base64.StdEncoding.DecodeString(a.Token)
	if err != nil {
		v.r.Wrong(path, "anchor.token")
		return
	}
	ts, err := ledger.VerifyTimestamp(token, []byte(a.Note), v.roots)
	if err != nil {
		v.r.Wrong(path, "anchor.token")
		return
	}
	v.anchors = append(v.anchors, a)
	v.r.Anchors.Timestamps++
	v.r.Anchors.Newest = ts.Time.Format(ledger.TimeFormat)
	if ts.Trusted {
		v.r.Anchors.Trusted++
	}
	if c.Size <= v.tree.Size() {
		root, err := v.rootOf(c.Size)
		if err != nil || root != c.Root {
			v.r.Wrong(path, "anchor.root")
		}
	}
}

// rootOf recomputes the root at an earlier size from the stored hashes, which
// history compares with the leaves as it goes.
func (v *verifier) rootOf(size int64) (tlog.Hash, error) {
	if h, ok := v.rootAt[size]; ok && h != (tlog.Hash{}) {
		return h, nil
	}
	return tlog.TreeHash(size, hashReader{v.ctx, v.s.read})
}

func show(v any) string {
	switch x := v.(type) {
	case []byte:
		return hex.EncodeToString(x)
	case nil:
		return "?"
	}
	return fmt.Sprint(v)
}

// blobs re-reads every file: those that entries refer to must be there and be
// what their names say.
func (v *verifier) blobs() error {
	if v.s.cfg.Blobs == nil {
		return nil
	}
	seen := map[string]bool{}
	var list []blob.Ref
	if err := v.s.cfg.Blobs.List(v.ctx, func(r blob.Ref) error { list = append(list, r); return nil }); err != nil {
		return fmt.Errorf("register: verify: list blobs: %w", err)
	}
	for _, ref := range list {
		seen[ref.SHA256] = true
		v.r.Checked.Artefacts++
		v.r.Checked.Bytes += ref.Size
		if err := v.s.cfg.Blobs.Verify(v.ctx, ref.SHA256); err != nil {
			if v.ctx.Err() != nil {
				return v.ctx.Err()
			}
			v.r.Wrong("blobs/"+ref.SHA256, "blob.altered")
		}
	}
	for d := range v.digests {
		if !seen[d] {
			v.r.Wrong("blobs/"+d, "blob.missing")
		}
	}
	return nil
}

// signer compares the newest checkpoint with what the signer remembers.
func (v *verifier) signer() error {
	if v.s.cfg.Signer == nil {
		return nil
	}
	last, ok, err := v.s.cfg.Signer.Last()
	if err != nil {
		v.r.Wrong("signer", "signer.state")
		return nil //nolint:nilerr // a damaged memory is a finding, not a failure of the verification
	}
	if !ok {
		if v.tree.Size() > 0 {
			v.r.Unknown("signer", "signer.missing")
		}
		return nil
	}
	if last.Size > v.tree.Size() {
		v.r.Wrong("signer", "signer.behind", "Signed", last.Size, "Size", v.tree.Size())
		return nil
	}
	root, err := v.rootOf(last.Size)
	if err != nil || root != last.Root {
		v.r.Wrong("signer", "signer.fork", "Signed", last.Size)
	}
	return nil
}

// cursor walks a query with a one-row look-ahead.
type cursor struct {
	rows  *sql.Rows
	width int
	row   row
	have  bool
}

func newCursor() *cursor { return &cursor{} }

func (c *cursor) open(v *verifier, query string, width int) error {
	// A second statement beside open rows needs a connection of its own on
	// PostgreSQL; the pool gives one.
	rows, err := v.s.read.QueryContext(v.ctx, query) //nolint:rowserrcheck // peek asks at the last row
	if err != nil {
		return fmt.Errorf("register: verify: %w", err)
	}
	c.rows, c.width = rows, width
	return nil
}

func (c *cursor) peek() (row, bool, error) {
	if c.have {
		return c.row, true, nil
	}
	if !c.rows.Next() {
		return nil, false, c.rows.Err()
	}
	c.row = make(row, c.width)
	ptrs := make([]any, c.width)
	for i := range c.row {
		ptrs[i] = &c.row[i]
	}
	if err := c.rows.Scan(ptrs...); err != nil {
		return nil, false, fmt.Errorf("register: verify: %w", err)
	}
	c.have = true
	return c.row, true, nil
}

func (c *cursor) skip() { c.have = false }

func (c *cursor) close() {
	if c.rows != nil {
		c.rows.Close()
	}
}

package register

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bevis/internal/blob"
	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// Config is what a store needs.
type Config struct {
	Database string         // path of the SQLite file or postgres:// address
	Blobs    blob.Store     // where referenced bytes are; erasure deletes there
	Signer   *ledger.Signer // nil: nothing is signed (tests of the register alone)
	Kinds    []Kind         // every register of the application
	Clock    func() time.Time
	Log      *slog.Logger
}

// Store is one organisation's registers and ledger.
type Store struct {
	cfg    Config
	d      dialect
	write  *sql.DB
	read   *sql.DB
	fast   *prepared // read, with statements kept
	kinds  map[string]Kind
	queue  chan *request
	done   chan struct{} // the committer has ended
	dirty  chan struct{} // something was committed: sign
	signed chan struct{} // the signing loop has ended

	signMu   sync.Mutex
	signErr  error
	hooksMu  sync.RWMutex
	hooks    []func([]Change)
	closeMu  sync.RWMutex
	isClosed bool
	refuse   error // why nothing may be written: the database is not what was signed
	readOnly bool
}

// Change tells a projection what was committed.
type Change struct {
	Register string
	ID       string
	Version  int64
	Seq      int64
	Index    Index
	Links    []Link
}

// Open opens the database, brings its schema up to date and starts the write
// door. Close ends it.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d, w, r, err := connect(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	s := &Store{
		cfg: cfg, d: d, write: w, read: r, fast: newPrepared(r), kinds: kindsOf(cfg),
		queue: make(chan *request, 1024), done: make(chan struct{}),
		dirty: make(chan struct{}, 1), signed: make(chan struct{}),
	}
	if len(s.kinds) != len(cfg.Kinds)+2 {
		return nil, errors.Join(errors.New("register: two registers share a name"), s.closeDB())
	}
	if err := migrate(ctx, d, w); err != nil {
		return nil, errors.Join(err, s.closeDB())
	}
	door := &door{s: s, keys: map[string]int64{}}
	if err := door.load(ctx); err != nil {
		return nil, errors.Join(err, s.closeDB())
	}
	if _, err := s.Checkpoint(ctx); fault.Is(err, "ledger.fork") || fault.Is(err, "ledger.state_damaged") {
		s.refuse = err
	}
	go door.run()
	go s.signLoop() //nolint:gosec // it signs until Close, beyond the context of Open
	return s, nil
}

// OpenForVerification opens a store for reading alone. It takes a database that
// Open would refuse as damaged, signs nothing and writes nothing.
func OpenForVerification(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	d, w, r, err := connect(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, d: d, write: w, read: r, fast: newPrepared(r), kinds: kindsOf(cfg), isClosed: true, readOnly: true}
	return s, nil
}

func kindsOf(cfg Config) map[string]Kind {
	out := map[string]Kind{}
	for _, k := range append([]Kind{Anchors, Erasures}, cfg.Kinds...) {
		out[k.Name()] = k
	}
	return out
}

// Close waits for the writes under way, signs what is not signed yet and closes
// the database. It returns the last failure to sign, if any: a fork, above all.
func (s *Store) Close() error {
	s.closeMu.Lock()
	if s.isClosed {
		s.closeMu.Unlock()
		if s.readOnly {
			return s.closeDB()
		}
		return nil
	}
	s.isClosed = true
	close(s.queue)
	s.closeMu.Unlock()
	<-s.done
	close(s.dirty)
	<-s.signed
	return errors.Join(s.SignError(), s.closeDB())
}

func (s *Store) closeDB() error {
	err := errors.Join(s.fast.close(), s.write.Close())
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return err
}

// DB gives the packages that keep operational tables (accounts, jobs) their
// connections. They never touch the register's own tables.
func (s *Store) DB() (write, read *sql.DB) { return s.write, s.read }

// Blobs is the store of bytes.
func (s *Store) Blobs() blob.Store { return s.cfg.Blobs }

// Now is the store's clock, in whole microseconds, UTC.
func (s *Store) Now() time.Time { return s.cfg.Clock().UTC().Truncate(time.Microsecond) }

// OnCommit registers a projection: f is called after each commit, in commit
// order, and must not write.
func (s *Store) OnCommit(f func([]Change)) {
	s.hooksMu.Lock()
	defer s.hooksMu.Unlock()
	s.hooks = append(s.hooks, f)
}

func (s *Store) publish(cs []Change) {
	s.hooksMu.RLock()
	defer s.hooksMu.RUnlock()
	for _, f := range s.hooks {
		f(cs)
	}
}

// Head is the ledger's size and root now.
func (s *Store) Head(ctx context.Context) (int64, tlog.Hash, error) {
	return readHead(ctx, s.fast)
}

type rowQuerier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readHead(ctx context.Context, q rowQuerier) (int64, tlog.Hash, error) {
	var size int64
	var raw []byte
	err := q.QueryRowContext(ctx, "SELECT size, root FROM head WHERE org = $1", org).Scan(&size, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, (&ledger.Tree{}).Root(), nil
	}
	if err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("register: read head: %w", err)
	}
	if len(raw) != tlog.HashSize {
		return 0, tlog.Hash{}, errors.New("register: the head's root is damaged; run bevis ledger verify")
	}
	return size, tlog.Hash(raw), nil
}

// Hashes reads the tree's stored hashes for proofs.
func (s *Store) Hashes(ctx context.Context) tlog.HashReader { return hashReader{ctx, s.fast} }

type hashReader struct {
	ctx context.Context
	q   rowQuerier
}

func (h hashReader) ReadHashes(pos []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(pos))
	for i, p := range pos {
		var raw []byte
		if err := h.q.QueryRowContext(h.ctx, "SELECT hash FROM node WHERE org = $1 AND pos = $2", org, p).Scan(&raw); err != nil {
			return nil, fmt.Errorf("register: tree hash %d: %w", p, err)
		}
		if len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("register: tree hash %d has %d bytes", p, len(raw))
		}
		out[i] = tlog.Hash(raw)
	}
	return out, nil
}

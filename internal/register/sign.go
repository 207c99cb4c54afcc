package register

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"bevis/internal/ledger"
)

// signLoop signs after commits, one signature for however many came meanwhile.
func (s *Store) signLoop() {
	defer close(s.signed)
	for range s.dirty {
		if _, err := s.Checkpoint(context.Background()); err != nil {
			s.cfg.Log.Error("checkpoint not signed", "error", err)
		}
	}
	if _, err := s.Checkpoint(context.Background()); err != nil {
		s.cfg.Log.Error("checkpoint not signed", "error", err)
	}
}

// SignError is why the newest state is not signed, nil if it is or will be.
func (s *Store) SignError() error {
	s.signMu.Lock()
	defer s.signMu.Unlock()
	return s.signErr
}

// Checkpoint signs the ledger as it stands and returns the signed note. It is
// idempotent. A fork is refused (fault.Conflict, ledger.fork).
func (s *Store) Checkpoint(ctx context.Context) (signed []byte, err error) {
	if s.cfg.Signer == nil {
		return nil, nil
	}
	s.signMu.Lock()
	defer s.signMu.Unlock()
	defer func() { s.signErr = err }()
	size, root, err := s.Head(ctx)
	if err != nil || size == 0 {
		return nil, err
	}
	signed, err = s.cfg.Signer.Checkpoint(size, root, s.Hashes(ctx))
	if err != nil {
		return nil, err
	}
	if _, err := s.write.ExecContext(ctx, "INSERT INTO checkpoint (org, size, note) VALUES ($1, $2, $3) ON CONFLICT (org, size) DO NOTHING", org, size, string(signed)); err != nil {
		return nil, fmt.Errorf("register: store checkpoint: %w", err)
	}
	return signed, nil
}

// LastCheckpoint is the newest signed note, "" if nothing was signed yet.
func (s *Store) LastCheckpoint(ctx context.Context) (string, error) {
	var note string
	err := s.fast.QueryRowContext(ctx, "SELECT note FROM checkpoint WHERE org = $1 ORDER BY size DESC LIMIT 1", org).Scan(&note)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("register: last checkpoint: %w", err)
	}
	return note, nil
}

// Stamp asks a time stamping authority (RFC 3161) to stamp the ledger as it is
// now and records the anchor. ask sends a query and returns the response; tsa is
// what to call the authority. It returns nil when the newest anchor already
// covers everything but itself.
func (s *Store) Stamp(ctx context.Context, tsa string, ask func(ctx context.Context, query []byte) ([]byte, error)) (*Entry[Anchor], error) {
	note, err := s.Checkpoint(ctx)
	if err != nil || note == nil {
		return nil, err
	}
	query, nonce, err := ledger.TimestampQuery(note)
	if err != nil {
		return nil, err
	}
	answer, err := ask(ctx, query)
	if err != nil {
		return nil, err
	}
	token, err := ledger.TimestampToken(answer, note, nonce)
	if err != nil {
		return nil, err
	}
	ts, err := ledger.VerifyTimestamp(token, note, nil)
	if err != nil {
		return nil, err
	}
	var e Entry[Anchor]
	err = s.Write(ctx, Service("timestamp"), func(tx *Tx) error {
		var err error
		e, err = Anchors.Create(tx, Anchor{Note: string(note), Token: base64.StdEncoding.EncodeToString(token), TSA: tsa, Time: ts.Time.Format(ledger.TimeFormat)}, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// Leaf is one row of the ledger with what a proof needs.
type Leaf struct {
	Index  int64
	Record []byte
}

// Leaves reads records of the indexes [from, to) in order.
func (s *Store) Leaves(ctx context.Context, from, to int64, each func(Leaf) error) error {
	rows, err := s.fast.QueryContext(ctx, "SELECT idx, record FROM leaf WHERE org = $1 AND idx >= $2 AND idx < $3 ORDER BY idx", org, from, to)
	if err != nil {
		return fmt.Errorf("register: leaves: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l Leaf
		if err := rows.Scan(&l.Index, &l.Record); err != nil {
			return fmt.Errorf("register: leaves: %w", err)
		}
		if err := each(l); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Raw is a version as it is stored: what a package carries so that anyone can
// compute the commitment again.
type Raw struct {
	Register string
	ID       string
	Version  int64
	Seq      int64
	Salt     []byte
	Body     []byte // nil: erased
}

// RawVersions reads every version of an entry up to a ledger index.
func (s *Store) RawVersions(ctx context.Context, id string, last int64) ([]Raw, error) {
	vs, err := versions(ctx, s.fast, "SELECT 0, id, register, version, seq, at, actor, reason, salt, body FROM entry WHERE org = $1 AND id = $2 AND +seq <= $3 ORDER BY version", org, id, last)
	if err != nil {
		return nil, err
	}
	out := make([]Raw, len(vs))
	for i, v := range vs {
		out[i] = Raw{Register: v.kind, ID: v.id, Version: v.version, Seq: v.seq, Salt: v.salt, Body: v.body}
	}
	return out, nil
}

// Referenced reports whether a living version refers to a blob.
func (s *Store) Referenced(ctx context.Context, sha256 string) (bool, error) {
	var n int
	if err := s.fast.QueryRowContext(ctx, "SELECT count(*) FROM blob_ref WHERE org = $1 AND sha256 = $2", org, sha256).Scan(&n); err != nil {
		return false, fmt.Errorf("register: references: %w", err)
	}
	return n > 0, nil
}

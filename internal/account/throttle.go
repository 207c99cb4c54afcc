package account

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/netip"
	"time"

	"bevis/internal/fault"
)

const (
	freeFailures = 5 // in a row, before anybody waits
	firstWait    = 30 * time.Second
	longestWait  = 15 * time.Minute
	forgetAfter  = 24 * time.Hour // without a further failure
	countRetries = 32             // a concurrent attempt was counted first
)

// attempt is the counter of failures of one subject, an e-mail address or a
// network address (T16).
type attempt struct {
	subject  string
	exists   bool
	failures int64
	last     time.Time
}

// wait is how long a subject waits after its latest failure: nothing, then 30 s,
// doubled with each further failure up to 15 min.
func wait(failures int64) time.Duration {
	if failures < freeFailures {
		return 0
	}
	return min(firstWait<<min(failures-freeFailures, 10), longestWait)
}

// left is what remains of the wait. A clock that was set back makes nobody wait
// longer than the whole of it.
func (a attempt) left(now time.Time) time.Duration {
	w := wait(a.failures)
	return min(max(a.last.Add(w).Sub(now), 0), w)
}

// next is the counter after one more failure.
func (a attempt) next(now time.Time) attempt {
	n := attempt{subject: a.subject, exists: true, failures: a.failures + 1, last: now}
	if now.Sub(a.last) > forgetAfter {
		n.failures = 1
	}
	return n
}

// subject names what is counted without saying it: the table holds no personal
// data.
func subject(kind, value string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + value))
	return hex.EncodeToString(sum[:])
}

// network is the part of a remote address that one person cannot change at will:
// an IPv4 address, the first 64 bits of an IPv6 one. Anything else stands as it is.
func network(remote string) string {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		p, err := netip.ParseAddrPort(remote)
		if err != nil {
			return remote
		}
		a = p.Addr()
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// counted is a failure counted in advance: the counter without and with it.
type counted struct{ before, after attempt }

// reserve counts a failure for each subject before the password is looked at, so
// that a thousand guesses at once are counted as a thousand. It fails with
// fault.Busy, and counts nothing, while one of them has to wait.
func (s *Service) reserve(ctx context.Context, subjects []string) ([]counted, error) {
	var all []counted
	for _, sub := range subjects {
		c, err := s.countFailure(ctx, sub)
		if err != nil {
			return nil, errors.Join(err, s.refund(ctx, all))
		}
		all = append(all, c)
	}
	return all, nil
}

func (s *Service) countFailure(ctx context.Context, sub string) (counted, error) {
	write, _ := s.Store.DB()
	for range countRetries {
		was, err := s.failures(ctx, sub)
		if err != nil {
			return counted{}, err
		}
		now := s.Store.Now()
		if left := was.left(now); left > 0 {
			return counted{}, fault.New(fault.Busy, "account.too_many", "Count", int((left+time.Second-1)/time.Second))
		}
		is := was.next(now)
		var res sql.Result
		if was.exists {
			res, err = write.ExecContext(ctx, "UPDATE attempt SET failures = $1, last_at = $2 WHERE org = $3 AND subject = $4 AND failures = $5 AND last_at = $6",
				is.failures, micros(is.last), org, sub, was.failures, micros(was.last))
		} else {
			res, err = write.ExecContext(ctx, "INSERT INTO attempt (org, subject, failures, last_at) VALUES ($1, $2, $3, $4) ON CONFLICT (org, subject) DO NOTHING",
				org, sub, is.failures, micros(is.last))
		}
		if n, err := affected(res, err, "count an attempt"); err != nil || n == 1 {
			return counted{was, is}, err
		}
	}
	return counted{}, fault.New(fault.Busy, "account.too_many", "Count", 1)
}

func (s *Service) failures(ctx context.Context, sub string) (attempt, error) {
	_, read := s.Store.DB()
	a := attempt{subject: sub}
	var last int64
	err := read.QueryRowContext(ctx, "SELECT failures, last_at FROM attempt WHERE org = $1 AND subject = $2", org, sub).Scan(&a.failures, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return a, nil
	}
	if err != nil {
		return attempt{}, broken(err, "read attempts")
	}
	a.exists = true
	if last != 0 {
		a.last = time.UnixMicro(last).UTC()
	}
	return a, nil
}

// refund takes counted failures back. Where nothing else was counted meanwhile,
// the counter is what it was before.
func (s *Service) refund(ctx context.Context, all []counted) error {
	write, _ := s.Store.DB()
	var errs []error
	for _, c := range all {
		res, err := write.ExecContext(ctx, "UPDATE attempt SET failures = $1, last_at = $2 WHERE org = $3 AND subject = $4 AND failures = $5 AND last_at = $6",
			c.before.failures, micros(c.before.last), org, c.after.subject, c.after.failures, micros(c.after.last))
		n, err := affected(res, err, "take back an attempt")
		if err == nil && n == 0 {
			_, err = write.ExecContext(ctx, "UPDATE attempt SET failures = failures - 1 WHERE org = $1 AND subject = $2 AND failures > 0", org, c.after.subject)
			err = broken(err, "take back an attempt")
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// forget starts a subject's counter anew.
func (s *Service) forget(ctx context.Context, sub string) error {
	write, _ := s.Store.DB()
	_, err := write.ExecContext(ctx, "DELETE FROM attempt WHERE org = $1 AND subject = $2", org, sub)
	return broken(err, "forget attempts")
}

// micros is a time as the tables hold it; the zero time is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

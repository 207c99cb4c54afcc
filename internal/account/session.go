package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

const (
	tokenSize = 32             // random bytes
	idleMax   = 12 * time.Hour // without a request
	ageMax    = 7 * 24 * time.Hour
	seenEvery = time.Minute // how exactly the last request is remembered
)

// SignIn checks a password and opens a session. The token is new each time
// (fixation, T15), goes to the browser alone, and is stored as its SHA-256.
//
// remote is the address of who asks, with or without a port; "" (a local socket)
// is not counted. Wrong password, unknown address and disabled account are the
// same fault.Unauthenticated after the same work; too many failures are
// fault.Busy; the right password outside the access period is fault.Denied.
func (s *Service) SignIn(ctx context.Context, email, password, remote string) (token string, who authz.Principal, err error) {
	e, hash, err := s.verify(ctx, email, password, remote)
	if err != nil {
		return "", authz.Principal{}, err
	}
	raw := make([]byte, tokenSize)
	if _, err := rand.Read(raw); err != nil {
		return "", authz.Principal{}, fmt.Errorf("account: token: %w", err)
	}
	sum := sha256.Sum256(raw)
	now := s.Store.Now()
	err = s.inTx(ctx, "open a session", func(tx *sql.Tx) error {
		// Locks the credential and sees that it is still the one that matched.
		res, err := tx.ExecContext(ctx, "UPDATE credential SET changed_at = changed_at WHERE org = $1 AND account = $2 AND hash = $3", org, e.ID.String(), hash)
		n, err := affected(res, err, "lock a credential")
		if err != nil {
			return err
		}
		if n == 0 {
			return signInFailed()
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM session WHERE org = $1 AND (expires_at <= $2 OR seen_at <= $3)", org, now.UnixMicro(), now.Add(-idleMax).UnixMicro()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM attempt WHERE org = $1 AND last_at < $2", org, now.Add(-forgetAfter).UnixMicro()); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO session (org, token, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $4, $5)",
			org, sum[:], e.ID.String(), now.UnixMicro(), now.Add(ageMax).UnixMicro())
		return err
	})
	if err != nil {
		return "", authz.Principal{}, err
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	// Asked again after the session exists: who was disabled meanwhile is out.
	who, err = s.Session(ctx, token)
	if err != nil {
		return "", authz.Principal{}, errors.Join(err, s.SignOut(ctx, token))
	}
	return token, who, nil
}

// Authenticate checks a password without opening a session, for the command
// line's --as. It is limited as SignIn is.
func (s *Service) Authenticate(ctx context.Context, email, password string) (authz.Principal, error) {
	e, _, err := s.verify(ctx, email, password, "")
	if err != nil {
		return authz.Principal{}, err
	}
	return principal(e), nil
}

// SignOut ends a session on the server. A session that is not there is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	sum, err := digest(token)
	if err != nil {
		return nil //nolint:nilerr // what is not a token has no session to end
	}
	write, _ := s.Store.DB()
	_, err = write.ExecContext(ctx, "DELETE FROM session WHERE org = $1 AND token = $2", org, sum)
	return broken(err, "end a session")
}

// Session is who holds the token, as the account stands now: a changed role, a
// disabled account and an access period that ended count at once. It fails with
// fault.Unauthenticated after sign-out, 12 hours without a request, and 7 days.
func (s *Service) Session(ctx context.Context, token string) (authz.Principal, error) {
	sum, err := digest(token)
	if err != nil {
		return authz.Principal{}, err
	}
	write, read := s.Store.DB()
	var account string
	var seen, expires int64
	err = read.QueryRowContext(ctx, "SELECT account, seen_at, expires_at FROM session WHERE org = $1 AND token = $2", org, sum).Scan(&account, &seen, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return authz.Principal{}, ended()
	}
	if err != nil {
		return authz.Principal{}, broken(err, "read a session")
	}
	now := s.Store.Now()
	idle := now.Sub(time.UnixMicro(seen))
	if now.UnixMicro() >= expires || idle >= idleMax {
		return authz.Principal{}, ended()
	}
	e, err := Users.Get(s.Store.Live(ctx), ID(account))
	if fault.KindOf(err) == fault.NotFound {
		return authz.Principal{}, ended()
	}
	if err != nil {
		return authz.Principal{}, err
	}
	if e.Erased || e.Value.Disabled || !e.Value.inPeriod(now) {
		return authz.Principal{}, ended()
	}
	if idle >= seenEvery {
		if _, err := write.ExecContext(ctx, "UPDATE session SET seen_at = $1 WHERE org = $2 AND token = $3 AND seen_at < $1", now.UnixMicro(), org, sum); err != nil {
			return authz.Principal{}, broken(err, "touch a session")
		}
	}
	return principal(e), nil
}

// verify is the one place where a password is judged. Every guess costs the same
// work and is counted before the work begins.
func (s *Service) verify(ctx context.Context, email, password, remote string) (e register.Entry[User], hash string, err error) {
	var none register.Entry[User]
	byEmail := subject("email", fold(email))
	subjects := []string{byEmail}
	if remote != "" {
		subjects = append(subjects, subject("remote", network(remote)))
	}
	// The slot comes first: so few failures are counted in advance at any moment
	// that colleagues who sign in together do not make each other wait.
	release, err := s.slot(ctx)
	if err != nil {
		return none, "", err
	}
	defer release()
	reserved, err := s.reserve(ctx, subjects)
	if err != nil {
		s.note(ctx, "sign-in refused: too many attempts", "", remote)
		return none, "", err
	}
	e, err = find(s.Store.Live(ctx), email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return none, "", err
	}
	known := err == nil && !e.Erased && !e.Value.Disabled
	_, read := s.Store.DB()
	err = read.QueryRowContext(ctx, "SELECT hash FROM credential WHERE org = $1 AND account = $2", org, e.ID.String()).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		known, hash = false, s.nobody()
	} else if err != nil {
		return none, "", broken(err, "read a credential")
	}
	right, err := matches(hash, password)
	if err != nil {
		return none, "", err
	}
	if !known || !right {
		s.note(ctx, "sign-in refused", e.ID.String(), remote)
		return none, "", signInFailed()
	}
	if err := errors.Join(s.forget(ctx, byEmail), s.refund(ctx, reserved[1:])); err != nil {
		return none, "", err
	}
	if !e.Value.inPeriod(s.Store.Now()) {
		s.note(ctx, "sign-in refused: outside the access period", e.ID.String(), remote)
		return none, "", fault.New(fault.Denied, "authz.period")
	}
	s.note(ctx, "password accepted", e.ID.String(), remote)
	return e, hash, nil
}

// note writes to the security log: account ids, never an address that was typed
// (people type passwords there).
func (s *Service) note(ctx context.Context, what, account, remote string) {
	if s.Log != nil {
		//nolint:sloglint // every caller's message is a literal
		s.Log.InfoContext(ctx, what, "account", account, "remote", remote)
	}
}

// digest is what the database knows of a token.
func digest(token string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != tokenSize {
		return nil, ended()
	}
	sum := sha256.Sum256(raw)
	return sum[:], nil
}

func signInFailed() error { return fault.New(fault.Unauthenticated, "account.sign_in_failed") }

func ended() error { return fault.New(fault.Unauthenticated, "account.session_ended") }

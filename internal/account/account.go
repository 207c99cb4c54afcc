package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// org is the organisation's number in the tables credential, session and attempt;
// as in the register, one data directory holds one organisation.
const org = int64(1)

// Service is what can be done with accounts. Store and Policy are required; a
// Service is not copied after first use.
type Service struct {
	Store  *register.Store
	Policy authz.Policy
	Log    *slog.Logger // sign-ins and refusals by account id; nil keeps silent

	once    sync.Once
	hashing chan struct{}
	cheap   bool // set by CheapForTests alone: hashes that cost nothing and protect nothing
}

// NewUser is what Add needs.
type NewUser struct {
	Email, Name string
	Roles       []authz.Role
	Window      string    // an auditor's engagement window; may come later
	From, Until time.Time // access period, Until excluded; zero does not bound
	Password    string
}

// Access is what an account may do, where and when.
type Access struct {
	Roles       []authz.Role
	Window      string
	From, Until time.Time
}

// Add makes an account with a password. It fails with fault.Denied or
// fault.Invalid. If the account was made and its password could not be stored,
// it fails with account.password_not_stored: ResetPassword mends that.
func (s *Service) Add(ctx context.Context, n NewUser) (register.Entry[User], error) {
	var e register.Entry[User]
	by, err := s.Policy.Require(ctx, authz.AccountManage)
	if err != nil {
		return e, err
	}
	if err := acceptable(n.Password, n.Email, n.Name); err != nil {
		return e, err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return e, err
	}
	err = s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		e, err = Users.Create(tx, User{
			Email: n.Email, Name: n.Name, Roles: n.Roles, Window: n.Window,
			AccessFrom: stamp(n.From), AccessUntil: stamp(n.Until), PasswordSet: stamp(tx.Now()),
		}, "")
		return err
	})
	if err != nil {
		return register.Entry[User]{}, err
	}
	return e, s.setPassword(ctx, e, hash, nil)
}

// Disable ends an account's access and its sessions at once. The account stays,
// so that history keeps its author.
func (s *Service) Disable(ctx context.Context, email, reason string) (register.Entry[User], error) {
	by, err := s.Policy.Require(ctx, authz.AccountManage)
	if err != nil {
		return register.Entry[User]{}, err
	}
	return s.turn(ctx, by, email, reason, true)
}

// Enable gives a disabled account its access back; its person signs in anew.
func (s *Service) Enable(ctx context.Context, email, reason string) (register.Entry[User], error) {
	by, err := s.Policy.Require(ctx, authz.AccountManage)
	if err != nil {
		return register.Entry[User]{}, err
	}
	return s.turn(ctx, by, email, reason, false)
}

func (s *Service) turn(ctx context.Context, by authz.Principal, email, reason string, off bool) (register.Entry[User], error) {
	if strings.TrimSpace(reason) == "" {
		return register.Entry[User]{}, fault.New(fault.Invalid, "account.reason")
	}
	if !off { // nothing from before may come back to life
		e, err := find(s.Store.Live(ctx), email)
		if err != nil {
			return e, err
		}
		if err := s.endSessions(ctx, e.ID); err != nil {
			return e, err
		}
	}
	e, err := s.change(ctx, by, email, reason, func(_ *register.Tx, v *User) error {
		switch {
		case off && v.Disabled:
			return fault.New(fault.Invalid, "account.is_disabled", "Email", v.Email)
		case !off && !v.Disabled:
			return fault.New(fault.Invalid, "account.is_enabled", "Email", v.Email)
		}
		v.Disabled = off
		return nil
	})
	if err != nil || !off {
		return e, err
	}
	return e, s.endSessions(ctx, e.ID)
}

// ChangeRoles replaces what an account may do. It takes effect with the person's
// next request; nobody changes their own.
func (s *Service) ChangeRoles(ctx context.Context, email string, a Access, reason string) (register.Entry[User], error) {
	by, err := s.Policy.Require(ctx, authz.AccountManage)
	if err != nil {
		return register.Entry[User]{}, err
	}
	if strings.TrimSpace(reason) == "" {
		return register.Entry[User]{}, fault.New(fault.Invalid, "account.reason")
	}
	return s.change(ctx, by, email, reason, func(_ *register.Tx, v *User) error {
		v.Roles, v.Window, v.AccessFrom, v.AccessUntil = a.Roles, a.Window, stamp(a.From), stamp(a.Until)
		return nil
	})
}

// ResetPassword sets another password for an account and ends its sessions. The
// account's history shows who did it: an administrator who takes over an account
// leaves a trace (T18).
func (s *Service) ResetPassword(ctx context.Context, email, password string) error {
	by, err := s.Policy.Require(ctx, authz.AccountManage)
	if err != nil {
		return err
	}
	e, err := find(s.Store.Live(ctx), email)
	if err != nil {
		return err
	}
	if e.ID.String() == by.ID {
		return fault.New(fault.Denied, "account.reset_own") // a stolen session must not become a password
	}
	return s.replacePassword(ctx, by, e, password, nil)
}

// ChangePassword sets the password of who asks, who gives the present one, and
// ends all their sessions but that of keep, a session token or "". Wrong present
// passwords count as failed sign-ins.
func (s *Service) ChangePassword(ctx context.Context, present, password, keep string) error {
	by, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return err
	}
	if by.Email == "" {
		return fault.New(fault.Denied, "authz.denied") // an operator or a service has no password
	}
	e, _, err := s.verify(ctx, by.Email, present, "")
	if fault.Is(err, "account.sign_in_failed") {
		return fault.New(fault.Invalid, "account.password_wrong")
	}
	if err != nil {
		return err
	}
	if e.ID.String() != by.ID {
		return fault.New(fault.Denied, "authz.denied")
	}
	kept, err := digest(keep)
	if keep != "" && err != nil {
		return err
	}
	return s.replacePassword(ctx, by, e, password, kept)
}

func (s *Service) replacePassword(ctx context.Context, by authz.Principal, e register.Entry[User], password string, keep []byte) error {
	if err := acceptable(password, e.Value.Email, e.Value.Name); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	e, err = s.change(ctx, by, e.Value.Email, "", func(tx *register.Tx, v *User) error {
		v.PasswordSet = stamp(tx.Now())
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.setPassword(ctx, e, hash, keep); err != nil {
		return err
	}
	return s.forget(ctx, subject("email", e.Value.Email))
}

// change edits the newest version of an account through the write door.
func (s *Service) change(ctx context.Context, by authz.Principal, email, reason string, edit func(*register.Tx, *User) error) (register.Entry[User], error) {
	var e register.Entry[User]
	err := s.Store.Write(ctx, by.Actor(), func(tx *register.Tx) (err error) {
		if e, err = find(tx, email); err != nil {
			return err
		}
		if err := edit(tx, &e.Value); err != nil {
			return err
		}
		e, err = Users.Put(tx, e, reason)
		return err
	})
	if err != nil {
		return register.Entry[User]{}, err
	}
	return e, nil
}

// setPassword stores the hash and ends the sessions, in one transaction that
// begins with the account's credential: who signs in with the old password at the
// same moment is either ended here or refused there.
func (s *Service) setPassword(ctx context.Context, e register.Entry[User], hash string, keep []byte) error {
	err := s.inTx(ctx, "store a password", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO credential (org, account, hash, changed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (org, account) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
			org, e.ID.String(), hash, s.Store.Now().UnixMicro()); err != nil {
			return err
		}
		if keep == nil {
			keep = []byte{0} // no token's digest
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM session WHERE org = $1 AND account = $2 AND token <> $3", org, e.ID.String(), keep)
		return err
	})
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "account.password_not_stored", "Email", e.Value.Email)
	}
	return nil
}

func (s *Service) endSessions(ctx context.Context, id ID) error {
	write, _ := s.Store.DB()
	_, err := write.ExecContext(ctx, "DELETE FROM session WHERE org = $1 AND account = $2", org, id.String())
	return broken(err, "end sessions")
}

// inTx runs fn in a transaction of the operational tables. fn's first statement
// is a write: on SQLite a transaction that reads first may not write later.
func (s *Service) inTx(ctx context.Context, what string, fn func(*sql.Tx) error) error {
	write, _ := s.Store.DB()
	tx, err := write.BeginTx(ctx, nil)
	if err != nil {
		return broken(err, what)
	}
	if err := fn(tx); err != nil {
		if _, ours := fault.As(err); !ours {
			err = broken(err, what)
		}
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			err = errors.Join(err, broken(back, "roll back"))
		}
		return err
	}
	return broken(tx.Commit(), what)
}

// broken names a failure of the database; nil stays nil.
func broken(err error, what string) error {
	if err == nil {
		return nil
	}
	return fault.Wrap(fmt.Errorf("account: %s: %w", what, err), fault.Unavailable, "account.database")
}

func affected(res sql.Result, err error, what string) (int64, error) {
	if err != nil {
		return 0, broken(err, what)
	}
	n, err := res.RowsAffected()
	return n, broken(err, what)
}

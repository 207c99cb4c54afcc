package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/control"
	"bevis/internal/coverage"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/pack"
	"bevis/internal/policy"
	"bevis/internal/population"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Version is the product's version, stamped at build time.
var Version = "0.1.0-dev"

// Options say where a workspace is and how to run it.
type Options struct {
	Dir         string // data directory
	Database    string // "" is DIR/bevis.db; else a file or postgres:// address
	SignerState string // "" is DIR/keys/signed
	MaxUpload   int64  // bytes; 0 is evidence.DefaultMaxSize
	TSA         string // address of a time stamping authority, "" for none
	Clock       func() time.Time
	Log         *slog.Logger
}

// App is an open workspace.
type App struct {
	Options
	Key         ledger.Key
	Store       *register.Store
	Blobs       blob.Store
	Policy      authz.Policy
	Accounts    *account.Service
	Scope       *scope.Service
	Controls    *control.Service
	Evidence    *evidence.Service
	Windows     *window.Service
	Populations *population.Service
	Checks      *check.Service
	Collect     *collect.Service
	Packages    *pack.Service
	Readiness   *readiness.Service
	Reviews     *readiness.Reviews
	Coverage    *coverage.Service
	Policies    *policy.Service

	signer *ledger.Signer
	lock   *os.File
}

// Kinds are all registers of the product.
func Kinds() []register.Kind {
	return []register.Kind{
		scope.Organisations, scope.Programmes, framework.Entries, account.Users, control.Controls, control.Proposals, evidence.Items, window.Windows,
		population.Datasets, population.Freezes, check.Outcomes, collect.Runs, pack.Exports, framework.Owned, coverage.Decisions, readiness.Kept, policy.Policies,
	}
}

func (o *Options) defaults() {
	if o.Database == "" {
		o.Database = filepath.Join(o.Dir, "bevis.db")
	}
	if o.SignerState == "" {
		o.SignerState = filepath.Join(o.Dir, "keys", "signed")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func (o *Options) keyFile() string { return filepath.Join(o.Dir, "keys", "ledger.key") }

// PublicKeyFile is where the workspace's public key lies.
func (o *Options) PublicKeyFile() string { return filepath.Join(o.Dir, "keys", "ledger.pub") }

// Exists reports whether a data directory holds a workspace.
func Exists(dir string) bool {
	_, err := os.Stat((&Options{Dir: dir}).keyFile())
	return err == nil
}

// Founding is what a new workspace starts with.
type Founding struct {
	Organisation scope.Organisation
	Admin        account.NewUser
	Origin       string // name of the ledger; "" makes one from the organisation's name
}

// Init makes a workspace in an empty or missing directory and opens it. On
// failure nothing of it is left.
func Init(ctx context.Context, o Options, f Founding) (a *App, err error) {
	o.defaults()
	made, err := claim(o.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, made())
		}
	}()
	if _, err := scope.NewCalendar(f.Organisation.Zone); err != nil {
		return nil, err
	}
	if strings.TrimSpace(f.Organisation.Name) == "" {
		return nil, fault.New(fault.Invalid, "scope.name")
	}
	key, err := ledger.GenerateKey(origin(f))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "keys"), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	}
	if err := os.WriteFile(o.PublicKeyFile(), []byte(key.String()+"\n"), 0o600); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	}
	if err := os.WriteFile(o.keyFile(), []byte(key.Secret()+"\n"), 0o600); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	}
	a, err = Open(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := a.found(ctx, f); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if _, err := a.Store.Checkpoint(ctx); err != nil { // a ledger that cannot be signed is no ledger
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// found writes the organisation, the criteria and the first administrator.
func (a *App) found(ctx context.Context, f Founding) error {
	if _, err := scope.Current(a.Store.Live(ctx)); err == nil {
		return fault.New(fault.Conflict, "app.exists", "Dir", a.Database)
	}
	set, err := framework.TSC2017()
	if err != nil {
		return err
	}
	f.Organisation.Framework = set.ID
	by := register.Service("setup")
	if p, ok := authz.Of(ctx); ok {
		by = p.Actor()
	}
	if err := a.Store.Write(ctx, by, func(tx *register.Tx) error {
		if _, err := scope.Organisations.Create(tx, f.Organisation, ""); err != nil {
			return err
		}
		return framework.Load(tx, set)
	}); err != nil {
		return err
	}
	_, err = a.Accounts.Add(ctx, f.Admin)
	return err
}

func origin(f Founding) string {
	if f.Origin != "" {
		return f.Origin
	}
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r == 'å', r == 'ä':
			return 'a'
		case r == 'ö':
			return 'o'
		case r == ' ', r == '-', r == '_':
			return '-'
		}
		return -1
	}, strings.ToLower(f.Organisation.Name))
	if slug = strings.Trim(slug, "-"); slug == "" {
		slug = "ledger"
	}
	return "bevis." + slug
}

// claim makes sure that dir is ours to fill and returns how to undo it.
func claim(dir string) (undo func() error, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", dir)
		}
		return func() error { return os.RemoveAll(dir) }, nil
	case err != nil:
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", dir)
	case Exists(dir):
		return nil, fault.New(fault.Conflict, "app.exists", "Dir", dir)
	case len(entries) > 0:
		return nil, fault.New(fault.Invalid, "app.not_empty", "Dir", dir)
	}
	return func() error {
		var all error
		for _, name := range []string{"keys", "blobs", "bevis.db", "bevis.db-wal", "bevis.db-shm", "lock", "tmp"} {
			all = errors.Join(all, os.RemoveAll(filepath.Join(dir, name)))
		}
		return all
	}, nil
}

// Open opens a workspace. One process at a time holds a data directory: a second
// one gets fault.Busy.
func Open(ctx context.Context, o Options) (*App, error) {
	o.defaults()
	key, err := readKey(o)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	a := &App{Options: o, Key: key.Key, lock: lock, signer: ledger.NewSigner(key, o.SignerState)}
	if err := a.open(ctx); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context) error {
	blobs, err := blob.OpenDir(filepath.Join(a.Dir, "blobs"), a.Clock())
	if err != nil {
		return err
	}
	temp := filepath.Join(a.Dir, "tmp")
	if err := errors.Join(os.RemoveAll(temp), os.MkdirAll(temp, 0o700)); err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", a.Dir)
	}
	a.Blobs = blobs
	a.Store, err = register.Open(ctx, a.registerConfig())
	if err != nil {
		return err
	}
	a.Policy = authz.Policy{Now: a.Store.Now}
	a.Accounts = &account.Service{Store: a.Store, Policy: a.Policy, Log: a.Log}
	a.Scope = &scope.Service{Store: a.Store, Policy: a.Policy}
	a.Controls = &control.Service{Store: a.Store, Policy: a.Policy}
	a.Evidence = &evidence.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy, MaxSize: a.MaxUpload}
	a.Windows = &window.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy}
	a.Populations = &population.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy}
	a.Checks = &check.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy}
	a.Collect = &collect.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy, Evidence: a.Evidence, TempDir: temp}
	a.Packages = &pack.Service{Store: a.Store, Blobs: blobs, Policy: a.Policy, Signer: a.signer, Version: Version}
	a.Readiness = &readiness.Service{Store: a.Store, Policy: a.Policy}
	a.Reviews = &readiness.Reviews{Store: a.Store, Policy: a.Policy, Readiness: a.Readiness, Lint: lint()}
	a.Coverage = &coverage.Service{Store: a.Store, Policy: a.Policy, Windows: a.Windows, Readiness: a.Readiness}
	a.Policies = &policy.Service{Store: a.Store, Policy: a.Policy, Span: windowSpan}
	return nil
}

// windowSpan is the first and last day of a window: what an auditor of it may read
// of the policies follows from them.
func windowSpan(r register.Reader, id string) (first, last scope.Day, err error) {
	w, err := window.Windows.Get(r, window.ID(id))
	return w.Value.From, w.Value.Last, err
}

func (a *App) registerConfig() register.Config {
	return register.Config{Database: a.Database, Blobs: a.Blobs, Signer: a.signer, Kinds: Kinds(), Clock: a.Clock, Log: a.Log}
}

// Close ends the work under way and releases the directory.
func (a *App) Close() error {
	var err error
	if a.Store != nil {
		err = a.Store.Close()
	}
	return errors.Join(err, a.lock.Close())
}

func readKey(o Options) (ledger.PrivateKey, error) {
	raw, err := os.ReadFile(o.keyFile())
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.PrivateKey{}, fault.New(fault.NotFound, "app.no_workspace", "Dir", o.Dir)
	}
	if err != nil {
		return ledger.PrivateKey{}, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	}
	key, err := ledger.ParsePrivateKey(string(raw))
	if err != nil {
		return key, fault.Wrap(err, fault.Unavailable, "app.key", "Dir", o.Dir)
	}
	return key, nil
}

// Verify re-reads every byte of a workspace. It takes a damaged one that Open
// refuses. roots are PEM certificates of trusted time stamping authorities.
func Verify(ctx context.Context, o Options, roots []byte) (*ledger.Report, error) {
	o.defaults()
	key, err := readKey(o)
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(filepath.Join(o.Dir, "lock"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = lock.Close() }()
	blobs, err := blob.OpenDir(filepath.Join(o.Dir, "blobs"), o.Clock())
	if err != nil {
		return nil, err
	}
	if !strings.Contains(o.Database, "://") {
		if _, err := os.Stat(o.Database); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "app.no_database", "File", o.Database)
		}
	}
	s, err := register.OpenForVerification(ctx, register.Config{
		Database: o.Database, Blobs: blobs, Signer: ledger.NewSigner(key, o.SignerState), Kinds: Kinds(), Clock: o.Clock, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	r, err := s.Verify(ctx, key.Key, roots)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("app: verify: %w", err)
	}
	return r, nil
}

// Verify is the open workspace's own verification.
func (a *App) Verify(ctx context.Context, roots []byte) (*ledger.Report, error) {
	if _, err := a.Policy.Require(ctx, authz.LedgerVerify); err != nil {
		return nil, err
	}
	if _, err := a.Store.Checkpoint(ctx); err != nil {
		a.Log.WarnContext(ctx, "verify: not signed", "error", err) // the report says it too
	}
	return a.Store.Verify(ctx, a.Key, roots)
}

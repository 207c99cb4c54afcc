package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Made is what a finished demo is known by.
type Made struct {
	Org    string `json:"org"`
	Window string `json:"window"` // the sealed Type 2 window
	Open   string `json:"open_window"`
	Users  []User `json:"users"`
}

// User is a sample account.
type User struct {
	Email string   `json:"email"`
	Name  string   `json:"name"`
	Roles []string `json:"roles"`
}

// clock is the simulated clock: it stands still until it is moved, and runs on
// from there once the company is made.
type clock struct {
	machine func() time.Time // the machine's clock
	mu      sync.Mutex
	at      time.Time
	since   time.Time // machine time at which it began to run; zero while it stands
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return c.at
	}
	return c.at.Add(c.machine().Sub(c.since))
}

// to moves the clock forward, never back.
func (c *clock) to(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.at) {
		c.at = t
	}
}

func (c *clock) run() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.since = c.machine()
}

const doneFile = "demo.json"

// Is reports whether a directory holds a finished sample workspace. Whoever opens
// one goes through Open, so that its clock stays the simulated one.
func Is(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, doneFile))
	return err == nil
}

// Open makes the sample workspace in dir, or opens the one that is there, and
// lets the simulated clock run, at the pace of o.Clock, the machine's. It refuses a directory that holds another
// workspace (fault.Conflict).
func Open(ctx context.Context, o app.Options) (*app.App, Made, error) {
	var made Made
	raw, err := os.ReadFile(filepath.Join(o.Dir, doneFile))
	switch {
	case err == nil:
		if err := json.Unmarshal(raw, &made); err != nil {
			return nil, made, fault.Wrap(err, fault.Conflict, "cli.demo_unfinished", "Dir", o.Dir)
		}
		c := &clock{machine: o.Clock, at: founded}
		o.Clock = c.now
		a, err := app.Open(ctx, o)
		if err != nil {
			return nil, made, err
		}
		if err := c.continueFrom(ctx, a); err != nil {
			return nil, made, errors.Join(err, a.Close())
		}
		return a, made, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, made, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	case app.Exists(o.Dir):
		return nil, made, fault.New(fault.Conflict, "cli.demo_other", "Dir", o.Dir)
	}
	return build(ctx, o)
}

// continueFrom sets the clock behind the newest ledger entry and lets it run.
func (c *clock) continueFrom(ctx context.Context, a *app.App) error {
	size, _, err := a.Store.Head(ctx)
	if err != nil {
		return err
	}
	err = a.Store.Leaves(ctx, size-1, size, func(l register.Leaf) error {
		var leaf struct {
			At time.Time `json:"at"`
		}
		if err := json.Unmarshal(l.Record, &leaf); err != nil {
			return fmt.Errorf("demo: last entry: %w", err)
		}
		c.to(leaf.At)
		return nil
	})
	c.run()
	return err
}

// The sample calendar. today is where the simulated clock begins to run.
var (
	founded = time.Date(2024, 12, 9, 8, 0, 0, 0, time.UTC)
	today   = time.Date(2026, 4, 15, 7, 30, 0, 0, time.UTC)
)

const (
	firstDay, lastDay = scope.Day("2025-01-01"), scope.Day("2025-12-31")
	openFrom, openTo  = "2026-01-01", "2027-01-01"
)

// maker holds what is being made.
type maker struct {
	ctx     context.Context
	a       *app.App
	c       *clock
	cal     scope.Calendar
	ids     map[string]authz.Principal // by e-mail
	library map[string]control.LibraryControl
	codes   []string
}

func build(ctx context.Context, o app.Options) (a *app.App, made Made, err error) {
	c := &clock{machine: o.Clock, at: founded}
	o.Clock = c.now
	ctx = authz.With(ctx, authz.Service("demo"))
	// The first account needs the administrator's right to make accounts.
	setup := authz.With(ctx, authz.Principal{ID: "service:demo", Roles: []authz.Role{authz.Administrator, authz.Lead}})
	a, err = app.Init(setup, o, app.Founding{
		Organisation: scope.Organisation{Name: company, Zone: zone, Categories: categories, Sample: true},
		Admin:        account.NewUser{Email: amina.email, Name: amina.name, Roles: amina.roles, Password: Password},
		Origin:       origin,
	})
	if err != nil {
		return nil, made, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	m := &maker{ctx: ctx, a: a, c: c, ids: map[string]authz.Principal{}, library: map[string]control.LibraryControl{}}
	if m.cal, err = scope.NewCalendar(zone); err != nil {
		return a, made, err
	}
	for _, step := range []func() error{m.people, m.controls} {
		if err := step(); err != nil {
			return a, made, err
		}
	}
	made, err = m.years(setup)
	if err != nil {
		return a, made, err
	}
	raw, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return a, made, fmt.Errorf("demo: %w", err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, doneFile), raw, 0o600); err != nil {
		return a, made, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", o.Dir)
	}
	c.to(today)
	c.run()
	return a, made, nil
}

// as is a context in which a sample person acts.
func (m *maker) as(p person) context.Context { return authz.With(m.ctx, m.ids[p.email]) }

func (m *maker) people() error {
	admin := authz.With(m.ctx, authz.Principal{ID: "service:demo", Roles: []authz.Role{authz.Administrator}})
	for _, p := range staff {
		e, err := m.a.Accounts.ByEmail(admin, p.email)
		if fault.KindOf(err) == fault.NotFound {
			e, err = m.a.Accounts.Add(admin, account.NewUser{Email: p.email, Name: p.name, Roles: p.roles, Password: Password})
		}
		if err != nil {
			return err
		}
		m.ids[p.email] = authz.Principal{ID: e.ID.String(), Name: p.name, Email: p.email, Roles: p.roles}
	}
	return nil
}

// controls adopts the controls of the sample company.
func (m *maker) controls() error {
	all, err := control.Library()
	if err != nil {
		return err
	}
	m.c.to(founded.Add(26 * time.Hour))
	byOwner := map[string][]string{} // e-mail → codes
	for _, l := range all {
		if !slices.Contains(adopted, l.Code) {
			continue
		}
		m.library[l.Code] = l
		m.codes = append(m.codes, l.Code)
		email := ownerOf(l.Category).email
		byOwner[email] = append(byOwner[email], l.Code)
	}
	for _, p := range staff {
		if codes := byOwner[p.email]; len(codes) > 0 {
			if _, err := m.a.Controls.Adopt(m.as(maja), codes, m.ids[p.email].ID, firstDay); err != nil {
				return err
			}
		}
	}
	return nil
}

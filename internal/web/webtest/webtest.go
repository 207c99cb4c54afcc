// Package webtest is the room where pages are tried out: a workspace of a fictitious
// company with a window under way, its people, and a reader who asks for pages in
// their name.
package webtest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/window"
)

// Password is everybody's.
const Password = "correct horse battery staple 9"

// Hostile is text that must never reach a page as it is.
const Hostile = `<script>alert("x")</script>`

// House is a workspace behind its pages. Roles are lead, owner, employee, manager,
// advisor, administrator, auditor (of Window), other (auditor of the other window)
// and "" for nobody. Passwords cost nothing here.
type House struct {
	T         testing.TB
	App       *app.App
	Shell     *web.Shell
	Readiness *readiness.Service
	Operator  context.Context
	Window    register.Entry[window.Window] // 2026-01-01 to 2026-06-30; Quarters: to 2026-03-31
	Earlier   register.Entry[window.Window] // 2025
	Later     register.Entry[window.Window] // Quarters: 2026-04-01 to 2026-06-30
	People    map[string]string             // role to account id
	Repo      string                        // Collected: the history the datasets come from

	mu      sync.Mutex
	now     time.Time
	tokens  map[string]string
	handler http.Handler
}

// Day is a date at midnight UTC.
func Day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// Empty is a workspace with people, no controls and no window. register hangs the
// pages under test on its shell.
func Empty(t testing.TB, register func(*House)) *House {
	t.Helper()
	return empty(t, Day("2026-01-05"), nil, register)
}

func empty(t testing.TB, now time.Time, cats framework.Categories, register func(*House)) *House {
	t.Helper()
	h := &House{T: t, now: now, tokens: map[string]string{}, People: map[string]string{}}
	h.Operator = authz.With(context.Background(), authz.Operator("test"))
	h.found(cats)
	t.Cleanup(func() {
		if err := h.App.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Readiness = &readiness.Service{Store: h.App.Store, Policy: h.App.Policy}
	h.Shell = &web.Shell{Accounts: h.App.Accounts, Log: slog.New(slog.DiscardHandler), Workspace: func(context.Context) (web.Workspace, error) {
		return web.Workspace{Name: "Norrsken Exempel AB", Now: h.Now()}, nil
	}}
	register(h)
	h.handler = h.Shell.Server()
	h.person("lead", "Maja Lind", account.User{Roles: []authz.Role{authz.Lead}})
	h.person("owner", "Erik Holm", account.User{Roles: []authz.Role{authz.Owner}})
	h.person("employee", "Jonas Ek", account.User{Roles: []authz.Role{authz.Employee}})
	h.person("manager", "Sara Öberg", account.User{Roles: []authz.Role{authz.Manager}})
	h.person("advisor", "Nils Råd", account.User{Roles: []authz.Role{authz.Advisor}})
	return h
}

func (h *House) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Millisecond)
	return h.now
}

// Now is what the clock says, without moving it.
func (h *House) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// On sets the clock to nine in the morning of a day, UTC. Sessions end after twelve
// hours without a request: SignIn opens new ones.
func (h *House) On(day string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = Day(day).Add(9 * time.Hour)
}

// Run runs a part of a test in the house: what fails in it is its own. Parts share
// the workspace, so none of them may change what another looks at.
func (h *House) Run(name string, f func(t *testing.T)) {
	h.T.Helper()
	whole, ok := h.T.(*testing.T)
	if !ok {
		h.T.Fatal("only a test has parts")
	}
	whole.Run(name, func(t *testing.T) {
		h.T = t
		defer func() { h.T = whole }()
		f(t)
	})
}

// Must ends the test if something failed that it does not look at.
func (h *House) Must(err error) {
	h.T.Helper()
	if err != nil {
		h.T.Fatal(err)
	}
}

// person writes an account without a password: making one is slow on purpose, and
// most tests need few people to sign in.
func (h *House) person(role, name string, u account.User) {
	h.T.Helper()
	u.Email, u.Name = role+"@norrsken.example", name
	h.Must(h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		e, err := account.Users.Create(tx, u, "")
		h.People[role] = e.ID.String()
		return err
	}))
}

// SignIn opens a new session for a role and returns its token. Everybody gets their
// password when they first need one.
func (h *House) SignIn(role string) string {
	h.T.Helper()
	email := role + "@norrsken.example"
	if _, before := h.tokens[role]; !before && role != "administrator" {
		h.Must(h.App.Accounts.ResetPassword(h.Operator, email, Password))
	}
	t, _, err := h.App.Accounts.SignIn(context.Background(), email, Password, "127.0.0.1")
	h.Must(err)
	h.tokens[role] = t
	return t
}

// Token is the session of a role, opened when it is first needed; "" is nobody's.
func (h *House) Token(role string) string {
	h.T.Helper()
	if t, ok := h.tokens[role]; ok || role == "" {
		return t
	}
	return h.SignIn(role)
}

// As is a context in which a person of the house acts.
func (h *House) As(role string) context.Context {
	h.T.Helper()
	e, err := account.Users.ByCode(h.App.Store.Live(h.Operator), role+"@norrsken.example")
	h.Must(err)
	return authz.With(context.Background(), authz.Principal{ID: e.ID.String(), Name: e.Value.Name, Email: e.Value.Email, Roles: e.Value.Roles, Window: e.Value.Window})
}

func words(s string) framework.Text { return framework.Text{EN: s, SV: s} }

// own writes a control of the house's own.
func (h *House) own(code, title string, f control.Frequency, criteria ...string) {
	h.T.Helper()
	_, err := h.App.Controls.Create(h.Operator, control.Control{
		Code: code, Title: words(title), Statement: words(title + "."), Category: "operations", Nature: "manual", Type: "detective",
		Frequency: f, Framework: "tsc-2017", Criteria: criteria, PointsOfFocus: []string{}, Prompts: []control.Prompt{}, Checks: []string{},
		Owner: h.People["owner"], Status: control.InForce, EffectiveFrom: "2026-01-01",
	}, "first version")
	h.Must(err)
}

// Add records evidence of a day for controls.
func (h *House) Add(title, day string, controls ...string) string {
	h.T.Helper()
	return h.AddFor(title, day, "", controls...)
}

// AddFor is Add for the occurrence due on a day.
func (h *House) AddFor(title, day, due string, controls ...string) string {
	h.T.Helper()
	f, err := h.App.Evidence.Keep(h.Operator, "record.txt", strings.NewReader(title+day))
	h.Must(err)
	e, err := h.App.Evidence.Add(h.Operator, evidence.Upload{
		Title: title, Type: evidence.Document, Controls: controls, OccurredFrom: day, Slot: due, PerformedBy: h.People["owner"],
		Source: evidence.Source{System: "Archive", Locator: "minutes/1", Method: evidence.Export}, Files: []evidence.File{f},
	})
	h.Must(err)
	return e.Value.Code
}

// Full is a workspace in which the window of the first half of 2026 has run until
// 20 April: the whole library adopted, and controls of its own OP-M (monthly: on
// time, late, missed, overdue or due), OP-W (weekly), OP-Q (quarterly, on time and
// reviewed), OP-R (its only item sent back) and OP-X with hostile words.
func Full(t testing.TB, register func(*House)) *House {
	t.Helper()
	h := Empty(t, register)
	_, err := h.App.Controls.Adopt(h.Operator, nil, h.People["lead"], "2026-01-01")
	h.Must(err)
	h.Earlier = h.open("other", "Olle Sand", "2025-01-01", "2026-01-01", "security", "availability")
	h.Window = h.open("auditor", "Karin Wall", "2026-01-01", "2026-07-01", "security", "availability")
	h.own("OP-M", "Monthly look at failed jobs", control.Monthly, "CC7.2", "CC7.3")
	h.own("OP-W", "Weekly look at capacity", control.Weekly, "A1.1")
	h.own("OP-Q", "Quarterly look at service accounts", control.Quarterly, "CC6.3")
	h.own("OP-R", "Quarterly restore", control.Quarterly, "A1.3")
	h.own("OP-X", Hostile, control.Monthly, "CC1.1")
	for i := range 15 {
		day := Day("2026-01-04").AddDate(0, 0, 7*i)
		h.On(day.AddDate(0, 0, 1).Format(time.DateOnly))
		if i == 6 {
			h.Add("Job review for January", "2026-01-31", "OP-M") // on time, though brought late in February
		}
		h.Add(fmt.Sprintf("Capacity week %d", i+1), day.Format(time.DateOnly), "OP-W")
		if i == 10 {
			h.AddFor("Job review for February", "2026-03-05", "2026-02-28", "OP-M") // performed late: in March, for February
		}
	}
	h.On("2026-04-02")
	q := h.Add("Service accounts Q1", "2026-03-31", "OP-Q")
	r := h.Add("Restore Q1", "2026-03-30", "OP-R")
	x := h.Add(Hostile, "2026-03-15", "OP-X")
	_, err = h.App.Evidence.Accept(h.As("lead"), q, "read and compared")
	h.Must(err)
	_, err = h.App.Evidence.Return(h.As("lead"), r, "the log of the restore is missing")
	h.Must(err)
	_, err = h.App.Evidence.Return(h.As("manager"), x, Hostile)
	h.Must(err)
	e, err := h.App.Controls.ByCode(h.Operator, "OP-Q")
	h.Must(err)
	e.Value.Owner, e.Value.Statement = h.People["lead"], words("Each quarter the compliance lead looks at every service account.")
	_, err = h.App.Controls.Change(h.As("lead"), e, "owner changed after reorganisation "+Hostile)
	h.Must(err)
	h.On("2026-04-20")
	return h
}

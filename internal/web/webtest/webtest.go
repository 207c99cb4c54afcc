// Package webtest is the room where pages are tried out: a workspace of a fictitious
// company with a window under way, its people, and a reader who asks for pages in
// their name.
package webtest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/readiness"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/window"
)

const password = "correct horse battery staple 9"

// Hostile is text that must never reach a page as it is.
const Hostile = `<script>alert("x")</script>`

// House is a workspace behind its pages. Roles are lead, owner, employee, manager,
// advisor, administrator, auditor (of Window), other (auditor of Earlier) and "" for
// nobody.
type House struct {
	T         testing.TB
	App       *app.App
	Shell     *web.Shell
	Readiness *readiness.Service
	Operator  context.Context
	Window    register.Entry[window.Window] // 2026-01-01 to 2026-06-30
	Earlier   register.Entry[window.Window] // 2025
	People    map[string]string             // role to account id

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
	h := &House{T: t, now: Day("2026-01-05"), tokens: map[string]string{}, People: map[string]string{}}
	h.Operator = authz.With(context.Background(), authz.Operator("test"))
	var err error
	h.App, err = app.Init(h.Operator, app.Options{Dir: filepath.Join(t.TempDir(), "data"), Clock: h.clock}, app.Founding{
		Organisation: scope.Organisation{Name: "Norrsken Exempel AB", Zone: "Europe/Stockholm"},
		Admin:        account.NewUser{Email: "administrator@norrsken.example", Name: "Amina Yusuf", Roles: []authz.Role{authz.Administrator}, Password: password},
	})
	h.must(err)
	t.Cleanup(func() {
		if err := h.App.Close(); err != nil {
			t.Error(err)
		}
	})
	h.Readiness = &readiness.Service{Store: h.App.Store, Policy: h.App.Policy}
	h.Shell = &web.Shell{Accounts: h.App.Accounts, Log: slog.New(slog.DiscardHandler), Workspace: func(context.Context) (web.Workspace, error) {
		return web.Workspace{Name: "Norrsken Exempel AB", Now: h.now}, nil
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

// On sets the clock to nine in the morning of a day.
func (h *House) On(day string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = Day(day).Add(9 * time.Hour)
}

func (h *House) must(err error) {
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
	h.must(h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		e, err := account.Users.Create(tx, u, "")
		h.People[role] = e.ID.String()
		return err
	}))
}

// token is the session of a role, made when it is first needed.
func (h *House) token(role string) string {
	h.T.Helper()
	if t, ok := h.tokens[role]; ok {
		return t
	}
	email := role + "@norrsken.example"
	if role != "administrator" {
		h.must(h.App.Accounts.ResetPassword(h.Operator, email, password))
	}
	t, _, err := h.App.Accounts.SignIn(context.Background(), email, password, "127.0.0.1")
	h.must(err)
	h.tokens[role] = t
	return t
}

// As is a context in which a person of the house acts.
func (h *House) As(role string) context.Context {
	h.T.Helper()
	e, err := account.Users.ByCode(h.App.Store.Live(h.Operator), role+"@norrsken.example")
	h.must(err)
	return authz.With(context.Background(), authz.Principal{ID: e.ID.String(), Name: e.Value.Name, Email: e.Value.Email, Roles: e.Value.Roles, Window: e.Value.Window})
}

// open opens a window and adds an auditor of it.
func (h *House) open(role, name, from, to string) register.Entry[window.Window] {
	h.T.Helper()
	w, err := h.App.Windows.OpenWindow(h.Operator, window.Plan{Type: 2, From: from, To: to, Categories: []string{"security", "availability"}})
	h.must(err)
	h.person(role, name, account.User{Roles: []authz.Role{authz.Auditor}, Window: w.ID.String(), AccessUntil: "2027-12-31T00:00:00Z"})
	return w
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
	h.must(err)
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
	h.must(err)
	e, err := h.App.Evidence.Add(h.Operator, evidence.Upload{
		Title: title, Type: evidence.Document, Controls: controls, OccurredFrom: day, Slot: due, PerformedBy: h.People["owner"],
		Source: evidence.Source{System: "Archive", Locator: "minutes/1", Method: evidence.Export}, Files: []evidence.File{f},
	})
	h.must(err)
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
	h.must(err)
	h.Earlier = h.open("other", "Olle Sand", "2025-01-01", "2026-01-01")
	h.Window = h.open("auditor", "Karin Wall", "2026-01-01", "2026-07-01")
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
	h.must(err)
	_, err = h.App.Evidence.Return(h.As("lead"), r, "the log of the restore is missing")
	h.must(err)
	_, err = h.App.Evidence.Return(h.As("manager"), x, Hostile)
	h.must(err)
	e, err := h.App.Controls.ByCode(h.Operator, "OP-Q")
	h.must(err)
	e.Value.Owner, e.Value.Statement = h.People["lead"], words("Each quarter the compliance lead looks at every service account.")
	_, err = h.App.Controls.Change(h.As("lead"), e, "owner changed after reorganisation "+Hostile)
	h.must(err)
	h.On("2026-04-20")
	return h
}

// Do sends one request in the name of a role.
func (h *House) Do(role, method, path, lang string, form url.Values, accept string) *httptest.ResponseRecorder {
	h.T.Helper()
	var r *http.Request
	if form != nil {
		r = httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(method, path, http.NoBody)
	}
	r.Header.Set("Accept", accept)
	if role != "" {
		r.AddCookie(&http.Cookie{Name: "bevis", Value: h.token(role)})
	}
	r.AddCookie(&http.Cookie{Name: "lang", Value: lang})
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// Get reads a page in English.
func (h *House) Get(role, path string) *httptest.ResponseRecorder {
	return h.Do(role, http.MethodGet, path, "en", nil, "text/html")
}

// JSON reads the same data as JSON.
func (h *House) JSON(role, path string) *httptest.ResponseRecorder {
	return h.Do(role, http.MethodGet, path, "en", nil, "application/json")
}

// Clean reads a page in both languages and holds it to what every page keeps: it is
// there, every message exists, nothing hostile or inline reached it, ids are unique,
// and it stays under three thousand elements.
func (h *House) Clean(role, path string) {
	h.T.Helper()
	for _, lang := range []string{"en", "sv"} {
		w := h.Do(role, http.MethodGet, path, lang, nil, "text/html")
		if w.Code != http.StatusOK {
			h.T.Errorf("%s reads %s: %d", role, path, w.Code)
			continue
		}
		s := w.Body.String()
		if i := strings.IndexAny(s, "‹›"); i >= 0 {
			h.T.Errorf("%s %s: missing message near %q", lang, path, s[i:min(i+60, len(s))])
		}
		if strings.Contains(s, "<script>alert") || strings.Contains(s, "<no value>") {
			h.T.Errorf("%s %s: not escaped, or a value missing", lang, path)
		}
		elements, ids := 0, map[string]bool{}
		doc, err := html.Parse(strings.NewReader(s))
		h.must(err)
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			elements++
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					h.T.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
				if a.Key == "id" && ids[a.Val] {
					h.T.Errorf("%s: id %q twice", path, a.Val)
				} else if a.Key == "id" {
					ids[a.Val] = true
				}
			}
			if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
				h.T.Errorf("%s: inline <%s>", path, n.Data)
			}
		}
		if elements > 3000 {
			h.T.Errorf("%s: %d elements", path, elements)
		}
	}
}

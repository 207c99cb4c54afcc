package ledger_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
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
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/window"
)

const password = "grön sparv under bron"

// house is a workspace of a fictitious company behind its pages: three controls, a
// window in the first quarter, another in the second, and one person of each kind.
type house struct {
	*app.App
	t       *testing.T
	ctx     context.Context // the local operator's
	shell   *web.Shell
	server  *httptest.Server
	window  register.Entry[window.Window] // 2026-01-01 to 2026-03-31
	other   register.Entry[window.Window] // 2026-04-01 to 2026-06-30
	cookies map[string]*http.Cookie

	mu  sync.Mutex
	now time.Time
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Millisecond)
	return h.now
}

func (h *house) at(s string) {
	h.t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	h.must(err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = at
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// build makes the house; routes registers the pages under test. people are roles,
// "other_auditor" for an auditor of the other window.
func build(t *testing.T, secure bool, routes func(h *house), people ...string) *house {
	t.Helper()
	h := &house{t: t, cookies: map[string]*http.Cookie{}}
	h.at("2026-01-02T08:00:00Z")
	h.ctx = authz.With(context.Background(), authz.Operator("test"))
	cats, err := framework.ParseCategories("availability")
	h.must(err)
	h.App, err = app.Init(h.ctx, app.Options{Dir: filepath.Join(t.TempDir(), "data"), Clock: h.clock}, app.Founding{
		Organisation: scope.Organisation{Name: "Nordlys AB", Zone: "Europe/Stockholm", Categories: cats},
		Admin:        account.NewUser{Email: "admin@nordlys.example", Name: "Disa Berg", Roles: []authz.Role{authz.Administrator}, Password: password},
	})
	h.must(err)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	lib, err := control.Library()
	h.must(err)
	var codes []string
	for _, l := range lib {
		if len(codes) < 3 && (l.Frequency == control.Quarterly || l.Frequency == control.Monthly) {
			codes = append(codes, l.Code)
		}
	}
	_, err = h.Controls.Adopt(h.ctx, codes, "", "2026-01-01")
	h.must(err)
	h.window, err = h.Windows.OpenWindow(h.ctx, window.Plan{Type: 2, From: "2026-01-01", To: "2026-04-01", Categories: []string{"availability"}})
	h.must(err)
	h.other, err = h.Windows.OpenWindow(h.ctx, window.Plan{Type: 2, From: "2026-04-01", To: "2026-07-01"})
	h.must(err)
	for _, p := range people {
		n := account.NewUser{Email: p + "@nordlys.example", Name: "Person " + p, Roles: []authz.Role{authz.Role(p)}, Password: password}
		if strings.HasSuffix(p, "auditor") {
			n.Roles, n.Window, n.Until = []authz.Role{authz.Auditor}, h.window.ID.String(), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			if p == "other_auditor" {
				n.Window = h.other.ID.String()
			}
		}
		if p != "administrator" {
			_, err := h.Accounts.Add(h.ctx, n)
			h.must(err)
		}
	}
	h.shell = &web.Shell{Accounts: h.Accounts, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Secure: secure, Workspace: func(context.Context) (web.Workspace, error) {
		return web.Workspace{Name: "Nordlys AB", Now: h.Store.Now()}, nil
	}}
	routes(h)
	h.server = httptest.NewServer(h.shell.Server())
	t.Cleanup(h.server.Close)
	for _, p := range people {
		h.signIn(p)
	}
	return h
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// signIn opens a session for a person.
func (h *house) signIn(p string) {
	h.t.Helper()
	email := p + "@nordlys.example"
	if p == "administrator" {
		email = "admin@nordlys.example"
	}
	token, _, err := h.Accounts.SignIn(context.Background(), email, password, "")
	h.must(err)
	h.cookies[p] = &http.Cookie{Name: "bevis", Value: token}
}

// evidence adds an item for the first control, performed on a day.
func (h *house) evidence(title, day string) register.Entry[evidence.Evidence] {
	h.t.Helper()
	cs, err := h.Controls.List(h.ctx)
	h.must(err)
	f, err := h.Evidence.Keep(h.ctx, "note.txt", strings.NewReader(title))
	h.must(err)
	e, err := h.Evidence.Add(h.ctx, evidence.Upload{Title: title, Type: evidence.Document, Controls: []string{cs[0].Value.Code}, OccurredFrom: day, Source: evidence.Source{System: "Wiki", Locator: "/notes", Method: evidence.Export}, PerformedBy: "Person owner", Files: []evidence.File{f}})
	h.must(err)
	return e
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request as a person ("" is signed out); form nil is a GET.
func (h *house) ask(who, path string, form url.Values, headers ...string) answer {
	h.t.Helper()
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(context.Background(), method, h.server.URL+path, body)
	h.must(err)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if c := h.cookies[who]; c != nil {
		r.AddCookie(c)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	h.must(err)
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	h.must(err)
	return answer{res.StatusCode, res.Header, string(b)}
}

// page asks for a page in both languages and looks at what every page owes.
func (h *house) page(who, path string, want int) answer {
	h.t.Helper()
	var first answer
	for _, lang := range i18n.Languages {
		a := h.ask(who, path, nil, "Accept-Language", string(lang))
		if a.status != want {
			h.t.Errorf("GET %s as %q: %d, want %d", path, who, a.status, want)
		}
		h.decent(path, a)
		if lang == i18n.English {
			first = a
		}
	}
	return first
}

// decent looks for what no page may hold.
func (h *house) decent(path string, a answer) {
	h.t.Helper()
	for _, bad := range []string{"‹", "style=\"", "<script>", "<no value>", "%!"} {
		if i := strings.Index(a.body, bad); i >= 0 {
			h.t.Errorf("%s holds %q: …%s", path, bad, a.body[max(0, i-60):min(len(a.body), i+120)])
		}
	}
	if strings.Contains(a.header.Get("Content-Type"), "html") && a.status/100 != 3 && strings.Count(a.body, "<h1") != 1 {
		h.t.Errorf("%s has %d h1", path, strings.Count(a.body, "<h1"))
	}
}

// has fails unless the answer holds every text.
func (a answer) has(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			t.Errorf("%d answer lacks %q in:\n%s", a.status, s, a.body[max(0, strings.Index(a.body, "<main")):])
		}
	}
}

// lacks fails if the answer holds one of the texts.
func (a answer) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s != "" && strings.Contains(a.body, s) {
			t.Errorf("%d answer holds %q", a.status, s)
		}
	}
}

package evidence_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	domain "bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/evidence"
	"bevis/internal/window"
)

const password = "tidig höst vid Vänern 7"

// stage is a workspace behind the pages, with people in every role and a clock
// that only the test moves.
type stage struct {
	*app.App
	t       *testing.T
	mu      sync.Mutex
	clock   time.Time
	srv     *httptest.Server
	tokens  map[string]string // session by person
	ids     map[string]string // account by person
	h1, h2  register.Entry[window.Window]
	op      context.Context
	counter int
}

// The people. Auditors belong to one window each.
const (
	lead, owner, employee, manager, advisor = "lead", "owner", "employee", "manager", "advisor"
	auditor1, auditor2, admin, nobody       = "auditor1", "auditor2", "administrator", ""
)

func newStage(t *testing.T, maxUpload int64) *stage {
	t.Helper()
	s := &stage{t: t, clock: time.Date(2025, 12, 1, 8, 0, 0, 0, time.UTC), tokens: map[string]string{}, ids: map[string]string{}}
	s.op = authz.With(context.Background(), authz.Operator("tester"))
	var err error
	s.App, err = app.Init(s.op, app.Options{Dir: filepath.Join(t.TempDir(), "ws"), Clock: s.now, MaxUpload: maxUpload}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: "Europe/Stockholm", Categories: framework.Categories{framework.Security}},
		Admin:        account.NewUser{Email: "first@granskog.example", Name: "Ada Ek", Roles: []authz.Role{authz.Administrator}, Password: password},
	})
	s.must(err)
	t.Cleanup(func() { s.must(s.Close()) })
	account.CheapForTests(t, s.Accounts)
	_, err = s.Controls.Adopt(s.op, []string{"AC-04", "OP-04", "AC-05"}, "", "2025-12-01")
	s.must(err)
	s.h1, err = s.Windows.OpenWindow(s.op, window.Plan{Type: 2, From: "2026-01-01", To: "2026-04-01", Categories: []string{"security"}})
	s.must(err)
	s.h2, err = s.Windows.OpenWindow(s.op, window.Plan{Type: 2, From: "2026-04-01", To: "2026-07-01", Categories: []string{"security"}})
	s.must(err)
	s.at("2026-05-04")
	shell := &web.Shell{Accounts: s.Accounts, Log: slog.New(slog.DiscardHandler), Workspace: func(context.Context) (web.Workspace, error) {
		return web.Workspace{Name: "Granskog Exempel AB", Now: s.now(), Entry: "#1"}, nil
	}}
	evidence.Pages{Shell: shell, Evidence: s.Evidence, Windows: s.Windows, Accounts: s.Accounts}.Routes()
	s.srv = httptest.NewServer(shell.Server())
	t.Cleanup(s.srv.Close)
	return s
}

// names are the people's; each gets an account when they first do something.
var names = map[string]string{
	lead: "Maja Lind", owner: "Erik Holm", employee: "Nils Ny", manager: "Sara Öberg", advisor: "Alva Rask",
	auditor1: "Karin Wall", auditor2: "Otto Ask", admin: "Alf Drift",
}

// id is a person's account.
func (s *stage) id(who string) string {
	s.t.Helper()
	s.token(who)
	return s.ids[who]
}

// token is a person's session, "" for nobody's.
func (s *stage) token(who string) string {
	s.t.Helper()
	if who == nobody || s.tokens[who] != "" {
		return s.tokens[who]
	}
	n := account.NewUser{Email: who + "@granskog.example", Name: names[who], Roles: []authz.Role{authz.Role(strings.TrimRight(who, "12"))}, Password: password}
	if who == auditor1 || who == auditor2 {
		n.Window, n.Until = s.h1.ID.String(), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
		if who == auditor2 {
			n.Window = s.h2.ID.String()
		}
	}
	e, err := s.Accounts.Add(s.op, n)
	s.must(err)
	s.ids[who] = e.ID.String()
	s.tokens[who], _, err = s.Accounts.SignIn(s.op, n.Email, password, "")
	s.must(err)
	return s.tokens[who]
}

func (s *stage) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

// at moves the clock to noon of a day.
func (s *stage) at(day string) {
	d, err := time.Parse(time.DateOnly, day)
	s.must(err)
	s.mu.Lock()
	s.clock = d.Add(12 * time.Hour)
	s.mu.Unlock()
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// as is the context of a person.
func (s *stage) as(who string) context.Context {
	p, err := s.Accounts.Session(s.op, s.token(who))
	s.must(err)
	return authz.With(context.Background(), p)
}

type answer struct {
	status int
	head   http.Header
	body   string
}

// ask sends a request as somebody, without following redirects.
func (s *stage) ask(who, method, path string, body io.Reader, head map[string]string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.srv.URL+path, body)
	s.must(err)
	for k, v := range head {
		req.Header.Set(k, v)
	}
	if token := s.token(who); token != "" {
		req.AddCookie(&http.Cookie{Name: "bevis", Value: token})
	}
	res, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	s.must(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	s.must(err)
	return answer{res.StatusCode, res.Header, string(b)}
}

func (s *stage) get(who, path string) answer { return s.ask(who, "GET", path, nil, nil) }

func (s *stage) post(who, path string, v url.Values) answer {
	return s.ask(who, "POST", path, strings.NewReader(v.Encode()), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

// sent is a file on its way; name goes into the header as it is.
type sent struct{ field, name, body string }

func (s *stage) send(who, path string, v url.Values, files ...sent) answer {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, f := range files { // first, as in the form
		part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + f.field + `"; filename="` + f.name + `"`}})
		s.must(err)
		_, err = io.WriteString(part, f.body)
		s.must(err)
	}
	for k, vs := range v {
		for _, x := range vs {
			s.must(m.WriteField(k, x))
		}
	}
	s.must(m.Close())
	return s.ask(who, "POST", path, &b, map[string]string{"Content-Type": m.FormDataContentType()})
}

// add records an item straight through the verb.
func (s *stage) add(who string, u domain.Upload, files ...sent) string {
	s.t.Helper()
	ctx := s.as(who)
	s.counter++
	if len(files) == 0 {
		files = []sent{{name: "rows.csv", body: fmt.Sprintf("account,role\nsvc-leak,%d\n", s.counter)}}
	}
	for _, f := range files {
		kept, err := s.Evidence.Keep(ctx, f.name, strings.NewReader(f.body))
		s.must(err)
		u.Files = append(u.Files, kept)
	}
	if u.Title == "" {
		u.Title = fmt.Sprint("Access review ", s.counter)
	}
	if u.Type == "" {
		u.Type = domain.AccessLog
	}
	if u.Controls == nil {
		u.Controls = []string{"AC-04"}
	}
	if u.PerformedBy == "" {
		u.PerformedBy = s.id(who)
	}
	e, err := s.Evidence.Add(ctx, u)
	s.must(err)
	return e.Value.Code
}

// form is a form that would be accepted, but for its files.
func form() url.Values {
	return url.Values{
		"title": {"Quarterly access review"}, "type": {"access_log"}, "control": {"AC-04", ""}, "from": {"2026-03-30"}, "to": {"2026-03-31"},
		"system": {"AWS IAM"}, "locator": {"eu-north-1"}, "method": {"export"}, "captured": {"2026-04-02T09:14"},
	}
}

var missingKey = regexp.MustCompile(`‹[^›]*›`)

// page checks what holds for every page.
func (s *stage) page(a answer) {
	s.t.Helper()
	if m := missingKey.FindString(a.body); m != "" {
		s.t.Errorf("missing message %s", m)
	}
	if strings.Contains(a.body, " style=") || regexp.MustCompile(`<script(?: [a-z]+="[^"]*")*>[^<]`).MatchString(a.body) || regexp.MustCompile(` on[a-z]+="`).MatchString(a.body) {
		s.t.Error("inline style or script")
	}
}

package checks_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/collect/git"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/checks"
	"bevis/internal/web/populations"
	"bevis/internal/window"
)

const (
	password = "correct horse battery staple 9"
	hostile  = `<script>alert("x")</script>`
)

// house is a workspace with a collected history, behind its pages.
type house struct {
	t       testing.TB
	app     *app.App
	op      context.Context
	handler http.Handler
	tokens  map[string]string
	repo    string
}

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// empty is a workspace with people and nothing collected.
func empty(t testing.TB) *house {
	t.Helper()
	now := day("2026-07-10")
	clock := func() time.Time { now = now.Add(time.Second); return now }
	op := authz.With(context.Background(), authz.Operator("test"))
	a, err := app.Init(op, app.Options{Dir: filepath.Join(t.TempDir(), "data"), Clock: clock}, app.Founding{
		Organisation: scope.Organisation{Name: "Norrsken Exempel AB", Zone: "Europe/Stockholm"},
		Admin:        account.NewUser{Email: "admin@norrsken.example", Name: "Amina Yusuf", Roles: []authz.Role{authz.Administrator}, Password: password},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	shell := &web.Shell{Accounts: a.Accounts, Log: slog.New(slog.DiscardHandler), Workspace: func(context.Context) (web.Workspace, error) {
		return web.Workspace{Name: "Norrsken Exempel AB", Now: day("2026-07-10")}, nil
	}}
	populations.Pages{Shell: shell, Populations: a.Populations, Checks: a.Checks}.Routes()
	checks.Pages{Shell: shell, Checks: a.Checks}.Routes()
	h := &house{t: t, app: a, op: op, handler: shell.Server(), tokens: map[string]string{}}
	own := h.window("2026-01-01", "2026-07-01")
	other := h.window("2025-01-01", "2026-01-01")
	h.tokens["administrator"] = h.signIn("admin@norrsken.example")
	h.person("lead", "Maja Lind", account.NewUser{Roles: []authz.Role{authz.Lead}})
	h.person("owner", "Erik Holm", account.NewUser{Roles: []authz.Role{authz.Owner}})
	h.person("employee", "Jonas Ek", account.NewUser{Roles: []authz.Role{authz.Employee}})
	h.person("auditor", "Karin Wall", account.NewUser{Roles: []authz.Role{authz.Auditor}, Window: own.String(), Until: day("2026-12-31")})
	h.person("other", "Olle Sand", account.NewUser{Roles: []authz.Role{authz.Auditor}, Window: other.String(), Until: day("2026-12-31")})
	return h
}

func (h *house) window(from, to string) window.ID {
	h.t.Helper()
	w, err := h.app.Windows.OpenWindow(h.op, window.Plan{Type: 2, From: from, To: to, Categories: []string{"security"}})
	if err != nil {
		h.t.Fatal(err)
	}
	return w.ID
}

func (h *house) person(role, name string, u account.NewUser) {
	h.t.Helper()
	u.Email, u.Name, u.Password = role+"@norrsken.example", name, password
	if _, err := h.app.Accounts.Add(h.op, u); err != nil {
		h.t.Fatal(err)
	}
	h.tokens[role] = h.signIn(u.Email)
}

func (h *house) signIn(email string) string {
	h.t.Helper()
	token, _, err := h.app.Accounts.SignIn(context.Background(), email, password, "127.0.0.1")
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// full is a workspace with a whole half year of changes (230), an empty year
// before it, a cut-off history and a run that failed.
func full(t testing.TB) *house {
	t.Helper()
	h := empty(t)
	if _, err := h.app.Controls.Adopt(h.op, nil, "", "2026-01-01"); err != nil {
		t.Fatal(err)
	}
	h.repo = makeHistory(t, 230)
	h.collect("shop", "2026-01-01", "2026-07-01")
	h.collect("shop", "2025-01-01", "2026-01-01")
	if err := os.WriteFile(filepath.Join(h.repo, "shallow"), []byte(gitOut(t, h.repo, nil, "rev-parse", "main~20")), 0o600); err != nil {
		t.Fatal(err)
	}
	h.collect("cut-off", "2026-06-01", "2026-07-01")
	if _, err := h.app.Collect.Git(h.op, git.Options{Repo: filepath.Join(t.TempDir(), "gone"), Name: "gone", From: day("2026-01-01"), To: day("2026-07-01")}); err == nil {
		t.Fatal("a missing repository was collected")
	}
	return h
}

func (h *house) collect(name, from, to string) {
	h.t.Helper()
	cal, err := scope.CalendarOf(h.app.Store.Live(h.op))
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.app.Collect.Git(h.op, git.Options{Repo: h.repo, Name: name, From: cal.Start(scope.Day(from)), To: cal.Start(scope.Day(to))}); err != nil {
		h.t.Fatal(err)
	}
}

// makeHistory makes a bare repository with n changes in 2026, most of them with a
// reviewer: every tenth without, every 23rd reviewed by its author.
func makeHistory(t testing.TB, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop.git")
	gitOut(t, t.TempDir(), nil, "init", "-q", "--bare", "-b", "main", dir)
	people := []string{"Sara Öberg <sara@norrsken.example>", "Bo Ek <bo@norrsken.example>", "Lina Ask <lina@norrsken.example>"}
	var b bytes.Buffer
	for i := range n {
		author, reviewer := people[i%3], people[(i+1)%3]
		subject := fmt.Sprintf("Change %d of the cart", i+1)
		switch i {
		case 3:
			subject = "=HYPERLINK(\"https://evil.example\")"
		case 5:
			subject = hostile
		}
		trailer := "\n\nFixes #" + fmt.Sprint(1000+i) + "\nReviewed-by: " + reviewer
		switch {
		case i%10 == 9:
			trailer = ""
		case i%23 == 7:
			trailer = "\n\nReviewed-by: " + author
		}
		message := subject + trailer + "\n"
		at := day("2026-01-05").Add(time.Duration(i) * 18 * time.Hour).Unix()
		fmt.Fprintf(&b, "commit refs/heads/main\nauthor %s %d +0100\ncommitter %s %d +0100\ndata %d\n%s\n", author, at-60, author, at, len(message), message)
	}
	gitOut(t, dir, b.Bytes(), "fast-import", "--quiet")
	return dir
}

func gitOut(t testing.TB, dir string, in []byte, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// ask sends a request as a role ("" is nobody); form makes it a POST, and headers
// are pairs.
func (h *house) ask(role, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token := h.tokens[role]; token != "" {
		r.AddCookie(&http.Cookie{Name: "bevis", Value: token})
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// json asks for the data of a page.
func (h *house) json(role, path string, into any) {
	h.t.Helper()
	w := h.ask(role, path, nil, "Accept", "application/json")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		h.t.Fatalf("%s as %s: %d %s", path, role, w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), ": null") {
		h.t.Errorf("%s: null in the data", path)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		h.t.Fatal(err)
	}
}

type listing struct {
	Datasets []struct {
		Code, Name string
		Items      int
		Complete   bool
	}
	Runs []struct{ Code, Name, Outcome, Dataset string }
}

// test runs a check over the dataset of a source and returns the result's code.
func (h *house) test(source, id string) string {
	h.t.Helper()
	var l listing
	h.json("lead", "/populations", &l)
	for _, d := range l.Datasets {
		if d.Name != source || source == "shop" && d.Items == 0 {
			continue
		}
		w := h.ask("owner", "/populations/"+d.Code+"/check/"+id, url.Values{})
		code, ok := strings.CutPrefix(w.Header().Get("Location"), "/checks/")
		if !ok {
			h.t.Fatalf("run %s over %s: %d %s", id, source, w.Code, w.Body)
		}
		return code
	}
	h.t.Fatalf("no dataset of %s in %+v", source, l)
	return ""
}

var inline = regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|\sstyle=|\son[a-z]+=`)

// sound are the things that hold for every page.
func sound(t testing.TB, path, body string) {
	t.Helper()
	for _, bad := range []string{"‹", "&lt;no value&gt;", "%!"} {
		if i := strings.Index(body, bad); i >= 0 {
			t.Errorf("%s: %q in …%s…", path, bad, body[max(0, i-80):min(len(body), i+120)])
		}
	}
	if m := inline.FindString(body); m != "" {
		t.Errorf("%s: inline %q", path, m)
	}
	if strings.Contains(body, hostile) {
		t.Errorf("%s: hostile text is not escaped", path)
	}
	if n := strings.Count(body, "<h1"); n != 1 {
		t.Errorf("%s: %d h1", path, n)
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		if seen[m[1]] {
			t.Errorf("%s: two elements with id %s", path, m[1])
		}
		seen[m[1]] = true
	}
}

package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/web/signin"
)

func open(t *testing.T, secure bool) *house {
	return build(t, secure, func(h *house) {
		signin.Pages{Shell: h.shell, Accounts: h.Accounts, Hints: []string{"lead@nordlys.example <b>"}}.Routes()
	})
}

func (h *house) try(email, pw, next string, headers ...string) answer {
	return h.ask("", "/sign-in", url.Values{"email": {email}, "password": {pw}, "next": {next}}, headers...)
}

func session(a answer) *http.Cookie {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if strings.HasSuffix(c.Name, "bevis") {
			return c
		}
	}
	return nil
}

func TestForm(t *testing.T) {
	h := open(t, false)
	a := h.page("", "/sign-in?next=%2Fledger", http.StatusOK)
	a.has(t, `autocomplete="username"`, `autocomplete="current-password"`, `name="next" value="/ledger"`, "lead@nordlys.example &lt;b&gt;")
	a.lacks(t, "onpaste", `autocomplete="off"`, "<b>")
	h.page("", "/sign-in?next=//evil.example", http.StatusOK).lacks(t, "evil.example")
}

// The cookie is out of reach of scripts and other sites (T15).
func TestCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := open(t, secure)
		a := h.try("admin@nordlys.example", password, "/windows")
		c := session(a)
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/windows" || c == nil {
			t.Fatalf("%d %s %v", a.status, a.header.Get("Location"), c)
		}
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure != secure {
			t.Errorf("secure %v: cookie %+v", secure, c)
		}
		if secure != strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("secure %v: cookie is called %s", secure, c.Name)
		}
	}
}

// A token that somebody planted before the sign-in is neither kept nor left alive.
func TestFixation(t *testing.T) {
	h := open(t, false)
	h.signIn("administrator")
	planted := h.cookies["administrator"].Value
	delete(h.cookies, "administrator")
	a := h.try("admin@nordlys.example", password, "/", "Cookie", "bevis="+planted)
	if c := session(a); c == nil || c.Value == planted || len(c.Value) < 40 {
		t.Fatalf("after sign-in the cookie is %v", c)
	}
	if _, err := h.Accounts.Session(h.ctx, planted); err == nil {
		t.Error("the planted session is still alive")
	}
	made := "0123456789012345678901234567890123456789012"
	a = h.try("admin@nordlys.example", password, "/", "Cookie", "bevis="+made)
	if c := session(a); c == nil || c.Value == made {
		t.Errorf("a made-up token became a session: %v", c)
	}
}

func TestNext(t *testing.T) {
	h := open(t, false)
	for next, want := range map[string]string{
		"/windows/W-1?x=1": "/windows/W-1?x=1", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
	} {
		if got := h.try("admin@nordlys.example", password, next).header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	h := open(t, false)
	const hostile = `"><script>alert(1)</script>`
	a := h.try(hostile, "not the password", "/ledger")
	if a.status != http.StatusUnauthorized || session(a) != nil {
		t.Fatalf("%d %v", a.status, session(a))
	}
	h.decent("/sign-in", a)
	a.has(t, "do not fit together", `name="next" value="/ledger"`, "&lt;script&gt;")
	a.lacks(t, "not the password")

	unknown := h.try("nobody@nordlys.example", "wrong wrong wrong", "")
	known := h.try("admin@nordlys.example", "wrong wrong wrong", "")
	if unknown.status != known.status || strings.ReplaceAll(unknown.body, "nobody@", "admin@") != known.body {
		t.Error("the answer tells whether an account exists")
	}
}

// After a few failures everybody waits, also who knows the password (T16).
func TestGuessing(t *testing.T) {
	h := open(t, false)
	for range 5 {
		if a := h.try("admin@nordlys.example", "guess after guess", ""); a.status != http.StatusUnauthorized {
			t.Fatalf("%d", a.status)
		}
	}
	a := h.try("admin@nordlys.example", password, "")
	if a.status != http.StatusTooManyRequests || session(a) != nil || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %v, Retry-After %q", a.status, session(a), a.header.Get("Retry-After"))
	}
	a.has(t, "Too many attempts")
	h.decent("/sign-in", a)
	h.at("2026-01-02T09:00:00Z")
	if a := h.try("admin@nordlys.example", password, ""); a.status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", a.status)
	}
}

func TestOtherOrigin(t *testing.T) {
	h := open(t, false)
	for _, path := range []string{"/sign-in", "/sign-out"} {
		a := h.ask("", path, url.Values{"email": {"admin@nordlys.example"}, "password": {password}}, "Sec-Fetch-Site", "cross-site")
		if a.status != http.StatusForbidden || session(a) != nil {
			t.Errorf("%s from another site: %d %v", path, a.status, session(a))
		}
	}
}

func TestSignOut(t *testing.T) {
	h := open(t, false)
	h.signIn("administrator")
	token := h.cookies["administrator"].Value
	if a := h.page("administrator", "/sign-in", http.StatusSeeOther); a.header.Get("Location") != "/" {
		t.Errorf("who is signed in is sent to %q", a.header.Get("Location"))
	}
	for range 2 { // the second time there is nothing left to end
		a := h.ask("administrator", "/sign-out", url.Values{})
		if c := session(a); a.status != http.StatusSeeOther || c == nil || c.MaxAge >= 0 || c.Value != "" {
			t.Fatalf("%d %v", a.status, c)
		}
	}
	if _, err := h.Accounts.Session(h.ctx, token); err == nil {
		t.Error("the session is still alive on the server")
	}
}

func TestJSON(t *testing.T) {
	h := open(t, false)
	h.ask("", "/sign-in?next=/x", nil, "Accept", "application/json").has(t, `"next": "/x"`, `"error": ""`)
}

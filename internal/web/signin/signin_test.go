package signin_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bevis/internal/web/signin"
	"bevis/internal/web/webtest"
)

func open(t *testing.T, secure bool) *webtest.House {
	return webtest.Empty(t, func(h *webtest.House) {
		h.Shell.Secure = secure
		signin.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Hints: []string{"lead@norrsken.example <b>"}}.Routes()
	})
}

func try(h *webtest.House, email, pw, next string, headers ...string) webtest.Answer {
	return h.Ask("", "/sign-in", url.Values{"email": {email}, "password": {pw}, "next": {next}}, headers...)
}

func session(a webtest.Answer) *http.Cookie {
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if strings.HasSuffix(c.Name, "bevis") {
			return c
		}
	}
	return nil
}

func TestForm(t *testing.T) {
	h := open(t, false)
	a := h.Page("", "/sign-in?next=%2Fledger", http.StatusOK)
	a.Has(t, `autocomplete="username"`, `autocomplete="current-password"`, `name="next" value="/ledger"`, "lead@norrsken.example &lt;b&gt;")
	a.Lacks(t, "onpaste", `autocomplete="off"`, "<b>")
	h.Page("", "/sign-in?next=//evil.example", http.StatusOK).Lacks(t, "evil.example")
}

// The cookie is out of reach of scripts and other sites (T15).
func TestCookie(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := open(t, secure)
		a := try(h, "administrator@norrsken.example", webtest.Password, "/windows")
		c := session(a)
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != "/windows" || c == nil {
			t.Fatalf("%d %s %v", a.Status, a.Header.Get("Location"), c)
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
	planted := h.SignIn("administrator")
	a := try(h, "administrator@norrsken.example", webtest.Password, "/", "Cookie", "bevis="+planted)
	if c := session(a); c == nil || c.Value == planted || len(c.Value) < 40 {
		t.Fatalf("after sign-in the cookie is %v", c)
	}
	if _, err := h.App.Accounts.Session(h.Operator, planted); err == nil {
		t.Error("the planted session is still alive")
	}
	made := "0123456789012345678901234567890123456789012"
	a = try(h, "administrator@norrsken.example", webtest.Password, "/", "Cookie", "bevis="+made)
	if c := session(a); c == nil || c.Value == made {
		t.Errorf("a made-up token became a session: %v", c)
	}
}

func TestNext(t *testing.T) {
	h := open(t, false)
	for next, want := range map[string]string{
		"/windows/W-1?x=1": "/windows/W-1?x=1", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/",
	} {
		if got := try(h, "administrator@norrsken.example", webtest.Password, next).Header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	h := open(t, false)
	const hostile = `"><script>alert(1)</script>`
	a := try(h, hostile, "not the password", "/ledger")
	if a.Status != http.StatusUnauthorized || session(a) != nil {
		t.Fatalf("%d %v", a.Status, session(a))
	}
	h.Sound("/sign-in", a)
	a.Has(t, "do not fit together", `name="next" value="/ledger"`, "&lt;script&gt;")
	a.Lacks(t, "not the password")

	unknown := try(h, "nobody@norrsken.example", "wrong wrong wrong", "")
	known := try(h, "administrator@norrsken.example", "wrong wrong wrong", "")
	if unknown.Status != known.Status || strings.ReplaceAll(unknown.Body, "nobody@", "administrator@") != known.Body {
		t.Error("the answer tells whether an account exists")
	}
}

// After a few failures everybody waits, also who knows the password (T16).
func TestGuessing(t *testing.T) {
	h := open(t, false)
	for range 5 {
		if a := try(h, "administrator@norrsken.example", "guess after guess", ""); a.Status != http.StatusUnauthorized {
			t.Fatalf("%d", a.Status)
		}
	}
	a := try(h, "administrator@norrsken.example", webtest.Password, "")
	if a.Status != http.StatusTooManyRequests || session(a) != nil || a.Header.Get("Retry-After") == "" {
		t.Fatalf("%d %v, Retry-After %q", a.Status, session(a), a.Header.Get("Retry-After"))
	}
	a.Has(t, "Too many attempts")
	h.Sound("/sign-in", a)
	h.On("2026-01-05")
	if a := try(h, "administrator@norrsken.example", webtest.Password, ""); a.Status != http.StatusSeeOther {
		t.Errorf("after the wait: %d", a.Status)
	}
}

func TestOtherOrigin(t *testing.T) {
	h := open(t, false)
	for _, path := range []string{"/sign-in", "/sign-out"} {
		a := h.Ask("", path, url.Values{"email": {"administrator@norrsken.example"}, "password": {webtest.Password}}, "Sec-Fetch-Site", "cross-site")
		if a.Status != http.StatusForbidden || session(a) != nil {
			t.Errorf("%s from another site: %d %v", path, a.Status, session(a))
		}
	}
}

func TestSignOut(t *testing.T) {
	h := open(t, false)
	token := h.SignIn("administrator")
	if a := h.Page("administrator", "/sign-in", http.StatusSeeOther); a.Header.Get("Location") != "/" {
		t.Errorf("who is signed in is sent to %q", a.Header.Get("Location"))
	}
	for range 2 { // the second time there is nothing left to end
		a := h.Ask("administrator", "/sign-out", url.Values{})
		if c := session(a); a.Status != http.StatusSeeOther || c == nil || c.MaxAge >= 0 || c.Value != "" {
			t.Fatalf("%d %v", a.Status, c)
		}
	}
	if _, err := h.App.Accounts.Session(h.Operator, token); err == nil {
		t.Error("the session is still alive on the server")
	}
}

func TestJSON(t *testing.T) {
	h := open(t, false)
	h.Ask("", "/sign-in?next=/x", nil, "Accept", "application/json").Has(t, `"next": "/x"`, `"error": ""`)
}

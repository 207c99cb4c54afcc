package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/a-h/templ"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web/static"
	"bevis/internal/web/ui"
)

// policy forbids everything but the product's own files (ui.md 2.2).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Workspace is what the shell shows of the organisation.
type Workspace struct {
	Name   string
	Sample bool      // sample data, simulated clock
	Now    time.Time // the workspace's clock
	Entry  string    // newest ledger entry, "#1204"
}

// Shell answers pages.
type Shell struct {
	Accounts  *account.Service
	Workspace func(ctx context.Context) (Workspace, error)
	Log       *slog.Logger
	// Secure is set when browsers reach this server over TLS: cookies then carry
	// the __Host- prefix.
	Secure bool
	mux    *http.ServeMux
}

// Handler answers a request or fails; failures are rendered in one place.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Handle routes a pattern ("GET /evidence") to a page that needs a signed-in
// reader.
func (s *Shell) Handle(pattern string, h Handler) { s.route(pattern, h, true) }

// HandlePublic routes a pattern that anybody may ask for.
func (s *Shell) HandlePublic(pattern string, h Handler) { s.route(pattern, h, false) }

func (s *Shell) route(pattern string, h Handler, private bool) {
	s.serveMux().Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(i18n.With(r.Context(), langOf(r)))
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler { //nolint:errorlint // panicked with this very value
					panic(p)
				}
				s.fail(w, r, fmt.Errorf("web: panic: %v\n%s", p, debug.Stack()))
			}
		}()
		if who, err := s.session(r); err == nil {
			r = r.WithContext(authz.With(r.Context(), who))
		} else if private {
			if fault.KindOf(err) == fault.Unauthenticated {
				s.askToSignIn(w, r, err)
				return
			}
			s.fail(w, r, err)
			return
		}
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}))
}

func (s *Shell) serveMux() *http.ServeMux {
	if s.mux == nil {
		s.mux = http.NewServeMux()
	}
	return s.mux
}

// Server is the whole web surface. Requests that change something and come
// from another origin are refused before anything else (T14).
func (s *Shell) Server() http.Handler {
	mux := s.serveMux()
	mux.Handle(static.Prefix, static.Handler())
	s.HandlePublic("POST /prefs", s.prefs)
	s.HandlePublic("/", func(http.ResponseWriter, *http.Request) error {
		return fault.New(fault.NotFound, "web.no_page")
	})
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(i18n.With(r.Context(), langOf(r)))
		s.fail(w, r, fault.New(fault.Denied, "web.cross_origin"))
	}))
	return guard.Handler(mux)
}

func (s *Shell) session(r *http.Request) (authz.Principal, error) {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return authz.Principal{}, fault.New(fault.Unauthenticated, "authz.sign_in")
	}
	return s.Accounts.Session(r.Context(), c.Value)
}

func (s *Shell) cookieName() string {
	if s.Secure {
		return "__Host-bevis"
	}
	return "bevis"
}

// SignedIn puts the session into the browser; "" ends it there.
func (s *Shell) SignedIn(w http.ResponseWriter, token string) {
	//nolint:gosec // Secure wherever the server speaks TLS; a house on loopback does not
	c := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// Token is the session's token, "" if there is none.
func (s *Shell) Token(r *http.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *Shell) askToSignIn(w http.ResponseWriter, r *http.Request, err error) {
	if wantsJSON(r) || r.Method != http.MethodGet || r.Header.Get("X-Fragment") != "" {
		s.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
}

func langOf(r *http.Request) i18n.Lang {
	if c, err := r.Cookie("lang"); err == nil {
		return i18n.Parse(c.Value)
	}
	return i18n.Match(r.Header.Get("Accept-Language"))
}

// ThemeOf is the reader's theme.
func ThemeOf(r *http.Request) ui.Theme {
	if c, err := r.Cookie("theme"); err == nil {
		return ui.ParseTheme(c.Value)
	}
	return ui.Auto
}

// prefs keeps language and theme in cookies: they belong to a browser.
func (s *Shell) prefs(w http.ResponseWriter, r *http.Request) error {
	for _, name := range []string{"lang", "theme"} {
		v := r.PostFormValue(name)
		switch {
		case v == "":
			continue
		case name == "lang":
			v = string(i18n.Parse(v))
		default:
			v = string(ui.ParseTheme(v))
		}
		//nolint:gosec // Secure wherever the server speaks TLS; a house on loopback does not
		http.SetCookie(w, &http.Cookie{Name: name, Value: v, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	return SeeOther(w, r, LocalPath(r.PostFormValue("back")))
}

// LocalPath is s if it is a path of this server, "/" otherwise: a redirect never
// leaves the house.
func LocalPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n") {
		return "/"
	}
	return s
}

// SeeOther sends the browser on after a change.
func SeeOther(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // what a reader sent comes through LocalPath
	return nil
}

// Answer shows a page, or the same data as JSON to who asks for that.
func (s *Shell) Answer(w http.ResponseWriter, r *http.Request, status int, data any, page templ.Component) error {
	if wantsJSON(r) {
		return JSON(w, status, data)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return page.Render(r.Context(), w)
}

// JSON answers with data as JSON.
func JSON(w http.ResponseWriter, status int, data any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(data)
}

// wantsJSON reports whether the reader asked for data and not for a page.
func wantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// Status is the HTTP status of a failure.
func Status(err error) int {
	switch fault.KindOf(err) {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Denied:
		return http.StatusForbidden
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict, fault.Locked:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Busy:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// fail renders a failure: the fault's sentence, or a reference number under which
// the log has the rest.
func (s *Shell) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader has gone
	}
	status, ref := Status(err), ""
	if status >= http.StatusInternalServerError {
		ref = reference()
		s.Log.ErrorContext(r.Context(), "request failed", "ref", ref, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	text := i18n.Fault(r.Context(), err, ref)
	if wantsJSON(r) {
		body := map[string]any{"error": map[string]any{"kind": fault.KindOf(err).String(), "key": keyOf(err), "message": text, "ref": ref}}
		if jerr := JSON(w, status, body); jerr != nil {
			s.Log.DebugContext(r.Context(), "answer not sent", "error", jerr)
		}
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	page := failure(s.Props(r, i18n.T(r.Context(), "web.failed")), ui.ErrorProps{Code: status, Message: text, Ref: ref})
	if rerr := page.Render(r.Context(), w); rerr != nil {
		s.Log.DebugContext(r.Context(), "answer not sent", "error", rerr)
	}
}

func keyOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	return "fault.internal"
}

func reference() string {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	return hex.EncodeToString(b[:])
}

// Remote is the reader's address without the port.
func Remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

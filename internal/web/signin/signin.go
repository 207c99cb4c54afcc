package signin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// form is what a person typed, without the password.
type form struct {
	Email string `json:"email"`
	Next  string `json:"next"`  // path of this server to go on to
	Error string `json:"error"` // why the sign-in failed, "" before the first try
}

// ask handles GET /sign-in. Who is signed in already is sent on.
func (p Pages) ask(w http.ResponseWriter, r *http.Request) error {
	next := web.LocalPath(r.FormValue("next"))
	if _, in := authz.Of(r.Context()); in {
		return web.SeeOther(w, r, next)
	}
	return p.show(w, r, http.StatusOK, form{Next: next})
}

// signIn handles POST /sign-in. The session that the browser brought ends, so a
// token planted before does not become this person's (T15).
func (p Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	f := form{Email: r.PostFormValue("email"), Next: web.LocalPath(r.PostFormValue("next"))}
	token, _, err := p.Accounts.SignIn(r.Context(), f.Email, r.PostFormValue("password"), web.Remote(r))
	switch fault.KindOf(err) {
	case fault.Unauthenticated, fault.Busy, fault.Denied:
		f.Error = i18n.Fault(r.Context(), err, "")
		if s, ok := seconds(err); ok {
			w.Header().Set("Retry-After", strconv.Itoa(s))
		}
		return p.show(w, r, web.Status(err), f)
	}
	if err != nil {
		return err
	}
	if err := p.Accounts.SignOut(r.Context(), p.Shell.Token(r)); err != nil {
		return err
	}
	p.Shell.SignedIn(w, token)
	return web.SeeOther(w, r, f.Next)
}

// signOut handles POST /sign-out. It is public: a session that has ended already
// still leaves its cookie.
func (p Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.Accounts.SignOut(r.Context(), p.Shell.Token(r)); err != nil {
		return err
	}
	p.Shell.SignedIn(w, "")
	return web.SeeOther(w, r, "/sign-in")
}

// seconds is how long a throttled person waits.
func seconds(err error) (int, bool) {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Busy {
		return 0, false
	}
	for i := 0; i+1 < len(f.Args); i += 2 {
		if n, is := f.Args[i+1].(int); is && f.Args[i] == "Count" {
			return n, true
		}
	}
	return 0, false
}

// props is everything the page shows.
type props struct {
	bare  ui.Bare
	form  form
	hints []hint
}

// hint is a line about a sample account, or a plain line.
type hint struct {
	text        string
	name, roles string // of the account whose address text is, "" for none
}

// hints says who the sample accounts are. Outside of a sample workspace nobody
// learns a name before signing in.
func (p Pages) hints(ctx context.Context, sample bool) ([]hint, error) {
	var out []hint
	for _, line := range p.Hints {
		h := hint{text: line}
		if !sample {
			out = append(out, h)
			continue
		}
		e, err := account.Users.ByCode(p.Accounts.Store.Live(ctx), line)
		switch {
		case err == nil && !e.Erased:
			var roles []string
			for _, role := range e.Value.Roles {
				roles = append(roles, i18n.T(ctx, "role."+string(role)))
			}
			h.name, h.roles = e.Value.Name, strings.Join(roles, ", ")
		case err != nil && fault.KindOf(err) != fault.NotFound:
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

func (p Pages) show(w http.ResponseWriter, r *http.Request, status int, f form) error {
	here := "/sign-in"
	if f.Next != "/" {
		here += "?next=" + url.QueryEscape(f.Next)
	}
	v := props{form: f, bare: ui.Bare{Title: i18n.T(r.Context(), "signinpage.title"), Path: here, Theme: web.ThemeOf(r)}}
	ws, err := p.Shell.Workspace(r.Context())
	if err != nil {
		return err
	}
	if ws.Sample {
		v.bare.Demo = &ws.Now
	}
	if v.hints, err = p.hints(r.Context(), ws.Sample); err != nil {
		return err
	}
	return p.Shell.Answer(w, r, status, f, page(v))
}

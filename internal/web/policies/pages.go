// Package policies is the room of the pages on policies: the list, one policy as it
// is read, its editing, its editions with what changed, and the templates.
package policies

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// Pages answers the pages under /policies.
type Pages struct {
	Shell    *web.Shell
	Store    *register.Store
	Accounts *account.Service
	Policies *policy.Service
}

// Routes registers the pages. Codes begin with a capital letter, so they never
// meet /policies/templates.
func (p Pages) Routes() {
	p.Shell.Handle("GET /policies", p.list)
	p.Shell.Handle("GET /policies/templates", p.templates)
	p.Shell.Handle("POST /policies/adopt", p.adopt)
	p.Shell.Handle("GET /policies/{code}", p.show)
	p.Shell.Handle("GET /policies/{code}/history", p.history)
	p.Shell.Handle("GET /policies/{code}/edit", p.edit)
	p.Shell.Handle("POST /policies/{code}/edit", p.change)
	p.Shell.Handle("POST /policies/{code}/preview", p.preview)
	p.Shell.Handle("POST /policies/{code}/send", p.send)
	p.Shell.Handle("POST /policies/{code}/return", p.sendBack)
	p.Shell.Handle("POST /policies/{code}/approve", p.approve)
	p.Shell.Handle("POST /policies/{code}/publish", p.publish)
	p.Shell.Handle("POST /policies/{code}/retire", p.retire)
}

func path(code string) string { return "/policies/" + url.PathEscape(code) }

// parent is the crumb of every page below the list.
func parent(ctx context.Context) ui.Link {
	return ui.Link{Label: i18n.T(ctx, "policiespage.title"), Href: "/policies"}
}

// t is a message of these pages.
func t(ctx context.Context, key string, args ...any) string {
	return i18n.T(ctx, "policiespage."+key, args...)
}

// person names an actor of the ledger.
func person(ctx context.Context, id string, names map[string]string) string {
	switch kind, name, found := strings.Cut(id, ":"); {
	case names[id] != "":
		return names[id]
	case found && kind == "operator":
		return t(ctx, "operator", "Name", name)
	case found && kind == "service":
		return "Bevis"
	}
	return id
}

// standing is a state as it is shown: its look and its word.
type standing struct {
	look ui.Status
	word string
}

// standingOf is where a version stands on a day.
func standingOf(ctx context.Context, p *policy.Policy, today scope.Day) standing {
	state, look := string(p.Status), ui.Status("policy."+string(p.Status))
	switch who, _ := authz.Of(ctx); {
	case who.Is(authz.Auditor): // what binds today is not what they look at
		state, look = "in_window", "policy.published"
	case p.Status != policy.InForce:
	case p.EffectiveFrom > today:
		state, look = "scheduled", "policy.approved"
	case p.NextReview < today:
		state, look = "review_due", "policy.review_due"
	default:
		look = "policy.published"
	}
	return standing{look, t(ctx, "status."+state)}
}

// then is where a version that is not the newest stood when it was stored.
func then(ctx context.Context, p *policy.Policy) standing {
	return standing{"policy.retired", t(ctx, "then", "State", i18n.Key("policiespage.status."+string(p.Status)))}
}

// bindingLabel heads what binding says.
func bindingLabel(ctx context.Context) string {
	if who, _ := authz.Of(ctx); who.Is(authz.Auditor) {
		return t(ctx, "binding_window")
	}
	return t(ctx, "binding")
}

// binding says which edition binds on a day, "" when none does; to an auditor, which
// one they read of those that bound in their window.
func binding(ctx context.Context, p *policy.Policy, today scope.Day) string {
	if who, _ := authz.Of(ctx); who.Is(authz.Auditor) {
		return t(ctx, "binds", "Edition", p.Edition, "Day", string(p.EffectiveFrom))
	}
	if pub, ok := p.On(today); ok {
		return t(ctx, "binds", "Edition", pub.Edition, "Day", string(pub.From))
	}
	return ""
}

// audience is whom a policy binds, in words.
func audience(ctx context.Context, a policy.Audience) string {
	return i18n.T(ctx, "policy.audience."+string(a))
}

// langs are the languages a policy is written in, as tabs of a page.
func langs(ctx context.Context, p *policy.Policy, shown i18n.Lang, href func(i18n.Lang) string) []ui.Tab {
	all := p.Langs()
	if len(all) < 2 {
		return nil
	}
	var out []ui.Tab
	for _, l := range all {
		out = append(out, ui.Tab{Label: t(ctx, "tab."+string(l)), Href: href(l), Current: l == shown})
	}
	return out
}

// langOf is the language asked for, if the policy is written in it.
func langOf(r *http.Request, p *policy.Policy) i18n.Lang {
	want := i18n.Of(r.Context())
	if q := r.URL.Query().Get("text"); q != "" {
		want = i18n.Parse(q)
	}
	return p.Lang(want)
}

package web

import (
	"net/http"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

// area is one line of the navigation and what a reader needs to see it.
type area struct {
	group, key, href, icon, letter string
	action                         authz.Action
}

// areas is the navigation, top to bottom. URLs are nouns equal to their labels.
var areas = []area{
	{"", "web.nav.home", "/", "home", "h", authz.ProgrammeRead},
	{"", "web.nav.tasks", "/tasks", "tasks", "m", authz.EvidenceAdd},
	{"", "web.nav.readiness", "/readiness", "gauge", "r", authz.ReadinessRead},
	{"web.nav.programme", "web.nav.criteria", "/criteria", "scope", "c", authz.ProgrammeRead},
	{"web.nav.programme", "web.nav.frameworks", "/frameworks", "globe", "f", authz.ProgrammeRead},
	{"web.nav.programme", "web.nav.controls", "/controls", "shield", "k", authz.ProgrammeRead},
	{"web.nav.programme", "web.nav.policies", "/policies", "doc", "o", authz.ProgrammeRead},
	{"web.nav.programme", "web.nav.evidence", "/evidence", "fingerprint", "e", authz.EvidenceRead},
	{"web.nav.programme", "web.nav.populations", "/populations", "box", "p", authz.PopulationRead},
	{"web.nav.programme", "web.nav.checks", "/checks", "test", "t", authz.PopulationRead},
	{"web.nav.audit", "web.nav.windows", "/windows", "calendar", "w", authz.ProgrammeRead},
	{"web.nav.audit", "web.nav.ledger", "/ledger", "seal", "l", authz.HistoryRead},
	{"web.nav.settings", "web.nav.people", "/accounts", "people", "a", authz.AccountRead},
}

// Props are the shell's properties for a page: navigation by permission, who is
// signed in, the organisation. The crumbs end with this page.
func (s *Shell) Props(r *http.Request, title string, crumbs ...ui.Link) ui.Shell {
	ctx := r.Context()
	p := ui.Shell{Title: title, Path: r.URL.RequestURI(), Theme: ThemeOf(r), Crumbs: append(crumbs, ui.Link{Label: title})}
	if ws, err := s.Workspace(ctx); err == nil {
		p.Org = ws.Name
		p.Print = ui.Print{Heading: ws.Name, At: ws.Now, Entry: ws.Entry}
		if ws.Sample {
			p.Demo = &ws.Now
		}
	}
	who, ok := authz.Of(ctx)
	if !ok {
		return p
	}
	p.Auditor = who.Is(authz.Auditor)
	var roles []string
	for _, role := range who.Roles {
		roles = append(roles, i18n.T(ctx, "role."+string(role)))
	}
	p.User = ui.User{Name: who.Name, Email: who.Email, Role: strings.Join(roles, ", ")}
	p.User.Links = []ui.NavLink{{Label: i18n.T(ctx, "web.nav.account"), Href: "/account", Icon: "user"}}
	for _, a := range areas {
		if !who.Can(a.action) {
			continue
		}
		label := ""
		if a.group != "" {
			label = i18n.T(ctx, a.group)
		}
		i := slices.IndexFunc(p.Groups, func(g ui.NavGroup) bool { return g.Label == label })
		if i < 0 {
			p.Groups = append(p.Groups, ui.NavGroup{Label: label})
			i = len(p.Groups) - 1
		}
		p.Groups[i].Links = append(p.Groups[i].Links, ui.NavLink{Label: i18n.T(ctx, a.key), Href: a.href, Icon: a.icon, Key: a.letter})
	}
	return p
}

package ui

import (
	"context"
	"net/url"
	"strings"
	"time"

	"bevis/internal/i18n"
)

// Theme is the reader's choice of colours.
type Theme string

// The themes; Auto follows the system.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// ParseTheme returns the theme for s, Auto if it is none of ours.
func ParseTheme(s string) Theme {
	switch t := Theme(s); t {
	case Light, Dark:
		return t
	}
	return Auto
}

// next is what the switch in the top bar chooses: light, dark, as the system, light.
func (t Theme) next() Theme {
	switch t {
	case Light:
		return Dark
	case Dark:
		return Auto
	}
	return Light
}

func (t Theme) icon() string {
	switch t {
	case Light:
		return "sun"
	case Dark:
		return "moon"
	}
	return "auto"
}

// Shell is everything a page shows around its content. The server computes it from
// what the reader may do: what is forbidden is not linked.
type Shell struct {
	Title string // of the document, "Readiness"
	// Path is this page's path with its query: where POST /prefs comes back to, and
	// what decides which navigation link is current.
	Path   string
	Theme  Theme
	Org    string
	Home   string // where the mark leads; "/" if empty
	Groups []NavGroup
	Foot   []NavLink // settings and help, always in the same place (WCAG 3.2.6)
	Crumbs []Link    // the last one is this page; its Href is not used
	User   User
	Inbox  *Inbox // nil: no bell
	// Demo is set when the data are samples: the notice names the simulated moment.
	Demo *time.Time
	// Auditor turns the shell into the auditor's: its own mark and the firm's name.
	Auditor     bool
	AuditorFirm string
	ReadOnly    string // a sentence when nothing can be changed now (503, as-of view)
	Flash       []Toast
	Print       Print
	// Search is the path of the search page; Suggest answers the palette's words with
	// JSON [{label, hint, href, icon}]. Both may be empty.
	Search, Suggest string
	KeysOff         bool // single-key shortcuts switched off in the profile (WCAG 2.1.4)
}

// NavGroup is a caption and its links; the first group usually has no caption.
type NavGroup struct {
	Label string
	Links []NavLink
}

// NavLink is one line of the navigation.
type NavLink struct {
	Label, Href, Icon string
	Count             int    // 0 shows nothing
	Key               string // the letter after g that jumps here
}

// User is who is signed in.
type User struct {
	Name, Email, Role string
	Links             []NavLink // profile, preferences
}

// Inbox is the bell.
type Inbox struct {
	Href   string
	Unread int
}

// Toast is the result of what was just done, shown after a redirect.
type Toast struct {
	Text string
	Tone Tone
}

// Print is what paper shows above and below the content.
type Print struct {
	Heading string    // engagement or organisation
	At      time.Time // when the page was made, in the organisation's zone; zero shows none
	Entry   string    // newest ledger entry the page rests on
}

// In puts the shell's clock into the organisation's zone, which decides what year
// it is.
func (s Shell) In(zone *time.Location) Shell {
	if !s.Print.At.IsZero() {
		s.Print.At = s.Print.At.In(zone)
	}
	return s
}

func (s Shell) home() string {
	if s.Home == "" {
		return "/"
	}
	return s.Home
}

// current reports whether link is this page or an ancestor of it, and the closest one.
func (s Shell) current(link NavLink) bool {
	here := s.Path
	if u, err := url.Parse(s.Path); err == nil {
		here = u.Path
	}
	best := ""
	for _, l := range s.links() {
		if under(here, l.Href) && len(l.Href) > len(best) {
			best = l.Href
		}
	}
	return best != "" && link.Href == best
}

func (s Shell) links() []NavLink {
	var all []NavLink
	for _, g := range s.Groups {
		all = append(all, g.Links...)
	}
	return append(all, s.Foot...)
}

func under(here, href string) bool {
	if href == here {
		return true
	}
	return href != "/" && href != "" && strings.HasPrefix(here, strings.TrimSuffix(href, "/")+"/")
}

// kind marks the document for the style sheet.
func (s Shell) kind() string {
	if s.Auditor {
		return "auditor"
	}
	return "workspace"
}

func (s Shell) keys() string {
	if s.KeysOff {
		return "off"
	}
	return "on"
}

// Bare is the frame of pages without a workspace: sign-in, first run, public forms.
type Bare struct {
	Title string
	Path  string
	Theme Theme
	Links []Link // at the bottom: help, privacy
	Demo  *time.Time
}

func otherLang(ctx context.Context) i18n.Lang {
	if i18n.Of(ctx) == i18n.Swedish {
		return i18n.English
	}
	return i18n.Swedish
}

func upper(l i18n.Lang) string { return strings.ToUpper(string(l)) }

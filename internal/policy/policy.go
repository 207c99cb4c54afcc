package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// ID names a policy.
type ID = register.ID[Policy]

// Status is where the newest edition of a policy stands.
type Status string

// The states of an edition.
const (
	Draft    Status = "draft"     // being written
	InReview Status = "in_review" // waits for somebody who wrote nothing of it
	Approved Status = "approved"  // fixed words, no day yet
	InForce  Status = "in_force"  // published: binds from EffectiveFrom
	Retired  Status = "retired"   // no edition binds after EffectiveTo
)

// Statuses lists all states, in the order of an edition's life.
var Statuses = []Status{Draft, InReview, Approved, InForce, Retired}

// Audience is whom a policy binds.
type Audience string

// The audiences.
const (
	Everyone       Audience = "all"
	Engineering    Audience = "engineering"
	Management     Audience = "management"
	PeopleManagers Audience = "people_managers"
	Support        Audience = "support"
)

// Audiences lists all audiences.
var Audiences = []Audience{Everyone, Engineering, Management, PeopleManagers, Support}

// Valid reports whether a is an audience.
func (a Audience) Valid() bool { return slices.Contains(Audiences, a) }

// Param is a value that stands in the text's {{placeholders}}.
type Param struct {
	Name    string         `json:"name"`
	Value   framework.Text `json:"value"`
	Meaning framework.Text `json:"meaning"`
}

// Approval is one person's yes to the words of an edition.
type Approval struct {
	By      string `json:"by"`      // account
	At      string `json:"at"`      // ledger.TimeFormat
	Version int64  `json:"version"` // version of the entry that was read
	SHA256  string `json:"sha256"`  // Policy.Digest of what was read
}

// Publication says from which day an edition binds.
type Publication struct {
	Edition int       `json:"edition"`
	From    scope.Day `json:"from"`
	By      string    `json:"by"`
	At      string    `json:"at"`     // ledger.TimeFormat
	SHA256  string    `json:"sha256"` // Policy.Digest of the edition
}

// Policy is one policy of the organisation: the newest edition and, in Published,
// which editions bound from when. Earlier editions stand in earlier versions of
// the entry.
type Policy struct {
	Code         string         `json:"code"` // "POL-access-control"
	Title        framework.Text `json:"title"`
	Body         framework.Text `json:"body"` // Markdown with {{placeholders}}; one language may be missing
	Params       []Param        `json:"params"`
	Audience     Audience       `json:"audience"`
	ReviewMonths int            `json:"review_months"` // at the latest so long after the approval it is looked through
	Controls     []control.ID   `json:"controls"`      // controls that carry it out
	Framework    string         `json:"framework"`
	Criteria     []string       `json:"criteria"`
	Template     string         `json:"template"` // it was made of, "" for none
	Owner        string         `json:"owner"`    // account, "" while nobody owns it
	Edition      int            `json:"edition"`  // from 1
	Status       Status         `json:"status"`
	Approvals    []Approval     `json:"approvals"` // of this edition
	Published    []Publication  `json:"published"` // of all editions, oldest first
	// EffectiveFrom is the first day of this edition, "" until it is published.
	EffectiveFrom scope.Day `json:"effective_from"`
	EffectiveTo   scope.Day `json:"effective_to"` // last day of a retired policy
	// NextReview is the day by which the edition published last is to be looked
	// through, "" before the first publication.
	NextReview scope.Day `json:"next_review"`
}

// Policies is the register of policies.
var Policies = register.Define("policy", register.Rules[Policy]{Prefix: "pol", Check: check, Index: index, Links: links})

func index(p *Policy) register.Index {
	title := p.Title.EN
	if title == "" {
		title = p.Title.SV
	}
	i := register.Index{Code: p.Code, Title: title, Status: string(p.Status), Owner: p.Owner}
	if due, err := time.Parse(time.DateOnly, string(p.NextReview)); err == nil && p.Status != Retired {
		i.Due = due
	}
	return i
}

func links(p *Policy) []register.Link {
	out := make([]register.Link, 0, len(p.Controls)+len(p.Criteria))
	for _, c := range p.Controls {
		out = append(out, register.Link{Rel: register.Governs, To: c.String()})
	}
	for _, id := range p.Criteria {
		out = append(out, register.Link{Rel: register.Governs, To: framework.EntryID(p.Framework, id).String()})
	}
	return out
}

var codeForm = regexp.MustCompile(`^[A-Z]{1,4}-[A-Za-z0-9]+(-[A-Za-z0-9]+)*$`)

// words is what an approval covers.
type words struct {
	Title        framework.Text `json:"title"`
	Body         framework.Text `json:"body"`
	Params       []Param        `json:"params"`
	Audience     Audience       `json:"audience"`
	ReviewMonths int            `json:"review_months"`
	Controls     []control.ID   `json:"controls"`
	Framework    string         `json:"framework"`
	Criteria     []string       `json:"criteria"`
}

// Digest is the SHA-256 of all that an approval covers: title, text, values, whom it
// binds, how often it is looked through, and what it carries.
func (p *Policy) Digest() (string, error) {
	b, err := ledger.Canonical(words{p.Title, p.Body, p.Params, p.Audience, p.ReviewMonths, p.Controls, p.Framework, p.Criteria})
	if err != nil {
		return "", fmt.Errorf("policy: digest: %w", err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Lang is the language in which somebody who asks for lang reads the policy.
func (p *Policy) Lang(lang i18n.Lang) i18n.Lang {
	if p.Body.In(lang) != "" {
		return lang
	}
	if lang == i18n.Swedish {
		return i18n.English
	}
	return i18n.Swedish
}

// Langs are the languages that the policy is written in.
func (p *Policy) Langs() []i18n.Lang {
	var out []i18n.Lang
	for _, l := range i18n.Languages {
		if p.Body.In(l) != "" {
			out = append(out, l)
		}
	}
	return out
}

// Heading is the title in a language, else in the one it is written in.
func (p *Policy) Heading(lang i18n.Lang) string {
	if s := p.Title.In(lang); s != "" {
		return s
	}
	return p.Title.In(p.Lang(lang))
}

// Text is the Markdown as it is read in a language that it is written in: with its
// values filled in, and the day the edition comes into force.
func (p *Policy) Text(lang i18n.Lang) string {
	values := map[string]string{ParamEffective: string(p.EffectiveFrom)}
	if p.EffectiveFrom == "" {
		values[ParamEffective] = i18n.In(lang, "policy.when_published")
	}
	for _, x := range p.Params {
		values[x.Name] = x.Value.In(lang)
	}
	return Fill(p.Body.In(lang), values)
}

// Unfilled names the placeholders of the text that have no value.
func (p *Policy) Unfilled() []string {
	var out []string
	for _, l := range p.Langs() {
		for _, name := range Placeholders(p.Text(l)) {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// On is the publication whose edition binds on a day; ok is false when none does.
func (p *Policy) On(d scope.Day) (pub Publication, ok bool) {
	if p.EffectiveTo != "" && d > p.EffectiveTo {
		return Publication{}, false
	}
	for _, x := range slices.Backward(p.Published) {
		if x.From <= d {
			return x, true
		}
	}
	return Publication{}, false
}

// Between lists the publications whose edition binds on some day from first to
// last, oldest first.
func (p *Policy) Between(first, last scope.Day) []Publication {
	var out []Publication
	for i, x := range p.Published {
		from, to := max(first, x.From), last
		if i+1 < len(p.Published) {
			to = min(to, p.Published[i+1].From.Add(-1))
		}
		if p.EffectiveTo != "" {
			to = min(to, p.EffectiveTo)
		}
		if from <= to {
			out = append(out, x)
		}
	}
	return out
}

// Published finds the version of a history that published an edition; nil if there
// is none.
func Published(h []register.Entry[Policy], edition int) *register.Entry[Policy] {
	for i := range h {
		if h[i].Value.Edition == edition && h[i].Value.Status == InForce {
			return &h[i]
		}
	}
	return nil
}

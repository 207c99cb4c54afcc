package ledger

import (
	"context"
	"encoding/json"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/window"
)

// reads says what it takes to read the entries of a register. A register that is
// not listed is shown to nobody.
var reads = map[string]authz.Action{
	"organisation": authz.ProgrammeRead, "criterion": authz.ProgrammeRead, "control": authz.ProgrammeRead, "window": authz.ProgrammeRead,
	"programme": authz.ProgrammeRead, "control_change": authz.ProgrammeRead, "policy": authz.PolicyDrafts,
	"framework": authz.ProgrammeRead, "soa_decision": authz.ProgrammeRead, "readiness_review": authz.ReadinessRead,
	"evidence": authz.EvidenceRead,
	"dataset":  authz.PopulationRead, "freeze": authz.PopulationRead, "result": authz.PopulationRead, "run": authz.PopulationRead,
	"account": authz.AccountRead,
	"export":  authz.HistoryRead, "anchor": authz.HistoryRead, "erasure": authz.HistoryRead,
}

// sight is what one reader may see of entries and the names of who acted.
type sight struct {
	who     authz.Principal
	members map[string]bool // ids of an auditor's window; nil for everybody else
	names   map[string]string
}

// sight finds out what the reader may see. It fails with fault.Denied for who may
// not read history at all.
func (p Pages) sight(ctx context.Context) (sight, error) {
	who, err := p.Policy.Require(ctx, authz.HistoryRead)
	if err != nil {
		return sight{}, err
	}
	s := sight{who: who}
	if s.names, err = p.Accounts.Names(ctx); err != nil || !who.Is(authz.Auditor) {
		return s, err
	}
	r := p.Store.Live(ctx)
	w, err := window.Find(r, who.Window)
	if err != nil {
		return s, err
	}
	members, err := window.Contents(r, &w)
	if err != nil {
		return s, err
	}
	s.members = make(map[string]bool, len(members))
	for _, m := range members {
		s.members[m.ID] = true
	}
	return s, nil
}

// may reports whether the reader may see an entry.
func (s sight) may(kind, id string) bool {
	if s.members != nil {
		return s.members[id]
	}
	action, known := reads[kind]
	return known && (s.who.Can(action) || id == s.who.ID)
}

// name is a person's name, or what the actor is.
func (s sight) name(ctx context.Context, actor string) string {
	if n := s.names[actor]; n != "" {
		return n
	}
	if os, ok := strings.CutPrefix(actor, "operator:"); ok {
		return i18n.T(ctx, "ledgerpage.operator", "User", os)
	}
	if service, ok := strings.CutPrefix(actor, "service:"); ok {
		return i18n.T(ctx, "ledgerpage.service", "Name", service)
	}
	return actor
}

// noun is an entry as people call it.
type noun struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Href  string `json:"href"` // its own page, "" if it has none
}

// nounOf reads code and title out of any register's value.
func nounOf(lang i18n.Lang, kind, id string, value json.RawMessage) (noun, error) {
	var v struct {
		Code    string          `json:"code"`
		ID      string          `json:"id"`
		Name    string          `json:"name"`
		Check   string          `json:"check"`
		Subject string          `json:"subject"`
		SHA256  string          `json:"sha256"`
		TSA     string          `json:"tsa"`
		From    string          `json:"from"`
		Last    string          `json:"last"`
		Title   json.RawMessage `json:"title"`
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return noun{}, fault.Wrap(err, fault.Unavailable, "problem.entry.decode", "Path", id)
	}
	n := noun{Code: v.Code, Title: title(lang, v.Title)}
	switch kind {
	case "criterion":
		n.Code, n.Href = v.ID, "/criteria/"+v.ID
	case "control":
		n.Href = "/controls/" + v.Code
	case "evidence":
		n.Href = "/evidence/" + v.Code
	case "policy":
		n.Href = "/policies/" + v.Code
	case "framework":
		n.Code, n.Href = v.ID, "/frameworks/"+v.ID
	case "programme":
		n.Href = "/start"
	case "window":
		n.Title, n.Href = v.From, "/windows/"+v.Code
		if v.Last != v.From {
			n.Title += " – " + v.Last
		}
	case "dataset":
		n.Title, n.Href = v.Name, "/populations/"+v.Code
	case "result":
		n.Title, n.Href = v.Check, "/checks/"+v.Code
	case "account":
		n.Title, n.Href = v.Name, "/accounts/"+id
	case "organisation", "run":
		n.Title = v.Name
	case "export":
		n.Title = v.SHA256[:min(len(v.SHA256), 16)] + "…"
	case "anchor":
		n.Title = v.TSA
	case "erasure":
		n.Title = v.Subject
	}
	return n, nil
}

// title reads a text or a text in two languages.
func title(lang i18n.Lang, raw json.RawMessage) string {
	var plain string
	if json.Unmarshal(raw, &plain) == nil {
		return plain
	}
	var both framework.Text
	if json.Unmarshal(raw, &both) != nil {
		return ""
	}
	if s := both.In(lang); s != "" {
		return s
	}
	return both.EN
}

// link leads to the noun's page, for who may open it.
func (s sight) link(kind string, n noun) string {
	if kind == "account" && !s.who.Can(authz.AccountRead) {
		return ""
	}
	return n.Href
}

func (n noun) label() string {
	return strings.TrimSpace(n.Code + " " + n.Title)
}

// body reads a stored version; ok is false when it was erased.
func body(v register.Raw) (b register.Body, ok bool, err error) {
	if v.Body == nil {
		return b, false, nil
	}
	if err := json.Unmarshal(v.Body, &b); err != nil {
		return b, false, fault.Wrap(err, fault.Unavailable, "problem.entry.decode", "Path", v.ID)
	}
	return b, true, nil
}

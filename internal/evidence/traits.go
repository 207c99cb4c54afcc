package evidence

import (
	"slices"
	"strings"
	"time"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Verdict is the outcome of one form check.
type Verdict string

// The verdicts, best first.
const (
	Pass Verdict = "pass"
	Weak Verdict = "weak"
	Fail Verdict = "fail"
)

// Trait is one of the five audit-grade traits, judged. Codes say what is short
// and are message keys "trait.<code>".
type Trait struct {
	Verdict Verdict  `json:"verdict"`
	Codes   []string `json:"codes"`
}

// Traits are the five form checks of E2.
type Traits struct {
	Timestamped       Trait `json:"timestamped"`
	SourceVerifiable  Trait `json:"source_verifiable"`
	ControlLinked     Trait `json:"control_linked"`
	OwnerAttributable Trait `json:"owner_attributable"`
	SecurelyStored    Trait `json:"securely_stored"`
}

// Named lists the traits by name in a fixed order.
func (t Traits) Named() []struct {
	Name string
	Trait
} {
	return []struct {
		Name string
		Trait
	}{
		{"timestamped", t.Timestamped},
		{"source_verifiable", t.SourceVerifiable},
		{"control_linked", t.ControlLinked},
		{"owner_attributable", t.OwnerAttributable},
		{"securely_stored", t.SecurelyStored},
	}
}

// The codes of domain section 3.
const (
	TMissing  = "T_MISSING"
	TOrder    = "T_ORDER"
	TLate     = "T_LATE"
	SNoSystem = "S_NO_SYSTEM"
	SNoLoc    = "S_NO_LOCATOR"
	SNoQuery  = "S_NO_QUERY"
	SSelfMade = "S_SELF_MADE"
	SAsserted = "S_ASSERTED"
	LNone     = "L_NONE"
	LVersion  = "L_VERSION"
	LScope    = "L_OUT_OF_SCOPE"
	LType     = "L_WRONG_TYPE"
	OUnknown  = "O_UNKNOWN"
	OShared   = "O_SHARED_ACCOUNT"
	DMismatch = "D_MISMATCH"
)

// Codes lists all trait codes.
var Codes = []string{TMissing, TOrder, TLate, SNoSystem, SNoLoc, SNoQuery, SSelfMade, SAsserted, LNone, LVersion, LScope, LType, OUnknown, OShared, DMismatch}

// Facts is what judging needs beyond the item itself.
type Facts struct {
	Received time.Time
	Calendar scope.Calendar
	// Controls are the linked controls in the version that was in force when the
	// thing occurred; nil values stand for controls that were not in force.
	Controls   []*control.Control
	Categories framework.Categories
	// Known reports whether a name, e-mail or id is one person or service.
	Known func(name string) bool
	// Stored reports whether a digest's bytes are there with the recorded size.
	Stored func(f File) bool
}

func (t *Trait) note(v Verdict, code string) {
	if !slices.Contains(t.Codes, code) {
		t.Codes = append(t.Codes, code)
	}
	if v == Fail || t.Verdict == Pass {
		t.Verdict = v
	}
}

// Judge applies the rules. It is a pure function: the same item and facts give
// the same traits in the workspace and in the package.
func Judge(e *Evidence, f Facts) Traits {
	return Traits{
		Timestamped: timestamped(e, f), SourceVerifiable: sourceVerifiable(e), ControlLinked: controlLinked(e, f),
		OwnerAttributable: attributable(e, f), SecurelyStored: stored(e, f),
	}
}

func fresh() Trait { return Trait{Verdict: Pass, Codes: []string{}} }

func timestamped(e *Evidence, f Facts) Trait {
	t := fresh()
	in := e.Occurred()
	if in.From.IsZero() {
		t.note(Fail, TMissing)
		return t
	}
	at, ok := e.Captured()
	if ok && (at.After(f.Received.Add(clockSkew)) || at.Before(in.From)) {
		t.note(Fail, TOrder)
	}
	if CapturedLate(e, f.Received, f.Controls) {
		t.note(Weak, TLate)
	}
	return t
}

func sourceVerifiable(e *Evidence) Trait {
	t := fresh()
	if strings.TrimSpace(e.Source.System) == "" {
		t.note(Fail, SNoSystem)
	}
	if strings.TrimSpace(e.Source.Locator) == "" {
		t.note(Fail, SNoLoc)
	}
	if len(e.Datasets) > 0 {
		if e.Source.Query == "" {
			t.note(Fail, SNoQuery)
		}
		if e.Source.System == "git" { // the message asserts a review; the platform's record would prove it
			t.note(Weak, SAsserted)
		}
	}
	if (e.Source.Method == Screenshot || e.Source.Method == Uploaded) && e.Status != Accepted {
		t.note(Weak, SSelfMade)
	}
	return t
}

func controlLinked(e *Evidence, f Facts) Trait {
	t := fresh()
	if len(e.Controls) == 0 {
		t.note(Fail, LNone)
		return t
	}
	inForce, inScope, answers := false, false, false
	for _, c := range f.Controls {
		if c == nil {
			continue
		}
		inForce = true
		set, err := framework.ByID(c.Framework)
		if err == nil && slices.ContainsFunc(c.Criteria, func(id string) bool {
			cr, err := set.Criterion(id)
			return err == nil && (cr.Category == framework.Security || f.Categories.Has(cr.Category))
		}) {
			inScope = true
		}
		if slices.ContainsFunc(c.Prompts, func(p control.Prompt) bool { return p.Type == string(e.Type) }) || len(c.Prompts) == 0 {
			answers = true
		}
	}
	switch {
	case !inForce:
		t.note(Fail, LVersion)
	case !inScope:
		t.note(Fail, LScope)
	case !answers:
		t.note(Weak, LType)
	}
	return t
}

// sharedNames are accounts that no one person answers for.
var sharedNames = []string{"admin", "administrator", "root", "shared", "support", "info", "team", "ops", "devops", "it", "office", "noreply"}

func attributable(e *Evidence, f Facts) Trait {
	t := fresh()
	who := strings.TrimSpace(e.PerformedBy)
	local, _, _ := strings.Cut(strings.ToLower(who), "@")
	switch {
	case who == "":
		t.note(Fail, OUnknown)
	case slices.Contains(sharedNames, local):
		t.note(Fail, OShared)
	case f.Known != nil && !f.Known(who):
		t.note(Weak, OUnknown)
	}
	return t
}

func stored(e *Evidence, f Facts) Trait {
	t := fresh()
	for _, file := range e.Files {
		if f.Stored != nil && !f.Stored(file) {
			t.note(Fail, DMismatch)
		}
	}
	return t
}

// Gather collects the facts for judging an item as the reader sees it.
func Gather(r register.Reader, e register.Entry[Evidence], cal scope.Calendar, cats framework.Categories, known func(string) bool, stored func(File) bool) (Facts, error) {
	f := Facts{Calendar: cal, Categories: cats, Known: known, Stored: stored}
	h, err := Items.History(r, e.ID)
	if err != nil {
		return f, err
	}
	f.Received = Received(h)
	in := e.Value.Occurred()
	for _, id := range e.Value.Controls {
		versions, err := control.Controls.History(r, id)
		if err != nil {
			return f, err
		}
		f.Controls = append(f.Controls, inForce(versions, in, cal))
	}
	return f, nil
}

// inForce picks the version of a control that bound on a day the evidence speaks
// of: the newest recorded one, as versions carry their own effective dates.
func inForce(versions []register.Entry[control.Control], in scope.Interval, cal scope.Calendar) *control.Control {
	first, last := in.FirstDay(cal), in.LastDay(cal)
	for _, v := range slices.Backward(versions) {
		c := v.Value
		if _, _, ok := c.Active(first, last); ok && !v.Erased {
			return &c
		}
	}
	return nil
}

// Known makes the test of Facts.Known from the accounts' names by id: an account
// id, an account holder's name, or a service.
func Known(names map[string]string) func(string) bool {
	return func(who string) bool {
		if names[who] != "" || strings.HasPrefix(who, "service:") {
			return true
		}
		for _, n := range names {
			if n != "" && strings.EqualFold(n, who) {
				return true
			}
		}
		return false
	}
}

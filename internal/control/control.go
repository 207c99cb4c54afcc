package control

import (
	"slices"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// ID names a control.
type ID = register.ID[Control]

// Status is where a control stands.
type Status string

// The states of a control and how they follow each other.
const (
	Draft   Status = "draft"    // being written; binds nobody
	InForce Status = "in_force" // binds from EffectiveFrom
	Retired Status = "retired"  // binds no longer after EffectiveTo
)

var next = map[Status][]Status{
	"":      {Draft, InForce},
	Draft:   {Draft, InForce},
	InForce: {InForce, Retired},
	Retired: {Retired},
}

// Control is one control of the organisation: its own sentence, mapped to the
// criteria it helps to meet.
type Control struct {
	Code          string         `json:"code"` // "AC-04"
	Title         framework.Text `json:"title"`
	Statement     framework.Text `json:"statement"`
	Objective     framework.Text `json:"objective"`
	Category      string         `json:"category"`
	Nature        string         `json:"nature"` // manual, automated, it_dependent
	Type          string         `json:"type"`   // preventive, detective, corrective
	Frequency     Frequency      `json:"frequency"`
	Event         framework.Text `json:"event"` // what starts an occurrence of a per-event control
	Framework     string         `json:"framework"`
	Criteria      []string       `json:"criteria"`        // "CC6.2"
	PointsOfFocus []string       `json:"points_of_focus"` // "CC6.2-F01"
	Prompts       []Prompt       `json:"prompts"`
	Checks        []string       `json:"checks"` // ids of checks that can test it
	Owner         string         `json:"owner"`  // account id, "" while nobody owns it
	Status        Status         `json:"status"`
	// EffectiveFrom is the first day in force. "" says that the control was in
	// force before it was recorded here: allowed when it is first brought in, and
	// shown as such (domain 0a rule 6).
	EffectiveFrom scope.Day `json:"effective_from"`
	EffectiveTo   scope.Day `json:"effective_to"` // last day in force, "" while open
	// Grace is how many days after its due date a performance still counts as on
	// time. 0 unless the control says otherwise (domain 0a rule 3).
	Grace int `json:"grace"`
	// CaptureLag is how many days may pass between what evidence shows and its
	// capture before it is captured late. 0 means the default, DefaultCaptureLag.
	CaptureLag int `json:"capture_lag"`
	// Trace names the record that proves the control. "commit_message" says that
	// the commit message is that record, so that a missing line is a deviation.
	Trace   string `json:"trace"`
	Library string `json:"library"` // code of the library control it came from, ""
	// Origin is what the library said when the control was adopted or last
	// compared; nil for a control of its own and for one adopted before this was
	// kept.
	Origin *Origin `json:"origin"`
	// Approval is set on a version that loosens the control while a window is open,
	// and nil on every other.
	Approval *Approval `json:"approval"`
}

// DefaultCaptureLag is the capture lag of a control that names none, in days.
const DefaultCaptureLag = 30

// TraceCommit is the Trace of a control whose evidence is the commit message.
const TraceCommit = "commit_message"

// Controls is the register of controls.
var Controls = register.Define("control", register.Rules[Control]{Prefix: "ctl", Check: check, Index: index, Links: links})

func index(c *Control) register.Index {
	return register.Index{Code: c.Code, Title: c.Title.EN, Status: string(c.Status), Owner: c.Owner}
}

func links(c *Control) []register.Link {
	out := make([]register.Link, 0, len(c.Criteria))
	for _, id := range c.Criteria {
		out = append(out, register.Link{Rel: register.Satisfies, To: framework.EntryID(c.Framework, id).String()})
	}
	return out
}

// check is what every version of a control must satisfy, whoever writes it.
func check(tx *register.Tx, old, c *Control) error {
	if err := checkText(tx, old, c); err != nil {
		return err
	}
	return checkLoosening(tx, old, c)
}

// checkText is check without the second person.
func checkText(tx *register.Tx, old, c *Control) error {
	was := Status("")
	if old != nil {
		was = old.Status
	}
	switch {
	case !slices.Contains(next[was], c.Status):
		return fault.New(fault.Invalid, "control.transition", "From", string(was), "To", string(c.Status))
	case !codeOK(c.Code):
		return fault.New(fault.Invalid, "control.code", "Code", c.Code)
	case old != nil && old.Code != c.Code:
		return fault.New(fault.Locked, "control.code_fixed", "Code", old.Code)
	case strings.TrimSpace(c.Title.EN) == "" || strings.TrimSpace(c.Statement.EN) == "":
		return fault.New(fault.Invalid, "control.words", "Code", c.Code)
	case !c.Frequency.Valid():
		return fault.New(fault.Invalid, "control.frequency", "Frequency", string(c.Frequency))
	case c.Grace < 0 || c.Grace > 366 || c.CaptureLag < 0 || c.CaptureLag > 366:
		return fault.New(fault.Invalid, "control.days")
	case c.Trace != "" && c.Trace != TraceCommit:
		return fault.New(fault.Invalid, "control.trace")
	case old != nil && len(old.Criteria) > 0 && c.Status == InForce && len(c.Criteria) == 0:
		return fault.New(fault.Invalid, "control.no_criterion", "Code", c.Code)
	}
	if old == nil {
		taken, err := register.Taken(tx, "control", c.Code)
		if err != nil {
			return err
		}
		if taken {
			return fault.New(fault.Conflict, "control.code_taken", "Code", c.Code)
		}
	}
	if err := checkMapping(c); err != nil {
		return err
	}
	return checkDates(tx, old, c)
}

func codeOK(s string) bool {
	if len(s) < 2 || len(s) > 24 {
		return false
	}
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return true
}

func checkMapping(c *Control) error {
	set, err := framework.ByID(c.Framework)
	if err != nil {
		return err
	}
	for _, id := range c.Criteria {
		if _, err := set.Criterion(id); err != nil {
			return err
		}
	}
	for _, id := range c.PointsOfFocus {
		if _, err := set.PointOfFocus(id); err != nil {
			return err
		}
		criterion, _, _ := strings.Cut(id, "-")
		if !slices.Contains(c.Criteria, criterion) {
			return fault.New(fault.Invalid, "control.point_without_criterion", "Point", id, "Criterion", criterion)
		}
	}
	return nil
}

// checkDates keeps effective dates honest: a version may not bind before it was
// recorded, except when a control is first brought in (domain 0a rule 6).
func checkDates(tx *register.Tx, old, c *Control) error {
	if c.Status == Draft {
		return nil
	}
	for _, d := range []scope.Day{c.EffectiveFrom, c.EffectiveTo} {
		if d == "" {
			continue
		}
		if _, err := scope.ParseDay(string(d)); err != nil {
			return err
		}
	}
	if c.EffectiveTo != "" && c.EffectiveTo < c.EffectiveFrom {
		return fault.New(fault.Invalid, "scope.order", "From", string(c.EffectiveFrom), "To", string(c.EffectiveTo))
	}
	if old == nil || old.Status == Draft {
		return nil
	}
	cal, err := scope.CalendarOf(tx)
	if err != nil {
		return err
	}
	today := cal.Day(tx.Now())
	if c.EffectiveFrom != old.EffectiveFrom && c.EffectiveFrom < today {
		return fault.New(fault.Invalid, "control.backdated", "Day", string(c.EffectiveFrom), "Today", string(today))
	}
	if c.EffectiveTo != old.EffectiveTo && c.EffectiveTo != "" && c.EffectiveTo < today {
		return fault.New(fault.Invalid, "control.backdated", "Day", string(c.EffectiveTo), "Today", string(today))
	}
	return nil
}

// InForceOn reports whether the version binds on a day.
func (c *Control) InForceOn(d scope.Day) bool {
	return c.Status != Draft && c.EffectiveFrom <= d && (c.EffectiveTo == "" || d <= c.EffectiveTo)
}

// Active is the part of [first, last] in which the control binds; ok is false
// when there is none.
func (c *Control) Active(first, last scope.Day) (from, to scope.Day, ok bool) {
	if c.Status == Draft {
		return "", "", false
	}
	from, to = max(first, c.EffectiveFrom), last
	if c.EffectiveTo != "" {
		to = min(last, c.EffectiveTo)
	}
	return from, to, from <= to
}

// Lag is the capture lag in days.
func (c *Control) Lag() int {
	if c.CaptureLag == 0 {
		return DefaultCaptureLag
	}
	return c.CaptureLag
}

// MapTo maps the control to other criteria and drops points of focus that belong
// to none of them.
func (c *Control) MapTo(criteria []string) {
	c.Criteria = slices.Clone(criteria)
	c.PointsOfFocus = slices.DeleteFunc(slices.Clone(c.PointsOfFocus), func(id string) bool {
		criterion, _, _ := strings.Cut(id, "-")
		return !slices.Contains(criteria, criterion)
	})
}

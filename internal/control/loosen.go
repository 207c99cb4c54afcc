package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Loosens lists the fields in which a version asks for less than the one before: a
// rarer frequency, longer grace or capture lag, fewer criteria, a shorter time in
// force, a weaker trace, retirement (domain 0a rule 6). A changed statement is not
// among them: that it was changed is shown, and people judge it. Nor is a later first
// day of a control that binds already: the version before binds until then.
func Loosens(old, c *Control, today scope.Day) []string {
	out := []string{}
	add := func(loosened bool, field string) {
		if loosened {
			out = append(out, field)
		}
	}
	if old == nil || old.Status != InForce {
		return out
	}
	add(slices.Index(Frequencies, c.Frequency) < slices.Index(Frequencies, old.Frequency), "frequency")
	add(c.Grace > old.Grace, "grace")
	add(c.Lag() > old.Lag(), "capture_lag")
	add(slices.ContainsFunc(old.Criteria, func(id string) bool { return !slices.Contains(c.Criteria, id) }), "criteria")
	add(c.EffectiveFrom > old.EffectiveFrom && old.EffectiveFrom > today, "effective_from")
	add(c.EffectiveTo != "" && (old.EffectiveTo == "" || c.EffectiveTo < old.EffectiveTo), "effective_to")
	add(old.Trace != "" && c.Trace == "", "trace")
	add(c.Status != InForce, "status")
	return out
}

// openWindow is what a control's rules read of a window. The register of windows
// belongs to a room above this one, so its entries are read by the register's name.
type openWindow struct {
	Code       string               `json:"code"`
	Framework  string               `json:"framework"`
	Categories framework.Categories `json:"categories"`
}

var openWindows = register.Define("window", register.Rules[openWindow]{
	Prefix: "win", Index: func(w *openWindow) register.Index { return register.Index{Code: w.Code} },
})

// affected lists the codes of the open windows in whose scope the control is.
func affected(r register.Reader, c *Control) ([]string, error) {
	all, err := openWindows.All(r, register.Query{Status: "open", Oldest: true})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, w := range all {
		set, err := framework.ByID(w.Value.Framework)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(set.InScope(w.Value.Categories), func(x framework.Criterion) bool { return slices.Contains(c.Criteria, x.ID) }) {
			out = append(out, w.Value.Code)
		}
	}
	return out, nil
}

// checkLoosening demands a second person for a version that loosens a control while
// a window it belongs to is open. The second person is whoever writes the version:
// the one who asked for it is named in an entry of its own.
func checkLoosening(tx *register.Tx, old, c *Control) error {
	if c.Approval != nil {
		return checkApproval(tx, c)
	}
	if old == nil {
		return nil
	}
	today, err := todayOf(tx)
	if err != nil {
		return err
	}
	loosened := Loosens(old, c, today)
	if len(loosened) == 0 {
		return nil
	}
	windows, err := affected(tx, old)
	if err != nil || len(windows) == 0 {
		return err
	}
	return fault.New(fault.Denied, "control.second_person", "Code", c.Code, "Fields", strings.Join(loosened, ", "), "Windows", strings.Join(windows, ", "))
}

func todayOf(tx *register.Tx) (scope.Day, error) {
	cal, err := scope.CalendarOf(tx)
	return cal.Day(tx.Now()), err
}

// checkApproval holds an approved version to what was asked for: the same text, by
// somebody else, who is signed in and writes it now.
func checkApproval(tx *register.Tx, c *Control) error {
	a, by := c.Approval, tx.By()
	p, err := Proposals.Get(tx, register.ID[Change](a.Proposal))
	if err != nil {
		return err
	}
	if !by.IsPerson() || a.By != by.ID || a.ProposedBy != p.Value.By || a.By == p.Value.By {
		return fault.New(fault.Denied, "control.self_approval", "Code", c.Code)
	}
	plain := *c
	plain.Approval = nil
	asked, err := json.Marshal(p.Value.New)
	if err != nil {
		return fmt.Errorf("control: proposal: %w", err)
	}
	written, err := json.Marshal(plain)
	if err != nil {
		return fmt.Errorf("control: proposal: %w", err)
	}
	if p.Value.Status != Asked || p.Value.Control.String() != tx.Subject() || !bytes.Equal(asked, written) {
		return fault.New(fault.Conflict, "control.proposal_other", "Code", c.Code)
	}
	return nil
}

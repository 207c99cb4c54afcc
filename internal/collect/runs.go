package collect

import (
	"strconv"
	"time"

	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
)

// Run is one collector run: also one that failed or found nothing, because a gap
// that nobody recorded is worse than the gap (K3).
type Run struct {
	Code      string                         `json:"code"` // C- and the ledger index
	Source    string                         `json:"source"`
	Name      string                         `json:"name"`
	Collector string                         `json:"collector"` // name and version of the rules
	Scope     map[string]string              `json:"scope"`     // parameters, without secrets
	From      string                         `json:"from"`      // ledger.TimeFormat, included
	To        string                         `json:"to"`        // excluded
	StartedAt string                         `json:"started_at"`
	Outcome   string                         `json:"outcome"` // complete, incomplete, empty, failed
	Failure   string                         `json:"failure"` // message key, "" unless failed
	Items     int                            `json:"items"`
	Dataset   register.ID[population.Record] `json:"dataset"` // "" when failed
}

// The outcomes of a run.
const (
	Complete   = "complete"
	Incomplete = "incomplete"
	Empty      = "empty" // complete, and nothing happened
	Failed     = "failed"
)

// Runs is the register of collector runs.
var Runs = register.Define("run", register.Rules[Run]{
	Prefix: "run",
	Check: func(tx *register.Tx, old, v *Run) error {
		if old != nil {
			return fault.New(fault.Locked, "register.fixed")
		}
		if v.Code != "C-"+strconv.FormatInt(tx.NextIndex(), 10) || v.Outcome == "" {
			return fault.New(fault.Invalid, "register.fixed")
		}
		return nil
	},
	Index: func(v *Run) register.Index {
		from, to := v.Period()
		return register.Index{Code: v.Code, Title: v.Name, Status: v.Outcome, Owner: v.Source, From: from, To: to}
	},
	Links: func(v *Run) []register.Link {
		if v.Dataset == "" {
			return nil
		}
		return []register.Link{{Rel: register.Contains, To: v.Dataset.String()}}
	},
})

// Period is the window that was asked for.
func (v *Run) Period() (from, to time.Time) { return at(v.From), at(v.To) }

func at(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

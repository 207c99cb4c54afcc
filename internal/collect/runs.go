package collect

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/population"
	"bevis/internal/register"
)

// Run is one collector run: also one that failed or found nothing, because a gap
// that nobody recorded is worse than the gap (K3).
type Run struct {
	Code      string            `json:"code"` // C- and the ledger index
	Source    string            `json:"source"`
	Name      string            `json:"name"`
	Collector string            `json:"collector"` // name and version of the rules
	Scope     map[string]string `json:"scope"`     // parameters, without secrets
	From      string            `json:"from"`      // ledger.TimeFormat, included
	To        string            `json:"to"`        // excluded
	StartedAt string            `json:"started_at"`
	Outcome   string            `json:"outcome"` // complete, incomplete, empty, failed
	Failure   string            `json:"failure"` // message key, "" unless failed
	// FailureArgs are the arguments of the message as text. Runs of before they were
	// kept have none, and are stored and read as ever.
	FailureArgs map[string]string              `json:"failure_args,omitempty"`
	Items       int                            `json:"items"`
	Dataset     register.ID[population.Record] `json:"dataset"` // "" when failed
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

// Why is the fault that ended a failed run, to be put into words where it is shown;
// nil for a run that did not fail.
func (v *Run) Why() error {
	if v.Failure == "" {
		return nil
	}
	var args []any
	for _, name := range slices.Sorted(maps.Keys(v.FailureArgs)) {
		args = append(args, name, v.FailureArgs[name])
	}
	return fault.New(fault.Unavailable, v.Failure, args...)
}

// argMax bounds one argument of a failure, in bytes: a run is a line of a list.
const argMax = 1000

// argsOf writes the arguments of a fault as text. Of a path only the last part is
// kept: a run goes into the package, and where things lie on this machine is nobody's
// business there, as with the locator of a dataset.
func argsOf(f *fault.Error) map[string]string {
	out := map[string]string{}
	for i := 0; i+1 < len(f.Args); i += 2 {
		s := strings.ToValidUTF8(fmt.Sprint(f.Args[i+1]), "\uFFFD")
		if name := f.Args[i]; name == "Path" || name == "File" {
			s = filepath.Base(s)
		}
		if len(s) > argMax {
			s = strings.ToValidUTF8(s[:argMax], "") + "…"
		}
		out[fmt.Sprint(f.Args[i])] = s
	}
	return out
}

func at(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

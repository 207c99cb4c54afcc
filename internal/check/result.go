package check

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/i18n"
	"bevis/internal/population"
)

// Status is the answer of a run. Decide says which one applies.
type Status string

// The answers of a run.
const (
	StatusPass            Status = "pass"
	StatusFail            Status = "fail"
	StatusError           Status = "error"          // the check could not be run to its end
	StatusStale           Status = "stale"          // the dataset is too old to speak
	StatusNoOccurrence    Status = "no_occurrence"  // nothing happened, and that is proven
	StatusNotApplicable   Status = "not_applicable" // control or category not in scope
	StatusExcluded        Status = "excluded"       // every item was excluded with a reason
	StatusNotDeterminable Status = "not_determinable"
)

// ItemStatus is the answer for one item.
type ItemStatus string

// The answers for an item.
const (
	ItemPass            ItemStatus = "pass"
	ItemDeviation       ItemStatus = "deviation"
	ItemNotDeterminable ItemStatus = "not_determinable"
	ItemExcluded        ItemStatus = "excluded"
)

// Item is what the check says of one item. Reason is an id of the check's reasons;
// of an excluded item it is the reason that a person gave.
type Item struct {
	Item       string          `json:"item"`
	Repository string          `json:"repository"`
	OccurredAt population.Time `json:"occurred_at"`
	Status     ItemStatus      `json:"status"`
	Reason     string          `json:"reason"`
}

// Tested is the population that a result speaks of.
type Tested struct {
	Items    int    `json:"items"`
	SHA256   string `json:"sha256"`
	Complete bool   `json:"complete"`
}

// Sentence is a message of the catalogues with its arguments, so that a stored
// result can be read in every language.
type Sentence struct {
	Key   string            `json:"key"`
	Args  map[string]string `json:"args,omitempty"`
	Count *int              `json:"count,omitempty"` // chooses the plural
}

// Result is what one run found. Its JSON depends on the dataset, the check and the
// options alone: no clock, no machine, no language.
type Result struct {
	Check           string           `json:"check"`
	Version         int              `json:"version"`
	CheckSHA256     string           `json:"check_sha256"` // of the check's file
	Parameters      map[string]int64 `json:"parameters"`
	Status          Status           `json:"status"`
	Population      Tested           `json:"population"`
	Passed          int              `json:"passed"`
	Deviations      int              `json:"deviations"`
	NotDeterminable int              `json:"not_determinable"`
	Excluded        int              `json:"excluded"`
	// Items are the deviations and the undetermined ones, in key order; every item
	// if Options.AllItems.
	Items []Item `json:"items"`
	// Explanation is the English text of Sentences. Explain gives other languages.
	Explanation string     `json:"explanation"`
	Sentences   []Sentence `json:"sentences"`

	cause error
}

// Cause is the internal error behind status error, for the log; else nil.
func (r *Result) Cause() error { return r.cause }

// Explain is the explanation in the reader's language.
func (r *Result) Explain(ctx context.Context) string { return r.explain(i18n.Of(ctx)) }

func (r *Result) explain(lang i18n.Lang) string {
	parts := make([]string, len(r.Sentences))
	for i, s := range r.Sentences {
		args := make([]any, 0, 2*len(s.Args)+2)
		for name, value := range s.Args {
			args = append(args, name, value)
		}
		if s.Count != nil {
			args = append(args, "Count", *s.Count)
		}
		parts[i] = i18n.In(lang, s.Key, args...)
	}
	return strings.Join(parts, " ")
}

// Findings is all that the status depends on.
type Findings struct {
	Failed          bool // the check could not be run to its end
	Stale           bool
	NotApplicable   bool
	Items           int
	Complete        bool // the dataset is proven complete
	NotRecorded     bool // the trace is not kept in some repository
	Deviations      int
	NotDeterminable int
	Excluded        int
}

// Decide returns the first status that applies, in the order that every answer of
// the product follows.
func Decide(f Findings) Status {
	switch {
	case f.Failed:
		return StatusError
	case f.Stale:
		return StatusStale
	case f.Items == 0 && f.Complete:
		return StatusNoOccurrence
	case f.NotApplicable:
		return StatusNotApplicable
	case f.Items == 0 || f.NotRecorded:
		return StatusNotDeterminable
	case f.Deviations > 0:
		return StatusFail
	case f.NotDeterminable > 0 || !f.Complete:
		return StatusNotDeterminable
	case f.Excluded == f.Items:
		return StatusExcluded
	default:
		return StatusPass
	}
}

// known reasons for an incomplete dataset have a sentence of their own.
var incompleteReasons = []string{population.ReasonHistoryTruncated, population.ReasonTimeUnreadable}

func incompleteSentence(reason string) Sentence {
	if slices.Contains(incompleteReasons, reason) {
		return Sentence{Key: "check.says.incomplete." + reason}
	}
	return Sentence{Key: "check.says.incomplete.other", Args: map[string]string{"Reason": reason}}
}

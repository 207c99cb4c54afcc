package population

import "slices"

// Reasons why a dataset is not complete.
const (
	ReasonHistoryTruncated = "history_truncated"      // shallow, grafted or replaced history, or missing parents
	ReasonTimeUnreadable   = "commit_time_unreadable" // a commit without a readable committer time may belong to the window
)

// Statement is the completeness statement of a dataset: everything an auditor asks
// about a list before relying on it (IPE, T1). Where it came from, by what query
// and by whom, how many there were, where it begins and ends, what is missing.
type Statement struct {
	Schema     string            `json:"schema"`     // schema of the rows
	Source     string            `json:"source"`     // kind of source: git, import, …
	Locator    string            `json:"locator"`    // path or address of the source
	Origin     string            `json:"origin"`     // where the source itself was fetched from, without credentials; "" if it does not say
	Principal  string            `json:"principal"`  // account the source was read with
	Query      []string          `json:"query"`      // the questions put to the source, in order
	Parameters map[string]string `json:"parameters"` // what the reader chose: name, branch, reviewers, …
	Tools      map[string]string `json:"tools"`      // program → version

	Branch string `json:"branch"` // branch, tag or commit as resolved
	Head   string `json:"head"`   // hash the branch pointed at
	Root   string `json:"root"`   // hash the history begins with
	From   string `json:"from"`   // window start, included, RFC 3339 UTC
	To     string `json:"to"`     // window end, excluded, RFC 3339 UTC

	Total    int   `json:"total"`      // items in the source's whole history
	Items    int   `json:"items"`      // items in the window: the rows
	Before   int   `json:"before"`     // items before the window
	After    int   `json:"after"`      // items after the window
	First    *Edge `json:"first"`      // earliest item by time, nil without items
	Last     *Edge `json:"last"`       // latest item by time, nil without items
	Reviewed int   `json:"reviewed"`   // items that name a reviewer
	Referred int   `json:"referenced"` // items that name a reference
	Verified int   `json:"verified"`   // items whose own hash and link to the next were recomputed

	// RangeSHA256 is the SHA-256 over the whole listing that the items were picked
	// from, exactly as the source gave it.
	RangeSHA256 string `json:"range_sha256"`

	Gaps     []string `json:"gaps"`     // identities of what should be there and is not
	Complete bool     `json:"complete"` // every item of the window is a row
	Reasons  []string `json:"reasons"`  // why not; empty when complete
}

// Edge is the first or last item of a range.
type Edge struct {
	Item       string `json:"item"`
	OccurredAt Time   `json:"occurred_at"`
}

// Doubt records why the dataset may not be complete, once.
func (s *Statement) Doubt(reason string) {
	s.Complete = false
	if !slices.Contains(s.Reasons, reason) {
		s.Reasons = append(s.Reasons, reason)
		slices.Sort(s.Reasons)
	}
}

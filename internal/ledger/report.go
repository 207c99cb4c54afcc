package ledger

// The verdicts of a verification. They speak of integrity alone: people read
// intact, altered, not fully checkable, and that it says nothing about whether
// controls operated.
const (
	Valid      = "valid"
	Invalid    = "invalid"
	Incomplete = "incomplete"
)

// Report is the answer of a verification of a workspace or a package. Its JSON is
// fixed by the command-line contract.
type Report struct {
	Verdict  string    `json:"verdict"`
	Key      KeyReport `json:"key"`
	Anchors  Anchoring `json:"anchors"`
	Erased   []Erased  `json:"erased"`
	Checked  Checked   `json:"checked"`
	Problems []Problem `json:"problems"`
}

// KeyReport names the key that signed. Trusted means: it is the one the reader
// named.
type KeyReport struct {
	Fingerprint string `json:"fingerprint"`
	Origin      string `json:"origin"`
	Trusted     bool   `json:"trusted"`
}

// Anchoring counts trusted timestamps; Trusted are those that chain to a root the
// reader named.
type Anchoring struct {
	Timestamps int    `json:"timestamps"`
	Trusted    int    `json:"trusted"`
	Newest     string `json:"newest"` // genTime, "" if unanchored
}

// Erased is a hole left on authority.
type Erased struct {
	ID       string  `json:"id"`
	Register string  `json:"register"`
	Versions []int64 `json:"versions"`
}

// Checked counts what was looked at.
type Checked struct {
	Artefacts int64 `json:"artefacts"`
	Bytes     int64 `json:"bytes"`
	Entries   int64 `json:"entries"`
	Checks    int64 `json:"checks"` // SQL checks re-performed
}

// Problem is one finding. Path is table/key, blobs/<sha256>, or a package
// member's name; Code is stable; Message is for people.
type Problem struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// Open marks what could not be checked, as against what is wrong.
	Open bool `json:"-"`
	// Args are the named arguments of the message "problem.<Code>", or of the
	// message Key where a finding has a sentence elsewhere.
	Args []any  `json:"-"`
	Key  string `json:"-"`
}

// problemsMax keeps a report readable when a whole table is gone.
const problemsMax = 1000

// Wrong records something altered or missing. args are named arguments of the
// message.
func (r *Report) Wrong(path, code string, args ...any) {
	r.add(Problem{Path: path, Code: code, Args: args})
}

// Unknown records something that could not be checked.
func (r *Report) Unknown(path, code string, args ...any) {
	r.add(Problem{Path: path, Code: code, Args: args, Open: true})
}

// Fault records something altered or missing in the words of a fault: key is both
// its code and its message.
func (r *Report) Fault(path, key string, args ...any) {
	r.add(Problem{Path: path, Code: key, Key: key, Args: args})
}

// Say fills in the messages with say, which turns a key and arguments into a
// sentence.
func (r *Report) Say(say func(key string, args ...any) string) {
	for i, p := range r.Problems {
		key := p.Key
		if key == "" {
			key = "problem." + p.Code
		}
		r.Problems[i].Message = say(key, append([]any{"Path", p.Path}, p.Args...)...)
	}
}

func (r *Report) add(p Problem) {
	if len(r.Problems) < problemsMax || (!p.Open && len(r.Problems) < 2*problemsMax) {
		r.Problems = append(r.Problems, p)
	}
}

// Decide sets the verdict from the problems: invalid if anything is wrong,
// incomplete if anything is open.
func (r *Report) Decide() {
	r.Verdict = Valid
	for _, p := range r.Problems {
		if !p.Open {
			r.Verdict = Invalid
			break
		}
		r.Verdict = Incomplete
	}
	if r.Problems == nil {
		r.Problems = []Problem{}
	}
	if r.Erased == nil {
		r.Erased = []Erased{}
	}
}

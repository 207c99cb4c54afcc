package pack

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"

	"bevis/internal/ledger"
	"bevis/internal/register"
)

// FormatVersion is the version of the package's layout.
const FormatVersion = 1

// The members that a verifier looks for by name.
const (
	manifestName = "manifest.json"
	treeName     = "proofs/tree.json"
	leavesName   = "proofs/leaves.ndjson"
	earlierName  = "proofs/earlier.ndjson"
	noteName     = "proofs/checkpoint"
	keyName      = "proofs/ledger.pub"
	sealName     = "proofs/seal.json"
	scopeName    = "proofs/scope.json"
	entriesDir   = "proofs/entries/"
	filesDir     = "proofs/files/"
)

// Manifest is manifest.json. It is canonical JSON; Signature is an Ed25519
// signature, lower-case hex, over signedPrefix and the canonical JSON of the
// manifest without the field.
type Manifest struct {
	Format    int    `json:"format"`
	Product   string `json:"product"`
	Window    string `json:"window"`
	Title     string `json:"title"`
	Sample    bool   `json:"sample"` // sample data, simulated clock
	Draft     bool   `json:"draft"`  // the window is not sealed
	Created   string `json:"created"`
	Key       string `json:"key"`
	Size      int64  `json:"size"` // of the ledger
	Files     []File `json:"files"`
	Signature string `json:"signature,omitempty"`
}

// File is one member.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

const signedPrefix = "bevis package manifest v1\n"

// message is what the signature is over.
func (m Manifest) message() ([]byte, error) {
	m.Signature = ""
	raw, err := ledger.Canonical(m)
	if err != nil {
		return nil, err
	}
	return append([]byte(signedPrefix), raw...), nil
}

func (m Manifest) sign(sign func([]byte) ([]byte, error)) ([]byte, error) {
	msg, err := m.message()
	if err != nil {
		return nil, err
	}
	sig, err := sign(msg)
	if err != nil {
		return nil, err
	}
	m.Signature = hex.EncodeToString(sig)
	return ledger.Canonical(m)
}

var errManifest = errors.New("pack: not a manifest")

// parseManifest reads a manifest. It accepts exactly the bytes that sign makes.
func parseManifest(raw []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, errors.Join(errManifest, err)
	}
	again, err := ledger.Canonical(m)
	if err != nil || !bytes.Equal(again, raw) {
		return m, errManifest
	}
	return m, nil
}

// Tree is proofs/tree.json: the ledger's shape. Leaves before Start are covered by
// the compact range Edge, those from Start on stand in proofs/leaves.ndjson.
type Tree struct {
	Origin string   `json:"origin"`
	Size   int64    `json:"size"`
	Root   string   `json:"root"` // hex
	Start  int64    `json:"start"`
	Edge   []string `json:"edge"` // hex, largest subtree first
	// Anchors are consistency proofs from each timestamped size to Size.
	Anchors []Consistency `json:"anchors"`
}

// Consistency proves that the tree of Size leaves is the beginning of this one.
type Consistency struct {
	Size  int64    `json:"size"`
	Root  string   `json:"root"`
	Proof []string `json:"proof"`
}

// Earlier is one line of proofs/earlier.ndjson: an entry in scope from before
// Start, with its inclusion proof.
type Earlier struct {
	Index  int64    `json:"index"`
	Record string   `json:"record"`
	Proof  []string `json:"proof"`
}

// Line is one line of proofs/leaves.ndjson.
type Line struct {
	Index  int64  `json:"index"`
	Record string `json:"record"`
}

// EntryFile is one file under proofs/entries: a version with its salt, so that
// anyone can compute the commitment in its leaf again.
type EntryFile struct {
	Index    int64           `json:"index"`
	Register string          `json:"register"`
	ID       string          `json:"id"`
	Version  int64           `json:"version"`
	Salt     string          `json:"salt"` // hex, "" if erased
	Body     json.RawMessage `json:"body"` // null if erased
}

// Scope is proofs/scope.json: what is in the package and what is left out.
type Scope struct {
	Window  string    `json:"window"`
	AsOf    int64     `json:"as_of"` // ledger index up to which entries are taken
	LeftOut []LeftOut `json:"left_out"`
}

// LeftOut counts leaves since the window's start that travel without content.
type LeftOut struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// The reasons for leaving content out.
const (
	OutOfScope = "out_of_scope" // belongs to nothing the window speaks of
	AfterSeal  = "after_seal"   // came after the sealed state
)

// Export records that a package left the house.
type Export struct {
	Window    string `json:"window"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Artefacts int    `json:"artefacts"`
	Draft     bool   `json:"draft"`
	By        string `json:"by"`
}

// Exports is the register of packages made.
var Exports = register.Define("export", register.Rules[Export]{
	Prefix: "exp",
	Index:  func(v *Export) register.Index { return register.Index{Code: v.SHA256, Title: v.Window, Status: "made"} },
	Links:  func(v *Export) []register.Link { return []register.Link{{Rel: register.About, To: v.Window}} },
})

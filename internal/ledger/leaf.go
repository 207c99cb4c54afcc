package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// LeafVersion is the version of the leaf record's own format.
const LeafVersion = 1

// SaltSize is the length of the random salt of every committed body, in bytes.
const SaltSize = 32

// Leaf is the small record that stands in the tree for one version of one entry.
// It carries no content: the body is present as a salted commitment only, so a
// leaf can be shown to anybody and outlives the erasure of what it commits to.
type Leaf struct {
	Kind    string    // register, for example "evidence"
	Subject string    // opaque id of the entry
	Version int64     // version of the entry, from 1
	At      time.Time // received, UTC, whole microseconds
	C       [32]byte  // Commit(salt, body)
	Blobs   string    // CommitBlobs(salt, digests) as hex, "" when there are none
	Prev    int64     // ledger index of the previous version of the subject, -1 if none
	After   string    // newest anchored checkpoint, "size root"; "" before the first
}

// TimeFormat is how times stand in hashed JSON: UTC with six digits.
const TimeFormat = "2006-01-02T15:04:05.000000Z"

// Commit is the salted commitment to a body: SHA-256(0x01 ‖ salt ‖ body).
func Commit(salt, body []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(salt)
	h.Write(body)
	return [32]byte(h.Sum(nil))
}

// CommitBlobs is the salted commitment to the digests an entry refers to:
// SHA-256(0x02 ‖ salt ‖ digests in order), as hex. digests are sorted lower-case
// hex; none gives "".
func CommitBlobs(salt []byte, digests []string) string {
	if len(digests) == 0 {
		return ""
	}
	h := sha256.New()
	h.Write([]byte{2})
	h.Write(salt)
	for _, d := range slices.Sorted(slices.Values(digests)) {
		h.Write([]byte(d))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Record is the leaf's canonical JSON: what the tree hashes.
func (l Leaf) Record() []byte {
	b := make([]byte, 0, 384)
	b = append(b, `{"after":`...)
	b = AppendString(b, l.After)
	b = append(b, `,"at":"`...)
	b = l.At.UTC().AppendFormat(b, TimeFormat)
	b = append(b, `","blobs":`...)
	b = AppendString(b, l.Blobs)
	b = append(b, `,"c":"`...)
	b = hex.AppendEncode(b, l.C[:])
	b = append(b, `","kind":`...)
	b = AppendString(b, l.Kind)
	b = append(b, `,"prev":`...)
	b = strconv.AppendInt(b, l.Prev, 10)
	b = append(b, `,"subject":`...)
	b = AppendString(b, l.Subject)
	b = append(b, `,"v":1,"version":`...)
	b = strconv.AppendInt(b, l.Version, 10)
	return append(b, '}')
}

// Hash is the RFC 6962 leaf hash of a record.
func Hash(record []byte) tlog.Hash { return tlog.RecordHash(record) }

// ErrLeaf is returned for bytes that are not a leaf record in canonical form.
var ErrLeaf = errors.New("ledger: not a canonical leaf record")

// ParseLeaf reads a record. It accepts exactly the bytes that Record makes.
func ParseLeaf(record []byte) (Leaf, error) {
	var raw struct {
		After   string `json:"after"`
		At      string `json:"at"`
		Blobs   string `json:"blobs"`
		C       string `json:"c"`
		Kind    string `json:"kind"`
		Prev    int64  `json:"prev"`
		Subject string `json:"subject"`
		V       int    `json:"v"`
		Version int64  `json:"version"`
	}
	if err := json.Unmarshal(record, &raw); err != nil {
		return Leaf{}, fmt.Errorf("%w: %w", ErrLeaf, err)
	}
	at, err := time.Parse(TimeFormat, raw.At)
	if err != nil || raw.V != LeafVersion {
		return Leaf{}, ErrLeaf
	}
	l := Leaf{Kind: raw.Kind, Subject: raw.Subject, Version: raw.Version, At: at, Blobs: raw.Blobs, Prev: raw.Prev, After: raw.After}
	if len(raw.C) != 2*len(l.C) { // before decoding: hex.Decode does not look where it writes
		return Leaf{}, ErrLeaf
	}
	if _, err := hex.Decode(l.C[:], []byte(raw.C)); err != nil {
		return Leaf{}, ErrLeaf
	}
	if !bytes.Equal(l.Record(), record) {
		return Leaf{}, ErrLeaf
	}
	return l, nil
}

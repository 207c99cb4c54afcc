package register

import (
	"encoding/base64"
	"time"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// Anchor is a trusted timestamp over a signed checkpoint. It is itself an entry,
// so that no byte of it can change unnoticed.
type Anchor struct {
	Note  string `json:"note"`  // the signed checkpoint
	Token string `json:"token"` // RFC 3161 token, base64
	TSA   string `json:"tsa"`   // address that was asked, without credentials
	Time  string `json:"time"`  // genTime, RFC 3339
}

// Anchors is the register of anchors. Their code is the checkpoint's mark, which
// later leaves carry in their field "after".
var Anchors = Define("anchor", Rules[Anchor]{
	Prefix: "anc",
	Check: func(_ *Tx, old, v *Anchor) error {
		if old != nil {
			return fault.New(fault.Locked, "register.fixed")
		}
		_, err := v.Parse()
		return err
	},
	Index: func(v *Anchor) Index {
		p, err := v.Parse()
		if err != nil {
			return Index{}
		}
		return Index{Code: p.Checkpoint.Mark(), Title: v.TSA, From: p.Time, To: p.Time}
	},
})

// Anchored is an anchor's content, read.
type Anchored struct {
	Checkpoint ledger.Checkpoint
	Token      []byte
	Time       time.Time
}

// Parse reads an anchor and checks that the token stamps the note. The note's
// signature is the verifier's business.
func (a Anchor) Parse() (Anchored, error) {
	text, _, ok := cutNote(a.Note)
	if !ok {
		return Anchored{}, fault.New(fault.Invalid, "register.anchor")
	}
	c, err := ledger.ParseCheckpoint(text)
	if err != nil {
		return Anchored{}, fault.Wrap(err, fault.Invalid, "register.anchor")
	}
	token, err := base64.StdEncoding.DecodeString(a.Token)
	if err != nil {
		return Anchored{}, fault.Wrap(err, fault.Invalid, "register.anchor")
	}
	ts, err := ledger.VerifyTimestamp(token, []byte(a.Note), nil)
	if err != nil {
		return Anchored{}, fault.Wrap(err, fault.Invalid, "register.anchor")
	}
	return Anchored{Checkpoint: c, Token: token, Time: ts.Time}, nil
}

// cutNote splits a signed note into its text and its signature lines.
func cutNote(signed string) (text, sigs string, ok bool) {
	for i := len(signed) - 1; i > 0; i-- {
		if signed[i] == '\n' && signed[i-1] == '\n' {
			return signed[:i], signed[i+1:], true
		}
	}
	return "", "", false
}

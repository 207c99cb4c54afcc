package evidence

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// ID names an item of evidence.
type ID = register.ID[Evidence]

// Type is what kind of record an item is.
type Type string

// The eight types of E1, and Document for what is none of them (minutes, a plan,
// an organisation chart).
const (
	AccessLog      Type = "access_log"
	Acknowledgment Type = "policy_acknowledgement"
	ChangeRecord   Type = "change_record"
	IncidentReport Type = "incident_report"
	TrainingRecord Type = "training_record"
	BackupRestore  Type = "backup_restore"
	VendorReview   Type = "vendor_due_diligence"
	Monitoring     Type = "system_monitoring"
	Document       Type = "document"
)

// Types lists all types.
var Types = []Type{AccessLog, Acknowledgment, ChangeRecord, IncidentReport, TrainingRecord, BackupRestore, VendorReview, Monitoring, Document}

// Valid reports whether t is a type.
func (t Type) Valid() bool { return slices.Contains(Types, t) }

// Method is how the bytes were obtained at the source.
type Method string

// The methods of domain section 3.
const (
	API         Method = "api"        // read by a collector
	Export      Method = "export"     // exported by the source system itself
	Attestation Method = "attested"   // signed by a third party
	Screenshot  Method = "screenshot" // a picture of a screen
	Uploaded    Method = "upload"     // a file somebody brought
)

// Methods lists all methods.
var Methods = []Method{API, Export, Attestation, Screenshot, Uploaded}

// Status is where an item stands in the company's own review.
type Status string

// The states. A return is the reviewer's, never an auditor's deviation.
const (
	Collected  Status = "collected"
	Accepted   Status = "accepted"   // reviewed internally by a second person
	Returned   Status = "returned"   // sent back with a reason
	Superseded Status = "superseded" // a newer item stands for it
)

var next = map[Status][]Status{
	"":        {Collected},
	Collected: {Collected, Accepted, Returned, Superseded},
	Returned:  {Collected, Superseded},
	Accepted:  {Accepted, Superseded},
}

// File is one file of an item.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
	Media  string `json:"media"`
}

// Source says where an item comes from and how anyone gets it again.
type Source struct {
	System  string `json:"system"`
	Locator string `json:"locator"` // address, query, path in the system
	Method  Method `json:"method"`
	Query   string `json:"query"` // parameters of a list, "" otherwise
}

// Review is the company's own decision on an item.
type Review struct {
	By       string `json:"by"` // account
	At       string `json:"at"` // ledger.TimeFormat
	Decision Status `json:"decision"`
	Reason   string `json:"reason"`
}

// Evidence is one item.
type Evidence struct {
	Code     string       `json:"code"` // E- and the ledger index of the first version
	Title    string       `json:"title"`
	Type     Type         `json:"type"`
	Controls []control.ID `json:"controls"`
	// The three times that are never mixed: occurred (what it speaks of),
	// captured (at the source), received (the entry's own time, by the server).
	OccurredFrom string `json:"occurred_from"` // ledger.TimeFormat, included
	OccurredTo   string `json:"occurred_to"`   // excluded for whole days
	WholeDays    bool   `json:"whole_days"`    // given as dates in the organisation's zone
	CapturedAt   string `json:"captured_at"`   // "" when nobody said
	// Validity is not occurrence (domain 0a rule 7).
	ValidFrom   scope.Day `json:"valid_from"`
	ValidTo     scope.Day `json:"valid_to"`
	Slot        scope.Day `json:"slot"` // due day of the occurrence it performs, "" to go by the date
	Source      Source    `json:"source"`
	PerformedBy string    `json:"performed_by"` // account id, service name, or a person's name as given
	Files       []File    `json:"files"`
	Datasets    []string  `json:"datasets"` // dataset entries it carries
	Supersedes  string    `json:"supersedes"`
	Status      Status    `json:"status"`
	Reviews     []Review  `json:"reviews"`
}

// Items is the register of evidence.
var Items = register.Define("evidence", register.Rules[Evidence]{Prefix: "evd", Check: check, Index: index, Links: links, Blobs: blobs})

func index(e *Evidence) register.Index {
	i := e.Occurred()
	return register.Index{Code: e.Code, Title: e.Title, Status: string(e.Status), Owner: e.PerformedBy, From: i.From, To: i.To}
}

func links(e *Evidence) []register.Link {
	var out []register.Link
	for _, c := range e.Controls {
		out = append(out, register.Link{Rel: register.Supports, To: c.String()})
	}
	for _, d := range e.Datasets {
		out = append(out, register.Link{Rel: register.Contains, To: d})
	}
	if e.Supersedes != "" {
		out = append(out, register.Link{Rel: register.Supersedes, To: e.Supersedes})
	}
	return out
}

func blobs(e *Evidence) []string {
	var out []string
	for _, f := range e.Files {
		out = append(out, f.SHA256)
	}
	return out
}

// CodeOf is the code of an item whose first version has a ledger index.
func CodeOf(index int64) string { return "E-" + strconv.FormatInt(index, 10) }

// clockSkew is how far ahead of the server a source's clock may be.
const clockSkew = 5 * time.Minute

// check is what every version of an item must satisfy, whoever writes it.
func check(tx *register.Tx, old, e *Evidence) error {
	was := Status("")
	if old != nil {
		was = old.Status
	}
	switch {
	case !slices.Contains(next[was], e.Status):
		return fault.New(fault.Invalid, "evidence.transition", "From", string(was), "To", string(e.Status))
	case strings.TrimSpace(e.Title) == "":
		return fault.New(fault.Invalid, "evidence.title")
	case !e.Type.Valid():
		return fault.New(fault.Invalid, "evidence.type", "Type", string(e.Type))
	case !slices.Contains(Methods, e.Source.Method):
		return fault.New(fault.Invalid, "evidence.method", "Method", string(e.Source.Method))
	case len(e.Controls) == 0:
		return fault.New(fault.Invalid, "evidence.unlinked")
	case len(e.Files) == 0 && len(e.Datasets) == 0:
		return fault.New(fault.Invalid, "evidence.empty")
	case old == nil && e.Code != CodeOf(tx.NextIndex()), old != nil && e.Code != old.Code:
		return fault.New(fault.Locked, "evidence.code", "Code", e.Code)
	}
	if err := checkTimes(tx, e); err != nil {
		return err
	}
	if err := checkControls(tx, e); err != nil {
		return err
	}
	if old != nil && !sameFacts(old, e) && old.Status != Returned {
		return fault.New(fault.Locked, "evidence.supersede", "Code", e.Code)
	}
	return checkReview(tx, old, e)
}

func checkTimes(tx *register.Tx, e *Evidence) error {
	from, err1 := time.Parse(ledger.TimeFormat, e.OccurredFrom)
	to, err2 := time.Parse(ledger.TimeFormat, e.OccurredTo)
	if err1 != nil || err2 != nil || to.Before(from) {
		return fault.New(fault.Invalid, "scope.order", "From", e.OccurredFrom, "To", e.OccurredTo)
	}
	now := tx.Now()
	begin := to
	if e.WholeDays {
		begin = to.Add(-24 * time.Hour) // today may be named before it is over
	}
	if begin.After(now.Add(clockSkew)) {
		return fault.New(fault.Invalid, "evidence.future", "To", e.OccurredTo, "Now", now.Format(time.RFC3339))
	}
	if e.CapturedAt == "" {
		return nil
	}
	at, err := time.Parse(ledger.TimeFormat, e.CapturedAt)
	switch {
	case err != nil:
		return fault.New(fault.Invalid, "scope.instant", "Text", e.CapturedAt)
	case at.After(now.Add(clockSkew)):
		return fault.New(fault.Invalid, "evidence.captured_future", "At", e.CapturedAt)
	case at.Before(from):
		return fault.New(fault.Invalid, "evidence.captured_before", "At", e.CapturedAt, "From", e.OccurredFrom)
	}
	return nil
}

func checkControls(tx *register.Tx, e *Evidence) error {
	for _, id := range e.Controls {
		if e.Slot == "" {
			if err := control.Controls.Exists(tx, id); err != nil {
				return err
			}
			continue
		}
		c, err := control.Controls.Get(tx, id)
		if err != nil {
			return err
		}
		if _, err := scope.ParseDay(string(e.Slot)); err != nil {
			return err
		}
		if s, ok := c.Value.Frequency.Slot(e.Slot); c.Value.Frequency.Periodic() && (!ok || s.Due != e.Slot) {
			return fault.New(fault.Invalid, "evidence.slot", "Day", string(e.Slot), "Code", c.Value.Code, "Due", string(s.Due))
		}
	}
	return nil
}

// sameFacts reports whether b differs from a only in status, reviews and links.
func sameFacts(a, b *Evidence) bool {
	x, y := *a, *b
	x.Status, y.Status = "", ""
	x.Reviews, y.Reviews = nil, nil
	x.Controls, y.Controls = nil, nil
	x.Slot, y.Slot = "", ""
	cx, errX := ledger.Canonical(x)
	cy, errY := ledger.Canonical(y)
	return errX == nil && errY == nil && bytes.Equal(cx, cy)
}

// checkReview lets a second person alone decide on an item: never who performed
// the control and never who brought the evidence, and never the machine itself.
func checkReview(tx *register.Tx, old, e *Evidence) error {
	if old == nil {
		if len(e.Reviews) > 0 {
			return fault.New(fault.Denied, "evidence.review_first")
		}
		return nil
	}
	n := len(old.Reviews)
	if len(e.Reviews) < n || !slices.Equal(e.Reviews[:n], old.Reviews) {
		return fault.New(fault.Locked, "evidence.review_fixed")
	}
	decided := e.Status != old.Status && (e.Status == Accepted || e.Status == Returned)
	if !decided {
		if len(e.Reviews) != n {
			return fault.New(fault.Invalid, "evidence.review_first")
		}
		return nil
	}
	if len(e.Reviews) != n+1 {
		return fault.New(fault.Invalid, "evidence.review_first")
	}
	r := e.Reviews[n]
	by := tx.By()
	switch {
	case r.By != by.ID || r.Decision != e.Status || r.At == "":
		return fault.New(fault.Invalid, "evidence.review_first")
	case !by.IsPerson():
		return fault.New(fault.Denied, "evidence.review_person")
	case e.Status == Returned && strings.TrimSpace(r.Reason) == "":
		return fault.New(fault.Invalid, "evidence.return_reason")
	}
	if own, err := performed(tx, r.By, e.PerformedBy); err != nil {
		return err
	} else if own {
		return fault.New(fault.Denied, "evidence.self_review")
	}
	h, err := register.Versions[Evidence](tx, "evidence", tx.Subject())
	if err != nil {
		return err
	}
	for i := len(h) - 1; i >= 0; i-- { // who brought the facts that are decided on
		if i == 0 || !sameFacts(&h[i-1].Value, &h[i].Value) {
			if h[i].Actor == r.By {
				return fault.New(fault.Denied, "evidence.self_review")
			}
			break
		}
	}
	return nil
}

// performed reports whether an account is who an item says performed the control:
// by its id, or by the name or e-mail that somebody wrote instead.
func performed(tx *register.Tx, id, who string) (bool, error) {
	if who == id {
		return true, nil
	}
	u, err := account.Users.Get(tx, register.ID[account.User](id))
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	who = plain(who)
	return who != "" && (who == plain(u.Value.Name) || who == plain(u.Value.Email)), nil
}

// plain folds case and collapses blanks.
func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Occurred is the stretch of time the item speaks of.
func (e *Evidence) Occurred() scope.Interval {
	from, err1 := time.Parse(ledger.TimeFormat, e.OccurredFrom)
	to, err2 := time.Parse(ledger.TimeFormat, e.OccurredTo)
	if err1 != nil || err2 != nil {
		return scope.Interval{}
	}
	return scope.Interval{From: from, To: to, WholeDays: e.WholeDays}
}

// Captured is when it was captured at the source; ok is false when nobody said.
func (e *Evidence) Captured() (at time.Time, ok bool) {
	at, err := time.Parse(ledger.TimeFormat, e.CapturedAt)
	return at, err == nil
}

// FromRecord reports whether the item was read from a system of record, which
// keeps its own times, and not made or brought by a person.
func (e *Evidence) FromRecord() bool {
	return e.Source.Method == API || e.Source.Method == Export
}

package policy

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bevis/internal/account"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

var next = map[Status][]Status{
	"":       {Draft},
	Draft:    {Draft, InReview, Retired},
	InReview: {InReview, Draft, Approved, Retired},
	Approved: {Approved, Draft, InForce, Retired},
	InForce:  {InForce, Draft, InReview, Retired},
	Retired:  {},
}

// The sizes that a policy keeps within.
const (
	maxBody   = 200_000 // bytes per language
	maxTitle  = 160     // characters
	maxMonths = 36
	maxParams = 200
)

// check is what every version of a policy must satisfy, whoever writes it.
func check(tx *register.Tx, old, p *Policy) error {
	var was Policy
	if old != nil {
		was = *old
	}
	if !slices.Contains(next[was.Status], p.Status) {
		return fault.New(fault.Invalid, "policy.transition", "Code", p.Code, "From", string(was.Status), "To", string(p.Status))
	}
	if err := checkShape(tx, p); err != nil {
		return err
	}
	if old == nil {
		return checkFirst(tx, p)
	}
	if p.Code != old.Code || p.Template != old.Template {
		return fault.New(fault.Locked, "policy.code_fixed", "Code", old.Code)
	}
	before, err := old.Digest()
	if err != nil {
		return err
	}
	digest, err := p.Digest()
	if err != nil {
		return err
	}
	edition := old.Edition
	if old.Status == InForce && (p.Status == Draft || p.Status == InReview) {
		edition++ // what is in force stays as it is; the change is the next edition
	}
	switch {
	case p.Edition != edition:
		return fault.New(fault.Invalid, "policy.edition", "Code", p.Code, "Edition", edition)
	case digest != before && p.Status != Draft:
		return fault.New(fault.Locked, "policy.words_fixed", "Code", p.Code)
	case p.Status != Draft && len(p.Unfilled()) > 0:
		return fault.New(fault.Invalid, "policy.unfilled", "Names", strings.Join(p.Unfilled(), ", "))
	}
	if err := checkApprovals(tx, old, p, digest); err != nil {
		return err
	}
	return checkDays(tx, old, p, digest)
}

// checkFirst: a policy begins as a draft that nobody has approved.
func checkFirst(tx *register.Tx, p *Policy) error {
	if p.Edition != 1 || len(p.Approvals) > 0 || len(p.Published) > 0 || p.EffectiveFrom != "" || p.EffectiveTo != "" || p.NextReview != "" {
		return fault.New(fault.Denied, "policy.first_draft")
	}
	taken, err := register.Taken(tx, "policy", p.Code)
	if err != nil {
		return err
	}
	if taken {
		return fault.New(fault.Conflict, "policy.code_taken", "Code", p.Code)
	}
	return nil
}

func checkShape(tx *register.Tx, p *Policy) error {
	switch {
	case !codeForm.MatchString(p.Code) || len(p.Code) > 60:
		return fault.New(fault.Invalid, "policy.code", "Code", p.Code)
	case p.Body.EN == "" && p.Body.SV == "",
		(p.Body.EN == "") != (strings.TrimSpace(p.Title.EN) == ""), (p.Body.SV == "") != (strings.TrimSpace(p.Title.SV) == ""):
		return fault.New(fault.Invalid, "policy.words", "Code", p.Code)
	case p.Body.EN != clean(p.Body.EN) || p.Body.SV != clean(p.Body.SV):
		return fault.New(fault.Invalid, "policy.words", "Code", p.Code)
	case len(p.Body.EN) > maxBody || len(p.Body.SV) > maxBody || utf8.RuneCountInString(p.Title.EN) > maxTitle || utf8.RuneCountInString(p.Title.SV) > maxTitle:
		return fault.New(fault.TooLarge, "policy.too_long", "KB", maxBody/1000, "Characters", maxTitle)
	case !p.Audience.Valid():
		return fault.New(fault.Invalid, "policy.audience", "Audience", string(p.Audience))
	case p.ReviewMonths < 1 || p.ReviewMonths > maxMonths:
		return fault.New(fault.Invalid, "policy.months", "Most", maxMonths)
	}
	if err := checkParams(p); err != nil {
		return err
	}
	set, err := framework.ByID(p.Framework)
	if err != nil {
		return err
	}
	for _, id := range p.Criteria {
		if _, err := set.Criterion(id); err != nil {
			return err
		}
	}
	for _, id := range p.Controls {
		if err := control.Controls.Exists(tx, id); err != nil {
			return err
		}
	}
	if p.Owner == "" {
		return nil
	}
	return account.Users.Exists(tx, register.ID[account.User](p.Owner))
}

func checkParams(p *Policy) error {
	if len(p.Params) > maxParams {
		return fault.New(fault.TooLarge, "policy.params", "Most", maxParams)
	}
	seen := map[string]bool{ParamEffective: true} // follows from the publication, never from a value
	for _, x := range p.Params {
		if !placeholder.MatchString("{{"+x.Name+"}}") || seen[x.Name] {
			return fault.New(fault.Invalid, "policy.param", "Name", x.Name)
		}
		seen[x.Name] = true
	}
	return nil
}

// checkApprovals lets a person who wrote nothing of an edition approve it, once,
// as it stands, now; nobody else, and nothing older.
func checkApprovals(tx *register.Tx, old, p *Policy, digest string) error {
	n := len(old.Approvals)
	switch p.Status {
	case Draft, InReview:
		if len(p.Approvals) != 0 {
			return fault.New(fault.Denied, "policy.approve_first", "Code", p.Code)
		}
		return nil
	case Approved:
	default:
		if !slices.Equal(p.Approvals, old.Approvals) {
			return fault.New(fault.Locked, "policy.approvals_fixed", "Code", p.Code)
		}
		return nil
	}
	if len(p.Approvals) < n || !slices.Equal(p.Approvals[:n], old.Approvals) {
		return fault.New(fault.Locked, "policy.approvals_fixed", "Code", p.Code)
	}
	if old.Status == Approved && len(p.Approvals) == n {
		return nil // another owner
	}
	if len(p.Approvals) != n+1 {
		return fault.New(fault.Denied, "policy.approve_first", "Code", p.Code)
	}
	return checkApproval(tx, p, p.Approvals[n], digest)
}

func checkApproval(tx *register.Tx, p *Policy, a Approval, digest string) error {
	by := tx.By()
	h, err := register.Versions[Policy](tx, "policy", tx.Subject())
	if err != nil {
		return err
	}
	authors, err := authorsOf(h, p.Edition)
	if err != nil {
		return err
	}
	switch {
	case !by.IsPerson():
		return fault.New(fault.Denied, "policy.approve_person")
	case a.By != by.ID || a.At != tx.Now().Format(ledger.TimeFormat):
		return fault.New(fault.Denied, "policy.approve_self_now")
	case a.SHA256 != digest || a.Version != h[len(h)-1].Version:
		return fault.New(fault.Conflict, "policy.approve_older", "Code", p.Code)
	case authors[a.By]:
		return fault.New(fault.Denied, "policy.self_approval", "Code", p.Code)
	case slices.ContainsFunc(p.Approvals[:len(p.Approvals)-1], func(x Approval) bool { return x.By == a.By }):
		return fault.New(fault.Conflict, "policy.approved_before", "Code", p.Code)
	}
	return nil
}

// authorsOf are all who wrote something of an edition: who began it, and who changed
// its words or its owner in any version, even when the change was undone.
func authorsOf(h []register.Entry[Policy], edition int) (map[string]bool, error) {
	out := map[string]bool{}
	last, owner, of := "", "", 0
	for i := range h {
		v := &h[i].Value
		if h[i].Erased { // what it said cannot be known: it counts
			out[h[i].Actor] = true
			continue
		}
		digest, err := v.Digest()
		if err != nil {
			return nil, err
		}
		if v.Edition == edition && (of != edition || digest != last || v.Owner != owner) {
			out[h[i].Actor] = true
		}
		last, owner, of = digest, v.Owner, v.Edition
	}
	return out, nil
}

// checkDays keeps the days honest: an edition binds at the earliest from the day it
// is published, never before the one published last, and what bound on a day that
// has passed stays (domain 0a rule 6).
func checkDays(tx *register.Tx, old, p *Policy, digest string) error {
	cal, err := scope.CalendarOf(tx)
	if err != nil {
		return err
	}
	today := cal.Day(tx.Now())
	if old.Status == Approved && p.Status == InForce {
		return checkPublication(tx, old, p, digest, cal)
	}
	from := old.EffectiveFrom
	if p.Status == Draft || p.Status == InReview || p.Status == Approved {
		from = ""
	}
	if !slices.Equal(p.Published, old.Published) || p.EffectiveFrom != from || p.NextReview != old.NextReview {
		return fault.New(fault.Locked, "policy.published_fixed", "Code", p.Code)
	}
	switch {
	case p.Status != Retired && p.EffectiveTo != "", len(p.Published) == 0 && p.EffectiveTo != "":
		return fault.New(fault.Invalid, "policy.retire_day", "Today", string(today))
	case p.Status != Retired, len(p.Published) == 0:
		return nil
	}
	if _, err := scope.ParseDay(string(p.EffectiveTo)); err != nil {
		return err
	}
	if p.EffectiveTo < today {
		return fault.New(fault.Invalid, "policy.retire_day", "Today", string(today))
	}
	return nil
}

func checkPublication(tx *register.Tx, old, p *Policy, digest string, cal scope.Calendar) error {
	n := len(old.Published)
	if len(p.Published) != n+1 || !slices.Equal(p.Published[:n], old.Published) {
		return fault.New(fault.Locked, "policy.published_fixed", "Code", p.Code)
	}
	x, today := p.Published[n], cal.Day(tx.Now())
	if _, err := scope.ParseDay(string(x.From)); err != nil {
		return err
	}
	switch {
	case x.By != tx.By().ID || x.At != tx.Now().Format(ledger.TimeFormat) || x.Edition != p.Edition || x.SHA256 != digest || p.EffectiveFrom != x.From || p.EffectiveTo != "":
		return fault.New(fault.Denied, "policy.publish_now", "Code", p.Code)
	case x.From < today:
		return fault.New(fault.Invalid, "policy.backdated", "Day", string(x.From), "Today", string(today))
	case n > 0 && x.From < old.Published[n-1].From:
		return fault.New(fault.Invalid, "policy.order", "Day", string(x.From), "Other", string(old.Published[n-1].From))
	}
	due, err := reviewDay(p, cal)
	if err != nil {
		return err
	}
	if p.NextReview != due {
		return fault.New(fault.Invalid, "policy.next_review", "Day", string(due))
	}
	return nil
}

// reviewDay is the day by which an approved edition is to be looked through again:
// so many months after its first approval.
func reviewDay(p *Policy, cal scope.Calendar) (scope.Day, error) {
	if len(p.Approvals) == 0 {
		return "", fault.New(fault.Denied, "policy.approve_first", "Code", p.Code)
	}
	at, err := time.Parse(ledger.TimeFormat, p.Approvals[0].At)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "scope.instant", "Text", p.Approvals[0].At)
	}
	return addMonths(cal.Day(at), p.ReviewMonths), nil
}

// addMonths moves n months; a day that the month does not have becomes its last.
func addMonths(d scope.Day, n int) scope.Day {
	y, m, day := d.Date()
	out := scope.DayFrom(y, m+time.Month(n), day)
	if _, _, got := out.Date(); got != day {
		out = scope.DayFrom(y, m+time.Month(n)+1, 0)
	}
	return out
}

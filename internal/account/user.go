package account

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// The index statuses of a user.
const (
	StatusActive   = "active"
	StatusDisabled = "disabled"
)

const (
	emailMax = 254 // bytes, RFC 5321 section 4.5.3.1.3
	nameMax  = 200 // characters
)

// ID names a user.
type ID = register.ID[User]

// User is a person who may sign in. Times are RFC 3339, "" is none; the rules
// bring them to UTC with six digits.
type User struct {
	Email string       `json:"email"` // folded to lower case; also the entry's code
	Name  string       `json:"name"`
	Roles []authz.Role `json:"roles"`
	// Window is the engagement window an auditor belongs to; nobody else has one.
	Window string `json:"window"`
	// AccessFrom and AccessUntil bound the access in time, AccessUntil excluded.
	AccessFrom  string `json:"access_from"`
	AccessUntil string `json:"access_until"`
	Disabled    bool   `json:"disabled"`
	DisabledAt  string `json:"disabled_at"` // set by the rules
	// PasswordSet is when the password was last set: the trace that a reset
	// leaves, whose author is the version's actor. The password is elsewhere.
	PasswordSet string `json:"password_set"`
}

// Users is the register of accounts.
var Users = register.Define("account", register.Rules[User]{Prefix: "usr", Check: check, Index: index, Links: links})

// others is Users as the rules read it: a rule cannot refer to the register it is
// part of. Nothing is written through it.
var others = register.Define("account", register.Rules[User]{Prefix: "usr", Index: index, Links: links})

func index(v *User) register.Index {
	i := register.Index{Code: v.Email, Title: v.Name, Status: StatusActive, From: moment(v.AccessFrom), To: moment(v.AccessUntil)}
	if v.Disabled {
		i.Status = StatusDisabled
	}
	return i
}

func links(v *User) []register.Link {
	if v.Window == "" {
		return nil
	}
	return []register.Link{{Rel: register.Grants, To: v.Window}}
}

// check is what every version of a user must satisfy, whoever writes it.
func check(tx *register.Tx, old, v *User) error {
	if err := checkPerson(v); err != nil {
		return err
	}
	if err := checkAccess(v); err != nil {
		return err
	}
	switch {
	case !v.Disabled:
		v.DisabledAt = ""
	case old == nil || !old.Disabled:
		v.DisabledAt = tx.Now().Format(ledger.TimeFormat)
	default:
		v.DisabledAt = old.DisabledAt
	}
	if old == nil || old.Email != v.Email {
		_, err := others.ByCode(tx, v.Email)
		if err == nil {
			return fault.New(fault.Invalid, "account.email_taken", "Email", v.Email)
		}
		if fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	if old == nil {
		return nil
	}
	if err := checkOwn(tx, old, v); err != nil {
		return err
	}
	if err := checkLast(tx, old, v); err != nil {
		return err
	}
	return checkPast(tx, old, v)
}

// checkPerson brings e-mail address and name into their one form.
func checkPerson(v *User) error {
	typed := v.Email
	v.Email = fold(typed)
	if !isEmail(v.Email) {
		return fault.New(fault.Invalid, "account.email", "Email", typed)
	}
	v.Name = strings.TrimSpace(v.Name)
	bad := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError
	}
	if v.Name == "" || utf8.RuneCountInString(v.Name) > nameMax || strings.ContainsFunc(v.Name, bad) {
		return fault.New(fault.Invalid, "account.name", "Max", nameMax)
	}
	return nil
}

// checkAccess holds roles, engagement and period to domain rule 11: an auditor
// is nothing else here.
func checkAccess(v *User) error {
	roles := make([]authz.Role, 0, len(v.Roles))
	for _, r := range authz.Roles { // one order, no doubles
		if slices.Contains(v.Roles, r) {
			roles = append(roles, r)
		}
	}
	for _, r := range v.Roles {
		if !r.Valid() {
			return fault.New(fault.Invalid, "account.role_unknown", "Role", r, "Known", roleNames())
		}
	}
	if len(roles) == 0 {
		return fault.New(fault.Invalid, "account.role_none", "Known", roleNames())
	}
	v.Roles = roles
	auditor := slices.Contains(roles, authz.Auditor)
	if auditor && len(roles) > 1 {
		return fault.New(fault.Invalid, "account.auditor_alone")
	}
	for _, t := range []*string{&v.AccessFrom, &v.AccessUntil} {
		if *t == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, *t)
		if err != nil {
			return fault.New(fault.Invalid, "account.time", "Time", *t)
		}
		*t = stamp(at)
	}
	from, until := moment(v.AccessFrom), moment(v.AccessUntil)
	switch {
	case !from.IsZero() && !until.IsZero() && !from.Before(until):
		return fault.New(fault.Invalid, "account.period")
	case v.Window != "" && !auditor:
		return fault.New(fault.Invalid, "account.window_auditor_only")
	case v.Window != "" && until.IsZero():
		return fault.New(fault.Invalid, "account.auditor_until")
	}
	return nil
}

// checkOwn refuses that people change what they themselves may do (T18). A local
// operator is no person of the programme.
func checkOwn(tx *register.Tx, old, v *User) error {
	if !tx.By().IsPerson() {
		return nil
	}
	if slices.Equal(old.Roles, v.Roles) && old.Window == v.Window && old.Disabled == v.Disabled &&
		old.AccessFrom == v.AccessFrom && old.AccessUntil == v.AccessUntil {
		return nil
	}
	e, err := others.ByCode(tx, old.Email)
	if err != nil {
		return err
	}
	if e.ID.String() == tx.By().ID {
		return fault.New(fault.Denied, "account.own_access")
	}
	return nil
}

// checkLast keeps one administrator who can act.
func checkLast(tx *register.Tx, old, v *User) error {
	now := tx.Now()
	if !old.administers(now) || v.administers(now) {
		return nil
	}
	es, err := others.All(tx, register.Query{Status: StatusActive})
	if err != nil {
		return err
	}
	for _, e := range es {
		if !e.Erased && e.Value.Email != old.Email && e.Value.administers(now) {
			return nil
		}
	}
	return fault.New(fault.Denied, "account.last_administrator")
}

// checkPast refuses that who has advised this organisation audits it, and the
// other way round (domain rule 11; self-review).
func checkPast(tx *register.Tx, old, v *User) error {
	var never authz.Role
	var key string
	switch {
	case gains(old, v, authz.Auditor):
		never, key = authz.Advisor, "account.was_advisor"
	case gains(old, v, authz.Advisor):
		never, key = authz.Auditor, "account.was_auditor"
	default:
		return nil
	}
	e, err := others.ByCode(tx, old.Email)
	if err != nil {
		return err
	}
	past, err := others.History(tx, e.ID)
	if err != nil {
		return err
	}
	for _, p := range past {
		if slices.Contains(p.Value.Roles, never) {
			return fault.New(fault.Denied, key, "Email", old.Email)
		}
	}
	return nil
}

func gains(old, v *User, r authz.Role) bool {
	return slices.Contains(v.Roles, r) && !slices.Contains(old.Roles, r)
}

func (v *User) administers(now time.Time) bool {
	return !v.Disabled && slices.Contains(v.Roles, authz.Administrator) && v.inPeriod(now)
}

// inPeriod reports whether now is in the access period.
func (v *User) inPeriod(now time.Time) bool {
	from, until := moment(v.AccessFrom), moment(v.AccessUntil)
	return !now.Before(from) && (until.IsZero() || now.Before(until))
}

// principal is the user as every verb sees them.
func principal(e register.Entry[User]) authz.Principal {
	v := e.Value
	return authz.Principal{
		ID: e.ID.String(), Name: v.Name, Email: v.Email, Roles: v.Roles, Window: v.Window,
		From: moment(v.AccessFrom), Until: moment(v.AccessUntil),
	}
}

// fold is the one form of an e-mail address: no outer blanks, composed, lower
// case. Two addresses that fold alike are one account.
func fold(email string) string {
	return norm.NFC.String(strings.ToLower(strings.TrimSpace(email)))
}

// isEmail reports whether a folded address is one bare address (RFC 5322).
func isEmail(folded string) bool {
	if len(folded) > emailMax || strings.ContainsRune(folded, utf8.RuneError) {
		return false
	}
	a, err := mail.ParseAddress(folded)
	return err == nil && a.Address == folded
}

// moment reads a time that the rules have accepted; "" is the zero time.
func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// stamp writes a time as it stands in entries; the zero time is "".
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(ledger.TimeFormat)
}

func roleNames() string {
	names := make([]string, len(authz.Roles))
	for i, r := range authz.Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}

package accounts

import (
	"context"
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// The states of an account as people see them.
const (
	active   = "active"
	disabled = "disabled"
	notYet   = "not_yet" // the access period has not begun
	ended    = "ended"   // the access period is over
)

// states lists them in the order of the filter.
var states = []string{active, notYet, ended, disabled}

// person is one account as the pages and their JSON show it. Days are the
// organisation's, both included.
type person struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Email       string   `json:"email"`
	Roles       []string `json:"roles"`
	Window      string   `json:"window"`       // id, "" for none
	WindowCode  string   `json:"window_code"`  // "" for none
	AccessFrom  string   `json:"access_from"`  // first day, "" unbounded
	AccessLast  string   `json:"access_last"`  // last day, "" unbounded
	Status      string   `json:"status"`       // active, not_yet, ended, disabled
	PasswordSet string   `json:"password_set"` // time, "" never
	Version     int64    `json:"version"`
}

func (p Pages) person(e register.Entry[account.User], cal scope.Calendar, codes map[string]string) person {
	v := e.Value
	out := person{
		ID: e.ID.String(), Name: v.Name, Email: v.Email, Roles: []string{}, Window: v.Window, WindowCode: codes[v.Window],
		Status: active, PasswordSet: v.PasswordSet, Version: e.Version,
	}
	for _, r := range v.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	from, until := moment(v.AccessFrom), moment(v.AccessUntil)
	now := p.Store.Now()
	if !from.IsZero() {
		out.AccessFrom = string(cal.Day(from))
		if now.Before(from) {
			out.Status = notYet
		}
	}
	if !until.IsZero() {
		out.AccessLast = string(cal.Day(until.Add(-time.Microsecond)))
		if !now.Before(until) {
			out.Status = ended
		}
	}
	if v.Disabled {
		out.Status = disabled
	}
	return out
}

// read gives one account with its words.
func (p Pages) read(ctx context.Context, e register.Entry[account.User]) (person, error) {
	cal, err := scope.CalendarOf(p.Store.Live(ctx))
	if err != nil {
		return person{}, err
	}
	codes := map[string]string{}
	if e.Value.Window != "" {
		w, err := window.Find(p.Store.Live(ctx), e.Value.Window)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return person{}, err
		}
		codes[e.Value.Window] = w.Value.Code
	}
	return p.person(e, cal, codes), nil
}

// get reads the account that the path names.
func (p Pages) get(ctx context.Context, id string) (register.Entry[account.User], error) {
	e, err := p.Accounts.Get(ctx, account.ID(id))
	if err == nil && e.Erased {
		return e, fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	return e, err
}

func moment(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func roleNames(ctx context.Context, roles []string) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = i18n.T(ctx, "role."+r)
	}
	return strings.Join(out, ", ")
}

// period is the access period in words, both days included.
func period(ctx context.Context, p person) string {
	switch {
	case p.AccessFrom != "" && p.AccessLast != "":
		return p.AccessFrom + " – " + p.AccessLast
	case p.AccessLast != "":
		return i18n.T(ctx, "accountspage.until", "Day", p.AccessLast)
	case p.AccessFrom != "":
		return i18n.T(ctx, "accountspage.from", "Day", p.AccessFrom)
	}
	return i18n.T(ctx, "accountspage.unbounded")
}

// pill lends an account's state the look of a known status.
func pill(state string) ui.Status {
	switch state {
	case active:
		return ui.StateReady
	case notYet:
		return ui.WindowPlanned
	case ended:
		return ui.WindowClosed
	}
	return ui.StateNotApplicable
}

// history is the way to an account's versions, nil for who may not read them.
func history(ctx context.Context, may bool, p person) *ui.Link {
	if !may {
		return nil
	}
	return &ui.Link{Label: i18n.T(ctx, "accountspage.history"), Href: "/history/" + p.ID}
}

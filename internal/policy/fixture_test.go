package policy_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/policy"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

const code = "POL-access-control"

// bench is a workspace whose clock stands at noon UTC on 15 April 2026 until the
// test moves it, with people and one draft, adopted by the lead.
type bench struct {
	*app.App
	t        *testing.T
	operator context.Context
	clock    time.Time
	people   map[string]context.Context
	ids      map[string]string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		t: t, operator: authz.With(context.Background(), authz.Operator("tester")), clock: time.Date(2026, 4, 15, 12, 0, 0, 0, time.UTC),
		people: map[string]context.Context{}, ids: map[string]string{},
	}
	var err error
	b.App, err = app.Init(b.operator, app.Options{Dir: filepath.Join(t.TempDir(), "ws"), Clock: func() time.Time { return b.clock }}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: "Europe/Stockholm"},
		Admin:        account.NewUser{Email: "admin@granskog.example", Name: "Ada Ek", Roles: []authz.Role{authz.Administrator}, Password: "tidig höst vid Vänern 7"},
	})
	b.must(err)
	t.Cleanup(func() { b.must(b.Close()) })
	for name, role := range map[string]authz.Role{"lead": authz.Lead, "lead2": authz.Lead, "manager": authz.Manager, "owner": authz.Owner, "other": authz.Owner, "advisor": authz.Advisor, "employee": authz.Employee} {
		b.person(name, account.User{Roles: []authz.Role{role}})
	}
	_, err = b.Controls.Adopt(b.operator, []string{"AC-01", "AC-02"}, "", "2026-01-01")
	b.must(err)
	_, err = b.Policies.Adopt(b.people["lead"], []string{"access-control"}, policy.Adoption{Owner: b.ids["owner"]})
	b.must(err)
	return b
}

// as is a context in which a person acts.
func as(who authz.Principal) context.Context { return authz.With(context.Background(), who) }

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) person(name string, u account.User) {
	b.t.Helper()
	u.Email, u.Name = name+"@granskog.example", strings.ToUpper(name[:1])+name[1:]+" Exempel"
	b.must(b.Store.Write(b.operator, register.Operator("tester"), func(tx *register.Tx) error {
		e, err := account.Users.Create(tx, u, "")
		b.ids[name] = e.ID.String()
		return err
	}))
	b.people[name] = as(authz.Principal{ID: b.ids[name], Name: u.Name, Roles: u.Roles, Window: u.Window}) //nolint:fatcontext // one context a person, none within another
}

// auditor adds an auditor of a new window.
func (b *bench) auditor(name, from, to string) window.ID {
	b.t.Helper()
	w, err := b.Windows.OpenWindow(b.operator, window.Plan{Type: 2, From: from, To: to, Categories: []string{"security"}})
	b.must(err)
	b.person(name, account.User{Roles: []authz.Role{authz.Auditor}, Window: w.ID.String(), AccessUntil: "2028-01-01T00:00:00Z"})
	return w.ID
}

func (b *bench) on(day string) {
	t, err := time.Parse(time.DateOnly, day)
	b.must(err)
	b.clock = t.Add(12 * time.Hour)
}

func (b *bench) refused(what string, err error, kind fault.Kind, key string) {
	b.t.Helper()
	if !fault.Is(err, key) || fault.KindOf(err) != kind {
		b.t.Errorf("%s: %v, want %v %s", what, err, kind, key)
	}
}

func (b *bench) head() policy.Entry {
	b.t.Helper()
	e, err := policy.Policies.ByCode(b.Store.Live(b.operator), code)
	b.must(err)
	return e
}

// put stores a version as an actor, past the service's own manners.
func (b *bench) put(who string, change func(tx *register.Tx, p *policy.Policy)) error {
	actor := register.Actor{ID: who}
	if id, ok := b.ids[who]; ok {
		actor.ID = id
	}
	e := b.head()
	return b.Store.Write(b.operator, actor, func(tx *register.Tx) error {
		change(tx, &e.Value)
		_, err := policy.Policies.Put(tx, e, "past the service")
		return err
	})
}

// say adds a sentence in somebody's name.
func (b *bench) say(who, sentence string) error {
	e := b.head()
	e.Value.Body.EN += "\n\n" + sentence
	_, err := b.Policies.Change(b.people[who], e, "a sentence more")
	return err
}

func (b *bench) send(who string) error {
	_, err := b.Policies.Send(b.people[who], code, 0, "")
	return err
}

func (b *bench) approve(who string) error {
	_, err := b.Policies.Approve(b.people[who], code, 0, "")
	return err
}

func (b *bench) publish(who, day string) error {
	_, err := b.Policies.Publish(b.people[who], code, 0, scope.Day(day), "")
	return err
}

// force takes the draft through to force from a day.
func (b *bench) force(day string) {
	b.t.Helper()
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.must(b.publish("lead", day))
}

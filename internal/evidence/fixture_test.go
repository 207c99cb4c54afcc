package evidence_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
)

const passphrase = "tidig höst vid Vänern 7"

// bench is a workspace whose clock stands at noon UTC on 15 April 2026 until the
// test moves it.
type bench struct {
	*app.App
	t     *testing.T
	ctx   context.Context // the local operator
	clock time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, ctx: authz.With(context.Background(), authz.Operator("tester")), clock: time.Date(2026, 4, 15, 12, 0, 0, 0, time.UTC)}
	var err error
	b.App, err = app.Init(b.ctx, app.Options{Dir: filepath.Join(t.TempDir(), "ws"), Clock: func() time.Time { return b.clock }}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: "Europe/Stockholm", Categories: framework.Categories{framework.Security}},
		Admin:        account.NewUser{Email: "admin@granskog.example", Name: "Ada Ek", Roles: []authz.Role{authz.Lead, authz.Administrator}, Password: passphrase},
	})
	b.must(err)
	t.Cleanup(func() { b.must(b.Close()) })
	_, err = b.Controls.Adopt(b.ctx, []string{"AC-04", "OP-04", "CH-01"}, "", "2025-12-01")
	b.must(err)
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) person(name string, roles ...authz.Role) (context.Context, authz.Principal) {
	b.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@granskog.example"
	u, err := b.Accounts.Add(b.ctx, account.NewUser{Email: email, Name: name, Roles: roles, Password: passphrase})
	b.must(err)
	p := authz.Principal{ID: u.ID.String(), Name: name, Email: email, Roles: roles}
	return authz.With(b.ctx, p), p
}

// upload is a good item; the test changes what it is about.
func (b *bench) upload(change ...func(*evidence.Upload)) evidence.Upload {
	b.t.Helper()
	f, err := b.Evidence.Keep(b.ctx, "review.csv", strings.NewReader("user,keep\nbo,yes\n"))
	b.must(err)
	u := evidence.Upload{
		Title: "Access review", Type: evidence.AccessLog, Controls: []string{"AC-04"}, OccurredFrom: "2026-04-01", Files: []evidence.File{f},
		Source: evidence.Source{System: "directory", Locator: "/groups", Method: evidence.Export},
	}
	for _, c := range change {
		c(&u)
	}
	return u
}

func (b *bench) refused(what string, err error, kind fault.Kind, key string) {
	b.t.Helper()
	if !fault.Is(err, key) || fault.KindOf(err) != kind {
		b.t.Errorf("%s: %v, want %v %s", what, err, kind, key)
	}
}

// put stores a version of an item as an actor, past the service's own manners.
func (b *bench) put(actor string, e register.Entry[evidence.Evidence]) error {
	return b.Store.Write(b.ctx, register.Actor{ID: actor}, func(tx *register.Tx) error { _, err := evidence.Items.Put(tx, e, ""); return err })
}

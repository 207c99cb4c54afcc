package window_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
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
	"bevis/internal/window"
)

const passphrase = "tidig höst vid Vänern 7"

// bench is a workspace with a clock that the test moves.
type bench struct {
	*app.App
	t     *testing.T
	ctx   context.Context // the local operator
	clock time.Time
	n     int
}

func newBench(t *testing.T, zone string) *bench {
	t.Helper()
	b := &bench{t: t, ctx: authz.With(context.Background(), authz.Operator("tester")), clock: time.Date(2025, 12, 1, 8, 0, 0, 0, time.UTC)}
	var err error
	b.App, err = app.Init(b.ctx, app.Options{Dir: filepath.Join(t.TempDir(), "ws"), Clock: func() time.Time { return b.clock }}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: zone, Categories: framework.Categories{framework.Security}},
		Admin:        account.NewUser{Email: "admin@granskog.example", Name: "Ada Ek", Roles: []authz.Role{authz.Lead, authz.Administrator}, Password: passphrase},
	})
	b.must(err)
	t.Cleanup(func() { b.must(b.Close()) })
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// to moves the clock to noon UTC of a day.
func (b *bench) to(day string) {
	b.t.Helper()
	at, err := time.Parse("2006-01-02", day)
	b.must(err)
	b.clock = at.Add(12 * time.Hour)
}

// person adds an account and gives a context in which it acts.
func (b *bench) person(name string, roles ...authz.Role) (context.Context, authz.Principal) {
	b.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@granskog.example"
	u, err := b.Accounts.Add(b.ctx, account.NewUser{Email: email, Name: name, Roles: roles, Password: passphrase})
	b.must(err)
	p := authz.Principal{ID: u.ID.String(), Name: name, Email: email, Roles: roles}
	return authz.With(b.ctx, p), p
}

func (b *bench) adopt(from scope.Day, codes ...string) {
	b.t.Helper()
	_, err := b.Controls.Adopt(b.ctx, codes, "", from)
	b.must(err)
}

func (b *bench) add(ctx context.Context, u evidence.Upload) register.Entry[evidence.Evidence] {
	b.t.Helper()
	b.n++
	f, err := b.Evidence.Keep(ctx, "record.txt", strings.NewReader(fmt.Sprint("record ", b.n)))
	b.must(err)
	u.Title, u.Type, u.Files = fmt.Sprint("item ", b.n), evidence.AccessLog, []evidence.File{f}
	e, err := b.Evidence.Add(ctx, u)
	b.must(err)
	return e
}

func (b *bench) open(from, to string) register.Entry[window.Window] {
	b.t.Helper()
	w, err := b.Windows.OpenWindow(b.ctx, window.Plan{Type: 2, From: from, To: to, Categories: []string{"security"}})
	b.must(err)
	return w
}

// contents lists the ids of one register in a window.
func (b *bench) contents(r register.Reader, w register.Entry[window.Window], name string) []string {
	b.t.Helper()
	members, err := window.Contents(r, &w)
	b.must(err)
	var out []string
	for _, m := range members {
		if m.Register == name {
			out = append(out, m.ID)
		}
	}
	return out
}

func (b *bench) refused(what string, err error, kind fault.Kind, key string) {
	b.t.Helper()
	if !fault.Is(err, key) || fault.KindOf(err) != kind {
		b.t.Errorf("%s: %v, want %v %s", what, err, kind, key)
	}
}

func same(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

package account_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/blob"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// window stands in for the register of engagement windows.
type window struct {
	Code string `json:"code"`
}

var windows = register.Define("window", register.Rules[window]{
	Prefix: "win",
	Index:  func(v *window) register.Index { return register.Index{Code: v.Code} },
})

// house is a workspace with a clock that only the test moves.
type house struct {
	*account.Service
	t     *testing.T
	mu    sync.Mutex
	clock time.Time
	dir   string
	key   ledger.Key
	op    context.Context
	win   string // an engagement
}

const good = "tidig höst vid Vänern 7"

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// onBoth runs a test on SQLite and, where the test set-up started one, on
// PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, h *house)) {
	t.Run("sqlite", func(t *testing.T) { test(t, build(t, "")) })
	t.Run("postgres", func(t *testing.T) {
		url := os.Getenv("BEVIS_TEST_POSTGRES")
		if url == "" {
			t.Skip("skipped: BEVIS_TEST_POSTGRES names no server; make test starts one")
		}
		test(t, build(t, freshSchema(t, url)))
	})
}

func build(t *testing.T, database string) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	if database == "" {
		database = filepath.Join(h.dir, "bevis.db")
	}
	key, err := ledger.GenerateKey("test.ledger")
	h.must(err)
	blobs, err := blob.OpenDir(filepath.Join(h.dir, "blobs"), h.clock)
	h.must(err)
	signer := ledger.NewSigner(key, filepath.Join(h.dir, "signed"))
	h.key = signer.Key()
	store, err := register.Open(t.Context(), register.Config{
		Database: database, Blobs: blobs, Clock: h.now, Signer: signer,
		Kinds: []register.Kind{account.Users, windows},
	})
	h.must(err)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	h.Service = account.CheapForTests(t, &account.Service{Store: store, Policy: authz.Policy{Now: store.Now}})
	h.op = authz.With(t.Context(), authz.Operator("root"))
	h.must(store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
		w, err := windows.Create(tx, window{"W-1"}, "")
		h.win = w.ID.String()
		return err
	}))
	return h
}

func freshSchema(t *testing.T, url string) string {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	name := fmt.Sprintf("acc%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	sep := "?"
	if strings.Contains(url, "?") {
		sep = "&"
	}
	return url + sep + "search_path=" + name
}

// add makes an account as the operator; the name is the address's local part.
func (h *house) add(email string, roles ...authz.Role) register.Entry[account.User] {
	h.t.Helper()
	local, _, _ := strings.Cut(email, "@")
	e, err := h.Add(h.op, account.NewUser{Email: email, Name: local, Roles: roles, Password: good})
	h.must(err)
	return e
}

// signIn signs in with the good password and returns the token and a context in
// which that person asks.
func (h *house) signIn(email string) (string, context.Context) {
	h.t.Helper()
	token, p, err := h.SignIn(h.t.Context(), email, good, "")
	h.must(err)
	return token, authz.With(h.t.Context(), p)
}

// want fails the test unless err is the fault with the key; "" is no error.
func (h *house) want(err error, key string) {
	h.t.Helper()
	if key == "" && err != nil || key != "" && !fault.Is(err, key) {
		h.t.Errorf("got %v, wanted %q", err, key)
	}
}

// dead fails the test if the token still opens anything.
func (h *house) dead(token string) {
	h.t.Helper()
	p, err := h.Session(h.t.Context(), token)
	if fault.KindOf(err) != fault.Unauthenticated || p.ID != "" {
		h.t.Errorf("the session lives: %+v, %v", p, err)
	}
}

func (h *house) count(query string) (n int) {
	h.t.Helper()
	_, read := h.Store.DB()
	h.must(read.QueryRowContext(h.t.Context(), query).Scan(&n))
	return n
}

func TestAddAndRead(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		e, err := h.Add(h.op, account.NewUser{
			Email: " Anna.Ek@Example.COM ", Name: " Anna Ek ", Password: good,
			Roles: []authz.Role{authz.Manager, authz.Lead, authz.Manager}, From: h.now().Add(-time.Hour), Until: h.now().In(time.FixedZone("", 3600)).Add(time.Hour),
		})
		h.must(err)
		want := account.User{
			Email: "anna.ek@example.com", Name: "Anna Ek", Roles: []authz.Role{authz.Lead, authz.Manager},
			AccessFrom: "2026-03-02T07:00:00.000000Z", AccessUntil: "2026-03-02T09:00:00.000000Z",
		}
		got := e.Value
		if got.PasswordSet == "" || !strings.HasPrefix(e.ID.String(), "usr_") || e.Actor != "operator:root" {
			t.Errorf("%+v", e)
		}
		got.PasswordSet = ""
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
		for _, read := range []func() (register.Entry[account.User], error){
			func() (register.Entry[account.User], error) { return h.Get(h.op, e.ID) },
			func() (register.Entry[account.User], error) { return h.ByEmail(h.op, "ANNA.ek@example.com") },
		} {
			if r, err := read(); err != nil || r.ID != e.ID || r.Value.Name != "Anna Ek" {
				t.Errorf("%+v, %v", r, err)
			}
		}
		_, err = h.ByEmail(h.op, "nobody@example.com")
		h.want(err, "account.unknown")
		h.add("b@example.com", authz.Owner)
		all, err := h.List(h.op)
		if err != nil || len(all) != 2 || all[0].ID != e.ID {
			t.Errorf("list: %+v, %v", all, err)
		}
		_, p, err := h.SignIn(t.Context(), "anna.EK@example.com", good, "")
		if err != nil || p.ID != e.ID.String() || p.Name != "Anna Ek" || !p.Is(authz.Manager) || !p.Until.Equal(h.now().Add(time.Hour)) {
			t.Errorf("principal: %+v, %v", p, err)
		}
	})
}

// Each verb, by each role: who may not, may not, and nothing is written.
func TestVerbsByRole(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("target@example.com", authz.Owner)
		verbs := map[string]struct {
			may []authz.Role
			do  func(context.Context) error
		}{
			"add": {[]authz.Role{authz.Administrator}, func(ctx context.Context) error {
				_, err := h.Add(ctx, account.NewUser{Email: "new@example.com", Name: "New", Password: "short", Roles: []authz.Role{authz.Owner}})
				return err
			}},
			"disable": {[]authz.Role{authz.Administrator}, func(ctx context.Context) error { _, err := h.Disable(ctx, "target@example.com", ""); return err }},
			"enable":  {[]authz.Role{authz.Administrator}, func(ctx context.Context) error { _, err := h.Enable(ctx, "target@example.com", ""); return err }},
			"reset":   {[]authz.Role{authz.Administrator}, func(ctx context.Context) error { return h.ResetPassword(ctx, "target@example.com", "short") }},
			"roles": {[]authz.Role{authz.Administrator}, func(ctx context.Context) error {
				_, err := h.ChangeRoles(ctx, "target@example.com", account.Access{}, "why")
				return err
			}},
			"list":  {[]authz.Role{authz.Lead, authz.Administrator}, func(ctx context.Context) error { _, err := h.List(ctx); return err }},
			"get":   {[]authz.Role{authz.Lead, authz.Administrator}, func(ctx context.Context) error { _, err := h.Get(ctx, "usr_none"); return err }},
			"email": {[]authz.Role{authz.Lead, authz.Administrator}, func(ctx context.Context) error { _, err := h.ByEmail(ctx, "target@example.com"); return err }},
			"names": {authz.Roles, func(ctx context.Context) error { _, err := h.Names(ctx); return err }},
		}
		before := h.count("SELECT count(*) FROM entry")
		for name, v := range verbs {
			if err := v.do(t.Context()); fault.KindOf(err) != fault.Unauthenticated {
				t.Errorf("%s by nobody: %v", name, err)
			}
			for _, r := range authz.Roles {
				p := authz.Principal{ID: "usr_" + string(r), Roles: []authz.Role{r}, Window: h.win}
				denied := fault.Is(v.do(authz.With(t.Context(), p)), "authz.denied")
				may := false
				for _, m := range v.may {
					may = may || m == r
				}
				if denied == may {
					t.Errorf("%s by %s: denied %t", name, r, denied)
				}
			}
		}
		if after := h.count("SELECT count(*) FROM entry"); after != before {
			t.Errorf("%d entries became %d", before, after)
		}
	})
}

func TestNamesForHistory(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a, b := h.add("a@example.com", authz.Administrator), h.add("b@example.com", authz.Owner)
		_, err := h.Disable(h.op, "b@example.com", "left")
		h.must(err)
		_, ctx := h.signIn("a@example.com")
		names, err := h.Names(ctx)
		if err != nil || len(names) != 2 || names[a.ID.String()] != "a" || names[b.ID.String()] != "b" {
			t.Errorf("%v, %v", names, err)
		}
	})
}

// What the ledger and the tables hold: no password, no token, and no personal
// data but addresses and names.
func TestNoSecretsAreKept(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		token, _ := h.signIn("anna@example.com")
		_, _, err := h.SignIn(t.Context(), "guess@example.com", "wrong password", "192.0.2.7:5000")
		h.want(err, "account.sign_in_failed")
		_, read := h.Store.DB()
		var all strings.Builder
		for _, q := range []string{
			"SELECT body FROM entry", "SELECT hash FROM credential", "SELECT account FROM session", "SELECT subject FROM attempt",
		} {
			rows, err := read.QueryContext(t.Context(), q)
			h.must(err)
			for rows.Next() {
				var s string
				h.must(rows.Scan(&s))
				all.WriteString(s + "\n")
			}
			h.must(rows.Err())
			h.must(rows.Close())
		}
		var stored []byte
		h.must(read.QueryRowContext(t.Context(), "SELECT token FROM session").Scan(&stored))
		all.Write(stored)
		for _, secret := range []string{good, "wrong password", token, "guess@", "192.0.2.7"} {
			if strings.Contains(all.String(), secret) {
				t.Errorf("the database holds %q", secret)
			}
		}
		if !strings.Contains(all.String(), "$argon2id$v=19$m=") || len(stored) != 32 {
			t.Errorf("unexpected hash or token: %s", all.String())
		}
		if strings.Contains(strings.Split(all.String(), "$argon2id")[0], "argon2id") {
			t.Error("a hash is in the ledger")
		}
		_, err = h.Store.Checkpoint(t.Context())
		h.must(err)
		r, err := h.Store.Verify(t.Context(), h.key, nil)
		h.must(err)
		if r.Verdict == ledger.Invalid {
			t.Errorf("verify: %+v", r)
		}
	})
}

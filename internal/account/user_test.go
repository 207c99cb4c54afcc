package account_test

import (
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
)

func TestUserRules(t *testing.T) {
	h := build(t, "")
	h.add("taken@example.com", authz.Owner)
	roles := func(r ...authz.Role) func(*account.User) {
		return func(u *account.User) { u.Roles = r }
	}
	email := func(s string) func(*account.User) { return func(u *account.User) { u.Email = s } }
	name := func(s string) func(*account.User) { return func(u *account.User) { u.Name = s } }
	for what, tc := range map[string]struct {
		edit func(*account.User)
		want string
	}{
		"good":               {func(*account.User) {}, ""},
		"no at":              {email("anna.example.com"), "account.email"},
		"empty address":      {email(""), "account.email"},
		"display name":       {email("Anna <anna@example.com>"), "account.email"},
		"blank inside":       {email("an na@example.com"), "account.email"},
		"two addresses":      {email("a@example.com, b@example.com"), "account.email"},
		"line break":         {email("a@example.com\nBcc: b@example.com"), "account.email"},
		"no text":            {email("an\xffna@example.com"), "account.email"},
		"zero byte":          {email("anna@example.com\x00"), "account.email"},
		"address too long":   {email(strings.Repeat("a", 250) + "@example.com"), "account.email"},
		"taken":              {email("taken@example.com"), "account.email_taken"},
		"taken, folded":      {email(" TAKEN@Example.com"), "account.email_taken"},
		"no name":            {name("  "), "account.name"},
		"name with control":  {name("Anna\x00"), "account.name"},
		"name turned round":  {name("Anna \u202egro"), "account.name"},
		"name too long":      {name(strings.Repeat("å", 201)), "account.name"},
		"name of 200":        {name(strings.Repeat("å", 200)), ""},
		"no role":            {roles(), "account.role_none"},
		"unknown role":       {roles(authz.Lead, "root"), "account.role_unknown"},
		"two company roles":  {roles(authz.Lead, authz.Manager), ""},
		"advisor, auditor":   {roles(authz.Advisor, authz.Auditor), "account.auditor_alone"},
		"auditor, employee":  {roles(authz.Auditor, authz.Employee), "account.auditor_alone"},
		"auditor, admin":     {roles(authz.Administrator, authz.Auditor), "account.auditor_alone"},
		"auditor, no window": {roles(authz.Auditor), ""},
		"auditor, no end":    {func(u *account.User) { u.Roles, u.Window = []authz.Role{authz.Auditor}, h.win }, "account.auditor_until"},
		"auditor, complete": {func(u *account.User) {
			u.Roles, u.Window, u.AccessUntil = []authz.Role{authz.Auditor}, h.win, "2026-09-30T00:00:00Z"
		}, ""},
		"unknown window": {func(u *account.User) {
			u.Roles, u.Window, u.AccessUntil = []authz.Role{authz.Auditor}, "win_none", "2026-09-30T00:00:00Z"
		}, "register.link_target"},
		"owner with window": {func(u *account.User) { u.Window, u.AccessUntil = h.win, "2026-09-30T00:00:00Z" }, "account.window_auditor_only"},
		"no time":           {func(u *account.User) { u.AccessUntil = "tomorrow" }, "account.time"},
		"ends first":        {func(u *account.User) { u.AccessFrom, u.AccessUntil = "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z" }, "account.period"},
		"empty period": {func(u *account.User) {
			u.AccessFrom, u.AccessUntil = "2026-03-02T01:00:00+01:00", "2026-03-02T00:00:00Z"
		}, "account.period"},
		"typed disabled at": {func(u *account.User) { u.DisabledAt = "2020-01-01T00:00:00Z" }, ""},
	} {
		t.Run(what, func(t *testing.T) {
			u := account.User{Email: "anna@example.com", Name: "Anna Ek", Roles: []authz.Role{authz.Owner}}
			tc.edit(&u)
			undo := fault.New(fault.Invalid, "test.undo")
			err := h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
				e, err := account.Users.Create(tx, u, "")
				if err != nil {
					return err
				}
				if e.Value.DisabledAt != "" {
					t.Errorf("disabled at %s", e.Value.DisabledAt)
				}
				return undo
			})
			want := tc.want
			if want == "" {
				want = "test.undo"
			}
			if !fault.Is(err, want) {
				t.Errorf("got %v, wanted %s", err, want)
			}
		})
	}
}

// An address is changed only to one that is free, also within one write.
func TestEmailStaysUnique(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		a := h.add("a@example.com", authz.Owner)
		h.add("b@example.com", authz.Owner)
		put := func(email string) error {
			return h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
				e, err := account.Users.Get(tx, a.ID)
				if err != nil {
					return err
				}
				e.Value.Email = email
				_, err = account.Users.Put(tx, e, "new name")
				return err
			})
		}
		h.want(put("B@example.com"), "account.email_taken")
		h.want(put("A@Example.com"), "")
		h.want(put("c@example.com"), "")
		if _, _, err := h.SignIn(t.Context(), "c@example.com", good, ""); err != nil {
			t.Errorf("new address: %v", err)
		}
		err := h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
			for range 2 {
				if _, err := account.Users.Create(tx, account.User{Email: "twin@example.com", Name: "Twin", Roles: []authz.Role{authz.Owner}}, ""); err != nil {
					return err
				}
			}
			return nil
		})
		h.want(err, "account.email_taken")
		_, err = h.ByEmail(h.op, "twin@example.com")
		h.want(err, "account.unknown")
	})
}

func TestLastAdministratorStays(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("first@example.com", authz.Administrator)
		h.add("lead@example.com", authz.Lead)
		admin := account.Access{Roles: []authz.Role{authz.Administrator}}
		owner := account.Access{Roles: []authz.Role{authz.Owner}}
		disable := func(email string) error { _, err := h.Disable(h.op, email, "left"); return err }
		change := func(email string, a account.Access) error {
			_, err := h.ChangeRoles(h.op, email, a, "moved")
			return err
		}
		h.want(disable("first@example.com"), "account.last_administrator")
		h.want(change("first@example.com", owner), "account.last_administrator")
		over := admin
		over.Until = h.now()
		h.want(change("first@example.com", over), "account.last_administrator")

		// Others count only while they can act.
		later := admin
		later.From = h.now().Add(time.Hour)
		h.want(change("lead@example.com", later), "")
		h.want(disable("first@example.com"), "account.last_administrator")
		h.pass(2 * time.Hour)
		h.want(disable("first@example.com"), "")
		h.want(disable("lead@example.com"), "account.last_administrator")

		// Two at once within one write: the second sees the first.
		_, err := h.Enable(h.op, "first@example.com", "back")
		h.must(err)
		err = h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
			for _, email := range []string{"first@example.com", "lead@example.com"} {
				e, err := account.Users.ByCode(tx, email)
				if err != nil {
					return err
				}
				e.Value.Disabled = true
				if _, err := account.Users.Put(tx, e, "both"); err != nil {
					return err
				}
			}
			return nil
		})
		h.want(err, "account.last_administrator")
	})
}

// T18: nobody gives themselves a role, a longer access or a password by reset.
func TestNobodyChangesTheirOwnAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("one@example.com", authz.Administrator)
		h.add("two@example.com", authz.Administrator)
		_, ctx := h.signIn("one@example.com")
		change := func(email string, a account.Access) error {
			_, err := h.ChangeRoles(ctx, email, a, "because")
			return err
		}
		both := account.Access{Roles: []authz.Role{authz.Lead, authz.Administrator}}
		h.want(change("one@example.com", both), "account.own_access")
		h.want(change("ONE@example.com", both), "account.own_access")
		h.want(change("one@example.com", account.Access{Roles: []authz.Role{authz.Administrator}, Until: h.now().Add(time.Hour)}), "account.own_access")
		_, err := h.Disable(ctx, "one@example.com", "me")
		h.want(err, "account.own_access")
		h.want(h.ResetPassword(ctx, "one@example.com", "another fine sentence"), "account.reset_own")
		h.want(change("two@example.com", both), "")

		// Past the verbs as well: the rule is the register's.
		p, _ := authz.Of(ctx)
		err = h.Store.Write(t.Context(), p.Actor(), func(tx *register.Tx) error {
			e, err := account.Users.ByCode(tx, "one@example.com")
			if err != nil {
				return err
			}
			e.Value.Email = "other@example.com" // not even under another address
			if e, err = account.Users.Put(tx, e, ""); err != nil {
				return err
			}
			e.Value.Roles = both.Roles
			_, err = account.Users.Put(tx, e, "")
			return err
		})
		h.want(err, "account.own_access")
	})
}

// Domain rule 11: advisors are never also auditors here, one after the other included.
func TestAdvisorAndAuditorStayApart(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("advisor@example.com", authz.Advisor)
		h.add("auditor@example.com", authz.Auditor)
		h.add("employee@example.com", authz.Employee)
		change := func(email string, roles ...authz.Role) error {
			_, err := h.ChangeRoles(h.op, email, account.Access{Roles: roles}, "moved")
			return err
		}
		h.want(change("advisor@example.com", authz.Advisor, authz.Auditor), "account.auditor_alone")
		h.want(change("advisor@example.com", authz.Auditor), "account.was_advisor")
		h.want(change("advisor@example.com", authz.Employee), "")
		h.want(change("advisor@example.com", authz.Auditor), "account.was_advisor")
		h.want(change("auditor@example.com", authz.Advisor), "account.was_auditor")
		h.want(change("employee@example.com", authz.Auditor), "")
		h.want(change("employee@example.com", authz.Employee), "")
		h.want(change("employee@example.com", authz.Advisor), "account.was_auditor")
	})
}

// An auditor's access is one engagement, and it ends.
func TestAuditorsAccess(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		e := h.add("auditor@example.com", authz.Auditor)
		_, ctx := h.signIn("auditor@example.com")
		_, err := h.Names(ctx)
		h.want(err, "authz.no_engagement")
		a := account.Access{Roles: []authz.Role{authz.Auditor}, Window: h.win, From: h.now().Add(time.Hour), Until: h.now().Add(48 * time.Hour)}
		_, err = h.ChangeRoles(h.op, "auditor@example.com", a, "engaged")
		h.must(err)
		out, err := register.Out(h.Store.Live(t.Context()), e.ID.String(), register.Grants)
		if err != nil || len(out) != 1 || out[0].ID != h.win {
			t.Errorf("grants: %+v, %v", out, err)
		}
		_, _, err = h.SignIn(t.Context(), "auditor@example.com", good, "")
		h.want(err, "authz.period")
		h.pass(time.Hour)
		_, ctx = h.signIn("auditor@example.com")
		if _, err := h.Names(ctx); err != nil {
			t.Errorf("inside the period: %v", err)
		}
		if p, _ := authz.Of(ctx); p.InWindow(h.win) != nil || p.InWindow("win_other") == nil {
			t.Errorf("windows of %+v", p)
		}
		h.pass(40 * time.Hour)
		token, _ := h.signIn("auditor@example.com")
		h.pass(7*time.Hour - time.Microsecond)
		if _, err := h.Session(t.Context(), token); err != nil {
			t.Errorf("to the last moment: %v", err)
		}
		h.pass(time.Microsecond)
		h.dead(token)
		_, err = h.Names(ctx) // a principal somebody kept
		h.want(err, "authz.period")
		_, _, err = h.SignIn(t.Context(), "auditor@example.com", good, "")
		h.want(err, "authz.period")
		_, err = h.Authenticate(t.Context(), "auditor@example.com", good)
		h.want(err, "authz.period")
	})
}

package accounts_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/web/accounts"
)

var everybody = []string{"lead", "owner", "employee", "auditor", "administrator"}

func open(t *testing.T, people ...string) *house {
	return build(t, false, func(h *house) {
		accounts.Pages{Shell: h.shell, Store: h.Store, Accounts: h.Accounts, Windows: h.Windows}.Routes()
	}, people...)
}

func (h *house) account(p string) string {
	h.t.Helper()
	e, err := h.Accounts.ByEmail(h.ctx, p+"@nordlys.example")
	h.must(err)
	return "/accounts/" + e.ID.String()
}

func TestReaders(t *testing.T) {
	h := open(t, everybody...)
	of := h.account("owner")
	const ok, no = http.StatusOK, http.StatusForbidden
	for path, want := range map[string][5]int{
		"/account": {ok, ok, ok, ok, ok}, "/accounts": {ok, no, no, no, ok}, of: {ok, no, no, no, ok},
		"/accounts/new": {no, no, no, no, ok}, of + "/access": {no, no, no, no, ok}, of + "/disable": {no, no, no, no, ok},
		of + "/enable": {no, no, no, no, ok}, of + "/reset-password": {no, no, no, no, ok},
		"/accounts/usr_00000000000000000000000000": {404, no, no, no, 404},
	} {
		for i, who := range everybody {
			a := h.page(who, path, want[i])
			if who != "owner" && want[i] != ok {
				a.lacks(t, "owner@nordlys.example")
			}
		}
		if a := h.ask("", path, nil); a.status != http.StatusSeeOther {
			t.Errorf("%s signed out: %d", path, a.status)
		}
	}
	h.page("lead", "/accounts", ok).lacks(t, "/accounts/new")
	h.page("administrator", "/accounts?q=OWNER", ok).has(t, "1 account", "Person owner")
	h.page("administrator", "/accounts?q=nobody", ok).has(t, "No accounts match")
}

func TestWriters(t *testing.T) {
	h := open(t, append(everybody, "manager")...)
	of := h.account("manager")
	form := url.Values{"reason": {"left"}, "password": {"tre små grisar gräver"}, "roles": {"employee"}, "name": {"New One"}, "email": {"new@nordlys.example"}}
	for _, path := range []string{"/accounts", of + "/access", of + "/disable", of + "/enable", of + "/reset-password"} {
		for i, want := range []int{403, 403, 403, 403, 303} {
			if a := h.ask(everybody[i], path, form); a.status != want {
				t.Errorf("POST %s as %s: %d, want %d", path, everybody[i], a.status, want)
			}
		}
		if a := h.ask("administrator", path, form, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, a.status)
		}
		if a := h.ask("", path, form); a.status != http.StatusUnauthorized {
			t.Errorf("POST %s signed out: %d", path, a.status)
		}
	}
}

// Both days of an access period are included.
func TestAuditorAccount(t *testing.T) {
	h := open(t, "administrator")
	a := h.ask("administrator", "/accounts", url.Values{
		"name": {`Ada <b>"`}, "email": {"Ada@Firm.example"}, "roles": {"auditor"}, "window": {h.window.ID.String()},
		"access_from": {"2026-02-01"}, "access_last": {"2026-02-28"}, "password": {"tre små grisar gräver"},
	})
	if a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	e, err := h.Accounts.ByEmail(h.ctx, "ada@firm.example")
	h.must(err)
	if e.Value.AccessFrom != "2026-01-31T23:00:00.000000Z" || e.Value.AccessUntil != "2026-02-28T23:00:00.000000Z" {
		t.Errorf("%s to %s", e.Value.AccessFrom, e.Value.AccessUntil)
	}
	p := h.page("administrator", a.header.Get("Location"), http.StatusOK)
	p.has(t, "2026-02-01 – 2026-02-28", "Not begun", h.window.Value.Code, "Ada &lt;b&gt;")
	p.lacks(t, "Ada <b>")
}

func TestRefusedForms(t *testing.T) {
	h := open(t, "administrator", "owner")
	good := url.Values{"name": {"New One"}, "email": {"new@nordlys.example"}, "roles": {"owner"}, "password": {"tre små grisar gräver"}}
	for name, tc := range map[string]struct {
		field, value, at string
	}{
		"no name": {"name", "", "name"}, "no address": {"email", "<script>", "email"}, "taken": {"email", "owner@nordlys.example", "email"},
		"no role": {"roles", "", "roles-0"}, "short": {"password", "short", "password"}, "window": {"window", h.window.ID.String(), "window"},
		"no such day": {"access_last", "2026-02-30", "access_last"},
	} {
		form := maps.Clone(good)
		form.Set(tc.field, tc.value)
		a := h.ask("administrator", "/accounts", form)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
		h.decent(name, a)
		a.has(t, `href="#`+tc.at+`"`)
		a.lacks(t, "<script>", "tre små grisar", `value="short"`)
	}
	all, err := h.Accounts.List(h.ctx)
	h.must(err)
	if len(all) != 2 {
		t.Errorf("%d accounts", len(all))
	}
}

func TestDisableEndsSessions(t *testing.T) {
	h := open(t, "administrator", "owner")
	of := h.account("owner")
	if a := h.ask("administrator", of+"/disable", url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.status)
	} else {
		a.has(t, "Say why", `href="#reason"`)
	}
	h.page("owner", "/account", http.StatusOK)
	if a := h.ask("administrator", of+"/disable", url.Values{"reason": {"left the company"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	if a := h.ask("owner", "/account", nil); a.status != http.StatusSeeOther {
		t.Errorf("a disabled person still reads: %d", a.status)
	}
	h.page("administrator", of, http.StatusOK).has(t, "Disabled", of+"/enable")
	own := "/accounts/"
	e, err := h.Accounts.ByEmail(h.ctx, "admin@nordlys.example")
	h.must(err)
	own += e.ID.String()
	h.page("administrator", own, http.StatusOK).lacks(t, own+"/disable")
	if a := h.ask("administrator", own+"/disable", url.Values{"reason": {"tired"}}); a.status != http.StatusForbidden {
		t.Errorf("disabling oneself: %d", a.status)
	}
}

func TestOwnPassword(t *testing.T) {
	h := open(t, "employee")
	const next = "tre små grisar gräver"
	for name, tc := range map[string][4]string{
		"wrong": {"not it at all", next, next, "present"}, "differ": {password, next, "another one here", "again"}, "short": {password, "x", "x", "password"},
	} {
		a := h.ask("employee", "/account", url.Values{"present": {tc[0]}, "password": {tc[1]}, "again": {tc[2]}})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
		h.decent(name, a)
		a.has(t, `href="#`+tc[3]+`"`)
		a.lacks(t, next)
	}
	a := h.ask("employee", "/account", url.Values{"present": {password}, "password": {next}, "again": {next}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("%d", a.status)
	}
	h.page("employee", a.header.Get("Location"), http.StatusOK).has(t, "Your password was changed")
	if _, _, err := h.Accounts.SignIn(context.Background(), "employee@nordlys.example", next, ""); err != nil {
		t.Error(err)
	}
}

func TestManyAccounts(t *testing.T) {
	h := open(t, "lead")
	admin := authz.With(context.Background(), authz.Operator("test"))
	for i := range 3 {
		h.must(add(admin, h, i))
	}
	h.page("lead", "/accounts", http.StatusOK).has(t, "5 accounts", "Employee")
	h.ask("lead", "/accounts?status=ended", nil, "Accept", "application/json").has(t, `"accounts": []`)
	for _, junk := range []string{"?page=-1", "?page=99999999999999999999", "?page=9223372036854775807"} {
		h.page("lead", "/accounts"+junk, http.StatusOK)
	}
	if strings.Contains(h.ask("lead", "/accounts", nil, "Accept", "application/json").body, "null") {
		t.Error("a list is null")
	}
}

func name(i int) string { return "someone" + strconv.Itoa(i) + "@nordlys.example" }

func add(ctx context.Context, h *house, i int) error {
	_, err := h.Accounts.Add(ctx, account.NewUser{Email: name(i), Name: "Someone", Roles: []authz.Role{authz.Employee}, Password: password})
	return err
}

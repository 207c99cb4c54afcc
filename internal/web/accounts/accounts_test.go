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
	"bevis/internal/web/webtest"
)

var everybody = []string{"lead", "owner", "employee", "auditor", "administrator"}

func pages(h *webtest.House) {
	accounts.Pages{Shell: h.Shell, Store: h.App.Store, Accounts: h.App.Accounts, Windows: h.App.Windows}.Routes()
}

func TestReaders(t *testing.T) {
	h := webtest.Quarters(t, pages)
	of := "/accounts/" + h.People["owner"]
	const ok, no = http.StatusOK, http.StatusForbidden
	for path, want := range map[string][5]int{
		"/account": {ok, ok, ok, ok, ok}, "/accounts": {ok, no, no, no, ok}, of: {ok, no, no, no, ok},
		"/accounts/new": {no, no, no, no, ok}, of + "/access": {no, no, no, no, ok}, of + "/disable": {no, no, no, no, ok},
		of + "/enable": {no, no, no, no, ok}, of + "/reset-password": {no, no, no, no, ok},
		"/accounts/usr_00000000000000000000000000": {404, no, no, no, 404},
	} {
		for i, who := range everybody {
			a := h.Page(who, path, want[i])
			if who != "owner" && want[i] != ok {
				a.Lacks(t, "owner@norrsken.example")
			}
		}
		if a := h.Ask("", path, nil); a.Status != http.StatusSeeOther {
			t.Errorf("%s signed out: %d", path, a.Status)
		}
	}
	h.Page("lead", "/accounts", ok).Lacks(t, "/accounts/new")
	h.Page("administrator", "/accounts?q=OWNER", ok).Has(t, "1 account", "Erik Holm")
	h.Page("administrator", "/accounts?q=nobody", ok).Has(t, "No accounts match")
}

func TestWriters(t *testing.T) {
	h := webtest.Quarters(t, pages)
	of := "/accounts/" + h.People["manager"]
	form := url.Values{"reason": {"left"}, "password": {"tre små grisar gräver"}, "roles": {"employee"}, "name": {"New One"}, "email": {"new@norrsken.example"}}
	for _, path := range []string{"/accounts", of + "/access", of + "/disable", of + "/enable", of + "/reset-password"} {
		for i, want := range []int{403, 403, 403, 403, 303} {
			if a := h.Ask(everybody[i], path, form); a.Status != want {
				t.Errorf("POST %s as %s: %d, want %d", path, everybody[i], a.Status, want)
			}
		}
		if a := h.Ask("administrator", path, form, "Sec-Fetch-Site", "cross-site"); a.Status != http.StatusForbidden {
			t.Errorf("POST %s from another site: %d", path, a.Status)
		}
		if a := h.Ask("", path, form); a.Status != http.StatusUnauthorized {
			t.Errorf("POST %s signed out: %d", path, a.Status)
		}
	}
}

// Both days of an access period are included.
func TestAuditorAccount(t *testing.T) {
	h := webtest.Quarters(t, pages)
	a := h.Ask("administrator", "/accounts", url.Values{
		"name": {`Ada <b>"`}, "email": {"Ada@Firm.example"}, "roles": {"auditor"}, "window": {h.Window.ID.String()},
		"access_from": {"2026-02-01"}, "access_last": {"2026-02-28"}, "password": {"tre små grisar gräver"},
	})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	e, err := h.App.Accounts.ByEmail(h.Operator, "ada@firm.example")
	h.Must(err)
	if e.Value.AccessFrom != "2026-01-31T23:00:00.000000Z" || e.Value.AccessUntil != "2026-02-28T23:00:00.000000Z" {
		t.Errorf("%s to %s", e.Value.AccessFrom, e.Value.AccessUntil)
	}
	p := h.Page("administrator", a.Header.Get("Location"), http.StatusOK)
	p.Has(t, "2026-02-01 – 2026-02-28", "Not begun", h.Window.Value.Code, "Ada &lt;b&gt;")
	p.Lacks(t, "Ada <b>")
}

func TestRefusedForms(t *testing.T) {
	h := webtest.Quarters(t, pages)
	good := url.Values{"name": {"New One"}, "email": {"new@norrsken.example"}, "roles": {"owner"}, "password": {"tre små grisar gräver"}}
	before, err := h.App.Accounts.List(h.Operator)
	h.Must(err)
	for name, tc := range map[string]struct {
		field, value, at string
	}{
		"no name": {"name", "", "name"}, "no address": {"email", "<script>", "email"}, "taken": {"email", "owner@norrsken.example", "email"},
		"no role": {"roles", "", "roles-0"}, "short": {"password", "short", "password"}, "window": {"window", h.Window.ID.String(), "window"},
		"no such day": {"access_last", "2026-02-30", "access_last"},
	} {
		form := maps.Clone(good)
		form.Set(tc.field, tc.value)
		a := h.Ask("administrator", "/accounts", form)
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Status)
		}
		h.Sound(name, a)
		a.Has(t, `href="#`+tc.at+`"`)
		a.Lacks(t, "<script>", "tre små grisar", `value="short"`)
	}
	after, err := h.App.Accounts.List(h.Operator)
	h.Must(err)
	if len(after) != len(before) {
		t.Errorf("%d accounts, %d before", len(after), len(before))
	}
}

func TestDisableEndsSessions(t *testing.T) {
	h := webtest.Quarters(t, pages)
	of := "/accounts/" + h.People["owner"]
	if a := h.Ask("administrator", of+"/disable", url.Values{}); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.Status)
	} else {
		a.Has(t, "Say why", `href="#reason"`)
	}
	h.Page("owner", "/account", http.StatusOK)
	if a := h.Ask("administrator", of+"/disable", url.Values{"reason": {"left the company"}}); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	if a := h.Ask("owner", "/account", nil); a.Status != http.StatusSeeOther {
		t.Errorf("a disabled person still reads: %d", a.Status)
	}
	h.Page("administrator", of, http.StatusOK).Has(t, "Disabled", of+"/enable")
	e, err := h.App.Accounts.ByEmail(h.Operator, "administrator@norrsken.example")
	h.Must(err)
	own := "/accounts/" + e.ID.String()
	h.Page("administrator", own, http.StatusOK).Lacks(t, own+"/disable")
	if a := h.Ask("administrator", own+"/disable", url.Values{"reason": {"tired"}}); a.Status != http.StatusForbidden {
		t.Errorf("disabling oneself: %d", a.Status)
	}
}

func TestOwnPassword(t *testing.T) {
	h := webtest.Quarters(t, pages)
	const next = "tre små grisar gräver"
	for name, tc := range map[string][4]string{
		"wrong": {"not it at all", next, next, "present"}, "differ": {webtest.Password, next, "another one here", "again"}, "short": {webtest.Password, "x", "x", "password"},
	} {
		a := h.Ask("employee", "/account", url.Values{"present": {tc[0]}, "password": {tc[1]}, "again": {tc[2]}})
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.Status)
		}
		h.Sound(name, a)
		a.Has(t, `href="#`+tc[3]+`"`)
		a.Lacks(t, next)
	}
	a := h.Ask("employee", "/account", url.Values{"present": {webtest.Password}, "password": {next}, "again": {next}})
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	h.Page("employee", a.Header.Get("Location"), http.StatusOK).Has(t, "Your password was changed")
	if _, _, err := h.App.Accounts.SignIn(context.Background(), "employee@norrsken.example", next, ""); err != nil {
		t.Error(err)
	}
}

func TestManyAccounts(t *testing.T) {
	h := webtest.Quarters(t, pages)
	admin := authz.With(context.Background(), authz.Operator("test"))
	for i := range 3 {
		h.Must(add(admin, h, i))
	}
	h.Page("lead", "/accounts", http.StatusOK).Has(t, "11 accounts", "Employee")
	h.Ask("lead", "/accounts?status=ended", nil, "Accept", "application/json").Has(t, `"accounts": []`)
	for _, junk := range []string{"?page=-1", "?page=99999999999999999999", "?page=9223372036854775807"} {
		h.Page("lead", "/accounts"+junk, http.StatusOK)
	}
	if strings.Contains(h.Ask("lead", "/accounts", nil, "Accept", "application/json").Body, "null") {
		t.Error("a list is null")
	}
}

func name(i int) string { return "someone" + strconv.Itoa(i) + "@norrsken.example" }

func add(ctx context.Context, h *webtest.House, i int) error {
	_, err := h.App.Accounts.Add(ctx, account.NewUser{Email: name(i), Name: "Someone", Roles: []authz.Role{authz.Employee}, Password: webtest.Password})
	return err
}

package account_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
)

func (h *house) guess(email, password, remote string) error {
	_, _, err := h.SignIn(h.t.Context(), email, password, remote)
	return err
}

// T16: guessing one account's password.
func TestGuessing(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		h.add("bo@example.com", authz.Owner)
		for i := range 5 { // from ever new addresses
			h.want(h.guess("anna@example.com", fmt.Sprintf("wrong guess %d", i), fmt.Sprintf("198.51.100.%d", i)), "account.sign_in_failed")
		}
		err := h.guess("ANNA@example.com", good, "203.0.113.9") // even the right one waits
		h.want(err, "account.too_many")
		if f, _ := fault.As(err); fault.KindOf(err) != fault.Busy || fmt.Sprint(f.Args) != "[Count 30]" {
			t.Errorf("%v", err)
		}
		_, err = h.Authenticate(t.Context(), "anna@example.com", good) // and at the other door
		h.want(err, "account.too_many")
		h.want(h.guess("bo@example.com", good, "203.0.113.9"), "") // others are not disturbed
		h.pass(29 * time.Second)
		h.want(h.guess("anna@example.com", good, ""), "account.too_many")
		h.pass(time.Second)
		for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
			h.want(h.guess("anna@example.com", "still wrong, sorry", ""), "account.sign_in_failed")
			h.pass(wait - time.Microsecond)
			h.want(h.guess("anna@example.com", good, ""), "account.too_many")
			h.pass(time.Microsecond)
		}
		h.want(h.guess("anna@example.com", good, ""), "")
		for range 5 { // success started the count anew
			h.want(h.guess("anna@example.com", "wrong once more", ""), "account.sign_in_failed")
		}
		h.want(h.guess("anna@example.com", good, ""), "account.too_many")
		// The administrator's way out.
		h.must(h.ResetPassword(h.op, "anna@example.com", "a new and better sentence"))
		h.want(h.guess("anna@example.com", "a new and better sentence", ""), "")
	})
}

// A thousand guesses at once are no more than five.
func TestGuessingInParallel(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[string]int{}
		for i := range 40 {
			wg.Go(func() {
				_, err := h.Authenticate(t.Context(), "anna@example.com", fmt.Sprintf("wrong guess %d", i))
				f, _ := fault.As(err)
				mu.Lock()
				defer mu.Unlock()
				if f == nil {
					t.Errorf("no fault: %v", err)
					return
				}
				got[f.Key]++
			})
		}
		wg.Wait()
		if got["account.sign_in_failed"] != 5 || got["account.too_many"] != 35 {
			t.Errorf("%v", got)
		}
	})
}

// T16: one common password against many accounts, from one address.
func TestSpraying(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		h.add("mallory@example.com", authz.Employee)
		for i := range 5 {
			remote := fmt.Sprintf("[2001:db8:0:7::%d]:4000", i+1) // a fresh address of the same network
			h.want(h.guess(fmt.Sprintf("p%d@example.com", i), "Summer-2026-x", remote), "account.sign_in_failed")
			h.want(h.guess("mallory@example.com", good, "2001:db8:0:7::aa"), map[bool]string{true: "", false: "account.too_many"}[i < 4])
		}
		h.want(h.guess("anna@example.com", good, "2001:db8:0:7::ff"), "account.too_many")
		h.want(h.guess("anna@example.com", good, "2001:db8:0:8::ff"), "")
		h.pass(30 * time.Second)
		h.want(h.guess("anna@example.com", good, "2001:db8:0:7::ff"), "")
		h.want(h.guess("anna@example.com", good, "2001:db8:0:7::ff"), "") // a success costs the network nothing
		h.want(h.guess("p9@example.com", "Summer-2026-x", "2001:db8:0:7::1"), "account.sign_in_failed")
		h.want(h.guess("anna@example.com", good, "2001:db8:0:7::ff"), "account.too_many")
	})
}

// Colleagues behind one address who sign in together do not make each other wait.
func TestMondayMorning(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		for i := range 12 {
			h.add(fmt.Sprintf("p%d@example.com", i), authz.Employee)
		}
		var wg sync.WaitGroup
		for i := range 12 {
			wg.Go(func() {
				if _, _, err := h.SignIn(t.Context(), fmt.Sprintf("p%d@example.com", i), good, "192.0.2.1"); err != nil {
					t.Errorf("p%d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := h.count("SELECT coalesce(sum(failures), 0) FROM attempt"); n != 0 {
			t.Errorf("%d failures are counted", n)
		}
	})
}

// T16: does an address have an account? The answer is the same for all.
func TestEnumeration(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		h.add("gone@example.com", authz.Owner)
		_, err := h.Disable(h.op, "gone@example.com", "left")
		h.must(err)
		h.must(h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
			_, err := account.Users.Create(tx, account.User{Email: "invited@example.com", Name: "No password yet", Roles: []authz.Role{authz.Owner}}, "")
			return err
		}))
		answers := map[string]bool{}
		for email, password := range map[string]string{
			"anna@example.com": "not her password", "gone@example.com": good, "nobody@example.com": good,
			"invited@example.com": "", "no address": good, "": "", "' OR 1=1 --": "x", "anna@example.com\x00": good, "anna\xff@example.com": good,
			"long@example.com": strings.Repeat("x", 10_000),
		} {
			for range 5 {
				err := h.guess(email, password, "")
				answers[fmt.Sprint(fault.KindOf(err), err, i18n.Fault(t.Context(), err, ""))] = true
			}
			err := h.guess(email, password, "")
			answers[fmt.Sprint(fault.KindOf(err), err, i18n.Fault(t.Context(), err, ""))] = true
		}
		if len(answers) != 2 { // failed, and too many
			t.Errorf("%d answers: %v", len(answers), answers)
		}
		for a := range answers {
			if strings.Contains(a, "‹") {
				t.Errorf("no message: %s", a)
			}
		}
	})
}

// T15: a stolen or forged token.
func TestTokens(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		h.add("bo@example.com", authz.Owner)
		for _, forged := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 44), "' OR ''='"} {
			h.dead(forged)
			h.want(h.SignOut(t.Context(), forged), "")
		}
		one, _ := h.signIn("bo@example.com")
		two, _ := h.signIn("bo@example.com")
		if one == two || len(one) != 43 {
			t.Errorf("tokens %s and %s", one, two)
		}
		h.dead(one + "A")
		h.dead(strings.ToLower(one))
		h.must(h.SignOut(t.Context(), one))
		h.dead(one)
		if p, err := h.Session(t.Context(), two); err != nil || p.Email != "bo@example.com" {
			t.Errorf("the other session: %+v, %v", p, err)
		}

		// Reset ends what is open, and the old password.
		h.must(h.ResetPassword(h.op, "bo@example.com", "a quite different thing"))
		h.dead(two)
		h.want(h.guess("bo@example.com", good, ""), "account.sign_in_failed")
		h.must(h.ResetPassword(h.op, "bo@example.com", good))

		// Disabling ends it at once, and enabling does not bring it back.
		three, ctx := h.signIn("bo@example.com")
		_, err := h.Disable(h.op, "bo@example.com", " ")
		h.want(err, "account.reason")
		e, err := h.Disable(h.op, "bo@example.com", "phone stolen")
		h.must(err)
		if e.Reason != "phone stolen" || e.Value.DisabledAt != e.At.Format("2006-01-02T15:04:05.000000Z") {
			t.Errorf("%+v", e)
		}
		h.dead(three)
		h.want(h.guess("bo@example.com", good, ""), "account.sign_in_failed")
		_, err = h.Authenticate(t.Context(), "bo@example.com", good)
		h.want(err, "account.sign_in_failed")
		h.want(h.ChangePassword(ctx, good, "something else again", ""), "account.password_wrong")
		_, err = h.Disable(h.op, "bo@example.com", "again")
		h.want(err, "account.is_disabled")
		_, err = h.Enable(h.op, "bo@example.com", "phone found")
		h.must(err)
		_, err = h.Enable(h.op, "bo@example.com", "again")
		h.want(err, "account.is_enabled")
		h.dead(three)
		h.signIn("bo@example.com")
	})
}

// A session that a crash left behind while its account was disabled does not come
// back to life.
func TestEnableEndsOldSessions(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		e := h.add("bo@example.com", authz.Owner)
		token, _ := h.signIn("bo@example.com")
		off := func(tx *register.Tx) error {
			u, err := account.Users.Get(tx, e.ID)
			if err != nil {
				return err
			}
			u.Value.Disabled = true
			_, err = account.Users.Put(tx, u, "")
			return err
		}
		h.must(h.Store.Write(t.Context(), register.Operator("root"), off)) // without the verb
		h.dead(token)
		_, err := h.Enable(h.op, "bo@example.com", "back")
		h.must(err)
		h.dead(token)
	})
}

func TestSessionTimes(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("bo@example.com", authz.Owner)
		seen := func() int { return h.count("SELECT seen_at FROM session") }
		live := func(token string) {
			t.Helper()
			if _, err := h.Session(t.Context(), token); err != nil {
				t.Errorf("at %s: %v", h.now(), err)
			}
		}
		token, _ := h.signIn("bo@example.com")
		first := seen()
		h.pass(time.Minute - time.Microsecond)
		live(token)
		if seen() != first {
			t.Error("written more than once a minute")
		}
		h.pass(time.Microsecond)
		live(token)
		if seen() == first {
			t.Error("not written after a minute")
		}
		h.pass(12*time.Hour - time.Microsecond)
		live(token)
		h.pass(12 * time.Hour)
		h.dead(token)

		busy, _ := h.signIn("bo@example.com")
		for range 7*24/6 - 1 {
			h.pass(6 * time.Hour)
			live(busy)
		}
		h.pass(6*time.Hour - time.Microsecond)
		live(busy)
		h.pass(time.Microsecond)
		h.dead(busy)
		h.signIn("bo@example.com")
		if n := h.count("SELECT count(*) FROM session"); n != 1 {
			t.Errorf("%d sessions are kept, one lives", n)
		}
	})
}

// T15: a role that was taken is gone with the next request.
func TestRoleChangeCountsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		e := h.add("bo@example.com", authz.Administrator)
		token, ctx := h.signIn("bo@example.com")
		if _, err := h.List(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := h.ChangeRoles(h.op, "bo@example.com", account.Access{Roles: []authz.Role{authz.Employee}}, "moved on")
		h.must(err)
		p, err := h.Session(t.Context(), token)
		h.must(err)
		_, err = h.List(authz.With(t.Context(), p))
		h.want(err, "authz.denied")

		// An erased account opens nothing.
		h.must(h.Store.Write(t.Context(), register.Operator("root"), func(tx *register.Tx) error {
			_, err := register.Erase(tx, e.ID.String(), nil, "GDPR article 17", "asked for it")
			return err
		}))
		h.dead(token)
		h.want(h.guess("bo@example.com", good, ""), "account.sign_in_failed")
		all, err := h.List(h.op)
		if err != nil || len(all) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
		names, err := h.Names(h.op)
		if err != nil || len(names) != 1 {
			t.Errorf("%v, %v", names, err)
		}
	})
}

// The operator's reset, and what history says of it.
func TestResetLeavesATrace(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		e := h.add("anna@example.com", authz.Administrator)
		h.pass(time.Hour)
		h.want(h.ResetPassword(h.op, "anna@example.com", "short"), "account.password_short")
		h.want(h.ResetPassword(h.op, "anna@example.com", "anna@example.com"), "account.password_own")
		h.want(h.ResetPassword(h.op, "nobody@example.com", good), "account.unknown")
		h.must(h.ResetPassword(h.op, "Anna@example.com", "what the operator chose"))
		past, err := account.Users.History(h.Store.Live(t.Context()), e.ID)
		h.must(err)
		if len(past) != 2 || past[1].Actor != "operator:root" || past[1].Value.PasswordSet == past[0].Value.PasswordSet {
			t.Errorf("%+v", past)
		}
		h.want(h.guess("anna@example.com", "what the operator chose", ""), "")
	})
}

func TestChangePassword(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("anna@example.com", authz.Administrator)
		here, ctx := h.signIn("anna@example.com")
		there, _ := h.signIn("anna@example.com")
		h.want(h.ChangePassword(ctx, "not the present one", "a fine new sentence", here), "account.password_wrong")
		h.want(h.ChangePassword(ctx, good, "password1234", here), "account.password_common")
		h.want(h.ChangePassword(ctx, good, "a fine new sentence", "no token"), "account.session_ended")
		h.want(h.ChangePassword(h.op, good, "a fine new sentence", ""), "authz.denied")
		h.must(h.ChangePassword(ctx, good, "a fine new sentence", here))
		h.dead(there)
		if _, err := h.Session(t.Context(), here); err != nil {
			t.Errorf("the own session: %v", err)
		}
		h.want(h.guess("anna@example.com", good, ""), "account.sign_in_failed")
		h.want(h.guess("anna@example.com", "a fine new sentence", ""), "")
		for range 5 { // a stolen session is no way to guess the password
			h.want(h.ChangePassword(ctx, "not the present one", "a finer sentence", here), "account.password_wrong")
		}
		h.want(h.ChangePassword(ctx, "a fine new sentence", "a finer sentence", here), "account.too_many")
	})
}

// Whoever signs in with the old password while it is being reset holds nothing
// afterwards.
func TestResetAgainstSignIn(t *testing.T) {
	onBoth(t, func(t *testing.T, h *house) {
		h.add("bo@example.com", authz.Owner)
		old := good
		for round := range 4 {
			next := fmt.Sprintf("password of round %d", round)
			tokens := make([]string, 4)
			var wg sync.WaitGroup
			for i := range tokens {
				wg.Go(func() {
					token, _, err := h.SignIn(t.Context(), "bo@example.com", old, "")
					if kind := fault.KindOf(err); err != nil && kind != fault.Unauthenticated && kind != fault.Busy {
						t.Errorf("round %d: %v", round, err)
					}
					tokens[i] = token
				})
			}
			h.must(h.ResetPassword(h.op, "bo@example.com", next))
			wg.Wait()
			for _, token := range tokens {
				h.dead(token)
			}
			h.pass(time.Hour)
			old = next
		}
	})
}

// Someone who goes away while waiting for a place to hash is let go.
func TestSignInHeedsCancellation(t *testing.T) {
	h := build(t, "")
	h.add("anna@example.com", authz.Administrator)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := h.SignIn(ctx, "anna@example.com", good, ""); err == nil {
		t.Error("signed in after cancellation")
	}
	h.signIn("anna@example.com")
}

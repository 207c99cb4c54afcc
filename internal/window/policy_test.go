package window_test

import (
	"testing"

	"bevis/internal/authz"
	"bevis/internal/policy"
)

// A policy belongs to a window from the day on which an edition binds in it, if it
// governs a control in scope; a draft does not.
func TestPoliciesInForceBelongToTheWindow(t *testing.T) {
	b := newBench(t, "Europe/Stockholm")
	b.to("2026-02-01")
	b.adopt("2026-02-01", "AC-01", "AC-02")
	w := b.open("2026-02-01", "2026-05-01")
	lead, _ := b.person("Maja Lind", authz.Lead)
	second, _ := b.person("Sara Holm", authz.Manager)
	for _, id := range []string{"access-control", "privacy"} {
		_, err := b.Policies.Adopt(lead, []string{id}, policy.Adoption{})
		b.must(err)
	}
	in := func() []string { return b.contents(b.Store.Live(b.ctx), w, policy.Policies.Name()) }
	if got := in(); len(got) != 0 {
		t.Errorf("drafts are in the window: %v", got)
	}
	const code = "POL-access-control"
	_, err := b.Policies.Send(lead, code, 0, "")
	b.must(err)
	_, err = b.Policies.Approve(second, code, 0, "")
	b.must(err)
	e, err := b.Policies.Publish(lead, code, 0, "2026-03-01", "")
	b.must(err)
	if got := in(); !same(got, []string{e.ID.String()}) {
		t.Errorf("the window has %v, want %s", got, e.ID)
	}
	later := b.open("2025-06-01", "2026-02-01")
	if got := b.contents(b.Store.Live(b.ctx), later, policy.Policies.Name()); len(got) != 0 {
		t.Errorf("a window that ended before has %v", got)
	}
}

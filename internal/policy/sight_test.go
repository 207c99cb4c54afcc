package policy_test

import (
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/policy"
)

// Employees read what is in force today, auditors what was in force in their window,
// and neither learns of drafts.
func TestWhoReads(t *testing.T) {
	b := newBench(t)
	b.auditor("auditor", "2026-04-01", "2026-07-01")
	b.auditor("later", "2026-07-01", "2026-10-01")
	b.auditor("earlier", "2026-01-01", "2026-04-01")
	count := func(who string) int {
		t.Helper()
		all, err := b.Policies.List(b.people[who])
		b.must(err)
		return len(all)
	}
	expect := func(when string, want map[string]int) {
		t.Helper()
		for who, n := range want {
			if got := count(who); got != n {
				t.Errorf("%s: %s sees %d", when, who, got)
			}
			_, err := b.Policies.ByCode(b.people[who], code)
			if (err == nil) != (n > 0) {
				t.Errorf("%s: %s opens it: %v", when, who, err)
			}
		}
	}
	expect("draft", map[string]int{"lead": 1, "owner": 1, "manager": 1, "advisor": 1, "employee": 0, "auditor": 0, "later": 0, "earlier": 0})
	b.force("2026-05-01")
	expect("published, not begun", map[string]int{"lead": 1, "employee": 0, "auditor": 0})
	b.on("2026-05-01")
	expect("in force", map[string]int{"employee": 1, "auditor": 1, "later": 0, "earlier": 0})
	b.must(b.say("lead", "Secret plan."))
	for _, who := range []string{"employee", "auditor"} {
		e, err := b.Policies.ByCode(b.people[who], code)
		if err != nil || strings.Contains(e.Value.Body.EN, "Secret plan.") || e.Value.Status != policy.InForce {
			t.Errorf("%s reads a draft: %v", who, err)
		}
	}
	h, err := b.Policies.History(b.people["auditor"], code)
	if err != nil || len(h) != 1 || h[0].Value.Edition != 1 || h[0].Value.Approvals[0].By != b.ids["manager"] {
		t.Errorf("the auditor's history: %d versions, %v", len(h), err)
	}
	if h, err = b.Policies.History(b.people["lead"], code); err != nil || len(h) != 5 {
		t.Errorf("the lead's history: %d versions, %v", len(h), err)
	}
	_, err = b.Policies.History(b.people["earlier"], code)
	b.refused("another window", err, fault.NotFound, "register.no_code")
	_, err = b.Policies.History(b.people["employee"], code)
	b.refused("an employee", err, fault.Denied, "authz.denied")
	_, err = b.Policies.InForce(b.people["employee"], code, "2026-05-02")
	b.refused("an employee looks ahead", err, fault.NotFound, "policy.none_on")
	// The second edition begins in the next window; the first one ends with it.
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.must(b.publish("lead", "2026-07-01"))
	b.on("2026-07-02")
	for who, edition := range map[string]int{"auditor": 1, "later": 2, "employee": 2} {
		e, err := b.Policies.ByCode(b.people[who], code)
		if err != nil || e.Value.Edition != edition {
			t.Errorf("%s reads edition %d: %v", who, e.Value.Edition, err)
		}
	}
	if got, err := b.Policies.Governing(b.people["employee"], b.head().Value.Controls[0].String()); err != nil || len(got) != 1 {
		t.Errorf("for its control: %d, %v", len(got), err)
	}
}

func TestWhoWrites(t *testing.T) {
	b := newBench(t)
	b.must(b.say("owner", "By the owner."))
	b.must(b.say("advisor", "By the advisor."))
	b.refused("another owner", b.say("other", "x"), fault.Denied, "policy.not_owner")
	b.refused("another owner sends", b.send("other"), fault.Denied, "policy.not_owner")
	for _, who := range []string{"manager", "employee"} {
		b.refused(who, b.say(who, "x"), fault.Denied, "authz.denied")
	}
	_, err := b.Policies.Adopt(b.people["owner"], []string{"privacy"}, policy.Adoption{})
	b.refused("an owner adopts", err, fault.Denied, "authz.denied")
	b.must(b.send("advisor"))
	_, err = b.Policies.Return(b.people["manager"], code, 0, "")
	b.refused("returned without a reason", err, fault.Invalid, "policy.return_reason")
	e, err := b.Policies.Return(b.people["manager"], code, 0, "rule 3 is unclear")
	if err != nil || e.Value.Status != policy.Draft || e.Reason != "rule 3 is unclear" {
		t.Errorf("%v %v", e.Value.Status, err)
	}
	b.must(b.send("owner"))
	b.must(b.approve("manager"))
	for _, who := range []string{"owner", "advisor", "employee"} {
		b.refused(who, b.publish(who, "2026-04-15"), fault.Denied, "authz.denied")
	}
}

func TestAdopt(t *testing.T) {
	b := newBench(t)
	all, err := policy.Templates()
	b.must(err)
	var ids []string
	for i := range all {
		ids = append(ids, all[i].ID)
	}
	made, err := b.Policies.Adopt(b.people["lead"], ids, policy.Adoption{Values: map[string]framework.Text{"record_years": {EN: "7", SV: "7"}}})
	if err != nil || len(made) != len(all)-1 {
		t.Fatalf("%d of %d, %v", len(made), len(all), err)
	}
	for i := range made {
		p := &made[i].Value
		if u := p.Unfilled(); len(u) > 0 {
			t.Errorf("%s: %v", p.Code, u)
		}
		if s := p.Text(i18n.Swedish); !strings.Contains(s, "den dag då den publiceras") || !strings.Contains(s, "policyägaren") {
			t.Errorf("%s says nothing of its day or owner", p.Code)
		}
	}
	_, err = b.Policies.Adopt(b.people["lead"], []string{"no-such"}, policy.Adoption{})
	b.refused("no such template", err, fault.NotFound, "policy.no_template")
	_, err = b.Policies.Adopt(b.people["lead"], nil, policy.Adoption{})
	b.refused("none chosen", err, fault.Invalid, "policy.choose")
	for _, name := range []string{"no_such", policy.ParamEffective} {
		_, err = b.Policies.Adopt(b.people["lead"], []string{"privacy"}, policy.Adoption{Values: map[string]framework.Text{name: {EN: "1", SV: "1"}}})
		b.refused(name, err, fault.Invalid, "policy.no_param")
	}
}

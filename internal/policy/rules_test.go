package policy_test

import (
	"slices"
	"strings"
	"testing"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/policy"
	"bevis/internal/register"
	"bevis/internal/scope"
)

func TestLife(t *testing.T) {
	b := newBench(t)
	e := b.head()
	if v := e.Value; v.Status != policy.Draft || v.Edition != 1 || len(v.Controls) != 2 || len(v.Criteria) != 5 || v.Owner != b.ids["owner"] {
		t.Fatalf("adopted as %+v", v)
	}
	for _, lang := range i18n.Languages {
		s := e.Value.Text(lang)
		if strings.Contains(s, "{{") || !strings.Contains(s, "Granskog Exempel AB") || !strings.Contains(s, "**Owner Exempel**") {
			t.Errorf("%s: not filled in", lang)
		}
	}
	b.must(b.send("owner"))
	b.must(b.approve("manager"))
	b.must(b.publish("lead", "2026-05-01"))
	e = b.head()
	if v := e.Value; v.Status != policy.InForce || v.EffectiveFrom != "2026-05-01" || v.NextReview != "2027-04-15" || v.Approvals[0].By != b.ids["manager"] || v.Approvals[0].Version != 2 {
		t.Errorf("published as %+v", v)
	}
	if s := e.Value.Text(i18n.English); !strings.Contains(s, "It applies from 2026-05-01") {
		t.Error("the text does not say from when")
	}
	if _, err := b.Policies.InForce(b.people["lead"], code, "2026-04-30"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it bound before its day: %v", err)
	}
	linked, err := register.In(b.Store.Live(b.operator), e.Value.Controls[0].String(), register.Governs)
	if err != nil || len(linked) != 1 || linked[0].Code != code {
		t.Errorf("from the control: %+v %v", linked, err)
	}
	out, err := register.Out(b.Store.Live(b.operator), e.ID.String(), register.Governs)
	if err != nil || len(out) != 7 {
		t.Errorf("from the policy: %d links %v", len(out), err)
	}
	// Another owner needs no new approval; other words do.
	e.Value.Owner = b.ids["other"]
	e, err = b.Policies.Change(b.people["lead"], e, "moved to another team")
	if err != nil || e.Value.Status != policy.InForce {
		t.Fatalf("%v %v", e.Value.Status, err)
	}
	_, err = b.Policies.Change(b.people["lead"], e, "nothing")
	b.refused("nothing changed", err, fault.Invalid, "policy.nothing_changed")
	_, err = b.Policies.Retire(b.people["lead"], code, 0, "2026-06-30", "replaced")
	b.must(err)
	if _, err := b.Policies.InForce(b.people["lead"], code, "2026-06-30"); err != nil {
		t.Errorf("not in force on its last day: %v", err)
	}
	_, err = b.Policies.InForce(b.people["lead"], code, "2026-07-01")
	b.refused("after its last day", err, fault.NotFound, "policy.none_on")
	b.refused("a retired one is changed", b.say("lead", "More."), fault.Invalid, "policy.transition")
}

// A changed text is a draft of the next edition; what is in force stays so until
// the day the change comes into force, and which words bound on a day can be read.
func TestEditions(t *testing.T) {
	b := newBench(t)
	b.force("2026-04-15")
	b.on("2026-06-01")
	b.must(b.say("owner", "Second edition."))
	h := b.head()
	if h.Value.Status != policy.Draft || h.Value.Edition != 2 || len(h.Value.Approvals) != 0 || len(h.Value.Published) != 1 {
		t.Fatalf("%+v", h.Value)
	}
	reads := func(who, day, want string) {
		t.Helper()
		e, err := b.Policies.InForce(b.people[who], code, scope.Day(day))
		b.must(err)
		has := "first"
		if strings.Contains(e.Value.Body.EN, "Second edition.") {
			has = "second"
		}
		if has != want {
			t.Errorf("%s reads the %s edition for %s", who, has, day)
		}
	}
	reads("employee", "", "first")
	b.must(b.send("owner"))
	b.must(b.approve("manager"))
	b.must(b.publish("lead", "2026-07-01"))
	reads("employee", "", "first")
	reads("lead", "2026-06-30", "first")
	reads("lead", "2026-07-01", "second")
	b.on("2026-07-01")
	reads("employee", "", "second")
	reads("lead", "2026-06-30", "first") // also afterwards
	// Before 1 July nobody could have read the second one, whatever came later.
	b.must(b.say("lead", "Third."))
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.refused("before the edition it replaces", b.publish("lead", "2026-06-30"), fault.Invalid, "policy.backdated")
	b.must(b.publish("lead", "2026-08-01"))
	b.must(b.say("lead", "Fourth."))
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.refused("before the day of another", b.publish("lead", "2026-07-20"), fault.Invalid, "policy.order")
	reads("lead", "2026-07-31", "second")
	// The yearly look that finds nothing: same words, next edition, new review day.
	b.must(b.publish("lead", "2026-08-01"))
	b.on("2027-06-30")
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.must(b.publish("lead", "2027-06-30"))
	if v := b.head().Value; v.Edition != 5 || v.NextReview != "2028-06-30" {
		t.Errorf("edition %d, next review %s", v.Edition, v.NextReview)
	}
}

// Everybody who wrote a word of an edition is kept from approving it.
func TestAuthorApprovesOwnChange(t *testing.T) {
	b := newBench(t)
	b.must(b.send("lead"))
	b.refused("who adopted it", b.approve("lead"), fault.Denied, "policy.self_approval")
	b.must(b.approve("lead2"))
	b.must(b.publish("lead", "2026-04-15"))

	// The change of an author is undone by a second one, and both have written.
	e := b.head()
	before := e.Value.Body
	b.must(b.say("lead2", "Slipped in."))
	e = b.head()
	e.Value.Body = before
	_, err := b.Policies.Change(b.people["owner"], e, "taken out again")
	b.must(err)
	b.must(b.send("lead"))
	b.refused("who wrote what was undone", b.approve("lead2"), fault.Denied, "policy.self_approval")
	b.must(b.approve("lead")) // wrote the edition before, nothing of this one

	// Only naming another owner is writing too.
	b.must(b.publish("lead", "2026-04-15"))
	b.must(b.say("owner", "Third edition."))
	e = b.head()
	e.Value.Owner = b.ids["other"]
	_, err = b.Policies.Change(b.people["lead2"], e, "another owner")
	b.must(err)
	b.must(b.send("lead"))
	b.refused("who named the owner", b.approve("lead2"), fault.Denied, "policy.self_approval")

	// Access to the machine, a service and a role without the right are no second person.
	_, err = b.Policies.Approve(b.operator, code, 0, "")
	b.refused("the local operator", err, fault.Denied, "policy.approve_person")
	_, err = b.Policies.Approve(authz.With(b.operator, authz.Service("jobs")), code, 0, "")
	b.refused("a service", err, fault.Denied, "policy.approve_person")
	for _, who := range []string{"advisor", "other", "employee"} {
		b.refused(who, b.approve(who), fault.Denied, "authz.denied")
	}
}

// Past the service, in the register itself, the same holds.
func TestForgedApproval(t *testing.T) {
	b := newBench(t)
	approval := func(tx *register.Tx, p *policy.Policy, by string, version int64) policy.Approval {
		d, err := p.Digest()
		b.must(err)
		return policy.Approval{By: by, At: tx.Now().Format(ledger.TimeFormat), Version: version, SHA256: d}
	}
	b.refused("draft straight to approved", b.put("manager", func(tx *register.Tx, p *policy.Policy) {
		p.Status, p.Approvals = policy.Approved, []policy.Approval{approval(tx, p, b.ids["manager"], 1)}
	}), fault.Invalid, "policy.transition")
	b.must(b.send("lead"))
	for what, tc := range map[string]struct {
		who    string
		change func(tx *register.Tx, p *policy.Policy)
		kind   fault.Kind
		key    string
	}{
		"in another's name": {"lead", func(tx *register.Tx, p *policy.Policy) {
			p.Status, p.Approvals = policy.Approved, []policy.Approval{approval(tx, p, b.ids["manager"], 2)}
		}, fault.Denied, "policy.approve_self_now"},
		"no approval at all": {"manager", func(_ *register.Tx, p *policy.Policy) { p.Status = policy.Approved }, fault.Denied, "policy.approve_first"},
		"an older version": {"manager", func(tx *register.Tx, p *policy.Policy) {
			p.Status, p.Approvals = policy.Approved, []policy.Approval{approval(tx, p, b.ids["manager"], 1)}
		}, fault.Conflict, "policy.approve_older"},
		"other words": {"manager", func(tx *register.Tx, p *policy.Policy) {
			a := approval(tx, p, b.ids["manager"], 2)
			a.SHA256 = strings.Repeat("0", 64)
			p.Status, p.Approvals = policy.Approved, []policy.Approval{a}
		}, fault.Conflict, "policy.approve_older"},
		"back-dated": {"manager", func(tx *register.Tx, p *policy.Policy) {
			a := approval(tx, p, b.ids["manager"], 2)
			a.At = "2026-01-01T00:00:00.000000Z"
			p.Status, p.Approvals = policy.Approved, []policy.Approval{a}
		}, fault.Denied, "policy.approve_self_now"},
		"words and approval at once": {"manager", func(tx *register.Tx, p *policy.Policy) {
			p.Body.EN += " Also this."
			p.Status, p.Approvals = policy.Approved, []policy.Approval{approval(tx, p, b.ids["manager"], 2)}
		}, fault.Locked, "policy.words_fixed"},
		"words while it waits":   {"lead", func(_ *register.Tx, p *policy.Policy) { p.Body.EN += " Also this." }, fault.Locked, "policy.words_fixed"},
		"mapping while it waits": {"lead", func(_ *register.Tx, p *policy.Policy) { p.Criteria = []string{"CC1.1"} }, fault.Locked, "policy.words_fixed"},
		"an edition skipped":     {"lead", func(_ *register.Tx, p *policy.Policy) { p.Status, p.Edition = policy.Draft, 2 }, fault.Invalid, "policy.edition"},
		"approval on a draft": {"manager", func(tx *register.Tx, p *policy.Policy) {
			p.Status, p.Approvals = policy.Draft, []policy.Approval{approval(tx, p, b.ids["manager"], 2)}
		}, fault.Denied, "policy.approve_first"},
		"another code": {"lead", func(_ *register.Tx, p *policy.Policy) { p.Code = "P-01" }, fault.Locked, "policy.code_fixed"},
	} {
		b.refused(what, b.put(tc.who, tc.change), tc.kind, tc.key)
	}
	b.must(b.approve("manager"))
	b.refused("approved twice", b.approve("manager"), fault.Conflict, "policy.approved_before")
	b.must(b.approve("lead2"))
	b.refused("approvals taken away", b.put("lead", func(_ *register.Tx, p *policy.Policy) { p.Approvals = p.Approvals[:1] }), fault.Locked, "policy.approvals_fixed")
	b.refused("approval exchanged", b.put("lead", func(_ *register.Tx, p *policy.Policy) {
		p.Approvals = slices.Clone(p.Approvals)
		p.Approvals[0].By = b.ids["other"]
	}), fault.Locked, "policy.approvals_fixed")
}

// Whoever edits after an approval starts again: the approval counts for nothing.
func TestEditAfterApproval(t *testing.T) {
	b := newBench(t)
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.must(b.say("lead", "Slipped in after the approval."))
	if v := b.head().Value; v.Status != policy.Draft || len(v.Approvals) != 0 || v.Edition != 1 {
		t.Errorf("%+v", v)
	}
	b.refused("published without approval", b.publish("lead", "2026-04-15"), fault.Denied, "policy.approve_first")
	b.refused("words with the publication", func() error {
		b.must(b.send("lead"))
		b.must(b.approve("manager"))
		return b.put("lead", func(_ *register.Tx, p *policy.Policy) { p.Status, p.Body.EN = policy.InForce, p.Body.EN+" More." })
	}(), fault.Locked, "policy.words_fixed")
	// What an approver read is named: when the author was faster, it is a conflict.
	read := b.head().Version
	b.must(b.say("lead", "And again."))
	b.must(b.send("lead"))
	_, err := b.Policies.Approve(b.people["manager"], code, read, "")
	b.refused("approving an older version", err, fault.Conflict, "policy.moved_on")
	e := b.head()
	b.must(b.say("lead", "One."))
	e.Value.Body.EN += "\n\nTwo."
	_, err = b.Policies.Change(b.people["owner"], e, "lost update")
	b.refused("a lost update", err, fault.Conflict, "register.conflict")
}

func TestDaysAreHonest(t *testing.T) {
	b := newBench(t)
	b.must(b.send("lead"))
	b.on("2026-04-20")
	b.must(b.approve("manager"))
	b.refused("before the approval", b.publish("lead", "2026-04-16"), fault.Invalid, "policy.backdated")
	b.on("2026-04-22")
	b.refused("yesterday", b.publish("lead", "2026-04-21"), fault.Invalid, "policy.backdated")
	b.refused("no day", b.publish("lead", "2026-4-22"), fault.Invalid, "scope.day")
	now := func(tx *register.Tx) string { return tx.Now().Format(ledger.TimeFormat) }
	publication := func(tx *register.Tx, p *policy.Policy) policy.Publication {
		d, err := p.Digest()
		b.must(err)
		p.Status, p.EffectiveFrom, p.NextReview = policy.InForce, "2026-04-22", "2027-04-20"
		return policy.Publication{Edition: 1, From: "2026-04-22", By: b.ids["lead"], At: now(tx), SHA256: d}
	}
	for what, tc := range map[string]struct {
		change func(tx *register.Tx, p *policy.Policy, x *policy.Publication)
		key    string
	}{
		"recorded earlier":  {func(_ *register.Tx, _ *policy.Policy, x *policy.Publication) { x.At = "2026-04-20T00:00:00.000000Z" }, "policy.publish_now"},
		"in another's name": {func(_ *register.Tx, _ *policy.Policy, x *policy.Publication) { x.By = b.ids["manager"] }, "policy.publish_now"},
		"another edition":   {func(_ *register.Tx, _ *policy.Policy, x *policy.Publication) { x.Edition = 2 }, "policy.publish_now"},
		"another text":      {func(_ *register.Tx, _ *policy.Policy, x *policy.Publication) { x.SHA256 = "" }, "policy.publish_now"},
		"two days":          {func(_ *register.Tx, p *policy.Policy, _ *policy.Publication) { p.EffectiveFrom = "2026-05-01" }, "policy.publish_now"},
		"review far away":   {func(_ *register.Tx, p *policy.Policy, _ *policy.Publication) { p.NextReview = "2036-04-20" }, "policy.next_review"},
		"before the recording": {func(_ *register.Tx, p *policy.Policy, x *policy.Publication) {
			x.From, p.EffectiveFrom = "2026-04-01", "2026-04-01"
		}, "policy.backdated"},
	} {
		err := b.put("lead", func(tx *register.Tx, p *policy.Policy) {
			x := publication(tx, p)
			tc.change(tx, p, &x)
			p.Published = []policy.Publication{x}
		})
		if !fault.Is(err, tc.key) {
			t.Errorf("%s: %v, want %s", what, err, tc.key)
		}
	}
	b.must(b.publish("lead", "2026-04-22"))
	b.on("2026-05-10")
	for what, change := range map[string]func(p *policy.Policy){
		"the day moved":              func(p *policy.Policy) { p.Published[0].From = "2026-01-01" },
		"the day shown moved":        func(p *policy.Policy) { p.EffectiveFrom = "2026-01-01" },
		"the review put off":         func(p *policy.Policy) { p.NextReview = "2030-01-01" },
		"the publication taken away": func(p *policy.Policy) { p.Published = []policy.Publication{} },
	} {
		b.refused(what, b.put("lead", func(_ *register.Tx, p *policy.Policy) {
			p.Published = slices.Clone(p.Published)
			change(p)
		}), fault.Locked, "policy.published_fixed")
	}
	_, err := b.Policies.Retire(b.people["lead"], code, 0, "2026-05-09", "old")
	b.refused("retired from yesterday", err, fault.Invalid, "policy.retire_day")
	_, err = b.Policies.Retire(b.people["lead"], code, 0, "2026-05-10", " ")
	b.refused("retired without a reason", err, fault.Invalid, "policy.reason")
}

// The organisation's day counts, not the server's.
func TestDayOfTheOrganisation(t *testing.T) {
	b := newBench(t)
	b.must(b.send("lead"))
	b.must(b.approve("manager"))
	b.clock = b.clock.Add(10*60*60*1e9 + 30*60*1e9) // 22:30 UTC: 16 April in Stockholm
	b.refused("a day that is over there", b.publish("lead", "2026-04-15"), fault.Invalid, "policy.backdated")
	b.must(b.publish("lead", "2026-04-16"))
}

func TestShape(t *testing.T) {
	b := newBench(t)
	good := policy.Policy{
		Code: "P-01", Title: framework.Text{SV: "Vår policy"}, Body: framework.Text{SV: "Vi {{verb}}."}, Params: []policy.Param{}, Audience: policy.Everyone,
		ReviewMonths: 12, Controls: []control.ID{}, Framework: "tsc-2017", Criteria: []string{"CC5.3"}, Edition: 1, Status: policy.Draft,
		Approvals: []policy.Approval{}, Published: []policy.Publication{},
	}
	for what, tc := range map[string]struct {
		change func(p *policy.Policy)
		key    string
	}{
		"good":               {func(*policy.Policy) {}, ""},
		"code":               {func(p *policy.Policy) { p.Code = "../x" }, "policy.code"},
		"taken":              {func(p *policy.Policy) { p.Code = code }, "policy.code_taken"},
		"no text":            {func(p *policy.Policy) { p.Body.SV = " \n" }, "policy.words"},
		"text without title": {func(p *policy.Policy) { p.Body.EN = "We do." }, "policy.words"},
		"too long":           {func(p *policy.Policy) { p.Body.SV = strings.Repeat("a", 200_001) }, "policy.too_long"},
		"audience":           {func(p *policy.Policy) { p.Audience = "cats" }, "policy.audience"},
		"never reviewed":     {func(p *policy.Policy) { p.ReviewMonths = 0 }, "policy.months"},
		"unknown criterion":  {func(p *policy.Policy) { p.Criteria = []string{"CC99.1"} }, "framework.criterion_unknown"},
		"unknown control":    {func(p *policy.Policy) { p.Controls = []control.ID{"ctl_nowhere"} }, "register.not_found"},
		"unknown owner":      {func(p *policy.Policy) { p.Owner = "usr_nobody" }, "register.not_found"},
		"own effective date": {func(p *policy.Policy) { p.Params = []policy.Param{{Name: "effective_date"}} }, "policy.param"},
		"approved at birth":  {func(p *policy.Policy) { p.Approvals = []policy.Approval{{By: b.ids["manager"]}} }, "policy.first_draft"},
		"born in force":      {func(p *policy.Policy) { p.Status = policy.InForce }, "policy.transition"},
	} {
		p := good
		tc.change(&p)
		_, err := b.Policies.Create(b.people["lead"], p, "")
		if tc.key == "" && err != nil || tc.key != "" && !fault.Is(err, tc.key) {
			t.Errorf("%s: %v, want %q", what, err, tc.key)
		}
	}
	_, err := b.Policies.Send(b.people["lead"], "P-01", 0, "")
	b.refused("a place that is not filled in", err, fault.Invalid, "policy.unfilled")
}

package evidence_test

import (
	"strings"
	"testing"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

func TestAddRules(t *testing.T) {
	b := newBench(t)
	occurred := func(from, to string) func(*evidence.Upload) {
		return func(u *evidence.Upload) { u.OccurredFrom, u.OccurredTo = from, to }
	}
	captured := func(at string) func(*evidence.Upload) { return func(u *evidence.Upload) { u.CapturedAt = at } }
	for name, tc := range map[string]struct {
		change func(*evidence.Upload)
		key    string // "" is accepted
	}{
		"a good one":                  {func(*evidence.Upload) {}, ""},
		"today":                       {occurred("2026-04-15", ""), ""},
		"tomorrow":                    {occurred("2026-04-16", ""), "evidence.future"},
		"until tomorrow":              {occurred("2026-04-01", "2026-04-16"), "evidence.future"},
		"next year":                   {occurred("2027-04-01", ""), "evidence.future"},
		"a clock four minutes ahead":  {occurred("2026-04-15T12:04:00Z", ""), ""},
		"a clock six minutes ahead":   {occurred("2026-04-15T12:06:00Z", ""), "evidence.future"},
		"no time":                     {occurred("", ""), "evidence.occurred"},
		"blank time":                  {occurred("  ", ""), "evidence.occurred"},
		"ends before":                 {occurred("2026-04-02", "2026-04-01"), "scope.order"},
		"no such day":                 {occurred("2026-02-29", ""), "scope.instant"},
		"without a zone":              {occurred("2026-04-01T10:00:00", ""), "scope.instant"},
		"captured as it began":        {captured("2026-04-01"), ""},
		"captured before":             {captured("2026-03-31"), "evidence.captured_before"},
		"captured a moment before":    {captured("2026-03-31T21:59:59Z"), "evidence.captured_before"},
		"captured tomorrow":           {captured("2026-04-16"), "evidence.captured_future"},
		"captured no time":            {captured("soon"), "scope.instant"},
		"no control":                  {func(u *evidence.Upload) { u.Controls = nil }, "evidence.unlinked"},
		"an unknown control":          {func(u *evidence.Upload) { u.Controls = []string{"AC-04", "XX-99"} }, "control.unknown"},
		"a control twice":             {func(u *evidence.Upload) { u.Controls = []string{"AC-04", "AC-04"} }, ""},
		"no file":                     {func(u *evidence.Upload) { u.Files = nil }, "evidence.empty"},
		"bytes nobody stored":         {func(u *evidence.Upload) { u.Files[0].SHA256 = strings.Repeat("0", 64) }, "blob.missing"},
		"an unknown type":             {func(u *evidence.Upload) { u.Type = "hearsay" }, "evidence.type"},
		"no type":                     {func(u *evidence.Upload) { u.Type = "" }, "evidence.type"},
		"an unknown method":           {func(u *evidence.Upload) { u.Source.Method = "telepathy" }, "evidence.method"},
		"no method is an upload":      {func(u *evidence.Upload) { u.Source.Method = "" }, ""},
		"a title of blanks":           {func(u *evidence.Upload) { u.Title = " \t" }, ""}, // the file's name
		"due on a due day":            {func(u *evidence.Upload) { u.Slot = "2026-03-31" }, ""},
		"due on another day":          {func(u *evidence.Upload) { u.Slot = "2026-04-01" }, "evidence.slot"},
		"due on no day":               {func(u *evidence.Upload) { u.Slot = "Q1" }, "scope.day"},
		"valid from no day":           {func(u *evidence.Upload) { u.ValidFrom = "2026-13-01" }, "scope.day"},
		"stands for what is not here": {func(u *evidence.Upload) { u.Supersedes = "E-999999" }, "register.no_code"},
	} {
		size, _, err := b.Store.Head(b.ctx)
		b.must(err)
		e, err := b.Evidence.Add(b.ctx, b.upload(tc.change))
		if tc.key == "" {
			if err != nil || e.Value.Status != evidence.Collected || e.Value.Code != evidence.CodeOf(e.Seq) || len(e.Value.Controls) != 1 || e.Value.Title == "" {
				t.Errorf("%s: %+v, %v", name, e.Value, err)
			}
			continue
		}
		if !fault.Is(err, tc.key) {
			t.Errorf("%s: %v, want %s", name, err, tc.key)
		}
		if now, _, err := b.Store.Head(b.ctx); err != nil || now != size {
			t.Errorf("%s: refused and yet stored", name)
		}
	}
	if _, err := b.Evidence.Keep(b.ctx, "empty.txt", strings.NewReader("")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file of no bytes: %v", err)
	}
	small := *b.Evidence
	small.MaxSize = 4
	if _, err := small.Keep(b.ctx, "large.txt", strings.NewReader("12345")); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too large: %v", err)
	}
	if _, err := small.Keep(b.ctx, "fits.txt", strings.NewReader("1234")); err != nil {
		t.Errorf("just fits: %v", err)
	}
}

func TestFileNames(t *testing.T) {
	b := newBench(t)
	for given, want := range map[string]string{
		"plain.txt": "plain.txt", "../../etc/passwd": "passwd", `C:\Users\bo\q1.xlsx`: "q1.xlsx", "a\x00b\nc.txt": "abc.txt",
		"\xff\xfe": "file", "": "file", "/": "file", ".": "file", "..": "file", "år.txt": "år.txt", "bad\xffname.txt": "badname.txt",
	} {
		f, err := b.Evidence.Keep(b.ctx, given, strings.NewReader("x"))
		if err != nil || f.Name != want {
			t.Errorf("%q: %q, %v", given, f.Name, err)
		}
	}
}

// The company's own review: a second person, never who performed or brought it.
func TestReviewRules(t *testing.T) {
	b := newBench(t)
	maja, _ := b.person("Maja Lind", authz.Lead)
	erik, performer := b.person("Erik Strand", authz.Owner)
	advisor, _ := b.person("Olle Råd", authz.Advisor)
	auditor := authz.With(b.ctx, authz.Principal{ID: "usr_auditor", Roles: []authz.Role{authz.Auditor}, Window: "win_1"})
	service := authz.With(b.ctx, authz.Service("jobs"))
	item := func(performedBy string) string {
		t.Helper()
		e, err := b.Evidence.Add(erik, b.upload(func(u *evidence.Upload) { u.PerformedBy = performedBy }))
		b.must(err)
		return e.Value.Code
	}
	byErik, brought := item(performer.ID), item("Someone Else")
	_, err := b.Evidence.Accept(erik, byErik, "")
	b.refused("by the performer", err, fault.Denied, "evidence.self_review")
	_, err = b.Evidence.Accept(erik, brought, "")
	b.refused("by who brought it", err, fault.Denied, "evidence.self_review")
	_, err = b.Evidence.Return(erik, brought, "not good")
	b.refused("sent back by who brought it", err, fault.Denied, "evidence.self_review")
	_, err = b.Evidence.Accept(b.ctx, brought, "")
	b.refused("by the operator", err, fault.Denied, "evidence.review_person")
	_, err = b.Evidence.Accept(service, brought, "")
	b.refused("by the product", err, fault.Denied, "evidence.review_person")
	_, err = b.Evidence.Accept(advisor, brought, "")
	b.refused("by an advisor", err, fault.Denied, "authz.denied")
	_, err = b.Evidence.Accept(auditor, brought, "")
	b.refused("by the auditor", err, fault.Denied, "authz.denied")
	_, err = b.Evidence.Return(maja, brought, " \n")
	b.refused("sent back without a reason", err, fault.Invalid, "evidence.return_reason")

	// Named in words, the performer is the same person.
	for _, name := range []string{performer.Name, "erik strand", " Erik  Strand ", performer.Email, strings.ToUpper(performer.Email)} {
		e, err := b.Evidence.Add(maja, b.upload(func(u *evidence.Upload) { u.PerformedBy = name }))
		b.must(err)
		_, err = b.Evidence.Accept(erik, e.Value.Code, "")
		b.refused("by the performer, given as "+name, err, fault.Denied, "evidence.self_review")
	}

	accepted, err := b.Evidence.Accept(maja, byErik, "complete")
	b.must(err)
	if n := len(accepted.Value.Reviews); accepted.Value.Status != evidence.Accepted || n != 1 || accepted.Value.Reviews[0].Reason != "complete" {
		t.Errorf("%+v", accepted.Value)
	}
	_, err = b.Evidence.Return(maja, byErik, "on second thoughts")
	b.refused("sent back after it was accepted", err, fault.Invalid, "evidence.transition")

	// Who mends what was sent back has brought it.
	back, err := b.Evidence.Return(maja, brought, "page 2 is missing")
	b.must(err)
	mended := back
	mended.Value.Status, mended.Value.Title = evidence.Collected, "Access review, both pages"
	b.must(b.put("usr_maja_other", mended))
	again, err := b.Evidence.Get(b.ctx, brought)
	b.must(err)
	forged := again
	forged.Value.Status = evidence.Accepted
	forged.Value.Reviews = append(forged.Value.Reviews, evidence.Review{By: "usr_maja_other", At: "2026-04-15T12:00:00.000000Z", Decision: evidence.Accepted})
	b.refused("by who mended it", b.put("usr_maja_other", forged), fault.Denied, "evidence.self_review")
	if got := evidence.Received(mustHistory(b, again.ID)); !got.Equal(again.At) {
		t.Errorf("received %v, mended %v", got, again.At)
	}
	_, err = b.Evidence.Accept(erik, brought, "") // he brought only what was sent back
	b.must(err)
}

func mustHistory(b *bench, id evidence.ID) []register.Entry[evidence.Evidence] {
	b.t.Helper()
	h, err := evidence.Items.History(b.Store.Live(b.ctx), id)
	b.must(err)
	return h
}

// Whoever writes past the service meets the same rules.
func TestVersionsAreHeldToTheRules(t *testing.T) {
	b := newBench(t)
	maja, lead := b.person("Maja Lind", authz.Lead)
	e, err := b.Evidence.Add(b.ctx, b.upload())
	b.must(err)
	review := func(by string, d evidence.Status) evidence.Review {
		return evidence.Review{By: by, At: "2026-04-15T12:00:00.000000Z", Decision: d, Reason: "because"}
	}
	for name, tc := range map[string]struct {
		actor  string
		change func(*evidence.Evidence)
		kind   fault.Kind
		key    string
	}{
		"another title":          {lead.ID, func(e *evidence.Evidence) { e.Title = "Other" }, fault.Locked, "evidence.supersede"},
		"another file":           {lead.ID, func(e *evidence.Evidence) { e.Files[0].SHA256 = strings.Repeat("1", 64) }, fault.Locked, "evidence.supersede"},
		"another day":            {lead.ID, func(e *evidence.Evidence) { e.OccurredFrom = "2026-03-01T00:00:00.000000Z" }, fault.Locked, "evidence.supersede"},
		"another performer":      {lead.ID, func(e *evidence.Evidence) { e.PerformedBy = "nobody" }, fault.Locked, "evidence.supersede"},
		"another capture":        {lead.ID, func(e *evidence.Evidence) { e.CapturedAt = "2026-04-02T00:00:00.000000Z" }, fault.Locked, "evidence.supersede"},
		"another source":         {lead.ID, func(e *evidence.Evidence) { e.Source.System = "other" }, fault.Locked, "evidence.supersede"},
		"another code":           {lead.ID, func(e *evidence.Evidence) { e.Code = "E-1" }, fault.Locked, "evidence.code"},
		"no controls":            {lead.ID, func(e *evidence.Evidence) { e.Controls = nil }, fault.Invalid, "evidence.unlinked"},
		"a control nobody has":   {lead.ID, func(e *evidence.Evidence) { e.Controls = []control.ID{"ctl_none"} }, fault.NotFound, "register.not_found"},
		"accepted without a say": {lead.ID, func(e *evidence.Evidence) { e.Status = evidence.Accepted }, fault.Invalid, "evidence.review_first"},
		"a say without a change": {lead.ID, func(e *evidence.Evidence) { e.Reviews = append(e.Reviews, review(lead.ID, evidence.Accepted)) }, fault.Invalid, "evidence.review_first"},
		"in another's name": {lead.ID, func(e *evidence.Evidence) {
			e.Status, e.Reviews = evidence.Accepted, []evidence.Review{review("usr_x", evidence.Accepted)}
		}, fault.Invalid, "evidence.review_first"},
		"says return, accepts": {lead.ID, func(e *evidence.Evidence) {
			e.Status, e.Reviews = evidence.Accepted, []evidence.Review{review(lead.ID, evidence.Returned)}
		}, fault.Invalid, "evidence.review_first"},
		"two says at once": {lead.ID, func(e *evidence.Evidence) {
			e.Status, e.Reviews = evidence.Accepted, []evidence.Review{review(lead.ID, evidence.Returned), review(lead.ID, evidence.Accepted)}
		}, fault.Invalid, "evidence.review_first"},
		"not dated": {lead.ID, func(e *evidence.Evidence) {
			e.Status, e.Reviews = evidence.Accepted, []evidence.Review{{By: lead.ID, Decision: evidence.Accepted}}
		}, fault.Invalid, "evidence.review_first"},
		"a state nobody knows": {lead.ID, func(e *evidence.Evidence) { e.Status = "approved" }, fault.Invalid, "evidence.transition"},
		"by the operator": {"operator:tester", func(e *evidence.Evidence) {
			e.Status, e.Reviews = evidence.Accepted, []evidence.Review{review("operator:tester", evidence.Accepted)}
		}, fault.Denied, "evidence.review_person"},
	} {
		x := e
		x.Value.Files = append([]evidence.File(nil), e.Value.Files...)
		tc.change(&x.Value)
		b.refused(name, b.put(tc.actor, x), tc.kind, tc.key)
	}
	// A review, once given, stays as it is.
	acc, err := b.Evidence.Accept(maja, e.Value.Code, "fine")
	b.must(err)
	for name, change := range map[string]func(*evidence.Evidence){
		"taken back": func(e *evidence.Evidence) { e.Reviews = nil },
		"rewritten":  func(e *evidence.Evidence) { e.Reviews = []evidence.Review{review(lead.ID, evidence.Accepted)} },
	} {
		x := acc
		change(&x.Value)
		b.refused(name, b.put(lead.ID, x), fault.Locked, "evidence.review_fixed")
	}
	// A new item cannot come with its own review, or accepted.
	for _, status := range []evidence.Status{evidence.Collected, evidence.Accepted} {
		err := b.Store.Write(b.ctx, register.Actor{ID: lead.ID}, func(tx *register.Tx) error {
			v := e.Value
			v.Code, v.Status, v.Reviews = evidence.CodeOf(tx.NextIndex()), status, []evidence.Review{review(lead.ID, evidence.Accepted)}
			_, err := evidence.Items.Create(tx, v, "")
			return err
		})
		if err == nil {
			t.Errorf("came as %s with a review", status)
		}
	}
	// Links may change, with a reason, and leave the review alone.
	_, err = b.Evidence.Relink(b.ctx, e.Value.Code, []string{"OP-04"}, "")
	b.refused("without a reason", err, fault.Invalid, "control.reason")
	_, err = b.Evidence.Relink(b.ctx, e.Value.Code, nil, "gone")
	b.refused("to nothing", err, fault.Invalid, "evidence.unlinked")
	linked, err := b.Evidence.Relink(b.ctx, e.Value.Code, []string{"OP-04", "AC-04"}, "shows both")
	if err != nil || len(linked.Value.Controls) != 2 || linked.Value.Status != evidence.Accepted {
		t.Errorf("%+v, %v", linked.Value, err)
	}
	// Superseded is the end.
	n, err := b.Evidence.Add(b.ctx, b.upload(func(u *evidence.Upload) { u.Supersedes = e.Value.Code }))
	b.must(err)
	if _, err := b.Evidence.Add(b.ctx, b.upload(func(u *evidence.Upload) { u.Supersedes = e.Value.Code })); !fault.Is(err, "evidence.transition") {
		t.Errorf("superseded twice: %v", err)
	}
	if n.Value.Supersedes != e.ID.String() {
		t.Errorf("stands for %s", n.Value.Supersedes)
	}
}

func TestLabels(t *testing.T) {
	end := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	at := func(s string) string {
		d, err := time.Parse("2006-01-02", s)
		if err != nil {
			t.Fatal(err)
		}
		return d.Format(ledger.TimeFormat)
	}
	for name, tc := range map[string]struct {
		e        evidence.Evidence
		received time.Time
		label    evidence.Label
	}{
		"received by the end":            {evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02")}, end, ""},
		"fetched from the record":        {evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02"), Source: evidence.Source{Method: evidence.API}}, end.Add(1), evidence.RetrievedInFieldwork},
		"exported from the record":       {evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02"), Source: evidence.Source{Method: evidence.Export}}, end.Add(1), evidence.RetrievedInFieldwork},
		"brought by a person":            {evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02"), Source: evidence.Source{Method: evidence.Uploaded}}, end.Add(1), evidence.CreatedAfterPeriod},
		"a picture of a screen":          {evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02"), Source: evidence.Source{Method: evidence.Screenshot}}, end.Add(1), evidence.CreatedAfterPeriod},
		"a record of a later event":      {evidence.Evidence{OccurredFrom: at("2026-04-01"), OccurredTo: at("2026-04-02"), Source: evidence.Source{Method: evidence.API}}, end.Add(1), evidence.CreatedAfterPeriod},
		"a record of the last moment":    {evidence.Evidence{OccurredFrom: at("2026-03-31"), OccurredTo: at("2026-04-01"), Source: evidence.Source{Method: evidence.API}}, end.Add(1), evidence.RetrievedInFieldwork},
		"an item without a time at all ": {evidence.Evidence{Source: evidence.Source{Method: evidence.Uploaded}}, end.Add(1), evidence.CreatedAfterPeriod},
	} {
		got, ok := evidence.AfterPeriod(&tc.e, tc.received, end)
		if got != tc.label || ok != (tc.label != "") {
			t.Errorf("%s: %s", name, got)
		}
	}
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC) // it ended
	e := evidence.Evidence{OccurredFrom: at("2026-03-01"), OccurredTo: at("2026-03-02")}
	ten, twenty, none := &control.Control{CaptureLag: 10}, &control.Control{CaptureLag: 20}, &control.Control{}
	for name, tc := range map[string]struct {
		captured, received time.Time
		controls           []*control.Control
		want               bool
	}{
		"nobody said, received in time":      {time.Time{}, day.AddDate(0, 0, 30), nil, false},
		"nobody said, received too late":     {time.Time{}, day.AddDate(0, 0, 30).Add(1), nil, true},
		"captured in time, received late":    {day, day.AddDate(1, 0, 0), nil, false},
		"the control's own days":             {day.AddDate(0, 0, 10), day, []*control.Control{ten}, false},
		"a moment more":                      {day.AddDate(0, 0, 10).Add(time.Microsecond), day, []*control.Control{ten}, true},
		"the strictest control counts":       {day.AddDate(0, 0, 15), day, []*control.Control{twenty, ten}, true},
		"the strictest, in another order":    {day.AddDate(0, 0, 15), day, []*control.Control{ten, none, twenty}, true},
		"a control that was not in force":    {day.AddDate(0, 0, 25), day, []*control.Control{nil}, false},
		"no lag of its own: the house's":     {day.AddDate(0, 0, 31), day, []*control.Control{none}, true},
		"one named, one of the house's days": {day.AddDate(0, 0, 25), day, []*control.Control{none, nil}, false},
	} {
		x := e
		if !tc.captured.IsZero() {
			x.CapturedAt = tc.captured.Format(ledger.TimeFormat)
		}
		if got := evidence.CapturedLate(&x, tc.received, tc.controls); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

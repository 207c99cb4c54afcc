package evidence_test

import (
	"slices"
	"testing"
	"time"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

// Every code of domain section 3, with what brings it and the verdict it gives.
func TestTraits(t *testing.T) {
	received := time.Date(2026, 4, 2, 8, 0, 0, 0, time.UTC)
	cal, err := scope.NewCalendar("UTC")
	if err != nil {
		t.Fatal(err)
	}
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	ctl := control.Control{Framework: set.ID, Criteria: []string{"CC6.2"}, Prompts: []control.Prompt{{Type: "access_log"}}}
	good := func() (evidence.Evidence, evidence.Facts) {
		e := evidence.Evidence{
			Type: evidence.AccessLog, Controls: []control.ID{"ctl_1"}, OccurredFrom: "2026-04-01T00:00:00.000000Z", OccurredTo: "2026-04-02T00:00:00.000000Z", WholeDays: true,
			CapturedAt: "2026-04-01T10:00:00.000000Z", Source: evidence.Source{System: "directory", Locator: "/groups", Method: evidence.Export},
			PerformedBy: "Bo Alm", Files: []evidence.File{{Name: "a", SHA256: "aa", Size: 1}}, Status: evidence.Collected,
		}
		f := evidence.Facts{
			Received: received, Calendar: cal, Controls: []*control.Control{&ctl}, Categories: framework.Categories{framework.Security},
			Known: func(n string) bool { return n == "Bo Alm" }, Stored: func(evidence.File) bool { return true },
		}
		return e, f
	}
	type change func(*evidence.Evidence, *evidence.Facts)
	other := ctl
	other.Criteria = []string{"P1.1"}
	typed := ctl
	typed.Prompts = []control.Prompt{{Type: "training_record"}}
	free := ctl
	free.Prompts = nil
	seen := map[string]bool{}
	for name, tc := range map[string]struct {
		change change
		trait  string
		want   evidence.Verdict
		codes  []string
	}{
		"nothing wrong":                  {func(*evidence.Evidence, *evidence.Facts) {}, "", evidence.Pass, nil},
		"no time":                        {func(e *evidence.Evidence, _ *evidence.Facts) { e.OccurredFrom = "" }, "timestamped", evidence.Fail, []string{evidence.TMissing}},
		"captured before it happened":    {func(e *evidence.Evidence, _ *evidence.Facts) { e.CapturedAt = "2026-03-31T10:00:00.000000Z" }, "timestamped", evidence.Fail, []string{evidence.TOrder}},
		"captured after it was received": {func(e *evidence.Evidence, _ *evidence.Facts) { e.CapturedAt = "2026-04-02T08:06:00.000000Z" }, "timestamped", evidence.Fail, []string{evidence.TOrder}},
		"captured late": {func(e *evidence.Evidence, f *evidence.Facts) {
			e.CapturedAt = "2026-05-03T00:00:00.000000Z"
			f.Received = received.AddDate(0, 2, 0)
		}, "timestamped", evidence.Weak, []string{evidence.TLate}},
		"no system":                {func(e *evidence.Evidence, _ *evidence.Facts) { e.Source.System = " " }, "source_verifiable", evidence.Fail, []string{evidence.SNoSystem}},
		"no locator":               {func(e *evidence.Evidence, _ *evidence.Facts) { e.Source.Locator = "" }, "source_verifiable", evidence.Fail, []string{evidence.SNoLoc}},
		"a list without its query": {func(e *evidence.Evidence, _ *evidence.Facts) { e.Datasets = []string{"dst_1"} }, "source_verifiable", evidence.Fail, []string{evidence.SNoQuery}},
		"asserted in a message": {func(e *evidence.Evidence, _ *evidence.Facts) {
			e.Datasets, e.Source.System, e.Source.Query = []string{"dst_1"}, "git", "git log"
		}, "source_verifiable", evidence.Weak, []string{evidence.SAsserted}},
		"self-made": {func(e *evidence.Evidence, _ *evidence.Facts) { e.Source.Method = evidence.Screenshot }, "source_verifiable", evidence.Weak, []string{evidence.SSelfMade}},
		"self-made, no system": {func(e *evidence.Evidence, _ *evidence.Facts) {
			e.Source.Method, e.Source.System = evidence.Uploaded, ""
		}, "source_verifiable", evidence.Fail, []string{evidence.SNoSystem, evidence.SSelfMade}},
		"self-made and reviewed": {func(e *evidence.Evidence, _ *evidence.Facts) {
			e.Source.Method, e.Status = evidence.Uploaded, evidence.Accepted
		}, "", evidence.Pass, nil},
		"linked to nothing": {func(e *evidence.Evidence, f *evidence.Facts) { e.Controls, f.Controls = nil, nil }, "control_linked", evidence.Fail, []string{evidence.LNone}},
		"not in force then": {func(_ *evidence.Evidence, f *evidence.Facts) { f.Controls = []*control.Control{nil} }, "control_linked", evidence.Fail, []string{evidence.LVersion}},
		"out of scope":      {func(_ *evidence.Evidence, f *evidence.Facts) { f.Controls = []*control.Control{&other} }, "control_linked", evidence.Fail, []string{evidence.LScope}},
		"in scope with privacy": {func(_ *evidence.Evidence, f *evidence.Facts) {
			f.Controls, f.Categories = []*control.Control{&other}, framework.Categories{framework.Security, framework.Privacy}
		}, "", evidence.Pass, nil},
		"not what was asked for":       {func(_ *evidence.Evidence, f *evidence.Facts) { f.Controls = []*control.Control{&typed} }, "control_linked", evidence.Weak, []string{evidence.LType}},
		"one of two asks for it":       {func(_ *evidence.Evidence, f *evidence.Facts) { f.Controls = []*control.Control{&typed, nil, &ctl} }, "", evidence.Pass, nil},
		"nothing particular asked for": {func(_ *evidence.Evidence, f *evidence.Facts) { f.Controls = []*control.Control{&free} }, "", evidence.Pass, nil},
		"nobody named":                 {func(e *evidence.Evidence, _ *evidence.Facts) { e.PerformedBy = " " }, "owner_attributable", evidence.Fail, []string{evidence.OUnknown}},
		"somebody unknown":             {func(e *evidence.Evidence, _ *evidence.Facts) { e.PerformedBy = "Cia Berg" }, "owner_attributable", evidence.Weak, []string{evidence.OUnknown}},
		"a shared account":             {func(e *evidence.Evidence, _ *evidence.Facts) { e.PerformedBy = "Ops@granskog.example" }, "owner_attributable", evidence.Fail, []string{evidence.OShared}},
		"bytes that are not there":     {func(_ *evidence.Evidence, f *evidence.Facts) { f.Stored = func(evidence.File) bool { return false } }, "securely_stored", evidence.Fail, []string{evidence.DMismatch}},
	} {
		e, f := good()
		tc.change(&e, &f)
		got := evidence.Judge(&e, f)
		for _, n := range got.Named() {
			want, codes := evidence.Pass, []string{}
			if n.Name == tc.trait {
				want, codes = tc.want, tc.codes
			}
			if n.Verdict != want || !slices.Equal(n.Codes, codes) || n.Codes == nil {
				t.Errorf("%s: %s is %s %v, want %s %v", name, n.Name, n.Verdict, n.Codes, want, codes)
			}
		}
		for _, c := range tc.codes {
			seen[c] = true
		}
	}
	for _, c := range evidence.Codes {
		if !seen[c] {
			t.Errorf("nothing brings %s", c)
		}
	}
}

func TestKnown(t *testing.T) {
	known := evidence.Known(map[string]string{"usr_1": "Bo Alm", "usr_2": ""})
	for who, want := range map[string]bool{"usr_1": true, "bo alm": true, "Bo Alm": true, "service:collect/git": true, "usr_2": false, "usr_3": false, "Bo": false, "": false} {
		if known(who) != want {
			t.Errorf("%q: %v", who, !want)
		}
	}
}

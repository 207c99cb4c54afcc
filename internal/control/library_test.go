package control

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/wording"
)

var (
	codeForm  = regexp.MustCompile(`^(AC|LS|OP|RM|VG|IR|CH|BR|GP)-\d\d$`)
	paramForm = regexp.MustCompile(`\{\{([a-z_]+)\}\}`)
	// vague are words that leave an auditor guessing (C4).
	vague = regexp.MustCompile(`(?i)\b(regularly|periodically|appropriate(ly)?|as needed|as necessary|timely|adequate(ly)?|from time to time|where possible|regelbundet|vid behov|lämplig(a|t|en)?|i tid|om möjligt|periodiskt)\b`)
)

// The library covers every criterion, in both languages, without vague words,
// dead references or holes.
func TestLibrary(t *testing.T) {
	all, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 140 {
		t.Errorf("%d controls, at least 140 are promised", len(all))
	}
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	covered, points := map[string]int{}, map[string]int{}
	seen := map[string]bool{}
	for _, l := range all {
		bad := func(format string, args ...any) { t.Errorf(l.Code+": "+format, args...) }
		if !codeForm.MatchString(l.Code) || seen[l.Code] {
			bad("bad or repeated code")
		}
		seen[l.Code] = true
		if !slices.Contains(Categories, l.Category) || !l.Frequency.Valid() ||
			!slices.Contains([]string{"manual", "automated", "it_dependent"}, l.Nature) || !slices.Contains([]string{"preventive", "detective", "corrective"}, l.Type) {
			bad("category, frequency, nature or type")
		}
		texts := map[string]framework.Text{"title": l.Title, "statement": l.Text, "objective": l.Objective, "risk": l.Risk}
		if l.Frequency == PerEvent {
			texts["event"] = l.Event
		}
		for i, e := range l.Evidence {
			texts["evidence type1 "+e.ID], texts["evidence type2 "+e.ID] = e.Type1, e.Type2
			if !slices.Contains([]string{"access_log", "policy_acknowledgement", "change_record", "incident_report", "training_record", "backup_restore", "vendor_due_diligence", "system_monitoring", "document"}, e.Type) {
				bad("evidence %d has type %q", i, e.Type)
			}
		}
		for _, p := range l.Procedures {
			texts["procedure "+p.Method] = p.Text
			if !slices.Contains([]string{"inquiry", "observation", "inspection", "reperformance"}, p.Method) {
				bad("procedure %q", p.Method)
			}
		}
		for _, d := range l.Deviations {
			texts["deviation "+d.EN] = d
		}
		for _, p := range l.Params {
			texts["parameter "+p.Name] = p.Meaning
		}
		for name, x := range texts {
			if strings.TrimSpace(x.EN) == "" || strings.TrimSpace(x.SV) == "" || x.EN == x.SV {
				bad("%s lacks a language", name)
			}
			if w := vague.FindString(x.EN + " " + x.SV); w != "" {
				bad("%s says %q", name, w)
			}
		}
		if len(l.Evidence) == 0 || len(l.Procedures) == 0 || len(l.Deviations) == 0 || len(l.Criteria) == 0 {
			bad("evidence, procedures, deviations or criteria are missing")
		}
		for _, lang := range []string{l.Text.EN, l.Text.SV} {
			var used []string
			for _, m := range paramForm.FindAllStringSubmatch(lang, -1) {
				used = append(used, m[1])
			}
			for _, p := range l.Params {
				if !slices.Contains(used, p.Name) || p.Default == "" || p.Unit == "" {
					bad("parameter %s is not used or has no default", p.Name)
				}
			}
			for _, u := range used {
				if !slices.ContainsFunc(l.Params, func(p Param) bool { return p.Name == u }) {
					bad("parameter %s is not declared", u)
				}
			}
		}
		for _, id := range l.Criteria {
			covered[id]++
			if _, err := set.Criterion(id); err != nil {
				bad("%v", err)
			}
		}
		for _, id := range l.PointsOfFocus {
			points[id]++
		}
		for _, other := range l.Overlaps {
			if other == l.Code || !slices.ContainsFunc(all, func(x LibraryControl) bool { return x.Code == other }) {
				bad("overlaps with %s, which is no other control", other)
			}
		}
		for _, lang := range i18n.Languages {
			if j := wording.Judge(lang, l.Statement(lang, nil)); j.Verdict != wording.Specific {
				bad("the %s sentence is vague: it lacks %v and says %v", lang, j.Missing, j.Vague)
			}
		}
		c := l.Control()
		if err := checkMapping(&c); err != nil {
			bad("%v", err)
		}
		for _, id := range l.Checks {
			if id != "change-reviewed" && id != "change-has-reference" {
				bad("no check %s", id)
			}
		}
	}
	for _, c := range set.Criteria {
		if covered[c.ID] < 2 {
			t.Errorf("%d controls for %s, at least two are promised", covered[c.ID], c.ID)
		}
		for _, p := range c.PointsOfFocus {
			if points[p.ID] == 0 {
				t.Errorf("no control for the point of focus %s", p.ID)
			}
		}
	}
}

package framework

import (
	"strings"
	"testing"

	"bevis/catalog"
)

const small = `
id: small
version: '1'
title: {en: Small set, sv: Liten uppsättning}
licence: {en: Our own words, sv: Våra egna ord}
categories:
  - {id: security, name: {en: Security, sv: Säkerhet}}
  - {id: availability, name: {en: Availability, sv: Tillgänglighet}}
series:
  - {id: CC1, category: security, title: {en: Control environment, sv: Kontrollmiljö}}
  - {id: A1, category: availability, title: {en: Up-time, sv: Tillgänglighet}}
components:
  - {id: env, title: {en: Environment, sv: Miljö}}
principles:
  - {number: 1, component: env, criteria: [CC1.1], title: {en: Honest, sv: Hederlig}}
criteria:
  - id: CC1.1
    category: security
    series: CC1
    coso_principle: 1
    title: {en: Ethics, sv: Etik}
    paraphrase: {en: Be honest, sv: Var hederlig}
    points_of_focus:
      - {id: CC1.1-F01, scope: all, origin: coso, label: {en: Lead, sv: Led}}
      - {id: CC1.1-F02, scope: availability, origin: tsc, label: {en: Follow, sv: Följ}}
  - id: A1.1
    category: availability
    series: A1
    coso_principle: null
    title: {en: Capacity, sv: Kapacitet}
    paraphrase: {en: Have enough, sv: Ha tillräckligt}
    points_of_focus:
      - {id: A1.1-F01, scope: availability, origin: tsc, roles: [processor], label: {en: Measure, sv: Mät}}
`

func TestParse(t *testing.T) {
	s, err := parse("small", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if s.ID != "small" || len(s.Criteria) != 2 || s.Criteria[0].Paraphrase.SV != "Var hederlig" || s.Criteria[1].COSOPrinciple != 0 {
		t.Errorf("%+v", s)
	}
}

// A damaged set is refused, and the refusal names the place.
func TestParseRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ old, new, want string }{
		"unknown field":          {"version: '1'", "version: '1'\nedition: 2", "edition"},
		"unknown field in point": {"origin: coso,", "origin: coso, weight: 3,", "weight"},
		"field twice":            {"version: '1'", "version: '1'\nversion: '2'", "version"},
		"second document":        {"criteria:\n", "criteria:\n", "more than one document"},
		"no id":                  {"id: small", "id: ''", "id or version"},
		"no Swedish":             {", sv: Led}", "}", "CC1.1-F01: the Swedish"},
		"padded English":         {"en: Lead", "en: ' Lead'", "CC1.1-F01: the English"},
		"no paraphrase":          {"    paraphrase: {en: Be honest, sv: Var hederlig}\n", "", "paraphrase of CC1.1"},
		"criterion twice":        {"- id: A1.1", "- id: CC1.1", "CC1.1 is there twice"},
		"point twice":            {"{id: CC1.1-F02", "{id: CC1.1-F01", "CC1.1-F01 is there twice"},
		"point elsewhere":        {"{id: A1.1-F01", "{id: CC1.1-F03", "CC1.1-F03 is number 1 of A1.1"},
		"gap in points":          {"{id: CC1.1-F02", "{id: CC1.1-F03", "CC1.1-F03 is number 2"},
		"gap in criteria":        {"- id: A1.1", "- id: A1.2", "A1.2 is number 1 of series A1"},
		"unknown series":         {"series: A1\n", "series: A9\n", `"A9" is not in the set`},
		"empty series":           {"components:", "  - {id: A2, category: availability, title: {en: More, sv: Mer}}\ncomponents:", "A2 has no criterion"},
		"series twice":           {"components:", "  - {id: A1, category: availability, title: {en: More, sv: Mer}}\ncomponents:", "A1 is there twice"},
		"order":                  {"  - {id: CC1, category: security, title: {en: Control environment, sv: Kontrollmiljö}}\n  - {id: A1, category: availability, title: {en: Up-time, sv: Tillgänglighet}}", "  - {id: A1, category: availability, title: {en: Up-time, sv: Tillgänglighet}}\n  - {id: CC1, category: security, title: {en: Control environment, sv: Kontrollmiljö}}", "A1.1 stands after a later series"},
		"category of series":     {"    category: availability", "    category: security", "A1.1: category"},
		"unknown category":       {"{id: availability,", "{id: uptime,", `"uptime" is unknown`},
		"category twice":         {"{id: availability,", "{id: security,", "security is there twice"},
		"unknown scope":          {"scope: all", "scope: everything", `"everything" is unknown`},
		"security as scope":      {"scope: all", "scope: security", `"security" is unknown`},
		"scope of another":       {"F01, scope: availability", "F01, scope: privacy", "A1.1-F01"},
		"unknown origin":         {"origin: coso", "origin: iso", `"iso" is unknown`},
		"unknown role":           {"[processor]", "[auditor]", `"auditor" is unknown`},
		"no points":              {"    points_of_focus:\n      - {id: A1.1-F01, scope: availability, origin: tsc, roles: [processor], label: {en: Measure, sv: Mät}}\n", "    points_of_focus: []\n", "A1.1 has no point of focus"},
		"principle out of order": {"number: 1", "number: 2", "principle 2 stands in place 1"},
		"principle's component":  {"component: env", "component: sea", `"sea" is not in the set`},
		"principle's criterion":  {"[CC1.1]", "[CC1.1, A1.1]", "names A1.1"},
		"component twice":        {"principles:", "  - {id: env, title: {en: Again, sv: Igen}}\nprinciples:", "component env is there twice"},
		"no such principle":      {"coso_principle: null", "coso_principle: 4", "A1.1: principle 4"},
		"principle unaware":      {"coso_principle: null", "coso_principle: 1", "A1.1: principle 1"},
		"principle alone":        {"criteria: [CC1.1]", "criteria: []", "principle 1 has no criterion"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(small, tc.old) {
				t.Fatalf("the small set does not hold %q", tc.old)
			}
			text := strings.Replace(small, tc.old, tc.new, 1)
			if name == "second document" {
				text += "---\nid: other\n"
			}
			_, err := parse("small", []byte(text))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := parse("empty", nil); err == nil {
		t.Error("an empty file is a set")
	}
}

// Every file that ships can be read by its id, and holds the set it is named after.
func TestEveryFileIsReachable(t *testing.T) {
	files, err := catalog.Criteria.ReadDir("criteria")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		id := strings.TrimSuffix(f.Name(), ".yaml")
		s, err := ByID(id)
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		if s.ID != id {
			t.Errorf("%s holds %s", f.Name(), s.ID)
		}
	}
}

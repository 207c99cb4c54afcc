package policy

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/i18n"
)

// vague are words that leave an auditor guessing, as in the control library (C4).
var vague = regexp.MustCompile(`(?i)\b(regularly|periodically|appropriate(ly)?|as needed|as necessary|timely|adequate(ly)?|from time to time|where possible|regelbundet|vid behov|lämplig(a|t|en)?|i tid|om möjligt|periodiskt)\b`)

// foreign are words that the templates once used for what has one name only.
var foreign = regexp.MustCompile(`(?i)exception register|register of (policy )?ex|register över undantag|dispensregist|—|–`)

var (
	headings = []string{"## Purpose", "## Who it binds", "## Rules", "## Exemptions", "## Roles", "## Records kept"}
	rubriker = []string{"## Syfte", "## Vilka den gäller", "## Regler", "## Undantag", "## Roller", "## Bevarade underlag"}
)

func TestTemplates(t *testing.T) {
	all, err := Templates()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 22 {
		t.Errorf("%d templates, at least 22 are promised", len(all))
	}
	library, err := control.Library()
	if err != nil {
		t.Fatal(err)
	}
	controls := map[string]control.LibraryControl{}
	for _, c := range library {
		controls[c.Code] = c
	}
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		for _, fault := range faults(&all[i], controls, set) {
			t.Errorf("%s: %s", all[i].ID, fault)
		}
	}
}

// faults lists what keeps a template from being offered.
func faults(x *Template, controls map[string]control.LibraryControl, set *framework.Set) []string {
	var out []string
	bad := func(s string) { out = append(out, s) }
	if !x.Audience.Valid() || x.ReviewMonths < 1 || x.ReviewMonths > 36 || !codeForm.MatchString(x.Code()) {
		bad("audience, review or id")
	}
	if len(x.Controls) == 0 || len(x.Criteria) == 0 {
		bad("no control or no criterion")
	}
	for _, c := range x.Controls {
		if _, ok := controls[c]; !ok {
			bad("no control " + c + " in the library")
		}
	}
	for _, id := range x.Criteria {
		if _, err := set.Criterion(id); err != nil {
			bad("no criterion " + id)
		}
	}
	texts := map[string]framework.Text{"title": x.Title, "purpose": x.Purpose, "body": x.Body}
	for _, p := range x.Params {
		texts["meaning of "+p.Name] = p.Meaning
		if p.Default.EN == "" || p.Default.SV == "" {
			bad("parameter " + p.Name + " has no default")
		}
		for _, code := range x.Controls { // the linked control sets the limit
			for _, q := range controls[code].Params {
				if q.Name == p.Name && q.Default != p.Default.EN {
					bad("parameter " + p.Name + " says " + p.Default.EN + ", control " + code + " " + q.Default)
				}
			}
		}
	}
	for name, s := range texts {
		if strings.TrimSpace(s.EN) == "" || strings.TrimSpace(s.SV) == "" || s.EN == s.SV {
			bad(name + " lacks a language")
		}
		if w := vague.FindString(s.EN + " " + s.SV); w != "" {
			bad(name + " says " + w)
		}
		if w := foreign.FindString(s.EN + " " + s.SV); w != "" {
			bad(name + " says " + w)
		}
	}
	wantEN, wantSV := headings, rubriker
	if x.Procedure {
		wantEN, wantSV = append(slices.Clone(headings), "## Procedure"), append(slices.Clone(rubriker), "## Rutin")
	}
	if got := lines(x.Body.EN, "## "); !slices.Equal(got, wantEN) {
		bad("headings " + strings.Join(got, ", "))
	}
	if got := lines(x.Body.SV, "## "); !slices.Equal(got, wantSV) {
		bad("rubriker " + strings.Join(got, ", "))
	}
	for _, s := range []string{"## ", "1. ", "- ", "### "} {
		if len(items(x.Body.EN, s)) != len(items(x.Body.SV, s)) {
			bad("the languages differ in lines that begin with " + s)
		}
	}
	return append(out, paramFaults(x)...)
}

func paramFaults(x *Template) []string {
	var out []string
	en, sv := Placeholders(x.Body.EN), Placeholders(x.Body.SV)
	for _, p := range x.Params {
		if !slices.Contains(en, p.Name) || !slices.Contains(sv, p.Name) {
			out = append(out, "parameter "+p.Name+" is not used in both languages")
		}
	}
	for _, name := range slices.Concat(en, sv) {
		if !x.Knows(name) {
			out = append(out, "parameter "+name+" is not declared")
		}
	}
	for _, lang := range i18n.Languages {
		all := map[string]string{ParamOrganisation: "Granskog Exempel AB", ParamOwner: "The owner", ParamEffective: "2026-04-15"}
		if s := x.Text(lang, all); strings.Contains(s, "{{") || strings.Contains(s, "}}") {
			out = append(out, "something stays unfilled in "+string(lang))
		}
	}
	return out
}

func lines(body, prefix string) []string {
	var out []string
	for l := range strings.SplitSeq(body, "\n") {
		if strings.HasPrefix(l, prefix) {
			out = append(out, l)
		}
	}
	return out
}

var numbered = regexp.MustCompile(`^\d+\. `)

// items are the lines that begin with a mark; "1. " stands for any number.
func items(body, mark string) []string {
	if mark != "1. " {
		return lines(body, mark)
	}
	var out []string
	for l := range strings.SplitSeq(body, "\n") {
		if numbered.MatchString(l) {
			out = append(out, l)
		}
	}
	return out
}

// A template that is broken in any of the ways above is noticed.
func TestBrokenTemplatesAreRefused(t *testing.T) {
	library, err := control.Library()
	if err != nil {
		t.Fatal(err)
	}
	controls := map[string]control.LibraryControl{}
	for _, c := range library {
		controls[c.Code] = c
	}
	set, err := framework.TSC2017()
	if err != nil {
		t.Fatal(err)
	}
	good, err := FindTemplate("access-control")
	if err != nil {
		t.Fatal(err)
	}
	if f := faults(&good, controls, set); len(f) > 0 {
		t.Fatal(f)
	}
	for name, breakIt := range map[string]func(x *Template){
		"unknown control":   func(x *Template) { x.Controls = []string{"AC-99"} },
		"unknown criterion": func(x *Template) { x.Criteria = []string{"CC6.9"} },
		"missing language":  func(x *Template) { x.Title.SV = "" },
		"undeclared":        func(x *Template) { x.Body.SV += " {{no_such}}" },
		"unused": func(x *Template) {
			x.Params = append(slices.Clone(x.Params), TemplateParam{Name: "idle", Default: framework.Text{EN: "1", SV: "1"}, Meaning: framework.Text{EN: "Idle", SV: "Overksam"}})
		},
		"heading":            func(x *Template) { x.Body.EN = strings.Replace(x.Body.EN, "## Roles", "## Duties", 1) },
		"rule too many":      func(x *Template) { x.Body.SV = strings.Replace(x.Body.SV, "1. ", "1. Ingen.\n2. ", 1) },
		"vague":              func(x *Template) { x.Purpose.EN += " It is reviewed regularly." },
		"no procedure":       func(x *Template) { x.Body.EN, _, _ = strings.Cut(x.Body.EN, "## Procedure") },
		"half a placeholder": func(x *Template) { x.Body.EN += " {{organisation" },
		"other name": func(x *Template) {
			x.Body.EN = strings.Replace(x.Body.EN, "exemption register", "exception register", 1)
		},
		"limit of a control": func(x *Template) { x.Params = slices.Clone(x.Params); x.Params[0].Default.EN = "48" },
		"audience":           func(x *Template) { x.Audience = "everybody" },
	} {
		x := good
		breakIt(&x)
		if len(faults(&x, controls, set)) == 0 {
			t.Errorf("%s goes unnoticed", name)
		}
	}
}

func TestLoadIsStrict(t *testing.T) {
	head := "id: a\ntitle: {en: A, sv: Å}\n"
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, tc := range map[string]struct {
		files fs.FS
		ok    bool
	}{
		"whole":         {fstest.MapFS{"a/policy.yaml": file(head), "a/en.md": file("x"), "a/sv.md": file("y")}, true},
		"unknown field": {fstest.MapFS{"a/policy.yaml": file(head + "colour: red\n"), "a/en.md": file("x"), "a/sv.md": file("y")}, false},
		"no Swedish":    {fstest.MapFS{"a/policy.yaml": file(head), "a/en.md": file("x")}, false},
		"empty text":    {fstest.MapFS{"a/policy.yaml": file(head), "a/en.md": file("x"), "a/sv.md": file("  \n")}, false},
		"other id":      {fstest.MapFS{"a/policy.yaml": file("id: b\n"), "a/en.md": file("x"), "a/sv.md": file("y")}, false},
	} {
		if _, err := load(tc.files, "a"); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFill(t *testing.T) {
	got := Fill("{{a}} and {{b}}, {{a}}; {{c}} {{ a }}", map[string]string{"a": "{{b}}", "b": "2"})
	if want := "{{b}} and 2, {{b}}; {{c}} {{ a }}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	x, err := FindTemplate("access-control")
	if err != nil {
		t.Fatal(err)
	}
	if s := x.Text(i18n.Swedish, map[string]string{"removal_hours": "7"}); !strings.Contains(s, "inom 7 timmar") || strings.Contains(s, "{{removal_hours}}") || !strings.Contains(s, "{{organisation}}") {
		t.Error("the value is not in the Swedish text, or more than it was filled in")
	}
}

package framework

import (
	"fmt"
	"strings"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
)

const (
	ownYAML = `id: customer-rules
version: 2026
title: {en: Rules of a customer, sv: En kunds regler}
refs:
  - ref: 4.10
    group: Access
    title: Accounts end with the job
    criteria:
      - {id: CC6.2, relation: superset, rationale: Removal is part of it}
      - id: CC6.3
        relation: intersects
        rationale: {en: Roles too, sv: Även roller}
  - ref: R.2
    title: Nothing reaches this
`
	ownCSV = "ref,group,title,criteria,relation,rationale\r\n" +
		"R.1,Access,\"Accounts, and roles\",CC6.2;CC6.3,intersects,Both ask for removal\r\n" +
		"R.2,Access,Restores,A1.2; A1.3,subset;equal,\r\n" +
		",,,,,\r\n" +
		"R.3,,Nothing reaches this,,,\r\n"
	ownOSCAL = `{"catalog": {"uuid": "x", "metadata": {"title": "Our catalogue", "version": "1.4"},
"groups": [{"id": "g1", "controls": [
  {"id": "c-1", "title": "First", "parts": [{"name": "statement", "prose": "passed over"}], "controls": [{"id": "c-1.1", "title": "Below  it"}]},
  {"id": "c-2", "title": "Old", "props": [{"name": "status", "value": "withdrawn"}]}
], "title": "Group one", "groups": [{"title": "Inner", "controls": [{"id": "c-3", "title": "Third"}]}]}],
"controls": [{"id": "c-4", "title": "Alone"}]}}`
)

// The three kinds of files, read whole.
func TestParseOwn(t *testing.T) {
	f, _, err := Parse("dir/rules.yaml", []byte(ownYAML), Source{})
	if err != nil {
		t.Fatal(err)
	}
	if f.ID != "customer-rules" || f.Version != "2026" || f.Title.SV != "En kunds regler" || len(f.Refs) != 2 || f.Refs[0].ID != "4.10" || len(f.Rows) != 2 {
		t.Errorf("%+v", f)
	}
	if r := f.RowsOf("4.10"); len(r) != 2 || r[0].Relation != Superset || r[1].Rationale.SV != "Även roller" || len(f.RowsOf("R.2")) != 0 || len(f.RowsFrom("CC6.3")) != 1 {
		t.Errorf("%+v", r)
	}
	f, _, err = Parse(`C:\files\Våra krav.CSV`, []byte("\ufeff"+ownCSV), Source{Title: "Våra krav"})
	if err != nil {
		t.Fatal(err)
	}
	if f.ID != "vara-krav" || f.Version != "1" || len(f.Refs) != 3 || len(f.Rows) != 4 || f.Refs[0].Title.EN != "Accounts, and roles" {
		t.Errorf("%+v", f)
	}
	if r := f.RowsOf("R.2"); len(r) != 2 || r[0].Relation != Subset || r[1].Relation != Equal {
		t.Errorf("%+v", r)
	}
	f, skipped, err := Parse("cat.json", []byte(ownOSCAL), Source{ID: "ours"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range f.Refs {
		got = append(got, r.ID+"|"+r.Group+"|"+r.Title.EN)
	}
	want := "c-1|Group one|First c-1.1|Group one|Below it c-3|Inner|Third c-4||Alone"
	if strings.Join(got, " ") != want || skipped != 1 || f.ID != "ours" || f.Version != "1.4" || f.Title.EN != "Our catalogue" {
		t.Errorf("%v, %d withdrawn, %+v", got, skipped, f.Title)
	}
	for _, f := range []*Reference{f} {
		if f.Kind != KindOwn || f.Status != Proposed || f.Set != TSC2017ID {
			t.Errorf("%+v", f)
		}
	}
}

// What is wrong is named by file, row and column, in both languages; nothing of the
// file is taken.
func TestParseOwnRefuses(t *testing.T) {
	const head = "ref,group,title,criteria,relation,rationale\n"
	big := strings.Builder{}
	big.WriteString(head)
	for i := range MaxOwnRefs + 1 {
		fmt.Fprintf(&big, "R%d,,T,,,\n", i)
	}
	for name, tc := range map[string]struct {
		file, text, key string
		row             int
		column          string
	}{
		"unknown criterion":      {"x.csv", head + "R.1,G,One,CC6.2,equal,\nR.2,G,Two,CC6.99,equal,\n", "framework.import.criterion", 3, "criteria"},
		"duplicate reference":    {"x.csv", head + "R.1,G,One,,,\nR.2,G,Two,,,\nR.1,G,Three,,,\n", "framework.import.ref_twice", 4, "ref"},
		"empty title":            {"x.csv", head + "R.1,G,,,,\n", "framework.import.title_empty", 2, "title"},
		"blank title":            {"x.csv", head + "R.1,G,  ,,,\n", "framework.import.title_empty", 2, "title"},
		"shifted right":          {"x.csv", head + "R.0,G,Zero,,,\n,R.1,G,One,CC6.2,equal\n", "framework.import.ref_empty", 3, "ref"},
		"shifted left":           {"x.csv", head + "G,One,CC6.2,equal,Because,\n", "framework.import.criterion", 2, "criteria"},
		"cell too many":          {"x.csv", head + "R.1,G,One, and more,CC6.2,equal,Because\n", "framework.import.columns", 2, ""},
		"cell missing":           {"x.csv", head + "R.1,G,One\n", "framework.import.columns", 2, ""},
		"two header rows":        {"x.csv", head + "R.1,G,One,,,\n" + head, "framework.import.second_header", 3, ""},
		"header in other words":  {"x.csv", head + "Number,Chapter,Name,Criteria,Relation,Reason\n", "framework.import.criterion", 2, "criteria"},
		"line above the header":  {"x.csv", "Our rules,,,,,\n" + head, "framework.import.header", 1, ""},
		"shifted header":         {"x.csv", "," + head, "framework.import.header", 1, ""},
		"semicolons":             {"x.csv", strings.ReplaceAll(head, ",", ";"), "framework.import.header", 1, ""},
		"no header":              {"x.csv", "R.1,G,One,,,\n", "framework.import.header", 1, ""},
		"header alone":           {"x.csv", head, "framework.import.empty", 1, ""},
		"empty file":             {"x.csv", "", "framework.import.empty", 1, ""},
		"broken quotes":          {"x.csv", head + "R.1,G,\"One,,,\n", "framework.import.csv", 2, ""},
		"unknown relation":       {"x.csv", head + "R.1,G,One,CC6.2,same,\n", "framework.import.relation", 2, "relation"},
		"no relation":            {"x.csv", head + "R.1,G,One,CC6.2,,\n", "framework.import.relations", 2, "relation"},
		"relation count":         {"x.csv", head + "R.1,G,One,CC6.1;CC6.2;CC6.3,equal;subset,\n", "framework.import.relations", 2, "relation"},
		"relation without":       {"x.csv", head + "R.1,G,One,,equal,\n", "framework.import.no_criterion", 2, "relation"},
		"criterion twice":        {"x.csv", head + "R.1,G,One,CC6.1;CC6.1,equal,\n", "framework.import.criterion_twice", 2, "criteria"},
		"not UTF-8":              {"x.csv", head + "R.1,G,\xe5r,,,\n", "framework.import.utf8", 2, "7"},
		"direction mark":         {"x.csv", head + "R.1,G,a\u202eb,,,\n", "framework.import.text", 2, "title"},
		"control character":      {"x.csv", head + "R.1\x00,G,One,,,\n", "framework.import.text", 2, "ref"},
		"points alone":           {"x.csv", head + "..,G,One,,,\n", "framework.import.text", 2, "ref"},
		"too many":               {"x.csv", big.String(), "framework.import.too_many", MaxOwnRefs + 2, "ref"},
		"too large":              {"x.csv", strings.Repeat("x", MaxOwnBytes+1), "framework.import.too_large", 0, ""},
		"another kind":           {"x.xlsx", "PK", "framework.import.kind", 0, ""},
		"YAML unknown criterion": {"x.yaml", strings.Replace(ownYAML, "id: CC6.3", "id: CC7.9", 1), "framework.import.criterion", 10, "refs[0].criteria[1].id"},
		"YAML relation missing":  {"x.yml", strings.Replace(ownYAML, "        relation: intersects\n", "", 1), "framework.import.relation", 10, "refs[0].criteria[1].relation"},
		"YAML duplicate":         {"x.yaml", strings.Replace(ownYAML, "ref: R.2", "ref: 4.10", 1), "framework.import.ref_twice", 13, "refs[1].ref"},
		"YAML no title":          {"x.yaml", strings.Replace(ownYAML, "    title: Nothing reaches this\n", "", 1), "framework.import.title_empty", 13, "refs[1].title"},
		"YAML unknown field":     {"x.yaml", strings.Replace(ownYAML, "group:", "grupp:", 1), "framework.import.field", 6, "refs[0].grupp"},
		"YAML field twice":       {"x.yaml", ownYAML + "version: 3\n", "framework.import.yaml", 15, ""},
		"YAML second document":   {"x.yaml", ownYAML + "---\nid: more\n", "framework.import.documents", 16, ""},
		"YAML no list":           {"x.yaml", "id: ab\ntitle: A\nrefs: many\n", "framework.import.list", 3, "refs"},
		"YAML alias":             {"x.yaml", "id: ab\ntitle: &t A\nversion: *t\nrefs: []\n", "framework.import.scalar", 2, "title"},
		"YAML broken":            {"x.yaml", "id: [\n", "framework.import.yaml", 1, ""},
		"YAML empty":             {"x.yaml", "# nothing\n", "framework.import.empty", 1, ""},
		"YAML no refs":           {"x.yaml", "id: ab\ntitle: A\n", "framework.import.empty", 1, ""},
		"YAML nested to death":   {"x.yaml", strings.Repeat("[", 100_000), "framework.import.yaml", 1, ""},
		"YAML built-in id":       {"x.yaml", strings.Replace(ownYAML, "customer-rules", "gdpr", 1), "framework.own.builtin", 0, ""},
		"YAML criteria set's id": {"x.yaml", strings.Replace(ownYAML, "customer-rules", TSC2017ID, 1), "framework.own.builtin", 0, ""},
		"YAML reserved id":       {"x.yaml", strings.Replace(ownYAML, "customer-rules", "import", 1), "framework.own.id", 0, ""},
		"YAML id with a slash":   {"x.yaml", strings.Replace(ownYAML, "customer-rules", "../x", 1), "framework.own.id", 0, ""},
		"OSCAL duplicate":        {"x.json", strings.Replace(ownOSCAL, "c-4", "c-3", 1), "framework.import.ref_twice", 6, "catalog.controls[0].id"},
		"OSCAL no title":         {"x.json", strings.Replace(ownOSCAL, `, "title": "Third"`, "", 1), "framework.import.title_empty", 5, "catalog.groups[0].groups[0].controls[0].title"},
		"OSCAL empty group":      {"x.json", strings.Replace(ownOSCAL, `"title": "Inner", `, "", 1), "framework.import.group_empty", 5, "catalog.groups[0].groups[0].title"},
		"OSCAL other document":   {"x.json", `{"profile": {}}`, "framework.import.no_catalog", 1, "catalog"},
		"OSCAL title a number":   {"x.json", strings.Replace(ownOSCAL, `"First"`, "7", 1), "framework.import.scalar", 3, "catalog.groups[0].controls[0].title"},
		"OSCAL wrong shape":      {"x.json", `{"catalog": {"controls": {}}}`, "framework.import.shape", 1, "catalog.controls"},
		"OSCAL cut off":          {"x.json", ownOSCAL[:200], "framework.import.json", 3, ""},
		"OSCAL two documents":    {"x.json", ownOSCAL + ownOSCAL, "framework.import.json", 6, ""},
		"OSCAL all withdrawn":    {"x.json", `{"catalog": {"metadata": {"title": "T"}, "controls": [{"id": "a", "title": "A", "props": [{"name": "status", "value": "Withdrawn"}]}]}}`, "framework.import.empty", 1, ""},
		"OSCAL too deep":         {"x.json", `{"catalog": {"groups": ` + strings.Repeat(`[{"groups": `, 40) + `[]` + strings.Repeat(`}]`, 40) + `}}`, "framework.import.deep", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := Source{}
			if strings.HasSuffix(tc.file, ".csv") {
				src = Source{ID: "x1", Title: "X"}
			}
			if strings.HasSuffix(tc.file, ".json") {
				src.ID = "x1"
			}
			f, _, err := Parse(tc.file, []byte(tc.text), src)
			if f != nil || err == nil {
				t.Fatalf("taken: %+v", f)
			}
			x, ok := fault.As(err)
			if !ok || x.Key != tc.key {
				t.Fatalf("%v, want %s", err, tc.key)
			}
			args := map[any]any{}
			for i := 0; i+1 < len(x.Args); i += 2 {
				args[x.Args[i]] = x.Args[i+1]
			}
			if tc.row > 0 && args["Row"] != tc.row {
				t.Errorf("row %v, want %d: %v", args["Row"], tc.row, err)
			}
			if tc.column != "" && args["Column"] != tc.column {
				t.Errorf("column %v, want %s: %v", args["Column"], tc.column, err)
			}
			for _, lang := range i18n.Languages {
				s := i18n.In(lang, x.Key, x.Args...)
				if strings.ContainsAny(s, "‹›") || strings.Contains(s, "<no value>") {
					t.Errorf("%s: %s", lang, s)
				}
			}
		})
	}
}

// Several problems are told at once, but no flood of them.
func TestParseTellsSeveral(t *testing.T) {
	text := "ref,group,title,criteria,relation,rationale\n" + strings.Repeat(",G,,CC0.0,none,\n", 50)
	_, _, err := Parse("x.csv", []byte(text), Source{ID: "x1", Title: "X"})
	p, ok := err.(Problems) //nolint:errorlint // what Parse promises
	if !ok || len(p) != problemsMost {
		t.Errorf("%d problems: %v", len(p), err)
	}
}

// The register takes nothing that a file would be refused for.
func TestOwnedRules(t *testing.T) {
	good := func() *Reference {
		f, _, err := Parse("rules.yaml", []byte(ownYAML), Source{})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if err := checkOwned(nil, nil, good()); err != nil {
		t.Errorf("good: %v", err)
	}
	for name, edit := range map[string]func(*Reference){
		"id":            func(f *Reference) { f.ID = "Ä" },
		"built in":      func(f *Reference) { f.ID = "hipaa" },
		"kind":          func(f *Reference) { f.Kind = "law" },
		"status":        func(f *Reference) { f.Status = "reviewed" },
		"version":       func(f *Reference) { f.Version = "" },
		"title":         func(f *Reference) { f.Title.EN = " x" },
		"set":           func(f *Reference) { f.Set = "tsc-2030" },
		"none":          func(f *Reference) { f.Refs = nil },
		"title of ref":  func(f *Reference) { f.Refs[0].Title.EN = "" },
		"twice":         func(f *Reference) { f.Refs[1].ID = f.Refs[0].ID },
		"group":         func(f *Reference) { f.Refs[0].Group = "Elsewhere" },
		"criterion":     func(f *Reference) { f.Rows[0].Criterion = "CC9.9" },
		"ref of row":    func(f *Reference) { f.Rows[0].Ref = "R.9" },
		"relation":      func(f *Reference) { f.Rows[0].Relation = "same" },
		"row twice":     func(f *Reference) { f.Rows[1] = f.Rows[0] },
		"another entry": func(f *Reference) { f.ID = "other-rules" },
	} {
		f := good()
		edit(f)
		if err := checkOwned(nil, good(), f); fault.KindOf(err) == fault.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	if OwnedID("a") != register.ID[Reference]("frw_a") {
		t.Error(OwnedID("a"))
	}
}

// No file, however broken, brings the reader down, and what is taken holds the rules.
func FuzzParseOwn(f *testing.F) {
	f.Add("x.yaml", ownYAML)
	f.Add("x.csv", ownCSV)
	f.Add("x.json", ownOSCAL)
	f.Fuzz(func(t *testing.T, name, text string) {
		ref, _, err := Parse(name, []byte(text), Source{ID: "x1", Title: "X"})
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		if err := checkOwned(nil, nil, ref); err != nil {
			t.Fatalf("read, and refused by the register: %v", err)
		}
	})
}

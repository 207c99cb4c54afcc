package framework

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"bevis/catalog"
	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// The numbers of references and rows, framework by framework (C6).
func TestReferenceCounts(t *testing.T) {
	all, err := References()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]int{"iso27001-2022": {113, 308}, "nist-csf-2.0": {106, 266}, "hipaa": {94, 184}, "gdpr": {45, 132}, "ccpa": {21, 51}}
	if len(all) != len(want) {
		t.Errorf("%d frameworks, want %d", len(all), len(want))
	}
	for _, f := range all {
		if got := [2]int{len(f.Refs), len(f.Rows)}; got != want[f.ID] {
			t.Errorf("%s: %v references and rows, want %v", f.ID, got, want[f.ID])
		}
		if f.Status != Proposed || f.Set != TSC2017ID || f.Author == "" || f.Own() {
			t.Errorf("%s: %s of %s by %q", f.ID, f.Status, f.Set, f.Author)
		}
	}
	iso, err := ReferenceByID("iso27001-2022")
	if err != nil {
		t.Fatal(err)
	}
	annex := 0
	for _, r := range iso.Refs {
		if strings.HasPrefix(r.ID, "A.") {
			annex++
		}
	}
	if annex != 93 {
		t.Errorf("%d controls in Annex A, want 93", annex)
	}
	if _, err := ReferenceByID("iso9001"); !fault.Is(err, "framework.reference_unknown") {
		t.Errorf("%v", err)
	}
	if _, err := iso.Ref("A.9.9"); !fault.Is(err, "framework.ref_unknown") {
		t.Errorf("%v", err)
	}
}

// Both ways round the crosswalk say the same, and only what was proposed.
func TestReferenceRowsBothWays(t *testing.T) {
	all, err := References()
	if err != nil {
		t.Fatal(err)
	}
	claims := regexp.MustCompile(`(?i)\b(is|are|fully) covered\b|\bcompliant\b|\bcertified\b|\bär täckt|\bcertifier`)
	for _, f := range all {
		from, through := 0, 0
		for _, c := range set(t).Criteria {
			for _, r := range f.RowsFrom(c.ID) {
				if r.Criterion != c.ID {
					t.Fatalf("%s: %s is filed under %s", f.ID, r.Criterion, c.ID)
				}
				from++
			}
		}
		for _, ref := range f.Refs {
			for _, r := range f.RowsOf(ref.ID) {
				if r.Ref != ref.ID {
					t.Fatalf("%s: %s is filed under %s", f.ID, r.Ref, ref.ID)
				}
				if claims.MatchString(r.Rationale.EN + " " + r.Rationale.SV) {
					t.Errorf("%s %s: the rationale claims too much: %+v", f.ID, ref.ID, r.Rationale)
				}
				through++
			}
		}
		if from != len(f.Rows) || through != len(f.Rows) {
			t.Errorf("%s: %d from the criteria, %d from the references, %d rows", f.ID, from, through, len(f.Rows))
		}
		v := f.View(i18n.Swedish)
		if len(v.Refs) != len(f.Refs) || v.Note == "" || v.Refs[0].Criteria == nil {
			t.Errorf("%s: %+v", f.ID, v.Refs[0])
		}
	}
}

const (
	headYAML = "id: small\nversion: '1'\ntitle: {en: Small, sv: Liten}\npublisher: Nobody\nkind: law\nstatus: proposed\nauthor: Us\nnote: {en: Ours, sv: Vår}\ngroups:\n  - {id: one, title: {en: One, sv: Ett}}\n"
	refsCSV  = "ref,group,title_en,title_sv\nR.1,one,First,Första\nR.2,one,Second,Andra\n"
	rowsCSV  = "criterion,ref,relation,rationale_en,rationale_sv\nCC6.1,R.1,intersects,Both ask it,Båda kräver det\nCC6.1,R.2,equal,The same,Samma sak\n"
)

// A damaged framework is refused, and the refusal names file and row.
func TestReferenceRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ file, old, new, want string }{
		"unknown criterion":   {"crosswalk", "CC6.1,R.2", "CC6.9,R.2", `crosswalk.csv:3: criterion "CC6.9"`},
		"unknown reference":   {"crosswalk", "CC6.1,R.2", "CC6.1,R.3", `crosswalk.csv:3: reference "R.3"`},
		"unknown relation":    {"crosswalk", "equal", "same", `crosswalk.csv:3: relation "same"`},
		"no relation":         {"crosswalk", "equal", "", `crosswalk.csv:3: relation ""`},
		"no Swedish reason":   {"crosswalk", ",Samma sak", ",", "crosswalk.csv:3: rationale: the Swedish"},
		"no English reason":   {"crosswalk", "The same,", ",", "crosswalk.csv:3: rationale: the English"},
		"row twice":           {"crosswalk", "CC6.1,R.2", "CC6.1,R.1", "crosswalk.csv:3: CC6.1 and R.1 are in frameworks/small/crosswalk.csv:2 already"},
		"column missing":      {"crosswalk", "The same,Samma sak", "The same", "crosswalk.csv: record on line 3"},
		"columns changed":     {"crosswalk", "criterion,ref", "ref,criterion", "crosswalk.csv:1: the columns are"},
		"rows not UTF-8":      {"crosswalk", "Samma", "\xff", "crosswalk.csv: not UTF-8"},
		"no Swedish title":    {"refs", "Second,Andra", "Second,", "refs.csv:3: title of R.2: the Swedish"},
		"padded title":        {"refs", "Second,", "Second ,", "refs.csv:3: title of R.2: the English"},
		"reference twice":     {"refs", "R.2", "R.1", "refs.csv:3: reference R.1 is there twice"},
		"unknown group":       {"refs", "R.2,one", "R.2,two", `refs.csv:3: group "two"`},
		"empty reference":     {"refs", "R.2,one", ",one", "refs.csv:3: the reference is empty"},
		"group without a ref": {"framework", "groups:\n", "groups:\n  - {id: two, title: {en: Two, sv: Två}}\n", "refs.csv: group two has no reference"},
		"group twice":         {"framework", "groups:\n", "groups:\n  - {id: one, title: {en: One, sv: Ett}}\n", `group "one" is empty or there twice`},
		"unknown field":       {"framework", "author:", "edition: 3\nauthor:", "edition"},
		"unknown kind":        {"framework", "kind: law", "kind: custom", `kind "custom"`},
		"status":              {"framework", "status: proposed", "status: proven", `status "proven"`},
		"other folder":        {"framework", "id: small", "id: large", `the id is "large"`},
		"no Swedish note":     {"framework", ", sv: Vår", "", "note: the Swedish"},
		"second document":     {"framework", "groups:", "---\ngroups:", "framework.yaml"},
		"empty crosswalk":     {"crosswalk", rowsCSV, "", "crosswalk.csv: empty"},
	} {
		t.Run(name, func(t *testing.T) {
			texts := map[string]string{"framework": headYAML, "refs": refsCSV, "crosswalk": rowsCSV}
			changed := strings.Replace(texts[tc.file], tc.old, tc.new, 1)
			if changed == texts[tc.file] {
				t.Fatal("the case changes nothing")
			}
			texts[tc.file] = changed
			_, err := readReferences(folder(texts), set(t))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
	if _, err := readReferences(folder(map[string]string{"framework": headYAML, "refs": refsCSV, "crosswalk": rowsCSV}), set(t)); err != nil {
		t.Errorf("undamaged: %v", err)
	}
}

func folder(texts map[string]string) fs.FS {
	return fstest.MapFS{
		"frameworks/small/framework.yaml": {Data: []byte(texts["framework"])},
		"frameworks/small/refs.csv":       {Data: []byte(texts["refs"])},
		"frameworks/small/crosswalk.csv":  {Data: []byte(texts["crosswalk"])},
	}
}

// What is embedded is what lies in the folder: no file is forgotten.
func TestReferenceFilesEmbedded(t *testing.T) {
	files, err := fs.Glob(catalog.Frameworks, "frameworks/*/*")
	if err != nil || len(files) != 15 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestRelations(t *testing.T) {
	whole := map[Relation]bool{Equal: true, Superset: true, Subset: false, Intersects: false}
	for _, r := range Relations {
		if !r.Valid() || r.Whole() != whole[r] {
			t.Errorf("%s: %t, %t", r, r.Valid(), r.Whole())
		}
	}
	if Relation("wider").Valid() || len(whole) != len(Relations) {
		t.Error("an unknown relation is taken")
	}
}

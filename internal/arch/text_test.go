package arch

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// claims are what this product must never say of anybody: a SOC 2 examination
// ends in an opinion by an independent auditor, not in a certificate or a pass.
var claims = regexp.MustCompile(`(?i)\bSOC\s?2[\s\x{00a0}-]+(certifi|compliant\b)|\b(pass|passes|passed)\s+(the\s+|a\s+|your\s+)?SOC\s?2\b`)

// quoting are the files that name these words in order to forbid them.
var quoting = map[string]string{
	"internal/arch/text_test.go":           "the cases below",
	"internal/framework/framework_test.go": "cases of the wording lint over the criteria",
	"docs/glossary.md":                     "words to avoid",
}

func TestNobodyClaimsACertificate(t *testing.T) {
	eachLine(t, func(file string, line int, text []byte) {
		if found := claims.Find(text); found != nil && quoting[file] == "" {
			t.Errorf("%s:%d: %q claims what no one can. Say what is true: \"SOC 2 report\", \"examined by\", \"ready for examination\". A file that lists the words in order to forbid them goes into quoting in internal/arch/text_test.go.", file, line, found)
		}
	})
}

// machinePath is an absolute path of somebody's machine; the same word inside a
// web address or a relative path is none.
var machinePath = regexp.MustCompile("(?:^|[\\s\"'`(=:,<>\\[{|])/(?:work|root)/")

func TestNoPathsOfOneMachine(t *testing.T) {
	eachLine(t, func(file string, line int, text []byte) {
		if found := machinePath.Find(text); found != nil && file != "internal/arch/text_test.go" {
			t.Errorf("%s:%d: %q is a path of one machine. Use a path from the repository's root, a flag, an environment variable or t.TempDir().", file, line, found)
		}
	})
}

// eachLine hands over every line of every text file of the repository.
func eachLine(t *testing.T, visit func(file string, line int, text []byte)) {
	t.Helper()
	texts := sources(t).texts
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		n := 0
		for line := range bytes.Lines(texts[file]) {
			n++
			visit(file, n, line)
		}
	}
}

func TestTextRulesRecogniseTheirCases(t *testing.T) {
	for text, want := range map[string][2]bool{
		"We are SOC 2 certified.":                {true, false},
		"a soc2-compliant service":               {true, false},
		"SOC 2-certifierad leverantör":           {true, false},
		"Acme passed SOC 2 last year":            {true, false},
		"pass your SOC 2 in weeks":               {true, false},
		"a SOC 2 report on a compliant process":  {},
		"the SOC 2 examination passed to others": {},
		"see /work/main/go.mod":                  {false, true},
		"dir=/root/.cache":                       {false, true},
		"https://example.com/work/1":             {},
		"paths like a/root/b":                    {},
	} {
		got := [2]bool{claims.MatchString(text), machinePath.MatchString(text)}
		if got != want {
			t.Errorf("%q: claim, path = %v, want %v", text, got, want)
		}
	}
}

// A page that was changed without `make generate` shows its old self.
func TestEveryViewIsGenerated(t *testing.T) {
	texts := sources(t).texts
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		if view, ok := strings.CutSuffix(file, ".templ"); ok && texts[view+"_templ.go"] == nil {
			t.Errorf("%s has no %s_templ.go beside it. Run \"make generate\" and commit the result.", file, path.Base(view))
		}
		if view, ok := strings.CutSuffix(file, "_templ.go"); ok && texts[view+".templ"] == nil {
			t.Errorf("%s has no %s.templ that it comes from. Remove it, or bring the view back.", file, path.Base(view))
		}
	}
}

// The program that writes the views and the library they run on are one thing.
func TestTemplToolMatchesLibrary(t *testing.T) {
	texts := sources(t).texts
	line := regexp.MustCompile(`(?m)^(?:require )?\s*github\.com/a-h/templ (v\S+)`)
	library := line.FindSubmatch(texts["go.mod"])
	tool := line.FindSubmatch(texts["tools/templ/go.mod"])
	if library == nil || tool == nil {
		t.Fatalf("github.com/a-h/templ is missing from go.mod (%q) or tools/templ/go.mod (%q)", library, tool)
	}
	if !bytes.Equal(library[1], tool[1]) {
		t.Errorf("go.mod has templ %s, tools/templ/go.mod has %s. Set both to the same version and run \"make generate\".", library[1], tool[1])
	}
}

// Every library has a line that says why it is here and what else was looked at.
func TestEveryDependencyIsExplained(t *testing.T) {
	texts := sources(t).texts
	var records []byte
	for file, text := range texts {
		if path.Dir(file) == "docs/adr" {
			records = append(records, text...)
		}
	}
	direct := regexp.MustCompile(`(?m)^(?:require|\t)\s*([a-z]\S*\.\S*/\S+) v\S+$`).FindAllSubmatch(texts["go.mod"], -1)
	for _, d := range direct {
		if !bytes.Contains(records, []byte("`"+string(d[1])+"`")) {
			t.Errorf("go.mod requires %s, and no record in docs/adr names it. Add a line to docs/adr/0002-dependencies.md: what for, what else was looked at, licence, health.", d[1])
		}
	}
}

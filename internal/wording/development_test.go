package wording

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bevis/internal/i18n"
)

// sample is a sentence with what it lacks.
type sample struct {
	lang    i18n.Lang
	text    string
	missing []Part
	hollow  bool
}

// development are our own sentences; they were written before the words that judge
// them, or to show a mistake that was mended.
func development(t testing.TB) []sample {
	t.Helper()
	var out []sample
	for _, lang := range i18n.Languages {
		raw, err := os.ReadFile(filepath.Join("testdata", "development", string(lang)+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			lacks, text, ok := strings.Cut(strings.TrimSpace(line), " | ")
			if !ok || strings.HasPrefix(lacks, "#") {
				continue
			}
			s := sample{lang: lang, text: text, missing: []Part{}, hollow: lacks == "hollow"}
			for p := range strings.SplitSeq(lacks, ",") {
				if slices.Contains(Parts, Part(p)) {
					s.missing = append(s.missing, Part(p))
				}
			}
			out = append(out, s)
		}
	}
	return out
}

func (s sample) verdict() string {
	if s.hollow || len(s.missing) > 0 {
		return Vague
	}
	return Specific
}

func TestDevelopmentSentences(t *testing.T) {
	for _, s := range development(t) {
		j := Judge(s.lang, s.text)
		if j.Verdict != s.verdict() || !slices.Equal(j.Missing, s.missing) {
			t.Errorf("%s: %s lacks %v, want %s lacking %v%s", s.text, j.Verdict, j.Missing, s.verdict(), s.missing, seen(j))
		}
	}
}

// seen shows what a judgement saw.
func seen(j Judgement) string {
	var b strings.Builder
	for _, f := range j.Findings {
		fmt.Fprintf(&b, "\n\t%s %q", f.Part, f.Text)
	}
	return b.String()
}

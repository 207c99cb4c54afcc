package wording

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"bevis/internal/i18n"
)

// Adding a hedge never makes a vague sentence specific, wherever it is put.
func TestHedgesNeverHelp(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	added := map[i18n.Lang][]string{
		i18n.English: {"regularly", "where possible", "as needed", "in a timely manner", "appropriately", "normally", "from time to time", "if possible", "promptly"},
		i18n.Swedish: {"regelbundet", "om möjligt", "vid behov", "i tid", "på lämpligt sätt", "normalt", "löpande", "skyndsamt"},
	}
	for _, s := range development(t) {
		if s.verdict() != Vague {
			continue
		}
		fields := strings.Fields(s.text)
		for range 6 {
			hedge := added[s.lang][random.IntN(len(added[s.lang]))]
			at := random.IntN(len(fields) + 1)
			text := strings.Join(slices.Concat(fields[:at], []string{hedge}, fields[at:]), " ")
			if j := Judge(s.lang, text); j.Verdict == Specific {
				t.Errorf("%q made it specific:\n\t%s%s", hedge, text, seen(j))
			}
		}
	}
}

// The case of the first letter, the final stop and blanks around say nothing.
func TestTypographyDoesNotMatter(t *testing.T) {
	for _, s := range slices.Concat(development(t), library(t)) {
		want := Judge(s.lang, s.text)
		first := []rune(s.text)
		first[0] = unicode.ToLower(first[0])
		for _, other := range []string{string(first), strings.TrimSuffix(s.text, "."), "  " + s.text + "\n", strings.ReplaceAll(s.text, " ", "\u00a0")} {
			if strings.HasPrefix(s.text, "IT ") && other == string(first) {
				continue // "iT" is no word
			}
			if got := Judge(s.lang, other); got.Verdict != want.Verdict || !slices.Equal(got.Missing, want.Missing) {
				t.Errorf("%q: %s %v, as written %s %v%s", other, got.Verdict, got.Missing, want.Verdict, want.Missing, seen(got))
			}
		}
	}
}

// The work grows with the length: what a page may send is judged at once, even
// where every word could begin a clause or a pattern.
func TestLongSentences(t *testing.T) {
	for _, part := range []string{"a", "before ", "som ", "[", "appropriate review ", "The security lead reviews all accounts in Okta each quarter, ", "av säkerhetsansvarig "} {
		text := strings.Repeat(part, 64<<10/len(part))
		for _, lang := range i18n.Languages {
			from := time.Now()
			check(t, lang, text)
			took := time.Since(from)
			if took > 5*time.Second {
				t.Errorf("%q repeated to 64 KiB took %v", part, took)
			}
		}
	}
}

func FuzzJudge(f *testing.F) {
	for _, s := range slices.Concat(development(f), odd()) {
		f.Add(s.text, s.lang == i18n.Swedish)
	}
	f.Fuzz(func(t *testing.T, text string, swedish bool) {
		lang := i18n.English
		if swedish {
			lang = i18n.Swedish
		}
		check(t, lang, head(text, 64<<10))
		Detect(text)
	})
}

package wording

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/i18n"
)

func TestFixedSentences(t *testing.T) {
	for _, tc := range []struct {
		lang    i18n.Lang
		text    string
		verdict string
	}{
		{i18n.English, "Access to systems is restricted to authorised users.", Vague},
		{i18n.English, "All access to production servers is granted through Okta by SAML single sign-on with least-privilege roles and reviewed quarterly by the security lead.", Specific},
		{i18n.Swedish, "Åtkomst till system är begränsad till behöriga användare.", Vague},
		{i18n.Swedish, "All åtkomst till produktionsservrar ges genom Okta med SAML-inloggning och minsta möjliga behörighet och granskas kvartalsvis av säkerhetsansvarig.", Specific},
	} {
		j := Judge(tc.lang, tc.text)
		if j.Verdict != tc.verdict || (j.Better == "") != (tc.verdict == Specific) || j.Lang != tc.lang {
			t.Errorf("%s: %s, better %q%s", tc.text, j.Verdict, j.Better, seen(j))
		}
		if Detect(tc.text) != tc.lang {
			t.Errorf("%s: taken for %s", tc.text, Detect(tc.text))
		}
	}
}

// Every sentence that the library offers is one that this package calls specific,
// and its language is recognised.
func TestLibraryIsSpecific(t *testing.T) {
	for _, s := range library(t) {
		if j := Judge(s.lang, s.text); j.Verdict != Specific || j.Better != "" && len(j.Vague) == 0 {
			t.Errorf("%s: %s lacks %v, hedges %v%s", s.text, j.Verdict, j.Missing, j.Vague, seen(j))
		}
		if got := Detect(s.text); got != s.lang {
			t.Errorf("%s: taken for %s", s.text, got)
		}
	}
}

// library is every statement of the catalogue with its default values.
func library(t testing.TB) []sample {
	t.Helper()
	entries, err := catalog.Controls.ReadDir("controls")
	if err != nil {
		t.Fatal(err)
	}
	var out []sample
	for _, e := range entries {
		raw, err := catalog.Controls.ReadFile("controls/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		var f struct {
			Controls []struct {
				Statement map[i18n.Lang]string `yaml:"statement"`
				Params    []struct {
					Name    string `yaml:"name"`
					Default string `yaml:"default"`
				} `yaml:"params"`
			} `yaml:"controls"`
		}
		if err := yaml.Unmarshal(raw, &f); err != nil {
			t.Fatalf("%s: %v", e.Name(), err)
		}
		for _, c := range f.Controls {
			for lang, text := range c.Statement {
				for _, p := range c.Params {
					text = strings.ReplaceAll(text, "{{"+p.Name+"}}", p.Default)
				}
				out = append(out, sample{lang: lang, text: text})
			}
		}
	}
	if len(out) < 100 {
		t.Fatalf("only %d statements read", len(out))
	}
	return out
}

// A better sentence keeps the promise: once its places are filled it is specific.
// It is offered whenever there is something to improve.
func TestBetterIsSpecificOnceFilled(t *testing.T) {
	for _, s := range slices.Concat(development(t), odd()) {
		j := Judge(s.lang, s.text)
		if j.Verdict == Vague && j.Better == "" {
			t.Errorf("%q: vague, and nothing better is offered", s.text)
		}
		if j.Better == "" {
			continue
		}
		filled := of(s.lang).fill(j.Better)
		if strings.ContainsAny(filled, "[]{}") && !strings.ContainsAny(s.text, "[]{}") {
			t.Errorf("%s: a place without an example in %q", s.text, j.Better)
		}
		if b := Judge(s.lang, filled); b.Verdict != Specific {
			t.Errorf("%s\n\tbetter %s\n\tlacks %v%s", s.text, filled, b.Missing, seen(b))
		}
		if j.Better == s.text && !strings.Contains(s.text, "[") {
			t.Errorf("%s: the better sentence is the same", s.text)
		}
	}
}

// The sentences of our own are specific as they stand and use none of the words
// that they advise against.
func TestOwnSentencesAreSpecific(t *testing.T) {
	for _, lang := range i18n.Languages {
		for _, d := range of(lang).domains {
			if j := Judge(lang, d.sentence); j.Verdict != Specific || len(j.Vague) > 0 {
				t.Errorf("%s: %s lacks %v, hedges %v%s", d.sentence, j.Verdict, j.Missing, j.Vague, seen(j))
			}
		}
	}
}

func TestBetterKeepsWhatWasWritten(t *testing.T) {
	for text, want := range map[string]string{
		"Administrator accounts are reviewed every quarter and the list is signed.":                   "Administrator accounts are reviewed by [role] every quarter and the list is signed.",
		"The security lead reviews audit logs every day.":                                             "The security lead reviews audit logs every day, and [what record] is kept.",
		"The security lead reviews administrator accounts and signs the list":                         "The security lead reviews administrator accounts and signs the list [how often or when].",
		"We review administrator accounts in AWS each quarter and sign the list.":                     "[role] must review administrator accounts in AWS each quarter and sign the list.",
		"The HR manager regularly checks references of candidates and files the result.":              "The HR manager [how often or when] checks references of candidates and files the result.",
		"The platform team should restore the customer database every quarter and record the result.": "The platform team must restore the customer database every quarter and record the result.",
	} {
		if got := Judge(i18n.English, text).Better; got != want {
			t.Errorf("%s\n\tgot  %s\n\twant %s", text, got, want)
		}
	}
}

// odd is what people and programs also send.
func odd() []sample {
	var out []sample
	for _, lang := range i18n.Languages {
		for _, text := range []string{
			"", " ", ".", "?!", "[", "]", "[]", "{{", "}}", "{{x}}", "…", "\x00", "\xff\xfe", "å\xffä", "the", "by", "of of of", "and,", "en", "av av",
			"[role]", "{{removal_hours}} hours", "Okta", "ÅÄÖ", "reviews", "granskas", "日本語の文。", "🙂 approves 🙂", "before", "innan", "that that that",
			"\u00a0\u2028", "A\u0301", "1 2 3", "((((", "The", "İstanbul ſ K", "may", "to", "att för", "does", "not \u200b later than",
			"The security lead granskar production servers varje kvartal and signs listan.",
		} {
			out = append(out, sample{lang: lang, text: text})
		}
	}
	return out
}

func TestJudgeIsTotal(t *testing.T) {
	for _, s := range odd() {
		check(t, s.lang, s.text)
	}
	check(t, "xx", "Access is managed.")
	if j := Judge("xx", "Access is managed."); j.Lang != i18n.English {
		t.Errorf("an unknown language became %q", j.Lang)
	}
}

// check holds for the judgement of anything.
func check(t *testing.T, lang i18n.Lang, text string) {
	t.Helper()
	j := Judge(lang, text)
	if len(j.Findings) != len(Parts) || j.Missing == nil || j.Vague == nil {
		t.Fatalf("%q: %+v", text, j)
	}
	for i, f := range j.Findings {
		if f.Part != Parts[i] || f.Found == slices.Contains(j.Missing, f.Part) || f.Found != (f.Text != "") {
			t.Fatalf("%q: %+v", text, f)
		}
		if f.From < 0 || f.To < f.From || f.To > len(text) || text[f.From:f.To] != f.Text {
			t.Fatalf("%q: %+v does not stand there", text, f)
		}
	}
	for _, h := range j.Vague {
		if text[h.From:h.To] != h.Text || !i18n.Has(j.Lang, "wording.hedge."+h.Kind) {
			t.Fatalf("%q: %+v", text, h)
		}
	}
	if j.Verdict == Specific && len(j.Missing) > 0 || j.Verdict == Vague && j.Better == "" {
		t.Fatalf("%q: %+v", text, j)
	}
	if !utf8.ValidString(j.Better) && utf8.ValidString(text) {
		t.Fatalf("%q: better is no UTF-8: %q", text, j.Better)
	}
}

func TestMessagesExist(t *testing.T) {
	for _, lang := range i18n.Languages {
		var keys []string
		for _, p := range Parts {
			keys = append(keys, "wording.part."+string(p), "wording.missing."+string(p))
		}
		for _, h := range of(lang).hedges {
			keys = append(keys, "wording.hedge."+h.kind)
		}
		for _, v := range []string{Specific, Vague} {
			keys = append(keys, "wording.verdict."+v, "wording.says."+v)
		}
		for _, k := range keys {
			if !i18n.Has(lang, k) {
				t.Errorf("%s has no message %s", lang, k)
			}
		}
	}
}

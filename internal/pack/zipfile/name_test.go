package zipfile

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"bevis/internal/fault"
	"bevis/internal/i18n"
)

func keyOf(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Key
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// The corpus of T8: names that lead elsewhere, or mean something else elsewhere.
func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"a":                         "",
		"evidence/0001/report.pdf":  "",
		"bevis/åtgärder – 2030.csv": "",
		"日本/報告.txt":                 "",
		"a b/.hidden":               "",
		"...a":                      "",
		"console.txt":               "",
		"COM10":                     "",
		"com":                       "",
		strings.Repeat("a", 240):    "",
		"":                          "zip.name_empty",
		strings.Repeat("a", 241):    "zip.name_long",
		strings.Repeat("å", 121):    "zip.name_long",
		"a\xff":                     "zip.name_encoding",
		"a\xed\xa0\x80":             "zip.name_encoding", // half a surrogate pair
		"\xc0\xae\xc0\xae/x":        "zip.name_encoding", // overlong ..
		"/etc/passwd":               "zip.name_absolute",
		`\\server\share`:            "zip.name_absolute",
		"//server/share":            "zip.name_absolute",
		"C:/x":                      "zip.name_absolute",
		"c:x":                       "zip.name_absolute",
		`a\b`:                       "zip.name_character",
		`..\..\x`:                   "zip.name_character",
		"file.txt:stream":           "zip.name_character",
		"what?":                     "zip.name_character",
		"a\x00.txt":                 "zip.name_character",
		"a\nb":                      "zip.name_character",
		"a\x1b[31m":                 "zip.name_character",
		"a\x7f":                     "zip.name_character",
		"a\u0085":                   "zip.name_character",
		"invoice\u202efdp.exe":      "zip.name_character", // right-to-left override
		"a\u200b":                   "zip.name_character",
		"a\u00a0b":                  "zip.name_character",
		"a\ufe0f":                   "zip.name_character",
		"\u3164":                    "zip.name_character", // Hangul filler, drawn as nothing
		"a\u2028b":                  "zip.name_character",
		"\ue000":                    "zip.name_character",
		"\ufeffa":                   "zip.name_character",
		"A\u030angstrom":            "zip.name_nfc",
		"\u212bngstrom":             "zip.name_nfc", // the sign, not the letter
		"..":                        "zip.name_part",
		"../x":                      "zip.name_part",
		"a/../../x":                 "zip.name_part",
		"a/./b":                     "zip.name_part",
		"a//b":                      "zip.name_part",
		"a/":                        "zip.name_part",
		"a./b":                      "zip.name_trailing",
		"a.":                        "zip.name_trailing",
		"a /b":                      "zip.name_trailing",
		"...":                       "zip.name_trailing",
		"CON":                       "zip.name_reserved",
		"a/con":                     "zip.name_reserved",
		"nul.txt":                   "zip.name_reserved",
		"Aux.tar.gz":                "zip.name_reserved",
		"LPT1":                      "zip.name_reserved",
		"com¹.log":                  "zip.name_reserved",
		"CON .txt":                  "zip.name_reserved",
		"conin$":                    "zip.name_reserved",
	} {
		err := CheckName(name)
		if got := keyOf(err); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		if err == nil {
			continue
		}
		for _, lang := range i18n.Languages {
			s := i18n.Fault(i18n.With(t.Context(), lang), err, "")
			if strings.ContainsAny(s, "\x00\x1b\n\x7f‹") || strings.ContainsRune(s, '\u202e') || !utf8.ValidString(s) || strings.Contains(s, "no value") {
				t.Errorf("%q in %s: %q", name, lang, s)
			}
		}
	}
}

// Names that meet on Windows or macOS are refused in both orders.
func TestNamesThatMeet(t *testing.T) {
	for _, pair := range [][2]string{
		{"a", "a"},
		{"Report.pdf", "report.PDF"},
		{"Åtgärd", "åtgärd"},
		{"straße", "STRASSE"},
		{"\u212a", "k"}, // the Kelvin sign is not NFC, but must not need that rule
		{"ſ", "s"},
		{"ı", "I"},
		{"Σίσυφος", "ΣΊΣΥΦΟΣ"},
		{"a", "a/b"},
		{"A", "a/b"},
		{"x/y", "X/Y/z"},
		{"Policies/a", "policies/b"},
		{"x/Å/a", "x/å/b"},
		{"q/a/b", "q/A"},
	} {
		for i := range 2 {
			n := newNames()
			if err := n.add(pair[i], false); err != nil {
				t.Fatal(err)
			}
			if err := n.add("between/them", false); err != nil { // empties the cache of the folder
				t.Fatal(err)
			}
			if err := n.add(pair[1-i], false); keyOf(err) != "zip.name_twice" {
				t.Errorf("%q then %q: %v", pair[i], pair[1-i], err)
			}
		}
	}
	n := newNames()
	for _, name := range []string{"a/b", "a/c", "b", "a/d/e", "ab", "å", "ä", "c.txt", "c"} {
		if err := n.add(name, false); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, d := range []struct {
		name string
		dir  bool
		want string
	}{
		{"a", true, ""},
		{"a", true, "zip.name_twice"},
		{"A", true, "zip.name_twice"},
		{"b", true, "zip.name_twice"},
		{"new", true, ""},
		{"new", false, "zip.name_twice"},
		{"new/x", false, ""},
		{"NEW/y", false, "zip.name_twice"},
	} {
		if err := n.add(d.name, d.dir); keyOf(err) != d.want {
			t.Errorf("%q, directory %v: %v, want %q", d.name, d.dir, err, d.want)
		}
	}
}

func TestCleanName(t *testing.T) {
	long := strings.Repeat("Åtkomstgranskning ", 20)
	for title, want := range map[string]string{
		"Access review Q1 2030.pdf":     "Access review Q1 2030.pdf",
		"Åtkomst/behörighet: kvartal 1": "Åtkomst-behörighet- kvartal 1",
		"  a \t\n b  ":                  "a b",
		"../../etc/passwd":              "..-..-etc-passwd",
		"..":                            "file",
		"":                              "file",
		" . ":                           "file",
		"\u202e\u200b":                  "file",
		"CON":                           "_CON",
		"nul.txt":                       "_nul.txt",
		"Who approved it?":              "Who approved it-",
		"A\u030angstro\u0308m":          "Ångström",
		"a\xffb":                        "a-b",
		"end...":                        "end",
		"C:\\temp\\x":                   "C--temp-x",
		"❤\ufe0f heart":                 "❤ heart",
	} {
		if got := CleanName(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
	if got := CleanName(long + ".xlsx"); len(got) > maxClean || !strings.HasSuffix(got, ".xlsx") || !strings.HasPrefix(got, "Åtkomstgranskning Å") {
		t.Errorf("long: %q", got)
	}
}

func TestCleanNameAlwaysPasses(t *testing.T) {
	odd := rapid.SampledFrom([]string{"..", ".", " ", "/", "\\", "CON", "com¹", "nul.", "a\u030a", "\u0301", "\u1100", "\u1161", "\u11a8", "å", "\xff", "\u202e", ":", "x", ".txt", strings.Repeat("ö", 70)})
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			if rapid.Bool().Draw(t, "odd") {
				b.WriteString(odd.Draw(t, "piece"))
			} else {
				b.WriteString(rapid.String().Draw(t, "text"))
			}
		}
		got := CleanName(b.String())
		if err := CheckName(got); err != nil || strings.Contains(got, "/") || len(got) > maxClean {
			t.Fatalf("%q: %q, %v", b.String(), got, err)
		}
		if again := CleanName(got); again != got {
			t.Fatalf("%q: %q, then %q", b.String(), got, again)
		}
	})
}

package population

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold brings a name or an address into the form in which people are compared:
// Unicode case folded, composed (NFC), runs of blanks one space, invisible format
// characters dropped, no blanks at either end. "Ada  LOVELACE" and "ada lovelace"
// fold alike, so nobody becomes their own second person by typing.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	// ToLower after Fold: x/text folds the two cases of Cherokee into each other.
	s = norm.NFC.String(strings.ToLower(cases.Fold().String(norm.NFC.String(s))))
	return strings.Join(strings.Fields(s), " ")
}

// plain reports whether s is already folded: lower-case ASCII with single blanks.
func plain(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c >= 'A' && c <= 'Z' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return s == "" || last != ' '
}

package wording

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one word, number, bracketed place or mark of punctuation.
type token struct {
	from, to int    // byte offsets in the sentence
	low      string // lower case, without a closing apostrophe
	stem     string // English singular; equal to low where there is none
	kind     kind
	capital  bool    // begins with a capital letter
	ids      []int32 // of the literals it spells
}

type kind uint8

const (
	word    kind = iota
	number       // 24, 1.5, three, {{removal_hours}}
	place        // [which systems]: something that is still to be said
	mark         // , ; : ( )
	stop         // . ! ?
	nothing      // beyond the end
)

// tokens splits a sentence. Every byte offset lies on the boundary of a rune, and
// bytes that are no UTF-8 separate words like blanks.
func tokens(s string, w *words) []token {
	var out []token
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case strings.HasPrefix(s[i:], "{{"):
			if end := strings.Index(head(s[i:], maxPlace), "}}"); end > 0 {
				out = append(out, token{from: i, to: i + end + 2, low: "#", stem: "#", kind: number})
				i += end + 2
				continue
			}
			i += 2
		case r == '[' || r == '…':
			end := n
			if r == '[' {
				if at := strings.IndexByte(head(s[i:], maxPlace), ']'); at > 0 {
					end = at + 1
				}
			}
			out = append(out, token{from: i, to: i + end, kind: place})
			i += end
		case inWord(r):
			end := i + wordLength(s[i:])
			out = append(out, newWord(s, i, end, w))
			i = end
		case strings.ContainsRune(".!?", r):
			out = append(out, token{from: i, to: i + n, low: ".", kind: stop})
			i += n
		case strings.ContainsRune(",;:()–—", r):
			out = append(out, token{from: i, to: i + n, low: string(r), kind: mark})
			i += n
		default:
			i += n
		}
	}
	return out
}

// maxPlace is how many bytes a bracketed place may have.
const maxPlace = 200

func head(s string, n int) string { return s[:min(n, len(s))] }

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

// wordLength is the length in bytes of the word that s begins with; hyphens,
// apostrophes, stops, slashes and colons belong to it between letters.
func wordLength(s string) int {
	end := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !inWord(r) {
			after, _ := utf8.DecodeRuneInString(s[i+n:])
			if !strings.ContainsRune("-'’./:&_", r) || !inWord(after) {
				break
			}
		} else {
			end = i + n
		}
		i += n
	}
	return end
}

func newWord(s string, from, to int, w *words) token {
	text := s[from:to]
	first, _ := utf8.DecodeRuneInString(text)
	low := strings.ReplaceAll(strings.ToLower(text), "’", "'")
	t := token{from: from, to: to, low: low, stem: low, kind: word, capital: unicode.IsUpper(first)}
	if w.plurals {
		t.stem = singular(low)
	}
	t.ids = w.lex.of(low, t.stem)
	if w.numbers[low] || isNumber(low) {
		t.kind = number
	}
	return t
}

func isNumber(s string) bool {
	for _, r := range s {
		if !unicode.IsDigit(r) && !strings.ContainsRune(".,:/-", r) {
			return false
		}
	}
	return s != ""
}

// singular is the English singular of a noun, or the word itself.
func singular(s string) string {
	s = strings.TrimSuffix(s, "'s")
	switch {
	case len(s) < 4 || strings.HasSuffix(s, "ss") || strings.HasSuffix(s, "us") || strings.HasSuffix(s, "is"):
		return s
	case strings.HasSuffix(s, "ies"):
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(s, "sses"), strings.HasSuffix(s, "ches"), strings.HasSuffix(s, "shes"), strings.HasSuffix(s, "xes"):
		return s[:len(s)-2]
	case strings.HasSuffix(s, "s"):
		return s[:len(s)-1]
	}
	return s
}

package git

import (
	"regexp"
	"slices"
	"strings"
)

// What counts as a change reference: a pull or merge request number, a number that
// the change closes, fixes or resolves, a Gerrit address, a ticket key in the
// subject. "Updates #12", "Ref: #12" and numbers in prose name other work and do
// not count.
var (
	subjectPull  = regexp.MustCompile(`\((?:#|!)([0-9]+)\)\s*$`) // squash merges end with it; a reverted one stands earlier
	subjectMerge = regexp.MustCompile(`(?i)^Merge (?:pull request |PR )?(?:[\w.-]+/[\w.-]+)?#([0-9]+)\b`)
	linePull     = regexp.MustCompile(`(?i)^(?:PR-URL|Pull-Request(?:-URL)?):\s*(?:\S*/(?:pull|merge_requests)/|#|!)([0-9]+)\b`)
	lineMerge    = regexp.MustCompile(`(?i)^See merge request \S*!([0-9]+)\b`)
	closes       = regexp.MustCompile(`(?i)^(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+(?:(?:[\w.-]+/[\w.-]+)?#|GH-|https?://\S+/issues/)([0-9]+)\b`)
	gerrit       = regexp.MustCompile(`(?i)\bhttps?://[^\s<>"]+/c/[^\s<>"]+/\+/[0-9]+`)
	reviewedOn   = regexp.MustCompile(`(?i)^Reviewed-on:\s*(https?://[^\s<>"]+/[0-9]+)\s*$`)
	otherWork    = regexp.MustCompile(`(?i)^(?:refs?|updates?|for|see|see-also|related):?\s+https?://\S+\s*$`)
	ticket       = regexp.MustCompile(`\b([A-Z][A-Z0-9]+)-[0-9]+(?:-[0-9]+)?\b`)
)

// notTickets are names of standards that look like a ticket key, as in "read
// UTF-8". Advisory numbers such as CVE-2025-64118 do name a reason for the change.
var notTickets = []string{"AES", "CRC", "IEEE", "ISO", "MD", "SHA", "UCS", "UTF"}

// findReferences lists the references of a message, sorted, each once. subject is
// the message's first paragraph on one line.
//
// An expression runs only where the text has the characters that it cannot do
// without: expressions are slow, and most lines of most messages name nothing.
func findReferences(subject, message string) []string {
	var out []string
	first, _, _ := strings.Cut(message, "\n")
	for i, s := range []string{first, subject} {
		if i == 1 && s == first || !strings.HasSuffix(strings.TrimRight(s, " \t\r"), ")") {
			continue
		}
		if m := subjectPull.FindStringSubmatch(s); m != nil {
			out = append(out, "PR#"+m[1])
		}
	}
	if hasPrefixFold(first, "merge ") {
		if m := subjectMerge.FindStringSubmatch(first); m != nil {
			out = append(out, "PR#"+m[1])
		}
	}
	if strings.IndexByte(first, '-') >= 0 {
		for _, m := range ticket.FindAllStringSubmatch(first, -1) {
			if !slices.Contains(notTickets, m[1]) {
				out = append(out, m[0])
			}
		}
	}
	for line := range strings.SplitSeq(message, "\n") {
		out = appendLineReferences(out, line)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// appendLineReferences adds what one line of a message refers to.
func appendLineReferences(out []string, line string) []string {
	text := strings.TrimLeft(line, " \t")
	if text == "" {
		return out
	}
	switch text[0] | 0x20 {
	case 'p':
		if m := linePull.FindStringSubmatch(text); m != nil {
			out = append(out, "PR#"+m[1])
		}
	case 's':
		if m := lineMerge.FindStringSubmatch(text); m != nil {
			out = append(out, "PR#"+m[1])
		}
	case 'r':
		if hasPrefixFold(text, "reviewed-on:") {
			if m := reviewedOn.FindStringSubmatch(text); m != nil {
				out = append(out, m[1])
			}
		}
	}
	if strings.IndexByte(text, '#') >= 0 || strings.Contains(text, "GH-") || strings.Contains(text, "gh-") || strings.Contains(text, "/issues/") {
		out = appendCloses(out, text)
	}
	if strings.Contains(text, "/+/") && !otherWork.MatchString(text) {
		out = append(out, gerrit.FindAllString(text, -1)...)
	}
	return out
}

// appendCloses adds what stands after the words close, fix and resolve.
func appendCloses(out []string, text string) []string {
	for i := range len(text) {
		switch text[i] | 0x20 {
		case 'c', 'f', 'r':
		default:
			continue
		}
		if i > 0 && isWord(text[i-1]) {
			continue
		}
		rest := text[i:]
		if !hasPrefixFold(rest, "clos") && !hasPrefixFold(rest, "fix") && !hasPrefixFold(rest, "resolv") {
			continue
		}
		if m := closes.FindStringSubmatch(rest); m != nil {
			out = append(out, "closes#"+m[1])
		}
	}
	return out
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// hasPrefixFold reports whether s begins with the lower-case ASCII text p in any
// case.
func hasPrefixFold(s, p string) bool {
	return len(s) >= len(p) && strings.EqualFold(s[:len(p)], p)
}

package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Delta is one paragraph that two texts have in common, or that one of them has
// alone or otherwise.
type Delta struct {
	Heading string // under which it stands, "" before the first
	Before  string
	After   string
}

// Same reports whether both texts have the paragraph.
func (d Delta) Same() bool { return d.Before == d.After }

// Paragraphs takes a Markdown text apart into headings, paragraphs and items of
// lists.
func Paragraphs(md string) []string {
	var out []string
	open := false // the line above belongs to the same paragraph
	for l := range strings.SplitSeq(clean(md), "\n") {
		switch {
		case strings.TrimSpace(l) == "":
			open = false
		case !open || starts.MatchString(l):
			out = append(out, l)
			open = !strings.HasPrefix(l, "#")
		default:
			out[len(out)-1] += "\n" + l
		}
	}
	return out
}

var starts = regexp.MustCompile(`^\s*([-*+]|\d+[.)])\s|^#{1,6}\s`)

// maxCells bounds the work of comparing two texts: beyond it the part that differs
// is shown as one exchange.
const maxCells = 4_000_000

// Diff compares two texts by paragraph, in the order of the later one.
func Diff(before, after string) []Delta {
	a, b := Paragraphs(before), Paragraphs(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []Delta
	for _, s := range a[:head] {
		out = append(out, Delta{Before: s, After: s})
	}
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	for _, s := range a[len(a)-tail:] {
		out = append(out, Delta{Before: s, After: s})
	}
	heading := ""
	for i, d := range out {
		line := d.After
		if line == "" {
			line = d.Before
		}
		if strings.HasPrefix(line, "#") {
			heading = strings.TrimLeft(line, "# ")
		}
		out[i].Heading = heading
	}
	return out
}

// middle compares what is left between equal ends by the longest common run of
// paragraphs.
func middle(a, b []string) []Delta {
	var out []Delta
	flush := func(gone, come []string) {
		for i := range max(len(gone), len(come)) {
			var d Delta
			if i < len(gone) {
				d.Before = gone[i]
			}
			if i < len(come) {
				d.After = come[i]
			}
			out = append(out, d)
		}
	}
	if len(a)*len(b) > maxCells {
		flush(a, b)
		return out
	}
	rows := make([][]int32, len(a)+1)
	for i := range rows {
		rows[i] = make([]int32, len(b)+1)
	}
	for i := range slices.Backward(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				rows[i][j] = rows[i+1][j+1] + 1
			} else {
				rows[i][j] = max(rows[i+1][j], rows[i][j+1])
			}
		}
	}
	i, j, fromA, fromB := 0, 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			flush(a[fromA:i], b[fromB:j])
			out = append(out, Delta{Before: a[i], After: b[j]})
			i, j = i+1, j+1
			fromA, fromB = i, j
		case rows[i+1][j] >= rows[i][j+1]:
			i++
		default:
			j++
		}
	}
	flush(a[fromA:], b[fromB:])
	return out
}

package control

import (
	"slices"
	"strings"
)

// Word is a stretch of text in a difference.
type Word struct {
	Op   WordOp `json:"op"`
	Text string `json:"text"`
}

// WordOp is what happened to it from the one text to the other.
type WordOp string

// The operations.
const (
	SameWords    WordOp = "same"
	RemovedWords WordOp = "removed"
	AddedWords   WordOp = "added"
)

// mostCells bounds the work of DiffWords: beyond it the texts are shown whole.
const mostCells = 4_000_000

// DiffWords tells which words lead from one text to another: the longest common
// sequence of words is kept. Line breaks are words of their own, so lists stay
// lists; other white space is not compared.
func DiffWords(from, to string) []Word {
	a, b := wordsOf(from), wordsOf(to)
	out := []Word{}
	add := func(op WordOp, words []string) {
		if len(words) > 0 {
			out = append(out, Word{op, join(words)})
		}
	}
	if len(a)*len(b) > mostCells {
		add(RemovedWords, a)
		add(AddedWords, b)
		return out
	}
	// common[i][j] is the length of the longest common sequence of a[i:] and b[j:].
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := range slices.Backward(a) {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		si := i
		for i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
		}
		add(SameWords, a[si:i])
		si, sj := i, j
		for i < len(a) || j < len(b) {
			if i < len(a) && j < len(b) && a[i] == b[j] {
				break
			}
			if i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]) {
				i++
			} else {
				j++
			}
		}
		add(RemovedWords, a[si:i])
		add(AddedWords, b[sj:j])
	}
	return out
}

// wordsOf splits at white space and keeps line breaks as words.
func wordsOf(s string) []string {
	var out []string
	for n, line := range strings.Split(s, "\n") {
		if n > 0 {
			out = append(out, "\n")
		}
		out = append(out, strings.Fields(line)...)
	}
	return out
}

func join(words []string) string {
	return strings.NewReplacer(" \n ", "\n", " \n", "\n", "\n ", "\n").Replace(strings.Join(words, " "))
}

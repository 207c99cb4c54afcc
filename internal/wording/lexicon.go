package wording

import "strings"

// lexicon knows every literal of the word lists of a language. A token is looked up
// in it once; which patterns of which list can begin there is then a matter of
// numbers, however many lists are asked.
type lexicon struct {
	ids      map[literalWord]int32
	literals []literalWord
	exact    map[string][]int32 // literals that a word must begin with
	nodes    []node             // literals that may stand behind something, from their end
	endings  []string
	lists    []*list
}

// literalWord is a word of a pattern: front lets something stand before it, back an
// ending behind it.
type literalWord struct {
	text        string
	front, back bool
}

type node struct {
	next map[byte]int32
	ids  []int32
}

func newLexicon(endings []string) *lexicon {
	return &lexicon{ids: map[literalWord]int32{}, exact: map[string][]int32{}, nodes: []node{{}}, endings: endings}
}

// id is the number of a literal.
func (x *lexicon) id(l literalWord) int32 {
	if id, ok := x.ids[l]; ok {
		return id
	}
	id := int32(len(x.literals))
	x.ids[l] = id
	x.literals = append(x.literals, l)
	if !l.front {
		x.exact[l.text] = append(x.exact[l.text], id)
		return id
	}
	at := int32(0)
	for i := len(l.text) - 1; i >= 0; i-- {
		next, ok := x.nodes[at].next[l.text[i]]
		if !ok {
			next = int32(len(x.nodes))
			x.nodes = append(x.nodes, node{})
			if x.nodes[at].next == nil {
				x.nodes[at].next = map[byte]int32{}
			}
			x.nodes[at].next[l.text[i]] = next
		}
		at = next
	}
	x.nodes[at].ids = append(x.nodes[at].ids, id)
	return id
}

// of are the numbers of the literals that a word spells; stem is its singular.
func (x *lexicon) of(low, stem string) []int32 {
	var out []int32
	add := func(ids []int32, ending string) {
		for _, id := range ids {
			if l := x.literals[id]; (ending == "" || l.back) && (ending == "" || !l.front || strings.LastIndex(low, l.text) == len(low)-len(ending)-len(l.text)) {
				out = append(out, id)
			}
		}
	}
	try := func(base, ending string) {
		add(x.exact[base], ending)
		for at, i := int32(0), len(base)-1; i >= 0; i-- {
			next, ok := x.nodes[at].next[base[i]]
			if !ok {
				break
			}
			at = next
			add(x.nodes[at].ids, ending)
		}
	}
	try(low, "")
	for _, e := range x.endings {
		if base, ok := strings.CutSuffix(low, e); ok && e != "" {
			try(base, e)
		}
	}
	if stem != low {
		for _, ids := range [][]int32{x.exact[stem], x.whole(stem)} {
			add(ids, "")
		}
	}
	return out
}

// whole are the literals with something before them that the whole word spells.
func (x *lexicon) whole(word string) []int32 {
	at := int32(0)
	for i := len(word) - 1; i >= 0; i-- {
		next, ok := x.nodes[at].next[word[i]]
		if !ok {
			return nil
		}
		at = next
	}
	return x.nodes[at].ids
}

// done gives every list its table once all literals have numbers.
func (x *lexicon) done() {
	for _, l := range x.lists {
		l.at0 = make([]int32, len(x.literals))
		for id, ps := range l.first {
			l.starts = append(l.starts, ps)
			l.at0[id] = int32(len(l.starts))
		}
		l.first = nil
	}
	x.lists = nil
}

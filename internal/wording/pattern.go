package wording

import (
	"slices"
	"strings"
)

// pattern is a phrase of the word lists. A word stands for itself (in English also
// for its plural), # for a number, _ for any word, a|b for either, <class> for a
// word of the class; ~ before a word lets a compound begin in front of it, ~ after
// it lets an ending follow, ? after it makes it optional.
type pattern []element

type element struct {
	choices  []choice
	optional bool
}

type choice struct {
	id    int32 // of a literal
	class *list
	form  form
}

type form uint8

const (
	literal form = iota
	numeral
	anyWord
	ingForm
	ofClass
)

// list is a set of patterns that can be looked for at a token: starts holds those
// that begin with a literal, by the place in at0 of its number; open are the others.
type list struct {
	lex    *lexicon
	first  map[int32][]pattern
	at0    []int32
	starts [][]pattern
	open   []pattern
}

// list compiles lines; with endings, ~ after a word stands for them.
func (x *lexicon) list(lines []string, classes map[string]*list, endings bool) *list {
	l := &list{lex: x, first: map[int32][]pattern{}}
	x.lists = append(x.lists, l)
	for _, line := range lines {
		var p pattern
		for field := range strings.FieldsSeq(strings.ToLower(line)) {
			p = append(p, x.element(field, classes, endings))
		}
		if len(p) == 0 {
			continue
		}
		for _, c := range p[0].choices {
			if c.form == literal && !p[0].optional {
				l.first[c.id] = append(l.first[c.id], p)
				continue
			}
			l.open = append(l.open, append(pattern{{choices: []choice{c}, optional: p[0].optional}}, p[1:]...))
		}
	}
	return l
}

func (x *lexicon) element(field string, classes map[string]*list, endings bool) element {
	var e element
	field, e.optional = strings.CutSuffix(field, "?")
	for part := range strings.SplitSeq(field, "|") {
		var c choice
		switch {
		case part == "#":
			c.form = numeral
		case part == "_":
			c.form = anyWord
		case part == "_ing":
			c.form = ingForm
		case strings.HasPrefix(part, "<"):
			c.form, c.class = ofClass, classes[strings.Trim(part, "<>")]
		default:
			var l literalWord
			part, l.front = strings.CutPrefix(part, "~")
			l.text, l.back = strings.CutSuffix(part, "~")
			if plural, ok := strings.CutSuffix(l.text, "are"); ok && l.back { // "ägare", "ägarna"
				e.choices = append(e.choices, choice{id: x.id(literalWord{plural + "arna", l.front, endings})})
			}
			l.back = l.back && endings
			c.id = x.id(l)
		}
		e.choices = append(e.choices, c)
	}
	return e
}

// at is the number of tokens that the longest pattern of l takes at ts[i]; 0 for none.
func (l *list) at(ts []token, i int) int {
	if l == nil || i >= len(ts) || ts[i].kind > number {
		return 0
	}
	best := 0
	for _, id := range ts[i].ids {
		if k := l.at0[id]; k > 0 {
			for _, p := range l.starts[k-1] {
				if len(p) == 1 {
					best = max(best, 1)
				} else {
					best = max(best, p.match(ts, i))
				}
			}
		}
	}
	for _, p := range l.open {
		best = max(best, p.match(ts, i))
	}
	return best
}

// is reports whether the token alone is in the list.
func (l *list) is(t token) bool { return l.at([]token{t}, 0) == 1 }

// find returns the first span of l in ts[from:to).
func (l *list) find(ts []token, from, to int) (span, bool) {
	for i := from; i < to; i++ {
		if n := l.at(ts[:to], i); n > 0 {
			return span{i, i + n}, true
		}
	}
	return span{}, false
}

func (p pattern) match(ts []token, i int) int {
	if len(p) == 0 {
		return 0
	}
	rest := p[1:]
	best := 0
	take := func(n int) {
		if len(rest) == 0 {
			best = max(best, n)
		} else if m := rest.match(ts, i+n); m > 0 {
			best = max(best, n+m)
		}
	}
	for _, c := range p[0].choices {
		if n := c.match(ts, i); n > 0 {
			take(n)
		}
	}
	if p[0].optional && len(rest) > 0 {
		best = max(best, rest.match(ts, i))
	}
	return best
}

func (c choice) match(ts []token, i int) int {
	if i >= len(ts) || ts[i].kind > number {
		return 0
	}
	t := ts[i]
	ok := false
	switch c.form {
	case numeral:
		ok = t.kind == number
	case anyWord:
		ok = true
	case ingForm:
		ok = strings.HasSuffix(t.low, "ing")
	case ofClass:
		return c.class.at(ts, i)
	case literal:
		ok = slices.Contains(t.ids, c.id)
	}
	if ok {
		return 1
	}
	return 0
}

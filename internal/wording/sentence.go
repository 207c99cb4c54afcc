package wording

import (
	"slices"
	"strings"
	"unicode"
)

// span is a run of tokens, end exclusive.
type span struct{ from, to int }

func (s span) has(i int) bool         { return s.from <= i && i < s.to }
func (s span) overlaps(o span) bool   { return s.from < o.to && o.from < s.to }
func (s span) contains(o span) bool   { return s.from <= o.from && o.to <= s.to }
func (s span) empty() bool            { return s.to <= s.from }
func within(spans []span, i int) bool { return coverOf(spans, i) >= 0 }

// coverOf is the index of the span that covers token i, or -1. spans are in order
// and do not overlap, so a binary search finds it.
func coverOf(spans []span, i int) int {
	lo, hi := 0, len(spans)
	for lo < hi {
		mid := (lo + hi) / 2
		switch {
		case spans[mid].to <= i:
			lo = mid + 1
		case spans[mid].from > i:
			hi = mid
		default:
			return mid
		}
	}
	return -1
}

// verb is a verb where it stands. A verb in a clause that names a trigger
// ("before a change is merged") or that tells which thing is meant ("that is not
// confirmed") does not say what the control does.
type verb struct {
	span
	base    string
	class   class
	mood    mood
	passive bool
	side    bool // in such a clause
}

// hedge is a vague word where it stands.
type hedge struct {
	span
	kind, force, put string
}

// sentence is what was read.
type sentence struct {
	w    *words
	text string
	ts   []token

	hedges   []hedge
	hedged   []span
	cadences []span // how often and on which event, as far as patterns tell
	roles    []span
	tools    []span // named systems and kinds of system
	products []span // those with a name of their own
	nobody   []span // actors that name nobody
	verbs    []verb
	verbAt   []int  // token → index of the verb that covers it, or -1
	side     []bool // token stands in a clause that is not the main one
	trigger  []bool // token stands in a clause that names a trigger
	triggers []span // those clauses

	firstVerb       int // the first that the main clause says is done, or -1
	gate            gate
	gated, gateRead bool
	performer       span // the actor, once it is found
	performed       bool
}

// analyse reads a sentence in the language of w. Its work grows with the length of
// the sentence: what looks around a word looks at most reach words far.
func analyse(w *words, text string) *sentence {
	s := &sentence{w: w, text: text, ts: tokens(text, w)}
	s.findHedges()
	s.cadences = s.all(w.cadence, func(sp span) bool { return !s.anyHedged(sp) && s.w.onDuty.at(s.ts, sp.from) == 0 })
	s.findCompounds()
	s.nobody = s.all(w.emptyActors, func(sp span) bool { return s.words(sp) != "IT" })
	s.findTools()
	s.roles = s.all(w.roles, func(sp span) bool { return sp.to-sp.from > 1 || s.ts[sp.from].low != "it" || s.words(sp) == "IT" })
	s.joinTitles()
	s.findAgents()
	s.findVerbs()
	s.findSides()
	s.firstVerb = slices.IndexFunc(s.verbs, func(v verb) bool { return !v.side && v.class != helper })
	s.hedges = slices.DeleteFunc(s.hedges, func(h hedge) bool { return h.kind == "duty" && s.side[h.from] })
	return s
}

// reach is how many words around a word are looked at.
const reach = 30

func (s *sentence) at(i int) token {
	if i < 0 || i >= len(s.ts) {
		return token{kind: nothing}
	}
	return s.ts[i]
}

func (s *sentence) words(sp span) string {
	if sp.empty() || sp.from < 0 || sp.to > len(s.ts) {
		return ""
	}
	return s.text[s.ts[sp.from].from:s.ts[sp.to-1].to]
}

// all finds the spans of l from left to right, the longest first.
func (s *sentence) all(l *list, keep func(span) bool) []span {
	var out []span
	for i := 0; i < len(s.ts); {
		n := l.at(s.ts, i)
		if n == 0 || keep != nil && !keep(span{i, i + n}) {
			i++
			continue
		}
		out = append(out, span{i, i + n})
		i += n
	}
	return out
}

func (s *sentence) anyHedged(sp span) bool {
	for i := sp.from; i < sp.to; i++ {
		if within(s.hedged, i) {
			return true
		}
	}
	return false
}

func (s *sentence) findHedges() {
	for i := 0; i < len(s.ts); {
		best, n := -1, 0
		for k, h := range s.w.hedges {
			if m := h.words.at(s.ts, i); m > n {
				best, n = k, m
			}
		}
		if n == 0 || n == 1 && s.permits(i) {
			i++
			continue
		}
		h := s.w.hedges[best]
		s.hedges = append(s.hedges, hedge{span{i, i + n}, h.kind, h.force, h.put})
		s.hedged = append(s.hedged, span{i, i + n})
		i += n
	}
}

// permits reports whether "may" at i is no hedge: the month, a permission, or a
// prohibition ("may not", "no user may"). Only "the manager may review" leaves open
// whether it happens.
func (s *sentence) permits(i int) bool {
	if s.at(i).low != "may" {
		return false
	}
	if i == 0 || s.at(i).capital || s.at(i+1).low == "not" || s.at(i+1).low == "only" || s.at(i+1).low == "be" {
		return true
	}
	for k := max(0, i-8); k < i; k++ {
		if l := s.ts[k].low; l == "no" || l == "only" || l == "nobody" {
			return true
		}
	}
	return s.w.roles.at(s.ts, i-1) == 0
}

// findTools marks products and kinds of system; a capital letter in the middle of
// a sentence after a word such as "through" makes a name of an unknown word.
func (s *sentence) findTools() {
	for i := 0; i < len(s.ts); {
		n := s.w.tools.at(s.ts, i)
		name := s.w.products.at(s.ts, i)
		if m := s.w.capitals.at(s.ts, i); m > name && s.ts[i].capital && (i > 0 || s.verbNext(i+m)) {
			name = m
		}
		if name == 0 && i > 0 && s.ts[i].capital && s.w.instrument[s.at(i-1).low] && !s.w.roles.is(s.ts[i]) && !within(s.cadences, i) &&
			s.w.records.at(s.ts, i) == 0 && s.w.vagueNouns.at(s.ts, i) == 0 && s.ts[i].kind == word && !s.standard(i) {
			for name = 1; s.at(i+name).capital && s.at(i+name).kind == word && name < 4; name++ {
				continue
			}
		}
		if name == 0 && n == 0 && (s.ownName(i) || s.mixedCase(i)) {
			name = 1
		}
		switch {
		case name > 0 && name >= n:
			s.tools = append(s.tools, span{i, i + name})
			s.products = append(s.products, span{i, i + name})
			i += name
		case n > 0:
			s.tools = append(s.tools, span{i, i + n})
			i += n
		default:
			i++
		}
	}
}

// mixedCase: a word spelled as only names are ("pgBackRest", "SonarQube").
func (s *sentence) mixedCase(i int) bool {
	text := strings.TrimRight(s.words(span{i, i + 1}), "s")
	upper, lower := 0, 0
	for k, r := range text {
		switch {
		case !unicode.IsLetter(r):
			return false // "IT-chefen", "API:er"
		case unicode.IsLower(r):
			lower++
		case k > 0:
			upper++
		}
	}
	return upper > 0 && lower > 0 && s.ts[i].kind == word && !s.standard(i) && s.w.roles.at(s.ts, i) == 0
}

// verbNext: a verb in the present can stand at i.
func (s *sentence) verbNext(i int) bool {
	return slices.ContainsFunc(s.w.verbs[s.at(i).low], func(f verbForm) bool { return f.mood == present && f.class == concrete })
}

// standard: a norm or protocol, with or without its number ("AES-256", "TLS").
func (s *sentence) standard(i int) bool {
	first, _, _ := strings.Cut(s.ts[i].low, "-")
	return s.w.standards[s.ts[i].low] || s.w.standards[first]
}

// ownName: an unknown word that looks like the name of a product and does
// something: "cert-manager renews", "Kyverno rejects".
func (s *sentence) ownName(i int) bool {
	t, next := s.ts[i], s.at(i+1)
	looks := t.capital && i > 0 || strings.Contains(t.low, "-")
	if t.kind != word || !looks || s.standard(i) || len(s.w.verbs[t.low]) > 0 || next.kind != word || s.w.alsoNouns[next.low] ||
		s.w.small(t.low) || s.w.adverbs[t.low] || s.w.pronouns[t.low] || s.w.triggers.at(s.ts, i) > 0 || s.ly(i) || within(s.hedged, i) || within(s.cadences, i) || within(s.nobody, i) ||
		s.w.objects.at(s.ts, i) > 0 || s.w.vagueNouns.at(s.ts, i) > 0 || s.w.roles.at(s.ts, i) > 0 || s.w.records.at(s.ts, i) > 0 || s.w.weak[t.low] || s.w.adjectives[t.low] ||
		strings.HasSuffix(t.low, "s") || i > 0 && s.w.determiners[s.at(i-1).low] {
		return false
	}
	for _, f := range s.w.verbs[next.low] {
		if f.mood == present && f.class == concrete && (!s.w.inverted || strings.Contains(t.low, "-")) {
			return true
		}
	}
	return false
}

// joinTitles makes "the head of IT operations" and "owner of the system" one role.
func (s *sentence) joinTitles() {
	var out []span
	for k := 0; k < len(s.roles); k++ {
		r := s.roles[k]
		if s.w.titled.at(s.ts, r.to-1) > 0 && s.at(r.to).low == "of" && k+1 < len(s.roles) && s.roles[k+1].from <= r.to+2 {
			r.to = s.roles[k+1].to
			k++
		}
		if n := s.w.onDuty.at(s.ts, r.to); n > 0 {
			r.to += n
		}
		// "platform team lead": roles in a row are one.
		for s.w.plurals && k+1 < len(s.roles) && s.roles[k+1].from == r.to && !strings.HasSuffix(s.ts[r.to-1].low, "s") && !s.leads(r.to) {
			r.to = s.roles[k+1].to
			k++
		}
		out = append(out, r)
	}
	s.roles = out
}

// leads: a word that is a role in the plural but a verb here ("the warden leads the").
func (s *sentence) leads(i int) bool {
	return s.ts[i].low != s.ts[i].stem && s.opensNoun(i+1) && s.verbNext(i)
}

// periodic: the words at token i say how often by a stretch of time ("every month"),
// not by an event ("every sign-in").
func (s *sentence) periodic(i int) bool {
	c := coverOf(s.cadences, i)
	if c < 0 {
		return false
	}
	_, period := s.w.periods.find(s.ts, s.cadences[c].from, s.cadences[c].to)
	_, adverb := s.w.adverbCadence.find(s.ts, s.cadences[c].from, s.cadences[c].to)
	return period || adverb || s.compound(s.cadences[c].from)
}

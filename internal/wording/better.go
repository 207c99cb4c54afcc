package wording

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many words a sentence may have for a better one to be built from
// it; beyond that the reader gets a sentence of ours.
const longest = 200

// better proposes a sentence. With two or more parts missing in one of the usual
// fields it is a whole one of our own; else it is what was written, with a place in
// brackets for each thing that is missing. Either way it is specific once its
// places are filled, and "" when nothing is to be improved.
func (s *sentence) better(j Judgement) string {
	if j.Verdict == Specific && len(j.Vague) == 0 {
		return ""
	}
	own := strings.TrimSpace(s.text)
	if s.hasPlace() && s.holds(own) {
		return own
	}
	field, known := s.field()
	if known && len(j.Missing) > 1 {
		return field
	}
	if len(s.ts) <= longest && len(s.verbs) > 0 && utf8.ValidString(s.text) {
		if b := s.rebuilt(j); b != own && s.holds(b) {
			return b
		}
	}
	if known {
		return field
	}
	return s.w.put(s.w.better.Joins["template"])
}

func (s *sentence) hasPlace() bool {
	return slices.ContainsFunc(s.ts, func(t token) bool { return t.kind == place })
}

// holds reports whether the sentence is specific once its places are filled.
func (s *sentence) holds(text string) bool {
	filled := analyse(s.w, s.w.fill(text))
	if filled.judge().Verdict == Vague {
		return false
	}
	return len(filled.hedges) == 0 || analyse(s.w, filled.plain()).judge().Verdict == Specific
}

// field is the sentence of ours for the first usual field the text is about.
func (s *sentence) field() (string, bool) {
	for _, d := range s.w.domains {
		if _, ok := d.words.find(s.ts, 0, min(len(s.ts), longest)); ok {
			return d.sentence, true
		}
	}
	return "", false
}

// put sets the places into a pattern: "by {actor}" becomes "by [role]".
func (w *words) put(pattern string) string {
	for name, p := range w.better.Places {
		pattern = strings.ReplaceAll(pattern, "{"+name+"}", p.Put)
	}
	return pattern
}

// fill sets an example into every place of ours.
func (w *words) fill(text string) string {
	for _, p := range w.better.Places {
		text = strings.ReplaceAll(text, p.Put, p.Example)
	}
	return text
}

// edit replaces the bytes from:to of the sentence.
type edit struct {
	from, to int
	text     string
}

func (s *sentence) rebuilt(j Judgement) string {
	lacks := func(p Part) bool { return slices.Contains(j.Missing, p) }
	var edits []edit
	replace := func(sp span, text string) { edits = append(edits, edit{s.ts[sp.from].from, s.ts[sp.to-1].to, text}) }

	verb, hasVerb := s.mainVerb()
	tail := ""
	if lacks(Actor) && hasVerb {
		if sp, ok := s.emptySubject(verb); ok {
			put := s.w.put("{actor}")
			if s.w.plurals && verb.mood == infinitive && !s.verbAtIs(verb.from-1, helper) { // "we review"
				put = strings.TrimSpace(s.w.put(s.w.better.Joins["must"]))
			}
			replace(sp, put)
		} else if verb.passive {
			at := s.ts[verb.to-1].to
			edits = append(edits, edit{at, at, " " + s.w.put(s.w.better.Joins["by"])})
		} else if verb.from == 0 {
			edits = append(edits, edit{s.ts[0].from, s.ts[0].to, s.w.put(s.w.better.Joins["must"]) + s.ts[0].low})
		}
	}
	if lacks(Action) && hasVerb && verb.class != concrete {
		if verb.passive {
			replace(verb.span, s.w.put("{done}"))
		} else {
			replace(verb.span, s.w.put("{action}"))
		}
	}
	if lacks(Object) && hasVerb {
		if sp, text, ok := s.vagueThing(); ok {
			replace(sp, s.w.put(text))
		} else if !verb.passive {
			at := s.ts[verb.to-1].to
			edits = append(edits, edit{at, at, " " + s.w.put("{object}")})
		}
	}
	cadence := lacks(Cadence)
	for _, h := range s.hedges {
		switch {
		case h.kind == "often" && cadence:
			replace(h.span, h.put)
			cadence = false
		case h.kind == "often":
			replace(h.span, "")
		case h.kind == "deadline" && !s.deadline():
			replace(h.span, h.put)
			cadence = false
		case h.kind == "duty":
			replace(h.span, h.put)
		default:
			replace(h.span, "")
		}
	}
	if cadence {
		tail += " " + s.w.put(s.w.better.Joins["cadence"])
	}
	if lacks(Trace) {
		tail += s.w.put(s.w.better.Joins["trace"])
	}
	return s.apply(edits, tail)
}

// deadline: some cadence of the sentence is a time limit already.
func (s *sentence) deadline() bool {
	for _, c := range s.cadences {
		if l := s.ts[c.from].low; l == "within" || l == "inom" || l == "senast" || l == "no" {
			return true
		}
	}
	return false
}

// mainVerb is the verb to which the better sentence gives what is missing: a
// concrete one if there is one.
func (s *sentence) mainVerb() (verb, bool) {
	best, found := verb{}, false
	for _, v := range s.verbs {
		if !v.side && v.class != helper && v.class != event && (!found || best.class != concrete && v.class == concrete) {
			best, found = v, true
		}
	}
	return best, found
}

// emptySubject is the actor that names nobody, where an actor stands.
func (s *sentence) emptySubject(v verb) (span, bool) {
	for _, n := range s.nobody {
		np := s.phrase(n)
		g := s.at(np.from - 1)
		if np.from > 0 && s.w.agent[g.low] {
			return np, true
		}
		if np.from > 0 && s.w.prepositions[g.low] || s.side[n.from] {
			continue
		}
		if n.to <= v.from && v.from-n.to < 3 && !v.passive || s.invertedBefore(np.from) {
			return np, true
		}
	}
	return span{}, false
}

// vagueThing is the word in the main clause that names a thing without saying
// which, and what to put there.
func (s *sentence) vagueThing() (span, string, bool) {
	for pass, l := range []*list{s.w.systems, s.w.data, s.w.access} {
		for i := range s.ts {
			n := l.at(s.ts, i)
			if n == 0 || s.side[i] || s.verbAt[i] >= 0 || within(s.tools, i) && !s.w.systems.is(s.ts[i]) {
				continue
			}
			from := i
			for from > 0 && (s.w.weak[s.ts[from-1].low] || s.w.determiners[s.ts[from-1].low]) {
				from--
			}
			return span{from, i + n}, []string{"{systems}", "{data}", s.w.better.Joins["access"]}[pass], true
		}
	}
	return span{}, "", false
}

// apply makes the edits and puts tail before the final stop.
func (s *sentence) apply(edits []edit, tail string) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue // inside what was replaced already
		}
		b.WriteString(s.text[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(s.text[at:])
	out := strings.TrimRightFunc(b.String(), func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".,;", r) })
	return begin(tidy(out+tail)) + "."
}

// tidy closes the gaps that removed words leave.
func tidy(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	for _, gap := range [][2]string{{" ,", ","}, {",,", ","}, {" ;", ";"}, {" .", "."}, {"( ", "("}, {"()", ""}, {",, ", ", "}, {"and , ", "and "}, {"och , ", "och "}} {
		s = strings.ReplaceAll(s, gap[0], gap[1])
	}
	return strings.TrimLeft(s, ",; ")
}

// begin gives the sentence its capital letter.
func begin(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

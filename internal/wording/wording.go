package wording

import (
	"strings"

	"bevis/internal/i18n"
)

// Part is one of the five things that a control sentence must name.
type Part string

// The parts in the order in which they are shown.
const (
	Actor   Part = "actor"   // the role, team or system that performs it
	Action  Part = "action"  // a concrete verb
	Object  Part = "object"  // the thing or system it is done to
	Cadence Part = "cadence" // how often, or on which event
	Trace   Part = "trace"   // the record that remains
)

// Parts lists them.
var Parts = []Part{Actor, Action, Object, Cadence, Trace}

// The verdicts.
const (
	Specific = "specific"
	Vague    = "vague"
)

// Finding tells whether a part is named and by which words; From and To are byte
// offsets in the sentence, To exclusive.
type Finding struct {
	Part  Part
	Found bool
	Text  string
	From  int
	To    int
}

// Hedge is a word that leaves a reader guessing. Kind is often, deadline,
// condition, escape, duty, quality or which; the advice is the message
// wording.hedge.KIND. Hollow says that the sentence binds nobody because of it.
type Hedge struct {
	Text   string
	From   int
	To     int
	Kind   string
	Hollow bool
}

// Judgement is what can be said of a control sentence.
type Judgement struct {
	Lang     i18n.Lang
	Verdict  string    // Specific or Vague
	Findings []Finding // one for each of Parts, in that order
	Missing  []Part    // never nil
	Vague    []Hedge   // never nil, in the order of the sentence
	Better   string    // "" when there is nothing to improve
}

// Judge tells which of the five parts the sentence names, which words in it are
// vague, and how it could be said better (C4).
//
// A sentence is specific when all five parts are named and no hedge hollows it
// out. A language that is none of ours is taken for English. Judge answers for any
// bytes; its work grows with their number, so a caller limits them.
func Judge(lang i18n.Lang, sentence string) Judgement {
	lang = i18n.Parse(string(lang))
	w := of(lang)
	s := analyse(w, sentence)
	j := s.judge()
	if len(s.hedges) > 0 {
		j.without(analyse(w, s.plain()).judge())
	}
	j.Lang = lang
	j.Better = s.better(j)
	return j
}

// judge is the judgement without a better sentence.
func (s *sentence) judge() Judgement {
	j := Judgement{Verdict: Specific, Missing: []Part{}, Vague: []Hedge{}}
	found := s.parts()
	for _, p := range Parts {
		f := Finding{Part: p}
		if sp, ok := found[p]; ok && !sp.empty() {
			f.Found, f.Text = true, s.words(sp)
			f.From, f.To = s.ts[sp.from].from, s.ts[sp.to-1].to
		} else {
			j.Missing = append(j.Missing, p)
			j.Verdict = Vague
		}
		j.Findings = append(j.Findings, f)
	}
	for _, h := range s.hedges {
		v := Hedge{s.words(h.span), s.ts[h.from].from, s.ts[h.to-1].to, h.kind, s.hollows(h)}
		if v.Hollow {
			j.Verdict = Vague
		}
		j.Vague = append(j.Vague, v)
	}
	return j
}

// plain is the sentence with blanks where its hedges stood, so that every other
// word keeps its place.
func (s *sentence) plain() string {
	var b strings.Builder
	at := 0
	for _, h := range s.hedges {
		from, to := s.ts[h.from].from, s.ts[h.to-1].to
		b.WriteString(s.text[at:from])
		put := ""
		if h.kind == "duty" {
			put = h.put
		}
		if len(put) > to-from {
			put = s.text[from:to]
		}
		b.WriteString(put)
		b.WriteString(strings.Repeat(" ", to-from-len(put)))
		at = to
	}
	b.WriteString(s.text[at:])
	return b.String()
}

// without takes back what is named only as long as the hedges stand: a hedge never
// makes a sentence better.
func (j *Judgement) without(plain Judgement) {
	if plain.Verdict == Vague { // also when two hedges stood inside each other
		j.Verdict = Vague
	}
	for i, f := range plain.Findings {
		if !f.Found && j.Findings[i].Found {
			j.Findings[i] = Finding{Part: f.Part}
		}
	}
	j.Missing = j.Missing[:0]
	for _, f := range j.Findings {
		if !f.Found {
			j.Missing = append(j.Missing, f.Part)
		}
	}
}

// hollows: a hedge of the middle force harms its own clause only: "reviews every
// quarter and, where necessary, removes" stands, "reviews where necessary" does not.
func (s *sentence) hollows(h hedge) bool {
	switch h.force {
	case "always":
		return true
	case "soft":
		return false
	}
	own := s.verbOf(h)
	return own < 0 || own <= s.firstVerb
}

// verbOf is the index of the verb to which the hedge belongs: in its own stretch
// between commas and conjunctions, else right after it, else before it.
func (s *sentence) verbOf(h hedge) int {
	from, to := h.from, h.to
	for from > 0 && h.from-from < reach && !s.breaks(from-1, from) {
		from--
	}
	for to < len(s.ts) && to-h.to < reach && !s.breaks(to, to+1) {
		to++
	}
	in := func(from, to int) int {
		for k := from; k < min(to, len(s.ts)); k++ {
			if v := s.verbAt[k]; v >= 0 && s.verbs[v].class != helper {
				return v
			}
		}
		return -1
	}
	if v := in(from, to); v >= 0 {
		return v
	}
	if v := in(to, to+6); v >= 0 && to < len(s.ts) && s.ts[to].kind == mark {
		return v
	}
	for k := h.from - 1; k >= 0 && h.from-k < reach; k-- {
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].class != helper {
			return v
		}
	}
	return -1
}

// breaks: a comma, semicolon or conjunction stands between the tokens.
func (s *sentence) breaks(from, to int) bool {
	if to-from > reach {
		return true
	}
	for k := from; k < to; k++ {
		if s.ts[k].kind >= mark || s.w.conjunctions[s.ts[k].low] {
			return true
		}
	}
	return false
}

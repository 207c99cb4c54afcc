package wording

import (
	"slices"
	"strings"
)

// findVerbs decides which words are verbs and of which kind.
func (s *sentence) findVerbs() {
	s.verbAt = make([]int, len(s.ts))
	for i := range s.verbAt {
		s.verbAt[i] = -1
	}
	for i := 0; i < len(s.ts); i++ {
		v, ok := s.verbHere(i)
		if !ok {
			continue
		}
		for k := v.from; k < v.to; k++ {
			s.verbAt[k] = len(s.verbs)
		}
		s.verbs = append(s.verbs, v)
		i = v.to - 1
	}
}

func (s *sentence) verbHere(i int) (verb, bool) {
	t := s.ts[i]
	if t.kind != word {
		return verb{}, false
	}
	if n := s.w.emptyPhrases.at(s.ts, i); n > 0 {
		return verb{span: span{i, i + n}, base: s.words(span{i, i + n}), class: empty, mood: present, passive: s.w.auxiliaries[t.low] && s.endsDone(i+n-1)}, true
	}
	if within(s.hedged, i) {
		return verb{}, false
	}
	if s.w.auxiliaries[t.low] || s.w.modals[t.low] {
		return verb{span: span{i, i + 1}, base: t.low, class: helper, mood: present}, t.low != "to" && t.low != "att"
	}
	best := verb{}
	found := false
	for _, f := range s.w.verbs[t.low] {
		passive, ok := s.stands(i, f)
		if !ok || found && best.to-best.from > 1+len(f.particle) {
			continue
		}
		to, ok := s.particle(i, f)
		if !ok {
			continue
		}
		if !found || len(f.particle) > 0 && best.to == i+1 && best.class >= f.class || f.class < best.class {
			best, found = verb{span: span{i, to}, base: f.base, class: f.class, mood: f.mood, passive: passive}, true
		}
	}
	if !found && s.unknownVerb(i) {
		passive := !s.w.plurals && strings.HasSuffix(t.low, "s") || s.w.plurals && strings.HasSuffix(t.low, "ed")
		return verb{span: span{i, i + 1}, base: t.low, class: concrete, mood: present, passive: passive}, true
	}
	if prev := s.before(i); found && best.class == event && s.opensNoun(i+1) && within(s.roles, prev) {
		best.class = concrete // "the head of support calls each customer"
	}
	if found && s.w.intransitive[best.base] && (s.opensNoun(i+1) || s.w.vagueNouns.at(s.ts, i+1) > 0 || s.w.weak[s.at(i+1).low]) {
		best.class = empty // "meets the requirements"
	}
	if !found && s.w.have[t.low] {
		return verb{span: span{i, i + 1}, base: t.low, class: helper, mood: present}, true
	}
	return best, found
}

// endsDone: the word ends like a participle ("är begränsad").
func (s *sentence) endsDone(i int) bool {
	l := s.ts[i].low
	for _, e := range []string{"ad", "at", "ade", "ed"} {
		if strings.HasSuffix(l, e) {
			return true
		}
	}
	return false
}

// unknownVerb takes a word that is in no list for a concrete verb where only a verb
// can stand: between a role and what it does something to, or after "is".
func (s *sentence) unknownVerb(i int) bool {
	t := s.ts[i]
	if len(t.low) < 4 || t.capital || s.bareForm(i) || s.w.adverbs[t.low] || s.w.prepositions[t.low] || s.w.vagueNouns.at(s.ts, i) > 0 || s.w.objects.at(s.ts, i) > 0 {
		return false
	}
	prev := s.before(i)
	p := s.at(prev)
	named := prev >= 0 && (within(s.roles, prev) || within(s.tools, prev))
	joined := (s.w.conjunctions[p.low] || p.kind == mark) && s.seenVerb(prev)
	if s.w.plurals {
		if i > 0 && s.w.objects.at(s.ts, i-1) > 1 {
			return false
		}
		if strings.HasSuffix(t.low, "ed") {
			return s.w.auxiliaries[p.low] && !s.w.adjectives[t.low] && !s.w.weak[t.low]
		}
		if named && t.low == t.stem && s.ts[prev].low != s.ts[prev].stem {
			return s.w.determiners[s.at(i+1).low] && !s.known(i) // "operators initial the sheet"
		}
		named = named || s.strangerOpens(prev)
		return strings.HasSuffix(t.low, "s") && !strings.HasSuffix(t.low, "ss") && (named && (s.opensNoun(i+1) || within(s.cadences, i+1) || s.w.pronouns[s.at(i+1).low] || s.takesObject(i)) || joined && s.opensNoun(i+1))
	}
	switch {
	case strings.HasSuffix(t.low, "r"):
		after := within(s.cadences, prev) || named || s.strangerOpens(prev)
		return after && (s.coverRole(i+1) || s.opensNoun(i+1)) || joined && (s.opensNoun(i+1) || s.takesObject(i)) ||
			(named || s.strangerOpens(prev)) && !genitive(p.low) && s.takesObject(i) || within(s.cadences, prev) && definite(s.at(i+1).low) && s.takesObject(i) || s.firstOfMain() && i > 0 && s.coverRole(i+1) && definite(s.at(i+1).low) && !s.known(i)
	case strings.HasSuffix(t.low, "s"):
		next := s.at(i + 1)
		ends := next.kind >= mark || s.w.agent[next.low] || s.w.conjunctions[next.low] || s.w.prepositions[next.low] || within(s.cadences, i+1) || within(s.hedged, i+1)
		return s.w.agent[next.low] && !genitive(t.low) || strings.HasSuffix(t.low, "as") && ends && prev >= 0 && p.kind == word && !s.w.determiners[p.low] && !s.w.prepositions[p.low]
	}
	return false
}

// bareForm: the word is a form of a verb in the lists that needs no particle.
func (s *sentence) bareForm(i int) bool {
	return slices.ContainsFunc(s.w.verbs[s.ts[i].low], func(f verbForm) bool { return len(f.particle) == 0 })
}

// takesObject: after the unknown word at i comes a noun without an article, or what
// belongs to a Swedish verb, and no other verb of the same subject.
func (s *sentence) takesObject(i int) bool {
	if s.known(i) || within(s.roles, i) {
		return false
	}
	next := s.at(i + 1)
	if s.w.inverted && s.w.adverbs[next.low] && s.w.prepositions[next.low] { // "lägger ut", "drar in"
		return true
	}
	if next.kind != word || s.w.small(next.low) || s.w.auxiliaries[next.low] || s.w.have[next.low] || s.verbForm(i+1) && s.w.objects.at(s.ts, i+1) == 0 && s.w.records.at(s.ts, i+1) == 0 {
		return s.w.inverted && within(s.cadences, i+1)
	}
	for k := i + 2; k < min(len(s.ts), i+5) && s.ts[k].kind == word; k++ {
		if s.w.prepositions[s.ts[k].low] || s.w.conjunctions[s.ts[k].low] || s.w.determiners[s.ts[k].low] {
			break
		}
		if s.w.auxiliaries[s.ts[k].low] || s.w.have[s.ts[k].low] || s.w.modals[s.ts[k].low] {
			return false
		}
	}
	return true
}

// particle reports whether what belongs to the verb follows: at once, or later in
// the same clause ("goes … through").
func (s *sentence) particle(i int, f verbForm) (int, bool) {
	if len(f.particle) == 0 {
		return i + 1, true
	}
	next := i + 1
	for k, p := range f.particle {
		if s.at(next+k).low != p {
			break
		}
		if k == len(f.particle)-1 {
			return next + len(f.particle), true
		}
	}
	if len(f.particle) > 1 {
		return 0, false
	}
	for k := i + 1; k < min(i+reach/2, len(s.ts)); k++ {
		if s.ts[k].kind >= mark && (s.ts[k].low != "," || f.particle[0] != "igenom") {
			return 0, false
		}
		if s.ts[k].low == f.particle[0] && (!s.w.prepositions[f.particle[0]] || s.w.plurals || within(s.roles, k-1) || !s.nounFollows(k)) {
			return i + 1, true
		}
	}
	return 0, false
}

// nounFollows tells the Swedish preposition "i systemet" from the particle "in".
func (s *sentence) nounFollows(i int) bool {
	switch s.ts[i].low {
	case "in", "ned", "upp", "ut", "bort", "igenom":
		return false
	}
	return s.at(i+1).kind == word && s.verbAt[i+1] < 0
}

// stands decides by the neighbours whether the form at i is a verb there, and
// whether it is passive.
func (s *sentence) stands(i int, f verbForm) (passiveVoice, ok bool) {
	prev := s.before(i)
	p, next := s.at(prev), s.at(i+1)
	if s.w.plurals && s.w.alsoNouns[s.ts[i].low] && within(s.cadences, i) && s.at(i+1).kind == word && s.cadences[coverOf(s.cadences, i)].from < i {
		return false, false // "at each shift change"
	}
	if s.w.plurals && (f.mood == infinitive || f.mood == present) && s.w.auxiliaries[next.low] && next.low != "get" && next.low != "gets" {
		return false, false // "the vendor register is"
	}
	if s.w.plurals && i > 0 && (f.mood == infinitive || f.mood == present) && s.w.objects.at(s.ts, i-1) > 1 && !within(s.products, i-1) {
		return false, false // "owns the firewall rules"
	}
	attributive := !within(s.roles, prev) && !within(s.tools, prev) && (s.w.determiners[p.low] || s.w.adjectives[p.low] || s.w.weak[p.low] || s.adjective(prev))
	switch f.mood {
	case gerund:
		return false, s.w.auxiliaries[p.low]
	case passive:
		return true, true
	case participle, past:
		return s.participle(prev, i, f)
	case infinitive:
		return false, s.infinitive(prev, i, attributive, f)
	}
	// present
	if !s.w.plurals {
		if s.w.alsoNouns[s.ts[i].low] {
			return false, s.swedishPresent(prev, i, f)
		}
		return false, true
	}
	if !s.w.alsoNouns[s.ts[i].low] && !s.w.alsoNouns[f.base] {
		return false, !attributive || within(s.roles, prev) || within(s.tools, prev)
	}
	named := within(s.roles, prev) || within(s.tools, prev) || within(s.nobody, prev)
	if c := coverOf(s.roles, prev); c >= 0 && !within(s.tools, prev) && s.w.weakRoles.at(s.ts, prev) == 1 && s.roles[c].to-s.roles[c].from == 1 && !s.opensNoun(prev-1) && s.w.bodies.at(s.ts, prev) == 0 {
		named = false // "customer records"
	}
	switch {
	case prev < 0:
		return false, false
	case s.w.auxiliaries[next.low], s.w.modals[next.low] && next.low != "to", s.w.have[next.low]:
		return false, false
	case s.w.relatives[p.low], s.w.pronouns[p.low]:
		return false, true
	case named && (!within(s.roles, i) || next.kind != word || !s.finiteBase(i+1)):
		return false, next.low != "of"
	case attributive, s.w.prepositions[p.low], p.kind == number, p.kind == place:
		return false, false
	case s.opensNoun(i + 1):
		return false, true
	case s.w.conjunctions[p.low], p.kind == mark:
		return false, next.kind == word && !s.w.prepositions[next.low] && !s.w.conjunctions[next.low] && s.seenVerb(prev)
	}
	return false, false
}

// before is the token before i that is no adverb, or -1.
func (s *sentence) before(i int) int {
	k := i - 1
	for k >= 0 && k > i-6 && (s.w.adverbs[s.ts[k].low] || s.ly(k) || within(s.hedged, k) && !s.w.conjunctions[s.ts[k].low] || s.adverbial(k)) {
		k--
	}
	return k
}

// ly: an English adverb by its ending.
func (s *sentence) ly(k int) bool {
	return s.w.plurals && strings.HasSuffix(s.ts[k].low, "ly") && s.ts[k].kind == word
}

// adverbial: one word that says how often, which may stand between subject and verb.
func (s *sentence) adverbial(k int) bool { return s.w.adverbCadence.at(s.ts, k) == 1 }

// adjective: a participle or cadence used as an adjective ("the signed list").
func (s *sentence) adjective(k int) bool {
	return k >= 0 && s.w.plurals && strings.HasSuffix(s.ts[k].low, "ed") && s.verbAt[k] < 0
}

// opensNoun reports whether a group of nouns begins at i: a determiner, a number, a
// possessive or a pronoun.
func (s *sentence) opensNoun(i int) bool {
	t := s.at(i)
	if s.periodic(i) {
		return false
	}
	return s.w.determiners[t.low] || s.w.referring[t.low] || t.kind == number || t.kind == place
}

func (s *sentence) seenVerb(before int) bool { return len(s.verbs) > 0 && s.verbs[0].from < before }

func (s *sentence) finiteBase(i int) bool {
	for _, f := range s.w.verbs[s.ts[i].low] {
		if f.mood == infinitive && !s.w.determiners[s.ts[i].low] {
			return true
		}
	}
	return false
}

func (s *sentence) participle(prev, i int, f verbForm) (passiveVoice, ok bool) {
	p := s.at(prev)
	switch {
	case s.w.auxiliaries[p.low]:
		return true, true
	case (p.low == "peer" || p.low == "code" || p.low == "cross") && s.w.auxiliaries[s.at(prev-1).low]: // "is peer reviewed"
		return true, true
	case s.w.have[p.low]:
		return false, !s.w.plurals || f.mood == participle
	case !s.w.plurals:
		return s.inChain(prev), s.inChain(prev)
	case s.w.conjunctions[p.low], p.kind == mark:
		return true, s.inChain(prev) || s.subjectless(i) && s.passiveBefore(prev)
	case f.mood == participle && s.elliptical(i):
		return true, true
	case f.mood == past && within(s.roles, prev) && s.opensNoun(i+1):
		return false, true
	}
	return false, false
}

func (s *sentence) verbAtIs(i int, c class) bool {
	return i >= 0 && s.verbAt[i] >= 0 && s.verbs[s.verbAt[i]].class == c
}

// inChain: "is granted through Okta … and reviewed", "reviewed, approved and tested".
func (s *sentence) inChain(prev int) bool {
	p := s.at(prev)
	if !s.w.conjunctions[p.low] && p.kind != mark {
		return false
	}
	for k := len(s.verbs) - 1; k >= 0 && k > len(s.verbs)-4; k-- {
		if s.verbs[k].passive && prev-s.verbs[k].to < reach {
			return true
		}
	}
	return false
}

func (s *sentence) passiveBefore(prev int) bool {
	return len(s.verbs) > 0 && s.verbs[len(s.verbs)-1].passive && prev-s.verbs[len(s.verbs)-1].to < reach
}

func (s *sentence) subjectless(i int) bool { return !s.opensNoun(i + 1) }

// elliptical: "Access to production servers reviewed quarterly by …".
func (s *sentence) elliptical(i int) bool {
	if len(s.verbs) > 0 {
		return false
	}
	next := s.at(i + 1)
	return i > 0 && (s.w.agent[next.low] || next.kind == stop || next.kind == nothing || s.adverbial(i+1) || next.low == "each" || next.low == "every" || next.low == "within" || next.low == "in" || next.low == "before" || next.low == "and" || s.ly(i+1))
}

func (s *sentence) infinitive(prev, i int, attributive bool, f verbForm) bool {
	p, next := s.at(prev), s.at(i+1)
	if !s.w.plurals { // Swedish: after a modal, "att" or another infinitive
		if s.w.modals[p.low] || s.w.conjunctions[p.low] || p.kind == mark {
			return s.modalNear(i)
		}
		return s.modalNear(i) && (within(s.roles, prev) || s.verbAt[max(prev, 0)] >= 0)
	}
	if s.w.modals[p.low] {
		return p.low != "to" || !s.w.alsoNouns[s.ts[i].low] || s.opensNoun(i+1) || s.verbAtIs(prev-1, helper)
	}
	if i > 0 && within(s.hedged, i-1) && (s.w.modals[s.ts[i-1].low] || s.ts[i-1].low == "should" || s.ts[i-1].low == "might") {
		return true
	}
	for k := prev; k >= 0 && k > prev-6; k-- { // "only then does the release manager approve"
		if l := s.ts[k].low; (l == "does" || l == "do" || l == "did") && (within(s.roles, prev) || within(s.tools, prev)) {
			return true
		}
	}
	noun := s.w.alsoNouns[s.ts[i].low] && len(f.particle) == 0
	plural := prev >= 0 && strings.HasSuffix(p.low, "s") && p.kind == word && s.verbAt[prev] < 0
	switch {
	case attributive || s.w.prepositions[p.low] && p.low != "to":
		return false
	case prev < 0: // an order: "Review all accounts"
		return s.opensNoun(i+1) || !noun && next.kind == word && next.low != "of" && !s.w.auxiliaries[next.low]
	case plural && (within(s.roles, prev) || within(s.tools, prev)):
		return next.kind == word && !s.w.auxiliaries[next.low] && !s.w.have[next.low] && next.low != "of"
	case p.low == "we" || p.low == "they" || p.low == "you":
		return next.kind == word && next.low != "of"
	case within(s.roles, prev):
		return !noun || s.opensNoun(i+1)
	case s.w.conjunctions[p.low] || p.kind == mark:
		return !noun && s.seenVerb(prev) || s.opensNoun(i+1) && s.seenVerb(prev)
	}
	return !noun && plural
}

func (s *sentence) modalNear(i int) bool {
	for k := i - 1; k >= 0 && k > i-8; k-- {
		if s.w.modals[s.ts[k].low] || s.ts[k].low == "behöva" {
			return true
		}
		if s.ts[k].kind == mark || s.ts[k].kind == stop {
			return false
		}
	}
	// "låter ledningen godkänna"; "bör" and its like are hedges and stand before too.
	return i > 0 && within(s.hedged, i-1)
}

// swedishPresent: "loggar" and "för" are verbs when a subject stands beside them.
func (s *sentence) swedishPresent(prev, i int, f verbForm) bool {
	p, next := s.at(prev), s.at(i+1)
	named := within(s.roles, prev) || within(s.tools, prev) || s.w.pronouns[p.low] || s.w.conjunctions[p.low] || p.kind == mark
	if s.ts[i].low == "för" {
		if len(f.particle) > 0 {
			near := false
			for k := i + 1; k < min(i+7, len(s.ts)); k++ {
				near = near || s.ts[k].low == f.particle[0]
			}
			return near && (named || within(s.cadences, prev) || s.coverRole(i+1) && next.low != "den")
		}
		n := i + 1
		if next.low == "en" || next.low == "ett" {
			n++
		}
		return s.w.records.at(s.ts, n) > 0 && f.class == keeping && (named || within(s.cadences, prev))
	}
	if prev < 0 {
		return false
	}
	return (named || within(s.cadences, prev) || within(s.nobody, prev)) && next.kind <= number && s.verbAt[min(i+1, len(s.ts)-1)] < 0 && !s.passiveNext(i+1) ||
		s.coverRole(i+1) || s.opensNoun(i+1) && !s.w.prepositions[p.low]
}

func (s *sentence) coverRole(i int) bool { return within(s.roles, i) || within(s.tools, i) }

func (s *sentence) passiveNext(i int) bool {
	for _, f := range s.w.verbs[s.at(i).low] {
		if f.mood == passive || f.mood == present {
			return true
		}
	}
	return s.w.auxiliaries[s.at(i).low]
}

// findSides marks the clauses that name a trigger and those that tell which thing
// is meant.
func (s *sentence) findSides() {
	s.side, s.trigger = make([]bool, len(s.ts)), make([]bool, len(s.ts))
	for i := 0; i < len(s.ts); i++ {
		n := s.w.triggers.at(s.ts, i)
		relative := n == 0 && s.relative(i)
		if n == 0 && !relative || n > 0 && (within(s.hedged, i) || !s.opensTrigger(i, n)) {
			continue
		}
		end, clause := s.sideEnd(i+max(n, 1), n > 0 && s.startsClause(i), relative)
		if c := coverOf(s.cadences, i); n > 0 && c >= 0 && s.w.plurals && s.cadences[c].to > i+n && s.nounAgain(s.cadences[c].to) {
			end, clause = s.cadences[c].to, false // "after each release the engineer reads"
		} else if n > 0 && c >= 0 && s.cadences[c].from < i {
			if k := s.joinBefore(i+n, end); k > 0 {
				end, clause = k, false // "90 days after delivery and the deletion is logged"
			}
		}
		for k := i; k < end; k++ {
			s.side[k] = true
			s.trigger[k] = s.trigger[k] || n > 0
		}
		if n > 0 {
			s.triggers = append(s.triggers, span{i, end})
		}
		if clause || n > 0 {
			i = max(i, end-1)
		}
	}
	for k := range s.verbs {
		s.verbs[k].side = s.side[s.verbs[k].from]
	}
}

func (s *sentence) startsClause(i int) bool {
	return i == 0 || s.ts[i-1].kind >= mark || i > 0 && s.w.conjunctions[s.ts[i-1].low]
}

// opensTrigger keeps out "once a year" and the Swedish prepositions "om", "då" and
// "sedan" where they open no clause.
func (s *sentence) opensTrigger(i, n int) bool {
	if c := coverOf(s.cadences, i); c >= 0 && (s.ts[i].low == "once" || s.ts[i].low == "om") {
		return false
	}
	switch s.ts[i].low {
	case "om", "då", "sedan", "där", "medan", "once", "where", "following":
		if s.startsClause(i) {
			return true
		}
		for k := i + n; k < min(i+n+6, len(s.ts)) && s.ts[k].kind < mark; k++ {
			if s.verbAt[k] >= 0 {
				return s.opensNoun(i+n) || s.w.pronouns[s.at(i+n).low] ||
					s.ts[i].low == "om" && s.verbAt[i-1] < 0 && k == i+n+1 && (definite(s.ts[k-1].low) || within(s.roles, k-1))
			}
		}
		return false
	}
	return true
}

// relative: "that", "who", "som" after a noun. After a verb "that" opens what is
// confirmed or ensured, which is said of the control itself.
func (s *sentence) relative(i int) bool {
	if !s.w.relatives[s.ts[i].low] || i == 0 {
		return false
	}
	prev := s.before(i)
	return prev >= 0 && s.verbAt[prev] < 0 && s.ts[prev].kind != stop && (!s.w.prepositions[s.ts[prev].low] || !s.w.determiners[s.ts[i].low]) && (!s.w.conjunctions[s.ts[prev].low] || s.ts[i].low != "that")
}

// looksFinite guesses by its ending whether an unknown word is a verb.
func (s *sentence) looksFinite(k int) bool {
	l := s.ts[k].low
	if s.w.plurals {
		return s.w.objects.at(s.ts, k) == 0
	}
	return strings.HasSuffix(l, "r") || strings.HasSuffix(l, "s") || strings.HasSuffix(l, "de") || strings.HasSuffix(l, "te") || strings.HasSuffix(l, "t")
}

// mainWithin finds where the main clause begins without a comma in "After each
// incident rated severe the incident lead holds …": at the determiner of the role
// that stands right before the first verb. It is -1 when there is no such place.
func (s *sentence) mainWithin(i, first, comma int) int {
	if !s.w.plurals || first < 0 || first <= i+1 || s.verbAtIs(first, helper) {
		return -1
	}
	r := coverOf(s.roles, s.before(first))
	if k := s.before(first); r < 0 && k > 0 && strings.HasSuffix(s.ts[k].low, "ing") { // "the engineer releasing"
		r = coverOf(s.roles, k-1)
	}
	if r < 0 || s.roles[r].from <= i {
		return -1
	}
	np := s.phrase(s.roles[r])
	if np.from <= i || np.from >= comma || s.w.conjunctions[s.ts[np.from-1].low] || s.w.prepositions[s.ts[np.from-1].low] || !s.w.determiners[s.ts[np.from].low] {
		return -1
	}
	return np.from
}

// mainFirst: the first known verb belongs to the Swedish main clause already, since
// its subject follows it and an unknown verb stands before ("När avtalet bryts ut
// kontrollerar ägaren").
func (s *sentence) mainFirst(i, first int) bool {
	v := s.verbs[s.verbAt[first]]
	if v.class != concrete || v.passive || v.mood != present || !s.coverRole(v.to) {
		return false
	}
	for k := i + 1; k < first; k++ {
		l := s.ts[k].low
		if s.ts[k].kind == word && !s.known(k) && !genitive(l) && s.looksFinite(k) && !within(s.roles, k) {
			return true
		}
	}
	return false
}

// sideEnd is where the clause that opens before i ends: at the comma if it opens
// the sentence, else after its first group of verbs. clause is false when no verb
// follows ("before deployment").
func (s *sentence) sideEnd(i int, opens, relative bool) (end int, clause bool) {
	comma, first := min(len(s.ts), i+4*reach), -1
	for k := i; k < comma; k++ {
		if s.ts[k].kind >= mark && s.ts[k].low != "(" && s.ts[k].low != ")" {
			comma = k
			break
		}
		if first < 0 && k > i && !relative && s.ts[k].low == "unless" {
			comma = k
			break
		}
		if first < 0 && s.verbAt[k] >= 0 {
			first = k
		}
	}
	if main := s.mainWithin(i, first, comma); !relative && opens && main > i {
		return main, true
	}
	if !relative && opens && s.w.inverted && first > i+1 && s.mainFirst(i, first) {
		return first, true
	}
	if relative && first > i {
		// "that rest on consent": what follows the relative is its verb, known or not.
		k := i
		for k < first && s.w.adverbs[s.ts[k].low] {
			k++
		}
		if k < first && s.ts[k].kind == word && !s.opensNoun(k) && !s.w.pronouns[s.ts[k].low] && !within(s.roles, k) && s.looksFinite(k) {
			return k + 1, true
		}
	}
	if !relative && first > i && s.w.conjunctions[s.ts[first-1].low] {
		return first - 1, false // "after contract end and logs …"
	}
	if first < 0 {
		for k := i; k < comma; k++ {
			if k > i && (s.w.conjunctions[s.ts[k].low] || s.w.agent[s.ts[k].low]) {
				return k, false
			}
		}
		return comma, false
	}
	if opens && s.w.plurals && comma < len(s.ts) && s.ts[comma].kind == mark {
		return comma, true
	}
	end = s.verbs[s.verbAt[first]].to
	for end < comma && (s.verbAt[end] >= 0 && (s.verbAtIs(end-1, helper) || s.w.have[s.ts[end-1].low] || s.verbAt[end-1] < 0 && s.w.adverbs[s.ts[end-1].low]) || s.w.adverbs[s.ts[end].low] && !s.w.prepositions[s.ts[end].low]) {
		if v := s.verbAt[end]; v >= 0 {
			end = s.verbs[v].to
		} else {
			end++
		}
	}
	if opens && !relative && s.w.inverted {
		if main := s.mainVerbAfter(end, comma); main > 0 {
			return main, true
		}
	}
	return end, true
}

// mainVerbAfter is where the Swedish main clause begins after a clause that opens
// the sentence: at its finite verb, which its subject follows.
func (s *sentence) mainVerbAfter(i, comma int) int {
	for k := i; k < comma && k < i+8; k++ {
		if s.w.conjunctions[s.ts[k].low] || s.w.relatives[s.ts[k].low] || s.w.prepositions[s.ts[k].low] {
			return 0
		}
		if at := s.verbAt[k]; at >= 0 {
			v := s.verbs[at]
			if v.mood == present && v.class != helper && (s.coverRole(v.to) || definite(s.at(v.to).low) || s.w.determiners[s.at(v.to).low]) {
				return k
			}
			return 0
		}
	}
	return 0
}

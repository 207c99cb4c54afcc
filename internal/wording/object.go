package wording

import "slices"

// object is the thing to which the control is done: what the verb takes, if it is
// more than a bare "systems" or "data", else any concrete thing in the main clause.
func (s *sentence) object() (span, bool) {
	does := slices.ContainsFunc(s.verbs, func(v verb) bool {
		return !v.side && v.class == concrete && !s.w.recording[v.base]
	})
	for _, v := range s.verbs {
		if v.side || v.class == helper && !s.loneHelper(v) || does && s.w.recording[v.base] {
			continue // what is recorded, signed and filed is the trace, where something else is done
		}
		sp, ok := s.objectOf(v)
		if kept := does && v.class == keeping; ok && (!kept || s.w.records.at(s.ts, sp.to-1) == 0) {
			return sp, true
		}
	}
	if sp, ok := s.thing(false); ok {
		return sp, true
	}
	for _, v := range s.verbs { // "enters every deficiency in the register"
		if s.takesNothing(v) {
			break
		}
		if v.side || v.class != concrete || v.passive || !s.w.recording[v.base] {
			continue
		}
		to := v.to
		for to < min(v.to+reach/2, len(s.ts)) && (!s.w.prepositions[s.ts[to].low] || to == v.to) {
			to++
		}
		if sp, ok := s.concreteIn(v.to, to); ok && s.w.records.at(s.ts, sp.to-1) == 0 {
			return sp, true
		}
	}
	for _, v := range s.verbs { // "an exception to the encryption standard requires approval"
		if v.side || v.class != concrete || v.passive {
			continue
		}
		if sp, ok := s.concreteIn(s.subjectStart(v.from), v.from); ok {
			return sp, true
		}
	}
	if s.refersBack() {
		if sp, ok := s.thing(true); ok {
			return sp, true
		}
		if sp, ok := s.triggered(); ok {
			return sp, true
		}
		return s.owned()
	}
	return span{}, false
}

func (s *sentence) loneHelper(v verb) bool { return s.w.auxiliaries[v.base] }

// objectOf reads the group of nouns that v takes: after an active verb, before a
// passive one (in Swedish also after it).
func (s *sentence) objectOf(v verb) (span, bool) {
	if v.passive || v.class == helper || v.class == light {
		from := s.subjectStart(v.from)
		if sp, ok := s.concreteIn(from, v.from); ok {
			return sp, true
		}
		if v.passive && !s.w.inverted {
			return span{}, false
		}
	}
	if l := s.at(v.to).low; v.class == concrete && (s.w.referring[l] || l == "vilka") && s.w.relatives[s.at(v.to+1).low] && s.at(v.to+2).kind == word {
		return span{v.to, v.to + 3}, true // "removes those who left"
	}
	return s.concreteIn(v.to, min(v.to+reach/2, len(s.ts)))
}

// subjectStart is where the clause of the verb at i begins.
func (s *sentence) subjectStart(i int) int {
	k := i
	for k > 0 && i-k < reach && s.ts[k-1].kind < mark && !s.trigger[k-1] {
		if at := s.verbAt[k-1]; at >= 0 && !s.side[k-1] && s.verbs[at].class != helper && !s.verbs[at].passive {
			break
		}
		k--
	}
	return k
}

// concreteIn reads from a noun group that begins at from; it goes on into "of …",
// "to …" and past the actor, and stops at the next verb or mark.
func (s *sentence) concreteIn(from, to int) (span, bool) {
	start := -1
	strong := false
	for k := from; k < to; k++ {
		t := s.ts[k]
		switch {
		case t.kind >= mark, t.kind == place, s.verbAt[k] >= 0 && !s.side[k] && s.verbs[s.verbAt[k]].class != helper:
			return span{}, false
		case s.performed && s.performer.has(k):
			k = s.performer.to - 1
			start, strong = -1, false
		case s.side[k]:
			start, strong = -1, false
			if s.trigger[k] {
				return span{}, false
			}
		case within(s.cadences, k) && s.skipCadence(k) > k:
			k = s.skipCadence(k) - 1
			start, strong = -1, false
		case within(s.hedged, k) && !s.w.weak[t.low]:
			start, strong = -1, false
		case s.w.byRule[t.low], s.w.agent[t.low] && !s.w.inverted, s.w.triggers.at(s.ts, k) > 0 && s.opensTrigger(k, 1):
			return span{}, false
		case s.instrumental(k) && !s.company(k):
			return span{}, false
		case s.w.prepositions[t.low], s.w.conjunctions[t.low], s.w.determiners[t.low], s.w.adverbs[t.low], s.w.pronouns[t.low], s.w.modals[t.low], t.kind == number, s.ly(k), s.verbAt[k] >= 0:
			start, strong = -1, strong && !s.w.prepositions[t.low] && !s.w.conjunctions[t.low]
		case coverOf(s.nobody, k) >= 0 && s.nobody[coverOf(s.nobody, k)].from == k && s.w.objects.at(s.ts, k) == 0:
			k = s.nobody[coverOf(s.nobody, k)].to - 1
			start, strong = -1, false
		case s.actorHere(k) >= 0:
			k = s.actorHere(k) - 1
			start, strong = -1, false
		default:
			if start < 0 {
				start = k
			}
			if s.bare(k) {
				continue
			}
			if n := s.w.objects.at(s.ts, k); n > 0 && s.continues(k+n) && k+n < to && !within(s.cadences, k+n) {
				strong = true
				k += n - 1
				continue
			} else if n > 0 {
				return span{start, k + n}, true
			}
			weak := s.w.weak[t.low] || s.w.adjectives[t.low] || s.genitiveWord(k)
			vague := s.w.vagueNouns.at(s.ts, k) > 0
			strong = strong || !weak && !vague
			if strong && s.groupEnds(k+1) {
				return span{start, k + 1}, true
			}
		}
	}
	return span{}, false
}

// instrumental: "in Jira", "through Okta" name where, not what.
func (s *sentence) instrumental(k int) bool {
	if !s.w.instrument[s.ts[k].low] {
		return false
	}
	for n := k + 1; n < min(k+4, len(s.ts)); n++ {
		if within(s.products, n) {
			return true
		}
		if !s.w.determiners[s.ts[n].low] {
			break
		}
	}
	if s.w.inverted && s.w.agent[s.ts[k].low] && s.of(k) {
		return false
	}
	switch s.ts[k].low {
	case "through", "via", "using", "by", "with", "genom", "med", "av":
		return true
	}
	return false
}

// company: "together with the system owner" names who takes part.
func (s *sentence) company(k int) bool {
	if l := s.ts[k].low; l != "with" && l != "med" {
		return false
	}
	for n := k + 1; n < min(k+5, len(s.ts)) && s.ts[n].kind <= number && s.verbAt[n] < 0; n++ {
		if within(s.roles, n) {
			return true
		}
	}
	return false
}

func (s *sentence) skipCadence(k int) int {
	c := s.cadences[coverOf(s.cadences, k)]
	if c.from != k {
		return k
	}
	if c.to-c.from == 1 && s.w.objects.at(s.ts, k) > 0 { // "kvartalsrapporten"
		return k
	}
	if !s.periodic(k) && s.w.determiners[s.ts[k].low] { // "approves each deployment"
		return k
	}
	return c.to
}

// genitiveWord: "personens konton" belongs to what follows.
func (s *sentence) genitiveWord(k int) bool { return s.w.inverted && genitive(s.ts[k].low) }

// actorHere is the end of a role that begins at k and performs the control, or -1.
func (s *sentence) actorHere(k int) int {
	if c := coverOf(s.roles, k); c >= 0 {
		if np, ok := s.named(s.roles[c]); ok && s.performs(np, s.roles[c], false) {
			if r := s.roles[c]; s.performed && s.performer.to == r.from && s.w.objects.at(s.ts, r.to-1) > 0 {
				return -1 // "utvärderar leverantörsansvarig leverantörerna"
			}
			return s.roles[c].to
		}
	}
	return -1
}

func (s *sentence) groupEnds(i int) bool {
	t := s.at(i)
	return t.kind != word || s.verbAt[i] >= 0 || s.w.prepositions[t.low] || s.w.conjunctions[t.low] || s.w.determiners[t.low] || s.w.adverbs[t.low] || s.w.relatives[t.low] || s.w.pronouns[t.low] || within(s.cadences, i) || within(s.hedged, i) || s.ly(i) || s.w.triggers.at(s.ts, i) > 0 || s.w.inverted
}

// thing is the first concrete noun outside clauses that name a trigger; side lets
// those in, for "it" in the main clause.
func (s *sentence) thing(side bool) (span, bool) {
	for i := range s.ts {
		n := s.w.objects.at(s.ts, i)
		if n == 0 || s.verbAt[i] >= 0 || s.trigger[i] && !side || within(s.hedged, i) || within(s.cadences, i) && !side || within(s.roles, i) || s.bare(i) || s.performed && s.performer.has(i) {
			continue
		}
		g := s.at(s.phrase(span{i, i + n}).from - 1).low
		if s.w.plurals && s.continues(i+n) || s.remainsHere(i, n) || s.w.byRule[g] || g == "to" && s.w.byRule[s.at(s.phrase(span{i, i + n}).from-2).low] {
			continue
		}
		return span{i, i + n}, true
	}
	return span{}, false
}

// triggered is the thing with which a clause that names a trigger opens.
func (s *sentence) triggered() (span, bool) {
	for _, t := range s.triggers {
		for k := t.from + 1; k < t.to && s.verbAt[k] < 0; k++ {
			w := s.ts[k]
			if w.kind == word && !s.w.determiners[w.low] && !s.w.weak[w.low] && !s.w.prepositions[w.low] && !s.w.conjunctions[w.low] && s.w.vagueNouns.at(s.ts, k) == 0 && !s.w.pronouns[w.low] && !within(s.roles, k) && !s.w.adjectives[w.low] {
				return span{k, k + 1}, true
			}
		}
	}
	return span{}, false
}

// owned: "it" stands for what the actor owns: "the owner of each policy goes
// through it".
func (s *sentence) owned() (span, bool) {
	for _, r := range s.roles {
		if l := s.at(r.to).low; l != "of" && l != "till" {
			continue
		}
		for k := r.to + 1; k < min(r.to+4, len(s.ts)) && s.ts[k].kind == word && s.verbAt[k] < 0; k++ {
			if !s.w.determiners[s.ts[k].low] {
				return span{k, k + 1}, true
			}
		}
	}
	return span{}, false
}

// remainsHere: the noun is the record that the control leaves behind.
func (s *sentence) remainsHere(i, n int) bool {
	return s.w.records.at(s.ts, i) > 0 && s.remains(span{i, i + n})
}

// refersBack: "it" and "den" stand for what the opening clause named.
func (s *sentence) refersBack() bool {
	for i, t := range s.ts {
		if s.w.referring[t.low] && !s.side[i] && (s.groupEnds(i+1) && t.low != "this" || s.w.inverted && i > 0) {
			return true
		}
	}
	return false
}

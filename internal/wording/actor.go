package wording

import "strings"

// actor is who or what performs the control.
func (s *sentence) actor() (span, bool) {
	for _, r := range s.roles {
		if np, ok := s.named(r); ok && s.performs(np, r, false) {
			return np, true
		}
	}
	for _, t := range s.tools {
		if s.real(t) && s.performs(s.phrase(t), t, true) {
			return t, true
		}
	}
	if sp, ok := s.agent(); ok {
		return sp, true
	}
	if sp, ok := s.approver(); ok {
		return sp, true
	}
	if sp, ok := s.bodyActs(); ok {
		return sp, true
	}
	return s.subject()
}

// agent takes an unknown noun after "by" for who does what a concrete verb in the
// passive says ("is deactivated by the ledger clerk's office").
func (s *sentence) agent() (span, bool) {
	for i := range s.ts {
		if !s.w.agent[s.ts[i].low] || s.side[i] || within(s.cadences, i) || i == 0 {
			continue
		}
		at := -1
		for k := i - 1; k >= 0 && i-k < reach/3 && at < 0; k-- {
			at = s.verbAt[k]
		}
		if at < 0 || !s.verbs[at].passive || s.verbs[at].side || s.verbs[at].class != concrete {
			continue
		}
		from := i + 1
		if s.w.plurals {
			if !s.w.determiners[s.at(from).low] {
				continue
			}
			from++
		}
		to := from
		for to < len(s.ts) && to-from < 4 && !s.groupEnds(to) {
			to++
		}
		if s.w.inverted {
			article := s.w.determiners[s.at(from).low]
			for from < len(s.ts) && from < i+4 && (s.w.determiners[s.ts[from].low] || s.w.weak[s.ts[from].low] || s.w.adjectives[s.ts[from].low]) {
				from++
			}
			if to = from + 1; article && to <= len(s.ts) && s.w.agents.ends(s.ts[from].low) && !s.known(from) {
				return span{i + 1, to}, true
			}
		}
		if to <= from || to > len(s.ts) || !s.somebody(from, to) {
			continue
		}
		return span{i + 1, to}, true
	}
	return span{}, false
}

// somebody: an unknown noun that may be a person or a body, not a thing, a time or
// a word that names nobody.
func (s *sentence) somebody(from, to int) bool {
	for k := from; k < to; k++ {
		if s.ts[k].kind != word || within(s.nobody, k) || within(s.cadences, k) || within(s.hedged, k) || s.verbAt[k] >= 0 {
			return false
		}
	}
	last := s.ts[to-1]
	if s.w.inverted && !strings.HasSuffix(last.low, "en") && !strings.HasSuffix(last.low, "an") && !strings.HasSuffix(last.low, "na") && !strings.HasSuffix(last.low, "et") {
		return false
	}
	return len(last.low) > 3 && s.w.objects.at(s.ts, to-1) == 0 && s.w.records.at(s.ts, to-1) == 0 && s.w.vagueNouns.at(s.ts, to-1) == 0 && !within(s.tools, to-1) &&
		s.w.weakRoles.at(s.ts, to-1) == 0 && !s.w.small(last.low) && !strings.HasSuffix(last.low, "ing") && s.w.actionNouns.at(s.ts, to-1) == 0
}

// approver is who must have approved before a thing is done ("only after a peer has
// approved it"), or who does something in a clause that tells more of what was
// named ("an alert that the analyst closes").
func (s *sentence) approver() (span, bool) {
	for _, v := range s.verbs {
		if np, ok := s.approves(v); ok {
			return np, true
		}
	}
	return span{}, false
}

func (s *sentence) approves(v verb) (span, bool) {
	g, ok := s.gateHere()
	passes := ok && g.yes.contains(v.span)
	if v.passive || !v.side || v.class != concrete && !passes {
		return span{}, false
	}
	if s.trigger[v.from] && !s.w.approving[v.base] && !passes {
		return span{}, false
	}
	k := v.from - 1
	for k >= 0 && (s.w.have[s.ts[k].low] || s.w.adverbs[s.ts[k].low]) {
		k--
	}
	if c := coverOf(s.roles, k); k >= 0 && c >= 0 {
		if np, ok := s.named(s.roles[c]); ok && !s.w.relatives[s.at(k).low] {
			return np, true
		}
	}
	return span{}, false
}

// phrase is the group of nouns that ends with sp, with what stands before it.
func (s *sentence) phrase(sp span) span {
	from := sp.from
	for from > 0 && sp.from-from < 6 {
		t := s.ts[from-1]
		if t.kind > number || s.verbAt[from-1] >= 0 || s.w.prepositions[t.low] && !s.w.determiners[t.low] && !s.adjectival(from-1) || s.w.conjunctions[t.low] || s.w.relatives[t.low] && !s.w.determiners[t.low] ||
			s.w.modals[t.low] || s.w.triggers.at(s.ts, from-1) == 1 || s.w.adverbs[t.low] && !s.w.determiners[t.low] || s.ly(from-1) || s.w.pronouns[t.low] && !s.w.determiners[t.low] ||
			s.cadenced(from-1, sp) || s.w.inverted && s.w.referring[t.low] && s.at(from-2).kind == word && s.verbAt[max(from-2, 0)] >= 0 {
			break
		}
		from--
		if s.w.determiners[t.low] && !s.w.numbers[t.low] {
			if from > 0 && s.w.determiners[s.ts[from-1].low] && s.verbAt[from-1] < 0 && !s.w.prepositions[s.ts[from-1].low] {
				from--
			}
			break
		}
	}
	return span{from, sp.to}
}

// adjectival: a preposition after an article tells more of the noun ("an outside lawyer").
func (s *sentence) adjectival(i int) bool {
	article := s.at(i - 1).low
	return s.w.plurals && s.w.determiners[article] && !s.w.numbers[article]
}

// cadenced: token i belongs to words that say how often and not to the noun.
func (s *sentence) cadenced(i int, sp span) bool {
	c := coverOf(s.cadences, i)
	return c >= 0 && !s.cadences[c].overlaps(sp)
}

// named reports whether the role at r names somebody, and gives the whole phrase.
func (s *sentence) named(r span) (span, bool) {
	np := s.phrase(r)
	last := s.ts[r.to-1]
	for k := np.from; k < np.to; k++ {
		if s.ts[k].kind == place {
			return np, false
		}
		if c := coverOf(s.nobody, k); c >= 0 && s.nobody[c].to >= np.to && s.nobody[c].from <= r.from {
			if s.nobody[c].to-s.nobody[c].from > 1 || !s.modified(np, s.nobody[c]) {
				return np, false
			}
		}
	}
	if s.w.inverted && genitive(last.low) {
		return np, s.w.granted[s.at(r.to).low]
	}
	if s.w.plurals && strings.HasSuffix(last.low, "'s") && !s.w.granted[s.at(r.to).low] && !s.w.granted[s.at(r.to+1).low] {
		return np, false
	}
	if s.continues(r.to) {
		return np, false
	}
	if r.to-r.from == 1 && s.w.weakRoles.at(s.ts, r.from) == 1 {
		return np, s.modified(np, r) || s.describes(r) || s.w.titled.is(s.ts[r.from]) && s.w.prepositions[s.at(r.to).low]
	}
	return np, true
}

// modified: something that says which stands before r in its phrase.
func (s *sentence) modified(np, r span) bool {
	for k := np.from; k < r.from; k++ {
		if s.w.roleModifiers.is(s.ts[k]) {
			return true
		}
	}
	k := r.from - 1 // "the claims unit"
	return k >= np.from && s.w.bodies.at(s.ts, r.to-1) > 0 && s.ts[k].kind == word && !s.w.small(s.ts[k].low) && !s.w.weak[s.ts[k].low] && !s.w.adjectives[s.ts[k].low] && !within(s.nobody, k) && !within(s.hedged, k) && s.w.vagueNouns.at(s.ts, k) == 0
}

// describes: "the person ordering the service", "den person som beställer".
func (s *sentence) describes(r span) bool {
	next := s.at(r.to)
	switch s.ts[r.from].stem {
	case "person", "personen", "member", "medlem":
		return strings.HasSuffix(next.low, "ing") || next.low == "responsible" || next.low == "who" || next.low == "som" || next.low == "of" || next.low == "on"
	}
	return false
}

// genitive: a Swedish definite noun with a final s.
func genitive(low string) bool {
	for _, e := range []string{"ens", "ets", "rnas", "ans", "arens", "ns", "ts"} {
		if strings.HasSuffix(low, e) && len(low) > len(e)+2 {
			return true
		}
	}
	return false
}

// continues: in English a noun right after makes the role a mere attribute of it
// ("customer support tickets").
func (s *sentence) continues(i int) bool {
	t := s.at(i)
	if !s.w.plurals || t.kind != word || s.verbAt[i] >= 0 || s.ly(i) {
		return false
	}
	ends := s.w.prepositions[t.low] || s.w.conjunctions[t.low] || s.w.relatives[t.low] || s.w.determiners[t.low] || s.w.adverbs[t.low] ||
		s.w.pronouns[t.low] || s.w.modals[t.low] || within(s.cadences, i) || within(s.hedged, i) || s.w.triggers.at(s.ts, i) > 0 ||
		t.low == "on-call" || s.w.granted[t.stem] || t.capital || t.low == "except" || t.low == "alone" || t.low == "other" || t.low == "responsible" || t.low == "accountable" || t.low == "personally" || t.low == "named" || t.low == "called" || strings.HasSuffix(t.low, "ing") && s.at(i+1).kind == word && s.verbAt[i+1] >= 0
	return !ends
}

// real: a kind of system that is more than "the system", or the system as the
// subject of something machines do.
func (s *sentence) real(t span) bool {
	np := s.phrase(t)
	if s.w.plurals && s.continues(t.to) && !within(s.products, t.from) {
		return false
	}
	if s.w.inverted && genitive(s.ts[t.to-1].low) && !within(s.products, t.from) {
		return false
	}
	if within(s.products, t.from) || s.w.weakTools.at(s.ts, t.from) != t.to-t.from {
		return true
	}
	if s.w.inverted {
		if l := s.ts[t.to-1].low; !strings.HasSuffix(l, "et") && !strings.HasSuffix(l, "en") && !strings.HasSuffix(l, "n") {
			return false
		}
	} else if s.ts[t.from].low != s.ts[t.from].stem || np.from == t.from {
		return false
	}
	v, ok := s.nextVerb(t.to)
	for k := np.from; k < t.from; k++ { // "the delivery service"
		if l := s.ts[k].low; (ok && v.class <= keeping && !v.passive || s.w.agent[s.at(np.from-1).low]) && !s.w.determiners[l] && !s.w.weak[l] && !s.w.adjectives[l] {
			return true
		}
	}
	return ok && (v.class == concrete && !v.passive && v.from-t.to < 6 || s.invertedBefore(np.from))
}

// nextVerb is the first verb of the main clause at or after token i.
func (s *sentence) nextVerb(i int) (verb, bool) {
	for k := i; k < min(len(s.ts), i+2*reach); k++ {
		if s.ts[k].kind == stop || s.ts[k].low == ";" {
			return verb{}, false
		}
		at := s.verbAt[k]
		if at < 0 || s.verbs[at].side {
			continue
		}
		v := s.verbs[at]
		if v.class == helper && at+1 < len(s.verbs) && s.verbs[at+1].from-v.to < 5 && !s.verbs[at+1].side {
			return s.verbs[at+1], true
		}
		return v, true
	}
	return verb{}, false
}

// invertedBefore: the Swedish subject stands after its active verb.
func (s *sentence) invertedBefore(from int) bool {
	if !s.w.inverted {
		return false
	}
	k := from - 1
	for k >= 0 && from-k < 4 && s.verbAt[k] < 0 && s.w.adverbs[s.ts[k].low] {
		k--
	}
	if k < 0 || s.verbAt[k] < 0 {
		return false
	}
	v := s.verbs[s.verbAt[k]]
	if v.side || v.passive || v.mood == infinitive && s.at(v.from-1).low == "att" {
		return false
	}
	return !s.subjectEnds(v.from - 1)
}

// subjectEnds: an actor, named or not, that no preposition governs ends at token i.
func (s *sentence) subjectEnds(i int) bool {
	if i < 0 || s.trigger[i] {
		return false
	}
	for _, l := range [][]span{s.nobody, s.roles, s.tools} {
		if c := coverOf(l, i); c >= 0 {
			g := s.at(s.phrase(l[c]).from - 1).low
			return !s.w.prepositions[g]
		}
	}
	return false
}

// performs reports whether the phrase np stands where a subject or an agent does.
func (s *sentence) performs(np, r span, tool bool) bool {
	g := s.at(np.from - 1)
	if np.from > 0 && s.w.agent[g.low] {
		return s.agentOf(np)
	}
	if tool && np.from > 0 && s.w.means[g.low] {
		return within(s.products, r.from) && g.low != "med" && g.low != "with" || s.byMeans(np)
	}
	if np.from > 0 && s.w.conditions[g.low] && s.w.granted[s.at(r.to).stem] {
		return true // "without the security lead's approval"
	}
	if np.from > 0 && s.w.prepositions[g.low] && !s.w.conjunctions[g.low] && s.verbAt[np.from-1] < 0 {
		b := s.at(np.from - 2)
		return s.w.granted[b.stem] && (g.low == "from" || g.low == "of" || g.low == "från")
	}
	if s.trigger[np.from] {
		return false
	}
	if np.from == 2 && s.w.relatives[s.at(r.to).low] && (s.ts[0].low == "det" || s.ts[0].low == "it") {
		return true // "it is the head of operations who approves"
	}
	if np.from > 0 && s.verbAt[np.from-1] >= 0 && (!s.side[np.from-1] || s.side[np.from]) {
		if g.low == "does" || g.low == "do" || g.low == "did" {
			v, ok := s.nextVerb(r.to)
			return ok && v.class == concrete && !v.passive
		}
		return s.invertedBefore(np.from)
	}
	if np.from > 0 && g.kind == word && s.invertedBefore(np.from) {
		return true
	}
	if r.to < len(s.ts) && s.w.plurals && strings.HasSuffix(s.ts[r.to-1].low, "'s") {
		return true // "the CISO's approval"
	}
	v, ok := s.nextVerb(r.to)
	if !ok || v.passive || v.class == event {
		return false
	}
	if g.kind == mark || np.from == 0 || s.side[np.from-1] || within(s.cadences, np.from-1) || s.verbAtIs(np.from-1, concrete) {
		return s.reaches(r.to, v)
	}
	if s.w.conjunctions[g.low] {
		// "the CTO and the security lead": a partner in a row shares its place.
		return !s.hasPreposition(np.from-1) && s.reaches(r.to, v)
	}
	return s.reaches(r.to, v)
}

// reaches: between the subject and its verb stands no other subject.
func (s *sentence) reaches(to int, v verb) bool {
	for k := to; k < v.from; k++ {
		if s.ts[k].kind == mark && !s.side[k] && k+1 < len(s.ts) && !s.side[k+1] && s.opensNoun(k+1) && v.from-k > 2 && !s.side[v.from-1] {
			return false
		}
	}
	return true
}

func (s *sentence) hasPreposition(i int) bool {
	for k := i - 1; k >= 0 && i-k < 6; k-- {
		if s.ts[k].kind >= mark || s.verbAt[k] >= 0 {
			return false
		}
		if s.w.prepositions[s.ts[k].low] {
			return !within(s.roles, k) && s.ts[k].low != "by" && s.ts[k].low != "of"
		}
	}
	return false
}

// agentOf: "by the CTO" says who when something is done by them; "by" before a date
// or "av" for "of" does not, nor does the agent of a trigger ("when reported by").
func (s *sentence) agentOf(np span) bool {
	if s.trigger[np.from-1] {
		b := s.at(np.from - 2)
		return s.w.granted[b.stem] || s.w.actionNouns.is(b)
	}
	if s.w.plurals {
		return true
	}
	for k := np.from - 2; k >= 0 && np.from-k < reach; k-- {
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].passive && !s.trigger[k] {
			return true
		}
	}
	if k := np.from - 2; k >= 0 && s.verbAt[k] < 0 && (s.w.granted[s.ts[k].low] || s.w.actionNouns.is(s.ts[k]) && s.w.weakRoles.at(s.ts, np.to-1) == 0) {
		return true
	}
	b := s.at(np.from - 2).low // "underskriven av", "framtagen av"
	return strings.HasSuffix(b, "en") || strings.HasSuffix(b, "ad") || strings.HasSuffix(b, "t") || strings.HasSuffix(b, "ade")
}

// byMeans: a kind of system through which something is done.
func (s *sentence) byMeans(np span) bool {
	g := s.at(np.from - 1).low
	return g == "through" || g == "via" || g == "by" || g == "genom" || g == "using" || g == "av" || within(s.products, np.to-1)
}

// bodyActs: management as the actor of what only management as a body can do.
func (s *sentence) bodyActs() (span, bool) {
	if _, ok := s.w.bodyMatters.find(s.ts, 0, len(s.ts)); !ok {
		return span{}, false
	}
	for i := range s.ts {
		n := s.w.body.at(s.ts, i)
		if n == 0 || s.trigger[i] {
			continue
		}
		sp := span{i, i + n}
		if s.invertedBefore(i) {
			return sp, true
		}
		if v, ok := s.nextVerb(i + n); ok && v.class == concrete && !v.passive && v.from-sp.to < 4 && !s.w.prepositions[s.at(i-1).low] {
			return sp, true
		}
	}
	return span{}, false
}

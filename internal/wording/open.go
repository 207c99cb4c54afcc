package wording

import (
	"slices"
	"strings"
)

// Nobody can list every role, tool and verb. What follows knows them by how they
// are formed and by where they stand.

// findAgents adds to the roles the nouns that are formed like one who does
// something ("storekeeper", "maskinisten", "ändringsrådet").
func (s *sentence) findAgents() {
	var out []span
	k := 0
	for i := range s.ts {
		for k < len(s.roles) && s.roles[k].from <= i {
			out = append(out, s.roles[k])
			k++
		}
		if within(s.roles, i) || !s.agentive(i) {
			continue
		}
		out = append(out, span{i, i + 1})
	}
	s.roles = append(out, s.roles[k:]...)
}

// agentive: token i is formed like one who does something and is no known thing.
func (s *sentence) agentive(i int) bool {
	t := s.ts[i]
	if t.kind != word || len(t.low) < 6 || !s.agentEnding(t) || s.known(i) || s.verbForm(i) || s.w.plurals && t.capital && i > 0 {
		return false
	}
	if !s.w.plurals {
		return true
	}
	// In English many things end alike ("the counter"): only where somebody acts.
	if t.low != t.stem {
		return i == 0 && (s.w.verbs[s.at(i+1).low] != nil || s.w.determiners[s.at(i+2).low]) && !s.w.auxiliaries[s.at(i+1).low]
	}
	from := i
	for from > 0 && i-from < 3 && s.ts[from-1].kind == word && !s.w.determiners[s.ts[from].low] && !s.w.small(s.ts[from-1].low) {
		from--
	}
	if from == 0 || !s.w.determiners[s.ts[from-1].low] {
		return false
	}
	next := i + 1
	for next < len(s.ts) && next < i+3 && (s.ly(next) || s.w.adverbs[s.ts[next].low] || s.adverbial(next)) {
		next++
	}
	n := s.at(next)
	return n.kind == word && strings.HasSuffix(n.low, "s") && (s.verbNext(next) || s.opensNoun(next+1)) || s.w.have[n.low] || s.w.modals[n.low] || s.w.agent[s.at(from-2).low]
}

// agentEnding: also in the Swedish genitive ("hallvärdens").
func (s *sentence) agentEnding(t token) bool {
	return s.w.agents.ends(t.stem) || s.w.inverted && s.w.agents.ends(strings.TrimSuffix(t.low, "s"))
}

// known: token i is in a list of things, records, tools or of words that name nothing.
func (s *sentence) known(i int) bool {
	t := s.ts[i]
	return s.w.small(t.low) || s.w.adverbs[t.low] || s.w.adjectives[t.low] || s.w.weak[t.low] || s.w.pronouns[t.low] ||
		s.w.objects.at(s.ts, i) > 0 || s.w.records.at(s.ts, i) > 0 || s.w.vagueNouns.at(s.ts, i) > 0 || s.w.notAgents.at(s.ts, i) > 0 ||
		within(s.tools, i) || within(s.cadences, i) || within(s.nobody, i) || within(s.hedged, i) || s.standard(i)
}

// verbForm: the word can be a verb and is no noun beside it.
func (s *sentence) verbForm(i int) bool {
	return len(s.w.verbs[s.ts[i].low]) > 0 && !s.w.alsoNouns[s.ts[i].low]
}

// subject is an unknown noun that stands where one stands who acts: it opens its
// clause, or follows the verb in a Swedish clause that opens with something else,
// and what it does is a verb that things do not do.
func (s *sentence) subject() (span, bool) {
	for _, v := range s.verbs {
		if v.side || v.passive || v.class != concrete || v.mood != present || s.w.thingVerbs[v.base] {
			continue
		}
		if sp, ok := s.subjectBefore(v); ok {
			return sp, true
		}
		if sp, ok := s.subjectAfter(v); ok {
			return sp, true
		}
	}
	return span{}, false
}

func (s *sentence) subjectBefore(v verb) (span, bool) {
	last := s.before(v.from)
	for n := 3; n > 1; n-- { // "the midwife on duty tests"
		if last-n >= 0 && s.w.onDuty.at(s.ts, last-n+1) == n {
			last -= n
		}
	}
	if last < 0 {
		return span{}, false
	}
	if n := s.department(last); n > 0 {
		return span{last - n + 1, last + 1}, true
	}
	if !s.stranger(last) {
		return span{}, false
	}
	if t := s.ts[last]; s.w.plurals && t.low != t.stem && last > 0 {
		return span{}, false // "the doors lock"
	}
	np := s.phrase(span{last, last + 1})
	if !s.opensClause(np.from) || np.to-np.from > 4 {
		return span{}, false
	}
	bare := np.to-np.from == 1
	switch {
	case bare && !s.ts[last].capital && last > 0 && (s.w.plurals || !definite(s.ts[last].low)):
		return span{}, false
	case bare && s.w.plurals && !s.opensNoun(v.to) && s.at(v.to).kind != word:
		return span{}, false
	case !bare && !s.w.determiners[s.ts[np.from].low]:
		return span{}, false
	}
	return np, true
}

// subjectAfter: "Varje fredag tömmer lokalvården behållarna".
func (s *sentence) subjectAfter(v verb) (span, bool) {
	i := v.to
	if !s.w.inverted || v.from == 0 || i >= len(s.ts) || !s.stranger(i) || !definite(s.ts[i].low) || genitive(s.ts[i].low) || !s.opensClause(v.from) || s.ts[v.from-1].kind >= mark && !s.side[v.from-1] {
		return span{}, false
	}
	if n := s.at(i + 1); n.kind > number || s.w.agent[n.low] {
		return span{}, false
	}
	return span{i, i + 1}, true
}

// department: how many words before and with i name a department that opens a clause.
func (s *sentence) department(i int) int {
	for n := 1; n <= 2 && n <= i+1; n++ {
		if s.w.departments.at(s.ts, i-n+1) == n && s.opensClause(i-n+1) {
			return n
		}
	}
	return 0
}

// stranger: an unknown noun that could be somebody.
func (s *sentence) stranger(i int) bool {
	t := s.ts[i]
	return t.kind == word && len(t.low) > 2 && s.verbAt[i] < 0 && !s.known(i) && !within(s.roles, i) && s.w.actionNouns.at(s.ts, i) == 0 && !s.ly(i)
}

// opensClause: nothing stands before i in its clause but when it happens.
func (s *sentence) opensClause(i int) bool {
	return i == 0 || s.ts[i-1].kind >= mark || s.side[i-1] || s.trigger[i-1] || within(s.cadences, i-1)
}

// definite: a Swedish noun with its article.
func definite(low string) bool {
	for _, e := range []string{"en", "et", "an", "rna", "na", "ln", "rn"} {
		if strings.HasSuffix(low, e) && len(low) > len(e)+3 {
			return true
		}
	}
	return false
}

// gate is a thing that nobody gets before somebody has said yes: "no commit … without
// a second developer's approval". when is the forbidden thing, yes what lets it pass.
type gate struct{ when, yes span }

// gateHere is the gate of the sentence, if it has one.
func (s *sentence) gateHere() (gate, bool) {
	if !s.gateRead {
		s.gate, s.gated = s.readGate()
		s.gateRead = true
	}
	return s.gate, s.gated
}

func (s *sentence) readGate() (gate, bool) {
	for i := range s.ts {
		if !s.w.negatives[s.ts[i].low] || !s.opensClause(i) && !s.w.conjunctions[s.at(i-1).low] {
			continue
		}
		to := i + 1
		for to < len(s.ts) && to < i+4 && s.ts[to].kind == word && s.verbAt[to] < 0 && !s.w.small(s.ts[to].low) {
			to++
		}
		for k := to; k < min(len(s.ts), i+2*reach) && s.ts[k].kind != stop; k++ {
			if !s.w.conditions[s.ts[k].low] {
				continue
			}
			if yes, ok := s.yesAfter(k + 1); ok {
				return gate{span{i, to}, yes}, true
			}
		}
	}
	return gate{}, false
}

// yesAfter is an approval by name, or what somebody has done, after i.
func (s *sentence) yesAfter(i int) (span, bool) {
	for k := i; k < min(len(s.ts), i+reach/2) && s.ts[k].kind < mark; k++ {
		if s.w.granted[s.ts[k].stem] {
			return span{k, k + 1}, true
		}
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].class <= keeping && !s.verbs[v].passive {
			if _, ok := s.doer(s.verbs[v]); ok {
				return s.verbs[v].span, true
			}
		}
	}
	return span{}, false
}

// doer is the role right before an active verb.
func (s *sentence) doer(v verb) (span, bool) {
	k := v.from - 1
	for k >= 0 && (s.w.have[s.ts[k].low] || s.w.adverbs[s.ts[k].low] || s.verbAtIs(k, helper)) {
		k--
	}
	if k < 0 || s.w.relatives[s.ts[k].low] {
		return span{}, false
	}
	for _, l := range [][]span{s.roles, s.tools} {
		if c := coverOf(l, k); c >= 0 {
			return s.named(l[c])
		}
	}
	return span{}, false
}

// fronted is how often by where it stands: "Each payday the clerk compares",
// "Varje löning jämför lönechefen".
func (s *sentence) fronted() (span, bool) {
	for i := range s.ts {
		if !s.w.every[s.ts[i].low] || i > 0 && s.ts[i-1].kind < mark || s.side[i] {
			continue
		}
		for to := i + 2; to <= min(i+3, len(s.ts)-1) && s.stranger(to-1); to++ {
			next := to
			if s.ts[to].low == "," {
				next++
			}
			r := coverOf(s.roles, next)
			if s.w.plurals && s.opensNoun(next) {
				for r = -1; r < 0 && next < to+5 && s.at(next).kind == word; next++ {
					r = coverOf(s.roles, next+1)
				}
			} else if v := s.verbAt[min(next, len(s.ts)-1)]; !s.w.plurals && v >= 0 && !s.verbs[v].side {
				r = coverOf(s.roles, s.verbs[v].to)
			}
			if r >= 0 {
				return span{i, to}, true
			}
		}
	}
	return span{}, false
}

// hadDone is what somebody else is made to put a hand to: "has the receipt signed",
// "får ändringen påskriven".
func (s *sentence) hadDone() (span, bool) {
	for i, t := range s.ts {
		if !s.w.causative[t.low] || s.side[i] {
			continue
		}
		for k := i + 2; k < min(len(s.ts), i+8) && s.ts[k].kind == word && !s.w.prepositions[s.ts[k].low]; k++ {
			if s.w.marked.at(s.ts, k) > 0 || slices.ContainsFunc(s.w.verbs[s.ts[k].low], func(f verbForm) bool {
				return f.mood == participle && s.w.recording[f.base]
			}) {
				return span{i, k + 1}, true
			}
		}
	}
	return span{}, false
}

// findCompounds adds the words that say how often by how they begin.
func (s *sentence) findCompounds() {
	for i := range s.ts {
		if s.compound(i) && !within(s.cadences, i) {
			s.cadences = append(s.cadences, span{i, i + 1})
		}
	}
	slices.SortFunc(s.cadences, func(a, b span) int { return a.from - b.from })
}

// compound: "halvårsöversynen", "månadslistan".
func (s *sentence) compound(i int) bool {
	for _, c := range s.w.compounds {
		rest, ok := strings.CutPrefix(s.ts[i].low, c)
		if !ok || s.ts[i].kind != word || len(rest) < 3 {
			continue
		}
		t := s.ts[i]
		t.low, t.stem, t.ids = rest, rest, s.w.lex.of(rest, rest)
		if s.w.actionNouns.is(t) || s.w.records.is(t) || strings.HasPrefix(rest, "statistik") {
			return true
		}
	}
	return false
}

// held: token i is what a verb of comparison holds against something else.
func (s *sentence) held(i int) bool {
	for k := i - 1; k >= 0 && i-k < reach && s.ts[k].kind < mark; k-- {
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].class != helper {
			return s.w.comparing[s.verbs[v].base] && !s.verbs[v].side
		}
	}
	return false
}

// bare: the noun at i is of a kind that does not tell which ("assesses vendors").
func (s *sentence) bare(i int) bool {
	n := s.w.generic.at(s.ts, i)
	if n == 0 || i == 0 {
		return false
	}
	next, prev := s.at(i+n).low, s.ts[i-1].low
	if s.w.relatives[next] || s.w.prepositions[next] && !within(s.cadences, i+n) || s.opensNoun(i-1) || s.w.weak[prev] || s.w.adjectives[prev] ||
		s.verbAt[i-1] < 0 && !within(s.cadences, i-1) && !s.w.adverbs[prev] || s.w.inverted && definite(s.ts[i+n-1].low) {
		return false
	}
	for k := i - 1; k >= 0 && i-k < reach; k-- {
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].class != helper {
			return !s.verbs[v].passive && !s.verbs[v].side
		}
	}
	return false
}

// where: the place at i tells which thing is meant, since it stands before the first
// verb, which is passive ("accounts in the portal are closed").
func (s *sentence) where(i int) bool {
	if s.w.means[s.ts[i].low] || i == 0 || s.ts[i-1].kind >= mark {
		return false
	}
	for k := i - 1; k >= 0 && i-k < reach; k-- {
		if s.verbAt[k] >= 0 || s.ts[k].kind >= mark {
			return false
		}
	}
	v, ok := s.nextVerb(i)
	return ok && v.passive && v.class != light
}

// strangerOpens: an unknown noun at i that opens the sentence, with its article or,
// as the name of a department, without ("Housekeeping empties the").
func (s *sentence) strangerOpens(i int) bool {
	if i < 0 || i > 3 || !s.stranger(i) || len(s.verbs) > 0 {
		return false
	}
	if s.w.plurals {
		return s.ts[i].low == s.ts[i].stem && (i == 0 || i < 3 && s.w.determiners[s.ts[0].low])
	}
	return i == 0 && definite(s.ts[i].low) && !genitive(s.ts[i].low)
}

// of: "av" after a noun is no agent where nothing is done by anybody before it
// ("översynen av konton", "prövar ny användning av bilder").
func (s *sentence) of(i int) bool {
	for k := i - 1; k >= 0 && i-k < reach && s.ts[k].kind < mark; k-- {
		if v := s.verbAt[k]; v >= 0 && s.verbs[v].class != helper {
			return !s.verbs[v].passive
		}
	}
	return true
}

// takesNothing: an active verb whose object is a word that names nothing ("checks
// information"): what is recorded after it is no better.
func (s *sentence) takesNothing(v verb) bool {
	if v.side || v.passive || v.class != concrete || s.w.recording[v.base] {
		return false
	}
	k := v.to
	for ; k < min(len(s.ts), v.to+5); k++ {
		if s.w.vagueNouns.at(s.ts, k) > 0 && s.groupEnds(k+1) {
			return true
		}
		if l := s.ts[k].low; !s.w.determiners[l] && !s.w.weak[l] && !s.w.adjectives[l] {
			return false
		}
	}
	return false
}

// firstOfMain: no verb has been seen but those of a clause that opens the sentence.
func (s *sentence) firstOfMain() bool {
	n := 0
	for k := max(0, len(s.verbs)-3); k < len(s.verbs); k++ {
		if s.verbs[k].class != helper {
			n++
		}
	}
	return n == 0 || n == 1 && len(s.verbs) < 3 && s.w.triggers.at(s.ts, 0) > 0
}

// nounAgain: a second group of nouns begins at i, whose head performs something.
func (s *sentence) nounAgain(i int) bool {
	if !s.w.determiners[s.at(i).low] || i == 0 || s.w.determiners[s.ts[i-1].low] || s.w.prepositions[s.ts[i-1].low] {
		return false
	}
	for k := i + 1; k < min(len(s.ts), i+6) && s.ts[k].kind == word && s.verbAt[k] < 0; k++ {
		if c := coverOf(s.roles, k); c >= 0 {
			to := s.roles[c].to
			return to < len(s.ts) && s.verbAt[to] >= 0 && !s.verbs[s.verbAt[to]].passive
		}
	}
	return false
}

// joinBefore is the first conjunction in from:to, if no verb stands before it.
func (s *sentence) joinBefore(from, to int) int {
	for k := from; k < to && s.verbAt[k] < 0; k++ {
		if s.w.conjunctions[s.ts[k].low] {
			return k
		}
	}
	return 0
}

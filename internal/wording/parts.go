package wording

import (
	"slices"
)

// parts finds the words that name each part.
func (s *sentence) parts() map[Part]span {
	out := map[Part]span{}
	put := func(p Part, sp span, ok bool) {
		if ok {
			out[p] = sp
		}
	}
	actor, ok := s.actor()
	put(Actor, actor, ok)
	s.performer, s.performed = actor, ok
	action, ok := s.action()
	put(Action, action, ok)
	object, ok := s.object()
	put(Object, object, ok)
	cadence, ok := s.cadence(ok && s.toolActs(actor))
	put(Cadence, cadence, ok)
	trace, ok := s.trace()
	put(Trace, trace, ok)
	return out
}

func (s *sentence) toolActs(actor span) bool {
	for _, t := range s.tools {
		if t.overlaps(actor) {
			return true
		}
	}
	return false
}

// action is the first verb that says what is done.
func (s *sentence) action() (span, bool) {
	var noun, aside span
	nounOK, asideOK, main, hollow := false, false, false, false
	for _, v := range s.verbs {
		if v.class == helper {
			continue
		}
		if v.class == concrete && !asideOK {
			aside, asideOK = v.span, true
		}
		if v.side {
			if _, ok := s.approves(v); ok && s.trigger[v.from] {
				noun, nounOK = v.span, true // "nothing ships until a second engineer has approved it"
			}
			continue
		}
		if v.passive && hollow && s.w.recording[v.base] && !s.w.agent[s.at(v.to).low] {
			continue // "ensures …, and this is minuted"
		}
		hollow = hollow || v.class == empty
		main = true
		switch {
		case v.class == concrete:
			return v.span, true
		case nounOK:
		case v.class == light:
			if n, ok := s.actionNoun(v); ok {
				noun, nounOK = cover(v.span, n), true
			}
		case v.class == keeping && hollow:
		case v.class == keeping:
			if n, ok := s.w.records.find(s.ts, v.to, min(v.to+8, len(s.ts))); ok {
				noun, nounOK = span{v.from, n.to}, true
			} else if n, ok := s.w.records.find(s.ts, max(0, v.from-8), v.from); ok && v.passive {
				noun, nounOK = cover(n, v.span), true
			}
		}
	}
	if nounOK {
		return noun, true
	}
	if g, ok := s.gateHere(); ok {
		return g.yes, true
	}
	if !main && asideOK {
		return aside, true
	}
	if !main { // a heading: "Quarterly access review by the security lead"
		return s.w.actionNouns.find(s.ts, 0, len(s.ts))
	}
	return span{}, false
}

func cover(a, b span) span { return span{min(a.from, b.from), max(a.to, b.to)} }

// actionNoun is the noun that a light verb carries.
func (s *sentence) actionNoun(v verb) (span, bool) {
	if n, ok := s.w.actionNouns.find(s.ts, v.to, min(v.to+12, len(s.ts))); ok {
		return n, true
	}
	if n, ok := s.w.actionNouns.find(s.ts, max(0, v.from-16), v.from); ok {
		return n, true
	}
	return span{}, false
}

// cadence says how often or on which event. byTool tells that a machine performs
// the control, which then happens every time.
func (s *sentence) cadence(byTool bool) (span, bool) {
	for _, c := range s.cadences {
		if s.says(c) {
			return c, true
		}
	}
	for _, t := range s.triggers {
		if s.saysTrigger(t) {
			return t, true
		}
	}
	for i, t := range s.ts {
		if !s.w.universal[t.low] || i > 0 && s.trigger[i] {
			continue
		}
		for k := i + 1; k < min(i+4, len(s.ts)) && s.ts[k].kind <= number && !s.w.prepositions[s.ts[k].low]; k++ {
			if n := s.w.universalEvents.at(s.ts, k); n > 0 && s.universalHere(i, k) {
				return span{i, k + n}, true
			}
		}
		if s.enforces(byTool) {
			return span{i, min(i+2, len(s.ts))}, true
		}
	}
	if sp, ok := s.fronted(); ok {
		return sp, true
	}
	if g, ok := s.gateHere(); ok {
		return g.when, true
	}
	if byTool {
		for i, t := range s.ts {
			if (t.low == "automatically" || t.low == "automatiskt") && s.enforces(true) {
				return span{i, i + 1}, true
			}
		}
	}
	return span{}, false
}

// universalHere: "all changes" and "every change", but not "all the systems that
// log changes".
func (s *sentence) universalHere(i, k int) bool {
	for ; i < k; i++ {
		if s.verbAt[i] >= 0 || s.w.relatives[s.ts[i].low] && !s.w.determiners[s.ts[i].low] {
			return false
		}
	}
	return true
}

// enforces: some main verb is one of those that a machine does to everything.
func (s *sentence) enforces(byTool bool) bool {
	for _, v := range s.verbs {
		if v.side || v.class != concrete || !s.w.enforcing[v.base] {
			continue
		}
		if byTool {
			return true
		}
		switch v.base { // these are done by machines alone
		case "block", "reject", "encrypt", "blockera", "spärra", "kryptera", "avvisa", "quarantine", "prevent", "stop", "stoppa", "refuse", "deny", "neka":
			return true
		}
	}
	return false
}

// says: the words are no empty trigger and no hedge.
func (s *sentence) says(c span) bool {
	for k := c.from; k < c.to; k++ {
		if s.ts[k].kind == place || within(s.hedged, k) {
			return false
		}
	}
	if opens := s.w.prepositions[s.ts[c.from].low] || s.w.triggers.at(s.ts, c.from) > 0; opens && !s.periodic(c.from) && s.w.emptyTriggers.at(s.ts, c.from+1) > 0 {
		return false // "upon need", "vid behov"
	}
	if c.to-c.from == 2 { // "before the", "until a": the pattern took the determiner
		if s.w.determiners[s.ts[c.to-1].low] && s.at(c.to).kind == place {
			return false
		}
	}
	return true
}

// saysTrigger: a clause with something after its opening word.
func (s *sentence) saysTrigger(t span) bool {
	n := s.w.triggers.at(s.ts, t.from)
	if t.to-t.from <= n || s.w.emptyTriggers.at(s.ts, t.from+n) > 0 || s.at(t.from+n).kind == place {
		return false
	}
	switch s.ts[t.from].low {
	case "while", "where", "medan":
		return false
	}
	return !within(s.hedged, t.from) && !within(s.hedged, t.from+n)
}

// trace is the record that remains: a record by name, a verb that means making one,
// or a named system that keeps one by nature.
func (s *sentence) trace() (span, bool) {
	if sp, ok := s.record(); ok {
		return sp, true
	}
	for _, v := range s.verbs {
		// "…, who records the exceptions" says what remains too; "when it is recorded" does not.
		if v.side && (s.trigger[v.from] || v.passive || s.verbAtIs(v.from-1, helper)) || v.class != concrete && v.class != keeping || !s.w.recording[v.base] {
			continue
		}
		if v.class == keeping && s.firstMain(v) {
			continue // "keeps backups for 30 days"
		}
		return v.span, true
	}
	if sp, ok := s.hadDone(); ok {
		return sp, true
	}
	if n, ok := s.w.tracePhrases.find(s.ts, 0, len(s.ts)); ok {
		return n, true
	}
	for _, t := range s.tools {
		if s.keeps(t) {
			return t, true
		}
	}
	return span{}, false
}

// firstMain: v is the first thing that the main clause says is done.
func (s *sentence) firstMain(v verb) bool {
	return s.firstVerb >= 0 && s.verbs[s.firstVerb].from == v.from
}

// record is a noun that names a record which is made and not merely read.
func (s *sentence) record() (span, bool) {
	for i := 0; i < len(s.ts); i++ {
		n := s.w.records.at(s.ts, i)
		if n == 0 {
			continue
		}
		sp := span{i, i + n}
		if s.remains(sp) {
			return sp, true
		}
		i += n - 1
	}
	return span{}, false
}

func (s *sentence) remains(sp span) bool {
	if c := coverOf(s.cadences, sp.from); c >= 0 && s.periodic(sp.from) && s.cadences[c].to-s.cadences[c].from > 1 && s.cadences[c].contains(sp) && s.cadences[c].from < sp.from {
		return false
	}
	if c := coverOf(s.cadences, sp.from); c >= 0 && s.w.before[s.ts[s.cadences[c].from].low] {
		return false // "before signature"
	}
	for k := sp.from; k < sp.to; k++ {
		if s.verbAt[k] >= 0 || s.trigger[k] {
			return false
		}
	}
	if coverOf(s.roles, sp.from) >= 0 || s.continues(sp.to) && !s.w.records.is(s.at(sp.to)) {
		return false
	}
	np := s.phrase(sp)
	made := false
	for k := np.from; k < sp.to; k++ {
		if s.ts[k].kind == place {
			return false
		}
		made = made || s.w.made.is(s.ts[k])
	}
	g := s.at(np.from - 1)
	if s.w.byRule[g.low] || g.low == "to" && s.w.byRule[s.at(np.from-2).low] {
		return false
	}
	if s.held(sp.from) && s.w.prepositions[g.low] && s.w.lasting.at(s.ts, sp.from) == 0 {
		return false // "compares … with the list"
	}
	switch g.low {
	case "from", "of", "about", "against", "från", "ur", "av", "om", "mot":
		if s.w.lasting.at(s.ts, sp.from) == 0 {
			return false
		}
	}
	if made || s.w.lasting.at(s.ts, sp.from) > 0 {
		return !s.looked(np, sp, true)
	}
	return !s.looked(np, sp, false)
}

// looked: the record is what the control looks at, so something else must remain.
// A lasting record remains all the same, unless an empty verb is all there is.
func (s *sentence) looked(np, sp span, lasting bool) bool {
	if np.from > 0 && s.verbAt[np.from-1] >= 0 { // "reviews the logs"
		v := s.verbs[s.verbAt[np.from-1]]
		if !v.passive && (v.class == empty || v.class == concrete && !s.w.making[v.base] && !lasting) {
			return true
		}
	}
	if v, ok := s.nextVerb(sp.to); ok && v.passive && s.subjectOf(np, v) { // "logs are reviewed"
		return v.class == empty || !s.w.making[v.base] && !lasting
	}
	if v, ok := s.nextVerb(sp.to); ok && !v.passive && v.class == empty && s.subjectOf(np, v) {
		return false
	}
	return false
}

// subjectOf: the phrase opens its clause and v follows before the next one.
func (s *sentence) subjectOf(np span, v verb) bool {
	if np.from > 0 && s.ts[np.from-1].kind < mark && !s.w.conjunctions[s.ts[np.from-1].low] && !within(s.cadences, np.from-1) {
		return false
	}
	return !s.breaks(np.to, v.from)
}

// keeps: the system is where or by which something is done, not what it is done to.
func (s *sentence) keeps(t span) bool {
	named := within(s.products, t.from)
	if !named && !s.real(t) || s.w.plurals && !named && s.continues(t.to) {
		return false
	}
	np := s.phrase(t)
	g := s.at(np.from - 1)
	if np.from > 0 && s.trigger[np.from-1] && s.w.instrument[g.low] { // "after eight hours in Teleport", not "when raised in Splunk"
		at := coverOf(s.triggers, np.from-1)
		return at >= 0 && !slices.ContainsFunc(s.verbAt[s.triggers[at].from:s.triggers[at].to], func(v int) bool {
			return v >= 0 && s.triggers[at].contains(s.verbs[v].span)
		})
	}
	guess := named && s.w.products.at(s.ts, t.from) == 0 && s.w.capitals.at(s.ts, t.from) == 0
	switch {
	case guess && (np.from == 0 || !s.w.instrument[g.low] && !s.w.agent[g.low]):
		return false // a name that is not known may be anything
	case np.from == 0, s.ts[np.from-1].kind >= mark, s.w.conjunctions[g.low], s.side[np.from-1], within(s.cadences, np.from-1):
		return s.performs(np, t, true)
	case s.w.instrument[g.low], s.w.agent[g.low]:
		if !s.w.agent[g.low] && (s.held(np.from-1) || s.where(np.from-1) || !named && s.w.mute.at(s.ts, t.to-1) > 0) {
			return false
		}
		return named || g.low != "from" || s.w.agent[g.low]
	case s.w.prepositions[g.low]:
		return false
	}
	return s.performs(np, t, true)
}

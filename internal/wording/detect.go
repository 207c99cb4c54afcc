package wording

import (
	"strings"

	"bevis/internal/i18n"
)

// Detect tells which of our languages a sentence is written in, by its small words
// and by the letters å, ä and ö; English when nothing tells.
func Detect(sentence string) i18n.Lang {
	en, sv := of(i18n.English), of(i18n.Swedish)
	score := 0
	for _, t := range tokens(sentence, sv) {
		if t.kind != word {
			continue
		}
		if sv.small(t.low) {
			score += 2
		}
		if en.small(t.low) {
			score -= 2
		}
		if strings.ContainsAny(t.low, "åäö") {
			score++
		}
	}
	if score > 0 {
		return i18n.Swedish
	}
	return i18n.English
}

// small: a word that only the grammar knows.
func (w *words) small(low string) bool {
	return w.determiners[low] || w.prepositions[low] || w.conjunctions[low] || w.auxiliaries[low] || w.modals[low] || w.relatives[low]
}

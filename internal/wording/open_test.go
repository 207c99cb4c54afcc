package wording

import (
	"slices"
	"testing"

	"bevis/internal/i18n"
)

// What names nothing stays missing, however well everything else is said and
// whether or not the words around it are known.
func TestEmptyWordsStayMissing(t *testing.T) {
	for lang, w := range map[i18n.Lang]struct{ actors, acts, bare, nobody, hollow []string }{
		i18n.English: {
			actors: []string{"The security lead", "Facilities", "The bursar", "The claims unit", "The night porter"},
			acts:   []string{"reviews", "re-sifts", "samples", "checks"},
			bare:   []string{"access", "systems", "data", "information", "risks", "processes", "controls", "relevant systems", "all access"},
			nobody: []string{"The company", "We", "Management", "The organisation", "Appropriate personnel", "The responsible person", "Everyone"},
			hollow: []string{"is responsible for", "manages", "oversees", "looks after", "maintains", "fosters", "contributes to", "takes care of", "owns"},
		},
		i18n.Swedish: {
			actors: []string{"Säkerhetschefen", "Receptionen", "Kamreren", "Skadegruppen", "Nattportieren"},
			acts:   []string{"granskar", "nagelfar", "stickprovar", "kontrollerar"},
			bare:   []string{"åtkomst", "system", "data", "information", "risker", "rutiner", "kontroller", "relevanta system", "all åtkomst"},
			nobody: []string{"Företaget", "Vi", "Ledningen", "Organisationen", "Behörig personal", "Ansvarig person", "Man"},
			hollow: []string{"ansvarar för", "hanterar", "förvaltar", "värnar om", "upprätthåller", "bidrar till", "tar hand om", "äger"},
		},
	} {
		tail := map[i18n.Lang]string{i18n.English: " each quarter and signs the minutes.", i18n.Swedish: " varje kvartal och signerar protokollet."}[lang]
		silent := map[i18n.Lang]string{i18n.English: " each quarter.", i18n.Swedish: " varje kvartal."}[lang]
		thing := map[i18n.Lang]string{i18n.English: " the firewall rules", i18n.Swedish: " brandväggsreglerna"}[lang]
		lacks := func(text string, want Part) {
			if j := Judge(lang, text); !slices.Contains(j.Missing, want) {
				t.Errorf("%s: lacks %v, want %s%s", text, j.Missing, want, seen(j))
			}
		}
		for _, act := range w.acts {
			for _, actor := range w.actors {
				for _, bare := range w.bare {
					lacks(actor+" "+act+" "+bare+tail, Object)
				}
				lacks(actor+" "+act+thing+silent, Trace)
			}
			for _, nobody := range w.nobody {
				lacks(nobody+" "+act+thing+tail, Actor)
			}
		}
		for _, hollow := range w.hollow {
			for _, actor := range w.actors {
				lacks(actor+" "+hollow+thing+silent, Action)
			}
		}
	}
}

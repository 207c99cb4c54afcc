package wording

import "strings"

func (w *words) readVerbs(dir string, made func([]string) *list) {
	var v struct {
		Concrete         []string   `yaml:"concrete"`
		Irregular        [][]string `yaml:"irregular"`
		AlsoNouns        []string   `yaml:"also_nouns"`
		Empty            []string   `yaml:"empty"`
		EmptyForms       []string   `yaml:"empty_forms"`
		EmptyPhrases     []string   `yaml:"empty_phrases"`
		Light            []string   `yaml:"light"`
		LightIrregular   [][]string `yaml:"light_irregular"`
		ActionNouns      []string   `yaml:"action_nouns"`
		Keeping          []string   `yaml:"keeping"`
		KeepingIrregular [][]string `yaml:"keeping_irregular"`
		Enforcing        []string   `yaml:"enforcing"`
		EnforcingForms   []string   `yaml:"enforcing_forms"`
		Approving        []string   `yaml:"approving"`
		Recording        []string   `yaml:"recording"`
		Making           []string   `yaml:"making"`
		Thing            []string   `yaml:"thing"`
		Intransitive     []string   `yaml:"intransitive"`
		Comparing        []string   `yaml:"comparing"`
		Event            []string   `yaml:"event"`
		EventForms       []string   `yaml:"event_forms"`
		EventIrregular   [][]string `yaml:"event_irregular"`
	}
	parse(dir+"verbs.yaml", &v)
	regular := func(c class, bases []string) {
		for _, b := range bases {
			w.conjugate(c, b)
		}
	}
	irregular := func(c class, rows [][]string) {
		for _, forms := range rows {
			w.listed(c, forms)
		}
	}
	irregular(concrete, v.Irregular)
	regular(concrete, v.Concrete)
	irregular(light, v.LightIrregular)
	regular(light, v.Light)
	irregular(keeping, v.KeepingIrregular)
	regular(keeping, v.Keeping)
	regular(empty, v.Empty)
	for _, f := range v.EmptyForms {
		w.addVerb(empty, f, f, finite(f, w.plurals))
	}
	irregular(event, v.EventIrregular)
	regular(event, v.Event)
	for _, f := range v.EventForms {
		w.addVerb(event, f, f, finite(f, w.plurals))
	}
	for _, f := range v.EnforcingForms {
		w.addVerb(concrete, f, f, present)
	}
	w.emptyPhrases, w.actionNouns = made(v.EmptyPhrases), made(v.ActionNouns)
	w.alsoNouns, w.enforcing = w.formsOf(v.AlsoNouns), set(v.Enforcing, v.EnforcingForms)
	w.comparing, w.intransitive = set(v.Comparing), set(v.Intransitive)
	w.thingVerbs, w.making, w.recording, w.approving = set(v.Thing), set(v.Making, v.Recording), set(v.Recording), set(v.Approving)
}

// finite guesses the mood of a form that stands alone in a list.
func finite(form string, english bool) mood {
	switch {
	case !english && strings.HasSuffix(form, "s"):
		return passive
	case !english && (strings.HasSuffix(form, "ad") || strings.HasSuffix(form, "at") || strings.HasSuffix(form, "ade")):
		return participle
	}
	return present
}

func (w *words) addVerb(c class, base, form string, m mood) {
	first, rest := key(form)
	for _, f := range w.verbs[first] {
		if f.base == base && f.mood == m && strings.Join(f.particle, " ") == strings.Join(rest, " ") {
			return
		}
	}
	w.verbs[first] = append(w.verbs[first], verbForm{base, rest, c, m})
}

// listed adds a verb whose forms are written out: in English base, third person,
// past, participle and -ing; in Swedish infinitive, present, present passive,
// past, supine and participles.
func (w *words) listed(c class, forms []string) {
	moods := []mood{infinitive, present, passive, past, participle, participle, participle}
	if w.plurals {
		moods = []mood{infinitive, present, past, participle, gerund}
	}
	for i, f := range forms {
		if i < len(moods) {
			w.addVerb(c, forms[0], f, moods[i])
			if !w.plurals && (i == 3 || i == 4) { // "bedömdes", "har bedömts", "samlades in"
				first, rest := key(f)
				w.addVerb(c, forms[0], strings.Join(append([]string{first + "s"}, rest...), " "), passive)
			}
		}
	}
}

// conjugate adds a regular verb.
func (w *words) conjugate(c class, base string) {
	first, rest := key(base)
	tail := strings.Join(append([]string{""}, rest...), " ")
	add := func(form string, m mood) { w.addVerb(c, base, form+tail, m) }
	add(first, infinitive)
	if !w.plurals {
		switch {
		case strings.HasSuffix(first, "a"):
			add(first+"r", present)
			add(first+"s", passive)
			for _, e := range []string{"de", "t", "d", "des", "ts"} {
				add(first+e, participle)
			}
		case strings.HasSuffix(first, "r"):
			add(first, present)
		case strings.HasSuffix(first, "s"):
			add(first, passive)
		}
		return
	}
	stem := first
	if doubles(first) {
		stem += first[len(first)-1:]
	}
	switch {
	case strings.HasSuffix(first, "e"):
		add(first+"s", present)
		add(first+"d", past)
		add(first+"d", participle)
		add(first[:len(first)-1]+"ing", gerund)
	case strings.HasSuffix(first, "y") && !strings.ContainsAny(first[len(first)-2:len(first)-1], "aeiou"):
		add(first[:len(first)-1]+"ies", present)
		add(first[:len(first)-1]+"ied", past)
		add(first[:len(first)-1]+"ied", participle)
		add(first+"ing", gerund)
	default:
		third := first + "s"
		for _, e := range []string{"s", "x", "ch", "sh"} {
			if strings.HasSuffix(first, e) {
				third = first + "es"
			}
		}
		add(third, present)
		add(stem+"ed", past)
		add(stem+"ed", participle)
		add(stem+"ing", gerund)
	}
}

// doubles: stop, stopped; but sign, signed and enter, entered.
func doubles(s string) bool {
	const vowels = "aeiou"
	n := len(s)
	if n < 3 || strings.ContainsAny(s[n-1:], vowels+"wxy") || !strings.ContainsAny(s[n-2:n-1], vowels) || strings.ContainsAny(s[n-3:n-2], vowels) {
		return false
	}
	groups := 0
	for i := range n {
		if strings.IndexByte(vowels, s[i]) >= 0 && (i == 0 || strings.IndexByte(vowels, s[i-1]) < 0) {
			groups++
		}
	}
	return groups == 1
}

// formsOf is every form of the named verbs (and the names themselves).
func (w *words) formsOf(bases []string) map[string]bool {
	named := set(bases)
	out := set(bases)
	for form, fs := range w.verbs {
		for _, f := range fs {
			if named[f.base] && (f.mood == infinitive || f.mood == present) {
				out[form] = true
			}
		}
	}
	return out
}

package app

import (
	"sync"

	"bevis/internal/i18n"
	"bevis/internal/readiness"
	"bevis/internal/wording"
)

// lintKept is how many judged sentences are kept: a page asks for every control.
const lintKept = 4096

// lint is the wording lint as readiness asks it. It remembers what it judged.
func lint() readiness.Lint {
	type asked struct {
		lang i18n.Lang
		text string
	}
	var mu sync.Mutex
	known := map[asked]readiness.Sentence{}
	return func(lang i18n.Lang, text string) readiness.Sentence {
		mu.Lock()
		s, ok := known[asked{lang, text}]
		mu.Unlock()
		if ok {
			return s
		}
		j := wording.Judge(lang, text)
		s = readiness.Sentence{Specific: j.Verdict == wording.Specific, Missing: []string{}, Hollow: []string{}}
		for _, p := range j.Missing {
			s.Missing = append(s.Missing, string(p))
		}
		for _, h := range j.Vague {
			if h.Hollow {
				s.Hollow = append(s.Hollow, h.Text)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if len(known) >= lintKept {
			clear(known)
		}
		known[asked{lang, text}] = s
		return s
	}
}

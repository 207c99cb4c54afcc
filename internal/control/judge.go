package control

import (
	"sync"

	"bevis/internal/i18n"
	"bevis/internal/wording"
)

// Judge judges the control's sentence as a reader of lang sees it (C4).
func (c *Control) Judge(lang i18n.Lang) wording.Judgement {
	text := c.Statement.In(lang)
	if text == "" {
		lang, text = i18n.English, c.Statement.EN
	}
	return wording.Judge(lang, text)
}

// Vague reports whether the control's sentence is vague to a reader of lang. It
// remembers its answers: lists ask for many sentences that seldom change.
func (c *Control) Vague(lang i18n.Lang) bool {
	key := string(lang) + "\x00" + c.Statement.EN + "\x00" + c.Statement.SV
	judged.Lock()
	vague, known := judged.vague[key]
	judged.Unlock()
	if known {
		return vague
	}
	vague = c.Judge(lang).Verdict == wording.Vague
	judged.Lock()
	defer judged.Unlock()
	if len(judged.vague) >= mostJudged || judged.vague == nil {
		judged.vague = map[string]bool{}
	}
	judged.vague[key] = vague
	return vague
}

// mostJudged bounds what is remembered, in sentences.
const mostJudged = 5000

var judged struct {
	sync.Mutex
	vague map[string]bool
}

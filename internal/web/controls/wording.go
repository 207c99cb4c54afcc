package controls

import (
	"context"

	"bevis/internal/i18n"
	"bevis/internal/web/ui"
	"bevis/internal/wording"
)

// judgement is what the lint says of a sentence, as JSON.
type judgement struct {
	Verdict string         `json:"verdict"`
	Missing []wording.Part `json:"missing"`
	Better  string         `json:"better"`
}

// wordingProps is the same in words (C4).
type wordingProps struct {
	verdict ui.BannerProps
	missing []string
	hedges  []string
	better  string
}

func judged(j wording.Judgement) *judgement { return &judgement{j.Verdict, j.Missing, j.Better} }

func wordingOf(ctx context.Context, j wording.Judgement) *wordingProps {
	p := &wordingProps{verdict: ui.BannerProps{Tone: ui.ToneInfo, Title: i18n.T(ctx, "wording.verdict."+j.Verdict), Text: i18n.T(ctx, "wording.says."+j.Verdict)}, better: j.Better}
	if j.Verdict == wording.Vague {
		p.verdict.Tone = ui.ToneWarn
	}
	for _, m := range j.Missing {
		p.missing = append(p.missing, i18n.T(ctx, "wording.part."+string(m))+": "+i18n.T(ctx, "wording.missing."+string(m)))
	}
	for _, h := range j.Vague {
		p.hedges = append(p.hedges, "“"+h.Text+"”: "+i18n.T(ctx, "wording.hedge."+h.Kind))
	}
	return p
}

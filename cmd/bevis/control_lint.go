package main

import (
	"slices"
	"strings"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/wording"
)

// controlLint judges a sentence: who, what, which object, how often, what trace.
type controlLint struct {
	Text   []string `arg:"" help:"The sentence."`
	FailOn []string `help:"Exit 1 on vague." placeholder:"WHAT"`
}

// longestSentence bounds what is judged, in bytes.
const longestSentence = 20_000

func (c *controlLint) run(e *env) error {
	text := strings.TrimSpace(strings.Join(c.Text, " "))
	switch {
	case text == "" || len(text) > longestSentence:
		return fault.New(fault.Invalid, "control.lint_text", "Longest", longestSentence)
	case slices.ContainsFunc(c.FailOn, func(s string) bool { return s != wording.Vague }):
		return fault.New(fault.Invalid, "control.fail_on")
	}
	lang := e.lang()
	if e.cli.Lang == "" {
		lang = wording.Detect(text)
	}
	j := wording.Judge(lang, text)
	type vague struct {
		Text   string `json:"text"`
		Kind   string `json:"kind"`
		Hollow bool   `json:"hollow"`
	}
	out := struct {
		Verdict string         `json:"verdict"`
		Missing []wording.Part `json:"missing"`
		Better  string         `json:"better"`
		Lang    i18n.Lang      `json:"lang"`
		Vague   []vague        `json:"vague"`
	}{j.Verdict, j.Missing, j.Better, j.Lang, []vague{}}
	for _, h := range j.Vague {
		out.Vague = append(out.Vague, vague{h.Text, h.Kind, h.Hollow})
	}
	err := e.answer(out, func() {
		e.line("%s", e.t("wording.says."+j.Verdict))
		for _, p := range j.Missing {
			e.line("- %s", e.t("wording.missing."+string(p)))
		}
		for _, h := range j.Vague {
			e.line("- “%s”: %s", h.Text, e.t("wording.hedge."+h.Kind))
		}
		if j.Better != "" {
			e.line("%s", e.t("control.better", "Text", j.Better))
		}
	})
	if err == nil && j.Verdict == wording.Vague && slices.Contains(c.FailOn, wording.Vague) {
		return answer(exitNo)
	}
	return err
}

package policy

import (
	"regexp"
	"slices"
	"strings"

	"bevis/internal/framework"
	"bevis/internal/i18n"
)

var placeholder = regexp.MustCompile(`\{\{([a-z][a-z0-9_]*)\}\}`)

// Fill puts values into a text's {{placeholders}}. One without a value stays, so
// that it is seen. A value is taken as it is: placeholders in it are not filled.
func Fill(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(m string) string {
		if v, ok := values[strings.Trim(m, "{}")]; ok && v != "" {
			return v
		}
		return m
	})
}

// Placeholders names what a text wants filled in, each once, in order of
// appearance.
func Placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// clean takes a text as people paste it: one kind of line end, no blanks at the
// ends of lines or of the text.
func clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// Set gives a value of the policy in a language; a value that was the same in both
// stays so. ok is false when the policy has no such value.
func (p *Policy) Set(name string, lang i18n.Lang, value string) (ok bool) {
	p.Params = slices.Clone(p.Params)
	for i := range p.Params {
		x := &p.Params[i]
		if x.Name != name {
			continue
		}
		if x.Value.EN == x.Value.SV {
			x.Value = framework.Text{EN: value, SV: value}
		} else {
			x.Value = x.Value.With(lang, value)
		}
		return true
	}
	return false
}

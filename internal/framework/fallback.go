package framework

import "bevis/internal/i18n"

// For is the text in lang, or in English where an organisation has written none in
// lang: what a reader is shown, while In says what is there.
func (t Text) For(lang i18n.Lang) string {
	if s := t.In(lang); s != "" {
		return s
	}
	return t.EN
}

// With is the text with what it says in one language replaced; "" replaces
// nothing.
func (t Text) With(lang i18n.Lang, s string) Text {
	switch {
	case s == "":
	case lang == i18n.Swedish:
		t.SV = s
	default:
		t.EN = s
	}
	return t
}

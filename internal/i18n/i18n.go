// Package i18n is the room for everything Bevis says, in English and Swedish.
//
// Messages live in locales/<language>/<area>.yaml as flat keys
// ("evidence.add: Add evidence"). A message may use named arguments
// ("{{.File}} is empty") and plural forms (keys one and other, chosen by the
// argument Count).
package i18n

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"bevis/internal/fault"
)

//go:embed locales
var files embed.FS

// Lang is a language the product speaks.
type Lang string

// The languages of P11.
const (
	English Lang = "en"
	Swedish Lang = "sv"
)

// Languages lists what Parse accepts.
var Languages = []Lang{English, Swedish}

// Parse returns the language for s, English if s is none of ours.
func Parse(s string) Lang {
	if l := Lang(s); slices.Contains(Languages, l) {
		return l
	}
	return English
}

// Match picks the language for an Accept-Language header.
func Match(header string) Lang {
	tag, _ := language.MatchStrings(language.NewMatcher([]language.Tag{language.English, language.Swedish}), header)
	base, _ := tag.Base()
	return Parse(base.String())
}

type langKey struct{}

// With returns a context whose reader reads lang.
func With(ctx context.Context, lang Lang) context.Context {
	return context.WithValue(ctx, langKey{}, lang)
}

// Of is the reader's language; English when nobody said.
func Of(ctx context.Context) Lang {
	if l, ok := ctx.Value(langKey{}).(Lang); ok {
		return l
	}
	return English
}

// Key is an argument that is itself a message key and is translated in place.
type Key string

// T is the message for key in the reader's language. args are alternating names
// and values; Count (an int) also chooses the plural form. A key that does not
// exist comes back in angle quotes, and a test keeps that from shipping.
func T(ctx context.Context, key string, args ...any) string {
	return In(Of(ctx), key, args...)
}

// In is T for a language.
func In(lang Lang, key string, args ...any) string {
	c := &goi18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			name := fmt.Sprint(args[i])
			switch v := args[i+1].(type) {
			case Key:
				data[name] = In(lang, string(v))
			default:
				data[name] = v
			}
			if name == "Count" {
				c.PluralCount = args[i+1]
			}
		}
		c.TemplateData = data
	}
	s, err := localizers()[lang].Localize(c)
	if err != nil && c.PluralCount != nil { // a message that needs no plural takes a count as any argument
		c.PluralCount = nil
		s, err = localizers()[lang].Localize(c)
	}
	if err != nil {
		return "‹" + key + "›"
	}
	return s
}

// Has reports whether the key exists in the language.
func Has(lang Lang, key string) bool {
	return slices.Contains(Keys(lang), key)
}

// Fault is the sentence for err: the fault's message, or an apology with ref, the
// number under which the real error was logged.
func Fault(ctx context.Context, err error, ref string) string {
	if f, ok := fault.As(err); ok {
		return T(ctx, f.Key, f.Args...)
	}
	return T(ctx, "fault.internal", "Ref", ref)
}

var localizers = sync.OnceValue(func() map[Lang]*goi18n.Localizer {
	b := goi18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	out := map[Lang]*goi18n.Localizer{}
	for _, lang := range Languages {
		for _, f := range areaFiles(lang) {
			raw, err := files.ReadFile(f)
			if err != nil {
				panic(err) // embedded: a build fault, not a run-time one
			}
			name := strings.TrimSuffix(path.Base(f), ".yaml") + "." + string(lang) + ".yaml"
			if _, err := b.ParseMessageFileBytes(raw, name); err != nil {
				panic(fmt.Sprintf("i18n: %s: %v", f, err))
			}
		}
		// No fall-back language: a missing Swedish message must show, not hide.
		out[lang] = goi18n.NewLocalizer(b, string(lang))
	}
	return out
})

func areaFiles(lang Lang) []string {
	names, err := fs.Glob(files, "locales/"+string(lang)+"/*.yaml")
	if err != nil {
		panic(err)
	}
	return names
}

// Keys lists the message keys of a language in order.
func Keys(lang Lang) []string { return keys()[lang] }

var keys = sync.OnceValue(func() map[Lang][]string {
	out := map[Lang][]string{}
	for _, lang := range Languages {
		for _, f := range areaFiles(lang) {
			raw, err := files.ReadFile(f)
			if err != nil {
				panic(err)
			}
			var m map[string]any
			if err := yaml.Unmarshal(raw, &m); err != nil {
				panic(fmt.Sprintf("i18n: %s: %v", f, err))
			}
			for k := range m {
				out[lang] = append(out[lang], k)
			}
		}
		slices.Sort(out[lang])
	}
	return out
})

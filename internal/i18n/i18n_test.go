package i18n

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"bevis/internal/fault"
)

var verb = regexp.MustCompile(`\{\{[^}]*\}\}`)

// Both languages hold the same keys with the same arguments (P11).
func TestCataloguesAgree(t *testing.T) {
	load := func(lang Lang) map[string]any {
		all := map[string]any{}
		for _, f := range areaFiles(lang) {
			raw, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := yaml.Unmarshal(raw, &m); err != nil {
				t.Fatalf("%s: %v", f, err)
			}
			for k, v := range m {
				if _, twice := all[k]; twice {
					t.Errorf("%s: %s is defined twice", f, k)
				}
				all[k] = v
			}
		}
		return all
	}
	en, sv := load(English), load(Swedish)
	for k, v := range en {
		w, ok := sv[k]
		if !ok {
			t.Errorf("%s has no Swedish", k)
			continue
		}
		args := func(v any) []string {
			a := verb.FindAllString(fmt.Sprint(v), -1)
			slices.Sort(a)
			return slices.Compact(a)
		}
		if !slices.Equal(args(v), args(w)) {
			t.Errorf("%s: arguments differ: %v and %v", k, args(v), args(w))
		}
	}
	for k := range sv {
		if _, ok := en[k]; !ok {
			t.Errorf("%s has no English", k)
		}
	}
}

func TestT(t *testing.T) {
	ctx := With(context.Background(), Swedish)
	if got := T(ctx, "no.such.key"); got != "‹no.such.key›" {
		t.Errorf("missing key: %q", got)
	}
	if got := In(English, "homepage.attention.no_evidence", "Title", "X", "Count", 1); got != "X: no evidence in the window yet" {
		t.Errorf("a count for a message without plurals: %q", got)
	}
	got := Fault(ctx, fmt.Errorf("disk on fire"), "r-17")
	if want := "r-17"; !regexp.MustCompile(want).MatchString(got) || regexp.MustCompile("fire").MatchString(got) {
		t.Errorf("internal error: %q", got)
	}
	if got := Fault(context.Background(), fault.New(fault.Invalid, "fault.internal", "Ref", "x"), ""); !regexp.MustCompile("reference x").MatchString(got) {
		t.Errorf("fault: %q", got)
	}
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]Lang{"sv-SE,sv;q=0.9,en;q=0.5": Swedish, "de": English, "": English, "en-GB": English} {
		if got := Match(header); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
}

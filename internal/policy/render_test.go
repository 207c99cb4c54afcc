package policy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bevis/internal/i18n"
)

// Nothing in a text runs, loads or leaves its place.
func TestHTMLIsHarmless(t *testing.T) {
	for md, never := range map[string]string{
		"<script>alert(1)</script>":                     "<script",
		"a <b onclick=x>b</b> c":                        "<b",
		"[x](javascript:alert(1))":                      "javascript:",
		"[x](JaVaScRiPt:alert(1))":                      "JaVaScRiPt:",
		"[x](data:text/html;base64,PHNjcmlwdD4=)":       "data:text",
		"<javascript:alert(1)>":                         `href="javascript`,
		"![spy](https://outside.example/pixel.gif)":     "<img",
		"![\"><script>x</script>](a)":                   "<script",
		"# Big":                                         "<h1",
		"Big\n===":                                      "<h1",
		"|a|b|\n|:-|-:|\n|1|2|":                         "style",
		"```\n</code><script>x</script>\n```":           "<script",
		"[x](vbscript:x \"onmouseover=alert(1)\")":      "vbscript",
		"&lt;script&gt;alert(1)&lt;/script&gt;":         "<script",
		"<iframe src=https://outside.example></iframe>": "<iframe",
	} {
		got, err := HTML(md)
		if err != nil || strings.Contains(got, never) {
			t.Errorf("%q became %q, %v", md, got, err)
		}
	}
	got, err := HTML("## Rules\n\n1. **We** do [this](https://inside.example/a).\n\n|a|\n|-|\n|1|")
	for _, want := range []string{"<h2>Rules</h2>", "<ol>", "<strong>We</strong>", `<a href="https://inside.example/a">`, "<td>1</td>"} {
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("no %s in %s, %v", want, got, err)
		}
	}
	if got, _ = HTML("before ![a *picture*](x) after"); got != "<p>before a picture after</p>\n" {
		t.Errorf("picture: %q", got)
	}
}

func TestParts(t *testing.T) {
	parts := Parts("Intro *here*.\n\n## Rules\n\n1. First\n   line.\n2. Second `code`.\n   - inner\n\n> Said.\n\n## Roles\n\n- **Lead**: leads.\n\n<div>gone</div>")
	want := []Part{{"", []string{"Intro here."}}, {"Rules", []string{"1. First line.", "2. Second code.", "• inner", "Said."}}, {"Roles", []string{"• Lead: leads."}}}
	if len(parts) != len(want) {
		t.Fatalf("%+v", parts)
	}
	for i := range want {
		if parts[i].Title != want[i].Title || strings.Join(parts[i].Blocks, "|") != strings.Join(want[i].Blocks, "|") {
			t.Errorf("%+v, want %+v", parts[i], want[i])
		}
	}
	all, err := Templates()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		for _, lang := range i18n.Languages {
			for _, p := range Parts(all[i].Body.In(lang)) {
				for _, b := range p.Blocks {
					if strings.Contains(b, "**") || p.Title == "" {
						t.Errorf("%s: marks or no heading in %q", all[i].ID, b)
					}
				}
			}
		}
	}
}

func TestDiff(t *testing.T) {
	got := Diff("## A\n\n1. one\n2. two\n3. three\n\n## B\n\nsame", "## A\n\n1. one\n2. TWO\n3. three\n4. four\n\n## B\n\nsame")
	var changed []Delta
	for _, d := range got {
		if !d.Same() {
			changed = append(changed, d)
		}
	}
	if len(got) != 7 || len(changed) != 2 || changed[0] != (Delta{"A", "2. two", "2. TWO"}) || changed[1] != (Delta{"A", "", "4. four"}) {
		t.Errorf("%+v", got)
	}
	if d := Diff("## Old\n\ntext", ""); len(d) != 2 || d[1] != (Delta{"Old", "text", ""}) {
		t.Errorf("%+v", d)
	}
}

// A comparison gives back both texts, whatever they are.
func TestDiffLosesNothing(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "# c", "- d", "1. e", "", "  f"})
	rapid.Check(t, func(t *rapid.T) {
		a := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "before"), "\n")
		b := strings.Join(rapid.SliceOfN(line, 0, 12).Draw(t, "after"), "\n")
		var before, after []string
		for _, d := range Diff(a, b) {
			if d.Before != "" {
				before = append(before, d.Before)
			}
			if d.After != "" {
				after = append(after, d.After)
			}
		}
		if strings.Join(before, "\x00") != strings.Join(Paragraphs(a), "\x00") || strings.Join(after, "\x00") != strings.Join(Paragraphs(b), "\x00") {
			t.Fatalf("%q and %q: %q, %q", a, b, before, after)
		}
	})
}

package static

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rgb is linear light, each channel from 0 to 1.
type rgb struct{ r, g, b float64 }

var oklch = regexp.MustCompile(`^oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)\s*\)$`)

// fromOklch follows CSS Color 4 section 10 (OKLab to linear sRGB); colours outside the
// screen's gamut are clipped channel by channel, as browsers show them at worst.
func fromOklch(s string) (rgb, error) {
	m := oklch.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return rgb{}, fmt.Errorf("not an opaque oklch colour: %q", s)
	}
	var v [3]float64
	for i := range v {
		f, err := strconv.ParseFloat(m[i+1], 64)
		if err != nil {
			return rgb{}, err
		}
		v[i] = f
	}
	h := v[2] * math.Pi / 180
	a, b := v[1]*math.Cos(h), v[1]*math.Sin(h)
	cube := func(x float64) float64 { return x * x * x }
	l := cube(v[0] + 0.3963377774*a + 0.2158037573*b)
	mm := cube(v[0] - 0.1055613458*a - 0.0638541728*b)
	n := cube(v[0] - 0.0894841775*a - 1.2914855480*b)
	clip := func(x float64) float64 { return min(max(x, 0), 1) }
	return rgb{
		clip(4.0767416621*l - 3.3077115913*mm + 0.2309699292*n),
		clip(-1.2684380046*l + 2.6097574011*mm - 0.3413193965*n),
		clip(-0.0041960863*l - 0.7034186147*mm + 1.7076147010*n),
	}, nil
}

// contrast is WCAG 2.2's ratio, from 1 to 21.
func contrast(a, b rgb) float64 {
	lum := func(c rgb) float64 { return 0.2126*c.r + 0.7152*c.g + 0.0722*c.b }
	x, y := lum(a), lum(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestConversion(t *testing.T) {
	white, _ := fromOklch("oklch(1 0 0)")
	black, _ := fromOklch("oklch(0 0 0)")
	if c := contrast(white, black); math.Abs(c-21) > 0.01 {
		t.Errorf("white on black is %.2f", c)
	}
	// sRGB #ff0000 is oklch(.6280 .2577 29.23); on white it has 3.998.
	red, _ := fromOklch("oklch(.6280 .2577 29.23)")
	if c := contrast(red, white); math.Abs(c-3.998) > 0.01 {
		t.Errorf("red on white is %.3f", c)
	}
}

// tokens reads the colours of one theme; side 0 is light, 1 is dark.
func tokens(t *testing.T, css string, side int) map[string]rgb {
	t.Helper()
	out := map[string]rgb{}
	decl := regexp.MustCompile(`--([a-z0-9-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);`)
	for _, m := range decl.FindAllStringSubmatch(css, -1) {
		if strings.Contains(m[2+side], "/") {
			continue // translucent: washes and shadows, which carry no meaning
		}
		c, err := fromOklch(m[2+side])
		if err != nil {
			t.Fatalf("--%s: %v", m[1], err)
		}
		out[m[1]] = c
	}
	return out
}

// TestTokenContrast holds the text (4.5:1), field and glyph (3:1) pairs of ui.md 4.2 in
// both themes (WCAG 2.2 1.4.3 and 1.4.11); axe sees neither borders nor glyphs.
func TestTokenContrast(t *testing.T) {
	raw, err := os.ReadFile("app.css")
	if err != nil {
		t.Fatal(err)
	}
	type pair struct {
		front, back string
		atLeast     float64
	}
	var pairs []pair
	for _, back := range []string{"bg", "surface", "sunken", "raised"} {
		pairs = append(pairs, pair{"ink", back, 7}, pair{"ink2", back, 4.5}, pair{"ink3", back, 4.5}, pair{"accent", back, 4.5}, pair{"focus", back, 3})
	}
	for _, back := range []string{"bg", "surface"} {
		pairs = append(pairs, pair{"field", back, 3})
		for _, tone := range []string{"ok", "info", "warn", "bad", "mute"} {
			pairs = append(pairs, pair{tone, back, 3}, pair{tone + "-ink", back, 4.5})
		}
	}
	for _, tone := range []string{"ok", "info", "warn", "bad", "mute"} {
		pairs = append(pairs, pair{tone + "-ink", tone + "-soft", 4.5}, pair{tone, tone + "-soft", 3},
			pair{"ink", tone + "-soft", 7}, pair{"ink2", tone + "-soft", 4.5}, pair{"glyph", tone, 3})
	}
	pairs = append(pairs, pair{"accent-ink", "accent", 4.5}, pair{"accent-ink", "accent-h", 4.5},
		pair{"ink", "accent-soft", 7}, pair{"ink2", "accent-soft", 4.5}, pair{"ink3", "accent-soft", 4.5}, pair{"accent", "accent-soft", 4.5})
	for side, theme := range []string{"light", "dark"} {
		tok := tokens(t, string(raw), side)
		for _, p := range pairs {
			front, ok := tok[p.front]
			back, ok2 := tok[p.back]
			if !ok || !ok2 {
				t.Fatalf("%s: --%s or --%s is not a token", theme, p.front, p.back)
			}
			if c := contrast(front, back); c < p.atLeast {
				t.Errorf("%s: --%s on --%s is %.2f:1, %.1f needed", theme, p.front, p.back, c, p.atLeast)
			}
		}
	}
}

// Initials in avatars are text: 4.5:1 for each hue in both themes.
func TestAvatarContrast(t *testing.T) {
	raw, err := os.ReadFile("app.css")
	if err != nil {
		t.Fatal(err)
	}
	rule := regexp.MustCompile(`\.av \{[^}]*--h: (\d+); background: light-dark\((oklch\(.*?\)\)), (oklch\(.*?\)\))\); color: light-dark\((oklch\(.*?\)\)), (oklch\(.*?\)\))\);`).FindStringSubmatch(string(raw))
	if rule == nil {
		t.Fatal("the rule for avatars has another form")
	}
	hues := []string{rule[1]}
	for _, m := range regexp.MustCompile(`\.av-\d+ \{ --h: (\d+); \}`).FindAllStringSubmatch(string(raw), -1) {
		hues = append(hues, m[1])
	}
	if len(hues) != 12 {
		t.Errorf("%d hues", len(hues))
	}
	for _, h := range hues {
		for side, theme := range []string{"light", "dark"} {
			back, err := fromOklch(strings.ReplaceAll(rule[2+side], "var(--h)", h))
			if err != nil {
				t.Fatal(err)
			}
			front, err := fromOklch(strings.ReplaceAll(rule[4+side], "var(--h)", h))
			if err != nil {
				t.Fatal(err)
			}
			if c := contrast(front, back); c < 4.5 {
				t.Errorf("%s: hue %s is %.2f:1", theme, h, c)
			}
		}
	}
}

package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"bevis/internal/i18n"
	"bevis/internal/web/static"
)

var ctxs = map[i18n.Lang]context.Context{
	i18n.English: i18n.With(context.Background(), i18n.English),
	i18n.Swedish: i18n.With(context.Background(), i18n.Swedish),
}

func render(t *testing.T, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// document is the gallery inside a whole page.
func document(t *testing.T, ctx context.Context, theme Theme, auditor bool) string {
	shell := GalleryShell(ctx, theme, "/controls?q=%22><script>", auditor)
	shell.Flash = []Toast{{"Saved", ToneOK}, {"Not sent", ToneBad}}
	shell.ReadOnly = "As of 14 March"
	shell.KeysOff = auditor
	return render(t, templ.WithChildren(ctx, Gallery()), Page(shell))
}

func walk(n *html.Node, f func(*html.Node)) {
	f(n)
	for c := range n.ChildNodes() {
		walk(c, f)
	}
}

func parse(t *testing.T, s string) *html.Node {
	t.Helper()
	n, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Every component in every state, in both languages and themes, keeps the rules that the
// content security policy and WCAG lay on pages.
func TestGallery(t *testing.T) {
	for lang, ctx := range ctxs {
		for _, theme := range []Theme{Light, Dark, Auto} {
			for _, auditor := range []bool{false, true} {
				s := document(t, ctx, theme, auditor)
				if i := strings.IndexAny(s, "‹›"); i >= 0 {
					t.Errorf("%s: missing message near %q", lang, s[i:min(i+60, len(s))])
				}
				checkDocument(t, s, string(lang), string(theme))
			}
		}
	}
}

func checkDocument(t *testing.T, s, lang, theme string) {
	t.Helper()
	ids := map[string]bool{}
	var refs, anchors []string
	walk(parse(t, s), func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("<%s> has the attribute %s, which the policy forbids", n.Data, a.Key)
			case a.Key == "id":
				if ids[a.Val] {
					t.Errorf("id %q twice", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "for" || a.Key == "aria-controls" || a.Key == "popovertarget" || a.Key == "data-dialog" || a.Key == "data-list":
				refs = append(refs, a.Val)
			case a.Key == "aria-describedby" || a.Key == "aria-labelledby":
				refs = append(refs, strings.Fields(a.Val)...)
			case a.Key == "data-live" || (a.Key == "href" && strings.HasPrefix(a.Val, "#")):
				anchors = append(anchors, strings.TrimPrefix(a.Val, "#"))
			}
		}
		switch n.Data {
		case "html":
			if v, _ := attr(n, "lang"); v != lang {
				t.Errorf("lang is %q", v)
			}
			if v, _ := attr(n, "data-theme"); v != theme {
				t.Errorf("theme is %q", v)
			}
		case "script":
			if src, _ := attr(n, "src"); !strings.HasPrefix(src, static.Prefix) || n.FirstChild != nil {
				t.Errorf("inline or foreign script %q", src)
			}
		case "style":
			t.Error("inline <style>")
		case "form":
			if a, ok := attr(n, "action"); ok && !strings.HasPrefix(a, "/") {
				t.Errorf("form posts to %q", a)
			}
		case "button", "a", "input", "select", "textarea":
			checkNamed(t, n, s)
		}
	})
	for _, r := range append(refs, anchors...) {
		if !ids[r] {
			t.Errorf("%q is referred to and is not on the page", r)
		}
	}
	if n := strings.Count(s, "<main"); n != 1 {
		t.Errorf("%d main landmarks", n)
	}
}

// checkNamed: what can be used has a name (WCAG 4.1.2).
func checkNamed(t *testing.T, n *html.Node, doc string) {
	t.Helper()
	if kind, _ := attr(n, "type"); kind == "hidden" {
		return
	}
	if _, ok := attr(n, "hidden"); ok {
		return
	}
	if label, _ := attr(n, "aria-label"); label != "" {
		return
	}
	text := ""
	walk(n, func(c *html.Node) {
		if c.Type == html.TextNode {
			text += strings.TrimSpace(c.Data)
		}
	})
	if (n.Data == "button" || n.Data == "a") && text != "" {
		return
	}
	if id, ok := attr(n, "id"); ok && strings.Contains(doc, `for="`+id+`"`) {
		return
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == "label" || p.Data == "template" { // the script names what it clones
			return
		}
	}
	t.Errorf("<%s %v> has no name", n.Data, n.Attr)
}

// Every icon that is asked for is drawn.
func TestIconsExist(t *testing.T) {
	raw, err := os.ReadFile("../static/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		drawn[m[1]] = true
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`icons\.svg#([^"]+)"`).FindAllStringSubmatch(document(t, ctxs[i18n.English], Light, false)+document(t, ctxs[i18n.English], Dark, true)+document(t, ctxs[i18n.English], Auto, false), -1) {
		used[m[1]] = true
	}
	for _, tone := range []Tone{ToneMute, ToneInfo, ToneOK, ToneWarn, ToneBad} {
		used["g-"+toneGlyph(tone)] = true
	}
	if len(used) < 50 {
		t.Fatalf("only %d icons found: the pattern no longer fits", len(used))
	}
	for id := range used {
		if !drawn[id] {
			t.Errorf("icon %q is not in the sprite", id)
		}
	}
}

// product.md's statuses, word for word.
var promised = map[string][]string{
	"state":      {"not_started", "in_progress", "ready", "attention", "failing", "not_applicable"},
	"evidence":   {"needed", "collected", "accepted", "returned", "expiring", "expired", "superseded"},
	"check":      {"pass", "fail", "error", "stale", "no_occurrence", "not_applicable", "excluded", "not_determinable"},
	"window":     {"planned", "open", "closed", "sealed"},
	"occurrence": {"on_time", "late", "missed", "overdue", "due", "not_due"},
	"control":    {"draft", "in_force", "retired"},
	"dataset":    {"complete", "incomplete"},
	"run":        {"complete", "incomplete", "empty", "failed"},
	"request":    {"open", "submitted", "accepted", "changes_requested", "not_applicable"},
	"engagement": {"planned", "window_open", "fieldwork", "reporting", "issued"},
}

func TestStatusPill(t *testing.T) {
	for family, states := range promised {
		shapes, words := map[string]string{}, map[string]string{}
		for _, state := range states {
			s := Status(family + "." + state)
			if _, ok := looks[s]; !ok {
				t.Errorf("%s has no look", s)
				continue
			}
			if other, twice := shapes[s.look().glyph]; twice {
				t.Errorf("%s and %s share a shape", s, other)
			}
			shapes[s.look().glyph] = state
			for lang, ctx := range ctxs {
				w := s.Word(ctx)
				if strings.Contains(w, "‹") || w == "" || w == state {
					t.Errorf("%s: %s says %q", lang, s, w)
				}
				if other, twice := words[string(lang)+w]; twice {
					t.Errorf("%s: %s and %s are both %q", lang, s, other, w)
				}
				words[string(lang)+w] = state
				pill := render(t, ctx, StatusPill(s))
				if !strings.Contains(pill, ">"+w+"<") || !strings.Contains(pill, "#g-"+s.look().glyph) || !strings.Contains(pill, string("tone-"+s.Tone())) {
					t.Errorf("%s: pill %s", s, pill)
				}
				if g := render(t, ctx, Glyph(s)); !strings.Contains(g, "<title>"+w+"</title>") || !strings.Contains(g, `role="img"`) {
					t.Errorf("%s: glyph has no name: %s", s, g)
				}
			}
		}
	}
}

// Only these mean that something is in order; a new status must be put here by hand.
func TestNothingElseIsGreen(t *testing.T) {
	green := []Status{
		"check.pass", "dataset.complete", "deviation.corrected", "engagement.issued", "evidence.accepted", "job.done",
		"occurrence.on_time", "policy.published", "request.accepted", "run.complete", "state.ready", "task.done", "window.sealed",
	}
	for _, s := range append(Statuses(), "nobody.knows", "") {
		if (s.Tone() == ToneOK) != slices.Contains(green, s) {
			t.Errorf("%s has tone %s", s, s.Tone())
		}
	}
	if pill := render(t, ctxs[i18n.English], StatusPill("check.brand_new")); !strings.Contains(pill, "brand_new") || !strings.Contains(pill, "tone-mute") {
		t.Errorf("an unknown status: %s", pill)
	}
}

func TestLateness(t *testing.T) {
	for lang, ctx := range ctxs {
		seen := map[string]bool{}
		for _, l := range Latenesses() {
			s := render(t, ctx, LatenessLabel(l))
			if seen[s] || strings.Contains(s, "‹") {
				t.Errorf("%s: %s", lang, s)
			}
			seen[s] = true
		}
	}
}

// Every key of the kit is used, and every literal key exists.
func TestKeys(t *testing.T) {
	sources := ""
	for _, pattern := range []string{"*.go", "*.templ"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			if strings.HasSuffix(n, "_test.go") || strings.HasSuffix(n, "_templ.go") {
				continue
			}
			raw, err := os.ReadFile(n)
			if err != nil {
				t.Fatal(err)
			}
			sources += string(raw)
		}
	}
	made := []string{"ui.status.", "ui.coverage.", "ui.lateness.", "ui.error.", "ui.verify.", "ui.diff.", "ui.theme."}
	for _, key := range i18n.Keys(i18n.English) {
		if !strings.HasPrefix(key, "ui.") || strings.Contains(sources, `"`+key+`"`) {
			continue
		}
		if !slices.ContainsFunc(made, func(p string) bool { return strings.HasPrefix(key, p) }) {
			t.Errorf("%s is never used", key)
		}
		if state, ok := strings.CutPrefix(key, "ui.status."); ok {
			if _, known := looks[Status(state)]; !known {
				t.Errorf("%s belongs to no status", key)
			}
		}
	}
	for _, m := range regexp.MustCompile(`"(ui\.[a-z_.]*[a-z_])"`).FindAllStringSubmatch(sources, -1) {
		if !i18n.Has(i18n.English, m[1]) {
			t.Errorf("%s does not exist", m[1])
		}
	}
	for s := CoverageNotDue; s <= CoverageNoneExpected; s++ {
		if w := s.word(ctxs[i18n.Swedish]); strings.Contains(w, "‹") {
			t.Errorf("coverage %d: %s", s, w)
		}
	}
}

func TestDueLabel(t *testing.T) {
	at := time.Date(2026, 4, 20, 23, 59, 0, 0, time.UTC)
	for _, tc := range []struct {
		days   int
		en, sv string
		tone   Tone
	}{
		{8, "Due 2026-04-28", "Senast 2026-04-28", ToneMute},
		{7, "Due in 7 days", "7 dagar kvar", ToneWarn},
		{1, "Due in 1 day", "1 dag kvar", ToneWarn},
		{0, "Due today", "Förfaller i dag", ToneWarn},
		{-1, "1 day overdue", "1 dag försenat", ToneBad},
		{-30, "30 days overdue", "30 dagar försenat", ToneBad},
	} {
		due := time.Date(2026, 4, 20+tc.days, 0, 0, 0, 0, time.UTC)
		en, tone := dueText(ctxs[i18n.English], due, at)
		sv, _ := dueText(ctxs[i18n.Swedish], due, at)
		if en != tc.en || sv != tc.sv || tone != tc.tone {
			t.Errorf("%d days: %q, %q, %s", tc.days, en, sv, tone)
		}
	}
}

func TestNumbersAndNames(t *testing.T) {
	en, sv := ctxs[i18n.English], ctxs[i18n.Swedish]
	for n, want := range map[int][2]string{0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1\u00a0000"}, -1234567: {"-1,234,567", "\u22121\u00a0234\u00a0567"}} {
		if Num(en, n) != want[0] || Num(sv, n) != want[1] {
			t.Errorf("%d: %q %q", n, Num(en, n), Num(sv, n))
		}
	}
	for n, want := range map[int64][2]string{0: {"0 B", "0 B"}, 999: {"999 B", "999 B"}, 8412: {"8.4 kB", "8,4 kB"}, 999_960: {"1.0 MB", "1,0 MB"}, 200_000_000: {"200 MB", "200 MB"}} {
		if Bytes(en, n) != want[0] || Bytes(sv, n) != want[1] {
			t.Errorf("%d: %q %q", n, Bytes(en, n), Bytes(sv, n))
		}
	}
	for name, want := range map[string]string{"Maja Lind": "ML", "åsa öberg-ek": "ÅE", "Bo": "B", "  ": "?", "": "?", "Anna M. Berg": "AB"} {
		if got := initials(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
	if hashGroups("9f2c41b7e0") != "9f2c 41b7 e0" || len([]rune(shortHash(galleryHash))) != 25 {
		t.Errorf("%q %q", hashGroups("9f2c41b7e0"), shortHash(galleryHash))
	}
}

// A date of another year carries it; which year it is, the organisation's clock says.
func TestYears(t *testing.T) {
	stockholm := time.FixedZone("", 3600)
	eve := time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC) // the new year has begun in Stockholm
	for _, tc := range []struct {
		today, at time.Time
		en, sv    string
	}{
		{galleryToday, galleryToday, "20 Apr 09:00", "20 april 09:00"},
		{galleryToday, galleryToday.AddDate(-1, 0, 0), "20 Apr 2025 09:00", "20 april 2025 09:00"},
		{galleryToday, galleryToday.AddDate(1, 0, 0), "20 Apr 2027 09:00", "20 april 2027 09:00"},
		{eve, galleryToday, "20 Apr 2026 09:00", "20 april 2026 09:00"},
		{eve.In(stockholm), galleryToday, "20 Apr 09:00", "20 april 09:00"},
		{time.Time{}, galleryToday, "20 Apr 2026 09:00", "20 april 2026 09:00"}, // nobody has said
	} {
		for lang, want := range map[i18n.Lang]string{i18n.English: tc.en, i18n.Swedish: tc.sv} {
			if got := Short(WithToday(ctxs[lang], tc.today), tc.at); got != want {
				t.Errorf("%s seen from %s: %q, want %q", tc.at, tc.today, got, want)
			}
		}
	}
	shell := GalleryShell(ctxs[i18n.English], Light, "/", false)
	shell.Print.At = eve
	page := func(s Shell) string {
		when := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error { return When(galleryToday).Render(ctx, w) })
		var b strings.Builder
		if err := Page(s).Render(templ.WithChildren(ctxs[i18n.English], when), &b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if !strings.Contains(page(shell), ">20 Apr 2026 09:00</time>") || !strings.Contains(page(shell.In(stockholm)), ">20 Apr 09:00</time>") {
		t.Error("a page does not tell its children what year it is")
	}
}

// What is not due yet stands behind its number, closed and openable without script.
func TestLater(t *testing.T) {
	for n, want := range map[int][2]string{0: {"", ""}, 1: {"1 later", "1 senare"}, 12: {"12 later", "12 senare"}} {
		for i, lang := range []i18n.Lang{i18n.English, i18n.Swedish} {
			got := render(t, templ.WithChildren(ctxs[lang], Tag("due in May")), Later(n))
			if n == 0 && got != "" || n > 0 && (!strings.Contains(got, `<summary class="sub">`+want[i]+"</summary>") || !strings.Contains(got, "due in May") || strings.Contains(got, " open")) {
				t.Errorf("%d in %s: %s", n, lang, got)
			}
		}
	}
}

func TestCopySaysWhat(t *testing.T) {
	for kind, want := range map[Copy][2]string{
		CopySHA256: {"Copy the SHA-256 fingerprint", "Kopiera SHA-256-fingeravtrycket"},
		CopyCommit: {"Copy the commit id", "Kopiera incheckningens id"},
		CopyItem:   {"Copy the id", "Kopiera id:t"},
		"no such":  {"Copy the id", "Kopiera id:t"},
	} {
		for i, lang := range []i18n.Lang{i18n.English, i18n.Swedish} {
			var b strings.Builder
			if err := IDText(kind, galleryHash[:40], true).Render(ctxs[lang], &b); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(b.String(), `aria-label="`+want[i]+`"`) || strings.Contains(b.String(), "‹") || kind != CopySHA256 && strings.Contains(b.String(), "SHA") {
				t.Errorf("%s in %s: %s", kind, lang, b.String())
			}
		}
	}
}

func TestCurrent(t *testing.T) {
	for path, want := range map[string]string{
		"/controls": "/controls", "/controls/AC-04?tab=1": "/controls", "/controlsx": "", "/settings/people": "/settings", "/": "",
	} {
		s := GalleryShell(ctxs[i18n.English], Light, path, false)
		got := ""
		for _, l := range s.links() {
			if s.current(l) {
				got += l.Href
			}
		}
		if got != want {
			t.Errorf("%s: %q is current, want %q", path, got, want)
		}
	}
}

func TestCoverage(t *testing.T) {
	ctx := ctxs[i18n.English]
	cells := []CoverageCell{{"Jan", CoverageDone}, {"Feb", CoverageLate}, {"Mar", CoverageState(99)}}
	if got, want := coverageSummary(ctx, cells), "Jan: Done, Feb: Late, Mar: Evidence missing"; got != want {
		t.Errorf("%q", got)
	}
	if got, want := coverageSummary(ctx, galleryWeeks(ctx, 52)), "Not yet due: 17, Done: 30, Late: 3, Failed or missed: 2"; got != want {
		t.Errorf("%q", got)
	}
	// A hundred strips must stay a small document: paths do not grow with the periods.
	if paths, _ := coveragePaths(galleryWeeks(ctx, 52)); len(paths) > 8 {
		t.Errorf("%d paths", len(paths))
	}
	if paths, w := coveragePaths(nil); len(paths) != 0 || w != 2 {
		t.Errorf("%v %d", paths, w)
	}
	for s := CoverageNotDue; s <= CoverageNoneExpected; s++ {
		if got := ParseCoverage(coverageKeys[s]); got != s {
			t.Errorf("%s is %d", coverageKeys[s], got)
		}
	}
	if got := ParseCoverage("brilliant"); got != CoverageMissing {
		t.Errorf("an unknown word is %d", got)
	}
	if got := Month(ctxs[i18n.Swedish], galleryToday); got != "april" {
		t.Errorf("%q", got)
	}
	if got := f1(0); got != "0.0" {
		t.Error(got)
	}
}

func TestStack(t *testing.T) {
	s := Stack{Label: "x", Total: 10, Parts: []Part{{"a", 5, ToneOK}, {"b", 0, ToneBad}, {"c", -2, ToneBad}, {"d", 5, ToneInfo}}}
	segs := s.segments()
	if len(segs) != 2 || segs[0].x != "0.00" || segs[1].x != "50.00" {
		t.Errorf("%v", segs)
	}
	if got := (Stack{}).segments(); got != nil {
		t.Errorf("empty: %v", got)
	}
	if got := s.summary(ctxs[i18n.English]); got != "x. a: 5, d: 5" {
		t.Errorf("%q", got)
	}
}

package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/i18n"
)

// CoverageState is what one period of a window shows.
type CoverageState int

// The states of a period, told apart by shape as well as colour.
const (
	CoverageNotDue       CoverageState = iota // dashed square
	CoverageDone                              // full square
	CoveragePartial                           // half filled
	CoverageLate                              // full square with a bar
	CoverageMissing                           // empty square with a dot: nothing in hand yet
	CoverageFailed                            // full square with a cross
	CoverageNoneExpected                      // a short line: no occurrence expected
)

var coverageKeys = [...]string{"not_due", "done", "partial", "late", "missing", "failed", "none"}

func (s CoverageState) known() CoverageState {
	if s < CoverageNotDue || s > CoverageNoneExpected {
		return CoverageMissing
	}
	return s
}

func (s CoverageState) word(ctx context.Context) string {
	return i18n.T(ctx, "ui.coverage."+coverageKeys[s.known()])
}

// CoverageCell is one square of the strip.
type CoverageCell struct {
	Label string // "Jan", "Q2", "week 14"
	State CoverageState
}

// coverageSummary is the strip in words: each period while they are few, counts when
// they are many.
func coverageSummary(ctx context.Context, cells []CoverageCell) string {
	var parts []string
	if len(cells) <= 12 {
		for _, c := range cells {
			parts = append(parts, c.Label+": "+c.State.word(ctx))
		}
		return strings.Join(parts, ", ")
	}
	var n [len(coverageKeys)]int
	for _, c := range cells {
		n[c.State.known()]++
	}
	for s, count := range n {
		if count > 0 {
			parts = append(parts, CoverageState(s).word(ctx)+": "+Num(ctx, count))
		}
	}
	return strings.Join(parts, ", ")
}

// svgPath is one path of a strip: all squares that look alike, so that a table of a
// hundred strips stays a small document.
type svgPath struct{ class, d string }

// coveragePaths draws the strip. A square is w wide and 12 high; it shrinks as the
// periods get more.
func coveragePaths(cells []CoverageCell) (paths []svgPath, width int) {
	w, gap := 12.0, 3.0
	switch {
	case len(cells) > 31:
		w, gap = 4, 1
	case len(cells) > 13:
		w, gap = 7, 2
	}
	by := map[string]*strings.Builder{}
	var order []string
	add := func(class, format string, args ...any) {
		b, ok := by[class]
		if !ok {
			b = &strings.Builder{}
			by[class] = b
			order = append(order, class)
		}
		fmt.Fprintf(b, format, args...)
	}
	box := func(class string, x, w float64) {
		r := min(2.5, w/3)
		add(class, "M%g %gh%ga%g %g 0 0 1 %g %gv%ga%g %g 0 0 1 -%g %gh-%ga%g %g 0 0 1 -%g -%gv-%ga%g %g 0 0 1 %g -%gz",
			x+r, 1.0, w-2*r, r, r, r, r, 12-2*r, r, r, r, r, w-2*r, r, r, r, r, 12-2*r, r, r, r, r)
	}
	for i, c := range cells {
		x := 1 + float64(i)*(w+gap)
		mid := x + w/2
		switch c.State.known() {
		case CoverageDone:
			box("full tone-ok", x, w)
		case CoveragePartial:
			box("wash tone-info", x+.6, w-1.2)
			add("full tone-info", "M%g 7h%gv5h-%gz", x+1, w-2, w-2)
		case CoverageLate:
			box("full tone-warn", x, w)
			add("mark", "M%g 4v3.6M%g 10.2v.1", mid, mid)
		case CoverageMissing:
			box("wash tone-warn", x+.6, w-1.2)
			add("marka tone-warn", "M%g 7h.1", mid)
		case CoverageFailed:
			box("full tone-bad", x, w)
			a := min(2.2, w/4)
			add("mark", "M%g %gl%g %gm0 -%gl-%g %g", mid-a, 7-a, 2*a, 2*a, 2*a, 2*a, 2*a)
		case CoverageNoneExpected:
			add("edge tone-mute", "M%g 7h%g", x+w/4, w/2)
		default:
			box("dash", x+.6, w-1.2)
		}
	}
	// Marks are drawn over the squares they belong to.
	slices.SortStableFunc(order, func(a, b string) int {
		return rank(a) - rank(b)
	})
	for _, class := range order {
		paths = append(paths, svgPath{class, by[class].String()})
	}
	return paths, int(float64(len(cells))*(w+gap) + 2)
}

func rank(class string) int {
	if strings.HasPrefix(class, "mark") {
		return 1
	}
	return 0
}

// Part is a share of a bar: how many, of what.
type Part struct {
	Label string
	Count int
	Tone  Tone
}

// Stack is a bar made of parts; Total counts what the parts are parts of, and is their
// sum if it is smaller than that.
type Stack struct {
	Label string // of the whole: "Criteria by status"
	Parts []Part
	Total int
}

type stackSegment struct{ class, x, w string }

// segments places the parts on a bar 100 wide with a hair of space between them.
func (s Stack) segments() []stackSegment {
	sum := 0
	for _, p := range s.Parts {
		sum += max(p.Count, 0)
	}
	total := float64(max(sum, s.Total))
	var out []stackSegment
	x := 0.0
	for _, p := range s.Parts {
		if p.Count <= 0 {
			continue
		}
		w := float64(p.Count) / total * 100
		out = append(out, stackSegment{p.Tone.class(), f2(x), f2(max(w-.6, .4))})
		x += w
	}
	return out
}

func (s Stack) summary(ctx context.Context) string {
	parts := make([]string, 0, len(s.Parts))
	for _, p := range s.Parts {
		if p.Count > 0 {
			parts = append(parts, p.Label+": "+Num(ctx, p.Count))
		}
	}
	if len(parts) == 0 {
		return s.Label
	}
	return s.Label + ". " + strings.Join(parts, ", ")
}

func f2(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }
func f1(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// share keeps a share inside 0 to 1.
func share(x float64) float64 { return min(max(x, 0), 1) }

func percent(x float64) string {
	n := strconv.Itoa(int(share(x)*100 + .5))
	return n + "\u00a0%"
}

// Trend is a share from 0 to 1 for each step of a window, against a plan.
type Trend struct {
	ID     string // unique on the page
	Title  string
	Steps  []string  // a label for every step of the plan, for the table
	Ticks  []string  // labels spread along the axis
	Plan   []float64 // one for each step
	Actual []float64 // as many as have happened; the last one is today
}

const chartW, chartH, chartL, chartB, chartT, chartR = 720.0, 236.0, 44.0, 24.0, 12.0, 12.0

func (t Trend) x(i int) float64 {
	return chartL + float64(i)*(chartW-chartL-chartR)/float64(max(len(t.Plan)-1, 1))
}

func (t Trend) y(v float64) float64 { return chartT + (1-share(v))*(chartH-chartT-chartB) }

func (t Trend) line(values []float64) string {
	var b strings.Builder
	for i, v := range values {
		fmt.Fprintf(&b, "%.1f,%.1f ", t.x(i), t.y(v))
	}
	return strings.TrimSpace(b.String())
}

func (t Trend) area() string {
	if len(t.Actual) == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f,%.1f %s %.1f,%.1f", t.x(0), t.y(0), t.line(t.Actual), t.x(len(t.Actual)-1), t.y(0))
}

// today is the place of the newest value.
func (t Trend) today() (x, y, value float64, ok bool) {
	if len(t.Actual) == 0 || len(t.Actual) > len(t.Plan) {
		return 0, 0, 0, false
	}
	i := len(t.Actual) - 1
	return t.x(i), t.y(t.Actual[i]), t.Actual[i], true
}

func (t Trend) summary(ctx context.Context) string {
	_, _, v, ok := t.today()
	if !ok {
		return t.Title
	}
	return i18n.T(ctx, "ui.trend.summary", "Actual", percent(v), "Plan", percent(t.Plan[len(t.Actual)-1]))
}

// ParseCoverage is the state of a word ("done", "late", "not_due"). A word nobody
// knows is missing evidence, never done.
func ParseCoverage(word string) CoverageState {
	if i := slices.Index(coverageKeys[:], word); i >= 0 {
		return CoverageState(i)
	}
	return CoverageMissing
}

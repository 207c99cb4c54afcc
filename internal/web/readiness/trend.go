package readiness

import (
	"fmt"
	"slices"
	"strings"
)

// trend is the score of the reviews kept, drawn from the oldest to the newest.
type trend struct {
	points string // of the line
	dots   []dot
	marks  []mark
	first  string
	last   string
}

type dot struct{ x, y string }

type mark struct {
	y, text string
}

const trendW, trendH, trendL, trendB, trendT, trendR = 720.0, 160.0, 36.0, 22.0, 10.0, 12.0

// trendOf draws reviews, which come newest first. One review is no trend.
func trendOf(all []review) trend {
	var t trend
	if len(all) < 2 {
		return t
	}
	y := func(score int) float64 { return trendT + (1-float64(score)/100)*(trendH-trendT-trendB) }
	for _, s := range []int{0, 50, 100} {
		t.marks = append(t.marks, mark{fmt.Sprintf("%.1f", y(s)), fmt.Sprint(s)})
	}
	// Time runs along the axis: two reviews of a week stand closer than two of a year.
	oldest, newest := all[len(all)-1].Day, all[0].Day
	width := max(newest.Sub(oldest), 1)
	var line []string
	for _, r := range slices.Backward(all) {
		x := trendL + float64(r.Day.Sub(oldest))/float64(width)*(trendW-trendL-trendR)
		d := dot{fmt.Sprintf("%.1f", x), fmt.Sprintf("%.1f", y(r.Score))}
		t.dots = append(t.dots, d)
		line = append(line, d.x+","+d.y)
	}
	t.points, t.first, t.last = strings.Join(line, " "), string(oldest), string(newest)
	return t
}

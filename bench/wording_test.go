package bench

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bevis/internal/i18n"
	"bevis/internal/wording"
)

// rate counts one yes-or-no judgement against its label.
type rate struct{ right, extra, absent, clear int }

func (r *rate) add(said, is bool) {
	switch {
	case said && is:
		r.right++
	case said:
		r.extra++
	case is:
		r.absent++
	default:
		r.clear++
	}
}

func (r *rate) String() string {
	return fmt.Sprintf("precision %.2f, recall %.2f (%d of %d)", float64(r.right)/float64(max(r.right+r.extra, 1)), float64(r.right)/float64(max(r.right+r.absent, 1)), r.right, r.right+r.absent)
}

// BenchmarkWording holds the wording lint against sentences that were labelled by
// hand, by somebody who did not know the lint: precision and recall of the verdict
// "vague" and of each part that a sentence lacks.
func BenchmarkWording(b *testing.B) {
	files, err := filepath.Glob("../internal/wording/testdata/labelled/*.csv")
	must(b, err)
	if len(files) == 0 {
		b.Fatal("there are no labelled sentences")
	}
	for _, lang := range []i18n.Lang{i18n.English, i18n.Swedish} {
		var verdict rate
		parts := map[string]*rate{}
		n := 0
		for _, name := range files {
			if !strings.HasPrefix(filepath.Base(name), string(lang)+"-") {
				continue
			}
			f, err := os.Open(name)
			must(b, err)
			rows, err := csv.NewReader(f).ReadAll()
			must(b, err)
			must(b, f.Close())
			for _, row := range rows[1:] {
				n++
				j := wording.Judge(lang, row[0])
				verdict.add(j.Verdict == wording.Vague, row[6] == "vague")
				for i, part := range rows[0][1:6] {
					if parts[part] == nil {
						parts[part] = &rate{}
					}
					parts[part].add(slices.Contains(j.Missing, wording.Part(part)), row[i+1] == "no")
				}
				if os.Getenv("BENCH_WRONG") != "" && (j.Verdict == wording.Vague) != (row[6] == "vague") {
					b.Logf("%s said, %s is: %s %v", j.Verdict, row[6], row[0], j.Missing)
				}
			}
		}
		lines := []string{fmt.Sprintf("vague: %s", &verdict)}
		for _, part := range []string{"actor", "action", "object", "cadence", "trace"} {
			lines = append(lines, fmt.Sprintf("lacks %s: %s", part, parts[part]))
		}
		report(b, fmt.Sprintf("wording lint, %s, %d labelled sentences", lang, n), lines...)
	}
}

package readiness

// Score is 0 to 100 with its arithmetic. It cannot be raised by more of the same: a
// criterion counts as its weakest control, no stage counts for more than the stage
// before it, evidence counts once for an occurrence, and shares are rounded down.
//
// It measures the company's own preparation. It says nothing about whether controls
// operated, and it stays inside the company (domain 0a rule 12).
type Score struct {
	Points int // 0 to 100: the parts' tenths added, rounded down
	Parts  []Part
}

// Part is what one stage gives.
type Part struct {
	Stage    Stage
	Weight   int // points if every criterion had reached the stage whole
	Sum      int // thousandths of criteria that count
	Criteria int // in scope
	Tenths   int // tenths of points: Weight × Sum / Criteria, rounded down
	Whole    int // criteria that count whole
}

// scoreOf adds up the criteria.
func scoreOf(kind int, all []Assessed) Score {
	var s Score
	total := 0
	for k, stage := range Stages {
		p := Part{Stage: stage, Weight: weights[kind][stage], Criteria: len(all)}
		if p.Weight == 0 {
			continue
		}
		for i := range all {
			n := all[i].Cells[k].Counts
			p.Sum += n
			if n == full {
				p.Whole++
			}
		}
		if len(all) > 0 {
			p.Tenths = p.Weight * 10 * p.Sum / (full * len(all))
		}
		total += p.Tenths
		s.Parts = append(s.Parts, p)
	}
	s.Points = total / 10
	return s
}

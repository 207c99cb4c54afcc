package control

import (
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Span is a run of days on which a control was expected at one frequency with one
// grace, both days included. A control that changes within a window has several:
// each version is held to its own words (domain 5, C7).
type Span struct {
	From      scope.Day
	Last      scope.Day
	Frequency Frequency
	Grace     int
}

// Spans lists what was expected of a control on the days of [first, last], in
// order. versions are all versions of one control, oldest first. A version binds
// from its first day in force to its last, and from its first day on it goes before
// every version recorded earlier; drafts and erased versions bind nobody. Only the
// first version in force may bind from before it was recorded (domain 0a rule 6): a
// later one that keeps an old first day binds from the day it was recorded, so that
// nobody changes what was expected of days gone by. Days on which no version binds
// are in no span; neighbours that expect the same are one.
func Spans(versions []register.Entry[Control], cal scope.Calendar, first, last scope.Day) []Span {
	if last < first {
		return nil
	}
	var out []Span
	bound := false // a version has been in force
	for i := range versions {
		v := &versions[i]
		if v.Value.Status == Draft && !v.Erased {
			continue
		}
		c := v.Value
		if bound {
			c.EffectiveFrom = max(c.EffectiveFrom, cal.Day(v.At))
		}
		bound = true
		if v.Erased {
			continue
		}
		out = supersede(out, c.EffectiveFrom, first)
		if from, to, ok := c.Active(first, last); ok {
			out = append(out, Span{from, to, c.Frequency, c.Grace})
		}
	}
	joined := out[:0]
	for _, s := range out {
		if n := len(joined); n > 0 && joined[n-1].Last.Add(1) == s.From && joined[n-1].Frequency == s.Frequency && joined[n-1].Grace == s.Grace {
			joined[n-1].Last = s.Last
			continue
		}
		joined = append(joined, s)
	}
	return joined
}

// supersede ends what earlier versions expected on the day before from.
func supersede(spans []Span, from, first scope.Day) []Span {
	if from <= first {
		return nil
	}
	kept := spans[:0]
	for _, s := range spans {
		if s.From >= from {
			continue
		}
		s.Last = min(s.Last, from.Add(-1))
		kept = append(kept, s)
	}
	return kept
}

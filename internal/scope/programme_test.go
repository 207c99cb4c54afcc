package scope

import (
	"slices"
	"testing"

	"bevis/internal/fault"
	"bevis/internal/framework"
)

func TestAdvise(t *testing.T) {
	for name, tc := range map[string]struct {
		a       Answers
		want    Report
		besides []string
	}{
		"nothing answered":            {Answers{}, "", nil},
		"too little":                  {Answers{Soon: "yes", Period: "no"}, "", nil},
		"somebody waits":              {Answers{Soon: "yes", Period: "no", Running: "no"}, Type1, nil},
		"waits for a period":          {Answers{Soon: "yes", Period: "yes", Running: "yes"}, Type1Then2, nil},
		"records are there":           {Answers{Soon: "no", Period: "no", Running: "yes"}, Type2, nil},
		"a period is asked for":       {Answers{Soon: "no", Period: "yes", Running: "no"}, Type2, nil},
		"nobody presses":              {Answers{Soon: "no", Period: "no", Running: "no"}, Type1Then2, nil},
		"other reports, on their own": {Answers{Financial: "yes", Public: "yes", ISO: "yes"}, "", []string{"soc1", "soc3", "iso"}},
	} {
		got := Advise(tc.a)
		if got.Report != tc.want || (got.Because == "") != (tc.want == "") || !slices.Equal(got.Besides, tc.besides) && len(got.Besides)+len(tc.besides) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestProgrammeDates(t *testing.T) {
	for name, tc := range map[string]struct {
		p    Programme
		want string
	}{
		"undecided":           {Programme{}, ""},
		"type 2":              {Programme{Report: Type2, From: "2026-01-01", Last: "2026-06-30"}, ""},
		"half a period":       {Programme{Report: Type2, From: "2026-01-01"}, "scope.both_days"},
		"backwards":           {Programme{Report: Type2, From: "2026-06-30", Last: "2026-01-01"}, "scope.order"},
		"no day":              {Programme{Report: Type1, AsOf: "2026-02-30"}, "scope.day"},
		"both":                {Programme{Report: Type1Then2, AsOf: "2026-03-31", From: "2026-04-01", Last: "2027-03-31"}, ""},
		"type 2 begins first": {Programme{Report: Type1Then2, AsOf: "2026-03-31", From: "2026-03-01", Last: "2026-08-31"}, "scope.type1_then_2"},
		"not within a year":   {Programme{Report: Type1Then2, AsOf: "2026-03-31", From: "2026-07-01", Last: "2027-06-30"}, "scope.type1_then_2"},
	} {
		if err := tc.p.checkDates(); (err == nil) != (tc.want == "") || tc.want != "" && !fault.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestProgrammeCategories(t *testing.T) {
	p := Programme{Categories: []CategoryChoice{{Category: framework.Privacy}, {Category: framework.Availability}}}
	if err := p.checkCategories(); err != nil || p.Chosen().String() != "security,availability,privacy" {
		t.Errorf("%v, %v", p.Chosen(), err)
	}
	for _, bad := range [][]CategoryChoice{{{Category: "secrecy"}}, {{Category: framework.Privacy}, {Category: framework.Privacy}}} {
		p.Categories = bad
		if err := p.checkCategories(); !fault.Is(err, "framework.category_unknown") {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

package window_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// counting counts how often something is read.
type counting struct {
	register.Reader
	n *int
}

func (c counting) Ctx() context.Context {
	*c.n++
	return c.Reader.Ctx()
}

// The tallies of all controls are those of each one, and take few reads however
// many controls there are: live and as of an older ledger index.
func TestTalliesAreReadTogether(t *testing.T) {
	b := newBench(t, "Europe/Stockholm")
	b.adopt("2025-12-01", "AC-04", "OP-04", "OP-01", "IR-01")
	w := b.open("2026-01-01", "2026-07-01")
	b.to("2026-06-20")
	for _, day := range []string{"2026-01-30", "2026-03-30", "2026-03-31"} {
		b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04", "OP-04"}, OccurredFrom: day, PerformedBy: "Ada Ek", Source: evidence.Source{System: "Archive", Locator: "x", Method: evidence.Export}})
	}
	size, _, err := b.Store.Head(b.ctx)
	b.must(err)
	gone := b.add(b.ctx, evidence.Upload{Controls: []string{"OP-04"}, OccurredFrom: "2026-05-30", PerformedBy: "Ada Ek", Source: evidence.Source{System: "Archive", Locator: "x", Method: evidence.Export}})
	lead, _ := b.person("Lena Ask", authz.Lead)
	_, err = b.Evidence.Return(lead, gone.Value.Code, "wrong file")
	b.must(err)
	var reads []int
	live, past := b.Store.Live(b.ctx), b.Store.At(b.ctx, size-1)
	for _, in := range []window.Reading{window.Now(live), {Live: live, At: past, Index: size - 1}} {
		r := in.At
		for _, today := range []string{"2026-02-01", "2026-06-20", "2026-12-31"} {
			n := 0
			cs, err := window.InScope(r, &w.Value)
			b.must(err)
			in.Live, in.At = counting{in.Live, &n}, counting{r, &n}
			if alike, err := in.InScope(&w.Value); err != nil || !reflect.DeepEqual(alike, cs) {
				t.Errorf("%d controls in scope, not %d; %v", len(alike), len(cs), err)
			}
			got, err := window.Count(in, &w.Value, cs, scope.Day(today))
			b.must(err)
			reads = append(reads, n)
			if len(got) != len(cs) || len(cs) < 3 {
				t.Fatalf("%d tallies of %d controls", len(got), len(cs))
			}
			for i, c := range cs {
				want, err := window.TallyOf(r, &w.Value, c, scope.Day(today))
				b.must(err)
				if !reflect.DeepEqual(got[i], want) {
					t.Errorf("%s on %s:\n%+v\n%+v", c.Value.Code, today, got[i], want)
				}
			}
		}
	}
	lib := []string{"AC-01", "AC-02", "AC-03", "AC-05", "OP-02", "OP-03", "OP-05", "CH-01", "CH-02", "GP-01", "GP-02"}
	b.adopt("2025-12-01", lib...)
	n := 0
	cs, err := window.InScope(live, &w.Value)
	b.must(err)
	in := window.Now(counting{live, &n})
	_, err = in.InScope(&w.Value)
	b.must(err)
	all, err := window.Count(in, &w.Value, cs, "2026-06-20")
	b.must(err)
	if len(all) < 10 || n != reads[0] {
		t.Errorf("%d controls take %d reads, a few took %v", len(all), n, reads)
	}
}

// Of each check and repository one result speaks: the one that covers most, the
// newest among equals.
func TestSpeaking(t *testing.T) {
	at := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	run := func(seq int64, name, source string, from, to int) register.Entry[check.Outcome] {
		return register.Entry[check.Outcome]{Seq: seq, Value: check.Outcome{Check: name, Source: source, Status: check.StatusFail, From: at(from).Format(ledger.TimeFormat), To: at(to).Format(ledger.TimeFormat)}}
	}
	var got []int64
	for _, e := range window.Speaking([]register.Entry[check.Outcome]{
		run(1, "reviewed", "a", 1, 30), run(2, "reviewed", "b", 1, 30), run(3, "reviewed", "a", 1, 30), run(4, "reviewed", "b", 20, 25), run(5, "ticket", "a", 1, 30), run(6, "ticket", "c", 30, 31),
	}, at(1), at(30)) {
		got = append(got, e.Seq)
	}
	if fmt.Sprint(got) != "[3 2 5]" {
		t.Errorf("%v", got)
	}
}

// People read a window's name in their language; what is stored stays in English.
func TestTitleInTheReadersLanguage(t *testing.T) {
	year, date := window.Window{Type: 2, From: "2026-01-01", Last: "2026-12-31"}, window.Window{Type: 1, From: "2026-03-31", Last: "2026-03-31"}
	for _, tc := range []struct{ got, want string }{
		{year.TitleIn(i18n.Swedish), "Typ 2, 2026-01-01 – 2026-12-31"},
		{year.TitleIn(i18n.English), year.Title()},
		{year.Title(), "Type 2, 2026-01-01 – 2026-12-31"},
		{date.TitleIn(i18n.Swedish), "Typ 1, 2026-03-31"},
		{date.TitleIn(i18n.English), date.Title()},
	} {
		if tc.got != tc.want {
			t.Errorf("%q, want %q", tc.got, tc.want)
		}
	}
}

package populations

import (
	"context"
	"maps"
	"slices"
	"strings"

	"bevis/internal/check"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/web/ui"
)

// fact is one line of the completeness statement: a name and what stands there.
type fact struct {
	name  string // message key
	lines []string
	hash  string // shown so that it can be copied
	kind  ui.Copy
	href  string // of the first line
}

// facts is a group of lines.
type facts struct {
	title string // message key
	facts []fact
}

// gapsShown bounds how many missing items the page names; the JSON has them all.
const gapsShown = 50

// statement is the completeness statement in the order in which an auditor asks:
// where the list comes from and by what question, how many there were and which,
// what was recomputed, with what tools, and what is missing (IPE, T1).
func statement(ctx context.Context, in reader, d dataset, name func(string) string) []facts {
	s := &d.Value.Statement
	from, to := d.Value.Period()
	say := func(key string, args ...any) string { return i18n.T(ctx, "populationspage.st."+key, args...) }
	id := itemsOf(d.Value)
	edge := func(e *population.Edge) fact {
		if e == nil {
			return fact{lines: []string{say("no_item")}}
		}
		return fact{hash: e.Item, kind: id, lines: []string{ui.Stamp(e.OccurredAt.Time())}}
	}
	first, last := edge(s.First), edge(s.Last)
	first.name, last.name = "first", "last"
	return []facts{
		{"origin", []fact{
			{name: "source", lines: []string{s.Source + " · " + s.Locator}},
			{name: "cloned_from", lines: []string{or(s.Origin, say("unsaid"))}},
			{name: "principal", lines: []string{name(s.Principal)}},
			{name: "query", lines: or2(s.Query, say("unsaid"))},
			{name: "parameters", lines: or2(pairs(s.Parameters), say("none"))},
			{name: "branch", lines: []string{or(s.Branch, say("unsaid"))}},
			{name: "head", hash: s.Head, kind: id},
			{name: "root", hash: s.Root, kind: id},
			{name: "collected", lines: []string{ui.Stamp(moment(d.Value.CollectedAt)), d.Value.Collector, say("entry", "Index", d.Seq)}},
		}},
		{"range", []fact{
			{name: "days", lines: []string{in.span(from, to).String(), say("instants", "From", ui.Stamp(from), "To", ui.Stamp(to))}},
			{name: "total", lines: []string{ui.Num(ctx, s.Total)}},
			{name: "before", lines: []string{ui.Num(ctx, s.Before)}},
			{name: "in", lines: []string{ui.Num(ctx, s.Items)}, href: "#rows"},
			{name: "after", lines: []string{ui.Num(ctx, s.After)}},
			{name: "sum", lines: []string{sum(ctx, s, say)}},
			first, last,
			{name: "reviewed", lines: []string{ui.Num(ctx, s.Reviewed)}},
			{name: "referenced", lines: []string{ui.Num(ctx, s.Referred)}},
		}},
		{"proof", []fact{
			{name: "verified", lines: []string{say("verified_of", "Verified", ui.Num(ctx, s.Verified), "Total", ui.Num(ctx, s.Total))}},
			{name: "range_digest", hash: s.RangeSHA256, kind: ui.CopySHA256},
			{name: "digest", hash: d.Value.SHA256, kind: ui.CopySHA256},
			{name: "schema", lines: []string{s.Schema}},
			{name: "tools", lines: or2(pairs(s.Tools), say("unsaid"))},
			{name: "gaps", lines: gaps(ctx, s.Gaps)},
			{name: "reasons", lines: reasons(ctx, s)},
		}},
	}
}

// itemsOf is what the ids of a dataset's items are.
func itemsOf(d population.Record) ui.Copy {
	if d.Source == "git" && d.Schema == population.ChangeSchema {
		return ui.CopyCommit
	}
	return ui.CopyItem
}

// sum says whether the parts make the whole: a list that does not add up is shown
// as such, never smoothed over.
func sum(ctx context.Context, s *population.Statement, say func(string, ...any) string) string {
	key := "sum_ok"
	if s.Before+s.Items+s.After != s.Total {
		key = "sum_off"
	}
	return say(key, "Before", ui.Num(ctx, s.Before), "Items", ui.Num(ctx, s.Items), "After", ui.Num(ctx, s.After), "Total", ui.Num(ctx, s.Total), "Sum", ui.Num(ctx, s.Before+s.Items+s.After))
}

func gaps(ctx context.Context, all []string) []string {
	if len(all) == 0 {
		return []string{i18n.T(ctx, "populationspage.st.no_gaps")}
	}
	out := slices.Clone(all[:min(len(all), gapsShown)])
	if n := len(all) - len(out); n > 0 {
		out = append(out, i18n.T(ctx, "populationspage.st.more_gaps", "Count", n))
	}
	return out
}

func reasons(ctx context.Context, s *population.Statement) []string {
	if s.Complete {
		return []string{i18n.T(ctx, "populationspage.st.no_reasons")}
	}
	var out []string
	for _, r := range s.Reasons {
		out = append(out, reasonText(ctx, r))
	}
	return or2(out, i18n.T(ctx, "populationspage.st.unsaid"))
}

// limits are what the statement does not prove, whatever it says.
func limits(ctx context.Context, source string) []string {
	keys := []string{"one_source", "content", "trusted_reader"}
	if source == "git" {
		keys = []string{"one_source", "committer_time", "review_line", "merge", "history", "trusted_reader"}
	}
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = i18n.T(ctx, "populationspage.limit."+k)
	}
	return out
}

// pairs lists a map by name; empty values are what was not chosen.
func pairs(m map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] != "" {
			out = append(out, k+": "+m[k])
		}
	}
	return out
}

func or(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

func or2(all []string, other string) []string {
	if len(all) == 0 {
		return []string{other}
	}
	return all
}

func newestFirst(all []result) []result {
	out := slices.Clone(all)
	slices.SortFunc(out, func(a, b result) int { return int(b.Seq - a.Seq) })
	return out
}

func notFound(code string) error {
	return fault.New(fault.NotFound, "populationspage.none", "Code", code)
}

// checkLine is a check that can test the dataset, with its newest result.
type checkLine struct {
	id, title string
	criteria  []string
	newest    *resultLine
	run       bool // the reader may test
}

func checkLines(ctx context.Context, all []check.Check, data showData, run bool) []checkLine {
	var out []checkLine
	for _, c := range all {
		if c.Schema != data.Dataset.Schema {
			continue
		}
		l := checkLine{id: c.ID, title: inLang(ctx, c.Title), criteria: c.Criteria, run: run}
		for i := range data.Results {
			if data.Results[i].Check == c.ID {
				l.newest = &data.Results[i]
				break
			}
		}
		out = append(out, l)
	}
	return out
}

// inLang is a text in the reader's language.
func inLang(ctx context.Context, t population.Text) string {
	if i18n.Of(ctx) == i18n.Swedish && t.Swedish != "" {
		return t.Swedish
	}
	return t.English
}

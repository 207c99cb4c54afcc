package readiness

import (
	"context"
	"strconv"
	"strings"
	"time"

	"bevis/internal/document"
	"bevis/internal/i18n"
)

// Document is the assessment for paper and spreadsheets, in the reader's language. It
// is the company's own; every copy says so.
func (r *Report) Document(ctx context.Context, organisation string, at time.Time) *document.Document {
	t := func(key string, args ...any) string { return i18n.T(ctx, "readiness_gap."+key, args...) }
	period := t("doc.type2", "Code", r.Code, "From", string(r.FirstDay), "Last", string(r.LastDay), "Zone", r.Zone)
	if r.Type == 1 {
		period = t("doc.type1", "Code", r.Code, "Day", string(r.LastDay), "Zone", r.Zone)
	}
	d := &document.Document{
		Title: t("doc.title", "Name", organisation), Subtitle: period, Lang: i18n.Of(ctx), At: at,
		Notes: []string{t("doc.internal"), r.Meaning},
	}
	score := &document.Table{Sheet: t("doc.score"), Columns: []document.Column{
		{Title: t("doc.stage"), Share: 2}, {Title: t("doc.points"), Number: true}, {Title: t("doc.of"), Number: true}, {Title: t("doc.how"), Share: 4},
	}}
	for _, p := range r.Parts {
		score.Rows = append(score.Rows, []string{p.Name, decimal(ctx, int(p.Points*10+.5), 1), strconv.Itoa(p.Of), p.How})
	}
	d.Parts = append(d.Parts, document.Part{
		Title: t("doc.score"), Table: score,
		Text: []string{t("doc.score_of", "Score", r.Score, "Today", string(r.Today)), t("doc.counts", "Whole", r.Whole, "Criteria", len(r.Criteria), "Gaps", r.Gaps)},
	})
	stages := &document.Table{Sheet: t("doc.stages"), Columns: []document.Column{{Title: t("doc.criterion")}, {Title: t("doc.name"), Share: 3}}}
	for _, s := range Stages {
		stages.Columns = append(stages.Columns, document.Column{Title: t("stage." + string(s)), Share: 1.6})
	}
	gaps := &document.Table{Sheet: t("doc.gaps"), Columns: []document.Column{
		{Title: t("doc.criterion")}, {Title: t("doc.control")}, {Title: t("doc.stage"), Share: 1.3}, {Title: t("doc.missing"), Share: 4}, {Title: t("doc.next"), Share: 4}, {Title: t("doc.effort")}, {Title: t("doc.due"), Share: 1.2},
	}}
	for i := range r.Criteria {
		c := &r.Criteria[i]
		row := []string{c.ID, c.Title}
		for _, s := range c.Stages {
			row = append(row, t("verdict."+string(s.Verdict)))
		}
		stages.Rows = append(stages.Rows, row)
		for _, g := range c.Gaps {
			gaps.Rows = append(gaps.Rows, []string{c.ID, g.Control, t("stage." + string(g.Stage)), g.Missing, g.Next, t("effort." + string(g.Effort)), string(g.Due)})
		}
	}
	next := &document.Table{Sheet: t("doc.steps"), Columns: []document.Column{
		{Title: t("doc.order"), Number: true, Share: .6}, {Title: t("doc.control")}, {Title: t("doc.next"), Share: 5}, {Title: t("doc.moves"), Number: true, Share: .8}, {Title: t("doc.effort")}, {Title: t("doc.due"), Share: 1.2}, {Title: t("doc.criteria"), Share: 2},
	}}
	for i := range r.Steps {
		s := &r.Steps[i]
		next.Rows = append(next.Rows, []string{strconv.Itoa(i + 1), s.Control, s.Next, strconv.Itoa(s.Effect), t("effort." + string(s.Effort)), string(s.Due), strings.Join(s.Criteria, ", ")})
	}
	d.Parts = append(d.Parts,
		document.Part{Title: t("doc.steps"), Text: []string{t("doc.steps.text")}, Table: next},
		document.Part{Title: t("doc.stages"), Table: stages},
		document.Part{Title: t("doc.gaps"), Table: gaps})
	return d
}

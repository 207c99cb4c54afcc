package coverage

import (
	"strings"
	"time"

	"bevis/internal/document"
	"bevis/internal/i18n"
)

// Document is the statement of applicability as a file for people. names are the
// accounts' names by id, organisation is who states it.
func (s *Statement) Document(lang i18n.Lang, organisation string, names map[string]string, at time.Time) *document.Document {
	t := func(key string, args ...any) string { return i18n.In(lang, key, args...) }
	d := &document.Document{
		Title: t("statement.title"), Subtitle: organisation + ", " + s.Framework.Title.For(lang), Lang: lang, At: at,
		Notes: []string{t("statement.own_words"), t("statement.proposed")},
	}
	if s.Undecided > 0 {
		d.Notes = append(d.Notes, t("statement.undecided", "Count", s.Undecided, "All", len(s.Lines)))
	}
	table := &document.Table{Sheet: t("statement.sheet"), Columns: []document.Column{
		{Title: t("statement.ref"), Share: 2},
		{Title: t("statement.name"), Share: 5},
		{Title: t("statement.applicable"), Share: 3},
		{Title: t("statement.reason_column"), Share: 7},
		{Title: t("statement.controls"), Share: 5},
		{Title: t("statement.status_column"), Share: 3},
		{Title: t("statement.owner_column"), Share: 3},
	}}
	for _, l := range s.Lines {
		row := []string{l.Ref.ID, l.Ref.Title.For(lang), t("statement.not_decided"), "", strings.Join(l.Controls, ", "), t("statement.not_decided"), ""}
		if l.Decided {
			row[2], row[3] = t("statement.no"), l.Decision.Reason
			if l.Decision.Applicable {
				row[2] = t("statement.yes")
			}
			row[5], row[6] = t("statement.status."+string(l.Decision.Status)), names[l.Decision.Owner]
		}
		table.Rows = append(table.Rows, row)
	}
	d.Parts = []document.Part{{Title: t("statement.annex"), Table: table}}
	return d
}

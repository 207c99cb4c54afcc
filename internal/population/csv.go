package population

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
)

var csvHeader = []string{
	"repository", "item", "occurred_at", "author_name", "author_email", "author_at", "committer_name", "committer_email",
	"parents", "subject", "references", "review_line_count", "reviewers", "message_sha256", "quirks",
}

// WriteCSV writes the rows for people and spreadsheets: UTF-8, one line a change,
// lists joined with "; ". The digest is not over these bytes.
//
// A cell that a spreadsheet would run as a formula (it begins with = + - @, a tab
// or a carriage return) gets an apostrophe in front.
func WriteCSV(ctx context.Context, w io.Writer, d *Dataset) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return fmt.Errorf("population: write CSV: %w", err)
	}
	for c, err := range d.Changes(ctx) {
		if err != nil {
			return err
		}
		reviewers := make([]string, len(c.Reviews))
		for i, r := range c.Reviews {
			reviewers[i] = r.Raw
		}
		cells := []string{
			c.Repository, c.Item, c.OccurredAt.String(), c.AuthorName, c.AuthorEmail, c.AuthorAt.String(), c.CommitterName, c.CommitterEmail,
			strconv.FormatInt(c.Parents, 10), c.Subject, strings.Join(c.References, "; "), strconv.FormatInt(c.ReviewLineCount, 10),
			strings.Join(reviewers, "; "), c.MessageSHA256, strings.Join(c.Quirks, "; "),
		}
		for i, cell := range cells {
			cells[i] = SafeCell(cell)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("population: write CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("population: write CSV: %w", err)
	}
	return nil
}

// SafeCell makes a spreadsheet cell that is read as text, never as a formula.
func SafeCell(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

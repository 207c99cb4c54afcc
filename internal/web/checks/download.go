package checks

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"bevis/internal/check"
	"bevis/internal/population"
)

// attach makes the answer a file that the browser saves.
func attach(w http.ResponseWriter, name, kind string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// stored hands out the report as it was kept, after comparing every byte with the
// digest in the ledger.
func (p Pages) stored(w http.ResponseWriter, r *http.Request, e result) error {
	ctx := r.Context()
	if err := p.Checks.Blobs.Verify(ctx, e.Value.Report.SHA256); err != nil {
		return err
	}
	b, err := p.Checks.Blobs.Open(ctx, e.Value.Report.SHA256)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // reading only
	attach(w, e.Value.Code+".json", "application/json")
	http.ServeContent(w, r, "", time.Time{}, b)
	return nil
}

// csv writes the items for people and spreadsheets: exactly those of ?status=,
// reasons in the reader's language.
func (p Pages) csv(w http.ResponseWriter, r *http.Request, e result) error {
	ctx := r.Context()
	res, err := p.report(ctx, &e.Value)
	if err != nil {
		return err
	}
	c, err := p.checkOf(ctx, &e.Value)
	if err != nil {
		return err
	}
	attach(w, e.Value.Code+".csv", "text/csv; charset=utf-8")
	if err := writeCSV(ctx, w, &c, sorted(res.Items, filterOf(r.URL.Query()))); err != nil {
		// The answer has begun: a cut file must not look like a whole one.
		p.Shell.Log.WarnContext(ctx, "download broken off", "file", e.Value.Code+".csv", "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func writeCSV(ctx context.Context, w io.Writer, c *check.Check, items []check.Item) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"repository", "item", "occurred_at", "status", "reason", "reason_text"}); err != nil {
		return fmt.Errorf("checks: write CSV: %w", err)
	}
	for _, it := range items {
		cells := []string{it.Repository, it.Item, it.OccurredAt.String(), string(it.Status), it.Reason, reasonText(ctx, c, it)}
		for i, cell := range cells {
			cells[i] = population.SafeCell(cell)
		}
		if err := out.Write(cells); err != nil {
			return fmt.Errorf("checks: write CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("checks: write CSV: %w", err)
	}
	return nil
}

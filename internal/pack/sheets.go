package pack

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"bevis/internal/population"
	"bevis/internal/window"
)

// book is a workbook being written, one streamed sheet at a time.
type book struct {
	f     *excelize.File
	head  int
	wrap  int
	first bool
}

func newBook() (*book, error) {
	b := &book{f: excelize.NewFile(), first: true}
	var err error
	if b.head, err = b.f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E9ECF2"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return nil, fmt.Errorf("pack: workbook: %w", err)
	}
	if b.wrap, err = b.f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return nil, fmt.Errorf("pack: workbook: %w", err)
	}
	return b, nil
}

// sheet writes lines above a table. Every cell is text that cannot be a formula.
func (b *book) sheet(name string, widths []float64, above [][]string, head []string, rows [][]string) error {
	if b.first {
		if err := b.f.SetSheetName("Sheet1", name); err != nil {
			return fmt.Errorf("pack: workbook: %w", err)
		}
		b.first = false
	} else if _, err := b.f.NewSheet(name); err != nil {
		return fmt.Errorf("pack: workbook: %w", err)
	}
	w, err := b.f.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("pack: workbook: %w", err)
	}
	for i, width := range widths {
		if err := w.SetColWidth(i+1, i+1, width); err != nil {
			return fmt.Errorf("pack: workbook: %w", err)
		}
	}
	n := 0
	line := func(cells []string, style int) error {
		n++
		vals := make([]any, len(cells))
		for i, c := range cells {
			vals[i] = excelize.Cell{StyleID: style, Value: population.SafeCell(c)}
		}
		return w.SetRow(fmt.Sprintf("A%d", n), vals)
	}
	for _, a := range above {
		if err := line(a, b.wrap); err != nil {
			return fmt.Errorf("pack: workbook: %w", err)
		}
	}
	if len(above) > 0 {
		n++
	}
	if err := line(head, b.head); err != nil {
		return fmt.Errorf("pack: workbook: %w", err)
	}
	for _, r := range rows {
		if err := line(r, b.wrap); err != nil {
			return fmt.Errorf("pack: workbook: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("pack: workbook: %w", err)
	}
	return nil
}

func (b *book) bytes() ([]byte, error) {
	var buf bytes.Buffer
	if err := b.f.Write(&buf); err != nil {
		return nil, fmt.Errorf("pack: workbook: %w", err)
	}
	if err := b.f.Close(); err != nil {
		return nil, fmt.Errorf("pack: workbook: %w", err)
	}
	return buf.Bytes(), nil
}

// blankRows is how many rows a per-event control's test sheet offers for the
// auditor's own selection.
const blankRows = 60

// testSheet is one control's sheet. Result, tester and conclusion are blank: they
// are the auditor's. What Bevis found stands on a sheet of its own, as
// management's monitoring.
func (b *builder) testSheet(c *controlDoc) ([]byte, error) {
	bk, err := newBook()
	if err != nil {
		return nil, err
	}
	v := c.Entry.Value
	above := [][]string{
		{b.t("pack.control"), v.Code + " " + b.text(v.Title)},
		{b.t("pack.statement"), b.text(v.Statement)},
		{b.t("pack.criteria"), strings.Join(v.Criteria, ", ")},
		{b.t("pack.period"), b.window.Value.Title()},
		{b.t("pack.frequency"), b.t("frequency." + string(v.Frequency))},
		{b.t("pack.conclusion"), ""},
		{b.t("pack.prepared"), ""},
		{b.t("pack.reviewed"), ""},
	}
	head := []string{b.t("pack.item"), b.t("pack.occurred"), b.t("pack.evidence"), "A", "B", "C", "D", b.t("pack.result"), b.t("pack.tester"), b.t("pack.date"), b.t("pack.comment")}
	var rows [][]string
	for _, o := range c.Tally.Occurrences {
		rows = append(rows, []string{b.t("pack.due", "Day", string(o.Slot.Due)), string(o.PerformedOn), o.Evidence, "", "", "", "", "", "", "", ""})
	}
	if c.Tally.Basis != window.ByClock {
		for _, e := range c.Evidence {
			rows = append(rows, []string{e.Entry.Value.Title, b.days(&e.Entry.Value), e.Entry.Value.Code, "", "", "", "", "", "", "", ""})
		}
		for range blankRows {
			rows = append(rows, make([]string, len(head)))
		}
	}
	if err := bk.sheet(b.t("pack.sheet_test"), []float64{28, 24, 24, 6, 6, 6, 6, 14, 18, 14, 40}, above, head, rows); err != nil {
		return nil, err
	}
	if err := bk.sheet(b.t("pack.sheet_monitoring"), []float64{24, 28, 18, 12, 12, 12, 16, 50}, [][]string{{b.t("pack.monitoring_note")}},
		[]string{b.t("pack.result_code"), b.t("pack.check"), b.t("pack.status"), b.t("pack.items"), b.t("pack.passed"), b.t("pack.deviations"), b.t("pack.undetermined"), b.t("pack.population")}, b.monitoring(c)); err != nil {
		return nil, err
	}
	return bk.bytes()
}

func (b *builder) monitoring(c *controlDoc) [][]string {
	var rows [][]string
	for _, r := range c.Results {
		v := r.Value
		rows = append(rows, []string{v.Code, fmt.Sprintf("%s v%d", v.Check, v.Version), b.t("ui.status.check." + string(v.Status)), fmt.Sprint(v.Population.Items), fmt.Sprint(v.Passed), fmt.Sprint(v.Deviations), fmt.Sprint(v.Undetermined), v.Population.SHA256})
	}
	if c.Tally.Basis == window.ByClock {
		rows = append(rows, []string{"", b.t("pack.occurrences"), "", fmt.Sprint(c.Tally.Expected), fmt.Sprint(c.Tally.OnTime), fmt.Sprint(c.Tally.Late + c.Tally.Missed), fmt.Sprint(c.Tally.Open), ""})
	}
	return rows
}

// workbook writes INDEX.xlsx.
func (b *builder) workbook() error {
	bk, err := newBook()
	if err != nil {
		return err
	}
	var controls, items, occurrences, datasets, left [][]string
	for _, c := range b.docs.Controls {
		v, t := c.Entry.Value, c.Tally
		controls = append(controls, []string{v.Code, b.text(v.Title), b.text(v.Statement), strings.Join(v.Criteria, ", "), b.t("frequency." + string(v.Frequency)), b.name(v.Owner), b.since(&v), fmt.Sprint(c.Versions), fmt.Sprint(t.Expected), fmt.Sprint(t.OnTime), fmt.Sprint(t.Late), fmt.Sprint(t.Missed), fmt.Sprint(len(c.Evidence))})
		for _, o := range t.Occurrences {
			occurrences = append(occurrences, []string{v.Code, string(o.Slot.Due), b.t("ui.status.occurrence." + string(o.State)), string(o.PerformedOn), o.Evidence, fmt.Sprint(o.DaysPastDue), strings.Join(o.Returned, " ")})
		}
	}
	for i := range b.docs.Evidence {
		e := &b.docs.Evidence[i]
		v := &e.Entry.Value
		var traits, labels []string
		for _, t := range e.Traits.Named() {
			traits = append(traits, b.t("trait.name."+t.Name)+": "+b.t("trait.verdict."+string(t.Verdict)))
		}
		for _, l := range e.Labels {
			labels = append(labels, b.t("ui.lateness."+string(l)))
		}
		digest := ""
		if len(v.Files) > 0 {
			digest = v.Files[0].SHA256
		}
		items = append(items, []string{v.Code, v.Title, b.t("evidence.type." + string(v.Type)), strings.Join(e.Controls, ", "), b.days(v), v.CapturedAt, e.Received, b.name(v.PerformedBy), v.Source.System, v.Source.Locator, b.t("ui.status.evidence." + string(v.Status)), strings.Join(labels, "; "), strings.Join(traits, "; "), strings.Join(e.Paths, "\n"), digest, fmt.Sprint(e.Entry.Seq)})
	}
	for _, d := range b.docs.Datasets {
		v := d.Value
		datasets = append(datasets, []string{v.Code, v.Name, v.Source, v.Entity, fmt.Sprint(v.Items), fmt.Sprint(v.Statement.Complete), strings.Join(v.Statement.Reasons, ", "), v.Statement.Head, v.SHA256, v.File.SHA256})
	}
	for _, l := range b.leftOut {
		left = append(left, []string{l.Kind, b.t("pack.left_out." + l.Reason), fmt.Sprint(l.Count)})
	}
	for _, s := range []struct {
		name   string
		widths []float64
		head   []string
		rows   [][]string
	}{
		{b.t("pack.sheet_controls"), []float64{10, 34, 70, 20, 16, 22, 14, 10, 10, 10, 10, 10, 10}, []string{b.t("pack.control"), b.t("pack.title"), b.t("pack.statement"), b.t("pack.criteria"), b.t("pack.frequency"), b.t("pack.owner"), b.t("pack.in_force_from"), b.t("pack.versions"), b.t("pack.expected"), b.t("ui.status.occurrence.on_time"), b.t("ui.status.occurrence.late"), b.t("ui.status.occurrence.missed"), b.t("pack.evidence")}, controls},
		{b.t("pack.sheet_evidence"), []float64{10, 36, 20, 16, 24, 26, 22, 20, 18, 30, 14, 26, 44, 50, 30, 10}, []string{b.t("pack.item"), b.t("pack.title"), b.t("pack.type"), b.t("pack.controls"), b.t("pack.occurred"), b.t("pack.captured"), b.t("pack.received"), b.t("pack.performed_by"), b.t("pack.system"), b.t("pack.locator"), b.t("pack.status"), b.t("pack.labels"), b.t("pack.traits"), b.t("pack.files"), "SHA-256", b.t("pack.ledger_index")}, items},
		{b.t("pack.sheet_occurrences"), []float64{10, 14, 16, 16, 12, 14, 20}, []string{b.t("pack.control"), b.t("pack.due_day"), b.t("pack.status"), b.t("pack.performed_on"), b.t("pack.evidence"), b.t("pack.days_past"), b.t("pack.returned")}, occurrences},
		{b.t("pack.sheet_populations"), []float64{10, 20, 12, 12, 10, 12, 24, 44, 66, 66}, []string{b.t("pack.item"), b.t("pack.title"), b.t("pack.system"), b.t("pack.entity"), b.t("pack.items"), b.t("pack.complete"), b.t("pack.reasons"), b.t("pack.head"), b.t("pack.digest"), b.t("pack.file_digest")}, datasets},
		{b.t("pack.sheet_left_out"), []float64{20, 60, 10}, []string{b.t("pack.kind"), b.t("pack.reason"), b.t("pack.count")}, left},
	} {
		if err := bk.sheet(s.name, s.widths, nil, s.head, s.rows); err != nil {
			return err
		}
	}
	raw, err := bk.bytes()
	if err != nil {
		return err
	}
	return b.out.bytes(b.ctx, "INDEX.xlsx", raw)
}

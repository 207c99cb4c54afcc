package document

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"bevis/internal/i18n"
)

// XLSX writes the document as a workbook: its words on the first sheet, each table
// on one of its own. Text that begins like a formula stays text.
func (d *Document) XLSX(w io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.SetDocProps(&excelize.DocProperties{
		Title: d.Title, Creator: "Bevis", Language: string(d.Lang),
		Created: d.At.UTC().Format("2006-01-02T15:04:05Z"), Modified: d.At.UTC().Format("2006-01-02T15:04:05Z"),
	}); err != nil {
		return fmt.Errorf("document: workbook: %w", err)
	}
	b := book{f: f, names: map[string]bool{}}
	if b.bold, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return fmt.Errorf("document: workbook: %w", err)
	}
	if b.wrap, err = f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return fmt.Errorf("document: workbook: %w", err)
	}
	if err := b.words(d); err != nil {
		return fmt.Errorf("document: workbook: %w", err)
	}
	for i := range d.Parts {
		if t := d.Parts[i].Table; t != nil && len(t.Columns) > 0 {
			if err := b.table(t, d.Parts[i].Title); err != nil {
				return fmt.Errorf("document: workbook: %w", err)
			}
		}
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("document: write workbook: %w", err)
	}
	return nil
}

type book struct {
	f          *excelize.File
	names      map[string]bool // sheets, in lower case
	bold, wrap int             // styles
}

// sheetName makes a name that workbooks allow and that no other sheet has.
func (b *book) sheetName(want string) string {
	clean := strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r < ' ' {
			return ' '
		}
		return r
	}, want))
	if clean == "" {
		clean = "Table"
	}
	cut := func(s string, n int) string {
		for utf8.RuneCountInString(s) > n {
			_, size := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-size]
		}
		return strings.TrimSpace(s)
	}
	name := cut(clean, 31)
	for i := 2; b.names[strings.ToLower(name)]; i++ {
		name = cut(clean, 26) + " " + strconv.Itoa(i)
	}
	b.names[strings.ToLower(name)] = true
	return name
}

func (b *book) words(d *Document) error {
	about := "About"
	if d.Lang == i18n.Swedish {
		about = "Om"
	}
	name := b.sheetName(about)
	if err := b.f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := b.f.SetColWidth(name, "A", "A", 110); err != nil {
		return err
	}
	row := 0
	put := func(style int, s string) error {
		row++
		at := "A" + strconv.Itoa(row)
		return errors.Join(b.f.SetCellStr(name, at, s), b.f.SetCellStyle(name, at, at, style))
	}
	errs := []error{put(b.bold, d.Title)}
	if d.Subtitle != "" {
		errs = append(errs, put(b.wrap, d.Subtitle))
	}
	errs = append(errs, put(b.wrap, d.made()))
	for _, n := range d.Notes {
		errs = append(errs, put(b.wrap, n))
	}
	for _, p := range d.Parts {
		if len(p.Text) == 0 {
			continue
		}
		row++
		errs = append(errs, put(b.bold, p.Title))
		for _, t := range p.Text {
			errs = append(errs, put(b.wrap, t))
		}
	}
	return errors.Join(errs...)
}

// sheetWidth is how many characters a table's columns share, about what a screen shows.
const sheetWidth = 160

func (b *book) table(t *Table, title string) error {
	if t.Sheet != "" {
		title = t.Sheet
	}
	name := b.sheetName(title)
	if _, err := b.f.NewSheet(name); err != nil {
		return err
	}
	sw, err := b.f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, s := range t.shares() {
		if err := sw.SetColWidth(i+1, i+1, min(max(s*sheetWidth, 8), 90)); err != nil {
			return err
		}
	}
	if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = excelize.Cell{StyleID: b.bold, Value: c.Title}
	}
	if err := sw.SetRow("A1", head); err != nil {
		return err
	}
	for n, r := range t.Rows {
		cells := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			cells[i] = excelize.Cell{StyleID: b.wrap, Value: value(cell(r, i), c.Number)}
		}
		if err := sw.SetRow("A"+strconv.Itoa(n+2), cells); err != nil {
			return err
		}
	}
	return sw.Flush()
}

// cellMost is the longest text that a cell holds, in characters.
const cellMost = 32767

func value(s string, number bool) any {
	if n, err := strconv.ParseInt(s, 10, 64); number && err == nil && n > -1<<53 && n < 1<<53 {
		return n
	}
	if utf8.RuneCountInString(s) > cellMost {
		s = string([]rune(s)[:cellMost-4]) + " […" // the PDF has all of it
	}
	return s
}

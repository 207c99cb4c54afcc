package document

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/text/encoding/charmap"
)

// Millimetres and points of a page: A4, upright, or across for a table of many
// columns.
const (
	margin     = 14.0
	lineHeight = 4.6
	bodySize   = 9.0
	wideFrom   = 6 // columns from which a document lies across
)

// PDF writes the document as PDF, A4. Its fonts are those that every reader has;
// a character outside their reach (Windows-1252: all of English and Swedish) is
// printed as a question mark.
func (d *Document) PDF(w io.Writer) error {
	lie := "P"
	for _, p := range d.Parts {
		if p.Table != nil && len(p.Table.Columns) >= wideFrom {
			lie = "L"
		}
	}
	p := printer{f: fpdf.New(lie, "mm", "A4", "")}
	p.f.SetMargins(margin, margin, margin)
	p.f.SetAutoPageBreak(true, margin+6)
	p.f.SetCatalogSort(true) // the same document gives the same bytes
	p.f.SetCreationDate(d.At.UTC())
	p.f.SetModificationDate(d.At.UTC())
	p.f.SetProducer("Bevis", false)
	p.f.SetTitle(d.Title, true)
	p.f.SetLang(string(d.Lang))
	p.f.AliasNbPages("{pages}")
	p.f.SetFooterFunc(func() { p.footer(d) })
	p.f.AddPage()
	p.text("B", 16, 7.5, d.Title)
	if d.Subtitle != "" {
		p.text("", 11, 6, d.Subtitle)
	}
	p.f.Ln(1.5)
	for _, n := range d.Notes {
		p.text("", bodySize, lineHeight, n)
		p.f.Ln(1)
	}
	for i := range d.Parts {
		p.part(&d.Parts[i])
	}
	if err := p.f.Output(w); err != nil {
		return fmt.Errorf("document: write PDF: %w", err)
	}
	return nil
}

type printer struct{ f *fpdf.Fpdf }

// encode gives text in the fonts' code page.
func encode(s string) string {
	var b strings.Builder
	for _, r := range s {
		c, ok := charmap.Windows1252.EncodeRune(r)
		if !ok || c < ' ' && c != '\n' {
			c = '?'
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (p printer) text(style string, size, height float64, s string) {
	p.f.SetFont("Helvetica", style, size)
	p.f.MultiCell(0, height, encode(s), "", "L", false)
}

func (p printer) footer(d *Document) {
	p.f.SetY(-margin)
	p.f.SetFont("Helvetica", "", 7.5)
	p.f.SetTextColor(90, 90, 90)
	width, _ := p.f.GetPageSize()
	half := (width - 2*margin) / 2
	p.f.CellFormat(half, 4, encode(d.Title+" · "+d.made()), "", 0, "L", false, 0, "")
	p.f.CellFormat(half, 4, strconv.Itoa(p.f.PageNo())+" / {pages}", "", 0, "R", false, 0, "")
	p.f.SetTextColor(0, 0, 0)
}

func (p printer) part(x *Part) {
	p.f.Ln(3)
	p.room(lineHeight * 5)
	if x.Title != "" {
		p.text("B", 12, 6, x.Title)
		p.f.Ln(0.5)
	}
	for _, t := range x.Text {
		p.text("", bodySize, lineHeight, t)
		p.f.Ln(1)
	}
	if x.Table != nil && len(x.Table.Columns) > 0 {
		p.table(x.Table)
	}
}

// room begins a new page if height does not fit on this one.
func (p printer) room(height float64) bool {
	_, page := p.f.GetPageSize()
	if p.f.GetY()+height <= page-margin-6 {
		return false
	}
	p.f.AddPage()
	return true
}

func (p printer) table(t *Table) {
	page, _ := p.f.GetPageSize()
	widths := t.shares()
	for i := range widths {
		widths[i] *= page - 2*margin
	}
	p.head(t, widths)
	p.f.SetFont("Helvetica", "", bodySize-1)
	for _, r := range t.Rows {
		p.row(t, widths, r)
	}
}

func (p printer) head(t *Table, widths []float64) {
	p.f.SetFont("Helvetica", "B", bodySize-1)
	p.f.SetFillColor(240, 241, 244)
	cells := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		cells[i] = c.Title
	}
	p.cells(t, widths, p.split(widths, cells), true)
}

// rowMost is how many lines of a cell stand together; a longer cell goes on in
// another row.
const rowMost = 30

func (p printer) row(t *Table, widths []float64, row []string) {
	cells := make([]string, len(t.Columns))
	for i := range cells {
		cells[i] = cell(row, i)
	}
	lines := p.split(widths, cells)
	for more := true; more; {
		part := make([][]string, len(lines))
		more = false
		for i, l := range lines {
			part[i] = l[:min(len(l), rowMost)]
			lines[i] = l[len(part[i]):]
			more = more || len(lines[i]) > 0
		}
		if p.room(height(part)) {
			p.head(t, widths)
			p.f.SetFont("Helvetica", "", bodySize-1)
		}
		p.cells(t, widths, part, false)
	}
}

func (p printer) split(widths []float64, cells []string) [][]string {
	out := make([][]string, len(cells))
	for i, c := range cells {
		for _, l := range p.f.SplitLines([]byte(encode(c)), widths[i]) {
			out[i] = append(out[i], string(l))
		}
	}
	return out
}

func height(lines [][]string) float64 {
	most := 1
	for _, l := range lines {
		most = max(most, len(l))
	}
	return float64(most)*(lineHeight-0.6) + 1.4
}

// cells prints one row of lines that are encoded already.
func (p printer) cells(t *Table, widths []float64, lines [][]string, fill bool) {
	x, y, tall := p.f.GetX(), p.f.GetY(), height(lines)
	for i, l := range lines {
		style := "D"
		if fill {
			style = "FD"
		}
		p.f.SetDrawColor(200, 203, 208)
		p.f.Rect(x, y, widths[i], tall, style)
		align := "L"
		if t.Columns[i].Number {
			align = "R"
		}
		for j, s := range l {
			p.f.SetXY(x, y+0.7+float64(j)*(lineHeight-0.6))
			p.f.CellFormat(widths[i], lineHeight-0.6, s, "", 0, align, false, 0, "")
		}
		x += widths[i]
	}
	p.f.SetXY(margin, y+tall)
}

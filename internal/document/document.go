package document

import (
	"time"

	"bevis/internal/i18n"
)

// Document is what a person takes along: a title, notes under it, and parts of text
// and tables.
type Document struct {
	Title    string
	Subtitle string
	Lang     i18n.Lang
	At       time.Time // when it was made; printed in UTC
	Notes    []string  // what a reader must know before the first part
	Parts    []Part
}

// Part is a heading with text under it and perhaps a table.
type Part struct {
	Title string
	Text  []string
	Table *Table
}

// Table is rows of text. In a workbook it is a sheet of its own.
type Table struct {
	Sheet   string // name of the sheet; the part's title where empty
	Columns []Column
	Rows    [][]string // each as long as Columns; what is missing is empty
}

// Column is one column of a table.
type Column struct {
	Title  string
	Share  float64 // of the page's width, in proportion to the others; 0 counts as 1
	Number bool    // right-aligned; whole numbers become numbers in a workbook
}

// made is the line that says when the document was made.
func (d *Document) made() string {
	return d.At.UTC().Format("2006-01-02 15:04") + " UTC"
}

// cell is a row's cell, empty where the row is too short.
func cell(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// shares are the columns' widths in parts of one.
func (t *Table) shares() []float64 {
	out, sum := make([]float64, len(t.Columns)), 0.0
	for i, c := range t.Columns {
		out[i] = c.Share
		if c.Share <= 0 {
			out[i] = 1
		}
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

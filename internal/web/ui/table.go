package ui

import "github.com/a-h/templ"

// Table is the frame of a list. Its children are GroupRow and Row inside RowGroup.
type Table struct {
	ID      string // the live target; unique on the page
	Caption string // read to screen readers
	Columns []Column
	Select  bool // a column of boxes; the table must stand in a BulkForm
	// Announce is said when a filter has swapped the table: "12 controls".
	Announce string
	// Empty is shown instead of the table when there are no rows: two different ones
	// for "nothing here yet" and "nothing matches".
	Empty *Empty
	Pager *Pager
}

// Span is the number of columns, for GroupRow.
func (t Table) Span() int {
	if t.Select {
		return len(t.Columns) + 1
	}
	return len(t.Columns)
}

// CellKind decides alignment, and what becomes of the cell on a narrow screen, where a
// row is a card.
type CellKind string

// The kinds of cells.
const (
	CellText   CellKind = ""       // shown in the card after its label
	CellNum    CellKind = "num"    // right-aligned, tabular
	CellGlyph  CellKind = "mid"    // centred; not in the card
	CellDate   CellKind = "date"   // never wrapped
	CellCover  CellKind = "cov"    // a CoverageStrip
	CellOwner  CellKind = "own"    // an Owner; the last line of the card
	CellStatus CellKind = "status" // a StatusPill; right in the card
	CellAction CellKind = "act"    // buttons
	CellDiff   CellKind = "diff"   // long text, a line of its own
)

func (k CellKind) class() string {
	if k == CellText {
		return ""
	}
	return "c-" + string(k)
}

// labelled tells whether the narrow card repeats the column's name before the value.
func (k CellKind) labelled() bool {
	return k == CellText || k == CellNum || k == CellDate || k == CellDiff
}

// Cell is one value of a row.
type Cell struct {
	Label string // the column's name again, for the narrow card
	Kind  CellKind
}

func (c Cell) attrs() templ.Attributes {
	at := templ.Attributes{}
	if class := c.Kind.class(); class != "" {
		at["class"] = class
	}
	if c.Label != "" && c.Kind.labelled() {
		at["data-label"] = c.Label
	}
	return at
}

// Column is a heading.
type Column struct {
	Label  string
	Kind   CellKind
	Hidden bool // the label is for screen readers only
	Sort   *Sort
}

// Sort makes a heading a link.
type Sort struct {
	Href string
	Dir  string // "asc", "desc" or "" when the table is sorted by something else
}

func (s Sort) icon() string {
	switch s.Dir {
	case "asc", "desc":
		return s.Dir
	}
	return "sort"
}

func (c Column) attrs() templ.Attributes {
	at := templ.Attributes{"scope": "col"}
	if class := c.Kind.class(); class != "" {
		at["class"] = class
	}
	if c.Sort != nil {
		switch c.Sort.Dir {
		case "asc":
			at["aria-sort"] = "ascending"
		case "desc":
			at["aria-sort"] = "descending"
		}
	}
	return at
}

// Group is a band between rows: CC6, Logical and physical access, 7 of 8 ready.
type Group struct {
	Code, Title, Note string
	Span              int // Table.Span
}

// Row is one line; its first cell is the only link to the thing itself.
type Row struct {
	ID    string // of the tr; may be empty
	Href  string
	Code  string // "CC6.1", in front of the title
	Title string
	// Select is the box's value; the row has no box if it is empty.
	Select string
	Name   string // the box's field; "id" if empty
}

func (r Row) name() string {
	if r.Name == "" {
		return "id"
	}
	return r.Name
}

// Pager shows where in a long list the page is. From and To count from 1.
type Pager struct {
	From, To, Total int
	Prev, Next      string // empty at the ends
}

func rowName(r Row) string {
	if r.Code != "" {
		return r.Code
	}
	return r.Title
}

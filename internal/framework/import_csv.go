package framework

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// ownColumns are the columns of a CSV file, in this order.
var ownColumns = []string{"ref", "group", "title", "criteria", "relation", "rationale"}

// readCSV reads one reference a row. Several criteria of one reference stand in one
// cell with semicolons between them; the relation then is one for all, or as many
// as there are criteria.
func (d *draft) readCSV(raw []byte) {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1 // counted below, with a sentence of its own
	for head := false; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if !head {
				d.wrong("framework.import.empty", cell{row: 1})
			}
			return
		}
		if err != nil {
			row, why := 1, err.Error()
			if e, ok := errors.AsType[*csv.ParseError](err); ok {
				row, why = e.Line, e.Err.Error()
			}
			d.wrong("framework.import.csv", cell{row: row}, "Why", why)
			return
		}
		row, _ := r.FieldPos(0)
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !head:
			if head = isHead(cells); !head {
				d.wrong("framework.import.header", cell{row: row}, "Found", strings.Join(cells, ","), "Want", strings.Join(ownColumns, ","))
				return
			}
		case isHead(cells):
			d.wrong("framework.import.second_header", cell{row: row})
			return
		case strings.Join(cells, "") == "": // an empty line of a spreadsheet
		case len(cells) != len(ownColumns):
			if !d.wrong("framework.import.columns", cell{row: row}, "Found", len(cells), "Want", len(ownColumns)) && d.full() {
				return
			}
		default:
			if !d.add(d.rowCSV(row, cells)) {
				return
			}
		}
	}
}

func isHead(cells []string) bool {
	return slices.EqualFunc(cells, ownColumns, strings.EqualFold)
}

func (d *draft) rowCSV(row int, cells []string) draftRef {
	at := func(i int) cell { return cell{text: cells[i], row: row, column: ownColumns[i]} }
	r := draftRef{id: at(0), group: at(1), title: Text{EN: cells[2]}, titleAt: at(2)}
	criteria, relations := listed(cells[3]), listed(cells[4])
	switch {
	case len(criteria) == 0:
		for _, i := range []int{4, 5} {
			if cells[i] != "" {
				d.wrong("framework.import.no_criterion", at(i), "Text", cells[i])
			}
		}
	case len(relations) != 1 && len(relations) != len(criteria):
		d.wrong("framework.import.relations", at(4), "Criteria", len(criteria), "Relations", len(relations))
		return r
	}
	for i, c := range criteria {
		m := draftRow{criterion: at(3), relation: at(4), rationale: Text{EN: cells[5]}, rationaleAt: at(5)}
		m.criterion.text, m.relation.text = c, relations[min(i, len(relations)-1)]
		r.criteria = append(r.criteria, m)
	}
	return r
}

// listed splits a cell at its semicolons.
func listed(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

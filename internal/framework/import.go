package framework

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"bevis/internal/fault"
)

// Source names an own framework where its file does not: CSV names nothing, OSCAL
// has a title and a version but no short id. What is given here goes before what
// the file says.
type Source struct {
	ID, Title, Version string
}

// Problems are everything that is wrong with a file, in its order; nothing of such
// a file is taken. The first one stands for all where there is room for one.
type Problems []*fault.Error //nolint:errname // it is a list of what is wrong, and reads so where it is used

// problemsMost bounds how many are told.
const problemsMost = 20

// Error is the text for logs.
func (p Problems) Error() string { return fmt.Sprintf("%v (%d problems)", p[0], len(p)) }

// Unwrap gives the first fault to errors.As.
func (p Problems) Unwrap() error { return p[0] }

// Parse reads an own framework from a file: YAML in the shape that readYAML shows, CSV with the
// columns ref,group,title,criteria,relation,rationale, or an OSCAL catalogue in
// JSON. The kind follows from the name's ending. skipped counts controls that an
// OSCAL catalogue marks as withdrawn. It fails with Problems.
func Parse(name string, raw []byte, s Source) (f *Reference, skipped int, err error) {
	d := &draft{file: path.Base(strings.ReplaceAll(name, `\`, "/"))}
	d.set, err = TSC2017()
	if err != nil {
		return nil, 0, err
	}
	switch {
	case len(raw) > MaxOwnBytes:
		return nil, 0, Problems{fault.New(fault.TooLarge, "framework.import.too_large", "File", d.file, "Max", MaxOwnBytes>>20)}
	case !utf8.Valid(raw):
		row, column := place(raw, firstInvalid(raw))
		return nil, 0, Problems{d.fault("framework.import.utf8", row, fmt.Sprint(column))}
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	switch ext := strings.ToLower(path.Ext(d.file)); ext {
	case ".csv":
		d.readCSV(raw)
	case ".yaml", ".yml":
		d.readYAML(raw)
	case ".json":
		d.readOSCAL(raw)
	default:
		return nil, 0, Problems{fault.New(fault.Invalid, "framework.import.kind", "File", d.file)}
	}
	f = d.finish(s)
	if len(d.problems) > 0 {
		return nil, 0, d.problems
	}
	return f, d.skipped, nil
}

// firstInvalid is where the first byte stands that is not UTF-8.
func firstInvalid(raw []byte) int {
	for i := 0; i < len(raw); {
		r, n := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return len(raw)
}

// place is line and column of a byte, both from 1; the column counts bytes.
func place(raw []byte, at int) (row, column int) {
	before := string(raw[:min(at, len(raw))])
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

// draft is a framework as it is being read.
type draft struct {
	file     string
	set      *Set
	id       cell
	version  cell
	title    Text
	titleAt  cell
	refs     []draftRef
	skipped  int
	problems Problems
}

// cell is a text and where it stands. Column is the name of a CSV column or the
// path of a field.
type cell struct {
	text   string
	row    int
	column string
}

type draftRef struct {
	id, group cell
	title     Text
	titleAt   cell
	criteria  []draftRow
}

type draftRow struct {
	criterion, relation cell
	rationale           Text
	rationaleAt         cell
}

func (d *draft) fault(key string, row int, column string, args ...any) *fault.Error {
	return fault.New(fault.Invalid, key, append([]any{"File", d.file, "Row", row, "Column", column}, args...)...)
}

// wrong notes a problem. It reports false so that a reader can stop.
func (d *draft) wrong(key string, at cell, args ...any) bool {
	if len(d.problems) < problemsMost {
		d.problems = append(d.problems, d.fault(key, at.row, at.column, args...))
	}
	return false
}

// full reports whether enough is known to refuse the file.
func (d *draft) full() bool { return len(d.problems) >= problemsMost }

// add takes a reference, and refuses the one too many.
func (d *draft) add(r draftRef) bool {
	if len(d.refs) == MaxOwnRefs {
		return d.wrong("framework.import.too_many", r.id, "Max", MaxOwnRefs)
	}
	d.refs = append(d.refs, r)
	return !d.full()
}

// finish checks what was read and makes the framework of it.
func (d *draft) finish(s Source) *Reference {
	f := &Reference{Kind: KindOwn, Status: Proposed, Set: d.set.ID, Title: d.title, Groups: []RefGroup{}, Refs: []Ref{}, Rows: []Row{}}
	f.ID = first(s.ID, d.id.text, slug(d.file))
	f.Version = first(s.Version, d.version.text, "1")
	if t := strings.TrimSpace(s.Title); t != "" {
		f.Title = Text{EN: t}
	}
	if f.Title.EN == "" && len(d.problems) == 0 {
		d.wrong("framework.import.no_title", d.titleAt)
	}
	if len(d.problems) > 0 {
		return nil
	}
	if err := OwnIDFree(f.ID); err != nil {
		if own, ok := fault.As(err); ok {
			d.problems = append(d.problems, own)
		}
	}
	if !plain(f.Title.EN, maxTitle) || f.Title.SV != "" && !plain(f.Title.SV, maxTitle) {
		d.wrong("framework.import.text", d.titleAt, "Max", maxTitle)
	}
	if !plain(f.Version, maxRef) {
		d.wrong("framework.import.text", d.version, "Max", maxRef)
	}
	d.takeRefs(f)
	if len(d.problems) > 0 {
		return nil
	}
	f.index(d.set)
	return f
}

func (d *draft) takeRefs(f *Reference) {
	groups, at := map[string]bool{}, map[string]int{}
	d.refs = slices.DeleteFunc(d.refs, func(r draftRef) bool { return r.id.text == gone })
	if len(d.refs) == 0 {
		d.wrong("framework.import.empty", cell{row: 1})
	}
	for i := range d.refs {
		r := &d.refs[i]
		switch {
		case r.id.text == "":
			d.wrong("framework.import.ref_empty", r.id)
		case !refOK(r.id.text):
			d.wrong("framework.import.text", r.id, "Max", maxRef)
		case at[r.id.text] > 0:
			d.wrong("framework.import.ref_twice", r.id, "Ref", r.id.text, "First", at[r.id.text])
		default:
			at[r.id.text] = max(r.id.row, 1)
		}
		if r.title.EN == "" {
			d.wrong("framework.import.title_empty", r.titleAt, "Ref", r.id.text)
		} else if !plain(r.title.EN, maxTitle) || r.title.SV != "" && !plain(r.title.SV, maxTitle) {
			d.wrong("framework.import.text", r.titleAt, "Max", maxTitle)
		}
		if g := r.group.text; g != "" && !groups[g] {
			if !plain(g, maxTitle) {
				d.wrong("framework.import.text", r.group, "Max", maxTitle)
			}
			groups[g] = true
			f.Groups = append(f.Groups, RefGroup{ID: g, Title: Text{EN: g}})
		}
		f.Refs = append(f.Refs, Ref{ID: r.id.text, Group: r.group.text, Title: r.title})
		d.takeRows(f, r)
		if d.full() {
			return
		}
	}
}

func (d *draft) takeRows(f *Reference, r *draftRef) {
	seen := map[string]bool{}
	for _, m := range r.criteria {
		_, known := d.set.criteria[m.criterion.text]
		switch {
		case !known:
			d.wrong("framework.import.criterion", m.criterion, "ID", m.criterion.text, "Set", d.set.ID)
		case seen[m.criterion.text]:
			d.wrong("framework.import.criterion_twice", m.criterion, "ID", m.criterion.text, "Ref", r.id.text)
		}
		seen[m.criterion.text] = true
		if rel := Relation(m.relation.text); !rel.Valid() {
			d.wrong("framework.import.relation", m.relation, "Relation", m.relation.text)
		}
		for _, t := range []string{m.rationale.EN, m.rationale.SV} {
			if t != "" && !plain(t, maxReason) {
				d.wrong("framework.import.text", m.rationaleAt, "Max", maxReason)
			}
		}
		f.Rows = append(f.Rows, Row{Criterion: m.criterion.text, Ref: r.id.text, Relation: Relation(m.relation.text), Rationale: m.rationale})
	}
}

func first(all ...string) string {
	for _, s := range all {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// slug makes an id of a file's name: small letters, digits and hyphens.
func slug(file string) string {
	name := strings.ToLower(strings.TrimSuffix(file, path.Ext(file)))
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.':
			return r
		case r == 'å', r == 'ä':
			return 'a'
		case r == 'ö':
			return 'o'
		}
		return '-'
	}, name)
	return strings.Trim(name[:min(len(name), 60)], "-.")
}

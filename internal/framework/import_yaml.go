package framework

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// What a YAML file may hold of the marks that make structure: a framework of the
// largest size needs half of it, and a file made to exhaust memory does not fit.
const (
	yamlMarks = 1_000_000
	yamlDeep  = 64 // marks on one line before any word
)

// readYAML reads a file in our own shape:
//
//	id: customer-rules
//	version: "2026"
//	title: Rules of a customer
//	refs:
//	  - ref: R.1
//	    group: Access
//	    title: Accounts are removed
//	    criteria:
//	      - {id: CC6.2, relation: intersects, rationale: Both ask for removal}
//
// title and rationale may be written as {en: …, sv: …} instead. Anchors, aliases
// and unknown fields are refused.
func (d *draft) readYAML(raw []byte) {
	if !tame(raw) {
		d.wrong("framework.import.yaml", cell{row: 1}, "Why", "too deep or too many marks")
		return
	}
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		row, why := 1, err.Error()
		if e, ok := errors.AsType[yaml.Error](err); ok {
			why = e.GetMessage()
			if t := e.GetToken(); t != nil && t.Position != nil {
				row = t.Position.Line
			}
		}
		why, _, _ = strings.Cut(why, "\n")
		d.wrong("framework.import.yaml", cell{row: row}, "Why", why)
		return
	}
	var docs []ast.Node
	for _, doc := range file.Docs {
		if doc.Body != nil {
			docs = append(docs, doc.Body)
		}
	}
	switch len(docs) {
	case 0:
		d.wrong("framework.import.empty", cell{row: 1})
	case 1:
		d.topYAML(docs[0])
	default:
		d.wrong("framework.import.documents", where(docs[1], ""))
	}
}

// tame refuses what would cost the parser far more than its size.
func tame(raw []byte) bool {
	marks := 0
	for line := range bytes.Lines(raw) {
		n := bytes.IndexFunc(line, func(r rune) bool { return !strings.ContainsRune("-?:[{ \t", r) })
		if n < 0 {
			n = len(line)
		}
		lead := 0
		for _, c := range line[:n] {
			if c != ' ' && c != '\t' {
				lead++
			}
		}
		if lead > yamlDeep {
			return false
		}
		for _, c := range line {
			switch c {
			case '[', '{', ':', ',', '&', '*', '!':
				marks++
			}
		}
	}
	return marks <= yamlMarks && bytes.Count(raw, []byte("[")) <= 2*MaxOwnRefs
}

// where is a node's place; column is the path of the field.
func where(n ast.Node, column string) cell {
	c := cell{row: 1, column: column}
	if n != nil {
		if t := n.GetToken(); t != nil && t.Position != nil {
			c.row = t.Position.Line
		}
	}
	return c
}

// fields calls take for each field of a mapping, in order, and refuses a field that
// take does not know or that is there twice.
func (d *draft) fields(n ast.Node, path string, take func(name string, at cell, v ast.Node) bool) {
	var all []*ast.MappingValueNode
	switch m := n.(type) {
	case *ast.MappingNode:
		all = m.Values
	case *ast.MappingValueNode:
		all = []*ast.MappingValueNode{m}
	default:
		d.wrong("framework.import.mapping", where(n, path))
		return
	}
	seen := map[string]bool{}
	for _, v := range all {
		name := v.Key.GetToken().Value
		at := where(v.Key, strings.TrimPrefix(path+"."+name, "."))
		switch {
		case seen[name]:
			d.wrong("framework.import.field_twice", at)
		case !take(name, at, v.Value):
			d.wrong("framework.import.field", at)
		}
		seen[name] = true
		if d.full() {
			return
		}
	}
}

// scalar is a text as it is written: 4.10 stays "4.10".
func (d *draft) scalar(n ast.Node, at cell) cell {
	switch v := n.(type) {
	case *ast.StringNode:
		at.text = strings.TrimSpace(v.Value)
	case *ast.LiteralNode:
		at.text = strings.Join(strings.Fields(v.Value.Value), " ")
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		at.text = strings.TrimSpace(n.GetToken().Value)
	case *ast.NullNode, nil:
	default:
		d.wrong("framework.import.scalar", at)
	}
	return at
}

// words is a text, or the same text in two languages.
func (d *draft) words(n ast.Node, at cell) Text {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		return Text{EN: d.scalar(n, at).text}
	}
	var t Text
	d.fields(n, at.column, func(name string, at cell, v ast.Node) bool {
		switch name {
		case "en":
			t.EN = d.scalar(v, at).text
		case "sv":
			t.SV = d.scalar(v, at).text
		default:
			return false
		}
		return true
	})
	return t
}

// list calls each for every element of a sequence.
func (d *draft) list(n ast.Node, at cell, each func(v ast.Node, path string) bool) {
	switch s := n.(type) {
	case *ast.SequenceNode:
		for i, v := range s.Values {
			if !each(v, fmt.Sprintf("%s[%d]", at.column, i)) {
				return
			}
		}
	case *ast.NullNode, nil:
	default:
		d.wrong("framework.import.list", at)
	}
}

func (d *draft) topYAML(n ast.Node) {
	d.titleAt = cell{row: 1, column: "title"}
	d.fields(n, "", func(name string, at cell, v ast.Node) bool {
		switch name {
		case "id":
			d.id = d.scalar(v, at)
		case "version":
			d.version = d.scalar(v, at)
		case "title":
			d.title, d.titleAt = d.words(v, at), at
		case "refs":
			d.list(v, at, func(v ast.Node, path string) bool { return d.add(d.refYAML(v, path)) })
		default:
			return false
		}
		return true
	})
}

func (d *draft) refYAML(n ast.Node, path string) draftRef {
	here := where(n, path)
	r := draftRef{id: here, group: here, titleAt: here}
	r.id.column, r.titleAt.column = path+".ref", path+".title"
	d.fields(n, path, func(name string, at cell, v ast.Node) bool {
		switch name {
		case "ref":
			r.id = d.scalar(v, at)
		case "group":
			r.group = d.scalar(v, at)
		case "title":
			r.title, r.titleAt = d.words(v, at), at
		case "criteria":
			d.list(v, at, func(v ast.Node, path string) bool {
				r.criteria = append(r.criteria, d.rowYAML(v, path))
				return !d.full()
			})
		default:
			return false
		}
		return true
	})
	return r
}

func (d *draft) rowYAML(n ast.Node, path string) draftRow {
	here := where(n, path)
	m := draftRow{criterion: here, relation: here, rationaleAt: here}
	m.criterion.column, m.relation.column = path+".id", path+".relation"
	d.fields(n, path, func(name string, at cell, v ast.Node) bool {
		switch name {
		case "id":
			m.criterion = d.scalar(v, at)
		case "relation":
			m.relation = d.scalar(v, at)
		case "rationale":
			m.rationale, m.rationaleAt = d.words(v, at), at
		default:
			return false
		}
		return true
	})
	return m
}

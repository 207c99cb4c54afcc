package framework

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// oscalDeep bounds how deep groups and controls may stand in each other.
const oscalDeep = 32

// readOSCAL reads the catalogue model of OSCAL 1.x in JSON: groups and controls
// with id and title, each in the other. Everything else in it is passed over.
// Controls marked as withdrawn are counted and left out.
func (d *draft) readOSCAL(raw []byte) {
	o := &oscal{draft: d, raw: raw, dec: json.NewDecoder(bytes.NewReader(raw))}
	o.dec.UseNumber()
	found := false
	err := o.object("", func(key string) error {
		if key != "catalog" {
			return o.skip()
		}
		found = true
		return o.catalog()
	})
	if err == nil && o.dec.More() {
		err = jsonError("more than one document")
	}
	switch {
	case err == errRefused: //nolint:errorlint // returned as it is
	case err != nil:
		d.wrong("framework.import.json", o.at(""), "Why", err.Error())
	case !found:
		d.wrong("framework.import.no_catalog", cell{row: 1, column: "catalog"})
	}
}

type jsonError string

func (e jsonError) Error() string { return string(e) }

// errRefused ends the reading: what is wrong is noted already.
const errRefused = jsonError("refused")

type oscal struct {
	*draft
	raw []byte
	dec *json.Decoder
	row int   // of the line in which seen stands
	pos int64 // up to which lines were counted
}

// at is the place of what was read last.
func (o *oscal) at(column string) cell {
	now := o.dec.InputOffset()
	o.row += bytes.Count(o.raw[o.pos:now], []byte("\n"))
	o.pos = now
	return cell{row: o.row + 1, column: column}
}

// object calls field for each key of the object that comes next; field reads the
// value.
func (o *oscal) object(path string, field func(key string) error) error {
	if err := o.open('{', path); err != nil {
		return err
	}
	seen := map[string]bool{}
	for o.dec.More() {
		t, err := o.dec.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return jsonError("a key that is no text")
		}
		if seen[key] {
			o.wrong("framework.import.field_twice", o.at(path+"."+key))
			return errRefused
		}
		seen[key] = true
		if err := field(key); err != nil {
			return err
		}
	}
	_, err := o.dec.Token()
	return err
}

// each calls element for each element of the array that comes next.
func (o *oscal) each(path string, element func(path string) error) error {
	if err := o.open('[', path); err != nil {
		return err
	}
	for i := 0; o.dec.More(); i++ {
		if err := element(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err := o.dec.Token()
	return err
}

func (o *oscal) open(want json.Delim, path string) error {
	t, err := o.dec.Token()
	if err != nil {
		return err
	}
	if t != want {
		o.wrong("framework.import.shape", o.at(path))
		return errRefused
	}
	return nil
}

// text reads a text; any other value is refused.
func (o *oscal) text(path string) (cell, error) {
	t, err := o.dec.Token()
	if err != nil {
		return cell{}, err
	}
	at := o.at(path)
	s, ok := t.(string)
	if !ok {
		o.wrong("framework.import.scalar", at)
		return at, errRefused
	}
	at.text = strings.Join(strings.Fields(s), " ")
	return at, nil
}

// skip passes over the value that comes next, whatever it is.
func (o *oscal) skip() error {
	for depth := 0; ; {
		t, err := o.dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
	}
}

func (o *oscal) catalog() error {
	o.titleAt = cell{row: 1, column: "catalog.metadata.title"}
	return o.object("catalog", func(key string) error {
		switch key {
		case "metadata":
			return o.metadata()
		case "groups":
			return o.each("catalog.groups", func(path string) error { return o.group(path, 1) })
		case "controls":
			return o.each("catalog.controls", func(path string) error { return o.control(path, nil, 1) })
		}
		return o.skip()
	})
}

func (o *oscal) metadata() error {
	return o.object("catalog.metadata", func(key string) error {
		var err error
		switch key {
		case "title":
			o.titleAt, err = o.text("catalog.metadata.title")
			o.title = Text{EN: o.titleAt.text}
		case "version":
			o.version, err = o.text("catalog.metadata.version")
		default:
			err = o.skip()
		}
		return err
	})
}

// group reads a group. Its title may stand after its controls, so the references
// are given their group at the end.
func (o *oscal) group(path string, depth int) error {
	if depth > oscalDeep {
		o.wrong("framework.import.deep", o.at(path), "Max", oscalDeep)
		return errRefused
	}
	begin := len(o.refs)
	var own []int // refs that stand in this group itself
	var title cell
	err := o.object(path, func(key string) error {
		var err error
		switch key {
		case "title":
			title, err = o.text(path + ".title")
		case "groups":
			err = o.each(path+".groups", func(path string) error { return o.group(path, depth+1) })
		case "controls":
			err = o.each(path+".controls", func(path string) error { return o.control(path, &own, depth+1) })
		default:
			err = o.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if title.text == "" && len(o.refs) > begin {
		title.column, title.row = path+".title", o.at("").row
		o.wrong("framework.import.group_empty", title)
	}
	for _, i := range own {
		o.refs[i].group = title
	}
	return nil
}

// control reads a control and those below it. own, if not nil, is told where it
// and they stand.
func (o *oscal) control(path string, own *[]int, depth int) error {
	if depth > oscalDeep {
		o.wrong("framework.import.deep", o.at(path), "Max", oscalDeep)
		return errRefused
	}
	here := o.at(path)
	r := draftRef{id: here, titleAt: here}
	r.id.column, r.titleAt.column = path+".id", path+".title"
	withdrawn := false
	place := len(o.refs)
	if !o.add(r) { // before the ones below it
		return errRefused
	}
	err := o.object(path, func(key string) error {
		var err error
		switch key {
		case "id":
			r.id, err = o.text(path + ".id")
		case "title":
			r.titleAt, err = o.text(path + ".title")
			r.title = Text{EN: r.titleAt.text}
		case "props":
			withdrawn, err = o.withdrawn(path + ".props")
		case "controls":
			err = o.each(path+".controls", func(path string) error { return o.control(path, own, depth+1) })
		default:
			err = o.skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if withdrawn {
		o.skipped++
		r.id.text, r.titleAt.text = gone, ""
	} else if own != nil {
		*own = append(*own, place)
	}
	o.refs[place] = r
	return nil
}

// gone marks a control that is left out; no id holds a control character.
const gone = "\x00"

// withdrawn reads properties: one named status with the value withdrawn says so.
func (o *oscal) withdrawn(path string) (bool, error) {
	found := false
	err := o.each(path, func(path string) error {
		var name, value cell
		err := o.object(path, func(key string) error {
			var err error
			switch key {
			case "name":
				name, err = o.text(path + ".name")
			case "value":
				value, err = o.text(path + ".value")
			default:
				err = o.skip()
			}
			return err
		})
		found = found || name.text == "status" && strings.EqualFold(value.text, "withdrawn")
		return err
	})
	return found, err
}

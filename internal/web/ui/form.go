package ui

import (
	"strings"

	"github.com/a-h/templ"
)

// Form posts back to the same page on trouble, with the errors in it.
type Form struct {
	ID        string
	Action    string
	Multipart bool
	Live      string // id of the element to swap, without #; empty for an ordinary form
}

func (f Form) attrs() templ.Attributes {
	at := templ.Attributes{}
	if f.ID != "" {
		at["id"] = f.ID
	}
	if f.Multipart {
		at["enctype"] = "multipart/form-data"
	}
	if f.Live != "" {
		at["data-live"] = "#" + f.Live
	}
	return at
}

// Field is a line of input with its label above and help below. Fields are required
// unless Optional says otherwise, and say so in words.
type Field struct {
	Name     string // also the id, unless ID is set
	ID       string
	Label    string
	Help     string
	Error    string // what is wrong and how to mend it; empty when nothing is
	Value    string
	Type     string // "text" if empty: email, password, date, number, url, search …
	Optional bool
	ReadOnly bool
	Code     bool   // a fixed-width face: SQL, YAML, keys
	Rows     int    // of a TextArea; 4 if 0
	Auto     string // autocomplete token: "username", "current-password", "one-time-code"
	Hint     string // placeholder; never the only label
	Mode     string // inputmode: "numeric"
	Min, Max string // of dates and numbers
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(f.Name)
}

// describedBy names the help and error paragraphs of a field.
func describedBy(id, help, err string) string {
	var ids []string
	if err != "" {
		ids = append(ids, id+"-e")
	}
	if help != "" {
		ids = append(ids, id+"-d")
	}
	return strings.Join(ids, " ")
}

func (f Field) attrs() templ.Attributes {
	at := templ.Attributes{"id": f.id(), "name": f.Name, "class": "input"}
	if f.Code {
		at["class"] = "input code"
		at["spellcheck"] = "false"
	}
	set := func(k, v string) {
		if v != "" {
			at[k] = v
		}
	}
	set("aria-describedby", describedBy(f.id(), f.Help, f.Error))
	set("autocomplete", f.Auto)
	set("placeholder", f.Hint)
	set("inputmode", f.Mode)
	set("min", f.Min)
	set("max", f.Max)
	if f.Error != "" {
		at["aria-invalid"] = "true"
	}
	if f.ReadOnly {
		at["readonly"] = true
	} else if !f.Optional {
		at["aria-required"] = "true"
	}
	return at
}

func (f Field) inputAttrs() templ.Attributes {
	at := f.attrs()
	at["type"] = "text"
	if f.Type != "" {
		at["type"] = f.Type
	}
	if f.Type != "password" { // a password is never sent back
		at["value"] = f.Value
	}
	return at
}

// Option is one choice. Options with the same Group stand under it.
type Option struct {
	Value, Label string
	Group        string
	Help         string // CheckGroup only
	Chosen       bool
	Disabled     bool
}

// optionGroup is a run of options under one caption.
type optionGroup struct {
	label   string
	options []Option
}

func groupOptions(all []Option) []optionGroup {
	var out []optionGroup
	for _, o := range all {
		if len(out) == 0 || out[len(out)-1].label != o.Group {
			out = append(out, optionGroup{label: o.Group})
		}
		last := &out[len(out)-1]
		last.options = append(last.options, o)
	}
	return out
}

// Dates is two days that belong together.
type Dates struct {
	Legend   string
	From, To Field // Type is set here
	Help     string
	Error    string
}

func dateField(f Field) Field {
	f.Type = "date"
	return f
}

// Checks is a group of boxes, or of radio buttons.
type Checks struct {
	Legend   string
	Name     string
	Radio    bool
	Options  []Option
	Help     string
	Error    string
	Optional bool
}

func (c Checks) kind() string {
	if c.Radio {
		return "radio"
	}
	return "checkbox"
}

// FieldError is one line of the summary; ID is the field's.
type FieldError struct {
	ID, Message string
}

// Filter is a form that narrows a list; it is a GET, so its address can be shared.
type Filter struct {
	Action string
	Target string // id of the DataTable to swap, without #
	Label  string
	Search *Search
	// Segments are shown as buttons with counts, usually by status.
	Segments *Segments
	Selects  []FilterSelect
	Hidden   []Hidden // sort order and the like
}

// Search is the text field; / moves to it.
type Search struct {
	Name, Value, Hint string
}

// Segments is a choice of one among few.
type Segments struct {
	Name, Label string
	Options     []Segment
}

// Segment is one of them. Count below 0 shows none.
type Segment struct {
	Value, Label string
	Status       Status // its glyph; none if empty
	Count        int
	Chosen       bool
}

// FilterSelect is a drop-down of a filter; its first option is usually "All …".
type FilterSelect struct {
	Name, Label string
	Options     []Option
}

// Hidden is a field that is not shown.
type Hidden struct {
	Name, Value string
}

func rows(n int) int {
	if n <= 0 {
		return 4
	}
	return n
}

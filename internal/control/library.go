package control

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/framework"
	"bevis/internal/i18n"
)

// LibraryControl is a control as the library offers it: a starting point in our
// own words, to be made the organisation's own (C2).
type LibraryControl struct {
	Code          string           `yaml:"code" json:"code"`
	Category      string           `yaml:"category" json:"category"`
	Title         framework.Text   `yaml:"title" json:"title"`
	Text          framework.Text   `yaml:"statement" json:"statement"` // with {{parameters}}
	Objective     framework.Text   `yaml:"objective" json:"objective"`
	Nature        string           `yaml:"nature" json:"nature"`
	Type          string           `yaml:"type" json:"type"`
	Frequency     Frequency        `yaml:"frequency" json:"frequency"`
	Event         framework.Text   `yaml:"event" json:"event"`
	Params        []Param          `yaml:"params" json:"params"`
	Criteria      []string         `yaml:"criteria" json:"criteria"`
	PointsOfFocus []string         `yaml:"points_of_focus" json:"points_of_focus"`
	Risk          framework.Text   `yaml:"risk" json:"risk"`
	Evidence      []Prompt         `yaml:"evidence" json:"evidence"`
	Checks        []string         `yaml:"checks" json:"checks"`
	Procedures    []Procedure      `yaml:"procedures" json:"procedures"`
	Deviations    []framework.Text `yaml:"typical_deviations" json:"typical_deviations"`
	Key           bool             `yaml:"key" json:"key"`
	InReport      bool             `yaml:"in_report" json:"in_report"`
	Proposed      bool             `yaml:"proposed" json:"proposed"` // belongs to the set proposed when one of its criteria is in scope
	Overlaps      []string         `yaml:"overlaps" json:"overlaps"` // codes of controls that do much the same duty: one of them is normally enough
}

// Param is a value that an organisation tunes.
type Param struct {
	Name    string         `yaml:"name" json:"name"`
	Default string         `yaml:"default" json:"default"`
	Unit    string         `yaml:"unit" json:"unit"` // hours, days, percent, people, …
	Meaning framework.Text `yaml:"meaning" json:"meaning"`
}

// Prompt asks for one kind of evidence, in the form a Type 1 and a Type 2 need.
type Prompt struct {
	ID    string         `yaml:"id" json:"id"`
	Type  string         `yaml:"type" json:"type"` // an evidence type
	Type1 framework.Text `yaml:"type1" json:"type1"`
	Type2 framework.Text `yaml:"type2" json:"type2"`
}

// Procedure is a usual audit procedure: a suggestion, never copied into an
// engagement unasked.
type Procedure struct {
	Method string         `yaml:"method" json:"method"` // inquiry, observation, inspection, reperformance
	Text   framework.Text `yaml:"text" json:"text"`
}

// Categories are the control categories in the order they are shown.
var Categories = []string{"access", "security", "operations", "risk", "vendor", "incident", "change", "backup", "governance"}

// Library lists the controls that ship with the product, by code. The slice is
// shared and must not be changed.
func Library() ([]LibraryControl, error) { return library() }

var library = sync.OnceValues(func() ([]LibraryControl, error) {
	names, err := fs.Glob(catalog.Controls, "controls/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("control: library: %w", err)
	}
	var out []LibraryControl
	for _, name := range names {
		raw, err := catalog.Controls.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("control: library: %w", err)
		}
		var f struct {
			Controls []LibraryControl `yaml:"controls"`
		}
		if err := yaml.UnmarshalWithOptions(raw, &f, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("control: library: %s: %w", name, err)
		}
		out = append(out, f.Controls...)
	}
	slices.SortFunc(out, func(a, b LibraryControl) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
})

// Statement is the control's sentence with its parameters filled in; values
// override the defaults by name.
func (l LibraryControl) Statement(lang i18n.Lang, values map[string]string) string {
	s := l.Text.In(lang)
	for _, p := range l.Params {
		s = strings.ReplaceAll(s, "{{"+p.Name+"}}", p.value(values))
	}
	return s
}

// Control makes the organisation's control of it, a draft with default values.
func (l LibraryControl) Control() Control { return l.ControlWith(nil) }

// ControlWith is Control with other values for the parameters, by name. It keeps
// the values and what the library said, so that both can be compared later.
func (l LibraryControl) ControlWith(values map[string]string) Control {
	c := Control{
		Code: l.Code, Title: l.Title, Objective: l.Objective, Category: l.Category, Nature: l.Nature, Type: l.Type,
		Statement: framework.Text{EN: l.Statement(i18n.English, values), SV: l.Statement(i18n.Swedish, values)},
		Frequency: l.Frequency, Event: l.Event, Framework: framework.TSC2017ID, Library: l.Code, Status: Draft,
		Criteria: slices.Clone(l.Criteria), PointsOfFocus: slices.Clone(l.PointsOfFocus), Prompts: slices.Clone(l.Evidence), Checks: slices.Clone(l.Checks),
		Origin: l.origin(values),
	}
	if c.PointsOfFocus == nil {
		c.PointsOfFocus = []string{}
	}
	if c.Checks == nil {
		c.Checks = []string{}
	}
	return c
}

package policy

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
)

// Template is a policy as the catalogue offers it: a starting point in our own
// words, to be made the organisation's own.
type Template struct {
	ID           string          `yaml:"id" json:"id"`
	Title        framework.Text  `yaml:"title" json:"title"`
	Purpose      framework.Text  `yaml:"purpose" json:"purpose"`
	Audience     Audience        `yaml:"audience" json:"audience"`
	ReviewMonths int             `yaml:"review_months" json:"review_months"`
	Procedure    bool            `yaml:"procedure" json:"procedure"` // has a section on the routine
	Controls     []string        `yaml:"controls" json:"controls"`   // codes of the control library
	Criteria     []string        `yaml:"criteria" json:"criteria"`
	Params       []TemplateParam `yaml:"params" json:"params"`
	Body         framework.Text  `yaml:"-" json:"-"` // Markdown with {{parameters}}
}

// TemplateParam is a value that an organisation tunes.
type TemplateParam struct {
	Name    string         `yaml:"name" json:"name"`
	Default framework.Text `yaml:"default" json:"default"`
	Meaning framework.Text `yaml:"meaning" json:"meaning"`
}

// The parameters that every text may use without declaring them.
const (
	ParamOrganisation = "organisation"
	ParamOwner        = "policy_owner"
	ParamEffective    = "effective_date" // the day the edition comes into force
)

// Builtin are those parameters.
var Builtin = []string{ParamOrganisation, ParamOwner, ParamEffective}

// Templates lists the templates that ship with the product, by id. The slice is
// shared and must not be changed.
func Templates() ([]Template, error) { return templates() }

var templates = sync.OnceValues(func() ([]Template, error) {
	names, err := fs.Glob(catalog.Policies, "policies/*/policy.yaml")
	if err != nil {
		return nil, fmt.Errorf("policy: templates: %w", err)
	}
	out := make([]Template, 0, len(names))
	for _, name := range names {
		t, err := load(catalog.Policies, path.Dir(name))
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Template) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
})

// load reads one folder: a field that the type does not know, a text that is
// missing and an id other than the folder's are errors.
func load(files fs.FS, dir string) (Template, error) {
	var t Template
	raw, err := fs.ReadFile(files, path.Join(dir, "policy.yaml"))
	if err != nil {
		return t, fmt.Errorf("policy: templates: %w", err)
	}
	if err := yaml.UnmarshalWithOptions(raw, &t, yaml.Strict()); err != nil {
		return t, fmt.Errorf("policy: templates: %s: %w", dir, err)
	}
	for _, x := range []struct {
		lang i18n.Lang
		into *string
	}{{i18n.English, &t.Body.EN}, {i18n.Swedish, &t.Body.SV}} {
		raw, err := fs.ReadFile(files, path.Join(dir, string(x.lang)+".md"))
		if err != nil {
			return t, fmt.Errorf("policy: templates: %w", err)
		}
		if *x.into = clean(string(raw)); *x.into == "" {
			return t, fmt.Errorf("policy: templates: %s says nothing in %s", dir, x.lang)
		}
	}
	if t.ID != path.Base(dir) {
		return t, fmt.Errorf("policy: templates: %s calls itself %q", dir, t.ID)
	}
	return t, nil
}

// FindTemplate finds a template by its id.
func FindTemplate(id string) (Template, error) {
	all, err := Templates()
	if err != nil {
		return Template{}, err
	}
	if i := slices.IndexFunc(all, func(t Template) bool { return t.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Template{}, fault.New(fault.NotFound, "policy.no_template", "ID", id)
}

// Code is the code that a policy made of the template gets.
func (t *Template) Code() string { return "POL-" + t.ID }

// Text is the template's Markdown with its parameters filled in; values override
// the defaults by name. What is said of the organisation, the owner and the first
// day stays as it is unless values names it.
func (t *Template) Text(lang i18n.Lang, values map[string]string) string {
	all := map[string]string{}
	for _, p := range t.Params {
		all[p.Name] = p.Default.In(lang)
	}
	maps.Copy(all, values)
	return Fill(t.Body.In(lang), all)
}

// params are the template's parameters as those of a policy, with values by name.
func (t *Template) params(values map[string]framework.Text) []Param {
	out := make([]Param, 0, len(t.Params))
	for _, p := range t.Params {
		v := p.Default
		if x, ok := values[p.Name]; ok {
			v = x
		}
		out = append(out, Param{Name: p.Name, Value: v, Meaning: p.Meaning})
	}
	return out
}

// Knows reports whether a text made of the template can use a parameter.
func (t *Template) Knows(name string) bool {
	return slices.Contains(Builtin, name) || slices.ContainsFunc(t.Params, func(p TemplateParam) bool { return p.Name == name })
}

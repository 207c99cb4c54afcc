package population

import (
	"embed"
	"fmt"
	"path"
	"sync"

	"github.com/goccy/go-yaml"

	"bevis/internal/fault"
)

//go:embed schemas/*.yaml
var schemaFiles embed.FS

// ChangeSchema is the id of the schema that every change dataset of this version
// carries. Its rows hold their reviews (change_review/1) inside them, so one
// dataset, one digest and one file are enough to test a change.
const ChangeSchema = "change/1"

// Text is a sentence in each language of the product (P11).
type Text struct {
	English string `json:"en" yaml:"en"`
	Swedish string `json:"sv" yaml:"sv"`
}

// Field is one column of an entity.
type Field struct {
	Name    string `json:"name" yaml:"name"`
	Type    string `json:"type" yaml:"type"`           // text, integer, boolean, timestamp, list of …
	Unit    string `json:"unit,omitempty" yaml:"unit"` // of integers and times
	Meaning Text   `json:"meaning" yaml:"meaning"`
}

// Schema says what the rows of an entity hold. Schemas are data with a version: a
// field never changes its meaning under the same id.
type Schema struct {
	ID      string   `json:"id" yaml:"id"` // entity/version
	Entity  string   `json:"entity" yaml:"entity"`
	Meaning Text     `json:"meaning" yaml:"meaning"`
	Key     []string `json:"key" yaml:"key"`
	Fields  []Field  `json:"fields" yaml:"fields"`
	// Derived fields are not in the rows and not under the digest: they are
	// computed from the rows when a check loads them.
	Derived []Field `json:"derived" yaml:"derived"`
}

var schemas = sync.OnceValues(func() ([]Schema, error) {
	entries, err := schemaFiles.ReadDir("schemas")
	if err != nil {
		return nil, fmt.Errorf("population: read schemas: %w", err)
	}
	var out []Schema
	for _, e := range entries {
		raw, err := schemaFiles.ReadFile(path.Join("schemas", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("population: read schema: %w", err)
		}
		var s Schema
		if err := yaml.UnmarshalWithOptions(raw, &s, yaml.Strict()); err != nil {
			return nil, fmt.Errorf("population: schema %s: %w", e.Name(), err)
		}
		out = append(out, s)
	}
	return out, nil
})

// Schemas lists every schema the product knows, by id.
func Schemas() ([]Schema, error) { return schemas() }

// FindSchema returns the schema with the id, or a fault of kind NotFound.
func FindSchema(id string) (Schema, error) {
	all, err := schemas()
	if err != nil {
		return Schema{}, err
	}
	for _, s := range all {
		if s.ID == id {
			return s, nil
		}
	}
	return Schema{}, fault.New(fault.NotFound, "population.schema_unknown", "Schema", id)
}

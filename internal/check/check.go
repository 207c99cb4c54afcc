package check

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/fault"
	"bevis/internal/population"
)

// Check is one test of a population, as its file describes it.
type Check struct {
	ID       string          `json:"id" yaml:"id"`
	Version  int             `json:"version" yaml:"version"`
	Title    population.Text `json:"title" yaml:"title"`
	Criteria []string        `json:"criteria" yaml:"criteria"` // ids it speaks to
	Schema   string          `json:"schema" yaml:"schema"`     // datasets it can test
	// Columns are loaded besides the keys: table → columns.
	Columns        map[string][]string        `json:"columns" yaml:"columns"`
	Parameters     []Parameter                `json:"parameters" yaml:"parameters"` // $1, $2, … of the SQL in order
	Trace          *Trace                     `json:"trace,omitempty" yaml:"trace"`
	Rationale      population.Text            `json:"rationale" yaml:"rationale"`
	Deviation      population.Text            `json:"deviation" yaml:"deviation"` // what a deviation means
	FalsePositives population.Text            `json:"false_positives" yaml:"false_positives"`
	Reasons        map[string]population.Text `json:"reasons" yaml:"reasons"` // every reason an item may get

	SQL    string `json:"sql" yaml:"-"`    // the SELECT
	SHA256 string `json:"sha256" yaml:"-"` // of the whole file
}

// Parameter is a whole number that a control version may set.
type Parameter struct {
	Name    string          `json:"name" yaml:"name"`
	Default int64           `json:"default" yaml:"default"`
	Meaning population.Text `json:"meaning" yaml:"meaning"`
}

// Trace names the record that the check looks for in each item. Where fewer than
// Floor percent of one repository's items carry it, it is not kept there: an item
// with reason Missing is then no deviation but not determinable, reason Becomes.
type Trace struct {
	Entity  string `json:"entity" yaml:"entity"`
	Floor   string `json:"floor" yaml:"floor"` // name of a parameter, in percent
	Missing string `json:"missing" yaml:"missing"`
	Becomes string `json:"becomes" yaml:"becomes"`
}

const maxFile = 1 << 20 // bytes of a check's file

// Catalogue lists the checks that ship with the product, by id.
func Catalogue() ([]Check, error) {
	names, err := fs.Glob(catalog.Checks, "checks/*.sql")
	if err != nil {
		return nil, fmt.Errorf("check: list catalogue: %w", err)
	}
	out := []Check{}
	for _, name := range names {
		raw, err := catalog.Checks.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("check: read catalogue: %w", err)
		}
		c, err := Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("check: %s: %w", name, err)
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Check) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// Find returns the catalogue's check with the id, or a fault of kind NotFound.
func Find(id string) (Check, error) {
	all, err := Catalogue()
	if err != nil {
		return Check{}, err
	}
	for _, c := range all {
		if c.ID == id {
			return c, nil
		}
	}
	return Check{}, fault.New(fault.NotFound, "check.unknown", "Check", id)
}

// Parse reads a check's file: YAML in a leading /* */ comment, then one SELECT.
// The file may be foreign; it fails with fault.Invalid if the description is not
// whole or the SQL is not what a check may run.
func Parse(raw []byte) (Check, error) {
	var c Check
	bad := func(err error) (Check, error) {
		return Check{}, fault.Wrap(err, fault.Invalid, "check.file_invalid")
	}
	if len(raw) > maxFile || !utf8.Valid(raw) {
		return bad(fmt.Errorf("check: %d bytes, or not UTF-8", len(raw)))
	}
	text, ok := strings.CutPrefix(string(raw), "/*")
	head, sql, closed := strings.Cut(text, "*/")
	if !ok || !closed {
		return bad(fmt.Errorf("check: no description in a leading comment"))
	}
	if err := yaml.UnmarshalWithOptions([]byte(head), &c, yaml.Strict()); err != nil {
		return bad(err)
	}
	sum := sha256.Sum256(raw)
	c.SQL, c.SHA256 = strings.TrimSpace(sql), hex.EncodeToString(sum[:])
	if err := c.whole(); err != nil {
		return bad(err)
	}
	tables := make([]string, 0, len(c.Columns)+1)
	for t := range c.Columns {
		tables = append(tables, t)
	}
	if err := guard(c.SQL, tables, len(c.Parameters)); err != nil {
		return bad(err)
	}
	return c, nil
}

// whole reports what the description lacks.
func (c *Check) whole() error {
	for name, t := range map[string]population.Text{"title": c.Title, "rationale": c.Rationale, "deviation": c.Deviation, "false_positives": c.FalsePositives} {
		if t.English == "" || t.Swedish == "" {
			return fmt.Errorf("check: %s is not there in both languages", name)
		}
	}
	if c.ID == "" || c.Version < 1 || len(c.Criteria) == 0 || c.SQL == "" {
		return fmt.Errorf("check: id, version, criteria or SQL is missing")
	}
	if c.Schema != population.ChangeSchema {
		return fmt.Errorf("check: schema %q is not known", c.Schema)
	}
	if _, ok := c.Columns[changeTable]; !ok {
		return fmt.Errorf("check: the columns of %s are missing", changeTable)
	}
	for table, names := range c.Columns {
		for _, name := range names {
			if _, ok := columnOf(table, name); !ok {
				return fmt.Errorf("check: there is no column %s.%s", table, name)
			}
		}
	}
	for id, t := range c.Reasons {
		if id == "" || t.English == "" || t.Swedish == "" {
			return fmt.Errorf("check: reason %q is not there in both languages", id)
		}
	}
	if c.Trace == nil {
		return nil
	}
	_, missing := c.Reasons[c.Trace.Missing]
	_, becomes := c.Reasons[c.Trace.Becomes]
	floor := slices.ContainsFunc(c.Parameters, func(p Parameter) bool { return p.Name == c.Trace.Floor })
	if !missing || !becomes || !floor || c.Trace.Entity != reviewTable {
		return fmt.Errorf("check: the trace names something the check does not have")
	}
	return nil
}

package framework

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"bevis/catalog"
	"bevis/internal/fault"
)

// References returns the frameworks that Bevis carries, by id (C6). They are read
// and checked once; an error means that the built-in data is damaged.
func References() ([]*Reference, error) { return references() }

var references = sync.OnceValues(func() ([]*Reference, error) {
	set, err := TSC2017()
	if err != nil {
		return nil, err
	}
	return readReferences(catalog.Frameworks, set)
})

// ReferenceByID returns the built-in framework with the id, fault.NotFound if there
// is none.
func ReferenceByID(id string) (*Reference, error) {
	all, err := References()
	if err != nil {
		return nil, err
	}
	known := make([]string, 0, len(all))
	for _, f := range all {
		if f.ID == id {
			return f, nil
		}
		known = append(known, f.ID)
	}
	return nil, fault.New(fault.NotFound, "framework.reference_unknown", "ID", id, "Known", strings.Join(known, ", "))
}

// readReferences reads every folder below frameworks.
func readReferences(files fs.FS, set *Set) ([]*Reference, error) {
	names, err := fs.Glob(files, "frameworks/*/framework.yaml")
	if err != nil {
		return nil, fmt.Errorf("framework: %w", err)
	}
	out := make([]*Reference, 0, len(names))
	for _, name := range names {
		f, err := readReference(files, strings.TrimSuffix(name, "/framework.yaml"), set)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b *Reference) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// head is framework.yaml.
type head struct {
	ID        string     `yaml:"id"`
	Version   string     `yaml:"version"`
	Title     Text       `yaml:"title"`
	Publisher string     `yaml:"publisher"`
	Kind      string     `yaml:"kind"`
	Status    string     `yaml:"status"`
	Author    string     `yaml:"author"`
	Note      Text       `yaml:"note"`
	Groups    []RefGroup `yaml:"groups"`
}

// kinds are what a built-in framework can be.
var kinds = []string{"standard", "framework", "law"}

// readReference reads one folder. Every fault names file and row, all at once.
func readReference(files fs.FS, dir string, set *Set) (*Reference, error) {
	p := &problems{}
	h, err := readHead(files, dir+"/framework.yaml")
	if err != nil {
		return nil, err
	}
	f := &Reference{
		ID: h.ID, Version: h.Version, Title: h.Title, Publisher: h.Publisher, Kind: h.Kind, Status: h.Status, Author: h.Author,
		Note: h.Note, Set: set.ID, Groups: h.Groups, Refs: []Ref{}, Rows: []Row{},
	}
	f.checkHead(p, dir)
	f.readRefs(p, files, dir+"/refs.csv")
	f.readRows(p, files, dir+"/crosswalk.csv", set)
	if err := errors.Join(p.found...); err != nil {
		return nil, fmt.Errorf("framework: %w", err)
	}
	f.index(set)
	return f, nil
}

func readHead(files fs.FS, name string) (*head, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("framework: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	h := new(head)
	if err := d.Decode(h); err != nil {
		return nil, fmt.Errorf("framework: %s: %w", name, err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("framework: %s: more than one document", name)
	}
	return h, nil
}

func (f *Reference) checkHead(p *problems, dir string) {
	at := dir + "/framework.yaml"
	p.when(dir != "frameworks/"+f.ID, "%s: the id is %q, the folder %q", at, f.ID, dir)
	p.when(f.Version == "" || f.Publisher == "" || f.Author == "", "%s: version, publisher or author is empty", at)
	p.when(!slices.Contains(kinds, f.Kind), "%s: kind %q is unknown", at, f.Kind)
	p.when(f.Status != Proposed && f.Status != "reviewed", "%s: status %q is neither proposed nor reviewed", at, f.Status)
	p.text(at+": title", f.Title)
	p.text(at+": note", f.Note)
	seen := map[string]bool{}
	for _, g := range f.Groups {
		p.when(g.ID == "" || seen[g.ID], "%s: group %q is empty or there twice", at, g.ID)
		seen[g.ID] = true
		p.text(at+": group "+g.ID, g.Title)
	}
}

// table reads a CSV file with exactly these columns and calls row for each line of
// data; at is "file:line".
func table(p *problems, files fs.FS, name string, columns []string, row func(at string, cells []string)) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		p.found = append(p.found, err)
		return
	}
	if !utf8.Valid(raw) {
		p.when(true, "%s: not UTF-8", name)
		return
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = len(columns)
	for first := true; ; first = false {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			p.when(first, "%s: empty", name)
			return
		}
		if err != nil {
			p.when(true, "%s: %v", name, err)
			return
		}
		line, _ := r.FieldPos(0)
		at := fmt.Sprintf("%s:%d", name, line)
		if first {
			p.when(!slices.Equal(cells, columns), "%s: the columns are %s, want %s", at, strings.Join(cells, ","), strings.Join(columns, ","))
			continue
		}
		row(at, cells)
	}
}

func (f *Reference) readRefs(p *problems, files fs.FS, name string) {
	groups, used, seen := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, g := range f.Groups {
		groups[g.ID] = true
	}
	table(p, files, name, []string{"ref", "group", "title_en", "title_sv"}, func(at string, c []string) {
		r := Ref{ID: c[0], Group: c[1], Title: Text{EN: c[2], SV: c[3]}}
		p.when(r.ID == "" || r.ID != strings.TrimSpace(r.ID), "%s: the reference is empty or padded", at)
		p.when(seen[r.ID], "%s: reference %s is there twice", at, r.ID)
		p.when(!groups[r.Group], "%s: group %q is not in framework.yaml", at, r.Group)
		p.text(at+": title of "+r.ID, r.Title)
		seen[r.ID], used[r.Group] = true, true
		f.Refs = append(f.Refs, r)
	})
	for _, g := range f.Groups {
		p.when(!used[g.ID], "%s: group %s has no reference", name, g.ID)
	}
}

func (f *Reference) readRows(p *problems, files fs.FS, name string, set *Set) {
	refs, seen := map[string]bool{}, map[[2]string]string{}
	for _, r := range f.Refs {
		refs[r.ID] = true
	}
	table(p, files, name, []string{"criterion", "ref", "relation", "rationale_en", "rationale_sv"}, func(at string, c []string) {
		r := Row{Criterion: c[0], Ref: c[1], Relation: Relation(c[2]), Rationale: Text{EN: c[3], SV: c[4]}}
		_, known := set.criteria[r.Criterion]
		p.when(!known, "%s: criterion %q is not in %s", at, r.Criterion, set.ID)
		p.when(!refs[r.Ref], "%s: reference %q is not in refs.csv", at, r.Ref)
		p.when(!r.Relation.Valid(), "%s: relation %q is unknown", at, r.Relation)
		pair := [2]string{r.Criterion, r.Ref}
		p.when(seen[pair] != "", "%s: %s and %s are in %s already", at, r.Criterion, r.Ref, seen[pair])
		seen[pair] = at
		p.text(at+": rationale", r.Rationale)
		f.Rows = append(f.Rows, r)
	})
}

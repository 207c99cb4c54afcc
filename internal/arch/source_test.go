package arch

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// module is the path in go.mod, which begins every import of our own packages.
const module = "bevis"

// skipped directories hold nothing that we wrote.
var skipped = map[string]bool{".git": true, ".cache": true, "node_modules": true, "bin": true, "dist": true, "test-results": true, "playwright-report": true, "screenshots": true, "bevis-data": true}

// goFile is one parsed source file of the main module.
type goFile struct {
	path   string // from the repository's root, with slashes
	pkg    string // its directory, which is also its import path within the module
	test   bool   // a _test.go file, or one of a package of test helpers such as blobtest
	output bool   // written by templ
	syntax *ast.File
}

// source is everything these tests look at, read once.
type source struct {
	root  string
	set   *token.FileSet
	files []goFile
	texts map[string][]byte // every text file of the repository, Go or not
}

var readSource = sync.OnceValues(func() (source, error) {
	s := source{set: token.NewFileSet(), texts: map[string][]byte{}}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return s, err
	}
	s.root = root
	err = filepath.WalkDir(root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, full)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && skipped[d.Name()] {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(full)
		if err != nil {
			return err
		}
		if isText(content) {
			s.texts[rel] = content
		}
		if path.Ext(rel) != ".go" || strings.Contains("/"+rel, "/testdata/") || ownModule(root, rel) {
			return nil
		}
		syntax, err := parser.ParseFile(s.set, rel, content, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := path.Dir(rel)
		s.files = append(s.files, goFile{
			path: rel, pkg: dir, syntax: syntax,
			test:   strings.HasSuffix(rel, "_test.go") || strings.HasSuffix(path.Base(dir), "test"),
			output: strings.HasSuffix(rel, "_templ.go"),
		})
		return nil
	})
	return s, err
})

// sources returns the repository as it lies on disk, or fails the test.
func sources(t *testing.T) source {
	t.Helper()
	s, err := readSource()
	if err != nil {
		t.Fatalf("reading the sources: %v", err)
	}
	if len(s.files) == 0 {
		t.Fatalf("no Go files under %s: these tests look in the wrong place", s.root)
	}
	return s
}

// ownModule says whether rel lies in a nested module (tools, engine), which has
// its own rules.
func ownModule(root, rel string) bool {
	for dir := path.Dir(rel); dir != "."; dir = path.Dir(dir) {
		if _, err := os.Stat(filepath.Join(root, dir, "go.mod")); err == nil {
			return true
		}
	}
	return false
}

func isText(content []byte) bool {
	head := content[:min(len(content), 8192)]
	return !bytes.Contains(head, []byte{0}) && utf8.Valid(content)
}

// at gives file and line of a node.
func (s source) at(n ast.Node) string {
	p := s.set.Position(n.Pos())
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// imports lists what a file imports, with the place of each line.
func (s source) imports(f goFile) map[string]string {
	out := map[string]string{}
	for _, spec := range f.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out[p] = s.at(spec)
		}
	}
	return out
}

// under says whether pkg is one of the roots or lies below one.
func under(pkg string, roots ...string) bool {
	for _, r := range roots {
		if pkg == r || strings.HasPrefix(pkg, r+"/") {
			return true
		}
	}
	return false
}

package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/i18n"
)

// Every message key that the code names as a literal exists in both languages:
// nobody ever reads ‹some.key›.
func TestMessageKeysExist(t *testing.T) {
	known := map[string]bool{}
	for _, k := range i18n.Keys(i18n.English) {
		known[k] = true
	}
	takes := map[string]int{"New": 1, "Wrap": 2, "T": 1, "t": 0, "In": 1} // position of the key
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "node_modules" || d.Name() == "tools") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			at, ok := takes[sel.Sel.Name]
			x, _ := sel.X.(*ast.Ident)
			fault := x != nil && x.Name == "fault"
			speaks := x != nil && (x.Name == "i18n" || x.Name == "e" || x.Name == "b")
			if !ok || !fault && !speaks || at >= len(call.Args) {
				return true
			}
			lit, ok := call.Args[at].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			if err == nil && strings.Contains(key, ".") && !strings.HasSuffix(key, ".") && !known[key] {
				t.Errorf("%s: no message %q in internal/i18n/locales", set.Position(lit.Pos()), key)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

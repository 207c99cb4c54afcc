package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// vague names say nothing about what is inside, so everything ends up there.
var vague = []string{"util", "utils", "common", "models", "model", "dto", "dtos", "helpers", "helper", "misc", "shared", "base", "lib"}

func TestPackagesAreNamedAfterWhatTheyHold(t *testing.T) {
	for _, f := range sources(t).files {
		for _, name := range []string{path.Base(f.pkg), f.syntax.Name.Name} {
			if slices.Contains(vague, strings.TrimSuffix(name, "_test")) {
				t.Errorf("%s: %q names no thing. Call the package by the noun of the glossary it holds, or move the code to the package that uses it.", f.path, name)
			}
		}
	}
}

// sqlRooms are the packages whose Go code holds SQL: the store, the queue, the
// accounts, the ledger, and checks, whose SQL is over datasets.
var sqlRooms = []string{"internal/register", "internal/jobs", "internal/account", "internal/ledger", "internal/check"}

// sqlText recognises a statement, not a sentence: keywords in capitals anywhere,
// or in small letters at the very beginning.
var sqlText = regexp.MustCompile(`(?s)\bSELECT\b.+\bFROM\b|\bINSERT\s+(OR\s+\w+\s+)?INTO\b|\bUPDATE\s+\S+\s+SET\b|\bDELETE\s+FROM\b` +
	`|\A\s*select\s.+\sfrom\s|\A\s*insert\s+into\s|\A\s*update\s+\S+\s+set\s|\A\s*delete\s+from\s`)

func TestSQLStaysInItsRooms(t *testing.T) {
	s := sources(t)
	for _, f := range s.files {
		if f.test || f.output || under(f.pkg, sqlRooms...) {
			continue
		}
		for _, n := range sqlIn(f.syntax) {
			t.Errorf("%s: SQL in %s. Use the register's reads (index columns, links, as-of), or add the query to one of %s.", s.at(n), f.pkg, strings.Join(sqlRooms, ", "))
		}
	}
}

// sqlIn returns the string expressions of a file that contain a statement; a
// statement put together with + counts, its variable parts being anything.
func sqlIn(file *ast.File) []ast.Node {
	var found []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit, *ast.BinaryExpr:
			if text, ok := stringOf(e.(ast.Expr)); ok && sqlText.MatchString(text) {
				found = append(found, n)
				return false
			}
		}
		return true
	})
	return found
}

// stringOf puts a string expression together; ok is false if no part of it is a
// string literal.
func stringOf(e ast.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, okLeft := stringOf(e.X)
		right, okRight := stringOf(e.Y)
		return left + right, okLeft || okRight
	case *ast.ParenExpr:
		return stringOf(e.X)
	}
	return "x", false
}

// clockRooms may read the machine's clock; everybody else is handed a time, and
// inside a write it is the transaction's.
var clockRooms = []string{"cmd", "internal/app", "internal/register", "bench", "e2e"}

func TestTimeIsAParameter(t *testing.T) {
	s := sources(t)
	for _, f := range s.files {
		if f.test || under(f.pkg, clockRooms...) {
			continue
		}
		for _, n := range clocksIn(f.syntax) {
			t.Errorf("%s: %s reads the machine's clock. Take a time.Time or a func() time.Time as an argument; inside a write use tx.Now().", s.at(n), f.pkg)
		}
	}
}

// clocksIn returns the uses of time.Now and of its disguises.
func clocksIn(file *ast.File) []ast.Node {
	name := ""
	for _, spec := range file.Imports {
		if spec.Path.Value == `"time"` {
			name = "time"
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	if name == "" {
		return nil
	}
	var found []ast.Node
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			found = append(found, n)
		}
		return true
	})
	return found
}

func TestNothingHappensOnImport(t *testing.T) {
	s := sources(t)
	for _, f := range s.files {
		for _, n := range initsIn(f.syntax) {
			t.Errorf("%s: func init runs on import, unseen. Write a constructor and call it in internal/app.", s.at(n))
		}
	}
}

func initsIn(file *ast.File) []ast.Node {
	var found []ast.Node
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, fn)
		}
	}
	return found
}

// The rules above are only as good as what they recognise.
func TestRulesRecogniseTheirCases(t *testing.T) {
	for name, tc := range map[string]struct {
		code               string
		sql, clocks, inits int
	}{
		"select":              {code: "const q = `SELECT id\n  FROM entry WHERE org = $1`", sql: 1},
		"small select":        {code: "const q = ` select id from entry `", sql: 1},
		"put together":        {code: `var q = "SELECT " + cols + " FROM " + table`, sql: 1},
		"in brackets":         {code: `var q = "UPDATE " + (table) + " SET x = 1"`, sql: 1},
		"insert":              {code: `const q = "INSERT INTO leaf VALUES ($1)"`, sql: 1},
		"insert or ignore":    {code: `const q = "INSERT OR IGNORE INTO leaf VALUES ($1)"`, sql: 1},
		"delete":              {code: `var q = []string{"DELETE FROM head"}`, sql: 1},
		"sentence":            {code: `const s = "Select a control from the list, then update what is set"`},
		"another sentence":    {code: `const s = "to select one from many"`},
		"import":              {code: `import _ "select/x/from/y"`},
		"now":                 {code: "import \"time\"\nvar x = time.Now()", clocks: 1},
		"now as a value":      {code: "import \"time\"\nvar clock = time.Now", clocks: 1},
		"renamed":             {code: "import clock \"time\"\nvar x = clock.Since(y)", clocks: 1},
		"somebody else's Now": {code: "import \"time\"\nvar x, y = tx.Now(), time.Hour"},
		"init":                {code: "func init() {}", inits: 1},
		"method named init":   {code: "func (t T) init() {}"},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+tc.code, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			got := [3]int{len(sqlIn(file)), len(clocksIn(file)), len(initsIn(file))}
			if want := [3]int{tc.sql, tc.clocks, tc.inits}; got != want {
				t.Errorf("SQL, clocks, inits: found %v, want %v in\n%s", got, want, tc.code)
			}
		})
	}
}

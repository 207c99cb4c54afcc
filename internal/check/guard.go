package check

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// functions that a check may call: the ones that SQLite, DuckDB and PostgreSQL
// share and that always give the same answer.
var functions = []string{
	"abs", "avg", "cast", "coalesce", "count", "dense_rank", "first_value", "lag", "last_value", "lead", "length", "lower", "max", "min",
	"nullif", "rank", "replace", "round", "row_number", "substr", "sum", "trim", "upper",
}

// Words before "(" that are no functions.
var notFunctions = []string{
	"all", "and", "as", "between", "by", "case", "distinct", "else", "except", "exists", "filter", "from", "having", "in", "intersect", "is", "join",
	"like", "materialized", "not", "on", "or", "over", "select", "then", "union", "using", "values", "when", "where",
}

// Words that a check has no use for: what writes, opens, configures, recurses or
// tells the time.
var forbidden = []string{
	"alter", "analyze", "attach", "begin", "commit", "copy", "create", "current_date", "current_time", "current_timestamp", "delete", "detach",
	"drop", "execute", "explain", "export", "grant", "import", "insert", "install", "into", "load", "pragma", "recursive", "reindex", "release",
	"returning", "rollback", "rowid", "savepoint", "set", "update", "vacuum",
}

// token is one word or sign of SQL.
type token struct {
	kind tokenKind
	text string // words in lower case
}

type tokenKind int

const (
	word tokenKind = iota
	quoted
	number
	literal
	parameter
	sign
)

// guard refuses SQL that is not one SELECT over the tables. It is a fence around
// SQL from a stranger's package, together with a read-only file, SQLite's
// defensive mode and its limits; no one of them is relied on alone.
func guard(sql string, tables []string, parameters int) error {
	tokens, err := tokenize(sql)
	if err != nil {
		return err
	}
	selects := slices.ContainsFunc(tokens, func(t token) bool { return t.kind == word && t.text == "select" })
	if !selects || tokens[0].kind != word || tokens[0].text != "select" && tokens[0].text != "with" {
		return fmt.Errorf("check: SQL must be one SELECT")
	}
	ctes, err := commonTables(tokens)
	if err != nil {
		return err
	}
	next := func(i int) token {
		if i+1 < len(tokens) {
			return tokens[i+1]
		}
		return token{kind: sign}
	}
	for i, t := range tokens {
		switch {
		case t.kind == sign && t.text == ";":
			return fmt.Errorf("check: SQL must be one SELECT without a semicolon")
		case t.kind == parameter:
			if n, err := strconv.Atoi(t.text); err != nil || n < 1 || n > parameters {
				return fmt.Errorf("check: there is no parameter $%s", t.text)
			}
		case t.kind == quoted && next(i).text == "(":
			return fmt.Errorf("check: %q may not be called", t.text)
		}
		if t.kind != word && t.kind != quoted {
			continue
		}
		if strings.HasPrefix(t.text, "sqlite_") || strings.HasPrefix(t.text, "pragma_") || strings.HasPrefix(t.text, "pg_") || strings.HasPrefix(t.text, "duckdb_") {
			return fmt.Errorf("check: %q is not the check's own", t.text)
		}
		if t.kind == quoted {
			continue
		}
		if slices.Contains(forbidden, t.text) {
			return fmt.Errorf("check: the word %q has no place in a check", t.text)
		}
		if after := next(i); after.kind == sign && after.text == "(" && !slices.Contains(functions, t.text) && !slices.Contains(notFunctions, t.text) && !slices.Contains(ctes, t.text) {
			return fmt.Errorf("check: %q may not be called", t.text)
		}
		if t.text == "from" || t.text == "join" {
			after := next(i)
			own := slices.Contains(tables, after.text) || slices.Contains(ctes, after.text)
			if after.text != "(" && (after.kind != word || !own) {
				return fmt.Errorf("check: %q is not one of the check's tables", after.text)
			}
		}
	}
	return nil
}

// commonTables lists the names that WITH introduces. One that names itself would
// recurse, and might never end.
func commonTables(tokens []token) ([]string, error) {
	var names []string
	for i, t := range tokens {
		if t.kind != word || t.text != "as" || i == 0 {
			continue
		}
		open := i + 1
		for open < len(tokens) && tokens[open].kind == word && (tokens[open].text == "materialized" || tokens[open].text == "not") {
			open++
		}
		if open >= len(tokens) || tokens[open].text != "(" || tokens[open].kind != sign {
			continue
		}
		name := i - 1
		if tokens[name].kind == sign && tokens[name].text == ")" { // name (columns) AS (
			for depth := 0; name >= 0; name-- {
				if tokens[name].kind == sign && tokens[name].text == ")" {
					depth++
				}
				if tokens[name].kind == sign && tokens[name].text == "(" {
					if depth--; depth == 0 {
						break
					}
				}
			}
			name--
		}
		if name < 0 || tokens[name].kind != word {
			return nil, fmt.Errorf("check: WITH needs plain names")
		}
		for j, depth := open, 0; j < len(tokens); j++ {
			if tokens[j].kind == sign && tokens[j].text == "(" {
				depth++
			}
			if tokens[j].kind == sign && tokens[j].text == ")" {
				if depth--; depth == 0 {
					break
				}
			}
			if (tokens[j].kind == word || tokens[j].kind == quoted) && tokens[j].text == tokens[name].text {
				return nil, fmt.Errorf("check: %q names itself", tokens[name].text)
			}
		}
		names = append(names, tokens[name].text)
	}
	return names, nil
}

// tokenize splits SQL. Only the signs that a check needs are known; anything else,
// such as other dialects' quotes, is refused.
func tokenize(sql string) ([]token, error) {
	var out []token
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(sql[i:], "--"):
			end := strings.IndexByte(sql[i:], '\n')
			if end < 0 {
				return out, nil
			}
			i += end
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i+2:], "*/")
			if end < 0 || strings.Contains(sql[i+2:i+2+end], "/*") { // PostgreSQL nests comments, SQLite does not
				return nil, fmt.Errorf("check: a comment is not closed, or holds another")
			}
			i += end + 4
		case c == '\'' || c == '"':
			text, n, err := quotedText(sql[i:], c)
			if err != nil {
				return nil, err
			}
			kind := literal
			if c == '"' {
				kind, text = quoted, strings.ToLower(text)
			}
			out = append(out, token{kind, text})
			i += n
		case isLetter(c):
			j := i
			for j < len(sql) && (isLetter(sql[j]) || isDigit(sql[j])) {
				j++
			}
			out = append(out, token{word, strings.ToLower(sql[i:j])})
			i = j
		case isDigit(c):
			j := i
			for j < len(sql) && (isDigit(sql[j]) || sql[j] == '.') {
				j++
			}
			out = append(out, token{number, sql[i:j]})
			i = j
		case c == '$':
			j := i + 1
			for j < len(sql) && isDigit(sql[j]) {
				j++
			}
			out = append(out, token{parameter, sql[i+1 : j]})
			i = j
		case strings.IndexByte("().,+-*/%<>=|!;", c) >= 0:
			out = append(out, token{sign, string(c)})
			i++
		default:
			return nil, fmt.Errorf("check: the sign %q has no place in a check", c)
		}
	}
	return out, nil
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// quotedText reads a text in quotes q, which stand doubled inside it, and the
// number of bytes it took.
func quotedText(s string, q byte) (text string, n int, err error) {
	for i := 1; i < len(s); i++ {
		if s[i] != q {
			continue
		}
		if i+1 < len(s) && s[i+1] == q {
			i++
			continue
		}
		return s[1:i], i + 1, nil
	}
	return "", 0, fmt.Errorf("check: a quoted text is not closed")
}

package policy

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown is CommonMark with tables. HTML in a text is left out, addresses that
// run something lead nowhere, pictures become their description, and the page keeps
// the only first heading: a text is data, whoever wrote it.
func markdown() goldmark.Markdown {
	return goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))),
		goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(plainer{}, 100))),
	)
}

// HTML renders Markdown for a page. What it returns needs no further escaping.
func HTML(md string) (string, error) {
	var b bytes.Buffer
	if err := markdown().Convert([]byte(md), &b); err != nil {
		return "", fmt.Errorf("policy: render: %w", err)
	}
	return b.String(), nil
}

// plainer takes out of a parsed text what a page does not show.
type plainer struct{}

// Transform implements parser.ASTTransformer.
func (plainer) Transform(doc *ast.Document, r text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	walk(doc, func(n ast.Node) {
		switch x := n.(type) {
		case *ast.Image:
			pictures = append(pictures, x)
		case *ast.Heading:
			x.Level = max(x.Level, 2)
		}
	})
	for _, x := range pictures {
		x.Parent().ReplaceChild(x.Parent(), x, ast.NewString([]byte(inline(x, r.Source()))))
	}
}

func walk(n ast.Node, see func(ast.Node)) {
	see(n)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		walk(c, see)
	}
}

// Part is a heading of a text and what stands under it, without marks.
type Part struct {
	Title  string
	Blocks []string // paragraphs and items of lists, these with their number or a dot
}

// Parts takes Markdown apart for carriers that know no Markdown. What stands before
// the first heading is a part without a title.
func Parts(md string) []Part {
	src := []byte(md)
	doc := markdown().Parser().Parse(text.NewReader(src))
	var out []Part
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() == ast.KindHeading {
			out = append(out, Part{Title: inline(n, src)})
			continue
		}
		if len(out) == 0 {
			out = append(out, Part{})
		}
		p := &out[len(out)-1]
		p.Blocks = append(p.Blocks, blocks(n, src, "")...)
	}
	return out
}

// blocks are the paragraphs of a node; indent stands before each.
func blocks(n ast.Node, src []byte, indent string) []string {
	var out []string
	switch x := n.(type) {
	case *ast.List:
		number := x.Start
		for item := x.FirstChild(); item != nil; item = item.NextSibling() {
			mark := "• "
			if x.IsOrdered() {
				mark = strconv.Itoa(number) + ". "
				number++
			}
			for c := item.FirstChild(); c != nil; c = c.NextSibling() {
				inner := blocks(c, src, indent)
				if c == item.FirstChild() && len(inner) > 0 {
					inner[0] = indent + mark + strings.TrimPrefix(inner[0], indent)
				}
				out = append(out, inner...)
			}
		}
		return out
	case *ast.Blockquote:
		for c := x.FirstChild(); c != nil; c = c.NextSibling() {
			out = append(out, blocks(c, src, indent)...)
		}
		return out
	case *ast.HTMLBlock:
		return nil
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		var b strings.Builder
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			b.Write(at.Value(src))
		}
		return []string{indent + strings.TrimRight(b.String(), "\n")}
	}
	if s := inline(n, src); s != "" {
		out = append(out, indent+s)
	}
	return out
}

// inline is the text of a node without marks, on one line.
func inline(n ast.Node, src []byte) string {
	var b strings.Builder
	var add func(n ast.Node)
	add = func(n ast.Node) {
		switch x := n.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(x.Segment.Value(src)))
			if x.SoftLineBreak() || x.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(x.Value)
		case *ast.AutoLink:
			b.Write(x.URL(src))
		case *ast.RawHTML:
		default:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				add(c)
				if c.Kind().String() == "TableCell" || c.Kind().String() == "TableRow" {
					b.WriteString("  ")
				}
			}
		}
	}
	add(n)
	return strings.TrimSpace(b.String())
}

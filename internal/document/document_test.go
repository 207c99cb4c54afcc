package document_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"bevis/internal/document"
	"bevis/internal/i18n"
)

func sample() *document.Document {
	d := &document.Document{
		Title: "Gapanalys för Övningsbolaget", Subtitle: "W-1", Lang: i18n.Swedish, At: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC),
		Notes: []string{"Detta säger inget om huruvida kontroller fungerade."},
		Parts: []document.Part{
			{Title: "Nästa steg", Text: []string{"Ett steg åt gången."}, Table: &document.Table{
				Sheet:   "Steg: [alla]",
				Columns: []document.Column{{Title: "Kontroll"}, {Title: "Vad", Share: 4}, {Title: "Antal", Number: true}},
			}},
			{Title: "Steg  alla", Table: &document.Table{Columns: []document.Column{{Title: "A"}}, Rows: [][]string{{"=HYPERLINK(\"x\")"}, {}}}},
		},
	}
	for i := range 120 {
		d.Parts[0].Table.Rows = append(d.Parts[0].Table.Rows, []string{fmt.Sprintf("AC-%02d", i), strings.Repeat("Åtgärda det som saknas. ", 1+i%5), fmt.Sprint(i)})
	}
	return d
}

var (
	streams = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shown   = regexp.MustCompile(`\(((?:[^()\\]|\\.)*)\) ?Tj`)
)

// text is what a PDF shows, in the fonts' code page, and how many pages it has.
func text(t *testing.T, pdf []byte) (string, int) {
	t.Helper()
	var b strings.Builder
	for _, m := range streams.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range shown.FindAllSubmatch(raw, -1) {
			b.Write(s[1])
			b.WriteByte('\n')
		}
	}
	return b.String(), bytes.Count(pdf, []byte("/Type /Page\n"))
}

func TestPDF(t *testing.T) {
	var a, b bytes.Buffer
	if err := sample().PDF(&a); err != nil {
		t.Fatal(err)
	}
	if err := sample().PDF(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("the same document gives other bytes")
	}
	if !bytes.HasPrefix(a.Bytes(), []byte("%PDF-")) {
		t.Fatal("no PDF")
	}
	got, pages := text(t, a.Bytes())
	for _, want := range []string{"Gapanalys f\xf6r \xd6vningsbolaget", "N\xe4sta steg", "AC-00", "AC-119", "2026-03-01 09:30 UTC", "=HYPERLINK"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in the PDF", want)
		}
	}
	if pages < 3 {
		t.Errorf("%d pages for 120 rows", pages)
	}
	if n := strings.Count(got, "Kontroll\n"); n < pages-1 {
		t.Errorf("the table's head stands on %d of %d pages", n, pages)
	}
}

// A cell longer than a page goes on, and no word of it is lost.
func TestPDFLongCell(t *testing.T) {
	words := make([]string, 3000)
	for i := range words {
		words[i] = fmt.Sprintf("w%04d", i)
	}
	d := &document.Document{Title: "Long", Lang: i18n.English, Parts: []document.Part{{Title: "P", Table: &document.Table{
		Columns: []document.Column{{Title: "Short"}, {Title: "Long"}}, Rows: [][]string{{"x", strings.Join(words, " ")}},
	}}}}
	var b bytes.Buffer
	if err := d.PDF(&b); err != nil {
		t.Fatal(err)
	}
	got, _ := text(t, b.Bytes())
	for _, w := range words {
		if !strings.Contains(got, w) {
			t.Fatalf("%s is lost", w)
		}
	}
}

func TestXLSX(t *testing.T) {
	var b bytes.Buffer
	if err := sample().XLSX(&b); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := fmt.Sprint(f.GetSheetList()); got != "[Om Steg alla Steg  alla 2]" && got != "[Om Steg   alla Steg  alla]" {
		t.Errorf("sheets %v", got)
	}
	sheets := f.GetSheetList()
	rows, err := f.GetRows(sheets[1])
	if err != nil || len(rows) != 121 || rows[0][1] != "Vad" || rows[120][0] != "AC-119" || rows[120][2] != "119" {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if kind, err := f.GetCellType(sheets[1], "C3"); err != nil || kind == excelize.CellTypeInlineString {
		t.Errorf("a number is text: %v %v", kind, err)
	}
	last := sheets[2]
	if v, err := f.GetCellValue(last, "A2"); err != nil || v != `=HYPERLINK("x")` {
		t.Errorf("%q, %v", v, err)
	}
	if x, err := f.GetCellFormula(last, "A2"); err != nil || x != "" {
		t.Errorf("text became the formula %q, %v", x, err)
	}
	about, err := f.GetRows(sheets[0])
	if err != nil || about[0][0] != "Gapanalys för Övningsbolaget" {
		t.Errorf("%v, %v", about, err)
	}
}

package evidence

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

// The limits of a preview. It is a look, not the file.
const (
	previewFiles = 6
	previewBytes = 256 << 10
	previewRows  = 20
	previewCols  = 12
	previewCell  = 160 // characters
	previewLines = 120
	previewLine  = 400      // characters
	previewImage = 20 << 20 // bytes
)

// preview is a file on the page; Open is where the browser shows it by itself.
type preview struct {
	ui.Preview
	Open string
}

// previews looks into the first files of an item.
func (p Pages) previews(ctx context.Context, e *domain.Evidence) ([]preview, error) {
	var out []preview
	for i, f := range e.Files {
		if i == previewFiles {
			break
		}
		v, err := p.preview(ctx, e, i+1, f)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (p Pages) preview(ctx context.Context, e *domain.Evidence, n int, f domain.File) (preview, error) {
	v := preview{Preview: ui.Preview{ID: "file-" + strconv.Itoa(n), Name: f.Name, Note: ui.Bytes(ctx, f.Size), Download: fileAddress(e.Code, n)}}
	if len(e.Files) > 1 {
		v.Title = i18n.T(ctx, "evidencepage.file", "Number", n, "Of", len(e.Files))
	}
	none := func(key string) (preview, error) {
		v.None = i18n.T(ctx, "evidencepage.preview."+key)
		return v, nil
	}
	body, err := p.Evidence.Blobs.Open(ctx, f.SHA256)
	if k := fault.KindOf(err); err != nil && (k == fault.NotFound || k == fault.Unavailable) {
		v.Download = ""
		return none("gone")
	}
	if err != nil {
		return v, err
	}
	defer body.Close() //nolint:errcheck // only read
	head, err := headOf(body)
	if err != nil {
		return v, err
	}
	view := v.Download + "?view=1"
	switch media := pinned(head); {
	case media == "application/pdf":
		v.Open = view
		return none("pdf")
	case media != "" && body.Size() > previewImage:
		return none("large")
	case media != "":
		v.Image, v.Alt = view, i18n.T(ctx, "evidencepage.preview.alt", "Name", f.Name, "Title", e.Title)
		return v, nil
	}
	switch m := mimetype.Detect(head); {
	case is(m, "text/html"), is(m, "text/xml"), is(m, "application/xml"), strings.Contains(m.String(), "xml") && is(m, "text/plain"), marked(head):
		return none("markup")
	case is(m, "text/plain"):
		return v, v.text(ctx, body, m)
	case is(m, "application/zip"), is(m, "application/x-ole-storage"), is(m, "application/x-7z-compressed"), is(m, "application/gzip"), is(m, "application/x-tar"):
		return none("archive")
	}
	return none("binary")
}

// is reports whether m is of a type or derived from it.
func is(m *mimetype.MIME, media string) bool {
	for ; m != nil; m = m.Parent() {
		if m.Is(media) {
			return true
		}
	}
	return false
}

// marked reports whether text begins like a page or drawing, whatever else it was
// taken for.
func marked(head []byte) bool {
	s := bytes.ToLower(bytes.TrimLeft(head, "\ufeff \t\r\n"))
	return bytes.HasPrefix(s, []byte("<")) && (bytes.Contains(s, []byte("<svg")) || bytes.Contains(s, []byte("<html")) || bytes.Contains(s, []byte("<script")) || bytes.HasPrefix(s, []byte("<?xml")) || bytes.HasPrefix(s, []byte("<!doctype")))
}

// text fills the preview with the beginning of a text: a table for separated
// values and for JSON lists of flat objects, otherwise lines.
func (v *preview) text(ctx context.Context, r io.Reader, m *mimetype.MIME) error {
	raw, err := io.ReadAll(io.LimitReader(r, previewBytes+1))
	if err != nil {
		return fault.Wrap(fmt.Errorf("web/evidence: preview: %w", err), fault.Unavailable, "evidencepage.unreadable")
	}
	whole := len(raw) <= previewBytes
	if !whole {
		raw = raw[:previewBytes]
	}
	text := plain(raw)
	ext := strings.ToLower(v.Name[strings.LastIndexByte(v.Name, '.')+1:])
	switch {
	case m.Is("text/csv"), m.Is("text/tab-separated-values"), ext == "csv", ext == "tsv":
		if v.table(ctx, text, whole) {
			return nil
		}
	case is(m, "application/json"), ext == "json":
		if whole && v.objects(ctx, text) {
			return nil
		}
		var b bytes.Buffer
		if whole && json.Indent(&b, []byte(text), "", "  ") == nil {
			text = b.String()
		}
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if n := len(lines); n > previewLines || !whole {
		lines = lines[:min(n, previewLines)]
		v.Note += " · " + i18n.T(ctx, "evidencepage.preview.lines", "Count", len(lines))
	}
	for i, l := range lines {
		lines[i] = short(l, previewLine)
	}
	v.Text = strings.Join(lines, "\n")
	if strings.TrimSpace(v.Text) == "" {
		v.Text, v.None = "", i18n.T(ctx, "evidencepage.preview.blank")
	}
	return nil
}

// table fills the preview with separated values; false if they are none.
func (v *preview) table(ctx context.Context, text string, whole bool) bool {
	first, _, _ := strings.Cut(text, "\n")
	comma := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(comma)) {
			comma = c
		}
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.LazyQuotes, in.FieldsPerRecord, in.ReuseRecord = comma, true, -1, true
	rows, width := 0, 0
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false
		}
		rec = slices.Clone(rec)
		if v.Columns == nil {
			width = len(rec)
			v.Columns = cells(rec)
			continue
		}
		if rows++; len(v.Rows) < previewRows {
			rec = cells(rec)
			for len(rec) < len(v.Columns) {
				rec = append(rec, "")
			}
			v.Rows = append(v.Rows, rec[:len(v.Columns)])
		}
	}
	if len(v.Columns) < 2 {
		v.Columns, v.Rows = nil, nil
		return false
	}
	v.count(ctx, rows, width, whole)
	return true
}

// objects fills the preview with a JSON list of flat objects; false if the text is
// none.
func (v *preview) objects(ctx context.Context, text string) bool {
	var all []map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&all) != nil || len(all) == 0 {
		return false
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return false
	}
	names := map[string]bool{}
	for _, o := range all {
		for k, x := range o {
			switch x.(type) {
			case map[string]any, []any:
				return false
			}
			names[k] = true
		}
	}
	var cols []string
	for k := range names {
		cols = append(cols, k)
	}
	if len(cols) == 0 {
		return false
	}
	slices.Sort(cols)
	for _, o := range all[:min(len(all), previewRows)] {
		row := make([]string, len(cols))
		for i, k := range cols {
			if x := o[k]; x != nil {
				row[i] = fmt.Sprint(x)
			}
		}
		v.Rows = append(v.Rows, cells(row))
	}
	v.Columns = cells(cols)
	v.count(ctx, len(all), len(cols), true)
	return true
}

// count says how much of a table is shown.
func (v *preview) count(ctx context.Context, rows, width int, whole bool) {
	switch {
	case !whole:
		v.Note += " · " + i18n.T(ctx, "evidencepage.preview.first_rows", "Count", len(v.Rows))
	case rows > len(v.Rows):
		v.Note += " · " + i18n.T(ctx, "evidencepage.preview.rows_of", "Rows", ui.Num(ctx, len(v.Rows)), "Of", ui.Num(ctx, rows))
	default:
		v.Note += " · " + i18n.T(ctx, "evidencepage.preview.rows", "Count", rows)
	}
	if width > len(v.Columns) {
		v.Note += " · " + i18n.T(ctx, "evidencepage.preview.columns_of", "Columns", len(v.Columns), "Of", width)
	}
}

func cells(rec []string) []string {
	rec = rec[:min(len(rec), previewCols)]
	for i := range rec {
		rec[i] = short(rec[i], previewCell)
	}
	return rec
}

// short cuts a text to n characters.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}

// plain makes valid text of bytes in UTF-8 or, with a byte order mark, UTF-16.
// Control characters and marks that turn the reading direction round are
// replaced: a preview must not read otherwise than the file.
func plain(raw []byte) string {
	out, _, err := transform.Bytes(textunicode.BOMOverride(textunicode.UTF8.NewDecoder()), raw)
	if err != nil {
		out = raw
	}
	s := strings.ReplaceAll(strings.ToValidUTF8(string(out), "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, s)
}

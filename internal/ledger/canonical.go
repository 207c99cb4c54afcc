package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrFloat is returned for a number that is not an integer. Hashed JSON carries
// integers, strings, booleans, arrays and objects alone, so that no two programs
// can disagree on its bytes.
var ErrFloat = errors.New("ledger: canonical JSON takes whole numbers only")

// Canonical encodes v as canonical JSON: the RFC 8785 subset without floating
// point numbers. Object keys are sorted by UTF-16 code units, strings carry the
// shortest escapes, and there is no white space.
func Canonical(v any) ([]byte, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("ledger: canonical: %w", err)
	}
	return Recanonical(raw.Bytes())
}

// Recanonical brings a JSON text into canonical form. It refuses duplicate keys,
// floats and anything after the value. Text that is not UTF-8 reads as U+FFFD, as
// every reader of JSON takes it.
func Recanonical(raw []byte) ([]byte, error) {
	if !json.Valid(raw) {
		var v json.RawMessage
		err := json.Unmarshal(raw, &v)
		return nil, fmt.Errorf("ledger: canonical: %w", err)
	}
	w := writer{in: raw, out: make([]byte, 0, len(raw))}
	if err := w.value(); err != nil {
		return nil, err
	}
	return w.out, nil
}

// IsCanonical reports whether raw is exactly its own canonical form.
func IsCanonical(raw []byte) bool {
	c, err := Recanonical(raw)
	return err == nil && bytes.Equal(c, raw)
}

// writer copies valid JSON from in to out in canonical form. Valid tells it how
// deep values may nest, and spares it every check of the grammar.
type writer struct {
	in   []byte
	at   int // offset of the next byte to read
	out  []byte
	swap []byte   // room for members that change places
	open []member // of the objects around the current value
}

// member is a member of an object in out: out[from:key] is its key with quotes,
// out[from:end] all of it.
type member struct{ from, key, end int }

func (w *writer) blanks() {
	for w.at < len(w.in) && (w.in[w.at] == ' ' || w.in[w.at] == '\n' || w.in[w.at] == '\t' || w.in[w.at] == '\r') {
		w.at++
	}
}

func (w *writer) value() error {
	w.blanks()
	switch w.in[w.at] {
	case '{':
		return w.object()
	case '[':
		return w.array()
	case '"':
		return w.text()
	default:
		return w.scalar()
	}
}

// scalar copies a number, true, false or null.
func (w *writer) scalar() error {
	from := w.at
	for w.at < len(w.in) && strings.IndexByte(" \n\t\r,]}", w.in[w.at]) < 0 {
		w.at++
	}
	token := w.in[from:w.at]
	number := token[0] == '-' || '0' <= token[0] && token[0] <= '9'
	if number && (bytes.ContainsAny(token, ".eE") || string(token) == "-0") {
		return ErrFloat
	}
	w.out = append(w.out, token...)
	return nil
}

// text copies a string, as it is where it is canonical already.
func (w *writer) text() error {
	from, plain := w.at, true
	for w.at++; w.in[w.at] != '"'; w.at++ {
		switch c := w.in[w.at]; {
		case c == '\\':
			plain = false
			w.at++
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	w.at++
	quoted := w.in[from:w.at]
	if plain || bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
		w.out = append(w.out, quoted...)
		return nil
	}
	s, err := unquote(quoted)
	w.out = AppendString(w.out, s)
	return err
}

func unquote(quoted []byte) (s string, err error) {
	if err := json.Unmarshal(quoted, &s); err != nil {
		return "", fmt.Errorf("ledger: canonical: %w", err)
	}
	return s, nil
}

func (w *writer) array() error {
	w.at++
	w.out = append(w.out, '[')
	for w.blanks(); w.in[w.at] != ']'; w.blanks() {
		if w.in[w.at] == ',' {
			w.at++
			w.out = append(w.out, ',')
		}
		if err := w.value(); err != nil {
			return err
		}
	}
	w.at++
	w.out = append(w.out, ']')
	return nil
}

func (w *writer) object() error {
	w.at++
	w.out = append(w.out, '{')
	first, sorted := len(w.open), true
	for w.blanks(); w.in[w.at] != '}'; w.blanks() {
		if w.in[w.at] == ',' {
			w.at++
			w.blanks()
			w.out = append(w.out, ',')
		}
		m := member{from: len(w.out)}
		if err := w.text(); err != nil {
			return err
		}
		m.key = len(w.out)
		w.blanks()
		w.at++ // the colon
		w.out = append(w.out, ':')
		if err := w.value(); err != nil {
			return err
		}
		m.end = len(w.out)
		sorted = sorted && (len(w.open) == first || w.compare(w.open[len(w.open)-1], m) < 0)
		w.open = append(w.open, m)
	}
	w.at++
	members := w.open[first:]
	w.open = w.open[:first]
	if !sorted {
		if err := w.sort(members); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return nil
}

// sort puts the members that end out into order and refuses two of one key.
func (w *writer) sort(members []member) error {
	from := members[0].from
	slices.SortFunc(members, w.compare)
	w.swap = w.swap[:0]
	for i, m := range members {
		if i > 0 {
			if w.compare(members[i-1], m) == 0 {
				return fmt.Errorf("ledger: canonical: key %s twice", w.out[m.from:m.key])
			}
			w.swap = append(w.swap, ',')
		}
		w.swap = append(w.swap, w.out[m.from:m.end]...)
	}
	w.out = append(w.out[:from], w.swap...)
	return nil
}

// compare orders two members by their keys in UTF-16 code units.
func (w *writer) compare(a, b member) int {
	x, y := w.out[a.from+1:a.key-1], w.out[b.from+1:b.key-1]
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] >= utf8.RuneSelf || y[i] >= utf8.RuneSelf || x[i] == '\\' || y[i] == '\\' {
			// Quoted by AppendString or copied after a look: they can be read.
			s, _ := unquote(w.out[a.from:a.key])
			t, _ := unquote(w.out[b.from:b.key])
			return slices.Compare(utf16.Encode([]rune(s)), utf16.Encode([]rune(t)))
		}
		if x[i] != y[i] {
			return int(x[i]) - int(y[i])
		}
	}
	return len(x) - len(y)
}

const hexDigits = "0123456789abcdef"

// AppendString adds s, which is valid UTF-8, to out as a JSON string with the
// escapes that RFC 8785 section 3.2.2.2 asks for and no others.
func AppendString(out []byte, s string) []byte {
	out = append(out, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out = append(out, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\b':
			out = append(out, '\\', 'b')
		case '\t':
			out = append(out, '\\', 't')
		case '\n':
			out = append(out, '\\', 'n')
		case '\f':
			out = append(out, '\\', 'f')
		case '\r':
			out = append(out, '\\', 'r')
		default:
			out = append(out, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	out = append(out, s[start:]...)
	return append(out, '"')
}

package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
// floats and anything after the value.
func Recanonical(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	out := make([]byte, 0, len(raw))
	out, err := canonicalValue(dec, out, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("ledger: canonical: data after the JSON value")
	}
	return out, nil
}

// IsCanonical reports whether raw is exactly its own canonical form.
func IsCanonical(raw []byte) bool {
	c, err := Recanonical(raw)
	return err == nil && bytes.Equal(c, raw)
}

// depthMax is how deep values may nest: as deep as encoding/json reads them. More
// would let a foreign text exhaust the stack.
const depthMax = 10000

func canonicalValue(dec *json.Decoder, out []byte, depth int) ([]byte, error) {
	if depth > depthMax {
		return nil, errors.New("ledger: canonical: nested too deeply")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, fmt.Errorf("ledger: canonical: %w", err)
	}
	switch t := tok.(type) {
	case json.Delim:
		if t == '[' {
			return canonicalArray(dec, out, depth+1)
		}
		return canonicalObject(dec, out, depth+1)
	case json.Number:
		if strings.ContainsAny(string(t), ".eE") || t == "-0" {
			return nil, ErrFloat
		}
		return append(out, t...), nil
	case string:
		return appendString(out, t), nil
	case bool:
		if t {
			return append(out, "true"...), nil
		}
		return append(out, "false"...), nil
	default:
		return append(out, "null"...), nil
	}
}

func canonicalArray(dec *json.Decoder, out []byte, depth int) ([]byte, error) {
	out = append(out, '[')
	for i := 0; dec.More(); i++ {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = canonicalValue(dec, out, depth); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return append(out, ']'), err
}

type member struct {
	key   string
	value []byte
}

func canonicalObject(dec *json.Decoder, out []byte, depth int) ([]byte, error) {
	var ms []member
	sorted := true
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("ledger: canonical: %w", err)
		}
		key, ok := tok.(string)
		if !ok {
			return nil, errors.New("ledger: canonical: object key is not a string")
		}
		v, err := canonicalValue(dec, nil, depth)
		if err != nil {
			return nil, err
		}
		if n := len(ms); n > 0 && compareUTF16(ms[n-1].key, key) >= 0 {
			sorted = false
		}
		ms = append(ms, member{key, v})
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("ledger: canonical: %w", err)
	}
	if !sorted {
		slices.SortFunc(ms, func(a, b member) int { return compareUTF16(a.key, b.key) })
		for i := 1; i < len(ms); i++ {
			if ms[i].key == ms[i-1].key {
				return nil, fmt.Errorf("ledger: canonical: key %q twice", ms[i].key)
			}
		}
	}
	out = append(out, '{')
	for i, m := range ms {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendString(out, m.key)
		out = append(out, ':')
		out = append(out, m.value...)
	}
	return append(out, '}'), nil
}

func compareUTF16(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] >= utf8.RuneSelf || b[i] >= utf8.RuneSelf {
			return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		}
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

const hexDigits = "0123456789abcdef"

func appendString(out []byte, s string) []byte {
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

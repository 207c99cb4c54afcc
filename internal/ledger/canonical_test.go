package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"bevis/internal/ledger"
)

// The rules of RFC 8785 with vectors of our own: keys by UTF-16 code units, the
// shortest escapes, no white space.
func TestRecanonical(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"white space":           {" { \"b\" : [ 1 ,\t2 ] ,\r\n\"a\":null } ", `{"a":null,"b":[1,2]}`},
		"empty":                 {`{"a":{},"b":[]}`, `{"a":{},"b":[]}`},
		"literals":              {`[true, false, null]`, `[true,false,null]`},
		"numbers":               {`[0,-1,9007199254740993,123456789012345678901234567890]`, `[0,-1,9007199254740993,123456789012345678901234567890]`},
		"short escapes":         {`"\u0008\u0009\u000a\u000c\u000d\u0022\u005c\/"`, `"\b\t\n\f\r\"\\/"`},
		"long escapes":          {`"\u0000\u000F\u001f\u007f"`, "\"\\u0000\\u000f\\u001f\u007f\""},
		"no needless escapes":   {`"\u00e5\u2028\u2029\u003c\u0026\ud83d\ude00"`, "\"å\u2028\u2029<&😀\""},
		"key order":             {`{"b":1,"a":2,"":3,"aa":4,"B":5}`, `{"":3,"B":5,"a":2,"aa":4,"b":1}`},
		"surrogates sort first": {"{\"\ue000\":1,\"😀\":2,\"ö\":3}", "{\"ö\":3,\"😀\":2,\"\ue000\":1}"},
		"keys are escaped":      {`{"\u000a":1,"\"":2}`, `{"\n":1,"\"":2}`},
		"nested":                {`{"z":{"y":[{"b":1,"a":2}]}}`, `{"z":{"y":[{"a":2,"b":1}]}}`},
	} {
		got, err := ledger.Recanonical([]byte(tc.in))
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tc.want)
		}
		if !ledger.IsCanonical([]byte(tc.want)) {
			t.Errorf("%s: the canonical form is not its own", name)
		}
		if tc.in != tc.want && ledger.IsCanonical([]byte(tc.in)) {
			t.Errorf("%s: %q passes for canonical", name, tc.in)
		}
	}
}

func TestRecanonicalRefuses(t *testing.T) {
	for name, in := range map[string]string{
		"fraction":              `1.5`,
		"whole with a fraction": `[1.0]`,
		"exponent":              `{"a":1e3}`,
		"minus nothing":         `-0`,
		"same key":              `{"a":1,"b":2,"a":1}`,
		"same key, escaped":     `{"a":1,"\u0061":2}`,
		"same key, neighbours":  `{"a":1,"a":1}`,
		"trailing value":        `{} {}`,
		"trailing text":         `[]x`,
		"cut short":             `{"a":[1,2`,
		"closed wrongly":        `{"a":[1}]`,
		"nothing":               ``,
		"leading zero":          `01`,
		"comma":                 `[1,]`,
		"not a number":          `NaN`,
		"unquoted key":          `{a:1}`,
		"number as key":         `{1:1}`,
		"control character":     "\"\x01\"",
		"bottomless":            strings.Repeat("[", 2_000_000),
		"bottomless objects":    strings.Repeat(`{"a":`, 1_000_000),
	} {
		if got, err := ledger.Recanonical([]byte(in)); err == nil {
			t.Errorf("%s: accepted as %.60q", name, got)
		}
	}
	for _, in := range []string{`1.5`, `1e3`, `-0`} {
		if _, err := ledger.Recanonical([]byte(in)); !errors.Is(err, ledger.ErrFloat) {
			t.Errorf("%s: %v", in, err)
		}
	}
	if _, err := ledger.Canonical(map[string]any{"a": 0.5}); !errors.Is(err, ledger.ErrFloat) {
		t.Errorf("Canonical of a float: %v", err)
	}
	if _, err := ledger.Canonical(func() {}); err == nil {
		t.Error("Canonical took a function")
	}
	// Bytes that are no text cannot pass for the text they are shown as.
	if ledger.IsCanonical([]byte("\"\xff\"")) {
		t.Error("invalid UTF-8 passes for canonical")
	}
}

func TestCanonicalOfAStruct(t *testing.T) {
	got, err := ledger.Canonical(struct {
		Z string   `json:"z"`
		A []string `json:"a"`
		N int64    `json:"n"`
	}{"<å>", nil, -7})
	if want := `{"a":null,"n":-7,"z":"<å>"}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

// value draws a JSON value without floats.
func value() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any { return draw(t, 4) })
}

func draw(t *rapid.T, deep int) any {
	kinds := 4
	if deep > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return nil
	case 1:
		return rapid.Bool().Draw(t, "bool")
	case 2:
		return rapid.Int64().Draw(t, "int")
	case 3:
		return rapid.String().Draw(t, "string")
	case 4:
		out := make([]any, rapid.IntRange(0, 4).Draw(t, "items"))
		for i := range out {
			out[i] = draw(t, deep-1)
		}
		return out
	default:
		out := map[string]any{}
		for range rapid.IntRange(0, 5).Draw(t, "members") {
			out[rapid.String().Draw(t, "key")] = draw(t, deep-1)
		}
		return out
	}
}

// Whatever the writer's spacing, the canonical form is one, and reads back as the
// same value.
func TestCanonicalIsOneForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := value().Draw(t, "value")
		a, err := ledger.Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		spaced, err := json.MarshalIndent(v, " ", "\t")
		if err != nil {
			t.Fatal(err)
		}
		b, err := ledger.Recanonical(spaced)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("%s, %s, %v", a, b, err)
		}
		if !ledger.IsCanonical(a) {
			t.Fatalf("%s is not its own form", a)
		}
		if !equal(t, a, spaced) {
			t.Fatalf("%s reads back as another value", a)
		}
	})
}

func equal(t *rapid.T, a, b []byte) bool {
	t.Helper()
	read := func(raw []byte) string {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			t.Fatal(err)
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	return read(a) == read(b)
}

func FuzzRecanonical(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[true,null,"\u00e5"]}`, `{"a":1,"a":2}`, `[1.5]`, `"\ud800"`, "\"\xff\"", `{"":{"":{}}}`, `-0`, `[[[[`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := ledger.Recanonical(raw)
		if err != nil {
			if ledger.IsCanonical(raw) {
				t.Fatalf("%q is refused and canonical", raw)
			}
			return
		}
		b, err := ledger.Recanonical(a)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("%q becomes %q and then %q, %v", raw, a, b, err)
		}
		if !json.Valid(a) || !utf8.Valid(a) || !ledger.IsCanonical(a) {
			t.Fatalf("%q is no canonical JSON", a)
		}
		if ledger.IsCanonical(raw) != bytes.Equal(raw, a) {
			t.Fatalf("IsCanonical(%q) disagrees", raw)
		}
		// A second reader sees the same value.
		var x, y any
		dx, dy := json.NewDecoder(bytes.NewReader(raw)), json.NewDecoder(bytes.NewReader(a))
		dx.UseNumber()
		dy.UseNumber()
		if dx.Decode(&x) != nil || dy.Decode(&y) != nil {
			t.Fatalf("%q or %q is not read by encoding/json", raw, a)
		}
		jx, _ := json.Marshal(x)
		jy, _ := json.Marshal(y)
		if !bytes.Equal(jx, jy) {
			t.Fatalf("%q and %q differ", jx, jy)
		}
	})
}

// Whole numbers keep every digit.
func TestNumbersAreNotRounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes"))
		got, err := ledger.Recanonical([]byte(" " + n.String() + " "))
		if err != nil || string(got) != n.String() {
			t.Fatalf("%s, %v; want %s", got, err, n)
		}
	})
}

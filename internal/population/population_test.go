package population

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"bevis/internal/fault"
)

func at(s string) Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return Time(t.UnixMicro())
}

func sample() []Change {
	return []Change{
		{
			Repository: "shop", Item: strings.Repeat("b", 40), OccurredAt: at("2026-03-31T09:14:05Z"), AuthorAt: at("2026-03-30T08:00:00Z"),
			AuthorName: "Åsa \"Ax\" Öberg", AuthorEmail: "asa@example.com", CommitterName: "Bot", CommitterEmail: "bot@example.com",
			Parents: 1, Subject: "Fix <tags>\t& \u2028 lines\x01", MessageSHA256: strings.Repeat("0", 64), References: []string{"PR#1", "closes#2"},
			ReviewLineCount: 1, Reviews: []Review{{Kind: "gerrit", Raw: "Bo Ek <bo@example.com>", Name: "Bo Ek", Email: "bo@example.com", Resolved: true}},
		},
		{Repository: "shop", Item: strings.Repeat("a", 40), OccurredAt: at("2026-04-01T00:00:00Z"), MessageSHA256: strings.Repeat("1", 64), Quirks: []string{"text_control"}},
	}
}

func newOK(t testing.TB, rows []Change) *Dataset {
	t.Helper()
	d, err := New(rows)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func all(t testing.TB, d *Dataset) []Change {
	t.Helper()
	out := []Change{}
	for c, err := range d.Changes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, *c)
	}
	return out
}

func written(t testing.TB, d *Dataset) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(t.Context(), &b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The digest is a promise to every package ever sent out: this value may change
// only together with the schema id.
func TestDigestStands(t *testing.T) {
	d := newOK(t, sample())
	const want = "cbe622d9a7c86d003bc7cabdda35b01d0446cc6f1f718613a6432210e736b40c"
	if d.SHA256() != want {
		t.Errorf("digest %s", d.SHA256())
	}
	if empty := newOK(t, nil); empty.SHA256() != "ee13ca16969d73befe48ab37d5b507798e8fe3719b3cbe74c277312ebeb2db2c" {
		t.Errorf("empty digest %s", empty.SHA256())
	}
}

// A row's canonical JSON is what any RFC 8785 program makes of the same object.
func TestCanonicalRow(t *testing.T) {
	for _, c := range sample() {
		var m map[string]any
		if err := json.Unmarshal(c.Canonical(), &m); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b) // sorts keys; all of ours are ASCII
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(strings.TrimSpace(b.String()), `\u2028`, "\u2028") // Go escapes it, RFC 8785 does not
		if string(c.Canonical()) != want {
			t.Errorf("\n%s\n%s", c.Canonical(), want)
		}
	}
}

// The rows in the Parquet file are described by the schema, column by column.
func TestSchemaMatchesRows(t *testing.T) {
	kinds := map[string]string{"string": "text", "bool": "boolean", "int64": "integer", "Time": "timestamp", "[]string": "list of text", "[]population.Review": "list of change_review/1"}
	for id, row := range map[string]any{"change/1": Change{}, "change_review/1": Review{}} {
		s, err := FindSchema(id)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		rt := reflect.TypeOf(row)
		for f := range rt.Fields() {
			kind := f.Type.Name()
			if kind == "" {
				kind = f.Type.String()
			}
			column, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
			if column != f.Tag.Get("json") {
				t.Errorf("%s: column %s, key %s", f.Name, column, f.Tag.Get("json"))
			}
			want = append(want, column+" "+kinds[kind])
		}
		for _, f := range s.Fields {
			got = append(got, f.Name+" "+f.Type)
			if f.Meaning.English == "" || f.Meaning.Swedish == "" {
				t.Errorf("%s.%s has no meaning in both languages", id, f.Name)
			}
		}
		if !slices.Equal(got, want) || !slices.IsSorted(got) {
			t.Errorf("%s: schema %q, rows %q", id, got, want)
		}
	}
	if _, err := FindSchema("change/99"); !fault.Is(err, "population.schema_unknown") {
		t.Error(err)
	}
}

// The digest does not depend on the order in which a collector found the rows, and
// a file gives back the rows it was given.
func TestRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[a-zA-Z =+@éÅ-]{0,12}`)
	review := rapid.Custom(func(t *rapid.T) Review {
		return Review{Email: text.Draw(t, "email"), Kind: "gerrit", Name: text.Draw(t, "name"), Raw: text.Draw(t, "raw"), Resolved: rapid.Bool().Draw(t, "resolved"), Username: text.Draw(t, "user")}
	})
	change := rapid.Custom(func(t *rapid.T) Change {
		c := Change{
			Repository: rapid.SampledFrom([]string{"a", "b", "a@b"}).Draw(t, "repository"), Item: rapid.StringMatching(`[a-f0-9]{1,8}`).Draw(t, "item"),
			OccurredAt: Time(rapid.Int64Range(int64(minTime), int64(maxTime)).Draw(t, "at")), AuthorAt: Time(rapid.Int64Range(int64(minTime), int64(maxTime)).Draw(t, "author")),
			AuthorName: text.Draw(t, "name"), Subject: text.Draw(t, "subject"), Parents: rapid.Int64Range(0, 9).Draw(t, "parents"),
			References: rapid.SliceOfN(text, 0, 3).Draw(t, "refs"), Quirks: rapid.SliceOfN(text, 0, 2).Draw(t, "quirks"), Reviews: rapid.SliceOfN(review, 0, 3).Draw(t, "reviews"),
		}
		c.ReviewLineCount = int64(len(c.Reviews))
		return c
	})
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.SliceOfNDistinct(change, 0, 20, func(c Change) Key { return c.Key() }).Draw(r, "rows")
		shuffled := rapid.Permutation(rows).Draw(r, "shuffled")
		d, e := newOK(t, slices.Clone(rows)), newOK(t, shuffled)
		if d.SHA256() != e.SHA256() {
			r.Fatalf("order changes the digest")
		}
		file := written(t, d)
		if !bytes.Equal(file, written(t, e)) {
			r.Fatalf("the same rows give two files")
		}
		back, err := Open(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			r.Fatal(err)
		}
		if back.SHA256() != d.SHA256() || back.Len() != d.Len() || back.Schema() != "change/1" {
			r.Fatalf("%s %d, want %s %d", back.SHA256(), back.Len(), d.SHA256(), d.Len())
		}
		if !bytes.Equal(written(t, back), file) {
			r.Fatalf("a read file is written differently")
		}
	})
}

// More rows than one batch and one row group of the file.
func TestManyRows(t *testing.T) {
	rows := make([]Change, rowGroupRows+batch+7)
	for i := range rows {
		rows[i] = Change{Repository: "r", Item: fmt.Sprintf("%08x", i), OccurredAt: Time(i), References: []string{fmt.Sprint(i)}}
		if i%3 == 0 {
			rows[i].Reviews, rows[i].ReviewLineCount = []Review{{Raw: fmt.Sprint(i)}, {Raw: "x"}}, 2
		}
	}
	d := newOK(t, rows)
	file := written(t, d)
	back, err := Open(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the rows can be read again
		got := all(t, back)
		if len(got) != len(rows) || got[66_000].References[0] != "66000" || len(got[66_000].Reviews) != 2 || len(got[66_001].Reviews) != 0 {
			t.Fatalf("%d rows, %+v", len(got), got[66_000])
		}
	}
}

func TestRefusedRows(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(*Change)
		key  string
	}{
		"good":            {func(*Change) {}, ""},
		"no item":         {func(c *Change) { c.Item = "" }, "population.row_invalid"},
		"no repository":   {func(c *Change) { c.Repository = "" }, "population.row_invalid"},
		"not UTF-8":       {func(c *Change) { c.Subject = "a\xff" }, "population.row_invalid"},
		"NUL":             {func(c *Change) { c.AuthorName = "a\x00b" }, "population.row_invalid"},
		"NUL in list":     {func(c *Change) { c.References = []string{"\x00"} }, "population.row_invalid"},
		"NUL in review":   {func(c *Change) { c.Reviews[0].Raw = "\x00" }, "population.row_invalid"},
		"wrong count":     {func(c *Change) { c.ReviewLineCount = 2 }, "population.row_invalid"},
		"year 10000":      {func(c *Change) { c.OccurredAt = maxTime + 1 }, "population.row_invalid"},
		"author's year 0": {func(c *Change) { c.AuthorAt = minTime - 1 }, "population.row_invalid"},
		"parents":         {func(c *Change) { c.Parents = -1 }, "population.row_invalid"},
		"twice":           {func(c *Change) { c.Item = strings.Repeat("a", 40) }, "population.key_twice"},
	} {
		t.Run(name, func(t *testing.T) {
			rows := sample()
			tc.edit(&rows[0])
			_, err := New(rows)
			if tc.key == "" && err != nil || tc.key != "" && !fault.Is(err, tc.key) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Files that are not what Write makes are refused with a reason, whoever made them.
func TestForeignFiles(t *testing.T) {
	raw := func(rows any, options ...parquet.WriterOption) []byte {
		var b bytes.Buffer
		if err := parquet.Write(&b, rows.([]Change), options...); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	type other struct {
		A string `parquet:"a"`
	}
	var foreign bytes.Buffer
	if err := parquet.Write(&foreign, []other{{"x"}}, parquet.KeyValueMetadata(metaSchema, ChangeSchema)); err != nil {
		t.Fatal(err)
	}
	sorted := sample()
	slices.Reverse(sorted)
	schema := parquet.KeyValueMetadata(metaSchema, ChangeSchema)
	digest := parquet.KeyValueMetadata(metaDigest, newOK(t, sample()).SHA256())
	edited := slices.Clone(sorted)
	edited[0].AuthorName = "Somebody Else"
	good := written(t, newOK(t, sample()))
	for name, tc := range map[string]struct {
		file []byte
		key  string
	}{
		"good":           {raw(sorted, schema, digest), ""},
		"empty":          {nil, "population.not_parquet"},
		"text":           {[]byte("repository,item\nshop,abc\n"), "population.not_parquet"},
		"cut":            {good[:len(good)-20], "population.not_parquet"},
		"footer":         {append(append([]byte("PAR1"), bytes.Repeat([]byte{0xff}, 40)...), "\x20\x00\x00\x00PAR1"...), "population.parquet_damaged"},
		"long footer":    {[]byte("PAR1....\xff\xff\xff\x7fPAR1"), "population.parquet_damaged"},
		"another schema": {foreign.Bytes(), "population.schema_foreign"},
		"no schema id":   {raw(sorted, digest), "population.schema_foreign"},
		"newer schema":   {raw(sorted, parquet.KeyValueMetadata(metaSchema, "change/2"), digest), "population.schema_foreign"},
		"order":          {raw(sample(), schema, digest), "population.order"},
		"twice":          {raw([]Change{sorted[0], sorted[0]}, schema, digest), "population.key_twice"},
		"edited row":     {raw(edited, schema, digest), "population.digest_differs"},
		"row gone":       {raw(sorted[:1], schema, digest), "population.digest_differs"},
		"no digest":      {raw(sorted, schema), "population.digest_differs"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(t.Context(), bytes.NewReader(tc.file), int64(len(tc.file)))
			if tc.key == "" && err != nil || tc.key != "" && !fault.Is(err, tc.key) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Whatever byte of a dataset file is changed, it either still holds the same rows
// or is refused with a fault. Every seventh byte, for time; FuzzOpen does the rest.
func TestEveryChangedByte(t *testing.T) {
	d := newOK(t, sample())
	file := written(t, d)
	for i := 0; i < len(file); i += 7 {
		bad := slices.Clone(file)
		bad[i] ^= 0x5a
		got, err := Open(t.Context(), bytes.NewReader(bad), int64(len(bad)))
		if err == nil && got.SHA256() != d.SHA256() {
			t.Fatalf("byte %d: other rows are accepted", i)
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	good := written(f, newOK(f, sample()))
	f.Add(good)
	f.Add(written(f, newOK(f, nil)))
	f.Add([]byte("PAR1\x15\x00PAR1"))
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := Open(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		again := newOK(t, all(t, d))
		if again.SHA256() != d.SHA256() {
			t.Fatalf("%s and %s", d.SHA256(), again.SHA256())
		}
	})
}

func TestCSV(t *testing.T) {
	rows := sample()
	rows[0].Subject = "=HYPERLINK(\"http://evil.example\")"
	rows[0].AuthorName = "@SUM(A1)"
	rows[1].Subject = "two\nlines, \"quoted\""
	var b bytes.Buffer
	if err := WriteCSV(t.Context(), &b, newOK(t, rows)); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 3 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	cell := func(row int, name string) string { return lines[row][slices.Index(lines[0], name)] }
	for _, c := range []struct{ got, want string }{
		{cell(2, "subject"), "'=HYPERLINK(\"http://evil.example\")"},
		{cell(2, "author_name"), "'@SUM(A1)"},
		{cell(1, "subject"), "two\nlines, \"quoted\""},
		{cell(2, "references"), "PR#1; closes#2"},
		{cell(2, "reviewers"), "Bo Ek <bo@example.com>"},
		{cell(2, "occurred_at"), "2026-03-31T09:14:05.000000Z"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for _, s := range []string{"=", "+1", "-1", "@x", "\tx", "\rx"} {
		if SafeCell(s) != "'"+s {
			t.Errorf("%q stays a formula", s)
		}
	}
	if SafeCell("a=1") != "a=1" || SafeCell("") != "" {
		t.Error("plain text was changed")
	}
}

func TestFold(t *testing.T) {
	for a, b := range map[string]string{
		"Ada LOVELACE": "ada lovelace", " Ada\t Lovelace ": "ada lovelace", "ÅSA": "åsa", "A\u030Asa": "åsa", "Straße": "STRASSE", "Σίσυφος": "ΣΊΣΥΦΟΣ",
		"Ada\u00a0Lovelace": "ada lovelace", "A\u200bda": "ada", "": "", " ": "", "a  b": "a b", "a ": "a",
	} {
		if Fold(a) != Fold(b) {
			t.Errorf("%q folds to %q, %q to %q", a, Fold(a), b, Fold(b))
		}
	}
	if Fold("Ada") == Fold("Ida") {
		t.Error("two names fold alike")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if once := Fold(s); Fold(once) != once {
			t.Fatalf("%q folds to %q, then to %q", s, once, Fold(once))
		}
	})
}

func TestTime(t *testing.T) {
	moment := at("2026-03-31T09:14:05Z") + 1
	text, err := json.Marshal(moment)
	if err != nil || string(text) != `"2026-03-31T09:14:05.000001Z"` {
		t.Errorf("%s %v", text, err)
	}
	var back Time
	if err := json.Unmarshal(text, &back); err != nil || back != moment {
		t.Errorf("%v %v", back, err)
	}
	if err := json.Unmarshal([]byte(`"2026-03-31"`), &back); err == nil {
		t.Error("a date is taken for a time")
	}
	if _, ok := UnixTime(1 << 62); ok {
		t.Error("a time far off is taken")
	}
	if _, ok := TimeOf(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("the year 10000 is taken")
	}
}

func TestDoubt(t *testing.T) {
	s := Statement{Complete: true, Reasons: []string{}}
	s.Doubt(ReasonHistoryTruncated)
	s.Doubt(ReasonTimeUnreadable)
	s.Doubt(ReasonHistoryTruncated)
	if s.Complete || !slices.Equal(s.Reasons, []string{ReasonTimeUnreadable, ReasonHistoryTruncated}) {
		t.Errorf("%+v", s)
	}
}

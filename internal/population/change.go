package population

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"bevis/internal/fault"
	"bevis/internal/ledger"
)

// Time is a moment in microseconds since 1970-01-01 UTC. In hashed JSON it is the
// string of TimeLayout; in Parquet and SQL it is the number.
type Time int64

// TimeLayout is how times stand in hashed JSON: UTC with six digits.
const TimeLayout = "2006-01-02T15:04:05.000000Z"

const (
	minTime Time = -62135596800_000000 // 0001-01-01
	maxTime Time = 253402300799_999999 // 9999-12-31
)

// TimeOf cuts t to microseconds. It reports false outside the years 1 to 9999,
// which TimeLayout cannot tell.
func TimeOf(t time.Time) (Time, bool) {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return 0, false
	}
	return Time(t.UnixMicro()), true
}

// UnixTime is the Time of whole seconds since 1970, false outside years 1 to 9999.
func UnixTime(seconds int64) (Time, bool) {
	if seconds > math.MaxInt64/1_000_000 || seconds < math.MinInt64/1_000_000 {
		return 0, false
	}
	t := Time(seconds * 1_000_000)
	return t, t >= minTime && t <= maxTime
}

// Time returns t as a time in UTC.
func (t Time) Time() time.Time { return time.UnixMicro(int64(t)).UTC() }

// String is t in TimeLayout.
func (t Time) String() string { return t.Time().Format(TimeLayout) }

// MarshalText makes Time a string in JSON.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads TimeLayout alone.
func (t *Time) UnmarshalText(b []byte) error {
	v, err := time.Parse(TimeLayout, string(b))
	if err != nil {
		return fmt.Errorf("population: time: %w", err)
	}
	*t = Time(v.UnixMicro())
	return nil
}

// Change is one row of schema change/1; the schema says what each field means.
// The tags name the columns of the Parquet file and the keys of the hashed JSON.
type Change struct {
	AuthorAt        Time     `parquet:"author_at,timestamp(microsecond)" json:"author_at"`
	AuthorEmail     string   `parquet:"author_email,dict" json:"author_email"`
	AuthorName      string   `parquet:"author_name,dict" json:"author_name"`
	CommitterEmail  string   `parquet:"committer_email,dict" json:"committer_email"`
	CommitterName   string   `parquet:"committer_name,dict" json:"committer_name"`
	Item            string   `parquet:"item" json:"item"`
	MessageSHA256   string   `parquet:"message_sha256" json:"message_sha256"`
	OccurredAt      Time     `parquet:"occurred_at,timestamp(microsecond)" json:"occurred_at"`
	Parents         int64    `parquet:"parents" json:"parents"`
	Quirks          []string `parquet:"quirks" json:"quirks"`
	References      []string `parquet:"references" json:"references"`
	Repository      string   `parquet:"repository,dict" json:"repository"`
	ReviewLineCount int64    `parquet:"review_line_count" json:"review_line_count"`
	Reviews         []Review `parquet:"reviews" json:"reviews"`
	Subject         string   `parquet:"subject" json:"subject"`
}

// Review is one row of schema change_review/1, held inside its change.
type Review struct {
	Email    string `parquet:"email,dict" json:"email"`
	Kind     string `parquet:"kind,dict" json:"kind"`
	Name     string `parquet:"name,dict" json:"name"`
	Raw      string `parquet:"raw,dict" json:"raw"`
	Resolved bool   `parquet:"resolved" json:"resolved"`
	Username string `parquet:"username,dict" json:"username"`
}

// Key is what makes an item unique within a dataset: the repository and the
// item's identity in it.
type Key struct {
	Repository string `json:"repository"`
	Item       string `json:"item"`
}

// Compare orders keys by repository, then by item, both byte by byte.
func (k Key) Compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Repository, o.Repository), cmp.Compare(k.Item, o.Item))
}

// String is the key on one line, for people: repository@item.
func (k Key) String() string { return k.Repository + "@" + k.Item }

// Key is the change's key.
func (c *Change) Key() Key { return Key{c.Repository, c.Item} }

// check refuses what no dataset may hold: rows without identity, counts that do
// not match, times outside the years 1 to 9999, and text that JSON or a database
// cannot carry. line is the row's canonical JSON, so that valid text is told by one
// look.
func (c *Change) check(row int, line []byte) error {
	field := ""
	switch {
	case c.Item == "":
		field = "item"
	case c.Repository == "":
		field = "repository"
	case c.OccurredAt < minTime || c.OccurredAt > maxTime:
		field = "occurred_at"
	case c.AuthorAt < minTime || c.AuthorAt > maxTime:
		field = "author_at"
	case c.Parents < 0 || c.Parents > maxSafe:
		field = "parents"
	case c.ReviewLineCount != int64(len(c.Reviews)):
		field = "review_line_count"
	case !utf8.Valid(line) || bytes.Contains(line, []byte(`\u0000`)):
		field = c.badText()
	}
	if field == "" {
		return nil
	}
	return fault.New(fault.Invalid, "population.row_invalid", "Row", row, "Field", field)
}

// badText names the first field whose text is not UTF-8 or holds NUL, "" if there
// is none.
func (c *Change) badText() string {
	bad := func(s string) bool { return !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 }
	for _, f := range []struct {
		name   string
		values []string
	}{
		{"author_email", []string{c.AuthorEmail}},
		{"author_name", []string{c.AuthorName}},
		{"committer_email", []string{c.CommitterEmail}},
		{"committer_name", []string{c.CommitterName}},
		{"item", []string{c.Item}},
		{"message_sha256", []string{c.MessageSHA256}},
		{"repository", []string{c.Repository}},
		{"subject", []string{c.Subject}},
		{"quirks", c.Quirks},
		{"references", c.References},
	} {
		if slices.ContainsFunc(f.values, bad) {
			return f.name
		}
	}
	for _, r := range c.Reviews {
		if bad(r.Email) || bad(r.Kind) || bad(r.Name) || bad(r.Raw) || bad(r.Username) {
			return "reviews"
		}
	}
	return ""
}

// maxSafe is the largest whole number that every JSON reader keeps exactly.
const maxSafe = 1<<53 - 1

// appendJSON adds the change's canonical JSON: keys sorted, shortest escapes, no
// blanks, whole numbers alone (the RFC 8785 subset).
func (c *Change) appendJSON(b []byte) []byte {
	b = appendTime(append(b, `{"author_at":`...), c.AuthorAt)
	b = appendMember(b, `,"author_email":`, c.AuthorEmail)
	b = appendMember(b, `,"author_name":`, c.AuthorName)
	b = appendMember(b, `,"committer_email":`, c.CommitterEmail)
	b = appendMember(b, `,"committer_name":`, c.CommitterName)
	b = appendMember(b, `,"item":`, c.Item)
	b = appendMember(b, `,"message_sha256":`, c.MessageSHA256)
	b = appendTime(append(b, `,"occurred_at":`...), c.OccurredAt)
	b = strconv.AppendInt(append(b, `,"parents":`...), c.Parents, 10)
	b = appendList(b, `,"quirks":[`, c.Quirks)
	b = appendList(b, `,"references":[`, c.References)
	b = appendMember(b, `,"repository":`, c.Repository)
	b = strconv.AppendInt(append(b, `,"review_line_count":`...), c.ReviewLineCount, 10)
	b = append(b, `,"reviews":[`...)
	for i := range c.Reviews {
		r := &c.Reviews[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendMember(b, `{"email":`, r.Email)
		b = appendMember(b, `,"kind":`, r.Kind)
		b = appendMember(b, `,"name":`, r.Name)
		b = appendMember(b, `,"raw":`, r.Raw)
		if r.Resolved {
			b = append(b, `,"resolved":true`...)
		} else {
			b = append(b, `,"resolved":false`...)
		}
		b = append(appendMember(b, `,"username":`, r.Username), '}')
	}
	return append(appendMember(b, `],"subject":`, c.Subject), '}')
}

// Canonical is the change's canonical JSON, the bytes under the digest.
func (c *Change) Canonical() []byte { return c.appendJSON(nil) }

func appendTime(b []byte, t Time) []byte {
	return append(t.Time().AppendFormat(append(b, '"'), TimeLayout), '"')
}

func appendMember(b []byte, prefix, s string) []byte {
	return ledger.AppendString(append(b, prefix...), s)
}

func appendList(b []byte, prefix string, list []string) []byte {
	b = append(b, prefix...)
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = ledger.AppendString(b, s)
	}
	return append(b, ']')
}

package git

import (
	"bytes"
	"crypto/sha1" // the hash git names commits by, not a protection of ours
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"bevis/internal/population"
)

// Quirks of a row: what was odd about the record. The schema explains them.
const (
	quirkNotUTF8     = "text_not_utf8"
	quirkEncoding    = "encoding_unknown"
	quirkControl     = "text_control"
	quirkAuthorTime  = "author_time_unreadable"
	replacementRune  = "\uFFFD"
	maxSubjectLength = 4096 // bytes kept of a subject; a message without line feeds may be huge
)

// commit is a commit object taken apart, its text still undecoded.
type commit struct {
	parents           []string
	author, committer []byte // the rest of the line: name <address> seconds zone
	encoding          string
	message           []byte
}

var errCommit = errors.New("git: not a commit object")

// parseCommit reads the bytes of a commit object. Only the structure is judged:
// header lines up to the first empty line, continuation lines (they begin with a
// blank, as in signatures) belonging to the header before.
func parseCommit(raw []byte) (commit, error) {
	var c commit
	for len(raw) > 0 {
		line, rest, ok := bytes.Cut(raw, []byte{'\n'})
		raw = rest
		if len(line) == 0 {
			if !ok {
				return c, errCommit
			}
			c.message = rest
			break
		}
		key, value, _ := bytes.Cut(line, []byte{' '})
		switch string(key) {
		case "parent":
			if !isHash(string(value)) {
				return c, errCommit
			}
			c.parents = append(c.parents, string(value))
		case "author":
			if c.author == nil {
				c.author = value
			}
		case "committer":
			if c.committer == nil {
				c.committer = value
			}
		case "encoding":
			c.encoding = string(value)
		}
	}
	if c.author == nil || c.committer == nil {
		return c, errCommit
	}
	return c, nil
}

func isHash(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(s, "0123456789abcdef") == ""
}

// nameOf is the object name of a commit's bytes under the hash of want.
func nameOf(raw []byte, want string) string {
	head := []byte("commit " + strconv.Itoa(len(raw)) + "\x00")
	if len(want) == 64 {
		h := sha256.New()
		h.Write(head)
		h.Write(raw)
		return hex.EncodeToString(h.Sum(nil))
	}
	h := sha1.New()
	h.Write(head)
	h.Write(raw)
	return hex.EncodeToString(h.Sum(nil))
}

// signature is who and when of an author or committer line.
type signature struct {
	name, email []byte
	at          population.Time
	timed       bool // the line has a readable time
}

// parseSignature reads "name <address> seconds zone". The zone only says how the
// clock on the wall stood; the seconds are UTC. What cannot be read stays empty.
func parseSignature(line []byte) signature {
	var s signature
	open := bytes.IndexByte(line, '<')
	end := bytes.LastIndexByte(line, '>')
	if open < 0 || end < open {
		s.name = bytes.TrimSpace(line)
		return s
	}
	s.name, s.email = bytes.TrimSpace(line[:open]), bytes.TrimSpace(line[open+1:end])
	f := bytes.Fields(line[end+1:])
	if len(f) == 0 {
		return s
	}
	seconds, err := strconv.ParseInt(string(f[0]), 10, 64)
	if err != nil {
		return s
	}
	s.at, s.timed = population.UnixTime(seconds)
	return s
}

// decoder turns the bytes of one commit into text and remembers what was odd.
type decoder struct {
	enc    *encoding.Decoder // nil for UTF-8
	quirks []string
}

func newDecoder(name string) *decoder {
	d := &decoder{}
	if n := strings.ToLower(strings.TrimSpace(name)); n != "" && n != "utf-8" && n != "utf8" && n != "none" {
		if e, err := htmlindex.Get(n); err == nil {
			d.enc = e.NewDecoder()
		} else {
			d.note(quirkEncoding)
		}
	}
	return d
}

func (d *decoder) note(quirk string) {
	if !slices.Contains(d.quirks, quirk) {
		d.quirks = append(d.quirks, quirk)
		slices.Sort(d.quirks)
	}
}

// text decodes b: by the commit's stated encoding, else as UTF-8. Bytes that do
// not decode and NUL become U+FFFD, so that no two programs read them differently.
func (d *decoder) text(b []byte) string {
	if d.enc != nil {
		if out, err := d.enc.Bytes(b); err == nil {
			if bytes.Contains(out, []byte(replacementRune)) && !bytes.Contains(b, []byte(replacementRune)) {
				d.note(quirkNotUTF8)
			}
			b = out
		}
	}
	s := string(b)
	if !utf8.ValidString(s) {
		d.note(quirkNotUTF8)
		s = strings.ToValidUTF8(s, replacementRune)
	}
	if strings.IndexByte(s, 0) >= 0 {
		d.note(quirkControl)
		s = strings.ReplaceAll(s, "\x00", replacementRune)
	}
	return s
}

// person is d.text for names and addresses, remembering valid UTF-8.
func (r *reviewerRule) person(d *decoder, b []byte) string {
	if s, ok := r.texts[string(b)]; ok && d.enc == nil {
		return s
	}
	s := d.text(b)
	if d.enc == nil && s == string(b) {
		if r.texts == nil || len(r.texts) >= maxSeen {
			r.texts = map[string]string{}
		}
		r.texts[s] = s
	}
	return s
}

// subjectOf is the first paragraph on one line, as git shows it.
func subjectOf(message string) string {
	first, rest, _ := strings.Cut(message, "\n")
	if first = strings.TrimFunc(first, unicode.IsSpace); first != "" && len(first) <= maxSubjectLength && (rest == "" || rest[0] == '\n') {
		return strings.Clone(first) // the usual shape, without the words' slice
	}
	var words []string
	for line := range strings.SplitSeq(message, "\n") {
		line = strings.TrimFunc(line, unicode.IsSpace)
		if line == "" {
			if words == nil {
				continue
			}
			break
		}
		words = append(words, line)
	}
	s := strings.Join(words, " ")
	if len(s) > maxSubjectLength {
		s = strings.ToValidUTF8(s[:maxSubjectLength], "")
	}
	return s
}

// change makes the row of a commit.
func (r *reviewerRule) change(repository, hash string, c commit) population.Change {
	d := newDecoder(c.encoding)
	message := d.text(c.message)
	author, committer := parseSignature(c.author), parseSignature(c.committer)
	if !author.timed {
		d.note(quirkAuthorTime)
	}
	sum := sha256.Sum256(c.message)
	row := population.Change{
		Repository: repository, Item: hash, OccurredAt: committer.at, AuthorAt: author.at,
		AuthorName: r.person(d, author.name), AuthorEmail: r.person(d, author.email),
		CommitterName: r.person(d, committer.name), CommitterEmail: r.person(d, committer.email),
		Parents: int64(len(c.parents)), Subject: subjectOf(message),
		MessageSHA256: hex.EncodeToString(sum[:]), Reviews: r.find(message),
	}
	if !author.timed {
		row.AuthorAt = 0
	}
	row.ReviewLineCount = int64(len(row.Reviews))
	row.References = findReferences(row.Subject, message)
	row.Quirks = d.quirks
	return row
}

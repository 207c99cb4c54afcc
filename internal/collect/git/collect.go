package git

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bevis/internal/fault"
	"bevis/internal/population"
)

// Version is the version of this collector's rules. It changes when the same
// history could give other rows.
const Version = "git/1"

// Options say what to collect.
type Options struct {
	Repo       string    // work tree, bare repository or bundle
	Branch     string    // branch, tag or commit; "" is the branch that HEAD points at
	Name       string    // name of the repository in the rows; "" is the base name of Repo
	Reviewers  string    // gerrit (also ""), kafka, ack, or a regular expression (RE2) matched at line start
	Identities string    // file of user names and people; "" for none
	From, To   time.Time // committer time, From included, To excluded
	Principal  string    // account that reads, for the statement
	TempDir    string    // where temporary files go; "" is the system's place
}

// Result is what a run brings home.
type Result struct {
	// Dataset holds the rows and, as its Statement, how complete they are.
	Dataset *population.Dataset
	// Raw are git's answers exactly as received: the listing of the whole
	// first-parent history ("rev-list"), then the commits ("cat-file"). They live
	// until Close.
	Raw []Raw

	temp string
}

// Raw is one answer of the source, in a temporary file.
type Raw struct {
	Name   string // rev-list or cat-file
	Size   int64  // bytes
	SHA256 string
	path   string
}

// Open reads the bytes from the start. It fails after the result was closed.
func (r Raw) Open() (io.ReadCloser, error) {
	f, err := os.Open(r.path)
	if err != nil {
		return nil, fmt.Errorf("git: open raw answer: %w", err)
	}
	return f, nil
}

// Close removes the temporary files. It is safe to call more than once.
func (r *Result) Close() error {
	if r == nil || r.temp == "" {
		return nil
	}
	temp := r.temp
	r.temp = ""
	if err := os.RemoveAll(temp); err != nil {
		return fmt.Errorf("git: remove temporary files: %w", err)
	}
	return nil
}

// Collect reads the commits of the branch's first-parent history whose committer
// time is in the window. The caller closes the result.
//
// Rows depend on the history, the window, the name, the reviewer rule and the
// identity map alone, so a work tree, a bare repository and a bundle of the same
// history give the same digest. A history that is shallow, grafted or replaced, or
// whose listing does not link up, is not complete: the rows are what is there, and
// the statement says why it may not be all.
//
// It fails with a fault: Invalid for a wrong path, branch, window, pattern or
// identity map and for damaged repositories, Unavailable if git is missing or too
// old.
func Collect(ctx context.Context, o Options) (res *Result, err error) {
	from, to, err := window(o.From, o.To)
	if err != nil {
		return nil, err
	}
	people, peopleSHA256, err := readIdentities(o.Identities)
	if err != nil {
		return nil, err
	}
	rule, err := newReviewerRule(o.Reviewers, people)
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(o.TempDir, "bevis-git-")
	if err != nil {
		return nil, fmt.Errorf("git: make temporary folder: %w", err)
	}
	made := &Result{temp: temp}
	defer func() {
		if err != nil {
			res, err = nil, errors.Join(err, made.Close())
		}
	}()
	home := filepath.Join(temp, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, fmt.Errorf("git: make temporary folder: %w", err)
	}
	git, err := findProgram(ctx, home)
	if err != nil {
		return nil, err
	}
	src, err := openSource(ctx, git, o.Repo, temp)
	if err != nil {
		return nil, err
	}
	branch, head, err := src.resolve(ctx, o.Branch)
	if err != nil {
		return nil, err
	}
	name, err := repositoryName(o.Name, src.path)
	if err != nil {
		return nil, err
	}
	listing, objects := &rawFile{}, &rawFile{}
	defer func() { // again after finish, which tells
		_, _ = listing.file.Close(), objects.file.Close()
	}()
	for _, f := range []struct {
		raw  *rawFile
		name string
	}{{listing, "rev-list"}, {objects, "cat-file"}} {
		if err := f.raw.create(temp, f.name); err != nil {
			return nil, err
		}
	}
	w := &walk{src: src, head: head, from: from, to: to, rule: rule, repository: name, listing: listing, objects: objects}
	if err := w.run(ctx); err != nil {
		return nil, err
	}
	for _, f := range []*rawFile{listing, objects} {
		raw, err := f.finish()
		if err != nil {
			return nil, err
		}
		made.Raw = append(made.Raw, raw)
	}
	if made.Dataset, err = population.New(w.shown.rows); err != nil {
		return nil, err
	}
	made.Dataset.Statement = statement(o, w, rule, branch, peopleSHA256)
	summarise(&made.Dataset.Statement, w.shown.rows)
	return made, nil
}

// window checks the times and returns whole seconds: git knows no smaller unit, so
// a bound inside a second belongs to the next.
func window(from, to time.Time) (int64, int64, error) {
	_, ok1 := population.TimeOf(from)
	_, ok2 := population.TimeOf(to)
	if from.IsZero() || to.IsZero() || !ok1 || !ok2 {
		return 0, 0, fault.New(fault.Invalid, "collect.window_missing")
	}
	if !from.Before(to) {
		return 0, 0, fault.New(fault.Invalid, "collect.window_reversed", "From", rfc3339(from), "To", rfc3339(to))
	}
	up := func(t time.Time) int64 {
		s := t.Unix()
		if t.Nanosecond() > 0 {
			s++
		}
		return s
	}
	return up(from), up(to), nil
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

const maxName = 200 // bytes of a repository's name

// repositoryName is what the rows call the repository: name, or the last part of
// its path without .git and .bundle.
func repositoryName(name, path string) (string, error) {
	if name == "" {
		if filepath.Base(path) == ".git" {
			path = filepath.Dir(path)
		}
		name = strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".bundle"), ".git")
	}
	if name == "" || name == "." || name == string(filepath.Separator) || len(name) > maxName || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, unicode.IsControl) || strings.TrimSpace(name) != name {
		return "", fault.New(fault.Invalid, "collect.name_invalid", "Name", strings.ToValidUTF8(name, replacementRune))
	}
	return name, nil
}

// statement is the completeness statement of a walk (IPE, T1).
func statement(o Options, w *walk, rule *reviewerRule, branch, peopleSHA256 string) population.Statement {
	s := population.Statement{
		Schema: population.ChangeSchema, Source: "git", Locator: filepath.Base(w.src.path), // where it lies on this machine is nobody's business
		Origin: w.src.origin, Principal: o.Principal,
		Query: []string{
			"git " + strings.Join(listArgs(w.head), " "),
			"git " + strings.Join(showArgs, " "),
		},
		Parameters: map[string]string{"name": w.repository, "branch": o.Branch, "reviewers": rule.kind},
		Tools:      map[string]string{"git": w.src.git.version, "collector": Version},
		Branch:     branch, Head: w.head, Root: w.listed.root, From: rfc3339(o.From), To: rfc3339(o.To),
		Total: w.listed.total, Items: len(w.shown.rows), Before: w.listed.before + w.shown.before, After: w.listed.after + w.shown.after,
		Verified: w.shown.verified, RangeSHA256: w.listed.sha256,
		Gaps: []string{}, Reasons: []string{}, Complete: true,
	}
	if rule.kind == styleRegex {
		s.Parameters["pattern"] = o.Reviewers
	}
	if peopleSHA256 != "" {
		s.Parameters["identities_sha256"] = peopleSHA256
	}
	s.Gaps = append(s.Gaps, w.shown.gaps...)
	if w.src.truncated || w.listed.cut || w.shown.cut {
		s.Doubt(population.ReasonHistoryTruncated)
	}
	if w.shown.untimed {
		s.Doubt(population.ReasonTimeUnreadable)
	}
	return s
}

// summarise adds what the rows themselves say: the edges of the range in time (of
// equal times the smaller hash first) and how many name anything.
func summarise(s *population.Statement, rows []population.Change) {
	for i := range rows {
		c := &rows[i]
		e := population.Edge{Item: c.Item, OccurredAt: c.OccurredAt}
		if s.First == nil || e.OccurredAt < s.First.OccurredAt {
			s.First = &e
		}
		if s.Last == nil || e.OccurredAt >= s.Last.OccurredAt {
			s.Last = &e
		}
		if len(c.Reviews) > 0 {
			s.Reviewed++
		}
		if len(c.References) > 0 {
			s.Referred++
		}
	}
}

// rawFile receives one answer and its digest.
type rawFile struct {
	name string
	file *os.File
	buf  *bufio.Writer
	sum  hash.Hash
	size int64
}

func (r *rawFile) create(dir, name string) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("git: make raw file: %w", err)
	}
	*r = rawFile{name: name, file: f, buf: bufio.NewWriterSize(f, 256<<10), sum: sha256.New()}
	return nil
}

func (r *rawFile) Write(p []byte) (int, error) {
	r.sum.Write(p)
	r.size += int64(len(p))
	return r.buf.Write(p)
}

func (r *rawFile) finish() (Raw, error) {
	if err := errors.Join(r.buf.Flush(), r.file.Close()); err != nil {
		return Raw{}, fmt.Errorf("git: write raw file: %w", err)
	}
	return Raw{Name: r.name, Size: r.size, SHA256: hex.EncodeToString(r.sum.Sum(nil)), path: r.file.Name()}, nil
}

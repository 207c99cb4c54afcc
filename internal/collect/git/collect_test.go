package git

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bevis/internal/fault"
	"bevis/internal/population"
)

var epoch = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// made is a commit to make: seconds after epoch, message, and what differs from
// the usual.
type made struct {
	after    int64
	message  string
	author   string // "Name <address>"; "" is Ada
	encoding string
	branch   string // "" is main
	merge    string // mark of a second parent
}

// makeRepo makes a bare repository with git fast-import. Commits are marked :1, :2, ….
func makeRepo(t testing.TB, format string, commits ...made) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop.git")
	gitOK(t, t.TempDir(), nil, "init", "-q", "--bare", "--object-format="+format, "-b", "main", dir)
	var in bytes.Buffer
	for i, c := range commits {
		if c.author == "" {
			c.author = "Ada Alm <ada@example.com>"
		}
		if c.branch == "" {
			c.branch = "main"
		}
		fmt.Fprintf(&in, "commit refs/heads/%s\nmark :%d\nauthor %s %d +0200\ncommitter Committer <c@example.com> %d -0700\n", c.branch, i+1, c.author, epoch.Unix()+c.after-60, epoch.Unix()+c.after)
		if c.encoding != "" {
			fmt.Fprintf(&in, "encoding %s\n", c.encoding)
		}
		fmt.Fprintf(&in, "data %d\n%s\n", len(c.message), c.message)
		if c.branch != "main" && i > 0 && commits[i-1].branch != c.branch {
			fmt.Fprintf(&in, "from :%d\n", i)
		}
		if c.merge != "" {
			fmt.Fprintf(&in, "merge %s\n", c.merge)
		}
	}
	gitOK(t, dir, in.Bytes(), "fast-import", "--quiet", "--date-format=raw")
	return dir
}

// gitOK runs the real git of the machine as a developer would.
func gitOK(t testing.TB, dir string, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE=2026-03-01T00:00:00Z", "GIT_COMMITTER_DATE=2026-03-01T00:00:00Z",
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@x", "GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@x", "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// hour is a window of the first hour after epoch.
func hour(repo string) Options {
	return Options{Repo: repo, Name: "shop", From: epoch, To: epoch.Add(time.Hour)}
}

func subjects(t testing.TB, d *population.Dataset) []string {
	t.Helper()
	var rows []population.Change
	for _, c := range rowsOf(t, d) {
		rows = append(rows, c)
	}
	slices.SortFunc(rows, func(a, b population.Change) int { return int(a.OccurredAt - b.OccurredAt) })
	out := []string{}
	for _, c := range rows {
		out = append(out, c.Subject)
	}
	return out
}

func expectFault(t testing.TB, o Options, key string) {
	t.Helper()
	o.TempDir = t.TempDir()
	res, err := Collect(t.Context(), o)
	if !fault.Is(err, key) || res != nil {
		t.Errorf("%+v: %v, want %s", o, err, key)
	}
	if left, _ := os.ReadDir(o.TempDir); len(left) > 0 {
		t.Errorf("temporary files stay behind a fault: %v", left)
	}
}

// The window takes its start and not its end, and commits out of date order are
// found wherever they stand.
func TestWindow(t *testing.T) {
	repo := makeRepo(t, "sha1",
		made{after: -1, message: "before"}, made{after: 0, message: "start"}, made{after: 7200, message: "late in between"},
		made{after: 1800, message: "middle"}, made{after: -500_000, message: "early in between"}, made{after: 3599, message: "last"}, made{after: 3600, message: "end"})
	res := collectOK(t, hour(repo))
	if got := subjects(t, res.Dataset); !slices.Equal(got, []string{"start", "middle", "last"}) {
		t.Errorf("%q", got)
	}
	s := res.Dataset.Statement
	if !s.Complete || s.Total != 7 || s.Before != 2 || s.After != 2 || s.Items != 3 || s.Verified != 3 || len(s.Gaps)+len(s.Reasons) != 0 ||
		s.First.OccurredAt != population.Time(epoch.UnixMicro()) || s.From != "2026-03-01T00:00:00Z" || s.Branch != "refs/heads/main" ||
		s.Head != gitOK(t, repo, nil, "rev-parse", "main") || s.Root != gitOK(t, repo, nil, "rev-list", "--max-parents=0", "main") {
		t.Errorf("%+v", s)
	}
	o := hour(repo)
	o.From, o.To = epoch.Add(time.Nanosecond), epoch.Add(3599*time.Second+time.Nanosecond)
	if got := subjects(t, collectOK(t, o).Dataset); !slices.Equal(got, []string{"middle", "last"}) {
		t.Errorf("bounds inside a second: %q", got)
	}
	o.From, o.To = epoch.Add(10*time.Second), epoch.Add(20*time.Second)
	if res := collectOK(t, o); res.Dataset.Len() != 0 || !res.Dataset.Statement.Complete || res.Dataset.Statement.First != nil {
		t.Errorf("empty window: %+v", res.Dataset.Statement)
	}
}

// The same history gives the same digest from every kind of repository, and the
// raw answers are what git says.
func TestSameDigestEverywhere(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		t.Run(format, func(t *testing.T) {
			bare := makeRepo(t, format, made{after: 1, message: "one (#1)"}, made{after: 2, message: "two\n\nReviewed-by: Bo Ek <bo@x>"}, made{after: 3, message: "three"})
			dir := t.TempDir()
			tree, bundle, commits := filepath.Join(dir, "tree"), filepath.Join(dir, "shop.bundle"), filepath.Join(dir, "shop.commits.bundle")
			gitOK(t, dir, nil, "clone", "-q", "--no-checkout", bare, tree)
			gitOK(t, bare, nil, "bundle", "create", "-q", bundle, "--all")
			gitOK(t, bare, nil, "bundle", "create", "-q", "--version=3", commits, "--filter=tree:0", "main")
			want := collectOK(t, hour(bare))
			for _, repo := range []string{tree, filepath.Join(tree, ".git"), bundle, commits} {
				res := collectOK(t, hour(repo))
				if res.Dataset.SHA256() != want.Dataset.SHA256() || !res.Dataset.Statement.Complete || res.Dataset.Len() != 3 {
					t.Errorf("%s: %s %+v", repo, res.Dataset.SHA256(), res.Dataset.Statement)
				}
				for i := range res.Raw {
					if res.Raw[i].SHA256 != want.Raw[i].SHA256 {
						t.Errorf("%s: raw %s differs", repo, res.Raw[i].Name)
					}
				}
			}
			for i, args := range [][]string{{"rev-list", "--first-parent", "--timestamp", "main"}, {"cat-file", "--batch"}} {
				r, err := want.Raw[i].Open()
				if err != nil {
					t.Fatal(err)
				}
				raw, err := io.ReadAll(r)
				r.Close()
				sum := sha256.Sum256(raw)
				if err != nil || hex.EncodeToString(sum[:]) != want.Raw[i].SHA256 || int64(len(raw)) != want.Raw[i].Size {
					t.Errorf("raw %s: %v", want.Raw[i].Name, err)
				}
				stdin := gitOK(t, bare, nil, "rev-list", "main")
				if says := gitOK(t, bare, []byte(stdin+"\n"), args...); says != strings.TrimSpace(string(raw)) {
					t.Errorf("raw %s is not what git says", want.Raw[i].Name)
				}
			}
		})
	}
}

func TestBranches(t *testing.T) {
	repo := makeRepo(t, "sha1", made{after: 1, message: "one"}, made{after: 2, message: "side", branch: "side"}, made{after: 3, message: "two"}, made{after: 4, message: "merge", merge: ":2"})
	gitOK(t, repo, nil, "tag", "v1", "main~1")
	gitOK(t, repo, nil, "tag", "-a", "-m", "x", "v2", "main")
	gitOK(t, repo, nil, "tag", "side", "main") // a tag must not hide the branch
	gitOK(t, repo, nil, "update-ref", "refs/remotes/origin/far", "main~1")
	side := gitOK(t, repo, nil, "rev-parse", "refs/heads/side")
	for branch, want := range map[string][]string{
		"": {"one", "two", "merge"}, "main": {"one", "two", "merge"}, "refs/heads/main": {"one", "two", "merge"}, "v1": {"one", "two"}, "v2": {"one", "two", "merge"},
		"side": {"one", "side"}, side: {"one", "side"}, side[:10]: {"one", "side"}, "far": {"one", "two"}, "main~2": {"one"}, "HEAD": {"one", "two", "merge"},
	} {
		o := hour(repo)
		o.Branch = branch
		if got := subjects(t, collectOK(t, o).Dataset); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", branch, got, want)
		}
	}
	for _, branch := range []string{"none", "-h", "--all", "main@{1}", "main..side", "main:x", "^main", "main side", "main\x00", strings.Repeat("f", 40), ":/one", "../main"} {
		o := hour(repo)
		o.Branch = branch
		expectFault(t, o, "collect.branch_missing")
	}
	bundle := filepath.Join(t.TempDir(), "b.bundle")
	gitOK(t, repo, nil, "bundle", "create", "-q", bundle, "refs/heads/main", "refs/heads/side", "v2")
	for branch, want := range map[string][]string{"main": {"one", "two", "merge"}, "side": {"one", "side"}, "v2": {"one", "two", "merge"}, side: {"one", "side"}} {
		o := hour(bundle)
		o.Branch = branch
		if got := subjects(t, collectOK(t, o).Dataset); !slices.Equal(got, want) {
			t.Errorf("bundle %q: %q, want %q", branch, got, want)
		}
	}
	expectFault(t, hour(bundle), "collect.branch_unclear")
	o := hour(bundle)
	o.Branch = "none"
	expectFault(t, o, "collect.branch_missing")
}

func TestTruncatedHistory(t *testing.T) {
	full := makeRepo(t, "sha1", made{after: 1, message: "one"}, made{after: 2, message: "two"}, made{after: 3, message: "three"})
	copyOf := func(t *testing.T, args ...string) string {
		dir := filepath.Join(t.TempDir(), "copy.git")
		gitOK(t, t.TempDir(), nil, append(append([]string{"clone", "-q", "--bare"}, args...), "file://"+full, dir)...)
		return dir
	}
	hash := func(rev string) string { return gitOK(t, full, nil, "rev-parse", rev) }
	for name, tc := range map[string]struct {
		repo  func(t *testing.T) string
		items int
	}{
		"shallow": {func(t *testing.T) string { return copyOf(t, "--depth=2") }, 2},
		"grafted": {func(t *testing.T) string {
			dir := copyOf(t)
			if err := errors.Join(os.MkdirAll(filepath.Join(dir, "info"), 0o700), os.WriteFile(filepath.Join(dir, "info", "grafts"), []byte(hash("main")+" "+hash("main~2")+"\n"), 0o600)); err != nil {
				t.Fatal(err)
			}
			return dir
		}, 3}, // grafts are off: what really is there
		"replaced": {func(t *testing.T) string {
			dir := copyOf(t)
			gitOK(t, dir, nil, "replace", hash("main"), hash("main~2"))
			return dir
		}, 3},
		"parent gone": {func(t *testing.T) string {
			dir := copyOf(t)
			packs, _ := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.pack"))
			for _, p := range packs {
				raw, err := os.ReadFile(p)
				if err != nil {
					t.Fatal(err)
				}
				for _, other := range []string{p, strings.TrimSuffix(p, ".pack") + ".idx"} {
					_ = os.Remove(other)
				}
				gitOK(t, dir, raw, "unpack-objects", "-q")
			}
			h := hash("main~2")
			if err := os.Remove(filepath.Join(dir, "objects", h[:2], h[2:])); err != nil {
				t.Fatal(err)
			}
			return dir
		}, 1}, // git stops before the commit whose parent is gone
	} {
		t.Run(name, func(t *testing.T) {
			s := collectOK(t, hour(tc.repo(t))).Dataset.Statement
			if s.Complete || !slices.Equal(s.Reasons, []string{population.ReasonHistoryTruncated}) || s.Items != tc.items {
				t.Errorf("%+v", s)
			}
		})
	}
}

// A commit whose time nobody can read may belong to the window: it is a gap.
func TestUnreadableTime(t *testing.T) {
	repo := makeRepo(t, "sha1", made{after: 1, message: "one"})
	raw := "tree " + gitOK(t, repo, nil, "rev-parse", "main^{tree}") + "\nparent " + gitOK(t, repo, nil, "rev-parse", "main") + "\nauthor A <a@x> soon\ncommitter C <c@x> soon\n\ntwo\n"
	hash := gitOK(t, repo, []byte(raw), "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	o := hour(repo)
	o.Branch = hash
	res := collectOK(t, o)
	s := res.Dataset.Statement
	if s.Complete || !slices.Equal(s.Reasons, []string{population.ReasonTimeUnreadable}) || !slices.Equal(s.Gaps, []string{hash}) || s.Items != 1 {
		t.Errorf("%+v", s)
	}
	raw = strings.Replace(raw, "committer C <c@x> soon", fmt.Sprintf("committer C <c@x> %d +0000", epoch.Unix()+5), 1)
	o.Branch = gitOK(t, repo, []byte(raw), "hash-object", "-t", "commit", "-w", "--stdin", "--literally")
	res = collectOK(t, o)
	if c := rowsOf(t, res.Dataset)[o.Branch]; !res.Dataset.Statement.Complete || !slices.Equal(c.Quirks, []string{quirkAuthorTime}) || c.AuthorAt != 0 {
		t.Errorf("%+v %+v", c, res.Dataset.Statement)
	}
}

func TestOddMessages(t *testing.T) {
	huge := "huge\n\n" + strings.Repeat("words and words\n", 300_000) + "Reviewed-by: Bo Ek <bo@x>\n"
	repo := makeRepo(t, "sha1",
		made{after: 1, message: "r\xe4tt\n\nReviewed-by: \xc5sa <asa@x>\n", encoding: "ISO-8859-1", author: "\xc5sa <asa@x>"},
		made{after: 2, message: "br\xffken"}, made{after: 3, message: ""}, made{after: 4, message: huge},
		made{after: 5, message: "odd \xe4", encoding: "x-nobody-knows"}, made{after: 6, message: "line one\nline two\n\nbody"}, made{after: 7, message: "\n\n  led by blanks\n"},
		made{after: 8, message: "ok å", author: "ÅSA   Ö <>"})
	rows := map[string]population.Change{}
	for _, c := range rowsOf(t, collectOK(t, hour(repo)).Dataset) {
		rows[c.Subject] = c
	}
	for subject, quirks := range map[string][]string{
		"rätt": nil, "br\uFFFDken": {quirkNotUTF8}, "": nil, "huge": nil, "odd \uFFFD": {quirkEncoding, quirkNotUTF8}, "line one line two": nil, "led by blanks": nil, "ok å": nil,
	} {
		c, ok := rows[subject]
		if !ok || !slices.Equal(c.Quirks, quirks) {
			t.Errorf("%q: %v %q", subject, ok, c.Quirks)
		}
	}
	if c := rows["rätt"]; c.AuthorName != "Åsa" || len(c.Reviews) != 1 || c.Reviews[0].Name != "Åsa" {
		t.Errorf("%+v", c)
	}
	if c := rows["huge"]; c.ReviewLineCount != 1 {
		t.Errorf("%+v", c)
	}
	sum := sha256.Sum256([]byte("br\xffken"))
	if c := rows["br\uFFFDken"]; c.MessageSHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("digest %s is not that of the raw message", c.MessageSHA256)
	}
}

// Nothing in a foreign repository's settings starts a program. The same settings
// do start it under plain git, or this test would prove nothing.
func TestHostileRepository(t *testing.T) {
	bare := makeRepo(t, "sha1", made{after: 1, message: "one"}, made{after: 2, message: "two"})
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	gitOK(t, dir, nil, "clone", "-q", bare, tree)
	canary, mark := filepath.Join(dir, "canary.sh"), filepath.Join(dir, "sang")
	if err := os.WriteFile(canary, []byte("#!/bin/sh\necho \"$0 $*\" >>"+mark+"\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{
		"core.fsmonitor": canary, "core.sshCommand": canary, "core.pager": canary, "core.editor": canary, "core.askPass": canary, "core.gitProxy": canary,
		"core.alternateRefsCommand": canary, "alias.log": "!" + canary, "alias.rev-list": "!" + canary, "diff.external": canary, "pager.rev-list": canary, "pager.rev-parse": canary,
		"pager.cat-file": canary, "log.showSignature": "true", "gpg.program": canary, "credential.helper": canary, "protocol.allow": "always", "protocol.ext.allow": "always",
		"remote.origin.url": "ext::" + canary, "remote.origin.promisor": "true", "remote.origin.uploadpack": canary, "uploadpack.packObjectsHook": canary,
		"filter.x.clean": canary, "filter.x.smudge": canary, "core.hooksPath": dir, "extensions.partialClone": "origin", "core.repositoryFormatVersion": "1",
	} {
		gitOK(t, tree, nil, "config", key, value)
	}
	for _, hook := range []string{"post-index-change", "reference-transaction", "post-checkout", "pre-auto-gc"} {
		if err := os.Symlink(canary, filepath.Join(dir, hook)); err != nil {
			t.Fatal(err)
		}
	}
	status := exec.Command("git", "status")
	status.Dir = tree
	_ = status.Run()
	if _, err := os.Stat(mark); err != nil {
		t.Fatal("the canary does not sing under plain git, so its silence proves nothing")
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		if sang, err := os.ReadFile(mark); err == nil {
			t.Fatalf("%s: the repository started a program: %s", when, sang)
		}
	}
	if got := collectOK(t, hour(tree)).Dataset.Len(); got != 2 {
		t.Errorf("%d changes", got)
	}
	check("whole")
	// A missing parent tempts git to fetch it from the promisor, which is the canary.
	h := gitOK(t, bare, nil, "rev-parse", "main~1")
	objects := filepath.Join(tree, ".git", "objects")
	packs, _ := filepath.Glob(filepath.Join(objects, "pack", "*.pack"))
	for _, p := range packs {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(objects, "pack")); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("git", "-c", "core.fsmonitor=false", "unpack-objects", "-q")
		cmd.Dir, cmd.Stdin = tree, bytes.NewReader(raw)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	if err := os.Remove(filepath.Join(objects, h[:2], h[2:])); err != nil {
		t.Fatal(err)
	}
	plain := exec.Command("git", "-c", "core.fsmonitor=false", "rev-list", "HEAD")
	plain.Dir = tree
	_ = plain.Run()
	if _, err := os.Stat(mark); err != nil {
		t.Fatal("plain git does not fetch from the canary, so its silence proves nothing")
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	res, err := Collect(t.Context(), hour(tree))
	if err == nil {
		if res.Dataset.Statement.Complete {
			t.Error("a history with a hole is complete")
		}
		if err := res.Close(); err != nil {
			t.Error(err)
		}
	} else if !fault.Is(err, "collect.repo_damaged") {
		t.Error(err)
	}
	check("with a hole")
}

func TestBadInput(t *testing.T) {
	repo := makeRepo(t, "sha1", made{after: 1, message: "one"}, made{after: 2, message: "two"})
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	tree := filepath.Join(dir, "tree")
	gitOK(t, dir, nil, "clone", "-q", repo, tree)
	if err := os.Mkdir(filepath.Join(tree, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(dir, "empty")
	gitOK(t, dir, nil, "init", "-q", empty)
	bundle := filepath.Join(dir, "b.bundle")
	gitOK(t, repo, nil, "bundle", "create", "-q", bundle, "main")
	raw, err := os.ReadFile(bundle)
	if err != nil {
		t.Fatal(err)
	}
	partial := filepath.Join(dir, "partial.bundle")
	gitOK(t, repo, nil, "bundle", "create", "-q", partial, "main", "^main~1")
	bent := slices.Clone(raw)
	bent[len(bent)-30] ^= 0xff
	for path, key := range map[string]string{
		filepath.Join(dir, "none"): "collect.repo_missing",
		"":                         "collect.repo_missing",
		dir:                        "collect.not_a_repository",
		filepath.Join(tree, "sub"): "collect.not_a_repository", // git would look above it
		write("text", "hello"):     "collect.not_a_repository",
		write("none.bundle", ""):   "collect.not_a_repository",
		empty:                      "collect.no_commits",
		write("cut.bundle", string(raw[:len(raw)-40])):               "collect.bundle_damaged",
		write("head.bundle", string(raw[:30])):                       "collect.bundle_damaged",
		write("bent.bundle", string(bent)):                           "collect.bundle_damaged",
		write("odd.bundle", "# v3 git bundle\n@object-format=md5\n"): "collect.bundle_damaged",
		write("line.bundle", "# v2 git bundle\nhello\n\n"):           "collect.bundle_damaged",
		write("empty.bundle", "# v2 git bundle\n\nPACK"):             "collect.bundle_damaged",
		partial: "collect.bundle_partial",
	} {
		expectFault(t, hour(path), key)
	}
	for name, tc := range map[string]struct {
		edit func(*Options)
		key  string
	}{
		"reversed":   {func(o *Options) { o.From, o.To = o.To, o.From }, "collect.window_reversed"},
		"no length":  {func(o *Options) { o.To = o.From }, "collect.window_reversed"},
		"no end":     {func(o *Options) { o.To = time.Time{} }, "collect.window_missing"},
		"far end":    {func(o *Options) { o.To = time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC) }, "collect.window_missing"},
		"pattern":    {func(o *Options) { o.Reviewers = "(" }, "collect.reviewers_pattern"},
		"identities": {func(o *Options) { o.Identities = "none" }, "collect.identities_missing"},
		"name":       {func(o *Options) { o.Name = "a\nb" }, "collect.name_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			o := hour(repo)
			tc.edit(&o)
			expectFault(t, o, tc.key)
		})
	}
	t.Run("no git", func(t *testing.T) {
		t.Setenv("PATH", dir)
		expectFault(t, hour(repo), "collect.git_missing")
	})
	t.Run("old git", func(t *testing.T) {
		old := t.TempDir()
		if err := os.WriteFile(filepath.Join(old, "git"), []byte("#!/bin/sh\necho git version 2.30.2\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", old)
		expectFault(t, hour(repo), "collect.git_too_old")
	})
}

// A commit whose bytes do not have its hash is damage, whatever git says.
func TestForgedCommit(t *testing.T) {
	w := &walk{src: &source{path: "x"}}
	raw := []byte("tree x\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nm\n")
	if err := w.take(wanted{hash: strings.Repeat("0", 40)}, raw); !fault.Is(err, "collect.repo_damaged") {
		t.Error(err)
	}
	w.rule, w.repository, w.to = ruleOK(t, "", nil), "r", 10
	if err := w.take(wanted{hash: nameOf(raw, strings.Repeat("0", 40))}, raw); err != nil || w.shown.verified != 1 {
		t.Error(err)
	}
	if err := w.take(wanted{hash: nameOf(raw, strings.Repeat("0", 40)), next: strings.Repeat("1", 40)}, raw); err != nil || !w.shown.cut {
		t.Errorf("a listing that does not follow the parents passes: %v", err)
	}
}

func TestCancelAndClose(t *testing.T) {
	repo := makeRepo(t, "sha1", made{after: 1, message: "one"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := hour(repo)
	o.TempDir = t.TempDir()
	if _, err := Collect(ctx, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	res, err := Collect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(res.Close(), res.Close()); err != nil {
		t.Error(err)
	}
	if _, err := res.Raw[0].Open(); err == nil {
		t.Error("raw answers outlive Close")
	}
	if left, _ := os.ReadDir(o.TempDir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if res.Dataset.Len() != 1 {
		t.Error("rows do not outlive Close")
	}
}

func TestNames(t *testing.T) {
	for path, want := range map[string]string{"/a/shop": "shop", "/a/shop.git": "shop", "/a/shop/.git": "shop", "/a/shop.bundle": "shop", "/a/shop.commits.bundle": "shop.commits"} {
		if got, err := repositoryName("", path); err != nil || got != want {
			t.Errorf("%s: %q %v", path, got, err)
		}
	}
	if _, err := repositoryName("", "/"); !fault.Is(err, "collect.name_invalid") {
		t.Error(err)
	}
	for remote, want := range map[string]string{
		"https://user:secret@git.example.com/a?token=x#y": "https://git.example.com/a", "git@example.com:a/b": "git@example.com:a/b", "/srv/a": "/srv/a", "": "",
	} {
		if got := withoutCredentials(remote); got != want {
			t.Errorf("%s: %s", remote, got)
		}
	}
}

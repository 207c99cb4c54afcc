package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"bevis/internal/fault"
)

// source is a repository that git can read, and what is known about its history.
type source struct {
	git    *program
	dir    string // where git runs
	path   string // what the person named, absolute
	origin string // remote.origin.url without credentials
	heads  []head // of a bundle; nil for a repository
	// truncated says that the history is shallow, grafted or replaced.
	truncated bool
}

// head is a named hash in a bundle.
type head struct{ hash, ref string }

// openSource looks at path: a work tree's top folder, a bare repository, or a
// bundle, which is unpacked below temp.
func openSource(ctx context.Context, git *program, path, temp string) (*source, error) {
	abs, err := filepath.Abs(path)
	if err == nil {
		abs, err = filepath.EvalSymlinks(abs)
	}
	if errors.Is(err, fs.ErrNotExist) || path == "" {
		return nil, fault.New(fault.Invalid, "collect.repo_missing", "Path", path)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "collect.repo_unreadable", "Path", path)
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "collect.repo_unreadable", "Path", path)
	}
	s := &source{git: git, dir: abs, path: abs}
	if info.Mode().IsRegular() {
		return s, s.openBundle(ctx, temp)
	}
	if !info.IsDir() {
		return nil, fault.New(fault.Invalid, "collect.not_a_repository", "Path", path)
	}
	return s, s.openRepository(ctx)
}

func (s *source) openRepository(ctx context.Context) error {
	out, err := s.git.run(ctx, s.dir, "rev-parse", "--is-shallow-repository", "--git-common-dir")
	if e, ok := errors.AsType[*exitError](err); ok {
		return fault.Wrap(e, fault.Invalid, "collect.not_a_repository", "Path", s.path)
	}
	if err != nil {
		return err
	}
	shallow, common, _ := strings.Cut(strings.TrimSuffix(string(out), "\n"), "\n")
	if !filepath.IsAbs(common) {
		common = filepath.Join(s.dir, common)
	}
	grafted, err := hasGrafts(filepath.Join(common, "info", "grafts"))
	if err != nil {
		return err
	}
	replaced, err := s.git.run(ctx, s.dir, "for-each-ref", "--count=1", "--format=%(refname)", "refs/replace")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "collect.repo_damaged", "Path", s.path)
	}
	s.truncated = shallow == "true" || grafted || len(bytes.TrimSpace(replaced)) > 0
	out, err = s.git.run(ctx, s.dir, "config", "--local", "--get", "remote.origin.url")
	if _, ok := errors.AsType[*exitError](err); err != nil && !ok {
		return err
	}
	s.origin = withoutCredentials(strings.TrimSpace(string(out)))
	return nil
}

// hasGrafts reports whether the grafts file of old times names any commit.
func hasGrafts(file string) (bool, error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("git: read grafts: %w", err)
	}
	for line := range bytes.Lines(raw) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true, nil
		}
	}
	return false, nil
}

// withoutCredentials keeps what names the remote and drops what opens it.
func withoutCredentials(remote string) string {
	u, err := url.Parse(remote)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return remote // host:path and plain paths carry no password
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

const maxBundleHeader = 64 << 20 // bytes before the pack

// openBundle unpacks a bundle into a temporary repository. The repository claims a
// promisor remote, so that a bundle of commits only may lack trees and files; the
// remote itself cannot be reached.
func (s *source) openBundle(ctx context.Context, temp string) error {
	format, err := s.readBundleHeader()
	if err != nil {
		return err
	}
	bundle := s.path
	s.dir = filepath.Join(temp, "bundle")
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return fmt.Errorf("git: make temporary repository: %w", err)
	}
	for _, args := range [][]string{
		{"init", "--quiet", "--object-format=" + format, "--initial-branch=none"},
		{"config", "remote.origin.url", "none"},
		{"config", "remote.origin.promisor", "true"},
	} {
		if _, err := s.git.run(ctx, s.dir, args...); err != nil {
			return fmt.Errorf("git: make temporary repository: %w", err)
		}
	}
	_, err = s.git.run(ctx, s.dir, "bundle", "unbundle", bundle)
	if e, ok := errors.AsType[*exitError](err); ok {
		return fault.Wrap(e, fault.Invalid, "collect.bundle_damaged", "Path", s.path)
	}
	return err
}

// readBundleHeader reads the signature, capabilities and heads, and returns the
// object format. A bundle that builds on commits it does not carry is refused: its
// history could not be followed to the beginning.
func (s *source) readBundleHeader() (format string, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "collect.repo_unreadable", "Path", s.path)
	}
	defer func() { _ = f.Close() }()
	r := bufio.NewReader(io.LimitReader(f, maxBundleHeader))
	line, err := r.ReadString('\n')
	if line != "# v2 git bundle\n" && line != "# v3 git bundle\n" {
		return "", fault.Wrap(err, fault.Invalid, "collect.not_a_repository", "Path", s.path)
	}
	format = "sha1"
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "", fault.Wrap(err, fault.Invalid, "collect.bundle_damaged", "Path", s.path)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "":
			if len(s.heads) == 0 {
				return "", fault.New(fault.Invalid, "collect.bundle_damaged", "Path", s.path)
			}
			return format, nil
		case strings.HasPrefix(line, "@object-format="):
			format = strings.TrimPrefix(line, "@object-format=")
			if format != "sha1" && format != "sha256" {
				return "", fault.New(fault.Invalid, "collect.bundle_damaged", "Path", s.path)
			}
		case line[0] == '@':
		case line[0] == '-':
			return "", fault.New(fault.Invalid, "collect.bundle_partial", "Path", s.path)
		default:
			hash, ref, ok := strings.Cut(line, " ")
			if !ok || !isHash(hash) {
				return "", fault.New(fault.Invalid, "collect.bundle_damaged", "Path", s.path)
			}
			s.heads = append(s.heads, head{hash, ref})
			if strings.HasPrefix(ref, "refs/replace/") {
				s.truncated = true
			}
		}
	}
}

// plainRevision is what may be asked for besides the name of a branch or tag: a
// hash or a name with steps back, and none of the forms that read local reflogs,
// paths, ranges or options.
var plainRevision = regexp.MustCompile(`^[\p{L}\p{N}_][\p{L}\p{N}_./+-]*([~^][0-9]*)*$`)

// resolve finds the commit that branch names and the name under which it was
// found. An empty branch is the one that HEAD points at.
func (s *source) resolve(ctx context.Context, branch string) (name, hash string, err error) {
	if s.heads != nil {
		return s.resolveHead(ctx, branch)
	}
	if branch == "" {
		out, err := s.git.run(ctx, s.dir, "symbolic-ref", "--quiet", "HEAD")
		if _, ok := errors.AsType[*exitError](err); err != nil && !ok {
			return "", "", err
		}
		name = strings.TrimSpace(string(out))
		if name == "" {
			name = "HEAD"
		}
		hash, err = s.commitOf(ctx, "HEAD")
		if err == nil && hash == "" {
			err = fault.New(fault.Invalid, "collect.no_commits", "Path", s.path)
		}
		return name, hash, err
	}
	for _, try := range []string{"refs/heads/" + branch, "refs/tags/" + branch, "refs/remotes/origin/" + branch, "refs/remotes/" + branch, branch} {
		if !plainRevision.MatchString(branch) {
			break
		}
		hash, err := s.commitOf(ctx, try)
		if hash != "" || err != nil {
			return try, hash, err
		}
	}
	return "", "", fault.New(fault.Invalid, "collect.branch_missing", "Branch", branch, "Path", s.path)
}

// resolveHead looks among the heads that a bundle lists, then among its commits.
func (s *source) resolveHead(ctx context.Context, branch string) (name, hash string, err error) {
	find := func(ref string) (head, bool) {
		i := slices.IndexFunc(s.heads, func(h head) bool { return h.ref == ref })
		if i < 0 {
			return head{}, false
		}
		return s.heads[i], true
	}
	var h head
	var ok bool
	if branch == "" {
		if h, ok = find("HEAD"); !ok {
			var branches []head
			for _, b := range s.heads {
				if strings.HasPrefix(b.ref, "refs/heads/") {
					branches = append(branches, b)
				}
			}
			if len(branches) != 1 {
				return "", "", fault.New(fault.Invalid, "collect.branch_unclear", "Path", s.path)
			}
			h, ok = branches[0], true
		}
	}
	for _, try := range []string{branch, "refs/heads/" + branch, "refs/tags/" + branch, "refs/remotes/origin/" + branch} {
		if !ok {
			h, ok = find(try)
		}
	}
	if !ok && plainRevision.MatchString(branch) {
		h = head{branch, branch}
	}
	if h.hash != "" {
		hash, err = s.commitOf(ctx, h.hash)
	}
	if err == nil && hash == "" {
		err = fault.New(fault.Invalid, "collect.branch_missing", "Branch", branch, "Path", s.path)
	}
	return h.ref, hash, err
}

// commitOf is the hash of the commit that revision names, "" if there is none.
func (s *source) commitOf(ctx context.Context, revision string) (string, error) {
	out, err := s.git.run(ctx, s.dir, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if _, ok := errors.AsType[*exitError](err); ok {
		return "", nil
	}
	hash := strings.TrimSpace(string(out))
	if err == nil && !isHash(hash) {
		err = fmt.Errorf("git: rev-parse: unexpected answer %q", hash)
	}
	return hash, err
}

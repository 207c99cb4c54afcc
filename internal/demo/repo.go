package demo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"bevis/internal/fault"
)

// change is a commit of the sample repository.
type change struct {
	at        time.Time
	author    person
	subject   string
	reviewers []person // none: nobody
	ref       string
}

// subjects are what the sample developers work on.
var subjects = []string{
	"billing: round invoice lines to whole öre", "api: answer 409 on a stale version", "login: ask for the second factor after a password reset",
	"search: index Swedish compounds", "deploy: roll back when the health check fails", "export: write dates with their zone",
	"queue: retry with backoff", "docs: describe the restore procedure", "web: keep the filter in the address", "db: add an index for the order list",
	"mail: stop after three bounces", "audit: log administrator actions", "cache: bound the size in memory", "ci: run the linter on every branch",
}

// changes plans the sample year's changes: nearly all reviewed by somebody else,
// one approved by its own author, one without any review, a few without a ticket.
func changes(from, to time.Time) []change {
	authors := []person{erik, sara, nils, tove}
	var out []change
	i := 0
	for t := from.Add(9 * time.Hour); t.Before(to); t = t.Add(52*time.Hour + time.Duration(i%7)*11*time.Minute) {
		c := change{at: t, author: authors[i%len(authors)], subject: subjects[i%len(subjects)], ref: fmt.Sprintf("NOR-%d", 400+i)}
		c.reviewers = []person{authors[(i+1)%len(authors)]}
		switch {
		case i == 61:
			c.reviewers = []person{c.author} // planted: approved by its author
		case i == 97:
			c.reviewers = nil // planted: nobody looked
		case i%29 == 13:
			c.ref = "" // planted: no ticket
		}
		out = append(out, c)
		i++
	}
	return out
}

// makeRepo writes a bare git repository with the changes, all at once through
// git fast-import.
func makeRepo(ctx context.Context, dir string, cs []change) (string, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "demo.git")
	}
	repo := filepath.Join(dir, "platform.git")
	environ := append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	run := func(in []byte, args ...string) error {
		cmd := exec.CommandContext(ctx, "git", args...)
		cmd.Env, cmd.Stdin = environ, bytes.NewReader(in)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("demo: git %s: %w: %s", args[0], err, out)
		}
		return nil
	}
	if err := run(nil, "init", "--quiet", "--bare", "--initial-branch=main", repo); err != nil {
		return "", err
	}
	var b bytes.Buffer
	for i, c := range cs {
		msg := c.subject + "\n"
		if c.ref != "" {
			msg = c.ref + " " + msg
		}
		msg += "\nMade for the sample company of Bevis.\n"
		for _, r := range c.reviewers {
			msg += fmt.Sprintf("\nReviewed-by: %s <%s>", r.name, r.email)
		}
		if len(c.reviewers) > 0 {
			msg += "\n"
		}
		body := fmt.Sprintf("%d\n", i)
		fmt.Fprintf(&b, "commit refs/heads/main\nauthor %s <%s> %d +0000\ncommitter %s <%s> %d +0000\ndata %d\n%s\n", c.author.name, c.author.email, c.at.Add(-26*time.Hour).Unix(), c.author.name, c.author.email, c.at.Unix(), len(msg), msg)
		fmt.Fprintf(&b, "M 100644 inline CHANGES\ndata %d\n%s\n", len(body), body)
	}
	return repo, run(b.Bytes(), "-C", repo, "fast-import", "--quiet")
}

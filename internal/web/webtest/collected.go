package webtest

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/collect/git"
	"bevis/internal/control"
	"bevis/internal/scope"
)

// Collected is a workspace on 10 July 2026 whose controls name checks: Window is
// the first half of 2026 and Earlier the year before, and the datasets are a half
// year of 230 changes, an empty year, and a history that was cut off; one run failed
// because there was nothing at its path.
func Collected(t testing.TB, register func(*House)) *House {
	t.Helper()
	h := Uncollected(t, register)
	lib, err := control.Library()
	h.Must(err)
	var codes []string
	for _, l := range lib {
		if len(l.Checks) > 0 {
			codes = append(codes, l.Code)
		}
	}
	_, err = h.App.Controls.Adopt(h.Operator, codes, "", "2026-01-01")
	h.Must(err)
	h.Repo = history(t, 230)
	h.CollectGit(h.Repo, "shop", "2026-01-01", "2026-07-01")
	h.CollectGit(h.Repo, "shop", "2025-01-01", "2026-01-01")
	h.Must(os.WriteFile(filepath.Join(h.Repo, "shallow"), gitRun(t, h.Repo, nil, "rev-parse", "main~20"), 0o600))
	h.CollectGit(h.Repo, "cut-off", "2026-06-01", "2026-07-01")
	if _, err := h.App.Collect.Git(h.Operator, git.Options{Repo: filepath.Join(h.App.Dir, "gone"), Name: "gone", From: Day("2026-01-01"), To: Day("2026-07-01")}); err == nil {
		t.Fatal("a missing repository was collected")
	}
	return h
}

// Uncollected is the workspace of Collected before anything was.
func Uncollected(t testing.TB, register func(*House)) *House {
	t.Helper()
	h := empty(t, Day("2026-07-10"), nil, register)
	h.Window = h.open("auditor", "Karin Wall", "2026-01-01", "2026-07-01", "security")
	h.Earlier = h.open("other", "Olle Sand", "2025-01-01", "2026-01-01", "security")
	return h
}

// CollectGit collects the changes of a repository from a day to before another.
func (h *House) CollectGit(repo, name, from, to string) {
	h.T.Helper()
	cal, err := scope.CalendarOf(h.App.Store.Live(h.Operator))
	h.Must(err)
	_, err = h.App.Collect.Git(h.Operator, git.Options{Repo: repo, Name: name, From: cal.Start(scope.Day(from)), To: cal.Start(scope.Day(to))})
	h.Must(err)
}

// Datasets are the codes of the whole half year, the empty year and the cut-off
// history of Collected.
func (h *House) Datasets() (half, year, cut string) {
	h.T.Helper()
	all, err := h.App.Populations.List(h.Operator)
	h.Must(err)
	for _, d := range all {
		switch {
		case !d.Value.Statement.Complete:
			cut = d.Value.Code
		case d.Value.Items == 0:
			year = d.Value.Code
		default:
			half = d.Value.Code
		}
	}
	return half, year, cut
}

// RunCheck runs a check over a dataset as the owner does, on the page of populations,
// and returns the result's code.
func (h *House) RunCheck(dataset, check string) string {
	h.T.Helper()
	a := h.Ask("owner", "/populations/"+dataset+"/check/"+check, url.Values{})
	code, ok := strings.CutPrefix(a.Header.Get("Location"), "/checks/")
	if !ok {
		h.T.Fatalf("run %s over %s: %d %s", check, dataset, a.Status, a.Body)
	}
	return code
}

// history makes a bare repository with n changes in 2026, most of them with a
// reviewer: every tenth without, every 23rd reviewed by its author.
func history(t testing.TB, n int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop.git")
	gitRun(t, t.TempDir(), nil, "init", "-q", "--bare", "-b", "main", dir)
	people := []string{"Sara Öberg <sara@norrsken.example>", "Bo Ek <bo@norrsken.example>", "Lina Ask <lina@norrsken.example>"}
	var b bytes.Buffer
	for i := range n {
		author, reviewer := people[i%3], people[(i+1)%3]
		subject := fmt.Sprintf("Change %d of the cart", i+1)
		switch i {
		case 3:
			subject = "=HYPERLINK(\"https://evil.example\")"
		case 5:
			subject = Hostile
		}
		trailer := "\n\nFixes #" + fmt.Sprint(1000+i) + "\nReviewed-by: " + reviewer
		switch {
		case i%10 == 9:
			trailer = ""
		case i%23 == 7:
			trailer = "\n\nReviewed-by: " + author
		}
		message := subject + trailer + "\n"
		at := Day("2026-01-05").Add(time.Duration(i) * 18 * time.Hour).Unix()
		fmt.Fprintf(&b, "commit refs/heads/main\nauthor %s %d +0100\ncommitter %s %d +0100\ndata %d\n%s\n", author, at-60, author, at, len(message), message)
	}
	gitRun(t, dir, b.Bytes(), "fast-import", "--quiet")
	return dir
}

func gitRun(t testing.TB, dir string, in []byte, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(in)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return out
}

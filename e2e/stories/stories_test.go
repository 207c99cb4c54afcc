// Package stories is the room where the program is used as people and scripts use
// it: whole stories on the command line, told in testdata/*.txtar.
package stories

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bevis-stories-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "bevis")
	build := exec.Command("go", "build", "-o", binary, "bevis/cmd/bevis")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func TestStories(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: the stories are told for Unix")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("TZ", "UTC")
			e.Setenv("LANG", "C")
			e.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			e.Setenv("DATA", os.Getenv("BEVIS_TESTDATA"))
			return os.WriteFile(filepath.Join(e.WorkDir, "pw"), []byte("tidig höst vid Vänern 7\n"), 0o600)
		},
		Condition: func(cond string) (bool, error) {
			if cond == "data" {
				return os.Getenv("BEVIS_TESTDATA") != "", nil
			}
			return false, fmt.Errorf("no such condition: %s", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"set":     set,
			"json":    jsonField,
			"flip":    flip,
			"commits": commits,
			"odd":     odd,
			"agrees":  agrees,
		},
	})
}

// exits N program args…: runs a program that must end with exit status N.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N program args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit %d, want %d", got, want)
	}
	if strings.Contains(ts.ReadFile("stderr"), "goroutine ") {
		ts.Fatalf("it crashed")
	}
}

// value walks a path such as controls.0.code in a JSON text; len is the length of a list.
func value(ts *testscript.TestScript, text, path string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		ts.Fatalf("no JSON: %v\n%s", err, text)
	}
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[key]; !ok {
				ts.Fatalf("no field %s of %s", key, path)
			}
		case []any:
			if key == "len" {
				v = float64(len(x))
				continue
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(x) {
				ts.Fatalf("no item %s of %s", key, path)
			}
			v = x[i]
		default:
			ts.Fatalf("%s leads nowhere at %s", path, key)
		}
	}
	switch x := v.(type) {
	case string:
		return x
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	default:
		raw, err := json.Marshal(x)
		ts.Check(err)
		return string(raw)
	}
}

// set NAME path: sets an environment variable to a field of the JSON on stdout.
func set(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: set NAME path")
	}
	ts.Setenv(args[0], value(ts, ts.ReadFile("stdout"), args[1]))
}

// json FILE path pattern: a field of a JSON text must match a whole pattern.
func jsonField(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE path pattern")
	}
	got := value(ts, ts.ReadFile(args[0]), args[1])
	re, err := regexp.Compile("^(?:" + args[2] + ")$")
	ts.Check(err)
	if re.MatchString(got) == neg {
		ts.Fatalf("%s is %s", args[1], got)
	}
}

// flip FILE: changes one bit in the middle of a file.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	name := ts.MkAbs(args[0])
	raw, err := os.ReadFile(name)
	ts.Check(err)
	raw[len(raw)/2] ^= 1
	ts.Check(os.WriteFile(name, raw, 0o600))
}

// commits DIR: makes a repository with three commits in the first quarter of 2026,
// one of them without a review.
func commits(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(args[0])
	git := func(date string, args ...string) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=Ada Ek", "-c", "user.email=ada@granskog.example", "-C", dir}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
		if out, err := cmd.CombinedOutput(); err != nil {
			ts.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	ts.Check(os.MkdirAll(dir, 0o700))
	git("", "init", "-q", "-b", "main")
	git("2026-01-10T10:00:00Z", "commit", "-q", "--allow-empty", "-m", "First\n\nReviewed-by: Bo Alm <bo@granskog.example>")
	git("2026-02-10T10:00:00Z", "commit", "-q", "--allow-empty", "-m", "Second")
	git("2026-03-10T10:00:00Z", "commit", "-q", "--allow-empty", "-m", "Third\n\nReviewed-by: Bo Alm <bo@granskog.example>")
}

// odd: makes files with names that are hard to take.
func odd(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range []string{"bad\xff\xfename.txt", "CON.txt", strings.Repeat("long", 60) + ".txt"} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte("content of "+name), 0o600))
	}
}

// agrees CSV: the deviations on stdout are exactly the commits of the file.
func agrees(ts *testscript.TestScript, neg bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	ts.Check(err)
	var want, got []string
	for _, r := range rows[1:] {
		want = append(want, r[0])
	}
	var out struct {
		Items []struct{ Item, Status string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &out))
	for _, i := range out.Items {
		if i.Status == "deviation" {
			got = append(got, i.Item)
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		ts.Fatalf("deviations %v, want %v", got, want)
	}
}

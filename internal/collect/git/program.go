package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bevis/internal/fault"
)

// oldest is the first git whose safe.directory can be set for one command.
var oldest = [2]int{2, 38}

// program is the git program with the environment in which it may touch a foreign
// repository.
type program struct {
	path    string
	version string
	env     []string
}

// settings are given with every command, so they win over the repository's own.
var settings = []string{
	"--no-pager", "--no-replace-objects", "--no-optional-locks", "--literal-pathspecs",
	"-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "core.commitGraph=false",
	"-c", "core.untrackedCache=false", "-c", "core.sshCommand=false", "-c", "core.askPass=false", "-c", "core.attributesFile=/dev/null",
	"-c", "credential.helper=", "-c", "diff.external=", "-c", "log.mailmap=false", "-c", "log.showSignature=false", "-c", "mailmap.file=", "-c", "mailmap.blob=",
	"-c", "protocol.allow=never", "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.multiPackIndex=true",
	"-c", "fetch.recurseSubmodules=false", "-c", "submodule.recurse=false", "-c", "core.quotePath=false", "-c", "advice.graftFileDeprecated=false",
}

// findProgram looks for git in PATH. home is an empty directory that stands in
// for the user's home, so that nothing of the person's own settings is read.
// GIT_ALLOW_PROTOCOL names no protocol: it wins over any protocol.*.allow of the
// repository, which protocol.allow alone would not.
func findProgram(ctx context.Context, home string) (*program, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "collect.git_missing", "Oldest", oldestName())
	}
	p := &program{path: path, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "LC_ALL=C", "LANGUAGE=C", "TZ=UTC",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_NO_LAZY_FETCH=1", "GIT_GRAFT_FILE=/dev/null", "GIT_ALLOW_PROTOCOL=none",
		"GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=false", "SSH_ASKPASS=false", "GIT_SSH_COMMAND=false", "GIT_PAGER=cat", "GIT_EDITOR=false",
		"GIT_OPTIONAL_LOCKS=0", "GIT_FLUSH=0", "GIT_ADVICE=0", "GIT_TEMPLATE_DIR=",
	}}
	out, err := p.run(ctx, home, "version")
	if err != nil {
		return nil, err
	}
	p.version = strings.TrimPrefix(strings.TrimSpace(string(out)), "git version ")
	if !recent(p.version) {
		return nil, fault.New(fault.Unavailable, "collect.git_too_old", "Version", p.version, "Oldest", oldestName())
	}
	return p, nil
}

func oldestName() string { return fmt.Sprintf("%d.%d", oldest[0], oldest[1]) }

func recent(version string) bool {
	f := strings.SplitN(version, ".", 3)
	if len(f) < 2 {
		return false
	}
	major, err1 := strconv.Atoi(f[0])
	minor, err2 := strconv.Atoi(f[1])
	return err1 == nil && err2 == nil && (major > oldest[0] || major == oldest[0] && minor >= oldest[1])
}

// command prepares git in dir, which is looked at itself and not the directories
// above it. The process is asked to stop when ctx ends and killed soon after.
func (p *program) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, append(append([]string{}, settings...), args...)...)
	cmd.Dir = dir
	cmd.Env = append(append([]string{}, p.env...), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "PWD="+dir)
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run returns what git prints. Its failure is an exitError with git's words.
func (p *program) run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := p.command(ctx, dir, args...)
	errs := &tail{}
	cmd.Stderr = errs
	out, err := cmd.Output()
	return out, p.failure(ctx, err, args[0], errs)
}

// failure tells the context's end from git's own failure.
func (p *program) failure(ctx context.Context, err error, verb string, errs *tail) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("git: %s: %w", verb, ctx.Err())
	}
	if _, ok := errors.AsType[*exec.ExitError](err); ok {
		return &exitError{verb: verb, words: errs.String(), cause: err}
	}
	return fmt.Errorf("git: run %s: %w", verb, err)
}

// exitError is git ending with a status other than 0.
type exitError struct {
	verb  string
	words string // the end of what git printed on standard error, for the log
	cause error
}

func (e *exitError) Error() string { return fmt.Sprintf("git: %s: %v: %s", e.verb, e.cause, e.words) }
func (e *exitError) Unwrap() error { return e.cause }

// tail keeps the last bytes written to it.
type tail struct{ b []byte }

const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > tailSize {
		t.b = append(t.b[:0], t.b[len(t.b)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(bytes.TrimSpace(t.b)) }

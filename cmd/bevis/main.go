// Command bevis is the whole product: server, command line and verifier.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"os/user"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // time zones on machines that have none

	"github.com/alecthomas/kong"

	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/demo"
	"bevis/internal/fault"
	"bevis/internal/i18n"
)

// cli is the command line. Verbs, flags and JSON fields are a contract with the
// scripts of auditors: added to freely, never renamed.
type cli struct {
	Data     string `help:"Data directory of the workspace." default:"${data}" env:"BEVIS_DATA" placeholder:"DIR" type:"path"`
	Database string `help:"Database: a file, or postgres://… Default is DIR/bevis.db." env:"BEVIS_DATABASE"`
	Signer   string `name:"signer-state" help:"File in which the signer remembers what it signed. Default is DIR/keys/signed." env:"BEVIS_SIGNER_STATE" type:"path"`
	TSA      string `name:"tsa" help:"Address of a time stamping authority (RFC 3161)." env:"BEVIS_TSA"`
	As       string `help:"Act as this account (e-mail); asks for its password." placeholder:"EMAIL"`
	AsFile   string `name:"as-password-file" help:"Read the password for --as from a file." type:"path" placeholder:"FILE"`
	JSON     bool   `name:"json" help:"Answer in JSON."`
	Lang     string `help:"Language: en or sv." env:"BEVIS_LANG" placeholder:"LANG"`

	Init       initCmd       `cmd:"" help:"Make a new workspace."`
	Serve      serveCmd      `cmd:"" help:"Serve pages, API and jobs."`
	Demo       demoCmd       `cmd:"" help:"Make a workspace of sample data, and look at it."`
	Framework  frameworkCmd  `cmd:"" help:"Criteria sets, and the frameworks that are reached through them."`
	Control    controlCmd    `cmd:"" help:"Controls: the library and the workspace's own."`
	Policy     policyCmd     `cmd:"" help:"Policies: templates, drafts, approval, publication."`
	Evidence   evidenceCmd   `cmd:"" help:"Evidence: add, list, show."`
	Collect    collectCmd    `cmd:"" help:"Run a collector once."`
	Population populationCmd `cmd:"" help:"Populations: list, freeze."`
	Check      checkCmd      `cmd:"" help:"Checks over whole populations."`
	Window     windowCmd     `cmd:"" help:"Observation windows: open, close, seal, status."`
	Task       taskCmd       `cmd:"" help:"What is to be done, by due day."`
	Readiness  readinessCmd  `cmd:"" help:"The company's own gap analysis: what is missing and what to do next."`
	Pack       packCmd       `cmd:"" help:"The auditor's package."`
	Verify     verifyCmd     `cmd:"" help:"Verify a package offline."`
	Ledger     ledgerCmd     `cmd:"" help:"The ledger: verify, stamp."`
	History    historyCmd    `cmd:"" help:"Every version of an entry: who, when, why, what."`
	User       userCmd       `cmd:"" help:"Accounts: add, disable, reset-password."`
	Erase      eraseCmd      `cmd:"" help:"Destroy the content of an entry on authority; the proof stays."`
	Version    versionCmd    `cmd:"" help:"Say which version this is."`
}

// env is what a verb works with.
type env struct {
	ctx  context.Context
	cli  *cli
	out  io.Writer
	errw io.Writer
	in   io.Reader
	tty  bool   // a person can be asked
	cwd  string // paths are relative to it
}

// verb needs no workspace.
type verb interface{ run(e *env) error }

// workspaceVerb works on an open workspace.
type workspaceVerb interface {
	work(e *env, a *app.App) error
}

// sometimesAlone is a verb of both kinds that tells from its arguments which it is.
type sometimesAlone interface{ alone() bool }

// answer is an error that carries only an exit status: the verb has said all.
type answer int

func (a answer) Error() string { return fmt.Sprintf("exit %d", int(a)) }

// The exit statuses of the contract.
const (
	exitNo           = 1
	exitInput        = 2
	exitUndetermined = 3
	exitFailed       = 4
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := start(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func start(ctx context.Context, args []string) int {
	cwd, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bevis:", err)
		return exitFailed
	}
	c, path, code := parse(args, os.Stdout, os.Stderr)
	if c == nil {
		return code
	}
	info, err := os.Stdin.Stat()
	tty := err == nil && info.Mode()&os.ModeCharDevice != 0
	e := &env{ctx: i18n.With(ctx, language(c.Lang)), cli: c, out: os.Stdout, errw: os.Stderr, in: os.Stdin, tty: tty && !c.JSON, cwd: cwd}
	err = dispatch(e, path, args)
	return e.finish(err)
}

// parse reads the arguments. A nil cli means that everything was said.
func parse(args []string, out, errw io.Writer) (*cli, any, int) {
	c := &cli{}
	code := 0
	exited := false
	p, err := kong.New(c, kong.Name("bevis"), kong.Description("Evidence for SOC 2 that an auditor can check. Bevis prepares, collects, tests and drafts; the opinion is a CPA's."),
		kong.Vars{"data": "bevis-data"}, kong.Writers(out, errw), kong.KindMapper(reflect.String, kong.MapperFunc(asGiven)), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Exit(func(n int) { exited, code = true, n }))
	if err != nil {
		fmt.Fprintln(errw, "bevis:", err)
		return nil, nil, exitFailed
	}
	k, err := p.Parse(args)
	if exited {
		return nil, nil, code
	}
	if err != nil {
		e := &env{ctx: context.Background(), cli: &cli{JSON: wantsJSON(args)}, errw: errw}
		return nil, nil, e.usage(err)
	}
	return c, k.Selected().Target.Addr().Interface(), 0
}

// asGiven takes an argument byte for byte: names of files need not be UTF-8, and
// kong's own mapper would mend them into names of no file.
func asGiven(ctx *kong.DecodeContext, target reflect.Value) error {
	t, err := ctx.Scan.PopValue("string")
	if err != nil {
		return err
	}
	text, ok := t.Value.(string)
	if !ok {
		return fmt.Errorf("expected a text, not %v", t.Value)
	}
	target.SetString(text)
	return nil
}

func wantsJSON(args []string) bool {
	return slices.Contains(args, "--json")
}

func language(s string) i18n.Lang {
	if s == "" {
		s, _, _ = strings.Cut(os.Getenv("LANG"), "_")
	}
	return i18n.Parse(s)
}

// dispatch runs a verb: alone, through the server that holds the workspace, or on
// the workspace in this process.
func dispatch(e *env, target any, args []string) error {
	if v, ok := target.(verb); ok {
		if x, both := target.(sometimesAlone); !both || x.alone() {
			return v.run(e)
		}
	}
	w, ok := target.(workspaceVerb)
	if !ok {
		return fmt.Errorf("bevis: %T is not a verb", target)
	}
	if conn := dialServer(e.ctx, e.cli.Data); conn != nil {
		return forward(e, conn, args)
	}
	a, err := openWorkspace(e.ctx, e.options())
	if err != nil {
		return err
	}
	err = e.authenticate(a, operator())
	if err == nil {
		err = w.work(e, a)
	}
	return errors.Join(err, a.Close())
}

// openWorkspace opens a workspace; sample data keep their simulated clock.
func openWorkspace(ctx context.Context, o app.Options) (*app.App, error) {
	if demo.Is(o.Dir) {
		a, _, err := demo.Open(ctx, o)
		return a, err
	}
	return app.Open(ctx, o)
}

func (e *env) options() app.Options {
	return app.Options{Clock: time.Now, Dir: e.cli.Data, Database: e.cli.Database, SignerState: e.cli.Signer, TSA: e.cli.TSA}
}

// authenticate decides who acts: the operator, whose access to the directory is
// the authority, or the account named by --as.
func (e *env) authenticate(a *app.App, op authz.Principal) error {
	who := op
	if e.cli.As != "" {
		pw, err := e.password(e.cli.AsFile)
		if err != nil {
			return err
		}
		if who, err = signedIn(e, a, pw); err != nil {
			return err
		}
	}
	e.ctx = authz.With(e.ctx, who)
	return nil
}

// signedIn is the account named by --as. Auditors have their own view in the
// browser, which shows their window alone.
func signedIn(e *env, a *app.App, password string) (authz.Principal, error) {
	who, err := a.Accounts.Authenticate(e.ctx, e.cli.As, password)
	if err == nil && who.Is(authz.Auditor) {
		return authz.Principal{}, fault.New(fault.Denied, "cli.auditor")
	}
	return who, err
}

func operator() authz.Principal {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return authz.Operator(name)
}

// path makes a file name absolute against the caller's folder.
func (e *env) path(p string) string {
	if p == "" || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(e.cwd, p)
}

// usage reports wrong words on the command line.
func (e *env) usage(err error) int {
	if e.cli.JSON {
		e.jsonError("invalid", "cli.usage", err.Error())
	} else {
		fmt.Fprintf(e.errw, "bevis: %v. Run bevis --help, or bevis VERB --help.\n", err)
	}
	return exitInput
}

// finish turns what a verb returned into words and an exit status.
func (e *env) finish(err error) int {
	if err == nil {
		return 0
	}
	if code, ok := errors.AsType[answer](err); ok {
		return int(code)
	}
	f, ok := fault.As(err)
	var text string
	switch {
	case ok:
		text = i18n.T(e.ctx, f.Key, f.Args...)
	case errors.Is(err, context.Canceled):
		text = i18n.T(e.ctx, "cli.interrupted")
	default:
		text = i18n.T(e.ctx, "cli.internal", "Error", err.Error())
	}
	kind, key := fault.KindOf(err).String(), "fault.internal"
	if ok {
		key = f.Key
	}
	if e.cli.JSON {
		e.jsonError(kind, key, text)
	} else {
		fmt.Fprintln(e.errw, "bevis: "+text)
	}
	switch fault.KindOf(err) {
	case fault.Internal, fault.Busy, fault.Unavailable:
		return exitFailed
	default:
		return exitInput
	}
}

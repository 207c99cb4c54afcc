package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

// childEnv names the work that a second process of this program does, so that its
// memory is its own.
const childEnv = "BEVIS_BENCH_CHILD"

// children are the works by name. Each reads its argument as JSON and returns what
// it prints as JSON.
func children() map[string]func(ctx context.Context, arg []byte) (any, error) {
	return map[string]func(ctx context.Context, arg []byte) (any, error){
		"check":   checkChild,
		"verify":  verifyChild,
		"collect": collectChild,
	}
}

func TestMain(m *testing.M) {
	name := os.Getenv(childEnv)
	if name == "" {
		os.Exit(m.Run())
	}
	if err := runChild(name); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", name+":", err)
		os.Exit(1)
	}
}

func runChild(name string) error {
	arg, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	if dir := os.Getenv("BENCH_PROFILE"); dir != "" {
		f, err := os.CreateTemp(dir, name+"-*.pprof")
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	answer, err := children()[name](context.Background(), arg)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

// inChild does a work in a process of its own.
func inChild[T any](b *testing.B, name string, arg any) (out T) {
	b.Helper()
	in, err := json.Marshal(arg)
	must(b, err)
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+name)
	cmd.Stdin = bytes.NewReader(in)
	var problem bytes.Buffer
	cmd.Stderr = &problem
	raw, err := cmd.Output()
	if err != nil {
		b.Fatalf("%s: %v: %s", name, err, problem.String())
	}
	must(b, json.Unmarshal(raw, &out))
	return out
}

// spent is what a piece of work cost. On a machine that others use too, the CPU
// time of all its threads and programs says more than the time on the wall.
type spent struct{ Wall, CPU float64 } // seconds

// stopwatch starts to measure this process; programs that it started and waited
// for count.
func stopwatch() func() spent {
	wall, cpu := time.Now(), cpuTime()
	return func() spent {
		return spent{time.Since(wall).Seconds(), (cpuTime() - cpu).Seconds()}
	}
}

// run runs a program and returns what it cost and what it said.
func run(b *testing.B, dir, stdin, program string, args ...string) (spent, string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v: %s", program, err, problem.String())
	}
	return cost(cmd, start), out.String()
}

// quiet is run with the program's output thrown away unread.
func quiet(b *testing.B, dir, program string, args ...string) spent {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program, args...)
	cmd.Dir = dir
	var problem bytes.Buffer
	cmd.Stderr = &problem
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatalf("%s: %v: %s", program, err, problem.String())
	}
	return cost(cmd, start)
}

func cost(cmd *exec.Cmd, start time.Time) spent {
	return spent{time.Since(start).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()}
}

// program finds an outside program or skips the benchmark aloud.
func program(b *testing.B, name string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		b.Skipf("skipped: the program %s is not there; run scripts/test-setup.sh", name)
	}
	return path
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// scaled is n times BENCH_SCALE, at least min.
func scaled(b *testing.B, n, least int) int {
	b.Helper()
	text := os.Getenv("BENCH_SCALE")
	if text == "" {
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f <= 0 {
		b.Fatalf("BENCH_SCALE=%q is not a number above 0", text)
	}
	return max(least, int(f*float64(n)))
}

// rounds is how many times product and peer run in turn.
func rounds(b *testing.B) int {
	b.Helper()
	text := os.Getenv("BENCH_ROUNDS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("BENCH_ROUNDS=%q is not a whole number above 0", text)
	}
	return n
}

// series are measurements of one thing, one a round.
type series []float64

func (s *series) add(v float64)  { *s = append(*s, v) }
func (s series) median() float64 { return s.at(0.5) }
func (s series) most() float64   { return slices.Max(s) }
func (s series) over(o series) (ratio series) {
	return s.each(o, func(x, y float64) float64 { return x / y })
}

// each pairs the rounds of two series: product and peer of one round saw the same
// machine, so their ratio is taken before any median.
func (s series) each(o series, f func(x, y float64) float64) (out series) {
	for i := range s {
		out.add(f(s[i], o[i]))
	}
	return out
}

// at is the value below which a share of the series lies.
func (s series) at(share float64) float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[int(share*float64(len(sorted)-1)+0.5)]
}

// costs are what one thing cost, round by round.
type costs struct{ wall, cpu series }

func (c *costs) add(s spent) {
	c.wall.add(s.Wall)
	c.cpu.add(s.CPU)
}

// times says how many times the peer's cost, on the wall and in CPU time.
func (c *costs) times(peer *costs) string {
	return fmt.Sprintf("%.2f s wall, %.2f s CPU = %s wall, %.2f× CPU of", c.wall.median(), c.cpu.median(), c.wall.over(peer.wall).spread(), c.cpu.over(peer.cpu).median())
}

func (c *costs) String() string {
	return fmt.Sprintf("(%.2f s wall, %.2f s CPU)", c.wall.median(), c.cpu.median())
}

// spread is a ratio's median with its extremes.
func (s series) spread() string {
	return fmt.Sprintf("%.2f× (%.2f–%.2f)", s.median(), slices.Min(s), slices.Max(s))
}

// report prints a benchmark's one line.
func report(b *testing.B, title string, parts ...string) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // the whole program's time means nothing
	fmt.Printf("%s: %s [%d rounds, %d CPUs, load %s]\n", title, strings.Join(parts, "; "), rounds(b), runtime.NumCPU(), load())
}

func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(raw))[:3], " ")
}

// memory reads a line such as VmHWM (peak) or VmRSS (now) of a process, in MB; 0
// where the system does not say. "self" is this process.
func memory(pid, line string) float64 {
	raw, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err == nil {
				return kb / 1024
			}
		}
	}
	return 0
}

// ticking is a clock that stands at start and moves on by step at each look, so
// that the same seed gives the same ledger times.
func ticking(start time.Time, step time.Duration) func() time.Time {
	looks := make(chan time.Time, 1)
	looks <- start
	return func() time.Time {
		t := (<-looks).Add(step)
		looks <- t
		return t
	}
}

// workspace makes a workspace with n controls, adopted from the library and then
// copied. The caller closes it.
func workspace(b *testing.B, dir string, clock func() time.Time, n int) (context.Context, *app.App, []control.ID) {
	b.Helper()
	ctx := authz.With(b.Context(), authz.Principal{ID: "service:bench", Roles: []authz.Role{authz.Administrator, authz.Lead}})
	a, err := app.Init(ctx, app.Options{Dir: dir, Clock: clock}, app.Founding{
		Organisation: scope.Organisation{Name: "Provbolaget Granit", Zone: "Europe/Stockholm", Categories: framework.AllCategories()},
		Admin:        account.NewUser{Email: "admin@granit.example", Name: "Ada Provsson", Roles: []authz.Role{authz.Administrator, authz.Lead}, Password: "a long enough sentence"},
	})
	must(b, err)
	offered, err := a.Controls.Offer(ctx)
	must(b, err)
	var codes []string
	for _, o := range offered[:min(n, len(offered))] {
		codes = append(codes, o.Code)
	}
	from := scope.Day(clock().AddDate(-1, 0, 0).Format(time.DateOnly))
	adopted, err := a.Controls.Adopt(ctx, codes, "", from)
	must(b, err)
	var ids []control.ID
	for _, c := range adopted {
		ids = append(ids, c.ID)
	}
	for i := len(ids); i < n; i++ {
		c := adopted[i%len(adopted)].Value
		c.Code = "BX-" + strconv.Itoa(i)
		e, err := a.Controls.Create(ctx, c, "")
		must(b, err)
		ids = append(ids, e.ID)
	}
	return ctx, a, ids
}

package window_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/collect/git"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/window"
)

func TestContentsOfEvidence(t *testing.T) {
	b := newBench(t, "Europe/Stockholm")
	b.adopt("2025-12-01", "AC-04", "OP-06", "OP-05") // OP-05 meets availability alone
	b.to("2026-05-02")
	item := func(code, from, to string, more ...func(*evidence.Upload)) string {
		u := evidence.Upload{Controls: []string{code}, OccurredFrom: from, OccurredTo: to}
		for _, m := range more {
			m(&u)
		}
		return b.add(b.ctx, u).ID.String()
	}
	w := b.open("2026-01-01", "2026-04-01")
	in := []string{
		item("AC-04", "2026-01-01", ""),
		item("AC-04", "2026-03-31", ""),
		item("AC-04", "2025-12-20", "2026-01-01"),           // reaches in
		item("AC-04", "2026-03-31", "2026-04-10"),           // reaches out
		item("AC-04", "2025-12-31T23:30:00Z", ""),           // half past midnight in Stockholm
		item("OP-06", "2026-02-01", ""),                     // annual: operated, none due
		item("AC-04", "2026-04-09", "", slot("2026-03-31")), // late for a day due in it
		item("AC-04", "2025-12-05", "", valid("2025-12-05", "")),
		item("AC-04", "2025-12-05", "", valid("2025-12-05", "2026-01-01")),
	}
	for _, out := range []string{
		item("AC-04", "2025-12-31", ""),
		item("AC-04", "2026-04-01", ""),
		item("AC-04", "2025-12-31T22:59:59Z", ""),
		item("AC-04", "2026-03-31T22:00:00Z", ""), // midnight in Stockholm: the next day
		item("AC-04", "2025-12-05", "", slot("2025-12-31")),
		item("AC-04", "2025-12-05", "", valid("2025-12-05", "2025-12-31")),
		item("AC-04", "2025-12-05", "", valid("2026-04-01", "")),
		item("OP-05", "2026-02-01", ""), // its criterion is not in scope
	} {
		_ = out
	}
	if got := b.contents(b.Store.Live(b.ctx), w, "evidence"); !same(got, in) {
		t.Errorf("in the window: %v, want %v", got, in)
	}
	// As of an earlier moment what came later is not there.
	early, err := evidence.Items.Get(b.Store.Live(b.ctx), evidence.ID(in[1]))
	b.must(err)
	if got := b.contents(b.Store.At(b.ctx, early.Seq), w, "evidence"); !same(got, in[:2]) {
		t.Errorf("as of then: %v", got)
	}
	// A chain of newer items brings all that they stand for, also from before.
	b.to("2026-05-10")
	older := b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2025-12-06"})
	middle := b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2025-12-07", Supersedes: older.Value.Code})
	newest := b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2026-01-07", Supersedes: middle.Value.Code})
	want := append(slices.Clone(in), older.ID.String(), middle.ID.String(), newest.ID.String())
	if got := b.contents(b.Store.Live(b.ctx), w, "evidence"); !same(got, want) {
		t.Errorf("with the chain: %v", got)
	}
	if got := b.contents(b.Store.Live(b.ctx), w, "control"); len(got) != 2 {
		t.Errorf("controls: %v", got)
	}
	// Whoever touched it is in; nobody else.
	ctx, someone := b.person("Bo Alm", authz.Lead)
	_, stranger := b.person("Cia Berg", authz.Lead)
	b.add(ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2026-01-09"})
	if got := b.contents(b.Store.Live(b.ctx), w, "account"); !same(got, []string{someone.ID}) {
		t.Errorf("people: %v, not %s", got, stranger.ID)
	}
	if got := b.contents(b.Store.Live(b.ctx), w, "organisation"); len(got) != 1 {
		t.Errorf("organisation: %v", got)
	}
	if got := b.contents(b.Store.Live(b.ctx), w, "window"); !same(got, []string{w.ID.String()}) {
		t.Errorf("windows: %v", got)
	}
}

func slot(day string) func(*evidence.Upload) { return func(u *evidence.Upload) { u.Slot = day } }

func valid(from, to string) func(*evidence.Upload) {
	return func(u *evidence.Upload) { u.ValidFrom, u.ValidTo = from, to }
}

// A control counts where it binds in the window: not a draft, not one that ended
// before, not one that begins after.
func TestInScope(t *testing.T) {
	b := newBench(t, "UTC")
	b.adopt("2025-12-01", "AC-04")
	b.adopt("2026-03-31", "AC-05")
	b.adopt("2026-04-01", "AC-06")
	b.adopt("2025-12-01", "GP-02", "GP-11", "OP-04", "OP-05")
	live := b.Store.Live(b.ctx)
	change := func(code string, f func(*control.Control)) {
		t.Helper()
		e, err := b.Controls.ByCode(b.ctx, code)
		b.must(err)
		f(&e.Value)
		_, err = b.Controls.Change(b.ctx, e, "as it is now")
		b.must(err)
	}
	b.to("2025-12-20")
	change("GP-02", func(c *control.Control) { c.Status, c.EffectiveTo = control.Retired, "2025-12-31" })
	change("GP-11", func(c *control.Control) { c.Status, c.EffectiveTo = control.Retired, "2026-01-01" })
	draft, err := b.Controls.ByCode(b.ctx, "OP-04")
	b.must(err)
	v := draft.Value
	v.Code, v.Status = "X-01", control.Draft
	_, err = b.Controls.Create(b.ctx, v, "")
	b.must(err)
	w := b.open("2026-01-01", "2026-04-01")
	cs, err := window.InScope(live, &w.Value)
	b.must(err)
	var got []string
	for _, c := range cs {
		got = append(got, c.Value.Code)
	}
	if !same(got, []string{"AC-04", "AC-05", "GP-11", "OP-04"}) {
		t.Errorf("in scope: %v", got)
	}
}

// Populations, results, freezes and runs of the window are in, runs that failed
// among them.
func TestContentsOfPopulations(t *testing.T) {
	b := newBench(t, "UTC")
	b.adopt("2025-12-01", "CH-01")
	b.to("2026-05-02")
	day := func(s string) time.Time {
		at, err := time.Parse("2006-01-02", s)
		b.must(err)
		return at
	}
	repo := repository(t)
	run := func(from, to string) collect.Collected {
		t.Helper()
		c, err := b.Collect.Git(b.ctx, git.Options{Repo: repo, Name: "shop", From: day(from), To: day(to)})
		b.must(err)
		return c
	}
	before, within := run("2025-06-01", "2026-01-01"), run("2026-01-01", "2026-04-01")
	if _, err := b.Collect.Git(b.ctx, git.Options{Repo: t.TempDir(), From: day("2026-01-01"), To: day("2026-02-01")}); err == nil {
		t.Fatal("collected from an empty folder")
	}
	_, _, err := b.Checks.Test(b.ctx, check.Request{Check: "change-reviewed", From: day("2026-01-01"), To: day("2026-04-01")})
	b.must(err)
	old, _, err := b.Checks.Test(b.ctx, check.Request{Check: "change-reviewed", From: day("2025-06-01"), To: day("2026-01-01")})
	b.must(err)
	frozen, err := b.Populations.Freeze(b.ctx, within.Dataset.Value.Code, "2026-03-31")
	b.must(err)
	_, err = b.Populations.Freeze(b.ctx, before.Dataset.Value.Code, "2025-12-31")
	b.must(err)
	w := b.open("2026-01-01", "2026-04-01")
	live := b.Store.Live(b.ctx)
	if got := b.contents(live, w, population.Datasets.Name()); !same(got, []string{within.Dataset.ID.String()}) {
		t.Errorf("datasets: %v", got)
	}
	if got := b.contents(live, w, population.Freezes.Name()); !same(got, []string{frozen.ID.String()}) {
		t.Errorf("freezes: %v", got)
	}
	if got := b.contents(live, w, check.Outcomes.Name()); len(got) != 1 || got[0] == old.ID.String() {
		t.Errorf("results: %v", got)
	}
	runs := b.contents(live, w, collect.Runs.Name())
	failed := 0
	for _, id := range runs {
		r, err := collect.Runs.Get(live, register.ID[collect.Run](id))
		b.must(err)
		if r.Value.Outcome == collect.Failed {
			failed++
		}
	}
	if len(runs) != 2 || failed != 1 {
		t.Errorf("runs: %v, of them failed %d", runs, failed)
	}
	// The tally of the control that the check tests is the population's.
	c, err := b.Controls.ByCode(b.ctx, "CH-01")
	b.must(err)
	tally, err := window.TallyOf(live, &w.Value, c, "2026-05-02")
	b.must(err)
	if tally.Basis != window.ByPopulation || tally.Expected != 3 || tally.Missed != 1 || tally.OnTime != 2 || tally.Status != check.StatusFail {
		t.Errorf("%+v", tally)
	}
}

// repository makes a repository with four commits, three of them in the first
// quarter of 2026, one of those without a review.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	git := func(date string, args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=Ada Ek", "-c", "user.email=ada@granskog.example", "-C", dir}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	git("", "init", "-q", "-b", "main")
	for _, c := range [][2]string{
		{"2025-12-10T10:00:00Z", "Start\n\nReviewed-by: Bo Alm <bo@granskog.example>"},
		{"2026-01-10T10:00:00Z", "First\n\nReviewed-by: Bo Alm <bo@granskog.example>"},
		{"2026-02-10T10:00:00Z", "Second"},
		{"2026-03-10T10:00:00Z", "Third\n\nReviewed-by: Bo Alm <bo@granskog.example>"},
	} {
		git(c[0], "commit", "-q", "--allow-empty", "-m", c[1])
	}
	return dir
}

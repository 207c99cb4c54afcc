package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/collect/git"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/ledger/tsatest"
	"bevis/internal/pack"
	"bevis/internal/pack/zipfile"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// shop is a small workspace that was worked in for a quarter: controls, evidence
// of two files, an item of which one version was erased, a git population with a
// result and a freeze, and a timestamp.
type shop struct {
	*app.App
	t         testing.TB
	ctx       context.Context // the local operator
	maja      context.Context // a person
	clock     time.Time
	dir       string
	key       ledger.PrivateKey
	collected collect.Collected
	result    register.Entry[check.Outcome]
	twoFiles  register.Entry[evidence.Evidence]
	erased    register.Entry[evidence.Evidence] // version 1 of 2
	root      []byte                            // of the time stamping authority
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *shop) now() time.Time { s.clock = s.clock.Add(time.Second); return s.clock }

func day(t testing.TB, text string) time.Time {
	t.Helper()
	d, err := time.Parse("2006-01-02", text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newShop(t testing.TB, dir string) *shop {
	t.Helper()
	s := &shop{t: t, dir: dir, ctx: authz.With(context.Background(), authz.Operator("tester")), clock: day(t, "2025-12-01")}
	var err error
	s.App, err = app.Init(s.ctx, app.Options{Dir: dir, Clock: s.now}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: "UTC", Categories: framework.Categories{framework.Security}},
		Admin:        account.NewUser{Email: "maja@granskog.example", Name: "Maja Lind", Roles: []authz.Role{authz.Lead, authz.Administrator}, Password: "tidig höst vid Vänern 7"},
	})
	s.must(err)
	secret, err := os.ReadFile(filepath.Join(dir, "keys", "ledger.key"))
	s.must(err)
	s.key, err = ledger.ParsePrivateKey(string(secret))
	s.must(err)
	u, err := s.Accounts.ByEmail(s.ctx, "maja@granskog.example")
	s.must(err)
	s.maja = authz.With(s.ctx, authz.Principal{ID: u.ID.String(), Name: "Maja Lind", Roles: []authz.Role{authz.Lead, authz.Administrator}})
	_, err = s.Controls.Adopt(s.ctx, []string{"AC-04", "CH-01"}, u.ID.String(), "2025-12-01")
	s.must(err)
	return s
}

func (s *shop) add(on string, files ...string) register.Entry[evidence.Evidence] {
	s.t.Helper()
	u := evidence.Upload{
		Title: "Access review", Type: evidence.AccessLog, Controls: []string{"AC-04"}, OccurredFrom: on, PerformedBy: "Bo Alm",
		Source: evidence.Source{System: "directory", Locator: "/groups", Method: evidence.Export},
	}
	for i, f := range files {
		kept, err := s.Evidence.Keep(s.ctx, []string{"users.csv", "Users.csv", "notes.txt"}[i], strings.NewReader(f))
		s.must(err)
		u.Files = append(u.Files, kept)
	}
	e, err := s.Evidence.Add(s.ctx, u)
	s.must(err)
	return e
}

func (s *shop) quarter() {
	s.t.Helper()
	s.twoFiles = s.add("2026-02-01", "user,keep\nbo,yes\n", "user,keep\ncia,no\n")
	_, err := s.Evidence.Accept(s.maja, s.twoFiles.Value.Code, "")
	s.must(err)
	s.erased = s.add("2026-03-01", "named by mistake\n")
	_, err = s.Evidence.Relink(s.ctx, s.erased.Value.Code, []string{"AC-04", "CH-01"}, "bears on both")
	s.must(err)
	_, err = s.Erase(s.ctx, s.erased.ID.String(), []int64{1}, "article 17", "asked for")
	s.must(err)
	s.add("2026-05-01", "not yet") // outside the window
}

// changes collects a git population and tests it.
func (s *shop) changes() {
	s.t.Helper()
	repo := filepath.Join(s.t.TempDir(), "shop")
	s.must(os.Mkdir(repo, 0o700))
	run := func(date string, args ...string) {
		s.t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=Ada Ek", "-c", "user.email=ada@granskog.example", "-C", repo}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE="+date, "GIT_COMMITTER_DATE="+date)
		if out, err := cmd.CombinedOutput(); err != nil {
			s.t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	run("", "init", "-q", "-b", "main")
	for _, c := range [][2]string{
		{"2026-01-10T10:00:00Z", "First\n\nReviewed-by: Bo Alm <bo@granskog.example>"},
		{"2026-02-10T10:00:00Z", "=Second, with a formula"},
		{"2026-03-10T10:00:00Z", "Third\n\nReviewed-by: Bo Alm <bo@granskog.example>"},
	} {
		run(c[0], "commit", "-q", "--allow-empty", "-m", c[1])
	}
	var err error
	from, to := day(s.t, "2026-01-01"), day(s.t, "2026-04-01")
	s.collected, err = s.Collect.Git(s.ctx, git.Options{Repo: repo, Name: "shop", From: from, To: to})
	s.must(err)
	s.result, _, err = s.Checks.Test(s.ctx, check.Request{Check: "change-reviewed", From: from, To: to})
	s.must(err)
	if s.result.Value.Deviations != 1 {
		s.t.Fatalf("the population should have one deviation: %+v", s.result.Value)
	}
	_, err = s.Populations.Freeze(s.ctx, s.collected.Dataset.Value.Code, "2026-03-31")
	s.must(err)
}

func (s *shop) stamp(tsa *tsatest.Authority) {
	s.t.Helper()
	_, err := s.Store.Stamp(s.ctx, "test authority", tsa.Ask)
	s.must(err)
	s.root = tsa.Root
}

func (s *shop) open() register.Entry[window.Window] {
	s.t.Helper()
	w, err := s.Windows.OpenWindow(s.ctx, window.Plan{Type: 2, From: "2026-01-01", To: "2026-04-01", Categories: []string{"security"}})
	s.must(err)
	return w
}

func (s *shop) seal(w register.Entry[window.Window]) register.Entry[window.Window] {
	s.t.Helper()
	w, err := s.Windows.SealWindow(s.maja, w.Value.Code)
	s.must(err)
	return w
}

// pack makes the package of a window in a new folder of the test.
func (s *shop) pack(w register.Entry[window.Window], name string, draft bool) string {
	s.t.Helper()
	out := filepath.Join(s.t.TempDir(), name)
	_, err := s.Packages.Create(s.ctx, w.ID.String(), out, draft)
	s.must(err)
	return out
}

// made is the sample every test here starts from: made once, only read.
type made struct {
	zip   string
	dir   string
	parts []part
	root  []byte
	key   ledger.PrivateKey
	shop  *shop
}

var (
	sampleOnce sync.Once
	sampleMade *made
)

func sample(t *testing.T) *made {
	t.Helper()
	sampleOnce.Do(func() {
		dir, err := os.MkdirTemp("", "bevis-pack-test-") //nolint:usetesting // it outlives the first test that asks
		if err != nil {
			t.Fatal(err)
		}
		cleanups = append(cleanups, func() { os.RemoveAll(dir) })
		tsa := tsatest.New(t)
		s := newShop(t, filepath.Join(dir, "ws"))
		s.clock = day(t, "2026-05-02")
		s.changes()
		w := s.open()
		s.quarter()
		s.stamp(tsa)
		w = s.seal(w)
		s.stamp(tsa)
		s.add("2026-03-15", "came after the seal\n")
		m := &made{zip: filepath.Join(dir, "p.zip"), dir: filepath.Join(dir, "p"), root: tsa.Root, key: s.key, shop: s}
		for _, out := range []string{m.zip, m.dir} {
			_, err := s.Packages.Create(s.ctx, w.ID.String(), out, false)
			s.must(err)
		}
		s.must(s.Close())
		m.parts = readParts(t, m.zip)
		sampleMade = m
	})
	if sampleMade == nil {
		t.Skip("skipped: the sample package could not be made; another test says why")
	}
	return sampleMade
}

// kinds are all registers of the product.
var kinds = app.Kinds()

var cleanups []func()

func TestMain(m *testing.M) {
	code := m.Run()
	for _, c := range cleanups {
		c()
	}
	os.Exit(code)
}

// part is one member.
type part struct {
	name string
	data []byte
}

func readParts(t testing.TB, name string) []part {
	t.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []part
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, part{f.Name, data})
	}
	return out
}

// writeParts writes members as the product writes them.
func writeParts(t testing.TB, parts []part) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "p.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w, err := zipfile.NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		dst, err := w.CreateSized(p.name, int64(len(p.data)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := dst.Write(p.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func clone(parts []part) []part {
	out := make([]part, len(parts))
	for i, p := range parts {
		out[i] = part{p.name, bytes.Clone(p.data)}
	}
	return out
}

func find(t testing.TB, parts []part, prefix string) *part {
	t.Helper()
	for i := range parts {
		if strings.HasPrefix(parts[i].name, prefix) {
			return &parts[i]
		}
	}
	t.Fatalf("no member %s…", prefix)
	return nil
}

func drop(parts []part, name string) []part {
	return slices.DeleteFunc(parts, func(p part) bool { return p.name == name })
}

func canonical(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := ledger.Canonical(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// edit changes a JSON member in place.
func edit[T any](t testing.TB, p *part, change func(v *T)) {
	t.Helper()
	var v T
	if err := json.Unmarshal(p.data, &v); err != nil {
		t.Fatal(err)
	}
	change(&v)
	p.data = canonical(t, v)
}

// repair writes the manifest's lines again for the members as they are now, and
// the signature too if there is a key to make it with.
func repair(t testing.TB, parts []part, key *ledger.PrivateKey) []part {
	t.Helper()
	at := slices.IndexFunc(parts, func(p part) bool { return p.name == "manifest.json" })
	edit(t, &parts[at], func(m *pack.Manifest) {
		m.Files = []pack.File{}
		for _, p := range parts {
			if p.name != "manifest.json" {
				sum := sha256.Sum256(p.data)
				m.Files = append(m.Files, pack.File{Path: p.name, Size: int64(len(p.data)), SHA256: hex.EncodeToString(sum[:])})
			}
		}
		if key == nil {
			return
		}
		m.Key, m.Signature = key.String(), ""
		sig, err := key.Sign(append([]byte("bevis package manifest v1\n"), canonical(t, m)...))
		if err != nil {
			t.Fatal(err)
		}
		m.Signature = hex.EncodeToString(sig)
	})
	return parts
}

func verify(t testing.TB, name string, o pack.Options) *ledger.Report {
	t.Helper()
	o.Kinds = kinds
	r, err := pack.Verify(context.Background(), name, o)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return r
}

func codes(r *ledger.Report) []string {
	out := []string{}
	for _, p := range r.Problems {
		out = append(out, p.Path+": "+p.Code)
	}
	return out
}

func has(r *ledger.Report, path, code string) bool {
	return slices.ContainsFunc(r.Problems, func(p ledger.Problem) bool {
		return strings.HasPrefix(p.Path, path) && (code == "" || p.Code == code)
	})
}

package check

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"bevis/catalog"
	"bevis/internal/collect/git"
	"bevis/internal/population"
)

func find(t testing.TB, id string) Check {
	t.Helper()
	c, err := Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func runOK(t testing.TB, c Check, d *population.Dataset, o Options) *Result {
	t.Helper()
	o.TempDir = t.TempDir()
	res, err := Run(t.Context(), c, d, o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Cause() != nil {
		t.Fatal(res.Cause())
	}
	return res
}

// The two git checks agree with facts that another program took from three real
// repositories: every deviation is found and no other.
func TestRealRepositories(t *testing.T) {
	dir := os.Getenv("BEVIS_TESTDATA")
	if dir == "" {
		t.Skip("skipped: real data not present")
	}
	for name, want := range map[string]struct {
		reviewed, referenced         Status
		deviations, undetermined     int
		withoutReference, population int
	}{
		"golang-tools":    {StatusFail, StatusPass, 2, 0, 0, 819},
		"golang-crypto":   {StatusPass, StatusPass, 0, 0, 0, 109},
		"nodejs-node-gyp": {StatusNotDeterminable, StatusFail, 0, 81, 15, 81},
	} {
		t.Run(name, func(t *testing.T) {
			collected, err := git.Collect(t.Context(), git.Options{
				Repo: filepath.Join(dir, "git", name+".commits.bundle"), Name: name, TempDir: t.TempDir(),
				From: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC),
			})
			if err != nil {
				t.Fatal(err)
			}
			defer collected.Close()
			res := runOK(t, find(t, "change-reviewed"), collected.Dataset, Options{})
			if res.Status != want.reviewed || res.Deviations != want.deviations || res.NotDeterminable != want.undetermined ||
				res.Population.Items != want.population || res.Passed != want.population-want.deviations-want.undetermined {
				t.Errorf("%+v", res)
			}
			classes := classesOf(t, filepath.Join(dir, "git", name+".population.csv"))
			for _, it := range runOK(t, find(t, "change-reviewed"), collected.Dataset, Options{AllItems: true, TraceInMessage: true}).Items {
				got := it.Reason
				if it.Status == ItemPass {
					got = "reviewed_independent"
				}
				if got != classes[it.Item] {
					t.Errorf("%s: %s, the facts say %s", it.Item, got, classes[it.Item])
				}
			}
			ref := runOK(t, find(t, "change-has-reference"), collected.Dataset, Options{})
			if ref.Status != want.referenced || ref.Deviations != want.withoutReference || ref.Passed != want.population-want.withoutReference {
				t.Errorf("%+v", ref)
			}
			if name == "golang-tools" {
				hashes := []string{}
				for _, it := range res.Items {
					hashes = append(hashes, it.Item+" "+it.Reason)
				}
				exceptions := []string{}
				for hash, class := range classesOf(t, filepath.Join(dir, "git", name+".exceptions.csv")) {
					exceptions = append(exceptions, hash+" "+class)
				}
				slices.Sort(exceptions)
				if !slices.Equal(hashes, exceptions) {
					t.Errorf("deviations %q, the facts say %q", hashes, exceptions)
				}
			}
			t.Log(res.Explanation)
		})
	}
}

func classesOf(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hash, class := slices.Index(lines[0], "commit"), slices.Index(lines[0], "class")
	out := map[string]string{}
	for _, l := range lines[1:] {
		out[l[hash]] = l[class]
	}
	return out
}

func mustJSON(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func checkFile(t testing.TB, id string) string {
	t.Helper()
	raw, err := catalog.Checks.ReadFile("checks/" + id + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

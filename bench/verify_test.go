package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/app"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/pack"
	"bevis/internal/register"
	"bevis/internal/window"
)

type verifyDone struct {
	Cost             spent
	RSS              float64 // MB, peak
	Verdict          string
	Problems         []ledger.Problem
	Artefacts, Bytes int64
}

func verifyChild(ctx context.Context, arg []byte) (any, error) {
	var name string
	if err := json.Unmarshal(arg, &name); err != nil {
		return nil, err
	}
	took := stopwatch()
	r, err := pack.Verify(ctx, name, pack.Options{Kinds: app.Kinds()})
	if err != nil {
		return nil, err
	}
	return verifyDone{took(), memory("self", "VmHWM"), r.Verdict, r.Problems[:min(3, len(r.Problems))], r.Checked.Artefacts, r.Checked.Bytes}, nil
}

// packages makes the same package as a zip and as a folder: items of evidence with
// three files of about 9 kB each, so that one item is four artefacts.
func packages(b *testing.B, dir string, artefacts int) (asZip, asFolder string) {
	b.Helper()
	start := time.Date(2025, 6, 2, 8, 0, 0, 0, time.UTC)
	ctx, a, controls := workspace(b, filepath.Join(dir, "data"), ticking(start, time.Millisecond), 60)
	defer a.Close()
	w, err := a.Windows.OpenWindow(ctx, window.Plan{Type: 2, From: "2025-01-01", To: "2025-06-01", Categories: []string{framework.AllCategories().String()}})
	must(b, err)
	random := rand.New(rand.NewPCG(7, 8))
	items := make([]evidence.Evidence, artefacts/4)
	failed := make([]error, len(items))
	var wg sync.WaitGroup
	turn := make(chan struct{}, 16)
	for i := range items {
		e := item(random, controls)
		at := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(140))
		e.OccurredFrom, e.OccurredTo = at.Format(ledger.TimeFormat), at.Add(24*time.Hour).Format(ledger.TimeFormat)
		e.Controls, e.Files = e.Controls[:1], nil
		texts := make([]string, 3)
		for j := range texts {
			texts[j] = words(random, 6000+random.IntN(6000))
		}
		items[i] = e
		wg.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			for j, t := range texts {
				f, err := a.Evidence.Keep(ctx, fmt.Sprintf("record %d.txt", j), strings.NewReader(t))
				if err != nil {
					failed[i] = err
					return
				}
				items[i].Files = append(items[i].Files, f)
			}
		})
	}
	wg.Wait()
	for i := 0; i < len(items); i += 100 {
		must(b, a.Store.Write(ctx, register.Service("bench"), func(tx *register.Tx) error {
			for j := i; j < min(i+100, len(items)); j++ {
				if failed[j] != nil {
					return failed[j]
				}
				if _, err := create(tx, items[j]); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	asZip, asFolder = filepath.Join(dir, "package.zip"), filepath.Join(dir, "package")
	for _, out := range []string{asZip, asFolder} {
		_, err = a.Packages.Create(ctx, w.ID.String(), out, true)
		must(b, err)
	}
	return asZip, asFolder
}

// BenchmarkVerify verifies a package as a zip and as a folder; sha256sum reads the
// same bytes: the zip as one file, the folder's files in two processes, which is
// how many threads the verifier hashes with.
func BenchmarkVerify(b *testing.B) {
	sha256sum := program(b, "sha256sum")
	xargs := program(b, "xargs")
	dir := b.TempDir()
	asZip, asFolder := packages(b, dir, scaled(b, 20_000, 100))
	var list strings.Builder
	must(b, filepath.WalkDir(asFolder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			list.WriteString(p + "\x00")
		}
		return err
	}))
	var zipped, loose, peerZip, peerLoose costs
	var rss series
	var last verifyDone
	for range rounds(b) {
		for _, name := range []string{asZip, asFolder} {
			last = inChild[verifyDone](b, "verify", name)
			if last.Verdict == ledger.Invalid {
				b.Fatalf("%s: %s: %v", name, last.Verdict, last.Problems)
			}
			rss.add(last.RSS)
			if name == asZip {
				zipped.add(last.Cost)
				peerZip.add(quiet(b, "", sha256sum, asZip))
				continue
			}
			loose.add(last.Cost)
			took, _ := run(b, "", list.String(), xargs, "-0", "-n", "500", "-P", "2", sha256sum)
			peerLoose.add(took)
		}
	}
	info, err := os.Stat(asZip)
	must(b, err)
	report(b, fmt.Sprintf("verify a package of %d artefacts, %d MB", last.Artefacts, info.Size()>>20),
		fmt.Sprintf("zip %s sha256sum of the zip %s (goal ≤ 1.3×)", zipped.times(&peerZip), &peerZip),
		fmt.Sprintf("folder %s sha256sum of its files %s (goal ≤ 1.3×)", loose.times(&peerLoose), &peerLoose),
		fmt.Sprintf("peak RSS %.0f MB", rss.most()))
}

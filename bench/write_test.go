package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// words is seeded text of n bytes.
func words(random *rand.Rand, n int) string {
	var s strings.Builder
	for s.Len() < n {
		for range 3 + random.IntN(6) {
			s.WriteByte(byte('a' + random.IntN(26)))
		}
		s.WriteByte(' ')
	}
	return s.String()[:n]
}

// item is evidence for three controls with a body of about a kilobyte. Its code
// follows from the ledger and is set where it is written.
func item(random *rand.Rand, controls []control.ID) evidence.Evidence {
	at := time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC).AddDate(0, 0, random.IntN(300))
	e := evidence.Evidence{
		Title: words(random, 60), Type: evidence.Types[random.IntN(len(evidence.Types))],
		OccurredFrom: at.Format(ledger.TimeFormat), OccurredTo: at.Add(24 * time.Hour).Format(ledger.TimeFormat), WholeDays: true,
		Source:      evidence.Source{System: "tickets.granit.example", Locator: words(random, 80), Method: evidence.Export, Query: words(random, 60)},
		PerformedBy: fmt.Sprintf("Person %d", random.IntN(40)),
		Files:       []evidence.File{{Name: words(random, 20) + ".pdf", SHA256: fmt.Sprintf("%016x%016x%016x%016x", random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64()), Size: 8192, Media: "application/pdf"}},
		Status:      evidence.Collected, Reviews: []evidence.Review{}, Datasets: []string{},
	}
	for _, i := range random.Perm(len(controls))[:3] {
		e.Controls = append(e.Controls, controls[i])
	}
	return e
}

func create(tx *register.Tx, e evidence.Evidence) (register.Entry[evidence.Evidence], error) {
	e.Code = evidence.CodeOf(tx.NextIndex())
	return evidence.Items.Create(tx, e, "benchmark")
}

// writeItems has writers store evidence, each one by one, and returns how many a
// second and how long each took, in milliseconds.
func writeItems(b *testing.B, ctx context.Context, a *app.App, controls []control.ID, writers, writes int, seed uint64) (perSecond float64, took series) {
	b.Helper()
	all := make([]series, writers)
	failed := make([]error, writers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(w)))
			for range writes / writers {
				e := item(random, controls)
				began := time.Now()
				failed[w] = a.Store.Write(ctx, register.Service("bench"), func(tx *register.Tx) error {
					_, err := create(tx, e)
					return err
				})
				if failed[w] != nil {
					return
				}
				all[w].add(ms(time.Since(began)))
			}
		})
	}
	wg.Wait()
	seconds := time.Since(start).Seconds()
	for w := range writers {
		must(b, failed[w])
		took = append(took, all[w]...)
	}
	return float64(len(took)) / seconds, took
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// syncs times the shortest durable write there is: 4 KiB and one fdatasync, in
// milliseconds.
func syncs(b *testing.B, dir string, n int) (took series) {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "sync"))
	must(b, err)
	defer f.Close()
	page := make([]byte, 4096)
	for range n {
		start := time.Now()
		_, err := f.Write(page)
		must(b, err)
		must(b, datasync(f))
		took.add(ms(time.Since(start)))
	}
	return took
}

// peer is what the Tessera program answers.
type peer struct {
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

// buildTessera builds the peer; "" if that cannot be done here (its module must be
// fetched once).
func buildTessera(b *testing.B) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), "tessera")
	cmd := exec.CommandContext(b.Context(), "go", "build", "-o", out, ".")
	cmd.Dir = "tessera"
	if said, err := cmd.CombinedOutput(); err != nil {
		fmt.Printf("write path: no peer, bench/tessera does not build here: %v: %s\n", err, said)
		return ""
	}
	return out
}

func runTessera(b *testing.B, program string, writers, writes int) (p peer) {
	b.Helper()
	dir := b.TempDir()
	_, out := run(b, "", "", program, "-dir", dir, "-writers", strconv.Itoa(writers), "-writes", strconv.Itoa(writes))
	must(b, json.Unmarshal([]byte(out), &p))
	return p
}

// BenchmarkWrite takes evidence through the write door: rules, version, index row,
// three links, leaf and tree in one durable transaction. The peer appends 600
// bytes to a log and nothing else.
func BenchmarkWrite(b *testing.B) {
	tessera := buildTessera(b)
	dir := b.TempDir()
	ctx, a, controls := workspace(b, filepath.Join(dir, "data"), time.Now, 1000)
	defer a.Close()
	writeItems(b, ctx, a, controls, 8, 800, 1) // warm
	size, _, err := a.Store.Head(ctx)
	must(b, err)
	type load struct {
		writers, writes int
		goal            string
	}
	loads := []load{{1, scaled(b, 1000, 100), "goal ≥ 1.5×"}, {32, scaled(b, 16_000, 640), "goal ≥ 0.2×"}}
	rate, p50, p99 := make([]series, 2), make([]series, 2), make([]series, 2)
	peerRate, peerP50 := make([]series, 2), make([]series, 2)
	var sync50 series
	for i := range rounds(b) {
		for j, l := range loads {
			r, took := writeItems(b, ctx, a, controls, l.writers, l.writes, uint64(10*i+j+2))
			size += int64(len(took))
			rate[j].add(r)
			p50[j].add(took.median())
			p99[j].add(took.at(0.99))
			if j == 0 {
				s := syncs(b, dir, l.writes)
				sync50.add(s.median())
			}
			if tessera != "" {
				p := runTessera(b, tessera, l.writers, l.writes)
				peerRate[j].add(p.PerSecond)
				peerP50[j].add(p.P50)
			}
		}
	}
	got, _, err := a.Store.Head(ctx)
	must(b, err)
	if got != size {
		b.Fatalf("the ledger has %d leaves after %d writes", got, size)
	}
	var parts []string
	for j, l := range loads {
		part := fmt.Sprintf("%d writers %.0f/s, p50 %.2f ms, p99 %.1f ms", l.writers, rate[j].median(), p50[j].median(), p99[j].median())
		if tessera != "" {
			part += fmt.Sprintf(" = %s Tessera's %.0f/s, p50 %.2f ms (%s)", rate[j].over(peerRate[j]).spread(), peerRate[j].median(), peerP50[j].median(), l.goal)
		}
		parts = append(parts, part)
	}
	parts = append(parts, fmt.Sprintf("p50 of one writer = %s one fdatasync, %.2f ms (goal ≤ 5×)", p50[0].over(sync50).spread(), sync50.median()))
	report(b, "write path, durable", parts...)
}

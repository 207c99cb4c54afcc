package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/register"
)

type written struct {
	id  evidence.ID
	seq int64
	at  time.Time
}

// fill stores n items, a hundred in a write, and a second version of every tenth.
func fill(b *testing.B, ctx context.Context, a *app.App, controls []control.ID, n int) (out []written) {
	b.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	by := register.Service("bench")
	for len(out) < n {
		var batch []evidence.Evidence
		for range min(100, n-len(out)) {
			batch = append(batch, item(random, controls))
		}
		var made []register.Entry[evidence.Evidence]
		must(b, a.Store.Write(ctx, by, func(tx *register.Tx) error {
			made = made[:0]
			for _, v := range batch {
				e, err := create(tx, v)
				if err != nil {
					return err
				}
				made = append(made, e)
			}
			return nil
		}))
		must(b, a.Store.Write(ctx, by, func(tx *register.Tx) error {
			for i := 0; i < len(made); i += 10 {
				e := made[i]
				e.Value.Controls = e.Value.Controls[1:]
				if _, err := evidence.Items.Put(tx, e, "relinked"); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, e := range made {
			out = append(out, written{id: e.ID, seq: e.Seq, at: e.At})
		}
	}
	return out
}

// BenchmarkRead reads a large register with eight readers at once, and with one
// reader beside the sqlite3 program that runs the same SQL on the same file.
func BenchmarkRead(b *testing.B) {
	sqlite3 := program(b, "sqlite3")
	dir := b.TempDir()
	n := scaled(b, 100_000, 1000)
	ctx, a, controls := workspace(b, dir, ticking(time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC), time.Millisecond), 1000)
	defer a.Close()
	items := fill(b, ctx, a, controls, n)
	live := a.Store.Live(ctx)
	newest, err := evidence.Items.List(live, register.Query{Limit: 1})
	must(b, err)
	oldest, err := evidence.Items.List(live, register.Query{Limit: 1, Oldest: true})
	must(b, err)
	low, high := oldest[0].Key, newest[0].Key

	// Each read takes a seeded random and checks that the answer is what was
	// written. sql is the same question for the sqlite3 program, where there is
	// one statement for it.
	reads := []struct {
		name string
		read func(random *rand.Rand) error
		sql  func(random *rand.Rand) string
	}{
		{"entry with links", func(random *rand.Rand) error {
			w := items[random.IntN(n)]
			e, err := evidence.Items.Get(live, w.id)
			if err != nil {
				return err
			}
			to, err := register.Out(live, w.id.String(), register.Supports)
			if err == nil && len(to) != len(e.Value.Controls) {
				err = fmt.Errorf("%s has %d links and %d controls", w.id, len(to), len(e.Value.Controls))
			}
			if err == nil {
				_, err = register.In(live, w.id.String(), register.Supersedes)
			}
			return err
		}, func(random *rand.Rand) string {
			id := items[random.IntN(n)].id
			return fmt.Sprintf("SELECT e.body FROM current c JOIN entry e ON e.org = c.org AND e.id = c.id AND e.version = c.version WHERE c.org = 1 AND c.id = '%s';\n"+
				"SELECT t.code, t.title FROM current c JOIN link l ON l.from_k = c.k AND l.rel = 2 AND l.until = 9223372036854775807 JOIN current t ON t.k = l.to_k WHERE c.org = 1 AND c.id = '%s' ORDER BY t.code;\n"+
				"SELECT t.code, t.title FROM current c JOIN link l ON l.to_k = c.k AND l.rel = 3 AND l.until = 9223372036854775807 JOIN current t ON t.k = l.from_k WHERE c.org = 1 AND c.id = '%s' ORDER BY t.code;\n", id, id, id)
		}},
		{"page of 100", func(random *rand.Rand) error {
			rows, err := evidence.Items.List(live, register.Query{Status: string(evidence.Collected), Before: high - random.Int64N((high-low)*9/10), Limit: 100})
			if err == nil && len(rows) != 100 {
				err = fmt.Errorf("page of %d", len(rows))
			}
			return err
		}, func(random *rand.Rand) string {
			return fmt.Sprintf("SELECT k, id, version, seq, at, code, title, status, owner, due, period_from, period_to FROM current WHERE org = 1 AND register = 'evidence' AND status = 'collected' AND k < %d ORDER BY k DESC LIMIT 100;\n", high-random.Int64N((high-low)*9/10))
		}},
		{"history", func(random *rand.Rand) error {
			i := random.IntN(n)
			h, err := evidence.Items.History(live, items[i].id)
			if want := 1 + btoi(i%100%10 == 0); err == nil && len(h) != want {
				err = fmt.Errorf("%d versions, %d were written", len(h), want)
			}
			return err
		}, func(random *rand.Rand) string {
			return fmt.Sprintf("SELECT id, version, seq, at, actor, reason, salt, body FROM entry WHERE org = 1 AND id = '%s' AND register = 'evidence' ORDER BY version;\n", items[random.IntN(n)].id)
		}},
		{"entry as of a moment", func(random *rand.Rand) error {
			w := items[random.IntN(n)]
			then, err := a.Store.AsOf(ctx, w.at)
			if err != nil {
				return err
			}
			e, err := evidence.Items.Get(then, w.id)
			if err == nil && (e.Version != 1 || e.Seq != w.seq) {
				err = fmt.Errorf("version %d at index %d", e.Version, e.Seq)
			}
			return err
		}, nil},
	}

	const readers = 8
	each := scaled(b, 400, 50) // reads of one reader in one round
	p50, p99 := make([]series, len(reads)), make([]series, len(reads))
	lone, peer := make([]series, len(reads)), make([]series, len(reads))
	for round := range rounds(b) {
		for i, r := range reads {
			took := make([]series, readers)
			failed := make([]error, readers)
			var wg sync.WaitGroup
			for w := range readers {
				wg.Go(func() {
					random := rand.New(rand.NewPCG(uint64(round), uint64(100*i+w)))
					for range each {
						start := time.Now()
						if failed[w] = r.read(random); failed[w] != nil {
							return
						}
						took[w].add(ms(time.Since(start)))
					}
				})
			}
			wg.Wait()
			var all series
			for w := range readers {
				must(b, failed[w])
				all = append(all, took[w]...)
			}
			p50[i].add(all.median())
			p99[i].add(all.at(0.99))
			if r.sql == nil {
				continue
			}
			random := rand.New(rand.NewPCG(uint64(round), uint64(100*i+90)))
			start := time.Now()
			for range each {
				must(b, r.read(random))
			}
			lone[i].add(ms(time.Since(start)) / float64(each))
			random = rand.New(rand.NewPCG(uint64(round), uint64(100*i+90)))
			script := strings.Builder{}
			script.WriteString("PRAGMA cache_size=-16000;\n")
			for range each {
				script.WriteString(r.sql(random))
			}
			cost, _ := run(b, "", script.String(), sqlite3, "-readonly", filepath.Join(dir, "bevis.db"))
			peer[i].add(1000 * cost.Wall / float64(each))
		}
	}
	var parts []string
	for i, r := range reads {
		part := fmt.Sprintf("%s p50 %.2f, p99 %.1f ms", r.name, p50[i].median(), p99[i].median())
		if r.sql != nil {
			part += fmt.Sprintf(", one reader %.2f ms = %s sqlite3's %.2f ms", lone[i].median(), lone[i].over(peer[i]).spread(), peer[i].median())
		}
		parts = append(parts, part)
	}
	report(b, fmt.Sprintf("reads, %d entries, %d readers (goal p99 < 20 ms)", n, readers), parts...)
}

func btoi(v bool) int {
	if v {
		return 1
	}
	return 0
}

// Command tessera appends entries to a Tessera log on POSIX files as fast as its
// writers can and prints what it measured as one line of JSON. It is the peer of
// the write path's benchmark: Tessera stores one bundle of bytes for a batch and
// knows no rules, versions, index rows or links.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// measured is the answer. Times are of one durable append, in milliseconds.
type measured struct {
	Writes    int     `json:"writes"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
}

func main() {
	dir := flag.String("dir", "", "empty folder for the log")
	writers := flag.Int("writers", 1, "writers at the same time; a batch is as large")
	writes := flag.Int("writes", 1000, "entries to append, all writers together")
	size := flag.Int("size", 600, "bytes of an entry")
	flag.Parse()
	m, err := measure(context.Background(), *dir, *writers, *writes, *size)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(m)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tessera:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, dir string, writers, writes, size int) (m measured, err error) {
	secret, _, err := note.GenerateKey(rand.Reader, "bench.example/log")
	if err != nil {
		return m, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return m, err
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		return m, err
	}
	// Writers wait for their entry, so a batch of all writers is full as soon as
	// each has asked; the age only ends the last, smaller batches.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithCheckpointInterval(time.Second).
		WithBatching(uint(writers), 10*time.Millisecond))
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, shutdown(ctx)) }()

	took := make([][]time.Duration, writers)
	failed := make([]error, writers)
	var wg sync.WaitGroup
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			random := mrand.New(mrand.NewPCG(1, uint64(w)))
			for range writes / writers {
				entry := make([]byte, size)
				for i := range entry {
					entry[i] = byte('a' + random.IntN(26))
				}
				began := time.Now()
				if _, failed[w] = appender.Add(ctx, tessera.NewEntry(entry))(); failed[w] != nil {
					return
				}
				took[w] = append(took[w], time.Since(began))
			}
		})
	}
	wg.Wait()
	seconds := time.Since(start).Seconds()
	if err := errors.Join(failed...); err != nil {
		return m, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	at := func(share float64) float64 {
		return float64(all[int(share*float64(len(all)-1))].Microseconds()) / 1000
	}
	return measured{len(all), float64(len(all)) / seconds, at(0.5), at(0.99)}, nil
}

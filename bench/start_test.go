package bench

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkStart starts the server on a workspace with evidence and measures how
// long it takes until it is ready and has answered its first page, and its memory
// when it has been idle for a while. There is no peer.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	bevis := filepath.Join(dir, "bevis")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", bevis, "./cmd/bevis")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("build: %v: %s", err, out)
	}
	data := filepath.Join(dir, "data")
	n := scaled(b, 10_000, 100)
	ctx, a, controls := workspace(b, data, ticking(time.Date(2026, 1, 2, 8, 0, 0, 0, time.UTC), time.Millisecond), 60)
	fill(b, ctx, a, controls, n)
	must(b, a.Close())
	var ready, page, idle series
	for range rounds(b) {
		r, p, m := startOnce(b, bevis, data)
		ready.add(r)
		page.add(p)
		idle.add(m)
	}
	report(b, fmt.Sprintf("start-up on %d entries", n),
		fmt.Sprintf("ready %.0f ms, first page %.0f ms (%.0f–%.0f) (goal 200 ms)", ready.median(), page.median(), page.at(0), page.most()),
		fmt.Sprintf("idle RSS %.0f MB (goal 60 MB)", idle.median()))
}

// startOnce measures one start: milliseconds until ready and until the first page,
// and MB after three idle seconds.
func startOnce(b *testing.B, bevis, data string) (ready, page, idle float64) {
	b.Helper()
	addr := freeAddress(b)
	cmd := exec.CommandContext(b.Context(), bevis, "--data", data, "serve", "--addr", addr)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	start := time.Now()
	must(b, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	client := &http.Client{Timeout: 10 * time.Second}
	answers := func(path string) bool {
		res, err := client.Get("http://" + addr + path)
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode/100 == 2
	}
	for !answers("/readyz") {
		select {
		case err := <-ended:
			b.Fatalf("bevis serve ended: %v: %s", err, said.String())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(start) > time.Minute {
			cmd.Process.Kill()
			b.Fatalf("bevis serve was not ready after a minute: %s", said.String())
		}
	}
	ready = ms(time.Since(start))
	ok := answers("/") // leads to the sign-in page
	page = ms(time.Since(start))
	time.Sleep(3 * time.Second)
	idle = memory(strconv.Itoa(cmd.Process.Pid), "VmRSS")
	must(b, cmd.Process.Signal(os.Interrupt))
	if err := <-ended; err != nil {
		b.Fatalf("bevis serve: %v: %s", err, said.String())
	}
	if !ok {
		b.Fatalf("the first page did not answer: %s", said.String())
	}
	return ready, page, idle
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer l.Close()
	return l.Addr().String()
}

package git

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sync/errgroup"

	"bevis/internal/fault"
	"bevis/internal/population"
)

// rowChunk is how many rows are held together during the walk: one slice that
// grows would be copied again and again.
const rowChunk = 8192

// maxCommit is the largest commit object that is read, in bytes.
const maxCommit = 256 << 20

// walk is one pass over a branch's first-parent history by two git processes: one
// lists every commit with its committer time, the other prints the commits of the
// window. Which commits belong to the window is decided here by time alone, not by
// place: commits out of date order are found, and the list is read to its end.
type walk struct {
	src        *source
	head       string
	from, to   int64 // seconds, from included, to excluded
	rule       *reviewerRule
	repository string
	listing    io.Writer // raw answer of the first process
	objects    io.Writer // raw answer of the second

	mu     sync.Mutex
	wanted []wanted // asked of the second process, in order

	listed listed // written by the goroutine that reads the listing
	shown  shown  // written by the goroutine that reads the commits
}

// listed is what the listing says.
type listed struct {
	total, before, after int
	root                 string // last commit listed
	sha256               string // of the listing as received
	cut                  bool   // git stopped before the beginning of the history
}

// shown is what the commits say.
type shown struct {
	answers       int
	full          [][]population.Change // rows, rowChunk in each
	rows          []population.Change   // the last chunk; all rows after the walk
	before, after int                   // commits that only their own bytes could place
	verified      int
	gaps          []string
	cut           bool // a commit's first parent is not the next in the listing
	untimed       bool
}

// wanted is a commit whose bytes were asked for.
type wanted struct {
	hash, next string // next in the listing: must be its first parent; "" at the end
	rootOnly   bool   // asked only to see that the history begins there
}

var errObject = errors.New("git: unexpected answer from cat-file")

// run walks. The raw answers have been written when it returns.
func (w *walk) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	list := w.src.git.command(ctx, w.src.dir, listArgs(w.head)...)
	show := w.src.git.command(ctx, w.src.dir, showArgs...)
	listErrs, showErrs := &tail{}, &tail{}
	list.Stderr, show.Stderr = listErrs, showErrs
	listOut, err := list.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git: rev-list: %w", err)
	}
	showIn, err := show.StdinPipe()
	if err != nil {
		return fmt.Errorf("git: cat-file: %w", err)
	}
	showOut, err := show.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git: cat-file: %w", err)
	}
	if err := show.Start(); err != nil {
		return fmt.Errorf("git: cat-file: %w", err)
	}
	g.Go(func() error {
		defer func() { _ = showIn.Close() }() // a broken pipe is told by git's own end
		if err := list.Start(); err != nil {
			return fmt.Errorf("git: rev-list: %w", err)
		}
		err := w.list(listOut, showIn)
		if err != nil {
			_, _ = io.Copy(io.Discard, listOut) // let git end by itself; err is what is told
		}
		return errors.Join(err, w.endOfList(ctx, list.Wait(), listErrs))
	})
	g.Go(func() error {
		err := w.show(showOut)
		if err != nil {
			_ = show.Process.Kill() // its answers are of no more use
		}
		end := w.src.git.failure(ctx, show.Wait(), "cat-file", showErrs)
		if err != nil {
			return err
		}
		if e, ok := errors.AsType[*exitError](end); ok {
			return w.damaged(e)
		}
		return end
	})
	if err := g.Wait(); err != nil {
		return err
	}
	if w.listed.total == 0 || w.shown.answers != len(w.wanted) {
		return w.damaged(nil)
	}
	w.shown.rows = slices.Concat(append(w.shown.full, w.shown.rows)...)
	w.shown.full = nil
	return nil
}

func listArgs(head string) []string {
	return []string{"rev-list", "--first-parent", "--timestamp", head, "--"}
}

var showArgs = []string{"cat-file", "--batch", "--buffer"}

func (w *walk) damaged(cause error) error {
	return fault.Wrap(cause, fault.Invalid, "collect.repo_damaged", "Path", w.src.path)
}

// endOfList judges the end of the listing. When git stopped because a parent is not
// there, the commits before it are still facts: the history is truncated.
func (w *walk) endOfList(ctx context.Context, end error, errs *tail) error {
	err := w.src.git.failure(ctx, end, "rev-list", errs)
	if e, ok := errors.AsType[*exitError](err); ok {
		if w.listed.total == 0 {
			return w.damaged(e)
		}
		w.listed.cut = true
		return nil
	}
	return err
}

// list reads "seconds hash" lines and asks for the commits that matter.
func (w *walk) list(in io.Reader, ask io.Writer) error {
	sum := sha256.New()
	lines := bufio.NewReaderSize(io.TeeReader(in, io.MultiWriter(sum, w.listing)), 64<<10)
	out := bufio.NewWriterSize(ask, 32<<10)
	var last wanted
	var lastWanted bool
	request := func(want wanted) error {
		w.mu.Lock()
		w.wanted = append(w.wanted, want)
		w.mu.Unlock()
		_, err := out.WriteString(want.hash + "\n")
		return err
	}
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			break
		}
		if err != nil {
			return fmt.Errorf("git: read rev-list: %w", err)
		}
		seconds, hash, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, perr := strconv.ParseUint(seconds, 10, 64)
		if !ok || perr != nil || !isHash(hash) {
			return fmt.Errorf("git: unexpected line from rev-list: %q", line)
		}
		w.listed.total++
		if lastWanted {
			last.next = hash
			if err := request(last); err != nil {
				return w.asking(err)
			}
		}
		last, lastWanted = wanted{hash: hash}, false
		switch {
		case at == 0: // git's word for a time it cannot read, or 1970: look ourselves
			lastWanted = true
		case at < uint64(max(w.from, 0)):
			w.listed.before++
		case w.to <= 0 || at >= uint64(w.to):
			w.listed.after++
		default:
			lastWanted = true
		}
	}
	w.listed.sha256, w.listed.root = hex.EncodeToString(sum.Sum(nil)), last.hash
	if w.listed.total > 0 {
		last.rootOnly = !lastWanted
		if err := request(last); err != nil {
			return w.asking(err)
		}
	}
	return w.asking(out.Flush())
}

// asking hides the broken pipe of a cat-file that ended: the reader tells why.
func (w *walk) asking(err error) error {
	if err == nil || errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		return nil
	}
	return fmt.Errorf("git: ask cat-file: %w", err)
}

// show reads "hash commit size", the bytes and a line feed for each commit asked
// for.
func (w *walk) show(in io.Reader) error {
	out := bufio.NewReaderSize(io.TeeReader(in, w.objects), 256<<10)
	var buf []byte
	for i := 0; ; i++ {
		line, err := out.ReadString('\n')
		if errors.Is(err, io.EOF) && line == "" {
			return nil
		}
		if err != nil {
			return fmt.Errorf("git: read cat-file: %w", err)
		}
		w.mu.Lock()
		if i >= len(w.wanted) {
			w.mu.Unlock()
			return errObject
		}
		want := w.wanted[i]
		w.mu.Unlock()
		f := strings.Fields(line)
		if len(f) != 3 || f[0] != want.hash || f[1] != "commit" {
			return w.damaged(fmt.Errorf("%w: %q", errObject, line))
		}
		size, err := strconv.Atoi(f[2])
		if err != nil || size < 0 {
			return w.damaged(fmt.Errorf("%w: %q", errObject, line))
		}
		if size > maxCommit {
			return fault.New(fault.TooLarge, "collect.commit_too_large", "Commit", want.hash, "MaxMiB", maxCommit>>20)
		}
		if cap(buf) < size+1 {
			buf = make([]byte, size+1)
		}
		buf = buf[:size+1]
		if _, err := io.ReadFull(out, buf); err != nil {
			return w.damaged(fmt.Errorf("git: read commit: %w", err))
		}
		if err := w.take(want, buf[:size]); err != nil {
			return err
		}
	}
}

// take judges one commit: its bytes must hash to its name, and its first parent
// must be the next in the listing, so that nothing was left out or put in between.
func (w *walk) take(want wanted, raw []byte) error {
	if nameOf(raw, want.hash) != want.hash {
		return w.damaged(fmt.Errorf("git: commit %s does not have its hash", want.hash))
	}
	c, err := parseCommit(raw)
	if err != nil {
		return w.damaged(fmt.Errorf("%w: %s", err, want.hash))
	}
	s := &w.shown
	s.answers++
	parent := ""
	if len(c.parents) > 0 {
		parent = c.parents[0]
	}
	if parent != want.next {
		s.cut = true
		if parent != "" {
			s.gaps = append(s.gaps, parent)
		}
	}
	if want.rootOnly {
		return nil
	}
	switch sig := parseSignature(c.committer); {
	case !sig.timed:
		s.untimed = true
		s.gaps = append(s.gaps, want.hash)
	case int64(sig.at) < w.from*1_000_000:
		s.before++
	case int64(sig.at) >= w.to*1_000_000:
		s.after++
	default:
		if parent == want.next {
			s.verified++
		}
		if len(s.rows) == cap(s.rows) {
			s.full = append(s.full, s.rows)
			s.rows = make([]population.Change, 0, rowChunk)
		}
		s.rows = append(s.rows, w.rule.change(w.repository, want.hash, c))
	}
	return nil
}

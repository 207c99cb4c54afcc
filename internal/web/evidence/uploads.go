package evidence

import (
	"crypto/rand"
	"slices"
	"sync"
	"time"

	domain "bevis/internal/evidence"
	"bevis/internal/fault"
)

// How long and how many files wait for the form that names them. The bytes are in
// the blob store already; what waits here is a few hundred bytes each.
const (
	uploadAge   = time.Hour
	uploadsEach = 100  // for one person; the oldest give way
	uploadsAll  = 5000 // then nobody is given another
)

// uploads are the files that were sent and are not yet part of an item. A token
// is worth something to its owner alone.
type uploads struct {
	now  func() time.Time
	mu   sync.Mutex
	held map[string]held
}

type held struct {
	token string
	owner string
	file  domain.File
	at    time.Time
}

func newUploads(now func() time.Time) *uploads { return &uploads{now: now, held: map[string]held{}} }

// keep remembers a stored file and gives its token. It fails with fault.Busy when
// too many wait.
func (u *uploads) keep(owner string, f domain.File) (string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.now()
	var own []held
	for token, h := range u.held {
		switch {
		case now.Sub(h.at) >= uploadAge:
			delete(u.held, token)
		case h.owner == owner:
			own = append(own, h)
		}
	}
	if len(own) >= uploadsEach {
		slices.SortFunc(own, func(a, b held) int { return a.at.Compare(b.at) })
		delete(u.held, own[0].token)
	}
	if len(u.held) >= uploadsAll {
		return "", fault.New(fault.Busy, "evidencepage.uploads_full")
	}
	h := held{token: rand.Text(), owner: owner, file: f, at: now}
	u.held[h.token] = h
	return h.token, nil
}

// find resolves tokens in their order, each once. Tokens that are unknown, too
// old or somebody else's are left out, and ok is false.
func (u *uploads) find(owner string, tokens []string) (out []held, ok bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	ok = true
	now := u.now()
	for i, token := range tokens {
		if slices.Contains(tokens[:i], token) {
			continue
		}
		h, there := u.held[token]
		if !there || h.owner != owner || now.Sub(h.at) >= uploadAge {
			ok = false
			continue
		}
		out = append(out, h)
	}
	return out, ok
}

// forget drops tokens whose files have become part of an item.
func (u *uploads) forget(hs []held) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, h := range hs {
		delete(u.held, h.token)
	}
}

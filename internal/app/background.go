package app

import (
	"context"
	"time"

	"bevis/internal/authz"
	"bevis/internal/blob"
)

// How often a running server looks after itself.
const (
	sweepEvery = 24 * time.Hour
	stampEvery = time.Hour
)

// Background looks after a served workspace until ctx ends: it removes stored
// bytes that no entry came to refer to, and has the ledger timestamped when it
// grew, where an authority is configured.
func (a *App) Background(ctx context.Context) {
	ctx = authz.With(ctx, authz.Service("background"))
	sweep, stamp := time.NewTicker(sweepEvery), time.NewTicker(stampEvery)
	defer sweep.Stop()
	defer stamp.Stop()
	loose, err := a.loose(ctx)
	if err != nil {
		a.Log.ErrorContext(ctx, "unreferenced files not looked for", "error", err)
	}
	stamped := int64(-1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-sweep.C:
			if loose, err = a.sweep(ctx, loose); err != nil {
				a.Log.ErrorContext(ctx, "unreferenced files not removed", "error", err)
			}
		case <-stamp.C:
			size, _, err := a.Store.Head(ctx)
			if err != nil || a.TSA == "" || size == stamped {
				continue
			}
			if _, err := a.stamp(ctx); err != nil {
				a.Log.ErrorContext(ctx, "ledger not timestamped", "error", err)
				continue
			}
			stamped = size + 1 // the anchor itself needs no anchor
		}
	}
}

// loose lists the blobs that nothing refers to now. An upload that has not yet
// been committed is among them.
func (a *App) loose(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	err := a.Blobs.List(ctx, func(r blob.Ref) error {
		ok, err := a.Store.Referenced(ctx, r.SHA256)
		if err == nil && !ok {
			out[r.SHA256] = true
		}
		return err
	})
	return out, err
}

// sweep removes what was loose at the last sweep and still is: a day is longer
// than any upload waits for its entry.
func (a *App) sweep(ctx context.Context, before map[string]bool) (map[string]bool, error) {
	now, err := a.loose(ctx)
	if err != nil {
		return before, err
	}
	for digest := range now {
		if !before[digest] {
			continue
		}
		if err := a.Blobs.Delete(ctx, digest); err != nil {
			return now, err
		}
		delete(now, digest)
	}
	return now, nil
}

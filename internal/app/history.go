package app

import (
	"context"
	"encoding/json"
	"fmt"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
)

// EntryVersion is one version of any entry, for people.
type EntryVersion struct {
	Version     int64                  `json:"version"`
	LedgerIndex int64                  `json:"ledger_index"`
	At          string                 `json:"at"`
	By          string                 `json:"by"`
	Reason      string                 `json:"reason"`
	Erased      bool                   `json:"erased"`
	Changes     []register.FieldChange `json:"changes"`
}

// History lists the versions of any entry, oldest first, with what changed.
func (a *App) History(ctx context.Context, id string) ([]EntryVersion, error) {
	if _, err := a.Policy.Require(ctx, authz.HistoryRead); err != nil {
		return nil, err
	}
	size, _, err := a.Store.Head(ctx)
	if err != nil {
		return nil, err
	}
	raws, err := a.Store.RawVersions(ctx, id, size)
	if err != nil {
		return nil, err
	}
	if len(raws) == 0 {
		return nil, fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	names, err := a.Accounts.Names(ctx)
	if err != nil {
		return nil, err
	}
	out := []EntryVersion{}
	var before any
	for _, raw := range raws {
		v := EntryVersion{Version: raw.Version, LedgerIndex: raw.Seq, Erased: raw.Body == nil, Changes: []register.FieldChange{}}
		if err := a.Store.Leaves(ctx, raw.Seq, raw.Seq+1, func(l register.Leaf) error {
			leaf, err := ledger.ParseLeaf(l.Record)
			v.At = leaf.At.Format(ledger.TimeFormat)
			return err
		}); err != nil {
			return nil, err
		}
		if raw.Body != nil {
			var b struct {
				Actor  string `json:"actor"`
				Reason string `json:"reason"`
				Value  any    `json:"value"`
			}
			if err := json.Unmarshal(raw.Body, &b); err != nil {
				return nil, fmt.Errorf("app: history of %s: %w", id, err)
			}
			v.By, v.Reason = b.Actor, b.Reason
			if n := names[b.Actor]; n != "" {
				v.By = n
			}
			if before != nil {
				if v.Changes, err = register.Diff(before, b.Value); err != nil {
					return nil, err
				}
			}
			before = b.Value
		}
		out = append(out, v)
	}
	return out, nil
}

// Erase destroys the content of versions of an entry under a tombstone.
func (a *App) Erase(ctx context.Context, id string, versions []int64, authority, why string) (register.Entry[register.Erasure], error) {
	var t register.Entry[register.Erasure]
	by, err := a.Policy.Require(ctx, authz.Erase)
	if err != nil {
		return t, err
	}
	err = a.Store.Write(ctx, by.Actor(), func(tx *register.Tx) error {
		t, err = register.Erase(tx, id, versions, authority, why)
		return err
	})
	return t, err
}

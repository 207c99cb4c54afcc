package app

import (
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/scope"
)

// Bytes that never got an entry go at the second sweep, not at the first: an
// upload may still be waiting for its entry.
func TestSweep(t *testing.T) {
	ctx := authz.With(t.Context(), authz.Operator("tester"))
	a, err := Init(ctx, Options{Dir: t.TempDir() + "/ws", Clock: func() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }}, Founding{
		Organisation: scope.Organisation{Name: "Example", Zone: "UTC"},
		Admin:        account.NewUser{Email: "a@example.org", Name: "Ann Example", Roles: []authz.Role{authz.Administrator}, Password: "twelve characters"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ref, err := a.Blobs.Put(ctx, strings.NewReader("nobody's"), 100)
	if err != nil {
		t.Fatal(err)
	}
	first, err := a.sweep(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Blobs.Stat(ctx, ref.SHA256); err != nil {
		t.Errorf("removed at the first sweep: %v", err)
	}
	if _, err := a.sweep(ctx, first); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Blobs.Stat(ctx, ref.SHA256); err == nil {
		t.Error("still there after the second sweep")
	}
}

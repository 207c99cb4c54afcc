package window_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Items makes the same choice as Contents: by occurrence, by due day, by
// validity, by control, and along chains of newer items, also after an erasure.
func TestItemsAreThoseOfContents(t *testing.T) {
	clock := time.Date(2025, 12, 1, 8, 0, 0, 0, time.UTC)
	ctx := authz.With(context.Background(), authz.Operator("tester"))
	a, err := app.Init(ctx, app.Options{Dir: filepath.Join(t.TempDir(), "ws"), Clock: func() time.Time { return clock }}, app.Founding{
		Organisation: scope.Organisation{Name: "Granskog Exempel AB", Zone: "Europe/Stockholm", Categories: framework.Categories{framework.Security}},
		Admin:        account.NewUser{Email: "admin@granskog.example", Name: "Ada Ek", Roles: []authz.Role{authz.Lead, authz.Administrator}, Password: "tidig höst vid Vänern 7"},
	})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	defer func() { must(a.Close()) }()
	_, err = a.Controls.Adopt(ctx, []string{"AC-04", "OP-04"}, "", "2025-12-01")
	must(err)
	own := control.Control{ // meets nothing in scope
		Code: "X-01", Title: framework.Text{EN: "Apart"}, Statement: framework.Text{EN: "Apart."}, Frequency: control.Monthly,
		Framework: "tsc2017", Status: control.InForce, EffectiveFrom: "2025-12-01",
	}
	if cs, err := a.Controls.List(ctx); err != nil {
		t.Fatal(err)
	} else {
		own.Framework = cs[0].Value.Framework
	}
	_, err = a.Controls.Create(ctx, own, "")
	must(err)
	clock = time.Date(2026, 8, 1, 8, 0, 0, 0, time.UTC)
	n := 0
	add := func(u evidence.Upload) register.Entry[evidence.Evidence] {
		t.Helper()
		n++
		f, err := a.Evidence.Keep(ctx, "f.txt", strings.NewReader(fmt.Sprint("bytes ", n)))
		must(err)
		u.Title, u.Type, u.Files = fmt.Sprint("item ", n), evidence.AccessLog, []evidence.File{f}
		e, err := a.Evidence.Add(ctx, u)
		must(err)
		return e
	}
	one := func(control, from, to string) evidence.Upload {
		return evidence.Upload{Controls: []string{control}, OccurredFrom: from, OccurredTo: to}
	}
	add(one("AC-04", "2025-12-05", ""))
	add(one("AC-04", "2026-02-05", ""))
	add(one("X-01", "2026-02-05", ""))
	add(one("AC-04", "2025-12-31", "2026-01-01")) // reaches in
	add(one("OP-04", "2026-04-01", ""))           // a day too late
	slot := one("AC-04", "2026-04-20", "")
	slot.Slot = "2026-03-31"
	add(slot)
	valid := one("OP-04", "2025-12-02", "")
	valid.ValidFrom = "2025-12-02"
	add(valid)
	old := add(one("X-01", "2025-12-02", "")) // in only because a newer one stands for it
	newer := one("AC-04", "2026-03-01", "")
	newer.Supersedes = old.Value.Code
	last := add(newer)
	gone := add(one("AC-04", "2026-03-02", ""))
	w, err := a.Windows.OpenWindow(ctx, window.Plan{Type: 2, From: "2026-01-01", To: "2026-04-01", Categories: []string{"security"}})
	must(err)
	compare := func(want int) {
		t.Helper()
		got, err := window.Items(a.Store.Live(ctx), &w)
		must(err)
		members, err := window.Contents(a.Store.Live(ctx), &w)
		must(err)
		listed := 0
		for _, m := range members {
			if m.Register == evidence.Items.Name() {
				listed++
				if !got[evidence.ID(m.ID)] {
					t.Errorf("Contents has %s, Items has not", m.ID)
				}
			}
		}
		if listed != len(got) || listed != want {
			t.Errorf("Items %d, Contents %d, want %d", len(got), listed, want)
		}
	}
	compare(7)
	for i, e := range []register.Entry[evidence.Evidence]{gone, last} {
		must(a.Store.Write(ctx, authz.Operator("tester").Actor(), func(tx *register.Tx) error {
			_, err := register.Erase(tx, e.ID.String(), nil, "article 17", "asked for")
			return err
		}))
		compare(6 - 2*i) // with the newer item goes the one it stood for
	}
}

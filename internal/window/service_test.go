package window_test

import (
	"context"
	"encoding/json"
	"testing"

	"bevis/internal/authz"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/window"
)

func TestOpenWindow(t *testing.T) {
	b := newBench(t, "Europe/Stockholm")
	for name, tc := range map[string]struct {
		plan window.Plan
		key  string // "" is accepted
	}{
		"a year":            {window.Plan{Type: 2, From: "2026-01-01", To: "2027-01-01"}, ""},
		"one day":           {window.Plan{Type: 2, From: "2026-01-01", To: "2026-01-02"}, ""},
		"one moment":        {window.Plan{Type: 1, AsOf: "2026-03-31"}, ""},
		"to excludes":       {window.Plan{Type: 2, From: "2026-01-01", To: "2026-01-01"}, "window.order"},
		"ends before":       {window.Plan{Type: 2, From: "2026-01-02", To: "2026-01-01"}, "window.order"},
		"no such day":       {window.Plan{Type: 2, From: "2026-02-30", To: "2026-04-01"}, "scope.day"},
		"a moment as a day": {window.Plan{Type: 2, From: "2026-01-01T00:00:00Z", To: "2026-04-01"}, "scope.day"},
		"no end":            {window.Plan{Type: 2, From: "2026-01-01"}, "scope.day"},
		"no day":            {window.Plan{Type: 1}, "scope.day"},
		"type 3":            {window.Plan{Type: 3, From: "2026-01-01", To: "2026-04-01"}, "window.type"},
		"no type":           {window.Plan{From: "2026-01-01", To: "2026-04-01"}, "window.type"},
	} {
		tc.plan.Categories = []string{"security"}
		w, err := b.Windows.OpenWindow(b.ctx, tc.plan)
		if tc.key != "" {
			b.refused(name, err, fault.Invalid, tc.key)
			continue
		}
		if err != nil || w.Value.Status != window.Open || w.Value.Zone != "Europe/Stockholm" || w.Value.ClosedIndex != -1 || w.Value.Seal != nil {
			t.Errorf("%s: %+v, %v", name, w.Value, err)
		}
	}
	if _, err := b.Windows.OpenWindow(b.ctx, window.Plan{Type: 2, From: "2026-01-01", To: "2026-04-01", Categories: []string{"speed"}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an unknown category: %v", err)
	}
	w := b.open("2026-01-01", "2026-04-01")
	cal, err := w.Value.Calendar()
	b.must(err)
	from, to := w.Value.Bounds(cal)
	if from.Format(ledger.TimeFormat) != "2025-12-31T23:00:00.000000Z" || to.Format(ledger.TimeFormat) != "2026-03-31T22:00:00.000000Z" {
		t.Errorf("bounds %v to %v", from, to)
	}
	if w.Value.Last != "2026-03-31" {
		t.Errorf("last day %s", w.Value.Last)
	}
}

func TestCloseAndSeal(t *testing.T) {
	b := newBench(t, "UTC")
	b.adopt("2025-12-01", "AC-04")
	lead, maja := b.person("Maja Lind", authz.Lead)
	manager, jonas := b.person("Jonas Falk", authz.Manager)
	owner, _ := b.person("Erik Strand", authz.Owner)
	w := b.open("2026-01-01", "2026-04-01")
	b.to("2026-03-31")
	_, err := b.Windows.Close(lead, w.Value.Code)
	b.refused("closed on the last day", err, fault.Invalid, "window.not_over")
	_, err = b.Windows.SealWindow(lead, w.Value.Code)
	b.refused("sealed on the last day", err, fault.Invalid, "window.not_over")
	b.to("2026-04-01")
	_, err = b.Windows.Close(owner, w.Value.Code)
	b.refused("closed by an owner", err, fault.Denied, "authz.denied")
	_, err = b.Windows.Close(context.Background(), w.Value.Code)
	b.refused("closed by nobody", err, fault.Unauthenticated, "authz.sign_in")
	closed, err := b.Windows.Close(lead, w.Value.Code)
	b.must(err)
	if closed.Value.Status != window.Closed || closed.Value.ClosedBy != maja.ID || closed.Value.ClosedIndex != closed.Seq-1 || closed.Value.ClosedAt != closed.At.Format(ledger.TimeFormat) {
		t.Errorf("%+v", closed.Value)
	}
	_, err = b.Windows.Close(lead, w.Value.Code)
	b.refused("closed twice", err, fault.Locked, "window.transition")
	b.to("2026-05-01")
	sealed, err := b.Windows.SealWindow(manager, w.ID.String())
	b.must(err)
	s := sealed.Value.Seal
	if sealed.Value.Status != window.Sealed || s.By != jonas.ID || !s.SecondPerson || s.At != sealed.At.Format(ledger.TimeFormat) || s.Index != sealed.Seq-1 {
		t.Errorf("%+v", s)
	}
	_, err = b.Windows.SealWindow(manager, w.ID.String())
	b.refused("sealed twice", err, fault.Locked, "window.transition")

	// No later version can move anything.
	for name, f := range map[string]func(*window.Window){
		"reopened": func(w *window.Window) { w.Status, w.Seal = window.Open, nil },
		"unsealed": func(w *window.Window) { w.Status, w.Seal = window.Closed, nil },
		"sealed":   func(w *window.Window) { w.Seal = &window.Seal{Manifest: s.Manifest, Index: 1} },
		"longer":   func(w *window.Window) { w.Last = "2026-06-30" },
		"as it is": func(*window.Window) {},
	} {
		e := sealed
		f(&e.Value)
		err := b.Store.Write(b.ctx, register.Actor{ID: jonas.ID}, func(tx *register.Tx) error { _, err := window.Windows.Put(tx, e, ""); return err })
		if fault.KindOf(err) != fault.Locked {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The two acts need two people for a second person to be shown.
func TestSecondPerson(t *testing.T) {
	b := newBench(t, "UTC")
	maja, _ := b.person("Maja Lind", authz.Lead)
	jonas, _ := b.person("Jonas Falk", authz.Manager)
	service := authz.With(b.ctx, authz.Service("jobs"))
	for name, tc := range map[string]struct {
		closes, seals context.Context // nil: the seal closes
		want          bool
	}{
		"two people":                {maja, jonas, true},
		"one person":                {maja, maja, false},
		"one person, one act":       {nil, maja, false},
		"operator closes":           {b.ctx, jonas, false},
		"operator seals":            {maja, b.ctx, false},
		"operator alone":            {nil, b.ctx, false},
		"the product itself closes": {service, jonas, false},
		"the product itself seals":  {maja, service, false},
	} {
		b.to("2025-12-15")
		b.clock = b.clock.AddDate(2, 0, 0) // windows are long over
		w := b.open("2026-01-01", "2026-04-01")
		if tc.closes != nil {
			_, err := b.Windows.Close(tc.closes, w.Value.Code)
			b.must(err)
		}
		sealed, err := b.Windows.SealWindow(tc.seals, w.Value.Code)
		b.must(err)
		if sealed.Value.Seal.SecondPerson != tc.want {
			t.Errorf("%s: second person %v", name, !tc.want)
		}
	}
	// Nobody can write it in.
	w := b.open("2026-01-01", "2026-04-01")
	closed, err := b.Windows.Close(b.ctx, w.Value.Code)
	b.must(err)
	for _, who := range []string{"usr_forged", "operator:tester"} {
		e := closed
		e.Value.Status, e.Value.Seal = window.Sealed, &window.Seal{Manifest: "00", By: who, SecondPerson: true}
		err := b.Store.Write(b.ctx, register.Actor{ID: "operator:tester"}, func(tx *register.Tx) error { _, err := window.Windows.Put(tx, e, ""); return err })
		b.refused("written in as "+who, err, fault.Invalid, "window.fixed")
	}
}

// The manifest of a seal lists every version of everything in scope, and can be
// made again from the ledger.
func TestManifest(t *testing.T) {
	b := newBench(t, "UTC")
	b.adopt("2025-12-01", "AC-04")
	b.to("2026-04-20")
	maja, _ := b.person("Maja Lind", authz.Lead)
	e := b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2026-02-01"})
	_, err := b.Evidence.Accept(maja, e.Value.Code, "")
	b.must(err)
	w := b.open("2026-01-01", "2026-04-01")
	sealed, err := b.Windows.SealWindow(b.ctx, w.Value.Code)
	b.must(err)
	blob, err := b.Blobs.Open(b.ctx, sealed.Value.Seal.Manifest)
	b.must(err)
	defer blob.Close()
	var m struct {
		Window  string
		Index   int64
		Entries []window.Sealable
	}
	b.must(json.NewDecoder(blob).Decode(&m))
	if m.Window != w.ID.String() || m.Index != sealed.Value.Seal.Index {
		t.Errorf("%s at %d", m.Window, m.Index)
	}
	versions := map[string]int{}
	for _, l := range m.Entries {
		versions[l.ID]++
		if l.Seq > m.Index || len(l.C) != 64 {
			t.Errorf("%+v", l)
		}
	}
	if versions[e.ID.String()] != 2 || versions[w.ID.String()] != 2 {
		t.Errorf("versions: %d of the item, %d of the window", versions[e.ID.String()], versions[w.ID.String()])
	}
	// What comes after the seal changes nothing about it.
	b.add(b.ctx, evidence.Upload{Controls: []string{"AC-04"}, OccurredFrom: "2026-02-02"})
	h, err := window.Windows.History(b.Store.Live(b.ctx), w.ID)
	b.must(err)
	closed := h[1]
	again, err := b.Windows.Manifest(b.ctx, &closed, sealed.Value.Seal.Index)
	b.must(err)
	ref, err := b.Blobs.Stat(b.ctx, sealed.Value.Seal.Manifest)
	b.must(err)
	if int64(len(again)) != ref.Size {
		t.Errorf("made again it has %d bytes, not %d", len(again), ref.Size)
	}
}

// An auditor of another window learns nothing of this one.
func TestWindowsOfOthers(t *testing.T) {
	b := newBench(t, "UTC")
	w, other := b.open("2026-01-01", "2026-04-01"), b.open("2026-04-01", "2026-07-01")
	auditor := authz.With(b.ctx, authz.Principal{ID: "usr_auditor", Roles: []authz.Role{authz.Auditor}, Window: w.ID.String()})
	if _, err := b.Windows.Get(auditor, w.Value.Code); err != nil {
		t.Error(err)
	}
	_, err := b.Windows.Get(auditor, other.Value.Code)
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("another window: %v", err)
	}
	_, err = b.Windows.Status(auditor, &other)
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("its status: %v", err)
	}
	list, err := b.Windows.List(auditor)
	if err != nil || len(list) != 1 || list[0].ID != w.ID {
		t.Errorf("list: %v, %v", list, err)
	}
	for name, act := range map[string]func() error{
		"close": func() error { _, err := b.Windows.Close(auditor, w.Value.Code); return err },
		"seal":  func() error { _, err := b.Windows.SealWindow(auditor, w.Value.Code); return err },
		"open": func() error {
			_, err := b.Windows.OpenWindow(auditor, window.Plan{Type: 1, AsOf: "2026-01-01"})
			return err
		},
	} {
		if err := act(); fault.KindOf(err) != fault.Denied {
			t.Errorf("%s: %v", name, err)
		}
	}
}

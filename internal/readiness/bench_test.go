package readiness_test

import (
	"fmt"
	"strings"
	"testing"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/webtest"
)

// large fills a workspace with 500 more controls, of every frequency, and 10,000
// more items of evidence.
func large(b *testing.B, h *webtest.House) {
	b.Helper()
	set, err := framework.TSC2017()
	if err != nil {
		b.Fatal(err)
	}
	file, err := h.App.Evidence.Keep(h.Operator, "record.txt", strings.NewReader("one record"))
	if err != nil {
		b.Fatal(err)
	}
	library, err := control.Library()
	if err != nil {
		b.Fatal(err)
	}
	begin := webtest.Day("2026-01-01")
	err = h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		for i := range 500 {
			c := library[i%len(library)].Control()
			c.Code, c.Status, c.EffectiveFrom, c.Owner = fmt.Sprintf("ZZ-%03d", i), control.InForce, "2026-01-01", h.People["owner"]
			c.Criteria, c.PointsOfFocus = []string{set.Criteria[i%33].ID, set.Criteria[(i+7)%33].ID}, []string{}
			e, err := control.Controls.Create(tx, c, "")
			if err != nil {
				return err
			}
			for k := range 20 {
				day := begin.AddDate(0, 0, (k*5+i)%105)
				item := evidence.Evidence{
					Code: evidence.CodeOf(tx.NextIndex()), Title: fmt.Sprintf("Record %d of %s", k, c.Code), Type: evidence.Document, Controls: []control.ID{e.ID},
					OccurredFrom: day.Format(ledger.TimeFormat), OccurredTo: day.AddDate(0, 0, 1).Format(ledger.TimeFormat), WholeDays: true,
					CapturedAt: day.Format(ledger.TimeFormat), Source: evidence.Source{System: "Archive", Locator: "a/1", Method: evidence.Export},
					PerformedBy: h.People["owner"], Files: []evidence.File{file}, Datasets: []string{}, Status: evidence.Collected, Reviews: []evidence.Review{},
				}
				if _, err := evidence.Items.Create(tx, item, ""); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOverview measures one page's reading: at rest, and after a write.
func BenchmarkOverview(b *testing.B) {
	h := webtest.Full(b, none)
	large(b, h)
	lead := h.As("lead")
	read := func(b *testing.B) {
		o, err := h.Readiness.Overview(lead, &h.Window)
		if err != nil || len(o.Lines) < 500 {
			b.Fatal(len(o.Lines), err)
		}
	}
	read(b)
	b.Run("rest", func(b *testing.B) {
		for b.Loop() {
			read(b)
		}
	})
	b.Run("after a write", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			h.Add("One more", "2026-04-01", "OP-M")
			b.StartTimer()
			read(b)
		}
	})
}

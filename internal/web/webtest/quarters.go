package webtest

import (
	"strings"
	"testing"
	"time"

	"bevis/internal/account"
	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/register"
	"bevis/internal/window"
)

// Quarters is a small workspace on the second day of 2026: three controls that are
// done each month or quarter, Window over the first quarter and Later over the
// second.
func Quarters(t testing.TB, register func(*House)) *House {
	t.Helper()
	h := empty(t, Day("2026-01-02").Add(8*time.Hour), framework.Categories{framework.Security, framework.Availability}, register)
	lib, err := control.Library()
	h.Must(err)
	var codes []string
	for _, l := range lib {
		if len(codes) < 3 && (l.Frequency == control.Quarterly || l.Frequency == control.Monthly) {
			codes = append(codes, l.Code)
		}
	}
	_, err = h.App.Controls.Adopt(h.Operator, codes, "", "2026-01-01")
	h.Must(err)
	h.Window = h.open("auditor", "Karin Wall", "2026-01-01", "2026-04-01", "availability")
	h.Later = h.open("other", "Olle Sand", "2026-04-01", "2026-07-01")
	return h
}

// Bring records an item performed on a day for the first control; the operator
// brings it.
func (h *House) Bring(title, day string) register.Entry[evidence.Evidence] {
	h.T.Helper()
	cs, err := h.App.Controls.List(h.Operator)
	h.Must(err)
	f, err := h.App.Evidence.Keep(h.Operator, "note.txt", strings.NewReader(title))
	h.Must(err)
	e, err := h.App.Evidence.Add(h.Operator, evidence.Upload{
		Title: title, Type: evidence.Document, Controls: []string{cs[0].Value.Code}, OccurredFrom: day,
		Source:      evidence.Source{System: "Wiki", Locator: "/notes", Method: evidence.Export},
		PerformedBy: "Erik Holm", Files: []evidence.File{f},
	})
	h.Must(err)
	return e
}

// open opens a window and adds an auditor of it.
func (h *House) open(role, name, from, to string, categories ...string) register.Entry[window.Window] {
	h.T.Helper()
	w, err := h.App.Windows.OpenWindow(h.Operator, window.Plan{Type: 2, From: from, To: to, Categories: categories})
	h.Must(err)
	h.person(role, name, account.User{Roles: []authz.Role{authz.Auditor}, Window: w.ID.String(), AccessUntil: "2027-12-31T00:00:00Z"})
	return w
}

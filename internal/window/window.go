package window

import (
	"slices"
	"strconv"
	"time"

	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// ID names a window.
type ID = register.ID[Window]

// Status is where a window stands.
type Status string

// The states. There is no way back: what comes after the seal is listed apart.
const (
	Open   Status = "open"
	Closed Status = "closed" // control versions, occurrences and evidence fixed as of period end
	Sealed Status = "sealed" // everything in scope fixed under one manifest
)

var next = map[Status][]Status{
	"":     {Open},
	Open:   {Open, Closed},
	Closed: {Closed, Sealed},
	Sealed: {},
}

// Window is the period, or for Type 1 the day, that an examination speaks of.
type Window struct {
	Code       string               `json:"code"` // W- and the ledger index
	Type       int                  `json:"type"` // 1 or 2
	From       scope.Day            `json:"from"` // first day
	Last       scope.Day            `json:"last"` // last day, included; Type 1: the as-of day, equal to From
	Zone       string               `json:"zone"`
	Framework  string               `json:"framework"`
	Categories framework.Categories `json:"categories"`
	Status     Status               `json:"status"`
	ClosedAt   string               `json:"closed_at"` // ledger.TimeFormat
	// ClosedIndex is the last ledger index that belongs to the closed state.
	ClosedIndex int64  `json:"closed_index"`
	ClosedBy    string `json:"closed_by"`
	Seal        *Seal  `json:"seal"`
}

// Seal is the final act: one manifest over everything in scope.
type Seal struct {
	Manifest string `json:"manifest"` // SHA-256 of the manifest's bytes, which are a blob
	Index    int64  `json:"index"`    // last ledger index the manifest speaks of
	At       string `json:"at"`
	By       string `json:"by"`
	// SecondPerson is false when the same person closed and sealed, or when the
	// local operator did either. It is shown, never hidden.
	SecondPerson bool `json:"second_person"`
}

// Windows is the register of windows.
var Windows = register.Define("window", register.Rules[Window]{Prefix: "win", Check: checkWindow, Index: index, Blobs: blobs})

func index(w *Window) register.Index {
	i := register.Index{Code: w.Code, Title: w.Title(), Status: string(w.Status)}
	if cal, err := scope.NewCalendar(w.Zone); err == nil {
		i.From, i.To = w.Bounds(cal)
	}
	return i
}

func blobs(w *Window) []string {
	if w.Seal == nil {
		return nil
	}
	return []string{w.Seal.Manifest}
}

// TitleIn names the window for people in their language, with its inclusive first
// and last day.
func (w *Window) TitleIn(lang i18n.Lang) string {
	if w.Type == 1 {
		return i18n.In(lang, "window.type1_title", "Day", string(w.From))
	}
	return i18n.In(lang, "window.type2_title", "First", string(w.From), "Last", string(w.Last))
}

// Title is the name that is stored: in indexes, manifests and the documents of a
// package, which are in English.
func (w *Window) Title() string {
	if w.Type == 1 {
		return "Type 1, " + string(w.From)
	}
	return "Type 2, " + string(w.From) + " – " + string(w.Last)
}

// Bounds are the window's instants: From included, To excluded.
func (w *Window) Bounds(cal scope.Calendar) (from, to time.Time) {
	return cal.Start(w.From), cal.Start(w.Last.Add(1))
}

// Calendar counts the window's days.
func (w *Window) Calendar() (scope.Calendar, error) { return scope.NewCalendar(w.Zone) }

// Criteria lists the criteria in scope.
func (w *Window) Criteria() ([]framework.Criterion, error) {
	set, err := framework.ByID(w.Framework)
	if err != nil {
		return nil, err
	}
	return set.InScope(w.Categories), nil
}

// checkWindow is what every version of a window must satisfy.
func checkWindow(tx *register.Tx, old, w *Window) error {
	was := Status("")
	if old != nil {
		was = old.Status
	}
	if !slices.Contains(next[was], w.Status) {
		return fault.New(fault.Locked, "window.transition", "Code", w.Code, "Status", string(was))
	}
	if old == nil {
		return checkNew(tx, w)
	}
	if old.Type != w.Type || old.From != w.From || old.Last != w.Last || old.Zone != w.Zone || old.Code != w.Code ||
		old.Categories.String() != w.Categories.String() || old.Framework != w.Framework {
		return fault.New(fault.Locked, "window.fixed", "Code", w.Code)
	}
	cal, err := w.Calendar()
	if err != nil {
		return err
	}
	if was == Open && w.Status == Closed {
		if _, end := w.Bounds(cal); tx.Now().Before(end) {
			return fault.New(fault.Invalid, "window.not_over", "Last", string(w.Last))
		}
		if w.ClosedBy != tx.By().ID || w.ClosedIndex != tx.NextIndex()-1 || w.ClosedAt != tx.Now().Format(ledger.TimeFormat) {
			return fault.New(fault.Invalid, "window.fixed", "Code", w.Code)
		}
	} else if old.ClosedAt != w.ClosedAt || old.ClosedIndex != w.ClosedIndex || old.ClosedBy != w.ClosedBy {
		return fault.New(fault.Locked, "window.fixed", "Code", w.Code)
	}
	if was == Closed && w.Status == Sealed {
		s := w.Seal
		by := tx.By()
		if s == nil || s.By != by.ID || s.Index >= tx.NextIndex() || s.Index < old.ClosedIndex || s.At != tx.Now().Format(ledger.TimeFormat) || s.SecondPerson != (by.IsPerson() && by.ID != old.ClosedBy && register.Actor{ID: old.ClosedBy}.IsPerson()) {
			return fault.New(fault.Invalid, "window.fixed", "Code", w.Code)
		}
	} else if w.Seal != nil {
		return fault.New(fault.Locked, "window.fixed", "Code", w.Code)
	}
	return nil
}

func checkNew(tx *register.Tx, w *Window) error {
	if w.Code != "W-"+strconv.FormatInt(tx.NextIndex(), 10) || w.Seal != nil || w.ClosedAt != "" {
		return fault.New(fault.Invalid, "window.fixed", "Code", w.Code)
	}
	for _, d := range []scope.Day{w.From, w.Last} {
		if _, err := scope.ParseDay(string(d)); err != nil {
			return err
		}
	}
	if _, err := framework.ByID(w.Framework); err != nil {
		return err
	}
	switch {
	case w.Type == 2 && w.Last < w.From:
		return fault.New(fault.Invalid, "window.order", "From", string(w.From), "To", string(w.Last.Add(1)))
	case w.Type == 1 && w.Last != w.From:
		return fault.New(fault.Invalid, "window.type1")
	case w.Type != 1 && w.Type != 2:
		return fault.New(fault.Invalid, "window.type", "Type", w.Type)
	}
	_, err := w.Calendar()
	return err
}

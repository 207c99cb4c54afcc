package evidence

import (
	"time"

	"bevis/internal/control"
)

// Label is one of the four visible kinds of lateness (domain 0a rule 2). They are
// never merged.
type Label string

// The four labels.
const (
	PerformedLate        Label = "performed_late"         // after due plus grace
	LateCapture          Label = "captured_late"          // longer after it occurred than the control allows
	RetrievedInFieldwork Label = "retrieved_in_fieldwork" // from a system of record, after the window, for an event in it
	CreatedAfterPeriod   Label = "created_after_period"   // made after the window ended
)

// LabelList lists the labels in the order they are shown.
var LabelList = []Label{PerformedLate, LateCapture, RetrievedInFieldwork, CreatedAfterPeriod}

// CapturedLate reports whether the item was captured longer after it occurred
// than one of its controls allows. Without a capture time the time of receipt
// counts: what nobody dated is not taken to be early.
func CapturedLate(e *Evidence, received time.Time, controls []*control.Control) bool {
	at, ok := e.Captured()
	if !ok {
		at = received
	}
	end := e.Occurred().To
	lag := 0
	for _, c := range controls {
		if c != nil && (lag == 0 || c.Lag() < lag) {
			lag = c.Lag()
		}
	}
	if lag == 0 {
		lag = control.DefaultCaptureLag
	}
	return at.After(end.AddDate(0, 0, lag))
}

// AfterPeriod gives the label of an item against the end of a window: none if it
// was received by then.
func AfterPeriod(e *Evidence, received, windowEnd time.Time) (Label, bool) {
	if !received.After(windowEnd) {
		return "", false
	}
	in := e.Occurred()
	if in.From.Before(windowEnd) && e.FromRecord() {
		return RetrievedInFieldwork, true
	}
	return CreatedAfterPeriod, true
}

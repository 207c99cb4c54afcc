package window

import (
	"bevis/internal/evidence"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// Touches is the method of that name for callers that ask of many items and have
// loaded the window's calendar once.
func Touches(w *Window, cal scope.Calendar, e *evidence.Evidence) bool {
	c := collector{w: &register.Entry[Window]{Value: *w}, cal: cal}
	return c.touches(e)
}

package app

import (
	"bevis/internal/register"
	"bevis/internal/window"
)

// Sealed is a window's seal with what ties it to the outside.
type Sealed struct {
	Window     register.Entry[window.Window]
	Checkpoint string // signed note that covers the seal
	Timestamp  string // genTime, "" if not timestamped
	StampError error
}

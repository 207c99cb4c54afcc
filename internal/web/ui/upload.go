package ui

import (
	"context"

	"github.com/a-h/templ"

	"bevis/internal/i18n"
)

// dropWords are the sentences js/upload.js shows.
func dropWords(ctx context.Context) templ.Attributes {
	at := templ.Attributes{}
	for name, key := range map[string]string{
		"data-hashing":    "ui.upload.hashing",
		"data-storing":    "ui.upload.storing",
		"data-match":      "ui.upload.match",
		"data-server":     "ui.upload.server",
		"data-differs":    "ui.upload.differs",
		"data-failed":     "ui.upload.failed",
		"data-unreadable": "ui.upload.unreadable",
		"data-too-large":  "ui.upload.too_large",
		"data-remove":     "ui.upload.remove",
		"data-busy":       "ui.drop.busy",
	} {
		at[name] = i18n.T(ctx, key)
	}
	return at
}

func fileNote(ctx context.Context, f File) string {
	if f.Note != "" {
		return f.Note
	}
	switch f.State {
	case FileMatch:
		return i18n.T(ctx, "ui.upload.match")
	case FileServer:
		return i18n.T(ctx, "ui.upload.server")
	case FileFailed:
		return i18n.T(ctx, "ui.upload.failed")
	}
	return ""
}

// many is a plural count for "choose a file" or "choose files".
func many(multiple bool) int {
	if multiple {
		return 2
	}
	return 1
}

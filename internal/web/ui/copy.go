package ui

import (
	"context"

	"bevis/internal/i18n"
)

// Copy says what a button copies.
type Copy string

// What can be copied. Whatever is not listed is copied as CopyItem.
const (
	CopySHA256 Copy = "sha256"
	CopyCommit Copy = "commit" // of git
	CopyItem   Copy = "item"   // the id of anything else
)

// words are the button's name and what it says when it is done.
func (c Copy) words(ctx context.Context) (label, done string) {
	switch c {
	case CopySHA256:
		return i18n.T(ctx, "ui.copy.sha256"), i18n.T(ctx, "ui.copied.sha256")
	case CopyCommit:
		return i18n.T(ctx, "ui.copy.commit"), i18n.T(ctx, "ui.copied.commit")
	}
	return i18n.T(ctx, "ui.copy.item"), i18n.T(ctx, "ui.copied.item")
}

package evidence

import (
	"context"

	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

func traitColumns(ctx context.Context) []ui.Column {
	return []ui.Column{
		{Label: i18n.T(ctx, "evidencepage.traits.trait")},
		{Label: i18n.T(ctx, "evidencepage.traits.mend"), Kind: ui.CellDiff},
		{Label: i18n.T(ctx, "evidencepage.traits.verdict"), Kind: ui.CellStatus},
	}
}

// said is a text, or that nobody said.
func said(ctx context.Context, s string) string {
	if s == "" {
		return i18n.T(ctx, "evidencepage.not_said")
	}
	return s
}

// listedCode is a code in a list of n, with the comma after it.
func listedCode(code string, i, n int) string {
	if i < n-1 {
		return code + ","
	}
	return code
}

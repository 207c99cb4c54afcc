package signin_test

import (
	"context"
	"net/http"
	"testing"

	"bevis/internal/web"
	"bevis/internal/web/signin"
	"bevis/internal/web/webtest"
)

// A sample workspace says who its people are; no other one tells a name or a role.
func TestHintsNameSamplePeople(t *testing.T) {
	for _, sample := range []bool{true, false} {
		h := webtest.Empty(t, func(h *webtest.House) {
			was := h.Shell.Workspace
			h.Shell.Workspace = func(ctx context.Context) (web.Workspace, error) {
				ws, err := was(ctx)
				ws.Sample = sample
				return ws, err
			}
			signin.Pages{Shell: h.Shell, Accounts: h.App.Accounts, Hints: []string{"lead@norrsken.example", "nobody@norrsken.example", "Password: x"}}.Routes()
		})
		a := h.Page("", "/sign-in", http.StatusOK)
		a.Has(t, "lead@norrsken.example", "nobody@norrsken.example", "Password: x")
		if sample {
			a.Has(t, "Maja Lind", "Compliance lead")
		} else {
			a.Lacks(t, "Maja Lind", "Compliance lead")
		}
	}
}

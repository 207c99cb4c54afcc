package app

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/accounts"
	"bevis/internal/web/checks"
	"bevis/internal/web/controls"
	"bevis/internal/web/evidence"
	"bevis/internal/web/frameworks"
	"bevis/internal/web/home"
	webledger "bevis/internal/web/ledger"
	"bevis/internal/web/policies"
	"bevis/internal/web/populations"
	webreadiness "bevis/internal/web/readiness"
	webscope "bevis/internal/web/scope"
	"bevis/internal/web/signin"
	"bevis/internal/web/tasks"
	"bevis/internal/web/windows"
)

// Site says how the pages are served.
type Site struct {
	Secure bool     // browsers come over TLS
	Hints  []string // lines on the sign-in page, for sample workspaces
}

// Handler is the whole web surface of the workspace.
func (a *App) Handler(site Site) (http.Handler, error) {
	packages := filepath.Join(a.Dir, "tmp", "packages")
	if err := os.MkdirAll(packages, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", a.Dir)
	}
	shell := &web.Shell{Accounts: a.Accounts, Log: a.Log, Secure: site.Secure, Workspace: a.workspace}
	for _, area := range []interface{ Routes() }{
		signin.Pages{Shell: shell, Accounts: a.Accounts, Hints: site.Hints},
		home.Pages{Shell: shell, Accounts: a.Accounts, Windows: a.Windows, Populations: a.Populations, Readiness: a.Readiness},
		tasks.Pages{Shell: shell, Accounts: a.Accounts, Windows: a.Windows, Readiness: a.Readiness},
		webreadiness.Pages{Shell: shell, Store: a.Store, Accounts: a.Accounts, Windows: a.Windows, Reviews: a.Reviews},
		frameworks.Pages{Shell: shell, Accounts: a.Accounts, Windows: a.Windows, Readiness: a.Readiness, Coverage: a.Coverage},
		webscope.Pages{Shell: shell, Accounts: a.Accounts, Scope: a.Scope, Controls: a.Controls, Windows: a.Windows},
		controls.Pages{Shell: shell, Accounts: a.Accounts, Controls: a.Controls, Policies: a.Policies, Windows: a.Windows, Readiness: a.Readiness},
		evidence.Pages{Shell: shell, Evidence: a.Evidence, Windows: a.Windows, Accounts: a.Accounts},
		policies.Pages{Shell: shell, Store: a.Store, Accounts: a.Accounts, Policies: a.Policies},
		populations.Pages{Shell: shell, Populations: a.Populations, Checks: a.Checks},
		checks.Pages{Shell: shell, Checks: a.Checks},
		windows.Pages{Shell: shell, Store: a.Store, Accounts: a.Accounts, Windows: a.Windows, Packages: a.Packages, Dir: packages},
		webledger.Pages{Shell: shell, Store: a.Store, Policy: a.Policy, Accounts: a.Accounts, Key: a.Key, Verify: func(ctx context.Context) (*ledger.Report, error) { return a.Verify(ctx, nil) }},
		accounts.Pages{Shell: shell, Store: a.Store, Accounts: a.Accounts, Windows: a.Windows},
	} {
		area.Routes()
	}
	mux := http.NewServeMux()
	mux.Handle("/", shell.Server())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /readyz", a.ready)
	return mux, nil
}

// ready answers whether requests can be served: the database reads, and what was
// written so far could be signed.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	_, _, err := a.Store.Head(r.Context())
	if err = errors.Join(err, a.Store.SignError()); err != nil {
		a.Log.ErrorContext(r.Context(), "not ready", "error", err)
		http.Error(w, i18n.Fault(r.Context(), err, ""), http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *App) workspace(ctx context.Context) (web.Workspace, error) {
	o, err := scope.Current(a.Store.Live(ctx))
	if err != nil {
		return web.Workspace{}, err
	}
	size, _, err := a.Store.Head(ctx)
	return web.Workspace{Name: o.Value.Name, Sample: o.Value.Sample, Now: a.Store.Now(), Entry: "#" + strconv.FormatInt(size-1, 10)}, err
}

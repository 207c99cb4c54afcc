package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"bevis/internal/app"
	"bevis/internal/demo"
	"bevis/internal/fault"
	"bevis/internal/scope"
)

type serveCmd struct {
	Addr   string `help:"Address to listen on." default:"127.0.0.1:8340" env:"BEVIS_ADDR" placeholder:"HOST:PORT"`
	Secure bool   `help:"Browsers reach this server over TLS (behind a proxy): cookies are then marked so."`
}

func (c *serveCmd) run(e *env) error {
	o := e.options()
	o.Log = e.log()
	a, err := openWorkspace(e.ctx, o)
	if err != nil {
		return err
	}
	return listen(e, a, c.Addr, app.Site{Secure: c.Secure})
}

type demoCmd struct {
	Serve bool   `help:"Serve it when it is ready."`
	Addr  string `help:"Address to listen on." default:"127.0.0.1:8340" env:"BEVIS_ADDR" placeholder:"HOST:PORT"`
}

func (c *demoCmd) run(e *env) error {
	o := e.options()
	if c.Serve {
		o.Log = e.log()
	}
	a, made, err := demo.Open(e.ctx, o)
	if err != nil {
		return err
	}
	ready := e.t("cli.demo_ready", "Dir", e.cli.Data, "Email", made.Users[0].Email, "Password", demo.Password)
	if c.Serve {
		e.line("%s", ready)
		var hints []string
		for _, u := range made.Users {
			hints = append(hints, u.Email)
		}
		return listen(e, a, c.Addr, app.Site{Hints: append(hints, e.t("cli.demo_password", "Password", demo.Password))})
	}
	if err := a.Close(); err != nil {
		return err
	}
	return e.answer(made, func() { e.line("%s", ready) })
}

// log writes to standard error; it never carries bodies, passwords or tokens.
func (e *env) log() *slog.Logger {
	return slog.New(slog.NewTextHandler(e.errw, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// stopWithin is how long requests under way may take when the server stops.
const stopWithin = 15 * time.Second

// listen serves pages on addr and verbs on the data directory's socket until the
// process is asked to stop, then closes the workspace.
func listen(e *env, a *app.App, addr string, site app.Site) (err error) {
	defer func() { err = errors.Join(err, a.Close()) }()
	handler, err := a.Handler(site)
	if err != nil {
		return err
	}
	var listening net.ListenConfig
	l, err := listening.Listen(e.ctx, "tcp", addr)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "cli.address", "Addr", addr)
	}
	socket := filepath.Join(a.Dir, socketName)
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", a.Dir), l.Close())
	}
	s, err := listening.Listen(e.ctx, "unix", socket)
	if err == nil {
		err = os.Chmod(socket, 0o600)
	}
	if err != nil {
		return errors.Join(fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", a.Dir), l.Close())
	}
	pages := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	verbs := &http.Server{Handler: socketHandler(a), ReadHeaderTimeout: 10 * time.Second}
	org, err := scope.Current(a.Store.Live(e.ctx))
	if err != nil {
		return errors.Join(err, l.Close(), s.Close())
	}
	e.line("%s", e.t("cli.serving", "Org", org.Value.Name, "URL", "http://"+l.Addr().String()))
	ctx, stop := context.WithCancel(e.ctx)
	defer stop()
	go a.Background(ctx)
	failed := make(chan error, 2)
	go func() { failed <- pages.Serve(l) }()
	go func() { failed <- verbs.Serve(s) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		e.line("%s", e.t("cli.stopping"))
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), stopWithin)
	defer cancel()
	down := errors.Join(pages.Shutdown(end), verbs.Shutdown(end))
	if isClosed(err) {
		err = nil
	}
	return errors.Join(err, down)
}

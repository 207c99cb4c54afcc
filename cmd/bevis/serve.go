package main

import (
	"bevis/internal/app"
)

type serveCmd struct {
	Addr   string `help:"Address to listen on." default:"127.0.0.1:8340" env:"BEVIS_ADDR" placeholder:"HOST:PORT"`
	Secure bool   `help:"Browsers reach this server over TLS (behind a proxy): cookies are then marked so."`
}

func (c *serveCmd) run(e *env) error {
	a, err := app.Open(e.ctx, e.options())
	if err != nil {
		return err
	}
	return listen(e, a, c.Addr, c.Secure, nil)
}

type demoCmd struct {
	Serve bool   `help:"Serve it when it is ready."`
	Addr  string `help:"Address to listen on." default:"127.0.0.1:8340" env:"BEVIS_ADDR" placeholder:"HOST:PORT"`
}

func listen(e *env, a *app.App, addr string, secure bool, made any) error { return a.Close() }

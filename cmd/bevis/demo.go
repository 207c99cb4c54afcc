package main

import (
	"bevis/internal/demo"
)

func (c *demoCmd) run(e *env) error {
	a, made, err := demo.Open(e.ctx, e.options())
	if err != nil {
		return err
	}
	if c.Serve {
		e.line("%s", e.t("cli.demo_ready", "Dir", e.cli.Data, "Email", made.Users[0].Email, "Password", demo.Password))
		return listen(e, a, c.Addr, false, &made)
	}
	if err := a.Close(); err != nil {
		return err
	}
	return e.answer(made, func() {
		e.line("%s", e.t("cli.demo_ready", "Dir", e.cli.Data, "Email", made.Users[0].Email, "Password", demo.Password))
	})
}

package main

import (
	"runtime"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

type initCmd struct {
	Org          string   `required:"" help:"Name of the organisation."`
	Admin        string   `required:"" help:"E-mail of the first administrator." placeholder:"EMAIL"`
	AdminName    string   `help:"Name of the first administrator." placeholder:"NAME"`
	PasswordFile string   `help:"File with the administrator's password on its first line." placeholder:"FILE"`
	Zone         string   `help:"Time zone in which the organisation counts its days (IANA name)." default:"UTC"`
	Categories   []string `help:"Categories to propose for windows; security is always in." placeholder:"CATEGORY"`
}

func (c *initCmd) run(e *env) error {
	pw, err := e.password(c.PasswordFile)
	if err != nil {
		return err
	}
	cats, err := framework.ParseCategories(c.Categories...)
	if err != nil {
		return err
	}
	name := c.AdminName
	if name == "" {
		name = c.Admin
	}
	e.ctx = authz.With(e.ctx, operator())
	a, err := app.Init(e.ctx, e.options(), app.Founding{
		Organisation: scope.Organisation{Name: c.Org, Zone: c.Zone, Categories: cats},
		Admin:        account.NewUser{Email: c.Admin, Name: name, Roles: []authz.Role{authz.Administrator, authz.Lead}, Password: pw},
	})
	if err != nil {
		return err
	}
	if err := a.Close(); err != nil {
		return err
	}
	type key struct {
		Origin      string `json:"origin"`
		PublicKey   string `json:"public_key"`
		Fingerprint string `json:"fingerprint"`
	}
	out := struct {
		Org    string `json:"org"`
		Ledger key    `json:"ledger"`
	}{c.Org, key{a.Key.Origin, a.Key.String(), a.Key.Fingerprint()}}
	return e.answer(out, func() {
		e.line("%s", e.t("cli.init", "Org", c.Org, "Dir", e.cli.Data))
		e.line("%s", e.t("cli.fingerprint", "Fingerprint", a.Key.Fingerprint()))
	})
}

type versionCmd struct{}

func (versionCmd) run(e *env) error {
	return e.answer(map[string]string{"version": app.Version, "go": runtime.Version()}, func() { e.line("bevis %s (%s)", app.Version, runtime.Version()) })
}

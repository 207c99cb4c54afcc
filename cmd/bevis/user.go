package main

import (
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/scope"
	"bevis/internal/window"
)

type userAdd struct {
	Email        string   `arg:"" help:"E-mail, which is also the name to sign in with."`
	Name         string   `required:"" help:"The person's name."`
	Role         []string `required:"" help:"Role: lead, owner, employee, manager, advisor, auditor, administrator." placeholder:"ROLE"`
	Window       string   `help:"For auditors: the one window they may see." placeholder:"WINDOW"`
	From         string   `help:"First day of access." placeholder:"DAY"`
	Until        string   `help:"Last day of access." placeholder:"DAY"`
	PasswordFile string   `help:"File with the password on its first line." placeholder:"FILE"`
}

func (c *userAdd) work(e *env, a *app.App) error {
	pw, err := e.password(c.PasswordFile)
	if err != nil {
		return err
	}
	n := account.NewUser{Email: c.Email, Name: c.Name, Password: pw}
	for _, r := range c.Role {
		for one := range strings.SplitSeq(r, ",") {
			n.Roles = append(n.Roles, authz.Role(strings.TrimSpace(one)))
		}
	}
	if c.Window != "" {
		w, err := window.Find(a.Store.Live(e.ctx), c.Window)
		if err != nil {
			return err
		}
		n.Window = w.ID.String()
	}
	if n.From, n.Until, err = days(e, a, c.From, c.Until); err != nil {
		return err
	}
	u, err := a.Accounts.Add(e.ctx, n)
	if err != nil {
		return err
	}
	return e.user(u)
}

// days turns inclusive days into instants; "" gives the zero time.
func days(e *env, a *app.App, first, last string) (from, until time.Time, err error) {
	cal, err := scope.CalendarOf(a.Store.Live(e.ctx))
	if err != nil {
		return from, until, err
	}
	if first != "" {
		d, err := scope.ParseDay(first)
		if err != nil {
			return from, until, err
		}
		from = cal.Start(d)
	}
	if last != "" {
		d, err := scope.ParseDay(last)
		if err != nil {
			return from, until, err
		}
		until = cal.Start(d.Add(1))
	}
	return from, until, nil
}

type userList struct{}

func (userList) work(e *env, a *app.App) error {
	all, err := a.Accounts.List(e.ctx)
	if err != nil {
		return err
	}
	out := []userView{}
	for _, u := range all {
		out = append(out, viewUser(u))
	}
	return e.answer(map[string]any{"users": out}, func() {
		var rows [][]string
		for _, u := range out {
			state := ""
			if u.Disabled {
				state = e.t("cli.disabled")
			}
			rows = append(rows, []string{u.Email, u.Name, strings.Join(u.Roles, ", "), u.Until, state})
		}
		e.table([]string{e.t("cli.email"), e.t("cli.name"), e.t("cli.roles"), e.t("cli.access_until"), ""}, rows)
	})
}

type userDisable struct {
	Email  string `arg:"" help:"E-mail of the account."`
	Reason string `required:"" help:"Why; kept in the history."`
}

func (c *userDisable) work(e *env, a *app.App) error {
	u, err := a.Accounts.Disable(e.ctx, c.Email, c.Reason)
	if err != nil {
		return err
	}
	return e.user(u)
}

type userEnable struct {
	Email  string `arg:"" help:"E-mail of the account."`
	Reason string `required:"" help:"Why; kept in the history."`
}

func (c *userEnable) work(e *env, a *app.App) error {
	u, err := a.Accounts.Enable(e.ctx, c.Email, c.Reason)
	if err != nil {
		return err
	}
	return e.user(u)
}

type userResetPassword struct {
	Email        string `arg:"" help:"E-mail of the account."`
	PasswordFile string `help:"File with the new password on its first line." placeholder:"FILE"`
}

func (c *userResetPassword) work(e *env, a *app.App) error {
	pw, err := e.password(c.PasswordFile)
	if err != nil {
		return err
	}
	if err := a.Accounts.ResetPassword(e.ctx, c.Email, pw); err != nil {
		return err
	}
	u, err := a.Accounts.ByEmail(e.ctx, c.Email)
	if err != nil {
		return err
	}
	return e.user(u)
}

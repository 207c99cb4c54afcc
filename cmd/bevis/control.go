package main

import (
	"strings"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
)

func (e *env) lang() i18n.Lang { return i18n.Of(e.ctx) }

type controlCmd struct {
	Library controlLibrary `cmd:"" help:"List the control library (no workspace needed)."`
	List    controlList    `cmd:"" help:"List the workspace's controls."`
	Show    controlShow    `cmd:"" help:"Show a control."`
	Adopt   controlAdopt   `cmd:"" help:"Take controls of the library into the workspace."`
	Change  controlChange  `cmd:"" help:"Store a new version of a control."`
}

type controlView struct {
	Code          string   `json:"code"`
	ID            string   `json:"id,omitempty"`
	Title         string   `json:"title"`
	Statement     string   `json:"statement"`
	Category      string   `json:"category"`
	Frequency     string   `json:"frequency"`
	Criteria      []string `json:"criteria"`
	PointsOfFocus []string `json:"points_of_focus"`
	Checks        []string `json:"checks"`
	Owner         string   `json:"owner"`
	Status        string   `json:"status,omitempty"`
	EffectiveFrom string   `json:"effective_from,omitempty"`
	EffectiveTo   string   `json:"effective_to,omitempty"`
	Version       int64    `json:"version,omitempty"`
	LedgerIndex   int64    `json:"ledger_index,omitempty"`
}

func (e *env) controls(out []controlView) error {
	return e.answer(map[string]any{"controls": out}, func() {
		var rows [][]string
		for _, c := range out {
			rows = append(rows, []string{c.Code, c.Title, strings.Join(c.Criteria, " "), e.t("frequency." + c.Frequency), c.Status})
		}
		e.table([]string{e.t("pack.control"), e.t("pack.title"), e.t("pack.criteria"), e.t("pack.frequency"), e.t("pack.status")}, rows)
	})
}

type controlLibrary struct{}

func (controlLibrary) run(e *env) error {
	all, err := control.Library()
	if err != nil {
		return err
	}
	out := []controlView{}
	for _, l := range all {
		out = append(out, controlView{
			Code: l.Code, Title: l.Title.In(e.lang()), Statement: l.Statement(e.lang(), nil), Category: l.Category, Frequency: string(l.Frequency),
			Criteria: list(l.Criteria), PointsOfFocus: list(l.PointsOfFocus), Checks: list(l.Checks),
		})
	}
	return e.controls(out)
}

func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (e *env) controlView(c register.Entry[control.Control]) controlView {
	v := c.Value
	pick := func(en, sv string) string {
		if e.lang() == i18n.Swedish && sv != "" {
			return sv
		}
		return en
	}
	return controlView{
		Code: v.Code, ID: c.ID.String(), Title: pick(v.Title.EN, v.Title.SV), Statement: pick(v.Statement.EN, v.Statement.SV), Category: v.Category,
		Frequency: string(v.Frequency), Criteria: list(v.Criteria), PointsOfFocus: list(v.PointsOfFocus), Checks: list(v.Checks), Owner: v.Owner,
		Status: string(v.Status), EffectiveFrom: string(v.EffectiveFrom), EffectiveTo: string(v.EffectiveTo), Version: c.Version, LedgerIndex: c.Seq,
	}
}

type controlList struct{}

func (controlList) work(e *env, a *app.App) error {
	all, err := a.Controls.List(e.ctx)
	if err != nil {
		return err
	}
	out := []controlView{}
	for _, c := range all {
		out = append(out, e.controlView(c))
	}
	return e.controls(out)
}

type controlShow struct {
	Code string `arg:"" help:"Code, for example AC-04."`
}

func (c *controlShow) work(e *env, a *app.App) error {
	x, err := a.Controls.ByCode(e.ctx, c.Code)
	if err != nil {
		return err
	}
	v := e.controlView(x)
	return e.answer(v, func() {
		e.line("%s  %s", v.Code, v.Title)
		e.line("%s", v.Statement)
		e.line("%s: %s", e.t("pack.criteria"), strings.Join(v.Criteria, ", "))
		e.line("%s: %s", e.t("pack.frequency"), e.t("frequency."+v.Frequency))
		e.line("%s: %d", e.t("pack.ledger_index"), v.LedgerIndex)
	})
}

type controlAdopt struct {
	Codes []string `arg:"" optional:"" help:"Codes of the library; none takes the whole library."`
	Owner string   `help:"E-mail of the account that owns them." placeholder:"EMAIL"`
	From  string   `help:"First day in force. Left out: they were in force before they were recorded here, and are shown so." placeholder:"DAY"`
}

func (c *controlAdopt) work(e *env, a *app.App) error {
	var owner string
	if c.Owner != "" {
		u, err := a.Accounts.ByEmail(e.ctx, c.Owner)
		if err != nil {
			return err
		}
		owner = u.ID.String()
	}
	var from scope.Day
	if c.From != "" {
		var err error
		if from, err = scope.ParseDay(c.From); err != nil {
			return err
		}
	}
	var codes []string
	for _, s := range c.Codes {
		codes = append(codes, strings.Split(s, ",")...)
	}
	made, err := a.Controls.Adopt(e.ctx, codes, owner, from)
	if err != nil {
		return err
	}
	out := []controlView{}
	for _, x := range made {
		out = append(out, e.controlView(x))
	}
	if err := e.controls(out); err != nil || e.cli.JSON || from != "" || len(out) == 0 {
		return err
	}
	e.line("%s", e.t("control.before_recorded"))
	return nil
}

type userCmd struct {
	Add           userAdd           `cmd:"" help:"Add an account."`
	List          userList          `cmd:"" help:"List the accounts."`
	Disable       userDisable       `cmd:"" help:"End an account's access at once."`
	Enable        userEnable        `cmd:"" help:"Give a disabled account its access back."`
	ResetPassword userResetPassword `cmd:"" name:"reset-password" help:"Set a new password and end the account's sessions."`
}

type userView struct {
	ID       string   `json:"id"`
	Email    string   `json:"email"`
	Name     string   `json:"name"`
	Roles    []string `json:"roles"`
	Window   string   `json:"window"`
	From     string   `json:"access_from"`
	Until    string   `json:"access_until"`
	Disabled bool     `json:"disabled"`
}

func viewUser(u register.Entry[account.User]) userView {
	v := userView{ID: u.ID.String(), Email: u.Value.Email, Name: u.Value.Name, Roles: []string{}, Window: u.Value.Window, From: u.Value.AccessFrom, Until: u.Value.AccessUntil, Disabled: u.Value.Disabled}
	for _, r := range u.Value.Roles {
		v.Roles = append(v.Roles, string(r))
	}
	return v
}

func (e *env) user(u register.Entry[account.User]) error {
	v := viewUser(u)
	return e.answer(v, func() { e.line("%s  %s  %s", v.Email, v.Name, strings.Join(v.Roles, ", ")) })
}

package main

import (
	"strings"

	"bevis/internal/account"
	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
)

func (e *env) lang() i18n.Lang { return i18n.Of(e.ctx) }

type controlCmd struct {
	Library controlLibrary `cmd:"" help:"List the control library (no workspace needed)."`
	List    controlList    `cmd:"" help:"List the workspace's controls."`
	Show    controlShow    `cmd:"" help:"Show a control."`
	Adopt   controlAdopt   `cmd:"" help:"Take controls of the library into the workspace."`
	Change  controlChange  `cmd:"" help:"Store a new version of a control."`
	Approve controlApprove `cmd:"" help:"Approve or decline a change that waits for a second person."`
	Lint    controlLint    `cmd:"" help:"Judge the wording of a sentence (no workspace needed)."`
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
	Proposed      bool     `json:"proposed,omitempty"`
	Overlaps      []string `json:"overlaps,omitempty"`
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

type controlLibrary struct {
	Proposed   bool     `help:"Only the set proposed for --categories."`
	Categories []string `help:"Categories in scope for --proposed; security is always in." placeholder:"CATEGORY"`
}

func (c *controlLibrary) run(e *env) error {
	all, err := control.Library()
	if err != nil {
		return err
	}
	cats, err := framework.ParseCategories(c.Categories...)
	if err != nil {
		return err
	}
	var overlaps []control.Overlap
	if c.Proposed {
		p, err := control.Propose(cats, nil)
		if err != nil {
			return err
		}
		all, overlaps = p.Controls, p.Overlaps
	}
	out := []controlView{}
	for _, l := range all {
		out = append(out, controlView{
			Code: l.Code, Title: l.Title.In(e.lang()), Statement: l.Statement(e.lang(), nil), Category: l.Category, Frequency: string(l.Frequency),
			Criteria: list(l.Criteria), PointsOfFocus: list(l.PointsOfFocus), Checks: list(l.Checks), Proposed: l.Proposed, Overlaps: l.Overlaps,
		})
	}
	if err := e.controls(out); err != nil || e.cli.JSON {
		return err
	}
	e.overlaps(overlaps)
	return nil
}

// overlaps says which of the controls do much the same duty.
func (e *env) overlaps(all []control.Overlap) {
	for _, o := range all {
		e.line("%s", e.t("control.overlap", "A", o.A, "B", o.B))
	}
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

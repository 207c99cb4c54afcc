package main

import (
	"os"
	"strconv"

	"bevis/internal/app"
	"bevis/internal/fault"
	"bevis/internal/scope"
)

// policyChange stores other words; what is left out stays.
type policyChange struct {
	Code   string   `arg:"" help:"Code, for example POL-access-control."`
	Reason string   `required:"" help:"Why; the approver and the auditor read it beside the difference."`
	Owner  string   `help:"E-mail of the account that owns it." placeholder:"EMAIL"`
	Title  string   `help:"Title, in the language of --lang."`
	Text   string   `help:"File with the text in Markdown, in the language of --lang." type:"path" placeholder:"FILE.md"`
	Set    []string `help:"A value, in the language of --lang; in both when they were equal." placeholder:"NAME=VALUE" sep:"none"`
	Review int      `help:"Months from approval to the next review." placeholder:"MONTHS"`
}

func (c *policyChange) work(e *env, a *app.App) error {
	x, err := a.Policies.ByCode(e.ctx, c.Code)
	if err != nil {
		return err
	}
	p := &x.Value
	if c.Owner != "" {
		u, err := a.Accounts.ByEmail(e.ctx, c.Owner)
		if err != nil {
			return err
		}
		p.Owner = u.ID.String()
	}
	p.Title = p.Title.With(e.lang(), c.Title)
	if c.Text != "" {
		text, err := os.ReadFile(e.path(c.Text))
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "cli.file", "File", c.Text)
		}
		p.Body = p.Body.With(e.lang(), string(text))
	}
	if c.Review != 0 {
		p.ReviewMonths = c.Review
	}
	set, err := values(c.Set)
	if err != nil {
		return err
	}
	for name, v := range set {
		if !p.Set(name, e.lang(), v) {
			return fault.New(fault.Invalid, "policy.no_param", "Name", name)
		}
	}
	x, err = a.Policies.Change(e.ctx, x, c.Reason)
	return e.onePolicy(a, x, err)
}

type policySend struct {
	Code   string `arg:"" help:"Code, for example POL-access-control."`
	Reason string `help:"What the approver should know."`
}

func (c *policySend) work(e *env, a *app.App) error {
	x, err := a.Policies.Send(e.ctx, c.Code, 0, c.Reason)
	return e.onePolicy(a, x, err)
}

type policyReturn struct {
	Code   string `arg:"" help:"Code, for example POL-access-control."`
	Reason string `required:"" help:"What has to change."`
}

func (c *policyReturn) work(e *env, a *app.App) error {
	x, err := a.Policies.Return(e.ctx, c.Code, 0, c.Reason)
	return e.onePolicy(a, x, err)
}

type policyApprove struct {
	Code    string `arg:"" help:"Code, for example POL-access-control."`
	Version int64  `help:"The version that you have read; refused when there is a newer one." placeholder:"N"`
	Note    string `help:"A note that is kept with the approval."`
}

func (c *policyApprove) work(e *env, a *app.App) error {
	x, err := a.Policies.Approve(e.ctx, c.Code, c.Version, c.Note)
	return e.onePolicy(a, x, err)
}

type policyPublish struct {
	Code string `arg:"" help:"Code, for example POL-access-control."`
	From string `required:"" help:"First day in force, today or later." placeholder:"DAY"`
}

func (c *policyPublish) work(e *env, a *app.App) error {
	from, err := scope.ParseDay(c.From)
	if err != nil {
		return err
	}
	x, err := a.Policies.Publish(e.ctx, c.Code, 0, from, "")
	return e.onePolicy(a, x, err)
}

type policyRetire struct {
	Code   string `arg:"" help:"Code, for example POL-access-control."`
	To     string `help:"Last day in force, today or later; left out for a policy that was never published." placeholder:"DAY"`
	Reason string `required:"" help:"Why."`
}

func (c *policyRetire) work(e *env, a *app.App) error {
	x, err := a.Policies.Retire(e.ctx, c.Code, 0, scope.Day(c.To), c.Reason)
	return e.onePolicy(a, x, err)
}

type policyHistory struct {
	Code string `arg:"" help:"Code, for example POL-access-control."`
}

func (c *policyHistory) work(e *env, a *app.App) error {
	h, err := a.Policies.History(e.ctx, c.Code)
	if err != nil {
		return err
	}
	names, err := a.Accounts.Names(e.ctx)
	if err != nil {
		return err
	}
	out := []policyView{}
	for _, x := range h {
		if x.Erased {
			continue
		}
		v, err := e.policyView(a, x)
		if err != nil {
			return err
		}
		out = append(out, v)
	}
	return e.answer(map[string]any{"policies": out}, func() {
		rows := make([][]string, 0, len(out))
		for i := range out {
			v := &out[i]
			by := names[v.By]
			if by == "" {
				by = v.By
			}
			rows = append(rows, []string{"v" + strconv.FormatInt(v.Version, 10), e.t("policiespage.status."+v.Status) + " (" + strconv.Itoa(v.Edition) + ")", v.At, by, v.EffectiveFrom, v.Reason})
		}
		e.table([]string{e.t("policiespage.version"), e.t("policiespage.state_edition"), e.t("policiespage.when"), e.t("policiespage.who"), e.t("policiespage.from"), e.t("policiespage.why")}, rows)
	})
}

package main

import (
	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/scope"
)

// controlChange stores a new version of a control; what is left out stays.
type controlChange struct {
	Code       string   `arg:"" help:"Code, for example AC-04."`
	Reason     string   `required:"" help:"Why; the auditor reads it beside the difference."`
	Owner      string   `help:"E-mail of the account that owns it." placeholder:"EMAIL"`
	Title      string   `help:"Title, in the language of --lang."`
	Statement  string   `help:"Statement, in the language of --lang."`
	Frequency  string   `help:"annual, semiannual, quarterly, monthly, weekly, daily, per_event or continuous."`
	Grace      *int     `help:"Days after the due day that still count as on time." placeholder:"DAYS"`
	CaptureLag *int     `help:"Days within which evidence is to be captured." placeholder:"DAYS"`
	Criteria   []string `help:"Criteria it helps to meet; points of focus of others are dropped." placeholder:"CRITERION"`
	Trace      *string  `help:"commit_message when the commit line itself is the trace, or empty." placeholder:"TRACE"`
	From       string   `help:"First day in force." placeholder:"DAY"`
	To         string   `help:"Last day in force." placeholder:"DAY"`
	Retire     bool     `help:"Retire it; it binds no longer after its last day."`
	Propose    bool     `help:"Ask a second person to approve it, as a change that loosens the control while a window is open needs."`
}

func (c *controlChange) work(e *env, a *app.App) error {
	x, err := a.Controls.ByCode(e.ctx, c.Code)
	if err != nil {
		return err
	}
	v := &x.Value
	if c.Owner != "" {
		u, err := a.Accounts.ByEmail(e.ctx, c.Owner)
		if err != nil {
			return err
		}
		v.Owner = u.ID.String()
	}
	v.Title = v.Title.With(e.lang(), c.Title)
	v.Statement = v.Statement.With(e.lang(), c.Statement)
	if c.Frequency != "" {
		v.Frequency = control.Frequency(c.Frequency)
	}
	if c.Grace != nil {
		v.Grace = *c.Grace
	}
	if c.CaptureLag != nil {
		v.CaptureLag = *c.CaptureLag
	}
	if c.Trace != nil {
		v.Trace = *c.Trace
	}
	if len(c.Criteria) > 0 {
		v.MapTo(c.Criteria)
	}
	if c.From != "" {
		v.EffectiveFrom = scope.Day(c.From)
	}
	if c.To != "" {
		v.EffectiveTo = scope.Day(c.To)
	}
	if c.Retire {
		v.Status = control.Retired
	}
	if c.Propose {
		if _, err := a.Controls.Ask(e.ctx, x, c.Reason); err != nil {
			return err
		}
		return e.answer(map[string]any{"code": c.Code, "status": control.Asked}, func() { e.line("%s", e.t("control.waits", "Code", c.Code)) })
	}
	if x, err = a.Controls.Change(e.ctx, x, c.Reason); err != nil {
		return err
	}
	return e.controls([]controlView{e.controlView(x)})
}

// controlApprove decides about a change that waits for a second person: with --as,
// for the local operator never counts as one.
type controlApprove struct {
	Code    string `arg:"" help:"Code, for example AC-04."`
	Note    string `help:"What the person who asked should know."`
	Decline bool   `help:"Refuse the change; --note says why."`
}

func (c *controlApprove) work(e *env, a *app.App) error {
	if c.Decline {
		if err := a.Controls.Decline(e.ctx, c.Code, c.Note); err != nil {
			return err
		}
		x, err := a.Controls.ByCode(e.ctx, c.Code)
		if err != nil {
			return err
		}
		return e.controls([]controlView{e.controlView(x)})
	}
	x, err := a.Controls.Approve(e.ctx, c.Code, c.Note)
	if err != nil {
		return err
	}
	return e.controls([]controlView{e.controlView(x)})
}

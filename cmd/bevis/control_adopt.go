package main

import (
	"strings"

	"bevis/internal/app"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/scope"
)

type controlAdopt struct {
	Codes      []string `arg:"" optional:"" help:"Codes of the library; none takes the set proposed for the categories."`
	Categories []string `help:"Categories in scope. Left out: those decided for the programme, else security." placeholder:"CATEGORY"`
	All        bool     `help:"Take the whole library."`
	Owner      string   `help:"E-mail of the account that owns them." placeholder:"EMAIL"`
	From       string   `help:"First day in force. Left out: they were in force before they were recorded here, and are shown so." placeholder:"DAY"`
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
	codes, overlaps, err := c.codes(e, a)
	if err != nil {
		return err
	}
	out := []controlView{}
	if c.All || len(codes) > 0 {
		made, err := a.Controls.Adopt(e.ctx, codes, owner, from)
		if err != nil {
			return err
		}
		for _, x := range made {
			out = append(out, e.controlView(x))
		}
	}
	if err := e.controls(out); err != nil || e.cli.JSON || len(out) == 0 {
		return err
	}
	e.overlaps(overlaps)
	if from == "" {
		e.line("%s", e.t("control.before_recorded"))
	}
	return nil
}

// codes are the controls to adopt; none with --all means the whole library.
func (c *controlAdopt) codes(e *env, a *app.App) ([]string, []control.Overlap, error) {
	var codes []string
	for _, s := range c.Codes {
		codes = append(codes, strings.Split(s, ",")...)
	}
	if n := len(codes); n > 0 && c.All || n > 0 && len(c.Categories) > 0 || c.All && len(c.Categories) > 0 {
		return nil, nil, fault.New(fault.Invalid, "control.adopt_what")
	}
	if c.All || len(codes) > 0 {
		return codes, nil, nil
	}
	cats, err := framework.ParseCategories(c.Categories...)
	if err == nil && len(c.Categories) == 0 {
		cats, err = scope.CategoriesOf(a.Store.Live(e.ctx))
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := a.Controls.Propose(e.ctx, cats)
	return p.Codes(), p.Overlaps, err
}

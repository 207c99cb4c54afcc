package main

import (
	"bevis/internal/app"
	"bevis/internal/authz"
	"bevis/internal/readiness"
)

type taskCmd struct {
	List taskList `cmd:"" help:"List what is to be done: occurrences past due and those that fall due."`
}

type taskList struct {
	Window string `help:"Id or code of the window; the newest open one otherwise." placeholder:"WINDOW"`
	Owner  string `help:"E-mail of the account whose tasks are listed; everyone's otherwise." placeholder:"EMAIL"`
	Days   int    `help:"How many days ahead." default:"120"`
}

func (c *taskList) work(e *env, a *app.App) error {
	if _, err := a.Policy.Require(e.ctx, authz.EvidenceAdd); err != nil {
		return err
	}
	w, err := readiness.Choose(e.ctx, a.Windows, c.Window)
	if err != nil {
		return err
	}
	out := struct {
		Window string           `json:"window"`
		Tasks  []readiness.Task `json:"tasks"`
	}{Tasks: []readiness.Task{}}
	names, err := a.Accounts.Names(e.ctx)
	if err != nil {
		return err
	}
	if w != nil {
		owner := ""
		if c.Owner != "" {
			u, err := a.Accounts.ByEmail(e.ctx, c.Owner)
			if err != nil {
				return err
			}
			owner = u.ID.String()
		}
		o, err := a.Readiness.Overview(e.ctx, w)
		if err != nil {
			return err
		}
		out.Window, out.Tasks = w.Value.Code, o.Tasks(owner, c.Days)
	}
	return e.answer(out, func() {
		if len(out.Tasks) == 0 {
			e.line("%s", e.t("taskspage.none"))
			return
		}
		var rows [][]string
		for _, t := range out.Tasks {
			rows = append(rows, []string{string(t.Due), t.Control, t.Title.For(e.lang()), e.t("ui.status.occurrence." + string(t.State)), names[t.Owner]})
		}
		e.table([]string{e.t("taskspage.due"), e.t("taskspage.occurrence"), e.t("pack.title"), e.t("pack.status"), e.t("taskspage.owner")}, rows)
	})
}

package main

import (
	"fmt"

	"bevis/internal/app"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

type windowCmd struct {
	Open   windowOpen   `cmd:"" help:"Open a window."`
	Close  windowClose  `cmd:"" help:"Close a window: fix the state as of period end."`
	Seal   windowSeal   `cmd:"" help:"Seal a window; closes it first if needed."`
	Status windowStatus `cmd:"" help:"Expected occurrences: on time, late, missed."`
	List   windowList   `cmd:"" help:"List the windows, newest first."`
}

type windowView struct {
	Window     string      `json:"window"`
	Code       string      `json:"code"`
	Type       int         `json:"type"`
	FirstDay   scope.Day   `json:"first_day"`
	LastDay    scope.Day   `json:"last_day"`
	Zone       string      `json:"zone"`
	Categories []string    `json:"categories"`
	Status     string      `json:"status"`
	Sealed     *sealedView `json:"sealed,omitempty"`
}

type sealedView struct {
	Manifest     string `json:"manifest_sha256"`
	LedgerIndex  int64  `json:"ledger_index"`
	Checkpoint   string `json:"checkpoint"`
	Timestamp    string `json:"timestamp"`
	SecondPerson bool   `json:"second_person"`
}

func viewWindow(w register.Entry[window.Window]) windowView {
	v := windowView{Window: w.ID.String(), Code: w.Value.Code, Type: w.Value.Type, FirstDay: w.Value.From, LastDay: w.Value.Last, Zone: w.Value.Zone, Status: string(w.Value.Status), Categories: []string{}}
	for _, c := range w.Value.Categories {
		v.Categories = append(v.Categories, string(c))
	}
	return v
}

func (e *env) window(v windowView) error {
	return e.answer(v, func() {
		e.line("%s", e.t("cli.window", "Code", v.Code, "Status", e.t("ui.status.window."+v.Status)))
		e.line("%s", e.t("cli.period", "First", string(v.FirstDay), "Last", string(v.LastDay), "Zone", v.Zone))
	})
}

type windowOpen struct {
	Type       int      `required:"" help:"1 (design on one day) or 2 (operation throughout a period)."`
	From       string   `help:"Type 2: first day." placeholder:"DAY"`
	To         string   `help:"Type 2: the day after the last day." placeholder:"DAY"`
	AsOf       string   `help:"Type 1: the day." placeholder:"DAY"`
	Categories []string `help:"Categories: security, availability, processing_integrity, confidentiality, privacy." default:"security" placeholder:"CATEGORY"`
	Yes        bool     `help:"Do not ask."`
}

func (c *windowOpen) work(e *env, a *app.App) error {
	if to, err := scope.ParseDay(c.To); err == nil && c.Type == 2 && to.LastOfMonth() && !c.Yes {
		if !e.ask(e.t("cli.month_end", "Last", string(to.Add(-1)), "To", c.To)) {
			return answer(exitInput)
		}
	}
	w, err := a.Windows.OpenWindow(e.ctx, window.Plan{Type: c.Type, From: c.From, To: c.To, AsOf: c.AsOf, Categories: c.Categories})
	if err != nil {
		return err
	}
	return e.window(viewWindow(w))
}

type windowClose struct {
	Window string `arg:"" help:"Id or code of the window."`
}

func (c *windowClose) work(e *env, a *app.App) error {
	w, err := a.Windows.Close(e.ctx, c.Window)
	if err != nil {
		return err
	}
	return e.window(viewWindow(w))
}

type windowSeal struct {
	Window string `arg:"" help:"Id or code of the window."`
}

func (c *windowSeal) work(e *env, a *app.App) error {
	s, err := a.Seal(e.ctx, c.Window)
	if err != nil {
		return err
	}
	v := viewWindow(s.Window)
	seal := s.Window.Value.Seal
	v.Sealed = &sealedView{seal.Manifest, s.Window.Seq, s.Checkpoint, s.Timestamp, seal.SecondPerson}
	if s.StampError != nil {
		e.finish(s.StampError)
	}
	return e.answer(v, func() {
		e.line("%s", e.t("cli.window", "Code", v.Code, "Status", e.t("ui.status.window."+v.Status)))
		e.line("%s", e.t("cli.period", "First", string(v.FirstDay), "Last", string(v.LastDay), "Zone", v.Zone))
		e.line("%s", e.t("cli.sealed", "Index", v.Sealed.LedgerIndex, "Manifest", seal.Manifest))
		if !seal.SecondPerson {
			e.line("%s", e.t("cli.no_second"))
		}
		switch {
		case s.Timestamp != "":
			e.line("%s", e.t("cli.stamped", "Time", s.Timestamp))
		case s.StampError == nil:
			e.line("%s", e.t("cli.not_stamped"))
		}
	})
}

type windowStatus struct {
	Window string `arg:"" help:"Id or code of the window."`
}

func (c *windowStatus) work(e *env, a *app.App) error {
	w, err := a.Windows.Get(e.ctx, c.Window)
	if err != nil {
		return err
	}
	tallies, err := a.Windows.Status(e.ctx, &w)
	if err != nil {
		return err
	}
	if tallies == nil {
		tallies = []window.Tally{}
	}
	out := struct {
		windowView
		Controls []window.Tally `json:"controls"`
	}{viewWindow(w), tallies}
	return e.answer(out, func() {
		if err := e.window(out.windowView); err != nil {
			fmt.Fprintln(e.errw, err)
		}
		var rows [][]string
		for _, t := range tallies {
			rows = append(rows, []string{t.Control, e.t("frequency." + t.Frequency), fmt.Sprint(t.Expected), fmt.Sprint(t.OnTime), fmt.Sprint(t.Late), fmt.Sprint(t.Missed), fmt.Sprint(t.Open), fmt.Sprint(t.Evidence)})
		}
		e.table([]string{e.t("pack.control"), e.t("pack.frequency"), e.t("pack.expected"), e.t("ui.status.occurrence.on_time"), e.t("ui.status.occurrence.late"), e.t("ui.status.occurrence.missed"), e.t("ui.status.occurrence.due"), e.t("pack.evidence")}, rows)
	})
}

type windowList struct{}

func (windowList) work(e *env, a *app.App) error {
	all, err := a.Windows.List(e.ctx)
	if err != nil {
		return err
	}
	out := []windowView{}
	for _, w := range all {
		out = append(out, viewWindow(w))
	}
	return e.answer(map[string]any{"windows": out}, func() {
		var rows [][]string
		for _, w := range out {
			rows = append(rows, []string{w.Code, fmt.Sprint(w.Type), string(w.FirstDay), string(w.LastDay), e.t("ui.status.window." + w.Status)})
		}
		e.table([]string{e.t("pack.period"), "Type", e.t("cli.first_day"), e.t("cli.last_day"), e.t("pack.status")}, rows)
	})
}

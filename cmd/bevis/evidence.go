package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bevis/internal/app"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
)

type evidenceCmd struct {
	Add  evidenceAdd  `cmd:"" help:"Add an item of evidence."`
	List evidenceList `cmd:"" help:"List the evidence, newest first."`
	Show evidenceShow `cmd:"" help:"Show an item with its form checks."`
}

type evidenceAdd struct {
	Files        []string `arg:"" name:"file" help:"Files of the item."`
	Type         string   `required:"" help:"access_log, policy_acknowledgement, change_record, incident_report, training_record, backup_restore, vendor_due_diligence, system_monitoring or document." placeholder:"TYPE"`
	OccurredFrom string   `required:"" help:"When what it shows began: a day, or a time with zone." placeholder:"TIME"`
	OccurredTo   string   `help:"When it ended; a day means the whole day. Left out: the same as its beginning." placeholder:"TIME"`
	CapturedAt   string   `help:"When it was captured at the source." placeholder:"TIME"`
	System       string   `help:"System it comes from."`
	Locator      string   `help:"Where in the system anyone finds it again."`
	Method       string   `help:"api, export, attested, screenshot or upload." default:"upload"`
	Query        string   `help:"Query and parameters, for a list."`
	PerformedBy  string   `help:"Who performed the control: e-mail of an account, or a name." placeholder:"WHO"`
	Control      []string `required:"" help:"Codes of the controls it supports." placeholder:"CODE"`
	Title        string   `help:"What it shows; default is the name of the first file."`
	Slot         string   `help:"Due day of the occurrence it performs." placeholder:"DAY"`
	Supersedes   string   `help:"Code of the item it stands for." placeholder:"CODE"`
}

type evidenceView struct {
	ID          string          `json:"id"`
	Code        string          `json:"code"`
	Title       string          `json:"title"`
	Type        string          `json:"type"`
	Status      string          `json:"status"`
	Controls    []string        `json:"controls"`
	From        string          `json:"occurred_from"`
	To          string          `json:"occurred_to"`
	PerformedBy string          `json:"performed_by"`
	SHA256      string          `json:"sha256"`
	Files       []evidence.File `json:"files"`
	LedgerIndex int64           `json:"ledger_index"`
	Traits      evidence.Traits `json:"traits"`
}

func (c *evidenceAdd) work(e *env, a *app.App) error {
	u := evidence.Upload{
		Title: c.Title, Type: evidence.Type(c.Type), OccurredFrom: c.OccurredFrom, OccurredTo: c.OccurredTo, CapturedAt: c.CapturedAt, Slot: c.Slot,
		Source:     evidence.Source{System: c.System, Locator: c.Locator, Method: evidence.Method(c.Method), Query: c.Query},
		Supersedes: c.Supersedes, PerformedBy: c.PerformedBy,
	}
	for _, s := range c.Control {
		for code := range strings.SplitSeq(s, ",") {
			if code = strings.TrimSpace(code); code != "" {
				u.Controls = append(u.Controls, code)
			}
		}
	}
	if acc, err := a.Accounts.ByEmail(e.ctx, c.PerformedBy); err == nil {
		u.PerformedBy = acc.ID.String()
	}
	for _, name := range c.Files {
		f, err := e.keep(a, name)
		if err != nil {
			return err
		}
		u.Files = append(u.Files, f)
	}
	x, err := a.Evidence.Add(e.ctx, u)
	if err != nil {
		return err
	}
	v, err := e.evidenceView(a, x)
	if err != nil {
		return err
	}
	return e.answer(v, func() {
		e.line("%s", e.t("cli.evidence_added", "Code", v.Code, "Index", v.LedgerIndex, "SHA256", v.SHA256))
		e.traits(v.Traits)
	})
}

// keep stores a file's bytes.
func (e *env) keep(a *app.App, name string) (evidence.File, error) {
	f, err := os.Open(e.path(name))
	if err != nil {
		return evidence.File{}, fault.Wrap(err, fault.Invalid, "cli.file", "File", name)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return evidence.File{}, fault.Wrap(err, fault.Invalid, "cli.file", "File", name)
	}
	return a.Evidence.Keep(e.ctx, filepath.Base(name), f)
}

func (e *env) traits(t evidence.Traits) {
	for _, n := range t.Named() {
		e.line("  %-24s %s", e.t("trait.name."+n.Name), e.t("trait.verdict."+string(n.Verdict)))
		for _, code := range n.Codes {
			e.line("    %s", e.t("trait."+code))
		}
	}
}

// evidenceView judges an item and shows it.
func (e *env) evidenceView(a *app.App, x register.Entry[evidence.Evidence]) (evidenceView, error) {
	v := evidenceView{
		ID: x.ID.String(), Code: x.Value.Code, Title: x.Value.Title, Type: string(x.Value.Type), Status: string(x.Value.Status), Controls: []string{},
		From: x.Value.OccurredFrom, To: x.Value.OccurredTo, PerformedBy: x.Value.PerformedBy, Files: x.Value.Files, LedgerIndex: x.Seq,
	}
	if len(v.Files) > 0 {
		v.SHA256 = v.Files[0].SHA256
	}
	r := a.Store.Live(e.ctx)
	out, err := register.Out(r, x.ID.String(), register.Supports)
	if err != nil {
		return v, err
	}
	for _, l := range out {
		v.Controls = append(v.Controls, l.Code)
	}
	org, err := scope.Current(r)
	if err != nil {
		return v, err
	}
	cal, err := scope.NewCalendar(org.Value.Zone)
	if err != nil {
		return v, err
	}
	names, err := a.Accounts.Names(e.ctx)
	if err != nil {
		return v, err
	}
	facts, err := evidence.Gather(r, x, cal, org.Value.Categories, evidence.Known(names), func(f evidence.File) bool {
		ref, err := a.Blobs.Stat(e.ctx, f.SHA256)
		return err == nil && ref.Size == f.Size
	})
	if err != nil {
		return v, err
	}
	v.Traits = evidence.Judge(&x.Value, facts)
	return v, nil
}

type evidenceList struct {
	Status  string `help:"Only items with this status."`
	Control string `help:"Only items that support this control." placeholder:"CODE"`
	Limit   int    `help:"At most so many." default:"100"`
}

func (c *evidenceList) work(e *env, a *app.App) error {
	rows, err := a.Evidence.List(e.ctx, register.Query{Status: c.Status})
	if err != nil {
		return err
	}
	if c.Control != "" {
		ctl, err := a.Controls.ByCode(e.ctx, c.Control)
		if err != nil {
			return err
		}
		in, err := register.In(a.Store.Live(e.ctx), ctl.ID.String(), register.Supports)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r register.Row) bool {
			return !slices.ContainsFunc(in, func(l register.Linked) bool { return l.ID == r.ID })
		})
	}
	if c.Limit > 0 && len(rows) > c.Limit {
		rows = rows[:c.Limit]
	}
	type row struct {
		ID     string `json:"id"`
		Code   string `json:"code"`
		Title  string `json:"title"`
		Status string `json:"status"`
		From   string `json:"occurred_from"`
		To     string `json:"occurred_to"`
		Seq    int64  `json:"ledger_index"`
	}
	out := []row{}
	for _, r := range rows {
		out = append(out, row{r.ID, r.Code, r.Title, r.Status, r.From.Format("2006-01-02T15:04:05Z"), r.To.Format("2006-01-02T15:04:05Z"), r.Seq})
	}
	return e.answer(map[string]any{"evidence": out}, func() {
		var t [][]string
		for _, r := range out {
			t = append(t, []string{r.Code, r.From[:10], r.Title, e.t("ui.status.evidence." + r.Status)})
		}
		e.table([]string{e.t("pack.item"), e.t("pack.occurred"), e.t("pack.title"), e.t("pack.status")}, t)
	})
}

type evidenceShow struct {
	Code string `arg:"" help:"Code, for example E-1042."`
}

func (c *evidenceShow) work(e *env, a *app.App) error {
	x, err := a.Evidence.Get(e.ctx, c.Code)
	if err != nil {
		return err
	}
	v, err := e.evidenceView(a, x)
	if err != nil {
		return err
	}
	return e.answer(v, func() {
		e.line("%s  %s", v.Code, v.Title)
		e.line("%s  %s  %s", e.t("evidence.type."+v.Type), e.t("ui.status.evidence."+v.Status), strings.Join(v.Controls, ", "))
		e.line("%s – %s", v.From, v.To)
		for _, f := range v.Files {
			e.line("%s  %s", f.SHA256, f.Name)
		}
		e.traits(v.Traits)
	})
}

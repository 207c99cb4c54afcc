package main

import (
	"sort"
	"strings"
	"time"

	"bevis/internal/app"
	"bevis/internal/check"
	"bevis/internal/collect/git"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/scope"
)

type collectCmd struct {
	Git collectGit `cmd:"" help:"Changes from a git repository or bundle."`
}

type span struct {
	From string `required:"" help:"First day, or a time with zone." placeholder:"TIME"`
	To   string `required:"" help:"End, not included: a day, or a time with zone." placeholder:"TIME"`
}

// parse gives the span's instants and says the days in words for people.
func (s span) parse(e *env, a *app.App) (from, to time.Time, said string, err error) {
	cal, err := scope.CalendarOf(a.Store.Live(e.ctx))
	if err != nil {
		return from, to, "", err
	}
	at := func(text string) (time.Time, error) {
		i, err := cal.Parse(text, "")
		return i.From, err
	}
	if from, err = at(s.From); err != nil {
		return from, to, "", err
	}
	if to, err = at(s.To); err != nil {
		return from, to, "", err
	}
	if !from.Before(to) {
		return from, to, "", fault.New(fault.Invalid, "window.order", "From", s.From, "To", s.To)
	}
	return from, to, e.t("cli.period", "First", string(cal.Day(from)), "Last", string(cal.Day(to.Add(-time.Microsecond))), "Zone", cal.Zone().String()), nil
}

type collectGit struct {
	Repo       string `required:"" help:"Work tree, bare repository or bundle." placeholder:"PATH"`
	Branch     string `help:"Branch, tag or commit; default is the branch HEAD points at." placeholder:"REV"`
	Name       string `help:"Name of the repository in the rows; default is the base name of PATH."`
	Reviewers  string `help:"How reviewers are written: gerrit, kafka, ack, or a regular expression." default:"gerrit"`
	Identities string `help:"File of user names and the people behind them." placeholder:"FILE"`
	span
}

type datasetView struct {
	ID         string               `json:"id"`
	Code       string               `json:"code"`
	Name       string               `json:"name"`
	Entity     string               `json:"entity"`
	Items      int                  `json:"items"`
	SHA256     string               `json:"sha256"`
	FileSHA256 string               `json:"file_sha256"`
	Complete   bool                 `json:"complete"`
	Reasons    []string             `json:"reasons"`
	Statement  population.Statement `json:"statement"`
}

func viewDataset(id string, d *population.Record) datasetView {
	return datasetView{
		ID: id, Code: d.Code, Name: d.Name, Entity: d.Entity, Items: d.Items, SHA256: d.SHA256, FileSHA256: d.File.SHA256,
		Complete: d.Statement.Complete, Reasons: list(d.Statement.Reasons), Statement: d.Statement,
	}
}

func (c *collectGit) work(e *env, a *app.App) error {
	from, to, said, err := c.parse(e, a)
	if err != nil {
		return err
	}
	got, err := a.Collect.Git(e.ctx, git.Options{Repo: e.path(c.Repo), Branch: c.Branch, Name: c.Name, Reviewers: c.Reviewers, Identities: e.path(c.Identities), From: from, To: to})
	if err != nil {
		return err
	}
	out := struct {
		Run      string        `json:"run"`
		Datasets []datasetView `json:"datasets"`
		Evidence string        `json:"evidence"`
	}{Run: got.Run.ID.String(), Datasets: []datasetView{viewDataset(got.Dataset.ID.String(), &got.Dataset.Value)}}
	if got.Evidence != nil {
		out.Evidence = got.Evidence.Value.Code
	}
	return e.answer(out, func() {
		d := out.Datasets[0]
		e.line("%s", e.t("cli.collected", "Code", d.Code, "Items", d.Items, "Name", d.Name, "SHA256", d.SHA256))
		e.line("%s", said)
		if d.Complete {
			e.line("%s", e.t("cli.complete"))
		} else {
			e.line("%s", e.t("cli.incomplete", "Reasons", strings.Join(d.Reasons, ", ")))
		}
	})
}

type populationCmd struct {
	List   populationList   `cmd:"" help:"List the datasets, newest first."`
	Freeze populationFreeze `cmd:"" help:"Fix a dataset's items up to and including a day."`
}

type populationList struct{}

func (populationList) work(e *env, a *app.App) error {
	all, err := a.Populations.List(e.ctx)
	if err != nil {
		return err
	}
	out := []datasetView{}
	for _, d := range all {
		out = append(out, viewDataset(d.ID.String(), &d.Value))
	}
	return e.answer(map[string]any{"datasets": out}, func() {
		for _, d := range out {
			e.line("%s", e.t("cli.collected", "Code", d.Code, "Items", d.Items, "Name", d.Name, "SHA256", d.SHA256))
		}
	})
}

type populationFreeze struct {
	Dataset string `arg:"" help:"Id or code of the dataset."`
	Until   string `required:"" help:"Last day that is in." placeholder:"DAY"`
}

func (c *populationFreeze) work(e *env, a *app.App) error {
	f, err := a.Populations.Freeze(e.ctx, c.Dataset, c.Until)
	if err != nil {
		return err
	}
	out := map[string]any{"freeze": f.ID, "dataset": f.Value.Dataset, "until": f.Value.Until, "items": f.Value.Items, "sha256": f.Value.SHA256, "ledger_index": f.Seq}
	return e.answer(out, func() {
		e.line("%s", e.t("cli.frozen", "Code", c.Dataset, "Until", string(f.Value.Until), "Items", f.Value.Items, "SHA256", f.Value.SHA256))
	})
}

type checkCmd struct {
	List checkList `cmd:"" help:"List the checks (no workspace needed)."`
	Run  checkRun  `cmd:"" help:"Test every item of a population."`
}

type checkList struct{}

func (checkList) run(e *env) error {
	all, err := check.Catalogue()
	if err != nil {
		return err
	}
	type row struct {
		ID       string   `json:"id"`
		Version  int      `json:"version"`
		Title    string   `json:"title"`
		Criteria []string `json:"criteria"`
		Schema   string   `json:"schema"`
		SHA256   string   `json:"sha256"`
	}
	out := []row{}
	for _, c := range all {
		out = append(out, row{c.ID, c.Version, pickText(e, c.Title), list(c.Criteria), c.Schema, c.SHA256})
	}
	return e.answer(map[string]any{"checks": out}, func() {
		var rows [][]string
		for _, c := range out {
			rows = append(rows, []string{c.ID, c.Title, strings.Join(c.Criteria, " ")})
		}
		e.table([]string{"ID", e.t("pack.title"), e.t("pack.criteria")}, rows)
	})
}

type checkRun struct {
	ID string `arg:"" help:"Id of the check."`
	span
	Dataset  string   `help:"Id or code of the dataset; default is the newest complete one that covers the window."`
	Source   string   `help:"Name of the source, when several qualify." placeholder:"NAME"`
	AllItems bool     `help:"List every item, not only what is not in order."`
	FailOn   []string `help:"Exit 1 on deviation, 3 on not_determinable." placeholder:"WHAT"`
}

func (c *checkRun) work(e *env, a *app.App) error {
	from, to, said, err := c.parse(e, a)
	if err != nil {
		return err
	}
	entry, res, err := a.Checks.Test(e.ctx, check.Request{Check: c.ID, From: from, To: to, Dataset: c.Dataset, Source: c.Source})
	if err != nil {
		return err
	}
	if !c.AllItems {
		kept := []check.Item{}
		for _, i := range res.Items {
			if i.Status == check.ItemDeviation || i.Status == check.ItemNotDeterminable {
				kept = append(kept, i)
			}
		}
		res.Items = kept
	}
	res.Explanation = res.Explain(e.ctx)
	type found = check.Result
	out := struct {
		Code string `json:"result"`
		*found
	}{entry.Value.Code, res}
	err = e.answer(out, func() {
		e.line("%s", e.t("cli.checked", "Check", res.Check, "Version", res.Version, "Status", e.t("ui.status.check."+string(res.Status)), "Items", res.Population.Items, "Passed", res.Passed, "Deviations", res.Deviations, "Undetermined", res.NotDeterminable))
		e.line("%s", said)
		e.line("%s", res.Explanation)
		sort.SliceStable(res.Items, func(i, j int) bool { return res.Items[i].OccurredAt < res.Items[j].OccurredAt })
		for _, i := range res.Items {
			e.line("  %s  %s  %s", i.Item, i.OccurredAt, i.Reason)
		}
	})
	if err != nil {
		return err
	}
	return failOn(c.FailOn, res.Deviations > 0, res.Status == check.StatusNotDeterminable || res.NotDeterminable > 0)
}

// failOn turns findings into an exit status for scripts that ask for one.
func failOn(what []string, deviation, undetermined bool) error {
	for _, w := range what {
		for one := range strings.SplitSeq(w, ",") {
			switch {
			case one == "deviation" && deviation:
				return answer(exitNo)
			case one == "not_determinable" && undetermined:
				return answer(exitUndetermined)
			}
		}
	}
	return nil
}

// pickText is a catalogue text in the reader's language.
func pickText(e *env, t population.Text) string {
	if e.lang() == i18n.Swedish {
		return t.Swedish
	}
	return t.English
}

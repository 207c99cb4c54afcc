package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"bevis/internal/app"
	"bevis/internal/coverage"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/scope"
)

type frameworkOwn struct {
	ID string `arg:"" optional:"" help:"Id of an imported framework; none lists them."`
}

func (c *frameworkOwn) work(e *env, a *app.App) error {
	v, err := a.Coverage.View(e.ctx, "")
	if err != nil {
		return err
	}
	if c.ID != "" {
		f, err := v.Framework(c.ID)
		if err != nil {
			return err
		}
		return e.reference(f)
	}
	out := []framework.Summary{}
	for _, f := range v.Frameworks {
		if f.Own() {
			out = append(out, f.Summary(e.lang()))
		}
	}
	return e.answer(map[string]any{"frameworks": out}, func() {
		var rows [][]string
		for _, s := range out {
			rows = append(rows, []string{s.ID, s.Version, e.t("framework.cli.refs", "Count", s.Refs), s.Title})
		}
		e.table([]string{"ID", e.t("cli.version"), e.t("framework.cli.holds"), e.t("pack.title")}, rows)
	})
}

type frameworkImport struct {
	File    string `arg:"" help:"File: .yaml, .csv, or .json for an OSCAL catalogue."`
	ID      string `name:"id" help:"Id of the framework; left out, the file's own or its name." placeholder:"ID"`
	Title   string `help:"Title; needed for CSV." placeholder:"TITLE"`
	Version string `help:"Version of the framework." placeholder:"VERSION"`
	DryRun  bool   `help:"Check the file and store nothing."`
}

// Help shows the files that can be imported.
func (*frameworkImport) Help() string {
	return `YAML:

    id: customer-rules
    version: "2026"
    title: Rules of a customer
    refs:
      - ref: R.1
        group: Access
        title: Accounts end with the job
        criteria:
          - {id: CC6.2, relation: superset, rationale: Removal is part of it}

title and rationale may be {en: ..., sv: ...}. relation is read from the criterion: equal, superset (it asks for more), subset (it asks for less), intersects.

CSV has the columns ref,group,title,criteria,relation,rationale; several criteria of one reference stand in one cell with semicolons between them, with one relation for all or one for each. Of an OSCAL catalogue in JSON, groups and controls are read, each with its id and title.

A file is imported whole or not at all: at most 10 MB and 20,000 references.`
}

// importProblem is one thing that is wrong with a file.
type importProblem struct {
	File    string `json:"file"`
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Key     string `json:"key"`
	Message string `json:"message"`
}

func (c *frameworkImport) work(e *env, a *app.App) error {
	raw, err := readUpTo(e.path(c.File), framework.MaxOwnBytes+1)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "cli.file", "File", c.File)
	}
	done, err := a.Coverage.Import(e.ctx, c.File, raw, framework.Source{ID: c.ID, Title: c.Title, Version: c.Version}, c.DryRun)
	if problems, ok := errors.AsType[framework.Problems](err); ok {
		return e.importProblems(problems)
	}
	if err != nil {
		return err
	}
	f := done.Framework
	out := map[string]any{
		"framework": f.ID, "version": f.Version, "title": f.Title.For(e.lang()), "refs": len(f.Refs), "rows": len(f.Rows),
		"skipped": done.Skipped, "stored": !c.DryRun && !done.Same, "entry_version": done.Version, "problems": []importProblem{},
	}
	return e.answer(out, func() {
		switch {
		case c.DryRun:
			e.line("%s", e.t("framework.import.dry", "ID", f.ID, "Refs", len(f.Refs), "Rows", len(f.Rows)))
		case done.Same:
			e.line("%s", e.t("framework.import.same", "ID", f.ID))
		default:
			e.line("%s", e.t("framework.import.done", "ID", f.ID, "Refs", len(f.Refs), "Rows", len(f.Rows), "Entry", done.Version))
		}
		if done.Skipped > 0 {
			e.line("%s", e.t("framework.import.skipped", "Count", done.Skipped))
		}
	})
}

// importProblems tells everything that is wrong, and that nothing was stored.
func (e *env) importProblems(problems framework.Problems) error {
	out := make([]importProblem, 0, len(problems))
	for _, x := range problems {
		p := importProblem{Key: x.Key, Message: i18n.Fault(e.ctx, x, "")}
		for i := 0; i+1 < len(x.Args); i += 2 {
			switch v := x.Args[i+1].(type) {
			case int:
				if x.Args[i] == "Row" {
					p.Row = v
				}
			case string:
				switch x.Args[i] {
				case "File":
					p.File = v
				case "Column":
					p.Column = v
				}
			}
		}
		out = append(out, p)
	}
	if e.cli.JSON {
		if err := e.json(e.out, map[string]any{"stored": false, "problems": out}); err != nil {
			return err
		}
		return problems
	}
	for _, p := range out {
		if _, err := io.WriteString(e.errw, "bevis: "+p.Message+"\n"); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(e.errw, "bevis: "+e.t("framework.import.refused", "Count", len(out))+"\n"); err != nil {
		return err
	}
	return answer(exitInput)
}

// readUpTo reads a file, but no more than most bytes of it.
func readUpTo(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, most))
	return raw, errors.Join(err, f.Close())
}

type frameworkStatement struct {
	Out    string `required:"" help:"File to write: its ending says which kind, .xlsx or .pdf." placeholder:"FILE"`
	Window string `help:"Id or code of the window; left out, the newest open one." placeholder:"WINDOW"`
}

func (c *frameworkStatement) work(e *env, a *app.App) error {
	ext := strings.ToLower(filepath.Ext(c.Out))
	if ext != ".xlsx" && ext != ".pdf" {
		return fault.New(fault.Invalid, "statement.format", "File", c.Out)
	}
	v, err := a.Coverage.View(e.ctx, c.Window)
	if err != nil {
		return err
	}
	s, err := a.Coverage.Statement(e.ctx, v)
	if err != nil {
		return err
	}
	names, err := a.Accounts.Names(e.ctx)
	if err != nil {
		return err
	}
	org, err := scope.Current(a.Store.Live(e.ctx))
	if err != nil {
		return err
	}
	var b bytes.Buffer
	d := s.Document(e.lang(), org.Value.Name, names, a.Store.Now())
	if ext == ".xlsx" {
		err = d.XLSX(&b)
	} else {
		err = d.PDF(&b)
	}
	if err != nil {
		return err
	}
	if err := putFile(e.path(c.Out), b.Bytes()); err != nil {
		return fault.Wrap(err, fault.Unavailable, "statement.write", "File", c.Out)
	}
	out := map[string]any{"file": c.Out, "framework": coverage.StatementFramework, "lines": len(s.Lines), "undecided": s.Undecided}
	return e.answer(out, func() {
		e.line("%s", e.t("statement.written", "File", c.Out, "Count", len(s.Lines), "Undecided", strconv.Itoa(s.Undecided)))
	})
}

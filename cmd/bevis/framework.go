package main

import (
	"bevis/internal/framework"
)

type frameworkCmd struct {
	List frameworkList `cmd:"" help:"List the criteria sets and frameworks."`
	Show frameworkShow `cmd:"" help:"Show the criteria of a set, or the references of a framework and the criteria that reach them."`

	Own       frameworkOwn       `cmd:"" help:"List the frameworks that the organisation imported, or show one."`
	Import    frameworkImport    `cmd:"" help:"Import a framework from YAML, CSV or an OSCAL catalogue."`
	Statement frameworkStatement `cmd:"" help:"Write the ISO 27001 statement of applicability as XLSX or PDF."`
}

type frameworkList struct{}

func (frameworkList) run(e *env) error {
	sets, err := framework.All()
	if err != nil {
		return err
	}
	refs, err := framework.References()
	if err != nil {
		return err
	}
	out := []framework.Summary{}
	for _, s := range sets {
		out = append(out, s.Summary(e.lang()))
	}
	for _, f := range refs {
		out = append(out, f.Summary(e.lang()))
	}
	return e.answer(map[string]any{"frameworks": out}, func() {
		var rows [][]string
		for _, s := range out {
			what := e.t("framework.cli.criteria", "Count", s.Criteria)
			if s.Kind != framework.KindCriteria {
				what = e.t("framework.cli.refs", "Count", s.Refs)
			}
			rows = append(rows, []string{s.ID, s.Version, what, s.Title})
		}
		e.table([]string{"ID", e.t("cli.version"), e.t("framework.cli.holds"), e.t("pack.title")}, rows)
	})
}

type frameworkShow struct {
	ID string `arg:"" help:"Id of a set or framework, for example tsc-2017 or iso27001-2022."`
}

func (c *frameworkShow) run(e *env) error {
	if c.ID != framework.TSC2017ID {
		f, err := framework.ReferenceByID(c.ID)
		if err != nil {
			return err
		}
		return e.reference(f)
	}
	set, err := framework.ByID(c.ID)
	if err != nil {
		return err
	}
	v := set.View(e.lang(), set.Criteria)
	return e.answer(v, func() {
		for _, cr := range v.Criteria {
			e.line("%-6s %s", cr.ID, cr.Title)
			e.line("       %s", cr.Paraphrase)
			for _, p := range cr.PointsOfFocus {
				e.line("         %s  %s", p.ID, p.Label)
			}
		}
	})
}

// reference shows a framework and how criteria reach it.
func (e *env) reference(f *framework.Reference) error {
	v := f.View(e.lang())
	return e.answer(v, func() {
		e.line("%s, %s", v.Title, v.Version)
		if v.Note != "" {
			e.line("%s", v.Note)
		}
		group := ""
		for _, r := range v.Refs {
			if r.Group != group {
				group = r.Group
				e.line("")
				e.line("%s", f.Group(group).Title.For(e.lang()))
			}
			e.line("  %s  %s", r.ID, r.Title)
			for _, m := range r.Criteria {
				why := ""
				if m.Rationale != "" {
					why = ": " + m.Rationale
				}
				e.line("      %-6s %s%s", m.ID, e.t("framework.relation."+string(m.Relation)), why)
			}
		}
	})
}

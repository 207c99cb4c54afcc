package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"time"

	"bevis/internal/app"
	"bevis/internal/document"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/scope"
)

type policyShow struct {
	ID  string   `arg:"" help:"Id of a template (no workspace needed), or code of a policy of the workspace."`
	On  string   `help:"The edition in force on this day, instead of the newest." placeholder:"DAY"`
	Set []string `help:"A value of a template, to see how it would read." placeholder:"NAME=VALUE" sep:"none"`
	Out string   `help:"Write the text to a file: .md or .pdf." type:"path" placeholder:"FILE"`
}

// alone: a template is shown without a workspace.
func (c *policyShow) alone() bool {
	_, err := policy.FindTemplate(c.ID)
	return err == nil
}

func (c *policyShow) run(e *env) error {
	t, err := policy.FindTemplate(c.ID)
	if err != nil {
		return err
	}
	set, err := values(c.Set)
	if err != nil {
		return err
	}
	for name := range set {
		if !t.Knows(name) {
			return fault.New(fault.Invalid, "policy.no_param", "Name", name)
		}
	}
	return c.answer(e, templateView(&t, e.lang(), set), time.Time{})
}

func (c *policyShow) work(e *env, a *app.App) error {
	if len(c.Set) > 0 {
		return fault.New(fault.Invalid, "policiespage.set_template")
	}
	var x policy.Entry
	var err error
	if c.On != "" {
		day, derr := scope.ParseDay(c.On)
		if derr != nil {
			return derr
		}
		x, err = a.Policies.InForce(e.ctx, c.ID, day)
	} else {
		x, err = a.Policies.ByCode(e.ctx, c.ID)
	}
	if err != nil {
		return err
	}
	v, err := e.policyView(a, x)
	if err != nil {
		return err
	}
	v.Text = x.Value.Text(i18n.Lang(v.Lang))
	return c.answer(e, v, x.At)
}

// answer shows the text, or writes it to a file.
func (c *policyShow) answer(e *env, v policyView, at time.Time) error {
	if c.Out == "" {
		return e.answer(map[string]any{"policies": []policyView{v}}, func() {
			e.line("# %s\n", v.Title)
			e.line("%s", v.Text)
		})
	}
	content, err := carry(&v, filepath.Ext(c.Out), at)
	if err != nil {
		return err
	}
	if err := putFile(e.path(c.Out), content); err != nil {
		return fault.Wrap(err, fault.Unavailable, "policiespage.write", "File", c.Out)
	}
	return e.answer(map[string]any{"file": c.Out, "policies": []policyView{v}}, func() { e.line("%s", e.t("policiespage.written", "File", c.Out)) })
}

// carry makes the file of an ending.
func carry(v *policyView, ending string, at time.Time) ([]byte, error) {
	switch strings.ToLower(ending) {
	case ".md":
		return []byte("# " + v.Title + "\n\n" + v.Text + "\n"), nil
	case ".pdf":
		d := policy.Parts(v.Text)
		doc := document.Document{Title: v.Title, Subtitle: v.Code, Lang: i18n.Lang(v.Lang), At: at}
		if v.Status != "" {
			doc.Notes = []string{i18n.In(doc.Lang, "policiespage.status."+v.Status) + " (" + i18n.In(doc.Lang, "policiespage.edition_n", "Edition", v.Edition) + ")"}
		}
		for _, p := range d {
			doc.Parts = append(doc.Parts, document.Part{Title: p.Title, Text: p.Blocks})
		}
		var b bytes.Buffer
		err := doc.PDF(&b)
		return b.Bytes(), err
	}
	return nil, fault.New(fault.Invalid, "policiespage.ending", "File", ending)
}

package main

import (
	"maps"
	"strconv"
	"strings"

	"bevis/internal/app"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/policy"
)

type policyCmd struct {
	Library policyLibrary `cmd:"" help:"List the policy templates (no workspace needed)."`
	List    policyList    `cmd:"" help:"List the workspace's policies."`
	Show    policyShow    `cmd:"" help:"Show a policy of the workspace, or a template by its id."`
	Adopt   policyAdopt   `cmd:"" help:"Make drafts of templates."`
	Change  policyChange  `cmd:"" help:"Store other words: a draft, of the next edition when one is published."`
	Send    policySend    `cmd:"" help:"Send an edition for review; one in force is sent as its next edition with the same words."`
	Return  policyReturn  `cmd:"" help:"Send an edition back to its authors."`
	Approve policyApprove `cmd:"" help:"Approve an edition that you wrote nothing of; needs --as."`
	Publish policyPublish `cmd:"" help:"Let the approved edition bind from a day."`
	Retire  policyRetire  `cmd:"" help:"End a policy."`
	History policyHistory `cmd:"" help:"Every version: who, when, why."`
}

type policyView struct {
	Code          string            `json:"code"`
	ID            string            `json:"id,omitempty"`
	Template      string            `json:"template"`
	Title         string            `json:"title"`
	Lang          string            `json:"lang"`
	Languages     []string          `json:"languages"`
	Audience      string            `json:"audience"`
	Owner         string            `json:"owner"`
	Status        string            `json:"status,omitempty"`
	Edition       int               `json:"edition,omitempty"`
	EffectiveFrom string            `json:"effective_from"`
	EffectiveTo   string            `json:"effective_to"`
	NextReview    string            `json:"next_review"`
	ReviewMonths  int               `json:"review_months"`
	Controls      []string          `json:"controls"`
	Criteria      []string          `json:"criteria"`
	Values        map[string]string `json:"values"`
	Approvals     []approvalView    `json:"approvals"`
	Published     []publishedView   `json:"published"`
	Text          string            `json:"text,omitempty"`
	Version       int64             `json:"version,omitempty"`
	LedgerIndex   int64             `json:"ledger_index,omitempty"`
	At            string            `json:"at,omitempty"`
	By            string            `json:"by,omitempty"`
	Reason        string            `json:"reason,omitempty"`
}

type approvalView struct {
	By      string `json:"by"`
	At      string `json:"at"`
	Version int64  `json:"version"`
	SHA256  string `json:"sha256"`
}

type publishedView struct {
	Edition int    `json:"edition"`
	From    string `json:"from"`
	By      string `json:"by"`
	At      string `json:"at"`
}

// templateView is a template as a policy that nobody has adopted; its values are
// filled in, what follows from a workspace is not.
func templateView(t *policy.Template, lang i18n.Lang, values map[string]string) policyView {
	v := policyView{
		Code: t.Code(), Template: t.ID, Title: t.Title.In(lang), Lang: string(lang), Languages: []string{"en", "sv"}, Audience: string(t.Audience),
		ReviewMonths: t.ReviewMonths, Controls: list(t.Controls), Criteria: list(t.Criteria), Values: map[string]string{},
		Approvals: []approvalView{}, Published: []publishedView{}, Text: t.Text(lang, values),
	}
	for _, p := range t.Params {
		v.Values[p.Name] = p.Default.In(lang)
	}
	maps.Copy(v.Values, values)
	return v
}

// policyView is a version of a policy, without its text.
func (e *env) policyView(a *app.App, x policy.Entry) (policyView, error) {
	p := &x.Value
	lang := p.Lang(e.lang())
	codes, err := a.Policies.ControlCodes(e.ctx, p)
	if err != nil {
		return policyView{}, err
	}
	v := policyView{
		Code: p.Code, ID: x.ID.String(), Template: p.Template, Title: p.Heading(lang), Lang: string(lang), Languages: []string{}, Audience: string(p.Audience), Owner: p.Owner,
		Status: string(p.Status), Edition: p.Edition, EffectiveFrom: string(p.EffectiveFrom), EffectiveTo: string(p.EffectiveTo), NextReview: string(p.NextReview),
		ReviewMonths: p.ReviewMonths, Controls: list(codes), Criteria: list(p.Criteria), Values: map[string]string{}, Approvals: []approvalView{}, Published: []publishedView{},
		Version: x.Version, LedgerIndex: x.Seq, At: x.At.Format("2006-01-02T15:04:05Z07:00"), By: x.Actor, Reason: x.Reason,
	}
	for _, l := range p.Langs() {
		v.Languages = append(v.Languages, string(l))
	}
	for _, y := range p.Params {
		v.Values[y.Name] = y.Value.In(lang)
	}
	for _, y := range p.Approvals {
		v.Approvals = append(v.Approvals, approvalView{y.By, y.At, y.Version, y.SHA256})
	}
	for _, y := range p.Published {
		v.Published = append(v.Published, publishedView{y.Edition, string(y.From), y.By, y.At})
	}
	return v, nil
}

// policies answers a list.
func (e *env) policies(out []policyView) error {
	return e.answer(map[string]any{"policies": out}, func() {
		rows := make([][]string, 0, len(out))
		for i := range out {
			v := &out[i]
			status := ""
			if v.Status != "" {
				status = e.t("policiespage.status."+v.Status) + " (" + strconv.Itoa(v.Edition) + ")"
			}
			rows = append(rows, []string{v.Code, status, v.EffectiveFrom, v.NextReview, v.Title})
		}
		e.table([]string{e.t("policiespage.code"), e.t("policiespage.state_edition"), e.t("policiespage.from"), e.t("policiespage.review"), e.t("policiespage.name")}, rows)
	})
}

func (e *env) onePolicy(a *app.App, x policy.Entry, err error) error {
	if err != nil {
		return err
	}
	v, err := e.policyView(a, x)
	if err != nil {
		return err
	}
	return e.policies([]policyView{v})
}

type policyLibrary struct{}

func (policyLibrary) run(e *env) error {
	all, err := policy.Templates()
	if err != nil {
		return err
	}
	out := []policyView{}
	for i := range all {
		v := templateView(&all[i], e.lang(), nil)
		v.Text = ""
		out = append(out, v)
	}
	return e.answer(map[string]any{"policies": out}, func() {
		rows := make([][]string, 0, len(all))
		for i := range all {
			var names []string
			for _, p := range all[i].Params {
				names = append(names, p.Name+"="+p.Default.In(e.lang()))
			}
			rows = append(rows, []string{all[i].ID, all[i].Title.In(e.lang()), strings.Join(names, " ")})
		}
		e.table([]string{e.t("policiespage.template"), e.t("policiespage.name"), e.t("policiespage.values")}, rows)
	})
}

type policyList struct{}

func (policyList) work(e *env, a *app.App) error {
	all, err := a.Policies.List(e.ctx)
	if err != nil {
		return err
	}
	out := []policyView{}
	for _, x := range all {
		v, err := e.policyView(a, x)
		if err != nil {
			return err
		}
		out = append(out, v)
	}
	return e.policies(out)
}

// values reads NAME=VALUE.
func values(set []string) (map[string]string, error) {
	out := map[string]string{}
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.TrimSpace(value) == "" {
			return nil, fault.New(fault.Invalid, "policiespage.set", "Text", s)
		}
		out[name] = strings.TrimSpace(value)
	}
	return out, nil
}

type policyAdopt struct {
	IDs   []string `arg:"" name:"id" help:"Ids of templates; see bevis policy library."`
	Owner string   `help:"E-mail of the account that owns them." placeholder:"EMAIL"`
	Set   []string `help:"A value of theirs, in both languages." placeholder:"NAME=VALUE" sep:"none"`
}

func (c *policyAdopt) work(e *env, a *app.App) error {
	set, err := values(c.Set)
	if err != nil {
		return err
	}
	how := policy.Adoption{Values: map[string]framework.Text{}}
	for name, v := range set {
		how.Values[name] = framework.Text{EN: v, SV: v}
	}
	if c.Owner != "" {
		u, err := a.Accounts.ByEmail(e.ctx, c.Owner)
		if err != nil {
			return err
		}
		how.Owner = u.ID.String()
	}
	var ids []string
	for _, s := range c.IDs {
		ids = append(ids, strings.Split(s, ",")...)
	}
	made, err := a.Policies.Adopt(e.ctx, ids, how)
	if err != nil {
		return err
	}
	out := []policyView{}
	for _, x := range made {
		v, err := e.policyView(a, x)
		if err != nil {
			return err
		}
		out = append(out, v)
	}
	return e.policies(out)
}

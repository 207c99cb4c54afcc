package policies

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// editForm is a policy's editable part as text, as it was read or typed.
type editForm struct {
	Version  int64             `json:"version"` // that the person read
	Title    framework.Text    `json:"title"`
	Body     framework.Text    `json:"body"`
	Values   map[string]string `json:"values"` // "removal_hours.sv"
	Audience string            `json:"audience"`
	Months   string            `json:"review_months"`
	Owner    string            `json:"owner"`
	Controls string            `json:"controls"`
	Criteria string            `json:"criteria"`
	Reason   string            `json:"reason"`
}

// editable is the newest version of the policy of the address for somebody who may
// change it.
func (p Pages) editable(r *http.Request) (policy.Entry, error) {
	if who, _ := authz.Of(r.Context()); !who.Can(authz.PolicyEdit) {
		return policy.Entry{}, fault.New(fault.Denied, "authz.denied")
	}
	e, err := p.Policies.ByCode(r.Context(), r.PathValue("code"))
	if err != nil {
		return e, err
	}
	if !p.Policies.MayEdit(r.Context(), e) {
		return e, fault.New(fault.Denied, "policy.not_owner", "Code", e.Value.Code)
	}
	return e, nil
}

// edit handles GET /policies/{code}/edit.
func (p Pages) edit(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	x := &e.Value
	codes, err := p.Policies.ControlCodes(r.Context(), x)
	if err != nil {
		return err
	}
	f := editForm{
		Version: e.Version, Title: x.Title, Body: x.Body, Values: map[string]string{}, Audience: string(x.Audience), Months: strconv.Itoa(x.ReviewMonths),
		Owner: x.Owner, Controls: strings.Join(codes, ", "), Criteria: strings.Join(x.Criteria, ", "),
	}
	for _, v := range x.Params {
		f.Values[v.Name+".en"], f.Values[v.Name+".sv"] = v.Value.EN, v.Value.SV
	}
	return p.editAgain(w, r, http.StatusOK, e, f, nil, false)
}

// typed reads the form.
func typed(r *http.Request, e policy.Entry) (editForm, error) {
	version, err := versionOf(r)
	if err != nil {
		return editForm{}, err
	}
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	f := editForm{
		Version: version, Title: framework.Text{EN: value("title.en"), SV: value("title.sv")}, Body: framework.Text{EN: r.PostFormValue("body.en"), SV: r.PostFormValue("body.sv")},
		Values: map[string]string{}, Audience: value("audience"), Months: value("months"), Owner: e.Value.Owner, Controls: value("controls"), Criteria: value("criteria"), Reason: value("reason"),
	}
	if r.PostForm.Has("owner") {
		f.Owner = value("owner")
	}
	for name := range r.PostForm {
		if rest, ok := strings.CutPrefix(name, "value."); ok {
			f.Values[rest] = value(name)
		}
	}
	return f, nil
}

// change handles POST /policies/{code}/edit.
func (p Pages) change(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	f, err := typed(r, e)
	if err != nil {
		return err
	}
	e.Version = f.Version // somebody else's change in between is a conflict, not lost
	if wrong := p.apply(r.Context(), f, &e.Value); wrong != nil {
		return p.editAgain(w, r, http.StatusUnprocessableEntity, e, f, wrong, false)
	}
	if _, err := p.Policies.Change(r.Context(), e, f.Reason); err != nil {
		if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
			return err
		}
		return p.editAgain(w, r, http.StatusUnprocessableEntity, e, f, &ui.FieldError{ID: "reason", Message: i18n.Fault(r.Context(), err, "")}, false)
	}
	return web.SeeOther(w, r, path(e.Value.Code))
}

// preview handles POST /policies/{code}/preview: the form again, and how it reads.
// Nothing is stored.
func (p Pages) preview(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	f, err := typed(r, e)
	if err != nil {
		return err
	}
	wrong := p.apply(r.Context(), f, &e.Value)
	return p.editAgain(w, r, http.StatusOK, e, f, wrong, true)
}

// apply puts the form into a policy; the rules judge it when it is stored. A
// placeholder that the text uses and nobody has declared becomes a value to give.
func (p Pages) apply(ctx context.Context, f editForm, x *policy.Policy) *ui.FieldError {
	months, err := strconv.Atoi(f.Months)
	if err != nil {
		return &ui.FieldError{ID: "months", Message: i18n.T(ctx, "policy.months", "Most", 36)}
	}
	x.Title, x.Body, x.ReviewMonths = f.Title, f.Body, months
	x.Audience, x.Owner = policy.Audience(f.Audience), f.Owner
	x.Params = slices.Clone(x.Params)
	for _, name := range slices.Concat(policy.Placeholders(f.Body.EN), policy.Placeholders(f.Body.SV)) {
		if name != policy.ParamEffective && !slices.ContainsFunc(x.Params, func(v policy.Param) bool { return v.Name == name }) {
			x.Params = append(x.Params, policy.Param{Name: name})
		}
	}
	for i := range x.Params {
		v := &x.Params[i]
		for lang, into := range map[string]*string{".en": &v.Value.EN, ".sv": &v.Value.SV} {
			if given, ok := f.Values[v.Name+lang]; ok {
				*into = given
			}
		}
	}
	split := func(s string) []string {
		out := []string{}
		for _, c := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == ';' }) {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
		return out
	}
	cs, err := control.Find(p.Store.Live(ctx), split(f.Controls))
	if err != nil {
		return &ui.FieldError{ID: "controls", Message: i18n.Fault(ctx, err, "")}
	}
	x.Controls = []control.ID{}
	for _, c := range cs {
		x.Controls = append(x.Controls, c.ID)
	}
	x.Criteria = split(f.Criteria)
	return nil
}

type editProps struct {
	head                             ui.Head
	action, previewAt, back, version string
	errors                           []ui.FieldError
	previews                         []previewProps
	titles, bodies                   []ui.Field
	values                           []valueProps
	audience, months, owner          ui.Field
	audiences, owners                []ui.Option // owners nil: not theirs to name
	controls, criteria, reason       ui.Field
}

type previewProps struct {
	lang  i18n.Lang
	title string
	html  string
}

type valueProps struct{ en, sv ui.Field }

// editAgain shows the form with what is wrong in it, and how it reads if asked.
func (p Pages) editAgain(w http.ResponseWriter, r *http.Request, status int, e policy.Entry, f editForm, wrong *ui.FieldError, preview bool) error {
	ctx := r.Context()
	x := &e.Value
	field := func(id, label, value string) ui.Field {
		out := ui.Field{Name: id, Label: label, Value: value}
		if wrong != nil && wrong.ID == id {
			out.Error = wrong.Message
		}
		return out
	}
	v := editProps{
		head:   ui.Head{Title: t(ctx, "edit_of", "Code", x.Code), Sub: t(ctx, "edit.sub")},
		action: path(x.Code) + "/edit", previewAt: path(x.Code) + "/preview", back: path(x.Code), version: strconv.FormatInt(f.Version, 10),
		audience: field("audience", t(ctx, "audience"), f.Audience), months: field("months", t(ctx, "edit.months"), f.Months), owner: field("owner", t(ctx, "owner"), f.Owner),
		controls: field("controls", t(ctx, "controls"), f.Controls), criteria: field("criteria", t(ctx, "criteria"), f.Criteria), reason: field("reason", t(ctx, "reason"), f.Reason),
	}
	if wrong != nil {
		v.errors = []ui.FieldError{*wrong}
	}
	for _, l := range i18n.Languages {
		name := t(ctx, "lang."+string(l))
		title := field("title."+string(l), t(ctx, "edit.title", "Lang", name), f.Title.In(l))
		body := field("body."+string(l), t(ctx, "edit.body", "Lang", name), f.Body.In(l))
		title.Optional, body.Optional, body.Rows, body.Code = true, true, 20, true
		body.Help = t(ctx, "edit.body.help")
		v.titles, v.bodies = append(v.titles, title), append(v.bodies, body)
	}
	v.months.Mode, v.controls.Optional, v.criteria.Optional, v.owner.Optional = "numeric", true, true, true
	v.controls.Help, v.criteria.Help, v.reason.Help, v.reason.Rows = t(ctx, "edit.controls.help"), t(ctx, "edit.criteria.help"), t(ctx, "edit.reason.help"), 2
	v.values = valuesOf(ctx, x, f)
	for _, a := range policy.Audiences {
		v.audiences = append(v.audiences, ui.Option{Value: string(a), Label: audience(ctx, a), Chosen: string(a) == f.Audience})
	}
	if who, _ := authz.Of(ctx); who.Can(authz.ControlEdit) {
		owners, err := p.Accounts.Owners(ctx)
		if err != nil {
			return err
		}
		if f.Owner != "" && owners[f.Owner] == "" {
			names, err := p.Accounts.Names(ctx)
			if err != nil {
				return err
			}
			owners[f.Owner] = person(ctx, f.Owner, names)
		}
		v.owners = ownerOptions(ctx, owners, f.Owner)
	}
	if preview {
		for _, l := range x.Langs() {
			html, err := policy.HTML(x.Text(l))
			if err != nil {
				return err
			}
			v.previews = append(v.previews, previewProps{l, t(ctx, "preview_of", "Lang", i18n.Key("policiespage.lang."+string(l)), "Title", x.Title.In(l)), html})
		}
	}
	here := ui.Link{Label: x.Code, Href: v.back}
	return p.Shell.Answer(w, r, status, f, editPage(p.Shell.Props(r, v.head.Title, parent(ctx), here), v))
}

func valuesOf(ctx context.Context, x *policy.Policy, f editForm) []valueProps {
	var out []valueProps
	for _, y := range x.Params {
		meaning := y.Meaning.For(i18n.Of(ctx))
		if meaning == "" {
			meaning = y.Name
		}
		one := func(l i18n.Lang, stored string) ui.Field {
			key := y.Name + "." + string(l)
			value, ok := f.Values[key]
			if !ok {
				value = stored
			}
			return ui.Field{Name: "value." + key, Label: t(ctx, "edit.value", "Meaning", meaning, "Lang", i18n.Key("policiespage.lang."+string(l))), Help: "{{" + y.Name + "}}", Value: value, Optional: x.Body.In(l) == ""}
		}
		out = append(out, valueProps{one(i18n.English, y.Value.EN), one(i18n.Swedish, y.Value.SV)})
	}
	return out
}

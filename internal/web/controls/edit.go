package controls

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/wording"
)

// editForm is a control's editable part as text, as it was read or typed.
type editForm struct {
	Version   int64  `json:"version"` // that the person read
	Title     string `json:"title"`
	Statement string `json:"statement"`
	Owner     string `json:"owner"`
	Frequency string `json:"frequency"`
	Grace     string `json:"grace"`
	Lag       string `json:"capture_lag"`
	Criteria  string `json:"criteria"`
	To        string `json:"effective_to"`
	Reason    string `json:"reason"`
	// Wording is what the lint says of the statement.
	Wording *judgement `json:"wording"`
}

// edit handles GET /controls/{code}/edit.
func (p Pages) edit(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	v, lang := e.Value, i18n.Of(r.Context())
	return p.editAgain(w, r, http.StatusOK, e, editForm{
		Version: e.Version, Title: v.Title.For(lang), Statement: v.Statement.For(lang), Owner: v.Owner, Frequency: string(v.Frequency),
		Grace: strconv.Itoa(v.Grace), Lag: strconv.Itoa(v.Lag()), Criteria: strings.Join(v.Criteria, ", "), To: string(v.EffectiveTo),
	}, nil)
}

// editable is the control of the address for somebody who may change it.
func (p Pages) editable(r *http.Request) (register.Entry[control.Control], error) {
	if who, _ := authz.Of(r.Context()); !who.Can(authz.ControlEdit) {
		return register.Entry[control.Control]{}, fault.New(fault.Denied, "authz.denied")
	}
	return p.Controls.ByCode(r.Context(), r.PathValue("code"))
}

// change handles POST /controls/{code}/edit: a new version, with its reason.
func (p Pages) change(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	version, err := strconv.ParseInt(value("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "controlspage.form")
	}
	f := editForm{
		Version: version, Title: value("title"), Statement: value("statement"), Owner: value("owner"), Frequency: value("frequency"), Grace: value("grace"),
		Lag: value("lag"), Criteria: value("criteria"), To: value("to"), Reason: value("reason"),
	}
	if value("do") == "check" { // only the wording is asked for
		return p.editAgain(w, r, http.StatusOK, e, f, nil)
	}
	e.Version = version // somebody else's change in between is a conflict, not lost
	if wrong := f.apply(r.Context(), &e.Value); wrong != nil {
		return p.editAgain(w, r, http.StatusUnprocessableEntity, e, f, wrong)
	}
	_, err = p.Controls.Change(r.Context(), e, f.Reason)
	if fault.Is(err, "control.second_person") { // it waits on the control's page for whoever approves it
		_, err = p.Controls.Ask(r.Context(), e, f.Reason)
	}
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		return p.editAgain(w, r, http.StatusUnprocessableEntity, e, f, &ui.FieldError{ID: "reason", Message: i18n.Fault(r.Context(), err, "")})
	}
	return web.SeeOther(w, r, "/controls/"+e.Value.Code)
}

// longestJudged bounds the sentence that is judged while it is typed, in bytes.
const longestJudged = 20_000

// apply puts the form into a control; the rules judge it when it is stored.
func (f editForm) apply(ctx context.Context, v *control.Control) *ui.FieldError {
	lang := i18n.Of(ctx)
	v.Title, v.Statement = v.Title.With(lang, f.Title), v.Statement.With(lang, f.Statement)
	v.Owner, v.Frequency, v.EffectiveTo = f.Owner, control.Frequency(f.Frequency), scope.Day(f.To)
	for _, n := range []struct {
		id, text string
		into     *int
	}{{"grace", f.Grace, &v.Grace}, {"lag", f.Lag, &v.CaptureLag}} {
		days, err := strconv.Atoi(n.text)
		if err != nil {
			return &ui.FieldError{ID: n.id, Message: i18n.T(ctx, "control.days")}
		}
		*n.into = days
	}
	v.MapTo(strings.FieldsFunc(f.Criteria, func(r rune) bool { return r == ',' || r == ' ' }))
	return nil
}

type editProps struct {
	head                                   ui.Head
	action, back, version                  string
	wording                                *wordingProps
	check                                  ui.Action
	errors                                 []ui.FieldError
	title, statement, criteria, to, reason ui.Field
	owner, frequency, grace, lag           ui.Field
	owners, frequencies                    []ui.Option
}

// editAgain shows the form with what is wrong in it.
func (p Pages) editAgain(w http.ResponseWriter, r *http.Request, status int, e register.Entry[control.Control], f editForm, wrong *ui.FieldError) error {
	ctx := r.Context()
	owners, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	field := func(id, value string) ui.Field {
		out := ui.Field{Name: id, Label: i18n.T(ctx, "controlspage.edit."+id), Value: value}
		if wrong != nil && wrong.ID == id {
			out.Error = wrong.Message
		}
		return out
	}
	v := editProps{
		head:   ui.Head{Title: i18n.T(ctx, "controlspage.edit.of", "Code", e.Value.Code), Sub: i18n.T(ctx, "controlspage.edit.sub")},
		action: "/controls/" + e.Value.Code + "/edit", back: "/controls/" + e.Value.Code, version: strconv.FormatInt(f.Version, 10),
		title: field("title", f.Title), statement: field("statement", f.Statement), criteria: field("criteria", f.Criteria),
		to: field("to", f.To), reason: field("reason", f.Reason), owner: field("owner", f.Owner), frequency: field("frequency", f.Frequency),
		grace: field("grace", f.Grace), lag: field("lag", f.Lag),
	}
	if wrong != nil {
		v.errors = []ui.FieldError{*wrong}
	}
	j := wording.Judge(i18n.Of(ctx), f.Statement[:min(len(f.Statement), longestJudged)])
	f.Wording, v.wording = judged(j), wordingOf(ctx, j)
	v.check = ui.Action{Label: i18n.T(ctx, "controlspage.wording.check"), Submit: true, Name: "do", Value: "check"}
	v.statement.Rows, v.reason.Rows = 5, 2
	v.to.Type, v.to.Optional = "date", true
	v.grace.Mode, v.lag.Mode = "numeric", "numeric"
	v.criteria.Help, v.reason.Help = i18n.T(ctx, "controlspage.edit.criteria.help"), i18n.T(ctx, "controlspage.edit.reason.help")
	v.to.Help = i18n.T(ctx, "controlspage.edit.to.help")
	v.owners = []ui.Option{{Value: "", Label: i18n.T(ctx, "controlspage.edit.nobody"), Chosen: f.Owner == ""}}
	for _, id := range slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return strings.Compare(owners[a], owners[b]) }) {
		v.owners = append(v.owners, ui.Option{Value: id, Label: owners[id], Chosen: id == f.Owner})
	}
	for _, q := range control.Frequencies {
		v.frequencies = append(v.frequencies, ui.Option{Value: string(q), Label: i18n.T(ctx, "frequency."+string(q)), Chosen: string(q) == f.Frequency})
	}
	here := ui.Link{Label: e.Value.Code, Href: v.back}
	return p.Shell.Answer(w, r, status, f, editPage(p.Shell.Props(r, v.head.Title, parent(ctx), here), v))
}

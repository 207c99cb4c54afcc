package controls

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// compareProps is a control held against the library.
type compareProps struct {
	title, text string
	fields      []comparedField
	more        *ui.Link // to the page on which a newer text is taken over
}

// comparedField is one field that says otherwise.
type comparedField struct {
	field, name string
	words       []control.Word
	newer       bool
}

// comparisonOf is the comparison in words; nil when there is nothing to say.
func comparisonOf(ctx context.Context, c *control.Comparison) *compareProps {
	if c == nil || len(c.Fields) == 0 {
		return nil
	}
	p := &compareProps{title: i18n.T(ctx, "controlspage.compare"), text: i18n.T(ctx, "controlspage.compare.own", "Count", len(c.Fields), "Code", c.Library)}
	switch {
	case c.Offers():
		p.text = i18n.T(ctx, "controlspage.compare.newer", "Code", c.Library)
	case !c.Known:
		p.text = i18n.T(ctx, "controlspage.compare.unknown", "Code", c.Library)
	}
	for _, f := range c.Fields {
		x := comparedField{field: f.Field, name: fieldName(ctx, f.Field), words: f.Words, newer: f.Newer}
		if f.Field == "frequency" || f.Field == "nature" || f.Field == "type" { // one word for another, as people read it
			x.words = []control.Word{{Op: control.RemovedWords, Text: fieldValue(ctx, f.Field, f.Library, nil)}, {Op: control.AddedWords, Text: fieldValue(ctx, f.Field, f.Own, nil)}}
		}
		p.fields = append(p.fields, x)
	}
	return p
}

// compare handles GET /controls/{code}/library.
func (p Pages) compare(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	return p.compareAgain(w, r, e, "", nil)
}

// follow handles POST /controls/{code}/library: the chosen fields are taken over
// from the library, the others stay the organisation's own.
func (p Pages) follow(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editable(r)
	if err != nil {
		return err
	}
	if e.Version, err = strconv.ParseInt(r.PostFormValue("version"), 10, 64); err != nil {
		return fault.New(fault.Invalid, "controlspage.form")
	}
	was, reason := e, strings.TrimSpace(r.PostFormValue("reason"))
	e, err = p.Controls.FollowLibrary(r.Context(), e, r.PostForm["take"], reason)
	if fault.Is(err, "control.second_person") {
		_, err = p.Controls.Ask(r.Context(), e, reason)
	}
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		return p.compareAgain(w, r, was, reason, []ui.FieldError{{ID: "reason", Message: i18n.Fault(r.Context(), err, "")}})
	}
	return web.SeeOther(w, r, path(e.Value.Code))
}

type followProps struct {
	head    ui.Head
	compare *compareProps // nil: the texts are the same
	offers  bool
	errors  []ui.FieldError
	action  string
	version string
	reason  ui.Field
	back    string
}

func (p Pages) compareAgain(w http.ResponseWriter, r *http.Request, e register.Entry[control.Control], reason string, errors []ui.FieldError) error {
	ctx := r.Context()
	c, ok := e.Value.Compare()
	if !ok {
		return fault.New(fault.NotFound, "controlspage.compare.none", "Code", e.Value.Code)
	}
	v := followProps{
		head:    ui.Head{Title: i18n.T(ctx, "controlspage.compare.of", "Code", e.Value.Code), Sub: i18n.T(ctx, "controlspage.compare.sub")},
		compare: comparisonOf(ctx, &c), offers: c.Offers(), errors: errors, action: path(e.Value.Code) + "/library", version: strconv.FormatInt(e.Version, 10), back: path(e.Value.Code),
		reason: ui.Field{Name: "reason", Label: i18n.T(ctx, "controlspage.edit.reason"), Help: i18n.T(ctx, "controlspage.edit.reason.help"), Value: reason, Rows: 2, Error: errorOf(errors, "reason")},
	}
	status := http.StatusOK
	if len(errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	here := ui.Link{Label: e.Value.Code, Href: v.back}
	return p.Shell.Answer(w, r, status, c, followPage(p.Shell.Props(r, v.head.Title, parent(ctx), here), v))
}

// company reports whether the reader belongs to the company: judgements of its own
// texts are no concern of an auditor's (domain 0a rule 12).
func company(who authz.Principal) bool { return !slices.Contains(who.Roles, authz.Auditor) }

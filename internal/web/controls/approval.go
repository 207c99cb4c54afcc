package controls

import (
	"context"
	"net/http"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// waiting is a change that a second person has to approve, as JSON.
type waiting struct {
	By      string   `json:"by"` // name
	Reason  string   `json:"reason"`
	Windows []string `json:"windows"`
	Loosens []string `json:"loosens"`
	Changes []change `json:"changes"`
	May     bool     `json:"may_decide"` // the reader may approve or decline
}

// waitingOf reads the change of a control that waits, nil for none.
func (p Pages) waitingOf(ctx context.Context, e *register.Entry[control.Control], who authz.Principal, names map[string]string) (*waiting, error) {
	c, waits, err := p.Controls.Waiting(ctx, e.Value.Code)
	if err != nil || !waits {
		return nil, err
	}
	w := &waiting{By: person(ctx, c.Value.By, names), Reason: c.Value.Reason, Windows: list(c.Value.Windows), Loosens: list(c.Value.Loosens)}
	w.May = who.Can(authz.ControlApprove) && who.Actor().IsPerson() && who.ID != c.Value.By
	before := e.Value
	before.Approval = nil
	w.Changes, err = changesOf(ctx, &before, &c.Value.New, names)
	return w, err
}

type waitingProps struct {
	title, text string
	changes     []ui.Change
	action      string // "": the reader does not decide
	note        ui.Field
	approve     ui.Action
	decline     ui.Action
}

func waitingView(ctx context.Context, code string, w *waiting) *waitingProps {
	if w == nil {
		return nil
	}
	p := &waitingProps{
		title:   i18n.T(ctx, "controlspage.waits"),
		text:    i18n.T(ctx, "controlspage.waits.by", "Name", w.By, "Windows", strings.Join(w.Windows, ", "), "Reason", w.Reason),
		note:    ui.Field{Name: "note", Label: i18n.T(ctx, "controlspage.waits.note"), Help: i18n.T(ctx, "controlspage.waits.note.help"), Rows: 2, Optional: true},
		approve: ui.Action{Label: i18n.T(ctx, "controlspage.waits.approve"), Submit: true, Name: "do", Value: "approve"},
		decline: ui.Action{Label: i18n.T(ctx, "controlspage.waits.decline"), Submit: true, Name: "do", Value: "decline"},
	}
	for _, c := range w.Changes {
		p.changes = append(p.changes, changeView(c))
	}
	if w.May {
		p.action = path(code) + "/decide"
	}
	return p
}

// decide handles POST /controls/{code}/decide: a second person approves or declines
// the change that waits.
func (p Pages) decide(w http.ResponseWriter, r *http.Request) error {
	ctx, code, note := r.Context(), r.PathValue("code"), r.PostFormValue("note")
	var err error
	switch r.PostFormValue("do") {
	case "approve":
		_, err = p.Controls.Approve(ctx, code, note)
	case "decline":
		err = p.Controls.Decline(ctx, code, note)
	default:
		err = fault.New(fault.Invalid, "controlspage.form")
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, path(code))
}

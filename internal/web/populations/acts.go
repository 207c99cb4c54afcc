package populations

import (
	"context"
	"net/http"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// test handles POST /populations/{code}/check/{check}: it tests every item of the
// dataset's own period.
func (p Pages) test(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	in, err := p.read(ctx)
	if err != nil {
		return err
	}
	d, err := in.dataset(r.PathValue("code"))
	if err != nil {
		return err
	}
	from, to := d.Value.Period()
	e, res, err := p.Checks.Test(ctx, check.Request{Check: r.PathValue("check"), From: from, To: to, Dataset: d.ID.String()})
	if err != nil {
		return err
	}
	if cause := res.Cause(); cause != nil {
		p.Shell.Log.WarnContext(ctx, "check could not be run to its end", "result", e.Value.Code, "check", e.Value.Check, "error", cause)
	}
	return web.SeeOther(w, r, "/checks/"+e.Value.Code)
}

// freezeData is what a freeze would fix, before it is done.
type freezeData struct {
	Dataset string `json:"dataset"` // code
	Days    span   `json:"days"`
	Until   string `json:"until"`
	Items   int    `json:"items"`
	SHA256  string `json:"sha256"`
	Error   string `json:"error"` // why it cannot be done, "" if it can
}

// askFreeze handles GET /populations/{code}/freeze: what becomes fixed, and the
// question. ?until= chooses the last day.
func (p Pages) askFreeze(w http.ResponseWriter, r *http.Request) error {
	in, d, err := p.freezable(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	until := r.URL.Query().Get("until")
	if until == "" {
		until = string(in.lastWhole(d))
	}
	return p.ask(w, r, in, d, until, nil)
}

// lastWhole is the last day that the dataset holds to its end: a freeze takes
// whole days of the organisation's zone.
func (r reader) lastWhole(d dataset) scope.Day {
	_, to := d.Value.Period()
	return r.cal.Day(to).Add(-1)
}

// freezable finds the dataset for somebody who may freeze it.
func (p Pages) freezable(ctx context.Context, code string) (reader, dataset, error) {
	in, err := p.read(ctx)
	if err != nil {
		return in, dataset{}, err
	}
	d, err := in.dataset(code)
	if err != nil {
		return in, d, err
	}
	_, err = p.Populations.Policy.Require(ctx, authz.PopulationFreeze)
	return in, d, err
}

// ask shows the confirmation. wrong is why the last attempt was refused.
func (p Pages) ask(w http.ResponseWriter, r *http.Request, in reader, d dataset, until string, wrong error) error {
	ctx := r.Context()
	from, to := d.Value.Period()
	data := freezeData{Dataset: d.Value.Code, Days: span{in.span(from, to).First, in.lastWhole(d)}, Until: until}
	status := http.StatusOK
	var preview population.Freeze
	if wrong == nil {
		preview, wrong = p.Populations.Preview(ctx, d.ID.String(), until)
	}
	switch {
	case wrong == nil:
		data.Items, data.SHA256 = preview.Items, preview.SHA256
	case fault.KindOf(wrong) == fault.Invalid:
		data.Error, status = i18n.Fault(ctx, wrong, ""), http.StatusUnprocessableEntity
	default:
		return wrong
	}
	props := freezeProps{
		shell: p.Shell.Props(r, i18n.T(ctx, "populationspage.freeze.title", "Code", d.Value.Code),
			ui.Link{Label: i18n.T(ctx, "populationspage.title"), Href: "/populations"}, ui.Link{Label: d.Value.Name, Href: "/populations/" + d.Value.Code}),
		data: data,
	}
	return p.Shell.Answer(w, r, status, data, freezePage(props))
}

// freeze handles POST /populations/{code}/freeze with the last day in until.
func (p Pages) freeze(w http.ResponseWriter, r *http.Request) error {
	in, d, err := p.freezable(r.Context(), r.PathValue("code"))
	if err != nil {
		return err
	}
	until := r.PostFormValue("until")
	if _, err := p.Populations.Freeze(r.Context(), d.ID.String(), until); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		return p.ask(w, r, in, d, until, err)
	}
	return web.SeeOther(w, r, "/populations/"+d.Value.Code+"#freezes")
}

func freezeConfirm(ctx context.Context, d freezeData) ui.Confirm {
	return ui.Confirm{
		Title:  i18n.T(ctx, "populationspage.freeze.ask", "Code", d.Dataset, "Day", d.Until),
		Text:   i18n.T(ctx, "populationspage.freeze.text", "Count", d.Items, "Day", d.Until),
		Action: "/populations/" + d.Dataset + "/freeze", Cancel: "/populations/" + d.Dataset,
		Button: i18n.T(ctx, "populationspage.freeze.button", "Count", d.Items),
		Fields: []ui.Hidden{{Name: "until", Value: d.Until}},
	}
}

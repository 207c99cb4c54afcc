package scope

import (
	"context"
	"net/http"
	"time"

	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web/ui"
)

// datesData is the third step as JSON.
type datesData struct {
	AsOf     programme.Day `json:"as_of"`
	From     programme.Day `json:"from"`
	Last     programme.Day `json:"last"`
	Fits     []fit         `json:"fits"`     // [] while there is no period
	Warnings []string      `json:"warnings"` // names
}

// fit is how often controls of one frequency fall due in the period.
type fit struct {
	Frequency   control.Frequency `json:"frequency"`
	Occurrences int               `json:"occurrences"` // due days in the period
	Controls    int               `json:"controls"`    // proposed or adopted controls of the frequency
}

// dates handles GET /start/dates.
func (p Pages) dates(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	_, today, err := p.Scope.Calendar(r.Context())
	if err != nil {
		return err
	}
	suggestDates(&e.Value, today)
	return p.showDates(w, r, e, nil)
}

// suggestDates fills in days that nobody has decided: a state to examine in two
// months, a period of six months from the first of a month after that.
func suggestDates(v *programme.Programme, today programme.Day) {
	y, m, _ := today.Date()
	begin := programme.DayFrom(y, m+1, 1)
	if v.Report.HasType1() && v.AsOf == "" {
		v.AsOf = programme.DayFrom(y, m+2, 1).Add(-1)
		begin = v.AsOf.Add(1)
	}
	if v.Report.HasType2() && v.From == "" {
		if v.AsOf >= begin && v.Report.HasType1() {
			begin = v.AsOf.Add(1)
		}
		y, m, _ = begin.Date()
		v.From, v.Last = begin, programme.DayFrom(y, m+time.Month(6), 1).Add(-1)
	}
}

// saveDates handles POST /start/dates. With do=count it decides nothing and says
// what the days hold.
func (p Pages) saveDates(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	ctx, v := r.Context(), &e.Value
	var errors []ui.FieldError
	day := func(id string, wanted bool) programme.Day {
		if !wanted {
			return ""
		}
		d, err := programme.ParseDay(field(r, id))
		if err != nil {
			errors = append(errors, ui.FieldError{ID: id, Message: i18n.Fault(ctx, err, "")})
			return ""
		}
		return d
	}
	v.AsOf, v.From, v.Last = day("as_of", v.Report.HasType1()), day("first", v.Report.HasType2()), day("last", v.Report.HasType2())
	if len(errors) == 0 && v.Last < v.From {
		errors = append(errors, ui.FieldError{ID: "last", Message: i18n.T(ctx, "scope.order", "From", string(v.From), "To", string(v.Last))})
	}
	if v.Report == "" {
		errors = append(errors, ui.FieldError{ID: "dates", Message: t(ctx, "dates.no_report")})
	}
	if len(errors) > 0 || field(r, "do") == "count" {
		return p.showDates(w, r, e, errors)
	}
	refused, err := p.save(w, r, e, stepDates)
	if refused != nil {
		id := "first"
		if !v.Report.HasType2() {
			id = "as_of"
		}
		return p.showDates(w, r, e, refusal(ctx, id, refused))
	}
	return err
}

// weigh says what the days hold: occurrences by frequency, and what to think of.
func weigh(v *programme.Programme, controls []control.LibraryControl, today programme.Day) datesData {
	d := datesData{AsOf: v.AsOf, From: v.From, Last: v.Last, Fits: []fit{}, Warnings: []string{}}
	warn := func(cond bool, name string) {
		if cond {
			d.Warnings = append(d.Warnings, name)
		}
	}
	warn(v.Report.HasType1() && v.AsOf != "" && v.AsOf < today, "as_of_past")
	if !v.Report.HasType2() || v.From == "" || v.Last < v.From {
		return d
	}
	by := map[control.Frequency]int{}
	for _, l := range controls {
		by[l.Frequency]++
	}
	for _, f := range control.Frequencies {
		if f.Periodic() {
			d.Fits = append(d.Fits, fit{f, len(f.Slots(v.From, v.Last)), by[f]})
		}
	}
	days := v.Last.Sub(v.From) + 1
	warn(days < 89, "short")
	warn(days > 366, "long")
	warn(v.From < today, "begun")
	for _, f := range d.Fits {
		warn(f.Occurrences == 0 && f.Controls > 0, "none_"+string(f.Frequency))
		warn(f.Frequency == control.Quarterly && f.Occurrences == 1 && f.Controls > 0, "once_quarterly")
	}
	return d
}

type datesProps struct {
	frame
	needs    bool // a report must be chosen first
	zone     string
	asOf     *ui.Field
	period   *ui.Dates
	count    *ui.Action
	warnings []ui.BannerProps
	table    *ui.Table
	fits     []fit
}

func (p Pages) showDates(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], errors []ui.FieldError) error {
	ctx, v := r.Context(), &e.Value
	_, today, err := p.Scope.Calendar(ctx)
	if err != nil {
		return err
	}
	all, err := p.planned(ctx, v)
	if err != nil {
		return err
	}
	var controls []control.LibraryControl
	for _, c := range all {
		if c.chosen {
			controls = append(controls, c.LibraryControl)
		}
	}
	d := weigh(v, controls, today)
	props := datesProps{frame: p.frame(r, e, stepDates, errors), needs: v.Report == "", zone: t(ctx, "dates.zone", "Zone", v.Zone), fits: d.Fits}
	in := func(id string, value programme.Day) ui.Field {
		return ui.Field{Name: id, Type: "date", Label: t(ctx, "dates."+id), Value: string(value), Error: errorOf(errors, id)}
	}
	if v.Report.HasType1() {
		f := in("as_of", v.AsOf)
		f.Help = t(ctx, "dates.as_of.help")
		props.asOf = &f
	}
	if v.Report.HasType2() {
		props.period = &ui.Dates{Legend: t(ctx, "dates.period"), From: in("first", v.From), To: in("last", v.Last), Help: t(ctx, "dates.period.help")}
		props.count = &ui.Action{Label: t(ctx, "dates.count"), Submit: true, Name: "do", Value: "count"}
	}
	for _, x := range d.Warnings {
		props.warnings = append(props.warnings, ui.BannerProps{Tone: ui.ToneWarn, Text: warning(ctx, x, d.Fits)})
	}
	if len(d.Fits) > 0 {
		props.table = &ui.Table{ID: "fits", Caption: t(ctx, "dates.fits"), Columns: []ui.Column{
			{Label: t(ctx, "dates.frequency")}, {Label: t(ctx, "dates.occurrences"), Kind: ui.CellNum}, {Label: t(ctx, "dates.controls"), Kind: ui.CellNum},
		}}
	}
	return p.Shell.Answer(w, r, status(errors), d, datesPage(props))
}

// warning is one thing to think of, with the number of controls it concerns.
func warning(ctx context.Context, name string, fits []fit) string {
	for _, f := range fits {
		if name == "none_"+string(f.Frequency) {
			return t(ctx, "warning.none", "Count", f.Controls, "Frequency", i18n.Key("frequency."+string(f.Frequency)))
		}
		if name == "once_"+string(f.Frequency) {
			return t(ctx, "warning.once", "Count", f.Controls)
		}
	}
	return t(ctx, "warning."+name)
}

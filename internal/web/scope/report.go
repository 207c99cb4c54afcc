package scope

import (
	"context"
	"net/http"
	"slices"

	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web/ui"
)

// reportData is the first step as JSON.
type reportData struct {
	Programme programme.Programme `json:"programme"`
	Advice    programme.Advice    `json:"advice"`
}

// questions are the names of the answers, in the order they are asked.
var questions = []string{"soon", "period", "running", "financial", "public", "iso"}

func answer(a *programme.Answers, name string) *string {
	switch name {
	case "soon":
		return &a.Soon
	case "period":
		return &a.Period
	case "running":
		return &a.Running
	case "financial":
		return &a.Financial
	case "public":
		return &a.Public
	}
	return &a.ISO
}

// report handles GET /start/report.
func (p Pages) report(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	return p.showReport(w, r, e, nil)
}

// saveReport handles POST /start/report. With do=suggest it decides nothing and
// answers with the suggestion.
func (p Pages) saveReport(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	ctx, v := r.Context(), &e.Value
	for _, q := range questions {
		a := field(r, q)
		if !slices.Contains([]string{"yes", "no"}, a) {
			a = ""
		}
		*answer(&v.Answers, q) = a
	}
	v.Report, v.Reason = programme.Report(field(r, "report")), field(r, "reason")
	if field(r, "do") == "suggest" {
		if a := programme.Advise(v.Answers); a.Report != "" {
			v.Report = a.Report
		}
		return p.showReport(w, r, e, nil)
	}
	if v.Report == "" {
		return p.showReport(w, r, e, []ui.FieldError{{ID: "report-0", Message: t(ctx, "report.need")}})
	}
	refused, err := p.save(w, r, e, stepReport)
	if refused != nil {
		return p.showReport(w, r, e, refusal(ctx, "report-0", refused))
	}
	return err
}

type reportProps struct {
	frame
	questions []ui.Checks
	advice    *ui.BannerProps
	besides   []ui.BannerProps
	reports   ui.Checks
	reason    ui.Field
	suggest   ui.Action
	others    []other
}

// other is a report that is not planned here, and when it is the right one.
type other struct{ name, text string }

func (p Pages) showReport(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], errors []ui.FieldError) error {
	ctx, v := r.Context(), &e.Value
	d := reportData{*v, programme.Advise(v.Answers)}
	props := reportProps{frame: p.frame(r, e, stepReport, errors), suggest: ui.Action{Label: t(ctx, "report.suggest"), Submit: true, Name: "do", Value: "suggest"}}
	for _, q := range questions {
		props.questions = append(props.questions, yesNo(ctx, q, *answer(&v.Answers, q)))
	}
	if d.Advice.Report != "" {
		props.advice = &ui.BannerProps{Tone: ui.ToneInfo, Title: t(ctx, "report.advice", "Report", t(ctx, "report."+string(d.Advice.Report))), Text: t(ctx, "because."+d.Advice.Because)}
	}
	for _, b := range d.Advice.Besides {
		props.besides = append(props.besides, ui.BannerProps{Tone: ui.ToneInfo, Title: t(ctx, "other."+b), Text: t(ctx, "besides."+b)})
	}
	props.reports = ui.Checks{Legend: t(ctx, "report.legend"), Name: "report", Radio: true, Error: errorOf(errors, "report-0")}
	for _, x := range programme.Reports {
		props.reports.Options = append(props.reports.Options, ui.Option{Value: string(x), Label: t(ctx, "report."+string(x)), Help: t(ctx, "report."+string(x)+".help"), Chosen: v.Report == x})
	}
	props.reason = ui.Field{Name: "reason", Label: t(ctx, "report.reason"), Help: t(ctx, "report.reason.help"), Value: v.Reason, Rows: 2, Optional: true}
	for _, x := range []string{"soc1", "soc3", "iso"} {
		props.others = append(props.others, other{t(ctx, "other."+x), t(ctx, "other."+x+".text")})
	}
	return p.Shell.Answer(w, r, status(errors), d, reportPage(props))
}

func yesNo(ctx context.Context, name, value string) ui.Checks {
	c := ui.Checks{Legend: t(ctx, "question."+name), Name: name, Radio: true, Optional: true}
	for _, v := range []string{"yes", "no"} {
		c.Options = append(c.Options, ui.Option{Value: v, Label: t(ctx, v), Chosen: v == value})
	}
	return c
}

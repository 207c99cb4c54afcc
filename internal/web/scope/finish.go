package scope

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// finishData is the last step as JSON.
type finishData struct {
	Programme programme.Programme `json:"programme"`
	Missing   []string            `json:"missing"` // steps to decide first
	Adopt     []string            `json:"adopt"`   // codes
	Windows   []planWindow        `json:"windows"`
	Thin      []control.Reach     `json:"thin"`
}

// planWindow is a window of the plan, and its code when it is open already.
type planWindow struct {
	Type int           `json:"type"`
	From programme.Day `json:"from"`
	Last programme.Day `json:"last"`
	Code string        `json:"code"`
}

// summary handles GET /start/finish.
func (p Pages) summary(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	_, today, err := p.Scope.Calendar(r.Context())
	if err != nil {
		return err
	}
	return p.showFinish(w, r, e, string(today), false, nil)
}

// finish handles POST /start/finish: it adopts what is chosen in one write, and
// opens the windows that are not open yet. Doing it again adds nothing twice.
func (p Pages) finish(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	ctx, v := r.Context(), &e.Value
	_, today, err := p.Scope.Calendar(ctx)
	if err != nil {
		return err
	}
	typed, already := field(r, "from"), field(r, "already") != ""
	var from programme.Day
	if !already {
		if from, err = programme.ParseDay(typed); err != nil {
			return p.showFinish(w, r, e, typed, already, refusal(ctx, "from", err))
		}
		if from < today {
			return p.showFinish(w, r, e, typed, already, []ui.FieldError{{ID: "from", Message: t(ctx, "finish.past", "Day", typed, "Today", string(today))}})
		}
	}
	d, all, err := p.finishData(ctx, v)
	if err != nil {
		return err
	}
	if len(d.Missing) > 0 {
		return p.showFinish(w, r, e, typed, already, []ui.FieldError{{ID: "summary", Message: t(ctx, "finish.missing")}})
	}
	var choices []control.Choice
	for _, c := range all {
		if c.chosen && !c.taken {
			choices = append(choices, control.Choice{Code: c.Code, Values: c.values, Owner: v.Controls.Owner(c.Category)})
		}
	}
	if len(choices) > 0 {
		if _, err := p.Controls.AdoptChosen(ctx, choices, from); err != nil {
			return err
		}
	}
	for _, x := range d.Windows {
		if x.Code == "" {
			if x.Code, err = p.open(ctx, v, x); err != nil {
				return err
			}
		}
		if !slices.Contains(v.Windows, x.Code) {
			v.Windows = append(v.Windows, x.Code)
		}
	}
	if _, err := p.Scope.SaveProgramme(ctx, e); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/")
}

func (p Pages) open(ctx context.Context, v *programme.Programme, x planWindow) (string, error) {
	plan := window.Plan{Type: x.Type, Categories: strings.Split(v.Chosen().String(), ",")}
	if x.Type == 1 {
		plan.AsOf = string(x.From)
	} else {
		plan.From, plan.To = string(x.From), string(x.Last.Add(1))
	}
	e, err := p.Windows.OpenWindow(ctx, plan)
	return e.Value.Code, err
}

// windows are the windows of the plan; one with the same days and categories that
// is open already is not opened again.
func (p Pages) windows(ctx context.Context, v *programme.Programme) ([]planWindow, error) {
	out := []planWindow{}
	if !v.Dated() {
		return out, nil
	}
	if v.Report.HasType1() {
		out = append(out, planWindow{Type: 1, From: v.AsOf, Last: v.AsOf})
	}
	if v.Report.HasType2() {
		out = append(out, planWindow{Type: 2, From: v.From, Last: v.Last})
	}
	opened, err := p.Windows.List(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, w := range opened {
			if x := w.Value; x.Status == window.Open && x.Type == out[i].Type && x.From == out[i].From && x.Last == out[i].Last && x.Categories.String() == v.Chosen().String() {
				out[i].Code = x.Code
			}
		}
	}
	return out, nil
}

func (p Pages) finishData(ctx context.Context, v *programme.Programme) (finishData, []plannedControl, error) {
	d := finishData{Programme: *v, Missing: []string{}, Adopt: []string{}}
	all, err := p.planned(ctx, v)
	if err != nil {
		return d, nil, err
	}
	for _, s := range steps[:len(steps)-1] {
		if !done(v, s) {
			d.Missing = append(d.Missing, s)
		}
	}
	for _, c := range all {
		if c.chosen && !c.taken {
			d.Adopt = append(d.Adopt, c.Code)
		}
	}
	if d.Windows, err = p.windows(ctx, v); err != nil {
		return d, nil, err
	}
	d.Thin, err = thin(v, all)
	return d, all, err
}

type finishProps struct {
	frame
	banners []ui.BannerProps
	lines   []summaryLine
	from    ui.Field
	already ui.Option
	button  *ui.Action // nil: something is missing
}

// summaryLine is one decision and where it is changed.
type summaryLine struct{ name, value, href string }

func (p Pages) showFinish(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], from string, already bool, errors []ui.FieldError) error {
	ctx, v := r.Context(), &e.Value
	d, all, err := p.finishData(ctx, v)
	if err != nil {
		return err
	}
	people, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	props := finishProps{
		frame: p.frame(r, e, stepFinish, errors), lines: linesOf(ctx, v, d, all, people),
		from:    ui.Field{Name: "from", Type: "date", Label: t(ctx, "finish.from"), Help: t(ctx, "finish.from.help"), Value: from, Error: errorOf(errors, "from"), Optional: already},
		already: ui.Option{Value: "yes", Label: t(ctx, "finish.already"), Help: t(ctx, "finish.already.help"), Chosen: already},
	}
	for _, s := range d.Missing {
		props.banners = append(props.banners, ui.BannerProps{Tone: ui.ToneWarn, Text: t(ctx, "finish.undecided", "Step", t(ctx, s)), Action: &ui.Action{Label: t(ctx, "finish.decide"), Href: "/start/" + s}})
	}
	for _, x := range d.Thin {
		if len(x.Controls) == 0 && len(d.Missing) == 0 {
			props.banners = append(props.banners, ui.BannerProps{Tone: ui.ToneBad, Text: t(ctx, "controls.none", "Criterion", x.Criterion)})
		}
	}
	left := len(d.Adopt)
	opens := slices.ContainsFunc(d.Windows, func(x planWindow) bool { return x.Code == "" })
	switch {
	case len(d.Missing) > 0:
	case left == 0 && !opens:
		props.banners = append(props.banners, ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "finish.done"), Action: &ui.Action{Label: t(ctx, "finish.home"), Href: "/"}})
	default:
		key := "finish.adopt_open"
		if !opens {
			key = "finish.adopt"
		} else if left == 0 {
			key = "finish.open"
		}
		props.button = &ui.Action{Label: t(ctx, key, "Count", left), Submit: true}
	}
	return p.Shell.Answer(w, r, status(errors), d, finishPage(props))
}

// linesOf are the decisions in words.
func linesOf(ctx context.Context, v *programme.Programme, d finishData, all []plannedControl, people map[string]string) []summaryLine {
	var out []summaryLine
	add := func(step, name, value string) {
		if value != "" {
			out = append(out, summaryLine{name, value, "/start/" + step})
		}
	}
	if v.Report != "" {
		add(stepReport, t(ctx, "report"), t(ctx, "report."+string(v.Report)))
	}
	var names []string
	for _, c := range v.Chosen() {
		names = append(names, t(ctx, "category."+string(c)))
	}
	add(stepCategories, t(ctx, "categories"), strings.Join(names, ", "))
	for _, x := range d.Windows {
		value := t(ctx, "finish.window2", "From", string(x.From), "Last", string(x.Last))
		if x.Type == 1 {
			value = t(ctx, "finish.window1", "Day", string(x.From))
		}
		if x.Code != "" {
			value += " (" + t(ctx, "finish.is_open", "Code", x.Code) + ")"
		}
		add(stepDates, t(ctx, "dates"), value)
	}
	for _, g := range byCategory(all) {
		owner := people[v.Controls.Owner(g.category)]
		if owner == "" {
			owner = t(ctx, "owners.nobody")
		}
		add(stepControls, i18n.T(ctx, "category."+g.category), t(ctx, "finish.group", "Count", len(g.controls), "Owner", owner))
	}
	return out
}

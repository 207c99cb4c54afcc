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
	"bevis/internal/web/ui"
)

type controlsProps struct {
	frame
	count    string
	banners  []ui.BannerProps
	overlaps []ui.Checks
	groups   []controlGroup
	show     ui.Action
}

type controlGroup struct {
	id, title, sub string
	rows           []controlRow
}

type controlRow struct {
	box      ui.Option
	id       string
	text     string // the sentence with the values filled in
	criteria string
	taken    string // why there is nothing to tick; "" when there is
	link     string // where that is settled
	params   []ui.Field
}

func (p Pages) showControls(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], errors []ui.FieldError) error {
	ctx, v := r.Context(), &e.Value
	all, err := p.planned(ctx, v)
	if err != nil {
		return err
	}
	d := controlsData{Controls: []controlData{}}
	if d.Overlaps, err = overlapsOf(all); err != nil {
		return err
	}
	if d.Thin, err = thin(v, all); err != nil {
		return err
	}
	props := controlsProps{frame: p.frame(r, e, stepControls, errors), show: ui.Action{Label: t(ctx, "controls.show"), Submit: true, Name: "do", Value: "show"}}
	lang, chosen := i18n.Of(ctx), 0
	for _, c := range all {
		x := controlData{c.Code, c.Title.For(lang), c.Category, c.Statement(lang, c.values), c.values, c.chosen, c.taken}
		d.Controls = append(d.Controls, x)
		if c.chosen && !c.taken {
			chosen++
		}
		if n := len(props.groups); n == 0 || props.groups[n-1].id != "group-"+c.Category {
			props.groups = append(props.groups, controlGroup{id: "group-" + c.Category, title: i18n.T(ctx, "category."+c.Category)})
		}
		g := &props.groups[len(props.groups)-1]
		g.rows = append(g.rows, rowOf(ctx, c, x, inOverlap(d.Overlaps, c.Code), errors))
	}
	for i := range props.groups {
		props.groups[i].sub = t(ctx, "controls.n", "Count", len(props.groups[i].rows))
	}
	props.count = t(ctx, "controls.chosen", "Count", chosen)
	for _, x := range d.Thin {
		b := ui.BannerProps{Tone: ui.ToneWarn, Text: t(ctx, "controls.one", "Criterion", x.Criterion, "Controls", strings.Join(x.Controls, ", "))}
		if len(x.Controls) == 0 {
			b = ui.BannerProps{Tone: ui.ToneBad, Text: t(ctx, "controls.none", "Criterion", x.Criterion)}
		}
		props.banners = append(props.banners, b)
	}
	for _, o := range d.Overlaps {
		props.overlaps = append(props.overlaps, overlapChoice(ctx, o, all))
	}
	return p.Shell.Answer(w, r, status(errors), d, controlsPage(props))
}

func rowOf(ctx context.Context, c plannedControl, x controlData, overlaps bool, errors []ui.FieldError) controlRow {
	row := controlRow{
		box: ui.Option{Value: c.Code, Label: c.Code + " " + x.Title, Chosen: c.chosen, Disabled: c.taken || overlaps},
		id:  "code-" + c.Code, text: x.Statement, criteria: strings.Join(c.Criteria, ", "),
	}
	if c.taken {
		row.taken, row.link = t(ctx, "controls.taken"), "/controls/"+c.Code
		return row
	}
	if overlaps {
		row.taken, row.link = t(ctx, "controls.decided"), "#overlaps"
	}
	for _, q := range c.Params {
		id := inputOf(c.Code, q.Name)
		f := ui.Field{Name: id, Label: q.Meaning.For(i18n.Of(ctx)), Value: q.Default, Mode: "numeric", Error: errorOf(errors, id)}
		if own, ok := c.values[q.Name]; ok {
			f.Value = own
		}
		row.params = append(row.params, f)
	}
	return row
}

// overlapChoice lets the person keep one of two overlapping controls or both. A
// control that is adopted already stays.
func overlapChoice(ctx context.Context, o control.Overlap, all []plannedControl) ui.Checks {
	find := func(code string) plannedControl {
		i := slices.IndexFunc(all, func(c plannedControl) bool { return c.Code == code })
		return all[i]
	}
	lang := i18n.Of(ctx)
	a, b := find(o.A), find(o.B)
	title := func(c plannedControl) string { return c.Code + " " + c.Title.For(lang) }
	c := ui.Checks{Legend: t(ctx, "overlap.legend", "A", title(a), "B", title(b)), Name: overlapName(o), Radio: true, Help: t(ctx, "overlap.help")}
	option := func(value, label string, chosen bool) {
		c.Options = append(c.Options, ui.Option{Value: value, Label: label, Chosen: chosen})
	}
	option("both", t(ctx, "overlap.both"), a.chosen && b.chosen)
	switch {
	case a.taken:
		option(o.A, t(ctx, "overlap.keep", "Control", title(a)), !b.chosen)
	case b.taken:
		option(o.B, t(ctx, "overlap.keep", "Control", title(b)), !a.chosen)
	default:
		option(o.A, t(ctx, "overlap.keep", "Control", title(a)), a.chosen && !b.chosen)
		option(o.B, t(ctx, "overlap.keep", "Control", title(b)), b.chosen && !a.chosen)
		option("neither", t(ctx, "overlap.neither"), !a.chosen && !b.chosen)
	}
	return c
}

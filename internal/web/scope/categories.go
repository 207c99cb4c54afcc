package scope

import (
	"context"
	"net/http"
	"slices"

	"bevis/internal/control"
	"bevis/internal/framework"
	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web/ui"
)

// categoryData is one category and what it costs.
type categoryData struct {
	Category framework.Category `json:"category"`
	Chosen   bool               `json:"chosen"`
	Reason   string             `json:"reason"`
	Criteria int                `json:"criteria"` // that it adds to Security's, or Security's own
	Controls int                `json:"controls"` // proposed controls that it adds, or Security's own
}

// categories handles GET /start/categories.
func (p Pages) categories(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	return p.showCategories(w, r, e, nil)
}

// saveCategories handles POST /start/categories.
func (p Pages) saveCategories(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	v := &e.Value
	v.Categories = []programme.CategoryChoice{}
	for _, c := range framework.AllCategories() {
		if c == framework.Security || slices.Contains(r.PostForm["category"], string(c)) {
			v.Categories = append(v.Categories, programme.CategoryChoice{Category: c, Reason: field(r, "reason-"+string(c))})
		}
	}
	refused, err := p.save(w, r, e, stepCategories)
	if refused != nil {
		return p.showCategories(w, r, e, refusal(r.Context(), "category-availability", refused))
	}
	return err
}

// costs counts what each category adds to Security alone.
func costs(v *programme.Programme) ([]categoryData, error) {
	set, err := framework.TSC2017()
	if err != nil {
		return nil, err
	}
	base, err := control.Propose(nil, nil)
	if err != nil {
		return nil, err
	}
	out := []categoryData{}
	for _, c := range framework.AllCategories() {
		d := categoryData{Category: c, Chosen: c == framework.Security, Criteria: len(set.InScope(nil)), Controls: len(base.Controls)}
		if c != framework.Security {
			p, err := control.Propose(framework.Categories{framework.Security, c}, nil)
			if err != nil {
				return nil, err
			}
			d.Criteria, d.Controls = len(set.InScope(framework.Categories{c}))-d.Criteria, len(p.Controls)-d.Controls
		}
		for _, x := range v.Categories {
			if x.Category == c {
				d.Chosen, d.Reason = true, x.Reason
			}
		}
		out = append(out, d)
	}
	return out, nil
}

type categoriesProps struct {
	frame
	categories []categoryProps
}

type categoryProps struct {
	id     string
	box    ui.Option
	text   string
	cost   ui.Link
	reason *ui.Field // nil for Security, which needs none
}

func (p Pages) showCategories(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], errors []ui.FieldError) error {
	d, err := costs(&e.Value)
	if err != nil {
		return err
	}
	props := categoriesProps{frame: p.frame(r, e, stepCategories, errors)}
	for _, c := range d {
		props.categories = append(props.categories, categoryOf(r.Context(), c))
	}
	return p.Shell.Answer(w, r, status(errors), d, categoriesPage(props))
}

func categoryOf(ctx context.Context, c categoryData) categoryProps {
	name := string(c.Category)
	v := categoryProps{
		id:   "category-" + name,
		box:  ui.Option{Value: name, Label: t(ctx, "category."+name), Chosen: c.Chosen, Disabled: c.Category == framework.Security},
		text: t(ctx, "category."+name+".text"),
		cost: ui.Link{Label: t(ctx, "cost", "Count", c.Controls, "Criteria", c.Criteria), Href: "/controls/library?proposed=" + name},
	}
	if c.Category == framework.Security {
		v.cost.Label = t(ctx, "cost.security", "Count", c.Controls, "Criteria", c.Criteria)
	} else {
		v.reason = &ui.Field{Name: "reason-" + name, Label: t(ctx, "category.reason"), Value: c.Reason, Optional: true}
	}
	return v
}

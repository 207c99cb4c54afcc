package scope

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/control"
	"bevis/internal/i18n"
	programme "bevis/internal/scope"
	"bevis/internal/web/ui"
)

// plannedControl is a control of the proposal as the plan has it. One that the
// organisation has already is planned too, and is not adopted again.
type plannedControl struct {
	control.LibraryControl
	values map[string]string
	chosen bool
	taken  bool
}

// planned are the proposed and the adopted library controls with a criterion in
// scope, by category and code.
func (p Pages) planned(ctx context.Context, v *programme.Programme) ([]plannedControl, error) {
	offered, err := p.Controls.Offer(ctx)
	if err != nil {
		return nil, err
	}
	proposal, err := p.Controls.Propose(ctx, v.Chosen())
	if err != nil {
		return nil, err
	}
	codes := proposal.Codes()
	var out []plannedControl
	for _, l := range offered {
		reaches := slices.ContainsFunc(proposal.Reach, func(x control.Reach) bool { return slices.Contains(x.Controls, l.Code) })
		if !reaches || !l.Taken && !slices.Contains(codes, l.Code) {
			continue
		}
		out = append(out, plannedControl{l.LibraryControl, v.Controls.ValuesOf(l.Code), l.Taken || !slices.Contains(v.Controls.LeftOut, l.Code), l.Taken})
	}
	place := func(c string) int { return slices.Index(control.Categories, c) }
	slices.SortStableFunc(out, func(a, b plannedControl) int {
		return cmp.Or(place(a.Category)-place(b.Category), strings.Compare(a.Code, b.Code))
	})
	return out, nil
}

// controlsData is the fourth step as JSON.
type controlsData struct {
	Controls []controlData     `json:"controls"`
	Overlaps []control.Overlap `json:"overlaps"`
	Thin     []control.Reach   `json:"thin"` // criteria in scope that fewer than two chosen controls reach
}

type controlData struct {
	Code      string            `json:"code"`
	Title     string            `json:"title"`
	Category  string            `json:"category"`
	Statement string            `json:"statement"` // with the values filled in
	Values    map[string]string `json:"values"`    // that differ from the defaults
	Chosen    bool              `json:"chosen"`
	Taken     bool              `json:"taken"`
}

// controls handles GET /start/controls.
func (p Pages) controls(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	return p.showControls(w, r, e, nil)
}

// saveControls handles POST /start/controls. With do=show it decides nothing and
// shows the sentences with the values typed.
func (p Pages) saveControls(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	ctx, plan := r.Context(), &e.Value.Controls
	all, err := p.planned(ctx, &e.Value)
	if err != nil {
		return err
	}
	overlaps, err := overlapsOf(all)
	if err != nil {
		return err
	}
	plan.Seen, plan.LeftOut, plan.Values = true, leftOut(r, overlaps), []programme.ParamValue{}
	var errors []ui.FieldError
	for _, c := range all {
		if c.taken {
			continue
		}
		if !inOverlap(overlaps, c.Code) && !slices.Contains(r.PostForm["code"], c.Code) {
			plan.LeftOut = append(plan.LeftOut, c.Code)
		}
		for _, x := range c.Params {
			value := field(r, inputOf(c.Code, x.Name))
			if value == "" || value == x.Default {
				continue
			}
			plan.Values = append(plan.Values, programme.ParamValue{Code: c.Code, Name: x.Name, Value: value})
			if err := c.CheckValues(map[string]string{x.Name: value}); err != nil {
				errors = append(errors, ui.FieldError{ID: inputOf(c.Code, x.Name), Message: i18n.Fault(ctx, err, "")})
			}
		}
	}
	slices.Sort(plan.LeftOut)
	plan.LeftOut = slices.Compact(plan.LeftOut)
	if len(errors) > 0 || field(r, "do") == "show" {
		return p.showControls(w, r, e, errors)
	}
	refused, err := p.save(w, r, e, stepControls)
	if refused != nil {
		return p.showControls(w, r, e, refusal(ctx, "controls", refused))
	}
	return err
}

// leftOut are the controls left out by the decisions about overlaps. These decide
// alone about the controls in them, which have no box.
func leftOut(r *http.Request, overlaps []control.Overlap) []string {
	out := []string{}
	for _, o := range overlaps {
		choice := field(r, overlapName(o))
		if choice == o.B || choice == "neither" {
			out = append(out, o.A)
		}
		if choice == o.A || choice == "neither" {
			out = append(out, o.B)
		}
	}
	return out
}

func inOverlap(all []control.Overlap, code string) bool {
	return slices.ContainsFunc(all, func(o control.Overlap) bool { return o.A == code || o.B == code })
}

// inputOf is the name of the input for a parameter.
func inputOf(code, param string) string { return "v-" + code + "-" + param }

func overlapName(o control.Overlap) string { return "overlap-" + o.A + "-" + o.B }

// overlapsOf are the pairs among the proposed and adopted controls in which at
// least one is still to be adopted.
func overlapsOf(all []plannedControl) ([]control.Overlap, error) {
	var codes []string
	taken := map[string]bool{}
	for _, c := range all {
		codes = append(codes, c.Code)
		taken[c.Code] = c.taken
	}
	out, err := control.Overlapping(codes)
	return slices.DeleteFunc(out, func(o control.Overlap) bool { return taken[o.A] && taken[o.B] }), err
}

// thin are the criteria in scope that fewer than two chosen controls reach.
func thin(v *programme.Programme, all []plannedControl) ([]control.Reach, error) {
	p, err := control.Propose(v.Chosen(), nil)
	if err != nil {
		return nil, err
	}
	out := []control.Reach{}
	for _, x := range p.Reach {
		reached := control.Reach{Criterion: x.Criterion, Controls: []string{}}
		for _, c := range all {
			if c.chosen && slices.Contains(c.Criteria, x.Criterion) {
				reached.Controls = append(reached.Controls, c.Code)
			}
		}
		if len(reached.Controls) < 2 {
			out = append(out, reached)
		}
	}
	return out, nil
}

package scope

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	programme "bevis/internal/scope"
	"bevis/internal/web/ui"
)

// ownersData is the fifth step as JSON.
type ownersData struct {
	Categories []ownerData `json:"categories"`
}

type ownerData struct {
	Category string `json:"category"`
	Controls int    `json:"controls"` // to be adopted
	Owner    string `json:"owner"`    // account id, "" for nobody
}

// owners handles GET /start/owners.
func (p Pages) owners(w http.ResponseWriter, r *http.Request) error {
	e, err := p.Scope.Programme(r.Context())
	if err != nil {
		return err
	}
	return p.showOwners(w, r, e, nil)
}

// saveOwners handles POST /start/owners.
func (p Pages) saveOwners(w http.ResponseWriter, r *http.Request) error {
	e, err := p.posted(r)
	if err != nil {
		return err
	}
	ctx, plan := r.Context(), &e.Value.Controls
	people, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	plan.Owned, plan.Owners = true, []programme.OwnerChoice{}
	var errors []ui.FieldError
	for _, c := range control.Categories {
		id := field(r, "owner-"+c)
		if id == "" {
			continue
		}
		if people[id] == "" {
			errors = append(errors, ui.FieldError{ID: "owner-" + c, Message: t(ctx, "owners.unknown")})
			continue
		}
		plan.Owners = append(plan.Owners, programme.OwnerChoice{Category: c, Owner: id})
	}
	if len(errors) > 0 {
		return p.showOwners(w, r, e, errors)
	}
	refused, err := p.save(w, r, e, stepOwners)
	if refused != nil {
		return p.showOwners(w, r, e, refusal(ctx, "owner-access", refused))
	}
	return err
}

type ownersProps struct {
	frame
	rows []ownerRow
}

type ownerRow struct {
	field   ui.Field
	options []ui.Option
}

func (p Pages) showOwners(w http.ResponseWriter, r *http.Request, e register.Entry[programme.Programme], errors []ui.FieldError) error {
	ctx := r.Context()
	people, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	all, err := p.planned(ctx, &e.Value)
	if err != nil {
		return err
	}
	d := ownersData{Categories: []ownerData{}}
	props := ownersProps{frame: p.frame(r, e, stepOwners, errors)}
	for _, c := range byCategory(all) {
		x := ownerData{c.category, len(c.controls), e.Value.Controls.Owner(c.category)}
		d.Categories = append(d.Categories, x)
		id := "owner-" + c.category
		props.rows = append(props.rows, ownerRow{
			ui.Field{Name: id, Label: i18n.T(ctx, "category."+c.category), Help: t(ctx, "owners.n", "Count", x.Controls), Optional: true, Error: errorOf(errors, id)},
			choicesOf(ctx, people, x.Owner),
		})
	}
	return p.Shell.Answer(w, r, status(errors), d, ownersPage(props))
}

func choicesOf(ctx context.Context, people map[string]string, chosen string) []ui.Option {
	out := []ui.Option{{Label: t(ctx, "owners.nobody"), Chosen: chosen == ""}}
	ids := slices.SortedFunc(maps.Keys(people), func(a, b string) int { return cmp.Or(strings.Compare(people[a], people[b]), strings.Compare(a, b)) })
	for _, id := range ids {
		out = append(out, ui.Option{Value: id, Label: people[id], Chosen: id == chosen})
	}
	return out
}

// adoption is the controls of one control category that are to be adopted.
type adoption struct {
	category string
	controls []plannedControl
}

// byCategory groups what is to be adopted by control category.
func byCategory(all []plannedControl) []adoption {
	var out []adoption
	for _, c := range all {
		if !c.chosen || c.taken {
			continue
		}
		if n := len(out); n == 0 || out[n-1].category != c.Category {
			out = append(out, adoption{category: c.Category})
		}
		last := &out[len(out)-1]
		last.controls = append(last.controls, c)
	}
	return out
}

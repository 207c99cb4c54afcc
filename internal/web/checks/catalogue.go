package checks

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

// reasonLine is a reason that the check may give.
type reasonLine struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// parameterLine is a whole number that a control version may set.
type parameterLine struct {
	Name    string `json:"name"`
	Default int64  `json:"default"`
	Meaning string `json:"meaning"`
}

type catalogueData struct {
	Check      checkLine       `json:"check"`
	Parameters []parameterLine `json:"parameters"`
	Reasons    []reasonLine    `json:"reasons"`
}

// catalogue handles GET /checks/catalogue/{id}. A check is the product's own and
// says nothing of anybody's data, so an auditor of any window may read it.
func (p Pages) catalogue(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Checks.Policy.Require(ctx, authz.PopulationRead); err != nil {
		return err
	}
	c, err := check.Find(r.PathValue("id"))
	if fault.KindOf(err) == fault.NotFound {
		return notFound(r.PathValue("id"))
	}
	if err != nil {
		return err
	}
	data := catalogueData{Check: catalogueLine(ctx, c), Parameters: []parameterLine{}, Reasons: []reasonLine{}}
	for _, q := range c.Parameters {
		data.Parameters = append(data.Parameters, parameterLine{q.Name, q.Default, inLang(ctx, q.Meaning)})
	}
	for _, id := range slices.Sorted(maps.Keys(c.Reasons)) {
		data.Reasons = append(data.Reasons, reasonLine{id, inLang(ctx, c.Reasons[id])})
	}
	props := catalogueProps{shell: p.Shell.Props(r, data.Check.Title, ui.Link{Label: i18n.T(ctx, "checkspage.title"), Href: "/checks"}), data: data}
	return p.Shell.Answer(w, r, http.StatusOK, data, cataloguePage(props))
}

func catalogueFrame(ctx context.Context, id, title, first string) ui.Table {
	return ui.Table{ID: id, Caption: i18n.T(ctx, title), Columns: []ui.Column{
		column(ctx, first, ui.CellText), column(ctx, "checkspage.meaning", ui.CellText),
	}}
}

package windows

import (
	"net/http"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

type listed struct {
	Windows []summary `json:"windows"`
}

type listProps struct {
	shell ui.Shell
	head  ui.Head
	table ui.Table
	rows  []summary
}

// list handles GET /windows.
func (p Pages) list(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	all, err := p.Windows.List(ctx)
	if err != nil {
		return err
	}
	d := listed{Windows: []summary{}}
	for _, e := range all {
		cal, err := e.Value.Calendar()
		if err != nil {
			return err
		}
		d.Windows = append(d.Windows, summarise(e, cal.Day(p.Store.Now())))
	}
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	who, _ := authz.Of(ctx)
	v := listProps{shell: p.Shell.Props(r, t("title")), head: ui.Head{Title: t("title"), Sub: t("sub")}, rows: d.Windows}
	v.table = ui.Table{ID: "windows", Caption: t("title"), Columns: []ui.Column{
		{Label: t("window")}, {Label: t("type")}, {Label: t("categories")}, {Label: t("progress")}, {Label: t("status"), Kind: ui.CellStatus},
	}}
	create := &ui.Action{Label: t("new"), Icon: "plus", Href: "/windows/new"}
	switch {
	case len(d.Windows) == 0:
		v.table.Empty = &ui.Empty{Icon: "calendar", Title: t("none"), Text: t("none.text")}
		if who.Can(authz.WindowOpen) {
			v.table.Empty.Action = create
		}
	case who.Can(authz.WindowOpen):
		v.head.Primary = create
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, listPage(v))
}

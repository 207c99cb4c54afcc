package frameworks

import (
	"context"
	"net/http"
	"net/url"

	"bevis/internal/authz"
	"bevis/internal/coverage"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
)

// listData is the frameworks as JSON.
type listData struct {
	Window     string          `json:"window"` // code, "" for none
	Day        string          `json:"day"`    // on which controls are in force
	Frameworks []frameworkLine `json:"frameworks"`
}

// frameworkLine is one framework. Every mapping is a proposal.
type frameworkLine struct {
	ID       string `json:"id"`
	Version  string `json:"version"`
	Title    string `json:"title"`
	Kind     string `json:"kind"`
	Status   string `json:"status"` // of the crosswalk
	Refs     int    `json:"refs"`
	Mapped   int    `json:"mapped"`
	Partly   int    `json:"partly"`
	Unmapped int    `json:"unmapped"`
}

type listProps struct {
	head   ui.Head
	window *windowProps
	note   string
	table  ui.Table
	rows   []lineProps
}

type lineProps struct {
	row  ui.Row
	kind string
	data frameworkLine
	refs string // address of the whole list
	link func(coverage.State) string
}

// frameworkList handles GET /frameworks.
func (p Pages) frameworkList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	name := r.URL.Query().Get("window")
	v, err := p.Coverage.View(ctx, name)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	lang := i18n.Of(ctx)
	d := listData{Window: windowCode(v), Day: string(v.Day), Frameworks: []frameworkLine{}}
	props := listProps{window: windowOf(v), note: i18n.T(ctx, "frameworks.note"), table: ui.Table{
		ID: "frameworks", Caption: i18n.T(ctx, "frameworks.title"), Columns: []ui.Column{
			{Label: i18n.T(ctx, "frameworks.framework")},
			{Label: i18n.T(ctx, "frameworks.kind")},
			{Label: i18n.T(ctx, "frameworks.refs"), Kind: ui.CellNum},
			{Label: stateWord(ctx, coverage.Mapped), Kind: ui.CellNum},
			{Label: stateWord(ctx, coverage.Partly), Kind: ui.CellNum},
			{Label: stateWord(ctx, coverage.Unmapped), Kind: ui.CellNum},
		},
	}}
	props.head = ui.Head{Title: i18n.T(ctx, "frameworks.title"), Sub: sub(ctx, v)}
	if who.Can(authz.ControlEdit) {
		props.head.Secondary = append(props.head.Secondary, ui.Action{Label: i18n.T(ctx, "frameworks.import"), Icon: "upload", Href: "/frameworks/import"})
	}
	for _, f := range v.Frameworks {
		c := v.Of(f)
		x := frameworkLine{
			ID: f.ID, Version: f.Version, Title: f.Title.For(lang), Kind: f.Kind, Status: f.Status, Refs: len(f.Refs),
			Mapped: c.Count[coverage.Mapped], Partly: c.Count[coverage.Partly], Unmapped: c.Count[coverage.Unmapped],
		}
		d.Frameworks = append(d.Frameworks, x)
		props.rows = append(props.rows, lineProps{
			row: ui.Row{Href: frameworkPath(f.ID, name, ""), Title: x.Title}, data: x, kind: i18n.T(ctx, "frameworks.kind."+f.Kind),
			refs: frameworkPath(f.ID, name, ""), link: func(s coverage.State) string { return frameworkPath(f.ID, name, s) },
		})
	}
	if who.Is(authz.Auditor) {
		props.note = i18n.T(ctx, "frameworks.note") + " " + i18n.T(ctx, "frameworks.auditor")
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, listPage(p.Shell.Props(r, props.head.Title), props))
}

func windowCode(v *coverage.View) string {
	if v.Window == nil {
		return ""
	}
	return v.Window.Value.Code
}

func windowOf(v *coverage.View) *windowProps {
	if v.Window == nil {
		return nil
	}
	x := &v.Window.Value
	return &windowProps{x.Code, "/windows/" + x.Code, ui.Status("window." + string(x.Status))}
}

// sub says which controls and which evidence the page speaks of.
func sub(ctx context.Context, v *coverage.View) string {
	if v.Window == nil {
		return i18n.T(ctx, "frameworks.sub.no_window", "Day", string(v.Day))
	}
	return i18n.T(ctx, "frameworks.sub", "Day", string(v.Day), "Period", period(ctx, &v.Window.Value))
}

// frameworkPath is the address of a framework's list, narrowed to a state unless
// it is "".
func frameworkPath(id, window string, s coverage.State) string {
	q := url.Values{}
	if s != "" {
		q.Set("state", string(s))
	}
	if window != "" {
		q.Set("window", window)
	}
	path := "/frameworks/" + url.PathEscape(id)
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// refPath is the address of a reference.
func refPath(id, ref, window string) string {
	path := "/frameworks/" + url.PathEscape(id) + "/" + url.PathEscape(ref)
	if window != "" {
		path += "?window=" + url.QueryEscape(window)
	}
	return path
}

// statePill is the glyph of a mapping: none is green, for a mapping is a proposal.
func statePill(s coverage.State) ui.Status {
	switch s {
	case coverage.Mapped:
		return ui.WindowOpen // a disc in the tone of information
	case coverage.Partly:
		return ui.StateInProgress
	}
	return ui.StateNotStarted
}

// stateWord is the state with "(proposed)", which it never stands without.
func stateWord(ctx context.Context, s coverage.State) string {
	return i18n.T(ctx, "frameworks.proposed", "State", i18n.Key("frameworks.state."+string(s)))
}

package frameworks

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/coverage"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

const statementPath = "/frameworks/" + coverage.StatementFramework + "/statement"

// statementData is the statement of applicability as JSON.
type statementData struct {
	Framework string          `json:"framework"`
	Version   string          `json:"version"`
	Total     int             `json:"total"`
	Undecided int             `json:"undecided"`
	Lines     []statementLine `json:"lines"`
}

type statementLine struct {
	Ref        string          `json:"ref"`
	Title      string          `json:"title"`
	Decided    bool            `json:"decided"`
	Applicable *bool           `json:"applicable,omitempty"` // left out while undecided
	Reason     string          `json:"reason"`
	Status     coverage.Status `json:"status"` // "" while undecided
	Owner      string          `json:"owner"`
	Controls   []string        `json:"controls"` // in force, reached through the proposed crosswalk
	Version    int64           `json:"version"`
}

// The parts of the statement that the page can be narrowed to.
var statementShows = []string{"undecided", "applicable", "not_applicable"}

func (l *statementLine) shows(which string) bool {
	switch which {
	case "undecided":
		return !l.Decided
	case "applicable":
		return l.Decided && *l.Applicable
	case "not_applicable":
		return l.Decided && !*l.Applicable
	}
	return true
}

type statementProps struct {
	head   ui.Head
	note   string
	banner *ui.BannerProps
	filter ui.Filter
	table  ui.Table
	groups []statementGroup
}

type statementGroup struct {
	group ui.Group
	rows  []statementRow
}

type statementRow struct {
	row      ui.Row
	data     statementLine
	applies  string // "–" while undecided
	status   ui.Status
	word     string
	controls []ui.Link
	more     *ui.Link
}

// readStatement reads what the request speaks of, and the accounts' names.
func (p Pages) readStatement(r *http.Request) (*coverage.Statement, map[string]string, error) {
	ctx := r.Context()
	v, err := p.Coverage.View(ctx, r.URL.Query().Get("window"))
	if err != nil {
		return nil, nil, err
	}
	s, err := p.Coverage.Statement(ctx, v)
	if err != nil {
		return nil, nil, err
	}
	names, err := p.Accounts.Names(ctx)
	return s, names, err
}

func statementLineOf(l *coverage.Line, names map[string]string, lang i18n.Lang) statementLine {
	x := statementLine{Ref: l.Ref.ID, Title: l.Ref.Title.For(lang), Decided: l.Decided, Controls: l.Controls, Version: l.Version}
	if l.Decided {
		x.Applicable, x.Reason, x.Status, x.Owner = &l.Decision.Applicable, l.Decision.Reason, l.Decision.Status, names[l.Decision.Owner]
	}
	return x
}

// statement handles GET /frameworks/iso27001-2022/statement.
func (p Pages) statement(w http.ResponseWriter, r *http.Request) error {
	ctx, q := r.Context(), r.URL.Query()
	s, names, err := p.readStatement(r)
	if err != nil {
		return err
	}
	who, _ := authz.Of(ctx)
	lang := i18n.Of(ctx)
	text, show := strings.ToLower(strings.TrimSpace(q.Get("q"))), q.Get("show")
	if !slices.Contains(statementShows, show) {
		show = ""
	}
	d := statementData{Framework: s.Framework.ID, Version: s.Framework.Version, Total: len(s.Lines), Undecided: s.Undecided, Lines: []statementLine{}}
	counts, all := map[string]int{}, 0
	props := statementProps{note: i18n.T(ctx, "statement.own_words") + " " + i18n.T(ctx, "statement.proposed"), table: statementTable(ctx)}
	for i := range s.Lines {
		l := &s.Lines[i]
		x := statementLineOf(l, names, lang)
		if text != "" && !strings.Contains(strings.ToLower(x.Ref+"\n"+l.Ref.Title.EN+"\n"+l.Ref.Title.SV+"\n"+strings.Join(x.Controls, "\n")), text) {
			continue
		}
		all++
		for _, which := range statementShows {
			if x.shows(which) {
				counts[which]++
			}
		}
		if !x.shows(show) {
			continue
		}
		d.Lines = append(d.Lines, x)
		if n := len(props.groups); n == 0 || props.groups[n-1].group.Title != l.Group.Title.For(lang) {
			props.groups = append(props.groups, statementGroup{group: ui.Group{Title: l.Group.Title.For(lang), Span: props.table.Span()}})
		}
		g := &props.groups[len(props.groups)-1]
		g.rows = append(g.rows, statementRowOf(ctx, x, who.Can(authz.ControlEdit)))
	}
	props.head = ui.Head{Title: i18n.T(ctx, "statement.title"), Sub: s.Framework.Title.For(lang), Secondary: []ui.Action{
		{Label: i18n.T(ctx, "statement.xlsx"), Icon: "download", Href: statementPath + ".xlsx"},
		{Label: i18n.T(ctx, "statement.pdf"), Icon: "download", Href: statementPath + ".pdf"},
	}}
	if s.Undecided > 0 {
		props.banner = &ui.BannerProps{Tone: ui.ToneWarn, Text: i18n.T(ctx, "statement.undecided", "Count", s.Undecided, "All", len(s.Lines))}
	}
	props.filter = statementFilter(ctx, q, counts, all, show)
	props.table.Announce = i18n.T(ctx, "frameworks.shown", "Count", len(d.Lines))
	if len(d.Lines) == 0 {
		props.table.Empty = &ui.Empty{
			Icon: "filter", Title: i18n.T(ctx, "frameworks.none"), Text: i18n.T(ctx, "frameworks.none.text"),
			Action: &ui.Action{Label: i18n.T(ctx, "frameworks.clear"), Href: statementPath}, Quiet: true,
		}
	}
	shell := p.Shell.Props(r, props.head.Title, frameworksLink(ctx), ui.Link{Label: s.Framework.Title.For(lang), Href: frameworkPath(s.Framework.ID, "", "")})
	return p.Shell.Answer(w, r, http.StatusOK, d, statementPage(shell, props))
}

func statementTable(ctx context.Context) ui.Table {
	return ui.Table{ID: "statement", Caption: i18n.T(ctx, "statement.title"), Columns: []ui.Column{
		{Label: i18n.T(ctx, "statement.name")},
		{Label: i18n.T(ctx, "statement.applicable")},
		{Label: i18n.T(ctx, "statement.reason_column")},
		{Label: i18n.T(ctx, "statement.controls")},
		{Label: i18n.T(ctx, "statement.owner_column"), Kind: ui.CellOwner},
		{Label: i18n.T(ctx, "statement.status_column"), Kind: ui.CellStatus},
	}}
}

func statementRowOf(ctx context.Context, x statementLine, edit bool) statementRow {
	v := statementRow{row: ui.Row{Code: x.Ref, Title: x.Title, Href: refPath(coverage.StatementFramework, x.Ref, "")}, data: x}
	if edit {
		v.row.Href = decisionPath(x.Ref)
	}
	v.status, v.word = decisionStatus(ctx, &x)
	switch {
	case !x.Decided:
		v.applies = "–"
	case *x.Applicable:
		v.applies = i18n.T(ctx, "statement.applies")
	default:
		v.applies = i18n.T(ctx, "statement.applies_not")
	}
	for i, code := range x.Controls {
		if i == refCodes && len(x.Controls) > refCodes+1 {
			v.more = &ui.Link{Label: "+" + ui.Num(ctx, len(x.Controls)-refCodes), Href: refPath(coverage.StatementFramework, x.Ref, "") + "#controls"}
			break
		}
		v.controls = append(v.controls, ui.Link{Label: code, Href: controlPath(code)})
	}
	return v
}

// decisionStatus is how a decision shows. Implemented is the organisation's own
// word and is not green.
func decisionStatus(ctx context.Context, x *statementLine) (ui.Status, string) {
	switch {
	case !x.Decided:
		return ui.StateNotStarted, i18n.T(ctx, "statement.not_decided")
	case x.Status == coverage.Planned:
		return ui.StateInProgress, i18n.T(ctx, "statement.status.planned")
	case x.Status == coverage.Implemented:
		return ui.WindowOpen, i18n.T(ctx, "statement.status.implemented")
	}
	return ui.StateNotApplicable, i18n.T(ctx, "statement.status.not_applicable")
}

func decisionPath(ref string) string { return statementPath + "/" + url.PathEscape(ref) }

func statementFilter(ctx context.Context, q url.Values, counts map[string]int, all int, show string) ui.Filter {
	seg := ui.Segments{Name: "show", Label: i18n.T(ctx, "statement.show"), Options: []ui.Segment{{Label: i18n.T(ctx, "frameworks.all"), Count: all, Chosen: show == ""}}}
	for _, which := range statementShows {
		seg.Options = append(seg.Options, ui.Segment{Value: which, Label: i18n.T(ctx, "statement.show."+which), Count: counts[which], Chosen: show == which})
	}
	return ui.Filter{
		Action: statementPath, Target: "statement", Label: i18n.T(ctx, "statement.filter"), Segments: &seg,
		Search: &ui.Search{Name: "q", Value: q.Get("q"), Hint: i18n.T(ctx, "statement.filter.hint")},
	}
}

// statementFile handles GET …/statement.xlsx and …/statement.pdf: all of Annex A.
func (p Pages) statementFile(ext string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		s, names, err := p.readStatement(r)
		if err != nil {
			return err
		}
		ws, err := p.Shell.Workspace(ctx)
		if err != nil {
			return err
		}
		doc := s.Document(i18n.Of(ctx), ws.Name, names, ws.Now)
		var out bytes.Buffer
		kind := "application/pdf"
		if ext == "xlsx" {
			kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
			err = doc.XLSX(&out)
		} else {
			err = doc.PDF(&out)
		}
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", `attachment; filename="statement-of-applicability.`+ext+`"`)
		_, err = out.WriteTo(w)
		return err
	}
}

// decisionForm is a decision as text, as it was read or typed.
type decisionForm struct {
	Ref        string `json:"ref"`
	Version    int64  `json:"version"`    // that the person read, 0 for none
	Applicable string `json:"applicable"` // yes, no or ""
	Reason     string `json:"reason"`
	Status     string `json:"status"`
	Owner      string `json:"owner"`
}

type decisionProps struct {
	head          ui.Head
	action, back  string
	version       string
	errors        []ui.FieldError
	applicable    ui.Checks
	reason        ui.Field
	status, owner ui.Field
	statuses      []ui.Option
	owners        []ui.Option
	through       string
	controls      []ui.Link
}

// decisionLine is the line of the address for somebody who may decide.
func (p Pages) decisionLine(r *http.Request) (*coverage.Line, error) {
	if who, _ := authz.Of(r.Context()); !who.Can(authz.ControlEdit) {
		return nil, fault.New(fault.Denied, "authz.denied")
	}
	s, _, err := p.readStatement(r)
	if err != nil {
		return nil, err
	}
	l := s.Line(r.PathValue("ref"))
	if l == nil {
		return nil, fault.New(fault.NotFound, "framework.ref_unknown", "Ref", r.PathValue("ref"), "Framework", s.Framework.ID)
	}
	return l, nil
}

// decision handles GET …/statement/{ref}.
func (p Pages) decision(w http.ResponseWriter, r *http.Request) error {
	l, err := p.decisionLine(r)
	if err != nil {
		return err
	}
	f := decisionForm{Ref: l.Ref.ID, Version: l.Version}
	if l.Decided {
		f.Applicable, f.Reason, f.Status, f.Owner = "no", l.Decision.Reason, string(l.Decision.Status), l.Decision.Owner
		if l.Decision.Applicable {
			f.Applicable = "yes"
		}
	}
	return p.decisionAgain(w, r, http.StatusOK, l, f, nil)
}

// decide handles POST …/statement/{ref}.
func (p Pages) decide(w http.ResponseWriter, r *http.Request) error {
	l, err := p.decisionLine(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	version, err := strconv.ParseInt(value("version"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "statement.form")
	}
	f := decisionForm{l.Ref.ID, version, value("applicable"), value("reason"), value("status"), value("owner")}
	d := coverage.Decision{Ref: f.Ref, Applicable: f.Applicable == "yes", Reason: f.Reason, Status: coverage.Status(f.Status), Owner: f.Owner}
	if f.Applicable != "yes" && f.Applicable != "no" {
		return p.decisionAgain(w, r, http.StatusUnprocessableEntity, l, f, &ui.FieldError{ID: "applicable", Message: i18n.T(ctx, "statement.choose")})
	}
	if !d.Applicable {
		d.Status = coverage.NotApplicable // there is nothing else to choose
	}
	if _, err := p.Coverage.Decide(ctx, d, version); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		id := "reason"
		if fault.Is(err, "statement.status") || fault.Is(err, "statement.status_differs") {
			id = "status"
		}
		return p.decisionAgain(w, r, http.StatusUnprocessableEntity, l, f, &ui.FieldError{ID: id, Message: i18n.Fault(ctx, err, "")})
	}
	if version == 0 {
		return web.SeeOther(w, r, statementPath+"?show=undecided") // on to the next one
	}
	return web.SeeOther(w, r, statementPath)
}

// decisionAgain shows the form with what is wrong in it.
func (p Pages) decisionAgain(w http.ResponseWriter, r *http.Request, status int, l *coverage.Line, f decisionForm, wrong *ui.FieldError) error {
	ctx := r.Context()
	owners, err := p.Accounts.Owners(ctx)
	if err != nil {
		return err
	}
	lang := i18n.Of(ctx)
	t := func(key string) string { return i18n.T(ctx, "statement."+key) }
	of := func(id string) string {
		if wrong != nil && wrong.ID == id {
			return wrong.Message
		}
		return ""
	}
	v := decisionProps{
		head: ui.Head{Title: l.Ref.ID + " " + l.Ref.Title.For(lang), Sub: t("decide.sub")}, action: decisionPath(l.Ref.ID), back: statementPath, version: strconv.FormatInt(f.Version, 10),
		applicable: ui.Checks{Legend: t("applicable"), Name: "applicable", Radio: true, Error: of("applicable"), Options: []ui.Option{
			{Value: "yes", Label: t("yes"), Chosen: f.Applicable == "yes"},
			{Value: "no", Label: t("no"), Chosen: f.Applicable == "no"},
		}},
		reason:  ui.Field{Name: "reason", Label: t("reason_column"), Help: t("reason.help"), Value: f.Reason, Rows: 4, Error: of("reason"), Optional: f.Applicable != "no"},
		status:  ui.Field{Name: "status", Label: t("status_column"), Help: t("status.help"), Error: of("status")},
		owner:   ui.Field{Name: "owner", Label: t("owner_column"), Optional: true},
		owners:  []ui.Option{{Value: "", Label: t("nobody"), Chosen: f.Owner == ""}},
		through: stateWord(ctx, l.State),
	}
	if wrong != nil {
		v.errors = []ui.FieldError{*wrong}
	}
	for _, s := range coverage.Statuses {
		v.statuses = append(v.statuses, ui.Option{Value: string(s), Label: t("status." + string(s)), Chosen: f.Status == string(s)})
	}
	for _, id := range slices.SortedFunc(maps.Keys(owners), func(a, b string) int { return strings.Compare(owners[a], owners[b]) }) {
		v.owners = append(v.owners, ui.Option{Value: id, Label: owners[id], Chosen: id == f.Owner})
	}
	for _, code := range l.Controls {
		v.controls = append(v.controls, ui.Link{Label: code, Href: controlPath(code)})
	}
	here := ui.Link{Label: t("title"), Href: statementPath}
	return p.Shell.Answer(w, r, status, f, decisionPage(p.Shell.Props(r, l.Ref.ID, frameworksLink(ctx), here), v))
}

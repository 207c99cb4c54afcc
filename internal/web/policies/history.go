package policies

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/policy"
	"bevis/internal/web/ui"
)

// historyData is the versions of a policy as JSON, newest first, and how two of them
// differ.
type historyData struct {
	Code     string        `json:"code"`
	Versions []versionData `json:"versions"`
	From     int64         `json:"from"` // 0: there is nothing to compare
	To       int64         `json:"to"`
	Changes  []changeData  `json:"changes"`
	Same     int           `json:"unchanged_paragraphs"`
}

type versionData struct {
	Version int64         `json:"version"`
	Entry   int64         `json:"entry"`
	Edition int           `json:"edition"`
	Status  policy.Status `json:"status"`
	At      string        `json:"at"`
	By      string        `json:"by"`
	Reason  string        `json:"reason"`
	Erased  bool          `json:"erased"`
}

type changeData struct {
	Where  string `json:"where"` // heading or property
	Before string `json:"before"`
	After  string `json:"after"`
}

type historyProps struct {
	head    ui.Head
	code    string
	table   ui.Table
	rows    []historyRow
	tabs    []ui.Tab
	compare *compareProps
}

type historyRow struct {
	row     ui.Row
	data    versionData
	version policy.Entry
	state   standing
}

type compareProps struct {
	action   string
	from, to ui.Field
	versions [2][]ui.Option
	text     string // which language
	caption  string
	changes  []ui.Change
	same     string
}

// history handles GET /policies/{code}/history.
func (p Pages) history(w http.ResponseWriter, r *http.Request) error {
	ctx, code := r.Context(), r.PathValue("code")
	h, err := p.Policies.History(ctx, code)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	today, err := p.Policies.Today(ctx)
	if err != nil {
		return err
	}
	d := historyData{Code: code, Versions: []versionData{}, Changes: []changeData{}}
	v := historyProps{head: ui.Head{Title: t(ctx, "history"), Sub: t(ctx, "history.sub")}, code: code}
	for _, e := range slices.Backward(h) {
		x := versionData{e.Version, e.Seq, e.Value.Edition, e.Value.Status, e.At.Format("2006-01-02T15:04:05Z07:00"), person(ctx, e.Actor, names), e.Reason, e.Erased}
		d.Versions = append(d.Versions, x)
		row := historyRow{ui.Row{Title: t(ctx, "version_n", "Version", e.Version)}, x, e, standing{"policy.draft", t(ctx, "erased")}}
		if !e.Erased {
			row.row.Href, row.state = path(code)+"?version="+strconv.FormatInt(e.Version, 10), standingOf(ctx, &e.Value, today)
			if who, _ := authz.Of(ctx); e.Version != h[len(h)-1].Version && !who.Is(authz.Auditor) {
				row.state = then(ctx, &e.Value)
			}
		}
		v.rows = append(v.rows, row)
	}
	v.table = ui.Table{ID: "versions", Caption: v.head.Title, Columns: []ui.Column{
		{Label: t(ctx, "version")},
		{Label: t(ctx, "edition"), Kind: ui.CellNum},
		{Label: t(ctx, "when"), Kind: ui.CellDate},
		{Label: t(ctx, "who"), Kind: ui.CellOwner},
		{Label: t(ctx, "why")},
		{Label: t(ctx, "state"), Kind: ui.CellStatus},
	}}
	whole := slices.DeleteFunc(slices.Clone(h), func(e policy.Entry) bool { return e.Erased })
	if asked := r.URL.Query().Get("from") + r.URL.Query().Get("to"); len(whole) > 1 || len(whole) == 1 && asked != "" {
		if err := p.compare(r, whole, names, &d, &v); err != nil {
			return err
		}
	}
	crumb := ui.Link{Label: code, Href: path(code)}
	return p.Shell.Answer(w, r, http.StatusOK, d, historyPage(p.Shell.Props(r, v.head.Title, parent(ctx), crumb), v))
}

// compare fills in how the two versions of the address differ: at first the newest
// one and the one in whose place it comes.
func (p Pages) compare(r *http.Request, h []policy.Entry, names map[string]string, d *historyData, v *historyProps) error {
	ctx, q := r.Context(), r.URL.Query()
	pick := func(name string, other int) (int, error) {
		s := q.Get(name)
		if s == "" {
			return other, nil
		}
		i := slices.IndexFunc(h, func(e policy.Entry) bool { return strconv.FormatInt(e.Version, 10) == s })
		if i < 0 {
			return 0, fault.New(fault.NotFound, "policy.no_version", "Code", d.Code, "Version", s)
		}
		return i, nil
	}
	to, err := pick("to", len(h)-1)
	if err != nil {
		return err
	}
	from, err := pick("from", predecessor(h, to))
	if err != nil {
		return err
	}
	a, b := h[from], h[to]
	d.From, d.To = a.Version, b.Version
	lang := langOf(r, &b.Value)
	if d.Changes, err = p.properties(ctx, &a.Value, &b.Value, names); err != nil {
		return err
	}
	old, now := a.Value, b.Value
	old.EffectiveFrom, now.EffectiveFrom = "", "" // the day is a property, not a change of the text
	for _, x := range policy.Diff(old.Text(lang), now.Text(lang)) {
		if x.Same() {
			d.Same++
			continue
		}
		d.Changes = append(d.Changes, changeData{x.Heading, x.Before, x.After})
	}
	c := &compareProps{
		action: path(d.Code) + "/history", from: ui.Field{Name: "from", Label: t(ctx, "compare.from")}, to: ui.Field{Name: "to", Label: t(ctx, "compare.to")},
		text: string(lang), caption: t(ctx, "compare.caption", "From", a.Version, "To", b.Version), same: i18n.T(ctx, "policiespage.same", "Count", d.Same),
	}
	for side, chosen := range []int64{a.Version, b.Version} {
		for _, e := range slices.Backward(h) {
			c.versions[side] = append(c.versions[side], ui.Option{Value: strconv.FormatInt(e.Version, 10), Label: t(ctx, "compare.version", "Version", e.Version, "Edition", e.Value.Edition, "State", t(ctx, "status."+string(e.Value.Status))), Chosen: e.Version == chosen})
		}
	}
	for _, x := range d.Changes {
		c.changes = append(c.changes, changeOf(ctx, x))
	}
	v.compare = c
	v.tabs = langs(ctx, &b.Value, lang, func(l i18n.Lang) string {
		return path(d.Code) + "/history?" + url.Values{"from": {strconv.FormatInt(a.Version, 10)}, "to": {strconv.FormatInt(b.Version, 10)}, "text": {string(l)}}.Encode()
	})
	return nil
}

// predecessor is the last version of the edition before, else the version before.
func predecessor(h []policy.Entry, of int) int {
	for i := of - 1; i >= 0; i-- {
		if h[i].Value.Edition < h[of].Value.Edition {
			return i
		}
	}
	return max(of-1, 0)
}

func changeOf(ctx context.Context, x changeData) ui.Change {
	c := ui.Change{Field: x.Where, Before: x.Before, After: x.After, Op: ui.ChangeEdit}
	if c.Field == "" {
		c.Field = t(ctx, "text")
	}
	switch {
	case x.Before == "":
		c.Op = ui.ChangeAdd
	case x.After == "":
		c.Op = ui.ChangeRemove
	}
	return c
}

// properties are the differences beside the text.
func (p Pages) properties(ctx context.Context, a, b *policy.Policy, names map[string]string) ([]changeData, error) {
	out := []changeData{}
	add := func(key, before, after string) {
		if before != after {
			out = append(out, changeData{t(ctx, key), before, after})
		}
	}
	var codes [2]string
	for i, x := range []*policy.Policy{a, b} {
		cs, err := p.Policies.ControlCodes(ctx, x)
		if err != nil {
			return nil, err
		}
		codes[i] = strings.Join(cs, ", ")
	}
	name := func(id string) string {
		if id == "" {
			return ""
		}
		return person(ctx, id, names)
	}
	add("title.en", a.Title.EN, b.Title.EN)
	add("title.sv", a.Title.SV, b.Title.SV)
	add("owner", name(a.Owner), name(b.Owner))
	add("audience", audience(ctx, a.Audience), audience(ctx, b.Audience))
	add("review_every", i18n.T(ctx, "policiespage.months", "Count", a.ReviewMonths), i18n.T(ctx, "policiespage.months", "Count", b.ReviewMonths))
	add("controls", codes[0], codes[1])
	add("criteria", strings.Join(a.Criteria, ", "), strings.Join(b.Criteria, ", "))
	add("from", string(a.EffectiveFrom), string(b.EffectiveFrom))
	add("last_day", string(a.EffectiveTo), string(b.EffectiveTo))
	return out, nil
}

package policies

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/policy"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// policyData is a version of a policy as JSON.
type policyData struct {
	Code     string             `json:"code"`
	Version  int64              `json:"version"`
	Entry    int64              `json:"entry"`
	Policy   policy.Policy      `json:"policy"`
	Lang     i18n.Lang          `json:"lang"`
	Text     string             `json:"text"` // Markdown, filled in
	SHA256   string             `json:"sha256"`
	Owner    string             `json:"owner"`
	Binding  policy.Publication `json:"binding"` // edition 0: none binds today
	Controls []reference        `json:"controls"`
	May      map[string]bool    `json:"may"` // what the reader can do next
}

type reference struct {
	Code  string `json:"code"`
	Title string `json:"title"`
}

type showProps struct {
	head     ui.Head
	code     string
	state    standing
	edition  string
	banner   *ui.BannerProps
	tabs     []ui.Tab
	lang     i18n.Lang
	foreign  bool   // shown in another language than the page's
	html     string // rendered and harmless
	controls []ui.LinkItem
	events   []ui.Event
	decide   *decideProps
	publish  *publishProps
	retire   *retireProps
	panel    panelProps
}

type decideProps struct {
	action, back, version string
	note                  ui.Field
	wrong                 []ui.FieldError
}

type publishProps struct {
	action, version string
	from            ui.Field
	sub             string
	wrong           []ui.FieldError
}

type retireProps struct {
	action, version string
	published       bool
	to, reason      ui.Field
	wrong           []ui.FieldError
}

type panelProps struct {
	properties []property
	criteria   []ui.Reference
	sha256     string
}

type property struct{ name, value, href string }

// refusal is a step that was refused, to be shown where it was tried.
type refusal struct {
	step   string // decide, publish, retire
	field  string
	err    error
	values url.Values
}

// show handles GET /policies/{code}.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.shown(w, r, http.StatusOK, refusal{})
}

// find reads the version of the address: ?version= for any that the reader may read,
// else the one that List shows.
func (p Pages) find(r *http.Request) (e policy.Entry, newest bool, err error) {
	ctx, code := r.Context(), r.PathValue("code")
	e, err = p.Policies.ByCode(ctx, code)
	q := r.URL.Query().Get("version")
	if err != nil || q == "" || q == strconv.FormatInt(e.Version, 10) {
		return e, true, err
	}
	h, err := p.Policies.History(ctx, code)
	if err != nil {
		return e, false, err
	}
	i := slices.IndexFunc(h, func(x policy.Entry) bool { return strconv.FormatInt(x.Version, 10) == q && !x.Erased })
	if i < 0 {
		return e, false, fault.New(fault.NotFound, "policy.no_version", "Code", code, "Version", q)
	}
	return h[i], false, nil
}

func (p Pages) shown(w http.ResponseWriter, r *http.Request, status int, wrong refusal) error {
	ctx := r.Context()
	e, newest, err := p.find(r)
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
	x := &e.Value
	lang := langOf(r, x)
	d := policyData{Code: x.Code, Version: e.Version, Entry: e.Seq, Policy: *x, Lang: lang, Text: x.Text(lang), Owner: names[x.Owner], Controls: []reference{}, May: map[string]bool{}}
	if d.SHA256, err = x.Digest(); err != nil {
		return err
	}
	if newest {
		d.Binding, _ = x.On(today)
	}
	if d.Controls, err = p.controls(ctx, x); err != nil {
		return err
	}
	if newest {
		if err := p.may(ctx, e, d.May); err != nil {
			return err
		}
	}
	v := showProps{code: x.Code, state: standingOf(ctx, x, today), edition: t(ctx, "edition_n", "Edition", x.Edition), lang: lang, foreign: lang != i18n.Of(ctx)}
	if who, _ := authz.Of(ctx); !newest && !who.Is(authz.Auditor) {
		v.state = then(ctx, x)
	}
	if v.html, err = policy.HTML(d.Text); err != nil {
		return err
	}
	v.head = ui.Head{Title: x.Heading(lang)}
	v.banner = bannerOf(ctx, e, newest, today)
	v.tabs = langs(ctx, x, lang, func(l i18n.Lang) string { return address(x.Code, e.Version, newest, l) })
	for _, c := range d.Controls {
		v.controls = append(v.controls, ui.LinkItem{Title: c.Code + " " + c.Title, Href: "/controls/" + url.PathEscape(c.Code)})
	}
	v.events = eventsOf(ctx, x, names)
	stepsOf(ctx, &v, &d, today, wrong)
	v.panel = panelOf(ctx, &d, today)
	return p.Shell.Answer(w, r, status, d, showPage(p.Shell.Props(r, x.Code, parent(ctx)), v))
}

func address(code string, version int64, newest bool, l i18n.Lang) string {
	q := url.Values{"text": {string(l)}}
	if !newest {
		q.Set("version", strconv.FormatInt(version, 10))
	}
	return path(code) + "?" + q.Encode()
}

// may says what the reader can do with the newest version, so that nobody is
// offered what the rules refuse.
func (p Pages) may(ctx context.Context, e policy.Entry, may map[string]bool) error {
	who, _ := authz.Of(ctx)
	x := &e.Value
	edit := p.Policies.MayEdit(ctx, e)
	may["edit"] = edit
	may["send"] = edit && (x.Status == policy.Draft || x.Status == policy.InForce)
	may["return"] = who.Can(authz.PolicyApprove) && (x.Status == policy.InReview || x.Status == policy.Approved)
	may["publish"] = who.Can(authz.PolicyPublish) && x.Status == policy.Approved
	may["retire"] = who.Can(authz.PolicyPublish) && x.Status != policy.Retired
	if who.Can(authz.PolicyApprove) && (x.Status == policy.InReview || x.Status == policy.Approved) {
		wrote, err := p.Policies.Wrote(ctx, e)
		if err != nil {
			return err
		}
		before := slices.ContainsFunc(x.Approvals, func(a policy.Approval) bool { return a.By == who.ID })
		may["approve"] = !wrote && !before && who.Actor().IsPerson()
	}
	return nil
}

// controls are those that carry the policy, by code; an auditor finds the controls of
// their window and no others.
func (p Pages) controls(ctx context.Context, x *policy.Policy) ([]reference, error) {
	out := []reference{}
	sight, err := window.SightOf(ctx, p.Store)
	if err != nil {
		return nil, err
	}
	r := p.Store.Live(ctx)
	for _, id := range x.Controls {
		if !sight.Sees(control.Controls.Name(), id.String()) {
			continue
		}
		c, err := control.Controls.Get(r, id)
		if err != nil {
			return nil, err
		}
		if !c.Erased {
			out = append(out, reference{c.Value.Code, c.Value.Title.For(i18n.Of(ctx))})
		}
	}
	slices.SortFunc(out, func(a, b reference) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

// bannerOf says how what is shown relates to what binds today.
func bannerOf(ctx context.Context, e policy.Entry, newest bool, today scope.Day) *ui.BannerProps {
	x := &e.Value
	pub, binds := x.On(today)
	switch who, _ := authz.Of(ctx); {
	case !newest:
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "older", "Version", e.Version), Action: &ui.Action{Label: t(ctx, "newest"), Href: path(x.Code)}}
	case who.Is(authz.Auditor):
		return nil
	case x.Status == policy.Retired && x.EffectiveTo == "":
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "withdrawn")}
	case x.Status == policy.Retired:
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "retired", "Day", string(x.EffectiveTo))}
	case binds && pub.Edition != x.Edition:
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "not_yet", "Edition", x.Edition, "Other", pub.Edition, "Day", string(pub.From)), Action: &ui.Action{Label: t(ctx, "compare"), Href: path(x.Code) + "/history"}}
	case !binds && x.Status == policy.InForce:
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "begins", "Day", string(x.EffectiveFrom))}
	case !binds:
		return &ui.BannerProps{Tone: ui.ToneInfo, Text: t(ctx, "binds_nobody")}
	case x.NextReview < today:
		return &ui.BannerProps{Tone: ui.ToneWarn, Text: t(ctx, "review_past", "Day", string(x.NextReview))}
	}
	return nil
}

// eventsOf are approvals and publications of the edition, oldest first.
func eventsOf(ctx context.Context, x *policy.Policy, names map[string]string) []ui.Event {
	var out []ui.Event
	add := func(by, at, title string) {
		when, err := time.Parse(ledger.TimeFormat, at)
		if err == nil {
			out = append(out, ui.Event{Who: person(ctx, by, names), At: when, Title: title})
		}
	}
	for _, a := range x.Approvals {
		add(a.By, a.At, t(ctx, "event.approved", "Version", a.Version))
	}
	for _, pub := range x.Published {
		add(pub.By, pub.At, t(ctx, "event.published", "Edition", pub.Edition, "Day", string(pub.From)))
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return a.At.Compare(b.At) })
	return out
}

// stepsOf offers what the reader may do next; there is one coloured button.
func stepsOf(ctx context.Context, v *showProps, d *policyData, today scope.Day, wrong refusal) {
	at, version := path(d.Code), strconv.FormatInt(d.Version, 10)
	errs := func(step string) []ui.FieldError {
		if wrong.step != step || wrong.err == nil {
			return nil
		}
		return []ui.FieldError{{ID: wrong.field, Message: i18n.Fault(ctx, wrong.err, "")}}
	}
	field := func(step, name, label string) ui.Field {
		f := ui.Field{Name: name, ID: step + "-" + name, Label: t(ctx, label), Value: wrong.values.Get(name)}
		if e := errs(step); len(e) > 0 && e[0].ID == f.ID {
			f.Error = e[0].Message
		}
		return f
	}
	send := ui.Action{Label: t(ctx, "send"), Icon: "upload", Post: at + "/send", Name: "version", Value: version}
	switch {
	case d.May["send"] && d.Policy.Status == policy.Draft:
		v.head.Primary = &send
	case d.May["send"]:
		send.Label = t(ctx, "send_again")
		v.head.Secondary = append(v.head.Secondary, send)
	}
	if d.May["edit"] {
		v.head.Secondary = append(v.head.Secondary, ui.Action{Label: t(ctx, "edit"), Icon: "edit", Href: at + "/edit", Edit: true})
	}
	if d.May["approve"] || d.May["return"] {
		v.decide = &decideProps{version: version, note: field("decide", "note", "note"), wrong: errs("decide")}
		v.decide.note.Optional, v.decide.note.Rows, v.decide.note.Help = true, 2, t(ctx, "note.help")
		if d.May["approve"] {
			v.decide.action = at + "/approve"
		}
		if d.May["return"] {
			v.decide.back = at + "/return"
		}
	}
	if d.May["publish"] {
		v.publish = &publishProps{action: at + "/publish", version: version, from: field("publish", "from", "from"), wrong: errs("publish"), sub: t(ctx, "publish.sub", "Edition", d.Policy.Edition)}
		v.publish.from.Type, v.publish.from.Min, v.publish.from.Help = "date", string(today), t(ctx, "publish.help")
		if v.publish.from.Value == "" {
			v.publish.from.Value = string(today)
		}
	}
	if d.May["retire"] {
		v.retire = &retireProps{action: at + "/retire", version: version, published: len(d.Policy.Published) > 0, to: field("retire", "to", "last_day"), reason: field("retire", "reason", "reason"), wrong: errs("retire")}
		v.retire.to.Type, v.retire.to.Min, v.retire.reason.Rows = "date", string(today), 2
	}
}

func panelOf(ctx context.Context, d *policyData, today scope.Day) panelProps {
	who, _ := authz.Of(ctx)
	x := &d.Policy
	p := panelProps{sha256: d.SHA256}
	add := func(key, value, href string) {
		if value != "" {
			p.properties = append(p.properties, property{t(ctx, key), value, href})
		}
	}
	owner := d.Owner
	if owner == "" {
		owner = t(ctx, "no_owner")
	}
	add("owner", owner, "")
	add("audience", audience(ctx, x.Audience), "")
	if d.Binding.Edition > 0 {
		p.properties = append(p.properties, property{bindingLabel(ctx), binding(ctx, x, today), ""})
	}
	add("from", string(x.EffectiveFrom), "")
	add("last_day", string(x.EffectiveTo), "")
	add("review", string(x.NextReview), "")
	add("review_every", i18n.T(ctx, "policiespage.months", "Count", x.ReviewMonths), "")
	if tpl, err := policy.FindTemplate(x.Template); err == nil {
		add("template", tpl.Title.In(i18n.Of(ctx)), "")
	}
	if who.Can(authz.HistoryRead) {
		add("version", strconv.FormatInt(d.Version, 10), path(x.Code)+"/history")
		add("entry", "#"+strconv.FormatInt(d.Entry, 10), "/ledger/"+strconv.FormatInt(d.Entry, 10))
	}
	set, err := framework.ByID(x.Framework)
	if err != nil {
		return p
	}
	for _, id := range x.Criteria {
		if c, err := set.Criterion(id); err == nil {
			p.criteria = append(p.criteria, ui.Reference{Code: id, Title: c.Title.For(i18n.Of(ctx)), Href: "/criteria/" + url.PathEscape(id)})
		}
	}
	return p
}

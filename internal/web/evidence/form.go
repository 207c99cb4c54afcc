package evidence

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
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// fields are what a person has filled in, as they typed it.
type fields struct {
	Title, Type        string
	Controls           []string // codes
	From, To, Captured string
	System, Locator    string
	Method             string
	Performer, Other   string // an account, or another name that goes before it
	ValidFrom, ValidTo string // of contracts, policies and certificates: not when it occurred
	Slot, Supersedes   string
	Reason             string
	files              []held
	more               bool   // asks for one more control, not to be saved yet
	remove             string // asks to drop a kept file, not to save yet either
}

// fieldMax bounds one field, in bytes.
const fieldMax = 4096

func readFields(v url.Values) fields {
	get := func(name string) string { return clean(v.Get(name), fieldMax) }
	f := fields{
		Title: get("title"), Type: get("type"), From: get("from"), To: get("to"), Captured: get("captured"),
		System: get("system"), Locator: get("locator"), Method: get("method"), Performer: get("performer"), Other: get("other"),
		Slot: get("slot"), Supersedes: get("supersedes"), Reason: get("reason"), more: v.Get("more") != "", remove: get("remove"),
		ValidFrom: get("valid_from"), ValidTo: get("valid_to"),
	}
	for _, c := range v["control"] {
		if c = clean(c, 24); c != "" && !slices.Contains(f.Controls, c) && len(f.Controls) < 50 {
			f.Controls = append(f.Controls, c)
		}
	}
	return f
}

// check finds what is missing before anything is stored, all of it at once. The
// rules of the register have the last word.
func (f fields) check(cal scope.Calendar) mistakes {
	var m mistakes
	if len(f.files) == 0 {
		m.add(fault.New(fault.Invalid, "evidence.empty"))
	}
	if f.Title == "" {
		m.add(fault.New(fault.Invalid, "evidence.title"))
	}
	if !domain.Type(f.Type).Valid() {
		m.add(fault.New(fault.Invalid, "evidencepage.choose_type"))
	}
	if len(f.Controls) == 0 {
		m.add(fault.New(fault.Invalid, "evidence.unlinked"))
	}
	if f.From == "" {
		m.add(fault.New(fault.Invalid, "evidence.occurred"))
	} else if _, err := cal.Parse(f.From, f.To); err != nil {
		m.add(err)
	}
	if _, err := f.captured(cal); err != nil {
		m.put("captured", err)
	}
	from, err := day(f.ValidFrom)
	if err != nil {
		m.put("valid_from", err)
	}
	to, err := day(f.ValidTo)
	switch {
	case err != nil:
		m.put("valid_to", err)
	case from != "" && to != "" && to < from:
		m.put("valid_to", fault.New(fault.Invalid, "evidencepage.valid_order", "From", string(from), "To", string(to)))
	}
	return m
}

// day reads a date that may be left out.
func day(text string) (scope.Day, error) {
	if text == "" {
		return "", nil
	}
	return scope.ParseDay(text)
}

// captured reads the capture time: a day, a moment of the organisation's clock,
// or an instant.
func (f fields) captured(cal scope.Calendar) (string, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, f.Captured, cal.Zone()); err == nil {
			return at.UTC().Format(time.RFC3339), nil
		}
	}
	if f.Captured == "" {
		return "", nil
	}
	_, err := cal.Parse(f.Captured, "")
	return f.Captured, err
}

// upload is the form as the verb takes it.
func (f fields) upload(cal scope.Calendar) (domain.Upload, error) {
	captured, err := f.captured(cal)
	u := domain.Upload{
		Title: f.Title, Type: domain.Type(f.Type), Controls: f.Controls, OccurredFrom: f.From, OccurredTo: f.To, CapturedAt: captured,
		ValidFrom: f.ValidFrom, ValidTo: f.ValidTo,
		Slot: f.Slot, Source: domain.Source{System: f.System, Locator: f.Locator, Method: domain.Method(f.Method)},
		PerformedBy: f.Performer, Supersedes: f.Supersedes, Reason: f.Reason,
	}
	if f.Other != "" {
		u.PerformedBy = f.Other
	}
	for _, h := range f.files {
		u.Files = append(u.Files, h.file)
	}
	return u, err
}

// mistakes are what is wrong in a form, by field.
type mistakes []mistake

type mistake struct {
	field string
	err   error
}

// fieldOf tells which field a fault is about; others are about the form.
var fieldOf = map[string]string{
	"evidence.empty": "drop", "blob.empty": "drop", "blob.too_large": "drop", "evidencepage.upload_gone": "drop",
	"evidence.title": "title", "evidence.type": "type", "evidencepage.choose_type": "type", "evidence.method": "method",
	"evidence.unlinked": "control-0", "control.unknown": "control-0",
	"evidence.occurred": "from", "scope.order": "from", "scope.day": "from", "scope.instant": "from", "evidence.future": "from",
	"evidence.captured_future": "captured", "evidence.captured_before": "captured", "evidence.slot": "slot",
}

func (m *mistakes) add(err error) {
	key := ""
	if f, ok := fault.As(err); ok {
		key = f.Key
	}
	m.put(fieldOf[key], err)
}

func (m *mistakes) put(field string, err error) { *m = append(*m, mistake{field, err}) }

// at is the sentence for a field, "" if nothing is wrong there.
func (m mistakes) at(ctx context.Context, field string) string {
	for _, x := range m {
		if x.field == field {
			return i18n.Fault(ctx, x.err, "")
		}
	}
	return ""
}

func (m mistakes) summary(ctx context.Context) []ui.FieldError {
	var out []ui.FieldError
	for _, x := range m {
		id := x.field
		switch id {
		case "drop":
			id = "drop-input"
		case "":
			id = "main"
		}
		out = append(out, ui.FieldError{ID: id, Message: i18n.Fault(ctx, x.err, "")})
	}
	return out
}

// blank handles GET /evidence/new.
func (p Pages) blank(w http.ResponseWriter, r *http.Request) error {
	who, err := p.require(r, authz.EvidenceAdd)
	if err != nil {
		return err
	}
	d, err := p.desk(r.Context())
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := readFields(q)
	f.Performer = who.ID
	if f.Method == "" {
		f.Method = string(domain.Uploaded)
	}
	if f.Supersedes != "" {
		old, _, err := p.find(r, f.Supersedes)
		if err != nil {
			return err
		}
		v := &old.Value
		f.Title, f.Type, f.Method, f.Slot = v.Title, string(v.Type), string(v.Source.Method), string(v.Slot)
		f.System, f.Locator = v.Source.System, v.Source.Locator
		if f.Controls, err = d.codes(v); err != nil {
			return err
		}
	}
	return p.form(w, r, d, who, f, nil, http.StatusOK)
}

// formData is the form as JSON: what may be chosen and what is wrong.
type formData struct {
	Types    []domain.Type   `json:"types"`
	Methods  []domain.Method `json:"methods"`
	Controls []string        `json:"controls"` // codes in force
	Slots    []scope.Day     `json:"slots"`
	MaxBytes int64           `json:"max_bytes"` // of one file
	Files    []uploaded      `json:"files"`
	Errors   []formError     `json:"errors"`
}

type formError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// form shows the form with what is filled in and what is wrong.
func (p Pages) form(w http.ResponseWriter, r *http.Request, d *desk, who authz.Principal, f fields, m mistakes, status int) error {
	all, err := control.All(d.r)
	if err != nil {
		return err
	}
	today := d.today
	data := formData{Types: domain.Types, Methods: domain.Methods, Controls: []string{}, Slots: []scope.Day{}, MaxBytes: p.limit(), Files: []uploaded{}, Errors: []formError{}}
	var chosen, inForce []register.Entry[control.Control]
	for _, c := range all {
		if c.Erased {
			continue
		}
		if slices.Contains(f.Controls, c.Value.Code) {
			chosen = append(chosen, c)
		} else if !c.Value.InForceOn(today) {
			continue
		}
		inForce = append(inForce, c)
		data.Controls = append(data.Controls, c.Value.Code)
	}
	if f.Type == "" && len(chosen) == 1 && len(chosen[0].Value.Prompts) > 0 {
		f.Type = chosen[0].Value.Prompts[0].Type
	}
	if len(chosen) == 1 {
		if data.Slots, err = d.openSlots(chosen[0], today); err != nil {
			return err
		}
	}
	for _, h := range f.files {
		data.Files = append(data.Files, uploaded{ID: h.token, SHA256: h.file.SHA256, Name: h.file.Name, Size: h.file.Size})
	}
	for _, x := range m {
		data.Errors = append(data.Errors, formError{x.field, i18n.Fault(r.Context(), x.err, "")})
	}
	v := p.formProps(r, d, who, f, m)
	v.Controls = controlFields(r.Context(), inForce, f, m)
	v.Slots = slotOptions(r.Context(), data.Slots, f.Slot, today, len(chosen) == 1 && chosen[0].Value.Frequency.Periodic())
	v.Prompts = prompts(r.Context(), chosen)
	return p.Shell.Answer(w, r, status, data, formPage(v))
}

func (p Pages) formProps(r *http.Request, d *desk, who authz.Principal, f fields, m mistakes) formProps {
	ctx := r.Context()
	t := func(key string, args ...any) string { return i18n.T(ctx, "evidencepage."+key, args...) }
	v := formProps{Summary: m.summary(ctx), Supersedes: f.Supersedes, Zone: d.cal.Zone().String()}
	title := t("add")
	back := "/evidence"
	if f.Supersedes != "" {
		title = t("new_version_of", "Code", f.Supersedes)
		back = "/evidence/" + f.Supersedes
	}
	v.Shell = p.Shell.Props(r, title, library(r))
	if r.Method == http.MethodPost { // where a change of language comes back to
		v.Shell.Path = "/evidence/new"
	}
	v.Head = ui.Head{Title: title, Sub: t("add.sub")}
	v.Cancel = back
	v.Drop = ui.Drop{
		ID: "drop", Name: "files", FileIDs: "upload", Upload: "/evidence/files", Multiple: true, MaxBytes: p.limit(),
		Hint: t("drop.hint", "Size", ui.Bytes(ctx, p.limit())), Error: m.at(ctx, "drop"), Remove: "remove",
	}
	for _, h := range f.files {
		v.Drop.Files = append(v.Drop.Files, ui.File{ID: h.token, Name: h.file.Name, Size: h.file.Size, SHA256: h.file.SHA256, State: ui.FileServer, Note: t("kept")})
	}
	v.Title = ui.Field{Name: "title", Label: t("title"), Help: t("title.help"), Value: f.Title, Error: m.at(ctx, "title")}
	v.Type = ui.Field{Name: "type", Label: t("type"), Error: m.at(ctx, "type")}
	v.Types = append(v.Types, ui.Option{Label: t("choose_type")})
	for _, x := range domain.Types {
		v.Types = append(v.Types, ui.Option{Value: string(x), Label: i18n.T(ctx, "evidence.type."+string(x)), Chosen: f.Type == string(x)})
	}
	v.Occurred = ui.Dates{
		Legend: t("occurred"), Help: t("occurred.help"), Error: m.at(ctx, "from"),
		From: ui.Field{Name: "from", Label: t("from"), Value: f.From}, To: ui.Field{Name: "to", Label: t("to"), Value: f.To, Optional: true},
	}
	v.Captured = ui.Field{Name: "captured", Type: "datetime-local", Label: t("captured"), Help: t("captured.help", "Zone", v.Zone), Value: f.Captured, Optional: true, Error: m.at(ctx, "captured")}
	v.Valid = ui.Dates{
		Legend: t("validity"), Help: t("validity.help"), Error: m.at(ctx, "valid_from"),
		From: ui.Field{Name: "valid_from", Label: t("valid_from"), Value: f.ValidFrom, Optional: true}, To: ui.Field{Name: "valid_to", Label: t("valid_to"), Value: f.ValidTo, Optional: true, Error: m.at(ctx, "valid_to")},
	}
	v.System = ui.Field{Name: "system", Label: t("system"), Help: t("system.help"), Value: f.System, Optional: true}
	v.Locator = ui.Field{Name: "locator", Label: t("locator"), Help: t("locator.help"), Value: f.Locator, Optional: true}
	v.Method = ui.Field{Name: "method", Label: t("method"), Error: m.at(ctx, "method")}
	for _, x := range domain.Methods {
		if x != domain.API { // a person does not read by a collector
			v.Methods = append(v.Methods, ui.Option{Value: string(x), Label: i18n.T(ctx, "evidence.method."+string(x)), Chosen: f.Method == string(x)})
		}
	}
	v.Performer = ui.Field{Name: "performer", Label: t("performer"), Help: t("performer.help")}
	v.People = people(d, who, f.Performer, t("me", "Name", who.Name))
	v.Other = ui.Field{Name: "other", Label: t("other"), Value: f.Other, Optional: true}
	v.Slot = ui.Field{Name: "slot", Label: t("slot"), Help: t("slot.help"), Error: m.at(ctx, "slot"), Optional: true}
	v.Reason = ui.Field{Name: "reason", Label: t("reason"), Help: t("reason.help"), Value: f.Reason, Optional: true}
	return v
}

// people are whom to choose from as performer: the reader first, then everybody
// else by name.
func people(d *desk, who authz.Principal, chosen, me string) []ui.Option {
	var rest []ui.Option
	for id, name := range d.names {
		if id != who.ID {
			rest = append(rest, ui.Option{Value: id, Label: name, Chosen: id == chosen})
		}
	}
	slices.SortFunc(rest, func(a, b ui.Option) int {
		if c := strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	return append([]ui.Option{{Value: who.ID, Label: me, Chosen: chosen == who.ID}}, rest...)
}

// controlFields is one choice for each control, and always a spare one.
func controlFields(ctx context.Context, in []register.Entry[control.Control], f fields, m mistakes) []controlField {
	n := max(2, len(f.Controls)+1)
	var out []controlField
	for i := range n {
		c := controlField{Field: ui.Field{Name: "control", ID: "control-" + strconv.Itoa(i), Label: i18n.T(ctx, "evidencepage.control.also"), Optional: i > 0}}
		if i == 0 {
			c.Field.Label, c.Field.Error = i18n.T(ctx, "evidencepage.control"), m.at(ctx, "control-0")
		}
		c.Options = []ui.Option{{Label: i18n.T(ctx, "evidencepage.control.choose")}}
		for _, cat := range append(slices.Clone(control.Categories), "") {
			group := i18n.T(ctx, "evidencepage.control.others")
			if cat != "" {
				group = i18n.T(ctx, "category."+cat)
			}
			for _, e := range in {
				if e.Value.Category == cat || cat == "" && !slices.Contains(control.Categories, e.Value.Category) {
					c.Options = append(c.Options, ui.Option{
						Value: e.Value.Code, Label: e.Value.Code + " · " + textIn(ctx, e.Value.Title), Group: group,
						Chosen: i < len(f.Controls) && f.Controls[i] == e.Value.Code,
					})
				}
			}
		}
		out = append(out, c)
	}
	return out
}

// openSlots are the due days of a control that nothing stands for yet, oldest
// first: in the open windows, or without a window the present one and the one
// before.
func (d *desk) openSlots(c register.Entry[control.Control], today scope.Day) ([]scope.Day, error) {
	out := []scope.Day{}
	f := c.Value.Frequency
	if !f.Periodic() {
		return out, nil
	}
	found := false
	for i := range d.windows {
		w := &d.windows[i].Value
		if w.Status == window.Sealed || w.Type != 2 {
			continue
		}
		found = true
		t, err := window.TallyOf(d.r, w, c, today)
		if err != nil {
			return nil, err
		}
		for _, o := range t.Occurrences {
			if o.Evidence == "" && o.State != window.NotDue && !slices.Contains(out, o.Slot.Due) {
				out = append(out, o.Slot.Due)
			}
		}
	}
	if s, ok := f.Slot(today); ok && !found {
		before, _ := f.Slot(s.From.Add(-1))
		out = append(out, before.Due, s.Due)
	}
	slices.Sort(out)
	return out, nil
}

// slotsShown bounds the choice; the newest are shown.
const slotsShown = 60

func slotOptions(ctx context.Context, slots []scope.Day, chosen string, today scope.Day, periodic bool) []ui.Option {
	if !periodic {
		return nil
	}
	if d, err := scope.ParseDay(chosen); err == nil && !slices.Contains(slots, d) {
		slots = append([]scope.Day{d}, slots...)
	}
	if len(slots) > slotsShown {
		slots = slots[len(slots)-slotsShown:]
	}
	out := []ui.Option{{Label: i18n.T(ctx, "evidencepage.slot.by_date")}}
	for _, s := range slots {
		label := i18n.T(ctx, "evidencepage.slot.due", "Day", string(s))
		if s < today {
			label = i18n.T(ctx, "evidencepage.slot.past", "Day", string(s), "Count", today.Sub(s))
		}
		out = append(out, ui.Option{Value: string(s), Label: label, Chosen: chosen == string(s)})
	}
	return out
}

// promptGroup is what a control asks evidence to show.
type promptGroup struct {
	Title string
	Lines []string
}

// prompts are the evidence prompts of the chosen controls, or what any good item
// shows.
func prompts(ctx context.Context, chosen []register.Entry[control.Control]) []promptGroup {
	var out []promptGroup
	for _, c := range chosen {
		g := promptGroup{Title: i18n.T(ctx, "evidencepage.prompts.of", "Code", c.Value.Code)}
		for _, q := range c.Value.Prompts {
			text := q.Type2
			if text == (framework.Text{}) {
				text = q.Type1
			}
			g.Lines = append(g.Lines, textIn(ctx, text))
		}
		if len(g.Lines) > 0 {
			out = append(out, g)
		}
	}
	if len(out) == 0 {
		g := promptGroup{Title: i18n.T(ctx, "evidencepage.prompts")}
		for _, key := range []string{"source", "when", "who", "whole"} {
			g.Lines = append(g.Lines, i18n.T(ctx, "evidencepage.prompts."+key))
		}
		out = append(out, g)
	}
	return out
}

// again shows the form with what is wrong in it; other failures are the shell's.
func (p Pages) again(w http.ResponseWriter, r *http.Request, d *desk, who authz.Principal, f fields, m mistakes) error {
	for _, x := range m {
		if k := fault.KindOf(x.err); k != fault.Invalid && k != fault.TooLarge {
			return x.err
		}
	}
	status := http.StatusUnprocessableEntity
	if len(m) == 1 {
		status = web.Status(m[0].err)
	}
	return p.form(w, r, d, who, f, m, status)
}

package evidence

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// view is one item with everything its page says of it.
type view struct {
	entry    register.Entry[domain.Evidence]
	history  []register.Entry[domain.Evidence]
	brought  register.Entry[domain.Evidence] // the version with the facts in force
	sight    sight
	desk     *desk
	codes    []string
	traits   domain.Traits
	labels   []domain.Label
	anchor   *register.Row // the oldest timestamp over it
	newer    string        // code of the item that supersedes it
	older    string        // code of the item it supersedes
	sealed   []register.Entry[window.Window]
	datasets []register.Entry[population.Record]
	previews []preview
}

// gather reads all that the page of an item needs.
func (p Pages) gather(r *http.Request, e register.Entry[domain.Evidence], s sight) (*view, error) {
	ctx := r.Context()
	d, err := p.desk(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{entry: e, sight: s, desk: d}
	if v.history, err = domain.Items.History(d.r, e.ID); err != nil {
		return nil, err
	}
	v.brought = domain.Brought(v.history)
	if v.codes, err = d.codes(&e.Value); err != nil {
		return nil, err
	}
	stored := func(f domain.File) bool {
		ref, err := p.Evidence.Blobs.Stat(ctx, f.SHA256)
		return err == nil && ref.Size == f.Size
	}
	facts, err := domain.Gather(d.r, e, d.cal, d.cats, d.known, stored)
	if err != nil {
		return nil, err
	}
	v.traits = domain.Judge(&e.Value, facts)
	if v.labels, err = d.labels(&e.Value, v.brought.At); err != nil {
		return nil, err
	}
	if v.anchor, err = covering(d.r, v.brought.Seq); err != nil {
		return nil, err
	}
	if err := v.neighbours(); err != nil {
		return nil, err
	}
	for i := range d.windows {
		ids, err := p.sights.sealed(ctx, p.Evidence.Store, &d.windows[i])
		if err != nil {
			return nil, err
		}
		if ids[e.ID] {
			v.sealed = append(v.sealed, d.windows[i])
		}
	}
	for _, id := range e.Value.Datasets {
		x, err := population.Datasets.Get(d.r, register.ID[population.Record](id))
		if err != nil {
			return nil, err
		}
		v.datasets = append(v.datasets, x)
	}
	return v, nil
}

// neighbours finds the item before and the item after in a chain of versions; one
// that the reader may not see is not named.
func (v *view) neighbours() error {
	in, err := register.In(v.desk.r, v.entry.ID.String(), register.Supersedes)
	if err != nil {
		return err
	}
	for _, l := range in {
		if v.sight.visible(domain.ID(l.ID)) {
			v.newer = l.Code
		}
	}
	if id := domain.ID(v.entry.Value.Supersedes); id != "" && v.sight.visible(id) {
		old, err := domain.Items.Get(v.desk.r, id)
		if err != nil {
			return err
		}
		v.older = old.Value.Code
	}
	return nil
}

// covering is the oldest trusted timestamp over a ledger entry, nil if there is
// none. An anchor's code begins with the number of entries it stamps.
func covering(r register.Reader, seq int64) (*register.Row, error) {
	rows, err := register.Anchors.List(r, register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	for i := range rows {
		size, _, _ := strings.Cut(rows[i].Code, " ")
		if n, err := strconv.ParseInt(size, 10, 64); err == nil && n > seq {
			return &rows[i], nil
		}
	}
	return nil, nil
}

// mayReview reports whether the reader may accept or return the item now: a
// second person, while nobody has decided. The rules of the register say the
// same and have the last word.
func (v *view) mayReview() bool {
	return v.sight.who.Can(authz.EvidenceReview) && v.sight.who.Actor().IsPerson() && v.entry.Value.Status == domain.Collected &&
		!v.sight.performed(v.entry.Value.PerformedBy) && v.sight.who.ID != v.brought.Actor
}

// itemData is an item as JSON.
type itemData struct {
	ID           string            `json:"id"`
	Version      int64             `json:"version"`
	Evidence     domain.Evidence   `json:"evidence"`
	ControlCodes []string          `json:"control_codes"`
	Received     time.Time         `json:"received"`
	BroughtBy    string            `json:"brought_by"`
	Ledger       int64             `json:"ledger_index"` // of the version with the fingerprints
	Timestamp    *time.Time        `json:"timestamp"`    // null: not yet timestamped
	Traits       domain.Traits     `json:"traits"`
	Labels       []domain.Label    `json:"labels"`
	SealedIn     []string          `json:"sealed_in"` // codes of windows
	Supersedes   string            `json:"supersedes"`
	SupersededBy string            `json:"superseded_by"`
	Integrity    *ui.Integrity     `json:"integrity"` // null: not checked now
	Reasons      []string          `json:"reasons"`
	Files        map[string]string `json:"files"` // address of each file, by its number
}

func (v *view) data() itemData {
	d := itemData{
		ID: v.entry.ID.String(), Version: v.entry.Version, Evidence: v.entry.Value, ControlCodes: v.codes, Received: v.brought.At,
		BroughtBy: v.brought.Actor, Ledger: v.brought.Seq, Traits: v.traits, Labels: v.labels, SealedIn: []string{},
		Supersedes: v.older, SupersededBy: v.newer, Reasons: []string{}, Files: map[string]string{},
	}
	if v.older == "" {
		d.Evidence.Supersedes = "" // not even its id
	}
	if v.anchor != nil {
		at := v.anchor.From
		d.Timestamp = &at
	}
	for _, w := range v.sealed {
		d.SealedIn = append(d.SealedIn, w.Value.Code)
	}
	for i := range v.entry.Value.Files {
		d.Files[strconv.Itoa(i+1)] = fileAddress(v.entry.Value.Code, i+1)
	}
	return d
}

// show handles GET /evidence/{code}.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	e, s, err := p.item(r)
	if err != nil {
		return err
	}
	return p.answer(w, r, e, s, nil, reviewForm{}, http.StatusOK)
}

// reviewForm is what a reviewer wrote and what is wrong with it.
type reviewForm struct {
	note string
	err  error
}

// answer shows the page of an item, with the outcome of a check if there was one.
func (p Pages) answer(w http.ResponseWriter, r *http.Request, e register.Entry[domain.Evidence], s sight, verified *ui.Verify, form reviewForm, status int) error {
	v, err := p.gather(r, e, s)
	if err != nil {
		return err
	}
	if v.previews, err = p.previews(r.Context(), &e.Value); err != nil {
		return err
	}
	data := v.data()
	if verified != nil {
		data.Integrity = &verified.Found
		data.Reasons = append(data.Reasons, verified.Reasons...)
	}
	return p.Shell.Answer(w, r, status, data, itemPage(p.itemProps(r, v, verified, form)))
}

// accept handles POST /evidence/{code}/accept.
func (p Pages) accept(w http.ResponseWriter, r *http.Request) error { return p.decide(w, r, true) }

// sendBack handles POST /evidence/{code}/return.
func (p Pages) sendBack(w http.ResponseWriter, r *http.Request) error { return p.decide(w, r, false) }

func (p Pages) decide(w http.ResponseWriter, r *http.Request, ok bool) error {
	e, s, err := p.item(r)
	if err != nil {
		return err
	}
	if err := postForm(w, r); err != nil {
		return err
	}
	note := clean(r.PostForm.Get("note"), fieldMax)
	if ok {
		_, err = p.Evidence.Accept(r.Context(), e.Value.Code, note)
	} else {
		_, err = p.Evidence.Return(r.Context(), e.Value.Code, note)
	}
	if err == nil {
		return web.SeeOther(w, r, "/evidence/"+e.Value.Code)
	}
	if fault.KindOf(err) != fault.Invalid {
		return err
	}
	return p.answer(w, r, e, s, nil, reviewForm{note, err}, http.StatusUnprocessableEntity)
}

func (p Pages) itemProps(r *http.Request, v *view, verified *ui.Verify, form reviewForm) itemProps {
	ctx := r.Context()
	t := func(key string, args ...any) string { return i18n.T(ctx, "evidencepage."+key, args...) }
	e := &v.entry.Value
	self := "/evidence/" + e.Code
	may := v.mayReview()
	out := itemProps{
		Shell: p.Shell.Props(r, e.Code, library(r)).In(v.desk.cal.Zone()), Verified: verified, Previews: v.previews, Traits: traitRows(v.traits),
		Labels: lateness(v.labels), Thread: v.thread(), Panel: v.panel(),
	}
	out.Shell.Path = self // a change of language comes back to the item, whatever was posted
	out.Shell.Title = e.Code + " " + e.Title
	seals := make([]string, 0, len(v.sealed))
	for _, w := range v.sealed {
		seals = append(seals, t("sealed_in", "Window", w.Value.TitleIn(i18n.Of(ctx))))
	}
	out.Head = ui.Head{
		Title: e.Title, Eyebrow: eyebrow(e.Code, ui.Status("evidence."+string(e.Status)), seals, out.Labels),
		Secondary: []ui.Action{{Label: t("history"), Icon: "history", Href: self + "/history"}},
	}
	if len(e.Files) == 1 {
		out.Head.Secondary = append(out.Head.Secondary, ui.Action{Label: t("download"), Icon: "download", Href: fileAddress(e.Code, 1), Download: e.Files[0].Name})
	}
	if v.sight.who.Can(authz.EvidenceAdd) && e.Status != domain.Superseded {
		a := ui.Action{Label: t("new_version"), Icon: "upload", Href: "/evidence/new?supersedes=" + e.Code}
		if may || e.Status == domain.Accepted {
			out.Head.Secondary = append(out.Head.Secondary, a)
		} else {
			out.Head.Primary = &a
		}
	}
	check := ui.Action{Label: t("verify"), Icon: "fingerprint", Post: self + "/verify"}
	if verified != nil {
		again := check
		again.Label = t("verify_again")
		verified.Action = &again
	} else {
		out.Ledger = &ui.BannerProps{Tone: ui.ToneInfo, Title: t("in_ledger", "Index", v.brought.Seq), Text: t("no_timestamp"), Action: &check}
		if v.anchor != nil {
			out.Ledger.Text = t("timestamped", "Time", ui.Stamp(v.anchor.From), "Authority", v.anchor.Title)
		}
	}
	if may || form.err != nil {
		out.Review = &reviewProps{
			Accept: self + "/accept", Return: self + "/return",
			Note: ui.Field{Name: "note", Label: t("note"), Help: t("note.help"), Value: form.note, Optional: true},
		}
		if form.err != nil {
			out.Review.Note.Error = i18n.Fault(ctx, form.err, "")
			out.Review.Summary = []ui.FieldError{{ID: "note", Message: out.Review.Note.Error}}
		}
	} else if e.Status == domain.Collected && !v.sight.who.Is(authz.Auditor) {
		out.Waiting = t("waiting")
	}
	return out
}

// traitRow is one form check with what is short and how to mend it.
type traitRow struct {
	Name, Verdict string
	Codes         []string
}

// status is the kit's shape for a verdict.
func (t traitRow) status() ui.Status {
	switch domain.Verdict(t.Verdict) {
	case domain.Pass:
		return ui.StateReady
	case domain.Weak:
		return ui.StateAttention
	}
	return ui.StateFailing
}

func traitRows(t domain.Traits) []traitRow {
	var out []traitRow
	for _, x := range t.Named() {
		out = append(out, traitRow{x.Name, string(x.Verdict), x.Codes})
	}
	return out
}

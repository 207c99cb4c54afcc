package pack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bevis/internal/account"
	"bevis/internal/check"
	"bevis/internal/collect"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/population"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// documents is what the people's side of the package is made from: one reading of
// the packed state, used by every document, so that no two can disagree.
type documents struct {
	Organisation scope.Organisation
	Zone         scope.Calendar
	Criteria     []framework.Criterion
	Controls     []controlDoc
	Evidence     []evidenceDoc
	Datasets     []register.Entry[population.Record]
	Freezes      []register.Entry[population.Freeze]
	Results      []register.Entry[check.Outcome]
	Runs         []register.Entry[collect.Run]
	Changes      []changeDoc
	Admins       []register.Entry[account.User]
	names        map[string]string
}

type controlDoc struct {
	Entry    register.Entry[control.Control]
	Versions int
	Tally    window.Tally
	Evidence []*evidenceDoc
	Results  []register.Entry[check.Outcome]
}

type evidenceDoc struct {
	Entry    register.Entry[evidence.Evidence]
	Controls []string
	Traits   evidence.Traits
	Labels   []evidence.Label
	Received string
	Paths    []string
}

// changeDoc is a change to a control or an account in the window.
type changeDoc struct {
	What, Code, At, By, Reason, Fields string
}

func (b *builder) in(registerName string) []string {
	var ids []string
	for _, m := range b.members {
		if m.Register == registerName {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func entriesOf[T any](b *builder, g *register.Register[T]) ([]register.Entry[T], error) {
	var out []register.Entry[T]
	for _, id := range b.in(g.Name()) {
		e, err := g.Get(b.reader, register.ID[T](id))
		if err != nil {
			return nil, err
		}
		if !e.Erased {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(x, y register.Entry[T]) int { return int(x.Seq - y.Seq) })
	return out, nil
}

// read fills the documents' model.
func (b *builder) read() (err error) {
	d := &b.docs
	org, err := scope.Current(b.reader)
	if err != nil {
		return err
	}
	d.Organisation = org.Value
	if d.Zone, err = b.window.Value.Calendar(); err != nil {
		return err
	}
	if d.Criteria, err = b.window.Value.Criteria(); err != nil {
		return err
	}
	users, err := entriesOf(b, account.Users)
	if err != nil {
		return err
	}
	d.names = map[string]string{}
	for _, u := range users {
		d.names[u.ID.String()] = u.Value.Name
		if slices.Contains(u.Value.Roles, "administrator") {
			d.Admins = append(d.Admins, u)
		}
	}
	if d.Datasets, err = entriesOf(b, population.Datasets); err != nil {
		return err
	}
	if d.Freezes, err = entriesOf(b, population.Freezes); err != nil {
		return err
	}
	if d.Results, err = entriesOf(b, check.Outcomes); err != nil {
		return err
	}
	if d.Runs, err = entriesOf(b, collect.Runs); err != nil {
		return err
	}
	if err := b.readEvidence(); err != nil {
		return err
	}
	return b.readControls()
}

func (b *builder) readEvidence() error {
	items, err := entriesOf(b, evidence.Items)
	if err != nil {
		return err
	}
	known := evidence.Known(b.docs.names)
	_, end := b.window.Value.Bounds(b.docs.Zone)
	for _, e := range items {
		f, err := evidence.Gather(b.reader, e, b.docs.Zone, b.window.Value.Categories, known, nil)
		if err != nil {
			return err
		}
		doc := evidenceDoc{Entry: e, Traits: evidence.Judge(&e.Value, f), Received: f.Received.Format("2006-01-02 15:04:05") + " UTC"}
		if evidence.CapturedLate(&e.Value, f.Received, f.Controls) {
			doc.Labels = append(doc.Labels, evidence.LateCapture)
		}
		if l, ok := evidence.AfterPeriod(&e.Value, f.Received, end); ok {
			doc.Labels = append(doc.Labels, l)
		}
		for _, id := range e.Value.Controls {
			c, err := control.Controls.Get(b.reader, id)
			if err != nil {
				return err
			}
			doc.Controls = append(doc.Controls, c.Value.Code)
		}
		b.docs.Evidence = append(b.docs.Evidence, doc)
	}
	return nil
}

func (b *builder) readControls() error {
	cs, err := window.InScope(b.reader, &b.window.Value)
	if err != nil {
		return err
	}
	// What is missed is judged by the day of the packed state.
	packed := b.s.Store.Now()
	if seal := b.window.Value.Seal; seal != nil {
		packed = b.window.At
	}
	today := b.docs.Zone.Day(packed)
	from, to := b.window.Value.Bounds(b.docs.Zone)
	for _, c := range cs {
		t, err := window.TallyOf(b.reader, &b.window.Value, c, today)
		if err != nil {
			return err
		}
		doc := controlDoc{Entry: c, Tally: t}
		h, err := control.Controls.History(b.reader, c.ID)
		if err != nil {
			return err
		}
		doc.Versions = len(h)
		for i := 1; i < len(h); i++ {
			if h[i].At.Before(from) || !h[i].At.Before(to) {
				continue
			}
			fields, err := register.Diff(h[i-1].Value, h[i].Value)
			if err != nil {
				return err
			}
			var names []string
			for _, f := range fields {
				names = append(names, f.Field)
			}
			b.docs.Changes = append(b.docs.Changes, changeDoc{"control", c.Value.Code, h[i].At.Format("2006-01-02 15:04") + " UTC", b.name(h[i].Actor), h[i].Reason, strings.Join(names, ", ")})
		}
		for i := range b.docs.Evidence {
			e := &b.docs.Evidence[i]
			if slices.Contains(e.Controls, c.Value.Code) {
				doc.Evidence = append(doc.Evidence, e)
				for _, o := range t.Occurrences {
					if o.Evidence == e.Entry.Value.Code && o.State == window.Late && !slices.Contains(e.Labels, evidence.PerformedLate) {
						e.Labels = append([]evidence.Label{evidence.PerformedLate}, e.Labels...)
					}
				}
			}
		}
		for _, r := range b.docs.Results {
			if slices.Contains(r.Value.Controls, c.ID) {
				doc.Results = append(doc.Results, r)
			}
		}
		b.docs.Controls = append(b.docs.Controls, doc)
	}
	return nil
}

// name is a person's name, or what the actor is.
func (b *builder) name(actor string) string {
	if n := b.docs.names[actor]; n != "" {
		return n
	}
	if os, ok := strings.CutPrefix(actor, "operator:"); ok {
		return b.t("pack.operator", "User", os)
	}
	if service, ok := strings.CutPrefix(actor, "service:"); ok {
		return "Bevis (" + service + ")"
	}
	return actor
}

func (b *builder) text(t framework.Text) string {
	if s := t.In(b.lang); s != "" {
		return s
	}
	return t.In(i18n.English)
}

func (b *builder) days(e *evidence.Evidence) string {
	in := e.Occurred()
	if e.WholeDays {
		first, last := in.FirstDay(b.docs.Zone), in.LastDay(b.docs.Zone)
		if first == last {
			return string(first)
		}
		return fmt.Sprintf("%s – %s", first, last)
	}
	return in.From.Format("2006-01-02 15:04") + " – " + in.To.Format("2006-01-02 15:04") + " UTC"
}

// href is a member's name as a relative address in index.html.
func href(member string) string {
	parts := strings.Split(member, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.Join(parts, "/")
}

func (b *builder) secondPerson() string {
	if b.window.Value.Seal.SecondPerson {
		return b.t("pack.second_person")
	}
	return b.t("pack.no_second_person")
}

// since is the first day a control was in force, or that nobody recorded it.
func (b *builder) since(c *control.Control) string {
	if c.EffectiveFrom == "" {
		return b.t("control.before_recorded")
	}
	return string(c.EffectiveFrom)
}

// stamped says when the ledger was last timestamped.
func (b *builder) stamped() string {
	if b.newest == "" {
		return b.t("pack.not_stamped")
	}
	return b.t("pack.stamped", "Time", b.newest)
}

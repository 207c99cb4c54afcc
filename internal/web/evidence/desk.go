package evidence

import (
	"context"
	"slices"
	"strings"
	"time"

	"bevis/internal/control"
	domain "bevis/internal/evidence"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// desk holds what one request reads besides the items themselves, each thing once.
type desk struct {
	ctx      context.Context
	r        register.Reader
	cal      scope.Calendar
	cats     framework.Categories
	names    map[string]string // accounts
	windows  []register.Entry[window.Window]
	controls map[control.ID][]register.Entry[control.Control]
	today    scope.Day
	late     map[tallyKey]map[string]bool
}

func (p Pages) desk(ctx context.Context) (*desk, error) {
	d := &desk{ctx: ctx, r: p.Evidence.Store.Live(ctx), controls: map[control.ID][]register.Entry[control.Control]{}, late: map[tallyKey]map[string]bool{}}
	org, err := scope.Current(d.r)
	if err != nil {
		return nil, err
	}
	d.cats = org.Value.Categories
	if d.cal, err = scope.NewCalendar(org.Value.Zone); err != nil {
		return nil, err
	}
	d.today = d.cal.Day(p.Evidence.Store.Now())
	if d.names, err = p.Accounts.Names(ctx); err != nil {
		return nil, err
	}
	d.windows, err = p.Windows.List(ctx)
	return d, err
}

// versions is a control's history, read once.
func (d *desk) versions(id control.ID) ([]register.Entry[control.Control], error) {
	if h, ok := d.controls[id]; ok {
		return h, nil
	}
	h, err := control.Controls.History(d.r, id)
	if err != nil {
		return nil, err
	}
	d.controls[id] = h
	return h, nil
}

// control is a control's newest version.
func (d *desk) control(id control.ID) (register.Entry[control.Control], error) {
	h, err := d.versions(id)
	if err != nil {
		return register.Entry[control.Control]{}, err
	}
	return h[len(h)-1], nil
}

// codes are the codes of an item's controls.
func (d *desk) codes(e *domain.Evidence) ([]string, error) {
	out := make([]string, 0, len(e.Controls))
	for _, id := range e.Controls {
		c, err := d.control(id)
		if err != nil {
			return nil, err
		}
		if !c.Erased {
			out = append(out, c.Value.Code)
		}
	}
	return out, nil
}

// person names an actor or a performer for people.
func (d *desk) person(id string) string {
	if name := d.names[id]; name != "" {
		return name
	}
	if user, ok := strings.CutPrefix(id, "operator:"); ok {
		return i18n.T(d.ctx, "evidencepage.operator", "User", user)
	}
	if strings.HasPrefix(id, "service:") {
		return "Bevis"
	}
	if strings.HasPrefix(id, "usr_") || id == "" {
		return i18n.T(d.ctx, "evidencepage.nobody")
	}
	return id
}

// known reports whether a name is one person or service (trait O_UNKNOWN). The
// package judges by the same rule.
func (d *desk) known(name string) bool {
	if d.names[name] != "" || strings.HasPrefix(name, "service:") {
		return true
	}
	for _, n := range d.names {
		if n == name {
			return true
		}
	}
	return false
}

// text is a library text in the reader's language, English if there is none.
func (d *desk) text(t framework.Text) string { return textIn(d.ctx, t) }

func textIn(ctx context.Context, t framework.Text) string {
	if i18n.Of(ctx) == i18n.Swedish && t.SV != "" {
		return t.SV
	}
	return t.EN
}

// days are the first and the last day an item speaks of.
func (d *desk) days(e *domain.Evidence) (first, last scope.Day) {
	in := e.Occurred()
	if in.From.IsZero() {
		return "", ""
	}
	return in.FirstDay(d.cal), in.LastDay(d.cal)
}

// occurred writes when it happened: a day, days, or moments.
func (d *desk) occurred(e *domain.Evidence) string {
	in := e.Occurred()
	if !e.WholeDays && !in.From.IsZero() {
		if in.To.Equal(in.From) {
			return ui.Stamp(in.From)
		}
		return ui.Stamp(in.From) + " – " + ui.Stamp(in.To)
	}
	first, last := d.days(e)
	if first == last {
		return string(first)
	}
	return string(first) + " – " + string(last)
}

// labels are the kinds of lateness that follow from the item, its controls and
// the windows it speaks of.
func (d *desk) labels(e *domain.Evidence, received time.Time) ([]domain.Label, error) {
	var cs []*control.Control
	for _, id := range e.Controls {
		h, err := d.versions(id)
		if err != nil {
			return nil, err
		}
		cs = append(cs, domain.InForce(h, e.Occurred(), d.cal))
	}
	out := []domain.Label{}
	add := func(l domain.Label, ok bool) {
		if ok && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	add(domain.LateCapture, domain.CapturedLate(e, received, cs))
	for i := range d.windows {
		w := &d.windows[i].Value
		touches, err := w.Touches(e)
		if err != nil {
			return nil, err
		}
		if !touches {
			continue
		}
		cal, err := w.Calendar()
		if err != nil {
			return nil, err
		}
		_, end := w.Bounds(cal)
		add(domain.AfterPeriod(e, received, end))
		late, err := d.performedLate(e, i)
		if err != nil {
			return nil, err
		}
		add(domain.PerformedLate, late)
	}
	return out, nil
}

// performedLate reports whether the item performs an occurrence of a window after
// its due day plus grace. Only one that names its due day can: by its date alone
// it stands for the period it lies in.
func (d *desk) performedLate(e *domain.Evidence, window int) (bool, error) {
	if e.Slot == "" {
		return false, nil
	}
	_, last := d.days(e)
	for _, id := range e.Controls {
		c, err := d.control(id)
		if err != nil {
			return false, err
		}
		if last <= e.Slot.Add(c.Value.Grace) {
			continue
		}
		late, err := d.lateIn(c, window)
		if err != nil || late[e.Code] {
			return late[e.Code], err
		}
	}
	return false, nil
}

// lateIn is the codes of the items that performed a control late in a window,
// counted once.
func (d *desk) lateIn(c register.Entry[control.Control], i int) (map[string]bool, error) {
	key := tallyKey{c.ID, i}
	if late, ok := d.late[key]; ok {
		return late, nil
	}
	t, err := window.TallyOf(d.r, &d.windows[i].Value, c, d.today)
	if err != nil {
		return nil, err
	}
	late := map[string]bool{}
	for _, o := range t.Occurrences {
		if o.Evidence != "" && o.State == window.Late {
			late[o.Evidence] = true
		}
	}
	d.late[key] = late
	return late, nil
}

type tallyKey struct {
	control control.ID
	window  int
}

// received is when the server got the item as it stands.
func (d *desk) received(e register.Entry[domain.Evidence]) (time.Time, error) {
	if e.Version == 1 {
		return e.At, nil
	}
	h, err := domain.Items.History(d.r, e.ID)
	if err != nil {
		return time.Time{}, err
	}
	return domain.Received(h), nil
}

func lateness(all []domain.Label) []ui.Lateness {
	out := make([]ui.Lateness, 0, len(all))
	for _, l := range domain.LabelList {
		if slices.Contains(all, l) {
			out = append(out, ui.Lateness(l))
		}
	}
	return out
}

func stamp(s string) time.Time {
	t, err := time.Parse(ledger.TimeFormat, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

package evidence

import (
	"context"
	"slices"
	"strconv"
	"strings"

	domain "bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// thread is what happened to the item, oldest first: what people did, and what
// the system recorded.
func (v *view) thread() []ui.Event {
	d := v.desk
	t := func(key string, args ...any) string { return i18n.T(d.ctx, "evidencepage.thread."+key, args...) }
	var out []ui.Event
	var before *register.Entry[domain.Evidence]
	for i := range v.history {
		h := &v.history[i]
		who := ui.Event{ID: "v" + strconv.FormatInt(h.Version, 10), Who: d.person(h.Actor), At: h.At}
		if strings.HasPrefix(h.Actor, "service:") {
			who.Icon = "download"
		}
		switch {
		case h.Erased:
			who.Who, who.Icon, who.Title = "Bevis", "trash", t("erased")
		case before == nil:
			who.Title = t("added")
			if h.Value.Supersedes != "" && v.older != "" {
				who.Title = t("added_for", "Code", v.older)
			}
			who.Body = h.Reason
		default:
			who.Title, who.Body = v.step(before, h)
		}
		out = append(out, who)
		if h.Seq == v.brought.Seq && !h.Erased {
			out = append(out, ui.Event{Who: "Bevis", Icon: "fingerprint", Title: t("recorded", "Count", len(h.Value.Files), "Index", h.Seq), At: h.At})
		}
		if !h.Erased {
			before = h
		}
	}
	if v.anchor != nil {
		out = append(out, ui.Event{Who: "Bevis", Icon: "clock", Title: t("stamped", "Authority", v.anchor.Title), At: v.anchor.From})
	}
	for _, w := range v.sealed {
		if at := stamp(w.Value.Seal.At); !at.IsZero() {
			out = append(out, ui.Event{Who: d.person(w.Value.Seal.By), Icon: "seal", Title: t("sealed", "Window", w.Value.Code), At: at})
		}
	}
	slices.SortStableFunc(out, func(a, b ui.Event) int { return a.At.Compare(b.At) })
	return out
}

// step says what the next version did.
func (v *view) step(before, h *register.Entry[domain.Evidence]) (title, body string) {
	t := func(key string, args ...any) string { return i18n.T(v.desk.ctx, "evidencepage.thread."+key, args...) }
	if n := len(h.Value.Reviews); n > len(before.Value.Reviews) {
		return t(string(h.Value.Reviews[n-1].Decision)), h.Value.Reviews[n-1].Reason
	}
	switch {
	case h.Value.Status == domain.Superseded && v.newer != "":
		return t("superseded_by", "Code", v.newer), h.Reason
	case h.Value.Status == domain.Superseded:
		return t("superseded"), h.Reason
	case !slices.Equal(h.Value.Controls, before.Value.Controls):
		return t("relinked"), h.Reason
	}
	return t("changed"), h.Reason
}

// validity is the span in which an item holds; an end that nobody said is not made up.
func validity(ctx context.Context, e *domain.Evidence) string {
	switch {
	case e.ValidTo == "":
		return i18n.T(ctx, "evidencepage.valid.from", "Day", string(e.ValidFrom))
	case e.ValidFrom == "":
		return i18n.T(ctx, "evidencepage.valid.to", "Day", string(e.ValidTo))
	}
	return string(e.ValidFrom) + " – " + string(e.ValidTo)
}

// panelFile is a file in the panel.
type panelFile struct {
	Name, Href, Size, SHA256 string
}

type panelProps struct {
	Type, Occurred, Captured, Received string
	Performer, BroughtBy               string
	Slot                               string
	System, Locator, Method, Query     string
	Valid                              string
	Controls                           []ui.Reference
	Datasets                           []ui.Reference
	Versions                           []ui.Reference // supersedes and superseded by
	Files                              []panelFile
	Ledger                             int64
	Timestamp                          string
}

func (v *view) panel() panelProps {
	d, e := v.desk, &v.entry.Value
	t := func(key string, args ...any) string { return i18n.T(d.ctx, "evidencepage."+key, args...) }
	p := panelProps{
		Type: i18n.T(d.ctx, "evidence.type."+string(e.Type)), Occurred: d.occurred(e), Captured: t("not_said"), Received: ui.Stamp(v.brought.At),
		Performer: d.person(e.PerformedBy), BroughtBy: d.person(v.brought.Actor), Slot: string(e.Slot),
		System: e.Source.System, Locator: e.Source.Locator, Method: i18n.T(d.ctx, "evidence.method."+string(e.Source.Method)), Query: e.Source.Query,
		Ledger: v.brought.Seq, Timestamp: t("no_timestamp.short"),
	}
	if at, ok := e.Captured(); ok {
		p.Captured = ui.Stamp(at)
	}
	if e.ValidFrom != "" || e.ValidTo != "" {
		p.Valid = validity(d.ctx, e)
	}
	if v.anchor != nil {
		p.Timestamp = ui.Stamp(v.anchor.From)
	}
	for _, id := range e.Controls {
		if c, err := d.control(id); err == nil && !c.Erased { // read before: codes failed otherwise
			p.Controls = append(p.Controls, ui.Reference{Code: c.Value.Code, Title: d.text(c.Value.Title), Href: "/controls/" + c.Value.Code})
		}
	}
	for _, x := range v.datasets {
		p.Datasets = append(p.Datasets, ui.Reference{Code: x.Value.Code, Title: t("dataset", "Name", x.Value.Name, "Items", ui.Num(d.ctx, x.Value.Items)), Href: "/populations/" + x.Value.Code})
	}
	if v.older != "" {
		p.Versions = append(p.Versions, ui.Reference{Code: v.older, Title: t("supersedes"), Href: "/evidence/" + v.older})
	}
	if v.newer != "" {
		p.Versions = append(p.Versions, ui.Reference{Code: v.newer, Title: t("superseded_by"), Href: "/evidence/" + v.newer})
	}
	for i, f := range e.Files {
		p.Files = append(p.Files, panelFile{Name: f.Name, Href: fileAddress(e.Code, i+1), Size: ui.Bytes(d.ctx, f.Size), SHA256: f.SHA256})
	}
	return p
}

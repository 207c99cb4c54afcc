package windows

import (
	"cmp"
	"context"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"bevis/internal/authz"
	"bevis/internal/i18n"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// ledgerAt is the address of a leaf.
func ledgerAt(index int64) templ.SafeURL {
	return templ.URL("/ledger/" + strconv.FormatInt(index, 10))
}

func checkpointWords(ctx context.Context, size int64) string {
	if size == 0 {
		return i18n.T(ctx, "windowspage.not_signed")
	}
	return i18n.T(ctx, "windowspage.signed", "Size", ui.Num(ctx, int(size)))
}

func controlColumns(ctx context.Context, none bool) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	out := ui.Table{ID: "control-table", Caption: t("controls"), Columns: []ui.Column{{Label: t("control")}, {Label: t("frequency")}, {Label: t("coverage"), Kind: ui.CellCover}}}
	for _, key := range []string{"expected", "on_time", "late", "missed", "overdue", "operated", "evidence"} {
		out.Columns = append(out.Columns, ui.Column{Label: t(key), Kind: ui.CellNum})
	}
	if none {
		out.Empty = &ui.Empty{Icon: "shield", Title: t("no_controls"), Text: t("no_controls.text"), Quiet: true, Action: &ui.Action{Label: t("to_controls"), Href: "/controls"}}
	}
	return out
}

func exportColumns(ctx context.Context, none bool) ui.Table {
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	out := ui.Table{ID: "exports", Caption: t("exports"), Columns: []ui.Column{
		{Label: t("when")}, {Label: t("by"), Kind: ui.CellOwner}, {Label: "SHA-256"}, {Label: t("size"), Kind: ui.CellNum}, {Label: t("files"), Kind: ui.CellNum}, {Label: t("kind")}, {Label: t("entry")},
	}}
	if none {
		out.Empty = &ui.Empty{Icon: "box", Title: t("no_exports"), Text: t("no_exports.text")}
	}
	return out
}

// figure is a number and the list behind it.
type figure struct{ label, value, href string }

// figures are a control's numbers in the order of the columns. What a basis does
// not count is a dash, not a zero.
func (v view) figures(ctx context.Context, l line) []figure {
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	dash := func(key string) figure { return figure{t(key), "–", ""} }
	q := url.Values{"control": {l.Control}}
	items := figure{t("evidence"), ui.Num(ctx, l.Evidence), ""}
	if v.who.Can(authz.EvidenceRead) {
		items.href = v.path("/evidence?" + q.Encode())
	}
	switch l.Basis {
	case window.ByClock:
		of := func(key string, n int, state string) figure {
			q := url.Values{"control": {l.Control}}
			if state != "" {
				q.Set("state", state)
			}
			return figure{t(key), ui.Num(ctx, n), v.path("/occurrences?" + q.Encode())}
		}
		operated := figure{t("operated"), ui.Num(ctx, l.Operated), items.href}
		return []figure{
			of("expected", l.Expected, ""), of("on_time", l.OnTime, string(window.OnTime)), of("late", l.Late, string(window.Late)),
			of("missed", l.Missed, string(window.Missed)), of("overdue", l.Overdue, string(window.Overdue)), operated, items,
		}
	case window.ByPopulation:
		if l.Status == "" {
			break
		}
		of := func(key string, n int) figure { return figure{t(key), ui.Num(ctx, n), v.resultHref(l)} }
		return []figure{of("expected", l.Expected), of("on_time", l.OnTime), dash("late"), of("missed", l.Missed), dash("overdue"), dash("operated"), items}
	}
	return []figure{dash("expected"), dash("on_time"), dash("late"), dash("missed"), dash("overdue"), dash("operated"), items}
}

// resultHref leads to a control's check results, for who may read them.
func (v view) resultHref(l line) string {
	if !v.who.Can(authz.PopulationRead) {
		return ""
	}
	return v.path("/populations?" + url.Values{"control": {l.Control}}.Encode() + "#results")
}

func runLink(x run, history bool) ui.Row {
	out := ui.Row{Code: x.Code, Title: x.Name}
	if history {
		out.Href = "/history/" + x.id
	}
	return out
}

// openLooks shows what is still open as its own list does.
var openLooks = map[string]ui.Status{
	"missed": ui.OccurrenceMissed, "overdue": "task.overdue", "due": ui.OccurrenceDue, "unreviewed": ui.EvidenceCollected,
	"returned": ui.EvidenceReturned, "failing": ui.CheckFail, "undetermined": ui.CheckNotDeterminable,
}

// fixedLink is a kind of entry that becomes fixed.
type fixedLink struct {
	ui.LinkItem
	icon string
}

// kindIcons draw the kinds of entries.
var kindIcons = map[string]string{
	"control": "shield", "evidence": "fingerprint", "dataset": "box", "freeze": "lock", "result": "test", "run": "refresh", "criterion": "scope",
	"account": "people", "organisation": "home", "window": "calendar", "anchor": "clock", "erasure": "trash",
}

// fixedLinks lists what becomes fixed.
func (c confirmProps) fixedLinks(ctx context.Context) []fixedLink {
	var out []fixedLink
	for _, t := range c.fixing.Fixed {
		word := t.What // a register that has no word here yet
		if key := "windowspage.fixes." + t.What; i18n.Has(i18n.Of(ctx), key) {
			word = i18n.T(ctx, key)
		}
		out = append(out, fixedLink{ui.LinkItem{Title: word, Href: cmp.Or(t.Href, c.confirm.Cancel), Note: ui.Num(ctx, t.Count)}, cmp.Or(kindIcons[t.What], "file")})
	}
	return out
}

// openLinks lists what is still open.
func (c confirmProps) openLinks(ctx context.Context) []ui.LinkItem {
	var out []ui.LinkItem
	for _, t := range c.fixing.Open {
		out = append(out, ui.LinkItem{Status: openLooks[t.What], Title: i18n.T(ctx, "windowspage.opens."+t.What), Href: t.Href, Note: ui.Num(ctx, t.Count)})
	}
	return out
}

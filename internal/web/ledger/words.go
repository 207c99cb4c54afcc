package ledger

import (
	"context"
	"strconv"
	"strings"

	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/web/ui"
)

// anchorLinks lists timestamps, newest first, each leading to its own leaf.
func anchorLinks(ctx context.Context, all []anchor) []ui.LinkItem {
	var out []ui.LinkItem
	for _, a := range all {
		l := ui.LinkItem{Href: "/ledger/" + strconv.FormatInt(a.Index, 10), Title: i18n.T(ctx, "ledgerpage.anchor", "Size", ui.Num(ctx, int(a.Size)), "TSA", a.TSA)}
		if a.Broken {
			l.Status, l.Title = ui.StateFailing, i18n.T(ctx, "ledgerpage.anchor_broken", "TSA", a.TSA)
		} else {
			l.Status, l.Note = ui.StateReady, ui.Stamp(a.Time)
		}
		out = append(out, l)
	}
	return out
}

// tombstones lists erasures: what is gone, on whose authority and why.
func tombstones(ctx context.Context, all []erasure) []ui.Milestone {
	var out []ui.Milestone
	for _, e := range all {
		m := ui.Milestone{
			Title:  i18n.T(ctx, "ledgerpage.erasure", "Count", e.Versions, "Kind", kindName(ctx, e.Register)),
			Status: ui.StateNotApplicable, At: e.At,
			Note: i18n.T(ctx, "ledgerpage.erasure_why", "Authority", e.Authority, "Why", e.Why, "By", e.By),
		}
		if e.seen {
			m.Href = "/history/" + e.Subject
		}
		out = append(out, m)
	}
	return out
}

// proofText is what somebody copies to check the leaf: leaf hash, the hashes beside
// the way up, and the root.
func proofText(ctx context.Context, d proven) string {
	var b strings.Builder
	b.WriteString(i18n.T(ctx, "ledgerpage.proof.leaf") + " " + d.Hash + "\n")
	for i, h := range d.Proof {
		b.WriteString(i18n.T(ctx, "ledgerpage.proof.step", "N", i+1) + " " + h + "\n")
	}
	b.WriteString(i18n.T(ctx, "ledgerpage.proof.root") + " " + d.Root + "\n")
	return b.String()
}

// checked is what a verification looked at.
func checked(ctx context.Context, r *ledger.Report) []ui.Kpi {
	t := func(key string) string { return i18n.T(ctx, "ledgerpage."+key) }
	anchor := ui.Kpi{Label: t("anchors"), Value: ui.Num(ctx, r.Anchors.Timestamps), Href: "/ledger#anchors", Note: i18n.T(ctx, "ledgerpage.trusted", "Count", r.Anchors.Trusted)}
	if at, ok := newest(r); ok {
		anchor.Note = i18n.T(ctx, "ledgerpage.newest", "Time", ui.Stamp(at))
	} else {
		anchor.Note, anchor.NoteTone = t("unanchored"), ui.ToneWarn
	}
	return []ui.Kpi{
		{Label: t("checked.entries"), Value: ui.Num(ctx, int(r.Checked.Entries)), Href: "/ledger#leaves"},
		{Label: t("checked.bytes"), Value: ui.Bytes(ctx, r.Checked.Bytes), Words: true},
		anchor,
		{Label: t("erasures"), Value: ui.Num(ctx, len(r.Erased)), Href: "/ledger#erasures"},
		{Label: t("problems"), Value: ui.Num(ctx, len(r.Problems)), Href: "#problems"},
	}
}

package ledger

import (
	"context"
	"net/http"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/web/ui"
)

// problemsShown keeps the page readable; the JSON has them all.
const problemsShown = 200

type verifyProps struct {
	shell    ui.Shell
	head     ui.Head
	banner   ui.BannerProps
	report   *ledger.Report
	problems ui.Table
	shown    []ledger.Problem
}

// verify handles POST /ledger/verify: it re-reads every byte and shows what was
// found. One verification runs at a time.
func (p Pages) verify(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Policy.Require(ctx, authz.LedgerVerify); err != nil {
		return err
	}
	select {
	case p.verifying <- struct{}{}:
		defer func() { <-p.verifying }()
	default:
		return fault.New(fault.Busy, "ledgerpage.verifying")
	}
	report, err := p.Verify(ctx)
	if err != nil {
		return err
	}
	report.Say(func(key string, args ...any) string { return i18n.T(ctx, key, args...) })
	t := func(key string, args ...any) string { return i18n.T(ctx, "ledgerpage."+key, args...) }
	v := verifyProps{shell: p.Shell.Props(r, t("verification"), ui.Link{Label: t("title"), Href: "/ledger"}), report: report, banner: verdict(ctx, report.Verdict)}
	v.shell.Path = "/ledger" // a change of language or theme does not verify again
	v.head = ui.Head{Title: t("verification"), Sub: t("verified_at", "Time", ui.Stamp(p.Store.Now())), Primary: &ui.Action{Label: t("verify_again"), Icon: "shield", Post: "/ledger/verify"}}
	v.shown = report.Problems[:min(len(report.Problems), problemsShown)]
	v.problems = ui.Table{ID: "problems", Caption: t("problems"), Columns: []ui.Column{{Label: t("where")}, {Label: t("finding")}, {Label: t("sort")}}}
	if len(report.Problems) == 0 {
		v.problems.Empty = &ui.Empty{Icon: "check", Title: t("no_problems"), Text: t("no_problems.text")}
	} else if len(report.Problems) > problemsShown {
		v.problems.Pager = &ui.Pager{From: 1, To: problemsShown, Total: len(report.Problems)}
	}
	return p.Shell.Answer(w, r, http.StatusOK, report, verifyPage(v))
}

// verdict is the answer in people's words. Whatever is not one of the known answers
// is not fully checkable, never intact.
func verdict(ctx context.Context, v string) ui.BannerProps {
	key, tone := "ledgerpage.partly", ui.ToneWarn
	switch v {
	case ledger.Valid:
		key, tone = "ledgerpage.intact", ui.ToneOK
	case ledger.Invalid:
		key, tone = "ledgerpage.altered", ui.ToneBad
	}
	return ui.BannerProps{Tone: tone, Title: i18n.T(ctx, key), Text: i18n.T(ctx, key+".text") + " " + i18n.T(ctx, "ledgerpage.integrity_only")}
}

// newest is when the newest timestamp was made.
func newest(r *ledger.Report) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, r.Anchors.Newest)
	return t, err == nil
}

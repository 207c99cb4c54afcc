package main

import (
	"os"
	"strings"

	"bevis/internal/app"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/pack"
)

type packCmd struct {
	Create packCreate `cmd:"" help:"Make the package of a window."`
}

type packCreate struct {
	Window string `required:"" help:"Id or code of the window."`
	Out    string `required:"" help:"File that ends in .zip, or a folder that does not exist." placeholder:"FILE"`
	Draft  bool   `help:"Take a window that is not sealed; the package verifies as incomplete."`
}

func (c *packCreate) work(e *env, a *app.App) error {
	made, err := a.Packages.Create(e.ctx, c.Window, e.path(c.Out), c.Draft)
	if err != nil {
		return err
	}
	return e.answer(made, func() {
		e.line("%s", e.t("cli.packed", "File", made.File, "Artefacts", made.Artefacts, "SHA256", made.SHA256))
	})
}

type verifyCmd struct {
	File      string `arg:"" help:"Package: a zip or a folder."`
	Trust     string `help:"File with the ledger key or fingerprint you were given, and certificates of time stamping authorities." placeholder:"FILE"`
	Reperform bool   `help:"Run every check again on the enclosed datasets."`
}

func (c *verifyCmd) run(e *env) error {
	o := pack.Options{Reperform: c.Reperform, Kinds: app.Kinds()}
	if c.Trust != "" {
		var err error
		if o.Trust, err = pack.ReadTrust(e.path(c.Trust)); err != nil {
			return err
		}
	}
	r, err := pack.Verify(e.ctx, e.path(c.File), o)
	if err != nil {
		return err
	}
	return e.report(r, c.Trust != "")
}

// report shows a verification and turns its verdict into an exit status.
func (e *env) report(r *ledger.Report, trust bool) error {
	r.Say(func(key string, args ...any) string {
		if !i18n.Has(e.lang(), key) { // an archive that cannot be opened speaks in its own words
			key = strings.TrimPrefix(key, "problem.")
		}
		return e.t(key, args...)
	})
	err := e.answer(r, func() {
		switch {
		case r.Key.Fingerprint == "":
		case r.Key.Trusted:
			e.line("%s", e.t("cli.trusted"))
		case !trust:
			e.line("%s", e.t("cli.signed_by", "Key", r.Key.Fingerprint))
		}
		e.line("%s %s", e.t("cli.verdict."+r.Verdict), e.t("cli.verdict.limits"))
		e.line("%s", e.t("cli.checked_counts", "Artefacts", r.Checked.Artefacts, "Bytes", r.Checked.Bytes, "Entries", r.Checked.Entries, "Checks", r.Checked.Checks, "Timestamps", r.Anchors.Timestamps, "Trusted", r.Anchors.Trusted))
		for _, x := range r.Erased {
			e.line("%s", e.t("cli.erased", "ID", x.ID, "Register", x.Register))
		}
		for _, p := range r.Problems {
			e.line("  %s: %s", p.Path, p.Message)
		}
	})
	if err != nil {
		return err
	}
	switch r.Verdict {
	case ledger.Valid:
		return nil
	case ledger.Incomplete:
		return answer(exitUndetermined)
	default:
		return answer(exitNo)
	}
}

type ledgerCmd struct {
	Verify ledgerVerify `cmd:"" help:"Re-read every byte of the workspace."`
	Stamp  ledgerStamp  `cmd:"" help:"Have the ledger timestamped now."`
}

// ledgerVerify runs beside a server or on a closed workspace, also on a damaged
// one.
type ledgerVerify struct {
	Roots string `help:"File with certificates (PEM) of trusted time stamping authorities." placeholder:"FILE"`
}

func (c *ledgerVerify) roots(e *env) ([]byte, error) {
	if c.Roots == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(e.path(c.Roots))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "cli.file", "File", c.Roots)
	}
	return raw, nil
}

func (c *ledgerVerify) run(e *env) error {
	if conn := dialServer(e.ctx, e.cli.Data); conn != nil {
		return forward(e, conn, os.Args[1:])
	}
	roots, err := c.roots(e)
	if err != nil {
		return err
	}
	r, err := app.Verify(e.ctx, e.options(), roots)
	if err != nil {
		return err
	}
	return e.report(r, false)
}

// work is the same through the server that holds the workspace.
func (c *ledgerVerify) work(e *env, a *app.App) error {
	roots, err := c.roots(e)
	if err != nil {
		return err
	}
	r, err := a.Verify(e.ctx, roots)
	if err != nil {
		return err
	}
	return e.report(r, false)
}

type ledgerStamp struct{}

func (ledgerStamp) work(e *env, a *app.App) error {
	s, err := a.Stamp(e.ctx)
	if err != nil {
		return err
	}
	at := ""
	if s != nil {
		at = s.Value.Time
	}
	return e.answer(map[string]string{"timestamp": at}, func() {
		if at == "" {
			e.line("%s", e.t("cli.not_stamped"))
			return
		}
		e.line("%s", e.t("cli.stamped", "Time", at))
	})
}

type eraseCmd struct {
	ID        string  `arg:"" help:"Id of the entry."`
	Versions  []int64 `help:"Versions; default is all."`
	Authority string  `required:"" help:"The law or contract that demands it."`
	Reason    string  `required:"" help:"Why; without personal data, it stays for ever."`
}

func (c *eraseCmd) work(e *env, a *app.App) error {
	t, err := a.Erase(e.ctx, c.ID, c.Versions, c.Authority, c.Reason)
	if err != nil {
		return err
	}
	out := map[string]any{"tombstone": t.ID, "id": t.Value.Subject, "versions": t.Value.Versions, "ledger_index": t.Seq}
	return e.answer(out, func() { e.line("%s", e.t("cli.erased_now", "ID", c.ID, "Index", t.Seq)) })
}

type historyCmd struct {
	ID string `arg:"" help:"Id of the entry."`
}

func (c *historyCmd) work(e *env, a *app.App) error {
	vs, err := a.History(e.ctx, c.ID)
	if err != nil {
		return err
	}
	return e.answer(map[string]any{"versions": vs}, func() {
		for _, v := range vs {
			e.line("%d  %s  %s  %s", v.Version, v.At, v.By, v.Reason)
			for _, f := range v.Changes {
				e.line("     %s: %q → %q", f.Field, f.Before, f.After)
			}
		}
	})
}

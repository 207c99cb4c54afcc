package ledger_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	core "bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/ledger"
)

var everybody = []string{"lead", "owner", "employee", "manager", "administrator", "auditor", "other_auditor"}

func open(t *testing.T, people ...string) *house {
	h := build(t, false, func(h *house) {
		ledger.Pages{Shell: h.shell, Store: h.Store, Policy: h.Policy, Accounts: h.Accounts, Key: h.Key, Verify: func(ctx context.Context) (*core.Report, error) { return h.Verify(ctx, nil) }}.Routes()
	}, people...)
	_, err := h.Store.Checkpoint(h.ctx)
	h.must(err)
	return h
}

func TestReaders(t *testing.T) {
	h := open(t, everybody...)
	e := h.evidence(`Minutes "><script>alert(1)</script>`, "2026-01-01")
	user, err := h.Accounts.ByEmail(h.ctx, "owner@nordlys.example")
	h.must(err)
	const ok, no, gone = http.StatusOK, http.StatusForbidden, http.StatusNotFound
	for path, want := range map[string][7]int{
		"/ledger":                                 {ok, ok, no, ok, ok, ok, ok},
		"/ledger/0":                               {ok, ok, no, ok, ok, ok, ok},
		"/ledger/999999":                          {gone, gone, no, gone, gone, gone, gone},
		"/ledger/-1":                              {gone, gone, no, gone, gone, gone, gone},
		"/ledger/01":                              {gone, gone, no, gone, gone, gone, gone},
		"/ledger?before=9223372036854775807":      {ok, ok, no, ok, ok, ok, ok},
		"/history/" + e.ID.String():               {ok, ok, no, ok, gone, ok, gone},
		"/history/" + h.window.ID.String():        {ok, ok, no, ok, ok, ok, gone},
		"/history/" + user.ID.String():            {ok, ok, no, gone, ok, gone, gone}, // one's own, too
		"/history/evd_00000000000000000000000000": {gone, gone, no, gone, gone, gone, gone},
	} {
		for i, who := range everybody {
			a := h.page(who, path, want[i])
			a.lacks(t, "<script>alert")
			if a.status != ok || who == "other_auditor" {
				a.lacks(t, "Minutes")
			}
			if who != "owner" && (a.status != ok || who == "other_auditor") { // their own address stands in their menu
				a.lacks(t, "owner@nordlys.example")
			}
		}
		if a := h.ask("", path, nil); a.status != http.StatusSeeOther {
			t.Errorf("%s signed out: %d", path, a.status)
		}
	}
	// The leaf is there for everybody, what stands behind it is not.
	leaf := "/ledger/" + strconv.FormatInt(e.Seq, 10)
	h.page("auditor", leaf, ok).has(t, "/history/"+e.ID.String(), "Minutes &#34;&gt;&lt;script&gt;", `Local operator (test)`)
	hidden := h.page("other_auditor", leaf, ok)
	hidden.has(t, "Not shown to you")
	hidden.lacks(t, "/history/"+e.ID.String(), "Minutes", "Local operator (test)")
	h.page("other_auditor", "/ledger", ok).lacks(t, "Minutes", e.ID.String())
}

func TestVerify(t *testing.T) {
	h := open(t, everybody...)
	for i, want := range []int{200, 200, 403, 200, 200, 200, 200} {
		a := h.ask(everybody[i], "/ledger/verify", url.Values{})
		if a.status != want {
			t.Errorf("POST /ledger/verify as %s: %d", everybody[i], a.status)
		}
		h.decent("/ledger/verify", a)
		if want == 200 {
			a.has(t, "says nothing about whether controls operated")
			a.lacks(t, "Altered</b>")
		}
	}
	if a := h.ask("lead", "/ledger/verify", url.Values{}, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
		t.Errorf("from another site: %d", a.status)
	}
	if a := h.ask("", "/ledger/verify", url.Values{}); a.status != http.StatusUnauthorized {
		t.Errorf("signed out: %d", a.status)
	}
	h.ask("lead", "/ledger/verify", url.Values{}).has(t, "<b>Intact</b>", "No findings")

	write, _ := h.Store.DB()
	if _, err := write.ExecContext(h.ctx, "UPDATE entry SET actor = 'usr_somebody' WHERE seq = 1"); err != nil {
		t.Fatal(err)
	}
	a := h.ask("lead", "/ledger/verify", url.Values{}, "Accept-Language", "sv")
	a.has(t, "<b>Ändrad</b>", "säger ingenting om huruvida", "Ändrat eller saknas")
	a.lacks(t, "<b>Intakt</b>")
	h.decent("/ledger/verify", a)
	var r core.Report
	h.must(json.Unmarshal([]byte(h.ask("lead", "/ledger/verify", url.Values{}, "Accept", "application/json").body), &r))
	if r.Verdict != core.Invalid || len(r.Problems) == 0 || r.Problems[0].Message == "" {
		t.Errorf("%+v", r)
	}
}

// What the page shows as a proof is one: anybody can follow it to the signed root.
func TestProof(t *testing.T) {
	h := open(t, "auditor")
	h.evidence("Not signed for a moment", "2026-01-01")
	_, err := h.Store.Checkpoint(h.ctx)
	h.must(err)
	note, err := h.Store.LastCheckpoint(h.ctx)
	h.must(err)
	c, err := h.Key.OpenCheckpoint([]byte(note))
	h.must(err)
	for _, index := range []int64{0, 1, c.Size / 2, c.Size - 1} {
		a := h.ask("auditor", "/ledger/"+strconv.FormatInt(index, 10), nil, "Accept", "application/json")
		var d struct {
			Record, Root string
			Size         int64
			Proof        []string
			Signed       bool
		}
		h.must(json.Unmarshal([]byte(a.body), &d))
		var proof tlog.RecordProof
		for _, s := range d.Proof {
			hash, err := tlog.ParseHash(s)
			h.must(err)
			proof = append(proof, hash)
		}
		root, err := tlog.ParseHash(d.Root)
		h.must(err)
		if err := tlog.CheckRecord(proof, d.Size, root, index, tlog.RecordHash([]byte(d.Record))); err != nil || !d.Signed || d.Size != c.Size || root != c.Root {
			t.Errorf("leaf %d: %v, %+v", index, err, d)
		}
	}
}

func TestHistory(t *testing.T) {
	h := open(t, "lead")
	cs, err := h.Controls.List(h.ctx)
	h.must(err)
	c := cs[0]
	for i := range 60 {
		c.Value.Grace = i + 1
		c, err = h.Controls.Change(h.ctx, c, "Reason "+strconv.Itoa(i+2)+" <b>")
		h.must(err)
	}
	path := "/history/" + c.ID.String()
	a := h.page("lead", path, http.StatusOK)
	a.has(t, "Version 61", "Reason 61 &lt;b&gt;", "<del>59</del>", "<ins>60</ins>", "/controls/"+c.Value.Code, "?before=12")
	a.lacks(t, "Version 11<")
	h.page("lead", path+"?before=12", http.StatusOK).has(t, "Version 1<", "Version 11<", "statement.en", path+`"`)

	e := h.evidence("To be erased", "2026-01-01")
	h.must(h.Store.Write(h.ctx, register.Operator("test"), func(tx *register.Tx) error {
		_, err := register.Erase(tx, e.ID.String(), nil, "Contract 7 § 3", "asked for <b>")
		return err
	}))
	h.page("lead", "/history/"+e.ID.String(), http.StatusOK).has(t, "destroyed on authority")
	h.page("lead", "/ledger", http.StatusOK).has(t, "Contract 7 § 3", "asked for &lt;b&gt;", "Erased")
}

func TestPaging(t *testing.T) {
	h := open(t, "lead")
	size, root, err := h.Store.Head(h.ctx)
	h.must(err)
	if _, err := h.Store.Checkpoint(h.ctx); err != nil {
		t.Fatal(err)
	}
	for size <= 120 {
		h.evidence("Filler", "2026-01-01")
		size, root, err = h.Store.Head(h.ctx)
		h.must(err)
	}
	a := h.page("lead", "/ledger", http.StatusOK)
	a.has(t, root.String(), h.Key.Origin, h.Key.Fingerprint(), "Unanchored", "Nothing has been erased", "1–100 of "+strconv.FormatInt(size, 10), "?before="+strconv.FormatInt(size-100, 10))
	b := h.page("lead", "/ledger?before="+strconv.FormatInt(size-100, 10), http.StatusOK)
	b.has(t, `href="/ledger/0"`)
	if strings.Contains(b.body, `href="/ledger/`+strconv.FormatInt(size-1, 10)+`"`) {
		t.Error("the second page repeats the first")
	}
}

package ledger_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	core "bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/ledger"
	"bevis/internal/web/webtest"
)

var everybody = []string{"lead", "owner", "employee", "manager", "administrator", "auditor", "other"}

// open is the house with people signed in: to get a password leaves a leaf too.
func open(t *testing.T, people ...string) *webtest.House {
	h := webtest.Quarters(t, func(h *webtest.House) {
		ledger.Pages{Shell: h.Shell, Store: h.App.Store, Policy: h.App.Policy, Accounts: h.App.Accounts, Key: h.App.Key, Verify: func(ctx context.Context) (*core.Report, error) { return h.App.Verify(ctx, nil) }}.Routes()
	})
	for _, who := range people {
		h.Token(who)
	}
	_, err := h.App.Store.Checkpoint(h.Operator)
	h.Must(err)
	return h
}

func TestReaders(t *testing.T) {
	h := open(t, everybody...)
	e := h.Bring(`Minutes "><script>alert(1)</script>`, "2026-01-01")
	user, err := h.App.Accounts.ByEmail(h.Operator, "owner@norrsken.example")
	h.Must(err)
	const ok, no, gone = http.StatusOK, http.StatusForbidden, http.StatusNotFound
	for path, want := range map[string][7]int{
		"/ledger":                                 {ok, ok, no, ok, ok, ok, ok},
		"/ledger/0":                               {ok, ok, no, ok, ok, ok, ok},
		"/ledger/999999":                          {gone, gone, no, gone, gone, gone, gone},
		"/ledger/-1":                              {gone, gone, no, gone, gone, gone, gone},
		"/ledger/01":                              {gone, gone, no, gone, gone, gone, gone},
		"/ledger?before=9223372036854775807":      {ok, ok, no, ok, ok, ok, ok},
		"/history/" + e.ID.String():               {ok, ok, no, ok, gone, ok, gone},
		"/history/" + h.Window.ID.String():        {ok, ok, no, ok, ok, ok, gone},
		"/history/" + user.ID.String():            {ok, ok, no, gone, ok, gone, gone}, // one's own, too
		"/history/evd_00000000000000000000000000": {gone, gone, no, gone, gone, gone, gone},
	} {
		for i, who := range everybody {
			a := h.Page(who, path, want[i])
			a.Lacks(t, "<script>alert")
			if a.Status != ok || who == "other" {
				a.Lacks(t, "Minutes")
			}
			if who != "owner" && (a.Status != ok || who == "other") { // their own address stands in their menu
				a.Lacks(t, "owner@norrsken.example")
			}
		}
		if a := h.Ask("", path, nil); a.Status != http.StatusSeeOther {
			t.Errorf("%s signed out: %d", path, a.Status)
		}
	}
	// The leaf is there for everybody, what stands behind it is not.
	leaf := "/ledger/" + strconv.FormatInt(e.Seq, 10)
	h.Page("auditor", leaf, ok).Has(t, "/history/"+e.ID.String(), "Minutes &#34;&gt;&lt;script&gt;", `Local operator (test)`)
	hidden := h.Page("other", leaf, ok)
	hidden.Has(t, "Not shown to you")
	hidden.Lacks(t, "/history/"+e.ID.String(), "Minutes", "Local operator (test)")
	h.Page("other", "/ledger", ok).Lacks(t, "Minutes", e.ID.String())
}

func TestVerify(t *testing.T) {
	h := open(t, everybody...)
	for i, want := range []int{200, 200, 403, 200, 200, 200, 200} {
		a := h.Ask(everybody[i], "/ledger/verify", url.Values{})
		if a.Status != want {
			t.Errorf("POST /ledger/verify as %s: %d", everybody[i], a.Status)
		}
		h.Sound("/ledger/verify", a)
		if want == 200 {
			a.Has(t, "says nothing about whether controls operated")
			a.Lacks(t, "Altered</b>")
		}
	}
	if a := h.Ask("lead", "/ledger/verify", url.Values{}, "Sec-Fetch-Site", "cross-site"); a.Status != http.StatusForbidden {
		t.Errorf("from another site: %d", a.Status)
	}
	if a := h.Ask("", "/ledger/verify", url.Values{}); a.Status != http.StatusUnauthorized {
		t.Errorf("signed out: %d", a.Status)
	}
	h.Ask("lead", "/ledger/verify", url.Values{}).Has(t, "<b>Intact</b>", "No findings")

	write, _ := h.App.Store.DB()
	if _, err := write.ExecContext(h.Operator, "UPDATE entry SET actor = 'usr_somebody' WHERE seq = 1"); err != nil {
		t.Fatal(err)
	}
	a := h.Ask("lead", "/ledger/verify", url.Values{}, "Accept-Language", "sv")
	a.Has(t, "<b>Ändrad</b>", "säger ingenting om huruvida", "Ändrat eller saknas")
	a.Lacks(t, "<b>Intakt</b>")
	h.Sound("/ledger/verify", a)
	var r core.Report
	h.Must(json.Unmarshal([]byte(h.Ask("lead", "/ledger/verify", url.Values{}, "Accept", "application/json").Body), &r))
	if r.Verdict != core.Invalid || len(r.Problems) == 0 || r.Problems[0].Message == "" {
		t.Errorf("%+v", r)
	}
}

// What the page shows as a proof is one: anybody can follow it to the signed root.
func TestProof(t *testing.T) {
	h := open(t, "auditor")
	h.Bring("Not signed for a moment", "2026-01-01")
	_, err := h.App.Store.Checkpoint(h.Operator)
	h.Must(err)
	note, err := h.App.Store.LastCheckpoint(h.Operator)
	h.Must(err)
	c, err := h.App.Key.OpenCheckpoint([]byte(note))
	h.Must(err)
	for _, index := range []int64{0, 1, c.Size / 2, c.Size - 1} {
		a := h.Ask("auditor", "/ledger/"+strconv.FormatInt(index, 10), nil, "Accept", "application/json")
		var d struct {
			Record, Root string
			Size         int64
			Proof        []string
			Signed       bool
		}
		h.Must(json.Unmarshal([]byte(a.Body), &d))
		var proof tlog.RecordProof
		for _, s := range d.Proof {
			hash, err := tlog.ParseHash(s)
			h.Must(err)
			proof = append(proof, hash)
		}
		root, err := tlog.ParseHash(d.Root)
		h.Must(err)
		if err := tlog.CheckRecord(proof, d.Size, root, index, tlog.RecordHash([]byte(d.Record))); err != nil || !d.Signed || d.Size != c.Size || root != c.Root {
			t.Errorf("leaf %d: %v, %+v", index, err, d)
		}
	}
}

func TestHistory(t *testing.T) {
	h := open(t, "lead")
	cs, err := h.App.Controls.List(h.Operator)
	h.Must(err)
	c := cs[0]
	for i := range 60 {
		c.Value.Title.EN = strconv.Itoa(i + 1)
		c, err = h.App.Controls.Change(h.Operator, c, "Reason "+strconv.Itoa(i+2)+" <b>")
		h.Must(err)
	}
	path := "/history/" + c.ID.String()
	a := h.Page("lead", path, http.StatusOK)
	a.Has(t, "Version 61", "Reason 61 &lt;b&gt;", "<del>59</del>", "<ins>60</ins>", "/controls/"+c.Value.Code, "?before=12")
	a.Lacks(t, "Version 11<")
	h.Page("lead", path+"?before=12", http.StatusOK).Has(t, "Version 1<", "Version 11<", "statement.en", path+`"`)

	e := h.Bring("To be erased", "2026-01-01")
	h.Must(h.App.Store.Write(h.Operator, register.Operator("test"), func(tx *register.Tx) error {
		_, err := register.Erase(tx, e.ID.String(), nil, "Contract 7 § 3", "asked for <b>")
		return err
	}))
	h.Page("lead", "/history/"+e.ID.String(), http.StatusOK).Has(t, "destroyed on authority")
	h.Page("lead", "/ledger", http.StatusOK).Has(t, "Contract 7 § 3", "asked for &lt;b&gt;", "Erased")
}

func TestPaging(t *testing.T) {
	h := open(t, "lead")
	size, root, err := h.App.Store.Head(h.Operator)
	h.Must(err)
	if _, err := h.App.Store.Checkpoint(h.Operator); err != nil {
		t.Fatal(err)
	}
	for size <= 120 {
		h.Bring("Filler", "2026-01-01")
		size, root, err = h.App.Store.Head(h.Operator)
		h.Must(err)
	}
	a := h.Page("lead", "/ledger", http.StatusOK)
	a.Has(t, root.String(), h.App.Key.Origin, h.App.Key.Fingerprint(), "Unanchored", "Nothing has been erased", "1–100 of "+strconv.FormatInt(size, 10), "?before="+strconv.FormatInt(size-100, 10))
	b := h.Page("lead", "/ledger?before="+strconv.FormatInt(size-100, 10), http.StatusOK)
	b.Has(t, `href="/ledger/0"`)
	if strings.Contains(b.Body, `href="/ledger/`+strconv.FormatInt(size-1, 10)+`"`) {
		t.Error("the second page repeats the first")
	}
}

// A ledger index is a name: it is written without separators.
func TestIndexesAreNotGrouped(t *testing.T) {
	raw, err := os.ReadFile("views.templ")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), `"#" + ui.Num`) {
		t.Error("an index is written with separators")
	}
}

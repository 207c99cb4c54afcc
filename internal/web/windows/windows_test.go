package windows_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bevis/internal/control"
	"bevis/internal/register"
	"bevis/internal/web/windows"
	"bevis/internal/window"
)

var everybody = []string{"lead", "owner", "employee", "manager", "auditor", "other_auditor"}

func open(t *testing.T, people ...string) (*house, string) {
	dir := t.TempDir()
	h := build(t, false, func(h *house) {
		windows.Pages{Shell: h.shell, Store: h.Store, Accounts: h.Accounts, Windows: h.Windows, Packages: h.Packages, Dir: dir}.Routes()
	}, people...)
	h.evidence(`Review <script>alert(1)</script>`, "2026-01-01")
	return h, dir
}

func (h *house) path(rest string) string { return "/windows/" + h.window.Value.Code + rest }

// Who may see what: one row a route, one column a person.
func TestReaders(t *testing.T) {
	h, _ := open(t, everybody...)
	const ok, no, gone = http.StatusOK, http.StatusForbidden, http.StatusNotFound
	for path, want := range map[string][6]int{
		"/windows":               {ok, ok, ok, ok, ok, ok},
		"/windows/new":           {ok, no, no, no, no, no},
		h.path(""):               {ok, ok, ok, ok, ok, gone},
		h.path("/occurrences"):   {ok, ok, ok, ok, ok, gone},
		h.path("/evidence"):      {ok, ok, no, ok, ok, gone},
		h.path("/populations"):   {ok, ok, no, ok, ok, gone},
		h.path("/changes"):       {ok, ok, no, ok, ok, gone},
		h.path("/close"):         {ok, no, no, no, no, no},
		h.path("/seal"):          {ok, no, no, ok, no, no},
		h.path("/package/x.zip"): {gone, no, no, gone, gone, gone},
		"/windows/W-999999":      {gone, gone, gone, gone, gone, gone},
	} {
		for i, who := range everybody {
			a := h.page(who, path, want[i])
			a.lacks(t, "<script>alert")
			if who == "other_auditor" {
				a.lacks(t, h.window.ID.String(), "Review &lt;")
			}
		}
		if a := h.ask("", path, nil); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/sign-in?next=") {
			t.Errorf("%s signed out: %d", path, a.status)
		}
	}
	h.page("other_auditor", "/windows", ok).lacks(t, h.window.Value.Code+`"`, "2026-03-31")
	h.page("lead", "/windows", ok).has(t, "2026-01-01 – 2026-03-31", "Day 2 of 90", h.other.Value.Code)
	h.page("lead", h.path("/evidence"), ok).has(t, "Review &lt;script&gt;")
	h.page("auditor", h.path(""), ok).lacks(t, h.path("/close"), h.path("/seal"))
}

func TestWriters(t *testing.T) {
	h, _ := open(t, everybody...)
	form := url.Values{"type": {"2"}, "first": {"2026-07-01"}, "last": {"2026-09-30"}}
	for path, want := range map[string][6]int{
		"/windows":         {303, 403, 403, 403, 403, 403},
		h.path("/close"):   {409, 403, 403, 403, 403, 403}, // nobody has looked: shown once more
		h.path("/seal"):    {409, 403, 403, 409, 403, 403},
		h.path("/package"): {422, 403, 403, 422, 422, 404}, // not sealed and no draft asked for
	} {
		for i, who := range everybody {
			a := h.ask(who, path, form)
			if a.status != want[i] {
				t.Errorf("POST %s as %s: %d, want %d", path, who, a.status, want[i])
			}
			h.decent(path, a)
			if a := h.ask(who, path, form, "Sec-Fetch-Site", "cross-site"); a.status != http.StatusForbidden {
				t.Errorf("POST %s as %s from another site: %d", path, who, a.status)
			}
		}
		if a := h.ask("", path, form); a.status != http.StatusUnauthorized {
			t.Errorf("POST %s signed out: %d", path, a.status)
		}
	}
	w, err := h.Windows.Get(h.ctx, h.window.ID.String())
	h.must(err)
	if w.Value.Status != window.Open {
		t.Errorf("the window is %s", w.Value.Status)
	}
}

// The form's last day is included, whatever the service counts with.
func TestOpen(t *testing.T) {
	h, _ := open(t, "lead")
	before, err := h.Windows.List(h.ctx)
	h.must(err)
	count := h.ask("lead", "/windows", url.Values{"type": {"2"}, "first": {"2026-07-01"}, "last": {"2026-12-31"}, "do": {"count"}})
	h.decent("/windows", count)
	if count.status != http.StatusOK {
		t.Fatalf("count: %d", count.status)
	}
	count.has(t, "6 occurrences", "2 occurrences", "184 occurrences", `value="2026-12-31"`)
	for name, tc := range map[string]struct {
		form url.Values
		want string
	}{
		"ends first":    {url.Values{"type": {"2"}, "first": {"2026-07-02"}, "last": {"2026-07-01"}}, "2026-07-01) is before the first (2026-07-02"},
		"no days":       {url.Values{"type": {"2"}}, `href="#last"`},
		"no such day":   {url.Values{"type": {"2"}, "first": {"2026-02-30"}, "last": {"2026-03-31"}}, "2026-02-30"},
		"type 1, empty": {url.Values{"type": {"1"}}, `href="#as_of"`},
		"no type":       {url.Values{}, "Choose Type 1 or Type 2"},
		"category":      {url.Values{"type": {"1"}, "as_of": {"2026-07-01"}, "categories": {"<b>luck"}}, "&lt;b&gt;luck"},
	} {
		a := h.ask("lead", "/windows", tc.form)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, a.status)
		}
		h.decent(name, a)
		a.has(t, tc.want)
	}
	after, err := h.Windows.List(h.ctx)
	h.must(err)
	if len(after) != len(before) {
		t.Fatal("a refused or counted form opened a window")
	}
	a := h.ask("lead", "/windows", url.Values{"type": {"2"}, "first": {"2026-07-01"}, "last": {"2026-07-01"}, "categories": {"privacy"}})
	after, err = h.Windows.List(h.ctx)
	h.must(err)
	w := after[0].Value
	if a.status != http.StatusSeeOther || w.From != "2026-07-01" || w.Last != "2026-07-01" || w.Categories.String() != "security,privacy" {
		t.Fatalf("%d: %+v", a.status, w)
	}
	h.page("lead", a.header.Get("Location"), http.StatusOK).has(t, "2026-07-01 – 2026-07-01", "1 occurrence", "The window is open")
	if a := h.ask("lead", "/windows", url.Values{"type": {"1"}, "as_of": {"2026-07-01"}}); a.status != http.StatusSeeOther {
		t.Errorf("type 1: %d", a.status)
	}
}

// seen takes the state that a confirmation speaks of from its page.
func (h *house) seen(who, path string) url.Values {
	h.t.Helper()
	a := h.page(who, path, http.StatusOK)
	_, rest, ok := strings.Cut(a.body, `name="seen" value="`)
	if !ok {
		h.t.Fatalf("%s does not say what it speaks of", path)
	}
	size, _, _ := strings.Cut(rest, `"`)
	return url.Values{"seen": {size}}
}

// Two people close and seal; what was sealed is what was shown.
func TestCloseAndSeal(t *testing.T) {
	h, _ := open(t, "lead", "manager", "auditor")
	size, _, err := h.Store.Head(h.ctx)
	h.must(err)
	if a := h.ask("lead", h.path("/close"), url.Values{"seen": {strconv.FormatInt(size, 10)}}); a.status != http.StatusUnprocessableEntity {
		t.Fatalf("closing before the end: %d", a.status)
	} else {
		a.has(t, "2026-03-31")
		a.lacks(t, `action="`+h.path("/close")+`"`)
	}
	h.at("2026-04-02T08:00:00Z")
	for _, p := range []string{"lead", "manager", "auditor"} {
		h.signIn(p) // the sessions have ended meanwhile
	}
	h.page("lead", h.path(""), http.StatusOK).has(t, h.path("/close"))
	looked := h.seen("lead", h.path("/close"))
	h.evidence("Brought in between", "2026-03-30")
	if a := h.ask("lead", h.path("/close"), looked); a.status != http.StatusConflict {
		t.Fatalf("closing what nobody has seen: %d", a.status)
	} else {
		a.has(t, "changed since you looked")
	}
	if a := h.ask("lead", h.path("/close"), h.seen("lead", h.path("/close"))); a.status != http.StatusSeeOther {
		t.Fatalf("close: %d %s", a.status, a.body)
	}
	if a := h.ask("lead", h.path("/close"), looked); a.status != http.StatusConflict {
		t.Errorf("closing twice: %d", a.status)
	}
	h.page("lead", h.path("/seal"), http.StatusOK).has(t, "No second person")
	h.page("manager", h.path("/seal"), http.StatusOK).has(t, "Items of evidence", "Controls", "Missed occurrences", "seal is that of a second person", "Evidence not reviewed by a second person")
	if a := h.ask("manager", h.path("/seal"), h.seen("manager", h.path("/seal"))); a.status != http.StatusSeeOther {
		t.Fatalf("seal: %d", a.status)
	}
	w, err := h.Windows.Get(h.ctx, h.window.ID.String())
	h.must(err)
	if w.Value.Status != window.Sealed || !w.Value.Seal.SecondPerson {
		t.Fatalf("%+v", w.Value.Seal)
	}
	a := h.page("auditor", h.path(""), http.StatusOK)
	a.has(t, w.Value.Seal.Manifest, "Person lead closed the window and Person manager sealed it", "Not timestamped", "A second person sealed")
	if a := h.ask("manager", h.path("/seal"), looked); a.status != http.StatusConflict {
		t.Errorf("sealing twice: %d", a.status)
	}
	h.evidence("Brought after the seal", "2026-03-30")
	after := h.page("auditor", h.path("/evidence?label=after_seal"), http.StatusOK)
	after.has(t, "Brought after the seal")
	after.lacks(t, "Brought in between")
	h.page("auditor", h.path("/evidence"), http.StatusOK).has(t, "Created after the period", "Retrieved in fieldwork")
}

// While a window runs nothing is offered that would be refused: the pages say from
// which day, and on that day they offer it.
func TestRunningWindowOffersNoClose(t *testing.T) {
	h, _ := open(t, "lead", "manager", "auditor")
	h.at("2026-03-31T21:59:00Z") // 23:59 of the last day in Stockholm
	for _, p := range []string{"lead", "manager", "auditor"} {
		h.signIn(p)
	}
	button := func(step string) string { return `action="` + h.path(step) + `"` }
	h.page("lead", h.path(""), http.StatusOK).has(t, "It can be closed from 2026-04-01.")
	h.page("auditor", h.path(""), http.StatusOK).lacks(t, "can be closed from")
	for who, steps := range map[string][]string{"lead": {"/close", "/seal"}, "manager": {"/seal"}} {
		for _, step := range steps {
			a := h.page(who, h.path(step), http.StatusOK)
			a.has(t, "It can be closed from 2026-04-01.", "What becomes fixed", "Controls")
			a.lacks(t, button(step), `name="seen"`)
			h.page(who, h.path(""), http.StatusOK).lacks(t, h.path(step))
		}
	}
	h.at("2026-03-31T22:01:00Z")
	a := h.page("lead", h.path("/close"), http.StatusOK)
	a.has(t, button("/close"), "What becomes fixed")
	a.lacks(t, "can be closed from")
	h.page("lead", h.path(""), http.StatusOK).has(t, h.path("/close"))
	h.page("manager", h.path("/seal"), http.StatusOK).has(t, button("/seal"))
	// What becomes fixed is not closed yet: no drawing there says that it is.
	_, fixed, _ := strings.Cut(a.body, `id="fixed"`)
	fixed, _, _ = strings.Cut(fixed, `id="open"`)
	if !strings.Contains(fixed, "Items of evidence") || strings.Contains(fixed, "<title>") {
		t.Errorf("a drawing has a name of its own: %s", fixed)
	}
}

// A Swedish page names the window in Swedish; a package refused in the browser says
// what to do in the browser; a ledger index is a name and is not grouped.
func TestWordsOfThePages(t *testing.T) {
	h, _ := open(t, "lead")
	sv := h.ask("lead", h.path(""), nil, "Accept-Language", "sv")
	sv.has(t, "Typ 2, 2026-01-01 – 2026-03-31")
	sv.lacks(t, "Type 2,")
	for lang, want := range map[string]string{"en": "tick “Create a draft although the window is not sealed”", "sv": "kryssa för ”Skapa ett utkast trots att fönstret inte är förseglat”"} {
		a := h.ask("lead", h.path("/package"), url.Values{}, "Accept-Language", lang)
		a.has(t, want)
		a.lacks(t, "--draft")
	}
	cs, err := h.Controls.List(h.ctx)
	h.must(err)
	c := cs[0]
	h.must(h.Store.Write(h.ctx, register.Operator("test"), func(tx *register.Tx) error {
		for i := range 1000 {
			c.Value.Title.SV = []string{"En titel", "En annan titel"}[i%2]
			if c, err = control.Controls.Put(tx, c, "grow the ledger"); err != nil {
				return err
			}
		}
		return nil
	}))
	if a := h.ask("lead", h.path("/package"), url.Values{"draft": {"1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("create: %d %s", a.status, a.body)
	}
	if a := h.page("lead", h.path(""), http.StatusOK); !regexp.MustCompile(`>#1\d{3}<`).MatchString(a.body) {
		t.Error("the package's ledger index is not written as it is")
	}
}

// An operator at the data directory is nobody's second person.
func TestOperatorIsNoSecondPerson(t *testing.T) {
	h, _ := open(t, "manager")
	h.at("2026-04-02T08:00:00Z")
	h.signIn("manager")
	_, err := h.Windows.Close(h.ctx, h.window.ID.String())
	h.must(err)
	h.page("manager", h.path("/seal"), http.StatusOK).has(t, "Local operator (test)", "No second person")
	if a := h.ask("manager", h.path("/seal"), h.seen("manager", h.path("/seal"))); a.status != http.StatusSeeOther {
		t.Fatalf("seal: %d", a.status)
	}
	a := h.page("manager", h.path(""), http.StatusOK)
	a.has(t, "No second person", "not two different people")
	a.lacks(t, "A second person sealed")
}

// The package of a window goes to who may have it, and no other file does.
func TestPackage(t *testing.T) {
	h, dir := open(t, "lead", "owner", "auditor", "other_auditor")
	h.page("lead", h.path(""), http.StatusOK).has(t, "verifies as incomplete", `name="draft"`, "bevis verify bevis-"+h.window.Value.Code, "No package has been made yet")
	h.page("owner", h.path(""), http.StatusOK).lacks(t, h.path("/package"))
	if a := h.ask("lead", h.path("/package"), url.Values{}); a.status != http.StatusUnprocessableEntity {
		t.Fatalf("no draft asked for: %d", a.status)
	}
	var digests []string
	for range 4 {
		a := h.ask("auditor", h.path("/package"), url.Values{"draft": {"1"}})
		if a.status != http.StatusSeeOther {
			t.Fatalf("create: %d %s", a.status, a.body)
		}
		u, err := url.Parse(a.header.Get("Location"))
		h.must(err)
		digests = append(digests, u.Query().Get("made"))
		h.page("auditor", a.header.Get("Location"), http.StatusOK).has(t, "The package is ready", "Person auditor", "Draft")
	}
	last := digests[3]
	file := h.path("/package/" + last + ".zip")
	a := h.ask("lead", file, nil)
	if a.status != http.StatusOK || !strings.HasPrefix(a.body, "PK") || a.header.Get("Content-Disposition") != "attachment; filename=bevis-"+h.window.Value.Code+"-draft.zip" || a.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v", a.status, a.header)
	}
	other := "/windows/" + h.other.Value.Code + "/package/" + last + ".zip"
	for who, tc := range map[string]struct {
		path string
		want int
	}{
		"owner": {file, 403}, "other_auditor": {file, 404}, "": {file, 303}, "lead": {other, 404},
	} {
		if a := h.ask(who, tc.path, nil); a.status != tc.want || strings.HasPrefix(a.body, "PK") {
			t.Errorf("%s as %q: %d, want %d", tc.path, who, a.status, tc.want)
		}
	}
	for _, name := range []string{"..%2F..%2Fbevis.db", strings.Repeat("0", 64) + ".zip", last} {
		if a := h.ask("lead", h.path("/package/"+name), nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	left, err := os.ReadDir(dir)
	h.must(err)
	if len(left) != 3 {
		t.Errorf("%d files are kept", len(left))
	}
	if _, err := os.Stat(filepath.Join(dir, last+".zip")); err != nil {
		t.Error(err)
	}
}

func TestNumbersAndLists(t *testing.T) {
	h, _ := open(t, "lead")
	a := h.ask("lead", h.path(""), nil, "Accept", "application/json")
	var d struct {
		Window   struct{ First, Last string }
		Controls []struct {
			Control     string
			Expected    int
			OnTime      int `json:"on_time"`
			Occurrences []any
		}
		Totals   struct{ Expected int }
		Packages []any
	}
	h.must(json.Unmarshal([]byte(a.body), &d))
	sum := 0
	for _, c := range d.Controls {
		sum += c.Expected
		if len(c.Occurrences) != c.Expected {
			t.Errorf("%s: %d expected, %d listed", c.Control, c.Expected, len(c.Occurrences))
		}
		list := h.ask("lead", h.path("/occurrences?control="+c.Control), nil, "Accept", "application/json")
		var l struct{ Total int }
		h.must(json.Unmarshal([]byte(list.body), &l))
		if l.Total != c.Expected {
			t.Errorf("%s: the number says %d, its list %d", c.Control, c.Expected, l.Total)
		}
	}
	if sum == 0 || sum != d.Totals.Expected || d.Window.Last != "2026-03-31" || d.Packages == nil {
		t.Errorf("%+v", d)
	}
	h.page("lead", h.path("/occurrences?state=missed"), http.StatusOK).has(t, "Clear the filter")
	for range 120 {
		h.evidence("Item of many", "2026-01-02")
	}
	h.page("lead", h.path("/evidence"), http.StatusOK).has(t, "1–100 of 121", "page=2")
	h.page("lead", h.path("/evidence?page=2"), http.StatusOK).has(t, "101–121 of 121")
	for _, junk := range []string{"?page=-1", "?page=99999999999999999999", "?page=9223372036854775807", "?label=%3Cb%3E&control=%22", "?state=x"} {
		h.page("lead", h.path("/evidence"+junk), http.StatusOK)
		h.page("lead", h.path("/occurrences"+junk), http.StatusOK)
	}
}

func TestChangesAreListed(t *testing.T) {
	h, _ := open(t, "auditor")
	cs, err := h.Controls.List(h.ctx)
	h.must(err)
	c := cs[0]
	c.Value.CaptureLag = 5
	_, err = h.Controls.Change(h.ctx, c, "Holidays <b>")
	h.must(err)
	h.page("auditor", h.path("/changes"), http.StatusOK).has(t, "Holidays &lt;b&gt;", "capture_lag", "Local operator (test)", "/history/"+c.ID.String())
}

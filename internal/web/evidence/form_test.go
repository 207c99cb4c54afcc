package evidence_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	domain "bevis/internal/evidence"
)

// Validity is not occurrence: it is asked for, checked, stored and shown by itself.
func TestValidity(t *testing.T) {
	s := newStage(t, 0)
	blank := s.get(owner, "/evidence/new")
	for _, name := range []string{"valid_from", "valid_to"} {
		if !regexp.MustCompile(`<input[^>]*type="date"[^>]*name="` + name + `"|<input[^>]*name="` + name + `"[^>]*type="date"`).MatchString(blank.body) {
			t.Errorf("the form has no date %s", name)
		}
	}
	for name, tc := range map[string]struct{ from, to, field, want string }{
		"no day":    {"2026-02-30", "", "valid_from", "2026-02-30"},
		"no end":    {"2026-01-01", "soon <b>", "valid_to", "soon &lt;b&gt;"},
		"backwards": {"2026-06-01", "2026-05-31", "valid_to", "before it began to be (2026-06-01)"},
	} {
		v := form()
		v.Set("valid_from", tc.from)
		v.Set("valid_to", tc.to)
		a := s.send(owner, "/evidence", v, sent{"files", "contract.txt", "between two"})
		if a.status != 422 || !strings.Contains(a.body, tc.want) || !strings.Contains(a.body, `href="#`+tc.field+`"`) || !strings.Contains(a.body, `value="`+tc.from+`"`) {
			t.Errorf("%s: %d", name, a.status)
		}
		s.page(a)
	}
	for _, tc := range []struct{ from, to, en, sv string }{
		{"2025-07-01", "2027-06-30", "2025-07-01 – 2027-06-30", "2025-07-01 – 2027-06-30"},
		{"2025-07-01", "", "From 2025-07-01, no end given", "Från 2025-07-01, utan angivet slut"},
		{"", "2027-06-30", "Up to and including 2027-06-30", "Till och med 2027-06-30"},
		{"2026-01-01", "2026-01-01", "2026-01-01 – 2026-01-01", "2026-01-01 – 2026-01-01"},
	} {
		v := form()
		v.Set("valid_from", tc.from)
		v.Set("valid_to", tc.to)
		a := s.send(owner, "/evidence", v, sent{"files", "contract.txt", tc.en})
		if a.status != 303 {
			t.Fatalf("%s to %s: %d", tc.from, tc.to, a.status)
		}
		to := a.head.Get("Location")
		e, err := s.Evidence.Get(s.as(lead), strings.TrimPrefix(to, "/evidence/"))
		s.must(err)
		if string(e.Value.ValidFrom) != tc.from || string(e.Value.ValidTo) != tc.to || e.Value.OccurredFrom != "2026-03-29T22:00:00.000000Z" {
			t.Errorf("stored %s to %s, occurred %s", e.Value.ValidFrom, e.Value.ValidTo, e.Value.OccurredFrom)
		}
		for lang, want := range map[string]string{"en": tc.en, "sv": tc.sv} {
			p := s.ask(auditor1, "GET", to, nil, map[string]string{"Accept-Language": lang})
			if !strings.Contains(p.body, want) {
				t.Errorf("the item does not say %q", want)
			}
			s.page(p)
		}
	}
	without := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"})
	if a := s.get(lead, "/evidence/"+without); strings.Contains(a.body, "<dt>Valid</dt>") {
		t.Error("an item without validity shows one")
	}
}

// The enter key presses the first button of a form.
var firstButton = regexp.MustCompile(`(?s)action="/evidence".*?<button([^>]*type="submit"[^>]*)>`)

// A kept file can be taken out again without script, and nothing else is lost by it.
func TestKeptFilesCanBeRemoved(t *testing.T) {
	s := newStage(t, 0)
	v := form()
	v.Set("title", "")
	a := s.send(owner, "/evidence", v, sent{"files", "wrong <i>.csv", "a,b\n"}, sent{"files", "right.csv", "c,d\n"})
	kept := token.FindAllStringSubmatch(a.body, -1)
	if a.status != 422 || len(kept) != 2 {
		t.Fatalf("%d, %d files kept", a.status, len(kept))
	}
	for i, name := range []string{"wrong &lt;i&gt;.csv", "right.csv"} {
		b := regexp.MustCompile(`<button[^>]*type="submit"[^>]*name="remove"[^>]*value="` + kept[i][1] + `"[^>]*>`).FindString(a.body)
		if !strings.Contains(b, "formnovalidate") || !strings.Contains(b, `aria-label="Remove `+name+`"`) {
			t.Errorf("%s: button %q", name, b)
		}
	}
	if m := firstButton.FindStringSubmatch(a.body); len(m) < 2 || strings.Contains(m[1], "name=") {
		t.Errorf("the enter key would press %q", m)
	}
	s.page(a)
	v = form()
	v.Set("title", "One file")
	v.Set("valid_to", "2027-01-31")
	v["upload"] = []string{kept[0][1], kept[1][1]}
	v.Set("remove", kept[0][1])
	stranger := url.Values{"upload": {kept[0][1]}, "remove": {kept[0][1]}}
	if a := s.send(lead, "/evidence", stranger); strings.Contains(a.body, "wrong") {
		t.Error("a stranger sees the file")
	}
	a = s.send(owner, "/evidence", v, sent{"files", "third.csv", "e,f\n"})
	left := token.FindAllStringSubmatch(a.body, -1)
	if a.status != 200 || len(left) != 2 || left[0][1] != kept[1][1] || strings.Contains(a.body, "wrong") || !strings.Contains(a.body, "third.csv") || strings.Contains(a.body, "data-errors") {
		t.Fatalf("%d, left %v", a.status, left)
	}
	for _, want := range []string{`value="One file"`, `value="2027-01-31"`, `value="eu-north-1"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is gone", want)
		}
	}
	v.Set("remove", "NOSUCHTOKEN")
	v["upload"] = []string{left[0][1]}
	if a := s.send(owner, "/evidence", v); a.status != 200 || len(token.FindAllString(a.body, -1)) != 1 {
		t.Errorf("an unknown file: %d", a.status)
	}
	v.Del("remove")
	v["upload"] = []string{kept[0][1]}
	if a := s.send(owner, "/evidence", v); a.status != 422 || !strings.Contains(a.body, "no longer waiting") {
		t.Errorf("a removed file still waits: %d", a.status)
	}
	v["upload"] = []string{left[0][1], left[1][1]}
	a = s.send(owner, "/evidence", v)
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	e, err := s.Evidence.Get(s.as(lead), strings.TrimPrefix(a.head.Get("Location"), "/evidence/"))
	s.must(err)
	if len(e.Value.Files) != 2 || e.Value.Files[0].Name != "right.csv" || e.Value.Files[1].Name != "third.csv" {
		t.Errorf("files %+v", e.Value.Files)
	}
}

// What happened in another year says so; the year is that of the organisation's zone.
func TestThreadNamesOtherYears(t *testing.T) {
	s := newStage(t, 0)
	s.at("2025-12-20")
	code := s.add(owner, domain.Upload{OccurredFrom: "2025-12-20"})
	if a := s.get(owner, "/evidence/"+code); !strings.Contains(a.body, ">20 Dec 12:00</time>") {
		t.Error("a moment of this year has a year, or is not there")
	}
	s.mu.Lock()
	s.clock = s.clock.Add(11*24*time.Hour + 11*time.Hour + 30*time.Minute) // 2026 in Stockholm, not yet in UTC
	s.mu.Unlock()
	delete(s.tokens, owner)
	var err error
	s.tokens[owner], _, err = s.Accounts.SignIn(s.op, owner+"@granskog.example", password, "")
	s.must(err)
	for lang, want := range map[string]string{"en": ">20 Dec 2025 12:00</time>", "sv": ">20 dec 2025 12:00</time>"} {
		if a := s.ask(owner, "GET", "/evidence/"+code, nil, map[string]string{"Accept-Language": lang}); !strings.Contains(a.body, want) {
			t.Errorf("%s: not %q", lang, want)
		}
	}
}

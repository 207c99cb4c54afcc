package evidence_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	domain "bevis/internal/evidence"
)

type uploaded struct {
	ID, SHA256, Name string
	Error            struct{ Key, Message string }
}

func (s *stage) upload(who, name, body string) (answer, uploaded) {
	s.t.Helper()
	a := s.send(who, "/evidence/files", nil, sent{"file", name, body})
	var u uploaded
	s.must(json.Unmarshal([]byte(a.body), &u))
	return a, u
}

func TestUploaderAnswersWithTheFingerprint(t *testing.T) {
	s := newStage(t, 1000)
	a, u := s.upload(owner, "rows.csv", "a,b\n1,2\n")
	sum := sha256.Sum256([]byte("a,b\n1,2\n"))
	if a.status != 200 || u.ID == "" || u.SHA256 != hex.EncodeToString(sum[:]) {
		t.Fatalf("%d %+v", a.status, u)
	}
	for name, tc := range map[string]struct {
		who, body, key string
		status         int
	}{
		"empty":       {owner, "", "blob.empty", 422},
		"at limit":    {owner, strings.Repeat("x", 1000), "", 200},
		"over limit":  {owner, strings.Repeat("x", 1001), "blob.too_large", 413},
		"far over":    {owner, strings.Repeat("x", 3<<20), "blob.too_large", 413},
		"an employee": {employee, "x", "authz.denied", 403},
		"an auditor":  {auditor1, "x", "authz.denied", 403},
	} {
		a, u := s.upload(tc.who, "f.txt", tc.body)
		if a.status != tc.status || u.Error.Key != tc.key || (tc.key == "") == (u.ID == "") || tc.key != "" && u.Error.Message == "" {
			t.Errorf("%s: %d %+v", name, a.status, u)
		}
	}
	if a := s.send(owner, "/evidence/files", nil, sent{"other", "f.txt", "x"}); a.status != 422 {
		t.Errorf("no part named file: %d", a.status)
	}
	if a := s.ask(owner, "POST", "/evidence/files", strings.NewReader("--x\r\nbroken"), map[string]string{"Content-Type": "multipart/form-data; boundary=x"}); a.status != 422 || !strings.Contains(a.body, `"error"`) {
		t.Errorf("broken body: %d %s", a.status, a.body)
	}
}

func TestHostileFileNames(t *testing.T) {
	s := newStage(t, 0)
	for given, want := range map[string]string{
		"../../etc/passwd": "passwd", `..\\..\\boot.ini`: "boot.ini", "..": "file", ". .": "file", "a\u202egpj.exe": "agpj.exe", "\xff\xfe.csv": "_.csv",
		"tab\there.txt": "tabhere.txt", "räksmörgås.csv": "räksmörgås.csv", "<img src=x onerror=alert(1)>.png": "<img src=x onerror=alert(1)>.png",
		"CON.": "CON", strings.Repeat("å", 300) + ".csv": strings.Repeat("å", 98) + ".csv", "line\u2028sep": "linesep",
	} {
		_, u := s.upload(owner, given, "x")
		if u.Name != want {
			t.Errorf("%q became %q, want %q", given, u.Name, want)
			continue
		}
		v := form()
		v.Set("upload", u.ID)
		made := s.send(owner, "/evidence", v)
		if made.status != 303 {
			t.Fatalf("%q: %d", given, made.status)
		}
		page := s.get(lead, made.head.Get("Location"))
		s.page(page)
		if strings.Contains(page.body, "<img src=x") {
			t.Errorf("%q is not escaped", given)
		}
		d := s.get(lead, made.head.Get("Location")+"/files/1").head.Get("Content-Disposition")
		how, params, err := mime.ParseMediaType(d)
		if err != nil || how != "attachment" || params["filename"] != want || !utf8.ValidString(d) || strings.ContainsAny(d, "\r\n") {
			t.Errorf("%q: %q: %v %q", given, d, err, params["filename"])
		}
	}
}

const (
	svg  = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(document.cookie)</script></svg>`
	page = `<!DOCTYPE html><html><body><script>alert(document.cookie)</script></body></html>`
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
)

// Nothing that is stored ever runs on this origin.
func TestFilesAreServedSafely(t *testing.T) {
	s := newStage(t, 0)
	for name, tc := range map[string]struct{ name, body, view string }{
		"svg":                   {"drawing.svg", svg, ""},
		"svg called png":        {"shot.png", svg, ""},
		"html":                  {"page.html", page, ""},
		"html called pdf":       {"report.pdf", page, ""},
		"html behind a blank":   {"page.txt", "\n \n" + page, ""},
		"pdf":                   {"report.pdf", "%PDF-1.7\n" + page, "application/pdf"},
		"late pdf":              {"report.pdf", " %PDF-1.7\n" + page, ""},
		"png":                   {"shot.png", png, "image/png"},
		"png called html":       {"page.html", png + page, "image/png"},
		"gif with a script":     {"a.gif", "GIF89a/*" + page, "image/gif"},
		"zip":                   {"a.zip", "PK\x03\x04" + strings.Repeat("\x00", 40), ""},
		"xml with a stylesheet": {"a.xml", `<?xml version="1.0"?><?xml-stylesheet href="//evil.example/x"?><a/>`, ""},
		"text":                  {"log.txt", "02:00 started\n", ""},
	} {
		code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"}, sent{name: tc.name, body: tc.body})
		plain, view := s.get(lead, "/evidence/"+code+"/files/1"), s.get(lead, "/evidence/"+code+"/files/1?view=1")
		for _, a := range []answer{plain, view} {
			if a.status != 200 || a.body != tc.body || a.head.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %d, %d bytes, %v", name, a.status, len(a.body), a.head)
			}
		}
		if plain.head.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(plain.head.Get("Content-Disposition"), "attachment;") {
			t.Errorf("%s: plain as %v", name, plain.head)
		}
		want, how := tc.view, "inline;"
		if want == "" {
			want, how = "application/octet-stream", "attachment;"
		}
		if view.head.Get("Content-Type") != want || !strings.HasPrefix(view.head.Get("Content-Disposition"), how) {
			t.Errorf("%s: shown as %v", name, view.head)
		}
		for _, a := range []answer{plain, view} {
			policy := a.head.Get("Content-Security-Policy")
			if pdf := a.head.Get("Content-Type") == "application/pdf"; !pdf && !strings.HasPrefix(policy, "default-src 'none'; sandbox;") || strings.Contains(policy, "allow-") {
				t.Errorf("%s: policy %q", name, policy)
			}
		}
		item := s.get(lead, "/evidence/"+code)
		s.page(item)
		if strings.Contains(item.body, "alert(document.cookie)") && tc.view == "" {
			t.Errorf("%s: its markup is on the page", name)
		}
		if got := strings.Contains(item.body, `class="shot"`); got != strings.HasPrefix(tc.view, "image/") {
			t.Errorf("%s: image on the page: %v", name, got)
		}
		if got := strings.Contains(item.body, `target="_blank"`); got != (tc.view == "application/pdf") {
			t.Errorf("%s: opens in a tab: %v", name, got)
		}
	}
}

func TestRangesAndConditions(t *testing.T) {
	s := newStage(t, 0)
	body := strings.Repeat("0123456789", 50_000)
	code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"}, sent{name: "big.txt", body: body})
	path := "/evidence/" + code + "/files/1"
	a := s.ask(lead, "GET", path, nil, map[string]string{"Range": "bytes=10-19"})
	if a.status != http.StatusPartialContent || a.body != "0123456789" {
		t.Errorf("%d %q", a.status, a.body)
	}
	if a := s.ask(lead, "GET", path, nil, map[string]string{"Range": "bytes=900000-"}); a.status != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", a.status)
	}
	if a := s.ask(lead, "GET", path, nil, map[string]string{"If-None-Match": a.head.Get("ETag")}); a.status != http.StatusNotModified {
		t.Errorf("known: %d", a.status)
	}
	if a := s.ask(auditor2, "GET", path, nil, map[string]string{"If-None-Match": a.head.Get("ETag")}); a.status != http.StatusNotFound {
		t.Errorf("an auditor who knows the digest: %d", a.status)
	}
	if a := s.ask(lead, "HEAD", path, nil, nil); a.status != 200 || a.head.Get("Content-Length") != "500000" {
		t.Errorf("HEAD: %d %v", a.status, a.head)
	}
	for _, n := range []string{"0", "-1", "2", "x", "99999999999999999999"} {
		if a := s.get(lead, "/evidence/"+code+"/files/"+n); a.status != 404 {
			t.Errorf("file %s: %d", n, a.status)
		}
	}
}

var token = regexp.MustCompile(`name="upload" value="([A-Z0-9]+)"`)

func TestFormKeepsWhatWasTyped(t *testing.T) {
	s := newStage(t, 1<<20)
	_, u := s.upload(owner, "rows.csv", "a,b\n1,2\n")
	bad := form()
	bad.Set("upload", u.ID)
	bad.Set("title", `Review of "prod" <1>`)
	for name, tc := range map[string]struct {
		edit func(url.Values)
		want string
	}{
		"from the future":        {func(v url.Values) { v.Set("from", "2027-01-01"); v.Set("to", "") }, "has not come"},
		"captured in the future": {func(v url.Values) { v.Set("captured", "2026-05-20T10:00") }, "has not come yet"},
		"captured before":        {func(v url.Values) { v.Set("captured", "2026-03-01") }, "before what it shows began"},
		"captured nonsense":      {func(v url.Values) { v.Set("captured", "yesterday") }, "yesterday"},
		"ends before it begins":  {func(v url.Values) { v.Set("to", "2026-03-01") }, "2026-03-01"},
		"no day":                 {func(v url.Values) { v.Set("from", "") }, "Say when"},
		"no control":             {func(v url.Values) { v["control"] = []string{""} }, "at least one control"},
		"unknown control":        {func(v url.Values) { v["control"] = []string{"ZZ-99"} }, "ZZ-99"},
		"no type":                {func(v url.Values) { v.Set("type", "") }, "Choose a type"},
		"a wrong type":           {func(v url.Values) { v.Set("type", "gossip") }, "Choose a type"},
		"a wrong method":         {func(v url.Values) { v.Set("method", "hearsay") }, "hearsay"},
		"a wrong slot":           {func(v url.Values) { v.Set("slot", "2026-03-30") }, "is not a due day"},
		"unknown file":           {func(v url.Values) { v.Add("upload", "AAAA") }, "no longer waiting"},
	} {
		v := url.Values{}
		for k, x := range bad {
			v[k] = append([]string{}, x...)
		}
		tc.edit(v)
		a := s.send(owner, "/evidence", v)
		if a.status != 422 || !strings.Contains(a.body, tc.want) || !strings.Contains(a.body, "data-errors") {
			t.Errorf("%s: %d, %v", name, a.status, strings.Contains(a.body, tc.want))
		}
		if m := token.FindStringSubmatch(a.body); len(m) < 2 || m[1] != u.ID {
			t.Errorf("%s: the file is gone", name)
		}
		if !strings.Contains(a.body, "Review of &#34;prod&#34; &lt;1&gt;") {
			t.Errorf("%s: the title is gone", name)
		}
		s.page(a)
	}
	if rows, err := s.Evidence.List(s.as(lead), queryAll); err != nil || len(rows) != 0 {
		t.Errorf("something was stored: %d %v", len(rows), err)
	}
	bad.Set("more", "1")
	if a := s.send(owner, "/evidence", bad); a.status != 200 || strings.Count(a.body, `name="control"`) < 2 || strings.Contains(a.body, "data-errors") {
		t.Errorf("one more control: %d", a.status)
	}
	bad.Del("more")
	a := s.send(owner, "/evidence", bad)
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	e, err := s.Evidence.Get(s.as(lead), strings.TrimPrefix(a.head.Get("Location"), "/evidence/"))
	s.must(err)
	if e.Value.CapturedAt != "2026-04-02T07:14:00.000000Z" || e.Value.Source.System != "AWS IAM" || len(e.Value.Files) != 1 || e.Actor != s.id(owner) {
		t.Errorf("%+v by %s", e.Value, e.Actor)
	}
	if a := s.send(owner, "/evidence", bad); a.status != 422 { // the token was used up
		t.Errorf("twice: %d", a.status)
	}
}

func TestFilesWithoutScript(t *testing.T) {
	s := newStage(t, 1000)
	v := form()
	v.Set("title", "")
	a := s.send(owner, "/evidence", v, sent{"files", "one.csv", "a,b\n"}, sent{"files", "none.txt", ""}, sent{"files", "", ""}, sent{"files", "large.txt", strings.Repeat("x", 1500)})
	if a.status != 422 || len(token.FindAllString(a.body, -1)) != 1 || !strings.Contains(a.body, "The file is empty") || !strings.Contains(a.body, "1 kB") || !strings.Contains(a.body, "Say what the evidence shows") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	v.Set("title", "Two files")
	v.Set("upload", token.FindStringSubmatch(a.body)[1])
	a = s.send(owner, "/evidence", v, sent{"files", "two.csv", "c,d\n"})
	if a.status != 303 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := s.get(lead, a.head.Get("Location")); !strings.Contains(a.body, "one.csv") || !strings.Contains(a.body, "two.csv") {
		t.Error("not both files")
	}
	if a := s.send(owner, "/evidence", form(), sent{"files", "l.txt", strings.Repeat("x", 1500)}); a.status != 413 {
		t.Errorf("only a large file: %d", a.status)
	}
	if a := s.send(owner, "/evidence", form(), sent{"files", "l.txt", strings.Repeat("x", 3<<20)}); a.status != 413 {
		t.Errorf("a body without end: %d", a.status)
	}
	if a := s.send(owner, "/evidence", url.Values{"title": {strings.Repeat("x", 2<<20)}}); a.status != 422 && a.status != 413 {
		t.Errorf("a field without end: %d", a.status)
	}
}

func TestTokensAreTheirOwnersAlone(t *testing.T) {
	s := newStage(t, 0)
	_, u := s.upload(owner, "rows.csv", "a,b\n")
	v := form()
	v.Set("upload", u.ID)
	if a := s.send(lead, "/evidence", v); a.status != 422 || !strings.Contains(a.body, "no longer waiting") || token.MatchString(a.body) {
		t.Errorf("somebody else's: %d", a.status)
	}
	v.Set("upload", u.SHA256) // knowing the digest gives nothing
	if a := s.send(lead, "/evidence", v); a.status != 422 {
		t.Errorf("by digest: %d", a.status)
	}
	s.mu.Lock()
	s.clock = s.clock.Add(time.Hour)
	s.mu.Unlock()
	v.Set("upload", u.ID)
	if a := s.send(owner, "/evidence", v); a.status != 422 {
		t.Errorf("after an hour: %d", a.status)
	}
}

func TestPreviews(t *testing.T) {
	s := newStage(t, 0)
	var many bytes.Buffer
	many.WriteString("account;role;note\r\n")
	for range 42 {
		many.WriteString("svc;Reader;\"a;b\"\r\n")
	}
	for name, tc := range map[string]struct{ file, body, want, not string }{
		"csv":         {"a.csv", many.String(), "20 of 42 rows", "a;b;"},
		"utf-16":      {"a.txt", "\xff\xfeh\x00e\x00j\x00", "hej", ""},
		"json":        {"a.json", `[{"user":"eva","mfa":true,"n":12345678901234567890},{"user":"<i>"}]`, "12345678901234567890", "<i>"},
		"nested json": {"a.json", `{"a":{"b":1}}`, "&#34;b&#34;: 1", ""},
		"latin-1":     {"a.txt", "r\xe4ksm\xf6rg\xe5s, and more words", "ksm", ""},
		"broken csv":  {"a.csv", "a,b\n\"x", "a", ""},
		"turned text": {"a.txt", "pay \u202e100\u202c now", "\uFFFD100\uFFFD", "\u202e"},
		"only blanks": {"a.txt", "\n\n   \n", "blank lines", ""},
		"long":        {"a.log", strings.Repeat("line of a log\n", 40_000), "first 120 lines", ""},
		"archive":     {"a.zip", "PK\x03\x04" + strings.Repeat("\x00", 60), "not opened here", ""},
	} {
		code := s.add(owner, domain.Upload{OccurredFrom: "2026-03-30"}, sent{name: tc.file, body: tc.body})
		a := s.get(lead, "/evidence/"+code)
		if !strings.Contains(a.body, tc.want) || tc.not != "" && strings.Contains(a.body, tc.not) {
			t.Errorf("%s: want %q, not %q", name, tc.want, tc.not)
		}
		if len(a.body) > 200_000 {
			t.Errorf("%s: a page of %d bytes", name, len(a.body))
		}
	}
}

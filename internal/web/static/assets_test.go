package static

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"
)

// get asks the handler for url as a browser with the header would.
func get(t *testing.T, method, url string, header map[string]string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, url, http.NoBody)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHandler(t *testing.T) {
	current := URL("app.css")
	old := Prefix + "000000000000/app.css"
	for name, tc := range map[string]struct {
		method, url string
		header      map[string]string
		status      int
		cache       string
		encoding    string
	}{
		"plain":          {"GET", current, nil, 200, "public, max-age=31536000, immutable", ""},
		"gzip":           {"GET", current, map[string]string{"Accept-Encoding": "br, gzip;q=0.8"}, 200, "public, max-age=31536000, immutable", "gzip"},
		"gzip refused":   {"GET", current, map[string]string{"Accept-Encoding": "gzip;q=0, *"}, 200, "public, max-age=31536000, immutable", ""},
		"anything":       {"GET", current, map[string]string{"Accept-Encoding": "*"}, 200, "public, max-age=31536000, immutable", "gzip"},
		"head":           {"HEAD", current, nil, 200, "public, max-age=31536000, immutable", ""},
		"other hash":     {"GET", old, nil, 200, "no-cache", ""},
		"no such file":   {"GET", path.Dir(current) + "/nothing.css", nil, 404, "", ""},
		"source of this": {"GET", path.Dir(current) + "/assets.go", nil, 404, "", ""},
		"walks up":       {"GET", path.Dir(current) + "/../../go.mod", nil, 404, "", ""},
		"a folder":       {"GET", path.Dir(current) + "/js/", nil, 404, "", ""},
		"post":           {"POST", current, nil, 405, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			res := get(t, tc.method, tc.url, tc.header)
			if res.StatusCode != tc.status {
				t.Fatalf("status %d, want %d", res.StatusCode, tc.status)
			}
			if tc.status != 200 {
				return
			}
			h := res.Header
			if h.Get("Cache-Control") != tc.cache || h.Get("Content-Encoding") != tc.encoding ||
				h.Get("Content-Type") != "text/css; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Vary") != "Accept-Encoding" || h.Get("ETag") == "" {
				t.Errorf("headers %v", h)
			}
			b := body(t, res)
			if tc.method == "HEAD" {
				if len(b) != 0 {
					t.Errorf("HEAD answered %d bytes", len(b))
				}
				return
			}
			if tc.encoding == "gzip" {
				r, err := gzip.NewReader(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				if b, err = io.ReadAll(r); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(b, load().assets["app.css"].plain) {
				t.Error("the bytes are not those of the file")
			}
		})
	}
}

func TestNotModified(t *testing.T) {
	u := URL("icons.svg")
	plain, zipped := get(t, "GET", u, nil), get(t, "GET", u, map[string]string{"Accept-Encoding": "gzip"})
	if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
		t.Error("two representations share an entity tag")
	}
	if ct := plain.Header.Get("Content-Type"); ct != "image/svg+xml" {
		t.Errorf("content type %q", ct)
	}
	res := get(t, "GET", u, map[string]string{"If-None-Match": `"x", W/` + plain.Header.Get("ETag")})
	if res.StatusCode != http.StatusNotModified || len(body(t, res)) != 0 {
		t.Errorf("status %d", res.StatusCode)
	}
	if res := get(t, "GET", u, map[string]string{"If-None-Match": zipped.Header.Get("ETag")}); res.StatusCode != http.StatusOK {
		t.Errorf("the other representation's tag gave %d", res.StatusCode)
	}
}

var importing = regexp.MustCompile(`(?:from|import)\s+"([^"]+)"`)

// Relative imports must land on files of the same directory, so that a page never mixes
// modules of two versions.
func TestModulesResolve(t *testing.T) {
	b := load()
	reached := map[string]bool{}
	var follow func(name string)
	follow = func(name string) {
		if reached[name] {
			return
		}
		reached[name] = true
		a, ok := b.assets[name]
		if !ok {
			t.Fatalf("%s is imported and does not exist", name)
		}
		for _, m := range importing.FindAllStringSubmatch(string(a.plain), -1) {
			if !strings.HasPrefix(m[1], "./") {
				t.Errorf("%s imports %s from elsewhere", name, m[1])
			}
			follow(path.Join(path.Dir(name), m[1]))
		}
	}
	follow("js/app.js")
	for _, name := range b.modules {
		if !reached[name] {
			t.Errorf("%s is shipped and never imported", name)
		}
	}
	if len(Modules()) != len(b.modules) {
		t.Error("Modules is not complete")
	}
}

// Nothing may come from another server, and nothing may write markup from strings.
func TestSourcesStayAtHome(t *testing.T) {
	foreign := regexp.MustCompile(`https?://[^"' )]+`)
	for name, a := range load().assets {
		for _, u := range foreign.FindAllString(string(a.plain), -1) {
			if !strings.HasPrefix(u, "http://www.w3.org/2000/svg") {
				t.Errorf("%s refers to %s", name, u)
			}
		}
		if strings.HasSuffix(name, ".js") && regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b`).Match(a.plain) {
			t.Errorf("%s makes markup from a string", name)
		}
	}
}

// The budget of ui.md 2.3 and 5.6, in bytes after gzip.
func TestBudget(t *testing.T) {
	js, css := 0, len(load().assets["app.css"].gz)
	for _, name := range load().modules {
		js += len(load().assets[name].gz)
	}
	t.Logf("js %d bytes, css %d bytes, sprite %d bytes, after gzip", js, css, len(load().assets["icons.svg"].gz))
	if js > 15_000 {
		t.Errorf("modules take %d bytes, 15000 allowed", js)
	}
	if js+css > 25_000 {
		t.Errorf("modules and style sheet take %d bytes, 25000 allowed", js+css)
	}
}

func TestSpriteIsWellFormed(t *testing.T) {
	for _, name := range []string{"icons.svg", "favicon.svg"} {
		ids := map[string]bool{}
		d := xml.NewDecoder(bytes.NewReader(load().assets[name].plain))
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if start.Name.Local == "script" || start.Name.Local == "foreignObject" {
				t.Errorf("%s holds <%s>", name, start.Name.Local)
			}
			for _, at := range start.Attr {
				if at.Name.Local == "id" {
					if ids[at.Value] {
						t.Errorf("%s: symbol %s twice", name, at.Value)
					}
					ids[at.Value] = true
				}
			}
		}
	}
}

func TestUnknownFilePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("nothing.css")
}

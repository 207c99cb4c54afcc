package webtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"bevis/internal/i18n"
)

// Do sends one request in the name of a role.
func (h *House) Do(role, method, path, lang string, form url.Values, accept string) *httptest.ResponseRecorder {
	h.T.Helper()
	return h.send(role, method, path, form, "Cookie", "lang="+lang, "Accept", accept)
}

// send sends a request; headers are pairs.
func (h *House) send(role, method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	h.T.Helper()
	var r *http.Request
	if form != nil {
		r = httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		r = httptest.NewRequest(method, path, http.NoBody)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if role != "" {
		r.AddCookie(&http.Cookie{Name: "bevis", Value: h.Token(role)})
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// Get reads a page in English.
func (h *House) Get(role, path string) *httptest.ResponseRecorder {
	return h.Do(role, http.MethodGet, path, "en", nil, "text/html")
}

// JSON reads the same data as JSON.
func (h *House) JSON(role, path string) *httptest.ResponseRecorder {
	return h.Do(role, http.MethodGet, path, "en", nil, "application/json")
}

// Read is JSON into a value; the data holds no null.
func (h *House) Read(role, path string, into any) {
	h.T.Helper()
	w := h.JSON(role, path)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		h.T.Fatalf("%s as %s: %d %s", path, role, w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), ": null") {
		h.T.Errorf("%s: null in the data", path)
	}
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		h.T.Fatal(err)
	}
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Ask sends a request as a role ("" is signed out); with a form it is a POST, and
// headers are pairs.
func (h *House) Ask(role, path string, form url.Values, headers ...string) Answer {
	h.T.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	w := h.send(role, method, path, form, headers...)
	return Answer{w.Code, w.Header(), w.Body.String()}
}

// Page asks for a page in both languages, holds it to what every page keeps, and
// returns the English one.
func (h *House) Page(role, path string, want int) Answer {
	h.T.Helper()
	var first Answer
	for _, lang := range i18n.Languages {
		a := h.Ask(role, path, nil, "Accept-Language", string(lang))
		if a.Status != want {
			h.T.Errorf("GET %s as %q: %d, want %d", path, role, a.Status, want)
		}
		h.Sound(path+" "+string(lang), a)
		if lang == i18n.English {
			first = a
		}
	}
	return first
}

// Has fails unless the answer holds every text.
func (a Answer) Has(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.Body, s) {
			t.Errorf("%d answer lacks %q in:\n%s", a.Status, s, a.Body[max(0, strings.Index(a.Body, "<main")):])
		}
	}
}

// Lacks fails if the answer holds one of the texts.
func (a Answer) Lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if s != "" && strings.Contains(a.Body, s) {
			t.Errorf("%d answer holds %q", a.Status, s)
		}
	}
}

// Clean reads a page in both languages and holds it to what every page keeps.
func (h *House) Clean(role, path string) {
	h.T.Helper()
	for _, lang := range []string{"en", "sv"} {
		w := h.Do(role, http.MethodGet, path, lang, nil, "text/html")
		if w.Code != http.StatusOK {
			h.T.Errorf("%s reads %s: %d", role, path, w.Code)
			continue
		}
		h.Sound(path+" "+lang, Answer{w.Code, w.Header(), w.Body.String()})
	}
}

// Sound holds an answer to what every page keeps: every message exists, nothing
// hostile or inline reached it, ids are unique, it has one heading of the first
// order, and it stays under three thousand elements. name stands in what fails.
func (h *House) Sound(name string, a Answer) {
	h.T.Helper()
	for _, bad := range []string{"‹", "›", "<script>alert", "<no value>", "&lt;no value&gt;", "%!"} {
		if i := strings.Index(a.Body, bad); i >= 0 {
			h.T.Errorf("%s: %q in …%s…", name, bad, a.Body[max(0, i-80):min(len(a.Body), i+120)])
		}
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") || a.Status/100 == 3 {
		return
	}
	doc, err := html.Parse(strings.NewReader(a.Body))
	h.Must(err)
	elements, headings, ids := 0, 0, map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		elements++
		for _, at := range n.Attr {
			if at.Key == "style" || strings.HasPrefix(at.Key, "on") {
				h.T.Errorf("%s: <%s %s=%q>", name, n.Data, at.Key, at.Val)
			}
			if at.Key == "id" && ids[at.Val] {
				h.T.Errorf("%s: id %q twice", name, at.Val)
			} else if at.Key == "id" {
				ids[at.Val] = true
			}
		}
		if n.Data == "h1" {
			headings++
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
			h.T.Errorf("%s: inline <%s>", name, n.Data)
		}
	}
	if headings != 1 || elements > 3000 {
		h.T.Errorf("%s: %d h1, %d elements", name, headings, elements)
	}
}

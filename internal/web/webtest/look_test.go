package webtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"bevis/internal/app"
)

func TestLook(t *testing.T) {
	if os.Getenv("LOOK") == "" {
		t.Skip()
	}
	var handler http.Handler
	h := Full(t, func(h *House) {})
	handler, err := h.App.Handler(app.Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []string{"lead", "auditor"} {
		h.token(r)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if as := q.Get("as"); as != "" {
			r.AddCookie(&http.Cookie{Name: "bevis", Value: h.token(as)})
			r.AddCookie(&http.Cookie{Name: "lang", Value: q.Get("lang")})
			r.AddCookie(&http.Cookie{Name: "theme", Value: q.Get("theme")})
			q.Del("as")
			q.Del("lang")
			q.Del("theme")
			r.URL.RawQuery = q.Encode()
			r.RequestURI = r.URL.String()
		}
		start := time.Now()
		handler.ServeHTTP(w, r)
		fmt.Println(r.URL.Path, time.Since(start))
	}))
	os.WriteFile(os.Getenv("LOOK"), []byte(s.URL), 0o644)
	time.Sleep(12 * time.Minute)
}

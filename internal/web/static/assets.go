// Package static is the room for everything a browser loads beside the pages:
// one style sheet, a few small ES modules, one icon sprite and the favicon. All of
// it is written here, readable, embedded as it is and served compressed; nothing
// comes from anybody else's server (ui.md 2.2).
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed app.css icons.svg favicon.svg js/*.js
var files embed.FS

// Prefix is the path under which Handler expects to be mounted.
const Prefix = "/static/"

// contentTypes names every kind of file there is; another kind fails at start.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

type asset struct {
	plain, gz []byte
	kind      string // Content-Type
	etag      string // quoted; the compressed form carries the suffix -gz
}

type bundle struct {
	hash    string // of all names and bytes: the one directory all files live in
	assets  map[string]asset
	modules []string
}

// load reads and compresses everything once. One hash for the whole directory
// keeps relative imports between modules, and url() in the style sheet, right
// without rewriting any source: they resolve inside the same directory.
var load = sync.OnceValue(func() bundle {
	b := bundle{assets: map[string]asset{}}
	all := sha256.New()
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		kind, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("static: %s has no content type", name)
		}
		sum := sha256.Sum256(raw)
		fmt.Fprintf(all, "%s\x00%x\n", name, sum)
		b.assets[name] = asset{plain: raw, gz: squeeze(raw), kind: kind, etag: hex.EncodeToString(sum[:12])}
		if strings.HasPrefix(name, "js/") {
			b.modules = append(b.modules, name)
		}
		return nil
	})
	if err != nil {
		panic(err) // embedded: a build fault, not a run-time one
	}
	slices.Sort(b.modules)
	b.hash = hex.EncodeToString(all.Sum(nil)[:6])
	return b
})

func squeeze(raw []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(raw)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // writing to memory with a valid level cannot fail
	}
	return buf.Bytes()
}

// URL is the address of the file name ("app.css", "js/app.js", "icons.svg"). It
// changes whenever any file changes, so browsers may keep it for ever. An unknown
// name is a mistake in a template and panics, which every render test meets.
func URL(name string) string {
	b := load()
	if _, ok := b.assets[name]; !ok {
		panic("static: no file " + name)
	}
	return Prefix + b.hash + "/" + name
}

// Icon is the address of the symbol id in the sprite.
func Icon(id string) string { return URL("icons.svg") + "#" + id }

// Modules lists the addresses of all ES modules in order, for modulepreload.
func Modules() []string {
	b := load()
	urls := make([]string, len(b.modules))
	for i, name := range b.modules {
		urls[i] = Prefix + b.hash + "/" + name
	}
	return urls
}

// Handler serves GET and HEAD under Prefix. A current address is immutable for a
// year. An address with another hash, which a page from an older or newer replica
// asks for during an upgrade, gets today's file with no-cache instead of a page
// without styles.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		b := load()
		hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		a, ok := b.assets[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		// An image opened by itself is a document: it gets nothing to run or load.
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
		h.Set("Cache-Control", "no-cache")
		if hash == b.hash {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		body, etag := a.plain, `"`+a.etag+`"`
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body, etag = a.gz, `"`+a.etag+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("ETag", etag)
		if matches(r.Header.Get("If-None-Match"), etag) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodHead {
			return
		}
		// A failed write means that the browser went away; there is nobody to tell.
		_, _ = w.Write(body)
	})
}

// acceptsGzip reads Accept-Encoding as RFC 9110 section 12.5.3 has it, as far as
// gzip is concerned: gzip or * with a weight that is not zero.
func acceptsGzip(values []string) bool {
	star := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			f, err := strconv.ParseFloat(q, 64)
			if err != nil {
				continue
			}
			weight = f
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			star = weight > 0
		}
	}
	return star
}

// matches reports whether an If-None-Match header names the entity tag; weak and
// strong forms compare alike (RFC 9110 section 13.1.2).
func matches(header, etag string) bool {
	for v := range strings.SplitSeq(header, ",") {
		v = strings.TrimPrefix(strings.TrimSpace(v), "W/")
		if v == etag || v == "*" {
			return true
		}
	}
	return false
}

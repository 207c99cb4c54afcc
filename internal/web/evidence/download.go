package evidence

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"bevis/internal/blob"
	"bevis/internal/fault"
)

func fileAddress(code string, n int) string {
	return "/evidence/" + code + "/files/" + strconv.Itoa(n)
}

// The policies under which stored bytes leave. A sandbox without any right keeps
// HTML, SVG and whatever else calls itself a page from running on this origin. The
// browser's PDF viewer does not start inside a sandbox; the response for a PDF is
// pinned to its type instead (design 4.10).
const (
	sandboxed = "default-src 'none'; sandbox; frame-ancestors 'self'"
	pdfPolicy = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// headSize is how many bytes tell what a file is.
const headSize = 3072

// shown are the images a page shows, by media type.
var shown = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// pinned is the media type under which a file may be shown, judged by its own
// bytes and never by its name or by what was said of it; "" is for download only.
func pinned(head []byte) string {
	if bytes.HasPrefix(head, []byte("%PDF-")) {
		return "application/pdf"
	}
	if m := mimetype.Detect(head).String(); shown[m] {
		return m
	}
	return ""
}

// download handles GET /evidence/{code}/files/{n}. n counts from 1. With ?view=1
// an image or a PDF may be shown; everything else, and without it everything, is
// an attachment of unknown type. Parts of a file may be asked for (RFC 9110
// section 14).
func (p Pages) download(w http.ResponseWriter, r *http.Request) error {
	e, _, err := p.item(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(e.Value.Files) {
		return fault.New(fault.NotFound, "evidencepage.no_file", "Code", e.Value.Code, "Number", r.PathValue("n"))
	}
	f := e.Value.Files[n-1]
	body, err := p.Evidence.Blobs.Open(r.Context(), f.SHA256)
	if err != nil {
		return err
	}
	defer body.Close() //nolint:errcheck // only read
	if body.Size() != f.Size {
		return fault.New(fault.Unavailable, "blob.damaged", "SHA256", f.SHA256)
	}
	head, err := headOf(body)
	if err != nil {
		return err
	}
	media, how, policy := "application/octet-stream", "attachment", sandboxed
	if t := pinned(head); t != "" && r.URL.Query().Get("view") != "" {
		media, how = t, "inline"
		if t == "application/pdf" {
			policy = pdfPolicy
		}
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", disposition(how, f.Name))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("ETag", `"`+f.SHA256+`"`)
	if sum, err := hex.DecodeString(f.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":") // RFC 9530
	}
	http.ServeContent(w, r, "", time.Time{}, body)
	return nil
}

// headOf reads the beginning of a file without moving in it.
func headOf(b blob.Reader) ([]byte, error) {
	head := make([]byte, headSize)
	n, err := b.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.Wrap(fmt.Errorf("web/evidence: read: %w", err), fault.Unavailable, "evidencepage.unreadable")
	}
	return head[:n], nil
}

// disposition is the header of RFC 6266: a plain name for old readers, and the
// real one in UTF-8 (RFC 8187).
func disposition(how, name string) string {
	name = fileName(name)
	var plain, exact strings.Builder
	for _, r := range name {
		if r < 0x20 || r > 0x7e || strings.ContainsRune(`"\%;`, r) {
			r = '_'
		}
		plain.WriteRune(r)
	}
	for _, c := range []byte(name) {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', strings.IndexByte("!#$&+-.^_`|~", c) >= 0:
			exact.WriteByte(c)
		default:
			fmt.Fprintf(&exact, "%%%02X", c)
		}
	}
	return how + `; filename="` + plain.String() + `"; filename*=UTF-8''` + exact.String()
}

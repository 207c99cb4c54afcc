package evidence

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"bevis/internal/authz"
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// uploaded answers the kit's uploader.
type uploaded struct {
	ID     string `json:"id"` // names the file in the form, for an hour
	SHA256 string `json:"sha256"`
	URL    string `json:"url"` // "": the file has no address before it is evidence
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
}

// upload handles POST /evidence/files: one part "file", streamed into the store.
func (p Pages) upload(w http.ResponseWriter, r *http.Request) error {
	r.Header.Set("Accept", "application/json") // failures too are for the script
	who, err := p.require(r, authz.EvidenceAdd)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, p.limit()+maxForm)
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "evidencepage.form_unreadable")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fault.New(fault.Invalid, "evidence.empty")
		}
		if err != nil {
			return p.broken(r, err)
		}
		if part.FormName() != "file" || part.FileName() == "" {
			continue
		}
		h, err := p.keep(r, who, part)
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, uploaded{ID: h.token, SHA256: h.file.SHA256, Name: h.file.Name, Size: h.file.Size})
	}
}

// keep streams one part into the store and gives it a token.
func (p Pages) keep(r *http.Request, who authz.Principal, part *multipart.Part) (held, error) {
	f, err := p.Evidence.Keep(r.Context(), fileName(part.FileName()), part)
	if err != nil {
		return held{}, p.broken(r, err)
	}
	token, err := p.uploads.keep(who.ID, f)
	return held{token: token, file: f}, err
}

// broken tells a body that ended too late or too early from a failure of ours.
func (p Pages) broken(r *http.Request, err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(err, fault.TooLarge, "blob.too_large", "Limit", ui.Bytes(r.Context(), p.limit()))
	}
	if _, ours := fault.As(err); ours || r.Context().Err() != nil {
		return err
	}
	return fault.Wrap(err, fault.Invalid, "evidencepage.form_unreadable")
}

// limit is the largest file taken, in bytes.
func (p Pages) limit() int64 {
	if p.Evidence.MaxSize > 0 {
		return p.Evidence.MaxSize
	}
	return domain.DefaultMaxSize
}

// nameMax bounds a file name, in bytes: what file systems take, with room to spare.
const nameMax = 200

// fileName makes a name harmless that somebody else chose: its last part alone,
// without control characters and marks that turn the reading direction round,
// which make "gpj.exe" look like "exe.jpg". A name of nothing else is "file".
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "_")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == 0x2028 || r == 0x2029 || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	if len(name) <= nameMax {
		return name
	}
	ext := filepath.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	cut := name[:nameMax-len(ext)]
	for !utf8.ValidString(cut) {
		cut = cut[:len(cut)-1]
	}
	return cut + ext
}

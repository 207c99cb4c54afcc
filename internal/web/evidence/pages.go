package evidence

import (
	"net/http"
	"regexp"

	"bevis/internal/account"
	"bevis/internal/authz"
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// Pages are the screens of evidence. All fields are required.
type Pages struct {
	Shell    *web.Shell
	Evidence *domain.Service
	Windows  *window.Service
	Accounts *account.Service

	uploads *uploads
	sights  *sights
}

// Routes registers the screens with the shell. It is called once.
func (p Pages) Routes() {
	p.uploads = newUploads(p.Evidence.Store.Now)
	p.sights = &sights{}
	p.Shell.Handle("GET /evidence", p.list)
	p.Shell.Handle("GET /evidence.csv", p.export)
	p.Shell.Handle("GET /evidence/new", p.blank)
	p.Shell.Handle("POST /evidence", p.create)
	p.Shell.Handle("POST /evidence/files", p.upload)
	p.Shell.Handle("GET /evidence/{code}", p.show)
	p.Shell.Handle("POST /evidence/{code}/accept", p.accept)
	p.Shell.Handle("POST /evidence/{code}/return", p.sendBack)
	p.Shell.Handle("POST /evidence/{code}/verify", p.verify)
	p.Shell.Handle("GET /evidence/{code}/verify", p.unverified)
	p.Shell.Handle("GET /evidence/{code}/history", p.history)
	p.Shell.Handle("GET /evidence/{code}/files/{n}", p.download)
}

var codeForm = regexp.MustCompile(`\AE-[0-9]{1,18}\z`)

// item reads the item that the path names. One that the reader may not see is not
// found, in the same words as one that does not exist.
func (p Pages) item(r *http.Request) (register.Entry[domain.Evidence], sight, error) {
	return p.find(r, r.PathValue("code"))
}

func (p Pages) find(r *http.Request, code string) (register.Entry[domain.Evidence], sight, error) {
	var none register.Entry[domain.Evidence]
	missing := fault.New(fault.NotFound, "register.no_code", "Code", code)
	s, err := p.sight(r)
	if err != nil {
		return none, s, err
	}
	if !codeForm.MatchString(code) {
		return none, s, missing
	}
	e, err := p.Evidence.Get(r.Context(), code)
	if err != nil {
		return none, s, err
	}
	if e.Erased || !s.visible(e.ID) {
		return none, s, missing
	}
	return e, s, nil
}

// require is who asks, if they may do a.
func (p Pages) require(r *http.Request, a authz.Action) (authz.Principal, error) {
	return p.Evidence.Policy.Require(r.Context(), a)
}

// library is the crumb that leads back to the list.
func library(r *http.Request) ui.Link {
	return ui.Link{Label: i18n.T(r.Context(), "evidencepage.list"), Href: "/evidence"}
}

// maxForm bounds the fields of a form, in bytes; files are apart from it.
const maxForm = 1 << 20

// postForm reads a form without files.
func postForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.Wrap(err, fault.Invalid, "evidencepage.form_unreadable")
	}
	return nil
}

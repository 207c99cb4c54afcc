package evidence

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/web"
)

// bodyFiles is how many times the limit of one file a form without script may
// carry in all.
const bodyFiles = 4

// create handles POST /evidence. The files were sent before, or come with the
// form; either way they wait under tokens, so that a form with mistakes keeps them.
func (p Pages) create(w http.ResponseWriter, r *http.Request) error {
	who, err := p.require(r, authz.EvidenceAdd)
	if err != nil {
		return err
	}
	d, err := p.desk(r.Context())
	if err != nil {
		return err
	}
	values, came, wrong, err := p.readForm(w, r, who)
	if err != nil {
		return err
	}
	f := readFields(values)
	tokens := values["upload"]
	var ok bool
	if f.files, ok = p.uploads.find(who.ID, tokens[:min(len(tokens), uploadsEach)]); !ok {
		wrong.add(fault.New(fault.Invalid, "evidencepage.upload_gone"))
	}
	f.files = append(f.files, came...)
	if f.remove != "" {
		f.files = p.drop(f.files, f.remove)
	}
	if f.more || f.remove != "" {
		return p.form(w, r, d, who, f, wrong, http.StatusOK)
	}
	missing := f.check(d.cal)
	if len(wrong) > 0 && len(missing) > 0 && missing[0].field == "drop" {
		missing = missing[1:] // what is wrong with the files says more than that there are none
	}
	if wrong = append(wrong, missing...); len(wrong) > 0 {
		return p.again(w, r, d, who, f, wrong)
	}
	if f.Supersedes != "" {
		if _, _, err := p.find(r, f.Supersedes); err != nil {
			return err
		}
	}
	u, err := f.upload(d.cal)
	if err != nil {
		return err
	}
	e, err := p.Evidence.Add(r.Context(), u)
	if err != nil {
		wrong.add(err)
		return p.again(w, r, d, who, f, wrong)
	}
	p.uploads.forget(f.files)
	return web.SeeOther(w, r, "/evidence/"+e.Value.Code)
}

// drop takes the file with a token out of a form; nothing keeps it for this form any
// longer. files are the person's own, so nobody drops somebody else's.
func (p Pages) drop(files []held, token string) []held {
	i := slices.IndexFunc(files, func(h held) bool { return h.token == token })
	if i < 0 {
		return files
	}
	p.uploads.forget(files[i : i+1])
	return slices.Delete(files, i, i+1)
}

// readForm reads fields and streams files. A file that is refused is a mistake in
// the form; the rest of the form is read on.
func (p Pages) readForm(w http.ResponseWriter, r *http.Request, who authz.Principal) (url.Values, []held, mistakes, error) {
	r.Body = http.MaxBytesReader(w, r.Body, bodyFiles*p.limit()+maxForm)
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		err := postForm(w, r)
		return r.PostForm, nil, nil, err
	}
	if err != nil {
		return nil, nil, nil, fault.Wrap(err, fault.Invalid, "evidencepage.form_unreadable")
	}
	values, room := url.Values{}, int64(maxForm)
	var came []held
	var wrong mistakes
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, came, wrong, nil
		}
		if err != nil {
			return nil, nil, nil, p.broken(r, err)
		}
		if part.FormName() == "files" {
			if part.FileName() == "" || len(came) >= uploadsEach { // nothing was chosen
				continue
			}
			h, err := p.keep(r, who, part)
			switch {
			case err == nil:
				came = append(came, h)
			case fault.Is(err, "blob.empty"), fault.Is(err, "blob.too_large"):
				wrong.add(err)
			default:
				return nil, nil, nil, err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if err != nil {
			return nil, nil, nil, p.broken(r, err)
		}
		if room -= int64(len(text)); room < 0 {
			return nil, nil, nil, fault.New(fault.Invalid, "evidencepage.form_unreadable")
		}
		values.Add(part.FormName(), string(text))
	}
}

package windows

import (
	"context"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/pack"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// kept is how many finished packages stay in the folder.
const kept = 3

// exportsShown is how many earlier packages the card lists.
const exportsShown = 20

// made is one package that was made of the window.
type made struct {
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	SHA256    string    `json:"sha256"`
	Size      int64     `json:"size"`
	Artefacts int       `json:"artefacts"`
	Draft     bool      `json:"draft"`
	Href      string    `json:"href"` // "" when the file is no longer here
	Index     int64     `json:"index"`
}

type packProps struct {
	action      string
	sealed      bool
	made        []made
	fresh       string // digest of the package that was just made
	fingerprint string
	file        string // what the download is called
}

// packages is the card's content; nil for who may not create packages.
func (p Pages) packages(ctx context.Context, v view, fresh string) (*packProps, error) {
	if p.Dir == "" || !v.who.Can(authz.PackageCreate) {
		return nil, nil
	}
	es, err := p.exports(ctx, v)
	if err != nil {
		return nil, err
	}
	out := &packProps{action: v.path("/package"), sealed: v.Status == string(window.Sealed), made: []made{}, fingerprint: p.Packages.Signer.Key().Fingerprint(), file: "bevis-" + v.Code + "-package.zip"}
	for _, e := range es {
		m := made{At: e.At, By: v.name(ctx, e.Value.By), SHA256: e.Value.SHA256, Size: e.Value.Size, Artefacts: e.Value.Artefacts, Draft: e.Value.Draft, Index: e.Seq}
		switch _, err := os.Stat(p.file(e.Value.SHA256)); {
		case err == nil:
			m.Href = v.path("/package/" + e.Value.SHA256 + ".zip")
			if fresh == e.Value.SHA256 {
				out.fresh = fresh
			}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
		}
		if out.made = append(out.made, m); len(out.made) == exportsShown {
			break
		}
	}
	return out, nil
}

// exports lists the window's packages, newest first.
func (p Pages) exports(ctx context.Context, v view) ([]register.Entry[pack.Export], error) {
	all, err := pack.Exports.All(p.Store.Live(ctx), register.Query{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(e register.Entry[pack.Export]) bool { return e.Erased || e.Value.Window != v.ID }), nil
}

func (p Pages) file(digest string) string { return filepath.Join(p.Dir, digest+".zip") }

// create handles POST /windows/{code}/package. A window that is not sealed needs
// draft=1: its package says that it is a draft and verifies as incomplete.
func (p Pages) create(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Packages.Policy.Require(ctx, authz.PackageCreate); err != nil {
		return err
	}
	v, err := p.get(r)
	if err != nil {
		return err
	}
	if p.Dir == "" {
		return fault.New(fault.Unavailable, "windowspage.package_dir")
	}
	select {
	case p.packing <- struct{}{}:
		defer func() { <-p.packing }()
	default:
		return fault.New(fault.Busy, "windowspage.packing")
	}
	digest, err := p.make(ctx, v, r.PostFormValue("draft") == "1")
	if fault.Is(err, "pack.not_sealed") { // whose own words are those of the command line
		err = fault.New(fault.Invalid, "windowspage.not_sealed", "Code", v.Code, "Draft", i18n.Key("windowspage.draft"))
	}
	if fault.KindOf(err) == fault.Invalid {
		return p.overview(w, r, v, http.StatusUnprocessableEntity, &ui.BannerProps{Tone: ui.ToneBad, Title: i18n.T(ctx, "windowspage.no_package"), Text: i18n.Fault(ctx, err, "")})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, v.path("?made="+digest+"#package"))
}

// make builds a package in the folder and names it by its digest.
func (p Pages) make(ctx context.Context, v view, draft bool) (digest string, err error) {
	dir, err := os.MkdirTemp(p.Dir, "making-")
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m, err := p.Packages.Create(ctx, v.ID, filepath.Join(dir, "package.zip"), draft)
	if err != nil {
		return "", err
	}
	if err := os.Rename(m.File, p.file(m.SHA256)); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
	}
	return m.SHA256, p.tidy()
}

// tidy removes the oldest packages but for the last few.
func (p Pages) tidy() error {
	names, err := filepath.Glob(filepath.Join(p.Dir, "*.zip"))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
	}
	age := map[string]time.Time{}
	for _, n := range names {
		info, err := os.Stat(n)
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
		}
		age[n] = info.ModTime()
	}
	slices.SortFunc(names, func(a, b string) int { return age[b].Compare(age[a]) })
	for _, n := range names[min(kept, len(names)):] {
		if err := os.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
		}
	}
	return nil
}

var digestName = regexp.MustCompile(`^([0-9a-f]{64})\.zip$`)

// download handles GET /windows/{code}/package/{sha256}.zip. Only a package of this
// very window is handed out, to who may create one.
func (p Pages) download(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if _, err := p.Packages.Policy.Require(ctx, authz.PackageCreate); err != nil {
		return err
	}
	v, err := p.get(r)
	if err != nil {
		return err
	}
	gone := fault.New(fault.NotFound, "windowspage.package_gone")
	found := digestName.FindStringSubmatch(r.PathValue("file"))
	if found == nil || p.Dir == "" {
		return gone
	}
	es, err := p.exports(ctx, v)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(es, func(e register.Entry[pack.Export]) bool { return e.Value.SHA256 == found[1] })
	if i < 0 {
		return gone
	}
	f, err := os.Open(p.file(found[1]))
	if errors.Is(err, fs.ErrNotExist) {
		return gone
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "windowspage.package_dir")
	}
	defer func() { _ = f.Close() }()
	name := "bevis-" + v.Code + "-package.zip"
	if es[i].Value.Draft {
		name = "bevis-" + v.Code + "-draft.zip"
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.ReplaceAll(name, "/", "-")}))
	http.ServeContent(w, r, name, es[i].At, f)
	return nil
}

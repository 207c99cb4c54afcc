package frameworks

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/coverage"
	"bevis/internal/fault"
	"bevis/internal/framework"
	"bevis/internal/i18n"
	"bevis/internal/web"
	"bevis/internal/web/ui"
)

// importForm is the import as it was typed, with what came of it.
type importForm struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Version  string   `json:"version"`
	Problems []string `json:"problems"`
	Refs     int      `json:"refs"` // of a file that is in order
	Rows     int      `json:"rows"`
	Skipped  int      `json:"skipped"`
}

type importProps struct {
	head           ui.Head
	errors         []ui.FieldError
	banner         *ui.BannerProps
	problems       []string
	file, id       ui.Field
	title, version ui.Field
}

// importMax is the largest request, in bytes: the file and the form around it.
const importMax = framework.MaxOwnBytes + 1<<20

func importer(r *http.Request) error {
	if who, _ := authz.Of(r.Context()); !who.Can(authz.ControlEdit) {
		return fault.New(fault.Denied, "authz.denied")
	}
	return nil
}

// importPage handles GET /frameworks/import.
func (p Pages) importPage(w http.ResponseWriter, r *http.Request) error {
	if err := importer(r); err != nil {
		return err
	}
	return p.importAgain(w, r, http.StatusOK, importForm{Problems: []string{}}, nil, nil)
}

// importFile handles POST /frameworks/import.
func (p Pages) importFile(w http.ResponseWriter, r *http.Request) error {
	if err := importer(r); err != nil {
		return err
	}
	ctx := r.Context()
	r.Body = http.MaxBytesReader(w, r.Body, importMax)
	if err := r.ParseMultipartForm(1 << 20); err != nil { //nolint:gosec // the body is bounded in the line above
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return fault.Wrap(err, fault.TooLarge, "framework.import.too_large", "File", i18n.Key("framework.import.file"), "Max", framework.MaxOwnBytes>>20)
		}
		return fault.Wrap(err, fault.Invalid, "framework.import.no_file")
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	f := importForm{ID: strings.TrimSpace(r.PostFormValue("id")), Title: strings.TrimSpace(r.PostFormValue("title")), Version: strings.TrimSpace(r.PostFormValue("version")), Problems: []string{}}
	file, head, err := r.FormFile("file")
	if err != nil {
		return p.importAgain(w, r, http.StatusUnprocessableEntity, f, &ui.FieldError{ID: "file", Message: i18n.T(ctx, "framework.import.no_file")}, nil)
	}
	raw, err := io.ReadAll(io.LimitReader(file, framework.MaxOwnBytes+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	dry := r.PostFormValue("try") != ""
	done, err := p.Coverage.Import(ctx, head.Filename, raw, framework.Source{ID: f.ID, Title: f.Title, Version: f.Version}, dry)
	if err != nil {
		problems, ok := errors.AsType[framework.Problems](err)
		if !ok {
			return err
		}
		for _, x := range problems {
			f.Problems = append(f.Problems, i18n.Fault(ctx, x, ""))
		}
		return p.importAgain(w, r, web.Status(err), f, nil, &ui.BannerProps{Tone: ui.ToneBad, Text: i18n.T(ctx, "framework.import.refused", "Count", len(problems))})
	}
	f.ID, f.Refs, f.Rows, f.Skipped = done.Framework.ID, len(done.Framework.Refs), len(done.Framework.Rows), done.Skipped
	if !dry && !done.Same {
		return web.SeeOther(w, r, frameworkPath(f.ID, "", ""))
	}
	return p.importAgain(w, r, http.StatusOK, f, nil, &ui.BannerProps{Tone: ui.ToneInfo, Text: imported(r, done, dry)})
}

// imported says what came of a file that is in order and was not stored.
func imported(r *http.Request, done *coverage.Imported, dry bool) string {
	ctx := r.Context()
	text := i18n.T(ctx, "framework.import.same", "ID", done.Framework.ID)
	if dry {
		text = i18n.T(ctx, "framework.import.checked", "Refs", ui.Num(ctx, len(done.Framework.Refs)), "Rows", ui.Num(ctx, len(done.Framework.Rows)))
	}
	if done.Skipped > 0 {
		text += " " + i18n.T(ctx, "framework.import.skipped", "Count", done.Skipped)
	}
	return text
}

// importAgain shows the form with what came of it.
func (p Pages) importAgain(w http.ResponseWriter, r *http.Request, status int, f importForm, wrong *ui.FieldError, banner *ui.BannerProps) error {
	ctx := r.Context()
	t := func(key string) string { return i18n.T(ctx, "framework.import."+key) }
	v := importProps{
		head: ui.Head{Title: t("title"), Sub: t("sub")}, banner: banner, problems: f.Problems,
		file:    ui.Field{Name: "file", Type: "file", Label: t("file"), Help: t("file.help")},
		id:      ui.Field{Name: "id", Label: t("id"), Help: t("id.help"), Value: f.ID, Optional: true},
		title:   ui.Field{Name: "title", Label: t("name"), Help: t("name.help"), Value: f.Title, Optional: true},
		version: ui.Field{Name: "version", Label: t("version"), Value: f.Version, Optional: true},
	}
	if wrong != nil {
		v.errors = []ui.FieldError{*wrong}
		v.file.Error = wrong.Message
	}
	return p.Shell.Answer(w, r, status, f, importView(p.Shell.Props(r, v.head.Title, frameworksLink(ctx)), v))
}

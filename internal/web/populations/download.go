package populations

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"time"

	"bevis/internal/population"
)

// file is an answer that the browser saves. Its headers go out with the first
// byte, so a failure before it is still a page, and one after it breaks the
// connection: a cut file must not look like a whole one.
type file struct {
	w          http.ResponseWriter
	name, kind string
	begun      bool
}

func (f *file) head() {
	if f.begun {
		return
	}
	f.begun = true
	h := f.w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
}

// Write sends bytes of the file.
func (f *file) Write(b []byte) (int, error) {
	f.head()
	return f.w.Write(b)
}

// csv streams the rows for people and spreadsheets. Their digest is computed again
// first; what streams is the recorded dataset or nothing.
func (p Pages) csv(w http.ResponseWriter, r *http.Request, d dataset) error {
	ctx := r.Context()
	from, to := d.Value.Period()
	rows, done, err := population.Rows(ctx, p.Populations.Blobs, &d.Value, from, to)
	if err != nil {
		return err
	}
	defer done() //nolint:errcheck // reading only
	f := &file{w: w, name: d.Value.Code + ".csv", kind: "text/csv; charset=utf-8"}
	if err := population.WriteCSV(ctx, f, rows); err != nil {
		return p.broken(ctx, f, err)
	}
	return nil
}

func (p Pages) broken(ctx context.Context, f *file, err error) error {
	if !f.begun {
		return err
	}
	p.Shell.Log.WarnContext(ctx, "download broken off", "file", f.name, "error", err)
	panic(http.ErrAbortHandler)
}

// raw handles GET /populations/{code}/raw/{n}: the source's answer number n, from
// 1, byte for byte as it was received.
func (p Pages) raw(w http.ResponseWriter, r *http.Request) error {
	in, err := p.read(r.Context())
	if err != nil {
		return err
	}
	d, err := in.dataset(r.PathValue("code"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 1 || n > len(d.Value.Raw) {
		return notFound(r.PathValue("code") + "/raw/" + r.PathValue("n"))
	}
	raw := d.Value.Raw[n-1]
	return p.stored(w, r, d.Value.Code+"-"+raw.Name+".txt", raw)
}

// stored hands out kept bytes after comparing every one with the digest in the
// ledger. They are foreign, so they are never shown in the page: always saved.
func (p Pages) stored(w http.ResponseWriter, r *http.Request, name string, s population.Stored) error {
	ctx := r.Context()
	if err := p.Populations.Blobs.Verify(ctx, s.SHA256); err != nil {
		return err
	}
	b, err := p.Populations.Blobs.Open(ctx, s.SHA256)
	if err != nil {
		return err
	}
	defer b.Close() //nolint:errcheck // reading only
	(&file{w: w, name: name, kind: "application/octet-stream"}).head()
	http.ServeContent(w, r, "", time.Time{}, b)
	return nil
}

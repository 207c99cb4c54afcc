package pack

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"strings"

	"bevis/internal/evidence"
	"bevis/internal/pack/zipfile"
	"bevis/internal/population"
)

// pointerSize is the size above which a file that serves several controls is put
// in the folder of the first alone; the others get a line that says where.
const pointerSize = 8 << 20

// documents writes everything that people open.
func (b *builder) documents() error {
	if err := b.read(); err != nil {
		return err
	}
	for _, step := range []func() error{b.populations, b.results, b.controlFolders, b.requests, b.workbook, b.page} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// populations writes each dataset three times: for machines (Parquet), for people
// (CSV), and as the source gave it.
func (b *builder) populations() error {
	for _, d := range b.docs.Datasets {
		dir := "populations/" + zipfile.CleanName(d.Value.Code+" "+d.Value.Name) + "/"
		if err := b.blob(dir+d.Value.File.Name, d.Value.File.SHA256); err != nil {
			return err
		}
		from, to := d.Value.Period()
		rows, done, err := population.Rows(b.ctx, b.s.Blobs, &d.Value, from, to)
		if err != nil {
			return err
		}
		err = b.out.add(b.ctx, dir+d.Value.Entity+".csv", -1, func(w io.Writer) error { return population.WriteCSV(b.ctx, w, rows) })
		if cerr := done(); err == nil && cerr != nil {
			err = fmt.Errorf("pack: %w", cerr)
		}
		if err != nil {
			return err
		}
		if err := b.out.canonical(b.ctx, dir+"completeness.json", d.Value.Statement); err != nil {
			return err
		}
		for _, r := range d.Value.Raw {
			if err := b.blob(b.out.free(dir, zipfile.CleanName("raw "+r.Name+".txt")), r.SHA256); err != nil {
				return err
			}
		}
	}
	return nil
}

// results writes the check files and what each run found.
func (b *builder) results() error {
	for _, r := range b.docs.Results {
		v := r.Value
		if len(b.paths[v.CheckFile.SHA256]) == 0 {
			if err := b.blob(fmt.Sprintf("checks/%s v%d %s.sql", v.Check, v.Version, v.CheckFile.SHA256[:8]), v.CheckFile.SHA256); err != nil {
				return err
			}
		}
		if len(b.paths[v.Report.SHA256]) == 0 {
			if err := b.blob("results/"+zipfile.CleanName(v.Code+" "+v.Check)+".json", v.Report.SHA256); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *builder) controlFolders() error {
	for i := range b.docs.Controls {
		c := &b.docs.Controls[i]
		dir := "controls/" + zipfile.CleanName(c.Entry.Value.Code) + "/"
		for _, e := range c.Evidence {
			if err := b.files(dir, e); err != nil {
				return err
			}
		}
		sheet, err := b.testSheet(c)
		if err != nil {
			return err
		}
		if err := b.out.bytes(b.ctx, b.out.free(dir, zipfile.CleanName(c.Entry.Value.Code+" test sheet.xlsx")), sheet); err != nil {
			return err
		}
	}
	return nil
}

// files writes the files of an item into a control's folder.
func (b *builder) files(dir string, e *evidenceDoc) error {
	v := &e.Entry.Value
	day := string(v.Occurred().LastDay(b.docs.Zone))
	for _, f := range v.Files {
		title := v.Title
		if len(v.Files) > 1 {
			title += " " + strings.TrimSuffix(f.Name, path.Ext(f.Name))
		}
		base := zipfile.CleanName(day + " " + v.Code + " " + strings.TrimSuffix(title, path.Ext(f.Name)))
		if there := b.paths[f.SHA256]; len(there) > 0 && f.Size > pointerSize {
			name := b.out.free(dir, base+".txt")
			if err := b.out.bytes(b.ctx, name, []byte(b.t("pack.pointer", "Path", there[0], "SHA256", f.SHA256)+"\n")); err != nil {
				return err
			}
			e.Paths = append(e.Paths, name)
			continue
		}
		name := b.out.free(dir, zipfile.CleanName(base+path.Ext(f.Name)))
		if err := b.blob(name, f.SHA256); err != nil {
			return err
		}
		e.Paths = append(e.Paths, name)
	}
	return nil
}

// requests writes the request list: one line for each evidence prompt, with what
// answers it. State and comment are the auditor's to fill.
func (b *builder) requests() error {
	return b.out.add(b.ctx, "requests.csv", -1, func(w io.Writer) error {
		out := csv.NewWriter(w)
		if err := out.Write([]string{"request", "control", "criteria", "asked for", "period", "answered with", "files", "state (auditor)", "comment (auditor)"}); err != nil {
			return err
		}
		for _, c := range b.docs.Controls {
			v := c.Entry.Value
			for i, p := range v.Prompts {
				var codes, files []string
				for _, e := range c.Evidence {
					if string(e.Entry.Value.Type) == p.Type && e.Entry.Value.Status != evidence.Superseded {
						codes = append(codes, e.Entry.Value.Code)
						files = append(files, e.Paths...)
					}
				}
				asked := b.text(p.Type2)
				if b.window.Value.Type == 1 {
					asked = b.text(p.Type1)
				}
				row := []string{fmt.Sprintf("%s-%02d", v.Code, i+1), v.Code, strings.Join(v.Criteria, " "), asked, b.window.Value.Title(), strings.Join(codes, " "), strings.Join(files, "; "), "", ""}
				for j := range row {
					row[j] = population.SafeCell(row[j])
				}
				if err := out.Write(row); err != nil {
					return err
				}
			}
		}
		out.Flush()
		return out.Error()
	})
}

// page writes index.html: one page that people read without any tool or network.
func (b *builder) page() error {
	var buf bytes.Buffer
	if err := indexPage(b).Render(context.WithoutCancel(b.ctx), &buf); err != nil {
		return fmt.Errorf("pack: index page: %w", err)
	}
	return b.out.bytes(b.ctx, "index.html", buf.Bytes())
}

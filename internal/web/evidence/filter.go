package evidence

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bevis/internal/control"
	domain "bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/register"
)

// perPage is the length of a page of the list.
const perPage = 100

// Whose items are listed.
const (
	mine  = "mine"   // performed by the reader
	forMe = "review" // collected, for the reader to review
)

// statuses are those the list can be narrowed to, in the order they follow.
var statuses = []domain.Status{domain.Collected, domain.Accepted, domain.Returned, domain.Superseded}

// filter narrows the list. Unknown values do not narrow.
type filter struct {
	Text, Control string
	Status        domain.Status
	Whose         string
	Label         domain.Label
	Before        int64 // rows with a smaller key
}

func readFilter(r *http.Request) filter {
	q := r.URL.Query()
	f := filter{Text: clean(q.Get("q"), 200), Control: clean(q.Get("control"), 24)}
	if s := domain.Status(q.Get("status")); slices.Contains(statuses, s) {
		f.Status = s
	}
	if w := q.Get("whose"); w == mine || w == forMe {
		f.Whose = w
	}
	if l := domain.Label(q.Get("label")); slices.Contains(domain.LabelList, l) {
		f.Label = l
	}
	if n, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && n > 0 {
		f.Before = n
	}
	return f
}

// clean makes text fit for a search: valid, without zero bytes, of bounded length
// in bytes.
func clean(s string, most int) string {
	s = strings.ReplaceAll(strings.TrimSpace(strings.ToValidUTF8(s, "")), "\x00", "")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// empty reports whether the filter narrows nothing.
func (f filter) empty() bool {
	f.Before = 0
	return f == filter{}
}

// address is where path shows the list under the filter.
func (f filter) address(path string) string {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("q", f.Text)
	set("status", string(f.Status))
	set("control", f.Control)
	set("whose", f.Whose)
	set("label", string(f.Label))
	if f.Before > 0 {
		q.Set("before", strconv.FormatInt(f.Before, 10))
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// found is what a filter finds among what the reader may see.
type found struct {
	rows   []register.Row        // newest first, all pages
	counts map[domain.Status]int // by status, without the filter's own status
	any    bool                  // whether the reader has anything to see at all
}

// search picks the index rows of a filter; it decodes no bodies unless a label is
// asked for.
func (p Pages) search(d *desk, s sight, f filter) (found, error) {
	out := found{counts: map[domain.Status]int{}}
	rows, err := p.sights.index(d.ctx, p.Evidence.Store)
	if err != nil {
		return out, err
	}
	text := strings.ToLower(f.Text)
	linked, err := supporting(d.r, f.Control)
	if err != nil {
		return out, err
	}
	for _, row := range rows {
		if row.Code == "" || !s.visible(domain.ID(row.ID)) { // no code: erased
			continue
		}
		out.any = true
		if text != "" && !strings.Contains(strings.ToLower(row.Code+" "+row.Title), text) {
			continue
		}
		if f.Whose == mine && !s.performed(row.Owner) || linked != nil && !linked[row.ID] || f.Whose == forMe && (row.Status != string(domain.Collected) || s.performed(row.Owner)) {
			continue
		}
		if f.Label != "" {
			has, err := d.carries(row, f.Label)
			if err != nil {
				return out, err
			}
			if !has {
				continue
			}
		}
		out.counts[domain.Status(row.Status)]++
		if f.Status == "" || string(f.Status) == row.Status {
			out.rows = append(out.rows, row)
		}
	}
	return out, nil
}

// supporting is the set of items that support a control; nil for no control, and
// an empty set for one that does not exist.
func supporting(r register.Reader, code string) (map[string]bool, error) {
	if code == "" {
		return nil, nil
	}
	c, err := control.Controls.ByCode(r, code)
	if fault.KindOf(err) == fault.NotFound {
		return map[string]bool{}, nil
	}
	if err != nil {
		return nil, err
	}
	in, err := register.In(r, c.ID.String(), register.Supports)
	if err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(in))
	for _, l := range in {
		out[l.ID] = true
	}
	return out, nil
}

// carries reports whether the row's item has the label.
func (d *desk) carries(row register.Row, l domain.Label) (bool, error) {
	e, err := domain.Items.Get(d.r, domain.ID(row.ID))
	if err != nil {
		return false, err
	}
	received, err := d.received(e)
	if err != nil {
		return false, err
	}
	all, err := d.labels(&e.Value, received)
	return slices.Contains(all, l), err
}

// page cuts one page out of the rows and says where it begins. before is the
// address key of the page before it: 0 for the first page, -1 for none.
func (f found) page(before int64) (rows []register.Row, start int, prev int64) {
	for before > 0 && start < len(f.rows) && f.rows[start].Key >= before {
		start++
	}
	rows = f.rows[start:min(start+perPage, len(f.rows))]
	switch {
	case start == 0:
		return rows, start, -1
	case start <= perPage:
		return rows, start, 0
	}
	return rows, start, f.rows[start-perPage-1].Key
}

package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// past is GET /history/{id} as data.
type past struct {
	ID       string    `json:"id"`
	Register string    `json:"register"`
	Entry    noun      `json:"entry"`
	Total    int       `json:"total"`
	Versions []version `json:"versions"` // newest first
	Older    string    `json:"older"`    // address of the next page, "" at the end
	Newer    string    `json:"newer"`
}

// version is one version and what it changed.
type version struct {
	Version int64                  `json:"version"`
	Index   int64                  `json:"index"`
	At      time.Time              `json:"at"`
	By      string                 `json:"by"`
	Reason  string                 `json:"reason"`
	Erased  bool                   `json:"erased"`
	Changes []register.FieldChange `json:"changes"`
}

type historyProps struct {
	shell ui.Shell
	head  ui.Head
	past  past
}

// versionsShown is how many versions stand on a page.
const versionsShown = 50

// history handles GET /history/{id}: every version of any entry, who made it, when
// and why, and what differs from the version before. What the reader may not see
// does not exist for them.
func (p Pages) history(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s, err := p.sight(ctx)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	size, _, err := p.Store.Head(ctx)
	if err != nil {
		return err
	}
	all, err := p.Store.RawVersions(ctx, id, size-1)
	if err != nil {
		return err
	}
	if len(all) == 0 || !s.may(all[0].Register, id) {
		return fault.New(fault.NotFound, "register.not_found", "ID", id)
	}
	d := past{ID: id, Register: all[0].Register, Total: len(all), Versions: []version{}}
	last := len(all) // versions [first, last) are on the page
	if n, err := strconv.Atoi(r.FormValue("before")); err == nil && n > 1 && n <= len(all) {
		last = n - 1
	}
	first := max(0, last-versionsShown)
	for i := last - 1; i >= first; i-- {
		var before *register.Raw
		if i > 0 {
			before = &all[i-1]
		}
		v, err := p.version(ctx, s, before, all[i])
		if err != nil {
			return err
		}
		d.Versions = append(d.Versions, v)
	}
	if b, ok, err := body(all[len(all)-1]); err != nil {
		return err
	} else if ok {
		if d.Entry, err = nounOf(i18n.Of(ctx), d.Register, id, b.Value); err != nil {
			return err
		}
		d.Entry.Href = s.link(d.Register, d.Entry)
	}
	at := func(before int) string { return "/history/" + id + "?before=" + strconv.Itoa(before) }
	if first > 0 {
		d.Older = at(first + 1)
	}
	if last < len(all) {
		d.Newer = at(min(last+versionsShown+1, len(all)))
		if last+versionsShown >= len(all) {
			d.Newer = "/history/" + id
		}
	}
	name := d.Entry.label()
	if name == "" {
		name = id
	}
	title := i18n.T(ctx, "ledgerpage.history", "Name", name)
	v := historyProps{shell: p.Shell.Props(r, title, ui.Link{Label: i18n.T(ctx, "ledgerpage.title"), Href: "/ledger"}), past: d}
	// The way here names the entry alone: its whole title stands below.
	v.shell.Crumbs[len(v.shell.Crumbs)-1].Label = cmp.Or(d.Entry.Code, name)
	v.head = ui.Head{Title: title, Sub: kindName(ctx, d.Register) + ", " + i18n.T(ctx, "ledgerpage.versions", "Count", d.Total)}
	if d.Entry.Href != "" {
		v.head.Secondary = []ui.Action{{Label: i18n.T(ctx, "ledgerpage.open_entry"), Icon: "open", Href: d.Entry.Href}}
	}
	return p.Shell.Answer(w, r, http.StatusOK, d, historyPage(v))
}

// version reads one version and compares it with the one before; before is nil for
// the first, whose every field is new.
func (p Pages) version(ctx context.Context, s sight, before *register.Raw, is register.Raw) (version, error) {
	v := version{Version: is.Version, Index: is.Seq, Changes: []register.FieldChange{}}
	if err := p.Store.Leaves(ctx, is.Seq, is.Seq+1, func(l register.Leaf) error {
		leaf, err := ledger.ParseLeaf(l.Record)
		v.At = leaf.At
		return err
	}); err != nil {
		return v, fmt.Errorf("web/ledger: leaf of %s: %w", is.ID, err)
	}
	b, ok, err := body(is)
	if err != nil {
		return v, err
	}
	if !ok {
		v.Erased = true
		return v, nil
	}
	v.By, v.Reason = s.name(ctx, b.Actor), b.Reason
	var was any
	if before != nil {
		old, ok, err := body(*before)
		if err != nil {
			return v, err
		}
		if ok {
			was = old.Value
		}
	}
	if was == nil {
		if was, err = hollow(b.Value); err != nil {
			return v, err
		}
	}
	changes, err := register.Diff(was, b.Value)
	if err != nil {
		return v, err
	}
	for _, c := range changes {
		c.Before, c.After = s.person(c.Before), s.person(c.After)
		v.Changes = append(v.Changes, c)
	}
	return v, nil
}

// hollow is a value's shape without its content: compared with it, every field of
// the value is new.
func hollow(value json.RawMessage) (any, error) {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, fmt.Errorf("web/ledger: read a version: %w", err)
	}
	var empty func(any) any
	empty = func(v any) any {
		fields, is := v.(map[string]any)
		if !is {
			return nil
		}
		out := map[string]any{}
		for k, x := range fields {
			out[k] = empty(x)
		}
		return out
	}
	return empty(v), nil
}

// person turns an account's id into the name behind it.
func (s sight) person(text string) string {
	if n := s.names[text]; n != "" {
		return n
	}
	return text
}

// diff is the changes as the kit shows them.
func diff(all []register.FieldChange) []ui.Change {
	out := make([]ui.Change, len(all))
	for i, c := range all {
		out[i] = ui.Change{Field: c.Field, Before: c.Before, After: c.After, Op: ui.ChangeEdit}
		switch {
		case c.Before == "":
			out[i].Op = ui.ChangeAdd
		case c.After == "":
			out[i].Op = ui.ChangeRemove
		}
	}
	return out
}

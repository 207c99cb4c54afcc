package controls

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// historyData is every version as JSON, newest first.
type historyData struct {
	Code     string         `json:"code"`
	Versions []versionEntry `json:"versions"`
}

type versionEntry struct {
	version
	Erased  bool     `json:"erased"` // its text was destroyed under a tombstone
	Changes []change `json:"changes"`
}

// change is one difference to the version before, in words.
type change struct {
	Field  string `json:"field"` // path in the entry
	Name   string `json:"name"`  // in the reader's language
	Before string `json:"before"`
	After  string `json:"after"`
}

// history handles GET /controls/{code}/history.
func (p Pages) history(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	e, _, _, err := p.find(r)
	if err != nil {
		return err
	}
	h, err := p.Controls.History(ctx, e.Value.Code)
	if err != nil {
		return err
	}
	names, err := p.Accounts.Names(ctx)
	if err != nil {
		return err
	}
	d := historyData{Code: e.Value.Code, Versions: []versionEntry{}}
	for i := range h {
		v := versionEntry{version: version{h[i].Version, h[i].Seq, h[i].At, person(ctx, h[i].Actor, names), h[i].Reason}, Erased: h[i].Erased, Changes: []change{}}
		if i > 0 && !h[i].Erased && !h[i-1].Erased {
			if v.Changes, err = changesOf(ctx, &h[i-1].Value, &h[i].Value, names); err != nil {
				return err
			}
		}
		d.Versions = append(d.Versions, v)
	}
	slices.Reverse(d.Versions)
	crumb := ui.Link{Label: e.Value.Code, Href: path(e.Value.Code)}
	props := historyView(ctx, &e, d)
	return p.Shell.Answer(w, r, http.StatusOK, d, historyPage(p.Shell.Props(r, i18n.T(ctx, "controlspage.history"), parent(ctx), crumb), props))
}

// changesOf lists what differs between two versions, as a reader understands it.
func changesOf(ctx context.Context, before, after *control.Control, names map[string]string) ([]change, error) {
	all, err := register.Diff(before, after)
	if err != nil {
		return nil, err
	}
	out := make([]change, 0, len(all))
	for _, c := range all {
		if strings.HasPrefix(c.Field, "origin.fields") { // the revision says the same once
			continue
		}
		out = append(out, change{
			Field: c.Field, Name: fieldName(ctx, c.Field),
			Before: fieldValue(ctx, c.Field, c.Before, names), After: fieldValue(ctx, c.Field, c.After, names),
		})
	}
	return out, nil
}

// fieldName names a path of the entry: "statement.sv" is the statement in Swedish,
// "prompts.0.type2.en" the first prompt's Type 2 form in English.
func fieldName(ctx context.Context, field string) string {
	head, rest, _ := strings.Cut(field, ".")
	key := "controlspage.field." + head
	if !i18n.Has(i18n.Of(ctx), key) {
		return field
	}
	var name strings.Builder
	name.WriteString(i18n.T(ctx, key))
	for part := range strings.SplitSeq(rest, ".") {
		switch {
		case part == "":
		case part == "en" || part == "sv":
			name.WriteString(" (" + i18n.T(ctx, "controlspage.lang."+part) + ")")
		case i18n.Has(i18n.Of(ctx), "controlspage.field."+head+"."+part):
			name.WriteString(", " + i18n.T(ctx, "controlspage.field."+head+"."+part))
		default:
			if n, err := strconv.Atoi(part); err == nil {
				part = strconv.Itoa(n + 1)
			}
			name.WriteString(" " + part)
		}
	}
	return name.String()
}

// fieldValue is a value in the words that the other pages use for it.
func fieldValue(ctx context.Context, field, value string, names map[string]string) string {
	if value == "" {
		return ""
	}
	switch field {
	case "owner", "approval.proposed_by", "approval.approved_by":
		return person(ctx, value, names)
	case "frequency", "nature", "category":
		return word(ctx, field, value)
	case "type":
		return word(ctx, "controltype", value)
	case "status":
		return ui.Status("control." + value).Word(ctx)
	case "grace", "capture_lag":
		if n, err := strconv.Atoi(value); err == nil {
			return i18n.T(ctx, "controlspage.n_days", "Count", n)
		}
	}
	return value
}

type historyProps struct {
	head     ui.Head
	code     string
	versions []versionProps
}

type versionProps struct {
	id, title string
	at        time.Time
	by        string
	reason    string
	changes   []ui.Change
	note      string // instead of changes
}

func historyView(ctx context.Context, e *register.Entry[control.Control], d historyData) historyProps {
	p := historyProps{head: ui.Head{Title: i18n.T(ctx, "controlspage.history_of", "Title", e.Value.Title.For(i18n.Of(ctx))), Sub: i18n.T(ctx, "controlspage.history.sub")}, code: d.Code}
	for _, v := range d.Versions {
		n := strconv.FormatInt(v.Version, 10)
		x := versionProps{id: "v" + n, title: i18n.T(ctx, "controlspage.version_n", "Version", n) + " · " + i18n.T(ctx, "controlspage.entry_n", "Entry", strconv.FormatInt(v.Entry, 10)), at: v.At, by: v.By, reason: v.Reason}
		for _, c := range v.Changes {
			x.changes = append(x.changes, changeView(c))
		}
		switch {
		case v.Erased:
			x.note = i18n.T(ctx, "controlspage.erased")
		case v.Version == 1:
			x.note = i18n.T(ctx, "controlspage.first")
		case len(x.changes) == 0:
			x.note = i18n.T(ctx, "controlspage.unchanged")
		}
		p.versions = append(p.versions, x)
	}
	return p
}

func changeView(c change) ui.Change {
	op := ui.ChangeEdit
	switch {
	case c.Before == "":
		op = ui.ChangeAdd
	case c.After == "":
		op = ui.ChangeRemove
	}
	return ui.Change{Field: c.Name, Before: c.Before, After: c.After, Op: op}
}

package evidence

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	domain "bevis/internal/evidence"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web/ui"
)

// versionData is one version of an item as JSON.
type versionData struct {
	Version int64                  `json:"version"`
	Ledger  int64                  `json:"ledger_index"`
	At      time.Time              `json:"at"`
	Actor   string                 `json:"actor"`
	By      string                 `json:"by"` // the actor's name
	Reason  string                 `json:"reason"`
	Erased  bool                   `json:"erased"`
	Changes []register.FieldChange `json:"changes"` // since the version before
}

// history handles GET /evidence/{code}/history: every version with what it
// changed, newest first.
func (p Pages) history(w http.ResponseWriter, r *http.Request) error {
	e, s, err := p.item(r)
	if err != nil {
		return err
	}
	if _, err := p.require(r, authz.HistoryRead); err != nil {
		return err
	}
	d, err := p.desk(r.Context())
	if err != nil {
		return err
	}
	h, err := domain.Items.History(d.r, e.ID)
	if err != nil {
		return err
	}
	var out []versionData
	for i, x := range h {
		v := versionData{Version: x.Version, Ledger: x.Seq, At: x.At, Actor: x.Actor, By: d.person(x.Actor), Reason: x.Reason, Erased: x.Erased, Changes: []register.FieldChange{}}
		if i > 0 && !x.Erased && !h[i-1].Erased {
			changes, err := register.Diff(h[i-1].Value, x.Value)
			if err != nil {
				return err
			}
			for _, c := range changes {
				for _, text := range []*string{&c.Before, &c.After} {
					if *text, err = d.readable(c.Field, *text, s); err != nil {
						return err
					}
				}
				v.Changes = append(v.Changes, c)
			}
		}
		out = append(out, v)
	}
	slices.Reverse(out)
	title := i18n.T(r.Context(), "evidencepage.history")
	props := historyProps{
		Shell: p.Shell.Props(r, title, library(r), ui.Link{Label: e.Value.Code, Href: "/evidence/" + e.Value.Code}),
		Head:  ui.Head{Title: i18n.T(r.Context(), "evidencepage.history.of", "Code", e.Value.Code), Sub: e.Value.Title, Secondary: []ui.Action{{Label: i18n.T(r.Context(), "evidencepage.history.back"), Icon: "back", Href: "/evidence/" + e.Value.Code}}},
	}
	for _, v := range out {
		props.Versions = append(props.Versions, versionProps{versionData: v, Rows: rowsOf(r, v.Changes)})
	}
	return p.Shell.Answer(w, r, http.StatusOK, out, historyPage(props))
}

// readable replaces ids by what people call them, and the record's words by the
// reader's.
func (d *desk) readable(field, text string, s sight) (string, error) {
	root, _, _ := strings.Cut(field, ".")
	switch {
	case text == "":
		return "", nil
	case field == "status":
		return ui.Status("evidence." + text).Word(d.ctx), nil
	case field == "type" && domain.Type(text).Valid():
		return i18n.T(d.ctx, "evidence.type."+text), nil
	case field == "source.method" && slices.Contains(domain.Methods, domain.Method(text)):
		return i18n.T(d.ctx, "evidence.method."+text), nil
	case root == "reviews" && strings.HasPrefix(text, "{"):
		var v domain.Review
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			return text, nil //nolint:nilerr // shown as it stands
		}
		line := ui.Status("evidence."+string(v.Decision)).Word(d.ctx) + " · " + d.person(v.By)
		if v.Reason != "" {
			line += " · " + v.Reason
		}
		return line, nil
	case strings.HasPrefix(text, "ctl_"):
		c, err := d.control(control.ID(text))
		if err != nil || c.Erased {
			return text, err
		}
		return c.Value.Code, nil
	case strings.HasPrefix(text, "usr_"), strings.HasPrefix(text, "service:"), strings.HasPrefix(text, "operator:"):
		return d.person(text), nil
	case strings.HasPrefix(text, "evd_"):
		if !s.visible(domain.ID(text)) {
			return i18n.T(d.ctx, "evidencepage.other_item"), nil
		}
		e, err := domain.Items.Get(d.r, domain.ID(text))
		return e.Value.Code, err
	}
	return text, nil
}

func rowsOf(r *http.Request, changes []register.FieldChange) []ui.Change {
	var out []ui.Change
	for _, c := range changes {
		root, rest, _ := strings.Cut(c.Field, ".")
		row := ui.Change{Field: i18n.T(r.Context(), "evidencepage.field."+root), Before: c.Before, After: c.After, Op: ui.ChangeEdit}
		if n, err := strconv.Atoi(rest); err == nil {
			row.Field += " " + strconv.Itoa(n+1) // people count from 1
		} else if rest != "" {
			row.Field += " · " + rest
		}
		switch {
		case c.Before == "":
			row.Op = ui.ChangeAdd
		case c.After == "":
			row.Op = ui.ChangeRemove
		}
		out = append(out, row)
	}
	return out
}

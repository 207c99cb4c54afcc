package window

import (
	"slices"

	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/register"
)

// Touches reports whether an item of evidence speaks of the window, whatever
// control it supports: it occurred in it, stands for an occurrence due in it, or
// was valid in it.
func (w *Window) Touches(e *evidence.Evidence) (bool, error) {
	cal, err := w.Calendar()
	if err != nil {
		return false, err
	}
	c := collector{w: &register.Entry[Window]{Value: *w}, cal: cal}
	return c.touches(e), nil
}

// Items is the evidence among Contents, as a set of ids: what an auditor of the
// window may see. It reads every item once and makes the same choice as Contents
// (items_test.go holds them together) without listing all the rest.
func Items(r register.Reader, w *register.Entry[Window]) (map[evidence.ID]bool, error) {
	cal, err := w.Value.Calendar()
	if err != nil {
		return nil, err
	}
	cs, err := InScope(r, &w.Value)
	if err != nil {
		return nil, err
	}
	in := map[control.ID]bool{}
	for _, c := range cs {
		in[c.ID] = true
	}
	all, err := evidence.Items.All(r, register.Query{})
	if err != nil {
		return nil, err
	}
	c := collector{w: w, cal: cal}
	older := make(map[evidence.ID]evidence.ID, len(all))
	for _, e := range all {
		older[e.ID] = evidence.ID(e.Value.Supersedes)
	}
	out := map[evidence.ID]bool{}
	for _, e := range all {
		if e.Erased || !c.touches(&e.Value) || !slices.ContainsFunc(e.Value.Controls, func(id control.ID) bool { return in[id] }) {
			continue
		}
		for id := e.ID; id != "" && !out[id]; id = older[id] {
			out[id] = true
		}
	}
	return out, nil
}

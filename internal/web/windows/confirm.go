package windows

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/i18n"
	"bevis/internal/ledger"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// tally counts one kind of what becomes fixed, or of what is still open.
type tally struct {
	What  string `json:"what"`
	Count int    `json:"count"`
	Href  string `json:"href"`
}

// fixing is what closing or sealing would fix, at the moment somebody looks.
type fixing struct {
	Window  summary `json:"window"`
	Size    int64   `json:"size"` // of the ledger that this speaks of
	Entries int     `json:"entries"`
	Fixed   []tally `json:"fixed"`
	Open    []tally `json:"open"` // listed; does not block
	// SecondPerson says whether the seal would be a second person's.
	SecondPerson bool `json:"second_person"`
	// From is the first day on which the window can be closed; Ready is whether
	// that day has come, or the window is closed already.
	From  string `json:"from"`
	Ready bool   `json:"ready"`
	Error string `json:"error"`
}

type confirmProps struct {
	shell   ui.Shell
	confirm ui.Confirm
	fixing  fixing
	seal    bool
	person  ui.BannerProps
	errors  []ui.FieldError
}

func (p Pages) askClose(w http.ResponseWriter, r *http.Request) error { return p.ask(w, r, false) }
func (p Pages) askSeal(w http.ResponseWriter, r *http.Request) error  { return p.ask(w, r, true) }

// ask handles GET /windows/{code}/close and GET /windows/{code}/seal. While the
// window runs it shows what would become fixed and from which day, and offers
// nothing that would be refused.
func (p Pages) ask(w http.ResponseWriter, r *http.Request, seal bool) error {
	v, err := p.may(r, seal)
	if err != nil {
		return err
	}
	return p.confirm(w, r, v, seal, http.StatusOK, "")
}

// may reads the window for who may close or seal it, in a state that allows it.
func (p Pages) may(r *http.Request, seal bool) (view, error) {
	action := authz.WindowClose
	if seal {
		action = authz.WindowSeal
	}
	if _, err := p.Windows.Policy.Require(r.Context(), action); err != nil {
		return view{}, err
	}
	v, err := p.get(r)
	if err != nil {
		return v, err
	}
	if v.Status == string(window.Sealed) || !seal && v.Status == string(window.Closed) {
		return v, fault.New(fault.Locked, "window.transition", "Code", v.Code, "Status", v.Status)
	}
	return v, nil
}

// confirm shows exactly what becomes fixed.
func (p Pages) confirm(w http.ResponseWriter, r *http.Request, v view, seal bool, status int, wrong string) error {
	ctx := r.Context()
	d, err := p.fixing(ctx, v)
	if err != nil {
		return err
	}
	d.Error, d.From, d.Ready = wrong, string(v.closes()), v.Status != string(window.Open) || v.over()
	key := "windowspage.close"
	rest := "/close"
	if seal {
		key, rest = "windowspage.seal", "/seal"
	}
	closer := v.entry.Value.ClosedBy
	if v.Status == string(window.Open) {
		closer = v.who.ID
	}
	d.SecondPerson = v.who.Actor().IsPerson() && register.Actor{ID: closer}.IsPerson() && closer != v.who.ID
	c := confirmProps{shell: p.Shell.Props(r, i18n.T(ctx, key), ui.Link{Label: i18n.T(ctx, "windowspage.title"), Href: "/windows"}, ui.Link{Label: v.Code, Href: v.path("")}), fixing: d, seal: seal}
	c.shell.Path = v.path(rest)
	c.confirm = ui.Confirm{
		Title: i18n.T(ctx, key+".title", "Code", v.Code, "Window", v.title(ctx)), Text: i18n.T(ctx, key+".text", "Index", strconv.FormatInt(d.Size-1, 10)),
		Action: v.path(rest), Button: i18n.T(ctx, key), Cancel: v.path(""), Fields: []ui.Hidden{{Name: "seen", Value: strconv.FormatInt(d.Size, 10)}},
	}
	if seal {
		c.confirm.Button = i18n.T(ctx, "windowspage.seal_n", "Count", d.Entries)
		c.person = second(ctx, v, d.SecondPerson, v.name(ctx, closer))
	}
	if wrong != "" {
		c.errors = []ui.FieldError{{ID: "fixed", Message: wrong}}
	}
	return p.Shell.Answer(w, r, status, d, confirmPage(c))
}

// second says plainly whether two people act.
func second(ctx context.Context, v view, is bool, closer string) ui.BannerProps {
	switch {
	case is:
		return ui.BannerProps{Tone: ui.ToneOK, Title: i18n.T(ctx, "windowspage.second"), Text: i18n.T(ctx, "windowspage.second.will", "Closer", closer)}
	case v.Status == string(window.Open):
		return ui.BannerProps{Tone: ui.ToneWarn, Title: i18n.T(ctx, "windowspage.no_second"), Text: i18n.T(ctx, "windowspage.no_second.both")}
	}
	return ui.BannerProps{Tone: ui.ToneWarn, Title: i18n.T(ctx, "windowspage.no_second"), Text: i18n.T(ctx, "windowspage.no_second.will", "Closer", closer)}
}

// fixing counts what the window speaks of, by kind, and what is still open.
func (p Pages) fixing(ctx context.Context, v view) (fixing, error) {
	d := fixing{Window: v.summary, Fixed: []tally{}, Open: []tally{}}
	var err error
	if d.Size, _, err = p.Store.Head(ctx); err != nil {
		return d, err
	}
	v.reader = p.Store.At(ctx, d.Size-1)
	v.reading = window.Reading{Live: p.Store.Live(ctx), At: v.reader, Index: d.Size - 1}
	all, err := window.Contents(v.reader, &v.entry)
	if err != nil {
		return d, err
	}
	d.Entries = len(all)
	counts := map[string]int{}
	states := map[evidence.Status]int{}
	results := map[check.Status]int{}
	for _, m := range all {
		counts[m.Register]++
		switch m.Register {
		case evidence.Items.Name():
			e, err := evidence.Items.Get(v.reader, evidence.ID(m.ID))
			if err != nil {
				return d, err
			}
			states[e.Value.Status]++
		case check.Outcomes.Name():
			e, err := check.Outcomes.Get(v.reader, register.ID[check.Outcome](m.ID))
			if err != nil {
				return d, err
			}
			results[e.Value.Status]++
		}
	}
	links := map[string]string{
		"control": v.path("#controls"), "evidence": v.path("/evidence"), "dataset": v.path("/populations#datasets"), "freeze": v.path("/populations#datasets"),
		"result": v.path("/populations#results"), "run": v.path("/populations#runs"), "criterion": "/criteria",
		"organisation": "/", "window": v.path(""), "anchor": "/ledger#anchors", "erasure": "/ledger#erasures",
	}
	if v.who.Can(authz.AccountRead) {
		links["account"] = "/accounts"
	}
	for _, kind := range []string{"control", "evidence", "dataset", "freeze", "result", "run", "criterion", "account", "organisation", "window", "anchor", "erasure"} {
		if n := counts[kind]; n > 0 {
			d.Fixed = append(d.Fixed, tally{kind, n, links[kind]})
			delete(counts, kind)
		}
	}
	for kind, n := range counts { // a register that this page does not know yet is still counted
		d.Fixed = append(d.Fixed, tally{kind, n, ""})
	}
	ls, err := lines(ctx, v)
	if err != nil {
		return d, err
	}
	var missed, overdue, due int
	for _, l := range ls {
		if l.Basis == window.ByClock {
			missed, overdue, due = missed+l.Missed, overdue+l.Overdue, due+l.Open-l.Overdue
		}
	}
	open := func(what string, n int, rest string) {
		if n > 0 {
			d.Open = append(d.Open, tally{what, n, v.path(rest)})
		}
	}
	open("missed", missed, "/occurrences?state=missed")
	open("overdue", overdue, "/occurrences?state=overdue")
	open("due", due, "/occurrences?state=due")
	open("unreviewed", states[evidence.Collected], "/evidence")
	open("returned", states[evidence.Returned], "/evidence")
	open("failing", results[check.StatusFail], "/populations#results")
	open("undetermined", results[check.StatusNotDeterminable]+results[check.StatusError]+results[check.StatusStale], "/populations#results")
	return d, nil
}

// moved reports whether something that the window speaks of was written since
// somebody looked at it: then it is shown once more before it is fixed.
func (p Pages) moved(ctx context.Context, v view, seen string) (bool, error) {
	from, err := strconv.ParseInt(seen, 10, 64)
	if err != nil || from < 0 {
		return true, nil //nolint:nilerr // nobody has looked
	}
	size, _, err := p.Store.Head(ctx)
	if err != nil || from == size {
		return false, err
	}
	all, err := window.Contents(p.Store.Live(ctx), &v.entry)
	if err != nil {
		return false, err
	}
	moved := from > size
	err = p.Store.Leaves(ctx, from, size, func(l register.Leaf) error {
		leaf, err := ledger.ParseLeaf(l.Record)
		moved = moved || slices.ContainsFunc(all, func(m window.Member) bool { return m.ID == leaf.Subject })
		return err
	})
	return moved, err
}

// close handles POST /windows/{code}/close.
func (p Pages) close(w http.ResponseWriter, r *http.Request) error {
	return p.fix(w, r, false, func(v view) error {
		_, err := p.Windows.Close(r.Context(), v.ID)
		return err
	})
}

// seal handles POST /windows/{code}/seal.
func (p Pages) seal(w http.ResponseWriter, r *http.Request) error {
	return p.fix(w, r, true, func(v view) error {
		_, err := p.Windows.SealWindow(r.Context(), v.ID)
		return err
	})
}

func (p Pages) fix(w http.ResponseWriter, r *http.Request, seal bool, do func(view) error) error {
	ctx := r.Context()
	v, err := p.may(r, seal)
	if err != nil {
		return err
	}
	moved, err := p.moved(ctx, v, r.PostFormValue("seen"))
	if err != nil {
		return err
	}
	if moved {
		return p.confirm(w, r, v, seal, http.StatusConflict, i18n.T(ctx, "windowspage.moved"))
	}
	if err := do(v); err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		return p.confirm(w, r, v, seal, http.StatusUnprocessableEntity, i18n.Fault(ctx, err, ""))
	}
	return web.SeeOther(w, r, v.path(""))
}

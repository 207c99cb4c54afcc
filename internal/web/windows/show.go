package windows

import (
	"context"
	"net/http"
	"slices"
	"time"

	"bevis/internal/authz"
	"bevis/internal/control"
	"bevis/internal/i18n"
	"bevis/internal/register"
	"bevis/internal/web/ui"
	"bevis/internal/window"
)

// line is one control of the window: its tally and what people call it.
type line struct {
	window.Tally
	Title   string `json:"title"`
	Overdue int    `json:"overdue"` // of Open
}

// act is who closed or sealed, and when.
type act struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Index int64     `json:"index"` // last ledger index that belongs to the state
}

// sealed is what the seal says.
type sealed struct {
	act
	Manifest     string `json:"manifest"` // SHA-256
	LedgerIndex  int64  `json:"ledger_index"`
	SecondPerson bool   `json:"second_person"`
	Checkpoint   int64  `json:"checkpoint"` // size of a signed checkpoint that covers it, 0 for none yet
	Timestamp    string `json:"timestamp"`  // RFC 3339 time of the first timestamp over it, "" for not timestamped
	TSA          string `json:"tsa"`
	after        time.Time
}

// detail is GET /windows/{code} as data.
type detail struct {
	Window   summary `json:"window"`
	Closed   *act    `json:"closed"`
	Seal     *sealed `json:"seal"`
	Totals   totals  `json:"totals"` // of controls driven by the clock
	Controls []line  `json:"controls"`
	Expected []count `json:"expected"` // occurrences of each frequency in a Type 2 window
	Packages []made  `json:"packages"`
}

// totals adds up occurrences by the clock.
type totals struct {
	Expected int `json:"expected"`
	OnTime   int `json:"on_time"`
	Late     int `json:"late"`
	Missed   int `json:"missed"`
	Overdue  int `json:"overdue"`
}

type showProps struct {
	frame
	view
	detail   detail
	groups   []group
	kpis     []ui.Kpi
	notice   *ui.BannerProps
	runs     string // from which day the window can be closed, "" when that is not to be said
	packages *packProps
}

// group is the controls that are counted on one basis.
type group struct {
	basis string
	lines []line
}

// show handles GET /windows/{code}.
func (p Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.get(r)
	if err != nil {
		return err
	}
	return p.overview(w, r, v, http.StatusOK, nil)
}

func (p Pages) overview(w http.ResponseWriter, r *http.Request, v view, status int, notice *ui.BannerProps) error {
	ctx := r.Context()
	d := detail{Window: v.summary, Expected: []count{}, Packages: []made{}}
	var err error
	if d.Controls, err = lines(ctx, v); err != nil {
		return err
	}
	if v.Type == 2 {
		d.Expected = expected(v.entry.Value.From, v.entry.Value.Last)
	}
	win := &v.entry.Value
	if win.ClosedBy != "" {
		d.Closed = &act{At: moment(win.ClosedAt), By: v.name(ctx, win.ClosedBy), Index: win.ClosedIndex}
	}
	if d.Seal, err = p.sealed(ctx, v); err != nil {
		return err
	}
	s := showProps{frame: p.frame(r, v, "overview"), view: v, notice: notice}
	if s.packages, err = p.packages(ctx, v, r.FormValue("made")); err != nil {
		return err
	}
	if s.packages != nil {
		d.Packages = s.packages.made
	}
	for _, basis := range []string{window.ByClock, window.ByPopulation, window.ByCoverage} {
		g := group{basis: basis}
		for _, l := range d.Controls {
			if l.Basis == basis {
				g.lines = append(g.lines, l)
			}
		}
		if len(g.lines) > 0 {
			s.groups = append(s.groups, g)
		}
	}
	for _, l := range d.Controls {
		if l.Basis != window.ByClock {
			continue
		}
		d.Totals.Expected += l.Expected
		d.Totals.OnTime += l.OnTime
		d.Totals.Late += l.Late
		d.Totals.Missed += l.Missed
		d.Totals.Overdue += l.Overdue
	}
	s.detail = d
	s.kpis = kpis(ctx, v, d)
	if notice == nil && r.FormValue("opened") == "1" && v.Type == 2 {
		s.notice = &ui.BannerProps{Tone: ui.ToneOK, Title: i18n.T(ctx, "windowspage.opened"), Text: i18n.T(ctx, "windowspage.opened.text")}
	}
	if v.Status == string(window.Open) && !v.over() && v.who.Can(authz.WindowClose) {
		s.runs = i18n.T(ctx, "windowspage.still_runs", "Last", v.Last, "From", string(v.closes()))
	}
	return p.Shell.Answer(w, r, status, d, showPage(s))
}

// lines tallies the controls in scope, from one reading of all evidence and results.
func lines(ctx context.Context, v view) ([]line, error) {
	cs, err := v.reading.InScope(&v.entry.Value)
	if err != nil {
		return nil, err
	}
	titles := map[control.ID]string{}
	for _, c := range cs {
		titles[c.ID] = text(ctx, c.Value.Title)
	}
	tallies, err := window.Count(v.reading, &v.entry.Value, cs, v.today)
	if err != nil {
		return nil, err
	}
	out := []line{}
	for _, t := range tallies {
		l := line{Tally: t, Title: titles[t.ID]}
		for _, o := range t.Occurrences {
			if o.State == window.Overdue {
				l.Overdue++
			}
		}
		out = append(out, l)
	}
	return out, nil
}

// sealed reads what proves the seal; nil for a window that is not sealed.
func (p Pages) sealed(ctx context.Context, v view) (*sealed, error) {
	seal := v.entry.Value.Seal
	if seal == nil {
		return nil, nil
	}
	s := &sealed{
		act: act{At: moment(seal.At), By: v.name(ctx, seal.By), Index: seal.Index}, Manifest: seal.Manifest,
		LedgerIndex: v.entry.Seq, SecondPerson: seal.SecondPerson,
	}
	note, err := p.Store.LastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	// A checkpoint whose signature does not hold covers nothing.
	if c, err := p.Packages.Signer.Key().OpenCheckpoint([]byte(note)); err == nil && c.Size > v.entry.Seq {
		s.Checkpoint = c.Size
	}
	anchors, err := register.Anchors.All(p.Store.Live(ctx), register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	for _, a := range anchors {
		got, err := a.Value.Parse()
		if err == nil && got.Checkpoint.Size > v.entry.Seq { // a token that does not hold stamps nothing
			s.Timestamp, s.TSA, s.after = got.Time.Format(time.RFC3339), a.Value.TSA, got.Time
			break
		}
	}
	return s, nil
}

// kpis are the figures at the top; each leads to its list.
func kpis(ctx context.Context, v view, d detail) []ui.Kpi {
	t := func(key string) string { return i18n.T(ctx, "windowspage."+key) }
	list := func(state string) string { return v.path("/occurrences?state=" + state) }
	done := float64(v.Day) / float64(v.Days)
	out := []ui.Kpi{
		{Label: t("progress"), Value: v.day(ctx), Words: true, Progress: &done},
		{Label: t("controls"), Value: ui.Num(ctx, len(d.Controls)), Href: "#controls"},
		{
			Label: t("on_time"), Value: ui.Num(ctx, d.Totals.OnTime), Of: ui.Num(ctx, d.Totals.Expected), Href: list(string(window.OnTime)),
			Stack: &ui.Stack{Label: t("tab.occurrences"), Total: d.Totals.Expected, Parts: []ui.Part{
				{Label: t("on_time"), Count: d.Totals.OnTime, Tone: ui.ToneOK},
				{Label: t("late"), Count: d.Totals.Late, Tone: ui.ToneWarn},
				{Label: t("missed"), Count: d.Totals.Missed, Tone: ui.ToneBad},
				{Label: t("overdue"), Count: d.Totals.Overdue, Tone: ui.ToneBad},
			}},
		},
		{Label: t("late"), Value: ui.Num(ctx, d.Totals.Late), Href: list(string(window.Late))},
		{Label: t("missed"), Value: ui.Num(ctx, d.Totals.Missed), Href: list(string(window.Missed))},
	}
	if d.Totals.Overdue > 0 {
		out[4].Note, out[4].NoteTone = i18n.T(ctx, "windowspage.overdue_too", "Count", d.Totals.Overdue), ui.ToneBad
	}
	return out
}

// strip is a control's occurrences as squares; more than stripMax are shown month
// by month, each by its worst.
func strip(occurrences []window.Occurrence) []ui.CoverageCell {
	var out []ui.CoverageCell
	for _, o := range occurrences {
		c := ui.CoverageCell{Label: string(o.Slot.Due), State: cell(o)}
		if len(occurrences) > stripMax {
			c.Label = string(o.Slot.Due)[:7]
			if n := len(out); n > 0 && out[n-1].Label == c.Label {
				if worse(c.State, out[n-1].State) {
					out[n-1].State = c.State
				}
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

const stripMax = 53 // weeks of a year

func cell(o window.Occurrence) ui.CoverageState {
	switch o.State {
	case window.OnTime:
		return ui.CoverageDone
	case window.Late:
		return ui.CoverageLate
	case window.Missed:
		return ui.CoverageFailed
	case window.Overdue:
		return ui.CoverageMissing
	case window.Due:
		if len(o.Returned) > 0 {
			return ui.CoveragePartial
		}
	}
	return ui.CoverageNotDue
}

// worse orders states for a month that holds several.
func worse(a, b ui.CoverageState) bool {
	order := []ui.CoverageState{ui.CoverageDone, ui.CoverageNotDue, ui.CoveragePartial, ui.CoverageLate, ui.CoverageMissing, ui.CoverageFailed}
	return slices.Index(order, a) > slices.Index(order, b)
}

// stateOf is an occurrence's state in the kit's family; overdue borrows a task's.
func stateOf(s window.State) ui.Status {
	if s == window.Overdue {
		return "task.overdue"
	}
	return ui.Status("occurrence." + string(s))
}

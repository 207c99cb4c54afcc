package readiness

import (
	"context"

	"bevis/internal/authz"
	"bevis/internal/check"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// Reviews holds the verbs on readiness reviews. All of them are the company's own:
// an auditor is refused, whatever else they are (domain 0a rule 12).
type Reviews struct {
	Store     *register.Store
	Policy    authz.Policy
	Readiness *Service
	Lint      Lint // without one, no sentence is found specific
}

// company lets in whoever may do a and is no auditor.
func (s *Reviews) company(ctx context.Context, a authz.Action) (authz.Principal, error) {
	by, err := s.Policy.Require(ctx, a)
	if err != nil {
		return by, err
	}
	if by.Is(authz.Auditor) {
		return by, fault.New(fault.Denied, "authz.denied")
	}
	return by, nil
}

// Assess tells how far a window has come.
func (s *Reviews) Assess(ctx context.Context, w *register.Entry[window.Window]) (*Assessment, error) {
	if _, err := s.company(ctx, authz.ReadinessRead); err != nil {
		return nil, err
	}
	cal, err := w.Value.Calendar()
	if err != nil {
		return nil, err
	}
	o, err := s.Readiness.overview(ctx, w, cal, cal.Day(s.Store.Now()))
	if err != nil {
		return nil, err
	}
	in := &material{overview: o, judge: s.Lint}
	criteria, err := w.Value.Criteria()
	if err != nil {
		return nil, err
	}
	var have map[string]bool
	in.proofs, in.drafts, have = s.Readiness.behind(o)
	if in.offers, err = offersOf(have, criteria); err != nil {
		return nil, err
	}
	return assess(in), nil
}

// behind takes from the book what lies behind the lines of an overview.
func (s *Service) behind(o *Overview) (proofs map[control.ID]*proof, drafts map[string][]string, have map[string]bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	proofs = make(map[control.ID]*proof, len(o.Lines))
	for i := range o.Lines {
		id := o.Lines[i].Control.ID
		p := &proof{ever: len(s.book.bears[id]) > 0, spans: s.spans(&o.Window.Value, o.Calendar, &o.Lines[i].Control)}
		for _, h := range s.book.supports[id] {
			if st := h.entry.Value.Status; st != evidence.Collected && st != evidence.Accepted {
				continue
			}
			p.ever = true
			if h.interval.FirstDay(o.Calendar) <= o.Window.Value.Last {
				p.last = max(p.last, min(h.interval.LastDay(o.Calendar), o.Window.Value.Last))
			}
		}
		var results []register.Entry[check.Outcome]
		for _, k := range s.book.bears[id] {
			results = append(results, s.book.outcomes[k])
		}
		p.runs = runs(o, results)
		proofs[id] = p
	}
	drafts, have = draftsOf(s.book.controls)
	return proofs, drafts, have
}

// runs are the results that speak in the window: of several over one source by one
// check the one that covers most of it, and of equal ones the newest, as check.Stand
// chooses.
func runs(o *Overview, results []register.Entry[check.Outcome]) []run {
	type voice struct{ check, source string }
	from, to := o.Window.Value.From, o.Window.Value.Last
	at := map[voice]int{}
	var out []run
	covers := map[voice]int{}
	for i := range results {
		e := &results[i]
		if e.Erased {
			continue
		}
		a, b := e.Value.Period()
		in := scope.Interval{From: a, To: b, WholeDays: true}
		r := run{
			first: wholeFrom(o.Calendar, in), last: wholeTo(o.Calendar, in), status: e.Value.Status, check: e.Value.Check, code: e.Value.Code,
			items: e.Value.Population.Items, passed: e.Value.Passed, deviations: e.Value.Deviations,
		}
		n := min(r.last, to).Sub(max(r.first, from)) + 1
		if r.first > to || r.last < from || n <= 0 {
			continue
		}
		k := voice{e.Value.Check, e.Value.Source}
		j, ok := at[k]
		switch {
		case !ok:
			at[k] = len(out)
			out = append(out, r)
		case n >= covers[k]: // results come oldest first
			out[j] = r
		default:
			continue
		}
		covers[k] = n
	}
	return out
}

// wholeFrom is the first day that lies whole in the interval; wholeTo the last.
func wholeFrom(cal scope.Calendar, i scope.Interval) scope.Day {
	d := cal.Day(i.From)
	if cal.Start(d).Before(i.From) {
		d = d.Add(1)
	}
	return d
}

func wholeTo(cal scope.Calendar, i scope.Interval) scope.Day { return cal.Day(i.To).Add(-1) }

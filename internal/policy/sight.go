package policy

import (
	"context"
	"slices"
	"strings"

	"bevis/internal/authz"
	"bevis/internal/fault"
	"bevis/internal/register"
	"bevis/internal/scope"
)

// sight is what a reader may see of policies: everything, or only editions that bind
// on some day of a stretch.
type sight struct {
	all         bool
	first, last scope.Day
	today       scope.Day
}

// sightOf: who works on policies sees all of them; an auditor the editions that
// bound in their window; everybody else those that bind today.
func (s *Service) sightOf(ctx context.Context, who authz.Principal) (sight, error) {
	r := s.Store.Live(ctx)
	cal, err := scope.CalendarOf(r)
	if err != nil {
		return sight{}, err
	}
	today := cal.Day(s.Store.Now())
	switch {
	case who.Is(authz.Auditor):
		first, last, err := s.Span(r, who.Window)
		if fault.KindOf(err) == fault.NotFound {
			return sight{first: today, last: today.Add(-1), today: today}, nil
		}
		return sight{first: first, last: min(last, today), today: today}, err
	case who.Can(authz.PolicyDrafts):
		return sight{all: true, today: today}, nil
	}
	return sight{first: today, last: today, today: today}, nil
}

// versions keeps what the reader may see of a history.
func (x sight) versions(h []Entry) []Entry {
	if x.all || len(h) == 0 {
		return h
	}
	var out []Entry
	for _, pub := range h[len(h)-1].Value.Between(x.first, x.last) {
		if e := Published(h, pub.Edition); e != nil {
			out = append(out, *e)
		}
	}
	return out
}

// seen is the version of a policy that the reader sees of it; ok is false for none.
func (x sight) seen(r register.Reader, head Entry) (e Entry, ok bool, err error) {
	if x.all {
		return head, true, nil
	}
	if head.Erased || len(head.Value.Between(x.first, x.last)) == 0 {
		return Entry{}, false, nil
	}
	h, err := Policies.History(r, head.ID)
	if err != nil {
		return Entry{}, false, err
	}
	vs := x.versions(h)
	if len(vs) == 0 {
		return Entry{}, false, nil
	}
	return vs[len(vs)-1], true, nil
}

// List reads the policies that whoever asks may see, by code: their newest version,
// or for those who do not work on them the edition in force.
func (s *Service) List(ctx context.Context) ([]Entry, error) {
	who, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return nil, err
	}
	x, err := s.sightOf(ctx, who)
	if err != nil {
		return nil, err
	}
	r := s.Store.Live(ctx)
	all, err := Policies.All(r, register.Query{Oldest: true})
	if err != nil {
		return nil, err
	}
	out := []Entry{}
	for _, head := range all {
		e, ok, err := x.seen(r, head)
		if err != nil {
			return nil, err
		}
		if ok && !e.Erased {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Value.Code, b.Value.Code) })
	return out, nil
}

// ByCode reads one policy as List does. One that the reader may not see is not
// found.
func (s *Service) ByCode(ctx context.Context, code string) (Entry, error) {
	who, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return Entry{}, err
	}
	x, err := s.sightOf(ctx, who)
	if err != nil {
		return Entry{}, err
	}
	r := s.Store.Live(ctx)
	head, err := Policies.ByCode(r, code)
	if err != nil {
		return Entry{}, err
	}
	e, ok, err := x.seen(r, head)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "register.no_code", "Code", code)
	}
	return e, err
}

// History reads the versions of a policy that whoever asks may see, oldest first:
// all of them, or the editions that bound.
func (s *Service) History(ctx context.Context, code string) ([]Entry, error) {
	who, err := s.Policy.Require(ctx, authz.HistoryRead)
	if err != nil {
		return nil, err
	}
	x, err := s.sightOf(ctx, who)
	if err != nil {
		return nil, err
	}
	r := s.Store.Live(ctx)
	e, err := Policies.ByCode(r, code)
	if err != nil {
		return nil, err
	}
	h, err := Policies.History(r, e.ID)
	if err != nil {
		return nil, err
	}
	if h = x.versions(h); len(h) == 0 {
		return nil, fault.New(fault.NotFound, "register.no_code", "Code", code)
	}
	return h, nil
}

// InForce reads the edition that binds on a day; "" is today. It fails with
// fault.NotFound when none does, or when the reader may not see it.
func (s *Service) InForce(ctx context.Context, code string, day scope.Day) (Entry, error) {
	who, err := s.Policy.Require(ctx, authz.ProgrammeRead)
	if err != nil {
		return Entry{}, err
	}
	x, err := s.sightOf(ctx, who)
	if err != nil {
		return Entry{}, err
	}
	if day == "" {
		day = x.today
	}
	e, err := On(s.Store.Live(ctx), code, day)
	if err == nil && !x.all && (day < x.first || day > x.last) {
		err = fault.New(fault.NotFound, "policy.none_on", "Code", code, "Day", string(day))
	}
	return e, err
}

// On reads the edition of a policy that binds on a day, as the reader r knows it.
func On(r register.Reader, code string, day scope.Day) (Entry, error) {
	head, err := Policies.ByCode(r, code)
	if err != nil {
		return Entry{}, err
	}
	pub, ok := head.Value.On(day)
	if ok {
		h, err := Policies.History(r, head.ID)
		if err != nil {
			return Entry{}, err
		}
		if e := Published(h, pub.Edition); e != nil {
			return *e, nil
		}
	}
	return Entry{}, fault.New(fault.NotFound, "policy.none_on", "Code", code, "Day", string(day))
}

// Today is the organisation's day now.
func (s *Service) Today(ctx context.Context) (scope.Day, error) {
	cal, err := scope.CalendarOf(s.Store.Live(ctx))
	if err != nil {
		return "", err
	}
	return cal.Day(s.Store.Now()), nil
}

// Governing lists the policies that carry a control, or meet a criterion, as whoever
// asks may see them: the other end of Policy.Controls and Policy.Criteria. id is
// the entry's.
func (s *Service) Governing(ctx context.Context, id string) ([]Entry, error) {
	all, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(e Entry) bool {
		return !slices.ContainsFunc(links(&e.Value), func(l register.Link) bool { return l.To == id })
	}), nil
}

// Wrote reports whether whoever asks wrote something of the newest edition of a
// policy, and so cannot approve it.
func (s *Service) Wrote(ctx context.Context, e Entry) (bool, error) {
	who, err := s.Policy.Require(ctx, authz.PolicyDrafts)
	if err != nil {
		return false, err
	}
	h, err := Policies.History(s.Store.Live(ctx), e.ID)
	if err != nil {
		return false, err
	}
	authors, err := authorsOf(h, e.Value.Edition)
	return authors[who.ID], err
}

// MayEdit reports whether whoever asks may change a policy.
func (s *Service) MayEdit(ctx context.Context, e Entry) bool {
	who, err := s.Policy.Require(ctx, authz.PolicyEdit)
	return err == nil && e.Value.Status != Retired && mayEdit(who, &e.Value) == nil
}

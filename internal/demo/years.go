package demo

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"bevis/internal/account"
	"bevis/internal/check"
	"bevis/internal/collect/git"
	"bevis/internal/control"
	"bevis/internal/evidence"
	"bevis/internal/fault"
	"bevis/internal/scope"
	"bevis/internal/window"
)

// act is one performance that leads to an item of evidence.
type act struct {
	code     string
	slot     scope.Day // due day it is for, "" for none
	on       scope.Day // day performed
	captured int       // days after it was performed
	received int       // days after it was performed
	method   evidence.Method
	kind     string
	decision evidence.Status // Collected leaves it unreviewed
	reason   string
	title    string
}

// years tells the company's story in order of time.
func (m *maker) years(setup context.Context) (Made, error) {
	made := Made{Org: company}
	for _, p := range append(slices.Clone(staff), karin) {
		u := User{Email: p.email, Name: p.name, Roles: []string{}}
		for _, r := range p.roles {
			u.Roles = append(u.Roles, string(r))
		}
		made.Users = append(made.Users, u)
	}
	m.c.to(founded.Add(50 * time.Hour))
	w, err := m.a.Windows.OpenWindow(m.as(maja), window.Plan{Type: 2, From: string(firstDay), To: string(lastDay.Add(1)), Categories: names()})
	if err != nil {
		return made, err
	}
	made.Window = w.ID.String()
	openWindow := func() error {
		v, err := m.a.Windows.OpenWindow(m.as(maja), window.Plan{Type: 2, From: openFrom, To: openTo, Categories: names()})
		made.Open = v.ID.String()
		return err
	}
	acts := m.plan()
	slices.SortStableFunc(acts, func(a, b act) int { return strings.Compare(string(a.arrives()), string(b.arrives())) })
	milestones := []struct {
		day scope.Day
		do  func() error
	}{
		{"2025-06-16", m.tightenLogins},
		{"2025-12-15", openWindow},
		{"2026-01-05", m.changes},
		{"2026-01-08", func() error { _, err := m.a.Windows.Close(m.as(maja), made.Window); return err }},
		{"2026-01-12", func() error { return m.inviteAuditor(setup, made.Window) }},
		{"2026-02-10", func() error { _, err := m.a.Seal(m.as(jonas), made.Window); return err }},
		{"2026-03-02", m.tightenScans},
	}
	for _, x := range acts {
		for len(milestones) > 0 && milestones[0].day <= x.arrives() {
			m.c.to(m.cal.Start(milestones[0].day).Add(9 * time.Hour))
			if err := milestones[0].do(); err != nil {
				return made, err
			}
			milestones = milestones[1:]
		}
		if err := m.perform(x); err != nil {
			return made, err
		}
	}
	for _, s := range milestones {
		m.c.to(m.cal.Start(s.day).Add(9 * time.Hour))
		if err := s.do(); err != nil {
			return made, err
		}
	}
	return made, nil
}

func names() []string {
	var out []string
	for _, c := range categories {
		out = append(out, string(c))
	}
	return out
}

func (a act) arrives() scope.Day { return a.on.Add(a.received) }

// plan lays out the performances from the start of the year to today, with the
// gaps an auditor would look for.
func (m *maker) plan() []act {
	var out []act
	until := m.cal.Day(today)
	for _, code := range m.codes {
		l := m.library[code]
		kind := l.Evidence[0].Type
		add := func(x act) {
			x.code, x.kind = code, kind
			if x.method == "" {
				x.method = evidence.Export
				if kind == "document" || kind == "vendor_due_diligence" {
					x.method = evidence.Uploaded
				}
			}
			if x.decision == "" {
				x.decision = evidence.Accepted
			}
			if x.on <= until && x.arrives() <= until {
				out = append(out, x)
			}
		}
		switch {
		case l.Frequency.Periodic():
			for i, s := range l.Frequency.Slots(firstDay, until) {
				for _, x := range m.slot(code, l.Frequency, i, s) {
					add(x)
				}
			}
		case l.Frequency == control.Continuous: // one report a quarter
			for _, s := range control.Quarterly.Slots(firstDay, until) {
				add(act{on: s.Due.Add(-3), received: 1})
			}
		case len(l.Checks) == 0: // a few events
			for i, day := range []scope.Day{"2025-02-18", "2025-06-03", "2025-09-24", "2026-02-11"} {
				add(act{on: day.Add(len(code) + i), received: 1})
			}
		}
	}
	return out
}

// slot is how one occurrence of a control went.
func (m *maker) slot(code string, f control.Frequency, i int, s control.Slot) []act {
	on := s.Due
	if f != control.Daily {
		on = s.Due.Add(-min(2+i%4, s.Due.Sub(s.From)))
	}
	x := act{slot: s.Due, on: on, received: 1}
	switch {
	case code == "AC-04" && s.Due == "2025-09-30": // planted: nobody did the third quarter's review
		return nil
	case code == "AC-05" && s.Due == "2025-05-31": // planted: done twelve days late
		x.on = s.Due.Add(12)
	case code == "OP-04" && s.Due == "2025-08-31": // planted: captured long after
		x.captured, x.received = 47, 47
	case code == "OP-05" && s.Due == "2025-11-30": // planted: written after the period
		x.received, x.method = 46, evidence.Uploaded
	case code == "LS-02" && s.Due == "2025-12-31": // planted: fetched from the system in fieldwork
		x.received, x.method = 35, evidence.Export
	case code == "GP-02" && s.Due == "2025-06-30": // planted: sent back and never mended
		x.decision, x.reason = evidence.Returned, "The minutes do not show who took part. Add the list of participants."
	case code == "VG-02" && s.Due == "2025-12-31": // planted: sent back, then mended by a newer item
		bad := x
		bad.decision, bad.reason = evidence.Returned, "The report period ends before our window. Ask the vendor for the newer report."
		bad.on = bad.on.Add(-10)
		return []act{bad, x}
	case code == "OP-01" && s.Due >= "2026-03-22": // not done yet
		return nil
	case f == control.Daily && i%5 != 0: // the daily record is taken in without a review
		x.decision = evidence.Collected
	}
	return []act{x}
}

// perform adds an item as its performer and has the lead decide on it.
func (m *maker) perform(x act) error {
	l := m.library[x.code]
	who := ownerOf(l.Category)
	m.c.to(m.cal.Start(x.arrives()).Add(8*time.Hour + time.Duration(len(x.code)*7)*time.Minute))
	name, body := record(l, x.kind, x.on, who)
	f, err := m.a.Evidence.Keep(m.as(who), name, strings.NewReader(body))
	if err != nil {
		return err
	}
	sys := systems[x.kind]
	u := evidence.Upload{
		Title: l.Title.EN + ", " + string(x.on), Type: evidence.Type(x.kind), Controls: []string{x.code},
		OccurredFrom: string(x.on), Slot: string(x.slot), PerformedBy: m.ids[who.email].ID, Files: []evidence.File{f},
		Source: evidence.Source{System: sys[0], Locator: sys[1], Method: x.method, Query: "day = " + string(x.on)},
	}
	if x.title != "" {
		u.Title = x.title
	}
	if x.captured > 0 {
		u.CapturedAt = m.cal.Start(x.on.Add(x.captured)).Format(time.RFC3339)
	}
	e, err := m.a.Evidence.Add(m.as(who), u)
	if err != nil {
		return err
	}
	m.c.to(m.c.now().Add(26 * time.Minute))
	if x.decision == evidence.Accepted {
		_, err = m.a.Evidence.Accept(m.as(maja), e.Value.Code, "")
	}
	if x.decision == evidence.Returned {
		_, err = m.a.Evidence.Return(m.as(maja), e.Value.Code, x.reason)
	}
	return err
}

// changes collects the sample repository, tests every change and freezes the
// population at period end.
func (m *maker) changes() error {
	dir, err := os.MkdirTemp("", "bevis-demo-")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "app.dir", "Dir", os.TempDir())
	}
	defer func() { _ = os.RemoveAll(dir) }()
	from, to := m.cal.Start(firstDay), m.cal.Start(lastDay.Add(1))
	repo, err := makeRepo(m.ctx, dir, changes(from.AddDate(0, 0, -20), to.AddDate(0, 0, 4)))
	if err != nil {
		return err
	}
	got, err := m.a.Collect.Git(m.as(erik), git.Options{Repo: repo, Name: "platform", From: from, To: to})
	if err != nil {
		return err
	}
	if _, err := m.a.Populations.Freeze(m.as(maja), got.Dataset.ID.String(), string(lastDay)); err != nil {
		return err
	}
	for _, id := range []string{"change-reviewed", "change-has-reference"} {
		if _, _, err := m.a.Checks.Test(m.as(maja), check.Request{Check: id, From: from, To: to, Dataset: got.Dataset.ID.String()}); err != nil {
			return err
		}
	}
	if got.Evidence == nil {
		return nil
	}
	_, err = m.a.Evidence.Accept(m.as(maja), got.Evidence.Value.Code, "")
	return err
}

// inviteAuditor gives the auditor access to the one window, for fieldwork.
func (m *maker) inviteAuditor(setup context.Context, w string) error {
	_, err := m.a.Accounts.Add(setup, account.NewUser{
		Email: karin.email, Name: karin.name, Roles: karin.roles, Window: w, Password: Password,
		From: m.cal.Start("2026-01-12"), Until: m.cal.Start("2026-07-01"),
	})
	return err
}

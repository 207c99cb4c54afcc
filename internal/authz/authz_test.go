package authz_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"bevis/internal/authz"
	"bevis/internal/fault"
)

// columns are the roles of the matrix below, in its order.
var columns = []authz.Role{authz.Lead, authz.Owner, authz.Employee, authz.Manager, authz.Advisor, authz.Auditor, authz.Administrator}

// matrix is what each role may do, written a second time and by hand: a change of
// the policy has to be meant twice. Columns: Lead, Owner, Employee, Manager,
// aDvisor, aUditor, Administrator; x may, . may not.
var matrix = map[authz.Action]string{
	//                       L O E M D U A
	authz.ProgrammeRead:    "x x x x x x x",
	authz.ControlEdit:      "x . . . x . .",
	authz.ControlApprove:   "x . . x . . .",
	authz.EvidenceRead:     "x x . x x x .",
	authz.EvidenceAdd:      "x x . . x . .",
	authz.EvidenceReview:   "x x . x . . .",
	authz.PopulationRead:   "x x . x x x .",
	authz.Collect:          "x x . . . . .",
	authz.CheckRun:         "x x . . x . .",
	authz.PopulationFreeze: "x . . . . . .",
	authz.WindowOpen:       "x . . . . . .",
	authz.WindowClose:      "x . . . . . .",
	authz.WindowSeal:       "x . . x . . .",
	authz.PackageCreate:    "x . . x . x .",
	authz.HistoryRead:      "x x . x x x x",
	authz.LedgerVerify:     "x x . x x x x",
	authz.LedgerStamp:      "x . . . . . x",
	authz.AccountRead:      "x . . . . . x",
	authz.AccountManage:    ". . . . . . x",
	authz.WorkspaceSet:     "x . . . . . x",
	authz.Erase:            ". . . . . . x",
	authz.PolicyDrafts:     "x x . x x . .",
	authz.PolicyEdit:       "x x . . x . .",
	authz.PolicyManage:     "x . . . x . .",
	authz.PolicyApprove:    "x . . x . . .",
	authz.PolicyPublish:    "x . . x . . .",
	authz.ReadinessRead:    "x x . x x . .",
	authz.ReadinessKeep:    "x . . x . . .",
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// require asks the policy at noon as somebody.
func require(p authz.Principal, a authz.Action) error {
	policy := authz.Policy{Now: func() time.Time { return noon }}
	_, err := policy.Require(authz.With(context.Background(), p), a)
	return err
}

// as is a principal with a role to whom nothing but the table says no.
func as(r authz.Role) authz.Principal {
	return authz.Principal{ID: "usr_test", Roles: []authz.Role{r}, Window: "win_test"}
}

func TestMatrix(t *testing.T) {
	if want := slices.Sorted(maps.Keys(matrix)); !slices.Equal(want, authz.Actions()) {
		t.Fatalf("the policy has the actions %v, the matrix %v", authz.Actions(), want)
	}
	if !slices.Equal(columns, authz.Roles) {
		t.Fatalf("the policy has the roles %v, the matrix %v", authz.Roles, columns)
	}
	for a, row := range matrix {
		cells := strings.Fields(row)
		if len(cells) != len(columns) {
			t.Fatalf("%s: %d cells", a, len(cells))
		}
		for i, r := range columns {
			may := cells[i] == "x"
			if authz.Allowed(r, a) != may || as(r).Can(a) != may {
				t.Errorf("%s %s: allowed %t, wanted %t", r, a, !may, may)
			}
			err := require(as(r), a)
			if may && err != nil || !may && fault.KindOf(err) != fault.Denied {
				t.Errorf("%s %s: %v", r, a, err)
			}
		}
	}
}

func TestDenyByDefault(t *testing.T) {
	for _, r := range append(authz.Roles, "", "root", "LEAD", "lead ") {
		for _, a := range []authz.Action{"", "no.such.action", "evidence", "evidence.*"} {
			if authz.Allowed(r, a) || require(as(r), a) == nil {
				t.Errorf("%q may %q", r, a)
			}
		}
	}
	for _, a := range authz.Actions() {
		for _, r := range []authz.Role{"", "root", "LEAD", "lead "} {
			if r.Valid() || authz.Allowed(r, a) || require(as(r), a) == nil {
				t.Errorf("%q may %s", r, a)
			}
		}
		if err := require(authz.Principal{ID: "usr_nobody"}, a); !fault.Is(err, "authz.denied") {
			t.Errorf("no role, %s: %v", a, err)
		}
		policy := authz.Policy{Now: func() time.Time { return noon }}
		if _, err := policy.Require(context.Background(), a); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("nobody asks for %s: %v", a, err)
		}
	}
}

// Domain rule 11: auditors never create, edit, approve or own a company entry.
// What they may do is a closed list: reading, verifying and taking a package home.
func TestAuditorWritesNothing(t *testing.T) {
	takes := []authz.Action{authz.ProgrammeRead, authz.EvidenceRead, authz.PopulationRead, authz.HistoryRead, authz.LedgerVerify, authz.PackageCreate}
	for _, a := range authz.Actions() {
		if got, want := authz.Allowed(authz.Auditor, a), slices.Contains(takes, a); got != want {
			t.Errorf("%s: %t", a, got)
		}
	}
}

// Domain rule 11: advisors edit but never approve or sign.
func TestAdvisorNeverApproves(t *testing.T) {
	for _, a := range []authz.Action{
		authz.EvidenceReview, authz.PopulationFreeze, authz.WindowOpen, authz.WindowClose, authz.WindowSeal, authz.PackageCreate,
		authz.LedgerStamp, authz.AccountManage, authz.WorkspaceSet, authz.Erase,
	} {
		if authz.Allowed(authz.Advisor, a) {
			t.Errorf("advisor may %s", a)
		}
	}
}

func TestPeriodAndEngagement(t *testing.T) {
	hour := time.Hour
	for name, tc := range map[string]struct {
		edit func(*authz.Principal)
		want string // fault key, "" for allowed
	}{
		"unbounded":            {func(*authz.Principal) {}, ""},
		"inside":               {func(p *authz.Principal) { p.From, p.Until = noon.Add(-hour), noon.Add(hour) }, ""},
		"begins now":           {func(p *authz.Principal) { p.From = noon }, ""},
		"begins later":         {func(p *authz.Principal) { p.From = noon.Add(time.Microsecond) }, "authz.period"},
		"ends now":             {func(p *authz.Principal) { p.Until = noon }, "authz.period"},
		"ends later":           {func(p *authz.Principal) { p.Until = noon.Add(time.Microsecond) }, ""},
		"over":                 {func(p *authz.Principal) { p.Until = noon.Add(-hour) }, "authz.period"},
		"auditor with window":  {func(p *authz.Principal) { p.Roles = []authz.Role{authz.Auditor} }, ""},
		"auditor, no window":   {func(p *authz.Principal) { p.Roles, p.Window = []authz.Role{authz.Auditor}, "" }, "authz.no_engagement"},
		"lead needs no window": {func(p *authz.Principal) { p.Window = "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := as(authz.Lead)
			tc.edit(&p)
			for _, a := range []authz.Action{authz.ProgrammeRead, authz.EvidenceRead, authz.HistoryRead} {
				err := require(p, a)
				if tc.want == "" && err != nil || tc.want != "" && !fault.Is(err, tc.want) {
					t.Errorf("%s: %v", a, err)
				}
			}
		})
	}
}

// An auditor sees one engagement; of another they do not even learn that it exists.
func TestInWindow(t *testing.T) {
	if err := as(authz.Auditor).InWindow("win_test"); err != nil {
		t.Errorf("own window: %v", err)
	}
	for _, w := range []string{"win_other", ""} {
		if err := as(authz.Auditor).InWindow(w); fault.KindOf(err) != fault.NotFound {
			t.Errorf("window %q: %v", w, err)
		}
	}
	if err := as(authz.Lead).InWindow("win_other"); err != nil {
		t.Errorf("lead: %v", err)
	}
}

func TestOperatorAndService(t *testing.T) {
	op, svc := authz.Operator("root"), authz.Service("collect")
	if !op.IsOperator() || op.Actor().IsPerson() || op.Name != "local operator (root)" {
		t.Errorf("operator: %+v", op)
	}
	if svc.IsOperator() || svc.Actor().IsPerson() {
		t.Errorf("service: %+v", svc)
	}
	if (authz.Principal{ID: "usr_x"}).IsOperator() || !(authz.Principal{ID: "usr_x"}).Actor().IsPerson() {
		t.Error("an account is a person and no operator")
	}
	if err := require(op, authz.AccountManage); err != nil {
		t.Errorf("operator: %v", err)
	}
	for _, a := range []authz.Action{authz.AccountManage, authz.Erase} {
		if err := require(svc, a); fault.KindOf(err) != fault.Denied {
			t.Errorf("service may %s: %v", a, err)
		}
	}
}

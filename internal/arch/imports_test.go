package arch

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// floor is one storey of the house: its packages and, for each, the packages of
// this module that it may import. Whatever is not listed is forbidden.
type floor struct {
	name  string
	rooms map[string][]string
}

// everything stands for every package below and beside.
const everything = "*"

// What most packages of the three middle floors stand on. Of each other they know
// only what their line says. (ledger is among them for its time format.)
var (
	ground = []string{"internal/fault", "internal/i18n", "internal/blob", "internal/ledger", "internal/register", "internal/jobs"}
	spine  = []string{"internal/authz", "internal/account", "internal/framework"}
)

// room is a package that stands on ground and spine and uses these besides.
func room(besides ...string) []string { return slices.Concat(ground, spine, besides) }

// The rooms of the middle floors, for those above who speak of all of them.
var (
	programme = []string{
		"internal/scope", "internal/control", "internal/policy", "internal/people", "internal/risk", "internal/vendor",
		"internal/incident", "internal/access", "internal/continuity", "internal/task", "internal/plan",
	}
	proof      = []string{"internal/evidence", "internal/window", "internal/population", "internal/check", "internal/sample", "internal/collect"}
	engagement = []string{"internal/readiness", "internal/coverage", "internal/engagement", "internal/report", "internal/pack", "internal/oscal", "internal/share"}
)

// area is a folder of screens: parts, shell and the verbs of any room.
func area(besides ...string) []string {
	return slices.Concat(ground, spine, programme, proof, engagement,
		[]string{"internal/wording", "internal/document", "internal/web", "internal/web/ui"}, besides)
}

// house is the floor plan, from the ground up. A package imports downwards, and
// sideways only where its line says so; a package without a line does not build
// past this test. Test files are freer (TestGroundIsTestedFromTheGround).
var house = []floor{
	{"ground: knows nothing of SOC 2", map[string][]string{
		"catalog":                 {},
		"internal/fault":          {},
		"internal/i18n":           {"internal/fault"},
		"internal/blob":           {"internal/fault"},
		"internal/blob/blobtest":  {"internal/fault", "internal/blob"},
		"internal/ledger":         {"internal/fault"},
		"internal/ledger/tsatest": {"internal/fault", "internal/ledger"},
		"internal/register":       {"internal/fault", "internal/ledger", "internal/blob"},
		"internal/jobs":           {"internal/fault", "internal/register"},
		"internal/wording":        {"internal/i18n"},
		"internal/document":       {"internal/fault", "internal/i18n"},
	}},
	{"spine", map[string][]string{
		"internal/authz":     {"internal/fault", "internal/register"},
		"internal/account":   {"internal/fault", "internal/i18n", "internal/ledger", "internal/register", "internal/jobs", "internal/authz"},
		"internal/framework": {"catalog", "internal/fault", "internal/i18n", "internal/register"},
	}},
	{"programme: what the organisation says and does", map[string][]string{
		"internal/scope":      room(),
		"internal/control":    room("catalog", "internal/scope", "internal/wording"),
		"internal/policy":     room("catalog", "internal/scope", "internal/control"),
		"internal/people":     room("internal/policy"),
		"internal/risk":       room("internal/scope", "internal/control"),
		"internal/vendor":     room("internal/scope", "internal/control", "internal/risk"),
		"internal/incident":   room("internal/scope", "internal/control", "internal/risk"),
		"internal/access":     room("internal/scope", "internal/control", "internal/people", "internal/vendor"),
		"internal/continuity": room("internal/scope", "internal/control", "internal/incident"),
		"internal/task":       room("internal/control", "internal/people"),
		"internal/plan":       room("internal/scope", "internal/control", "internal/task"),
	}},
	{"proof: what shows that it happened", map[string][]string{
		"internal/population": room("internal/scope"),
		"internal/check":      room("catalog", "internal/scope", "internal/control", "internal/task", "internal/population"),
		"internal/sample":     room("internal/scope", "internal/population"),
		"internal/evidence":   room("internal/scope", "internal/control", "internal/policy", "internal/people"),
		// The window speaks of everything that shows something in it.
		"internal/window": room("internal/scope", "internal/control", "internal/policy", "internal/task",
			"internal/evidence", "internal/population", "internal/check", "internal/collect"),
		"internal/collect": room("internal/scope", "internal/control", "internal/task", "internal/population", "internal/evidence", "internal/check", "internal/collect/git"),
		// A collector touches neither database nor clock.
		"internal/collect/git": {"internal/fault", "internal/population"},
	}},
	{"engagement: what the auditor does with it", map[string][]string{
		"internal/readiness":  room(slices.Concat(programme, proof, []string{"internal/document"})...),
		"internal/coverage":   room(slices.Concat([]string{"catalog"}, programme, proof, []string{"internal/readiness", "internal/document"})...),
		"internal/engagement": room(slices.Concat(programme, proof, []string{"internal/readiness"})...),
		"internal/report":     room(slices.Concat(programme, proof, []string{"internal/readiness", "internal/engagement"})...),
		"internal/pack": room(slices.Concat([]string{"catalog"}, programme, proof, []string{
			"internal/pack/zipfile", "internal/readiness", "internal/engagement", "internal/report",
		})...),
		"internal/pack/zipfile": {"internal/fault"},
		"internal/oscal":        room(slices.Concat([]string{"catalog"}, programme, proof, []string{"internal/readiness", "internal/engagement"})...),
		"internal/share":        room(slices.Concat(programme, proof, []string{"internal/readiness", "internal/report", "internal/pack"})...),
	}},
	{"surfaces", map[string][]string{
		"internal/web":             {"internal/fault", "internal/i18n", "internal/register", "internal/authz", "internal/account", "internal/web/ui", "internal/web/static"},
		"internal/web/static":      {},
		"internal/web/ui":          {"internal/fault", "internal/i18n", "internal/web/static"},
		"internal/web/webtest":     {everything},
		"internal/web/home":        area(),
		"internal/web/readiness":   area(),
		"internal/web/frameworks":  area(),
		"internal/web/scope":       area(),
		"internal/web/controls":    area(),
		"internal/web/evidence":    area(),
		"internal/web/checks":      area(),
		"internal/web/populations": area(),
		"internal/web/policies":    area(),
		"internal/web/risks":       area(),
		"internal/web/vendors":     area(),
		"internal/web/people":      area(),
		"internal/web/access":      area(),
		"internal/web/incidents":   area(),
		"internal/web/tasks":       area(),
		"internal/web/windows":     area(),
		"internal/web/audits":      area(),
		"internal/web/reports":     area(),
		"internal/web/packages":    area(),
		"internal/web/trust":       area(),
		"internal/web/ledger":      area(),
		"internal/web/settings":    area(),
		"internal/web/signin":      area(),
		"internal/web/accounts":    area(),
		"internal/api":             slices.Concat([]string{"catalog"}, ground, spine, programme, proof, engagement),
		"internal/app":             {everything},
		"internal/arch":            {},
	}},
	{"doors", map[string][]string{
		// The sample company is made through the application, as a person would.
		"internal/demo": {everything},
		// A verb calls the rooms' verbs and shows what they answer.
		"cmd/bevis":   area("catalog", "internal/collect/git", "internal/api", "internal/app", "internal/demo"),
		"bench":       {everything},
		"e2e":         {everything},
		"e2e/stories": {everything},
	}},
}

// place is where a package stands.
type place struct {
	level   int
	floor   string
	imports []string
}

// plan is house by package.
func plan() map[string]place {
	out := map[string]place{}
	for level, f := range house {
		for pkg, imports := range f.rooms {
			out[pkg] = place{level, f.name, imports}
		}
	}
	return out
}

// The plan must not contradict itself: every line names a known package, and
// none looks upwards.
func TestPlanGoesDown(t *testing.T) {
	p := plan()
	for _, pkg := range slices.Sorted(maps.Keys(p)) {
		for _, imported := range p[pkg].imports {
			if imported == everything {
				continue
			}
			target, known := p[imported]
			switch {
			case !known:
				t.Errorf("internal/arch/imports_test.go: the line of %s names %s, which has no line of its own", pkg, imported)
			case target.level > p[pkg].level:
				t.Errorf("internal/arch/imports_test.go: %s (%s) may not import %s (%s): imports go down. Move what both need to a lower floor.",
					pkg, p[pkg].floor, imported, target.floor)
			}
		}
	}
}

func TestImportsFollowThePlan(t *testing.T) {
	s := sources(t)
	p := plan()
	homeless := map[string]bool{}
	for _, f := range s.files {
		here, known := p[f.pkg]
		if !known {
			if !homeless[f.pkg] {
				homeless[f.pkg] = true
				t.Errorf("package %s has no line in the floor plan. Decide which floor it stands on and add it to house in internal/arch/imports_test.go with the packages it may import.", f.pkg)
			}
			continue
		}
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for imported, where := range s.imports(f) {
			pkg, ours := strings.CutPrefix(imported, module+"/")
			if !ours || allowed(p, here, pkg) {
				continue
			}
			t.Errorf("%s: %s may not import %s. Either it does not belong there (move the code, or let the caller hand in what is needed), or the plan is wrong: then add %q to the line of %s in internal/arch/imports_test.go and say why in the commit.",
				where, f.pkg, pkg, pkg, f.pkg)
		}
	}
}

func allowed(p map[string]place, here place, pkg string) bool {
	if slices.Contains(here.imports, pkg) {
		return true
	}
	return slices.Contains(here.imports, everything) && p[pkg].level <= here.level
}

// Test files may import more than the plan says, but a test on the ground floor
// that needs a surface tests the wrong thing.
func TestGroundIsTestedFromTheGround(t *testing.T) {
	s := sources(t)
	p := plan()
	for _, f := range s.files {
		if p[f.pkg].level != 0 || !strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for imported, where := range s.imports(f) {
			pkg, ours := strings.CutPrefix(imported, module+"/")
			if ours && under(pkg, surfaces...) {
				t.Errorf("%s: a test of %s imports the surface %s. Test through the package's own doors, or move the test up to %s.", where, f.pkg, pkg, pkg)
			}
		}
	}
}

// surfaces are the packages that speak HTTP to people and programs.
var surfaces = []string{"internal/web", "internal/api", "internal/app", "internal/demo", "cmd"}

// mayDial are the packages below the surfaces that may import net/http, each
// because something outside is asked, never answered.
var mayDial = map[string]string{
	"internal/collect": "collectors ask systems of record",
	"internal/ledger":  "timestamp authorities and witnesses are asked over HTTP",
	"internal/blob":    "S3 is asked over HTTP",
}

// Domain packages know nothing of requests and pages: the same verb answers the
// page, the API and the command line.
func TestDomainSpeaksNoHTTP(t *testing.T) {
	s := sources(t)
	dialers := slices.Collect(maps.Keys(mayDial))
	for _, f := range s.files {
		if f.test || under(f.pkg, surfaces...) || under(f.pkg, "bench", "e2e", "internal/arch") {
			continue
		}
		for imported, where := range s.imports(f) {
			pkg, ours := strings.CutPrefix(imported, module+"/")
			if ours && under(pkg, surfaces...) {
				t.Errorf("%s: %s is no surface and may not import %s. Return values and faults; the surface turns them into pages.", where, f.pkg, pkg)
			}
			if under(imported, "net/http") && !under(f.pkg, dialers...) {
				t.Errorf("%s: %s may not import %s. Take plain values as arguments and let the surface read the request; only collectors and the back ends in mayDial (internal/arch/imports_test.go) dial out.", where, f.pkg, imported)
			}
		}
	}
}

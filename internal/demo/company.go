package demo

import (
	"strings"

	"bevis/internal/authz"
	"bevis/internal/framework"
)

// Password signs every sample account in. Sample workspaces listen on the loopback
// address and hold nothing real.
const Password = "sample-data-only"

// person is a fictitious person.
type person struct {
	name, email string
	roles       []authz.Role
}

const (
	company = "Nordlys Exempel AB"
	zone    = "Europe/Stockholm"
	origin  = "demo.nordlys-exempel"
)

// The people of the company, and the auditor. None of them exists.
var (
	maja  = person{"Maja Lind", "maja.lind@nordlys.example", []authz.Role{authz.Lead}}
	amina = person{"Amina Yusuf", "amina.yusuf@nordlys.example", []authz.Role{authz.Administrator}}
	erik  = person{"Erik Holm", "erik.holm@nordlys.example", []authz.Role{authz.Owner}}
	sara  = person{"Sara Öberg", "sara.oberg@nordlys.example", []authz.Role{authz.Owner}}
	nils  = person{"Nils Åkerlund", "nils.akerlund@nordlys.example", []authz.Role{authz.Owner}}
	jonas = person{"Jonas Ek", "jonas.ek@nordlys.example", []authz.Role{authz.Manager}}
	tove  = person{"Tove Granit", "tove.granit@nordlys.example", []authz.Role{authz.Employee}}
	karin = person{"Karin Wall", "karin.wall@revision.example", []authz.Role{authz.Auditor}}
)

var staff = []person{maja, amina, erik, sara, nils, jonas, tove}

// categories of the sample examination.
var categories = framework.Categories{framework.Security, framework.Availability, framework.Confidentiality}

// adopted are the library controls that the sample company has made its own: a
// choice of its own, which a growing library does not change.
var adopted = strings.Fields(`
	AC-01 AC-02 AC-03 AC-04 AC-05 AC-06 BR-01 BR-02 BR-03 CH-01 CH-02 CH-03 CH-04 CH-05
	GP-01 GP-02 GP-03 GP-04 GP-05 GP-06 GP-07 GP-08 GP-09 GP-10 GP-11 GP-12 IR-01 IR-02 IR-03
	LS-01 LS-02 LS-03 LS-04 LS-05 LS-06 LS-07 LS-08 OP-01 OP-02 OP-03 OP-04 OP-05 OP-06
	RM-01 RM-02 RM-03 RM-04 RM-05 RM-06 VG-01 VG-02 VG-03`)

// ownerOf says who owns a control of a category.
func ownerOf(category string) person {
	switch category {
	case "access", "change":
		return erik
	case "operations", "backup", "security":
		return sara
	default:
		return nils
	}
}

// systems are where a control's evidence comes from, by evidence type.
var systems = map[string][2]string{
	"access_log":             {"Okta", "https://nordlys.okta.example/admin/reports"},
	"policy_acknowledgement": {"Policy portal", "https://portal.nordlys.example/policies/acknowledgements"},
	"change_record":          {"git", "https://git.nordlys.example/platform"},
	"incident_report":        {"Jira", "https://nordlys.jira.example/projects/INC"},
	"training_record":        {"Learning portal", "https://learn.nordlys.example/reports"},
	"backup_restore":         {"pgBackRest", "backup01.nordlys.example:/var/log/pgbackrest"},
	"vendor_due_diligence":   {"Vendor register", "https://portal.nordlys.example/vendors"},
	"system_monitoring":      {"Prometheus", "https://monitor.nordlys.example/graph"},
	"document":               {"Document store", "https://docs.nordlys.example/security"},
}

package demo

import (
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

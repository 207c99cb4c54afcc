// Package checks is the room for the screens about checks over populations: the
// newest result of each check and dataset, every item of a result, and the
// catalogue of checks with their SQL.
//
// Whatever stands here is management's monitoring. It is never an auditor's test,
// and every screen says so (domain 0a, rule 9).
package checks

import (
	"bevis/internal/check"
	"bevis/internal/web"
)

// Pages answers /checks.
type Pages struct {
	Shell  *web.Shell
	Checks *check.Service
}

// perPage is the number of rows of a list on one page (ui.md 4.4).
const perPage = 100

// Routes registers the routes.
func (p Pages) Routes() {
	p.Shell.Handle("GET /checks", p.list)
	p.Shell.Handle("GET /checks/{code}", p.show) // also {code}.json and {code}.csv
	p.Shell.Handle("GET /checks/catalogue/{id}", p.catalogue)
}

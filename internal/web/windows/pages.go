// Package windows is the room where time is looked at: the observation windows,
// what was expected in each and what happened, the acts that close and seal one,
// and the package that leaves the house.
package windows

import (
	"bevis/internal/account"
	"bevis/internal/pack"
	"bevis/internal/register"
	"bevis/internal/web"
	"bevis/internal/window"
)

// Pages answers the window pages. All fields but Dir are required.
type Pages struct {
	Shell    *web.Shell
	Store    *register.Store
	Accounts *account.Service
	Windows  *window.Service
	Packages *pack.Service
	// Dir is a folder of the process's own for finished packages, which stay there
	// until they are fetched or the process ends; "" offers no packages.
	Dir string

	packing chan struct{} // one package at a time
}

// Routes registers the pages.
func (p Pages) Routes() {
	p.packing = make(chan struct{}, 1)
	p.Shell.Handle("GET /windows", p.list)
	p.Shell.Handle("GET /windows/new", p.blank)
	p.Shell.Handle("POST /windows", p.open)
	p.Shell.Handle("GET /windows/{code}", p.show)
	p.Shell.Handle("GET /windows/{code}/occurrences", p.occurrences)
	p.Shell.Handle("GET /windows/{code}/evidence", p.evidence)
	p.Shell.Handle("GET /windows/{code}/populations", p.populations)
	p.Shell.Handle("GET /windows/{code}/changes", p.changes)
	p.Shell.Handle("GET /windows/{code}/close", p.askClose)
	p.Shell.Handle("POST /windows/{code}/close", p.close)
	p.Shell.Handle("GET /windows/{code}/seal", p.askSeal)
	p.Shell.Handle("POST /windows/{code}/seal", p.seal)
	p.Shell.Handle("POST /windows/{code}/package", p.create)
	p.Shell.Handle("GET /windows/{code}/package/{file}", p.download)
}

// Package populations is the room for the screens about populations: the datasets
// and the collector runs behind them, each dataset's completeness statement (IPE,
// T1), its rows and files, and the act that freezes it.
//
// Collection itself has no screen: it reads a path of the server, and those are
// the operator's.
package populations

import (
	"bevis/internal/check"
	"bevis/internal/population"
	"bevis/internal/web"
)

// Pages answers /populations.
type Pages struct {
	Shell       *web.Shell
	Populations *population.Service
	Checks      *check.Service
}

// perPage is the number of rows of a list on one page (ui.md 4.4).
const perPage = 100

// Routes registers the routes.
func (p Pages) Routes() {
	p.Shell.Handle("GET /populations", p.list)
	p.Shell.Handle("GET /populations/{code}", p.show) // also {code}.csv and {code}.parquet
	p.Shell.Handle("GET /populations/{code}/raw/{n}", p.raw)
	p.Shell.Handle("GET /populations/{code}/freeze", p.askFreeze)
	p.Shell.Handle("POST /populations/{code}/freeze", p.freeze)
	p.Shell.Handle("POST /populations/{code}/check/{check}", p.test)
}

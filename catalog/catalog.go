// Package catalog is the room for what ships with the product as data: checks,
// criteria, controls. Each kind has its own file here; this one holds the checks.
package catalog

import "embed"

// Checks holds checks/*.sql: one check a file, its description in a leading
// comment (package check reads it).
//
//go:embed checks/*.sql
var Checks embed.FS

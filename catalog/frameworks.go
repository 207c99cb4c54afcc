package catalog

import "embed"

// Frameworks holds the reference frameworks, one folder each, named after its id:
// framework.yaml (what it is), refs.csv (its references), crosswalk.csv (which
// criteria reach them). Package framework reads and checks them (C6).
//
//go:embed frameworks/*/framework.yaml frameworks/*/refs.csv frameworks/*/crosswalk.csv
var Frameworks embed.FS

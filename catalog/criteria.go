package catalog

import "embed"

// Criteria holds the criteria sets, one YAML file each, named after the set's id
// (criteria/tsc-2017.yaml). Package framework reads and checks them (C1).
//
//go:embed criteria/*.yaml
var Criteria embed.FS

package catalog

import "embed"

// Controls holds the control library, one YAML file per group.
//
//go:embed controls/*.yaml
var Controls embed.FS

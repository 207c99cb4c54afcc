package catalog

import "embed"

// Policies holds the policy templates, a folder each: policy.yaml says what it is,
// en.md and sv.md what it says.
//
//go:embed policies/*/policy.yaml policies/*/en.md policies/*/sv.md
var Policies embed.FS

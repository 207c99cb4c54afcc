// Package coverage is the room where it is computed how far the controls in force
// reach into other frameworks through a crosswalk (C6): build once, report many.
//
// A crosswalk is a proposal. A reference is mapped, partly mapped or unmapped, and
// never "covered" (domain 0a rule 8): a control that meets a criterion suggests,
// and never proves, that it meets what another framework asks.
//
// Nothing computed here is stored. What an organisation decides itself stands in
// registers: its own frameworks, and its statement of applicability.
package coverage

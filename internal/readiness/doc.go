// Package readiness is the room where it is computed how far the programme has
// come in a window: by control and by criterion, what was performed and when, what
// is missing, and how the months of the window are covered.
//
// Nothing here is stored: it follows from controls, evidence and check results.
// Its states are the company's own view of its work. They are no conclusion on
// whether controls operated, and an auditor never sees them (domain 0a rule 12).
package readiness

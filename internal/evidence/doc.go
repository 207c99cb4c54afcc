// Package evidence is the room where it is kept what shows that controls
// operated: files with where they come from, when the thing they show happened,
// who did it, what they support, and who reviewed them.
//
// The five audit-grade traits are form checks judged by rule (traits.go); they say
// nothing about whether a control operated. Lateness is computed from recorded
// times (labels.go), never typed.
package evidence

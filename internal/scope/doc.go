// Package scope is the room where it is said what is examined: the organisation,
// the categories it reports on, and the calendar its days are counted in.
package scope

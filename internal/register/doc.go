// Package register is the room where everything Bevis knows is kept: typed,
// versioned entries with links, their index, reads as of any moment, and the one
// write door through which every change goes.
//
// An entry is a Go struct stored as canonical JSON. Every change is a new version
// and no version is overwritten. Store.Write fixes who and when, runs the rules of
// each register it touches, and stores entry, index row, links and ledger leaf in
// one database transaction; nothing can be written that leaves no trace.
//
// One portable SQL text serves SQLite and PostgreSQL; the few points where they
// differ are in dialect.go.
package register

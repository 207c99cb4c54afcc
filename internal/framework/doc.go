// Package framework is the room for criteria sets: what a framework asks, its
// points of focus and the principles behind them, as versioned data (C1).
//
// The data lies in catalog/criteria, one YAML file a set, in English and Swedish.
// Ids are facts; every text is our own wording and must never be printed as the
// official criterion. A set is read once, checked whole, and refused if anything
// in it dangles. Points of focus inform; they are no requirements and never a gap
// by themselves.
package framework

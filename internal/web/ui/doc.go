// Package ui is the room for the parts that pages are made of: shell, tables, fields,
// figures and messages, in both themes and both languages.
//
// It knows nothing of controls or evidence. A component takes one props struct (or two
// or three plain arguments), asks no questions of its own, and says its own words
// through i18n; every other text arrives already translated. No component writes an
// inline style or script, because the content security policy of every page forbids
// them (ui.md 2.2), and each one works without JavaScript.
//
// Times are UTC. Nothing here reads a clock: "today" is always an argument.
package ui

// Package evidence is the room where evidence is looked at in the browser: the
// library of items, one item with its files and thread, and the form that adds one.
//
// What an auditor may see is decided in one place (sight.go), which every route,
// count and export goes through. Stored bytes leave only through download.go; no
// file is ever rendered as a page of this origin (design 4.10).
package evidence

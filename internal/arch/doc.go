// Package arch is the room for the tests that hold the house up: which package
// may import which, and the conventions that no compiler checks.
//
// imports_test.go is the floor plan and the first file a newcomer should read.
// There is no code here but tests.
package arch

// Package collect is the room for collector runs: reading a system of record and
// bringing home whole populations. Each source has a package of its own below
// this one, which touches neither database nor clock; collect/git is the first.
package collect

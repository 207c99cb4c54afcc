// Package control is the room where the organisation's controls are: the library
// they start from, their own wording and versions, the criteria they map to, and
// how often they are performed.
package control

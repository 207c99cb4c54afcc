// Package demo is the room where the sample company is made: a fictitious
// organisation's programme, a sealed Type 2 window and an open one, written
// through the same verbs as everything else, with a simulated clock and with gaps
// planted where an auditor would look for them.
package demo

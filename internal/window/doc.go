// Package window is the room where time is looked at: the observation window of
// an examination, the occurrences expected in it, and the three acts that fix it:
// freeze a population (package population), close, seal.
package window

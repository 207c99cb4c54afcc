// Package git is the room for the git collector: it reads the first-parent history
// of one branch with the git program and makes a population of changes from it,
// with the reviewers and references that the messages name.
//
// A git record proves little by itself: a reviewer line is text that the author
// can type, the committer's time is unverified, and a merge is not a deployment.
// The collector writes down what is there; what it means is said by the check.
//
// The repository may be anybody's. git runs without the user's and the system's
// configuration, and with replace objects, grafts, lazy fetch, every transport,
// mailmap, hooks, fsmonitor and the pager off; only plumbing commands that start
// no other program are used.
package git

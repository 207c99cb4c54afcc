// Package blob is the room where bytes lie under their SHA-256.
//
// A blob is named by what it is: the same bytes are kept once, and a name can be
// checked against its bytes by anybody. Put answers only when the bytes would
// survive a loss of power, and it keeps nothing of an attempt that failed (F2,
// F3). A digest is a name, not a permission: who may read a blob is decided by
// the entry that refers to it (T3).
package blob

// Package zipfile is the room where the auditor's package becomes one file: a zip
// with exactly one spelling.
//
// The same members in the same order give the same bytes on every machine, and
// Archive.Canonical proves it backwards: every byte of a file that is not data of
// a member must be what the Writer would have put there. So nothing can hide
// between members, in extra fields, in comments or behind the end, and two
// programs cannot read two different packages out of one file (T7, T8, T24).
//
// The canonical form, after PKWARE's APPNOTE 6.3.10: members stored (method 0) in
// the order given, each right behind the one before; time 1980-01-01 00:00; flag
// 11 (UTF-8) and no other; made by 3 (Unix) 4.5, mode 0100644; version needed 2.0,
// or 4.5 with Zip64; no extra field but Zip64's, and that only where a size or an
// offset is at least 0xFFFFFFFF or there are at least 0xFFFF members; no comment,
// no data descriptor, no directory member, nothing before, between or behind.
package zipfile

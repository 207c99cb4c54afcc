// Package check is the room for SQL checks over populations: the catalogue, the
// embedded engine that tests every item of a dataset, and the rules by which items
// become a result.
//
// A check is a file: a description in a leading comment and one SELECT in the SQL
// that SQLite, DuckDB and PostgreSQL share. The engine loads the dataset into a
// throw-away SQLite file and runs the SELECT on it read-only. The SQL may come out
// of somebody's package, so it is read word by word first: one SELECT over the
// check's own tables, known functions, no recursion, nothing that writes, opens
// files or tells the time. The same dataset and the same check version give the
// same result, byte for byte (T3, re-performance).
package check

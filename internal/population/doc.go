// Package population is the room for datasets: whole populations of changes and
// their reviews, the schemas that say what each field means, the digest by which
// a dataset is known, its Parquet carrier, and the statement of completeness
// that goes with it (IPE, T1).
//
// The package knows nothing of where rows come from or who tests them. Nothing in
// a row depends on the run that fetched it: no run ids, no collection times, no
// local paths. So the same source and window give the same digest on every
// machine.
package population

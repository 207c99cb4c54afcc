// Package bench is the room for the benchmarks: programs in a test's clothes that
// run the product and its peers in turns and print ratios.
//
// Each makes its data from a seed, runs at least five rounds of product and peer
// (A B A B …) and prints one line: medians over the rounds, the ratio to the peer,
// and the goal beside it. A wrong result fails; a slow one never does, because a
// time alone says more about the machine than about the product.
//
//	BENCH_SCALE=0.1     a tenth of the rows (default 1)
//	BENCH_ROUNDS=3      rounds (default 5)
//	BENCH_PROFILE=DIR   CPU profiles of the product's processes
//
// docs/benchmarks.md has the figures measured so far.
package bench

#!/usr/bin/env bash
# Runs every benchmark in bench/ once. Each is a program in a test's clothes: it
# makes its data from a seed, runs the product and its peers in turns and prints
# ratios, medians and percentiles. It fails on wrong results, never on a time.
#
#   ./scripts/bench.sh [PATTERN]    only the benchmarks whose name matches
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CGO_ENABLED=0

compgen -G 'bench/*_test.go' >/dev/null || compgen -G 'bench/*/*_test.go' >/dev/null ||
	fail 'there are no benchmarks in bench/'
./scripts/test-setup.sh go
say "$(go version), $(getconf _NPROCESSORS_ONLN) processors, load $(cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null || say unknown)"
POSTGRES_DURABLE=1 ./scripts/postgres.sh with \
	go test -run '^$' -bench "${1:-.}" -benchtime 1x -timeout 2h -v ./bench/...

#!/usr/bin/env bash
# race.sh [PACKAGES] runs the Go tests under the race detector, which alone of
# all targets needs cgo and a C compiler.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

have "$(CGO_ENABLED=1 go env CC)" || fail 'the race detector needs a C compiler: sudo apt-get install gcc libc6-dev'
./scripts/test-setup.sh go
(($#)) || set -- ./...
CGO_ENABLED=1 ./scripts/postgres.sh with go test -race -timeout 40m "$@"

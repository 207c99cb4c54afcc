#!/usr/bin/env bash
# unit.sh [PACKAGES] runs the Go tests without cgo, as the product is built; the
# database suites run on SQLite and on a private PostgreSQL.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CGO_ENABLED=0

(($#)) || set -- ./...
./scripts/postgres.sh with go test -timeout 20m "$@"

#!/usr/bin/env bash
# e2e.sh [PLAYWRIGHT ARGUMENTS] builds the product and runs the browser stories
# of e2e/specs against it. Each run starts with a fresh sample company.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CGO_ENABLED=0

if ! compgen -G 'e2e/specs/*.spec.mjs' >/dev/null; then
	say 'no browser tests: e2e/specs holds no *.spec.mjs'
	exit 0
fi

go build -trimpath -buildvcs=false -o bin/bevis ./cmd/bevis

cd e2e
# The stamp is npm's own record of what it installed; older than the lock file
# means that somebody changed a version.
if [[ ! node_modules/.package-lock.json -nt package-lock.json ]]; then
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
fi
npx --no-install playwright test "$@"

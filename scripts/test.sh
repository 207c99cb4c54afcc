#!/usr/bin/env bash
# Sets up what tests need, then passes all of them. Every part runs even when an
# earlier one failed, so that one run tells everything; the last lines sum up.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

./scripts/test-setup.sh go browser

failed=()
part() {
	local name=$1 began=$SECONDS
	shift
	say
	say "==== $name"
	if "$@"; then
		summary+=("passed  $name ($((SECONDS - began)) s)")
	else
		summary+=("FAILED  $name ($((SECONDS - began)) s)")
		failed+=("$name")
	fi
}

summary=()
part 'make check' ./scripts/check.sh
part 'make e2e' ./scripts/e2e.sh
part 'make unit' ./scripts/unit.sh

say
printf '%s\n' "${summary[@]}"
((${#failed[@]} == 0))

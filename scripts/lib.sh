# Sourced by the scripts beside it: strict mode, the repository's root, messages.
# shellcheck shell=bash
set -euo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export root
cd "$root"

say() { printf '%s\n' "$*"; }
fail() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# sources EXT… prints the repository's own files with these endings, sorted.
# Packages of the browser tests, caches and build results are not ours.
sources() {
	local names=() ext
	for ext in "$@"; do
		names+=(-o -name "*.$ext")
	done
	find . \( -name .git -o -name .cache -o -name node_modules -o -path ./bin \) -prune -o \
		-type f \( "${names[@]:1}" \) -print | LC_ALL=C sort
}

#!/usr/bin/env bash
# Everything that can be said about the sources without running the product.
# All checks run, whatever the earlier ones found; the end names what failed.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CGO_ENABLED=0

formatted() {
	local tool diff status=0
	tool=$(./scripts/tool.sh gofumpt)
	diff=$(sources go | { grep -v '_templ\.go$' || true; } | xargs -r "$tool" -d) || status=$?
	[[ -z $diff ]] && return "$status" # no difference and a failure: a file that does not parse
	say "$diff"
	say 'Run "make fmt".'
	return 1
}

scripts_parse() {
	local file bad=0
	for file in scripts/*.sh .ci/run; do
		bash -n "$file" || bad=1
	done
	return $bad
}

vetted() { go vet ./...; }

linted() {
	local tool
	tool=$(./scripts/tool.sh golangci-lint)
	"$tool" run --timeout 15m ./...
}

architecture() { go test ./internal/arch/...; }

# sums prints a digest for every generated file, so that two moments compare.
sums() { sources go | { grep '_templ\.go$' || true; } | xargs -r sha256sum; }

generated() {
	local tool before after
	[[ -n $(sources templ) ]] || { say 'no .templ files'; return; }
	tool=$(./scripts/tool.sh templ)
	before=$(sums)
	"$tool" generate -log-level warn
	after=$(sums)
	[[ $before == "$after" ]] && return
	diff <(say "$before") <(say "$after") || true
	say 'These generated files did not belong to their .templ files. They have been written anew: look at them and commit them.'
	return 1
}

tidy() {
	go mod tidy -diff && return
	say 'go.mod or go.sum does not say exactly what the sources import (difference above). Change one module at a time, then "go mod tidy".'
	return 1
}

failed=()
step() {
	say "== $1"
	# Not "|| status=$?": a command whose failure is awaited runs without -e.
	local status
	set +e
	(
		set -e
		"$2"
	)
	status=$?
	set -e
	if ((status)); then
		failed+=("$1")
	fi
}

step 'formatting (gofumpt)' formatted
step 'shell scripts parse' scripts_parse
step 'go vet' vetted
step 'linters (golangci-lint)' linted
step 'architecture (internal/arch)' architecture
step 'generated code is current (templ)' generated
step 'go.mod is tidy' tidy

if ((${#failed[@]})); then
	say
	printf 'check failed: %s\n' "${failed[@]}"
	exit 1
fi
say 'check: all good'

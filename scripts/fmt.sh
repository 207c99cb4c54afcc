#!/usr/bin/env bash
# Formats Go and templ sources in place.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

gofumpt=$(./scripts/tool.sh gofumpt)
templ=$(./scripts/tool.sh templ)
sources go | { grep -v '_templ\.go$' || true; } | xargs -r "$gofumpt" -l -w
if [[ -n $(sources templ) ]]; then
	"$templ" fmt -log-level warn internal
	"$templ" generate -log-level warn
fi

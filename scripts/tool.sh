#!/usr/bin/env bash
# tool.sh NAME prints the path of the development tool NAME, building it first
# if need be. The version is whatever tools/NAME/go.mod pins; the binary is kept
# in .cache/bin under that version and Go's, because a linter built with an
# older Go refuses newer sources.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

name=${1:?usage: tool.sh NAME}
mod=tools/$name/go.mod
[[ -f $mod ]] || fail "there is no tool named $name; tools/ holds: $(ls tools | tr '\n' ' ')"

package=$(awk '$1 == "tool" { print $2; exit }' "$mod")
[[ -n $package ]] || fail "$mod has no tool line"
# The module that holds the package is the longest required path it begins with.
version=$(awk -v package="$package" '
	$1 == "require" && NF > 2 { sub(/^require /, "") }
	index(package "/", $1 "/") == 1 && length($1) > length(best) { best = $1; version = $2 }
	END { print version }' "$mod")
[[ -n $version ]] || fail "$mod requires no module that holds $package"

binary=$root/.cache/bin/$name-$version-$(go env GOVERSION)
if [[ ! -x $binary ]]; then
	printf 'building %s %s (once; golangci-lint takes a few minutes)\n' "$name" "$version" >&2
	mkdir -p "$root/.cache/bin"
	(cd "tools/$name" && CGO_ENABLED=0 go build -trimpath -o "$binary.$$" "$package")
	mv "$binary.$$" "$binary"
fi
printf '%s\n' "$binary"

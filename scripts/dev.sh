#!/usr/bin/env bash
# dev.sh [SERVE FLAGS] runs the sample company and, whenever a source changes,
# builds again and restarts it. While a build fails the last good one keeps
# running. Ctrl-C ends both.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export CGO_ENABLED=0

data=${BEVIS_DATA:-$root/.cache/dev}
server=0

end() {
	((server == 0)) && return
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
	server=0
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# seen is one line for every source with its time of change.
seen() { sources go templ css js svg yaml sql json md mod | grep -v '_templ\.go$' | xargs stat -c '%n %Y %s'; }

build() {
	if [[ -n $(sources templ) ]]; then
		"$templ" generate -lazy -log-level warn || return
	fi
	go build -buildvcs=false -o .cache/bevis-dev.next ./cmd/bevis
}

templ=$(./scripts/tool.sh templ)
mkdir -p .cache
last=
while true; do
	now=$(seen)
	if [[ $now != "$last" ]]; then
		last=$now
		if build; then
			end
			mv .cache/bevis-dev.next .cache/bevis-dev
			.cache/bevis-dev demo --serve --data "$data" "$@" &
			server=$!
		else
			say 'build failed; waiting for the next change'
		fi
	fi
	sleep 1
done

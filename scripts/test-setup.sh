#!/usr/bin/env bash
# test-setup.sh [go] [browser] [make] makes sure the outside programs that tests
# use are here. As root on a Debian system it installs what is missing; anywhere
# else it says precisely what to install and exits 1. With everything in place
# it changes nothing and prints nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kinds=("$@")
((${#kinds[@]})) || kinds=(go browser)

missing=()  # what a person would call it
packages=() # what Debian calls it

need() { # NAME PACKAGES… : missing unless the command before it succeeded
	missing+=("$1")
	shift
	packages+=("$@")
}

postgres_here() { have pg_ctl || compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null; }
node_here() { have node && (($(node -p 'parseInt(process.versions.node)') >= 20)); }
chromium_here() { [[ -n ${CHROMIUM:-} && -x $CHROMIUM ]] || have chromium; }

look() {
	missing=()
	packages=()
	local kind
	for kind in "${kinds[@]}"; do
		case $kind in
		make)
			have make || need make make
			;;
		go)
			have git || need git git
			have openssl || need openssl openssl
			have sqlite3 || need sqlite3 sqlite3
			postgres_here || need PostgreSQL postgresql
			;;
		browser)
			node_here || need 'Node 20 or newer' nodejs
			have npm || need npm npm
			chromium_here || need 'Chromium (or its path in $CHROMIUM)' chromium fonts-liberation
			;;
		*) fail "unknown kind $kind; known: go, browser, make" ;;
		esac
	done
}

explain() {
	local what
	say 'These programs are missing:'
	for what in "${missing[@]}"; do
		say "  $what"
	done
	say "On Debian or Ubuntu: sudo apt-get install ${packages[*]}"
}

look
((${#missing[@]})) || exit 0

if ! have apt-get || ((EUID)); then
	explain >&2
	exit 1
fi

say "installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
# Tests start a PostgreSQL of their own: the package need not start another.
if [[ " ${packages[*]} " == *' postgresql '* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
	mkdir -p /etc/postgresql-common
	say 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}" >/dev/null

look
if ((${#missing[@]})); then
	say 'The packages were installed, yet something is still missing.' >&2
	explain >&2
	exit 1
fi

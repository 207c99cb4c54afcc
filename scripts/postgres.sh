#!/usr/bin/env bash
# A private PostgreSQL for tests and benchmarks: its own data directory, a free
# port on the loopback address, a random password, nothing shared with a server
# that may already run here.
#
#   postgres.sh start [DIR]     starts it (DIR: .cache/postgres) and prints its URL
#   postgres.sh stop [DIR]      stops it and removes DIR
#   postgres.sh with COMMAND…   runs COMMAND with BEVIS_TEST_POSTGRES set to the
#                               URL of a fresh server, which ends with COMMAND
#
# Tests need no durability, so fsync is off; POSTGRES_DURABLE=1 leaves it on,
# which is what a benchmark must compare with.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_programs() {
	if have pg_ctl && have initdb; then
		bin=$(dirname "$(readlink -f "$(command -v pg_ctl)")")
		return 0 # said aloud: in a trap a bare return repeats the status that led there
	fi
	bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) || true
	[[ -n $bin && -x $bin/pg_ctl ]] || fail 'PostgreSQL is not installed; run "make setup"'
}

# PostgreSQL refuses to run as root, so root borrows the account that the
# package made for it.
server() {
	if ((EUID == 0)); then
		(cd / && runuser -u postgres -- "$@")
	else
		"$@"
	fi
}

# place DIR makes DIR/run point at a fresh directory that the server's account
# can reach and own: inside DIR if it can get there, else under /tmp.
place() {
	local dir=$1 home
	mkdir -p "$dir"
	home=$(mktemp -d "$dir/server.XXXXXX")
	if ((EUID == 0)); then
		id postgres >/dev/null 2>&1 || fail 'there is no account named postgres to run the server under'
		chown postgres "$home"
		if ! server test -w "$home" 2>/dev/null; then
			rmdir "$home"
			home=$(mktemp -d /tmp/bevis-pg.XXXXXX)
			chown postgres "$home"
		fi
	fi
	printf '%s\n' "$home" >"$dir/home"
}

start() {
	local dir=$1 home sockets password port try options
	find_programs
	[[ ! -e $dir/home ]] || fail "$dir is in use; \"$0 stop $dir\" ends that server"
	place "$dir"
	home=$(<"$dir/home")
	# A socket's path may have 107 bytes: too few for a deep source directory.
	sockets=$(mktemp -d /tmp/bevis-pg.XXXXXX)
	printf '%s\n' "$sockets" >"$dir/sockets"
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	(umask 077 && printf '%s\n' "$password" >"$home/password")
	if ((EUID == 0)); then
		chown postgres "$sockets" "$home/password"
	fi
	server "$bin/initdb" --pgdata="$home/data" --username=bevis --pwfile="$home/password" \
		--auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 ||
		{ cat "$dir/log" >&2; fail 'initdb failed'; }

	options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$sockets"
	options+=' -c max_connections=120 -c shared_buffers=64MB -c timezone=UTC'
	[[ -n ${POSTGRES_DURABLE:-} ]] || options+=' -c fsync=off -c synchronous_commit=off -c full_page_writes=off'
	for try in 1 2 3 4 5; do
		port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000)) # below the ports handed to clients
		if server "$bin/pg_ctl" --pgdata="$home/data" --wait --timeout=60 --log="$home/log" \
			--options="$options -p $port" start >>"$dir/log" 2>&1; then
			PGPASSWORD=$password "$bin/psql" -h 127.0.0.1 -p "$port" -U bevis -d postgres -qX \
				-c 'CREATE DATABASE bevis_test' >&2
			printf 'postgres://bevis:%s@127.0.0.1:%s/bevis_test?sslmode=disable\n' "$password" "$port"
			return
		fi
		printf 'PostgreSQL did not start on port %s (try %s)\n' "$port" "$try" >&2
	done
	cat "$dir/log" "$home/log" >&2 || true
	fail 'PostgreSQL did not start'
}

stop() {
	local dir=$1 home sockets
	[[ -e $dir/home ]] || return 0
	find_programs
	home=$(<"$dir/home")
	sockets=$(cat "$dir/sockets" 2>/dev/null || true)
	if [[ -e $home/data/postmaster.pid ]]; then
		server "$bin/pg_ctl" --pgdata="$home/data" --wait --mode=immediate stop >>"$dir/log" 2>&1 ||
			printf 'PostgreSQL in %s did not stop; see %s\n' "$home" "$home/log" >&2
	fi
	rm -rf "$home" "${sockets:-$dir/sockets}" "$dir"
}

case ${1:-} in
start) start "${2:-$root/.cache/postgres}" ;;
stop) stop "${2:-$root/.cache/postgres}" ;;
with)
	shift
	(($#)) || fail 'with: which command?'
	dir=$root/.cache/postgres.$$
	trap 'stop "$dir"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	BEVIS_TEST_POSTGRES=$(start "$dir")
	export BEVIS_TEST_POSTGRES
	"$@"
	;;
*) fail 'start [DIR], stop [DIR] or with COMMAND…' ;;
esac

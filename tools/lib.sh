# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# What the scripts in tools/ share. Sourced with $top set to the root of the tree.

note()
{
	printf '%s\n' "$*" >&2
}

die()
{
	note "error: $*"
	exit 1
}

# quietly LOG WHAT COMMAND...: nothing is printed unless it takes long or fails.
quietly()
{
	log=$1 what=$2
	shift 2
	mkdir -p "$(dirname "$log")"
	# the sleep outlives the shell around it and must not hold the caller's pipe
	(
		sleep 2 >/dev/null 2>&1
		note "$what ..."
	) >/dev/null &
	teller=$!
	status=0
	"$@" >"$log" 2>&1 || status=$?
	kill "$teller" 2>/dev/null || true
	wait "$teller" 2>/dev/null || true
	if [ "$status" -ne 0 ]; then
		cat "$log" >&2
		die "$what failed"
	fi
}

# locked NAME COMMAND...: one process at a time does what is called NAME to this tree; the others wait.
locked()
{
	lock=$1
	shift
	mkdir -p "$top/build"
	(
		flock -n 9 || {
			note "waiting for another process: $lock"
			flock 9
		}
		"$@" 9>&-
	) 9>"$top/build/$lock.lock"
}

# configure NAME OPTION...: build/NAME exists with at least these options. A tree that was
# copied with its build folder is configured anew, because meson remembers where it was.
configure()
{
	name=$1 dir=$top/build/$1
	shift
	for option in "place=$top" "$@"; do
		if ! grep -qxFe "$option" "$dir/options" 2>/dev/null; then
			rm -rf "$dir"
			quietly "$top/build/$name.log" "configuring $name" meson setup "$dir" "$top" "$@"
			printf '%s\n' "place=$top" "$@" >"$dir/options"
			return
		fi
	done
}

configure_and_build()
{
	configure "$@"
	quietly "$top/build/$1.log" "building $1" ninja -C "$top/build/$1"
}

# build NAME OPTION...
build()
{
	locked "$1" configure_and_build "$@"
}

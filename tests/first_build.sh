#!/bin/sh
# SPDX-License-Identifier: MIT
# Two tools/run at once in a tree that nothing was built in. Programs that only note who calls them
# stand for those that install and build: the second run starts while the first is inside one of
# them, which ends only when the second waits, or is inside one itself. TAP on stdout.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
number=0
failed=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# program NAME: what stdin says, behind what all of them do, becomes a program on the path.
program()
{
	{
		cat <<-'end'
			#!/bin/sh
			name=$(basename "$0")
			echo "$name $1" >>"$STATE/calls"
			mkdir "$STATE/busy" 2>/dev/null || echo "$name beside another" | tee -a "$STATE/overlap" >"$STATE/news"
			if [ "$name" = "$MEET_IN" ] && mkdir "$STATE/met" 2>/dev/null; then
				(code=0; "$TREE/tools/run" x.json >"$STATE/second" 2>"$STATE/news" 9>&- || code=$?
				echo "$code" >"$STATE/second.code"; echo end >"$STATE/ended") &
				read -r news <"$STATE/news"
				echo "$news" >"$STATE/met/news"
			fi
		end
		cat
		echo 'rmdir "$STATE/busy" 2>/dev/null; exit 0'
	} >"$PROGRAMS/$1"
	chmod +x "$PROGRAMS/$1"
}

make_programs()
{
	PROGRAMS=$scratch/programs
	mkdir "$PROGRAMS"
	program apt-get <<-'end'
		case " $* " in *" install "*) : >"$STATE/installed" ;; esac
	end
	program meson <<-'end'
		mkdir "$2"
	end
	program ninja <<-'end'
		mkdir -p "$2/tools"
		printf '#!/bin/sh\necho "$@"\n' >"$2/tools/ffasim"
		chmod +x "$2/tools/ffasim"
	end
	cat >"$PROGRAMS/dpkg-query" <<-'end'
		#!/bin/sh
		[ -f "$STATE/installed" ] || exit 1
		shift 3
		printf '%s:installed ' "$@"
	end
	printf '#!/bin/sh\nexec "$@"\n' >"$PROGRAMS/sudo"
	chmod +x "$PROGRAMS"/*
}

wrong()
{
	printf '%s\n' "$*" >>"$scratch/problems"
}

# meet_in PROGRAM: the second run starts when the first is inside PROGRAM.
meet_in()
{
	STATE=$scratch/$1
	TREE=$STATE/tree
	MEET_IN=$1
	export STATE TREE MEET_IN
	mkdir -p "$TREE/tools"
	mkfifo "$STATE/news" "$STATE/ended"
	exec 3<>"$STATE/news" 4<>"$STATE/ended"
	cp "$top/tools/run" "$top/tools/setup" "$top/tools/lib.sh" "$TREE/tools/"
	code=0
	PATH=$PROGRAMS:$PATH "$TREE/tools/run" x.json >"$STATE/first" 2>"$STATE/err" || code=$?
	[ "$code" -eq 0 ] || wrong "the first ended with $code: $(cat "$STATE/err")"
	[ -d "$STATE/met" ] || { wrong "the second was never started"; return; }
	read -r _ <"$STATE/ended"
	[ "$(cat "$STATE/second.code")" -eq 0 ] || wrong "the second ended with $(cat "$STATE/second.code")"
	[ ! -f "$STATE/overlap" ] || wrong "$(cat "$STATE/overlap")"
	grep -q '^waiting for ' "$STATE/met/news" || wrong "the second did not wait: $(cat "$STATE/met/news")"
	for run in first second; do
		grep -qx 'run x.json' "$STATE/$run" || wrong "the $run ran something else: $(cat "$STATE/$run")"
	done
	for call in "apt-get -qq" "meson setup"; do
		[ "$(grep -cx "$call" "$STATE/calls")" -eq "$(grep -cx "$call" "$scratch/alone")" ] ||
			wrong "'$call' was called again: $(cat "$STATE/calls")"
	done
}

# What one run alone calls.
alone()
{
	STATE=$scratch/one
	export STATE MEET_IN=none TREE="$scratch/one/tree"
	mkdir -p "$TREE/tools"
	cp "$top/tools/run" "$top/tools/setup" "$top/tools/lib.sh" "$TREE/tools/"
	PATH=$PROGRAMS:$PATH "$TREE/tools/run" x.json >"$STATE/out" 2>&1 || wrong "$(cat "$STATE/out")"
	cp "$STATE/calls" "$scratch/alone"
	for name in apt-get meson ninja; do
		grep -q "^$name " "$STATE/calls" || wrong "$name was never called"
	done
}

# test_case NAME COMMAND...
test_case()
{
	number=$((number + 1))
	title=$1
	shift
	: >"$scratch/problems"
	"$@" || wrong "the test itself failed"
	if [ -s "$scratch/problems" ]; then
		failed=1
		echo "not ok $number - $title"
		sed 's/^/# /' "$scratch/problems"
	else
		echo "ok $number - $title"
	fi
}

make_programs
test_case "one run alone installs, configures and builds" alone
test_case "two runs do not install at once" meet_in apt-get
test_case "two runs do not configure at once" meet_in meson
test_case "two runs do not build at once" meet_in ninja
echo "1..$number"
exit $failed

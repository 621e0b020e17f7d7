#!/bin/sh
# SPDX-License-Identifier: MIT
# An installed ffasim, moved to where it was not configured for, away from its sources and its
# build: usage: install.sh MESON BUILD. TAP on stdout.
set -eu

meson=$1
build=$(realpath "$2")
top=$(cd "$(dirname "$0")/.." && pwd)
number=0
failed=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset FFASIM_FIXTURES FFASIM_SUBJECT_DIR FFASIM_AARCH64_SUBJECT_DIR

# Makes $installed, the prefix of a tree that was staged and then moved, and $work with scenarios.
make_trees()
{
	"$meson" install --no-rebuild -C "$build" --destdir "$scratch/stage" >"$scratch/log" 2>&1 || {
		sed 's/^/# /' "$scratch/log"
		echo "Bail out! nothing was installed"
		exit 1
	}
	program=$(find "$scratch/stage" -path '*/bin/ffasim')
	mkdir "$scratch/moved"
	mv "$(dirname "$(dirname "$program")")" "$scratch/moved/here"
	rm -rf "$scratch/stage"
	installed=$scratch/moved/here
	work=$scratch/work
	mkdir "$work"
	cp "$top/scenarios/notification/r01-set-unbind.json" "$work/race.json"
	cp "$top/scenarios/profiles/hafnium.json" "$work/profile.json"
	cp "$top/scenarios/proxy/version.json" "$work/proxy.json"
	cd "$work"
}

# run ARGUMENT...: of the installed command; its output in "out" and "err", its exit code in $code.
run()
{
	code=0
	"$installed/bin/ffasim" "$@" >out 2>err || code=$?
}

wrong()
{
	printf '%s\n' "$*" >>problems
}

want_code()
{
	[ "$code" -eq "$1" ] || wrong "exit code $code instead of $1: $(head -n 3 out err)"
}

# want FILE TEXT...
want()
{
	file=$1
	shift
	for text; do
		grep -qF -e "$text" "$file" || wrong "'$text' is not in $file: $(cat "$file")"
	done
}

# test_case NAME COMMAND...; a command that prints "skip REASON" is skipped.
test_case()
{
	number=$((number + 1))
	title=$1
	shift
	: >problems
	said=$("$@") || wrong "the test itself failed"
	if [ -s problems ]; then
		failed=1
		echo "not ok $number - $title"
		sed 's/^/# /' problems
	else
		case $said in
		"skip "*) title="$title # SKIP ${said#skip }" ;;
		esac
		echo "ok $number - $title"
	fi
}

every_build_runs()
{
	for subject in inline process; do
		for build in plain O2 O0; do
			run run --subject $subject --build $build race.json profile.json proxy.json
			want_code 0
			want out "3 passed on $subject/$build"
		done
	done
}

other_verbs()
{
	run check .
	want_code 0
	run list .
	want_code 0
	want out "race" "profile" "proxy"
	run explore --granularity access race.json
	want_code 0
	want out "(inline/O2)"
	run replay profile.json
	want_code 0
	run compare --subject inline --subject process race.json
	want_code 0
	run shrink -E always-fail race.json
	want_code 0
	want out "race-shrunk.json"
}

schema()
{
	run schema
	want_code 0
	cmp -s out "$installed/share/ffasim/schema/scenario.json" || wrong "another schema is installed"
}

shipped_scenarios()
{
	run run --quiet "$installed/share/ffasim/scenarios/profiles"
	want_code 0
	want out " passed on inline/plain"
	count=$(find "$installed/share/ffasim/scenarios" -name '*.json' | wc -l)
	[ "$count" -eq "$(find "$top/scenarios" -name '*.json' | wc -l)" ] ||
		wrong "$count scenarios are installed"
}

through_a_link()
{
	mkdir -p ../elsewhere/bin
	ln -s "$installed/bin/ffasim" ../elsewhere/bin/ffasim
	code=0
	../elsewhere/bin/ffasim run profile.json >out 2>err || code=$?
	want_code 0
}

# A folder that only looks like that of a build is not taken for it.
no_strange_subjects()
{
	mkdir "$installed/subjects"
	echo 'no subject' >"$installed/subjects/hypervisor-plain.so"
	run run race.json
	want_code 0
	rm -r "$installed/subjects"
}

overridden()
{
	mkdir -p other/spmc
	FFASIM_SUBJECT_DIR=$work/other run run race.json
	want_code 5
	want out "there is no subject '$work/other/hypervisor-plain.so'"
	cp "$installed/share/ffasim/fixtures/spmc/hafnium.json" other/spmc/mine.json
	sed 's/"hafnium"/"mine"/' profile.json >mine.json
	grep -q '"mine"' mine.json || wrong "the scenario names no profile"
	run run mine.json
	want_code 3
	FFASIM_FIXTURES=$work/other run run mine.json
	want_code 0
	rm -r mine.json other
}

without_subjects()
{
	cp -R "$installed" ../bare
	rm -r ../bare/libexec
	code=0
	../bare/bin/ffasim run race.json >out 2>err || code=$?
	want_code 5
	want out "there is no subject '" "FFASIM_SUBJECT_DIR"
}

aarch64()
{
	if [ ! -f "$build/../aarch64/build.ninja" ]; then
		echo "skip there is no aarch64 build beside this one"
		return
	fi
	"$meson" install --no-rebuild -C "$build/../aarch64" --destdir "$scratch/stage" >log 2>&1 ||
		wrong "$(cat log)"
	folder=$(find "$scratch/stage" -path '*/libexec/ffasim')
	cp -R "$folder/aarch64" "$installed/libexec/ffasim/"
	run run --subject aarch64 race.json
	want_code 0
	want out "1 passed on aarch64/plain"
}

make_trees
test_case "every build of every mediator runs" every_build_runs
test_case "every verb works" other_verbs
test_case "the schema is that of the command" schema
test_case "the scenarios are there" shipped_scenarios
test_case "a link to the command is followed" through_a_link
test_case "a folder beside bin is not taken for a build" no_strange_subjects
test_case "the environment names other folders" overridden
test_case "without subjects the folder is named" without_subjects
test_case "the aarch64 subjects are installed beside the others" aarch64
echo "1..$number"
exit $failed

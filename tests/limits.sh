#!/bin/sh
# SPDX-License-Identifier: MIT
# Signals that end a verb, and limits of the system: usage: limits.sh FFASIM. TAP on stdout.
# Every verb keeps what it has found, and nothing that is used up is a word about a scenario.
set -eu

ffasim=$(realpath "$1")
subjects=$(realpath "$(dirname "$1")/../subjects")
number=0
failed=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# run ARGUMENT...: ffasim's output in "out" and "err", its exit code in $code. It ends in time.
run()
{
	code=0
	timeout -s KILL 60 "$ffasim" "$@" >out 2>err || code=$?
}

# within LIMIT ARGUMENT...: the same with a limit of the shell, such as "-n 20"; skips what it cannot set.
within()
{
	limit=$1
	shift
	code=0
	# shellcheck disable=SC2086,SC3045 # words; dash, bash and busybox have these
	(ulimit $limit && exec timeout -s KILL 60 "$ffasim" "$@") >out 2>err || code=$?
}

wrong()
{
	printf '%s\n' "$*" >>problems
}

want_code()
{
	[ "$code" -eq "$1" ] || wrong "exit code $code instead of $1: $(head -n 3 err) $(head -n 5 out)"
}

# want FILE TEXT...: every text is in the file.
want()
{
	file=$1
	shift
	for text in "$@"; do
		grep -qF -e "$text" "$file" || wrong "'$text' is not in $file: $(cat "$file")"
	done
}

# want_none FILE TEXT...: none of them is.
want_none()
{
	file=$1
	shift
	for text in "$@"; do
		! grep -qF -e "$text" "$file" || wrong "'$text' is in $file: $(cat "$file")"
	done
}

test_case()
{
	number=$((number + 1))
	title=$1
	shift
	: >problems
	rm -f starts
	"$@" || wrong "the test itself failed"
	if [ -s problems ]; then
		failed=1
		echo "not ok $number - $title"
		sed 's/^/# /' problems
	else
		echo "ok $number - $title"
	fi
}

# scenario FILE: two calls that race, and an expectation that one order does not meet.
scenario()
{
	cat >"$1" <<-end
		{ "about": "SET by vm2 races UNBIND by vm1",
		  "machine": { "mediator": "hypervisor", "vms": { "vm1": {"vcpus": 2}, "vm2": {}, "vm3": {} } },
		  "setup": [
		    {"vm1.0": "FFA_VERSION", "version": "1.2"}, {"vm2.0": "FFA_VERSION", "version": "1.2"},
		    {"vm1.0": "FFA_NOTIFICATION_BIND", "sender": "vm2", "receiver": "vm1", "flags": 0,
		     "bitmap": "0x1", "expect": "SUCCESS"} ],
		  "threads": {
		    "vm1.0": [ {"call": "FFA_NOTIFICATION_UNBIND", "sender": "vm2", "receiver": "vm1",
		                "bitmap": "0x1", "as": "unbind"} ],
		    "vm2.0": [ {"call": "FFA_ID_GET"},
		               {"call": "FFA_NOTIFICATION_SET", "sender": "vm2", "receiver": "vm1",
		                "flags": 0, "bitmap": "0x1", "as": "set"} ] },
		  "schedules": { "unbind-first": [ {"run": "vm1.0", "until": "return"}, "rest" ] },
		  "outcomes": { "never": ["set == DENIED"] } }
	end
}

# A subject that ends ffasim from inside with its start number \$1, and from then on sleeps: no
# moment has to be guessed, and nothing but the signal can end the wait for it.
subject_that_ends_at()
{
	cat >stubborn <<-end
		#!/bin/sh
		echo >>"$scratch/starts"
		[ "\$(wc -l <"$scratch/starts")" -ge $1 ] || exec "$subjects/hypervisor-plain"
		read -r _ _ _ parent _ <"/proc/\$PPID/stat"
		kill -TERM "\$parent"
		exec sleep 1000
	end
	chmod +x stubborn
}

run_ends()
{
	subject_that_ends_at 1
	run run --subject ./stubborn --timeout 900 a.json b.json
	want_code 143
	want err "interrupted by signal 15 (Terminated) after 0 of 2 scenarios"
}

replay_ends()
{
	subject_that_ends_at 1
	run replay --subject ./stubborn --timeout 900 a.json
	want_code 143
}

explore_ends_before_it_begins()
{
	for more in "" "-j2" "--strategy random" "--checkpoint kept"; do
		rm -f starts
		subject_that_ends_at 1
		# shellcheck disable=SC2086 # words
		run explore --subject ./stubborn --timeout 900 $more a.json
		want_code 143
		want out "nothing: interrupted before the search began"
		want err "interrupted by signal 15"
		want_none out "crash" "environment" "pass"
	done
}

# The second process never answers; what the first has found is told.
explore_ends_with_what_it_has()
{
	subject_that_ends_at 2
	run explore --subject ./stubborn --timeout 900 -j2 --strategy random --max-executions 100000000 a.json
	want_code 143
	want out "not complete, interrupted: random" "fail: outcome: must never hold: 'set == DENIED'"
	want_none out "crash" "environment"
}

explore_replay_ends()
{
	subject_that_ends_at 1
	run explore --subject ./stubborn --timeout 900 --replay sync:a a.json
	want_code 143
	want out "nothing: the execution was interrupted"
	want_none out "crash"
}

shrink_ends_before_it_begins()
{
	subject_that_ends_at 1
	run shrink --subject ./stubborn --timeout 900 -o small.json a.json
	want_code 143
	want err "interrupted before it was known whether 'a.json' fails: nothing is written"
	[ ! -e small.json ] || wrong "there is a file"
}

# Whatever it was at, there is a file, and that fails.
shrink_keeps_the_smallest()
{
	for start in 2 3 5 8 13 21 34; do
		rm -f starts small.json
		subject_that_ends_at "$start"
		run shrink --subject ./stubborn --timeout 900 -o small.json a.json
		want_code 143
		want out "small.json: " "; not minimal, interrupted" "outcome: must never hold: 'set == DENIED'"
		want err "interrupted by signal 15 (Terminated): the smallest file so far is written"
		run run small.json
		want_code 1
		want out "must never hold: 'set == DENIED'"
		[ -e first.json ] || mv small.json first.json
	done
	run shrink --subject "$subjects/hypervisor-plain.so" -o least.json a.json
	want_code 0
	[ "$(wc -c <least.json)" -lt "$(wc -c <first.json)" ] || wrong "nothing was taken out"
}

shrink_shows_progress()
{
	run shrink --progress -o small.json a.json
	want_code 0
	want err "a.json: 1 candidate, 0 taken over: " " steps, 6 calls, 0 preemptions, 0 s"
	run shrink -o smaller.json a.json
	[ ! -s err ] || wrong "standard error is no terminal, and there is something: $(cat err)"
}

# The start for the second file, which has another mediator, ends it: one file has been compared.
compare_keeps_what_it_has()
{
	sed 's/"mediator": "hypervisor"/"mediator": "other"/' a.json >other.json
	subject_that_ends_at 2
	run compare --subject "$subjects/hypervisor-plain.so" --subject ./stubborn a.json other.json
	want_code 143
	want out "1 scenario on $subjects/hypervisor-plain.so and ./stubborn: the same contract traces"
	want err "interrupted by signal 15 (Terminated) with 1 of 2 scenarios compared"
}

# verbs LIMIT TEXT: every verb that needs a subject ends as the environment's, and names TEXT.
verbs()
{
	for verb in "run a.json" "replay a.json" "explore a.json" "explore -j3 --strategy dpor a.json" \
		"explore --replay sync:a a.json" "shrink -o small.json a.json" \
		"compare --subject inline --subject process a.json" "replay --until 1 a.json" \
		"run --subject process a.json"; do
		# shellcheck disable=SC2086 # words
		within "$1" $verb
		want_code 7
		cat out err >both
		want both "$2"
		want_none both "invalid" "crash" "bug" "complete: "
	done
}

descriptors()
{
	verbs "-n 20" "Too many open files"
	# too few for the scenario itself, or for a process
	for count in 4 5 6; do
		within "-n $count" run a.json
		want_code 7
		cat out err >both
		want both "Too many open files"
		want_none both "invalid"
	done
}

file_size()
{
	verbs "-f 10" "File too large"
}

stack()
{
	code=0
	# shellcheck disable=SC3045
	(ulimit -s 100 && exec "$ffasim" run a.json) >out 2>err || code=$?
	want_code 7
	want err "the stack has a limit of 100 KiB (ulimit -s), and ffasim needs 1024"
	# a soft limit alone is raised
	# shellcheck disable=SC3045
	(ulimit -S -s 100 && exec "$ffasim" run --quiet b.json) >out 2>err || wrong "$(cat out err)"
}

# The search goes on in a new process until the limit has been reached in three.
cpu_time()
{
	within "-t 1" explore --strategy random --max-executions 100000000 b.json
	want_code 7
	want out "not complete, ended by the environment: random" "its limit of CPU time is used up (ulimit -t)"
	want_none out "crash" "bug"
}

address_space()
{
	within "-v 60000" explore a.json
	want_code 7
	want err "cannot map " " bytes of memory that processes share: Cannot allocate memory"
	within "-v 600000" explore --memory 1M a.json
	want_code 1
}

scenario a.json
scenario b.json
sed -i 's/"never": .*/"always": ["set == SUCCESS || unbind == SUCCESS"] } }/' b.json

echo "TAP version 13"
echo "1..14"
test_case "run ends" run_ends
test_case "replay ends" replay_ends
test_case "explore ends before it begins" explore_ends_before_it_begins
test_case "explore ends with what it has" explore_ends_with_what_it_has
test_case "a replayed path ends" explore_replay_ends
test_case "shrink ends before it begins" shrink_ends_before_it_begins
test_case "shrink keeps the smallest" shrink_keeps_the_smallest
test_case "shrink shows progress" shrink_shows_progress
test_case "compare keeps what it has" compare_keeps_what_it_has
test_case "descriptors" descriptors
test_case "size of a file" file_size
test_case "stack" stack
test_case "CPU time" cpu_time
test_case "address space" address_space
exit $failed

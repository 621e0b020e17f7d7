#!/bin/sh
# SPDX-License-Identifier: MIT
# Explorations spread over processes and machines, as docs/scaling.md tells, with the ffasim
# command: usage: scale.sh FFASIM SCENARIO. TAP on stdout.
set -eu

ffasim=$(realpath "$1")
scenario=$(realpath "$2")
subject=$(dirname "$ffasim")/../tests/subjects/broken-plain.so
number=0
failed=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

wrong()
{
	printf '%s\n' "$*" >>problems
}

# run ARGUMENT...: its output in "out" and "err", its exit code in $code.
run()
{
	code=0
	"$ffasim" "$@" >out 2>err || code=$?
}

want_code()
{
	[ "$code" -eq "$1" ] || wrong "exit code $code instead of $1: $(head -n 3 err)"
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

# equal FILE FILE
equal()
{
	cmp -s "$1" "$2" || wrong "$1 and $2 differ: $(diff "$1" "$2" | head -n 4)"
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
		echo "ok $number - $title${said:+ # SKIP ${said#skip }}"
	fi
}

# A search of each kind that has something to share.
searches="stateful
exhaustive --granularity call
bounded --granularity call
dpor
random --max-executions 4000
pct --max-executions 4001
pos --max-executions 4000
urw --max-executions 4000
portfolio --max-executions 4000"

# same_for_any_number SEARCH...
same_for_any_number()
{
	for j in 1 2 3; do
		run explore -j$j --strategy "$@" "$scenario"
		want_code 0
		mv out "out.$j"
	done
	[ -s out.1 ] || wrong "no report"
	equal out.1 out.2
	equal out.1 out.3
}

# joined SEARCH...: what three shards come to
joined()
{
	for k in 1 2 3; do
		run explore --strategy "$@" --shard $k/3 --result "r.$k" "$scenario"
	done
	run explore --strategy "$@" "$scenario"
	mv out whole
	run merge r.3 r.1 r.2
	want_code 0
	[ -s whole ] || wrong "no report"
	equal whole out
}

# The hit rates are of all shards, too.
joined_finding()
{
	search="--strategy portfolio --max-executions 4000 -E always-fail"
	# shellcheck disable=SC2086 # words
	for k in 1 2 3; do
		run explore $search --shard $k/3 --result "r.$k" "$scenario"
	done
	# shellcheck disable=SC2086
	run explore $search "$scenario"
	mv out whole
	want whole "4000 executions (bounded " "    hit by bounded " ", random " ", urw "
	run merge r.3 r.1 r.2
	want_code 1
	equal whole out
}

# With a time budget it is the portfolio that is used, and the budget that is the limit.
time_budget()
{
	run explore --time 600 --max-executions 300 "$scenario"
	want_code 0
	want out "sampled: portfolio at sync granularity, 300 executions (bounded "
	run explore --time 2 --result budget "$scenario"
	want_code 6
	want budget '"max-executions":1099511627776'
	want out "sampled until --time was over: portfolio at sync granularity, "
	run explore --time 600 --strategy dpor "$scenario"
	want_code 0
	want out "complete: dpor at sync granularity, "
}

# Executions that are drawn are spread evenly; a shard that there is nothing for says so.
even_shards()
{
	search="--strategy random --max-executions 4001"
	for k in 1 2 3; do
		# shellcheck disable=SC2086 # words
		run explore $search --shard $k/3 "$scenario"
		want_code 0
		want out "sampled: random at sync granularity, shard $k of 3, $((1334 - k / 3)) executions, "
	done
	run explore --strategy random --max-executions 2 --shard 3/3 --result r.3 "$scenario"
	want_code 3
	want out "incomplete: $scenario" \
		"nothing: the search has 2 parts, and none of them is of shard 3 of 3: random at sync"
	for k in 1 2; do
		run explore --strategy random --max-executions 2 --shard $k/3 --result r.$k "$scenario"
		want_code 0
	done
	run merge r.1 r.2 r.3
	want_code 0
	want out "sampled: random at sync granularity, 2 executions, "
}

with_gnu_parallel()
{
	parallel --version 2>/dev/null | grep -q '^GNU parallel' || {
		echo "skip GNU parallel is not installed"
		return
	}
	parallel --will-cite -j 2 "$ffasim" explore --strategy dpor --shard '{}/4' \
		--result 'part-{}.json' "$scenario" ::: 1 2 3 4 >each 2>&1 || wrong "$(cat each)"
	run explore --strategy dpor "$scenario"
	mv out whole
	run merge part-*.json
	want_code 0
	equal whole out
}

# refused CODE TEXT ARGUMENT...
refused()
{
	want_this=$1 text=$2
	shift 2
	run "$@"
	want_code "$want_this"
	want err "$text"
}

wrong_results()
{
	for k in 1 2 3; do
		run explore --strategy random --max-executions 600 --shard $k/3 --result "r.$k" "$scenario"
	done
	run explore --strategy random --max-executions 600 --seed 2 --shard 3/3 --result seed "$scenario"
	run explore --strategy random --max-executions 600 --shard 1/2 --result half "$scenario"
	echo '{"ffasim": "result", "version": 99, "files": []}' >version
	refused 3 "shard 3 of 3 of '$scenario' is missing" merge r.1 r.2
	refused 3 "is there twice: in 'r.2', too" merge r.1 r.2 r.2 r.3
	refused 3 "'seed' is of another search: its seed is '2', here it is '1'" merge r.1 r.2 seed
	refused 3 "'half' is of another splitting" merge r.2 r.3 half
	refused 3 "'version' is a result of another version" merge version
	refused 3 "'/dev/null' is no result of an exploration" merge /dev/null
	refused 2 "no result given" merge
}

usage()
{
	refused 2 "'3/2' is no shard" explore --shard 3/2 "$scenario"
	refused 2 "'1/2x' is no shard" explore --shard 1/2x "$scenario"
	refused 2 "does not split a stateful search" explore --shard 1/2 "$scenario"
	refused 2 "'12q' is no size of memory" explore --memory 12q "$scenario"
	refused 2 "from 1M to 1024G" explore --memory 1K "$scenario"
	refused 2 "from 1M to 1024G" explore --memory 2000000000G "$scenario"
	refused 2 "from 1M to 1024G" explore --memory 1025G "$scenario"
	refused 2 "--jobs is a number from 0 to 256" explore -j300 "$scenario"
	refused 2 "--checkpoint takes one file" explore --checkpoint c "$scenario" "$scenario"
	refused 3 "none" explore --resume none "$scenario"
}

# The signal waits from before the program starts, so it comes at the first moment it is let in.
interrupted()
{
	code=0
	python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
os.kill(os.getpid(), signal.SIGINT)
os.execv(sys.argv[1], sys.argv[1:])' "$ffasim" explore --strategy random --max-executions 100000000 \
		--checkpoint kept "$scenario" >out 2>err || code=$?
	want_code 130
	want out "not complete, interrupted: random"
	want err "interrupted by signal 2"
	want kept '"ffasim":"checkpoint"'
}

# An interrupted search goes on to the report of one that was not.
resumed()
{
	search="--strategy stateful --build O2 --granularity access"
	# shellcheck disable=SC2086 # words
	run explore $search "$scenario"
	mv out whole
	code=0
	# shellcheck disable=SC2086
	python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
os.execv(sys.argv[1], sys.argv[1:])' "$ffasim" explore $search --checkpoint kept "$scenario" \
		>out 2>err || code=$?
	want_code 143
	# shellcheck disable=SC2086
	run explore $search --resume kept "$scenario"
	want_code 0
	equal whole out
	refused 3 "'kept' is of another search: its granularity is 'access', here it is 'sync'" \
		explore --build O2 --resume kept "$scenario"
}

progress()
{
	run explore --progress --strategy exhaustive --time 1 "$scenario"
	want err "executions, " "depth " "0 findings" " left"
	run explore --strategy exhaustive --granularity call "$scenario"
	[ ! -s err ] || wrong "standard error is no terminal, and there is something: $(cat err)"
}

# A machine in which one VM has more senders than the oracle "model" follows, from a step of a
# thread on.
write_no_room()
{
	python3 - >no-room.json <<'END'
import json

ids = range(1, 9)
bind = lambda i: {"sender": f"vm{i}", "receiver": "vm1", "bitmap": hex(1 << i)}
json.dump({
    "about": "vm1 binds seven senders",
    "machine": {"mediator": "hypervisor", "vms": {f"vm{i}": {} for i in ids}},
    "setup": [{f"vm{i}.0": "FFA_VERSION", "version": "1.2"} for i in ids]
    + [{"vm1.0": "FFA_NOTIFICATION_BIND", **bind(i), "expect": "SUCCESS"} for i in range(2, 8)],
    "threads": {
        "vm1.0": [{"call": "FFA_NOTIFICATION_BIND", **bind(8), "as": "bind"}],
        "vm3.0": [{"call": "FFA_NOTIFICATION_SET", "sender": "vm3", "receiver": "vm1", "bitmap": "0x8",
                   "as": "set"}]},
    "schedules": {"bind-first": [{"run": "vm1.0"}, "rest"]},
    "outcomes": {"always": ["bind == SUCCESS"]}}, __import__("sys").stdout)
END
}

# no_room SEARCH...: what is not judged is counted alike by processes, shards and after a resume
no_room()
{
	left_out="; not judged: model [0-9a-z ]* (SIM_SPEC_SENDERS)\$"
	write_no_room
	run explore --strategy "$@" --checkpoint kept no-room.json
	want_code 6
	grep -q "$left_out" out || wrong "nothing is left out: $(cat out)"
	want out "incomplete: no-room.json"
	mv out whole
	run explore -j2 --strategy "$@" no-room.json
	want_code 6
	equal whole out
	run explore --strategy "$@" --resume kept no-room.json
	want_code 6
	equal whole out
	case $1 in
	stateful) return ;;
	esac
	for k in 1 2; do
		run explore --strategy "$@" --shard $k/2 --result "r.$k" no-room.json
	done
	run merge r.1 r.2
	want_code 6
	equal whole out
}

# orders SEARCH...: locks that are taken in both orders, in no single execution; vm1.0 and vm2.0
# take them if they come first
orders()
{
	cat >orders.json <<'END'
{"about": "orders", "machine": {"mediator": "broken", "vms": {"vm1": {}, "vm2": {}}},
 "threads": {"vm1.0": [{"call": "FFA_FEATURES", "w1": 19}], "vm2.0": [{"call": "FFA_FEATURES", "w1": 20}]},
 "schedule": ["rest"]}
END
	run explore --subject "$subject" --strategy "$@" --checkpoint kept orders.json
	want_code 1
	want out "fail: lock: b is taken with a held, and elsewhere the other way round" \
		"b taken with a held, first in execution " "a taken with b held, first in execution "
	mv out whole
	run explore --subject "$subject" --strategy "$@" --resume kept orders.json
	want_code 1
	equal whole out
	found=0
	for k in 1 2 3 4; do
		run explore --subject "$subject" --strategy "$@" --shard $k/4 --result "r.$k" orders.json
		[ "$code" -ne 1 ] || found=$((found + 1))
	done
	[ $found -lt 4 ] || wrong "every shard has both orders"
	run merge r.1 r.2 r.3 r.4
	want_code 1
	equal whole out
}

too_large()
{
	run explore --memory 1M --build O0 --granularity access --strategy stateful "$scenario"
	want_code 6
	want out "not complete, ended by --memory: stateful"
}

total=$(($(echo "$searches" | wc -l) * 3 + 11))
echo "TAP version 13"
echo "1..$total"
echo "$searches" >list
while read -r search; do
	# shellcheck disable=SC2086 # words
	test_case "any number of processes: $search" same_for_any_number $search
done <list
while read -r search; do
	case $search in
	stateful) continue ;;
	esac
	# shellcheck disable=SC2086
	test_case "three shards: $search" joined $search
done <list
while read -r search; do
	# shellcheck disable=SC2086
	test_case "no room to judge: $search" no_room $search
done <list
test_case "orders of locks: exhaustive" orders exhaustive
test_case "orders of locks: random" orders random --max-executions 4
test_case "three shards with a finding" joined_finding
test_case "time budget" time_budget
test_case "even shards" even_shards
test_case "GNU parallel" with_gnu_parallel
test_case "results that do not belong together" wrong_results
test_case "usage" usage
test_case "interrupted" interrupted
test_case "resumed" resumed
test_case "progress" progress
test_case "larger than its memory" too_large
[ $number -eq "$total" ] || exit 99
exit $failed

#!/bin/sh
# SPDX-License-Identifier: MIT
# The ffasim command as a user meets it: usage: cli.sh FFASIM. TAP on stdout.
set -eu

ffasim=$(realpath "$1")
name=$(basename "$ffasim")
number=0
failed=0

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
unset NO_COLOR CLICOLOR_FORCE

# ffasim ARGUMENT...: its output in "out" and "err", its exit code in $code.
run()
{
	code=0
	"$ffasim" "$@" >out 2>err || code=$?
}

# Adds to what is wrong with the current test.
wrong()
{
	printf '%s\n' "$*" >>problems
}

want_code()
{
	[ "$code" -eq "$1" ] || wrong "exit code $code instead of $1: $(head -n 3 err)"
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

want_empty()
{
	[ ! -s "$1" ] || wrong "$1 is not empty: $(cat "$1")"
}

# test_case NAME COMMAND...
test_case()
{
	number=$((number + 1))
	title=$1
	shift
	: >problems
	"$@" || wrong "the test itself failed"
	if [ -s problems ]; then
		failed=1
		echo "not ok $number - $title"
		sed 's/^/# /' problems
	else
		echo "ok $number - $title"
	fi
}

# scenario FILE [MEMBER...]: a race between two VMs, with more members of the object before it.
scenario()
{
	file=$1
	shift
	mkdir -p "$(dirname "$file")"
	cat >"$file" <<-end
		{ "about": "SET by vm2 races UNBIND by vm1",
		  $*
		  "machine": { "mediator": "hypervisor", "vms": { "vm1": {"vcpus": 2}, "vm2": {} } },
		  "setup": [
		    {"vm1.0": "FFA_VERSION", "version": "1.2"}, {"vm2.0": "FFA_VERSION", "version": "1.2"},
		    {"vm1.0": "FFA_NOTIFICATION_BIND", "sender": "vm2", "receiver": "vm1", "flags": 0,
		     "bitmap": "0x1", "expect": "SUCCESS"} ],
		  "threads": {
		    "vm1.0": [ {"call": "FFA_NOTIFICATION_UNBIND", "sender": "vm2", "receiver": "vm1",
		                "bitmap": "0x1", "as": "unbind"} ],
		    "vm2.0": [ {"call": "FFA_NOTIFICATION_SET", "sender": "vm2", "receiver": "vm1",
		                "flags": 0, "bitmap": "0x1", "as": "set"} ] },
		  "schedules": {
		    "set-first": [ {"run": "vm2.0", "until": "return"}, "rest" ],
		    "unbind-first": [ {"run": "vm1.0", "until": "return"}, "rest" ] },
		  "outcomes": { "always": ["set == SUCCESS || unbind == SUCCESS"] } }
	end
}

make_scenarios()
{
	scenario good.json
	scenario all/a.json
	scenario all/b/c.json
	scenario skip.json '"skip": "no reason at all",'
	scenario known.json '"known-failing": "never repaired",'
	scenario 'odd/it'\''s one.json'
	scenario fail.json
	sed -i 's/"always": .*/"never": ["set == DENIED"] } }/' fail.json
	scenario diverge.json
	sed -i 's/"until": "return"/"until": {"smc": "*"}/' diverge.json
	scenario bad.json
	sed -i 's/FFA_NOTIFICATION_UNBIND/FFA_UNBIND/' bad.json
	mkdir empty
}

# usage_error TEXT ARGUMENT...: exit code 2 and one line on stderr, nothing on stdout.
usage_error()
{
	text=$1
	shift
	run "$@"
	want_code 2
	want err "ffasim: error: " "$text"
	want_empty out
	[ "$(wc -l <err)" -eq 1 ] || wrong "more than one line: $(cat err)"
}

version()
{
	run --version
	want_code 0
	grep -qx 'ffasim [0-9][0-9.]*' out || wrong "not a version: $(cat out)"
}

every_verb_has_help()
{
	run help
	want_code 0
	cp out verbs
	for option in --help -h; do
		run help $option
		want_code 0
		cmp -s out verbs || wrong "'help $option' differs from 'help'"
	done
	for verb in run check list replay explore merge shrink explain abi schema; do
		want verbs "  $verb "
		run "$verb" --help
		want_code 0
		want out "usage: ffasim $verb" "--help"
		cp out long
		run help "$verb"
		cmp -s out long || wrong "'help $verb' differs from '$verb --help'"
	done
}

passing()
{
	run run good.json
	want_code 0
	want out "pass             good   2 schedules" "1 scenario: 1 passed on inline/plain"
	want_empty err
}

folder()
{
	run run all
	want_code 0
	want out "2 scenarios: 2 passed"
	awk '{ print $2 }' out | head -n 2 | tr '\n' ' ' | grep -qx 'all/a all/b/c ' ||
		wrong "not sorted: $(cat out)"
}

failing()
{
	run run good.json fail.json
	want_code 1
	want out "must never hold" "fail.json:" "schedule unbind-first" "2 scenarios: 1 passed, 1 failed"
	tail -n 1 err | grep -q "/$name replay fail.json --schedule unbind-first\$" ||
		wrong "the last line replays nothing: $(cat err)"
}

# The last line of stderr is a command that any shell can run, with the same result.
replay_line()
{
	run run --subject process --build plain --timeout 30 -E always-fail 'odd/it'\''s one.json'
	want_code 1
	tail -n 1 err >again
	want again "replay --subject process --build plain -E always-fail --timeout 30"
	code=0
	sh ./again >out 2>err || code=$?
	want_code 1
	want out "this oracle always fails" "schedule set-first" "on process/plain"
	! grep -q "unbind-first" out || wrong "more than one schedule was replayed"
	want_empty err
}

# So is what explore and shrink print; it judges with the oracles that were asked for.
replay_of_explore()
{
	run explore -W no-lock -E always-fail 'odd/it'\''s one.json'
	want_code 1
	sed -n 's/^ *\(.* explore .*--replay .*\)/\1/p' out | head -n 1 >again
	want again "explore --build plain -W no-lock -E always-fail --replay sync@"
	code=0
	sh ./again >out 2>err || code=$?
	want_code 1
	want out "this oracle always fails" "one execution"
	sed 's/$/ --until 2/' again >until
	code=0
	sh ./until >out 2>err || code=$?
	want_code 0
	want out "before step 2:"
	run shrink -E always-fail -o 'odd/s m.json' 'odd/it'\''s one.json'
	want_code 0
	tail -n 1 out >again
	want again "replay -E always-fail 'odd/s m.json' --schedule"
	code=0
	sh ./again >out 2>err || code=$?
	want_code 1
	want out "this oracle always fails"
}

# A warning before the failure is not what is replayed.
replay_past_warning()
{
	run run -W always-fail fail.json
	want_code 1
	tail -n 1 err | grep -q "replay -W always-fail fail.json --schedule unbind-first\$" ||
		wrong "another schedule: $(cat err)"
}

dashes()
{
	scenario ./--dash.json
	run run --error always-fail -- --dash.json
	want_code 1
	tail -n 1 err >again
	code=0
	sh ./again >out 2>err || code=$?
	want_code 1
	want out "this oracle always fails"
}

diverging()
{
	run run diverge.json
	want_code 1
	want out "diverged" "not reached" "diverge.json:"
	# a vCPU that is off line waits neither for a lock nor for an interrupt
	cat >offline.json <<-'end'
		{ "about": "a step that cannot begin is not a wait",
		  "machine": { "mediator": "hypervisor", "vms": { "vm1": {"vcpus": 2} } },
		  "threads": {
		    "host": [ {"do": "vcpu-off", "vcpu": "vm1.1"} ],
		    "vm1.0": [ {"call": "FFA_VERSION", "version": "1.2", "expect": {"version": "1.2"}} ],
		    "vm1.1": [ {"call": "FFA_VERSION", "version": "1.2"} ] },
		  "schedule": [ {"run": "host"}, {"run": "vm1.1", "until": "blocked"}, "rest" ] }
	end
	run run offline.json
	want_code 1
	want out "'vm1.1 until blocked' was not reached: vm1.1 cannot run: its vCPU is not on line"
}

skipped()
{
	run run skip.json
	want_code 77
	want out "no reason at all" "1 skipped"
	run run skip.json good.json
	want_code 0
}

known_failing()
{
	run run known.json
	want_code 1
	want out "declared known-failing: never repaired"
	run run -E always-fail known.json
	want_code 0
	want out "known-failing" "never repaired"
}

invalid()
{
	run run bad.json good.json
	want_code 3
	want out "bad.json:" "/threads/vm1.0/0/call: " "(did you mean 'FFA_NOTIFICATION_UNBIND'?)" "1 passed"
	tail -n 1 err | grep -q "/$name check bad.json\$" || wrong "not a check: $(cat err)"
}

nothing_to_run()
{
	run run nowhere.json
	want_code 3
	want err "cannot read 'nowhere.json'"
	run run empty
	want_code 3
	want err "there is no scenario in 'empty'"
	for verb in run replay shrink "replay --until 1"; do
		# shellcheck disable=SC2086 # words
		usage_error "there is no schedule 'set-frist' in 'fail.json' (did you mean 'set-first'?); there are set-first, unbind-first" \
			$verb --schedule set-frist fail.json
	done
	sed 's/"set-first"/"other"/' fail.json >one.json
	usage_error "there is no schedule 'set-first' in 'one.json'" run --schedule set-first fail.json one.json
}

no_subject()
{
	run run --subject inlin good.json
	want_code 5
	want err "(did you mean 'inline'?)"
	run run --subject ./nothing.so good.json
	want_code 5
	want err "there is no subject './nothing.so'"
	run run --subject ./good.json good.json
	want_code 5
	want out "subject unusable"
}

levels()
{
	run run -W always-fail good.json
	want_code 0
	want out "warning: " "[oracle always-fail]" "1 passed, 2 warnings"
	run run -E always-fail -W no-always-fail good.json
	want_code 0
	run run -E all good.json
	want_code 0
	run run -E all -E always-fail good.json
	want_code 1
}

fail_fast()
{
	run run --fail-fast --output tap:tap fail.json good.json good.json
	want_code 1
	want out "1 scenario: 0 passed, 1 failed" "stopped, 2 not run"
	want tap "1..3" "Bail out!"
}

quiet()
{
	run run --quiet good.json fail.json
	want_code 1
	want out "must never hold"
	! grep -q "^pass" out || wrong "not quiet: $(cat out)"
}

traces()
{
	run run good.json
	! grep -q "call FFA_NOTIFICATION_SET" out || wrong "a trace nobody asked for"
	run run -v good.json
	want out "call FFA_NOTIFICATION_SET" "set-up" "schedule set-first" "schedule unbind-first"
	! grep -q "# " out || wrong "diagnostics nobody asked for"
	cp fail.json fail2.json
	run run fail.json fail2.json
	[ "$(grep -c '^  schedule unbind-first$' out)" -eq 1 ] || wrong "more than the first trace"
	run run --trace fail.json fail2.json
	[ "$(grep -c '^  schedule unbind-first$' out)" -eq 2 ] || wrong "not every trace"
}

replaying()
{
	run replay good.json --schedule unbind-first
	want_code 0
	want out "schedule unbind-first" "call FFA_NOTIFICATION_SET" "lock notif[vm1] (notify.c:" \
		"steps, in which the machine is taken down"
	! grep -q "set-up" out || wrong "the set-up, which did not fail"
	! grep -q "schedule set-first" out || wrong "more than one schedule"
	! grep -q "# " out || wrong "diagnostics nobody asked for"
	run replay good.json -v
	want out "# alloc" "set-up" "enter shutdown"
}

colors()
{
	escape=$(printf '\033')
	run run good.json
	! grep -q "$escape" out || wrong "colours in a file"
	run run --color always --output text:o.text good.json
	! grep -q "$escape" o.text || wrong "colours in an output file"
	grep -q "$escape" out || wrong "no colours"
	CLICOLOR_FORCE=1 run run good.json
	grep -q "$escape" out || wrong "CLICOLOR_FORCE does nothing"
	NO_COLOR=1 CLICOLOR_FORCE=1 run run good.json
	! grep -q "$escape" out || wrong "NO_COLOR does nothing"
}

# Every format is what its readers take it for.
formats()
{
	run run --format tap --output jsonl:o.jsonl --output junit:o.xml --output trace:o.trace \
		--output diagnostics:o.diagnostics --output text:o.text all fail.json
	want_code 1
	[ "$(head -n 2 out | tr '\n' ' ')" = "TAP version 13 1..3 " ] || wrong "no TAP plan"
	[ "$(grep -c '^ok' out)" -eq 2 ] && [ "$(grep -c '^not ok' out)" -eq 1 ] || wrong "TAP counts"
	python3 -c '
import json, sys, xml.dom.minidom
events = [json.loads(line) for line in open("o.jsonl")]
assert events[0]["ev"] == "start" and events[-1]["ev"] == "end", events
assert events[-1]["verdicts"]["pass"] == 2 and events[-1]["verdicts"]["fail"] == 1, events[-1]
suite = xml.dom.minidom.parse("o.xml").getElementsByTagName("testsuite")[0]
assert suite.getAttribute("tests") == "3" and suite.getAttribute("failures") == "1"
' 2>python.err || wrong "$(cat python.err)"
	[ "$(head -n 1 o.trace)" = "ffasim trace 1" ] || wrong "no header: $(head -n 1 o.trace)"
	want o.trace "scenario all/a" "schedule set-first" "vm2.0 call FFA_NOTIFICATION_SET"
	grep -v '^# ' o.diagnostics | tail -n +2 | cmp -s - "$(tail -n +2 o.trace >t && echo t)" ||
		wrong "diagnostics without their marks are not the trace"
	want o.text "3 scenarios: 2 passed, 1 failed"
}

# The contract traces of all subjects and builds that are here, and of a second run.
same_traces()
{
	subjects=$(dirname "$ffasim")/../subjects
	run run --output trace:reference all
	want_code 0
	run run --output trace:twice all
	cmp -s reference twice || wrong "two runs differ"
	for build in plain O2 O0; do
		[ -e "$subjects/hypervisor-$build" ] || continue
		for subject in inline process; do
			run run --subject $subject --build $build --output trace:other all
			want_code 0
			cmp -s reference other || wrong "$subject/$build has another trace"
		done
	done
	run run --subject "$subjects/hypervisor-plain" --output trace:other all
	cmp -s reference other || wrong "the path of a subject has another trace"
}

same_output()
{
	for format in text tap jsonl; do
		run run --format $format all fail.json skip.json
		cp out once
		run run --format $format all fail.json skip.json
		cmp -s once out || wrong "two runs differ in $format"
	done
}

# A subject that ends the run from inside: no moment has to be guessed.
interrupted()
{
	cat >stubborn <<-'end'
		#!/bin/sh
		read -r _ _ _ parent _ <"/proc/$PPID/stat"
		kill -TERM "$parent"
		exec sleep 60
	end
	chmod +x stubborn
	run run --subject ./stubborn --format tap --output text:text --output junit:xml good.json fail.json
	want_code 143
	want out "1..2" "Bail out! interrupted by signal 15"
	want text "interrupted, 2 not run"
	want xml "</testsuites>"
	want err "interrupted by signal 15 (Terminated) after 0 of 2 scenarios"
}

full_disk()
{
	[ -c /dev/full ] || return 0
	run run --output text:/dev/full --output tap:/dev/full good.json
	want_code 2
	[ "$(wc -l <err)" -eq 1 ] || wrong "more than one line: $(cat err)"
	want err "cannot write /dev/full: No space left on device"
}

# What cannot be written is known at once, and nothing takes the place of a device.
explored_outputs()
{
	usage_error "cannot write 'none/r': No such file or directory" explore --result none/r good.json
	usage_error "cannot write 'empty': Is a directory" explore --result empty good.json
	usage_error "cannot write 'none/c': No such file or directory" explore --checkpoint none/c good.json
	usage_error "cannot write 'empty': Is a directory" explore --checkpoint empty good.json
	usage_error "cannot write into the folder 'good.json': " explore --out good.json good.json
	usage_error "cannot write 'none/s': No such file or directory" shrink -o none/s fail.json
	[ ! -e empty.next ] && [ ! -e empty.states ] || wrong "parts of a checkpoint are left"
	mkfifo pipe
	timeout 20 cat pipe >kept &
	run explore --result pipe good.json
	wait $! || wrong "nothing came through the pipe"
	want_code 0
	want kept '{"ffasim":"result"'
	[ -p pipe ] || wrong "a pipe was replaced"
	usage_error "cannot write 'pipe': a checkpoint is a file" explore --checkpoint pipe good.json
}

explored_options()
{
	usage_error "--seed is a number from 0 to" explore --seed -1 good.json
	usage_error "--max-states is a number from 0 to 268435456" explore --max-states 999999999 good.json
	usage_error "--bound is a number from 0 to 64" explore --bound 65 good.json
	usage_error "--timeout is a number from 0 to 86400" explore --timeout 86401 good.json
	for verb in explore shrink; do
		usage_error "--time is a number of seconds" $verb --time inf good.json
		usage_error "--time is a number of seconds" $verb --time -1 good.json
		usage_error "unknown build 'O3' (did you mean 'O2'?); there are plain, O2, O0" $verb --build O3 good.json
		usage_error "--build does not go with a path" $verb --subject ./good.json --build O2 good.json
		run $verb --subject inlin good.json
		want_code 5
		want err "there is no subject 'inlin' (did you mean 'inline'?)"
	done
	usage_error "cannot parse integer value 'x' for -j" explore -jx good.json
	usage_error "'x' is no schedule: it names no granularity" explore --replay x good.json
	plain=$(dirname "$ffasim")/../subjects/hypervisor-plain.so
	usage_error "--granularity access needs a build that announces its accesses" \
		explore --granularity access --build plain good.json
	usage_error "--strategy dpor needs a build that announces its accesses" \
		explore --strategy dpor --build plain good.json
	usage_error "there are no accesses to stop at" explore --granularity access --subject "$plain" good.json
	usage_error "dpor must see every access of the mediator" explore --strategy dpor --subject "$plain" good.json
	run explore --strategy bounded --bound 0 good.json
	want_code 6
	want out "not complete beyond the preemption bound: bounded at sync granularity, 2 executions, bound 0"
	want out "incomplete: good.json"
	run explore --quiet --strategy exhaustive --max-executions 1 good.json
	want_code 6
	want out "incomplete: good.json"
	run explore --time 0.000001 good.json
	want_code 3
	want out "incomplete: good.json" "nothing: sampled until --time was over: portfolio"
	run explore --strategy exhaustive --shard 2/2 good.json
	want out "exhaustive at sync granularity, shard 2 of 2, "
	run shrink --schedule set-first fail.json
	want_code 3
	want err "nothing to shrink: 'set-first' of 'fail.json' is no schedule that fails by itself"
	run shrink --reason model fail.json
	want err "no schedule of 'fail.json' fails by itself for the reason 'model'"
	usage_error "unknown format 'xml'; there are text, json" list --format xml good.json
	run explore fail.json
	# what a sanitizer adds to a stack keeps equal states apart; it has no instrumented subjects
	if [ -e "$(dirname "$ffasim")/../subjects/hypervisor-O2.so" ]; then
		want out "seen 1 time, first in execution 1"
	else
		want out "seen " ", first in execution 1"
	fi
}

unreadable_results()
{
	run merge nowhere
	want_code 3
	want err "cannot read 'nowhere': No such file or directory"
	run explore --resume nowhere good.json
	want_code 3
	want err "cannot read 'nowhere': No such file or directory"
	run explore --strategy exhaustive --shard 1/2 --result part good.json
	for element in '3' 'null' '{}' '{"path": 1, "end": "complete"}' '{"path": "good.json"}'; do
		python3 -c '
import hashlib, re, sys
part = re.match(r"{\"ffasim\":\"result\",\"version\":\d+,", open("part").read())[0]
text = part + f"\"files\":[{sys.argv[1]}]"
digest = hashlib.sha256(text.encode()).hexdigest()
print(f"{text},\"sha256\":\"{digest}\"}}")' "$element" >other
		run merge part other
		want_code 3
		want err "'other' is not as it was written"
	done
}

checking()
{
	run check all good.json
	want_code 0
	want out "3 files are valid"
	run check all bad.json
	want_code 3
	want err "bad.json:" "/threads/vm1.0/0/call" "1 of 3 files is invalid"
}

listing()
{
	run list good.json skip.json
	want_code 0
	want out "good" "SET by vm2 races UNBIND by vm1" "2 schedules" "skipped: no reason at all"
	run list --format json all known.json
	want_code 0
	python3 -c '
import json
files = json.load(open("out"))
assert [f["id"] for f in files] == ["all/a", "all/b/c", "known"], files
assert [f["known_failing"] for f in files] == [None, None, "never repaired"], files
assert files[0]["schedules"] == ["set-first", "unbind-first"], files[0]
' 2>python.err || wrong "$(cat python.err)"
	run list --format json bad.json good.json
	want_code 3
	python3 -c 'import json; assert len(json.load(open("out"))) == 1' || wrong "$(cat out)"
}

comparing()
{
	run compare --subject inline --subject process all good.json
	want_code 0
	want out "on inline and process: the same contract traces"
	run compare --subject inline --subject ./none.so good.json
	want_code 5
	want out "./none.so: subject unusable: there is no subject './none.so'" "1 not compared"
	run compare --subject inline --subject process bad.json
	want_code 3
	want out "inline: invalid scenario"
	usage_error "give --subject twice" compare --subject inline good.json
	usage_error "unknown build 'O3' in 'inline@O3'" compare --subject inline@O3 --subject inline good.json
	usage_error "no scenario given" compare --subject inline --subject process
}

explaining()
{
	run explain
	want_code 0
	for oracle in abi wake-up lock liveness leak always-fail; do
		grep -q "^$oracle " out || wrong "'$oracle' is not listed"
	done
	run explain wake-up
	want_code 0
	want out "wake-up: " "source: " "by default: fails the scenario"
	usage_error "(did you mean 'leak'?)" explain leek
}

abi_calls()
{
	run abi
	want_code 0
	want out "FFA_NOTIFICATION_SET" "0x84000081"
	for call in FFA_NOTIFICATION_BIND notification_bind 0x8400007f; do
		run abi $call
		want_code 0
		want out "FFA_NOTIFICATION_BIND" "w1[31:16]      sender" "w3, w4         bitmap"
	done
	run abi FFA_NOTIFICATION_INFO_GET_64
	want out "0xc4000083" "x2[63:12]" "w2[11:7]"
	for status in DENIED denied -6 0xfffffffa; do
		run abi $status
		want_code 0
		want out "DENIED: status code -6"
	done
	usage_error "(did you mean 'FFA_NOTIFICATION_BIND'?)" abi FFA_BIND
	usage_error "no FF-A call" abi 0x84000000
}

schema()
{
	run schema
	want_code 0
	python3 -c 'import json; assert "draft-07" in json.load(open("out"))["$schema"]' ||
		wrong "not a draft 07 schema"
}

test_usage()
{
	test_case "no verb" usage_error "no verb given"
	test_case "unknown verb" usage_error "unknown verb 'rum' (did you mean 'run'?)" rum
	test_case "unknown option before the verb" usage_error "(did you mean '--version'?)" --verson
	test_case "unknown long option" usage_error \
		"unknown option '--scedule' (did you mean '--schedule'?)" run good.json --scedule=1
	test_case "unknown short option" usage_error "unknown option '-x'" run -x good.json
	test_case "no scenario" usage_error "no scenario given" run
	test_case "nothing to check" usage_error "no scenario given" check
	test_case "nothing to replay" usage_error "no scenario given" replay
	test_case "replay of many" usage_error "replay takes one file" replay good.json good.json
	test_case "replay of a folder" usage_error "'all' is a folder" replay all
	test_case "unknown build" usage_error "unknown build 'O1'" run --build O1 good.json
	test_case "a build of a path" usage_error "--build does not go with a path" \
		run --subject ./good.json --build O2 good.json
	test_case "unknown oracle" usage_error "unknown oracle 'lok' (did you mean 'lock'?)" \
		run -E lok good.json
	test_case "unknown format" usage_error "unknown format 'txt' (did you mean 'text'?)" \
		run --format txt good.json
	test_case "format for files" usage_error "'--output junit:FILE'" run --format junit good.json
	test_case "output without a file" usage_error "--output is FORMAT:FILE" run --output tap good.json
	test_case "output nowhere" usage_error "cannot write 'none/x'" run --output tap:none/x good.json
	test_case "no number" usage_error "--timeout is a number of seconds" run --timeout 5s good.json
	test_case "zero seconds" usage_error "--timeout is a number of seconds" run --timeout 0 good.json
	test_case "an option without its value" usage_error "--timeout" run good.json --timeout
	test_case "unknown colour" usage_error "--color is" run --color sometimes good.json
	test_case "quiet and verbose" usage_error "exclude each other" run -q -v good.json
	test_case "too many arguments" usage_error "takes no argument" schema x
	test_case "help of no verb" usage_error "unknown verb 'rnu'" help rnu
}

planned=59

echo "TAP version 13"
echo "1..$planned"
make_scenarios
test_usage
for case in version every_verb_has_help passing folder failing replay_line replay_of_explore replay_past_warning dashes diverging skipped \
	known_failing invalid nothing_to_run no_subject levels fail_fast quiet traces replaying \
	colors formats same_traces same_output interrupted full_disk explored_outputs explored_options unreadable_results checking listing comparing explaining \
	abi_calls schema; do
	test_case $case $case
done
[ $number -eq $planned ] || exit 99
exit $failed

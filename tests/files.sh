#!/bin/sh
# SPDX-License-Identifier: MIT
# What the verbs write, and what they must not overwrite: usage: files.sh FFASIM SCENARIO. The
# scenario has a race, so that an exploration of it has something to keep. TAP on stdout.
set -eu

ffasim=$(realpath "$1")
scenario=$(realpath "$2")
number=0
failed=0
formats="text tap jsonl junit trace diagnostics"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

wrong()
{
	printf '%s\n' "$*" >>"$scratch/problems"
}

# run ARGUMENT...: its output in "out" and "err" beside the folder, its exit code in $code.
run()
{
	code=0
	"$ffasim" "$@" >../out 2>../err </dev/null || code=$?
}

want_code()
{
	[ "$code" -eq "$1" ] || wrong "exit code $code instead of $1: $(head -n 3 ../err)"
}

# want FILE TEXT...
want()
{
	where=$1
	shift
	for text; do
		grep -qF -e "$text" "$where" || wrong "'$text' is not in $where: $(head -n 5 "$where")"
	done
}

# refused FILE WHY ARGUMENT...: the command ends before it does anything, and FILE is as it was.
refused()
{
	file=$1
	why=$2
	shift 2
	rm -f ../before
	[ ! -e "$file" ] || cp "$file" ../before
	run "$@"
	want_code 2
	want ../err "ffasim: error: cannot write '" "$why"
	[ ! -s ../out ] || wrong "something was done: $(head -n 2 ../out)"
	if [ -e ../before ]; then
		cmp -s "$file" ../before || wrong "'$file' was changed by $*"
	else
		[ ! -e "$file" ] || wrong "'$file' was made by $*"
	fi
	only_known_files
}

# No draft is left.
only_known_files()
{
	hidden=$(find . -name '.*' ! -name . | head -n 3)
	[ -z "$hidden" ] || wrong "left: $hidden"
}

# written FILE CODE ARGUMENT...: the command writes FILE.
written()
{
	file=$1
	code_wanted=$2
	shift 2
	cp "$file" ../before 2>/dev/null || : >../before
	run "$@"
	want_code "$code_wanted"
	! cmp -s "$file" ../before || wrong "'$file' was not written by $*"
	only_known_files
}

# test_case NAME COMMAND...: in a folder of its own with the scenario as x.json.
test_case()
{
	number=$((number + 1))
	title=$1
	shift
	: >"$scratch/problems"
	mkdir "$scratch/case"
	cp "$scenario" "$scratch/case/x.json"
	(cd "$scratch/case" && "$@") || wrong "the test itself failed"
	rm -rf "$scratch/case"
	if [ -s "$scratch/problems" ]; then
		failed=1
		echo "not ok $number - $title"
		sed 's/^/# /' "$scratch/problems"
	else
		echo "ok $number - $title"
	fi
}

# foreign FILE N: something that somebody else wrote; false if there is no N-th.
foreign()
{
	case $2 in
	1) echo 'notes of mine' >"$1" ;;
	2) cp x.json "$1" ;;
	3) printf 'TAP version 13\n1..1\nok 1 - of another program\n' >"$1" ;;
	4) printf '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="other" tests="1">\n' >"$1" ;;
	5) echo '{"v":1,"ev":"other"}' >"$1" ;;
	6) head -c 3000 /dev/zero >"$1" ;;
	*) return 1 ;;
	esac
}

# each_foreign FILE ARGUMENT...: none of them is overwritten.
each_foreign()
{
	file=$1
	shift
	n=1
	while foreign "$file" $n; do
		refused "$file" "it is no " "$@"
		n=$((n + 1))
	done
}

reports_over_foreign()
{
	for format in $formats; do
		each_foreign report run --output $format:report x.json
	done
	each_foreign report replay --output text:report x.json
}

reports_over_reports()
{
	for old in $formats; do
		for new in $formats; do
			rm -f report
			written report 0 run --output $old:report x.json
			cp report ../reference
			echo >>report
			written report 0 run --output $new:report x.json
			[ $old != $new ] || cmp -s report ../reference || grep -q 'time=' report ||
				wrong "$new is not as before"
		done
	done
}

# What is begun after --fail-fast, or by a run that fails, is a report as well.
unfinished_reports()
{
	for format in $formats; do
		rm -f report
		written report 1 run --fail-fast -E always-fail --output $format:report x.json x.json
		sed -i '1!s/x/y/g' report
		written report 0 run --output $format:report x.json
	done
}

# Whoever makes an empty file to write to, a device or a pipe, is not refused.
reports_into_nothing()
{
	: >report
	written report 0 run --output tap:report x.json
	run run --output tap:/dev/null --output junit:/dev/null x.json
	want_code 0
	run run --output tap:/dev/stderr x.json
	want_code 0
	want ../err "ok 1 - x"
	mkfifo pipe
	cat pipe >../got &
	run run --output tap:pipe x.json
	wait $!
	want_code 0
	want ../got "ok 1 - x"
	ln -s real link
	written real 0 run --output tap:link x.json
	[ -h link ] || wrong "the link is gone"
}

# Spellings of the same file.
reports_over_inputs()
{
	mkdir sub
	ln -s ../x.json sub/soft.json
	ln x.json hard.json
	ln -s . here
	for format in $formats; do
		for path in x.json ./x.json sub/../x.json here/x.json sub/soft.json hard.json "$PWD/x.json"; do
			refused x.json "reads" run --output "$format:$path" x.json
		done
	done
	refused hard.json "reads" run --output tap:x.json hard.json
	written report 0 run --output trace:report x.json
	refused report "reads" run --output trace:report --subject ./report x.json
}

reports_over_each_other()
{
	written a 0 run --output junit:a x.json
	ln -s a soft
	ln a hard
	ln -s b dangling
	for path in a ./a soft hard; do
		refused a "--output of the same command writes it, too" \
			run --output tap:a --output "junit:$path" x.json
	done
	refused b "writes it, too" run --output tap:b --output junit:dangling x.json
	refused b "writes it, too" run --output tap:dangling --output junit:./b x.json
	code=0
	"$ffasim" run --output junit:a x.json >a 2>../err || code=$?
	want_code 2
	want ../err "standard output of the same command writes it, too"
}

# A run that ends before its first scenario leaves what was there.
reports_of_nothing()
{
	written report 0 run --output tap:report x.json
	cp report ../before
	run run --output tap:report nowhere.json
	want_code 3
	cmp -s report ../before || wrong "the report is gone"
	run run --output tap:report --output nonsense:other x.json
	want_code 2
	cmp -s report ../before || wrong "the report is gone"
	only_known_files
}

results()
{
	each_foreign r explore --result r x.json
	rm -f r
	written r 0 explore --result r x.json
	written r 1 explore -E always-fail --result r x.json
	refused r "it is no report" run --output tap:r x.json
	refused x.json "reads" explore --result ./x.json x.json
	written report 0 run --output jsonl:report x.json
	refused report "it is no result" explore --result report x.json
}

checkpoints()
{
	each_foreign c explore --checkpoint c x.json
	rm -f c
	each_foreign c.states explore --checkpoint c x.json
	rm -f c.states
	written c 0 explore --checkpoint c x.json
	written c 0 explore --seed 2 --checkpoint c x.json
	run explore --seed 2 --checkpoint c --resume c x.json
	want_code 0
	refused x.json "reads" explore --checkpoint x.json x.json
	refused c "reads" explore --seed 2 --result c --resume c x.json
	refused new "--result of the same command writes it, too" \
		explore --result ./new --checkpoint new x.json
	refused new.states "writes it, too" explore --result new.states --checkpoint new x.json
	refused new.states2 "writes it, too" explore --result new.states2 --checkpoint new x.json
	refused c "it is no result" explore --result c x.json
	written r 0 explore --result r x.json
	refused r "it is no checkpoint" explore --checkpoint r x.json
}

# damage FILE: one bit in the middle is another one.
damage()
{
	python3 - "$1" <<-'end'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		data[len(data) // 2] ^= 1
		open(sys.argv[1], "wb").write(data)
	end
}

# damaged_file FILE ARGUMENT...: whoever reads it damaged, or not all of it, says so.
damaged_file()
{
	file=$1
	shift
	cp "$file" ../whole
	for how in damage 'truncate -s -1' 'truncate -s -100'; do
		cp ../whole "$file"
		$how "$file"
		run "$@"
		want_code 3
		want ../err "damaged"
	done
	cp ../whole "$file"
	run "$@"
	want_code 0
}

damaged()
{
	run explore --result r --checkpoint c x.json
	want_code 0
	damaged_file r merge r
	damaged_file c explore --resume c x.json
	damage c.states
	run explore --resume c x.json
	want_code 3
	want ../err "the states beside it are damaged"
}

findings()
{
	mkdir found
	n=1
	while foreign found/x-1.json $n; do
		refused found/x-1.json "choose another folder" explore -E always-fail --out found x.json
		n=$((n + 1))
	done
	foreign found/x-12.json 1
	rm found/x-1.json
	refused found/x-12.json "choose another folder" explore -E always-fail --out found x.json
	rm found/x-12.json
	foreign found/x-1-more.json 1
	written found/x-1.json 1 explore -E always-fail --out found x.json
	sed -i 's/"found"/"earlier"/' found/x-1.json
	written found/x-1.json 1 explore -E always-fail --out found x.json
	cp x.json found/x.json
	refused found/x-1.json "reads" explore -E always-fail --out found found/x.json found/x-1.json
	run run found/x-1.json
	want_code 0
}

# Findings of two files with one name do not take each other's place.
findings_of_two()
{
	mkdir a b
	cp x.json a/x.json
	sed 's/"about": "/"about": "second: /' x.json >b/x.json
	run explore -E always-fail --out found a/x.json b/x.json
	want_code 1
	first=$(grep -L second found/*.json | wc -l)
	second=$(grep -l second found/*.json | wc -l)
	[ "$first" -gt 0 ] && [ "$second" -gt 0 ] || wrong "$first findings of one, $second of the other"
}

shrunk()
{
	each_foreign s.json shrink -E always-fail -o s.json x.json
	each_foreign x-shrunk.json shrink -E always-fail x.json
	refused x.json "reads" shrink -E always-fail -o ./x.json x.json
	rm -f s.json
	written s.json 0 shrink -E always-fail -o s.json x.json
	refused s.json "reads" shrink -E always-fail -o s.json s.json
	sed -i 's/SET/Set/' s.json
	written s.json 0 shrink -E always-fail -o s.json x.json
	written s-shrunk.json 0 shrink -E always-fail s.json
	refused s.json "it is no report" run --output tap:s.json x.json
}

test_case "reports do not overwrite what is no report" reports_over_foreign
test_case "a report overwrites an earlier one, of any format" reports_over_reports
test_case "a report that was ended early is overwritten" unfinished_reports
test_case "reports go into empty files, devices, pipes and links" reports_into_nothing
test_case "reports do not overwrite what the command reads" reports_over_inputs
test_case "reports do not overwrite each other" reports_over_each_other
test_case "a report is not lost by a command that fails" reports_of_nothing
test_case "results overwrite results only" results
test_case "checkpoints overwrite checkpoints only" checkpoints
test_case "damaged results and checkpoints are refused" damaged
test_case "findings overwrite findings only" findings
test_case "findings of two files of one name are all there" findings_of_two
test_case "what was made smaller overwrites its like only" shrunk
echo "1..$number"
exit $failed

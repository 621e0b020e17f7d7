#!/bin/sh
# SPDX-License-Identifier: MIT
# Looks at built subjects as files, for what the simulator relies on and no run would show.
# usage: subject.sh FOLDER NAME..., with NM, OBJDUMP, READELF and perhaps EMULATOR in the environment.
# FOLDER holds NAME, perhaps NAME.so, and libNAME_state.a with the mediator's code. TAP on stdout.
set -eu

folder=$1
shift

# Symbols in writable sections of the objects of an archive, constant tables left out.
writable_symbols()
{
	"$OBJDUMP" -t "$1" | sed 's/\.hidden //' | awk '
		NF > 3 && $(NF - 2) ~ /^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)/ && $(NF - 2) !~ /^\.data\.rel\.ro/ &&
			$NF !~ /^\./ { print $NF }' | sort -u
}

# All that the mediator and its port write lies between two symbols, from a page on.
check_state()
{
	range=$("$NM" "$1" | awk '
		$3 == "subject_sections_start" { start = $1 }
		$3 == "subject_sections_stop" { stop = $1 }
		END { print start, stop }')
	case $range in
	?*000" "?*) ;;
	*) echo "$1: the state does not start at a page: '$range'" ;;
	esac
	for archive in "$folder/lib${name}_state.a" "$folder/lib${name%-*}-port_state.a"; do
		writable_symbols "$archive"
	done | sort -u >"$scratch"
	if [ ! -s "$scratch" ]; then
		echo "$1: no state at all"
		return
	fi
	"$NM" "$1" | awk -v range="$range" '
		BEGIN { split(range, r, " ") }
		NR == FNR { wanted[$1] = 1; next }
		$3 in wanted && $1 "" >= r[1] "" && $1 "" < r[2] "" { delete wanted[$3] }
		END { for (s in wanted) print s " is not in the range of the state" }
	' "$scratch" -
}

# Without a simulator around it a program says what it is, also under an emulator.
check_start()
{
	status=0
	said=$(${EMULATOR:+"$EMULATOR"} "$1" 2>&1 </dev/null) || status=$?
	[ "$status" -eq 2 ] || echo "$1: ends with $status when started by hand, not 2"
	case $said in
	*"ffasim run --subject"*) ;;
	*) echo "$1: does not say how it is used: '$said'" ;;
	esac
}

check_program()
{
	"$READELF" -hW "$1" | grep -q 'Type: *EXEC' || echo "$1: position independent"
	check_state "$1"
	check_start "$1"
	if "$READELF" -hW "$1" | grep -q 'Machine: *AArch64'; then
		if "$READELF" -lW "$1" | grep -q INTERP; then
			echo "$1: not static"
		fi
		count=$("$OBJDUMP" -d "$1" | grep -cw 'smc' || true)
		[ "$count" -eq 1 ] || echo "$1: $count instructions smc, not 1"
	fi
}

check_module()
{
	[ -f "$1.so" ] || return 0
	exported=$("$NM" -D --defined-only "$1.so" | awk '{ printf "%s ", $3 }')
	for symbol in $exported; do
		case $symbol in
		shim_subject | subject_sections_start | subject_sections_stop) ;;
		*) echo "$1.so: exports $symbol" ;;
		esac
	done
	case $exported in
	*shim_subject*) ;;
	*) echo "$1.so: does not export shim_subject" ;;
	esac
	check_state "$1.so"
}

# A mediator asks its platform, and a compiler may ask for four functions of its own.
check_freestanding()
{
	"$NM" "$1" | awk '
		$1 == "U" { used[$2] = 1 }
		NF == 3 { defined[$3] = 1 }
		END {
			for (s in used)
				if (!(s in defined) && s !~ /^(platform_|__tsan_|__aarch64_(cas|swp|ld))/ &&
				    s !~ /^(subject_)?mem(cpy|set)$/ && s !~ /^mem(move|cmp)$/ &&
				    s != "_GLOBAL_OFFSET_TABLE_")
					print s " is not of the platform"
		}'
}

# Instrumented code announces every access and leaves nothing to the processor.
check_instrumented()
{
	calls=$("$NM" "$1" | awk '$2 ~ /^__tsan_(volatile_)?(read|write)/' | wc -l)
	atomics=$("$OBJDUMP" -d "$1" | grep -cE \
		'[[:space:]](lock [a-z]|xchg .*\(|ld[ax]+r|st[lx]+r|cas|swp|ld(add|set|clr|eor)|__aarch64_)' || true)
	copies=$("$NM" "$1" | awk '$2 ~ /^mem(cpy|set|move|cmp)$/ { print $2 }')
	case $name in
	*-plain)
		[ "$calls" -eq 0 ] || echo "the plain build is instrumented"
		;;
	*)
		[ "$calls" -gt 0 ] || echo "no access is announced"
		[ "$atomics" -eq 0 ] || echo "$atomics atomic instructions are left"
		[ -z "$copies" ] || echo "copies that are not announced: $copies"
		;;
	esac
}

number=0
failed=0

# verdict NAME CHECK ARGUMENT: a check prints a line for each violation.
verdict()
{
	number=$((number + 1))
	violations=$("check_$2" "$3" 2>&1) || violations="$violations
check_$2 itself failed"
	if [ -z "$violations" ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		printf '%s\n' "$violations" | sed 's/^/# /' | head -n 20
	fi
}

scratch=$(mktemp "$PWD/subject.XXXXXX")
trap 'rm -f "$scratch"' EXIT
echo "TAP version 13"
echo "1..$((4 * $#))"
for name; do
	verdict "$name program" program "$folder/$name"
	verdict "$name module" module "$folder/$name"
	verdict "$name freestanding" freestanding "$folder/lib${name}_state.a"
	verdict "$name instrumentation" instrumented "$folder/lib${name}_state.a"
done
exit $failed

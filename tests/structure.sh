#!/bin/sh
# SPDX-License-Identifier: MIT
# The shape of the tree, as docs/design tells it: usage: structure.sh [ROOT]. TAP on stdout.
# A check prints a line for each violation, and nothing when all is well.
set -eu

cd "${1:-$(dirname "$0")/..}"

max_function=80
max_file=800
folders="abi mediator emu sim subjects tests tools"

# files_of FOLDER...: its C sources and headers.
files_of()
{
	find "$@" -name '*.[ch]' 2>/dev/null | sort
}

c_files()
{
	files_of abi mediator emu sim tools subjects tests
}

# Every text file of the tree but those that cannot carry a comment, and the licence.
text_files()
{
	# shellcheck disable=SC2086 # a list of words
	find $folders docs scenarios .ci meson.build meson_options.txt \
		.clang-format .clang-tidy -type f ! -name '*.pyc' 2>/dev/null | sort
}

# Who may include whom.
check_includes()
{
	c_files | xargs -r awk '
		BEGIN {
			split("abi mediator emu/shim emu/subject emu/port emu/world sim sim/base " \
			      "tools subjects tests", all)
			may["abi"] = "abi"
			may["mediator"] = "abi mediator"
			may["emu/shim"] = "abi emu/shim"
			may["emu/subject"] = "abi emu/shim emu/subject"
			may["emu/port"] = "abi emu/shim emu/subject emu/port mediator"
			may["emu/world"] = "abi emu/shim emu/world"
			may["sim"] = "abi emu/shim emu/world sim"
			may["sim/base"] = "sim/base"
			may["tools"] = "abi emu/shim emu/world sim tools"
			may["subjects"] = ""
			may["tests"] = "abi mediator emu sim tools tests"
		}
		FNR == 1 {
			from = ""
			for (i in all)
				if (index(FILENAME, all[i] "/") == 1 && length(all[i]) > length(from))
					from = all[i]
			if (from == "")
				print FILENAME ": in no folder that has a rule"
			n = split(may[from], allowed, " ")
		}
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\"")
			ok = 0
			for (i = 1; i <= n; i++)
				if (index(part[2], allowed[i] "/") == 1)
					ok = 1
			if (!ok)
				print FILENAME ":" FNR ": " from "/ may not include \"" part[2] "\""
		}'
}

# code FILE...: FILE:LINE:TEXT of each line, without its comments.
code()
{
	xargs -r awk '
		FNR == 1 { inside = 0 }
		{
			text = ""
			rest = $0
			while (rest != "") {
				at = index(rest, inside ? "*/" : "/*")
				if (!at)
					break
				if (!inside)
					text = text substr(rest, 1, at - 1)
				rest = substr(rest, at + 2)
				inside = !inside
			}
			if (!inside)
				text = text rest
			print FILENAME ":" FNR ":" text
		}'
}

# forbid MESSAGE PATTERN, in code read from stdin.
forbid()
{
	grep -E -- "^[^:]*:[0-9]*:.*($2)" | sed "s|\$|   <- $1|"
}

# system_headers HEADER...: whatever else the files on stdin include with <>.
other_system_headers()
{
	code | awk -F: -v list="$*" '
		BEGIN {
			n = split(list, names, " ")
			for (i = 1; i <= n; i++)
				allowed[names[i]] = 1
		}
		$3 ~ /^[ \t]*#[ \t]*include[ \t]*</ {
			split($3, part, /[<>]/)
			if (!(part[2] in allowed))
				print $1 ":" $2 ": <" part[2] "> is not for this folder"
		}'
}

# mediator/ lives in a hypervisor, which has no libc; the subject's side runs where there is no GLib.
check_libraries()
{
	freestanding="stdint.h stdbool.h stddef.h"
	# shellcheck disable=SC2086
	{
		files_of mediator | other_system_headers $freestanding stdatomic.h
		files_of abi | grep -v '_text\.[ch]$' |
			other_system_headers $freestanding string.h
		files_of abi | grep '_text\.[ch]$' |
			other_system_headers $freestanding string.h stdio.h stdarg.h inttypes.h
	}
	files_of emu/shim emu/subject emu/port | code |
		forbid "libc only" '#[ \t]*include[ \t]*<(glib|gio|gmodule|json|libfdt|check)'
	files_of mediator | code |
		forbid "the simulator in production code" 'FFASIM|__tsan|__SANITIZE|SUBJECT_|SHIM_'
}

# A mediator is never named. Scenarios may write 'hypervisor' for the endpoint that FF-A calls so.
check_names()
{
	files_of emu/world sim | code | forbid "names a mediator" \
		'mediator/|[^A-Za-z0-9_]hyp_[a-z0-9_]*[ ]*\(|"proxy"|"hypervisor-'
	files_of emu/world sim | grep -v '^sim/scenario/' | code | grep -v FFA_ID_HYPERVISOR |
		forbid "names a mediator (the endpoint stands beside FFA_ID_HYPERVISOR)" \
			'"hypervisor"'
}

check_headers()
{
	libraries=$(pkg-config --cflags glib-2.0 gmodule-2.0 json-c 2>/dev/null ||
		pkg-config --cflags glib-2.0 json-c)
	for header in $(c_files | grep '\.h$'); do
		case $header in
		abi/* | mediator/*) flags=-ffreestanding ;;
		*) flags=$libraries ;;
		esac
		# shellcheck disable=SC2086
		${CC:-cc} -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -I. $flags -x c "$header" 2>&1 |
			head -n 3
	done
}

check_spdx()
{
	text_files | grep -vE '\.(json|md|patch|jsonl|txt|svg)$' | while read -r file; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
			printf '%s: no SPDX line at its start\n' "$file"
	done
}

check_file_lengths()
{
	c_files | xargs -r wc -l | awk -v max=$max_file \
		'$2 != "total" && $1 > max { print $2 ": " $1 " lines, at most " max }'
}

# The style opens functions, and nothing else, with a brace in the first column.
check_function_lengths()
{
	c_files | xargs -r awk -v max=$max_function '
		FNR == 1 { start = 0 }
		/^{/ { start = FNR }
		/^}/ && start {
			if (FNR - start + 1 > max)
				print FILENAME ":" start ": a function of " FNR - start + 1 \
					" lines, at most " max
			start = 0
		}'
}

check_places()
{
	text_files | xargs -r grep -nE "(^|[^A-Za-z0-9_.)}*$])/(tmp|home|root|work)(/|\$|[^A-Za-z0-9_])" \
		/dev/null || true
}

number=0
failed=0

run_check()
{
	number=$((number + 1))
	violations=$("check_$1" 2>&1) || violations="$violations
check_$1 itself failed"
	if [ -z "$violations" ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		printf '%s\n' "$violations" | sed 's/^/# /'
	fi
}

if [ -z "$(c_files)" ]; then
	echo "no sources in $PWD" >&2
	exit 2
fi
echo "TAP version 13"
echo "1..8"
for check in includes libraries names headers spdx file_lengths function_lengths places; do
	run_check $check
done
exit $failed

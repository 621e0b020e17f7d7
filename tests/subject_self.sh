#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/subject.sh notices state outside the range that is saved, and nothing where all is well.
# usage: subject_self.sh FOLDER, with the environment of subject.sh. TAP on stdout.
set -eu

folder=$1
check=$(dirname "$0")/subject.sh
number=0
failed=0

# verdict NAME STATUS
verdict()
{
	number=$((number + 1))
	if [ "$2" -eq 0 ]; then
		echo "ok $number - $1"
	else
		failed=1
		echo "not ok $number - $1"
		printf '%s\n' "$said" | sed 's/^/# /'
	fi
}

has()
{
	status=0
	printf '%s\n' "$said" | grep -q "$1" || status=$?
}

echo "TAP version 13"
echo "1..4"
said=$("$check" "$folder" stray-plain 2>&1 || true)
has '^not ok [0-9]* - stray-plain program$'
verdict "a stray section of a program is noticed" $status
has '^not ok [0-9]* - stray-plain module$'
verdict "a stray section of a module is noticed" $status
has 'stray_counter is not in the range of the state'
if printf '%s\n' "$said" | grep -q 'gathered_counter'; then status=1; fi
verdict "it is named, and nothing else" $status
said=$("$check" "$folder" broken-plain 2>&1 || true)
has '^ok [0-9]* - broken-plain program$'
[ $status -ne 0 ] || has '^ok [0-9]* - broken-plain module$'
verdict "gathered sections are fine" $status
exit $failed

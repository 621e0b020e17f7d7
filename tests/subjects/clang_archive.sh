#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: clang_archive.sh CLANG SOURCE ARCHIVE DEPFILE ARGUMENT...: an archive of one object. It is
# thin and its object in the folder of that name, where emu/subject/state.ld looks for it.
set -eu

clang=$1 source=$2 archive=$3 depfile=$4
shift 4
mkdir -p "$archive.p"
object=$archive.p/$(basename "$source").o
"$clang" "$@" -MD -MF "$depfile" -MT "$archive" -c "$source" -o "$object"
rm -f "$archive"
ar rcsT "$archive" "$object"

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: circles.py DEBTS LIBRARY|FOLDER... : no two files need each other's symbols, but for those in DEBTS.

A line of DEBTS lists the files of one circle, then `:` and the reason. A circle that is not listed
fails, and so does a listed file that is in no circle any more: the list only gets shorter. TAP on stdout.
"""

import collections
import pathlib
import subprocess
import sys


def symbols(library):
    """(object, symbol, defined) of each global symbol of a static library, or of a folder of objects."""
    path = pathlib.Path(library)
    files = sorted(path.glob("*.o")) if path.is_dir() else [path]
    text = subprocess.run(["nm", "-A", "-g", *files], check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        place, rest = line.rsplit(":", 1)
        words = rest.split()
        yield place.rsplit("/", 1)[-1].rsplit(":", 1)[-1], words[-1], words[-2] not in "Uw"


def sources(root):
    """The source behind each name of an object: meson joins the path with underscores."""
    found = {}
    for folder in ("abi", "mediator", "emu", "sim", "tools"):
        for path in (root / folder).rglob("*.c"):
            name = path.relative_to(root).as_posix()
            found[name.replace("/", "_") + ".o"] = name
    return found


def arrows(libraries, names):
    """file -> the files whose symbols it needs"""
    home, needs = {}, collections.defaultdict(set)
    for library in libraries:
        folder = pathlib.Path(library).parent.name  # meson names objects from the folder of their target
        for place, symbol, defined in symbols(library):
            name = names.get(place.removeprefix(".._")) or names.get(f"{folder}_{place}")
            if not name:
                sys.exit(f"{library}: no source for object '{place}'")
            if defined:
                home[symbol] = name
            else:
                needs[name].add(symbol)
    return {name: {home[s] for s in wanted if s in home and home[s] != name}
            for name, wanted in sorted(needs.items())}


def circles(graph):
    """The strongly connected components of more than one file (Tarjan), sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(found)


def read_debts(path):
    debts = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        files, separator, reason = line.partition(":")
        if not separator or not reason.strip():
            sys.exit(f"{path}:{number}: no reason")
        debts.append(sorted(files.split()))
    return debts


def main():
    debts = read_debts(pathlib.Path(sys.argv[1]))
    names = sources(pathlib.Path(__file__).resolve().parent.parent)
    found = circles(arrows(sys.argv[2:], names))
    new = [group for group in found if not any(set(group) <= set(debt) for debt in debts)]
    inside = {name for group in found for name in group}
    stale = [name for debt in debts for name in debt if name not in inside]
    print("TAP version 13\n1..2")
    print(f"{'not ' if new else ''}ok 1 - files need each other only where a debt says so")
    for group in new:
        print("# a circle:", " ".join(group))
    print(f"{'not ' if stale else ''}ok 2 - each debt is still one")
    for name in stale:
        print("# in no circle any more:", name)
    return 1 if new or stale else 0


if __name__ == "__main__":
    sys.exit(main())

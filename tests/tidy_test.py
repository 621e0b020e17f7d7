#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tools/tidy.py analyses again, with a clang-tidy and a ninja of its own. TAP on stdout."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

TIDY = pathlib.Path(__file__).resolve().parent.parent / "tools/tidy.py"
CLANG_TIDY = """#!/bin/sh
[ "$1" = --version ] && { echo "version $(cat version)"; exit 0; }
for source; do :; done
echo "$source" >>analysed
grep -q wrong "$source" && { echo "$source: wrong"; exit 1; }
exit 0
"""
NINJA = """#!/bin/sh
printf 'a.o: #deps 2, deps mtime 1 (VALID)\\n    ../a.c\\n    ../a.h\\n\\n'
printf 'b.o: #deps 1, deps mtime 1 (VALID)\\n    ../b.c\\n\\n'
"""

count = 0
failed = False


def check(good, name):
    global count, failed
    count += 1
    failed |= not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def make_tree(root):
    write(root / "bin/clang-tidy", CLANG_TIDY)
    write(root / "bin/ninja", NINJA)
    for name in ("version", ".clang-tidy", "a.c", "a.h", "b.c", "new.c"):
        write(root / name, "first\n")
    set_flags(root, "-O2")


def set_flags(root, flags):
    entries = [{"directory": str(root / "build"), "command": f"cc {flags} -c ../{name}.c",
                "file": f"../{name}.c", "output": f"{name}.o"} for name in ("a", "b", "new")]
    write(root / "build/compile_commands.json", json.dumps(entries))


def run(root):
    """The exit status, and which files were analysed."""
    (root / "analysed").unlink(missing_ok=True)
    done = subprocess.run([sys.executable, TIDY, "build", "1", "a.c", "b.c", "new.c", "other.c"],
                          cwd=root, capture_output=True, text=True,
                          env=os.environ | {"PATH": f"{root / 'bin'}:{os.environ['PATH']}"})
    analysed = root / "analysed"
    return done.returncode, analysed.read_text().split() if analysed.exists() else []


CHANGES = (
    ("a source", lambda root: write(root / "b.c", "second\n"), ["b.c"]),
    ("a header", lambda root: write(root / "a.h", "second\n"), ["a.c"]),
    (".clang-tidy", lambda root: write(root / ".clang-tidy", "second\n"), ["a.c", "b.c"]),
    ("clang-tidy itself", lambda root: write(root / "version", "second\n"), ["a.c", "b.c"]),
    ("a command", lambda root: set_flags(root, "-O0"), ["a.c", "b.c"]),
)


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        make_tree(root)
        check(run(root) == (0, ["a.c", "b.c", "new.c"]), "every compiled file is analysed first")
        # new.c has no list of dependencies, so what its result depends on is not known
        check(run(root) == (0, ["new.c"]), "a clean file is not analysed again")
        for name, change, expected in CHANGES:
            change(root)
            check(run(root) == (0, [*expected, "new.c"]), f"analysed again after a change of {name}")
            check(run(root) == (0, ["new.c"]), f"and kept then: {name}")
        write(root / "b.c", "wrong\n")
        check(run(root) == (1, ["b.c", "new.c"]), "a finding fails")
        check(run(root) == (1, ["b.c", "new.c"]), "a finding is not kept")
        write(root / "b.c", "second\n")
        check(run(root)[0] == 0, "what was mended passes")
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

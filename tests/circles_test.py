#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tests/circles.py on small programs of its own. TAP on stdout."""

import pathlib
import shutil
import subprocess
import sys
import tempfile

CIRCLES = pathlib.Path(__file__).resolve().parent / "circles.py"
SOURCES = {
    "sim/a.c": "int b(void); int a(void); int a(void) { return b(); }",
    "sim/b.c": "int c(void); int b(void); int b(void) { return c(); }",
    "sim/c.c": "int a(void); int c(void); int c(void) { return a(); }",
    "sim/d.c": "int a(void); int d(void); int d(void) { return a(); }",
}
REASON = ": a reason"
CASES = (
    ("a circle that no debt lists fails", SOURCES, "", 1, "# a circle: sim/a.c sim/b.c sim/c.c"),
    ("one that a debt lists passes", SOURCES, "sim/c.c sim/b.c sim/a.c" + REASON, 0, "ok 1"),
    ("a circle that grew fails", SOURCES, "sim/a.c sim/b.c" + REASON, 1, "# a circle: sim/a.c"),
    ("a debt that is none any more fails", SOURCES,
     "sim/a.c sim/b.c sim/c.c sim/d.c" + REASON, 1, "# in no circle any more: sim/d.c"),
    ("a debt needs a reason", SOURCES, "sim/a.c sim/b.c sim/c.c:", 1, ""),
    ("no circle, no debt", {"sim/d.c": SOURCES["sim/d.c"]}, "", 0, "ok 2"),
)


def run(sources, debts):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name in ("sim", "tests", "objects"):
            (root / name).mkdir()
        shutil.copy(CIRCLES, root / "tests")
        (root / "debts").write_text(debts + "\n")
        for name, text in sources.items():
            (root / name).write_text(text)
            output = root / "objects" / (name.replace("/", "_") + ".o")
            subprocess.run(["cc", "-c", root / name, "-o", output], check=True)
        return subprocess.run([sys.executable, root / "tests/circles.py", root / "debts", root / "objects"],
                              capture_output=True, text=True)


def main():
    failed = False
    for number, (name, sources, debts, status, text) in enumerate(CASES, 1):
        done = run(sources, debts)
        good = done.returncode == status and text in done.stdout
        failed |= not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(CASES)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
"""Sums up test results: meson's testlog.json (one JSON object a line) and TAP files.

Prints what failed, then one line 'N passed, N failed'. A test that reports TAP
counts with each of its lines; one that dies, times out or is skipped is a
failure of its own. Exit status 1 if something failed or nothing ran.
"""
import json
import re
import sys
from pathlib import Path

TAP_RESULT = re.compile(r"(not )?ok\b *\d* *(?:- )?(.*)")


def read_tap(text):
    """Yields (passed, name, diagnostic lines) for each result line."""
    current = None
    for line in text.splitlines():
        match = TAP_RESULT.match(line)
        if match:
            if current:
                yield current
            current = (match[1] is None, match[2], [])
        elif line.startswith("#") and current:
            current[2].append(line)
    if current:
        yield current


class Count:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def fail(self, name, lines):
        self.failed += 1
        print(f"FAILED {name}")
        for line in lines:
            print(f"    {line}")

    def add_tap(self, where, text):
        failures = 0
        for passed, name, lines in read_tap(text):
            if passed:
                self.passed += 1
            else:
                failures += 1
                self.fail(f"{where}: {name}", lines)
        return failures

    def add_meson_test(self, build, test):
        where = f"{build}: {test['name']}"
        output = test.get("stdout", "")
        is_tap = output.startswith(("TAP version", "1.."))
        failures = self.add_tap(where, output) if is_tap else 0
        if test["result"] == "OK":
            self.passed += not is_tap
        elif failures == 0:
            text = ("" if is_tap else output) + test.get("stderr", "")
            self.fail(f"{where}: {test['result'].lower()}", text.splitlines()[-40:])

    def add_file(self, path):
        text = path.read_text(errors="replace")
        if path.suffix == ".tap":
            self.add_tap(path.stem, text)
            return
        for line in text.splitlines():
            self.add_meson_test(path.stem, json.loads(line))


def main(paths):
    count = Count()
    for path in paths:
        count.add_file(Path(path))
    print(f"{count.passed} passed, {count.failed} failed")
    return 1 if count.failed or not count.passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

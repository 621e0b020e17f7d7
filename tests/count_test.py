# SPDX-License-Identifier: MIT
"""tools/count.py: nothing that went wrong is lost in the sum. TAP on stdout."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

COUNT = Path(__file__).resolve().parent.parent / "tools" / "count.py"


def meson(result, stdout="", stderr="", name="area"):
    return json.dumps({"name": name, "result": result, "stdout": stdout, "stderr": stderr})


OK_TAP = "TAP version 13\n1..2\nok 1 - a.b\nok 2 - a.c\n"
BAD_TAP = "TAP version 13\n1..2\nnot ok 1 - a.b\n# x.c:3: why\nok 2 - a.c\n"

# name, files, exit status, last line, what else is said
CASES = [
    ("each line of TAP counts", {"n.json": meson("OK", OK_TAP)}, 0, "2 passed, 0 failed", ""),
    ("a failing line fails, with its reason", {"n.json": meson("FAIL", BAD_TAP)}, 1,
     "1 passed, 1 failed", "FAILED n: area: a.b\n    # x.c:3: why\n"),
    ("a program that dies after its results fails", {"n.json": meson("ERROR", OK_TAP, "boom")}, 1,
     "2 passed, 1 failed", "FAILED n: area: error\n    boom\n"),
    ("a program that dies before any result fails", {"n.json": meson("ERROR")}, 1,
     "0 passed, 1 failed", "FAILED n: area: error\n"),
    ("a time-out fails", {"n.json": meson("TIMEOUT", OK_TAP)}, 1, "2 passed, 1 failed", "timeout"),
    ("a skipped test fails", {"n.json": meson("SKIP")}, 1, "0 passed, 1 failed", "skip"),
    ("a plain program counts once", {"n.json": meson("OK", "fine\n")}, 0, "1 passed, 0 failed", ""),
    ("a plain program that fails shows its output", {"n.json": meson("FAIL", "so\n", "sad\n")}, 1,
     "0 passed, 1 failed", "FAILED n: area: fail\n    so\n    sad\n"),
    ("several builds are summed",
     {"a.json": meson("OK", OK_TAP), "b.json": meson("OK", OK_TAP) + "\n" + meson("FAIL", BAD_TAP)},
     1, "5 passed, 1 failed", "FAILED b: area: a.b"),
    ("a TAP file is summed too", {"audit.tap": BAD_TAP}, 1, "1 passed, 1 failed",
     "FAILED audit: a.b"),
    ("nothing at all is a failure", {"n.json": ""}, 1, "0 passed, 0 failed", ""),
]


def run(files):
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in files.items():
            paths.append(Path(folder) / name)
            paths[-1].write_text(text)
        return subprocess.run([sys.executable, COUNT, *paths], capture_output=True, text=True)


def check(files, status, last, said):
    result = run(files)
    lines = result.stdout.splitlines()
    return result.returncode == status and lines[-1:] == [last] and said in result.stdout, result


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    for number, (name, *case) in enumerate(CASES, 1):
        passed, result = check(*case)
        print(f"{'' if passed else 'not '}ok {number} - {name}")
        if not passed:
            failed = 1
            print("# " + repr((result.returncode, result.stdout, result.stderr)))
    return failed


if __name__ == "__main__":
    sys.exit(main())

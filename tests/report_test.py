#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests what is shown of findings: usage: report_test.py FFASIM BUILD. TAP on stdout.

Lines of source are looked up in the source.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

TOP = Path(__file__).resolve().parent.parent
FFASIM = Path(sys.argv[1]).resolve()
BUILD = Path(sys.argv[2]).resolve()
BROKEN = BUILD / "tests" / "subjects" / "broken-plain.so"
TIMEOUT = 60  # seconds, of one command

tests = []
scratch = None


def test(function):
    tests.append(function)
    return function


def ffasim(*argv):
    return subprocess.run([FFASIM, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT, cwd=scratch)


def write(name, scenario):
    path = scratch / name
    path.write_text(json.dumps(scenario))
    return path


def place_of(file, text):
    """The line of a source with this text, as FILE:LINE."""
    lines = (TOP / file).read_text().splitlines()
    found = [number for number, line in enumerate(lines, 1) if text in line]
    assert len(found) == 1, f"'{text}' is in the lines {found} of {file}"
    return f"{file}:{found[0]}"


# See tests/subjects/broken.h: a write through a null pointer.
CRASH = {"about": "a call that breaks its mediator",
         "machine": {"mediator": "broken", "vms": {"vm1": {}}},
         "threads": {"vm1.0": [{"call": "FFA_ID_GET", "expect": "SUCCESS"},
                               {"call": "FFA_FEATURES", "w1": 5}]}}
CRASH_MESSAGE = "vm1.0 crashed with Segmentation fault at address 0x0 in write_null"


def crash_frames():
    place = place_of("tests/subjects/broken.c", "*(volatile uint32_t *)zero = 1")
    return place, f"#0 write_null at {place}"


@test
def a_crash_in_every_format():
    path = write("crash.json", CRASH)
    place, frame = crash_frames()
    text = ffasim("run", "--subject", BROKEN, path)
    assert text.returncode == 5, text.stderr
    for words in CRASH_MESSAGE, f"at {place}\n", frame:
        assert words in text.stdout, text.stdout
    tap = ffasim("run", "--format", "tap", "--subject", BROKEN, path).stdout
    for words in f'message: "{CRASH_MESSAGE}"', f'place: "{place}"', f'detail: "{frame}':
        assert words in tap, tap
    lines = ffasim("run", "--format", "jsonl", "--subject", BROKEN, path).stdout.splitlines()
    finding = next(event for event in map(json.loads, lines) if event["ev"] == "finding")
    assert finding["message"] == CRASH_MESSAGE and finding["place"] == place, finding
    assert finding["detail"].startswith(frame), finding
    ffasim("run", "--output", "junit:crash.xml", "--subject", BROKEN, path)
    error = ElementTree.parse(scratch / "crash.xml").find(".//testcase/error")
    assert CRASH_MESSAGE in error.get("message"), error.attrib
    assert place in error.text and frame in error.text, error.text


@test
def a_crash_of_every_verb():
    path = write("crash.json", CRASH)
    place, frame = crash_frames()
    for verb in ["replay"], ["explore"], ["explore", "--strategy", "random", "--max-executions", "9"], \
            ["explore", "--replay", "sync:a2"], ["shrink", "-o", "small.json"]:
        text = ffasim(*verb, "--subject", BROKEN, path).stdout
        for words in CRASH_MESSAGE, f"at {place}\n", frame:
            assert words in text, f"{verb}: {text}"


def main():
    global scratch
    print(f"TAP version 13\n1..{len(tests)}")
    failed = False
    with tempfile.TemporaryDirectory(prefix="report.") as folder:
        scratch = Path(folder)
        for number, function in enumerate(tests, 1):
            wrong = ""
            try:
                function()
            except (AssertionError, subprocess.TimeoutExpired) as error:
                wrong = str(error) or "an assertion failed"
                failed = True
            print(f"{'not ok' if wrong else 'ok'} {number} - {function.__name__}")
            for line in wrong.splitlines():
                print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests what is shown of findings: usage: report_test.py FFASIM BUILD. TAP on stdout.

Lines of source are looked up in the source.
"""
import json
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

sys.dont_write_bytecode = True
from defect import TOP, Target, build_defect  # noqa: E402

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


HYPERVISOR = "subjects/hypervisor-plain.so"
RACE = TOP / "scenarios" / "notification" / "r03-set-get.json"
LOOP = TOP / "scenarios" / "notification" / "r13-info-get-set.json"


def subject_with(name):
    """The hypervisor with a defect of tests/bugs."""
    path = scratch / (Path(name).name + ".so")
    if not path.exists():
        build_defect(TOP / "tests" / "bugs" / f"{name}.patch", Target(BUILD, HYPERVISOR),
                     scratch / Path(name).name, path)
    return path


def rows(text):
    """The steps of the table, by their numbers."""
    return {int(match[1]): match[2] for match in re.finditer(r"^ +(\d+) (.*)$", text, re.MULTILINE)}


# The defect reads the pending bits before it takes the lock under which it clears them: the SET in
# between is lost. What is said of the lines is looked up in the mediator with the defect.
def check_race(text):
    source = (scratch / "get-reads-and-clears-in-two-steps" / "mediator" / "hypervisor" /
              "notify.c").read_text().splitlines()
    places = [(match[1], int(match[2]))
              for match in re.finditer(r"(lock|unlock) notif\[vm1\] \(notify\.c:(\d+)\)", text)]
    assert len(places) == 4, text
    for verb, line in places:
        assert f"platform_{verb}(" in source[line - 1], f"{verb} at {line}: {source[line - 1]}"
    assert re.search(r"return SUCCESS vm_bitmap=0x1 .*\n +# \^ here it went wrong", text), text
    assert "machine enter" not in text and "enter vm-destroy" not in text, text
    assert re.search(r"\.\.\. \d+ steps, in which the machine is taken down\n", text), text


@test
def a_run_shows_where_it_went_wrong():
    subject = subject_with("get-reads-and-clears-in-two-steps")
    for verb in ["run"], ["run", "--trace"], ["replay", "--schedule", "set-before-lock"]:
        done = ffasim(*verb, "--subject", subject, RACE)
        assert done.returncode == 1, done.stderr
        check_race(done.stdout)
    small = ffasim("shrink", "--schedule", "set-before-lock", "--reason", "model", "-o", "small.json",
                   "--subject", subject, RACE)
    assert small.returncode == 0, small.stderr
    check_race(small.stdout)


# What passes is shown with its lines, too; -v shows everything, the boot and the end included.
@test
def a_replay_shows_what_passes():
    subject = subject_with("get-reads-and-clears-in-two-steps")
    argv = ["replay", "--schedule", "set-first", "--subject", subject, RACE]
    done = ffasim(*argv)
    assert done.returncode == 0 and "lock notif[vm1] (notify.c:" in done.stdout, done.stdout
    assert "wrong" not in done.stdout and "enter shutdown" not in done.stdout, done.stdout
    done = ffasim(*argv, "-v")
    assert "enter boot" in done.stdout and "enter shutdown" in done.stdout, done.stdout


@test
def numbers_are_those_of_until():
    subject = subject_with("get-reads-and-clears-in-two-steps")
    text = ffasim("replay", "--schedule", "set-before-lock", "--subject", subject, RACE).stdout
    step = next(number for number, row in rows(text).items() if "vm_bitmap=0x1" in row)
    done = ffasim("replay", "--schedule", "set-before-lock", "--subject", subject, "--until",
                  str(step - 1), RACE)
    assert "-> vm1.0 is in step 1, FFA_NOTIFICATION_GET, about to: unlock notif[vm1]" in done.stdout


# INFO_GET goes round for ever: of tens of thousands of steps the last forty are shown. The others
# have had their turns by then, the last of them where the shrunk file has but one more call.
@test
def an_endless_run_shows_its_last_steps():
    subject = subject_with("oracle/info-get-waits")
    for verb in ["run"], ["replay", "--schedule", "set-first"], \
            ["shrink", "--schedule", "set-first", "-o", "small.json"]:
        text = ffasim(*verb, "--subject", subject, LOOP).stdout
        assert re.search(r"no end after 20000 scheduling points", text), text
        match = re.search(r"\.\.\. (\d+) steps before these\n", text)
        assert match and len(rows(text)) == 40, text
        assert min(rows(text)) == int(match[1]) + 1, text
        loop = [row for row in rows(text).values() if "lock notif[vm1] (notify.c:" in row]
        assert len(loop) == 40 or (verb[0] == "shrink" and len(loop) > 30), text
        assert text.count("here it went wrong") == 1, text


# A leak is found when all is over, so how the machine is taken down is not shown.
@test
def a_leak_shows_what_went_before():
    subject = subject_with("oracle/set-denied-keeps-reference")
    text = ffasim("run", "--subject", subject, TOP / "scenarios" / "notification" /
                  "r01-set-unbind.json").stdout
    assert "[oracle leak]" in text and "return DENIED" in text, text
    assert "enter vm-destroy" not in text and "enter shutdown" not in text, text
    assert re.search(r"is taken down\n.*# \^ when all was gone it was wrong\n", text), text


# INFO_GET leaves a lock held that the end of its VM needs.
@test
def a_failure_of_the_end_shows_it():
    text = ffasim("run", "--subject", subject_with("oracle/lock-left-held"), "-W", "lock", "--schedule",
                  "info-set-get", LOOP.with_name("r13-info-get-set-get.json")).stdout
    assert "machine waits for ever for notif[vm1]" in text, text
    assert re.search(r"enter vm-destroy vm1\n(.*\n)*.*# \^ here it went\b", text), text


# The second call of the set-up breaks the mediator.
@test
def a_failure_of_the_set_up_shows_it():
    path = write("setup.json", {**CRASH, "setup": [{"vm1.0": "FFA_ID_GET"},
                                                   {"vm1.0": "FFA_FEATURES", "w1": 5}]})
    for verb in ["run"], ["replay"], ["shrink", "-o", "small.json"]:
        text = ffasim(*verb, "--subject", BROKEN, path).stdout
        assert re.search(r"call FFA_FEATURES .*\n +# \^ here it went wrong", text), text
        assert re.search(r"\.\.\. \d+ steps, in which the machine boots", text), text
        assert "enter boot" not in text, text


def without_locks():
    """The hypervisor whose calls for notifications take no lock: all that they touch races."""
    path = scratch / "without-locks.so"
    if not path.exists():
        name = Path("mediator/hypervisor/notify.c")
        text = (TOP / name).read_text()
        changed = re.sub(r"platform_(un)?lock\(&notif->lock\)", "(void)notif", text)
        assert changed != text
        changes = scratch / "without-locks"
        (changes / name).parent.mkdir(parents=True)
        (changes / name).write_text(changed)
        Target(BUILD, "subjects/hypervisor-O2.so").make(changes, {name}, path)
    return path


TRIANGLE = TOP / "scenarios" / "notification" / "triangle.json"
RACED = re.compile(r"race on (.*?)(?:\+0x\w+)? \(\d+ bytes?\): (\S+) \w+(?: atomically)? at \S+ \((\w+)\), "
                   r"(\S+) \w+(?: atomically)? at \S+ \((\w+)\), no order between them; "
                   r"\S+ held (.*), \S+ held (.*?)$")


def culprit(line):
    """What makes races one: the object, and the function that holds fewer locks, or both."""
    thing, _, first, _, second, one, other = RACED.search(line).groups()
    count = [0 if held == "nothing" else 1 + held.count(" and ") for held in (one, other)]
    if count[0] != count[1]:
        return thing, first if count[0] < count[1] else second
    return thing, *sorted((first, second))


def findings_of(text):
    """Each with the lines that are of it."""
    found = []
    for line in text.splitlines():
        if re.match(r"  [a-z]+: [a-z-]+: ", line):
            found.append([line])
        elif found:
            found[-1].append(line)
    return found


@test
def findings_of_one_cause_are_one():
    text = ffasim("explore", "--subject", without_locks(), TRIANGLE).stdout
    races = [lines for lines in findings_of(text) if ": race: " in lines[0]]
    keys = [culprit(lines[0]) for lines in races]
    assert len(keys) > 1 and len(set(keys)) == len(keys), "\n".join(map(str, keys))
    most = 0
    for lines, key in zip(races, keys):
        shown = [line for line in lines if line.startswith("      race on ")]
        count = int((re.search(r"^    in (\d+) other ways?:", "\n".join(lines), re.MULTILINE) or "00")[1])
        rest = [f"      and {count - 3} more"] if count > 3 else []
        assert len(shown) == min(count, 3) and [line for line in lines if "more" in line] == rest, text
        assert all(culprit(line) == key for line in shown), text
        most = max(most, count)
    assert most > 3, text


# The same for each schedule of a file: what they have in common is said once.
@test
def a_run_says_once_what_schedules_have_in_common():
    path = TOP / "scenarios" / "notification" / "r13-info-get-set.json"
    subject = subject_with("oracle/info-get-waits")
    lines = ffasim("run", "--format", "jsonl", "--subject", subject, path).stdout.splitlines()
    found = [event for event in map(json.loads, lines)
             if event["ev"] == "finding" and event["message"].startswith("no end after")]
    names = [event["schedule"] for event in found]
    assert len(names) > 4 and len({event["cause"] for event in found}) == 1, found
    text = ffasim("run", "--subject", subject, path).stdout
    assert text.count("no end after 20000 scheduling points") == 1, text
    assert f"  schedules {', '.join(names[:4])} and {len(names) - 4} more: no end after" in text, text


@test
def the_same_findings_with_several_workers():
    for strategy in "dpor", "bounded":
        argv = ["explore", "--strategy", strategy, "--max-executions", "300", "--subject", without_locks()]
        alone, shared = ffasim(*argv, TRIANGLE), ffasim(*argv, "-j", "3", TRIANGLE)
        assert " other ways:\n" in alone.stdout, alone.stdout
        assert alone.stdout == shared.stdout, f"{alone.stdout}\n--\n{shared.stdout}"


# What is shown is of the execution that is shown: the line that the message names stands in the table.
@test
def words_are_of_the_execution_that_is_shown():
    text = ffasim("explore", "--granularity", "access", "--max-states", "3000", "--subject",
                  without_locks(), TRIANGLE).stdout
    for lines in findings_of(text):
        if ": race: " not in lines[0]:
            continue
        table = "\n".join(lines)
        marked = table[:table.index("here it went wrong")] if "here it" in table else table
        for place in re.findall(r"(notify\.c:\d+) \(\w+\)", lines[0]):
            assert f"({place})" in marked, f"{place}\n{table}"


# The results of two shards are put together by cause.
@test
def shards_join_by_cause():
    argv = ["explore", "--strategy", "exhaustive", "--max-executions", "200", "--subject",
            without_locks()]
    ffasim(*argv, "--shard", "1/2", "--result", "1.json", TRIANGLE)
    ffasim(*argv, "--shard", "2/2", "--result", "2.json", TRIANGLE)
    text = ffasim("merge", "1.json", "2.json").stdout
    keys = [culprit(lines[0]) for lines in findings_of(text) if ": race: " in lines[0]]
    assert keys and len(set(keys)) == len(keys), text


# A search that would draw for ever is ended when it has found something: that much is kept.
@test
def findings_are_told_while_the_search_goes_on():
    search = subprocess.Popen([FFASIM, "explore", "--strategy", "random", "--max-executions", "1000000000",
                               "--subject", without_locks(), TRIANGLE], cwd=scratch, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    told, command = search.stderr.readline(), search.stderr.readline()
    search.send_signal(signal.SIGTERM)
    out, _ = search.communicate(timeout=TIMEOUT)
    assert search.returncode == 128 + signal.SIGTERM, search.returncode
    assert told.startswith("found fail: "), told
    words = told.strip().removeprefix("found ")
    assert any(words in line for line in out.splitlines()), f"{told}\n{out}"
    replayed = subprocess.run([FFASIM, *shlex.split(command)[1:]], cwd=scratch, text=True,
                              stdout=subprocess.PIPE, timeout=TIMEOUT).stdout
    assert words in replayed, f"{command}\n{replayed}"


# Every cause once, whoever comes by it; -q says nothing on the way.
@test
def each_finding_is_told_once():
    argv = ["explore", "--strategy", "dpor", "-j", "3", "--subject", without_locks(), TRIANGLE]
    done = ffasim(*argv)
    told = [line for line in done.stderr.splitlines() if line.startswith("found ")]
    found = [line for lines in findings_of(done.stdout) for line in lines[:1] if "    seen " in lines[2]
             or "    seen " in lines[1]]
    assert len(told) == len(found) == len({line.split(": ", 1)[1] for line in told}), done.stderr
    assert ffasim(*argv, "-q").stderr == ""


# It ends in the execution that has the first finding in the order of the search, however many share it.
@test
def the_first_finding_ends_it():
    for strategy in "dpor", "exhaustive", "bounded", "random", "portfolio":
        argv = ["explore", "--strategy", strategy, "--max-executions", "400", "--subject",
                without_locks(), TRIANGLE]
        whole, first = ffasim(*argv).stdout, ffasim(*argv, "--first")
        assert first.returncode == 1 and "ended at a finding" in first.stdout, first.stdout
        numbers = [int(number) for number in re.findall(r"first in execution (\d+)", whole)]
        least = re.findall(r"seen 1 time, first in execution (\d+)", first.stdout)
        assert least and {int(number) for number in least} == {min(numbers)}, f"{strategy}: {first.stdout}"
        assert ffasim(*argv, "--first", "-j", "3").stdout == first.stdout, strategy


@test
def the_first_finding_ends_a_search_of_states():
    argv = ["explore", "--subject", without_locks(), TRIANGLE]
    states = [int(re.search(r"(\d+) states", ffasim(*argv, *more).stdout)[1])
              for more in ([], ["--first"], ["--first", "-j", "3"])]
    assert states[1] < states[0] and states[2] < states[0], states


# Nor is another file looked at; what passes before it is.
@test
def the_first_finding_ends_all():
    folder = scratch / "files"
    folder.mkdir()
    for number, how in enumerate((0, 5, 5), 1):
        write(f"files/{number}.json", {**CRASH, "threads": {"vm1.0": [
            {"call": "FFA_FEATURES", "w1": how, "expect": "SUCCESS"}]}})
    done = ffasim("explore", "--first", "--subject", BROKEN, "files")
    assert done.returncode == 5, done.stderr
    assert "pass: files/1.json" in done.stdout and "crash: files/2.json" in done.stdout, done.stdout
    assert "files/3.json" not in done.stdout and "1 more scenario was not explored" in done.stderr


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

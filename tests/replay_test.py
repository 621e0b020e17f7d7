#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests replays that stop before a step: usage: replay_test.py FFASIM BUILD. TAP on stdout.

Steps are looked up in the trace, source lines in the source.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
FFASIM = Path(sys.argv[1]).resolve()
BUILD = Path(sys.argv[2]).resolve()
BROKEN = BUILD / "tests" / "subjects" / "broken-plain.so"
RACE = TOP / "scenarios" / "notification" / "r03-set-get.json"
# vm1.0 is inside its GET with the lock taken, vm2.0 waits for it.
SCHEDULE = "set-during-get"
TIMEOUT = 60  # seconds, of one command
FRAME = re.compile(r"#\d+ (\w+) at (\S+):(\d+)$", re.MULTILINE)

tests = []
scratch = None


class Skip(Exception):
    """Why a test cannot be done here."""


def test(function):
    tests.append(function)
    return function


def ffasim(*argv):
    return subprocess.run([FFASIM, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=TIMEOUT, cwd=scratch)


def trace(schedule):
    """The lines of a schedule of the race."""
    out = scratch / "trace"
    done = ffasim("run", "--schedule", schedule, "--output", f"trace:{out}", RACE)
    assert done.returncode == 0, done.stdout
    lines = out.read_text().splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("schedule "))
    return [line.strip() for line in lines[head + 1:]]


def step_of(line, schedule=SCHEDULE):
    lines = trace(schedule)
    assert line in lines, "\n".join(lines)
    return lines.index(line) + 1


def until(step, *argv, schedule=SCHEDULE):
    return ffasim("replay", "--until", str(step), "--schedule", schedule, *argv, RACE)


def paragraphs(text):
    """Of each actor, by its name; the one whose step is next under ''."""
    found, name = {}, None
    for line in text.splitlines()[1:]:
        if match := re.match(r"(->|  ) (\S+) ", line):
            name = match[2]
            found[name] = ""
            if match[1] == "->":
                found[""] = name
        found[name] += line + "\n"
    return found


def source_line(file, line):
    return (TOP / file).read_text().splitlines()[line - 1]


@test
def where_everybody_stands():
    done = until(step_of("vm1.0 unlock notif[vm1]"))
    assert done.returncode == 0, done.stderr
    who = paragraphs(done.stdout)
    assert who[""] == "vm1.0", done.stdout
    assert "is in step 1, FFA_NOTIFICATION_GET, about to: unlock notif[vm1]\n" in who["vm1.0"]
    assert "holds notif[vm1]\n" in who["vm1.0"], done.stdout
    assert "is in step 1, FFA_NOTIFICATION_SET, waiting: lock notif[vm1]" in who["vm2.0"]
    assert "(notif[vm1] is held by vm1.0)" in who["vm2.0"], done.stdout
    assert "holds" not in who["vm2.0"], done.stdout


@test
def frames_of_the_mediator():
    who = paragraphs(until(step_of("vm1.0 unlock notif[vm1]")).stdout)
    frames = FRAME.findall(who["vm1.0"])
    assert frames and all(file.startswith("mediator/") or file.startswith("emu/port/")
                          for _, file, _ in frames), who
    own = [frame for frame in frames if frame[1].startswith("mediator/")]
    assert "hyp_call_notification_get" in [name for name, _, _ in own], own
    assert own[-1][0] == "hyp_guest_call", own
    name, file, line = own[0]
    assert "platform_unlock(" in source_line(file, int(line)), f"{name} {file}:{line}"
    frames = FRAME.findall(who["vm2.0"])
    name, file, line = next(frame for frame in frames if frame[1].startswith("mediator/"))
    assert "platform_lock(" in source_line(file, int(line)), f"{name} {file}:{line}"


@test
def before_it_enters():
    step = step_of("vm2.0 lock vms")
    call = trace(SCHEDULE)[step - 2]
    assert call.startswith("vm2.0 call "), call
    who = paragraphs(until(step - 1).stdout)
    assert "is about to enter the mediator for step 1, FFA_NOTIFICATION_SET" in who["vm2.0"], who


@test
def the_same_in_another_process():
    step = step_of("vm1.0 unlock notif[vm1]")
    here, there = until(step), until(step, "--subject", "process")
    assert there.returncode == 0, there.stderr
    assert here.stdout == there.stdout, there.stdout


# Without optimisation frames are found by other registers, and nothing is inlined.
@test
def frames_of_other_builds():
    step = step_of("vm1.0 unlock notif[vm1]")
    for build in "O2", "O0":
        done = until(step, "--build", build)
        assert done.returncode == 0, done.stderr
        names = [name for name, _, _ in FRAME.findall(paragraphs(done.stdout)["vm1.0"])]
        assert "hyp_call_notification_get" in names and "hyp_guest_call" in names, done.stdout
        assert not any(name.startswith("subject_") for name in names), done.stdout


# Another compiler inlines otherwise, but the functions of the mediator are the same.
@test
def frames_of_another_machine():
    if not (BUILD.parent / "aarch64" / "subjects" / "hypervisor-plain").exists():
        raise Skip("the aarch64 subjects are not built")
    step = step_of("vm1.0 unlock notif[vm1]")
    here, there = until(step), until(step, "--subject", "aarch64")
    assert there.returncode == 0, there.stderr
    names = [[name for name, file, _ in FRAME.findall(done.stdout) if file.startswith("mediator/")]
             for done in (here, there)]
    assert names[0] == names[1], there.stdout


# A path of an exploration stops as a schedule does.
@test
def a_path_stops_too():
    done = ffasim("explore", "--replay", "sync:a3", "--until", "2", RACE)
    assert done.returncode == 0, done.stderr
    who = paragraphs(done.stdout)
    assert "is in step 1, FFA_NOTIFICATION_GET, about to: lock notif[vm1]" in who["vm1.0"], who
    assert FRAME.search(who["vm1.0"]), who
    assert "vm2.0 is outside; next is step 1, FFA_NOTIFICATION_SET" in done.stdout, done.stdout
    done = ffasim("explore", "--until", "2", RACE)
    assert done.returncode == 2 and "name it with --replay" in done.stderr, done.stderr


# It counts steps, so of another build the pause may be of another run.
@test
def a_path_of_another_build_says_so():
    other = "the schedule was found on build 000000 of the subject, this is "
    there = ffasim("explore", "--replay", "sync@000000:a3", "--until", "2", RACE)
    assert there.returncode == 0 and other in there.stdout, there.stdout + there.stderr
    missing = ffasim("explore", "--replay", "sync@000000:a3", "--until", "999", RACE)
    assert missing.returncode != 0 and other in missing.stderr, missing.stderr
    unknown = ffasim("explore", "--replay", "sync:a3", "--until", "2", RACE)
    assert "was found on" not in unknown.stdout, unknown.stdout


def write(name, scenario):
    path = scratch / name
    path.write_text(json.dumps(scenario))
    return path


def broken(how):
    return {"about": "a call that breaks its mediator, see tests/subjects/broken.h",
            "machine": {"mediator": "broken", "vms": {"vm1": {}}},
            "threads": {"vm1.0": [{"call": "FFA_ID_GET"}, {"call": "FFA_FEATURES", "w1": how}]},
            "outcomes": {"always": ["1 == 1"]}}


# The trace ends with the call (call, return, call): what comes next is the crash. Where the process
# died with the call its line was lost with it.
@test
def the_step_that_crashes():
    for how, last in (5, 4), (2, 3):
        path = write(f"crash{how}.json", broken(how))
        done = ffasim("replay", "--subject", BROKEN, "--until", str(last), path)
        assert done.returncode == 0, done.stderr
        assert "-> vm1.0 is about to enter the mediator for step 2, FFA_FEATURES" in done.stdout
        done = ffasim("replay", "--subject", BROKEN, "--until", str(last + 1), path)
        assert done.returncode == 3, done.stdout
        assert f"there is no step {last + 1}: schedule '1' has steps 1 to {last}" in done.stderr


def refused(code, message, *argv):
    done = ffasim("replay", *argv)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}{done.stderr}"
    assert message in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == "", done.stdout


@test
def what_makes_no_sense_is_refused():
    count = len(trace(SCHEDULE))
    refused(3, f"there is no step {count + 1}: schedule '{SCHEDULE}' has steps 1 to {count}",
            "--schedule", SCHEDULE, "--until", str(count + 1), RACE)
    refused(3, "has 6 schedules: --schedule says which one", "--until", "1", RACE)
    refused(3, "there is no schedule 'x'", "--schedule", "x", "--until", "1", RACE)
    refused(2, "--until is the number of a step, from 1", "--until", "-1", RACE)
    refused(2, "give --until too", "--gdb", RACE)
    refused(5, "there is no subject", "--subject", "./none.so", "--schedule", SCHEDULE, "--until",
            "1", RACE)
    refused(2, "--gdb is for inline subjects, not for 'process'", "--subject", "process", "--gdb",
            "--schedule", SCHEDULE, "--until", "1", RACE)


# What the world does by itself: time passes.
@test
def no_debugger_for_the_world():
    path = write("time.json", {"about": "time passes", "machine": {"mediator": "hypervisor",
                                                                   "vms": {"vm1": {}}},
                               "threads": {"host": [{"do": "advance", "by": "1ms"}]},
                               "outcomes": {"always": ["1 == 1"]}})
    refused(2, "step 1 of host is nothing the mediator does", "--gdb", "--until", "1", path)
    done = ffasim("replay", "--until", "1", path)
    assert "-> host is outside; next is step 1, advance" in done.stdout, done.stdout


def gdb(step, commands):
    if not shutil.which("gdb"):
        raise Skip("gdb is not installed")
    script = scratch / "commands.gdb"
    script.write_text(commands)
    done = until(step, "--gdb-script", script)
    if "ptrace: Operation not permitted" in done.stdout + done.stderr:
        raise Skip("no process may be traced here")
    return done.stdout + done.stderr


@test
def gdb_stands_in_the_mediator():
    text = gdb(step_of("vm1.0 unlock notif[vm1]"), "echo \\n== here\\n\nframe\necho == all\\n\nbt\n")
    here, everything = text.split("== here")[1].split("== all")
    assert re.search(r"^#\d+ .*\bhyp_call_notification_get \(", here, re.MULTILINE), text
    for function in "hyp_call_notification_get", "hyp_guest_call", "context_main":
        assert re.search(rf"#\d+ .*\b{function} \(", everything), text


# The bound VM waits for the lock: gdb stands in its SET, not in the GET that holds it.
@test
def gdb_stands_in_the_right_context():
    text = gdb(step_of("vm2.0 lock notif[vm1]"), "bt\n")
    assert re.search(r"#\d+ .*\bhyp_call_notification_set \(", text), text
    assert "hyp_call_notification_get (" not in text, text


@test
def gdb_before_the_call():
    text = gdb(step_of("vm2.0 lock vms") - 1, "bt\n")
    assert re.search(r"#0 .*\bguest_call \(", text), text


def run(function):
    """The TAP line's beginning and end, and what is wrong."""
    try:
        function()
    except Skip as reason:
        return "ok", f" # SKIP {reason}", ""
    except (AssertionError, subprocess.TimeoutExpired) as error:
        return "not ok", "", str(error)
    return "ok", "", ""


def main():
    global scratch
    print(f"TAP version 13\n1..{len(tests)}")
    failed = False
    with tempfile.TemporaryDirectory(prefix="replay.") as folder:
        scratch = Path(folder)
        for number, function in enumerate(tests, 1):
            result, end, wrong = run(function)
            failed |= result != "ok"
            print(f"{result} {number} - {function.__name__}{end}")
            for line in wrong.splitlines():
                print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

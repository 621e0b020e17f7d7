#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests replays that stop before a step: usage: replay_test.py FFASIM BUILD. TAP on stdout.

Steps are looked up in the trace, source lines in the source.
"""
import json
import platform
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
    refused(2, "has 6 schedules: --schedule says which one", "--until", "1", RACE)
    refused(2, "there is no schedule 'x'", "--schedule", "x", "--until", "1", RACE)
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


def gdb_of(script, commands, *argv):
    if not shutil.which("gdb"):
        raise Skip("gdb is not installed")
    script.write_text(commands)
    done = ffasim("replay", "--gdb-script", script, *argv)
    if "ptrace: Operation not permitted" in done.stdout + done.stderr:
        raise Skip("no process may be traced here")
    return done.stdout + done.stderr


def gdb(step, commands, *argv):
    return gdb_of(scratch / "commands.gdb", commands, "--until", str(step), "--schedule", SCHEDULE, *argv,
                  RACE)


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


# In the port, that is in platform_inject(), nobody looks: reports name the line that calls it.
@test
def gdb_stands_in_the_named_frame():
    step = step_of("vm2.0 inject vm1.0 intid=8 accepted")
    shown = ffasim("replay", "--schedule", SCHEDULE, RACE).stdout
    file, line = re.search(rf"^ +{step} .*\((\w+\.c):(\d+)\)", shown, re.MULTILINE).groups()
    assert "platform_inject(" in source_line(f"mediator/hypervisor/{file}", int(line)), shown
    for build in "plain", "O2", "O0":
        text = gdb(step, "echo \\n== here\\n\nframe\n", "--build", build)
        assert re.search(rf"== here\n#\d+ .* at \S*/{file}:{line}\n", text), text


# Whatever is between the mediator and the signal, or the SDK that notices.
@test
def gdb_stands_in_the_crash():
    script = scratch / "commands.gdb"
    for how in 5, 6, 10, 11, 12, 13, 15, 16:
        path = write(f"crash{how}.json", broken(how))
        report = ffasim("run", "--subject", BROKEN, path).stdout
        function, place = re.search(r"#0 (\w+) at (\S+)", report).groups()
        text = gdb_of(script, "echo \\n== here\\n\nframe\n", "--subject", BROKEN, "--until", "4", path)
        assert re.search(rf"== here\n#\d+ .*\b{function} \(.*\) at \S*{place}\n", text), \
            f"{function} at {place}\n{text}"


@test
def gdb_suggests_another_build():
    step = step_of("vm1.0 unlock notif[vm1]")
    for build in "plain", "O2":
        assert f"the build '{build}' is optimised" in gdb(step, "\n", "--build", build)
    assert "--build O0" not in gdb(step, "\n", "--build", "O0")


PORT = """
#include "emu/subject/subject.h"
static struct subject_lock lock;
static uint32_t taken;
void mediator_call(struct ffa_regs *regs);
__attribute__((noinline)) void port_lock(void) { subject_lock_take(&lock); taken++; }
__attribute__((noinline)) void port_unlock(void) { subject_lock_release(&lock); taken--; }
static enum ffa_status boot(const char *options)
{ (void)options; subject_lock_init(&lock, "big", ffa_make_id(0)); return FFA_OK; }
static void shutdown(void) { subject_lock_fini(&lock); }
static enum ffa_status vm_create(struct ffa_id vm, uint16_t vcpus)
{ (void)vm; (void)vcpus; return FFA_OK; }
static bool vm_destroy(struct ffa_id vm) { (void)vm; return true; }
static void guest_call(struct ffa_id vm, uint16_t vcpu, struct ffa_regs *regs)
{ (void)vm; (void)vcpu; mediator_call(regs); }
const struct subject_entries subject_entries = {.name = "mine", .boot = boot, .shutdown = shutdown,
    .vm_create = vm_create, .vm_destroy = vm_destroy, .guest_call = guest_call};
"""
MEDIATOR = """
#include "abi/ffa.h"
void port_lock(void);
void port_unlock(void);
void mediator_call(struct ffa_regs *regs)
{
    port_lock(); /* here */
    regs->x[0] = FFA_SUCCESS_32;
    regs->x[1] = 0;
    regs->x[2] = 1;
    port_unlock();
}
"""


def foreign_subject():
    """A mediator and a port of somebody else, as docs/porting.md builds them."""
    folder = scratch / "mine_state.a.p"
    folder.mkdir(exist_ok=True)
    for name, text in ("theirport.c", PORT), ("theirs.c", MEDIATOR):
        (folder / name).write_text(text)
    flags = ["-std=gnu11", "-O2", "-g", "-fPIC", "-fvisibility=hidden", f"-I{TOP}"]
    for name in "theirport", "theirs":
        subprocess.run(["cc", *flags, "-fno-stack-protector", "-c", folder / f"{name}.c", "-o",
                        folder / f"{name}.o"], check=True)
    sdk = [TOP / "emu" / "subject" / name for name in
           ("core.c", "fiber.c", "fiber_x86_64.S", "heap.c", "object.c", "service.c", "trap.c", "build.c")]
    subprocess.run(["cc", *flags, "-mno-red-zone", "-D_GNU_SOURCE", "-shared", "-o", scratch / "mine.so",
                    folder / "theirport.o", folder / "theirs.o", *sdk,
                    f"-Wl,-T,{TOP}/emu/subject/state.ld", "-Wl,-Bsymbolic"], check=True)
    return scratch / "mine.so"


# The port is the file with the table of entries, whatever it is called.
@test
def the_port_of_somebody_else_is_passed_over():
    if platform.machine() != "x86_64":
        raise Skip("the commands are those of x86-64")
    subject = foreign_subject()
    line = next(number for number, text in enumerate(MEDIATOR.splitlines(), 1) if "/* here */" in text)
    path = write("theirs.json", {"about": "one call", "machine": {"mediator": "mine", "vms": {"vm1": {}}},
                                 "threads": {"vm1.0": [{"call": "FFA_ID_GET", "expect": "SUCCESS"}]}})
    shown = ffasim("replay", "--subject", subject, path).stdout
    assert f"lock big (theirs.c:{line})" in shown and "theirport" not in shown, shown
    text = gdb_of(scratch / "commands.gdb", "echo \\n== here\\n\nframe\n", "--subject", subject,
                  "--until", "2", path)
    assert re.search(rf"== here\n#\d+ .*\bmediator_call \(.*theirs\.c:{line}\n", text), text


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

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests `ffasim shrink` on planted defects: usage: shrink_test.py FFASIM BUILD. TAP on stdout.

Each case is a failing scenario with much in it that plays no part. What must be
left is derived from the defect; that nothing more can go is tried out one
removal at a time, by exploration and not by what shrinks.
"""
import copy
import functools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from defect import TOP, Target, build_defect  # noqa: E402

FFASIM = Path(sys.argv[1]).resolve()
BUILD = Path(sys.argv[2]).resolve()
BUGS = TOP / "tests" / "bugs"
BROKEN = BUILD / "tests" / "subjects" / "broken-plain.so"
PLAIN = BUILD / "subjects" / "hypervisor-plain.so"
TIMEOUT = 60  # seconds, of one command

SIZES = re.compile(r": (\d+) steps?, (\d+) calls?, (\d+) preemptions? \(was (\d+), (\d+), (\d+)\)(.*)")
tests = []
scratch = None


def test(function):
    tests.append(function)
    return function


def ffasim(*argv):
    return subprocess.run([FFASIM, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=TIMEOUT, cwd=scratch)


def subject_with(patch):
    path = scratch / (patch.stem + ".so")
    if not path.exists():
        build_defect(patch, Target(BUILD, "subjects/hypervisor-plain.so"), scratch / patch.stem,
                     path)
    return path


def write(name, scenario):
    path = scratch / name
    path.write_text(json.dumps(scenario))
    return path


class Shrunk:
    """The result of a shrink that must succeed."""

    def __init__(self, name, scenario, subject, *options):
        self.path = write(f"{name}.json", scenario)
        self.out = scratch / f"{name}.min.json"
        done = ffasim("shrink", self.path, "-o", self.out, "--subject", subject, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        self.text = done.stdout
        self.bytes = self.out.read_bytes()
        self.json = json.loads(self.bytes)
        match = SIZES.search(self.text)
        assert match, self.text
        self.after = tuple(int(number) for number in match.groups()[:3])
        self.before = tuple(int(number) for number in match.groups()[3:6])
        self.limit = match[7]

    def calls(self):
        """Who calls what, in the set-up and in each thread."""
        setup = [next(iter(step.items())) for step in self.json.get("setup", [])]
        threads = {name: [step.get("call", step.get("do", "take")) for step in steps]
                   for name, steps in self.json["threads"].items()}
        return setup, threads

    def moves(self):
        return next(iter(self.json["schedules"].values()))


VERSION = [{"vm1.0": "FFA_VERSION", "version": "1.2"}, {"vm2.0": "FFA_VERSION", "version": "1.2"},
           {"vm3.0": "FFA_VERSION", "version": "1.2"}]


def bind(receiver, sender, bitmap):
    return {f"{receiver}.0": "FFA_NOTIFICATION_BIND", "sender": sender, "receiver": receiver,
            "bitmap": bitmap, "expect": "SUCCESS"}


def set_bits(sender, receiver, bitmap, **more):
    return {"call": "FFA_NOTIFICATION_SET", "sender": sender, "receiver": receiver,
            "bitmap": bitmap, **more}


def get(receiver, flags="0x2", **more):
    return {"call": "FFA_NOTIFICATION_GET", "receiver": receiver, "flags": flags, **more}


def in_setup(step):
    """A step of a thread as one of the set-up, by its sender."""
    step = dict(step)
    return {f"{step['sender']}.0": step.pop("call"), **step}


MACHINE = {"mediator": "hypervisor", "spmc": "full",
           "vms": {"vm1": {"vcpus": 2}, "vm2": {}, "vm3": {}},
           "sps": {"sp1": {"properties": "0x89", "answers": [{"to": "VM_DESTROYED",
                                                              "answer": "RETRY", "times": 3}]}}}

# A GET takes the bits, opens its lock, closes it again and disarms: a SET in between is not told.
# Needed: both versions, the binding, an armed receiver (the SET before), the GET, the SET. What is
# between the critical sections is reached by one preemption of the GET.
DISARMS = {
    "about": "much beside a lost interrupt",
    "machine": MACHINE,
    "setup": VERSION + [bind("vm1", "vm2", "0xff00000001"), bind("vm2", "vm3", "0x30"),
                        in_setup(set_bits("vm2", "vm1", "0x1")),
                        {"vm2.0": "FFA_ID_GET", "expect": {"id": "vm2"}}],
    "threads": {
        "vm1.0": [{"call": "FFA_ID_GET", "as": "id"}, get("vm1", **{"as": "get"})],
        "vm2.0": [set_bits("vm2", "vm1", "0x700000000", **{"as": "set", "expect": "SUCCESS"}),
                  {"call": "FFA_FEATURES", "feature": "FFA_RXTX_MAP"}],
        "vm3.0": [set_bits("vm3", "vm2", "0x10"), {"call": "FFA_ID_GET"}]},
    "schedule": [{"run": "vm3.0", "until": {"lock": "notif[vm2]"}},
                 {"run": "vm1.0", "until": "return"},
                 {"run": "vm1.0", "until": {"lock": "notif[vm1]"}, "times": 1},
                 {"run": "vm3.0", "until": "return"},
                 {"run": "vm1.0", "until": {"lock": "notif[vm1]"}},
                 {"run": "vm2.0", "until": "return"},
                 {"run": "vm1.0"}, "rest"],
    "outcomes": {"always": ["id == SUCCESS", "set == SUCCESS"], "sometimes": ["get == SUCCESS"]},
}


@functools.cache
def disarms(name="disarms"):
    # the model has something to say as well, and earlier
    return Shrunk(name, DISARMS, subject_with(BUGS / "oracle" / "get-disarms-late.patch"),
                  "--reason", "wake-up")


@test
def lost_interrupt():
    shrunk = disarms()
    setup, threads = shrunk.calls()
    assert setup == [("vm1.0", "FFA_VERSION"), ("vm2.0", "FFA_VERSION"),
                     ("vm1.0", "FFA_NOTIFICATION_BIND"), ("vm2.0", "FFA_NOTIFICATION_SET")], setup
    assert threads == {"vm1.0": ["FFA_NOTIFICATION_GET"], "vm2.0": ["FFA_NOTIFICATION_SET"]}, threads
    assert shrunk.after[1:] == (6, 1), shrunk.text
    assert shrunk.before[1:] == (13, 5), shrunk.text
    assert sorted(shrunk.json["machine"]["vms"]) == ["vm1", "vm2"], shrunk.json
    assert "sps" not in shrunk.json["machine"] and "spmc" not in shrunk.json["machine"]
    assert "wake-up: vm1 has 0x" in shrunk.text, shrunk.text


# One bit is enough for every set of bits in it.
@test
def values_are_simple():
    text = json.dumps(disarms().json)
    assert set(re.findall(r'"bitmap": "(\w+)"', text)) == {"0x1"}, text


@test
def same_bytes_twice():
    first, second = disarms(), disarms("second")
    assert first.bytes == second.bytes
    assert first.text.replace("disarms.min", "second.min") == second.text


@test
def nothing_left_to_shrink():
    subject = subject_with(BUGS / "oracle" / "get-disarms-late.patch")
    once = disarms()
    twice = Shrunk("again", once.json, subject, "--reason", "wake-up")
    assert twice.json == once.json, twice.text
    assert twice.after == twice.before == once.after, twice.text


def removals(node, pointer=()):
    """Where something can be taken out, but for what a file is about."""
    items = node.items() if isinstance(node, dict) else \
        enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        if pointer == () and key in ("about", "written-by"):
            continue
        yield pointer + (key,)
        yield from removals(child, pointer + (key,))


def without(scenario, pointer):
    result = copy.deepcopy(scenario)
    node = result
    for key in pointer[:-1]:
        node = node[key]
    del node[pointer[-1]]
    return result


def normal(message):
    return re.sub(r"\b(0x[0-9a-f]+|\d+)\b", "#", re.sub(r"\bvm\d\b", "@", message))


def reasons(text):
    """What an exploration found, oracle and message."""
    return {normal(line.strip()) for line in text.splitlines()
            if re.match(r"  (fail|liveness|crash): ", line)}


def check_minimal(shrunk, subject):
    reason = normal(next(line.strip() for line in shrunk.text.splitlines()
                         if re.match(r"  (fail|liveness|crash): ", line)))
    whole = ffasim("explore", "--oracles-only", "--subject", subject, shrunk.out)
    assert reason in reasons(whole.stdout), whole.stdout
    for pointer in removals(shrunk.json):
        smaller = write("smaller.json", without(shrunk.json, pointer))
        if pointer[0] == "schedules":
            continue
        done = ffasim("explore", "--oracles-only", "--subject", subject, smaller)
        assert done.returncode in (0, 1, 3, 4, 5), done.stderr
        assert reason not in reasons(done.stdout), f"{pointer} plays no part\n{done.stdout}"


def check_moves(shrunk, subject):
    """No move of the schedule can go either."""
    name = next(iter(shrunk.json["schedules"]))
    message = shrunk.text.splitlines()[1].split(": ", 2)[2]
    for i, move in enumerate(shrunk.moves()):
        if move == "rest":
            continue
        smaller = copy.deepcopy(shrunk.json)
        del smaller["schedules"][name][i]
        done = ffasim("run", "--subject", subject, write("smaller.json", smaller))
        assert normal(message) not in normal(done.stdout), f"move {i} plays no part\n{done.stdout}"


@test
def lost_interrupt_is_minimal():
    shrunk, subject = disarms(), subject_with(BUGS / "oracle" / "get-disarms-late.patch")
    check_minimal(shrunk, subject)
    check_moves(shrunk, subject)


# INFO_GET takes version[vm1] inside notif[vm1], VERSION the other way round: two calls of two vCPUs
# that meet, the first of which is preempted. INFO_GET needs a version of 1.1 or later.
DEADLOCK = {
    "about": "much beside a deadlock",
    "machine": MACHINE,
    "setup": VERSION + [bind("vm1", "vm2", "0x6"), in_setup(set_bits("vm2", "vm1", "0x4"))],
    "threads": {
        "vm1.0": [{"call": "FFA_NOTIFICATION_INFO_GET_64"}],
        "vm2.0": [set_bits("vm2", "vm1", "0x2"), {"call": "FFA_ID_GET"}],
        "vm1.1": [{"call": "FFA_ID_GET"}, {"call": "FFA_VERSION", "version": "1.2"}]},
    "schedule": [{"run": "vm2.0", "until": {"lock": "notif[vm1]"}},
                 {"run": "vm1.1", "until": "return"},
                 {"run": "vm1.0", "until": {"lock": "version[vm1]"}},
                 {"run": "vm1.1", "until": "blocked"}, "rest"],
    "outcomes": {"always": ["pending(vm2) == 0"]},
}


@test
def deadlock():
    subject = subject_with(BUGS / "oracle" / "order-inverted.patch")
    shrunk = Shrunk("deadlock", DEADLOCK, subject, "--reason", "liveness")
    setup, threads = shrunk.calls()
    assert setup == [("vm1.0", "FFA_VERSION")], setup
    assert threads == {"vm1.0": ["FFA_NOTIFICATION_INFO_GET_64"], "vm1.1": ["FFA_VERSION"]}, threads
    assert shrunk.after[1:] == (3, 1), shrunk.text
    assert list(shrunk.json["machine"]["vms"]) == ["vm1"], shrunk.json
    check_minimal(shrunk, subject)


# The same with another schedule and another finding: that the locks nest in two orders shows without
# a switch, and the version that INFO_GET needs is the other nesting.
@test
def reason_is_chosen():
    subject = subject_with(BUGS / "oracle" / "order-inverted.patch")
    shrunk = Shrunk("nesting", {**DEADLOCK, "schedule": ["rest"]}, subject, "--reason", "lock")
    assert "fail: lock: version[vm1] is taken with notif[vm1] held" in shrunk.text, shrunk.text
    assert shrunk.after[1:] == (2, 0), shrunk.text


# GET reads what is pending before it takes the lock under which it clears it. What fails is the
# scenario's own outcome, which fails in many other ways once a step is missing: those are no answer.
# Kept by the mediator without the defect, so what is left must be, too.
TWO_STEPS = {
    "about": "much beside a lost bit",
    "machine": MACHINE,
    "setup": VERSION + [bind("vm1", "vm2", "0x100000001"), bind("vm2", "vm3", "0x30"),
                        in_setup(set_bits("vm2", "vm1", "0x1"))],
    "threads": {
        "vm1.0": [get("vm1", **{"as": "get", "expect": "SUCCESS"})],
        "vm2.0": [set_bits("vm2", "vm1", "0x100000000", **{"as": "set"})],
        "vm3.0": [set_bits("vm3", "vm2", "0x10"), {"call": "FFA_ID_GET", "expect": "SUCCESS"}]},
    "schedule": [{"run": "vm3.0", "until": "return"},
                 {"run": "vm1.0", "until": {"lock": "notif[vm1]"}},
                 {"run": "vm2.0", "until": "return"}, "rest"],
    "outcomes": {"always": [
        "get == SUCCESS && set == SUCCESS",
        "(get.vm_bitmap == 0x1 && pending(vm1) == 0x100000000)"
        " || (get.vm_bitmap == 0x100000001 && pending(vm1) == 0)"]},
}


@test
def own_outcome_keeps_its_sense():
    subject = subject_with(BUGS / "get-reads-and-clears-in-two-steps.patch")
    shrunk = Shrunk("two-steps", TWO_STEPS, subject, "--reason", "outcome")
    setup, threads = shrunk.calls()
    assert threads == {"vm1.0": ["FFA_NOTIFICATION_GET"], "vm2.0": ["FFA_NOTIFICATION_SET"]}, threads
    assert shrunk.after[1:] == (6, 1), shrunk.text
    assert len(shrunk.json["outcomes"]["always"]) == 1, shrunk.json
    done = ffasim("explore", "--subject", PLAIN, shrunk.out)
    assert done.returncode == 0, done.stdout


# What is bound to vm2 cannot be bound to vm3, which the scenario expects. Without the first BIND that
# would succeed, but the SET of vm2 would fail with the same words: that is another failure.
BOUND = {
    "about": "an expectation that is wrong",
    "machine": {"mediator": "hypervisor", "vms": {"vm1": {}, "vm2": {}, "vm3": {}}},
    "setup": VERSION + [bind("vm1", "vm2", "0x3")],
    "threads": {"vm1.0": [{"call": "FFA_NOTIFICATION_BIND", "sender": "vm3", "receiver": "vm1",
                           "bitmap": "0x1", "expect": "SUCCESS"}],
                "vm2.0": [set_bits("vm2", "vm1", "0x2", expect="SUCCESS")]},
}


@test
def same_place_of_the_file():
    shrunk = Shrunk("bound", BOUND, PLAIN, "--reason", "expect")
    setup, threads = shrunk.calls()
    assert ("vm1.0", "FFA_NOTIFICATION_BIND") in setup, setup
    assert threads == {"vm1.0": ["FFA_NOTIFICATION_BIND"]}, threads
    assert "/threads/vm1.0/0/expect" in shrunk.text, shrunk.text


def broken(how, **machine):
    """A call that breaks its mediator among some that do not; see tests/subjects/broken.h."""
    return {"about": "much beside a crash",
            "machine": {"mediator": "broken", "vms": {"vm1": {}, "vm2": {}}, **machine},
            "setup": [{"vm2.0": "FFA_ID_GET", "expect": {"id": "vm2"}}],
            "threads": {"vm1.0": [{"call": "FFA_ID_GET"}, {"call": "FFA_FEATURES", "w1": how},
                                  {"call": "FFA_ID_GET"}],
                        "vm2.0": [{"call": "FFA_NOTIFICATION_GET", "receiver": "vm2"},
                                  {"call": "FFA_ID_GET", "expect": "SUCCESS"}]},
            "schedules": {"fine": ["rest"] if how == 0 else [{"run": "vm2.0"}, "rest"],
                          "other": ["rest"]}}


def one_call_is_left(name, how, verdict):
    shrunk = Shrunk(name, broken(how), BROKEN)
    assert shrunk.calls() == ([], {"vm1.0": ["FFA_FEATURES"]}), shrunk.json
    assert shrunk.json["threads"]["vm1.0"][0]["w1"] == how, shrunk.json
    assert shrunk.after[1:] == (1, 0), shrunk.text
    assert list(shrunk.json["machine"]["vms"]) == ["vm1"], shrunk.json
    assert verdict in shrunk.text, shrunk.text
    done = ffasim("run", "--subject", BROKEN, shrunk.out)
    assert done.returncode == 5 and verdict.split(": ")[-1] in done.stdout, done.stdout


@test
def process_dies():
    one_call_is_left("exit", 2, "crash: subject: the subject ended its process with status 7")


@test
def context_crashes():
    one_call_is_left("write", 5, "crash: subject: vm1.0 crashed with Segmentation fault")


def refused(code, message, *argv):
    done = ffasim("shrink", *argv)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}{done.stderr}"
    assert message in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert done.stdout == "", done.stdout
    assert not (scratch / "none.json").exists()


@test
def what_does_not_fail_is_refused():
    passing = write("passing.json", TWO_STEPS)
    refused(3, f"nothing to shrink: no schedule of '{passing}' fails", passing, "-o", "none.json")
    diverging = copy.deepcopy(TWO_STEPS)
    diverging["schedule"][1]["until"] = {"lock": "vms"}
    diverging = write("diverging.json", diverging)
    refused(3, "nothing to shrink", diverging, "-o", "none.json")


@test
def what_is_no_scenario_is_refused():
    refused(3, "cannot read", "missing.json", "-o", "none.json")
    (scratch / "text.json").write_text("{")
    refused(3, "text.json:1:", "text.json", "-o", "none.json")
    refused(2, "no scenario given", "-o", "none.json")
    refused(2, "takes one file", "a.json", "b.json", "-o", "none.json")
    refused(2, "is a folder", ".", "-o", "none.json")
    refused(5, "there is no subject", "--subject", "./none.so", write("good.json", TWO_STEPS),
            "-o", "none.json")


@test
def limit_is_told():
    subject = subject_with(BUGS / "oracle" / "get-disarms-late.patch")
    shrunk = Shrunk("limited", DISARMS, subject, "--time", "0.001")
    assert "not minimal, ended by --time" in shrunk.limit, shrunk.text


def main():
    global scratch
    print(f"TAP version 13\n1..{len(tests)}")
    failed = False
    with tempfile.TemporaryDirectory(prefix="shrink.") as folder:
        scratch = Path(folder)
        for number, function in enumerate(tests, 1):
            try:
                function()
                print(f"ok {number} - {function.__name__}")
            except (AssertionError, subprocess.TimeoutExpired) as error:
                failed = True
                print(f"not ok {number} - {function.__name__}")
                for line in str(error).splitlines():
                    print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

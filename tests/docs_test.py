#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the examples in README.md, HACKING.md and docs/*.md: usage: docs_test.py FFASIM BUILD. TAP on stdout.

Every block of code, and every piece of JSON or command in a line of text, is an example. A block has
a test in BLOCKS, by its file and the beginning of its first line; one that has none is a failure, and so
is a test without its block. JSON in a line must load somewhere in a scenario; a command must have the
options that it names.
"""
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from defect import TOP, Target, build_defect  # noqa: E402

FFASIM = Path(sys.argv[1]).resolve()
BUILD = Path(sys.argv[2]).resolve()
DEFECT = "get-reads-and-clears-in-two-steps"
TIMEOUT = 100  # seconds, of one command
FILES = ["README.md", "HACKING.md", *sorted(f"docs/{path.name}" for path in (TOP / "docs").glob("*.md"))]

scratch = None


class Block:
    def __init__(self, file, line, text):
        self.file = file
        self.line = line
        self.lines = text
        self.name = f"{file}:{line}"
        self.text = "\n".join(text)


def blocks_of(file):
    """Fenced blocks, and those that are indented behind an empty line."""
    lines = (TOP / file).read_text().split("\n")
    at = 0
    while at < len(lines):
        end = at + 1
        if lines[at].startswith("```"):
            while not lines[end].startswith("```"):
                end += 1
            yield Block(file, at + 1, lines[at + 1:end])
            end += 1
        elif lines[at].startswith("    ") and (at == 0 or not lines[at - 1].strip()):
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            text = [line[4:] for line in lines[at:end]]
            while not text[-1].strip():
                text.pop()
            yield Block(file, at + 1, text)
        at = end


def codes_of(file):
    """What stands between backticks in lines outside of blocks."""
    inside = False
    for number, line in enumerate((TOP / file).read_text().split("\n"), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside and not line.startswith("    "):
            for match in re.finditer(r"`([^`]+)`", line):
                yield f"{file}:{number}", match[1].replace("\\|", "|")


# Running


def environment(**more):
    """"ffasim" is the one under test, and finds its subjects wherever it is called from."""
    return {**os.environ, "PATH": f"{scratch / 'bin'}:{os.environ['PATH']}",
            "FFASIM_FIXTURES": str(TOP / "fixtures"), "FFASIM_SUBJECT_DIR": str(BUILD / "subjects"),
            **more}


def run(argv, folder, codes=(0,), **options):
    done = subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=TIMEOUT, env=options.pop("env", environment()),
                          **{"stdin": subprocess.DEVNULL, **options} if "input" not in options else options)
    shown = argv if isinstance(argv, str) else " ".join(map(str, argv))
    assert done.returncode in codes, f"{shown}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def place(name):
    """A folder of its own for an example."""
    folder = Path(tempfile.mkdtemp(prefix=name + ".", dir=scratch))
    return folder


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return path


def readme_scenario():
    return json.loads(next(block for block in blocks_of("README.md") if block.text.startswith("{")).text)


def two_schedules():
    """The race of the README, with schedules called 1 and 2."""
    scenario = readme_scenario()
    del scenario["schedule"]
    scenario["schedules"] = {"1": [{"run": "vm1.0"}, "rest"], "2": [{"run": "vm2.0"}, "rest"]}
    scenario["outcomes"] = {"sometimes": ["set == DENIED", "unbind == DENIED"]}
    return scenario


# Comparing what is printed


def plain(line):
    """A line without what changes with the sources, the machine or the width of columns."""
    line = re.sub(r"(\.c:)\d+", r"\1N", line)
    line = re.sub(r"sync@\w+:\w+", "sync@", line)
    line = re.sub(r"\(\d+ more lines\)|\.\.\. \d+ steps", "", line)
    return re.sub(r"\s+", " ", line).strip()


def assert_shows(lines, output):
    """Every line is in the output, in this order; "..." stands for lines that are left out."""
    rest = iter([plain(line) for line in output.split("\n")])
    for line in lines:
        wanted = plain(line)
        if wanted == "..." or not wanted:
            continue
        cut = wanted.split("...")[0] if wanted.endswith("...") else None
        assert any(got == wanted or (cut and got.startswith(cut)) for got in rest), \
            f"not shown, or not there: {line}\n{output}"


# Tests of blocks


def scenario(block):
    folder = place("scenario")
    write(folder / "x.json", block.text)
    run(["ffasim", "run", "x.json"], folder)


def loads(block):
    assert loads_somewhere(block.text), "it loads nowhere in a scenario"


def commands_of(block):
    """The commands, without what is said behind two spaces."""
    for line in block.text.replace("\\\n", " ").split("\n"):
        line = line.removeprefix("$ ")
        if re.match(r"(ffasim|tools/|tests/|build/|meson|cmp|parallel) ?", line):
            yield re.split(r"\s{2,}", line.strip())[0]


# What words in capitals stand for.
WORDS = {"FILE|DIR...": "x.json more", "FILE...": "x.json more/a.json", "FILE": "x.json",
         "RESULT...": "one.json two.json", "[ORACLE]": "race", "[CALL]": "FFA_RUN", "N": "2", "A": "inline",
         "B": "process"}


def fill_in(command):
    command = re.sub(r"--time 60\b", "--time 1", command)
    words = [WORDS.get(word, word) for word in command.split(" ")]
    return " ".join(words)


def files_for_commands(folder):
    write(folder / "x.json", two_schedules())
    write(folder / "more" / "a.json", two_schedules())
    for shard, name in enumerate(("one.json", "two.json"), 1):
        run(["ffasim", "explore", "--strategy", "dpor", "--shard", f"{shard}/2", "--result", name, "x.json"],
            folder)


def synopsis(block):
    """Each command with the words in capitals filled in; a random search may find nothing new."""
    folder = place("synopsis")
    files_for_commands(folder)
    for command in commands_of(block):
        check_options(command)
        codes = (0, 6) if "--time" in command else (0,)
        if " shrink " in command:
            command += " -E always-fail"
        run(["sh", "-c", fill_in(command)], folder, codes)


def options_of_explore(block):
    for option in re.findall(r"--[a-z-]+", block.text):
        check_options(f"ffasim explore {option}")


def of_the_tree(block):
    """Scripts of the tree and programs of the build, which CI runs: they are there."""
    for command in commands_of(block):
        word = command.split()[0].replace("test_NAME", "test_abi")
        path = BUILD / word.removeprefix("build/native/") if word.startswith("build/") else TOP / word
        assert word == "meson" or os.access(path, os.X_OK), f"there is no {path}"
        if word in ("tools/test", "tools/setup"):
            usage = run([path, "--help"], TOP)
            for option in re.findall(r"--[a-z-]+", command.split("  ")[0]):
                assert option in usage, f"{word} has no {option}"


def trace(block):
    """The lines of a schedule of a race, what is said of them left out."""
    folder = place("trace")
    run(["ffasim", "run", "--output", "trace:all", TOP / "scenarios/notification/r03-set-get.json"], folder)
    schedules = (folder / "all").read_text().split("\nschedule ")[1:]
    lines = [re.split(r"\s{2,}", line)[0] for line in block.lines if line != "..."]
    for schedule in schedules:
        rest = iter(schedule.split("\n"))
        if all(line in rest for line in lines):
            return
    raise AssertionError("no schedule of r03-set-get has these lines in this order")


@functools.cache
def defect_folder():
    """Where the commands about a finding are run one after the other, on a mediator with the defect."""
    folder = place("defect")
    subjects = folder / "subjects"
    subjects.mkdir()
    build_defect(TOP / "tests" / "bugs" / f"{DEFECT}.patch", Target(BUILD, "subjects/hypervisor-plain.so"),
                 folder / "build", subjects / "hypervisor-plain.so")
    build_defect(TOP / "tests" / "bugs" / f"{DEFECT}.patch", Target(BUILD, "subjects/hypervisor-O0.so"),
                 folder / "build-O0", subjects / "hypervisor-O0.so")
    shutil.copytree(TOP / "scenarios" / "notification", folder / "scenarios" / "notification")
    return folder


def on_defect(codes):
    def test(block):
        folder = defect_folder()
        env = environment(FFASIM_SUBJECT_DIR=str(folder / "subjects"))
        command, = commands_of(block)
        check_options(command)
        output = run(["sh", "-c", command], folder, codes, env=env)
        if block.text.startswith("$ "):
            assert_shows(block.lines[1:], output)
    return test


def debugger(block):
    if not shutil.which("gdb"):
        return
    folder = defect_folder()
    command, = commands_of(block)
    asked = [line.removeprefix("(gdb) ") for line in block.lines if line.startswith("(gdb) ")]
    output = run(["sh", "-c", command], folder, input="\n".join([*asked, "kill", "quit", ""]),
                 env=environment(FFASIM_SUBJECT_DIR=str(folder / "subjects")))
    assert_shows([line for line in block.lines[1:] if not line.startswith("(gdb)")],
                 output.replace("(gdb) ", ""))


def diverged(block):
    """A move that waits for more than comes."""
    folder = place("diverged")
    text = json.loads((TOP / "scenarios/notification/r03-set-get.json").read_text())
    text.pop("detects", None)
    text["schedules"] = {"x": [{"run": "vm1.0", "until": {"lock": "notif[vm1]"}, "times": 2}, "rest"]}
    text["outcomes"] = {}
    write(folder / "x.json", text)
    output = run(["ffasim", "run", "x.json"], folder, (1,))
    assert_shows(block.lines, output.replace("schedule x: ", ""))


def race(block):
    """A finding of the oracle `race` on the defect that is named in the text."""
    folder = place("race")
    build_defect(TOP / "tests" / "bugs" / "bind-checks-unlocked.patch",
                 Target(BUILD, "subjects/hypervisor-O2.so"), folder / "build", folder / "racy.so")
    output = run(["ffasim", "explore", "-W", "no-model", "--oracles-only", "--subject", "./racy.so",
                  TOP / "scenarios/notification/r02-bind-bind.json"], folder, (1,))
    mask = lambda text: re.sub(r"\d+", "N", " ".join(text.split()))
    assert mask(block.text) in mask(output), output


def command_lines(block):
    """In a folder with some scenarios, as they stand."""
    folder = place("commands")
    for name in "x.json", "notification/a.json":
        write(folder / "scenarios" / name, two_schedules())
    for command in commands_of(block):
        if "--subject aarch64" in command and not (BUILD / "../aarch64/subjects/hypervisor-plain").exists():
            command = command.replace("--subject aarch64", "--subject process")
        check_options(command)
        run(["sh", "-c", command], folder)


def text_sample(block):
    folder = place("text")
    write(folder / "scenarios/notification/id-get.json",
          {"about": "x", "machine": {"mediator": "hypervisor", "vms": {"vm1": {}}},
           "threads": {"vm1.0": [{"call": "FFA_ID_GET"}]}})
    failing = two_schedules()
    failing["about"] = readme_scenario()["about"]
    failing["outcomes"] = {"never": ["set == DENIED"]}
    failing["schedules"] = {"1": [{"run": "vm2.0"}, "rest"], "2": [{"run": "vm1.0"}, "rest"]}
    write(folder / "scenarios/notification/set-unbind.json", failing)
    output = run(["ffasim", "run", "scenarios"], folder, (1,))
    place_of = re.compile(r"json:\d+:\d+:")
    assert_shows([place_of.sub("json:", line) for line in block.lines], place_of.sub("json:", output))


def tap_sample(block):
    folder = place("tap")
    good = two_schedules()
    write(folder / "scenarios/a.json", good)
    bad = {**good, "about": "what the scenario shows", "outcomes": {"never": ["set == DENIED"]},
           "schedules": {"1": good["schedules"]["2"], "2": good["schedules"]["1"]}}
    write(folder / "scenarios/b.json", bad)
    write(folder / "scenarios/c.json", {**good, "skip": "no secure partitions here"})
    write(folder / "scenarios/d.json", {**bad, "known-failing": "being repaired"})
    output = run(["ffasim", "run", "--format", "tap", "scenarios"], folder, (1,))
    place_of = re.compile(r"json:\d+:\d+:")
    assert_shows([place_of.sub("json:", line) for line in block.lines], place_of.sub("json:", output))


def trace_sample(block):
    folder = place("trace")
    scenario_2 = two_schedules()
    write(folder / "scenarios/notification/set-unbind.json", scenario_2)
    run(["ffasim", "run", "--output", "trace:all", "scenarios"], folder)
    assert_shows(block.lines, (folder / "all").read_text())


def result_head(block):
    folder = place("result")
    write(folder / "x.json", two_schedules())
    run(["ffasim", "explore", "--result", "r.json", "x.json"], folder)
    result = json.loads((folder / "r.json").read_text())
    sample = json.loads(block.text.replace("[...]", "[]"))
    assert list(result) == list(sample), f"its members are {list(result)}"
    assert (result["ffasim"], result["version"]) == (sample["ffasim"], sample["version"]), result["version"]


MEDIATOR = """
#include "abi/ffa.h"
void mine_call(struct ffa_regs *regs);
static unsigned calls;
void mine_call(struct ffa_regs *regs)
{
	calls++;
	*regs = (struct ffa_regs){{(uint32_t)regs->x[0] == FFA_VERSION_32 ? FFA_VERSION_1_2 : FFA_ERROR_32}};
	if (regs->x[0] == FFA_ERROR_32)
		regs->x[2] = (uint32_t)FFA_NOT_SUPPORTED;
}
"""
PORT = """
#include "emu/subject/subject.h"
void mine_call(struct ffa_regs *regs);
static enum ffa_status boot(const char *options) { (void)options; return FFA_OK; }
static void shutdown(void) {}
static enum ffa_status create(struct ffa_id vm, uint16_t vcpus) { (void)vm, (void)vcpus; return FFA_OK; }
static bool destroy(struct ffa_id vm) { (void)vm; return true; }
static void call(struct ffa_id vm, uint16_t vcpu, struct ffa_regs *regs)
{
	(void)vm, (void)vcpu;
	mine_call(regs);
}
const struct subject_entries subject_entries = {.name = "mine", .boot = boot, .shutdown = shutdown,
	.vm_create = create, .vm_destroy = destroy, .guest_call = call};
"""


def own_subject(block):
    folder = place("porting")
    (folder / "ffasim").symlink_to(scratch / "tree")
    write(folder / "mediator.c", MEDIATOR)
    write(folder / "port.c", PORT)
    write(folder / "scenario.json",
          {"about": "x", "machine": {"mediator": "mine", "vms": {"vm1": {}}},
           "threads": {"vm1.0": [{"call": "FFA_VERSION", "version": "1.2", "expect": {"version": "1.2"}}]}})
    run(["sh", "-ec", block.text], folder)


def checkpoint(block):
    folder = place("checkpoint")
    write(folder / "x.json", two_schedules())
    for command in commands_of(block):
        check_options(command)
        run(["sh", "-c", fill_in(command)], folder)
    assert (folder / "night").exists()


def shards(block):
    folder = place("shards")
    files_for_commands(folder)
    one, merge = commands_of(block)
    check_options(one)
    for k in "1", "2":
        run(["sh", "-c", fill_in(one.replace("part-K", f"part-{k}").replace("K/N", f"{k}/2"))], folder)
    assert "pass: x.json" in run(["sh", "-c", merge], folder)


def with_parallel(block):
    if not shutil.which("parallel"):
        return
    folder = place("parallel")
    write(folder / "x.json", two_schedules())
    for command in commands_of(block):
        output = run(["sh", "-c", fill_in(command)], folder)
    assert "pass: x.json" in output


def slurm(block):
    folder = place("slurm")
    write(folder / "x.json", two_schedules())
    script, merge = block.text.split("\n\n")
    write(folder / "job", script.replace(" FILE", " x.json"))
    for task in "1", "2":
        run(["sh", "job"], folder, env=environment(SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_COUNT="2"))
    assert "pass: x.json" in run(["sh", "-c", re.split(r"\s{2,}", merge)[0]], folder)


def workflow(block):
    """The commands of a workflow, for each value of its matrix."""
    folder = place("workflow")
    write(folder / "x.json", two_schedules())
    shard, merge = re.findall(r"- run: (.*)", block.text)
    for number in json.loads(re.search(r"shard: (\[.*?\])", block.text)[1]):
        run(["sh", "-c", fill_in(shard.replace("${{ matrix.shard }}", str(number)))], folder)
    assert "pass: x.json" in run(["sh", "-c", merge], folder)


def no_example(block):
    """A picture, what was measured once, what another mediator would print."""
    del block


BLOCKS = {
    ("README.md", "tools/run "): of_the_tree,
    ("README.md", '{ "about"'): scenario,
    ("HACKING.md", "abi/ "): no_example,
    ("HACKING.md", "scenarios/x.json --sim"): no_example,
    ("HACKING.md", "tools/run "): of_the_tree,
    ("docs/bench.md", "   "): no_example,
    ("docs/bench.md", "per CPU second"): no_example,
    ("docs/guide.md", "ffasim run FILE|DIR..."): synopsis,
    ("docs/guide.md", "race on allocation"): race,
    ("docs/guide.md", '"spmc": {'): loads,
    ("docs/guide.md", "vm1.0 call"): trace,
    ("docs/guide.md", "ffasim explore --out found"): on_defect((1,)),
    ("docs/guide.md", "ffasim run found/"): on_defect((1,)),
    ("docs/guide.md", "$ ffasim shrink"): on_defect((0,)),
    ("docs/guide.md", "$ ffasim replay"): on_defect((0,)),
    ("docs/guide.md", "ffasim replay --build O0 found/"): debugger,
    ("docs/guide.md", "move 1 "): diverged,
    ("docs/output-formats.md", "ffasim run --format"): command_lines,
    ("docs/output-formats.md", "ffasim replay"): command_lines,
    ("docs/output-formats.md", "not judged, "): no_example,
    ("docs/output-formats.md", "pass  "): text_sample,
    ("docs/output-formats.md", "TAP version 13"): tap_sample,
    ("docs/output-formats.md", "ffasim trace 1"): trace_sample,
    ("docs/output-formats.md", "ffasim run --output trace:"): command_lines,
    ("docs/output-formats.md", '{"ffasim": "result"'): result_head,
    ("docs/porting.md", "crash: "): no_example,
    ("docs/porting.md", "mkdir -p"): own_subject,
    ("docs/scaling.md", "ffasim explore -j 8"): synopsis,
    ("docs/scaling.md", "--time "): options_of_explore,
    ("docs/scaling.md", "ffasim explore --checkpoint"): checkpoint,
    ("docs/scaling.md", "ffasim explore --strategy dpor"): shards,
    ("docs/scaling.md", "parallel "): with_parallel,
    ("docs/scaling.md", "#!/bin/sh"): slurm,
    ("docs/scaling.md", "explore:"): workflow,
}


# Commands in lines of text


@functools.cache
def help_of(verb):
    return run(["ffasim", "help", verb], TOP)


def check_options(command):
    """A command of ffasim has the verb and the options that are named."""
    words = shlex.split(command.replace("|", " "))
    while words and not words[0].endswith("ffasim"):
        words.pop(0)
    if len(words) < 2 or words[1].startswith("-"):
        return
    usage = help_of(words[1])
    for word in words[2:]:
        option = word.split("=")[0]
        if re.fullmatch(r"--?[a-zA-Z][a-z-]*", option):
            short = re.fullmatch(r"-[a-zA-Z]", option)
            assert re.search(rf"(^|[ ,]){re.escape(option)}([ ,=]|$)", usage, re.MULTILINE), \
                f"'{command}': {words[1]} has no {'short ' if short else ''}option {option}"


def check_command(code):
    words = code.split()
    if words[0].endswith("ffasim"):
        check_options(code)
    elif words[0].startswith("tools/"):
        path = TOP / words[0].rstrip("/")
        assert path.exists(), f"there is no {words[0]}"


# JSON in lines of text


def base():
    return {"about": "x",
            "machine": {"mediator": "hypervisor", "spmc": {"profile": "full"},
                        "vms": {"vm1": {"vcpus": 4}, "vm2": {}}, "sps": {"sp1": {"properties": "0xff"}}},
            "threads": {"host": [{"do": "sp-set", "sp": "sp1", "vm": "vm1", "bitmap": "0x1"}],
                        "vm1.0": [{"call": "FFA_ID_GET", "as": "unbind"}],
                        "vm2.0": [{"call": "FFA_ID_GET"}]},
            "schedule": ["rest"]}


def places(value, members):
    """Scenarios with a value, or with members of an object, in each place that takes such things."""
    def made(change):
        result = base()
        change(result)
        return result

    def put(*path):
        def change(result):
            node = result
            for key in path[:-1]:
                node = node[key]
            if isinstance(node, list) and path[-1] == len(node):
                node.append(value)
            else:
                node[path[-1]] = value
        return made(change)

    def add(*path):
        def change(result):
            node = result
            for key in path:
                node = node[key]
            node.update(members)
        return made(change)

    fault = lambda result, call: result["machine"]["spmc"].update(
        faults=[{"call": call, "answer": value}])
    move = lambda result, more: result["schedule"].insert(0, {"run": "vm1.0", **more})
    if members is not None:
        yield add()
        yield add("machine")
        yield add("machine", "spmc")
        yield add("machine", "sps", "sp1")
        yield add("threads", "vm2.0", 0)
        yield made(lambda result: move(result, {"until": {"lock": "notif[vm1]"}, **members}))
    yield put("machine", "spmc")
    yield put("threads", "vm1.0", 1)
    yield put("threads", "vm2.0", 1)
    yield put("threads", "host", 1)
    yield put("schedule", 0)
    yield made(lambda result: result["machine"]["spmc"].update(features=value))
    yield made(lambda result: fault(result, "FFA_RUN"))
    yield made(lambda result: fault(result, "FFA_NOTIFICATION_INFO_GET_64"))
    yield made(lambda result: move(result, {"until": value}))
    yield made(lambda result: result["threads"]["vm2.0"][0].update(expect=value))


# What stands for something of that kind.
STANDS_FOR = {"ACTOR": '"vm1.0"', "CONDITION": '"return"', "FFA_X": "FFA_ID_GET"}


def loads_somewhere(code):
    for word, value in STANDS_FOR.items():
        code = code.replace(word, value)
    members = None if code.startswith("{") else json.loads("{" + code + "}")
    value = json.loads(code) if members is None else members
    folder = place("json")
    count = 0
    for count, candidate in enumerate(places(value, members if members else value), 1):
        write(folder / f"{count}.json", candidate)
    done = subprocess.run(["ffasim", "check", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=environment(), cwd=folder, timeout=TIMEOUT)
    bad = set(re.findall(r"/(\d+)\.json:\d+:\d+: ", done.stderr))
    return len(bad) < count


def is_json(code):
    return re.match(r'\{"|"[a-z$-]+": *[\[{"0-9]', code) is not None


# Files of explorations are no scenarios.
OTHER_JSON = ('"ffasim": ',)


def check_codes(file):
    wrong = []
    for name, code in codes_of(file):
        try:
            if is_json(code) and not code.startswith(OTHER_JSON):
                assert loads_somewhere(code), f"'{code}' loads nowhere in a scenario"
            elif re.match(r"(\S*/)?ffasim |tools/", code):
                check_command(code)
        except (AssertionError, ValueError) as error:
            wrong.append(f"{name}: {error}")
    assert not wrong, "\n".join(wrong)


def tests():
    unused = dict(BLOCKS)
    for file in FILES:
        for block in blocks_of(file):
            key = next((key for key in BLOCKS if key[0] == file and block.lines[0].startswith(key[1])), None)
            unused.pop(key, None)
            yield f"{file}: {block.lines[0].strip()[:50]}", functools.partial(run_block, block, key)
        yield f"{file}: what stands in its lines", functools.partial(check_codes, file)
    for key in unused:
        yield f"{key[0]}: {key[1]}", functools.partial(missing, key)


def run_block(block, key):
    assert key, f"{block.name}: no test for this example; tests/docs_test.py needs one in BLOCKS"
    try:
        BLOCKS[key](block)
    except AssertionError as error:
        raise AssertionError(f"{block.name}: {error}") from error


def missing(key):
    raise AssertionError(f"there is no block that begins with '{key[1]}'")


def make_scratch(folder):
    """A folder with the command under its name, and a tree with the build where the docs have it."""
    global scratch
    scratch = Path(folder)
    (scratch / "bin").mkdir()
    (scratch / "bin" / "ffasim").symlink_to(FFASIM)
    tree = scratch / "tree"
    (tree / "build" / "native" / "tools").mkdir(parents=True)
    for name in "abi", "emu":
        (tree / name).symlink_to(TOP / name)
    (tree / "build" / "native" / "tools" / "ffasim").symlink_to(FFASIM)


def main():
    failed = False
    everything = list(tests())
    print(f"TAP version 13\n1..{len(everything)}")
    with tempfile.TemporaryDirectory(prefix="docs.") as folder:
        make_scratch(folder)
        for number, (name, function) in enumerate(everything, 1):
            name = name.replace("#", "\\#")
            try:
                function()
                print(f"ok {number} - {name}", flush=True)
            except Exception as error:  # a test ends with what it raises
                failed = True
                print(f"not ok {number} - {name}")
                print("".join(f"# {line}\n" for line in f"{error!s}".splitlines() or [repr(error)]), end="",
                      flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

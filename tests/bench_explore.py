#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How fast exploration is: usage: bench_explore.py BUILD SCENARIO [OTHER]; see tools/bench.

BUILD is a build folder. OTHER is a folder with programs k1, k3, k18, k20: another explorer of the
triangle with so many rounds. Rates are per second of CPU time, start and warm-up included, so that
a machine that does other things too matters less; all programs take turns for the same reason.
"""
import os
import re
import statistics
import subprocess
import sys
import time

RUNS = 5

# A measurement of the program bench_explore, and the same of the other explorer. What it takes for
# the length of an execution is made the same: pct draws its change points below it.
TRIANGLE = {
    "random": "k1 1 1000000",
    "pct": "k1 2 1000000",
    "pos": "k1 5 1000000",
    "urw": "k1 6 1000000",
    "random-long": "k18 1 100000",
    "pct-long": "k18 2 100000",
    "pos-long": "k18 5 100000",
    "urw-long": "k18 6 100000",
    "interleavings": None,
    "traces": "k3 3 100000000",
    "states": "k20 4 1000000000 -1 0",
}
LENGTHS = {"pct": "14", "pct-long": "133"}

SYNC = ["--build", "O2"]
ACCESS = ["--build", "O2", "--granularity", "access"]
DRAWN = ["--strategy", "random", "--max-executions", "20000"]
SCENARIO = {
    "states, sync": ["--strategy", "stateful", *SYNC],
    "states, access": ["--strategy", "stateful", *ACCESS],
    "traces, sync": ["--strategy", "dpor", *SYNC],
    "traces, access": ["--strategy", "dpor", *ACCESS],
    "random, sync": [*DRAWN, *SYNC],
    "random, access": [*DRAWN, *ACCESS],
}


def run(command, pattern, environment=None):
    """Answers (count found by the pattern, CPU seconds, seconds, MiB of the largest process)."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                               env=dict(os.environ, **(environment or {})))
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    found = re.search(pattern, output)
    if status != 0 or not found:
        sys.exit(f"bench_explore: '{' '.join(command)}' failed:\n{output}")
    return int(found[1]), usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024


def spread(values, form):
    return " ".join(f"{value:{form}}"
                    for value in (statistics.median(values), min(values), max(values)))


def measure_triangle(build, name, other):
    mine, theirs = [], []
    for _ in range(RUNS):
        count, cpu, *_ = run([f"{build}/tests/bench_explore",
                              f"{build}/tests/subjects/triangle-O2.so", name], r"(\d+) ")
        mine.append(count / cpu)
        if other and TRIANGLE[name]:
            program, *arguments = TRIANGLE[name].split()
            length = {"PCTLEN": LENGTHS[name]} if name in LENGTHS else None
            count, cpu, *_ = run([f"{other}/{program}", *arguments], r"executions=(\d+)", length)
            theirs.append(count / cpu)
    line = f"{name:14} {spread(mine, '9.0f')}"
    if theirs:
        ratio = statistics.median(a / b for a, b in zip(mine, theirs))
        line += f"  {spread(theirs, '9.0f')} {ratio:6.2f}"
    print(line, flush=True)


def measure_scenario(build, name, scenario):
    counts, cpu, one, two, memory = [], [], [], [], 0
    for _ in range(RUNS):
        for jobs, times in (("1", one), ("2", two)):
            count, used, seconds, mib = run(
                [f"{build}/tools/ffasim", "explore", "-j", jobs, *SCENARIO[name], scenario],
                r"(\d+) (?:states|traces|executions)")
            counts.append(count)
            times.append(seconds)
            if jobs == "1":
                cpu.append(used)
                memory = max(memory, mib)
    if min(counts) != max(counts):
        sys.exit(f"bench_explore: '{name}' counted {min(counts)} and {max(counts)}")
    faster = statistics.median(a / b for a, b in zip(one, two))
    print(f"{name:14} {counts[0]:7} {spread([counts[0] / seconds for seconds in cpu], '8.0f')} "
          f"{statistics.median(one):7.3f} {statistics.median(two):7.3f} {faster:6.2f} "
          f"{memory:5.0f}", flush=True)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: bench_explore.py BUILD SCENARIO [OTHER]")
    build, scenario, *other = sys.argv[1:]
    heading = f"{'per CPU second':14} {'median':>9} {'lowest':>9} {'highest':>9}"
    if other:
        heading += f"  {'other':>9} {'lowest':>9} {'highest':>9} {'ratio':>6}"
    print(heading)
    for name in TRIANGLE:
        measure_triangle(build, name, other[0] if other else None)
    print(f"\n{'scenario':14} {'count':>7} {'per s':>8} {'lowest':>8} {'highest':>8} "
          f"{'-j1, s':>7} {'-j2, s':>7} {'faster':>6} {'MiB':>5}")
    for name in SCENARIO:
        measure_scenario(build, name, scenario)


if __name__ == "__main__":
    main()

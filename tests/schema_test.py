#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the generated files and the JSON Schema against the loader. usage: schema_test.py FFASIM. TAP 13."""
import copy
import json
import pathlib
import subprocess
import sys

import jsonschema

TOP = pathlib.Path(__file__).resolve().parent.parent
FFASIM = sys.argv[1]
results = []


def test(name, passed, detail=""):
    results.append((name, passed, detail))


def first_error(validator, document):
    return next((error.message[:200] for error in validator.iter_errors(document)), "")


def wrong_documents(good):
    """Documents that differ from a good one in one thing each."""
    def changed(change):
        document = copy.deepcopy(good)
        change(document)
        return document

    yield "no about", changed(lambda d: d.pop("about"))
    yield "no machine", changed(lambda d: d.pop("machine"))
    yield "unknown property", changed(lambda d: d.update(abuot="x"))
    yield "about is a number", changed(lambda d: d.update(about=1))
    yield "machine is a list", changed(lambda d: d.update(machine=[]))
    yield "no mediator", changed(lambda d: d["machine"].pop("mediator"))
    yield "unknown machine property", changed(lambda d: d["machine"].update(vm={}))
    yield "unknown injection", changed(lambda d: d["machine"].update(injection="loud"))
    yield "vcpus is text", changed(lambda d: d["machine"]["vms"].update(vm9={"vcpus": "two"}))
    yield "unknown call", changed(lambda d: d.update(threads={"vm1.0": [{"call": "FFA_BIND"}]}))
    yield "unknown field of a call", changed(
        lambda d: d.update(threads={"vm1.0": [{"call": "FFA_ID_GET", "bitmap": 1}]}))
    yield "unknown status", changed(
        lambda d: d.update(threads={"vm1.0": [{"call": "FFA_ID_GET", "expect": "FINE"}]}))
    yield "schedule and schedules", changed(lambda d: d.update(schedule=["rest"], schedules={"a": ["rest"]}))
    yield "unknown condition", changed(lambda d: d.update(schedule=[{"run": "vm1.0", "until": "later"}]))
    yield "fault without a call", changed(lambda d: d["machine"].update(spmc={"faults": [{"answer": "BUSY"}]}))
    yield "fault with an unknown behaviour", changed(
        lambda d: d["machine"].update(spmc={"faults": [{"call": "*", "behaviour": {"lie-all": "no"}}]}))
    yield "fault in an unknown part of a run", changed(
        lambda d: d["machine"].update(spmc={"faults": [{"call": "*", "answer": "BUSY", "during": "night"}]}))
    yield "empty outcomes list", changed(lambda d: d.update(outcomes={"always": []}))


def main():
    current = subprocess.run([TOP / "tools" / "generate", FFASIM, "--check"], capture_output=True, text=True)
    test("generated files are current", current.returncode == 0, current.stderr.strip())
    schema = json.loads(subprocess.run([FFASIM, "schema"], check=True, capture_output=True, text=True).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    files = sorted((TOP / "scenarios").rglob("*.json"))
    for path in files:
        error = first_error(validator, json.loads(path.read_text()))
        test(f"{path.relative_to(TOP)} obeys the schema", not error, error)
    good = {
        "about": "a",
        "machine": {"mediator": "m", "vms": {"vm1": {}}},
        "setup": [{"vm1.0": "FFA_ID_GET", "expect": "SUCCESS"}],
    }
    test("the good document obeys the schema", not first_error(validator, good), first_error(validator, good))
    for name, document in wrong_documents(good):
        test(f"refused: {name}", not validator.is_valid(document), "accepted")
    print(f"TAP version 13\n1..{len(results)}")
    for number, (name, passed, detail) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
        if not passed:
            print(f"# {detail}")
    return 0 if files and all(passed for _, passed, _ in results) else 1


sys.exit(main())

# SPDX-License-Identifier: MIT
"""tests/audit and tests/subjects_equal: nothing wrong passes them. TAP on stdout.

Their rules are called with hand-made results; builds and runs are theirs to do.
"""
import importlib.machinery
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import defect  # noqa: E402


def load(name):
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


audit = load("audit")
equal = load("subjects_equal")

HEADER = "It is wrong.\nBreaks: a rule\nSource: facts\n\n"
SOURCE = "mediator/hypervisor/version.c"


def finding(source, verdict="fail", warning=False):
    return {"source": source, "verdict": verdict, "warning": warning, "message": "m"}


def judge(verdict, *findings):
    return audit.judge((verdict, list(findings)), "")


def scenario(name, detects=()):
    return SimpleNamespace(name=name, detects=list(detects), mediator="hypervisor")


def patched(text):
    """The complaint about a patch of this text; None if it applies."""
    with tempfile.TemporaryDirectory() as folder:
        patch = Path(folder) / "p.patch"
        patch.write_text(text)
        (Path(folder) / "tree").mkdir()
        try:
            defect.apply(patch, Path(folder) / "tree")
        except defect.DefectError as error:
            return str(error)
    return None


def diff(path, old, new):
    """A hunk for the first line of a file."""
    return f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,1 @@\n-{old}\n+{new}\n"


def traced(text, name="other"):
    return SimpleNamespace(name=name, trace=text.encode())


def counted(name="inline plain", **changes):
    one = {"id": "a", "schedules": 2, "calls": 5, "smcs": 3, "traps": 0, **changes}
    run = equal.Run.__new__(equal.Run)
    run.name, run.status, run.told = name, 0, ""
    run.scenarios, run.findings = [one], []
    run.trace = b"ffasim trace 1\nscenario a\n"
    return run


def changed(run, **members):
    vars(run).update(members)
    return run


TRACE = "ffasim trace 1\nscenario a\nsetup\nx\nschedule s\ny\n"
FIRST = (defect.TOP / SOURCE).read_text().splitlines()[0]


def compare(text):
    return equal.first_difference("the traces", traced(TRACE, "first"), traced(text))


# name, what was said, what must be in it (None: nothing may be said)
CASES = [
    ("an expectation that fails is a detection", judge("fail", finding("expect")), None),
    ("so is an outcome", judge("fail", finding("oracle"), finding("outcome")), None),
    ("also beside a schedule that diverges",
     judge("diverged", finding("schedule", "diverged"), finding("outcome")), None),
    ("a pass is none", judge("pass"), "'pass'"),
    ("a known failure is none", judge("known-failing", finding("expect")), "'known-failing'"),
    ("an oracle alone is none", judge("fail", finding("oracle")), "oracle: m"),
    ("a divergence alone is none",
     judge("diverged", finding("schedule", "diverged")), "schedule"),
    ("a crash alone is none", judge("crash", finding("subject", "crash")), "subject: m"),
    ("a warning is none",
     judge("fail", finding("oracle"), finding("expect", "pass", True)), "expect"),
    ("a file that cannot be loaded is none",
     judge("invalid scenario", finding("loader", "invalid scenario")), "invalid"),
    ("a scenario that did not run is none", audit.judge(None, "because"), "because"),
    ("a defect that nobody names is told",
     audit.audit_patch(Path("p.patch"), [scenario("s", ["q"])])[0].why, '"p"'),
    ("a name without a patch is told",
     audit.check_names([scenario("s", ["p", "q"])], [Path("p.patch")])[0].why, "q.patch"),
    ("names with patches are fine",
     audit.check_names([scenario("s", ["p"])], [Path("p.patch")])[0].why, None),

    ("a patch applies", patched(HEADER + diff(SOURCE, FIRST, "x")), None),
    ("a patch of other text does not",
     patched(HEADER + diff(SOURCE, "y", "x")), "no longer applies"),
    ("a patch of no file does not", patched(HEADER + diff("mediator/none.c", "y", "x")), "none.c"),
    ("a patch without a reason is refused",
     patched("\n" + diff(SOURCE, FIRST, "x")), "what is wrong"),
    ("a patch without a rule is refused",
     patched("It is wrong.\nSource: facts\n\n" + diff(SOURCE, FIRST, "x")), "Breaks"),
    ("a patch without a source is refused",
     patched("It is wrong.\nBreaks: a rule\n\n" + diff(SOURCE, FIRST, "x")), "Source"),

    ("equal traces are equal", compare(TRACE), None),
    ("one byte differs", compare(TRACE.replace("y", "z")), "scenario a, schedule s"),
    ("a line more differs", compare(TRACE + "y\n"), "differ"),
    ("a line less differs", compare(TRACE[:-2]), "differ"),
    ("a last line without an end differs", compare(TRACE[:-1]), "differ"),
    ("a run that passes", equal.check_passes(counted()), None),
    ("one that fails", equal.check_passes(changed(counted(), status=1)), "ended with 1"),
    ("one of nothing", equal.check_passes(changed(counted(), scenarios=[])), "0 scenarios"),
    ("one without traces", equal.check_passes(changed(counted(), trace=b"")), "0 of 1"),
    ("equal counts", equal.check_counts(counted(), counted()), None),
    ("a schedule less", equal.check_counts(counted(schedules=1), counted()), "'schedules'"),
    ("an SMC more", equal.check_counts(counted(smcs=4), counted()), "'smcs'"),
    ("a scenario less", equal.check_counts(changed(counted(), scenarios=[]), counted()), "'id'"),
    ("every SMC is trapped", equal.check_traps(counted("aarch64 O2", traps=3)), None),
    ("one is not", equal.check_traps(counted("aarch64 O2", traps=2)), "3 SMCs, 2 traps"),
    ("none is, of none", equal.check_traps(counted("aarch64 O2", smcs=0)), "at all"),
    ("a trap where there is no SMC", equal.check_traps(counted("process O2", traps=3)), "3 traps"),
]


def main():
    failed = 0
    print(f"TAP version 13\n1..{len(CASES)}")
    for number, (name, said, wanted) in enumerate(CASES, 1):
        passed = said is None if wanted is None else said is not None and wanted in said
        print(f"{'' if passed else 'not '}ok {number} - {name}")
        if not passed:
            failed = 1
            print(f"# {said!r}")
    return failed


if __name__ == "__main__":
    sys.exit(main())

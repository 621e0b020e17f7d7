# SPDX-License-Identifier: MIT
"""Builds a subject with a defect put in, beside the build it differs from.

Nothing is compiled but what the patch touches: the commands are those of the
build folder, the rest of the subject is its objects. The tree and the build
folder stay as they are.
"""
import re
import shlex
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
# Words of a compiler's command that are for ninja's sake, with their arguments.
DEPENDENCIES = {"-MQ": 2, "-MF": 2, "-MD": 1}
COLOUR = "-fdiagnostics-color=always"


class DefectError(Exception):
    """Says in one line, with more below it, why there is no such subject."""


def call(argv, what, **options):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **options)
    if done.returncode != 0:
        raise DefectError(f"{what}\n{done.stdout.strip()}")
    return done.stdout


def plain_command(argv):
    kept = []
    # the compiler itself: what it is run through does not matter here
    words = iter(argv[1:] if Path(argv[0]).name == "ccache" else argv)
    for word in words:
        for _ in range(DEPENDENCIES.get(word, 0) - 1):
            next(words)
        if word not in DEPENDENCIES and word != COLOUR:
            kept.append(word)
    return kept


class Target:
    """A program or module of a build folder, and how it came to be."""

    def __init__(self, build, name):
        self.build = build
        self.compilations = []  # source, object, command
        self.archives = {}  # archive: its objects
        self.link = None
        if not build.is_dir():
            raise DefectError(f"there is no build in {build.name}/")
        listing = call(["ninja", "-C", build, "-t", "commands", name], f"{name} is not built")
        for line in listing.splitlines():
            self.add(line)
        if not self.link or not (build / name).exists():
            raise DefectError(f"{name} is not built")
        # objects of two states of the tree would not say anything about either
        if "no work to do" not in call(["ninja", "-C", build, "-n", name], f"{name} is not built"):
            raise DefectError(f"{name} is older than its sources: build it first")

    def add(self, line):
        argv = shlex.split(line)
        if "-c" in argv:
            source = (self.build / argv[argv.index("-c") + 1]).resolve()
            self.compilations.append((source, argv[argv.index("-o") + 1], argv))
        elif argv[0] == "rm":
            self.archives[argv[2]] = [word for word in argv if word.endswith(".o")]
        elif argv[0] != "ninja:":
            self.link = argv

    def compile(self, scratch, touched):
        """Compiles what is touched; the new objects by the name of those they replace."""
        everything = any(path.suffix == ".h" for path in touched)
        replaced = {}
        for source, output, argv in self.compilations:
            path = source.relative_to(TOP)
            if not everything and path not in touched:
                continue
            # the folder's name tells the linker script whose object it is
            new = scratch / "objects" / output
            new.parent.mkdir(parents=True, exist_ok=True)
            argv = plain_command(argv)
            argv[argv.index("-o") + 1] = str(new)
            if path in touched:
                argv[argv.index("-c") + 1] = str(scratch / path)
            # places are told from the root of the sources
            argv.append(f"-fdebug-prefix-map={scratch}/=")
            # before every other folder, and behind the compiler, which may be a launcher and one
            first = next(i for i, word in enumerate(argv) if word.startswith("-"))
            argv.insert(first, f"-I{scratch}")
            call(argv, "it does not compile", cwd=self.build)
            replaced[output] = str(new)
        if not replaced:
            raise DefectError("it touches nothing that is part of the subject")
        return replaced

    def make(self, scratch, touched, output):
        replaced = self.compile(scratch, touched)
        argv = []
        for word in self.link:
            objects = self.archives.get(word, [])
            if any(name in replaced for name in objects):
                argv += [replaced.get(name, name) for name in objects]
            else:
                argv.append(word)
        argv[argv.index("-o") + 1] = str(output)
        call(argv, "it does not link", cwd=self.build)


def check_header(text):
    """A patch says what is wrong, which rule that breaks, and who knows of it."""
    head = text.split("\n--- ", 1)[0].splitlines()
    if not head or not head[0].strip():
        return "its first line does not say what is wrong"
    for word in ("Breaks: ", "Source: "):
        if not any(line.startswith(word) for line in head):
            return f"it has no line '{word}...'"
    return None


def apply(patch, scratch):
    """Puts the files that the patch touches into scratch, changed; answers their names."""
    text = patch.read_text()
    complaint = check_header(text)
    if complaint:
        raise DefectError(complaint)
    touched = {Path(name) for name in re.findall(r"^\+\+\+ b/(\S+)", text, re.MULTILINE)}
    for path in touched:
        if not (TOP / path).is_file():
            raise DefectError(f"it no longer applies: there is no {path}")
        (scratch / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TOP / path, scratch / path)
    call(["patch", "-p1", "--fuzz=0", "--force", "--silent", "-i", patch], "it no longer applies",
         cwd=scratch)
    return touched


def build_defect(patch, target, scratch, output):
    """Builds target with the patch applied; scratch is a folder of the caller's."""
    target.make(scratch, apply(patch, scratch), output)

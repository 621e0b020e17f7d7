#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: tidy.py BUILD JOBS SOURCE... : runs clang-tidy on sources of a configured and built folder.

A file that was clean is not analysed again until something changes that the result depends on: the
file, a header it includes, its command, .clang-tidy or clang-tidy itself. BUILD/tidy/clean keeps a
hash for each clean file; a finding is never kept.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

# clang knows neither gcc's instrumentation parameters nor what a warning costs here
FOREIGN = re.compile(r"-fsanitize=\S+|--param \S+|-include \S+|-Wno-tsan|-Werror(=\S+)?")


def read_database(build):
    """file -> its entry; the instrumented builds are the same sources again."""
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        entry["file"] = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        entry["command"] = FOREIGN.sub("", entry["command"])
        entries.setdefault(entry["file"], entry)
    return entries


def read_dependencies(build):
    """object -> the files it was made from, as the compiler listed them."""
    text = subprocess.run(["ninja", "-C", build, "-t", "deps"], check=True, capture_output=True,
                          text=True).stdout
    dependencies, current = {}, None
    for line in text.splitlines():
        if line.startswith("    ") and current is not None:
            current.append(os.path.normpath(build / line.strip()))
        elif ": #deps" in line:
            current = dependencies.setdefault(line.split(":", 1)[0], [])
    return dependencies


class Cache:
    def __init__(self, build, dependencies):
        self.folder = build / "tidy" / "clean"
        self.dependencies = dependencies
        self.contents = {}
        version = subprocess.run(["clang-tidy", "--version"], check=True, capture_output=True).stdout
        self.common = version + pathlib.Path(".clang-tidy").read_bytes()

    def content(self, path):
        if path not in self.contents:
            self.contents[path] = hashlib.sha256(pathlib.Path(path).read_bytes()).digest()
        return self.contents[path]

    def key(self, entry):
        """What the result depends on; None: not known, so nothing is kept."""
        files = self.dependencies.get(entry.get("output"))
        if not files:
            return None
        digest = hashlib.sha256(self.common + entry["command"].encode())
        for path in files:
            digest.update(path.encode() + self.content(path))
        return digest.hexdigest()

    def place(self, source):
        return self.folder / (source.replace("/", "_") + ".hash")

    def is_clean(self, source, key):
        place = self.place(source)
        return key is not None and place.exists() and place.read_text() == key

    def keep(self, source, key):
        if key is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.place(source).write_text(key)


def analyse(build, source):
    """One file a run: clang-tidy's check of va_list remembers the file before."""
    done = subprocess.run(["clang-tidy", "--quiet", "-p", build / "tidy", source],
                          capture_output=True, text=True)
    noise = re.compile(r"^\d+ warnings? generated|^Suppressed |^Use -header-filter")
    errors = [line for line in done.stderr.splitlines() if line and not noise.match(line)]
    return done.returncode == 0, done.stdout + "".join(line + "\n" for line in errors)


def main():
    build, jobs = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
    entries = read_database(build)
    (build / "tidy").mkdir(exist_ok=True)
    (build / "tidy" / "compile_commands.json").write_text(json.dumps(list(entries.values())))
    cache = Cache(build, read_dependencies(build))
    keys = {source: cache.key(entries[os.path.realpath(source)])
            for source in sys.argv[3:] if os.path.realpath(source) in entries}
    wanted = [source for source, key in keys.items() if not cache.is_clean(source, key)]
    print(f"clang-tidy: {len(wanted)} of {len(keys)} files to analyse", file=sys.stderr)
    failed = False
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for source, (clean, text) in zip(wanted, pool.map(lambda s: analyse(build, s), wanted)):
            if clean:
                cache.keep(source, keys[source])
            else:
                failed = True
                print(text, end="")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

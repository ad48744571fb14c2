"""The checks that run a compiler on each file, in parallel, and remember by content what has passed.

A file's key is a hash of all that its result depends on: its own text, the text of every file of the project that
it includes, its command, the tool's version and settings. Only passes are remembered, in the user's cache, where all
clones find them.
"""

import hashlib
import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import rules

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


KEPT_DAYS = 30


class Passed:
    """Which keys have passed, as empty files that are as old as their last use."""

    def __init__(self):
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.folder = Path(cache) / "ringway-lint"
        self.folder.mkdir(parents=True, exist_ok=True)
        oldest = time.time() - KEPT_DAYS * 86400
        for file in self.folder.iterdir():
            if file.stat().st_mtime < oldest:
                file.unlink(missing_ok=True)

    def has(self, key):
        known = (self.folder / key).exists()
        if known:
            self.add(key)
        return known

    def add(self, key):
        (self.folder / key).touch()


def closure(path, texts, seen=None):
    """The project's files that `path` reads, itself included."""
    seen = set() if seen is None else seen
    if path in texts and path not in seen:
        seen.add(path)
        for name in INCLUDE.findall(texts[path]):
            closure(Path(name), texts, seen)
            closure(path.parent / name, texts, seen)
    return seen


def key_of(path, texts, *more):
    digest = hashlib.sha256()
    for file in sorted(closure(path, texts)):
        digest.update(f"{file}\0{texts[file]}\0".encode())
    for text in (str(path), *more):
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def compile_commands(root):
    """{path from the root: its compile command}, as the lint preset was configured."""
    entries = json.loads((root / "build/lint/compile_commands.json").read_text())
    inside = [entry for entry in entries if Path(entry["file"]).is_relative_to(root)]
    return {Path(entry["file"]).relative_to(root): entry["command"] for entry in inside}


def findings(root, text):
    """The lines that say what is wrong, without the notes and excerpts around them."""
    return [line.removeprefix(f"{root}/") for line in text.splitlines() if re.match(r"\S+:\d+:\d+: (error|fatal error): ", line)]


def run_all(root, jobs, work):
    """Runs each (path, key, command) that has not passed; returns what was found."""
    passed = Passed()

    def run_one(item):
        path, key, command = item
        result = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if result.returncode == 0:
            passed.add(key)
            return None
        return findings(root, result.stdout + result.stderr) or [f"{path}: {result.stdout}{result.stderr}".strip()]

    # The longest first, so that the last one is short.
    todo = sorted((item for item in work if not passed.has(item[1])), key=lambda item: -(root / item[0]).stat().st_size)
    with ThreadPoolExecutor(jobs) as pool:
        # A header's findings come with every file that reads it.
        return sorted({fault for faults in pool.map(run_one, todo) if faults for fault in faults})


def system_folders(root):
    """Where the libraries' headers are, for any of the targets, as flags."""
    folders = {folder for command in compile_commands(root).values() for folder in re.findall(r"-isystem (\S+)", command)}
    return [word for folder in sorted(folders) for word in ("-isystem", folder)]


def read_first(texts):
    """The headers that a source includes before anything else: clang-tidy compiles that source, so they stand alone."""
    includes = [re.search(r'^\s*#\s*include\s+(\S+)', text, re.M) for path, text in texts.items() if path.suffix == ".cpp"]
    return {Path(include[1].strip('"')) for include in includes if include and include[1].startswith('"')}


def check_headers_alone(root, texts, jobs):
    flags = ["-std=c++20", f"-I{root}", *system_folders(root), "-DLLHTTP_STRICT_MODE=1",
             "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-Wno-pragma-once-outside-header"]
    version = output("clang++", "--version")
    first = read_first(texts)
    work = [(path, key_of(path, texts, "header", version, *(flag.replace(str(root), ".") for flag in flags)),
             ["clang++", "-fsyntax-only", "-x", "c++", *flags, path])
            for path in texts if path.suffix == ".h" and path not in first]
    return run_all(root, jobs, work)


def check_tidy(root, texts, jobs):
    commands = compile_commands(root)
    version = output("clang-tidy", "--version")
    settings = "".join(file.read_text() for file in sorted(root.glob("**/.clang-tidy")))
    # Of headers those of all rooms: a list in .clang-tidy would forget the next one.
    headers = f"--header-filter=/({'|'.join(rules.USES)})/"
    work = [(path, key_of(path, texts, "tidy", version, settings, commands[path].replace(str(root), ".")),
             ["clang-tidy", "-p", "build/lint", "--quiet", headers, path])
            for path in texts if path in commands]
    orphans = [f"{path}:1: belongs to no CMake target" for path in texts
               if path.suffix == ".cpp" and path not in commands]
    return orphans + run_all(root, jobs, work)

"""What was measured, in a file that is written cell by cell, so that a run goes on where the last one ended."""

import hashlib
import json
import os
import platform
import sys

from harness import settings
from harness.processes import Failure, run


def first_line(*command):
    try:
        result = run(command, check=False)
    except FileNotFoundError:
        return "not installed"
    return (result.stdout + result.stderr).splitlines()[0].strip()


def package_version(name):
    return run(["dpkg-query", "-W", "-f", "${Version}", name], check=False).stdout or "not installed"


def fingerprint(*programs):
    """Of what is measured and measures: the same sources do not always make the same program."""
    digest = hashlib.sha256()
    for program in programs:
        digest.update((settings.build / program).read_bytes())
    return digest.hexdigest()[:12]


def header():
    """What results must have in common to stand in one table, and the commit they are of."""
    changed = run(["git", "status", "--porcelain", "--untracked-files=no"], check=False).stdout.strip()
    return {"commit": first_line("git", "rev-parse", "--short=12", "HEAD") + ("+" if changed else ""),
            "programs": fingerprint("cli/ringway", "tests/bench/wan_emulator", "tests/bench/wan_client"),
            "machine": f"{os.cpu_count()} x {platform.machine()}, Linux {platform.release()}",
            "nginx": package_version("nginx"), "haproxy": package_version("haproxy"),
            "nghttpx": package_version("nghttp2-proxy"), "kcptun": package_version("kcptun"),
            "tcp": "slow start after idle: off, route metrics: not saved, buffers: up to 64 MB, initial window: 10"}


def comparable(one):
    return {name: value for name, value in one.items() if name != "commit"}


class Results:
    """{cell's name: what it measured}."""

    def __init__(self, file, kept=None):
        self.file = file
        self.header, self.cells = (kept["header"], kept["cells"]) if kept else (header(), {})

    @classmethod
    def read(cls, file):
        """As they are in the file, whatever they are of."""
        return cls(file, json.loads(file.read_text()) if file.exists() else None)

    @classmethod
    def go_on(cls, file):
        """What these programs have measured on this machine; the results of others are put aside."""
        found = cls.read(file)
        if comparable(found.header) != comparable(header()):
            aside = file.with_suffix(".old")
            print(f"results of other programs or another machine are now in {aside}", file=sys.stderr)
            file.replace(aside)
            return cls(file)
        return found

    def has(self, name):
        return "error" not in self.cells.get(name, {"error": ""})

    def measure(self, cell, laboratory):
        """A peer that fails has that as its result: the others still count."""
        try:
            self.cells[cell.name] = cell.measure(laboratory)
        except Failure as failure:
            self.cells[cell.name] = {"error": str(failure)}
        whole = self.file.with_suffix(".part")
        whole.write_text(json.dumps({"header": self.header, "cells": self.cells}, indent=1) + "\n")
        whole.replace(self.file)
        return self.cells[cell.name]

"""What was measured, in a file that is written cell by cell, so that a run goes on where the last one ended."""

import json
import os
import platform

from harness.processes import Failure, run


def first_line(*command):
    try:
        result = run(command, check=False)
    except FileNotFoundError:
        return "not installed"
    return (result.stdout + result.stderr).splitlines()[0].strip()


def package_version(name):
    return run(["dpkg-query", "-W", "-f", "${Version}", name], check=False).stdout or "not installed"


def header():
    """What results must have in common to stand in one table."""
    changed = run(["git", "status", "--porcelain", "--untracked-files=no"], check=False).stdout.strip()
    return {"commit": first_line("git", "rev-parse", "--short=12", "HEAD") + ("+" if changed else ""),
            "machine": f"{os.cpu_count()} x {platform.machine()}, Linux {platform.release()}",
            "nginx": package_version("nginx"), "haproxy": package_version("haproxy"),
            "nghttpx": package_version("nghttp2-proxy"), "kcptun": package_version("kcptun"),
            "tcp": "slow start after idle: off, route metrics: not saved, buffers: up to 64 MB, initial window: 10"}


class Results:
    """{cell's name: what it measured}; what another commit or machine measured is left behind."""

    def __init__(self, file):
        self.file, self.header, self.cells = file, header(), {}
        if file.exists():
            kept = json.loads(file.read_text())
            if kept.get("header") == self.header:
                self.cells = kept["cells"]

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

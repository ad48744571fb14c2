"""How this run was asked for; set once by __main__."""

import os
from pathlib import Path

build = Path("build/dev")
full = False
keep = False
sanitized = "RINGWAY_TEST_SCALE" in os.environ  # its processes' memory is mostly the sanitizer's
workers = int(os.environ.get("RINGWAY_TEST_WORKERS", "1"))


def scaled(amount):
    """`amount`, made smaller where the run says so, and at least 1."""
    return max(1, amount * int(os.environ.get("RINGWAY_TEST_SCALE", "100")) // 100)


def patience(seconds):
    """A time limit: the sanitizers' builds get longer. Only ever how long until a test fails, never how long it takes."""
    return seconds * 4 if sanitized else seconds

"""./run lint: every rule that the sources keep. Exits with 1, and names file and line, where one is broken."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

import compilers
import pages
import rules

ROOT = Path(__file__).resolve().parents[2]


def sources(*patterns):
    """The project's files of those names, those not yet committed too, as paths from the root."""
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        check=True, capture_output=True, text=True).stdout.split()
    return [Path(name) for name in sorted(set(listed)) if (ROOT / name).exists()]


def check_format(files, fix):
    command = ["clang-format", "-i"] if fix else ["clang-format", "--dry-run"]
    result = subprocess.run(command + [str(file) for file in files], cwd=ROOT, capture_output=True, text=True)
    first = {}
    for line in result.stderr.splitlines():
        if ": warning: " in line:
            file, number = line.split(":")[:2]
            first.setdefault(file, number)
    return [f"{file}:{number}: clang-format would change this (./run lint --fix)" for file, number in first.items()]


def main():
    parser = argparse.ArgumentParser(prog="./run lint", description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let clang-format rewrite the files")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    files = sources("*.h", "*.cpp")
    texts = {file: (ROOT / file).read_text() for file in files}
    page_texts = {file: (ROOT / file).read_text()
                  for file in sources(*(f"{folder}*{suffix}" for folder in pages.FOLDERS for suffix in pages.SUFFIXES))}
    checks = [
        ("formatting", lambda: check_format(files, options.fix)),
        ("includes between rooms", lambda: rules.check_includes(texts)),
        ("file and function lengths", lambda: rules.check_lengths(texts)),
        ("headers' openings", lambda: rules.check_headers(texts)),
        ("the dashboard's lines", lambda: pages.check_lines(page_texts)),
        ("the dashboard's syntax", lambda: pages.check_syntax(ROOT, page_texts)),
        ("each header alone", lambda: compilers.check_headers_alone(ROOT, texts, options.jobs)),
        ("clang-tidy", lambda: compilers.check_tidy(ROOT, texts, options.jobs)),
    ]
    failed = 0
    for name, check in checks:
        begun = time.monotonic()
        faults = check()
        print("\n".join(faults + [f"{'FAILED' if faults else 'ok':7}{name} ({time.monotonic() - begun:.1f} s)"]),
              flush=True)
        failed += bool(faults)
    print(f"{len(checks) - failed} checks passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

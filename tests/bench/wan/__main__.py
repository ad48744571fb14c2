"""Ringway beside what a user would pick instead, over the same emulated path in the same run.

By itself it measures the core cells, with the best peer of each. With --all it measures every cell that the file of
results does not have yet, so that it goes on where it was stopped; --cell measures some again.
"""

import argparse
import fnmatch
import os
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parents[1] / "e2e")]

import cells  # noqa: E402
import namespaces  # noqa: E402
import plot  # noqa: E402
import report  # noqa: E402
from harness import settings  # noqa: E402
from laboratory import Laboratory  # noqa: E402
from results import Results  # noqa: E402

# What a machine at rest has.
QUIET_LOAD = 0.5


def chosen(options, results):
    every = cells.all_cells(options.rounds)
    if options.cell:
        return [cell for cell in every if any(fnmatch.fnmatch(cell.name, pattern) for pattern in options.cell)]
    if options.all:
        return [cell for cell in every if not results.has(cell.name)]
    return [cell for cell in every if cell.core]


def measure(todo, results):
    busy = os.getloadavg()[0]
    if busy > QUIET_LOAD:
        print(f"note: the machine is busy (load average {busy:.1f}): the times will be longer for it", file=sys.stderr)
    laboratory = Laboratory()
    try:
        for number, cell in enumerate(todo, 1):
            begun = time.monotonic()
            found = results.measure(cell, laboratory)
            print(f"  {number}/{len(todo)} {cell.name}: {report.in_short(found)} ({time.monotonic() - begun:.0f} s)",
                  file=sys.stderr, flush=True)
    finally:
        laboratory.stop()


def main():
    parser = argparse.ArgumentParser(prog="./run bench wan", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("--all", action="store_true", help="every cell that has no result yet (up to 90 minutes)")
    parser.add_argument("--cell", nargs="+", metavar="PATTERN", help="these, like page/1%%/ringway or 'crowd/*'")
    parser.add_argument("--rounds", type=int, help="page loads of each cell (default: 12, and up to 100 of Ringway)")
    parser.add_argument("--list", action="store_true", help="name the cells, and measure none")
    parser.add_argument("--json", type=Path, help="the results (default: bench_wan.json in the build's folder)")
    parser.add_argument("--report", action="store_true", help="only print the results that are there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the page loads as an SVG picture too")
    options = parser.parse_args()
    settings.build = options.build.resolve()
    file = options.json or options.build / "bench_wan.json"
    results = Results.read(file) if options.report or options.list else Results.go_on(file)
    todo = chosen(options, results)
    if options.list:
        print("\n".join(f"{cell.name}{' (core)' if cell.core else ''}" for cell in todo))
        return
    if todo and not options.report:
        namespaces.become_private()
        measure(todo, results)
    report.print_all(results)
    print(f"\nalso in {results.file}")
    if options.plot:
        options.plot.write_text(plot.picture(results.cells), encoding="utf-8")


if __name__ == "__main__":
    main()

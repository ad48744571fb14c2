"""Ringway beside what a user would pick instead, over the same emulated path in the same run."""

import argparse
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER), str(FOLDER.parent), str(FOLDER.parents[1] / "e2e")]

import namespaces  # noqa: E402
import workloads  # noqa: E402
from harness import settings  # noqa: E402
from laboratory import Laboratory  # noqa: E402
from path import Condition  # noqa: E402

def main():
    parser = argparse.ArgumentParser(prog="./run bench wan", description=__doc__)
    parser.add_argument("--build", type=Path, default=Path("build/release"))
    parser.add_argument("peers", nargs="*")
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("--loads", type=int, default=12)
    options = parser.parse_args()
    settings.build = options.build.resolve()
    namespaces.become_private()
    laboratory = Laboratory()
    try:
        for peer in options.peers:
            got=workloads.page(laboratory, peer, Condition(loss_percent=options.loss), options.loads)
            print(peer, got["ms"], [round(x) for x in got["samples_ms"]]); print(json.dumps(got["path_per_page"]), flush=True)
    finally:
        laboratory.stop()

if __name__ == "__main__":
    main()

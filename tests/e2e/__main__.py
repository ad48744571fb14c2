"""The end-to-end tests: Ringway's executable between real clients and real origins.

    python3 tests/e2e --build build/dev [--full] [FILE | FILE.Class[.test]]…

RINGWAY_TEST_SCALE, in percent, makes transfers and loads smaller (the sanitizers' runs use 25).
RINGWAY_TEST_WORKERS is how many workers each gateway has where a test does not say (1).
"""

import argparse
import sys
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

from harness import settings  # noqa: E402
from harness.processes import begin_test, last_words  # noqa: E402


class Result(unittest.TextTestResult):
    """Tells with a failure what the test's processes said last, before their files are gone."""

    def startTest(self, test):
        begin_test()
        super().startTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.stream.writeln(last_words())

    def addError(self, test, err):
        super().addError(test, err)
        self.stream.writeln(last_words())

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.stream.writeln(last_words())


def main():
    parser = argparse.ArgumentParser(prog="tests/e2e", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="a build's folder, such as build/dev")
    parser.add_argument("--full", action="store_true", help="the 5 GB transfers and the long loads too")
    parser.add_argument("--keep", action="store_true", help="keep the files and logs of each test")
    parser.add_argument("names", nargs="*", help="such as http, or faults.BackendsAway")
    options = parser.parse_args()
    settings.build = options.build.resolve()
    settings.full = options.full
    settings.keep = options.keep

    names = [f"test_{name}" for name in options.names] or sorted(path.stem for path in FOLDER.glob("test_*.py"))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout, resultclass=Result).run(suite)
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

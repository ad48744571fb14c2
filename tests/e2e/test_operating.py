"""docs/operating.md, followed from nothing to two POPs on three machines, and through what happens there."""

import os
import re
import unittest
from pathlib import Path

from harness.machines import Network
from harness.overlay import ringway
from harness.processes import Folder

ROOT = Path(__file__).resolve().parents[2]
ADDRESSES = {"centre": "192.0.2.10", "zurich": "192.0.2.21", "oslo": "192.0.2.22"}


def steps(page):
    """The fenced blocks that say on which machine they are run: (machine, commands)."""
    return re.findall(rf"^```sh ({'|'.join(ADDRESSES)})\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)


class Operating(unittest.TestCase):
    def setUp(self):
        folder = Folder("operating")
        self.addCleanup(folder.remove)
        self.path = folder.path
        (self.path / "bin").mkdir()
        (self.path / "bin/ringway").symlink_to(ringway().resolve())
        environment = os.environ | {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}"}
        self.network = Network(self.path, ADDRESSES, environment)
        self.addCleanup(self.network.end)

    def origins(self):
        centre = self.network.machines["centre"]
        (centre.folder / "index.html").write_text("welcome\n")
        for port in (8000, 8001):
            centre.run(f"python3 -m http.server --bind 127.0.0.1 {port} > origin-{port}.log 2>&1 & disown")

    def test_the_whole_page(self):
        self.origins()
        tokens = []
        said = ""
        for machine, commands in steps("docs/operating.md"):
            if "rwe1_…" in commands:
                commands = commands.replace("rwe1_…", tokens.pop(0))
            said = self.network.machines[machine].run(commands)
            tokens += re.findall(r"rwe1_[\w-]+", said)
        self.assertEqual(tokens, [])

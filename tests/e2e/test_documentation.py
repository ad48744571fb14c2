"""The commands of the documentation, run as a reader would run them."""

import json
import os
import re
import textwrap
import unittest
from pathlib import Path

from harness import wire
from harness.origins import Origin
from harness.overlay import ringway
from harness.processes import Folder, Process, accepts, free_port, run, wait_until

ROOT = Path(__file__).resolve().parents[2]


def blocks(page, kind):
    """The fenced blocks of one kind, in their order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", (ROOT / page).read_text(), re.M | re.S)


class Documentation(unittest.TestCase):
    def setUp(self):
        folder = Folder("documentation")
        self.addCleanup(folder.remove)
        self.path = folder.path
        (self.path / "bin").mkdir()
        (self.path / "bin/ringway").symlink_to(ringway().resolve())
        self.environment = os.environ | {"PATH": f"{self.path / 'bin'}:{os.environ['PATH']}"}

    def shell(self, text):
        return run(["bash", "-euc", text], cwd=self.path, env=self.environment)

    def start(self, words):
        process = Process(words[1], words, self.path / f"{words[1]}.log", cwd=self.path, env=self.environment)
        self.addCleanup(process.kill)
        return process

    def test_the_readmes_two_machines(self):
        """With this machine's address and free ports in the place of the page's."""
        origin = Origin()
        self.addCleanup(origin.stop)
        page = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome"
        origin.handlers["/"] = lambda request, connection: connection.write(page)
        port = free_port()
        here = {"10.0.0.2:7400": f"127.0.0.1:{(link := free_port())}", "0.0.0.0:7400": f"127.0.0.1:{link}",
                "127.0.0.1:8000": f"127.0.0.1:{origin.port}", "0.0.0.0:8080": f"127.0.0.1:{port}",
                "pop:8080": f"127.0.0.1:{port}"}
        made, = [block for block in blocks("README.md", "sh") if "ringway keys" in block]
        commands, = blocks("README.md", "console")
        for theirs, ours in here.items():
            self.assertIn(theirs, made + commands)
            made, commands = made.replace(theirs, ours), commands.replace(theirs, ours)
        self.assertIn("frontend.yaml: ok", self.shell(made).stdout)
        backend, frontend, curl = [line.split("$ ", 1)[1] for line in commands.splitlines()]
        gateways = [self.start(command.split()) for command in (backend, frontend)]
        wait_until(lambda: accepts(port), "the front-end's listener")
        wait_until(lambda: wire.get(port, "/").status == 200, "the link")
        self.assertEqual(self.shell(f"{curl} --silent --fail").stdout, "welcome")
        for gateway in gateways:
            self.assertEqual(gateway.stop(), 0, gateway.tail())

    def test_the_readmes_first_commands(self):
        first = blocks("README.md", "sh")[0]
        told = run(["bash", ROOT / "run", "help"]).stdout
        for command in re.findall(r"^(\./run \w+)", first, re.M):
            self.assertIn(f"\n{command} ", f"\n{told}")

    def test_operating(self):
        made, = [block for block in blocks("README.md", "sh") if "ringway keys" in block]
        renew, *others = blocks("docs/operating.md", "sh")
        self.shell(renew)
        self.shell("rm -r keys\n" + made)
        for block in others:
            self.shell(block)

    def test_the_redirector(self):
        zone, = re.findall(r"^    \$TTL .*\n(?:    .*\n)+", (ROOT / "docs/dns.md").read_text(), re.M)
        (self.path / "shop.zone").write_text(textwrap.dedent(zone))
        alone, = [block for block in blocks("docs/configuration.md", "yaml") if "file: shop.zone" in block]
        guards, = blocks("docs/dns.md", "yaml")
        (self.path / "dns.yaml").write_text(alone + guards)
        secret, = re.findall(r"`(openssl rand .*?)`", (ROOT / "docs/dns.md").read_text())
        self.shell(secret)
        self.assertIn("redirector dns-1, 1 zone, 1 steered site", self.shell("ringway check dns.yaml").stdout)

    def test_the_managers_api(self):
        port = free_port()
        text = (ROOT / "docs/manager_api.md").read_text().replace("127.0.0.1:8700", f"127.0.0.1:{port}")
        settings, = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)
        (self.path / "manager.yaml").write_text(settings)
        manager = self.start(["ringway", "manager", "--config", "manager.yaml"])
        token, = wait_until(lambda: re.findall(r"^  (rw_\S+)$", manager.output(), re.M), "the first token")
        commands = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.M | re.S))
        told = self.shell(f"ONE_TIME={token}\n{commands}").stdout
        self.assertIn('"valid": true', told)
        self.assertIn("event: status", told)
        self.assertTrue((self.path / "ringway.backup").exists())
        wrong, = re.findall(r"^\$ (api .*)$", text, re.M)
        begin = re.search(r"^URL=.*?^api\(\) .*?$", text, re.M | re.S).group(0)
        self.assertEqual(manager.stop(), 0)
        token = re.search(r"rw_\S+", self.shell("ringway manager --config manager.yaml --new-token").stdout).group(0)
        again = self.start(["ringway", "manager", "--config", "manager.yaml"])
        wait_until(lambda: accepts(port), "the manager")
        wait_until(lambda: "leading" in again.output(), "the manager to lead")
        told = self.shell(f"ONE_TIME={token}\n{begin}\n{wrong} || true").stdout
        expected, = re.findall(r"^```json\n(.*?)^```$", text, re.M | re.S)
        told, expected = json.loads(told), json.loads(expected)
        del told["request"], expected["request"]
        self.assertEqual(told, expected)

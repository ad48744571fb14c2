"""The manager's client: `ringway apply` and its like, as people and scripts use them."""

import http.server
import json
import os
import pty
import re
import select
import stat
import threading
import time
import unittest
from pathlib import Path

from harness.manager import ManagedOverlay, Manager
from harness.origins import Origin
from harness.overlay import at, ringway
from harness.processes import Folder, run, wait_until
from harness.tls import Authority

OVERLAY = """
pops:
  - { name: zurich, latitude: 47.4, longitude: 8.5 }
frontends:
  - { name: pop-1, pop: zurich, addresses: [ 192.0.2.1 ] }
backends:
  - { name: host-1, address: "198.51.100.1:7400" }
sites:
  - name: shop
    hosts: [ shop.test, "*.shop.test" ]
    origins:
      - { address: "127.0.0.1:8000", max_pending: 32 }
"""

STATUS = {"time": "2026-03-01T12:00:00Z", "manager": "m-1", "leader": "m-1", "leads": True, "epoch": 1, "revision": 17,
          "rollout": None,
          "sites": [{"name": "shop", "requests_per_s": 123, "errors_per_s": 0, "refused_per_s": 0, "p95_ms": 85,
                     "rings": [0.1, 0.2, 0.5, 0.1, 0.1], "frontends": ["pop-1"], "backends": ["host-1"],
                     "origins": [], "shortage": ""}],
          "gateways": [], "pops": [], "links": [], "drains": []}


class Terminal:
    """A program that believes to be used by a person."""

    def __init__(self, words, environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(str(words[0]), [str(word) for word in words], os.environ | environment | {"TERM": "xterm"})
        self.screen = ""

    def read_until(self, text, seconds=10):
        end = time.monotonic() + seconds
        while text not in self.screen:
            if not select.select([self.fd], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError(f"no {text!r} in {self.screen!r}")
            try:
                self.screen += os.read(self.fd, 65536).decode(errors="replace")
            except OSError:  # it has ended
                raise AssertionError(f"no {text!r} in {self.screen!r}") from None
        return self.screen

    def type(self, text):
        os.write(self.fd, text.encode())

    def wait(self):
        """Its exit code; what it still writes is read."""
        try:
            while data := os.read(self.fd, 65536):
                self.screen += data.decode(errors="replace")
        except OSError:
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class CannedManager:
    """Answers what it is told to."""

    def __init__(self, answers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, body = answers.get(self.path, (404, {"title": "There is no such thing"}))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Managed(unittest.TestCase):
    """A manager that has just been started for the first time, and somebody who has logged in."""

    def setUp(self):
        self.folder = Folder("client")
        self.addCleanup(self.folder.remove)
        self.environment = {"XDG_CONFIG_HOME": str(self.folder.path)}
        self.manager = Manager(self.folder.path).start()
        self.addCleanup(self.manager.process.kill)
        match = wait_until(lambda: re.search(r"rw_\w+", self.manager.process.output()), "the one-time token")
        self.one_time = match.group()
        self.client("login", f"http://127.0.0.1:{self.manager.port}", self.one_time)
        self.overlay = self.write("overlay.yaml", OVERLAY)

    def write(self, name, text):
        path = self.folder.path / name
        path.write_text(text)
        return path

    def client(self, *words, code=0, more=None, **options):
        """Runs it; returns what it wrote to standard output, and to standard error."""
        result = run([ringway(), *words], check=False, env=os.environ | self.environment | (more or {}), **options)
        self.assertEqual(result.returncode, code, f"{words}\n{result.stdout}\n{result.stderr}")
        return result.stdout, result.stderr

    def json(self, *words, **options):
        return json.loads(self.client(*words, "--output", "json", **options)[0])


class Changes(Managed):
    def test_from_nothing_to_a_site_and_back(self):
        self.assertIn("+ sites/shop", self.client("diff", "-f", self.overlay, code=7)[0])
        self.client("apply", "-f", self.overlay, "--yes", "--no-wait", "--message", "the beginning")
        self.client("diff", "-f", self.overlay)
        self.assertEqual(self.client("apply", "-f", self.overlay)[0], "Nothing to change.\n")
        self.write("overlay.yaml", OVERLAY.replace("32", "128"))
        reply = self.json("apply", self.overlay, "--yes", "--no-wait")
        self.assertEqual((reply["revision"], [change["name"] for change in reply["diff"]]), (2, ["shop"]))
        self.assertIn("-     max_pending: 128", self.client("rollback", "--yes", "--no-wait")[0])
        self.assertEqual(self.json("get", "sites", "shop")["origins"][0]["max_pending"], 32)
        self.assertEqual([revision["message"] for revision in self.json("get", "revisions")["items"]],
                         ["rollback to revision 1", "", "the beginning"])

    def test_what_get_shows_apply_takes(self):
        self.client("apply", "-f", self.overlay, "--yes", "--no-wait")
        for kind in ("sites", "pops", "frontends", "backends"):
            text = self.client("get", kind, "--output", "yaml")[0]
            self.assertEqual(self.client("diff", "-f", "-", input=text)[0], "", text)
        shop = self.client("get", "sites", "shop")[0]
        self.client("apply", "-f", "-", "--yes", "--no-wait", input=shop.replace("32", "33"))
        self.assertEqual(self.json("get", "sites/shop")["origins"][0]["max_pending"], 33)

    def test_faults_are_told_at_their_place(self):
        path = self.write("wrong.yaml", OVERLAY.replace("pop: zurich", "pop: zurch").replace("hosts:", "hots:"))
        _, told = self.client("apply", "-f", path, "--yes", code=1)
        self.assertIn(f"{path}:10:5: unknown key \"hots\" in site", told)
        path = self.write("wrong.yaml", OVERLAY.replace("pop: zurich", "pop: zurch"))
        _, told = self.client("apply", "-f", path, "--yes", code=1)
        self.assertIn(f"{path}:5:25: there is no \"zurch\" in /v1/pops\n"
                      "    - { name: pop-1, pop: zurch, addresses: [ 192.0.2.1 ] }\n"
                      "                          ^\n"
                      "  did you mean \"zurich\"?", told)
        self.assertEqual(self.json("get", "revisions")["items"], [])

    def test_the_pages_example(self):
        page = (Path(__file__).resolve().parents[2] / "docs/client.md").read_text()
        example = self.write("example.yaml", page.split("```yaml\n")[1].split("```")[0])
        self.client("apply", "-f", example, "--yes", "--no-wait")
        self.assertEqual(self.json("get", "sites", "shop")["hosts"], ["shop.test", "*.shop.test"])

    def test_prune_removes_what_the_file_does_not_have(self):
        self.client("apply", "-f", self.overlay, "--yes", "--no-wait")
        path = self.write("pruned.yaml", "sites: []\n")
        self.assertIn("- sites/shop", self.client("apply", "-f", path, "--prune", "--yes", "--no-wait")[0])
        self.assertEqual(self.json("get", "sites")["items"], [])
        self.assertEqual(len(self.json("get", "pops")["items"]), 1)

    def test_a_person_is_asked(self):
        terminal = Terminal([ringway(), "apply", "-f", self.overlay, "--no-wait"], self.environment)
        terminal.read_until("Do it? [y/N]")
        self.assertIn("\x1b[32m", terminal.screen)
        terminal.type("n\n")
        self.assertEqual(terminal.wait(), 1)
        self.assertEqual(self.json("get", "revisions")["items"], [])
        terminal = Terminal([ringway(), "apply", "-f", self.overlay, "--no-wait"], self.environment)
        terminal.read_until("Do it? [y/N]")
        # Somebody else was quicker: what was shown is no longer what would be done.
        other = self.write("other.yaml", "pops: [ { name: berlin, latitude: 52, longitude: 13 } ]\n")
        self.client("apply", "-f", other, "--yes", "--no-wait")
        terminal.type("y\n")
        self.assertEqual(terminal.wait(), 6)
        self.assertEqual(len(self.json("get", "revisions")["items"]), 1)

    def test_scripts_are_not_asked(self):
        _, told = self.client("apply", "-f", self.overlay, code=2)
        self.assertIn("say --yes", told)


class Access(Managed):
    def test_tokens(self):
        self.assertEqual(stat.S_IMODE((self.folder.path / "ringway/client.yaml").stat().st_mode), 0o600)
        reader = self.client("token", "make", "--role", "reader", "--description", "looks")[0].strip()
        file = self.write("token", reader + "\n")
        self.client("get", "sites", "--token-file", file)
        self.client("apply", "-f", self.overlay, "--yes", "--token-file", file, code=4)
        self.client("get", "sites", more={"RINGWAY_TOKEN": reader})
        tokens = self.json("token", "list")["items"]
        looks = next(token for token in tokens if token.get("description") == "looks")
        self.client("token", "remove", looks["id"])
        self.client("get", "sites", more={"RINGWAY_TOKEN": reader}, code=4)
        self.client("token", "exchange", self.one_time, code=4)

    def test_a_file_that_others_can_read_is_refused(self):
        (self.folder.path / "ringway/client.yaml").chmod(0o644)
        self.assertIn("chmod 600", self.client("get", "sites", code=2)[1])

    def test_a_manager_that_is_away(self):
        self.manager.process.kill()
        self.assertIn("Connection refused", self.client("get", "sites", code=5)[1])


class Tls(unittest.TestCase):
    """The manager's certificate is always verified."""

    def setUp(self):
        folder = Folder("client-tls")
        self.addCleanup(folder.remove)
        self.path = folder.path
        self.authority = Authority(self.path)
        mine = self.authority.issue("manager", "IP:127.0.0.1")
        manager = Manager(self.path)
        manager.config["api"]["tls"] = {"certificate": str(mine.certificate), "key": str(mine.key)}
        manager.start()
        self.addCleanup(manager.process.kill)
        self.url = f"https://127.0.0.1:{manager.port}"
        self.token = wait_until(lambda: re.search(r"rw_\w+", manager.process.output()), "the one-time token").group()

    def test_only_whom_the_authority_vouches_for(self):
        environment = os.environ | {"XDG_CONFIG_HOME": str(self.path)}
        login = [ringway(), "login", self.url, "-"]
        refused = run(login, check=False, input=self.token, env=environment)
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertRegex(refused.stderr, "certificate|self.signed")
        run([*login, "--authority", self.authority.certificate], input=self.token, env=environment)
        run([ringway(), "get", "sites"], env=environment)

    def test_users_come_with_a_certificate(self):
        owner = os.environ | {"XDG_CONFIG_HOME": str(self.path / "owner")}
        ada = os.environ | {"XDG_CONFIG_HOME": str(self.path / "ada")}
        run([ringway(), "login", self.url, "-", "--authority", self.authority.certificate], input=self.token, env=owner)
        token = re.search(r'token: "(.*)"', (self.path / "owner/ringway/client.yaml").read_text()).group(1)
        enrolment = run([ringway(), "enrolment", "make", "user", "ada"], env=owner).stdout.strip()
        run([ringway(), "enrol", enrolment, "--directory", self.path / "ada"])
        login = [ringway(), "login", self.url, "--authority", self.authority.certificate,
                 "--certificate", self.path / "ada/ada.pem", "--key", self.path / "ada/ada.key"]
        self.assertEqual(run(login, check=False, env=ada).returncode, 4, "nobody said what ada may do")
        curl = ["curl", "-s", "--fail-with-body", "--cacert", self.authority.certificate]
        put = [*curl, "-X", "PUT", f"{self.url}/v1/users/ada", "-H", f"Authorization: Bearer {token}"]
        run([*put, "-H", "If-None-Match: *", "-d", '{"role": "reader"}'])
        run(login, env=ada)
        self.assertEqual(json.loads(run([ringway(), "get", "sites", "--output", "json"], env=ada).stdout)["items"], [])
        pops = self.path / "pops.yaml"
        pops.write_text("pops: [ { name: berlin, latitude: 52, longitude: 13 } ]\n")
        self.assertEqual(run([ringway(), "apply", "-f", pops, "--yes"], check=False, env=ada).returncode, 4)
        run([*put, "-H", "If-Match: *", "-d", '{"role": "operator"}'])
        run([ringway(), "apply", "-f", pops, "--yes", "--no-wait"], env=ada)
        audited = json.loads(run([ringway(), "get", "audit", "--output", "json"], env=owner).stdout)["items"]
        self.assertTrue(any("user:ada" in json.dumps(entry) for entry in audited))
        strange = self.authority.issue("stranger")
        refused = run([*curl, "--cert", strange.certificate, "--key", strange.key, f"{self.url}/v1/sites"], check=False)
        self.assertNotEqual(refused.returncode, 0)
        revocation = [*curl, "-X", "POST", f"{self.url}/v1/revocations", "-H", f"Authorization: Bearer {token}"]
        run([*revocation, "-d", '{"role": "user", "name": "ada", "reason": "gone"}'])
        self.assertEqual(run([ringway(), "get", "sites"], check=False, env=ada).returncode, 4)


class Live(unittest.TestCase):
    """A whole overlay: two front-ends, two back-ends, two origins."""

    @classmethod
    def setUpClass(cls):
        cls.origins = [Origin(), Origin()]
        for origin in cls.origins:
            cls.addClassCleanup(origin.stop)
            origin.handlers["/"] = lambda request, connection: connection.respond(b"welcome")
        cls.overlay = ManagedOverlay(cls.origins, frontends=2, backends=2)
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()
        cls.environment = os.environ | {"RINGWAY_MANAGER": f"http://127.0.0.1:{cls.overlay.manager.port}",
                                        "RINGWAY_TOKEN": cls.overlay.manager.token}

    def client(self, *words, code=0, **options):
        result = run([ringway(), *words], check=False, env=self.environment, **options)
        self.assertEqual(result.returncode, code, f"{words}\n{result.stdout}\n{result.stderr}")
        return result.stdout, result.stderr

    def test_status_names_all(self):
        told = self.client("status")[0]
        for name in ("shop", "pop-1", "pop-2", "host-1", "host-2", "place-1"):
            self.assertIn(name, told)
        self.assertIn("2 of 2 up", told)

    def test_figures_for_prometheus(self):
        manager = self.overlay.manager
        status, fields, text = manager.request("GET", "/metrics")
        self.assertEqual((status, fields["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        lines = text.decode().splitlines()
        for line in ('ringway_manager_leads 1', 'ringway_fleet_connected{role="frontend"} 2',
                     'ringway_fleet_behind{role="backend"} 0', 'ringway_fleet_drains 0'):
            self.assertIn(line, lines)
        manager.token, token = "rw_0_0", manager.token
        try:
            self.assertEqual(manager.request("GET", "/metrics")[0], 401)
        finally:
            manager.token = token

    def test_every_list_can_be_read(self):
        for kind in ("sites", "pops", "frontends", "backends", "revisions", "nodes", "links", "assignments", "drains",
                     "rollouts", "events", "audit", "tokens", "enrolments", "certificates", "revocations", "users",
                     "roles", "clients"):
            self.assertIsInstance(json.loads(self.client("get", kind, "--output", "json")[0])["items"], list, kind)
            self.client("get", kind)

    def test_apply_is_followed_to_the_gateways(self):
        shop = self.client("get", "sites", "shop")[0].rstrip() + "\n    weight: 7\n"
        _, told = self.client("apply", "-f", "-", "--yes", input=shop)
        self.assertIn("done: 4 of 4 gateways have it", told)
        _, told = self.client("rollback", "--yes")
        self.assertIn("done: 4 of 4 gateways have it", told)

    def test_drain_and_undo(self):
        for target in ("frontend:pop-1", "backend:host-2", "pop:place-2", f"origin:shop:{at(self.origins[0].port)}"):
            _, told = self.client("drain", target)
            self.assertIn(f"{target}: drained", told)
            self.assertIn(target, self.client("status")[0])
            self.client("undrain", target)
        self.client("undrain", "frontend:pop-1", code=3)
        self.client("drain", "frontend:pop-9", code=3)

    def test_explain_tells_the_way(self):
        story = self.client("explain", "http://shop.test/a", "--client", "127.0.0.1")[0]
        for word in ("shop, for it has the host shop.test", "2, the site's own", "pop-1 in place-1, serving",
                     "first to host-", f"{at(self.origins[1].port)}", "up, 0 of 64 pending"):
            self.assertIn(word, story)
        self.assertIn("did you mean \"shop.test\"", self.client("explain", "http://shop.tst/", code=3)[1])

    def test_links_are_closed_and_come_back(self):
        wait_until(lambda: self.overlay.manager.status()["links"], "links")
        link = self.overlay.manager.status()["links"][0]
        self.client("link", "close", link["frontend"], link["backend"])
        wait_until(lambda: all(self.overlay.serves(port) for port in self.overlay.ports.values()), "the site", 20)


class Watching(unittest.TestCase):
    """What live gateways say, told by a manager that makes it up."""

    def setUp(self):
        self.answers = {"/v1/status": (200, STATUS)}
        self.manager = CannedManager(self.answers)
        self.addCleanup(self.manager.stop)
        self.environment = {"RINGWAY_MANAGER": self.manager.url, "RINGWAY_TOKEN": "rw_1_2"}

    def test_top_is_live_and_leaves_the_terminal_as_it_was(self):
        terminal = Terminal([ringway(), "top"], self.environment)
        terminal.read_until("123")
        self.answers["/v1/status"] = (200, STATUS | {"revision": 18})
        terminal.read_until("revision 18")
        self.answers["/v1/status"] = (503, {"title": "Nothing can be written now"})
        terminal.read_until("Nothing can be written now")
        terminal.type("q")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.screen.endswith("\x1b[?25h\x1b[?1049l"), terminal.screen[-40:])

    def test_top_ends_by_ctrl_c(self):
        terminal = Terminal([ringway(), "top"], self.environment)
        terminal.read_until("shop")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(terminal.screen.endswith("\x1b[?25h\x1b[?1049l"), terminal.screen[-40:])

    def test_scripts_get_the_managers_own_json(self):
        for words in (["status", "--output", "json"], ["top", "--output", "json"]):
            told = run([ringway(), *words], env=os.environ | self.environment).stdout
            self.assertEqual(json.loads(told), STATUS)
        self.assertIn("shop", run([ringway(), "top", "--once"], env=os.environ | self.environment).stdout)

"""Starting, watching, changing and ending gateways, and what they say when something is wrong."""

import json
import os
import re
import signal
import socket
import stat
import unittest

from harness import wire
from harness.origins import Held, Origin
from harness.overlay import Gateway, Overlay, Relay, Site, ringway
from harness.processes import Folder, Process, accepts, free_port, run, wait_until


class Drain(unittest.TestCase):
    """SIGTERM: what is in flight ends, nothing new begins, and the process ends by itself."""

    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.held = self.origin.handlers["/held"] = Held()
        self.addCleanup(self.held.set)
        self.overlay = Overlay(Site(origins=[self.origin]))
        self.addCleanup(self.overlay.stop)
        self.overlay.start()

    def drain(self, gateway):
        """Drains it with an exchange in flight, and returns the body that its client got."""
        with self.overlay.client(seconds=40) as client:
            client.request("/held").head()
            first = client.reader.exactly(3)
            process, gateway.process = gateway.process, None
            process.send_signal(signal.SIGTERM)
            if gateway is self.overlay.frontend:
                wait_until(lambda: not accepts(self.overlay.port), "the listener to close")
            self.held.set()
            body = first + client.reader.exactly(3)
            if gateway is self.overlay.frontend:
                self.assertTrue(client.closed(), "the drained front-end keeps the connection")
        self.assertEqual(process.wait(), 0, process.tail())
        return body

    def test_front_end(self):
        self.assertEqual(self.drain(self.overlay.frontend), b"onetwo")

    def test_back_end(self):
        self.assertEqual(self.drain(self.overlay.backends[0]), b"onetwo")

    def test_idle_connections_do_not_hold_it(self):
        clients = [self.overlay.client() for _ in range(20)]
        for client in clients[::2]:
            self.assertEqual(client.get("/echo").status, 200)
        self.overlay.frontend.stop()
        for client in clients:
            self.assertTrue(client.closed())

    def test_limit(self):
        """An exchange that does not end is cut off at the limit."""
        self.overlay.frontend.stop()
        self.overlay.frontend.config["drain_limit"] = "1s"
        self.overlay.frontend.start()
        wait_until(self.overlay.frontend.ready, "the link")
        with self.overlay.client(seconds=40) as client:
            client.request("/held").head()
            client.reader.exactly(3)
            self.overlay.frontend.stop()
            with self.assertRaises((wire.Closed, ConnectionResetError)):
                client.reader.exactly(3)


class Reload(unittest.TestCase):
    """SIGHUP: a good file is taken without breaking anything, a bad one changes nothing."""

    def setUp(self):
        self.origins = [Origin(), Origin()]
        for number, origin in enumerate(self.origins):
            self.addCleanup(origin.stop)
            origin.handlers["/who"] = lambda request, connection, n=number: connection.respond(b"%d" % n)
        self.overlay = Overlay(Site(origins=[self.origins[0]]))
        self.addCleanup(self.overlay.stop)
        self.overlay.start()

    def reload(self, gateway, text=None):
        if text is None:
            gateway.write()
        else:
            gateway.file.write_text(text)
        gateway.process.send_signal(signal.SIGHUP)

    def test_back_end_takes_another_origin(self):
        gateway = self.overlay.backends[0]
        with self.overlay.client() as client:
            self.assertEqual(client.get("/who").body, b"0")
            gateway.config["sites"][0]["origins"] = [{"address": f"127.0.0.1:{self.origins[1].port}"}]
            self.reload(gateway)
            wait_until(lambda: client.get("/who").body == b"1", "the new origin")

    def test_front_end_takes_another_host(self):
        gateway = self.overlay.frontend
        with self.overlay.client() as client:
            self.assertEqual(client.get("/who", host="new.test").status, 421)
            for side in (self.overlay.backends[0], gateway):
                side.config["sites"][0]["hosts"] = ["shop.test", "new.test"]
                self.reload(side)
            wait_until(lambda: client.get("/who", host="new.test").status == 200, "the new host")
            self.assertEqual(client.get("/who").status, 200)

    def test_front_end_takes_a_back_ends_new_address(self):
        """The old link serves until the new one is up, and goes when its last exchange has ended."""
        relays = [Relay(self.overlay.path, int(self.overlay.backends[0].config["link"]["address"].rsplit(":", 1)[1]))
                  for _ in range(2)]
        for relay in relays:
            self.addCleanup(relay.stop)
        held = self.origins[0].handlers["/held"] = Held()
        self.addCleanup(held.set)
        gateway = self.overlay.frontend
        for relay in relays:
            with self.overlay.client(seconds=40) as client:
                held.clear()
                client.request("/held").head()
                first = client.reader.exactly(3)
                gateway.config["sites"][0]["backends"] = [{"address": f"127.0.0.1:{relay.port}", "name": "host-1"}]
                self.reload(gateway)
                wait_until(lambda: self.overlay.get("/who").status == 200 and relay.stats()["passed"] > 20, "the new link")
                held.set()
                self.assertEqual(first + client.reader.exactly(3), b"onetwo")
        self.assertEqual({line["status"] for line in gateway.access()}, {200})
        wait_until(lambda: gateway.log.read_text().count("no longer configured") == 2, "the old links to be closed")

    def test_exchange_in_flight_goes_on(self):
        held = self.origins[0].handlers["/held"] = Held()
        self.addCleanup(held.set)
        with self.overlay.client() as client:
            client.request("/held").head()
            self.test_back_end_takes_another_origin()
            held.set()
            self.assertEqual(client.reader.exactly(6), b"onetwo")

    def test_bad_file(self):
        for gateway in (self.overlay.frontend, self.overlay.backends[0]):
            for text in ("listen: [", json.dumps(gateway.config | {"sitez": []}), ""):
                said = len(gateway.process.output())
                self.reload(gateway, text)
                wait_until(lambda g=gateway, s=said: g.file.name in g.process.output()[s:], "the log to name the file")
                self.assertEqual(self.overlay.get("/who").body, b"0")


class Watching(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin]))
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def admin(self, gateway, target):
        return wire.get(gateway.admin_port, target)

    def test_health_and_readiness(self):
        for gateway in (self.overlay.frontend, self.overlay.backends[0]):
            self.assertEqual(self.admin(gateway, "/healthz").status, 200)
            self.assertEqual(self.admin(gateway, "/nothing").status, 404)
        wait_until(lambda: self.admin(self.overlay.backends[0], "/readyz").status == 200, "the back-end to be ready")

    def test_metrics_are_prometheus_text(self):
        sample = re.compile(r'^[a-z_:][a-z0-9_:]*(\{([a-z_]+="[^"\\\n]*",?)*\})? (-?[0-9.e+-]+|\+Inf|NaN)$')
        for gateway in (self.overlay.frontend, self.overlay.backends[0]):
            response = self.admin(gateway, "/metrics")
            self.assertTrue(response.fields.get("content-type").startswith("text/plain"), response.fields)
            typed = set()
            lines = response.body.decode().splitlines()
            self.assertGreater(len(lines), 20)
            for line in lines:
                if line.startswith("# TYPE "):
                    name, kind = line.split()[2:4]
                    self.assertNotIn(name, typed)
                    typed.add(name)
                    if kind == "counter":
                        self.assertTrue(name.endswith("_total"), name)
                elif not line.startswith("#"):
                    self.assertRegex(line, sample)
                    name = re.match(r"[a-z0-9_:]+", line).group(0)
                    self.assertTrue({name, re.sub(r"_(bucket|sum|count)$", "", name)} & typed, name)

    def test_metrics_count(self):
        before = self.overlay.frontend.metric(r"^ringway_.*(requests|exchanges).*_total")
        for _ in range(10):
            self.overlay.get("/echo")
        wait_until(lambda: self.overlay.frontend.metric(r"^ringway_.*(requests|exchanges).*_total") >= before + 10,
                   "the requests to be counted")

    def test_access_log(self):
        self.overlay.get("/echo?logged", method="POST", body=b"12345")
        entry = wait_until(lambda: next((entry for entry in self.overlay.frontend.access()
                                         if entry["target"] == "/echo?logged"), None), "the access log")
        self.assertEqual((entry["site"], entry["method"], entry["status"], entry["ring"]), ("shop", "POST", 200, 2))
        self.assertEqual((entry["link"], entry["origin"]), ("host-1", f"127.0.0.1:{self.origin.port}"))
        self.assertTrue(entry["id"])

    def test_lines_that_the_disk_does_not_take_are_counted(self):
        overlay = Overlay(Site(origins=[self.origin]), frontend={"access_log": {"path": "/dev/full"}})
        self.addCleanup(overlay.stop)
        overlay.start()
        for _ in range(3):
            self.assertEqual(overlay.get("/echo").status, 200)
        wait_until(lambda: overlay.frontend.metric("^ringway_access_log_dropped_total") == 3, "the lines to be counted")

    def test_busy_port_is_named(self):
        with socket.create_server(("127.0.0.1", free_port())) as busy:
            port = busy.getsockname()[1]
            other = Gateway(self.overlay.path, "frontend", "pop-2", dict(self.overlay.frontend.config))
            other.config |= {"listen": [{"address": f"127.0.0.1:{port}"}], "admin": {"address": f"127.0.0.1:{free_port()}"}}
            other.write()
            result = run([ringway(), "frontend", "--config", other.file], check=False)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(str(port), result.stderr + result.stdout)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = Folder("cli")
        self.addCleanup(self.folder.remove)

    def ringway(self, *words, check=True):
        return run([ringway(), *words], check=check)

    def test_keys(self):
        folder = self.folder.path / "keys"
        for name, role in (("pop-1", "frontend"), ("host-1", "backend")):
            self.ringway("keys", "--authority", folder, "--name", name, "--role", role)
        files = {path.name for path in folder.iterdir()}
        self.assertLessEqual({"ca.pem", "ca.key", "pop-1.pem", "pop-1.key", "host-1.pem", "host-1.key"}, files)
        for name in ("ca.key", "pop-1.key", "host-1.key"):
            self.assertEqual(stat.S_IMODE(os.stat(folder / name).st_mode), 0o600)
        run(["openssl", "verify", "-CAfile", folder / "ca.pem", folder / "pop-1.pem", folder / "host-1.pem"])

    def test_keys_does_not_replace_an_identity(self):
        folder = self.folder.path / "keys"
        words = ("keys", "--authority", folder, "--name", "pop-1", "--role", "frontend")
        self.ringway(*words)
        before = (folder / "pop-1.key").read_bytes()
        self.assertNotEqual(self.ringway(*words, check=False).returncode, 0)
        self.assertEqual((folder / "pop-1.key").read_bytes(), before)

    def test_check(self):
        overlay = Overlay(Site(origins=[{"address": "127.0.0.1:1"}]))
        self.addCleanup(overlay.folder.remove)
        for gateway in (overlay.frontend, *overlay.backends):
            gateway.write()
            self.ringway("check", gateway.file)

    def test_check_tells_every_error_at_once(self):
        file = self.folder.path / "bad.yaml"
        file.write_text('name: pop-1\nlisten:\n  - address: "0.0.0.0:99999"\nsitez: []\nadmin: { adress: "127.0.0.1:1" }\n')
        result = self.ringway("check", file, check=False)
        said = result.stdout + result.stderr
        self.assertEqual(result.returncode, 1)
        for line in (3, 4, 5):
            self.assertRegex(said, rf"(?m)^{re.escape(str(file))}:{line}:\d+: ", said)
        self.assertIn("did you mean", said)
        self.assertIn("^", said)

    def test_usage(self):
        self.assertIn("frontend", self.ringway("--help").stdout)
        result = self.ringway("frontent", check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("frontend", result.stderr)

    def test_demo(self):
        log = self.folder.path / "demo.log"
        process = Process("demo", [ringway(), "demo", "--for", "3"], log, cwd=self.folder.path)
        self.assertEqual(process.wait(30), 0, process.tail())
        self.assertIn("curl", process.output())

    def test_demo_ends_at_ctrl_c(self):
        process = Process("demo", [ringway(), "demo"], self.folder.path / "demo.log", cwd=self.folder.path)
        wait_until(lambda: "curl" in process.output(), "the demo to say what to try", 30)
        self.assertEqual(process.stop(signal.SIGINT), 0, process.tail())

    def test_what_the_demo_says_to_try(self):
        """Its lines, typed as they stand: each network is sent to its POP, and a drained POP's to the other one."""
        ports = [word for of in ("port", "metrics-port", "manager-port", "dns-port") for word in (f"--{of}", free_port())]
        process = Process("demo", [ringway(), "demo", *ports], self.folder.path / "demo.log", cwd=self.folder.path)
        self.addCleanup(process.kill)
        wait_until(lambda: "Ctrl-C" in process.output() or not process.running(), "the demo to say what to try", 30)
        told, = re.findall(r"^  try  (.*?)\n\n", process.output(), re.M | re.S)
        europe, california, fetch, session, explain, drain = (
            re.sub(r" {3,}\(.*", "", line).strip() for line in told.splitlines())
        (self.folder.path / "ringway").symlink_to(ringway().resolve())

        def shell(*commands):
            return run(["bash", "-euc", "\n".join([f'PATH="{self.folder.path}:$PATH"', *commands])]).stdout

        wait_until(lambda: shell(europe) == "127.0.0.1\n", "Europe to be sent east", 20)
        wait_until(lambda: shell(california) == "127.0.0.2\n", "California to be sent west", 20)
        self.assertRegex(shell(fetch), r"^HTTP/1\.1 200 ")
        self.assertIn("east-1", shell(session, explain))
        shell(session, drain)
        # A POP that drains passes on a twentieth of its clients more each second.
        wait_until(lambda: shell(california) == "127.0.0.1\n", "California to be sent east", 20 + 20)
        self.assertRegex(shell(fetch), r"^HTTP/1\.1 200 ")
        self.assertEqual(process.stop(signal.SIGINT), 0, process.tail())

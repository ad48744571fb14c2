"""Gateways that a manager tells what to do: with a fake one, that says whatever a test wants."""

import json
import signal
import stat
import subprocess
import time
import unittest

from harness import settings, wire
from harness.fake_manager import FakeManager
from harness.origins import Origin
from harness.overlay import Overlay, Site, ringway
from harness.processes import run, wait_until


class Managed(unittest.TestCase):
    """A front-end and a back-end without sites of their own."""

    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.origin.handlers["/who"] = lambda request, connection: connection.respond(b"origin")
        self.overlay = Overlay(Site(origins=[self.origin]))
        self.addCleanup(self.overlay.stop)
        self.site = self.overlay.sites[0]
        self.backend, self.frontend = self.overlay.backends[0], self.overlay.frontend
        self.targets = self.frontend.config["sites"][0]["backends"]
        self.manager = FakeManager(self.overlay.keys, self.overlay.path)
        self.addCleanup(self.manager.stop)
        for gateway in (self.backend, self.frontend):
            del gateway.config["sites"]
            gateway.config["manager"] = {"addresses": [self.manager.address],
                                         "state": str(self.overlay.path / f"{gateway.name}.state")}
        self.manager.start()

    def start(self):
        self.backend.start()
        self.frontend.start()
        self.offer(1)
        wait_until(self.frontend.ready, "the link", 15)

    def sections(self, **more):
        """What the front-end and the back-end are told."""
        return ({"sites/shop": json.dumps(self.site.frontend_entry(self.targets) | more)},
                {"sites/shop": json.dumps(self.site.backend_entry())})

    def offer(self, revision, **more):
        for gateway, sections in zip((self.frontend, self.backend), self.sections(**more)):
            agent = self.manager.agent(gateway.name)
            self.assertEqual(agent.stage(agent.offer(revision, sections)), ("applied", ""))

    def get(self, target="/who"):
        return self.overlay.get(target)

    def revisions(self, gateway):
        return {line.get("revision") for line in gateway.access()}


class Content(Managed):
    def test_serves_what_the_manager_says(self):
        self.backend.start()
        self.frontend.start()
        self.assertFalse(self.frontend.ready(), "nothing is told yet")
        self.assertNotIn("in_use", self.manager.agent("pop-1").hello)
        self.offer(1)
        wait_until(self.frontend.ready, "the link", 15)
        self.assertEqual(self.get().body, b"origin")
        self.offer(2, weight=3)
        self.assertEqual(self.get().body, b"origin")
        self.assertEqual(self.frontend.metrics()["ringway_manager_revision"], 2)
        wait_until(lambda: self.revisions(self.frontend) == {1, 2} and self.revisions(self.backend) == {1, 2},
                   "the revisions in the access logs")
        self.assertIn("revision=2", self.frontend.log.read_text())

    def test_says_all_that_is_wrong(self):
        self.start()
        agent = self.manager.agent("pop-1")
        site = {"name": "shop", "hosts": ["shop.test"], "ring": 9, "backends": [{"name": "h"}]}
        bad = {"sites/shop": json.dumps(site)}
        stage, reason = agent.stage(agent.offer(2, bad))
        self.assertEqual(stage, "refused")
        self.assertIn("sites/shop: /ring", reason)
        self.assertIn("sites/shop: /backends/0", reason)
        self.assertEqual(self.get().body, b"origin")

    def test_refuses_what_the_process_cannot_do(self):
        """An address that is taken: nothing changes."""
        self.start()
        agent = self.manager.agent("pop-1")
        taken = f"127.0.0.1:{self.origin.port}"
        database = {"name": "db", "protocol": "tcp", "listen": taken, "backends": self.targets}
        stage, reason = agent.stage(agent.offer(2, self.sections()[0] | {"sites/db": json.dumps(database)}))
        self.assertEqual(stage, "refused")
        self.assertIn(str(self.origin.port), reason)
        self.assertEqual(self.get().body, b"origin")

    def test_a_reload_keeps_what_the_manager_said(self):
        self.start()
        self.frontend.config["clients"] = {"max_connections": 500}
        self.frontend.write()
        self.frontend.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reloaded" in self.frontend.log.read_text(), "the reload")
        self.assertEqual(self.get().body, b"origin")
        self.frontend.config["sites"] = [self.site.frontend_entry(self.targets)]
        self.frontend.write()
        self.frontend.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "has a site of this name already" in self.frontend.log.read_text(), "the refusal")
        self.assertEqual(self.get().body, b"origin")


class Away(Managed):
    def test_goes_on_without_a_manager(self):
        self.start()
        time.sleep(11)  # the trial
        self.manager.stop()
        wait_until(lambda: self.frontend.metrics()["ringway_manager_connected"] == 0, "the loss")
        self.assertEqual(self.get().body, b"origin")
        for gateway in (self.frontend, self.backend):
            gateway.kill()
        self.backend.start()
        self.frontend.start()
        wait_until(self.frontend.ready, "the link", 15)
        self.assertEqual(self.get().body, b"origin")
        self.assertEqual(self.frontend.metrics()["ringway_manager_revision"], 1)
        wait_until(lambda: self.frontend.metrics()["ringway_expired_certificates_taken"] == 1, "the grace")
        self.manager.start()
        self.assertEqual(self.manager.agent("pop-1").hello["in_use"]["revision"], 1)
        wait_until(lambda: self.frontend.metrics()["ringway_expired_certificates_taken"] == 0, "the end of the grace")

    def test_a_death_in_the_trial_is_a_refusal(self):
        self.start()
        time.sleep(11)
        agent = self.manager.agent("pop-1")
        mark = agent.offer(2, self.sections(weight=5)[0])
        self.assertEqual(agent.stage(mark)[0], "applied")
        self.frontend.kill()
        self.frontend.start()
        agent = self.manager.agent("pop-1")
        self.assertEqual(agent.hello["in_use"]["revision"], 1)
        stage, reason = agent.stage(mark)
        self.assertEqual(stage, "refused")
        self.assertIn("ended while trying it", reason)
        wait_until(self.frontend.ready, "the link", 15)
        self.assertEqual(self.get().body, b"origin")
        agent.statuses.clear()
        self.assertEqual(agent.stage(agent.offer(2, self.sections(weight=5)[0]))[0], "refused")

    def test_an_orderly_end_in_the_trial_is_none(self):
        self.start()
        self.frontend.stop()
        self.frontend.start()
        agent = self.manager.agent("pop-1")
        time.sleep(0.5)
        self.assertEqual(agent.statuses, [])


class Reports(Managed):
    def test_each_second(self):
        self.start()
        for _ in range(20):
            self.assertEqual(self.get().status, 200)
        front, back = self.manager.agent("pop-1"), self.manager.agent("host-1")
        wait_until(lambda: front.report and front.report.get("sites", [{}])[0].get("requests", 0) >= 20, "the requests")
        report = front.report
        site = report["sites"][0]
        self.assertEqual((site["name"], sum(site["rings"])), ("shop", site["requests"]))
        self.assertEqual(len(site["rings"]), 5)
        self.assertGreater(report["memory_octets"], 1 << 20)
        self.assertGreater(report["octets"], 1000)
        link = report["links"][0]
        self.assertEqual(link["peer"], "host-1")
        self.assertGreater(link["rtt_us"], 0)
        wait_until(lambda: (back.report or {}).get("sites", [{}])[0].get("requests", 0) >= 20, "the back-end's")
        origin = back.report["sites"][0]["origins"][0]
        self.assertEqual((origin["capacity"], origin.get("pending", 0)), (64, 0))
        self.assertGreaterEqual(origin["served"], 20)
        self.assertEqual(back.report["links"][0]["peer"], "pop-1")
        seen = []
        deadline = time.monotonic() + 10
        while not seen and time.monotonic() < deadline:
            self.get()
            seen = front.report.get("clients", [])
            time.sleep(0.05)
        self.assertEqual(seen[0]["network"], "127.0.0.0/24")
        self.assertGreater(seen[0]["rtt_us"], 0)

    def test_orders(self):
        self.start()
        agent = self.manager.agent("pop-1")
        agent.order("drain")
        wait_until(lambda: agent.report and agent.report.get("state") == "draining", "the state")
        self.assertEqual(self.get().body, b"origin")
        agent.order("undrain")
        wait_until(lambda: agent.report.get("state", "serving") == "serving", "the state")
        for gateway, peer in (("pop-1", "host-1"), ("host-1", "pop-1")):
            before = self.frontend.log.read_text().count("link is up")
            self.manager.agent(gateway).order("close_link", peer)
            wait_until(lambda b=before: self.frontend.log.read_text().count("link is up") > b, "the link to come back")
            wait_until(self.frontend.ready, "the link", 15)
            self.assertEqual(self.get().body, b"origin")

    def test_revoked_peers_are_cut_off(self):
        self.start()
        agent = self.manager.agent("host-1")
        agent.send({"welcome": {"revoked_serials": [], "revoked_identities": ["frontend:pop-1"]}})
        began = time.monotonic()
        wait_until(lambda: self.backend.metric("^ringway_link_up{") == 0, "the link to be closed")
        self.assertLess(time.monotonic() - began, settings.patience(1.5))
        # A restart does not forget it, nor does a reload.
        self.backend.process.send_signal(signal.SIGHUP)
        time.sleep(1)
        self.assertEqual(self.backend.metric("^ringway_link_up{"), 0)
        self.manager.stop()
        self.backend.stop()
        self.backend.start()
        time.sleep(1)
        self.assertEqual(self.backend.metric("^ringway_link_up{"), 0)


class Certificates(Managed):
    def test_renewal(self):
        """A certificate whose third is over is renewed at once, and no exchange breaks."""
        file = self.overlay.keys / "pop-1.pem"
        self._backdate(file)
        before = file.read_text()
        self.start()
        wait_until(lambda: file.read_text() != before, "the renewal", 15)
        self.assertEqual(self.get().body, b"origin")
        self.assertIn("the certificate is renewed", self.frontend.log.read_text())
        expires = self.frontend.metrics()["ringway_certificate_expires_seconds"]
        self.assertAlmostEqual(expires, time.time() + 30 * 86400, delta=3600)

    def _backdate(self, file):
        """The certificate began ten days ago and ends in ten."""
        folder = self.overlay.path
        extensions = folder / "old.cnf"
        extensions.write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\nnew_certs_dir={folder}\nserial={folder}/serial\n"
            "default_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\n"
            "subjectAltName=URI:ringway:frontend:pop-1\nbasicConstraints=critical,CA:FALSE\n"
            "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n")
        (folder / "index").write_text("")
        (folder / "serial").write_text("77\n")
        csr = folder / "old.csr"
        run(["openssl", "req", "-new", "-key", self.overlay.keys / "pop-1.key", "-subj", "/CN=pop-1", "-out", csr])
        moment = lambda days: time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))
        run(["openssl", "ca", "-batch", "-notext", "-config", extensions, "-in", csr, "-out", file, "-cert",
             self.overlay.keys / "ca.pem", "-keyfile", self.overlay.keys / "ca.key", "-startdate", moment(-10),
             "-enddate", moment(10)])


class Enrolment(Managed):
    def token(self, secret=None, authority=None, role=0):
        """As tmp_protocol/enrolment_token.h says."""
        import base64
        import hashlib
        import ssl
        der = ssl.PEM_cert_to_DER_cert((authority or self.overlay.keys / "ca.pem").read_text())
        text = lambda value: bytes([len(value)]) + value.encode()
        octets = (bytes.fromhex(secret or self.manager.secret) + hashlib.sha256(der).digest() + bytes([role]) +
                  text("pop-9") + b"\1" + text(self.manager.address))
        octets += hashlib.sha256(b"rwe1_" + octets).digest()[:4]
        return "rwe1_" + base64.urlsafe_b64encode(octets).decode().rstrip("=")

    def enrol(self, token, folder="new", role="frontend"):
        self.manager.enrols = (role, "pop-9")
        return subprocess.run([ringway(), "enrol", token, "--directory", self.overlay.path / folder],
                              capture_output=True, text=True, check=False)

    def test_a_token_brings_a_certificate(self):
        done = self.enrol(self.token())
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = self.overlay.path / "new"
        self.assertEqual(stat.S_IMODE((folder / "pop-9.key").stat().st_mode), 0o600)
        self.assertEqual((folder / "ca.pem").read_text().strip(), (self.overlay.keys / "ca.pem").read_text().strip())
        run(["openssl", "verify", "-CAfile", folder / "ca.pem", folder / "pop-9.pem"])
        self.assertIn(self.manager.address, done.stdout)
        self.assertIn(f"{folder}/pop-9.pem", done.stdout)
        again = self.enrol(self.token())
        self.assertEqual(again.returncode, 1)
        self.assertIn("is there already", again.stderr)

    def test_a_redirectors_stands_where_its_file_has_it(self):
        done = self.enrol(self.token(role=4), role="redirector")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("\nidentity:\n  certificate: ", done.stdout)
        self.assertNotIn("link:", done.stdout)

    def test_refusals_say_why(self):
        refused = self.enrol(self.token(secret="11" * 16))
        self.assertEqual(refused.returncode, 1)
        self.assertIn("refused: no such token", refused.stderr)
        token = self.token()
        self.assertEqual(self.enrol(token[:-3] + "xyz").returncode, 2)
        # The key that was made stays, and serves the next attempt.
        key = (self.overlay.path / "new/pop-9.key").read_text()
        self.assertEqual(self.enrol(token).returncode, 0)
        self.assertEqual((self.overlay.path / "new/pop-9.key").read_text(), key)

    def test_another_authoritys_manager_is_told_nothing(self):
        run([ringway(), "keys", "--authority", self.overlay.path / "foreign", "--name", "x", "--role", "frontend"])
        done = self.enrol(self.token(authority=self.overlay.path / "foreign/ca.pem"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("authority", done.stderr)
        self.assertFalse((self.overlay.path / "new/pop-9.pem").exists())

    def test_no_manager(self):
        self.manager.stop()
        done = self.enrol(self.token())
        self.assertEqual(done.returncode, 1)
        self.assertIn("Connection refused", done.stderr)

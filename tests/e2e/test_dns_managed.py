"""`ringway dns` that a manager tells its zones and each second where clients are sent: a fake one, that says whatever a
test wants."""

import json
import os
import shutil
import signal
import threading
import time
import unittest

from harness.dns_stream import Stream
from harness.fake_manager import FakeManager
from harness.overlay import ringway
from harness.processes import Folder, run, wait_until
from harness.redirector import STEERING, ZONE, Redirector, Table

NEAR = ("www.shop.test", "A", "+subnet=203.0.113.0/24")
FAR = ("www.shop.test", "A", "+subnet=198.51.77.0/24")
TOLD = {"near": "192.0.2.1", "middle": "192.0.2.2", "far": "192.0.2.3"}


def records(**more):
    return ZONE.format(big='"x"', **more)


class Teller:
    """Tells a table's levels each second, as a manager's leader does."""

    def __init__(self, agent, table, shed=()):
        self.agent, self.table, self.shed, self.number = agent, table, shed, 0
        self.ended = threading.Event()
        self.agent.table("atlas", table.atlas)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ended.is_set():
            self.number += 1
            try:
                self.agent.table("levels", self.table.levels(self.number, self.shed))
            except OSError:
                return
            self.ended.wait(1)

    def stop(self):
        self.ended.set()
        self.thread.join()


class Managed(unittest.TestCase):
    """A redirector without zones of its own, and its manager."""

    def setUp(self):
        folder = Folder("dns-managed")
        self.addCleanup(folder.remove)
        self.path, self.keys = folder.path, folder.path / "keys"
        for name, role in (("dns-1", "redirector"), ("pop-1", "frontend")):
            run([ringway(), "keys", "--authority", self.keys, "--name", name, "--role", role])
        self.manager = FakeManager(self.keys, self.path)
        self.addCleanup(self.manager.stop)
        self.manager.start()

    def redirector(self, **more):
        self.state = self.path / "state"
        settings = {"zones": [], "steering": None, "manager": {"addresses": [self.manager.address], "state": "state"},
                    "identity": {"certificate": "keys/dns-1.pem", "key": "keys/dns-1.key", "authority": "keys/ca.pem"}}
        dns = Redirector(self.path, **settings | more)
        self.addCleanup(lambda: dns.process.stop())
        return dns

    def zones(self, agent, revision, **texts):
        """Tells zones, by the first label of their names."""
        sections = {f"zones/{name}.test": json.dumps({"name": f"{name}.test", "records": text})
                    for name, text in texts.items()}
        return agent.stage(agent.offer(revision, sections))

    def tell(self, agent, table, **more):
        teller = Teller(agent, table, **more)
        self.addCleanup(teller.stop)
        return teller

    def told(self, **more):
        """A redirector that has been told a zone and a table."""
        dns = self.redirector(**more)
        agent = self.manager.agent("dns-1")
        self.assertEqual(self.zones(agent, 1, shop=records()), ("applied", ""))
        teller = self.tell(agent, Table(TOLD))
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.1"], "the table", 10)
        return dns, agent, teller


class Zones(Managed):
    def test_are_those_of_the_file_and_of_the_manager(self):
        (self.path / "bank.zone").write_text(records().replace("192.0.2.25", "192.0.2.77"))
        dns = self.redirector(zones=[{"name": "bank.test", "file": "bank.zone"}])
        agent = self.manager.agent("dns-1")
        self.assertEqual(agent.role, "redirector")
        self.assertIn("REFUSED", dns.dig("mail.shop.test"))
        self.assertEqual(self.zones(agent, 1, shop=records()), ("applied", ""))
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        self.assertEqual(dns.short("mail.bank.test"), ["192.0.2.77"])
        self.assertEqual(dns.metrics()["ringway_manager_revision"], 1)
        self.assertIn("revision=1", dns.process.output())

    def test_that_have_faults_are_refused_with_their_places(self):
        dns = self.redirector()
        agent = self.manager.agent("dns-1")
        self.zones(agent, 1, shop=records())
        stage, reason = self.zones(agent, 2, shop=records().replace("192.0.2.25", "192.0.2.256"), bank="nothing")
        self.assertEqual(stage, "refused")
        self.assertRegex(reason, r"zones/shop\.test:\d+:\d+: ")
        self.assertRegex(reason, r"zones/bank\.test:\d+:\d+: ")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        (self.path / "own.zone").write_text(records())
        dns.config["zones"] = [{"name": "SHOP.test", "file": "own.zone"}]
        dns.write()
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "has the zone shop.test already, which stays" in dns.process.output(), "the refusal")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])

    def test_change_without_a_lost_query(self):
        dns, agent, _ = self.told(workers=2)
        stream = Stream(dns.port, rate=500, answers=("192.0.2.25", "192.0.2.26"))
        for revision in range(2, 32):
            text = records().replace("192.0.2.25", f"192.0.2.{25 + revision % 2}")
            self.assertEqual(self.zones(agent, revision, shop=text)[0], "applied")
            time.sleep(0.1)
        self.assertEqual((stream.lost(), stream.errors), (0, []))
        self.assertGreater(stream.sent, 500)


class Tables(Managed):
    def test_steer_and_are_reported(self):
        dns, agent, teller = self.told()
        self.assertEqual(dns.short(*FAR), ["192.0.2.3"])
        teller.shed = ["near"]
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.2"], "the next POP", 5)
        for _ in range(5):
            dns.dig("www.shop.test", "A", "+nosubnet")

        def reported():
            told = [report["steering"] for report in list(agent.reports) if "steering" in report]
            queries = sum(resolver["queries"] for steering in told for resolver in steering.get("resolvers", [])
                          if resolver["address"] == "127.0.0.1")
            return queries >= 5 and told[-1].get("table", 0) > 1 and all(told[-1]["pops"])

        wait_until(reported, "the report", 10)
        metrics = dns.metrics()
        self.assertGreaterEqual(metrics['ringway_dns_steered_total{pop="far-pop",reason="first"}'], 6)
        self.assertGreaterEqual(metrics['ringway_dns_steered_total{pop="middle-pop",reason="passed on"}'], 1)
        self.assertGreater(metrics["ringway_dns_table_number"], 1)

    def test_change_without_a_lost_query(self):
        dns, agent, teller = self.told(workers=2)
        teller.stop()
        stream = Stream(dns.port, rate=500, name="www.shop.test", answers=TOLD.values())
        before = dns.metrics()["ringway_dns_table_number"]
        for number in range(100, 140):
            table = Table(TOLD if number % 2 else dict(reversed(TOLD.items())), number=number)
            agent.table("atlas", table.atlas)
            agent.table("levels", table.levels(number, shed=["near"] if number % 3 else ()))
            time.sleep(0.1)
        self.assertEqual((stream.lost(), stream.errors), (0, []))
        self.assertGreater(stream.sent, 1000)
        self.assertGreater(dns.metrics()["ringway_dns_table_number"], before)

    def test_count_where_a_file_steers_as_well(self):
        dns = self.redirector(steering=STEERING, zones=[{"name": "shop.test", "file": "shop.zone"}])
        self.assertEqual(dns.short(*NEAR), ["198.51.100.1"])
        self.tell(self.manager.agent("dns-1"), Table(TOLD))
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.1"], "the manager's table", 5)
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reloaded" in dns.process.output(), "the reload")
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])

    def test_that_are_not_understood_are_told_anew(self):
        dns, agent, teller = self.told()
        teller.stop()
        agent.table("levels", "nothing")
        wait_until(lambda: self.manager.agents["dns-1"] is not agent, "another connection", 10)
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])
        self.tell(self.manager.agent("dns-1"), Table(TOLD | {"near": "192.0.2.9"}, number=2))
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.9"], "the table", 10)
        self.assertGreaterEqual(dns.metrics()["ringway_dns_table_texts_refused_total"], 1)

    def test_that_take_a_site_away_are_doubted(self):
        dns, agent, teller = self.told()
        teller.stop()
        doubted = self.tell(agent, Table(TOLD, sites=(), number=2))
        wait_until(lambda: dns.metrics()["ringway_dns_table_doubted"] == 1, "the doubt", 10)
        time.sleep(3)
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])
        doubted.shed = ["near"]
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.2"], "what it says of load", 10)
        self.assertIn("site shop would be gone", dns.process.output())


class Away(Managed):
    def test_answers_for_ever_without_a_manager(self):
        dns, _, teller = self.told()
        time.sleep(11)  # the trial
        teller.stop()
        self.manager.stop()
        wait_until(lambda: dns.metrics()["ringway_manager_connected"] == 0, "the loss")
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])
        dns.process.kill()
        dns.start()
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        self.assertEqual(dns.metrics()["ringway_manager_revision"], 1)

    def test_a_table_that_was_cut_is_none(self):
        """The one before it is used; where there is none, the zones still answer."""
        dns, agent, teller = self.told()
        time.sleep(11)
        teller.stop()
        self.tell(agent, Table(TOLD | {"near": "192.0.2.8"}, number=2))
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.8"], "the next table", 10)
        self.manager.stop()
        dns.process.kill()
        os.truncate(self.state / "table.atlas", (self.state / "table.atlas").stat().st_size // 2)
        dns.start()
        self.assertEqual(dns.short(*NEAR), ["192.0.2.1"])
        dns.process.kill()
        for file in self.state.glob("table.*"):
            os.truncate(file, 0)
        dns.start()
        self.assertIn("REFUSED", dns.dig(*NEAR))
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])

    def test_a_disk_that_is_gone_stops_nothing(self):
        dns, agent, teller = self.told()
        shutil.rmtree(self.state)
        teller.stop()
        self.tell(agent, Table(TOLD | {"near": "192.0.2.7"}, number=2))
        wait_until(lambda: dns.short(*NEAR) == ["192.0.2.7"], "the table", 10)
        wait_until(lambda: dns.metrics()["ringway_dns_table_unkept_total"] >= 1, "the fault")


class Identity(Managed):
    def test_must_be_a_redirectors(self):
        dns = self.redirector(identity={"certificate": "keys/pop-1.pem", "key": "keys/pop-1.key",
                                        "authority": "keys/ca.pem"})
        self.assertEqual(dns.process.wait(), 1)
        self.assertIn("this is redirector 'dns-1'", dns.process.output())
        told = run([ringway(), "check", dns.file], check=False)
        self.assertIn("is the certificate of frontend pop-1", told.stderr)

    def test_that_cannot_be_read_leaves_all_as_it_was(self):
        (self.path / "bank.zone").write_text(records())
        dns = self.redirector(zones=[{"name": "bank.test", "file": "bank.zone"}])
        self.manager.agent("dns-1")
        certificate = (self.keys / "dns-1.pem").read_text()
        (self.keys / "dns-1.pem").write_text("nothing")
        (self.path / "bank.zone").write_text(records().replace("192.0.2.25", "192.0.2.26"))
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "the old settings stay" in dns.process.output(), "the fault", 10)
        self.assertIn("dns-1.pem", dns.process.output())
        self.assertEqual(dns.short("mail.bank.test"), ["192.0.2.25"])
        (self.keys / "dns-1.pem").write_text(certificate)
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: dns.short("mail.bank.test") == ["192.0.2.26"], "the new zone", 10)

    def test_is_shown_as_its_file_wants_it(self):
        made = run([ringway(), "keys", "--authority", self.keys, "--name", "dns-2", "--role", "redirector"]).stdout
        self.assertIn("\nidentity:\n  certificate: ", made)

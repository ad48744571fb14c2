"""Manager, front-ends, back-end and redirector together: clients are answered the POP near them, and another one when
theirs drains or is lost, whether a manager is there or not."""

import signal
import time
import unittest

from harness import settings
from harness.manager import ManagedOverlay
from harness.origins import Origin
from harness.processes import free_port, run, wait_until
from harness.redirector import Redirector
from harness.tls import Authority

RECORDS = ("$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 30\n@ IN NS ns1\nns1 IN A 127.0.0.1\n"
           "www IN SITE shop\norigin IN SITE shop/backends\n")
NEAR = {"pop-1": "203.0.113.0/24", "pop-2": "198.51.100.0/24"}
ADDRESS = {"pop-1": "127.0.0.1", "pop-2": "127.0.0.2"}


class Steering(unittest.TestCase):
    def setUp(self):
        origin = Origin()
        origin.handlers["/"] = lambda request, connection: connection.respond(b"welcome")
        self.addCleanup(origin.stop)
        self.overlay = ManagedOverlay([origin], frontends=2, site={"steering": {"ttl": "5s", "answers": 1}})
        self.addCleanup(self.overlay.stop)
        self.overlay.start()
        manager = self.overlay.manager
        # First, for the table is made from then on: what clients are used to changes only after three minutes.
        manager.apply({
            "redirectors": [{"name": "dns-1", "addresses": ["127.0.0.1"]}],
            "zones": [{"name": "shop.test", "records": RECORDS}],
            "networks": [{"name": f"near-{pop}", "networks": [network], "latitude": 10 * int(pop[-1]), "longitude": 0}
                         for pop, network in NEAR.items()]})
        identity = manager.enrol("redirector", "dns-1")
        self.dns = Redirector(self.overlay.path, zones=[], steering=None, identity=identity,
                              manager={"addresses": [f"127.0.0.1:{manager.agents_port}"], "state": "dns-1"})
        self.addCleanup(lambda: self.dns.process.stop())
        wait_until(lambda: all(self.sent(pop) == ADDRESS[pop] for pop in NEAR), "clients at the POP near them", 30)

    def sent(self, near):
        """Where a client near that POP is sent to; empty: nowhere yet."""
        told = self.dns.short("www.shop.test", "A", f"+subnet={NEAR[near]}")
        return told[0] if len(told) == 1 else ""

    def test_a_drain_and_what_is_told_of_it(self):
        manager = self.overlay.manager
        self.assertEqual(self.dns.short("origin.shop.test", "A"), ["127.0.0.1"])
        manager.ask("PUT", "/v1/drains/pop:place-2", {})
        wait_until(lambda: self.sent("pop-2") == ADDRESS["pop-1"], "clients of the drained POP elsewhere", 30)
        told = manager.get("/v1/explain?url=http://shop.test/&client=198.51.100.7")["steering"]
        self.assertEqual(told["frontends"][0]["name"], "pop-1", told)
        pops = {each["name"]: each for each in manager.get("/v1/steering")["pops"]}
        self.assertTrue(pops["place-2"]["draining"])
        manager.ask("DELETE", "/v1/drains/pop:place-2")
        wait_until(lambda: self.sent("pop-2") == ADDRESS["pop-2"], "clients back", 120)

    def test_https_records_say_what_front_ends_offer(self):
        authority = Authority(self.overlay.path)
        port = free_port()
        self.overlay.change_site(steering={"ttl": "5s", "answers": 1, "alpn": "http/1.1", "port": port})

        def listens(pop, certificate):
            gateway = self.overlay.gateways[pop]
            gateway.config["listen"] = [gateway.config["listen"][0], {
                "address": f"{ADDRESS[pop]}:{port}",
                "tls": {"certificate": str(certificate.certificate), "key": str(certificate.key)}}]
            gateway.write()
            gateway.process.send_signal(signal.SIGHUP)

        def warnings():
            told = self.overlay.manager.get("/v1/explain?url=http://shop.test/&client=198.51.100.7")["steering"]
            return " ".join(told["warnings"])

        def record():
            return self.dns.short("www.shop.test", "HTTPS", f"+subnet={NEAR['pop-2']}")

        for pop in NEAR:
            wait_until(lambda: f"not offered at port {port}" in warnings(), "the manager to miss TLS", 30)
            self.assertEqual(record(), [])
            listens(pop, authority.issue(pop))
        wait_until(record, "an HTTPS record", 60)
        self.assertEqual(record()[:4], ["1", ".", 'alpn="http/1.1"', f"port={port}"])
        self.assertNotIn("not offered", warnings())
        answer = run(["curl", "--silent", "--cacert", authority.certificate, "--resolve",
                      f"shop.test:{port}:{self.sent('pop-2')}", f"https://shop.test:{port}/"]).stdout
        self.assertEqual(answer, "welcome")
        listens("pop-1", authority.issue("other", "DNS:other.test"))
        wait_until(lambda: not record(), "the record to go", 60)
        wait_until(lambda: warnings().endswith("by pop-1"), "the manager to say whose certificate it is")

    def test_a_lost_pop_and_a_lost_manager(self):
        lost = time.monotonic()
        self.overlay.gateways["pop-1"].kill()
        wait_until(lambda: self.sent("pop-1") == ADDRESS["pop-2"], "clients of the lost POP elsewhere", 20)
        self.assertLess(time.monotonic() - lost, settings.patience(15))
        self.overlay.gateways["pop-1"].start()
        wait_until(lambda: self.overlay.manager.gateway("pop-1")["connected"], "its return", 20)
        # A redirector that begins without any manager goes on where it was.
        self.overlay.manager.kill()
        self.dns.process.stop()
        self.dns.start()
        told = self.dns.short("www.shop.test", "A", f"+subnet={NEAR['pop-2']}")
        self.assertEqual(told, [ADDRESS["pop-2"]])
        self.assertGreater(self.dns.metrics()["ringway_dns_table_number"], 0)


if __name__ == "__main__":
    unittest.main()

"""What `ringway dns` shows of itself: its table, why a client is sent where, and its query log; and what it takes of a
database of places."""

import os
import shutil
import signal
import time
import unittest

from harness import mmdb
from harness.overlay import ringway
from harness.processes import Folder, json_lines, run, wait_until
from harness.redirector import STEERING, Redirector


class Watched(unittest.TestCase):
    def redirector(self, **more):
        folder = Folder("dns-watch")
        self.addCleanup(folder.remove)
        self.path = folder.path
        dns = Redirector(folder.path, **more)
        self.addCleanup(lambda: dns.process.stop())
        return dns

    @staticmethod
    def ask(dns, *words):
        return run([ringway(), "dns", "--config", dns.file, *words], check=False)

    def lines(self):
        return json_lines(self.path / "queries.log")


class Shows(Watched):
    def test_its_table(self):
        dns = self.redirector()
        dump = self.ask(dns, "--dump").stdout
        self.assertRegex(dump, r"^zone shop\.test\. \d+ names \d+ records\nringway-atlas 1 \d+\npop zurich 1\n")
        self.assertRegex(dump, r"\nringway-levels 1 \d+ [0-9a-f]{64}\n")
        dns.process.stop()
        told = self.ask(dns, "--dump")
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertIn("127.0.0.1", told.stderr)

    def test_why_a_client_is_sent_where(self):
        dns = self.redirector()
        near = self.ask(dns, "--explain", "WWW.shop.test", "--client", "203.0.113.7").stdout
        self.assertRegex(near, r"site shop, table \d+\nclient 203\.0\.113\.7: cell 203\.0\.0\.0/16\n")
        self.assertRegex(near, r"\n  zurich +sheds +0\.00 %  hash 0\.\d{4}  1 answering  chosen, "
                               r"\d\.\d ms, by the place of 203\.0\.113\.0/24\n")
        self.assertRegex(near, r"\n  oslo .* not needed, \d+\.\d ms, by the place ")
        self.assertRegex(near, r"\nanswer: zurich \(first\), TTL 20 s, scope /24\n"
                               r"  pop-1 +198\.51\.100\.1 2001:db8::1\n")
        far = self.ask(dns, "--explain", "www.shop.test", "--client", "203.0.77.0/24").stdout
        self.assertIn("answer: oslo (first)", far)
        for words, fault in ((("nothing.test", "192.0.2.1"), "in none of the zones"),
                             (("mail.shop.test", "192.0.2.1"), "is not steered"),
                             (("www.shop.test", "somewhere"), "neither an address nor a network"),
                             (("www.shop.test", "192.0.2.1/16"), "192.0.2.1/16: "),
                             (("a b", "192.0.2.1"), "no name of a site")):
            told = self.ask(dns, "--explain", words[0], "--client", words[1])
            self.assertEqual(told.returncode, 1)
            self.assertIn(fault, told.stderr)


class QueryLog(Watched):
    def test_has_a_line_for_each_of_the_sample(self):
        dns = self.redirector(query_log={"path": "queries.log", "sample": 1}, workers=2)
        dns.dig("www.shop.test", "A", "+subnet=203.0.113.0/24")
        dns.dig("mail.shop.test", "A", "+tcp")
        dns.dig("elsewhere.test", "TYPE65280")
        wait_until(lambda: len(self.lines()) >= 3, "the lines")
        steered, answer, refused = sorted(self.lines(), key=lambda line: line["time"])[-3:]
        self.assertRegex(steered.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
        self.assertGreater(steered.pop("table"), 0)
        self.assertEqual(steered, {"client": "127.0.0.1", "subnet": "203.0.113.0/24", "name": "www.shop.test.",
                                   "type": "A", "transport": "udp", "outcome": "steered", "site": "shop",
                                   "pop": "zurich", "reason": "first", "scope": 24, "ttl": 20})
        self.assertEqual((answer["name"], answer["transport"], answer["outcome"]), ("mail.shop.test.", "tcp", "answer"))
        self.assertEqual((refused["type"], refused["outcome"]), ("TYPE65280", "refused"))
        self.assertNotIn("site", refused)

    def test_is_a_sample_and_is_rotated(self):
        dns = self.redirector(query_log={"path": "queries.log", "sample": 0.2})

        def ask(count):
            for _ in range(count // 100):
                dns.dig(*(["mail.shop.test"] * 100))

        ask(1000)
        wait_until(lambda: len(self.lines()) > 100, "lines")
        time.sleep(1.2)
        self.assertLess(len(self.lines()), 320)
        os.rename(self.path / "queries.log", self.path / "queries.log.1")
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: (self.path / "queries.log").exists(), "the new file")
        ask(300)
        wait_until(lambda: len(self.lines()) > 20, "lines")

    def test_a_port_that_is_taken_is_named(self):
        dns = self.redirector(query_log={"path": "queries.log", "sample": 1}, workers=2)
        second = run([ringway(), "dns", "--config", dns.file], check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f"port {dns.port} on 127.0.0.1 is in use", second.stderr)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_a_full_disk_stops_no_answer(self):
        dns = self.redirector(query_log={"path": "/dev/full", "sample": 1})
        for _ in range(3):
            self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
            time.sleep(1)


class Geography(Watched):
    def redirector(self, places, **more):
        database = mmdb.database(places)
        folder = Folder("dns-places")
        self.addCleanup(folder.remove)
        self.database = folder.path / "places.mmdb"
        self.database.write_bytes(database)
        return super().redirector(geography=str(self.database), **more)

    def test_sends_clients_to_the_nearest(self):
        steering = STEERING | {"clients": [{"network": "198.51.100.0/24", "latitude": 60, "longitude": 11}]}
        dns = self.redirector({"192.0.2.0/24": (46, 7, "CH"), "198.51.100.0/24": (46, 7, "CH"),
                               "203.0.113.0/24": (61, 10, "NO")}, steering=steering)
        for network, address in (("192.0.2.0/24", "198.51.100.1"), ("203.0.113.0/24", "198.51.100.2"),
                                 ("198.51.100.0/24", "198.51.100.2")):
            self.assertEqual(dns.short("www.shop.test", "A", f"+subnet={network}"), [address], network)

    def test_fences_name_its_countries(self):
        site = STEERING["sites"][0] | {"fences": [{"areas": ["NO"], "pops": ["zurich"]}]}
        dns = self.redirector({"203.0.113.0/24": (61, 10, "NO")}, steering=STEERING | {"sites": [site], "clients": []})
        self.assertEqual(dns.short("www.shop.test", "A", "+subnet=203.0.113.0/24"), ["198.51.100.1"])

    def test_a_malformed_database_changes_nothing(self):
        dns = self.redirector({"203.0.113.0/24": (61, 10, "NO")})
        self.database.with_suffix(".new").write_bytes(b"no database")
        shutil.move(self.database.with_suffix(".new"), self.database)
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: f"{self.database}: " in dns.process.output(), "the fault")
        self.assertEqual(len(dns.short("www.shop.test", "A", "+subnet=203.0.113.0/24")), 1)
        told = run([ringway(), "check", dns.file], check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"{self.database}: ", told.stderr)

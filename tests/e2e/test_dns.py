"""`ringway dns` by its file alone: real dig, and sockets that speak badly."""

import json
import re
import signal
import socket
import struct
import time
import unittest
from pathlib import Path

from harness.dns_stream import query
from harness.overlay import at, ringway
from harness.processes import Folder, Process, accepts, run, wait_until
from harness.redirector import STEERING, ZONE, Redirector

TCP_PER_ADDRESS = 256


def last_octets(connection):
    try:
        return connection.recv(1)
    except ConnectionResetError:  # not all that was sent had been read
        return b""


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = Folder("dns")
        cls.addClassCleanup(folder.remove)
        (folder.path / "cookie").write_text("00112233445566778899aabbccddeeff\n")
        cls.dns = Redirector(folder.path, cookie_file="cookie", workers=2)
        cls.addClassCleanup(cls.dns.process.stop)

    def test_zone(self):
        self.assertEqual(self.dns.short("shop.test", "MX"), ["10", "mail.shop.test."])
        self.assertEqual(self.dns.short("a.b.wild.shop.test", "TXT"), ['"any', "of", 'them"'])
        self.assertEqual(self.dns.short("alias.shop.test", "A"), ["www.shop.test."])
        self.assertIn("status: NXDOMAIN", self.dns.dig("nothing.shop.test"))
        self.assertIn("SOA", self.dns.dig("mail.shop.test", "AAAA"))
        self.assertIn("status: REFUSED", self.dns.dig("elsewhere.test"))
        self.assertIn("ns.elsewhere.test.", self.dns.dig("a.sub.shop.test"))
        self.assertIn("\\# 3 010203", self.dns.dig("big.shop.test", "TYPE65280"))
        self.assertIn("RFC8482", self.dns.dig("shop.test", "ANY", "+notcp"))
        self.assertIn("Transfer failed", self.dns.dig("shop.test", "AXFR"))

    def test_two_subnets_are_sent_to_two_pops(self):
        near = self.dns.dig("www.shop.test", "A", "+subnet=203.0.113.0/24")
        self.assertRegex(near, r"www\.shop\.test\.\s+20\s+IN\s+A\s+198\.51\.100\.1\n")
        self.assertIn("CLIENT-SUBNET: 203.0.113.0/24/24", near)
        far = self.dns.dig("www.shop.test", "A", "+subnet=203.0.77.0/24")
        self.assertIn("198.51.100.2", far)
        scope = int(re.search(r"CLIENT-SUBNET: 203\.0\.77\.0/24/(\d+)", far).group(1))
        self.assertGreater(scope, 16, "203.0.113.0/24 is answered otherwise")
        self.assertEqual(self.dns.short("www.shop.test", "AAAA", "+subnet=203.0.113.0/24"), ["2001:db8::1"])
        https = self.dns.dig("www.shop.test", "HTTPS", "+subnet=203.0.113.0/24")
        self.assertIn('alpn="http/1.1"', https)
        self.assertIn("ipv4hint=198.51.100.1", https)

    def test_edns(self):
        self.assertIn("NSID: 64 6e 73 2d 31", self.dns.dig("shop.test", "SOA", "+nsid"))
        self.assertIn("status: BADVERS", self.dns.dig("shop.test", "SOA", "+edns=1", "+noednsneg"))
        self.assertIn("status: NOERROR", self.dns.dig("shop.test", "SOA", "+ednsopt=65001:aabb", "+ednsflags=0x40"))
        self.assertRegex(self.dns.dig("shop.test", "SOA", "+cookie"), r"COOKIE: [0-9a-f]{48} \(good\)")
        self.assertIn("sHoP.tEsT.", self.dns.dig("sHoP.tEsT", "SOA"))

    def test_what_is_large_comes_by_tcp(self):
        self.assertIn("flags: qr aa tc", self.dns.dig("big.shop.test", "TXT", "+ignore"))
        self.assertEqual(len(re.findall(r'"x{200}"', self.dns.dig("big.shop.test", "TXT"))), 20)
        self.assertEqual(len(re.findall(r'"x{200}"', self.dns.dig("big.shop.test", "TXT", "+tcp"))), 20)

    def test_tcp_is_pipelined_and_split_anywhere(self):
        with socket.create_connection(("127.0.0.1", self.dns.port), timeout=5) as connection:
            sent = b"".join(struct.pack(">H", len(query)) + query for query in
                            (query("mail.shop.test", number) for number in range(50)))
            for i in range(0, len(sent), 7):
                connection.sendall(sent[i:i + 7])
            stream = connection.makefile("rb")
            for number in range(50):
                size, = struct.unpack(">H", stream.read(2))
                answer = stream.read(size)
                self.assertEqual(struct.unpack(">H", answer[:2])[0], number)
                self.assertTrue(answer.endswith(bytes([192, 0, 2, 25])))

    def test_endless_and_silent_tcp(self):
        with socket.create_connection(("127.0.0.1", self.dns.port), timeout=20) as connection:
            connection.sendall(b"\xff\xff" + b"x" * 100)
            self.assertEqual(last_octets(connection), b"", "no query is so long")
        with socket.create_connection(("127.0.0.1", self.dns.port), timeout=20) as connection:
            begun = time.monotonic()
            try:
                while time.monotonic() - begun < 40:
                    connection.sendall(b"\x00")  # slowly, and never a query
                    time.sleep(1)
            except OSError:
                pass
            self.assertLess(time.monotonic() - begun, 30)

    def test_garbage(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.settimeout(5)
            sender.connect(("127.0.0.1", self.dns.port))
            for octets in (b"", b"x", b"\0" * 11, b"\xff" * 12, b"\0" * 1400, query("shop.test")[:-1],
                           b"\0\1\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"):
                sender.send(octets)
            sender.send(query("mail.shop.test", 99))
            while sender.recv(4096)[:2] != struct.pack(">H", 99):
                pass

    def test_metrics(self):
        self.dns.dig("mail.shop.test")
        text = run(["curl", "-s", f"http://{at(self.dns.admin)}/metrics"]).stdout
        self.assertRegex(text, r'ringway_dns_queries_total\{zone="shop.test.",outcome="answer"\} \d+')


class Life(unittest.TestCase):
    def redirector(self, **more):
        folder = Folder("dns-life")
        self.addCleanup(folder.remove)
        dns = Redirector(folder.path, **more)
        self.addCleanup(dns.process.stop)
        return dns

    def test_one_address_does_not_take_all_tcp(self):
        dns = self.redirector(workers=1)

        def connect():
            connection = socket.create_connection(("127.0.0.1", dns.port), timeout=5, source_address=("127.0.0.2", 0))
            self.addCleanup(connection.close)
            return connection

        def is_hung_up_on():
            try:
                return last_octets(connect()) == b""
            except ConnectionResetError:  # at once
                return True

        crowd = [connect() for _ in range(TCP_PER_ADDRESS)]
        self.assertTrue(all(is_hung_up_on() for _ in range(20)))
        self.assertEqual(dns.short("mail.shop.test", "+tcp"), ["192.0.2.25"])
        self.assertEqual(dns.metrics()["ringway_dns_tcp_connections"], TCP_PER_ADDRESS)
        self.assertEqual(dns.metrics()["ringway_dns_tcp_hung_up_total"], 20)
        for connection in crowd[:10]:
            connection.close()
        wait_until(lambda: dns.metrics()["ringway_dns_tcp_connections"] == TCP_PER_ADDRESS - 10, "the ends")
        connect()
        wait_until(lambda: dns.metrics()["ringway_dns_tcp_connections"] == TCP_PER_ADDRESS - 9, "another in its place")

    def test_workers_share_a_networks_rate(self):
        dns = self.redirector(workers=4, rate={"answers_per_s": 8, "burst_s": 10, "slip": 0})
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(100)]
        for sender in senders:
            self.addCleanup(sender.close)
            sender.connect(("127.0.0.1", dns.port))
            for _ in range(5):
                sender.send(query("mail.shop.test"))
        counted = {name: 'ringway_dns_queries_total{zone="shop.test.",outcome="%s"}' % name
                   for name in ("answer", "dropped")}
        wait_until(lambda: sum(dns.metrics().get(name, 0) for name in counted.values()) == 500, "all queries", 10)
        answered = dns.metrics()[counted["answer"]]
        print(answered, "of 500 queries answered")
        self.assertGreaterEqual(answered, 50)
        self.assertLess(answered, 160, "10 seconds' answers at once, not so many of each worker")

    def test_may_open_as_many_files_as_it_is_allowed(self):
        dns = self.redirector()
        dns.process.stop()
        dns.process = Process("dns-1", ["sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh", ringway(), "dns", "--config",
                                        dns.file], dns.path / "limited.log")
        wait_until(lambda: accepts(dns.port), "the redirector", 20)
        self.addCleanup(dns.process.stop)
        files, = re.findall(r"Max open files +(\d+) +(\d+)", Path(f"/proc/{dns.process.pid}/limits").read_text())
        self.assertEqual(*files)

    def test_a_drained_pop_loses_its_clients(self):
        dns = self.redirector()
        asked = ("www.shop.test", "A", "+subnet=203.0.113.0/24")
        self.assertEqual(dns.short(*asked), ["198.51.100.1"])
        dns.config["steering"] = STEERING | {"pops": [STEERING["pops"][0] | {"draining": True}, STEERING["pops"][1]]}
        dns.write()
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: dns.short(*asked) == ["198.51.100.2"], "the other POP's answer", 30)

    def test_a_pop_that_is_drained_from_the_start_gets_nobody(self):
        drained = STEERING | {"pops": [STEERING["pops"][0] | {"draining": True}, STEERING["pops"][1]]}
        dns = self.redirector(steering=drained)
        self.assertEqual(dns.short("www.shop.test", "A", "+subnet=203.0.113.0/24"), ["198.51.100.2"])

    def test_new_places_are_followed_at_once(self):
        dns = self.redirector()
        asked = ("www.shop.test", "A", "+subnet=203.0.113.0/24")
        self.assertEqual(dns.short(*asked), ["198.51.100.1"])
        moved = STEERING["clients"][0] | {"latitude": 60, "longitude": 11}
        dns.config["steering"] = STEERING | {"clients": [moved, STEERING["clients"][1]]}
        dns.write()
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: dns.short(*asked) == ["198.51.100.2"], "the answer of the POP that is nearer now", 10)

    def test_bad_file_leaves_the_old_one(self):
        dns = self.redirector()
        (dns.path / "shop.zone").write_text(ZONE.format(big='"x"').replace("192.0.2.25", "192.0.2.256"))
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "shop.zone:" in dns.process.output(), "the fault's place", 10)
        self.assertEqual(dns.short("mail.shop.test", "A"), ["192.0.2.25"])
        (dns.path / "shop.zone").write_text(ZONE.format(big='"x"').replace("192.0.2.25", "192.0.2.26"))
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: dns.short("mail.shop.test", "A") == ["192.0.2.26"], "the new zone", 10)

    def test_what_takes_a_restart_says_so(self):
        dns = self.redirector(rate={"answers_per_s": 1000, "burst_s": 2, "slip": 2})
        before = dict(dns.config)
        other = {key: "shop.zone" for key in ("certificate", "key", "authority")}
        for key, value in (("rate", before["rate"] | {"burst_s": 3}), ("rate", before["rate"] | {"slip": 1}),
                           ("identity", other), ("nsid", "other"), ("workers", 2)):
            said = dns.process.output().count("takes a restart")
            dns.config = before | {key: value}
            dns.write()
            dns.process.send_signal(signal.SIGHUP)
            wait_until(lambda: dns.process.output().count("takes a restart") > said, f"what is said of {value}", 10)
        self.assertNotIn("reloaded", dns.process.output())

    def test_lines_that_the_disk_does_not_take_are_counted(self):
        dns = self.redirector(query_log={"path": "/dev/full", "sample": 1})
        name = "ringway_dns_query_log_dropped_total"
        self.assertEqual(dns.metrics()[name], 0)
        for _ in range(3):
            dns.dig("mail.shop.test")
        wait_until(lambda: dns.metrics()[name] == 3, "the count", 10)
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reloaded" in dns.process.output(), "the reload", 10)
        dns.dig("mail.shop.test")
        wait_until(lambda: dns.metrics()[name] == 4, "what the file before dropped is still counted", 10)

    def test_faults_are_named(self):
        folder = Folder("dns-fault")
        self.addCleanup(folder.remove)
        file = folder.path / "dns.yaml"
        wrong = STEERING | {"frontends": [{"name": "pop-1", "pop": "zurch", "addresses": ["198.51.100.1"]}]}
        right = {"name": "dns-1", "listen": ["127.0.0.1:5300"], "zones": []}
        for content, words in ((right | {"steering": wrong}, ('did you mean "zurich"?', "there is no such front-end")),
                               (right | {"listen": ["0.0.0.0:53"]}, ("say the addresses themselves",)),
                               (right | {"zones": [{"name": "a..b", "file": str(file)}]}, ("dns.yaml:1:",))):
            file.write_text(json.dumps(content))
            for command in (["dns", "--config"], ["check"]):
                told = run([ringway(), *command, file], check=False)
                self.assertEqual(told.returncode, 1)
                for word in words:
                    self.assertIn(word, told.stderr)

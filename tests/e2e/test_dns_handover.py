"""`ringway dns --take-over`: the next process gets the very sockets, and no query is lost."""

import array
import difflib
import os
import re
import signal
import socket
import stat
import struct
import threading
import time
import unittest
from pathlib import Path

from harness import settings
from harness.dns_stream import Stream, query
from harness.fake_manager import FakeManager
from harness.overlay import ringway
from harness.processes import Folder, Process, run, wait_until
from harness.redirector import Redirector

HELLO = b"ringway handover 1"
UNITS = Path(__file__).resolve().parents[2] / "packaging/systemd"


class HandOver(unittest.TestCase):
    def setUp(self):
        folder = Folder("dns-handover")
        self.addCleanup(folder.remove)
        self.path = folder.path

    def redirector(self, **more):
        dns = Redirector(self.path, **{"handover": "next.sock", "workers": 2} | more)
        self.addCleanup(lambda: dns.process.stop())
        wait_until((self.path / "next.sock").exists, "the offer")
        return dns

    def take_over(self, dns):
        self.addCleanup(dns.process.kill)
        return dns.take_over()

    def call(self, words):
        """Who speaks as the next process does, until it hangs up."""
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.addCleanup(peer.close)
        peer.settimeout(10)
        peer.connect(str(self.path / "next.sock"))
        peer.send(words)
        return peer

    def instance(self, dns):
        """A process as the unit starts it whose instances take over from each other, and the socket where systemd hears
        that it serves."""
        command, = re.findall(r"^ExecStart=(.*)$", (UNITS / "ringway-dns@.service").read_text(), re.M)
        here = {"/usr/bin/ringway": str(ringway()), "/etc/ringway/dns.yaml": str(dns.file)}
        systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(systemd.close)
        name = f"@ringway-{os.getpid()}-{time.monotonic_ns()}"
        systemd.bind(name.replace("@", "\0"))
        systemd.settimeout(settings.patience(20))
        process = Process("instance", [here.get(word, word) for word in command.split()],
                          self.path / f"{name}.log", env=os.environ | {"NOTIFY_SOCKET": name})
        self.addCleanup(process.kill)
        return process, systemd

    def test_instances_of_a_unit_take_over(self):
        """Each counts as started when it serves, and the one before ends well by itself."""
        dns = self.redirector()
        dns.process.stop()
        first, systemd = self.instance(dns)
        self.assertEqual(systemd.recv(100), b"READY=1")
        stream = Stream(dns.port, rate=500)
        time.sleep(0.2)
        second, systemd = self.instance(dns)
        self.assertEqual(systemd.recv(100), b"READY=1")
        self.assertEqual(first.wait(), 0)
        self.assertEqual((stream.lost(), stream.errors), (0, []))
        (self.path / "shop.zone").write_text("nothing\n")
        third, systemd = self.instance(dns)
        self.assertEqual(third.wait(), 1)
        systemd.setblocking(False)
        with self.assertRaises(BlockingIOError):
            systemd.recv(100)
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        self.assertEqual(second.stop(), 0)

    def test_both_units_are_alike(self):
        """But in what makes instances of one."""
        plain, instances = ((UNITS / name).read_text().splitlines() for name in (
            "ringway-dns.service", "ringway-dns@.service"))
        differ = [line for line in difflib.ndiff(plain, instances) if line[0] in "+-"]
        self.assertEqual([line.split("=")[0] for line in differ if not line.startswith("+ #")],
                         ["- Description", "+ Description", "+ StartLimitIntervalSec", "+ StartLimitBurst", "+ Type",
                          "- ExecStart", "+ ExecStart"])

    def test_five_restarts_lose_no_query(self):
        dns = self.redirector()
        stream = Stream(dns.port)
        time.sleep(0.5)
        for _ in range(5):
            before = self.take_over(dns)
            self.assertEqual(before.wait(), 0)
            time.sleep(0.3)
        sent, lost = stream.sent, stream.lost()
        print(f"{sent} queries over 5 restarts, {lost} without an answer")
        self.assertGreater(sent, 1000)
        self.assertEqual((lost, stream.errors), (0, []))

    def test_connections_end_in_their_own_time(self):
        dns, mail = self.redirector(), query("mail.shop.test")
        with socket.create_connection(("127.0.0.1", dns.port), timeout=5) as connection:
            stream = connection.makefile("rb")

            def ask():
                connection.sendall(struct.pack(">H", len(mail)) + mail)
                return stream.read(struct.unpack(">H", stream.read(2))[0])

            self.assertTrue(ask().endswith(bytes([192, 0, 2, 25])))
            before = self.take_over(dns)
            self.assertTrue(ask().endswith(bytes([192, 0, 2, 25])))
            self.assertTrue(before.running())
            before.send_signal(signal.SIGHUP)  # as one that goes to all instances: the file is the next one's
            self.assertTrue(ask().endswith(bytes([192, 0, 2, 25])))
        self.assertEqual(before.wait(), 0)
        self.assertNotIn("reloaded", before.output())
        self.assertEqual(dns.short("mail.shop.test", "+tcp"), ["192.0.2.25"])

    def test_the_number_of_workers_may_change(self):
        dns = self.redirector()
        for workers in (4, 1, 2):
            dns.config["workers"] = workers
            dns.write()
            stream = Stream(dns.port, rate=500)
            time.sleep(0.2)
            self.assertEqual(self.take_over(dns).wait(), 0)
            time.sleep(0.2)
            self.assertEqual((stream.lost(), stream.errors), (0, []))

    def test_what_a_socket_dropped_is_counted_once(self):
        dns = self.redirector(workers=1)
        os.kill(dns.process.pid, signal.SIGSTOP)
        sent = 60000  # more than the queue holds
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for _ in range(sent):
                client.sendto(b"?", ("127.0.0.1", dns.port))
        os.kill(dns.process.pid, signal.SIGCONT)
        drops = "ringway_dns_kernel_drops_total"
        before = dns.metrics()[drops]
        self.assertGreater(before, 1)
        dns.config["workers"] = 4  # all of them read the one socket
        dns.write()
        self.assertEqual(self.take_over(dns).wait(), 0)
        self.assertEqual(dns.metrics()[drops], before)

    def test_who_takes_and_hangs_up_changes_nothing(self):
        dns = self.redirector()
        self.assertEqual(stat.S_IMODE(os.stat(self.path / "next.sock").st_mode), 0o600)
        peer = self.call(HELLO)
        heard = set()
        while True:
            text, notes, _, _ = peer.recvmsg(256, socket.CMSG_SPACE(4))
            for _, _, octets in notes:
                for descriptor in array.array("i", octets):
                    os.close(descriptor)
            if text == b"end":
                break
            heard.add(text.decode())
        self.assertEqual(heard, {f"udp 127.0.0.1:{dns.port}", f"tcp 127.0.0.1:{dns.port}"})
        peer.close()
        wait_until(lambda: "nobody took over" in dns.process.output(), "the failure")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        self.assertGreater(len(dns.metrics()), 0, "the admin address is its own again")
        self.assertEqual(self.take_over(dns).wait(), 0)

    def test_another_version_is_told(self):
        dns = self.redirector()
        self.assertEqual(self.call(b"ringway handover 0").recv(256), b'this one speaks "ringway handover 1"')
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        dns.process.stop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
            other.bind(str(self.path / "next.sock"))
            other.listen()

            def answer():
                peer, _ = other.accept()
                with peer:
                    peer.recv(256)
                    peer.send(b"this one speaks another")

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            told = run([ringway(), "dns", "--config", dns.file, "--take-over"], check=False)
            thread.join()
        self.assertEqual(told.returncode, 1)
        self.assertIn("the running redirector answers: this one speaks another", told.stderr)
        # What is left of a socket that nobody listens at stops nobody.
        dns.start("--take-over")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])

    def test_one_that_cannot_serve_leaves_it_to_the_other(self):
        dns = self.redirector()
        (self.path / "shop.zone").write_text("nothing\n")
        told = run([ringway(), "dns", "--config", dns.file, "--take-over"], check=False)
        self.assertEqual(told.returncode, 1)
        wait_until(lambda: "nobody took over" in dns.process.output(), "the failure")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])
        self.assertTrue(dns.process.running())

    def test_one_that_nobody_can_follow_answers(self):
        """The one before has left when it finds out that it cannot offer to be followed itself."""
        dns = self.redirector()
        dns.process.stop()
        path = self.path / "next.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as other:
            other.bind(str(path))
            other.listen()

            def hand_over():
                peer, _ = other.accept()
                with peer:
                    for answer in (b"end", b"end", b"yours"):
                        if peer.recv(256) == b"serving":
                            path.unlink()
                            path.mkdir()
                        peer.send(answer)

            thread = threading.Thread(target=hand_over, daemon=True)
            thread.start()
            dns.start("--take-over")
            thread.join()
        wait_until(lambda: "no other process can take over from this one" in dns.process.output(), "the complaint")
        self.assertEqual(dns.short("mail.shop.test"), ["192.0.2.25"])

    def test_needs_its_key(self):
        dns = self.redirector()
        del dns.config["handover"]
        dns.write()
        told = run([ringway(), "dns", "--config", dns.file, "--take-over"], check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn('--take-over needs the key "handover"', told.stderr)

    def test_the_agent_goes_with_it(self):
        keys = self.path / "keys"
        run([ringway(), "keys", "--authority", keys, "--name", "dns-1", "--role", "redirector"])
        manager = FakeManager(keys, self.path)
        self.addCleanup(manager.stop)
        manager.start()
        dns = self.redirector(manager={"addresses": [manager.address], "state": "state"},
                              identity={"certificate": "keys/dns-1.pem", "key": "keys/dns-1.key",
                                        "authority": "keys/ca.pem"})
        first = manager.agent("dns-1")
        before = self.take_over(dns)
        self.assertEqual(before.wait(), 0)
        wait_until(lambda: manager.agents["dns-1"] is not first and manager.agents["dns-1"].open, "the next agent", 15)
        self.assertFalse(first.open)
        self.assertNotIn("refused", dns.process.output())
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reloaded" in dns.process.output(), "the reload")

"""What clients, origins and strangers may send to do harm: each gets its status, and nothing of it goes any further."""

import os
import re
import socket
import threading
import time
import unittest

from harness import settings, wire
from harness.origins import Origin
from harness.overlay import Overlay, Site
from harness.processes import Failure, wait_until
from harness.wire import chunked

HOST = b"Host: shop.test\r\n"

# Faults in the head, or before any content was passed on: (what, octets, status). No octet of them reaches an origin.
BAD_HEADS = [
    ("both lengths", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("both lengths, the other way", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400),
    ("two lengths", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    ("two lengths in one", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3, 4\r\n\r\nabcd", 400),
    ("signed length", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: +3\r\n\r\nabc", 400),
    ("negative length", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400),
    ("hexadecimal length", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 0x3\r\n\r\nabc", 400),
    ("empty length", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: \r\n\r\n", 400),
    ("huge length", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n", 400),
    ("chunked is not last", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400),
    ("chunked twice", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    ("two codings", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    ("unknown coding", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", (400, 501)),
    ("coding with a vertical tab", b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    ("coding in HTTP/1.0", b"POST / HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("bare LF", b"GET / HTTP/1.1\n" + HOST + b"\r\n", 400),
    ("bare LF after a field", b"GET / HTTP/1.1\r\nHost: shop.test\nX: y\r\n\r\n", 400),
    ("bare LF at the end", b"GET / HTTP/1.1\r\nHost: shop.test\r\n\n", 400),
    ("bare CR in a value", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n", 400),
    ("folded field", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n", 400),
    ("folded with a tab", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n\tb\r\n\r\n", 400),
    ("space before the first field", b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", 400),
    ("space before the colon", b"GET / HTTP/1.1\r\n" + HOST + b"X : a\r\n\r\n", 400),
    ("space before Host's colon", b"GET / HTTP/1.1\r\nHost : shop.test\r\n\r\n", 400),
    ("space before the length's colon", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length : 3\r\n\r\nabc", 400),
    ("field without colon", b"GET / HTTP/1.1\r\n" + HOST + b"NoColon\r\n\r\n", 400),
    ("field without name", b"GET / HTTP/1.1\r\n" + HOST + b": value\r\n\r\n", 400),
    ("NUL in a value", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400),
    ("NUL in a name", b"GET / HTTP/1.1\r\n" + HOST + b"X\0: b\r\n\r\n", 400),
    ("NUL in the target", b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("control in a value", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x01b\r\n\r\n", 400),
    ("DEL in a value", b"GET / HTTP/1.1\r\n" + HOST + b"X: a\x7fb\r\n\r\n", 400),
    ("no Host", b"GET / HTTP/1.1\r\nX: y\r\n\r\n", 400),
    ("two Hosts", b"GET / HTTP/1.1\r\n" + HOST + b"Host: other.test\r\n\r\n", 400),
    ("the same Host twice", b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    ("Host list", b"GET / HTTP/1.1\r\nHost: shop.test, other.test\r\n\r\n", 400),
    ("Host with a path", b"GET / HTTP/1.1\r\nHost: shop.test/x\r\n\r\n", 400),
    ("Host with a user", b"GET / HTTP/1.1\r\nHost: me@shop.test\r\n\r\n", 400),
    ("Host with a bad port", b"GET / HTTP/1.1\r\nHost: shop.test:http\r\n\r\n", 400),
    ("Host with a space", b"GET / HTTP/1.1\r\nHost: shop test\r\n\r\n", 400),
    ("absolute-form differs", b"GET http://other.test/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("absolute-form with a user", b"GET http://me@shop.test/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("no target", b"GET HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("relative target", b"GET index.html HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("two spaces", b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("space in the target", b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("tab for a space", b"GET\t/ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("bad method", b"GE(T / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    ("no version", b"GET /\r\n" + HOST + b"\r\n", 400),
    ("version 2.0", b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", (400, 505)),
    ("version 1.1x", b"GET / HTTP/1.1x\r\n" + HOST + b"\r\n", 400),
    ("other protocol", b"GET / ICAP/1.0\r\n" + HOST + b"\r\n", 400),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    ("TLS on a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(32)), 400),
    ("head too large", b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"X%d: %s\r\n" % (n, b"v" * 1000) for n in range(100)) + b"\r\n", 431),
    ("field too large", b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"v" * 200_000 + b"\r\n\r\n", 431),
    ("too many fields", b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 5000 + b"\r\n", 431),
    ("target too long", b"GET /" + b"x" * 40_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    ("content too large", b"PUT / HTTP/1.1\r\n" + HOST + b"Content-Length: 1000001\r\n\r\n", 413),
]

POST = b"POST /count HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"

# Faults in content that is under way: the origin must never see a complete request.
BAD_CONTENT = [
    ("bad size", b"5\r\nhello\r\nzz\r\n"),
    ("negative size", b"5\r\nhello\r\n-1\r\n"),
    ("size with 0x", b"5\r\nhello\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    ("size with a space before", b"5\r\nhello\r\n 5\r\nhello\r\n0\r\n\r\n"),
    ("size too large", b"5\r\nhello\r\nfffffffffffffffff\r\n"),
    ("empty size", b"5\r\nhello\r\n\r\n"),
    ("bare LF after the size", b"5\r\nhello\r\n5\nhello\r\n0\r\n\r\n"),
    ("bare LF after the chunk", b"5\r\nhello\n0\r\n\r\n"),
    ("chunk longer than its size", b"5\r\nhello!\r\n0\r\n\r\n"),
    ("NUL in an extension", b"5\r\nhello\r\n5;a\0b\r\nhello\r\n0\r\n\r\n"),
    ("bare LF in an extension", b"5\r\nhello\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ("endless extension", b"5\r\nhello\r\n5;" + b"a" * 200_000),
    ("bare LF at the end", b"5\r\nhello\r\n0\r\n\n"),
    ("bad trailer", b"5\r\nhello\r\n0\r\nX : y\r\n\r\n"),
    ("folded trailer", b"5\r\nhello\r\n0\r\nX: y\r\n z\r\n\r\n"),
    ("NUL in a trailer", b"5\r\nhello\r\n0\r\nX: \0\r\n\r\n"),
    ("endless trailers", b"5\r\nhello\r\n0\r\n" + b"X: y\r\n" * 50_000),
    ("over the site's limit", b"7a120\r\n" + b"x" * 500_000 + b"\r\n" + b"7a121\r\n" + b"x" * 500_001 + b"\r\n0\r\n\r\n"),
]


class FromClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin], frontend={"max_content": 1_000_000}),
                              frontend={"clients": {"head_timeout": "1s", "idle_timeout": "2s"}})
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def setUp(self):
        # What an earlier test's exchange has left on its way is not this one's.
        wait_until(self.origin_is_quiet, "the origin to be quiet", 20)
        self.origin.clear()

    def origin_is_quiet(self):
        before = len(self.origin.octets)
        time.sleep(settings.patience(0.2))
        return self.origin.pending == 0 and len(self.origin.octets) == before

    def tearDown(self):
        self.assertEqual(self.overlay.get("/echo").status, 200)

    def send(self, client, octets):
        """A gateway may answer and close before all is sent."""
        try:
            client.send(octets)
        except (ConnectionResetError, BrokenPipeError):
            pass

    def test_heads(self):
        for what, octets, status in BAD_HEADS:
            with self.subTest(what), self.overlay.client() as client:
                self.send(client, octets)
                # What follows on the connection must not be taken for a request.
                self.send(client, b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n")
                self.assert_refused(client, status)
        self.assertEqual(self.origin.octets, b"")

    def assert_refused(self, client, status):
        try:
            response = client.response()
        except ConnectionResetError:
            self.fail("reset before the answer could be read")
        self.assertIn(response.status, status if isinstance(status, tuple) else (status,))
        self.assertTrue(client.closed(), "the connection stays open")

    def test_heads_octet_by_octet(self):
        for what, octets, status in BAD_HEADS:
            if len(octets) > 1000:
                continue
            with self.subTest(what), self.overlay.client() as client:
                for octet in octets:
                    self.send(client, bytes([octet]))
                self.assert_refused(client, status)
        self.assertEqual(self.origin.octets, b"")

    def test_a_bad_request_behind_a_good_one(self):
        with self.overlay.client() as client:
            client.send(b"GET /echo HTTP/1.1\r\n" + HOST + b"\r\n" + b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"
                        + b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n")
            self.assertEqual(client.response().status, 200)
            self.assert_refused(client, 400)
        self.assertEqual([request.path for request in self.origin.requests], ["/echo"])

    def test_content(self):
        def count(request, connection):
            seen.append(request)
            first_here.set()
            connection.read_content(request)
            connection.respond(b"complete")
        self.origin.early["/count"] = count
        for what, octets in BAD_CONTENT:
            seen, first_here = [], threading.Event()
            with self.subTest(what), self.overlay.client() as client:
                client.send(POST + b"4\r\nwell\r\n")
                self.assertTrue(first_here.wait(settings.patience(10)), "the head does not reach the origin")
                self.send(client, octets)
                self.assert_aborted(client)
                self.assertFalse(seen[0].complete, "the origin saw a complete request")
        wait_until(lambda: self.origin.pending == 0, "the origin to see the end of each")
        self.assertFalse(any(request.complete for request in self.origin.seen("/count")))

    def assert_aborted(self, client):
        try:
            response = client.response()
        except (wire.Closed, ConnectionResetError):
            return
        self.assertIn(response.status, (400, 413, 431))
        self.assertTrue(client.closed())

    def test_a_client_that_leaves_its_upload(self):
        """Cut off in its content, with and without a length: never complete at the origin."""
        for head in (b"PUT /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello",
                     b"PUT /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"):
            with self.overlay.client() as client:
                client.send(head)
                wait_until(lambda: self.origin.seen("/echo"), "the head at the origin")
            wait_until(lambda: self.origin.pending == 0, "the origin to see it end")
            self.assertFalse(self.origin.seen("/echo")[0].complete)
            self.origin.clear()

    def test_slow_head(self):
        with self.overlay.client() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: sh")
            self.assert_refused(client, 408)

    def test_idle_connection_is_closed(self):
        with self.overlay.client() as client:
            self.assertTrue(client.closed())

    def test_random_octets(self):
        for _ in range(50):
            with self.overlay.client() as client:
                self.send(client, os.urandom(300) + b"\r\n\r\n")
                self.assert_refused(client, (400, 505))
        self.assertEqual(self.origin.octets, b"")


# What an origin may answer that is not HTTP.
BAD_RESPONSES = [
    ("nothing", b""),
    ("not HTTP", b"hello\r\n\r\n"),
    ("bad status", b"HTTP/1.1 99x OK\r\n\r\n"),
    ("bad version", b"HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ("cut in its head", b"HTTP/1.1 200 OK\r\nContent-Le"),
    ("both lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    ("folded field", b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    ("space before the colon", b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"),
    ("NUL in a value", b"HTTP/1.1 200 OK\r\nX: \0\r\nContent-Length: 0\r\n\r\n"),
    ("head too large", b"HTTP/1.1 200 OK\r\nX: " + b"v" * 300_000 + b"\r\n\r\n"),
    ("101 unasked", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ("endless interim", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 20_000),
]

# Answers that break off in their content: the client must not take them for whole.
BROKEN_RESPONSES = [
    ("cut in a length", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello"),
    ("cut in chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
    ("bad chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"),
]


class FromOrigins(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin], backend={"timeouts": {"response": "1s", "leave_alone": "1ms"}}))
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def answer(self, octets):
        def handler(request, connection):
            connection.write(octets)
            connection.close()
        self.origin.handlers["/bad"] = handler

    def test_heads(self):
        for what, octets in BAD_RESPONSES:
            with self.subTest(what), self.overlay.client() as client:
                self.answer(octets)
                response = client.get("/bad", method="POST", body=b"x")
                self.assertEqual(response.status, 502)
                self.assertLess(len(response.body), 4096)
                self.assertEqual(client.get("/echo").status, 200)

    def test_content(self):
        for what, octets in BROKEN_RESPONSES:
            with self.subTest(what), self.overlay.client() as client:
                self.answer(octets)
                self.assert_broken(client.request("/bad"))
                self.assertEqual(self.overlay.get("/echo").status, 200)

    def assert_broken(self, client):
        """Cut off, or an error where nothing had been passed on yet."""
        try:
            self.assertEqual(client.response().status, 502)
        except (wire.Closed, ConnectionResetError):
            pass

    def test_extra_octets_reach_nobody(self):
        """What an origin sends behind its answer is no answer to the next request."""
        self.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        with self.overlay.client() as client:
            self.assertEqual(client.get("/bad").body, b"ok")
            for _ in range(5):
                self.assertNotEqual(client.get("/echo").body, b"poison")

    def test_silence(self):
        quiet = threading.Event()
        self.addCleanup(quiet.set)
        self.origin.handlers["/silent"] = lambda request, connection: quiet.wait(60)
        with self.overlay.client() as client:
            response = client.get("/silent")
            self.assertEqual(response.status, 504)
            self.assert_has_request_id(response)
            self.assertEqual(client.get("/echo").status, 200)

    def test_refused(self):
        self.origin.kill()
        try:
            with self.overlay.client() as client:
                response = client.get("/echo")
                self.assertEqual(response.status, 502)
                self.assert_has_request_id(response)
        finally:
            self.origin.start()
        self.assertEqual(self.overlay.get("/echo").status, 200)

    def assert_has_request_id(self, response):
        """The page names the request as the access log does."""
        self.assertLess(len(response.body), 4096)
        page = response.body.decode()
        wait_until(lambda: any(entry["id"] in page for entry in self.overlay.frontend.access()),
                   f"the access log to name a request of this page: {page}")


class FromStrangers(unittest.TestCase):
    """UDP from who is no gateway, and a network that does everything to datagrams."""

    def setUp(self):
        self.origin = Origin()
        self.addCleanup(self.origin.stop)

    def overlay(self, **more):
        overlay = Overlay(Site(origins=[self.origin]), **more)
        self.addCleanup(overlay.stop)
        return overlay

    def test_nothing_is_amplified(self):
        overlay = self.overlay().start()
        port = int(overlay.backends[0].config["link"]["address"].rsplit(":", 1)[1])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.connect(("127.0.0.1", port))
            stranger.setblocking(False)
            sent = 0
            for size in list(range(0, 64)) + [100, 500, 1200, 1472, 9000] * 40:
                sent += stranger.send(os.urandom(size))
            wait_until(lambda: overlay.backends[0].metric("dropped_packets") > 0, "the drops to be counted")
            self.assertEqual(overlay.get("/echo").status, 200)
            received = 0
            try:
                while True:
                    received += len(stranger.recv(65536))
            except BlockingIOError:
                pass
            self.assertLessEqual(received, sent // 10, "a stranger gets answers worth having")

    def test_copied_and_damaged_datagrams(self):
        overlay = self.overlay(network={"copy_percent": 20, "damage_percent": 5}).start()
        body = os.urandom(settings.scaled(2_000_000))
        self.origin.handlers["/file"] = lambda request, connection: connection.respond(body)
        for _ in range(5):
            self.assertEqual(overlay.get("/file").body, body)
        stats = overlay.relays[0].stats()
        self.assertGreater(stats["copied"], 0)
        self.assertGreater(stats["damaged"], 0)

    def test_another_authority_is_refused_and_named(self):
        overlay = self.overlay()
        stranger = overlay.make_keys("pop-1", "frontend", overlay.path / "other")
        overlay.frontend.config["link"]["identity"] = stranger
        self.assert_refused(overlay)

    def test_another_role_is_refused(self):
        overlay = self.overlay()
        overlay.frontend.config["link"]["identity"] = overlay.make_keys("host-9", "backend")
        overlay.frontend.config["name"] = "host-9"
        overlay.backends[0].start()
        with self.assertRaises(Failure):
            overlay.frontend.start()
            wait_until(overlay.frontend.ready, "a link that must not come", 2)

    def test_a_front_end_that_no_site_names_is_refused(self):
        overlay = self.overlay()
        overlay.frontend.config["link"]["identity"] = overlay.make_keys("pop-9", "frontend")
        overlay.frontend.config["name"] = "pop-9"
        self.assert_refused(overlay)

    def assert_refused(self, overlay):
        gateways = (overlay.backends[0].start(), overlay.frontend.start())
        wait_until(lambda: any(re.search("authority|certificate|refused", gateway.process.output()) for gateway in gateways),
                   "a log to say why")
        self.assertFalse(overlay.frontend.ready())
        self.assertEqual(overlay.get("/echo").status, 503)
        self.assertEqual(self.origin.octets, b"")

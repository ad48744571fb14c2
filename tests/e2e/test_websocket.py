"""WebSocket through the overlay: an upgraded connection is octets both ways."""

import os
import unittest

from harness import websocket
from harness.origins import Origin
from harness.overlay import Overlay, Site
from harness.processes import wait_until


class WebSocket(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin]))
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def setUp(self):
        self.origin.early["/socket"] = websocket.echo_server
        self.origin.early["/refused"] = lambda request, connection: connection.respond(b"no", status="403 Forbidden")
        self.client = self.overlay.client()
        self.addCleanup(self.client.close)

    def echo(self, kind, payload):
        self.client.send(websocket.frame(kind, payload, masked=True))
        return websocket.read_frame(self.client.reader)

    def test_messages_of_all_sizes(self):
        websocket.upgrade(self.client, "/socket")
        for size in (0, 1, 125, 126, 1000, 65535, 65536, 1_000_000):
            payload = os.urandom(size)
            self.assertEqual(self.echo(websocket.BINARY, payload), (websocket.BINARY, payload))
        self.assertEqual(self.echo(websocket.PING, b"?"), (websocket.PONG, b"?"))

    def test_close(self):
        websocket.upgrade(self.client, "/socket")
        self.assertEqual(self.echo(websocket.CLOSE, b"\x03\xe8"), (websocket.CLOSE, b"\x03\xe8"))
        self.assertTrue(self.client.closed())

    def test_message_in_the_upgrades_packet(self):
        """What the client sends behind its request belongs to the new protocol."""
        key = "x3JJHMbDL1EzLkh9GBhXDw=="
        self.client.send(b"GET /socket HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key.encode() + b"\r\n\r\n"
                         + websocket.frame(websocket.TEXT, b"early", masked=True))
        self.assertEqual(self.client.head().status, 101)
        self.assertEqual(websocket.read_frame(self.client.reader), (websocket.TEXT, b"early"))

    def test_refused_upgrade_is_plain_http(self):
        self.client.request("/refused", fields=[("Upgrade", "websocket"), ("Connection", "Upgrade")])
        self.assertEqual(self.client.response().status, 403)
        self.assertEqual(self.client.get("/echo").status, 200)

    def test_many(self):
        clients = [websocket.upgrade(self.overlay.client(), "/socket") for _ in range(50)]
        for number, client in enumerate(clients):
            client.send(websocket.frame(websocket.TEXT, b"%d" % number, masked=True))
        for number, client in enumerate(clients):
            self.assertEqual(websocket.read_frame(client.reader), (websocket.TEXT, b"%d" % number))
            client.close()
        wait_until(lambda: self.origin.pending == 0, "the origin's ends to close")

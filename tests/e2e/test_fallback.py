"""Links where UDP is blocked: over TLS on TCP, back when UDP passes, and nobody sees it."""

import hashlib
import os
import socket
import ssl
import time
import unittest

from harness import settings
from harness.forward import TcpForward
from harness.origins import Origin
from harness.overlay import Overlay, Site
from harness.processes import wait_until
from test_faults import Load


class FallbackCase(unittest.TestCase):
    def overlay(self, **network):
        """One whose back-end is reached through a relay that UDP and TCP pass."""
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        overlay = Overlay(Site(origins=[self.origin]), network=network)
        self.addCleanup(overlay.stop)
        self.link_port = int(overlay.backends[0].config["link"]["address"].rsplit(":", 1)[1])
        self.tcp = TcpForward(overlay.relays[0].port, self.link_port)
        self.addCleanup(self.tcp.stop)
        return overlay

    def wait_for_carrier(self, overlay, carrier, seconds=10):
        def there():
            return all(gateway.metric(f'^ringway_link_carrier.*carrier="{carrier}"') == 1
                       for gateway in (overlay.frontend, overlay.backends[0]))
        wait_until(there, f"the link to run over {carrier}", seconds)

    def assert_logged(self, gateway, *words):
        text = gateway.log.read_text()
        self.assertTrue(any(all(word in line for word in words) for line in text.splitlines()), f"{words} in:\n{text}")

    def assert_all_well(self, load):
        self.assertEqual((load.faults[:5], load.aborted, set(load.statuses)), ([], 0, {200}))


class Blocked(FallbackCase):
    def test_from_the_start_and_back(self):
        overlay = self.overlay(delay_ms=5, cut=1).start()
        self.wait_for_carrier(overlay, "tls")
        self.assertEqual(overlay.get("/echo").status, 200)
        body = os.urandom(5_000_000)
        self.origin.handlers["/large"] = lambda request, connection: connection.respond(body)
        self.assertEqual(overlay.get("/large").content.hash.hexdigest(), hashlib.sha256(body).hexdigest())
        self.assert_logged(overlay.frontend, "link runs over TLS on TCP", "host-1", "no answer over UDP in 300 ms")
        self.assert_logged(overlay.backends[0], "link runs over TLS on TCP", "pop-1")
        with Load(overlay, [self.origin], settings.scaled(40)) as load:
            load.wait_for(200)
            overlay.relays[0].set(cut=0)
            self.wait_for_carrier(overlay, "udp", 60)
            load.wait_for(200)
        self.assert_all_well(load)
        self.assert_logged(overlay.frontend, "link is back on UDP", "host-1")
        self.assertEqual(overlay.frontend.metric("^ringway_link_fallbacks_total"), 1)
        self.assertEqual(overlay.frontend.metric("^ringway_link_returns_total"), 1)

    def test_under_load(self):
        overlay = self.overlay(delay_ms=5).start()
        self.wait_for_carrier(overlay, "udp")
        with Load(overlay, [self.origin], settings.scaled(40)) as load:
            load.wait_for(200)
            overlay.relays[0].set(cut=1)
            self.wait_for_carrier(overlay, "tls")
            load.wait_for(200)
            self.tcp.cut()
            load.wait_for(200)
            self.wait_for_carrier(overlay, "tls")
        self.assert_all_well(load)
        self.assertEqual(overlay.frontend.metric("^ringway_link_ups_total"), 1)

    def test_back_end_is_restarted(self):
        overlay = self.overlay(cut=1).start()
        self.wait_for_carrier(overlay, "tls")
        overlay.backends[0].stop()
        self.assert_logged(overlay.frontend, "link is down", "the back-end is stopping")
        self.assertEqual(overlay.get("/echo").status, 503)
        overlay.backends[0].start()
        wait_until(lambda: overlay.get("/echo").status == 200, "the back-end to be used again")

    def test_off(self):
        overlay = self.overlay(cut=1)
        for gateway in (overlay.frontend, overlay.backends[0]):
            gateway.config["link"]["fallback"] = "off"
            gateway.start()
        time.sleep(1)
        self.assertEqual(self.tcp.accepted, 0)
        self.assertFalse(overlay.frontend.ready())
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.link_port))
        overlay.relays[0].set(cut=0)
        wait_until(overlay.frontend.ready, "the link")


class Strangers(FallbackCase):
    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.link_port), timeout=settings.patience(10))
        self.addCleanup(connection.close)
        return connection

    def tls(self, overlay, name=None, role="frontend", keys=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["ringway-tmp"])
        if name is not None:
            keys = keys or overlay.keys
            files = ({"certificate": keys / f"{name}.pem", "key": keys / f"{name}.key"}
                     if (keys / f"{name}.pem").exists() else overlay.make_keys(name, role, keys))
            context.load_cert_chain(files["certificate"], files["key"])
        return context.wrap_socket(self.connect())

    def assert_closed(self, connection):
        """At once, or with an alert."""
        try:
            self.assertEqual(connection.recv(1), b"")
        except (ssl.SSLError, ConnectionResetError):
            pass

    def test_are_turned_away(self):
        overlay = self.overlay().start()
        plain = self.connect()
        plain.sendall(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
        plain.recv(64)
        self.assert_closed(plain)
        with self.assertRaises(ssl.SSLError):
            self.tls(overlay).recv(1)
        with self.assertRaises(ssl.SSLError):
            self.tls(overlay, "pop-2").recv(1)
        with self.assertRaises(ssl.SSLError):
            self.tls(overlay, "pop-1", "backend", overlay.path / "roles").recv(1)
        with self.assertRaises(ssl.SSLError):
            self.tls(overlay, "pop-1", keys=overlay.path / "others").recv(1)
        self.assertEqual(overlay.backends[0].metric("^ringway_link_peers_refused_total"), 5)
        self.assert_logged(overlay.backends[0], "refused a peer", "frontend 'pop-2' is refused: no site names it")
        self.assertEqual(overlay.get("/echo").status, 200)

    def test_that_say_nothing_are_hung_up_on(self):
        overlay = self.overlay().start()
        silent = [self.connect() for _ in range(20)]
        begun = time.monotonic()
        for connection in silent[16:]:
            self.assert_closed(connection)
        self.assertLess(time.monotonic() - begun, 3, "those above the limit at once")
        for connection in silent[:16]:
            self.assert_closed(connection)
        self.assertEqual(overlay.get("/echo").status, 200)

    def test_a_peer_that_speaks_nonsense_loses_its_carrier(self):
        overlay = self.overlay().start()
        for octets in (b"\0\0", b"\xff\xff", b"\x05\xc1abc"):
            peer = self.tls(overlay, "pop-1")
            peer.sendall(octets)
            self.assert_closed(peer)
            self.assert_logged(overlay.backends[0], "closed a carrier", "octets was announced")
        peer = self.tls(overlay, "pop-1")
        peer.sendall(b"\x00\x40" + os.urandom(64))  # a datagram that is no packet
        peer.sendall(b"\x00\x40cut")
        peer.unwrap().close()
        wait_until(lambda: "in the middle of a datagram" in overlay.backends[0].log.read_text(), "the log")
        self.assertEqual(overlay.get("/echo").status, 200)

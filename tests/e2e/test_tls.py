"""TLS towards clients and towards origins."""

import json
import ssl
import unittest

from harness import tls, wire
from harness.origins import Origin
from harness.overlay import Overlay, Site
from harness.processes import Folder, run


class TlsCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder("tls")
        cls.addClassCleanup(cls.folder.remove)
        cls.authority = tls.Authority(cls.folder.path)
        cls.shop = cls.authority.issue("shop")


class FromClients(TlsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.origin = Origin()
        cls.addClassCleanup(cls.origin.stop)
        cls.overlay = Overlay(Site(origins=[cls.origin]), tls=cls.shop)
        cls.addClassCleanup(cls.overlay.stop)
        cls.overlay.start()

    def client(self, lowest=ssl.TLSVersion.TLSv1_2, highest=ssl.TLSVersion.TLSv1_3):
        context = self.authority.client(lowest, highest)
        client = wire.Client(self.overlay.tls_port, tls=context, name="shop.test")
        self.addCleanup(client.close)
        return client

    def test_versions(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            client = self.client(version, version)
            self.assertEqual(client.sock.version(), name)
            response = client.get("/echo")
            fields = {key.lower(): value for key, value in json.loads(response.body)["fields"]}
            self.assertEqual(fields["x-forwarded-proto"], "https")
            self.assertIn("proto=https", fields["forwarded"])

    def test_old_versions_are_refused(self):
        context = self.authority.client()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            wire.Client(self.overlay.tls_port, tls=context, name="shop.test")

    def test_large_content_both_ways(self):
        body = b"0123456789abcdef" * 200_000
        client = self.client()
        self.origin.handlers["/large"] = lambda request, connection: connection.respond(body)
        self.assertEqual(client.get("/large").body, body)
        self.assertEqual(json.loads(client.get("/echo", method="POST", body=body).body)["length"], len(body))

    def test_orderly_close(self):
        """The end of a close-delimited answer is told from a cut connection."""
        client = self.client()
        client.send(b"GET /echo HTTP/1.0\r\nHost: shop.test\r\n\r\n")
        self.assertEqual(client.response().status, 200)
        self.assertEqual(client.sock.recv(1), b"")

    def test_plain_http_on_the_tls_port(self):
        with wire.Client(self.overlay.tls_port) as client:
            client.send(b"GET /echo HTTP/1.1\r\nHost: shop.test\r\n\r\n")
            try:
                answer = client.reader.rest()
            except ConnectionResetError:
                answer = b""
            self.assertNotIn(b" 200 ", answer)
        self.assertEqual(self.client().get("/echo").status, 200)

    def test_curl(self):
        result = run(["curl", "-sSf", "--cacert", self.authority.certificate, "--connect-to",
                      f"shop.test:443:127.0.0.1:{self.overlay.tls_port}", "https://shop.test/echo"])
        self.assertEqual(json.loads(result.stdout)["method"], "GET")


class ToOrigins(TlsCase):
    def status(self, server, origin_tls, name="shop.test"):
        origin = Origin(tls=server)
        self.addCleanup(origin.stop)
        entry = {"address": f"https://127.0.0.1:{origin.port}", "tls": origin_tls | {"server_name": name}}
        overlay = Overlay(Site(origins=[entry]))
        self.addCleanup(overlay.stop)
        overlay.start()
        status = overlay.get("/echo").status
        self.assertEqual(len(origin.seen("/echo")), 1 if status == 200 else 0)
        return status

    def test_own_authority(self):
        names = []
        context = self.shop.server()
        context.sni_callback = lambda sock, name, _: names.append(name)
        self.assertEqual(self.status(context, {"authority": str(self.authority.certificate)}), 200)
        self.assertEqual(set(names), {"shop.test"})

    def test_system_authorities_do_not_vouch_for_it(self):
        self.assertEqual(self.status(self.shop.server(), {}), 502)

    def test_other_name(self):
        self.assertEqual(self.status(self.shop.server(), {"authority": str(self.authority.certificate)}, "other.test"), 502)

    def test_client_certificate(self):
        mine = self.authority.issue("gateway", "DNS:gateway.test")
        trust = {"authority": str(self.authority.certificate)}
        server = self.shop.server(clients=self.authority)
        self.assertEqual(self.status(server, trust), 502)
        self.assertEqual(self.status(server, trust | {"certificate": str(mine.certificate), "key": str(mine.key)}), 200)

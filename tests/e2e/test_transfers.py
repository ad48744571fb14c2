"""Large files both ways, with losses on the link: equal at the other end, in constant memory."""

import hashlib
import os
import threading
import unittest

from harness import settings
from harness.origins import Nginx, Origin
from harness.overlay import Overlay, Site
from harness.processes import run

MEGABYTE = 1_000_000
PIECE = 1_000_000


def write_random(path, octets):
    """Fills a file; returns its hash."""
    digest = hashlib.sha256()
    with open(path, "wb") as out:
        for _ in range(octets // PIECE):
            piece = os.urandom(PIECE)
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Files(unittest.TestCase):
    """200 MB through curl, the overlay and nginx, there and back at the same time."""

    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)
        cls.source = cls.nginx.site / "random.bin"
        cls.digest = write_random(cls.source, settings.scaled(200) * MEGABYTE)

    def transfer(self, **network):
        overlay = Overlay(Site(origins=[self.nginx]), network=network)
        self.addCleanup(overlay.stop)
        overlay.start()
        got = overlay.path / "got.bin"
        limit = settings.patience(120)
        up = threading.Thread(target=self.upload, args=(overlay, limit))
        up.start()
        run(["curl", "-sSf", "--max-time", limit, "-o", got, *overlay.url("/random.bin")], seconds=limit + 10)
        up.join()
        self.assertEqual(hash_of(got), self.digest)
        self.assertEqual(hash_of(self.nginx.site / "upload/random.bin"), self.digest)
        (self.nginx.site / "upload/random.bin").unlink()

    def upload(self, overlay, limit):
        run(["curl", "-sSf", "--max-time", limit, "-T", self.source, *overlay.url("/upload/random.bin")], seconds=limit + 10)

    def test_without_loss(self):
        self.transfer(delay_ms=2)

    def test_loss_of_1_percent(self):
        self.transfer(delay_ms=2, loss_percent=1)

    def test_loss_of_5_percent(self):
        self.transfer(delay_ms=2, loss_percent=5)


class ConstantMemory(unittest.TestCase):
    """5 GB (in the quick form 200 MB) each way: what the gateways hold does not grow with it."""

    OCTETS = 5000 * MEGABYTE if settings.full else 200 * MEGABYTE
    GROWTH = 64 * MEGABYTE

    def setUp(self):
        self.octets = settings.scaled(self.OCTETS)
        self.origin = Origin()
        self.addCleanup(self.origin.stop)
        self.overlay = Overlay(Site(origins=[self.origin]))
        self.addCleanup(self.overlay.stop)
        self.overlay.start()
        self.piece = os.urandom(PIECE)
        self.expected = self.hash_of_pieces()

    def hash_of_pieces(self):
        digest = hashlib.sha256()
        for _ in range(self.octets // PIECE):
            digest.update(self.piece)
        return digest.hexdigest()

    def watched(self, transfer):
        """Runs it, and compares the gateways' peaks with what they held before."""
        gateways = (self.overlay.frontend, self.overlay.backends[0])
        before = [gateway.process.resident_octets() for gateway in gateways]
        for gateway in gateways:
            gateway.process.reset_peak()
        transfer()
        for gateway, octets in zip(gateways, before):
            grown = gateway.process.peak_octets() - octets
            if not settings.sanitized:
                self.assertLess(grown, self.GROWTH, f"{gateway.name} grew by {grown} octets")

    def test_download(self):
        def serve(request, connection):
            connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (self.octets // PIECE * PIECE))
            for _ in range(self.octets // PIECE):
                connection.write(self.piece)
        self.origin.handlers["/file"] = serve

        def download():
            response = self.overlay.get("/file", seconds=60)
            self.assertEqual(response.content.hash.hexdigest(), self.expected)
        self.watched(download)

    def test_upload(self):
        def upload():
            with self.overlay.client(seconds=60) as client:
                client.send(b"PUT /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: %d\r\n\r\n"
                            % (self.octets // PIECE * PIECE))
                for _ in range(self.octets // PIECE):
                    client.send(self.piece)
                self.assertEqual(client.response().status, 200)
            self.assertEqual(self.origin.seen("/echo")[0].content.hash.hexdigest(), self.expected)
        self.watched(upload)

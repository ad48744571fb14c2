"""One run's path, origin and certificates, and the clients that measure."""

import gzip
import itertools
import json
import os
import random
import time

from harness import settings, tls
from harness.origins import Nginx
from harness.processes import Failure, Folder, Process, free_port, wait_until
from pairs import KEEP_SECONDS, Place
from path import FAR, Path

PAGE_OBJECTS = 60
HTML_OCTETS, OBJECTS_OCTETS = 20_000, 1_000_000  # gzipped
SMALL_OCTETS = 1000
ENDLESS_OCTETS = 64 << 20
BULK_OCTETS = 10 ** 9
# A client that measures nothing for so long has got stuck, and its measurement has failed.
SILENCE_SECONDS = 90
# Content of a full TCP segment with timestamps.
SEGMENT_OCTETS = 1448

ORIGIN = """
    keepalive_timeout {keep};
    listen {far}:{plain} backlog=16384; listen {far}:{secure} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location /page.html {{ gzip_static on; gzip_proxied any; }}
    location /object/ {{ default_type text/css; gzip_static on; gzip_proxied any; }}
"""


def object_sizes():
    """As a page's parts are: most are a few kilobytes, some many."""
    generator = random.Random(60)
    shares = [generator.lognormvariate(0, 1) for _ in range(PAGE_OBJECTS)]
    return [round(share / sum(shares) * OBJECTS_OCTETS) for share in shares]


def text_of_gzipped_size(octets, generator):
    """(text, the same gzipped): about as compressible as scripts and style sheets are."""
    words = [generator.randbytes(4).hex()[:generator.randrange(2, 9)] for _ in range(400)]
    length = octets * 3
    while True:
        text = " ".join(generator.choices(words, k=length // 5)).encode()
        packed = gzip.compress(text, mtime=0)
        if abs(len(packed) - octets) <= max(20, octets // 200):
            return text, packed
        length = max(10, round(length * octets / len(packed)))


class Client:
    """A wan_client in a namespace; what it measures goes into a file of its own."""

    _numbers = itertools.count(1)

    def __init__(self, laboratory, space, workload, entry, **options):
        words = [word for name, value in (entry | options).items() for word in (f"--{name.replace('_', '-')}", value)]
        self.output = laboratory.folder.path / f"client-{next(self._numbers)}.jsonl"
        with space, open(self.output, "wb") as out:
            program = settings.build / "tests/bench/wan_client"
            self.process = Process(f"wan_client {workload}", [program, workload, *words],
                                   self.output.with_suffix(".log"), stdout=out)

    def lines(self):
        """What it has measured so far."""
        whole = self.output.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def last(self):
        """The newest of it, waiting for the first."""
        return wait_until(self.lines, f"{self.process.name} to measure")[-1]

    def wait(self):
        """What it has measured, when it is done."""
        try:
            while self.process.running():
                if time.time() - self.output.stat().st_mtime > SILENCE_SECONDS:
                    raise Failure(f"{self.process.name}: nothing came for {SILENCE_SECONDS} s")
                time.sleep(0.05)
            if self.process.wait() != 0:
                raise Failure(f"{self.process.name}: {self.process.tail()}")
            return self.lines()
        finally:
            self.process.kill()

    def stop(self):
        self.process.kill()


class Laboratory:
    def __init__(self):
        self.folder = Folder("wan")
        self.path = Path(self.folder.path)
        self.place = Place(self.path.near, self.path.far, FAR)
        authority = tls.Authority(self.folder.path)
        self.certificate = authority.issue("shop")
        self.certificate.authority = authority.certificate
        plain, secure = free_port(), free_port()
        with self.path.far:
            self.origin = Nginx(more=ORIGIN.format(keep=KEEP_SECONDS, far=FAR, plain=plain, secure=secure,
                                                   certificate=self.certificate.certificate, key=self.certificate.key))
        self.origin.plain_port, self.origin.secure_port = plain, secure
        self._write_page()
        self.origin.write("small.bin", os.urandom(SMALL_OCTETS))
        self.origin.write("endless.bin", os.urandom(ENDLESS_OCTETS))

    def _write_page(self):
        generator = random.Random(1)
        objects = {f"object/{number}": octets for number, octets in enumerate(object_sizes())}
        for name, octets in ({"page.html": HTML_OCTETS} | objects).items():
            text, packed = text_of_gzipped_size(octets, generator)
            self.origin.write(name, text)
            self.origin.write(f"{name}.gz", packed)

    def write_bulk(self):
        """The large file, only where it is asked for."""
        file = self.origin.site / "bulk.bin"
        if not file.exists():
            piece = os.urandom(BULK_OCTETS // 50)
            with open(file, "wb") as out:
                for _ in range(50):
                    out.write(piece)

    def client(self, workload, pair, connections, **options):
        """On the front-end's side."""
        return Client(self, self.path.near, workload, pair.entry(connections), **options)

    def resent_octets(self, pair):
        """That crossed the path once more, since its beginning."""
        segments = sum(map(self._resent_segments, (self.path.near, self.path.far)))
        return segments * SEGMENT_OCTETS + pair.resent_octets()

    @staticmethod
    def _resent_segments(space):
        with space, open("/proc/thread-self/net/snmp", encoding="ascii") as file:
            names, values = (line.split() for line in file if line.startswith("Tcp:"))
        return int(values[names.index("RetransSegs")])

    def stop(self):
        self.origin.stop()
        self.path.stop()
        self.folder.remove()

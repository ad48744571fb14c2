"""`ringway dns` on a port of its own, and what a manager tells it."""

import hashlib
import json
import time

from harness.overlay import at, ringway
from harness.processes import Failure, Process, free_port, run, wait_until

ZONE = """\
$TTL 300
@       IN SOA ns1 admin 1 3600 600 86400 30
        IN NS  ns1
        IN MX  10 mail
        IN CAA 0 issue "ca.test"
ns1     IN A   192.0.2.53
mail    IN A   192.0.2.25
www     IN SITE shop
alias   IN CNAME www
old     IN DNAME shop.test.
*.wild  IN TXT "any of them"
big     IN TXT {big}
        IN TYPE65280 \\# 3 010203
sub     IN NS  ns.elsewhere.test.
"""

STEERING = {
    "pops": [{"name": "zurich", "latitude": 47.4, "longitude": 8.5},
             {"name": "oslo", "latitude": 59.9, "longitude": 10.7}],
    "frontends": [{"name": "pop-1", "pop": "zurich", "addresses": ["198.51.100.1", "2001:db8::1"]},
                  {"name": "pop-2", "pop": "oslo", "addresses": ["198.51.100.2", "2001:db8::2"]}],
    "sites": [{"name": "shop", "frontends": ["pop-1", "pop-2"], "answers": 1, "alpn": "http/1.1"}],
    "clients": [{"network": "203.0.113.0/24", "latitude": 47, "longitude": 8},
                {"network": "203.0.0.0/16", "latitude": 60, "longitude": 11}],
}


class Redirector:
    def __init__(self, path, **more):
        self.path, self.port, self.admin = path, free_port(), free_port()
        (path / "shop.zone").write_text(ZONE.format(big=" ".join(f'"{"x" * 200}"' for _ in range(20))))
        self.config = {"name": "dns-1", "listen": [at(self.port)], "admin": at(self.admin), "steering": STEERING,
                       "zones": [{"name": "shop.test", "file": "shop.zone"}]} | more
        self.file = path / "dns.yaml"
        self.write()
        self.start()

    def start(self, *words, log="dns.log"):
        self.process = Process("dns-1", [ringway(), "dns", "--config", self.file, *words], self.path / log)
        wait_until(lambda: "serving" in self.process.output() or not self.process.running(), "the redirector", 20)

    def take_over(self):
        """The next process serves in its place; returns the one before, which ends by itself."""
        before = self.process
        self.start("--take-over", log=f"dns-{time.monotonic_ns()}.log")
        if not self.process.running():
            raise Failure(f"it takes nothing over:\n{self.process.output()}")
        return before

    def write(self):
        self.file.write_text(json.dumps(self.config))

    def dig(self, *words):
        """dig's output as text."""
        return run(["dig", "@127.0.0.1", "-p", str(self.port), "+tries=1", "+time=5", "+norec", *words]).stdout

    def short(self, *words):
        return self.dig("+short", *words).split()

    def metrics(self):
        """By name with labels."""
        text = run(["curl", "-s", f"http://{at(self.admin)}/metrics"]).stdout
        return {name: float(value) for name, value in
                (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}


class Table:
    """A steering table as a manager tells it (redirector_dns/steering/table_text.h): POPs and front-ends by name, in
    whose order 203.0.113.0/24 prefers them; everybody else prefers the last POP."""

    def __init__(self, frontends, sites=("shop",), number=1):
        self.frontends, self.sites, self.number = dict(frontends), sites, number
        last = len(self.frontends) - 1
        places = ",".join(str(i) for i in range(last + 1))
        lines = [f"ringway-atlas 1 {number}"]
        lines += [f"pop {name}-pop 1" for name in self.frontends]
        lines += [f"frontend {name} {i} 1 {address} -" for i, (name, address) in enumerate(self.frontends.items())]
        lines += [f"class nearest - {places}"] if sites else []
        lines += [f"site {name} 0 20 1 none - 0" for name in sites]
        backwards = ",".join(reversed(places.split(",")))
        lines += [f"reach {places}", f"order 0 {backwards}", f"order 0 {places}"]
        lines += ["profile 0", "profile 1"] if sites else []
        near = 1 if sites else 0
        lines += ["cells 0.0.0.0 0 16", f"cells 203.0.113.0 {near} 24", "cells 203.0.114.0 0 16", "cells :: 0 32"]
        self.atlas, self.sum = summed(lines)

    def levels(self, number, shed=()):
        """`shed`: names of front-ends whose POPs send all clients on."""
        lines = [f"ringway-levels 1 {number} {self.sum}"]
        lines += [f"pop {1 if name in shed else 0} 0 serving" for name in self.frontends]
        lines += ["frontend 0 0 serving" for _ in self.frontends]
        return summed(lines)[0]


def summed(lines):
    """The text, and its sum."""
    body = "\n".join(lines) + "\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{body}sum {digest}\n", digest

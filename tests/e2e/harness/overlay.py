"""The overlay under test: one front-end, its back-ends, and a bad network between them where a test wants one."""

import json
import re
import signal
import subprocess
from dataclasses import dataclass, field

from harness import settings, wire
from harness.processes import Failure, Folder, Process, accepts, free_port, json_lines, run, wait_until


def ringway():
    program = settings.build / "cli" / "ringway"
    if not program.exists():
        raise Failure(f"{program} is not built")
    return program


def at(port, address="127.0.0.1"):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass
class Site:
    """One site; `frontend` and `backend` are further settings of it on that side."""

    name: str = "shop"
    hosts: list = field(default_factory=lambda: ["shop.test"])
    origins: list = field(default_factory=list)  # of objects with a port, or ready entries
    protocol: str = "http"
    listen: str = ""
    frontend: dict = field(default_factory=dict)
    backend: dict = field(default_factory=dict)

    def identity(self):
        return {"name": self.name} | ({"protocol": "tcp"} if self.protocol == "tcp" else {"hosts": self.hosts})

    def backend_entry(self):
        origins = [origin if isinstance(origin, dict) else
                   {"address": at(origin.port, getattr(origin, "address", "127.0.0.1"))} for origin in self.origins]
        return self.identity() | {"origins": origins, "frontends": ["pop-1"]} | self.backend

    def frontend_entry(self, backends):
        entry = self.identity() | {"backends": backends}
        return entry | ({"listen": self.listen} if self.listen else {}) | self.frontend


class Relay:
    """The network between the front-end and one back-end, as a program of its own."""

    def __init__(self, folder, target_port, address="127.0.0.1", **quality):
        self.port = free_port(address)
        words = [word for name, value in quality.items() for word in (name, value)]
        v6 = ["v6", 1] if ":" in address else []
        self.process = Process("udp_relay", [settings.build / "tests/e2e/udp_relay", self.port, target_port, *words, *v6],
                               folder / "udp_relay.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._answer()

    def _answer(self):
        return self.process.popen.stdout.readline().decode().strip()

    def set(self, **quality):
        for name, value in quality.items():
            self.process.popen.stdin.write(f"{name} {value}\n".encode())
            self.process.popen.stdin.flush()
            self._answer()

    def stats(self):
        """Datagrams taken, passed, lost, copied, damaged."""
        self.process.popen.stdin.write(b"stats\n")
        self.process.popen.stdin.flush()
        return dict(zip(("taken", "passed", "lost", "copied", "damaged"), map(int, self._answer().split())))

    def stop(self):
        self.process.kill()
        self.process.popen.stdin.close()
        self.process.popen.stdout.close()


class Gateway:
    """A front-end or back-end process and its configuration file."""

    def __init__(self, folder, role, name, config, address="127.0.0.1"):
        self.role, self.name, self.address = role, name, address
        self.file = folder / f"{name}.yaml"
        self.log = folder / f"{name}.log"
        self.access_log = folder / f"{name}.access"
        self.admin_port = free_port(address)
        self.config = {"name": name, "workers": settings.workers, "admin": {"address": at(self.admin_port, address)},
                       "access_log": {"format": "json", "path": str(self.access_log)}} | config
        self.process = None

    def write(self):
        # JSON is YAML, and Python has no other writer of it.
        self.file.write_text(json.dumps(self.config, indent=2))

    def start(self):
        self.write()
        self.process = Process(self.name, [ringway(), self.role, "--config", self.file], self.log)
        wait_until(lambda: self._alive() and accepts(self.admin_port, self.address), f"{self.name} to serve its admin port")
        return self

    def _alive(self):
        if not self.process.running():
            process, self.process = self.process, None
            raise Failure(f"{self.name} ended with {process.wait()}:\n{process.tail()}")
        return True

    def ready(self):
        return wire.get(self.admin_port, "/readyz", address=self.address).status == 200

    def metrics(self):
        """{name with labels: value}."""
        text = wire.get(self.admin_port, "/metrics", address=self.address).body.decode()
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def metric(self, pattern):
        """The sum of all metrics whose name and labels match."""
        return sum(value for name, value in self.metrics().items() if re.search(pattern, name))

    def access(self):
        """The access log so far."""
        return json_lines(self.access_log) if self.access_log.exists() else []

    def stop(self):
        """Ends it as an administrator would; it must end well."""
        if self.process is None:
            return
        process, self.process = self.process, None
        code = process.stop(signal.SIGTERM, 40)
        if code != 0:
            raise Failure(f"{self.name} ended with {code}:\n{process.tail()}")

    def kill(self):
        """Ends it as a power cut would."""
        process, self.process = self.process, None
        process.kill()


class Overlay:
    """pop-1, and host-1, host-2, … behind it. `network` puts a relay before each back-end, of that quality."""

    def __init__(self, *sites, backends=1, network=None, tls=None, address="127.0.0.1", frontend=None, backend=None):
        self.folder = Folder("overlay")
        self.path = self.folder.path
        self.sites, self.address = sites, address
        self.port = free_port(address)
        self.tls_port = free_port(address) if tls else 0
        self.keys = self.path / "keys"
        self.relays = []
        self.backends = [self._backend(number, backend or {}) for number in range(1, backends + 1)]
        targets = [self._target(gateway, network) for gateway in self.backends]
        self.frontend = self._frontend(targets, tls, frontend or {})

    def make_keys(self, name, role, keys=None):
        keys = keys or self.keys
        run([ringway(), "keys", "--authority", keys, "--name", name, "--role", role])
        return {"certificate": str(keys / f"{name}.pem"), "key": str(keys / f"{name}.key"),
                "authority": str(keys / "ca.pem")}

    def _backend(self, number, more):
        name = f"host-{number}"
        link = {"address": at(free_port(self.address), self.address), "identity": self.make_keys(name, "backend")}
        config = {"link": link, "sites": [site.backend_entry() for site in self.sites]} | more
        return Gateway(self.path, "backend", name, config, self.address)

    def _target(self, gateway, network):
        port = int(gateway.config["link"]["address"].rsplit(":", 1)[1])
        if network is not None:
            self.relays.append(Relay(self.path, port, self.address, **network))
            port = self.relays[-1].port
        return {"address": at(port, self.address), "name": gateway.name}

    def _frontend(self, targets, tls, more):
        listen = [{"address": at(self.port, self.address)}]
        if tls:
            listen.append({"address": at(self.tls_port, self.address),
                           "tls": {"certificate": str(tls.certificate), "key": str(tls.key)}})
        config = {"listen": listen, "link": {"identity": self.make_keys("pop-1", "frontend")},
                  "sites": [site.frontend_entry(targets) for site in self.sites]} | more
        return Gateway(self.path, "frontend", "pop-1", config, self.address)

    def start(self):
        for gateway in (*self.backends, self.frontend):
            gateway.start()
        wait_until(self.frontend.ready, "the front-end's links", 15)
        return self

    def stop(self):
        """Ends all; every gateway must end well."""
        faults = []
        for gateway in (self.frontend, *self.backends):
            try:
                gateway.stop()
            except Failure as fault:
                faults.append(str(fault))
        for relay in self.relays:
            relay.stop()
        self.folder.remove()
        if faults:
            raise Failure("\n".join(faults))

    def client(self, **more):
        return wire.Client(self.port, address=self.address, **more)

    def get(self, target, **more):
        return wire.get(self.port, target, address=self.address, **more)

    def url(self, target, host="shop.test"):
        """The URL and the option that leads curl to the front-end."""
        return ["--connect-to", f"{host}:80:{at(self.port, self.address)}", f"http://{host}{target}"]

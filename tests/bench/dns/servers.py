"""The servers: each answers one steered name for clients of some thousand networks, with one worker on one core.

Ringway and gdnsd choose by a table of networks, Knot by its geoip module's; PowerDNS, whose Lua has no such table, by a
hash of the client's network.
"""

import json
from pathlib import Path

from harness import settings
from harness.overlay import at, ringway
from harness.processes import Process, accepts, free_port, run, wait_until

CORE = 0  # the servers'; who asks has the other
NAME = "www.shop.test."
POPS = 4
TTL = 20
COOKIE_SECRET = "00112233445566778899aabbccddeeff"
# Of one network, by RRL: Knot 3.2 adds up eight times as much in 16 bits.
MOST_PER_SECOND = 8_000

ZONE = """\
$TTL 300
@   IN SOA ns1 admin 1 3600 600 86400 30
    IN NS  ns1
ns1 IN A   192.0.2.53
"""


def address(pop):
    return f"198.51.100.{pop + 1}"


def networks(count):
    """[(network, POP)]: neighbours differ, so that no two of them are one."""
    return [(f"20.{i >> 8}.{i & 255}.0/24", (i + i // 256) % POPS) for i in range(count)]


class Server:
    """One that runs. `name` is the table's; what it needs is written into a folder of its own."""

    name = ""

    def __init__(self, folder, clients):
        self.path = Path(folder) / self.name
        self.path.mkdir(mode=0o755)
        self.port = free_port()
        self.clients = clients
        command = self.prepare()
        self.process = Process(self.name, ["taskset", "-c", CORE, *command], self.path / "log", cwd=self.path)
        wait_until(lambda: accepts(self.port) or not self.process.running(), self.name, 20)

    def write(self, name, text):
        (self.path / name).write_text(text)
        return self.path / name

    def prepare(self):
        """Writes its files; the command that starts it in the foreground."""
        raise NotImplementedError

    def cpu_seconds(self):
        """Of all its threads, as the scheduler counts them: clock ticks are too coarse."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def stop(self):
        self.process.stop()


class Ringway(Server):
    name = "ringway"
    more = {}

    def prepare(self):
        self.write("shop.zone", ZONE + "www IN SITE shop\n")
        self.write("cookie", COOKIE_SECRET + "\n")
        places = [(10 * pop, 40 * pop) for pop in range(POPS)]
        steering = {
            "pops": [{"name": f"pop-{i}", "latitude": x, "longitude": y} for i, (x, y) in enumerate(places)],
            "frontends": [{"name": f"fe-{i}", "pop": f"pop-{i}", "addresses": [address(i)]} for i in range(POPS)],
            "sites": [{"name": "shop", "frontends": [f"fe-{i}" for i in range(POPS)], "answers": 1, "ttl": f"{TTL}s"}],
            "clients": [{"network": network, "latitude": places[pop][0], "longitude": places[pop][1]}
                        for network, pop in self.clients],
        }
        config = {"name": "bench", "listen": [at(self.port)], "zones": [{"name": "shop.test", "file": "shop.zone"}],
                  "steering": steering} | self.more
        return [ringway(), "dns", "--config", self.write("dns.yaml", json.dumps(config))]


class RingwayGuarded(Ringway):
    name = "ringway, cookies and RRL"
    more = {"cookie_file": "cookie", "rate": {"answers_per_s": MOST_PER_SECOND, "others_per_s": MOST_PER_SECOND}}


class Gdnsd(Server):
    name = "gdnsd"

    def prepare(self):
        (self.path / "zones").mkdir()
        (self.path / "geoip").mkdir()
        self.write("zones/shop.test", ZONE + f"www {TTL} DYNA geoip!www\n")
        self.write("geoip/nets", "".join(f"{network} => dc{pop}\n" for network, pop in self.clients))
        names = ", ".join(f"dc{pop}" for pop in range(POPS))
        addresses = " ".join(f"dc{pop} => {address(pop)}" for pop in range(POPS))
        self.write("config", f"""
            options => {{
              listen => [ "{at(self.port)}" ], udp_threads => 1, tcp_threads => 1,
              run_dir => "{self.path}/run", state_dir => "{self.path}/state"
            }}
            plugins => {{ geoip => {{
              maps => {{ map => {{ datacenters => [ {names} ], nets => nets }} }}
              resources => {{ www => {{ map => map, service_types => up, dcmap => {{ {addresses} }} }} }}
            }} }}
            """)
        return ["gdnsd", "-c", self.path, "-f", "start"]


class Knot(Server):
    name = "knot"
    modules = ""

    def prepare(self):
        self.write("shop.zone", ZONE + f"www {TTL} IN A {address(0)}\n")
        self.write("geo.conf", f"{NAME}:\n" + "".join(
            f"  - net: {network}\n    A: [ {address(pop)} ]\n" for network, pop in self.clients))
        config = self.write("knot.conf", f"""
server:
    rundir: "{self.path}"
    listen: 127.0.0.1@{self.port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    edns-client-subnet: on
    identity: bench
database:
    storage: "{self.path}"
mod-geoip:
  - id: geo
    config-file: "{self.path}/geo.conf"
    ttl: {TTL}
    mode: subnet
{self.modules}
zone:
  - domain: shop.test.
    storage: "{self.path}"
    file: shop.zone
    module: [mod-geoip/geo]
""".lstrip())
        return ["knotd", "-c", config]


class KnotGuarded(Knot):
    name = "knot, cookies and RRL"
    modules = f"""
mod-cookies:
  - id: cookies
    secret: 0x{COOKIE_SECRET}
mod-rrl:
  - id: rrl
    rate-limit: {MOST_PER_SECOND}
template:
  - id: default
    global-module: [mod-cookies/cookies, mod-rrl/rrl]
"""


class PowerDns(Server):
    name = "powerdns"

    def prepare(self):
        choices = ", ".join(f"{{1, '{address(pop)}'}}" for pop in range(POPS))
        self.write("shop.zone", ZONE + f'www {TTL} IN LUA A "pickwhashed({{{choices}}})"\n')
        self.write("named.conf", f'zone "shop.test" {{ type master; file "{self.path}/shop.zone"; }};\n')
        self.write("pdns.conf", f"""
launch=bind
bind-config={self.path}/named.conf
local-address=127.0.0.1
local-port={self.port}
socket-dir={self.path}
receiver-threads=1
distributor-threads=1
enable-lua-records=shared
edns-subnet-processing=yes
""")
        return ["pdns_server", f"--config-dir={self.path}", "--daemon=no", "--guardian=no", "--disable-syslog"]


PLAIN = [Ringway, Gdnsd, Knot, PowerDns]
GUARDED = [RingwayGuarded, KnotGuarded]


def load(server, seconds, rate=0, cookies=False):
    """What dns_load tells of the queries that it sent."""
    words = [settings.build / "tests/bench/dns_load", at(server.port), NAME, "--seconds", seconds, "--rate", rate,
             "--networks", len(server.clients), "--cookies", int(cookies)]
    return json.loads(run(["taskset", "-c", 1 - CORE, *words], seconds=seconds + 30).stdout)

"""Who asks redirectors: kdig, dnsperf, unbound as a resolver in between, and curl and Chromium behind that."""

import json
import os
import re
import tempfile
import time
import unittest

from harness import tls
from harness.overlay import ringway
from harness.processes import Folder, Process, free_port, run, wait_until
from test_dns import STEERING, Redirector
from test_documentation import ROOT, blocks

TTL_S = 6
NEAR, FAR = "203.0.113", "203.0.77"  # networks of clients that are sent to pop-1 and to pop-2


def steering(**more):
    return STEERING | {"sites": [STEERING["sites"][0] | {"ttl": f"{TTL_S}s"} | more]}


def metric(dns, outcome):
    """How many queries so far."""
    counted = re.compile(rf'ringway_dns_queries_total{{zone="[^"]*",outcome="{outcome}"}}')
    return sum(value for name, value in dns.metrics().items() if counted.fullmatch(name))


class Asked(unittest.TestCase):
    """By programs that ask it themselves."""

    @classmethod
    def setUpClass(cls):
        folder = Folder("dns-clients")
        cls.addClassCleanup(folder.remove)
        cls.path = folder.path
        (folder.path / "cookie").write_text("00112233445566778899aabbccddeeff\n")
        cls.dns = Redirector(folder.path, cookie_file="cookie", workers=2, steering=steering())
        cls.addClassCleanup(cls.dns.process.stop)

    def kdig(self, *words):
        return run(["kdig", "@127.0.0.1", "-p", self.dns.port, "+norec", "+retry=0", "+time=5", *words]).stdout

    def test_kdig(self):
        for network, address in ((NEAR, "198.51.100.1"), (FAR, "198.51.100.2")):
            for way in ("+notcp", "+tcp"):
                told = self.kdig("www.shop.test", "A", f"+subnet={network}.0/24", "+nsid", way)
                self.assertRegex(told, rf"www\.shop\.test\.\s+{TTL_S}\s+IN\s+A\s+{re.escape(address)}\n")
                self.assertRegex(told, rf"CLIENT-SUBNET: {re.escape(network)}\.0/24/\d+")
                self.assertIn('"dns-1"', told)
        https = self.kdig("www.shop.test", "HTTPS", f"+subnet={NEAR}.0/24")
        self.assertRegex(https, r"1 \. alpn=http/1\.1 ipv4hint=198\.51\.100\.1 ipv6hint=2001:db8::1")
        # A cookie is got, shown, and believed: kdig sends the server's part by itself where it was told BADCOOKIE.
        self.assertRegex(self.kdig("www.shop.test", "A", "+cookie"), r"COOKIE: [0-9a-fA-F]{48}")
        self.assertIn("status: FORMERR", self.kdig("www.shop.test", "A", "+ednsopt=8:0001"))

    def test_dnsperf_loses_nothing(self):
        asked = self.path / "asked"
        asked.write_text("".join(f"{name}.shop.test {kind}\n" for name, kind in (
            ("www", "A"), ("www", "AAAA"), ("mail", "A"), ("none", "A"), ("alias", "A"), ("a.wild", "TXT"))))
        before = metric(self.dns, "steered")
        told = run(["dnsperf", "-s", "127.0.0.1", "-p", self.dns.port, "-d", asked, "-l", 3, "-Q", 2000, "-c", 8, "-t", 5,
                    "-E", f"8:000118{'00'}cb0071"], seconds=30).stdout
        count = {word: int(value) for word, value in re.findall(r"Queries (sent|completed|lost):\s+(\d+)", told)}
        self.assertGreater(count["sent"], 500, told)
        self.assertEqual((count["lost"], count["completed"]), (0, count["sent"]), told)
        self.assertRegex(told, r"NOERROR \d+ \(83\.\d+%\), NXDOMAIN \d+ \(16\.\d+%\)")
        self.assertAlmostEqual(metric(self.dns, "steered") - before, count["sent"] / 3, delta=2)


def unbound_settings(folder, addresses, redirector, beginning):
    """Of a resolver at `addresses`, each "ADDRESS@PORT", that tells the redirector at an address who asks. `beginning`
    are the lines by which it finds that one."""
    lines = "".join(f"  interface: {address}\n" for address in addresses)
    file = folder / "unbound.conf"
    file.write_text(f"""
server:
{lines}  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  num-threads: 1
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "subnetcache iterator"
  send-client-subnet: {redirector}
  # It would ask for A before AAAA; the test counts what is asked.
  qname-minimisation: no
  max-client-subnet-ipv4: 24
  minimal-responses: yes
{beginning}
remote-control:
  control-enable: no
""")
    return ["unbound", "-d", "-c", file]


class Resolver(unittest.TestCase):
    """Between clients and the redirector: it remembers answers for whom they are, and for so long."""

    def setUp(self):
        folder = Folder("dns-resolver")
        self.addCleanup(folder.remove)
        self.dns = Redirector(folder.path, steering=steering())
        self.addCleanup(self.dns.process.stop)
        self.port = free_port()
        # It shall not ask again where this machine is busy.
        stub = ("server:\n  infra-cache-min-rtt: 4000\n"
                f'stub-zone:\n  name: "shop.test"\n  stub-addr: 127.0.0.1@{self.dns.port}')
        command = unbound_settings(folder.path, [f"127.0.0.1@{self.port}"], "127.0.0.1", stub)
        self.process = Process("unbound", command, folder.path / "unbound.log")
        self.addCleanup(self.process.stop)
        wait_until(lambda: "start of service" in self.process.output() or not self.process.running(), "unbound")

    def ask(self, network, kind="A"):
        """(the answers, how many times the redirector was asked for them)."""
        before = metric(self.dns, "steered")
        told = run(["dig", "@127.0.0.1", "-p", str(self.port), "+tries=1", "+time=5", "+short", "www.shop.test", kind,
                    f"+subnet={network}.0/24"]).stdout.split()
        return told, metric(self.dns, "steered") - before

    def test_its_cache_respects_scope_and_ttl(self):
        begun = time.monotonic()
        self.assertEqual(self.ask(NEAR), (["198.51.100.1"], 1))
        known = time.monotonic()
        self.assertEqual(self.ask(FAR), (["198.51.100.2"], 1))
        # Told with a scope of 19 bits, 203.0.64.0/19 holds the network that was asked for and this one.
        self.assertEqual(self.ask("203.0.80"), (["198.51.100.2"], 0))
        self.assertEqual(self.ask(NEAR), (["198.51.100.1"], 0))
        self.assertEqual(self.ask("203.0.112"), (["198.51.100.2"], 1), "beside the /24 that is answered otherwise")
        self.assertLess(time.monotonic() - begun, TTL_S, "this machine is too slow to tell")
        self.assertEqual(self.ask(NEAR, "AAAA"), (["2001:db8::1"], 1))
        time.sleep(max(0.0, known + TTL_S + 1 - time.monotonic()))
        self.assertEqual(self.ask(NEAR), (["198.51.100.1"], 1))

    def test_it_follows_a_renamed_part_of_the_zone(self):
        told = run(["dig", "@127.0.0.1", "-p", str(self.port), "+tries=1", "+time=5", "+noall", "+answer",
                    "www.old.shop.test", f"+subnet={FAR}.0/24"]).stdout
        self.assertEqual([line.split()[0::4][:2] for line in told.splitlines() if "DNAME" in line],
                         [["old.shop.test.", "shop.test."]])
        self.assertIn("CNAME\twww.shop.test.", told)
        self.assertIn("198.51.100.2", told)

    def test_a_drained_pop_loses_its_clients_within_a_ttl(self):
        self.assertEqual(self.ask(NEAR)[0], ["198.51.100.1"])
        zurich, oslo = STEERING["pops"]
        self.dns.config["steering"] = steering() | {"pops": [zurich | {"draining": True}, oslo]}
        self.dns.write()
        self.dns.process.send_signal(1)
        # The share of a POP that drains rises by a twentieth each second; then the last answer is forgotten.
        wait_until(lambda: self.ask(NEAR)[0] == ["198.51.100.2"], "the other POP's answer", 20 + TTL_S + 5)


class Island:
    """A network of its own, with nobody else on it: addresses at will, and port 53."""

    def __init__(self, folder, addresses):
        self.folder = folder
        self.user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        own = os.stat("/proc/self/ns/net").st_ino
        self.keeper = Process("island", ["unshare", *self.user, "--net", "sleep", "infinity"], folder / "island.log")
        wait_until(lambda: os.stat(f"/proc/{self.keeper.pid}/ns/net").st_ino != own, "a network namespace")
        # Browsers that see nothing but the loopback device believe that they are offline.
        for words in ("link set lo up", "link add wire type veth peer name far", "addr add 192.0.2.1/24 dev wire",
                      "link set wire up", "link set far up"):
            self.run("ip", *words.split())
        for address in addresses:
            self.run("ip", "addr", "add", f"{address}/32", "dev", "lo")

    def enter(self, *words):
        user = ["--user", "--preserve-credentials"] if self.user else []
        return ["nsenter", "--target", str(self.keeper.pid), *user, "--net", *[str(word) for word in words]]

    def run(self, *words, seconds=60):
        return run(self.enter(*words), seconds=seconds).stdout

    def behind(self, resolver, *words, seconds=60):
        """What a program prints whose only resolver is that one."""
        file = self.folder / f"resolv.{resolver}"
        file.write_text(f"nameserver {resolver}\noptions timeout:5 attempts:1\n")
        mount = f'mount --bind {file} "$(readlink -f /etc/resolv.conf)" && exec "$@"'
        return self.run("unshare", "--mount", "sh", "-c", mount, "sh", *words, seconds=seconds)

    def start(self, name, *words, ready):
        process = Process(name, self.enter(*words), self.folder / f"{name}.log")
        wait_until(lambda: ready in process.output() or not process.running(), name)
        return process


POPS = """
{user} daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr notice;
events {{ }}
http {{
  access_log off; ssl_certificate {folder}/shop.pem; ssl_certificate_key {folder}/shop.key; default_type text/html;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  {servers}
}}
"""
POP_SERVER = """
  server {{ listen {address}:80; listen {address}:443 ssl; return 200 "<p>by {name} over $scheme</p>"; }}
"""


REDIRECTOR, OTHERS = "192.0.2.53", "192.0.2.54"


def zones_above():
    """Those of others that lead to the redirector, with docs/dns.md's own records in them, by their names."""
    records = re.findall(r"^    (\S+\.) +IN +((?:NS|A|CNAME) .*)$", (ROOT / "docs/dns.md").read_text(), re.M)
    begin = "@ SOA ns.others. a. 1 2 3 4 5\n@ NS ns.others.\n"
    zones = {zone: begin + "".join(f"{name} {record}\n" for name, record in records if name.endswith(f".{zone}."))
             for zone in ("test", "shop.example")}
    return zones | {".": f"{begin}ns.others. A {OTHERS}\ntest. NS ns.others.\nshop.example. NS ns.others.\n"}


class Fetched(unittest.TestCase):
    """A steered name as the world comes to it: by a resolver that begins at the root, and programs that know nothing of
    all this. Each POP serves a page that says which it is."""

    @classmethod
    def setUpClass(cls):
        folder = Folder("dns-fetched")
        cls.addClassCleanup(folder.remove)
        cls.path = folder.path
        resolvers = [f"{NEAR}.53", f"{FAR}.53"]  # each is asked, on this machine, from its own address
        pops = {"pop-1": "198.51.100.1", "pop-2": "198.51.100.2"}
        cls.island = Island(folder.path, [REDIRECTOR, OTHERS, *resolvers, *pops.values()])
        cls.addClassCleanup(cls.island.keeper.kill)
        tls.Authority(folder.path).issue("shop", "DNS:www.shop.test")
        servers = "".join(POP_SERVER.format(name=name, address=address) for name, address in pops.items())
        user = "user root;" if os.getuid() == 0 else ""
        (folder.path / "nginx.conf").write_text(POPS.format(folder=folder.path, servers=servers, user=user))
        nginx = cls.island.start("nginx", "nginx", "-p", folder.path, "-c", folder.path / "nginx.conf",
                                 "-e", "stderr", ready="start worker process")
        cls.addClassCleanup(nginx.kill)
        v4_only = [entry | {"addresses": entry["addresses"][:1]} for entry in STEERING["frontends"]]
        begin = f"@ SOA ns1 a 1 2 3 4 5\n@ NS ns1\nns1 A {REDIRECTOR}\n"
        zones = {"shop.test": begin + "www SITE shop\n", "pages.shop.example": begin + "@ SITE shop\n"}
        cls.serve("shop", REDIRECTOR, zones, steering=steering(ttl="60s") | {"frontends": v4_only})
        cls.serve("others", OTHERS, zones_above())
        (folder.path / "root").write_text(f". 3600 NS ns.others.\nns.others. 3600 A {OTHERS}\n")
        command = unbound_settings(folder.path, [f"{address}@53" for address in resolvers], REDIRECTOR,
                                   f'server:\n  root-hints: "{folder.path}/root"')
        unbound = cls.island.start("unbound", *command, ready="start of service")
        cls.addClassCleanup(unbound.kill)

    @classmethod
    def serve(cls, name, address, zones, **more):
        """A `ringway dns` at an address of the island."""
        for zone, text in zones.items():
            (cls.path / f"{name}-{zone}.zone").write_text(f"$TTL 60\n{text}")
        file = cls.path / f"{name}.yaml"
        file.write_text(json.dumps({"name": name, "listen": [f"{address}:53"], "zones": [
            {"name": zone, "file": f"{name}-{zone}.zone"} for zone in zones]} | more))
        dns = cls.island.start(name, ringway(), "dns", "--config", file, ready="serving")
        cls.addClassCleanup(dns.kill)

    def ask(self, resolver, name, *words):
        return self.island.run("dig", f"@{resolver}", "+tries=1", "+time=5", "+noall", "+answer", name, "A", *words)

    def test_a_delegation_and_an_alias_lead_to_the_clients_pop(self):
        for name, steered in (("www.shop.test", "www.shop.test"), ("pages.shop.example", "pages.shop.example"),
                              ("www.shop.example", "www.shop.test")):
            for network, address in ((NEAR, "198.51.100.1"), (FAR, "198.51.100.2")):
                told = self.ask(f"{NEAR}.53", name, f"+subnet={network}.0/24")
                self.assertRegex(told, rf"(?m)^{steered}\.\s+\d+\s+IN\s+A\s+{re.escape(address)}$")
                self.assertEqual("CNAME" in told, name != steered, told)
                self.assertEqual(told.count("198.51.100."), 1, told)
                self.assertIn(f"\t{address}\n", self.ask(f"{network}.53", name), "by the client's own address")

    def test_the_checks_of_the_documentation(self):
        checks, = [block for block in blocks("docs/dns.md", "sh") if "dig " in block]
        digs = re.findall(r"^dig .*$", checks, re.M)
        self.assertEqual(len(digs), 5)
        own, by_subnet, traced, delegated, alias = (
            self.island.behind(f"{FAR}.53", "bash", "-euc", dig) for dig in digs)
        for told in (own, by_subnet, traced):
            self.assertIn("\t198.51.100.1\n", told)
        for told in (delegated, alias):
            self.assertIn("\t198.51.100.2\n", told, "this resolver's clients are sent there")
        self.assertIn("shop.test.\t\t60\tIN\tNS\tns1.shop.test.", traced)

    def test_curl(self):
        for network, pop in ((NEAR, "pop-1"), (FAR, "pop-2")):
            page = self.island.behind(f"{network}.53", "curl", "-sS", "--max-time", 20, "http://www.shop.test/")
            self.assertIn(f"by {pop} over http<", page)

    def test_chromium(self):
        """It asks for HTTPS records as well, and where there is one it goes there by TLS (RFC 9460 §9.5)."""
        for network, pop in ((NEAR, "pop-1"), (FAR, "pop-2")):
            # It does not wait long for this one where addresses come at once, as where another test has asked for them.
            self.island.run("dig", f"@{network}.53", "www.shop.test", "HTTPS")
            pages = (self.browse(f"{network}.53", "http://www.shop.test/") for _ in range(5))
            # Now and then it dumps the empty document that stands there before it has gone anywhere.
            self.assertIn(f"by {pop} over https<", next((page for page in pages if page), "nothing at all"))

    def browse(self, resolver, url):
        """The page as Chromium shows it, with nothing that it remembers."""
        with tempfile.TemporaryDirectory(dir=self.path) as profile:
            return self.island.behind(resolver, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                                      "--no-first-run", "--disable-background-networking", "--ignore-certificate-errors",
                                      f"--user-data-dir={profile}", "--dump-dom", url, seconds=90)

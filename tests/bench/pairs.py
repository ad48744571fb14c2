"""The peers: a front-end and a back-end gateway before one origin, as each would be run for the same work.

Every pair takes plain and TLS clients, encrypts what crosses between its two halves, keeps connections open everywhere,
logs nothing, and has one worker in each half.
"""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from harness.overlay import Overlay, Site, at
from harness.processes import Process, accepts, free_port, wait_until

# Longer than any measurement: no idle connection may be closed meanwhile.
KEEP_SECONDS = 600

NGINX = """
{user} daemon off; master_process off; worker_processes 1; worker_rlimit_nofile 20000;
pid {folder}/{name}.pid; error_log {folder}/{name}.error warn;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_timeout {keep}; keepalive_requests 100000000; server_tokens off; {buffers}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; ssl_session_cache off;
  client_body_temp_path {folder}/{name}.1; proxy_temp_path {folder}/{name}.2; fastcgi_temp_path {folder}/{name}.3;
  uwsgi_temp_path {folder}/{name}.4; scgi_temp_path {folder}/{name}.5;
  ssl_certificate {certificate}; ssl_certificate_key {key};
  upstream next {{ server {next}; keepalive 128; keepalive_requests 100000000; keepalive_timeout {keep}; }}
  server {{
    {listen}
    location / {{ proxy_pass {scheme}://next; {verify} }}
  }}
}}
"""

HAPROXY = """
global
  nbthread 1
  maxconn 15000
  no strict-limits
defaults
  mode http
  timeout connect 5s
  timeout client {keep}s
  timeout server {keep}s
  timeout http-keep-alive {keep}s
  http-reuse always
frontend clients
  {binds}
  default_backend next
backend next
  option forwardfor
  server next {next} {server}
"""


@dataclass(frozen=True)
class Place:
    """Where the halves run (each starts inside its `with`), and the address at which the front half finds the back."""

    front: AbstractContextManager = field(default_factory=nullcontext)
    back: AbstractContextManager = field(default_factory=nullcontext)
    between: str = "127.0.0.1"


class Pair:
    """`processes` are those whose CPU counts, `front` the one that clients connect to."""

    def __init__(self, name, plain_port, tls_port, processes):
        self.name, self.plain_port, self.tls_port, self.processes = name, plain_port, tls_port, processes

    @property
    def front(self):
        return self.processes[0]

    def entry(self, connections):
        """The options that lead wan_client to it, with at most so many connections."""
        return {"port": self.plain_port, "connections": connections}

    def resent_octets(self):
        """That it has sent once more by itself; what TCP resends the kernel counts."""
        return 0

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self.processes)

    def stop(self):
        for process in self.processes:
            process.kill()


class RingwayPair(Pair):
    """Ringway's own, with everything as it is by default but the access log, which the peers do not write either."""

    def __init__(self, folder, certificate, origin, place=Place(), link=None, priorities=()):
        self.place = place
        quiet = {"access_log": {"format": "off"}}
        site = Site(origins=[origin], frontend={"priorities": list(priorities)})
        self.overlay = Overlay(site, tls=certificate, backend=quiet,
                               frontend=quiet | {"clients": {"idle_timeout": f"{KEEP_SECONDS}s"}})
        self.front_half, (self.back_half,) = self.overlay.frontend, self.overlay.backends
        self.put_between(place.between, link or {})
        with place.back:
            self.back_half.start()
        with place.front:
            self.front_half.start()
            wait_until(self.front_half.ready, "Ringway's link", 15)
        super().__init__("ringway", self.overlay.port, self.overlay.tls_port,
                         [self.front_half.process, self.back_half.process])

    def put_between(self, address, link):
        """The back half listens there for the front half; both get the further settings of the link."""
        listens = at(free_port(), address)
        self.front_half.config["link"] |= link
        self.back_half.config["link"] |= link | {"address": listens}
        for site in self.front_half.config["sites"]:
            site["backends"][0]["address"] = listens

    def resent_octets(self):
        with self.place.front:
            front = self.front_half.metric("^ringway_link_resent_bytes_total")
        with self.place.back:
            return front + self.back_half.metric("^ringway_link_resent_bytes_total")

    def stop(self):
        self.overlay.stop()


class NginxPair(Pair):
    """TLS with keep-alive between the halves, HTTP/1.1 inside it."""

    NAME, BUFFERS = "nginx", ""

    def __init__(self, folder, certificate, origin, place=Place()):
        self.folder, self.certificate, self.place = folder, certificate, place
        plain, secure, between = free_port(), free_port(), free_port()
        listens = at(between, place.between)
        with place.back:
            back = self.half("nginx-back", f"listen {listens} ssl backlog=16384;", "http", at(origin.port), "")
            wait_until(lambda: accepts(between, place.between), "the nginx pair's back half")
        verify = (f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {certificate.authority}; "
                  "proxy_ssl_name shop.test;")
        carriers, reached_at = self.carry(listens)
        with place.front:
            listen = f"listen {at(plain)} backlog=16384; listen {at(secure)} ssl backlog=16384;"
            front = self.half("nginx-front", listen, "https", reached_at, verify)
            wait_until(lambda: accepts(plain) and accepts(secure), "the nginx pair's front half")
        super().__init__(self.NAME, plain, secure, [front, back, *carriers])

    def carry(self, listens):
        """Further processes between the halves, and where the front half then reaches the back."""
        return [], listens

    def half(self, name, listen, scheme, next_at, verify):
        config = self.folder / f"{name}.conf"
        # Nobody else may be there to own its files: in a user namespace there is only root.
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(NGINX.format(
            user=user, folder=self.folder, name=name, listen=listen, scheme=scheme, next=next_at, verify=verify,
            buffers=self.BUFFERS, keep=KEEP_SECONDS, certificate=self.certificate.certificate,
            key=self.certificate.key))
        return Process(name, ["nginx", "-p", self.folder, "-c", config, "-e", self.folder / f"{name}.error"],
                       self.folder / f"{name}.log")


class TunedNginxPair(NginxPair):
    """With larger buffers than nginx has by itself: quicker with large answers. Shown beside, not aimed at."""

    NAME, BUFFERS = "nginx-tuned", "proxy_buffers 8 32k; proxy_buffer_size 16k;"


class HaproxyPair(Pair):
    """HTTP/2 over TLS between the halves."""

    def __init__(self, folder, certificate, origin, place=Place()):
        plain, secure, between = free_port(), free_port(), free_port()
        listens = at(between, place.between)
        bundle = folder / "haproxy.pem"
        bundle.write_bytes(certificate.certificate.read_bytes() + certificate.key.read_bytes())
        with place.back:
            back = self.half(folder, "haproxy-back", [f"{listens} ssl crt {bundle} alpn h2"], at(origin.port), "")
            wait_until(lambda: accepts(between, place.between), "the HAProxy pair's back half")
        with place.front:
            front = self.half(folder, "haproxy-front",
                              [f"{at(plain)} backlog 16384", f"{at(secure)} ssl crt {bundle} backlog 16384"], listens,
                              f"ssl alpn h2 verify required ca-file {certificate.authority} verifyhost shop.test")
            wait_until(lambda: accepts(plain) and accepts(secure), "the HAProxy pair's front half")
        super().__init__("haproxy", plain, secure, [front, back])

    def half(self, folder, name, binds, next_at, server):
        config = folder / f"{name}.cfg"
        config.write_text(HAPROXY.format(binds="\n  ".join(f"bind {bind}" for bind in binds), next=next_at,
                                         server=server, keep=KEEP_SECONDS))
        return Process(name, ["haproxy", "-db", "-f", config], folder / f"{name}.log")


# The first three are what the project's aims speak of.
PAIRS = {"ringway": RingwayPair, "nginx": NginxPair, "haproxy": HaproxyPair, "nginx-tuned": TunedNginxPair}

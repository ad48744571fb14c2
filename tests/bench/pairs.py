"""The peers: a front-end and a back-end gateway before one origin, as each would be run for the same work.

Every pair takes plain and TLS clients, encrypts what crosses between its two halves, keeps connections open everywhere,
logs nothing, and has one worker in each half.
"""

from harness.overlay import Overlay, Site
from harness.processes import Process, accepts, free_port, wait_until

# Longer than any measurement: no idle connection may be closed meanwhile.
KEEP_SECONDS = 600

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.error warn;
worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_timeout {keep}; keepalive_requests 100000000; server_tokens off; {buffers}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; ssl_session_cache off;
  client_body_temp_path {folder}/{name}.1; proxy_temp_path {folder}/{name}.2; fastcgi_temp_path {folder}/{name}.3;
  uwsgi_temp_path {folder}/{name}.4; scgi_temp_path {folder}/{name}.5;
  ssl_certificate {certificate}; ssl_certificate_key {key};
  upstream next {{ server 127.0.0.1:{next}; keepalive 128; keepalive_requests 100000000; keepalive_timeout {keep}; }}
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
  server next 127.0.0.1:{next} {server}
"""


class Pair:
    """`processes` are those whose CPU counts, `front` the one that clients connect to."""

    def __init__(self, name, plain_port, tls_port, processes):
        self.name, self.plain_port, self.tls_port, self.processes = name, plain_port, tls_port, processes

    @property
    def front(self):
        return self.processes[0]

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self.processes)

    def stop(self):
        for process in self.processes:
            process.kill()


class RingwayPair(Pair):
    """Ringway's own, with everything as it is by default but the access log, which the peers do not write either."""

    def __init__(self, folder, certificate, origin):
        quiet = {"access_log": {"format": "off"}}
        self.overlay = Overlay(Site(origins=[origin]), tls=certificate, backend=quiet,
                               frontend=quiet | {"clients": {"idle_timeout": f"{KEEP_SECONDS}s"}})
        self.overlay.start()
        super().__init__("ringway", self.overlay.port, self.overlay.tls_port,
                         [self.overlay.frontend.process, self.overlay.backends[0].process])

    def stop(self):
        self.overlay.stop()


class NginxPair(Pair):
    """TLS with keep-alive between the halves, HTTP/1.1 inside it."""

    NAME, BUFFERS = "nginx", ""

    def __init__(self, folder, certificate, origin):
        plain, secure, between = free_port(), free_port(), free_port()
        back = self.half(folder, certificate, "nginx-back", f"listen 127.0.0.1:{between} ssl;", "http", origin.port, "")
        verify = f"proxy_ssl_verify on; proxy_ssl_trusted_certificate {certificate.authority}; proxy_ssl_name shop.test;"
        front = self.half(folder, certificate, "nginx-front",
                          f"listen 127.0.0.1:{plain} backlog=16384; listen 127.0.0.1:{secure} ssl backlog=16384;",
                          "https", between, verify)
        super().__init__(self.NAME, plain, secure, [front, back])
        wait_until(lambda: all(accepts(port) for port in (plain, secure, between)), "the nginx pair")

    def half(self, folder, certificate, name, listen, scheme, next_port, verify):
        config = folder / f"{name}.conf"
        config.write_text(NGINX.format(folder=folder, name=name, listen=listen, scheme=scheme, next=next_port, verify=verify,
                                       buffers=self.BUFFERS, keep=KEEP_SECONDS, certificate=certificate.certificate, key=certificate.key))
        return Process(name, ["nginx", "-p", folder, "-c", config, "-e", folder / f"{name}.error"], folder / f"{name}.log")


class TunedNginxPair(NginxPair):
    """With larger buffers than nginx has by itself: quicker with large answers. Shown beside, not aimed at."""

    NAME, BUFFERS = "nginx-tuned", "proxy_buffers 8 32k; proxy_buffer_size 16k;"


class HaproxyPair(Pair):
    """HTTP/2 over TLS between the halves."""

    def __init__(self, folder, certificate, origin):
        plain, secure, between = free_port(), free_port(), free_port()
        bundle = folder / "haproxy.pem"
        bundle.write_bytes(certificate.certificate.read_bytes() + certificate.key.read_bytes())
        back = self.half(folder, "haproxy-back", [f"127.0.0.1:{between} ssl crt {bundle} alpn h2"], origin.port, "")
        front = self.half(folder, "haproxy-front",
                          [f"127.0.0.1:{plain} backlog 16384", f"127.0.0.1:{secure} ssl crt {bundle} backlog 16384"], between,
                          f"ssl alpn h2 verify required ca-file {certificate.authority} verifyhost shop.test")
        super().__init__("haproxy", plain, secure, [front, back])
        wait_until(lambda: all(accepts(port) for port in (plain, secure, between)), "the HAProxy pair")

    def half(self, folder, name, binds, next_port, server):
        config = folder / f"{name}.cfg"
        config.write_text(HAPROXY.format(binds="\n  ".join(f"bind {bind}" for bind in binds), next=next_port, server=server,
                                         keep=KEEP_SECONDS))
        return Process(name, ["haproxy", "-db", "-f", config], folder / f"{name}.log")


# The first three are what the project's aims speak of.
PAIRS = {"ringway": RingwayPair, "nginx": NginxPair, "haproxy": HaproxyPair, "nginx-tuned": TunedNginxPair}

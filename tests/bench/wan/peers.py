"""What carries requests across the path: Ringway, and what a user would pick instead."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pairs
from harness.overlay import at
from harness.processes import Process, accepts, free_port, wait_until
from pairs import KEEP_SECONDS, NginxPair, Pair, Place
from path import FAR


OWN, OWN_OVER_TCP, OWN_WITHOUT_REPAIR, DIRECT = "ringway", "ringway-over-tcp", "ringway-no-repair", "direct"
CONTROLS = ("bbr", "cubic")


class NghttpxPair(Pair):
    """HTTP/2 over TLS between the halves."""

    COMMON = ["nghttpx", "--workers=1", "--no-ocsp", "--accesslog-file=/dev/null", "--errorlog-file=/dev/stderr",
              f"--frontend-http2-read-timeout={KEEP_SECONDS}s", f"--frontend-keep-alive-timeout={KEEP_SECONDS}s",
              f"--backend-keep-alive-timeout={KEEP_SECONDS}s", "--single-process", "--conf=/dev/null"]

    def __init__(self, folder, certificate, origin, place=Place()):
        plain, between = free_port(), free_port()
        with place.back:
            back = Process("nghttpx-back", [*self.COMMON, f"--frontend={place.between},{between}",
                                            f"--backend=127.0.0.1,{origin.port}",
                                            certificate.key, certificate.certificate],
                           folder / "nghttpx-back.log")
            wait_until(lambda: accepts(between, place.between), "the nghttpx pair's back half")
        with place.front:
            front = Process("nghttpx-front", [*self.COMMON, f"--frontend=127.0.0.1,{plain};no-tls",
                                              f"--backend={place.between},{between};;proto=h2;tls;sni=shop.test",
                                              f"--cacert={certificate.authority}"],
                            folder / "nghttpx-front.log")
            wait_until(lambda: accepts(plain), "the nghttpx pair's front half")
        super().__init__("nghttpx", plain, 0, [front, back])


class KcptunPair(NginxPair):
    """The nginx pair through a kcptun tunnel: mode fast2, its own erasure code (3 repairs for 10 packets)."""

    NAME = "kcptun"
    COMMON = ["--mode", "fast2", "--key", "bench", "--quiet"]

    def carry(self, listens):
        tunnel, entry = at(free_port(), self.place.between), free_port()
        with self.place.back:
            server = Process("kcptun-server", ["kcptun-server", "-l", tunnel, "-t", listens, *self.COMMON],
                             self.folder / "kcptun-server.log")
        with self.place.front:
            client = Process("kcptun-client", ["kcptun-client", "-l", at(entry), "-r", tunnel, *self.COMMON],
                             self.folder / "kcptun-client.log")
            wait_until(lambda: accepts(entry), "kcptun")
        return [server, client], at(entry)


class Direct(Pair):
    """Nothing between: the client crosses the path to the origin itself, over TLS, as a browser does."""

    # What a browser opens to one host.
    MAX_CONNECTIONS = 6

    def __init__(self, _folder, certificate, origin, _place=None):
        super().__init__(DIRECT, origin.plain_port, origin.secure_port, [])
        self.authority = certificate.authority

    def entry(self, connections):
        return {"address": FAR, "port": self.tls_port, "authority": self.authority,
                "connections": min(connections, self.MAX_CONNECTIONS)}


class PlainFlows(Pair):
    """TCP connections across the path with nothing inside but HTTP."""

    def __init__(self, _folder, _certificate, origin, _place=None):
        super().__init__("flows", origin.plain_port, 0, [])

    def entry(self, connections):
        return {"address": FAR, "port": self.plain_port, "connections": connections}


@dataclass(frozen=True)
class Peer:
    make: object
    control: str = "cubic"  # the congestion control of TCP
    path: dict = field(default_factory=dict)  # what is different about the path for it

    @contextmanager
    def started(self, laboratory, **more):
        laboratory.path.control_congestion(self.control)
        laboratory.path.set("both", **self.path)
        pair = self.make(laboratory.folder.path, laboratory.certificate, laboratory.origin, laboratory.place, **more)
        try:
            yield pair
        finally:
            pair.stop()


OTHERS = {
    f"{name}-{control}": Peer(make, control)
    for name, make in (("haproxy", pairs.HaproxyPair), ("nginx", NginxPair), ("nghttpx", NghttpxPair), (DIRECT, Direct))
    for control in CONTROLS} | {"kcptun": Peer(KcptunPair)}
# Ringway as it is, where UDP is blocked so that its link runs over TCP, and with repair switched off.
PEERS = {OWN: Peer(pairs.RingwayPair), OWN_OVER_TCP: Peer(pairs.RingwayPair, "bbr", {"block_udp": 1}),
         OWN_WITHOUT_REPAIR: Peer(partial(pairs.RingwayPair, link={"repair": 0}))} | OTHERS
FLOWS = {control: Peer(PlainFlows, control) for control in CONTROLS}
